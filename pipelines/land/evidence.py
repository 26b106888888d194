"""What is known of every stored value beside the value: where it stands, what reading changed in it, what totals say of it.

Belongs here: the three tables of it, their columns and rows: passports (one a column of a submission), conversions (one a cell
that was changed on reading), totals (one a cell of a total row). Does not belong here: writing them (`landing`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.collect.totals import TotalRow
from pipelines.collect.values import Passport
from pipelines.forms.model import Form
from pipelines.units import conversion_factor
from pipelines.validate.submissions import Submission

PASSPORT_SCHEMA = {
    "submission_id": pl.String,
    "field": pl.String,
    "column_letters": pl.String,
    "header_path": pl.String,
    "unit": pl.String,
    "unit_from": pl.String,
    "factor": pl.String,
}
CONVERSION_SCHEMA = {
    "submission_id": pl.String,
    "field": pl.String,
    "row_number": pl.Int32,
    "written": pl.String,
    "conversion": pl.String,
}
TOTAL_SCHEMA = {
    "submission_id": pl.String,
    "row_number": pl.Int32,
    "label": pl.String,
    "total_kind": pl.String,
    "field": pl.String,
    "cell": pl.String,
    "written": pl.String,
    "stated": pl.String,
    "added": pl.String,
    "allowance": pl.String,
    "holds": pl.Boolean,
}
EVIDENCE = {"passports": PASSPORT_SCHEMA, "conversions": CONVERSION_SCHEMA, "totals": TOTAL_SCHEMA}


def evidence_rows(submissions: Iterable[Submission]) -> dict[str, list[dict[str, object]]]:
    """The rows of the tables `EVIDENCE` of these submissions, by table."""
    rows: dict[str, list[dict[str, object]]] = {table: [] for table in EVIDENCE}
    for each in submissions:
        if each.table is None:
            continue
        own = {"submission_id": each.submission_id}
        for passport in each.table.passports.values():
            rows["passports"].append(own | _passport_row(passport, each.table.form))
        for field, changes in each.table.changes.items():
            rows["conversions"] += [
                own | {"field": field, "row_number": row_number, "written": written, "conversion": conversion}
                for row_number, (written, conversion) in changes.items()
            ]
        rows["totals"] += [own | row for total in each.table.totals for row in _total_rows(total)]
    return rows


def _passport_row(passport: Passport, form: Form) -> dict[str, object]:
    unit = form.by_name[passport.field].unit
    factor = str(conversion_factor(passport.unit, unit)) if passport.unit and unit else None
    return {
        "field": passport.field,
        "column_letters": passport.letters,
        "header_path": passport.header_path,
        "unit": passport.unit,
        "unit_from": passport.unit_from,
        "factor": factor,
    }


def _total_rows(total: TotalRow) -> list[dict[str, object]]:
    return [
        {
            "row_number": total.row_number,
            "label": total.label,
            "total_kind": total.kind,
            "field": one.field,
            "cell": one.cell,
            "written": one.written,
            "stated": str(one.stated),
            "added": None if one.added is None else str(one.added),
            "allowance": str(one.allowance),
            "holds": one.holds,
        }
        for one in total.stated
    ]
