"""Writing rows as Parquet, whole, with the types their table's description names.

Belongs here: column types and the write. Does not belong here: which tables there are, or which rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from pipelines.files import whole

_TYPES = {
    "VARCHAR": pl.String, "DATE": pl.Date, "TIMESTAMP": pl.Datetime("us"), "BOOLEAN": pl.Boolean, "INTEGER": pl.Int32,
}  # fmt: skip


def write_rows(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write `rows` to the Parquet file `path`.

    Args:
        columns: name -> DuckDB type: one of VARCHAR, DATE, TIMESTAMP, BOOLEAN, INTEGER, DECIMAL(p,s).
        rows: mappings by column name; a missing name is null.
    """
    schema = {name: _type(kind) for name, kind in columns.items()}
    frame = pl.DataFrame([[row.get(name) for name in schema] for row in rows], schema=schema, orient="row")
    with whole(path) as beside:
        frame.write_parquet(beside)


def _type(kind: str) -> pl.DataType | type[pl.DataType]:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    return pl.Decimal(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[kind]
