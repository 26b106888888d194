"""The dictionary of the forms as tables: what each form asks for, and what its rows are checked against.

Belongs here: columns, rows and SQL of `form_fields` and `form_rules`, in core and in the marts. Does not belong here: the facts
themselves (`dbt_models`), or how rules are evaluated (pipelines.validate).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.forms.model import Form

Cell = str | int | bool | None


@dataclass(frozen=True)
class DictionaryTable:
    """One table of the dictionary, in core and in the marts.

    Attributes:
        key: the columns that name a row.
        columns: name -> (DuckDB type, whether always filled, description).
        rows: cells in the order of `columns`.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: Mapping[str, tuple[str, bool, str]]
    rows: Sequence[tuple[Cell, ...]]

    @property
    def core_sql(self) -> str:
        rows = ",\n    ".join(f"({', '.join(map(_literal, row))})" for row in self.rows)
        # The specifications are text, not Jinja.
        return (
            f"select {', '.join(self.columns)}\n"
            f"from (values\n    {{% raw %}}{rows}{{% endraw %}}\n) as {self.name} ({', '.join(self.columns)})\n"
        )

    @property
    def mart_sql(self) -> str:
        columns = ",\n    ".join(f"cast({name} as {kind}) as {name}" for name, (kind, _, _) in self.columns.items())
        return f"select\n    {columns}\nfrom {{{{ ref('core_{self.name}') }}}}\n"

    @property
    def mart_yaml(self) -> dict[str, Any]:
        columns = []
        for name, (kind, is_filled, description) in self.columns.items():
            column: dict[str, Any] = {"name": name, "data_type": kind, "description": description}
            if is_filled:
                column["constraints"] = [{"type": "not_null"}]
            columns.append(column)
        constraints = [{"type": "primary_key", "columns": list(self.key)}]
        return {"name": self.name, "description": self.description, "constraints": constraints, "columns": columns}


def dictionary_tables(forms: Sequence[Form]) -> tuple[DictionaryTable, DictionaryTable]:
    """The fields and the rules of all forms, in the order of the specifications."""
    return _fields(forms), _rules(forms)


def _fields(forms: Sequence[Form]) -> DictionaryTable:
    return DictionaryTable(
        name="form_fields",
        description="报表字典：各报表的栏，一张报表的一栏一行",
        key=("form", "field"),
        columns={
            "form": ("varchar", True, "报表"),
            "form_title": ("varchar", True, "报表名称"),
            "position": ("integer", True, "第几栏，从 1 起"),
            "field": ("varchar", True, "字段名，与明细表的列名相同"),
            "label": ("varchar", True, "栏名，即工作簿中的列标题"),
            "aliases": ("varchar", False, "也认的其他列标题，顿号分隔"),
            "type": ("varchar", True, "类型：text 文本、code 代码、integer 整数、decimal 小数、date 日期"),
            "unit": ("varchar", False, "计量单位；不计量的为空"),
            "code_list": ("varchar", False, "取值的代码表；不是代码的为空"),
            "is_required": ("boolean", True, "是否必填"),
            "flow": ("varchar", False, "时间口径：month 当期、ytd 年初累计、stock 期末、ratio 比率、survey 抽样；空为不分"),
            "definition": ("varchar", True, "口径"),
        },
        rows=[
            (form.form, form.title, position, field.name, field.label, "、".join(field.aliases) or None, field.type, field.unit,
             field.codes, field.required, field.flow, field.definition)
            for form in forms
            for position, field in enumerate(form.fields, 1)
        ],
    )  # fmt: skip


def _rules(forms: Sequence[Form]) -> DictionaryTable:
    return DictionaryTable(
        name="form_rules",
        description="报表的核查规则，一张报表的一条规则一行",
        key=("form", "rule_id"),
        columns={
            "form": ("varchar", True, "报表"),
            "rule_id": ("varchar", True, "规则，与核查发现的规则相同"),
            "level": ("integer", True, "层级：1 文件内、2 与前期、3 与其他来源"),
            "severity": ("varchar", True, "程度：error 错误、warning 提醒、info 提示"),
            "title": ("varchar", True, "应当成立的是什么"),
            "advice": ("varchar", True, "不成立时怎么处理"),
        },
        rows=[
            (form.form, rule.id, rule.level, rule.severity, rule.title, rule.advice) for form in forms for rule in form.rules
        ],
    )  # fmt: skip


def _literal(cell: Cell) -> str:
    if cell is None:
        return "null"
    if isinstance(cell, str):
        return "'" + cell.replace("'", "''") + "'"
    return str(cell).lower()
