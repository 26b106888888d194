"""The pandera schemas of a form, derived from its specification: of its structure, and of its values.

Belongs here: types, required values, patterns, code lists, ranges. Does not belong here: reading cells, or arithmetic
between columns and months (rules).

They are two, since pandera leaves out checks of a column in which an earlier one has failed.

Pandera checks the typed frame of many submissions at once (`coerce=False`; the reader has typed the cells and reported
the ones it could not). Each built-in check carries the rule id in `error`, so a failure names its rule.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from pipelines.forms.columns import FIELD_TYPES
from pipelines.forms.model import Form, FormField

if TYPE_CHECKING:
    import pandera.polars as pa

CodeLists = Mapping[str, Mapping[str, str]]
PATTERN, CODE, RANGE, LENGTH = "value.pattern", "value.code", "value.range", "value.length"
# What pandera itself calls the two checks that are not given an `error`.
RULE_OF_PANDERA = {"not_nullable": "value.required", "multiple_fields_uniqueness": "rows.duplicate"}


@cache
def load_pandera() -> ModuleType:
    """`pandera.polars`, a second of import, so only where a frame is validated.

    Pandera loads hypothesis too where that is installed, for making up data in tests: a fifth of a second that no check needs.
    """
    import pandera.polars

    if "hypothesis" not in sys.modules:
        sys.modules["hypothesis"] = None  # what Python takes for "not installed"
        try:
            import pandera.strategies.base_strategies
        finally:
            del sys.modules["hypothesis"]
    return pandera.polars


def structure_schema(form: Form) -> pa.DataFrameSchema:
    """What a typed frame of one or more submissions must be before its values are looked at: `submission_id` and the form's
    columns with their types, required values, one row a key; other columns pass.
    """
    pa = load_pandera()
    return pa.DataFrameSchema(
        {each.name: pa.Column(FIELD_TYPES[each.type][0], nullable=not each.required, coerce=False) for each in form.fields},
        unique=["submission_id", *form.grain],
        strict=False,
    )


def value_schema(form: Form, code_lists: CodeLists) -> pa.DataFrameSchema:
    """What the values of each column must be, whatever else is wrong: patterns, codes, ranges, lengths."""
    pa = load_pandera()
    return pa.DataFrameSchema(
        {each.name: pa.Column(None, checks, nullable=True) for each in form.fields if (checks := _checks(each, code_lists))},
        strict=False,
    )


def expected_text(field: FormField, rule_id: str, code_lists: CodeLists) -> str:
    """What a cell of the field should hold, in words for the sender, for the given rule."""
    match rule_id:
        case "value.required":
            return f"必须填写{field.label}"
        case "value.code":
            return "、".join(code_lists[field.codes or ""])
        case "value.range" if field.max is None:
            return f"不小于 {field.min:g}"
        case "value.range" if field.min is None:
            return f"不大于 {field.max:g}"
        case "value.range":
            return f"{field.min:g} 至 {field.max:g}"
        case "value.length":
            return f"不超过 {field.max_length} 个字"
        case _:
            return field.definition


def _checks(field: FormField, code_lists: CodeLists) -> list[pa.Check]:
    pa = load_pandera()
    checks = []
    if field.pattern is not None:
        checks.append(pa.Check.str_matches(f"^(?:{field.pattern})$", error=PATTERN))
    if field.codes is not None:
        checks.append(pa.Check.isin(sorted(code_lists[field.codes].values()), error=CODE))
    if field.min is not None:
        checks.append(pa.Check.ge(field.min, error=RANGE))
    if field.max is not None:
        checks.append(pa.Check.le(field.max, error=RANGE))
    if field.max_length is not None:
        checks.append(pa.Check.str_length(max_value=field.max_length, error=LENGTH))
    return checks
