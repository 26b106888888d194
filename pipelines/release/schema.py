"""Which tables a release has and how each is declared: from the dbt manifest, the Python stages and the release's own table.

Belongs here: reading those descriptions and turning them into DDL. Does not belong here: rows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.release.catalog import ReleaseError
from pipelines.tables import Column, ResultTable

PUBLIC_SCHEMA = "marts"

RELEASE_TABLE = ResultTable(
    name="release",
    comment="本次发布：只有一行",
    columns=(
        Column("release_id", "VARCHAR", "发布编号：月份-r第几次", nullable=False),
        Column("month", "VARCHAR", "发布月份 YYYY-MM", nullable=False),
        Column("revision", "INTEGER", "该月第几次发布，从 1 起", nullable=False),
        Column("is_practice", "BOOLEAN", "是否练习数据；练习数据与真实数据不会出现在同一次发布中", nullable=False),
        Column("built_at", "TIMESTAMP", "生成时间（UTC）", nullable=False),
        Column("inputs_digest", "VARCHAR", "全部输入（报送、台账、裁定、程序）的摘要", nullable=False),
        Column("accepted_count", "BIGINT", "已接受的报送任务数（各月累计）", nullable=False),
        Column("returned_count", "BIGINT", "被退回而尚未重报的报送任务数", nullable=False),
        Column("missing_count", "BIGINT", "尚未报送的任务数", nullable=False),
        Column("error_count", "BIGINT", "错误级核查发现数", nullable=False),
        Column("warning_count", "BIGINT", "警告级核查发现数", nullable=False),
        Column("info_count", "BIGINT", "提示级核查发现数", nullable=False),
        Column("conflict_count", "BIGINT", "公布数之间的矛盾数", nullable=False),
        Column("wanstat_version", "VARCHAR", "生成本次发布的程序版本", nullable=False),
    ),
    primary_key=("release_id",),
)

# What differs between two builds of the same content; left out of a table's digest, and named in the manifest. What a load finds
# new is known from that load on; found again by the next one, it is new no longer if it was released, and else new again.
VOLATILE_COLUMNS = {
    "release": ("release_id", "revision", "built_at", "inputs_digest", "wanstat_version"),
    "observation_vintages": ("release_id", "known_from", "known_to"),
    "revisions": ("release_id", "previous_release_id", "known_from"),
    "revision_triangle": ("release_id", "known_from", "months_after"),
    "indicator_cards": ("known_from",),
}


def public_marts(manifest: dict[str, Any]) -> list[ResultTable]:
    """The public models of the marts schema in dbt's manifest, in order of their names.

    Raises:
        ReleaseError: a public mart has no columns, or a column without a type: it could not be declared.
    """
    tables = []
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model" or node["schema"] != PUBLIC_SCHEMA or node.get("access") != "public":
            continue
        constraints = list(node.get("constraints") or [])
        key = next((tuple(one["columns"]) for one in constraints if one["type"] == "primary_key"), ())
        required = {name for one in constraints if one["type"] == "not_null" for name in one["columns"]}
        columns = []
        for name, column in node["columns"].items():
            if not column.get("data_type"):
                raise ReleaseError(f"公开表 {node['name']} 的列 {name} 没有声明数据类型，不能发布；请补全 dbt 模型的说明")
            kinds = {one["type"] for one in column.get("constraints") or []}
            if "primary_key" in kinds:
                key = (*key, name)
            if "not_null" in kinds:
                required.add(name)
            columns.append(Column(name, column["data_type"], column.get("description", ""), nullable=True))
        if not columns:
            raise ReleaseError(f"公开表 {node['name']} 没有声明任何列，不能发布；请补全 dbt 模型的说明")
        declared = tuple(
            Column(one.name, one.type, one.comment, nullable=one.name not in required and one.name not in key) for one in columns
        )
        tables.append(ResultTable(node.get("alias") or node["name"], node.get("description", ""), declared, key))
    return sorted(tables, key=lambda table: table.name)


def read_dbt_manifest(path: Path) -> dict[str, Any]:
    """dbt's manifest.

    Raises:
        ReleaseError: there is none, or it is cut off.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ReleaseError(f"没有 {path.name}：数据仓库尚未建成，不能发布") from error
    except ValueError as error:
        raise ReleaseError(f"{path.name} 不完整（{error}）：请重新加载，让 dbt 重新生成") from error


def ddl(table: ResultTable, catalog: str) -> list[str]:
    """The statements that create `table` in `catalog`.marts with NOT NULL, key and comments."""
    name = f"{quoted(catalog)}.{PUBLIC_SCHEMA}.{quoted(table.name)}"
    lines = [f"{quoted(one.name)} {one.type}{'' if one.nullable else ' NOT NULL'}" for one in table.columns]
    if table.primary_key:
        lines.append(f"PRIMARY KEY ({', '.join(map(quoted, table.primary_key))})")
    statements = [f"CREATE TABLE {name} (\n  " + ",\n  ".join(lines) + "\n)"]
    statements.append(f"COMMENT ON TABLE {name} IS {literal(table.comment)}")
    statements += [f"COMMENT ON COLUMN {name}.{quoted(one.name)} IS {literal(one.comment)}" for one in table.columns]
    return statements


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
