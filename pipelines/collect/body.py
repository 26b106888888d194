"""The rows below a form's header: which are data, and what the others are.

Belongs here: telling data from total rows, sections, notes, footers and other tables; merged and hidden cells. Does not belong
here: finding the header (`headers`, `matching`), what a cell says (`conversion`, `quantities`), sums (`totals`), or whether
values are allowed (validate).

A row is left out only for a stated reason; a row that is none of the known other kinds is data, and if it does not fit,
its cells are errors. Rows are read in chunks, so that a register of a million rows needs the memory of its values only.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from pathlib import Path

from pipelines.collect.cells import address, as_seen, is_blank
from pipelines.collect.containers import Cell, Sheet
from pipelines.collect.conversion import CHUNK_ROWS, CodeLists, Conversion
from pipelines.collect.headers import is_label, is_number
from pipelines.collect.labels import (
    is_comparison,
    is_footer,
    is_note,
    is_of_which,
    is_section,
    is_total,
    normalised_label,
    says_nothing_happened,
    units_stated,
)
from pipelines.collect.matching import Match
from pipelines.collect.numerals import Unconvertible
from pipelines.collect.problems import Problem, Problems
from pipelines.collect.quantities import convert
from pipelines.collect.totals import TotalRow, check_totals
from pipelines.collect.values import ReadTable

# What a row may start with that is no data: total words, notes, signatures, sections; and the form's own labels. Anything
# else in its first and its key column is taken as data at once.
_STARTS = "合总小共全本累其注备说数资摘填单部统财项负制复经联电报分审一二三四五六七八九十第#*※(（/／×…—－-"
_NO_LABELS = {"-", "—", "－", "——", "--", "/", "×", "…", "*"}  # what fills the cells of a total row that hold no number


class Body:
    """Reads the rows below a header into a table, in one pass."""

    def __init__(
        self, sheet: Sheet, match: Match, table: ReadTable, code_lists: CodeLists, scratch: Path | None, is_text: bool
    ) -> None:
        self.sheet, self.match, self.table = sheet, match, table
        self.is_text = is_text
        self.form = match.form
        self.lists = code_lists
        self.problems = Problems(list(table.problems))
        self.conversion = Conversion(sheet, match, table, code_lists, self.problems, scratch)
        self.places = {name: each.column.index for name, each in match.columns.items()}
        self.number_places = {place for name, place in self.places.items() if self.form.by_name[name].is_number}
        self.lead = min(column.index for column in match.header.columns)
        self.key_name = next((name for name in self.form.grain if name in self.places), next(iter(self.places)))
        self.key = self.places[self.key_name]
        self.labels = {normalised_label(each.column.label) for each in match.columns.values()}
        # Titles too: they may come again on each page.
        self.header_rows = [labels for row in sheet.head(match.header.last + 1) if (labels := _labels_of(row))]
        self.header_cells = {row[self.key] for row in sheet.head(match.header.last + 1) if self.key < len(row)}
        self.width = max(column.index for column in match.header.columns) + 1
        self.suspect = _suspect("".join(sorted({label[0] for label in self.labels if label})))
        self.rows: list[list[Cell]] = []
        self.numbers: list[int] = []
        self.read_count = 0
        self.total_rows: list[TotalRow] = []
        self.group_start = 0  # how many rows of data were read when the present section began
        self.merges = _merges_below(sheet, match)
        self.wide_merges = {(top, left) for top, left, _, right in sheet.merged if right > left}
        self.merged_now: dict[int, tuple[int, Cell]] = {}  # column -> (last row, value) of a merged range
        self.above: dict[str, Cell] = {}
        self.repeated: dict[str, list[int]] = {}  # field name -> row numbers read as "same as above"
        self.hidden: list[int] = []
        self.is_after_break = False
        self.is_below = False  # after a note or a signature
        self.ended_at: int | None = None
        same_as_above = any(each.blank == "same_as_above" for each in self.form.fields)
        self.is_simple = not (self.merges or sheet.hidden_rows or same_as_above)

    def read(self) -> None:
        table = self.table
        start = self.match.header.last + 1
        for index, row in enumerate(islice(self.sheet.rows, start, None), start):
            if self._is_plainly_data(row):
                self._take(index, row)
            else:
                self._look_at(index, row)
        self._convert()
        self._report()
        table.totals, found = check_totals(self.total_rows, table, self.match)
        for problem in found:
            self.problems.add(problem)
        table.problems = self.problems.all()

    def _is_plainly_data(self, row: list[Cell]) -> bool:
        """Whether the first and the key cell show at once that the row is data and nothing has to be done to it."""
        if not self.is_simple or self.is_after_break or self.ended_at is not None or self.key >= len(row):
            return False
        if len(row) > self.width and any(cell is not None for cell in row[self.width :]):
            return False
        key, lead = row[self.key], row[self.lead]
        if key is None or lead is None or key in self.header_cells or (isinstance(key, str) and self.suspect.match(key)):
            return False
        return lead is key or not (isinstance(lead, str) and self.suspect.match(lead))

    def _take(self, index: int, row: list[Cell]) -> None:
        self.rows.append(row)
        self.numbers.append(index + 1)
        self.read_count += 1
        if len(self.rows) >= CHUNK_ROWS:
            self._convert()

    def _look_at(self, index: int, row: list[Cell]) -> None:
        """Decide what a row is, and take it if it is data."""
        if not self.merges and row.count(None) == len(row):
            self.is_after_break = True  # a value far below the table makes a million of these
            return
        if self._is_row_of_header(row):
            self.problems.inform("table.header_again", f"第 {index + 1} 行是重复的表头，未作为数据", address(index, self.lead))
            self.is_after_break, self.is_below, self.ended_at = False, False, None
            return
        if self.merges:
            row = self._with_merged(index, row)
        filled = [(column, cell) for column, cell in enumerate(row) if not is_blank(cell)]
        if not filled:
            self.is_after_break = True
            return
        texts = [cell for _, cell in filled if isinstance(cell, str)]
        wordy = [(column, cell) for column, cell in filled if not (column in self.number_places and is_number(cell))]
        leads = [cell for column, cell in wordy if isinstance(cell, str) or column in self.places.values()]
        lead = next((cell for cell in leads if not isinstance(cell, str) or cell.strip() not in _NO_LABELS), None)
        text = lead if isinstance(lead, str) else ""
        if self._is_note_or_signed(text, filled, row):
            self._look_for_units(index, texts)
            self.is_after_break = self.is_below = True
        elif self._is_header_again(index, filled):
            self.is_after_break = self.is_below = False
        elif self.ended_at is not None:
            pass
        elif self.is_below and len(filled) <= 2 and not self._has_key(row) and not any(is_number(cell) for _, cell in filled):
            message = f"第 {index + 1} 行在表下的说明和签名之后填了“{filled[0][1]}”，未作为数据"
            self.problems.inform("row.outside", message, address(index, filled[0][0]))
        elif (kind := self._kind_of_total(text, row)) is not None:
            self._keep_total(kind, index, text, row)
        elif len(filled) == 1 and says_nothing_happened(text):
            self.problems.inform(
                "table.nil", f"第 {index + 1} 行填的是“{text.strip()}”，按没有数据读取", address(index, filled[0][0])
            )
        elif self._is_section(index, filled, text):
            self.group_start = self.read_count
            self.is_after_break = True
        elif not any(column in self.places.values() for column, _ in filled):
            message = f"第 {index + 1} 行在报表各列以外填了“{filled[0][1]}”，未读取"
            self.problems.inform("row.outside", message, address(index, filled[0][0]))
        elif self.is_after_break and self._is_other_table(filled, row):
            self.ended_at = index
            message = f"第 {index + 1} 行起像是另一张表（“{filled[0][1]}”），没有读取"
            advice = "请确认本表的数据都在它上面；另一张表请单独报送"
            self.problems.add(
                Problem("table.another_below", message, advice, severity="warning", cell=address(index, filled[0][0]))
            )
        else:
            self._take_looked_at(index, row)

    def _is_note_or_signed(self, text: str, filled: list[tuple[int, Cell]], row: list[Cell]) -> bool:
        """Whether a row is a note or for signing. A row of data may hold such a text: a remark 联系人：甲, a firm *ST甲."""
        signed = sum(isinstance(cell, str) and is_footer(cell) for _, cell in filled)
        if not signed and not is_note(text):
            return False
        is_mostly_filled = 2 * sum(column in self.places.values() for column, _ in filled) > len(self.places)
        if signed >= 2:  # a telephone number beside them may look like a key
            return not is_mostly_filled or not self._has_key(row)
        return not (self._has_key(row) or is_mostly_filled)

    def _has_key(self, row: list[Cell]) -> bool:
        """Whether what stands in a key column fits it, which no total, note or signature does."""
        places = [(name, self.places[name]) for name in self.form.grain if name in self.places]
        return any(place < len(row) and self._fits(name, row[place]) for name, place in places)

    def _is_full(self, row: list[Cell]) -> bool:
        """Whether most columns of the form are filled, and one of numbers or days with something that is no label."""
        cells = {name: row[place] for name, place in self.places.items() if place < len(row) and not is_blank(row[place])}
        values = [
            cell for name, cell in cells.items() if (self.form.by_name[name].is_number or self.form.by_name[name].type == "date")
        ]
        return 2 * len(cells) > len(self.places) and not all(map(is_label, values))

    def _fits(self, name: str, cell: Cell) -> bool:
        form_field = self.form.by_name[name]
        codes = self.lists.get(form_field.codes or "", {})
        if is_blank(cell) or (form_field.pattern is None and form_field.codes is None):
            return False
        try:
            value = convert(cell, form_field, codes).value
        except Unconvertible:
            return False
        return re.fullmatch(form_field.pattern, str(value)) is not None if form_field.pattern else value in codes.values()

    def _take_looked_at(self, index: int, row: list[Cell]) -> None:
        beside = [column for column in range(self.width, len(row)) if not is_blank(row[column])]
        if beside and self.is_text:
            message = f"第 {index + 1} 行比表头多出 {len(beside)} 栏（“{row[beside[0]]}”），可能是数字里的逗号把一栏分成了两栏"
            advice = "请去掉数字里的逗号，或另存为 .xlsx 后重新发送"
            self.problems.add(Problem("row.too_long", message, advice, cell=address(index, beside[0])))
        elif beside:
            message = f"第 {index + 1} 行在表的右边还填了“{row[beside[0]]}”，没有读取"
            advice = "请确认它不是要报的数"
            cell = address(index, beside[0])
            self.problems.add(Problem("row.outside", message, advice, severity="warning", cell=cell))
        for each in self.form.fields:
            if each.blank != "same_as_above" or each.name not in self.places:
                continue
            place = self.places[each.name]
            cell = row[place] if place < len(row) else None
            if not is_blank(cell):
                self.above[each.name] = cell
            elif each.name in self.above:
                row = [*row, *[None] * (place + 1 - len(row))]
                row[place] = self.above[each.name]
                self.repeated.setdefault(each.name, []).append(index + 1)
        if index in self.sheet.hidden_rows:
            self.hidden.append(index + 1)
        self.is_after_break = False
        self._take(index, row)

    def _with_merged(self, index: int, row: list[Cell]) -> list[Cell]:
        """The row with what stands in cells merged with one above; a number is never repeated."""
        for column, last, name in self.merges.get(index, ()):
            cell = row[column] if column < len(row) else None
            where = f"{address(index, column)}:{address(last, column)}"
            if self.form.by_name[name].is_number:
                if not is_blank(cell):
                    label = self.form.by_name[name].label
                    message = f"“{label}”列的 {where} 是合并单元格，无法判断“{as_seen(cell)}”是一行的还是几行合计的"
                    self.problems.add(
                        Problem("cell.merged_number", message, "请取消合并，逐行填写", cell=address(index, column), field=name)
                    )
                continue
            self.merged_now[column] = (last, cell)
            self.problems.inform(
                "cell.merged", f"{where} 是合并单元格，各行都按“{as_seen(cell)}”读取", address(index, column), name
            )
        for column, (last, value) in list(self.merged_now.items()):
            if index > last:
                del self.merged_now[column]
            elif column >= len(row) or is_blank(row[column]):
                row = [*row, *[None] * (column + 1 - len(row))]
                row[column] = value
        return row

    def _kind_of_total(self, text: str, row: list[Cell]) -> str | None:
        """`total` or `part` for a row that is evidence and not data; None for any other."""
        if not text:
            return None
        key = row[self.key] if self.key < len(row) else None
        has_key = not is_blank(key) and key != text
        if is_total(text) or (not has_key and re.search(r"(?:合计|小计|总计)[:：]?\s*$", text)):
            return None if has_key and self._has_key(row) else "total"
        if is_comparison(text):
            return "part"
        return "part" if is_of_which(text) and not has_key else None

    def _keep_total(self, kind: str, index: int, text: str, row: list[Cell]) -> None:
        cells = {
            name: row[place]
            for name, place in self.places.items()
            if self.form.by_name[name].is_number and place < len(row) and not is_blank(row[place])
        }
        self.total_rows.append(TotalRow(index + 1, text.strip(), kind, self.read_count, self.group_start, cells))
        if kind == "total":
            self.group_start = self.read_count

    def _is_section(self, index: int, filled: list[tuple[int, Cell]], text: str) -> bool:
        """Whether a row is a heading among the rows: one text alone, numbered (一、) or merged over several columns."""
        if len(filled) > 1 or not text:
            return False
        column = filled[0][0]
        if is_section(text):
            return True
        return (index, column) in self.wide_merges

    def _is_header_again(self, index: int, filled: list[tuple[int, Cell]]) -> bool:
        """Whether the form's header comes once more (a second page, a second table); other places of it are an error."""
        at = {normalised_label(cell): column for column, cell in filled if isinstance(cell, str)}
        again = self.labels & at.keys()
        if len(again) < 2 or len(again) * 2 < len(self.labels):
            return False
        moved = [
            each
            for each in self.match.columns.values()
            if (label := normalised_label(each.column.label)) in at and at[label] != each.column.index
        ]
        if moved:
            message = f"第 {index + 1} 行又有一个表头，而“{moved[0].field.label}”换了位置，无法按列读取"
            advice = "请把两张表的列次序改成一样，或分成两个文件报送"
            self.problems.add(Problem("table.header_moved", message, advice, cell=address(index, filled[0][0])))
            self.ended_at = index
        else:
            self.problems.inform("table.header_again", f"第 {index + 1} 行是重复的表头，未作为数据", address(index, filled[0][0]))
            self.ended_at = None
        return True

    def _is_row_of_header(self, row: list[Cell]) -> bool:
        """Whether a row says what one up to the header's end says: titles, labels, units, column numbers, in the same places."""
        width = len(row)
        return any(
            all(column < width and normalised_label(str(row[column])) == label for column, label in each.items())
            and len(each) == sum(not is_blank(cell) for cell in row)
            for each in self.header_rows
        )

    def _is_other_table(self, filled: list[tuple[int, Cell]], row: list[Cell]) -> bool:
        """Whether a row after a break is the header of something else: labels throughout, also where numbers belong."""
        if len(filled) < 2 or not all(is_label(cell) and isinstance(cell, str) for _, cell in filled):
            return False
        fields = [self.form.by_name[name] for name in self.places]
        numbers = [each for each in fields if each.is_number or each.type == "date"]
        in_numbers = [each for each in numbers if (place := self.places[each.name]) < len(row) and not is_blank(row[place])]
        return not self._has_key(row) and (bool(in_numbers) or self.form.by_name[self.key_name].pattern is not None)

    def _look_for_units(self, index: int, texts: list[str]) -> None:
        """A note that states another unit of money than was used is an error: one of the two is wrong."""
        for unit in (unit for text in texts for unit in units_stated(text)):
            for each in self.match.columns.values():
                if unit.endswith("元") and each.unit is not None and each.unit.endswith("元") and each.unit != unit:
                    used = f"“{each.field.label}”列按“{each.unit}”（{each.unit_from}）读取"
                    message = f"第 {index + 1} 行的说明写着单位“{unit}”，而{used}"
                    advice = "请统一单位后重新发送"
                    self.problems.add(Problem("column.unit", message, advice, cell=address(index, 0), field=each.field.name))

    def _convert(self) -> None:
        """Hand on the rows taken so far."""
        if self.rows:
            self.conversion.add(self.rows, self.numbers)
            self.rows, self.numbers = [], []

    def _report(self) -> None:
        """Findings on the whole table: rows over its header, hidden rows and columns, blanks read as the cell above."""
        first = self.match.header.first
        above = [index + 1 for index, row in enumerate(self.sheet.head(first)) if self._has_key(row) or self._is_full(row)]
        if above:
            message = f"第 {_listed(above)} 行像是数据，却在表头（第 {first + 1} 行）以上，没有读取"
            advice = "请只留一个表头，放在所有数据之上"
            self.problems.add(Problem("table.rows_above", message, advice, cell=address(above[0] - 1, self.key)))
        if self.hidden:
            message = f"第 {_listed(self.hidden)} 行是隐藏行，里面的数据已照常读取"
            advice = "请取消隐藏（或清除筛选）核对这些行；不该报的请删去"
            self.problems.add(Problem("row.hidden", message, advice, severity="warning", cell=f"A{self.hidden[0]}"))
        hidden = [each for each in self.match.columns.values() if each.column.index in self.sheet.hidden_columns]
        if hidden:
            listed = "、".join(f"{each.letters} 列“{each.field.label}”" for each in hidden)
            self.problems.add(
                Problem(
                    "column.hidden",
                    f"{listed} 是隐藏列，已照常读取",
                    "请取消隐藏核对",
                    severity="warning",
                    cell=f"{hidden[0].letters}1",
                )
            )
        for name, numbers in self.repeated.items():
            message = f"“{self.form.by_name[name].label}”列第 {_listed(numbers)} 行空白，按同上读取"
            letters = self.table.passports[name].letters
            self.problems.inform("cell.same_as_above", message, f"{letters}{numbers[0]}", name)


@lru_cache(maxsize=64)
def _suspect(label_starts: str) -> re.Pattern[str]:
    starts = re.escape(_STARTS + label_starts)
    # Possessive, so that 30,000 spaces are passed over once and not once for each of them.
    return re.compile(rf"\s*+(?:[{starts}]|(?:(?:sub|grand)\s*+)?total|notes?[:：]|source|$)", re.IGNORECASE)


def _labels_of(row: list[Cell]) -> dict[int, str]:
    return {column: normalised_label(str(cell)) for column, cell in enumerate(row) if not is_blank(cell)}


def _merges_below(sheet: Sheet, match: Match) -> dict[int, list[tuple[int, int, str]]]:
    """First row -> (column, last row, field name) of ranges merged downwards below the header, in the form's columns."""
    by_place = {each.column.index: name for name, each in match.columns.items()}
    merges: dict[int, list[tuple[int, int, str]]] = {}
    for top, left, bottom, right in sheet.merged:
        if top > match.header.last and bottom > top:
            for column, name in sorted(by_place.items()):
                if left <= column <= right:
                    merges.setdefault(top, []).append((column, bottom, name))
    return merges


def _listed(numbers: list[int]) -> str:
    shown = "、".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} 等 {len(numbers)}"
