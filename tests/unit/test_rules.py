"""The rules of the forms: each is SQL over its form, and is broken by what it is for and by nothing else."""

from datetime import date

import polars as pl
import pytest

from pipelines.forms.columns import landing_schema
from pipelines.forms.model import Form, load_code_lists, load_forms, load_reporting_units
from pipelines.settings import Settings
from pipelines.validate.rules import Rules

FORMS = load_forms()
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)
RULES = [(form, rule) for form in FORMS.values() for rule in form.rules]


def rows_of(form: Form, *rows: dict, unit="411302", month="2022-10") -> pl.DataFrame:
    own = {"revision": 1, "file_sha256": "0" * 64, "sheet": "表", "is_practice": True}
    full = []
    for number, row in enumerate(rows, start=4):
        place = {"reporting_unit_id": unit, "month": month, "row_number": number} | own | row
        full.append({"submission_id": f"{form.form}/{place['reporting_unit_id']}/{place['month']}/r1"} | place)
    return pl.DataFrame(full, schema=landing_schema(form))


def rules_over(form: Form, frame: pl.DataFrame) -> Rules:
    places = {field.name: chr(65 + place) for place, field in enumerate(form.fields)}
    received = dict.fromkeys(frame["submission_id"], date(2022, 11, 8))
    return Rules(form, frame, UNITS, CODES, dict.fromkeys(frame["submission_id"], places), received)


@pytest.mark.parametrize(("form", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_every_rule_is_sql_over_its_form(form, rule):
    rules_over(form, rows_of(form)).compile(rule)


def test_rule_ids_are_unique_over_all_forms():
    ids = [rule.id for _, rule in RULES]
    assert len(ids) == len(set(ids))
