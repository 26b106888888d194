"""What the codes in released tables mean: names for the codes of an observation, and what dbt's tests say a column may hold.

Belongs here: code lists and the rules (allowed values, references, tests) read from the dbt manifest. Does not belong here: the
tables and columns themselves (`schema`), or any file format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WINDOWS = {"month": "当月", "quarter": "当季", "year": "全年", "ytd": "年初至当月累计", "point": "期末"}
HIERARCHIES = {
    "city": "全市",
    "reported": "该单位所报",
    "statutory": "县（市、区），含功能区",
    "statistical": "统计区划",
    "zone": "功能区，含县区也报了的",
}
STATUSES = {"A": "正常", "P": "暂定", "E": "只知道范围", "F": "预测", "M": "缺失"}
# Columns whose codes have names of their own; the names of all others stand in the comments of their columns.
NAMED = {"window_kind": WINDOWS, "hierarchy": HIERARCHIES, "obs_status": STATUSES}
_REF = re.compile(r"ref\(\s*['\"](\w+)['\"]\s*\)")


@dataclass(frozen=True)
class TableRules:
    """What dbt's tests hold of one table; a null passes the first two.

    Attributes:
        allowed: column -> the values it may have.
        references: column -> (table, column) that has each of its values.
        tests: (name, severity: error or warn, what the test asks in words or "") of every test of the table.
    """

    allowed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    tests: list[tuple[str, str, str]] = field(default_factory=list)


def rules_of(manifest: Mapping[str, Any]) -> dict[str, TableRules]:
    """The rules of each model that has tests, by its name, from dbt's manifest; tests of only some rows set no values."""
    rules: dict[str, TableRules] = {}
    for node in sorted(manifest["nodes"].values(), key=lambda one: one["name"]):
        model = manifest["nodes"].get(node.get("attached_node"))
        if node["resource_type"] != "test" or model is None:
            continue
        of_table = rules.setdefault(model.get("alias") or model["name"], TableRules())
        of_table.tests.append((node["name"], node["config"]["severity"].lower(), node.get("description", "")))
        if node["config"].get("where"):
            continue
        asked = (node.get("test_metadata") or {}).get("kwargs", {})
        match (node.get("test_metadata") or {}).get("name"):
            case "fits":
                of_table.allowed.update({name: tuple(values) for name, values in asked.get("values", {}).items()})
                of_table.references.update({name: tuple(other) for name, other in asked.get("references", {}).items()})
            case "accepted_values":
                of_table.allowed[asked["column_name"]] = tuple(asked["values"])
            case "relationships" if named := _REF.search(asked["to"]):
                of_table.references[asked["column_name"]] = (named[1], asked["field"])
    return rules


def meaning_of(column: str, code: str, comment: str) -> str:
    """What a code means: its own name, else the words that follow it in the column's comment, else "".

    Comments list codes as `increase 越大越好、decrease 越小越好`.
    """
    if code in (names := NAMED.get(column, {})):
        return names[code]
    found = re.search(rf"(?<![\w%]){re.escape(code)}(?!\w)\s+((?:（[^）]*）|[^、；。（）])+)", comment)
    return found[1].strip() if found else ""
