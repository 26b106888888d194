"""The header block of a statistical table: which rows it takes, and the path of labels that names each column.

Belongs here: telling labels from values, titles from headers, and how merged or blank cells join labels over several rows.
Does not belong here: which form a table is of (`matching`), what its rows mean (`body`), or containers.

A header block is, from the top: rows of labels, of which a label over several columns stands above its parts (merged, or
followed by blank cells); then, in any order, a translation, a row of units, a row of column numbers (甲 乙 1 2). A block
that does not fit this is not guessed at: see `tables` and `matching`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from pipelines.collect.cells import as_seen
from pipelines.collect.containers import Cell, CellRange
from pipelines.collect.labels import (
    is_note,
    is_total,
    is_unit,
    plain,
    unit_of_label,
    units_stated,
)

HEAD_ROWS = 60  # a header stands in the first rows or nowhere
MAX_DEPTH = 8
_YEAR = re.compile(r"(?:19|20)\d{2}")
_PERIOD = re.compile(
    r"(?:(?:19|20)\d{2}年?|(?:19|20)\d{2}(?:[-./]|年)\d{1,2}(?:月份?)?|(?:19|20)\d{2}年\d{1,2}月\d{1,2}日|\d{1,2}(?:[-—~至]\d{1,2})?月份?)"
    r"(?:[(（].*[)）])?"
)
_NUMBER = re.compile(r"[(（]?[-+−－△]?[¥￥$]?\d[\d,]*(?:\.\d+)?%?[)）]?")
_QUANTITY = re.compile(r"(?:约|近|超|逾|≥|≤|>|<|不低于|不超过).*\d.*|[-+]?\d(?:[\d,.]*\d)?(?:[a-zA-Z℃°%]{1,4}|[^\W\d_]{1,2})")
_DATE_TEXT = re.compile(
    r"(?:19|20)\d{2}[-./]\d{1,2}[-./]\d{1,2}.*|.*\d{1,2}时\d{1,2}分.*|.*\d{1,2}[:：]\d{2}.*|(?:19|20)\d{2}-\d{2}"
)
MISSING_SIGNS = {"-", "—", "－", "——", "--", "/", "…", "‖", "."}
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_COLUMN_NUMBER = re.compile(rf"[{_STEMS}]|[(（]?\d{{1,3}}[)）]?(?:=.+)?|[①-⑳]|[A-Z]")
_INFORMATION = re.compile(r"^(?!其中|减|加|如|#)[^:：]{1,10}[:：]")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        index: 0-based column of the sheet.
        path: its labels from the top of the header block down, as written.
        row_unit: what a row of units states for it.
    """

    index: int
    path: tuple[str, ...]
    row_unit: str | None = None

    @property
    def label(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def shown_path(self) -> str:
        return "/".join(self.path)

    @property
    def unit(self) -> str | None:
        """The unit nearest to the values: of the row of units, else in brackets of the lowest label that has one."""
        return self.row_unit or next((unit for label in reversed(self.path) if (unit := unit_of_label(label))), None)


@dataclass(frozen=True)
class Header:
    """A header block: rows `first` to `last` of the sheet (0-based, both in), and the columns it names."""

    first: int
    last: int
    columns: tuple[Column, ...]
    label_rows: tuple[int, ...]


class Head:
    """The first rows of a sheet with what is merged there, for looking at cells by row and column.

    Attributes:
        rows: with blanks as None.
        spans: the merged range of every cell that is in one.
    """

    def __init__(self, rows: Iterable[Sequence[Cell]], merged: Iterable[CellRange] = ()) -> None:
        self.rows = [[None if isinstance(cell, str) and (not cell or cell.isspace()) else cell for cell in row] for row in rows]
        self._filled = [[column for column, cell in enumerate(row) if cell is not None] for row in self.rows]
        self.width = max((filled[-1] + 1 for filled in self._filled if filled), default=0)
        self.left = min((filled[0] for filled in self._filled if filled), default=0)
        self.spans: dict[tuple[int, int], CellRange] = {}
        covered = 0
        for found in merged:
            top, left, bottom, right = found
            if top >= len(self.rows) or left >= self.width:
                continue
            bottom, right = min(bottom, len(self.rows) - 1), min(right, self.width - 1)
            covered += (bottom - top + 1) * (right - left + 1)
            if covered > len(self.rows) * self.width:
                break  # they lie over one another, which no program makes
            for row in range(top, bottom + 1):
                for column in range(left, right + 1):
                    self.spans[row, column] = found

    def cell(self, row: int, column: int) -> Cell:
        """What stands in a cell itself; None outside, for blanks, and inside a merged range except at its first cell."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        return self.rows[row][column]

    def filled(self, row: int) -> list[int]:
        """The columns of a row in which something stands."""
        return self._filled[row] if row < len(self._filled) else []

    def is_full_width(self, row: int, column: int) -> bool:
        """Whether the cell is merged over (nearly) all columns, as titles are."""
        found = self.spans.get((row, column))
        width = self.width - self.left
        return found is not None and width > 2 and found[3] - found[1] + 1 >= max(2, width - 1)


def header_block(head: Head, top: int, known: int | None = None) -> Header:
    """The header block whose first row of labels is `top`, and which is known to reach to the row of labels `known`."""
    label_rows = list(range(top, max(top, known or 0) + 1))
    while (below := label_rows[-1] + 1) < len(head.rows) and len(label_rows) < MAX_DEPTH and _continues(head, label_rows):
        label_rows.append(below)
    last = label_rows[-1]
    units: dict[int, str] = {}
    # A translation, units and column numbers may follow, each once or, for translations, over several rows.
    while (below := last + 1) < len(head.rows):
        if found := _unit_row(head, below):
            units |= found
        elif not (is_number_row(head, below) or _is_translation(head, label_rows, below)):
            break
        last = below
    paths = _paths(head, label_rows)
    columns = tuple(Column(index, path, units.get(index)) for index, path in enumerate(paths) if path or index in units)
    return Header(top, last, columns, tuple(label_rows))


def grow_upwards(head: Head, row: int) -> int:
    """The first row of the header block that holds `row`: rows of wider labels above it belong to it."""
    top = row
    while top > 0 and top > row - MAX_DEPTH:
        above = top - 1
        joined = any(
            span[0] <= above and span[2] >= top and span[2] > span[0]
            for column in range(head.width)
            if (span := head.spans.get((top, column))) is not None
        )
        if not joined and not _is_row_of_parents(head, above, top):
            break
        if is_line_above(head, above) and not joined:
            break
        top = above
    return top


def is_line_above(head: Head, row: int) -> bool:
    """Whether a row belongs above the table: blank, a title, a unit line, 填报单位：… lines."""
    filled = head.filled(row)
    if not filled:
        return True
    texts = [cell for column in filled if isinstance(cell := head.cell(row, column), str)]
    if any(units_stated(text) for text in texts):
        return True
    if len(filled) == 1:
        # One label over some of the columns stands above its parts; anything else alone in its row is a title.
        found = head.spans.get((row, filled[0]))
        is_parent = found is not None and found[3] > found[1] and not head.is_full_width(row, filled[0]) and filled[0] > 0
        return not (is_parent and len(head.filled(row + 1)) > 1 and first_value(head, row) is None)
    told = sum(_INFORMATION.match(text.strip()) is not None for text in texts)
    if len(texts) == len(filled) and told and (told + sum(map(_is_period, texts))) * 2 > len(texts):
        return True
    return head.is_full_width(row, filled[0])


def is_label(cell: Cell) -> bool:
    """Whether a cell can name a column: text that is no number, amount, or day; or a period (2021, 2021年, 10月)."""
    if isinstance(cell, bool | date | time | timedelta) or cell is None:
        return False
    if isinstance(cell, int | float):
        return float(cell).is_integer() and _YEAR.fullmatch(str(int(cell))) is not None
    text = plain(cell)
    if _PERIOD.fullmatch(text):
        return True
    if text in MISSING_SIGNS or _NUMBER.fullmatch(text) or _DATE_TEXT.fullmatch(text):
        return False
    return not (any(letter.isdigit() for letter in text) and _QUANTITY.fullmatch(text) and not _is_span_of_time(text))


def is_number(cell: Cell) -> bool:
    """Whether a cell holds a number, typed or as text."""
    if isinstance(cell, bool):
        return False
    return isinstance(cell, int | float) or (isinstance(cell, str) and _NUMBER.fullmatch(plain(cell)) is not None)


def is_number_row(head: Head, row: int) -> bool:
    """Whether a row numbers the columns: 甲 乙 1 2 3, (1) (2), A B; and is not a row of data that looks so by chance."""
    texts = []
    for column in head.filled(row):
        cell = head.cell(row, column)
        texts.append(str(int(cell)) if isinstance(cell, float) and cell.is_integer() else plain(str(cell)))
    if len(texts) < 2 or not all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
        return False
    numbers = [int(found[0]) for text in texts if (found := re.search(r"\d+", text))]
    in_order = numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True
    if not in_order or (numbers and numbers[0] not in (0, 1)):
        return False
    return any(text in _STEMS for text in texts) or len(texts) >= max(3, head.width * 2 // 3)


def first_value(head: Head, row: int) -> int | None:
    """The first column of a row that holds a value and so can be no header; periods count as labels where they come in series."""
    filled = head.filled(row)
    periods = sum(_is_period(head.cell(row, column)) for column in filled)
    for column in filled:
        cell = head.cell(row, column)
        if not is_label(cell) or (_is_period(cell) and periods == 1 and len(filled) > 3):
            return column
    return None


def _is_period(cell: Cell) -> bool:
    if isinstance(cell, int | float):
        return is_label(cell)
    return isinstance(cell, str) and _PERIOD.fullmatch(plain(cell)) is not None


def _is_span_of_time(text: str) -> bool:
    """1年以内, 1至2年, 6个月: labels of age groups and terms, though they start with a number."""
    return re.fullmatch(r"\d+(?:[-—~至]\d+)?(?:年|个月|月|天|日)(?:以[内上下]|及以[上下])?.*", text) is not None


def _group_end(head: Head, row: int, column: int, first: int | None = None) -> int:
    """The last column that a label covers: as merged, else up to the next label of its row or of one above, from `first` on."""
    found = head.spans.get((row, column))
    if found is not None:
        return min(found[3], head.width - 1)
    end = column
    rows = range(row if first is None else first, row + 1)
    while end + 1 < head.width and all(head.cell(each, end + 1) is None and (each, end + 1) not in head.spans for each in rows):
        end += 1
    return end


def _continues(head: Head, label_rows: Sequence[int]) -> bool:
    """Whether the row under these rows of labels is one more of them."""
    last, below = label_rows[-1], label_rows[-1] + 1
    first = label_rows[0]
    reached = [span for column in range(head.width) if (span := head.spans.get((below, column))) is not None]
    if any(first <= span[0] <= last and span[2] >= below for span in reached):
        # A label merged down beside values is a label of rows, not a taller header.
        return all(is_label(head.cell(below, column)) for column in head.filled(below))
    filled = head.filled(below)
    if not filled or first_value(head, below) is not None or is_number_row(head, below) or _unit_row(head, below):
        return False
    if is_total(str(head.cell(below, filled[0]))) or is_note(str(head.cell(below, filled[0]))):
        return False
    if not set(filled) <= _open_columns(head, label_rows) or _is_translation(head, label_rows, below):
        return False
    # One label alone joins only where labels stand below it again: it may be the heading of a section.
    return len(filled) >= 2 or (len(label_rows) < MAX_DEPTH and _continues(head, [*label_rows, below]))


def _open_columns(head: Head, label_rows: Sequence[int]) -> set[int]:
    """Columns whose label may still have parts below: under a label of several columns, or without any label so far."""
    row = label_rows[-1]
    columns: set[int] = set()
    labelled: set[int] = set()
    for column in head.filled(row):
        end = _group_end(head, row, column, label_rows[0])
        labelled |= set(range(column, end + 1))
        if end > column:
            columns |= set(range(column, end + 1))
    for column in range(head.width):
        if column not in labelled and (row, column) not in head.spans:
            above = any(head.cell(upper, column) is not None for upper in label_rows[:-1])
            if not above:
                columns.add(column)
    return columns


def _is_row_of_parents(head: Head, row: int, below: int) -> bool:
    """Whether a row holds labels that stand over several labelled columns of the row below."""
    filled = head.filled(row)
    if not filled or first_value(head, row) is not None or is_line_above(head, row):
        return False
    return any(
        (end := _group_end(head, row, column)) > column
        and sum(head.cell(below, part) is not None for part in range(column, end + 1)) >= 2
        for column in filled
    )


def _unit_row(head: Head, row: int) -> dict[int, str]:
    """The units of a row that holds nothing else, by column; {} for any other row."""
    units: dict[int, str] = {}
    for column in head.filled(row):
        cell = head.cell(row, column)
        text = plain(cell).strip("()[]").removeprefix("单位:") if isinstance(cell, str) else ""
        if not is_unit(text):
            return {}
        for covered in range(column, _span_end(head, row, column) + 1):
            units[covered] = text
    return units


def _span_end(head: Head, row: int, column: int) -> int:
    found = head.spans.get((row, column))
    return column if found is None else min(found[3], head.width - 1)


def _is_translation(head: Head, label_rows: Sequence[int], row: int) -> bool:
    """Whether a row repeats the labels in Latin letters: no Chinese, no figures, under Chinese labels."""
    cells = [head.cell(row, column) for column in head.filled(row)]
    if len(cells) < 2 or not all(isinstance(cell, str) for cell in cells):
        return False
    text = "".join(str(cell) for cell in cells)
    above = "".join(str(head.cell(upper, column)) for upper in label_rows for column in head.filled(upper))
    return _is_latin(text) and not _is_latin(above) and not any(letter.isdigit() for letter in text)


def _is_latin(text: str) -> bool:
    return any("a" <= letter.lower() <= "z" for letter in text) and not any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _paths(head: Head, label_rows: Sequence[int]) -> list[tuple[str, ...]]:
    """The labels over each column, from the top down; a label merged downwards counts once."""
    paths: list[list[str]] = [[] for _ in range(head.width)]
    for row in label_rows:
        for column in head.filled(row):
            text = " ".join(as_seen(head.cell(row, column)).split())
            end = _group_end(head, row, column, label_rows[0])
            if row == label_rows[-1] or not _has_parts(head, label_rows, row, column, end):
                end = _span_end(head, row, column)
            for covered in range(column, end + 1):
                if not paths[covered] or paths[covered][-1] != text:
                    paths[covered].append(text)
    return [tuple(path) for path in paths]


def _has_parts(head: Head, label_rows: Sequence[int], row: int, column: int, end: int) -> bool:
    """Whether labels stand below a label in the blank columns to its right, which makes it theirs too."""
    return any(head.cell(lower, part) is not None for lower in label_rows if lower > row for part in range(column + 1, end + 1))
