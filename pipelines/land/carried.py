"""What a unit's next workbook holds already: the rows of its last accepted month that the form's `prefill` asks for.

Belongs here: looking them up in the landing. Does not belong here: what a workbook looks like (forms.template), or which
workbooks to write (templates).
"""

from __future__ import annotations

from decimal import Decimal

import duckdb
import polars as pl

from pipelines.forms.columns import ArrowStream, landing_schema
from pipelines.forms.model import Form
from pipelines.forms.template import Carried
from pipelines.settings import Settings

Rows = list[dict[str, object]]


def carried_rows(
    settings: Settings, form: Form, unit_id: str, month: str, submissions: pl.DataFrame
) -> tuple[Rows, Carried | None]:
    """The rows to carry over into the workbook of `month` (YYYY-MM), and where they come from.

    What is measured anew each month (a field with a `flow`) is left blank; the last year-to-date value stands beside it.

    Args:
        submissions: the landed submissions to look among: those of practice or those of real data.
    """
    if form.prefill is None:
        return [], None
    last = last_accepted_month(submissions, form.form, unit_id, month)
    if last is None:
        return [], None
    landed = pl.read_parquet(settings.landing / form.form / f"{last}.parquet")
    known = pl.concat([pl.DataFrame(schema=landing_schema(form)), landed], how="diagonal")  # landed before a field was added
    kept = rows_where(known.filter(pl.col("reporting_unit_id") == unit_id), form.prefill, month)
    fields = form.at(month).fields
    same_year = last[:4] == month[:4]
    notes = [
        {
            field.name: f"{last} 年初累计：{_shown(row[field.name])}{field.unit or ''}"
            for field in fields
            if same_year and field.flow == "ytd" and row[field.name] is not None
        }
        for row in kept
    ]
    return [{field.name: row[field.name] for field in fields if field.flow is None} for row in kept], Carried(last, notes)


def last_accepted_month(submissions: pl.DataFrame, form: str, unit_id: str, month: str) -> str | None:
    """The last month before `month` for which a submission of the unit is in force."""
    of_unit = submissions.filter(
        pl.col("form") == form,
        pl.col("reporting_unit_id") == unit_id,
        pl.col("state") == "accepted",
        pl.col("month") < month,
    )
    return max(of_unit["month"].to_list(), default=None)


def rows_where(landed: pl.DataFrame, condition: str, month: str) -> Rows:
    """The landed rows for which a form's `prefill` holds in `month`; where it cannot be told, they are left out.

    Raises:
        duckdb.Error: the condition is no SQL over the form's columns.
    """
    with duckdb.connect(config={"enable_external_access": False, "python_enable_replacements": False}) as connection:
        connection.register("landed", ArrowStream(landed))
        connection.execute("set lock_configuration = true")
        cursor = connection.execute(
            "with dated as (select landed.*, ? :: date as month_start, last_day(? :: date) as month_end from landed)"
            f" select * exclude (month_start, month_end) from dated where ({condition}) order by row_number",
            [f"{month}-01", f"{month}-01"],
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _shown(value: object) -> str:
    return f"{value.normalize():f} " if isinstance(value, Decimal) else f"{value} "
