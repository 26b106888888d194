"""The values read from a table, each with the place it came from.

Belongs here: the shape in which a table read is handed on, in memory or in files. Does not belong here: reading (`table`,
`body`, `conversion`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from pipelines.collect.problems import Problem
from pipelines.forms.model import Form

if TYPE_CHECKING:
    import polars as pl

    from pipelines.collect.totals import TotalRow

Part = dict[str, "list[object] | pl.Series"] | Path  # rows by column, or the file they were put down in


@dataclass(frozen=True)
class Passport:
    """Where the values of a field stand and how they were converted.

    Attributes:
        letters: column letters; with the row number they are the cell.
        header_path: the labels over the column, 合同金额/技术交易额.
        unit: the unit the column is written in, and `unit_from` where that is stated; None for what has no unit.
    """

    field: str
    letters: str
    header_path: str
    unit: str | None
    unit_from: str | None


@dataclass
class ReadTable:
    """The rows of a form as read from one sheet.

    Attributes:
        letters: field name -> column letters of the sheet.
        unconverted: (row number, field name) of cells that hold something else; their value is None.
        changes: field name -> row number -> (what stood there, what was done to it in Chinese).
        totals: total rows as evidence, each with what its rows add up to.
    """

    sheet: str
    form: Form
    problems: list[Problem] = field(default_factory=list)
    passports: dict[str, Passport] = field(default_factory=dict)
    unconverted: set[tuple[int, str]] = field(default_factory=set)
    changes: dict[str, dict[int, tuple[str, str]]] = field(default_factory=dict)
    totals: list[TotalRow] = field(default_factory=list)
    row_numbers: list[int] = field(default_factory=list)
    _parts: list[Part] = field(default_factory=list)

    @property
    def letters(self) -> dict[str, str]:
        return {name: passport.letters for name, passport in self.passports.items()}

    @property
    def columns(self) -> dict[str, list[object]]:
        """Field name -> values, in the order of `row_numbers`."""
        return {each.name: self.column(each.name) for each in self.form.fields}

    def column(self, name: str) -> list[object]:
        return [value for part in self._parts for value in _column_of(part, name)]

    def add(self, part: dict[str, list[object] | pl.Series], scratch: Path | None = None) -> None:
        """Add rows, column by column; with `scratch` they are put down in a file of that folder and not kept in memory."""
        if scratch is None:
            self._parts.append(part)
            return
        path = scratch / f"{uuid4().hex}.arrow"
        _frame(part, self.form).write_ipc(path)
        self._parts.append(path)

    def frame(self, whole_form: Form) -> pl.DataFrame:
        """The rows with the columns of `whole_form`; fields that were not asked for are null."""
        import polars as pl  # not where files are examined: it takes longer to load than a batch of small files to read

        from pipelines.forms.columns import field_schema

        schema = field_schema(whole_form)
        parts = [pl.read_ipc(part) if isinstance(part, Path) else _frame(part, self.form) for part in self._parts]
        frame = pl.concat(parts) if parts else pl.DataFrame(schema=field_schema(self.form))
        missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in schema.items() if name not in frame.columns]
        return frame.with_columns(missing).select(*schema)


def _frame(part: dict[str, list[object] | pl.Series], form: Form) -> pl.DataFrame:
    import polars as pl

    from pipelines.forms.columns import field_schema

    schema = field_schema(form)
    return pl.DataFrame({name: pl.Series(name, values, dtype=schema[name]) for name, values in part.items()})


def _column_of(part: Part, name: str) -> Iterable[object]:
    if isinstance(part, Path):
        import polars as pl

        return pl.read_ipc(part, columns=[name])[name]
    return part[name]
