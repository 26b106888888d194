"""Writing Parquet files, whole: frames, rows with the types their table's description names, and files that only name columns.

Belongs here: column types and the write. Does not belong here: which tables there are, or which rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from pipelines.files import whole

Schema = Mapping[str, pl.DataType | type[pl.DataType]]
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
    write_frame(path, pl.DataFrame([[row.get(name) for name in schema] for row in rows], schema=schema, orient="row"))


def write_frame(path: Path, frame: pl.DataFrame, metadata: dict[str, str] | None = None) -> None:
    """Write a frame to the Parquet file `path`."""
    with whole(path) as beside:
        frame.write_parquet(beside, metadata=metadata)


def write_empty(path: Path, schema: Schema) -> None:
    """Write a Parquet file without rows to `path`, unless the one there has these columns already: it lets readers of many files
    find the columns before there are rows, and those that were added later.
    """
    if not path.exists() or pl.read_parquet_schema(path) != dict(schema):
        write_frame(path, pl.DataFrame(schema=schema))


def _type(kind: str) -> pl.DataType | type[pl.DataType]:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    return pl.Decimal(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[kind]
