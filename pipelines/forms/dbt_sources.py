"""The dbt source `landing`, written from the form specifications.

Belongs here: the text of `models/staging/_landing_forms.yml`, wholly generated. Does not belong here: models or tests.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import yaml

from pipelines.files import write_whole
from pipelines.forms.columns import FIELD_TYPES, SYSTEM_COLUMNS
from pipelines.forms.model import Form

HEADER = "# Generated from pipelines/forms/specs by `wanstat generate`; edit the form, not this file.\n"
SOURCES_FILE = Path("models") / "staging" / "_landing_forms.yml"


def render_sources(forms: Iterable[Form]) -> str:
    """The YAML text of the source; the same forms always give the same text."""
    source = {
        "name": "landing",
        "description": "已接受的报送，一张报表一个文件夹，一个月一个 Parquet 文件",
        "config": {"meta": {"external_location": "read_parquet('{name}/*.parquet', union_by_name=true)"}},
        "tables": [_table(form) for form in forms],
    }
    document = {"version": 2, "sources": [source]}
    return HEADER + yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=130)


def write_sources(forms: Iterable[Form], dbt_project: Path) -> None:
    """Write the source file of the dbt project."""
    write_whole(dbt_project / SOURCES_FILE, render_sources(forms))


def sources_are_current(forms: Iterable[Form], dbt_project: Path) -> bool:
    """Whether the file in the dbt project is what the specifications would write."""
    path = dbt_project / SOURCES_FILE
    return path.exists() and path.read_text(encoding="utf-8") == render_sources(forms)


def _table(form: Form) -> dict[str, object]:
    columns = [
        {"name": name, "data_type": sql, "description": description}
        for name, (_, sql, description) in SYSTEM_COLUMNS.items()
    ]
    for field in form.fields:
        unit = f"（{field.unit}）" if field.unit else ""
        description = f"{field.label}{unit}：{field.definition}"
        columns.append({"name": field.name, "data_type": FIELD_TYPES[field.type][1], "description": description})
    return {"name": form.form, "description": form.title, "columns": columns}
