"""Which column of a header is which field of a form, in which unit, and what has drifted since the form was issued.

Belongs here: labels and aliases along the header path, units from header and lines above it, the drift report. Does not
belong here: finding header blocks (`headers`), or reading what stands below them (`body`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from pipelines.collect.cells import address, column_letters
from pipelines.collect.headers import Column, Head, Header, grow_upwards, header_block
from pipelines.collect.labels import is_total, normalised_label, unit_of_label, units_stated
from pipelines.collect.problems import Problem
from pipelines.forms.model import Form, FormField
from pipelines.units import Inconvertible, conversion_factor

FOUND_SHARE = 0.5  # at least this share of the form's fields must be among the labels for a header to be the form's
# A label below one of these is another quantity than the label alone: 累计/成交额 is not the month's turnover.
_SHIFTED = re.compile("累计|上年|去年|同期|上月|上期|年初|期初|计划|目标|同比|环比|增长|增减|比上|比重|占比")
_WHOLE = re.compile("^(?:合计|小计|总计|总额|总数|金额|数额|数量|计)$")
_OF_MONTH = re.compile("^(?:本月|当月|本期|本季度?)(?:数|发生|发生额|新增|实绩)?$")
_NOT_DRIFT = re.compile("^(?:序号|编号|行号|行次|备注|说明|no|)$")
_LINE = "表上方的单位说明"
LISTED_COLUMNS = 50  # of those that are left unread
LONGEST_LONE = 8  # characters; a title says more
NEAR = 0.6  # similarity from which a strange label is named as what may be meant


@dataclass(frozen=True)
class MatchedColumn:
    """A column that holds a field.

    Attributes:
        unit: the unit its numbers are written in; None where the field has none.
        unit_from: where that is stated, in Chinese.
        stated: every unit stated for it and where, the nearest first.
        is_alias: whether its label is an alias and not the form's own.
    """

    field: FormField
    column: Column
    unit: str | None
    unit_from: str | None
    is_alias: bool
    stated: tuple[tuple[str, str], ...] = ()

    @property
    def letters(self) -> str:
        return column_letters(self.column.index)


@dataclass(frozen=True)
class Match:
    """A header read as that of a form.

    Attributes:
        columns: field name -> its column, in the order of the form.
        several: field name -> columns that equally well are it.
        strange: labelled columns that are no field.
        lone: cell and text of a label that stands alone above the header and would make some column another quantity.
    """

    form: Form
    header: Header
    columns: Mapping[str, MatchedColumn]
    several: Mapping[str, tuple[Column, ...]]
    strange: tuple[Column, ...]
    lone: tuple[str, str] | None = None

    @property
    def found(self) -> int:
        return len(self.columns) + len(self.several)


def match_form(head: Head, form: Form, sheet_name: str = "") -> Match | None:
    """The header of the form among the first rows, or None when fewer than half of its fields stand in any header."""
    titles = _titles(form)
    hits: list[int] = []
    for cells in head.rows:
        hits.append(sum(isinstance(cell, str) and normalised_label(cell) in titles for cell in cells))
        if hits[-1] == len(form.fields):
            break  # nothing below can be a better header
    best: Match | None = None
    for row in sorted(range(len(hits)), key=lambda row: (-hits[row], row))[:3]:
        if hits[row] < 2:  # one label in a row is a list of labels (a guide), not a header
            break
        match = _match_at(head, row, form, titles, sheet_name)
        if best is None or match.found > best.found:
            best = match
        if best.found == len(form.fields):
            break
    return best if best is not None and best.found >= max(2, FOUND_SHARE * len(form.fields)) else None


def drift(match: Match) -> list[Problem]:
    """What differs from the form as issued: an error where a required column is missing or doubled, a warning where another one
    is that holds numbers or may stand under another label, else for information.
    """
    problems = []
    header, form = match.header, match.form
    strange = {normalised_label(column.label): column for column in match.strange if column.label}
    at = address(header.last, 0)
    for name, columns in match.several.items():
        label = form.by_name[name].label
        where = "、".join(column_letters(column.index) for column in columns)
        message = f"“{label}”在表头出现了 {len(columns)} 次（{where} 列），无法判断用哪一列"
        cell = address(header.last, columns[1].index)
        problems.append(Problem("table.column_twice", message, "请只保留一列", cell=cell, field=name))
    if match.lone is not None:
        cell, text = match.lone
        message = f"{cell} 的“{text}”单独写在表头上面，看不出它管哪几列"
        problems.append(Problem("table.lone_label", message, "请把它合并到所管各列之上，或删去", cell=cell, value=text))
    missing = [each for each in form.fields if each.name not in match.columns and each.name not in match.several]
    for each in missing:
        near = difflib.get_close_matches(normalised_label(each.label), strange, n=1, cutoff=NEAR)
        meant = f"；{column_letters(strange[near[0]].index)} 列“{strange[near[0]].label}”是否就是它？" if near else ""
        advice = f"请把该列标题改回“{each.label}”" if near else f"请补上“{each.label}”列并填写"
        problems.append(
            Problem(
                "table.column_missing",
                f"表头（第 {header.last + 1} 行）缺少“{each.label}”列{meant}",
                advice if each.required else f"需要填报时，{advice}",
                severity="error" if each.required else "warning" if each.is_number or near else "info",
                cell=at,
                field=each.name,
                expected=each.label,
            )
        )
    extra = [column for column in match.strange if not _NOT_DRIFT.match(normalised_label(column.label))]
    if extra:
        listed = "、".join(f"{column_letters(column.index)} 列“{column.shown_path}”" for column in extra[:LISTED_COLUMNS])
        if len(extra) > LISTED_COLUMNS:
            listed += f" 等 {len(extra)} 列"
        problems.append(
            _for_information("table.column_extra", f"多出报表没有的列，未读取：{listed}", address(header.last, extra[0].index))
        )
    renamed = [each for each in match.columns.values() if each.is_alias]
    if renamed:
        listed = "、".join(f"{each.letters} 列“{each.column.shown_path}”作“{each.field.label}”" for each in renamed)
        cell = address(header.last, renamed[0].column.index)
        problems.append(_for_information("table.column_renamed", f"列名与报表不同，按别名读取：{listed}", cell))
    order = [each.column.index for each in match.columns.values()]
    if order != sorted(order):
        listed = "、".join(
            f"{each.field.label}（{each.letters}）" for each in sorted(match.columns.values(), key=lambda each: each.column.index)
        )
        problems.append(_for_information("table.column_reordered", f"列的次序与报表不同，按列名读取：{listed}", at))
    return problems


def unit_problems(match: Match) -> list[Problem]:
    """Columns whose stated unit measures something else than the field, and columns that are converted."""
    problems = []
    is_line_used = any(each.unit_from == _LINE for each in match.columns.values())
    for name, each in match.columns.items():
        cell = address(match.header.last, each.column.index)
        contradicted = _contradicted(each, is_line_used)
        if contradicted is not None:
            problems.append(Problem("column.unit", contradicted, "请统一单位后重新发送", cell=cell, field=name, value=each.unit))
        if each.unit is None or each.field.unit is None or each.unit == each.field.unit:
            continue
        try:
            factor = conversion_factor(each.unit, each.field.unit)
        except Inconvertible:
            message = (
                f"“{each.field.label}”的单位写作“{each.unit}”（{each.unit_from}），报表要求“{each.field.unit}”，两者不能换算"
            )
            problems.append(
                Problem(
                    "column.unit",
                    message,
                    f"请按“{each.field.unit}”填报，并改正单位",
                    cell=cell,
                    field=name,
                    value=each.unit,
                    expected=each.field.unit,
                )
            )
            continue
        if factor != 1 and not contradicted:
            message = f"“{each.field.label}”按{each.unit_from}写的“{each.unit}”换算成“{each.field.unit}”（乘以 {_shown(factor)}）"
            problems.append(_for_information("column.unit_converted", message, cell, name, each.unit, each.field.unit))
    return problems


def _contradicted(each: MatchedColumn, is_line_used: bool) -> str | None:
    """In words, that units of different size are stated for a column: one of them is wrong, and nobody can say which.

    A line above the table that is the unit of other columns (`is_line_used`) need not be that of this one.
    """
    wanted = each.field.unit
    said = [(unit, where) for unit, where in each.stated if where != _LINE or not is_line_used]
    stated = [(unit, where) for unit, where in said if wanted is not None and _can_measure(unit, wanted)]
    if wanted is None or len({conversion_factor(unit, wanted) for unit, _ in stated}) < 2:
        return None
    listed = "、".join(f"“{unit}”（{where}）" for unit, where in dict.fromkeys(stated))
    return f"“{each.field.label}”的单位说法不一致：{listed}"


def _shown(factor: Fraction) -> str:
    return str(factor) if factor.denominator == 1 else f"{float(factor):g}"


def _for_information(
    rule_id: str, message: str, cell: str, name: str | None = None, value: str | None = None, expected: str | None = None
) -> Problem:
    return Problem(rule_id, message, "", severity="info", cell=cell, field=name, value=value, expected=expected)


def _match_at(head: Head, row: int, form: Form, titles: Mapping[str, tuple[str, bool]], sheet_name: str) -> Match:
    """The header block that holds `row`, read as the form's."""
    top = grow_upwards(head, row)
    header = header_block(head, top)
    if header.last < row:  # not tidily laid out, but a label like 累计 above counts all the same
        header = header_block(head, top, row)
    texts = [sheet_name, *(text for above in range(header.first) for text in _texts(head, above))]
    lines = [unit for text in texts for unit in units_stated(text)]
    candidates: dict[str, list[tuple[int, bool, Column]]] = {}
    strange = []
    for column in header.columns:
        found = _field_of(column, form, titles)
        if found is None:
            if column.path:
                strange.append(column)
            continue
        name, depth, is_alias = found
        candidates.setdefault(name, []).append((depth, is_alias, column))
    columns, several = {}, {}
    for each in form.fields:
        if each.name not in candidates:
            continue
        # The label with the most of the path in it is the one meant: 卖方/名称 rather than 卖方. But the form's own label counts
        # wherever it stands: 卖方名称 beside 卖方/名称 are two.
        depth = max(depth for depth, _, _ in candidates[each.name])
        best = [(is_alias, column) for found, is_alias, column in candidates[each.name] if found == depth or not is_alias]
        if len(best) > 1:
            several[each.name] = tuple(column for _, column in best)
        else:
            is_alias, column = best[0]
            stated = _units_of(column, each, lines)
            unit, unit_from = stated[0] if stated else (each.unit, "报表规定" if each.unit else None)
            columns[each.name] = MatchedColumn(each, column, unit, unit_from, is_alias, stated)
        strange += [column for found, is_alias, column in candidates[each.name] if found != depth and is_alias]
    strange.sort(key=lambda column: column.index)
    return Match(form, header, columns, several, tuple(strange), _lone_label(head, header))


def _lone_label(head: Head, header: Header) -> tuple[str, str] | None:
    """Cell and text of a label like 累计 alone in the row above the header, over other columns than the first: titles stand
    there too, but none consists of such a word.
    """
    above = header.first - 1
    filled = head.filled(above) if above >= 0 else []
    if len(filled) != 1 or filled[0] <= header.columns[0].index or filled[0] > header.columns[-1].index:
        return None
    text = head.cell(above, filled[0])
    if not isinstance(text, str) or len(normalised_label(text)) > LONGEST_LONE or not _SHIFTED.search(text):
        return None
    return address(above, filled[0]), text


def _texts(head: Head, row: int) -> list[str]:
    return [cell for column in head.filled(row) if isinstance(cell := head.cell(row, column), str)]


def _titles(form: Form) -> dict[str, tuple[str, bool]]:
    """Label or alias along a path, normalised -> (field name, whether it is an alias)."""
    return _titles_of(tuple((each.name, each.label, each.aliases) for each in form.fields))


@lru_cache(maxsize=256)
def _titles_of(fields: tuple[tuple[str, str, tuple[str, ...]], ...]) -> dict[str, tuple[str, bool]]:
    titles: dict[str, tuple[str, bool]] = {}
    for name, label, aliases in fields:
        for is_alias, title in [(False, label), *((True, alias) for alias in aliases)]:
            titles.setdefault("/".join(normalised_label(part) for part in title.split("/")), (name, is_alias))
            titles.setdefault(normalised_label(title), (name, is_alias))
    return titles


def _field_of(column: Column, form: Form, titles: Mapping[str, tuple[str, bool]]) -> tuple[str, int, bool] | None:
    """Field name, how many labels of the path name it, and whether by an alias; None when no label does."""
    path = [normalised_label(label) for label in column.path]
    for start in range(len(path)):
        for end in (len(path), len(path) - 1):
            if end <= start or (
                end < len(path) and not (_WHOLE.match(path[-1]) or _OF_MONTH.match(path[-1]) or is_total(path[-1]))
            ):
                continue
            part = path[start:end]
            for key in ("/".join(part), "".join(part)):
                if key in titles:
                    name, is_alias = titles[key]
                    if _is_shifted(path[:start] + path[end:], form.by_name[name]):
                        return None
                    return name, len(part), is_alias
    return None


def _is_shifted(rest: list[str], form_field: FormField) -> bool:
    """Whether labels above or below the matched ones make it another quantity: of last year, to date, a growth rate."""
    own = "".join((form_field.label, *form_field.aliases))
    words = {found[0] for label in rest for found in _SHIFTED.finditer(label)}
    if form_field.flow == "ytd":
        words.discard("累计")
        words |= {label for label in rest if _OF_MONTH.match(label)}
    return any(word not in own for word in words)


def _units_of(column: Column, form_field: FormField, lines: list[str]) -> tuple[tuple[str, str], ...]:
    """The units stated for a column's numbers and where: nearest first, then lines above the table."""
    if form_field.unit is None:
        return ()
    own = [(unit, where) for unit, where in ((column.row_unit, "单位行"), (unit_of_label(column.label), "表头")) if unit]
    shared = [(unit, "表头") for label in reversed(column.path[:-1]) if (unit := unit_of_label(label))]
    shared += [(unit, _LINE) for unit in lines]
    # A unit stated for several columns is only for those it can measure: 万元 says nothing about numbers of contracts.
    return (*own, *((unit, where) for unit, where in shared if _is_meant_for(form_field.unit, unit)))


def _is_meant_for(wanted: str, unit: str) -> bool:
    """Whether a unit stated for several columns can be that of one asked for in `wanted`; 项 is not that of persons (人)."""
    return _can_measure(unit, wanted) and (unit == wanted or conversion_factor(unit, wanted) != 1)


def _can_measure(unit: str, wanted: str) -> bool:
    try:
        conversion_factor(unit, wanted)
    except Inconvertible:
        return False
    return True
