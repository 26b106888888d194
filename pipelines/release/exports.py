"""The tables of a release as CSV that a spreadsheet opens, each with a CSVW description of its columns beside it.

Belongs here: how values become cells that no spreadsheet runs or rounds, and what the W3C's tabular metadata says of them.
Does not belong here: which tables there are (`schema`), what codes mean (`codes`), or the other formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.release.codes import TableRules
from pipelines.tables import Column, ResultTable

CSV = "csv"
LANGUAGE = "zh-CN"
# After spaces and quotes, a sign that starts a formula (full-width ones too: Chinese spreadsheets take them), a tab or a line
# break: https://owasp.org/www-community/attacks/CSV_Injection. Or digits alone that would be read as a number and lose some:
# twelve or more (shown and saved as 1.23E+11), a leading zero, or an E between digits. Whatever matches still matches with an
# apostrophe before it, so what was guarded can be told from what was not.
GUARDED = (
    "^['\"\\x00-\\x20\u00a0\u3000\ufeff]*[=+\\-@\\t\\r\\n＝＋－＠]"
    r"|^'*(?:[0-9]{12,}|0[0-9]+|[0-9]+(?:\.[0-9]*)?[eE][0-9]+)$"
)
GUARD_NOTE = (
    "文本单元格若会被表格软件当作公式，或当作数而丢位（12 位以上的数字、开头是 0 的数字、数字间有 E），前面加一个英文单引号 '；"
    "还原：以 ' 开头、去掉它以后仍符合下列正则式的，去掉这一个 '。数值列从不加。正则式（RE2）："
)
_WHOLE = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"})
_DATATYPES: dict[str, Any] = {
    "BOOLEAN": "boolean",
    "DATE": {"base": "date", "format": "yyyy-MM-dd"},
    "TIMESTAMP": {"base": "datetime", "format": "yyyy-MM-dd HH:mm:ss"},
    "DOUBLE": "double",
    "FLOAT": "double",
}
_HEAD = {"@context": ["http://www.w3.org/ns/csvw", {"@language": LANGUAGE}]}
_DIALECT = {
    "encoding": "utf-8",
    "header": True,
    "delimiter": ",",
    "lineTerminators": ["\r\n"],
    "quoteChar": '"',
    "doubleQuote": True,
}


def write_csv_files(parquet: Path, folder: Path, tables: Sequence[ResultTable], rules: Mapping[str, TableRules]) -> None:
    """Write `folder`/<table>.csv with its description <table>.csv-metadata.json, and csv-metadata.json of them all.

    The CSV is that of RFC 4180 in UTF-8 with a byte order mark (Excel takes it for the local code page without one); rows come
    in the order of the Parquet files. Cells are guarded as `GUARD_NOTE` says. The descriptions follow
    https://www.w3.org/TR/tabular-data-model/ and https://www.w3.org/TR/tabular-metadata/; references between tables stand in
    the common one, since each of the others knows one table only.
    """
    folder.mkdir(parents=True)
    for table in tables:
        _write_table(parquet / f"{table.name}.parquet", folder / f"{table.name}.csv", table)
        _write_json(folder / f"{table.name}.csv-metadata.json", {**_HEAD, **_described(table), "dialect": _DIALECT})
    keys = {table.name: table.primary_key for table in tables}
    described = [_described(table) | _references(table, rules.get(table.name, TableRules()), keys) for table in tables]
    _write_json(folder / "csv-metadata.json", {**_HEAD, "dialect": _DIALECT, "tables": described})


def guarded(cell: pl.Expr) -> pl.Expr:
    """Text with an apostrophe before it where a spreadsheet would run it or lose digits of it."""
    return pl.when(cell.str.contains(GUARDED)).then("'" + cell).otherwise(cell)


def _write_table(source: Path, target: Path, table: ResultTable) -> None:
    rows = pl.scan_parquet(source)
    kinds = rows.collect_schema()
    cells = []
    for column in table.columns:
        cell = pl.col(column.name)
        if isinstance(kinds[column.name], pl.List):
            cell = cell.list.join("；")
        cells.append(guarded(cell).alias(column.name) if is_text(column) else cell)
    rows.select(cells).sink_csv(
        target, include_bom=True, line_terminator="\r\n", maintain_order=True, datetime_format="%Y-%m-%d %H:%M:%S%.f"
    )


def is_text(column: Column) -> bool:
    """Whether the cells of a column are text, and so can hold anything."""
    kind = column.type.upper()
    return not (kind in _WHOLE or kind in _DATATYPES or kind.startswith("DECIMAL"))


def _described(table: ResultTable) -> dict[str, Any]:
    columns = [_column(one) for one in table.columns]
    key = {"primaryKey": list(table.primary_key)} if table.primary_key else {}
    notes = [{"type": "escaping", "value": GUARD_NOTE + GUARDED}] if any(map(is_text, table.columns)) else []
    return {
        "url": f"{table.name}.csv",
        "dc:title": table.comment,
        **({"notes": notes} if notes else {}),
        "tableSchema": {"columns": columns, **key},
    }


def _column(column: Column) -> dict[str, Any]:
    kind = column.type.upper()
    datatype = _DATATYPES.get(kind, "integer" if kind in _WHOLE else "decimal" if kind.startswith("DECIMAL") else "string")
    return {
        "name": column.name,
        "titles": {"en": column.name, LANGUAGE: column.comment},
        "datatype": datatype,
        "null": "" if column.nullable else [],  # where there must be a value, an empty text is one
        "required": not column.nullable,
    }


def _references(table: ResultTable, rules: TableRules, keys: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The table's schema with the references to other tables' keys; those to columns that are no key are no foreign keys."""
    columns = {one.name for one in table.columns}
    found = [
        {"columnReference": column, "reference": {"resource": f"{other}.csv", "columnReference": other_column}}
        for column, (other, other_column) in rules.references.items()
        if column in columns and tuple(keys.get(other, ())) == (other_column,)
    ]
    return {"tableSchema": _described(table)["tableSchema"] | {"foreignKeys": found}} if found else {}


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
