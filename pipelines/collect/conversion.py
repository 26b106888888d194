"""Cells of a form's columns to values, with what was found on the way.

Belongs here: converting rows column by column, and the problems that makes at cells. Does not belong here: which rows and
columns they are (`body`, `matching`), or what one cell says (`quantities`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.collect.cells import as_seen
from pipelines.collect.containers import Cell, Sheet
from pipelines.collect.headers import is_number
from pipelines.collect.matching import Match, MatchedColumn
from pipelines.collect.problems import Problem, Problems
from pipelines.collect.values import Passport, ReadTable
from pipelines.collect.whole_columns import convert_column

if TYPE_CHECKING:
    import polars as pl

CHUNK_ROWS = 50_000  # as many are converted at once
CodeLists = Mapping[str, Mapping[str, str]]


class Conversion:
    """Adds rows of a sheet to a table, as values; what is found on the way goes to `problems`."""

    def __init__(
        self, sheet: Sheet, match: Match, table: ReadTable, code_lists: CodeLists, problems: Problems, scratch: Path | None
    ) -> None:
        self.sheet, self.match, self.table, self.lists = sheet, match, table, code_lists
        self.problems, self.scratch = problems, scratch
        table.passports = {name: _passport(each) for name, each in match.columns.items()}
        table.changes = {name: {} for name in match.columns}

    def add(self, rows: Sequence[list[Cell]], numbers: Sequence[int]) -> None:
        """Convert rows, whose numbers on the sheet are given, column by column; many at once are put down in a file."""
        part: dict[str, list[object] | pl.Series] = {}
        by_column = list(zip_longest(*rows))
        for each in self.match.form.fields:
            matched = self.match.columns.get(each.name)
            if matched is None:
                part[each.name] = [None] * len(rows)
                continue
            place = matched.column.index
            cells: list[Cell] = list(by_column[place]) if place < len(by_column) else [None] * len(rows)
            values, changed, failed = convert_column(cells, each, self.lists.get(each.codes or "", {}), matched.unit)
            part[each.name] = values
            self._look_at_formats(matched, numbers, cells)
            for offset, what in changed.items():
                self._changed(matched, numbers[offset], cells[offset], values[offset], what)
            for offset, error in failed.items():
                self._failed(matched, numbers[offset], cells[offset], error.rule_id, error.expected)
        self.table.add(part, self.scratch if len(rows) >= CHUNK_ROWS else None)
        self.table.row_numbers += numbers

    def _look_at_formats(self, matched: MatchedColumn, numbers: Sequence[int], cells: list[Cell]) -> None:
        """A number shown in another scale or with another unit than it is stored in is not what a person typed or checked."""
        if not self.sheet.formats or not matched.field.is_number:
            return
        for offset, cell in enumerate(cells):
            shown = self.sheet.formats.get((numbers[offset] - 1, matched.column.index))
            if shown is None or not is_number(cell) or is_only_unit(shown, matched.unit):
                continue
            name, where = matched.field.name, f"{matched.letters}{numbers[offset]}"
            message = f"{where} 的“{matched.field.label}”用了数字格式 {shown}，显示的数和存的数（{as_seen(cell)}）不是一回事"
            advice = f"请把 {where} 的单元格格式改为“常规”，核对后按“{matched.unit or '数字'}”重新填写"
            self.problems.add(
                Problem("cell.format", message, advice, cell=where, field=name, value=as_seen(cell), expected="常规格式的数字")
            )

    def _changed(self, matched: MatchedColumn, number: int, cell: Cell, value: object, what: str) -> None:
        name, label = matched.field.name, matched.field.label
        written = as_seen(cell)
        self.table.changes[name][number] = (written, what)
        if self.problems.is_full("cell.changed", name):
            self.problems.count("cell.changed", name)
            return
        where = f"{matched.letters}{number}"
        stored = None if value is None else f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        message = f"{where} 的“{label}”写作“{written}”，按“{stored or '空'}”读取：{what}"
        self.problems.inform("cell.changed", message, where, name, written, stored)

    def _failed(self, matched: MatchedColumn, number: int, cell: Cell, rule_id: str, expected: str) -> None:
        name, label = matched.field.name, matched.field.label
        self.table.unconverted.add((number, name))
        if self.problems.is_full(rule_id, name):
            self.problems.count(rule_id, name)
            return
        where = f"{matched.letters}{number}"
        written = as_seen(cell)
        message = f"{where} 的“{label}”填的是“{written}”，应为{expected}"
        self.problems.add(
            Problem(rule_id, message, f"请在 {where} 改填{expected}", cell=where, field=name, value=written, expected=expected)
        )


def is_only_unit(shown: str, unit: str | None) -> bool:
    """Whether a number format does no more than write the column's own unit after the number: 0.00"万元" in a 万元 column."""
    literal = re.fullmatch(r'[#0,.]*0\s*"?\\?([^"\\;]+)"?(?:;.*)?', shown)
    return literal is not None and unit is not None and literal[1].strip() == unit


def _passport(each: MatchedColumn) -> Passport:
    return Passport(each.field.name, each.letters, each.column.shown_path, each.unit, each.unit_from)
