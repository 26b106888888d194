"""Total rows: what they state, held against what their rows add up to.

Belongs here: which rows a total may be of, the allowance for rounding. Does not belong here: finding total rows (`table`).

A total of n numbers that were rounded to a unit may miss their rounded sum by half a unit each (domain.md B9): ±0.5 × n of
the last place that is written. Whole numbers that count things are not rounded, and have no allowance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from pipelines.collect.containers import Cell
from pipelines.collect.matching import Match
from pipelines.collect.problems import Problem
from pipelines.collect.quantities import Unconvertible, convert
from pipelines.forms.model import FormField

if TYPE_CHECKING:
    from pipelines.collect.table import ReadTable


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
    columns = {name: table.column(name) for name in {name for row in rows for name in row.cells}}
    failed = {name for _, name in table.unconverted}
    checked, problems = [], []
    for place, row in enumerate(rows):
        spans = _spans(rows, place, len(table.row_numbers))
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
            allowed = _unit_of_last_place(cell, stated, form_field)
            added: Decimal | None = None
            allowance = Decimal(0)
            if row.kind == "total" and form_field.flow != "ratio" and form_field.flow != "survey" and name not in failed:
                sums = [(_sum(columns[name], start, end), end - start) for start, end in spans]
                added, count = min(sums, key=lambda each: abs(each[0] - stated))
                allowance = allowed * count
            one = Stated(name, where, str(cell), stated, added, allowance)
            found.append(one)
            if one.holds is False:
                problems.append(_problem(one, row, form_field, _sum(columns[name], *spans[0])))
        checked.append(TotalRow(row.row_number, row.label, row.kind, row.rows_before, row.group_start, row.cells, tuple(found)))
    return checked, problems


def _spans(rows: list[TotalRow], place: int, count: int) -> list[tuple[int, int]]:
    """The runs of data rows a total may be of: all, its section, those before it, those after it up to the next total."""
    row = rows[place]
    following = [
        other.rows_before for other in rows[place + 1 :] if other.kind == "total" and other.rows_before > row.rows_before
    ]
    spans = [(0, count), (row.group_start, row.rows_before), (0, row.rows_before), (row.rows_before, count)]
    spans += [(row.rows_before, end) for end in following[:1]]
    return [span for span in dict.fromkeys(spans) if span[1] > span[0]] or [(0, count)]


def _sum(column: list[object], start: int, end: int) -> Decimal:
    return sum((Decimal(str(value)) for value in column[start:end] if value is not None), Decimal(0))


def _unit_of_last_place(cell: Cell, stated: Decimal, form_field: FormField) -> Decimal:
    """Half a unit of the last place a total is written with, in the unit of the field."""
    if form_field.type == "integer" or stated == 0:
        return Decimal(0)
    exponent = min(0, int(stated.normalize().as_tuple().exponent))
    return Decimal(5) * Decimal(10) ** (exponent - 1)


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
