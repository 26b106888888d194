"""The data contract of a release, in the Open Data Contract Standard: https://bitol-io.github.io/open-data-contract-standard/

Belongs here: turning declared tables and the rules dbt tests into the contract. Does not belong here: those declarations and
rules (`schema`, `codes`), or the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from pipelines.release.catalog import DATABASE
from pipelines.release.codes import TableRules, meaning_of
from pipelines.release.schema import PUBLIC_SCHEMA
from pipelines.tables import Column, ResultTable

CONTRACT = "contract.odcs.yaml"
API_VERSION = "v3.2.0"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml is six times as fast, where it is there
_LOGICAL = {
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "timestamp",
    "DOUBLE": "number",
    "FLOAT": "number",
    "VARCHAR": "string",
}


def render_contract(tables: Sequence[ResultTable], rules: Mapping[str, TableRules], *, version: str, is_practice: bool) -> str:
    """The contract as YAML.

    What it promises is what a release is held to before it goes out: declared columns, keys, and the tests of dbt that stop it.

    Args:
        version: of the program whose tables these are.
    """
    keys = {table.name: table.primary_key for table in tables}
    purpose = "科技统计仓库的公开表：观测值、规划进展、报送情况、核查发现和公布数之间的矛盾"
    limitations = "练习数据，不是实际情况" if is_practice else "暂定（P）的数以后会修订；只知道范围（E）的没有数值"
    contract: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": "DataContract",
        "id": "wanstat-marts",
        "name": "wanstat",
        "version": version,
        "status": "active",
        "tags": ["practice"] if is_practice else [],
        "description": {"purpose": purpose, "limitations": limitations, "usage": "只读；不同层级体系（hierarchy）的数不能相加"},
        "servers": [{"server": "release", "type": "duckdb", "database": DATABASE, "schema": PUBLIC_SCHEMA}],
        "schema": [_object(one, rules.get(one.name, TableRules()), keys) for one in tables],
        "slaProperties": [
            {"property": "frequency", "value": 1, "unit": "month", "description": "每月装载一次；内容有变才有新的发布"},
        ],
    }
    return yaml.dump(contract, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=1000)


def _object(table: ResultTable, rules: TableRules, keys: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    quality = [
        {"type": "text", "name": name, "severity": severity, "description": asked or f"dbt 测试 {name}"}
        for name, severity, asked in rules.tests
    ]
    if table.primary_key:
        names = list(table.primary_key)
        unique = {"type": "library", "metric": "duplicateValues", "arguments": {"properties": names}, "mustBe": 0}
        quality.insert(0, {"name": "primary_key", **unique, "severity": "error", "description": "主键不重复"})
    return {
        "name": table.name,
        "physicalName": table.name,
        "physicalType": "table",
        "logicalType": "object",
        "description": table.comment,
        "properties": [_property(one, table, rules, keys) for one in table.columns],
        **({"quality": quality} if quality else {}),
    }


def _property(column: Column, table: ResultTable, rules: TableRules, keys: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    kind = column.type.upper()
    logical = _LOGICAL.get(kind, "array" if kind.endswith("[]") else "integer" if kind.endswith("INT") else "number")
    described: dict[str, Any] = {"name": column.name, "logicalType": "integer" if kind == "INTEGER" else logical}
    described |= {"physicalType": kind, "description": column.comment, "required": not column.nullable}
    if column.name in table.primary_key:
        described |= {"primaryKey": True, "primaryKeyPosition": table.primary_key.index(column.name) + 1}
    if other := rules.references.get(column.name):
        described["relationships"] = [{"to": ".".join(other)}] if other[0] in keys else []
    if allowed := rules.allowed.get(column.name):
        named = ((code, meaning_of(column.name, code, column.comment)) for code in allowed)
        described["enum"] = [{"value": code, "label": label} if label else {"value": code} for code, label in named]
    if kind.endswith("[]"):
        described["items"] = {"logicalType": "string", "physicalType": kind.removesuffix("[]")}
    return described
