"""Total rows: what they state, held against what their rows add up to.

Belongs here: which rows a total may be of, the allowance for rounding. Does not belong here: finding total rows (`body`).

A total of n numbers that were rounded to a unit may miss their rounded sum by half a unit each (domain.md B9): ±0.5 × n of
the last place that is written. Whole numbers that count things are not rounded, and have no allowance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from pipelines.collect.cells import as_seen
from pipelines.collect.containers import Cell
from pipelines.collect.matching import Match
from pipelines.collect.numerals import Unconvertible
from pipelines.collect.problems import Problem
from pipelines.collect.quantities import convert
from pipelines.forms.model import FormField

if TYPE_CHECKING:
    from pipelines.collect.values import ReadTable


@dataclass(frozen=True)
class Stated:
    """One number of a total row.

    Attributes:
        stated: in the unit of the field.
        added: what the rows it is of add up to; None where that cannot be said.
        allowance: by how much the two may differ.
    """

    field: str
    cell: str
    written: str
    stated: Decimal
    added: Decimal | None
    allowance: Decimal

    @property
    def holds(self) -> bool | None:
        return None if self.added is None else abs(self.stated - self.added) <= self.allowance


@dataclass(frozen=True)
class TotalRow:
    """A row that is evidence and not data.

    Attributes:
        kind: `total`, or `part` for 其中 rows.
        rows_before, group_start: how many rows of data stand before it, and stood before its section.
        cells: field name -> what stands in the row.
        stated: the same as numbers, with what was found of them.
    """

    row_number: int
    label: str
    kind: str
    rows_before: int
    group_start: int
    cells: Mapping[str, Cell]
    stated: tuple[Stated, ...] = ()


def check_totals(rows: list[TotalRow], table: ReadTable, match: Match) -> tuple[list[TotalRow], list[Problem]]:
    """The total rows with their sums, and an error for each number that none of the sums it may be of comes near."""
    if not rows:
        return [], []
    count = len(table.row_numbers)
    places = {count, *(place for row in rows for place in (row.rows_before, row.group_start))}
    sums = {name: _sums_before(places, table.column(name)) for name in {name for row in rows for name in row.cells}}
    failed = {name for _, name in table.unconverted}
    checked, problems = [], []
    for place, row in enumerate(rows):
        spans = _spans(rows, place, count)
        found = []
        for name, cell in row.cells.items():
            form_field, unit = match.form.by_name[name], match.columns[name].unit
            where = f"{match.columns[name].letters}{row.row_number}"
            try:
                value = convert(cell, form_field, {}, unit).value
            except Unconvertible:
                continue
            if value is None:
                continue
            stated = Decimal(str(value))
            allowed = _half_of_last_place(stated, form_field, unit)
            added: Decimal | None = None
            allowance = Decimal(0)
            if row.kind == "total" and form_field.flow != "ratio" and form_field.flow != "survey" and name not in failed:
                possible = [(sums[name][end] - sums[name][start], end - start) for start, end in spans]
                added, added_rows = min(possible, key=lambda each: abs(each[0] - stated))
                allowance = allowed * added_rows
            one = Stated(name, where, as_seen(cell), stated, added, allowance)
            found.append(one)
            if one.holds is False:
                problems.append(_problem(one, row, form_field, sums[name][spans[0][1]] - sums[name][spans[0][0]]))
        checked.append(TotalRow(row.row_number, row.label, row.kind, row.rows_before, row.group_start, row.cells, tuple(found)))
    return checked, problems


def _spans(rows: list[TotalRow], place: int, count: int) -> list[tuple[int, int]]:
    """The runs of data rows a total may be of: all, its section, those before it, those after it up to the next total."""
    row = rows[place]
    later = (rows[index] for index in range(place + 1, len(rows)))
    following = (other.rows_before for other in later if other.kind == "total" and other.rows_before > row.rows_before)
    spans = [(0, count), (row.group_start, row.rows_before), (0, row.rows_before), (row.rows_before, count)]
    spans += [(row.rows_before, end) for end in islice(following, 1)]
    return [span for span in dict.fromkeys(spans) if span[1] > span[0]] or [(0, count)]


def _sums_before(places: set[int], column: list[object]) -> dict[int, Decimal]:
    """What the rows before each place add up to, in one pass: a register may have a subtotal every few rows."""
    sums, added = {0: Decimal(0)}, Decimal(0)
    for place, value in enumerate(column):
        if place in places:
            sums[place] = added
        if value is not None:
            added += Decimal(str(value))
    sums[len(column)] = added
    return sums


def _half_of_last_place(stated: Decimal, form_field: FormField, unit: str | None) -> Decimal:
    """Half a unit of the last place a total is written with in its column, in the unit of the field: ±50 万元 of 12.34 亿元."""
    if form_field.type == "integer" or stated == 0:
        return Decimal(0)
    factor = Decimal(str(convert(1, form_field, {}, unit).value))
    exponent = min(0, int((stated / factor).normalize().as_tuple().exponent))
    return Decimal(5) * Decimal(10) ** (exponent - 1) * factor


def _problem(one: Stated, row: TotalRow, form_field: FormField, whole: Decimal) -> Problem:
    message = f"{one.cell} 的“{row.label}”是 {one.stated.normalize():f}，而各行“{form_field.label}”相加是 {whole.normalize():f}"
    if one.allowance:
        message += f"，相差超过四舍五入的容许（±{one.allowance.normalize():f}）"
    return Problem(
        "table.total",
        message,
        "请核对：是否漏了行、多了行，或合计没有重算；改正后重新发送",
        cell=one.cell,
        field=one.field,
        value=one.written,
        expected=f"{whole.normalize():f}",
    )
