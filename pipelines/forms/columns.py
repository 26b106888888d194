"""The columns of a landed form: system columns first, then the form's own, with their Polars and DuckDB types.

Belongs here: the one place that maps a field type to a storage type, and hands such columns to DuckDB. Does not belong here:
checks on the values.
"""

from __future__ import annotations

import polars as pl

from pipelines.forms.model import Form

MONEY = pl.Decimal(20, 6)  # 万元 to the fen; never float

FIELD_TYPES: dict[str, tuple[pl.DataType | type[pl.DataType], str]] = {
    "text": (pl.String, "varchar"),
    "code": (pl.String, "varchar"),
    "integer": (pl.Int64, "bigint"),
    "decimal": (MONEY, "decimal(20,6)"),
    "date": (pl.Date, "date"),
}

# name -> (Polars type, DuckDB type, description)
SYSTEM_COLUMNS: dict[str, tuple[pl.DataType | type[pl.DataType], str, str]] = {
    "submission_id": (pl.String, "varchar", "报送：报表/填报单位/月份/第几次"),
    "reporting_unit_id": (pl.String, "varchar", "填报单位"),
    "month": (pl.String, "varchar", "报送月份 YYYY-MM"),
    "revision": (pl.Int32, "integer", "第几次报送，从 1 起"),
    "file_sha256": (pl.String, "varchar", "来源文件的 SHA-256"),
    "sheet": (pl.String, "varchar", "来源工作表"),
    "row_number": (pl.Int32, "integer", "来源行号，从 1 起"),
    "is_practice": (pl.Boolean, "boolean", "是否练习数据"),
}


class ArrowStream:
    """A frame as DuckDB takes it without pyarrow: by the Arrow stream alone."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


def field_schema(form: Form) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Polars types of the form's own columns."""
    return {field.name: FIELD_TYPES[field.type][0] for field in form.fields}


def landing_schema(form: Form) -> dict[str, pl.DataType | type[pl.DataType]]:
    """Polars types of all columns of the form's landing table."""
    return {name: kind for name, (kind, _, _) in SYSTEM_COLUMNS.items()} | field_schema(form)
