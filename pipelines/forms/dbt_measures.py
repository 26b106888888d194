"""The SQL of what the rows of each form add to its indicators, written from the `measures` of the specifications.

Belongs here: the models `core_contributions` (row by row) and `core_category_contributions` (added up by category). Does not
belong here: registers and facts (`dbt_models`), or totals (models/core).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.forms.model import Form, Measure

ELSEWHERE = "elsewhere"  # the member of a category of places that lie in no part of the city

CONTRIBUTIONS = """{{ config(materialized='view') }}
-- The rows that make up each indicator, one for each row, indicator and month it counts in: which submission, file, sheet and row
-- it stands in, which field of it counts, and with how much. All values are sums of these, so what `wanstat trace` lists is what
-- was added up. A value that was left blank is null: its unit's total is not known.
"""
CATEGORIES = """{{{{ config(materialized='view') }}}}
-- The same contributions added up by category, for the indicators that are published by one.
with members as (
    {members}
),

categories as (
    {categories}
)

select
    contributions.indicator_id,
    members.category,
    members.code_list,
    members.member,
    contributions.reporting_unit_id,
    contributions.month,
    sum(contributions.value) as value
from {{{{ ref('core_contributions') }}}} as contributions
inner join categories on categories.indicator_id = contributions.indicator_id
inner join members
    on members.submission_id = contributions.submission_id
    and members.row_number = contributions.row_number
    and members.category = categories.category
group by
    contributions.indicator_id, members.category, members.code_list, members.member, contributions.reporting_unit_id,
    contributions.month
"""


def contributions_model(forms: Mapping[str, Form]) -> str:
    """The SQL of `core_contributions`."""
    selects = [_contribution(form, measure) for form in forms.values() for measure in form.measures]
    return CONTRIBUTIONS + "\nunion all\n".join(selects) + "\n"


def measures_model(forms: Mapping[str, Form], indicators: Sequence[Mapping[str, str]]) -> str:
    """The SQL of `core_measures`: which form feeds which indicator, when its rows count, and whether months may be added up."""
    selects = []
    for form in forms.values():
        for measure in form.measures:
            fed = [row["indicator_id"] for row in indicators if row["source_form"] == form.form and not row["numerator_id"]]
            adds = str(adds_over_months(form, measure)).lower()
            selects += [
                f"select '{form.form}' as form, '{indicator}' as indicator_id, '{measure.when}' as counts_when,\n"
                f"    {adds} as adds_over_months"
                for indicator in ([measure.indicator] if measure.indicator else fed)
            ]
    return "\nunion all\n".join(selects) + "\n"


def category_contributions_model(forms: Mapping[str, Form]) -> str:
    """The SQL of `core_category_contributions`."""
    members, categories = [], []
    for form in forms.values():
        for category in dict.fromkeys(name for measure in form.measures for name in measure.by):
            members.append(_members(form, category))
        categories += [
            f"select '{measure.indicator}' as indicator_id, '{category}' as category"
            for measure in form.measures
            for category in measure.by
        ]
    union = "\n    union all\n    "
    return CATEGORIES.format(members=union.join(members), categories=union.join(categories))


def adds_over_months(form: Form, measure: Measure) -> bool:
    """Whether the year so far is the sum of its periods: of things counted it is, of a number the field says so."""
    field = form.by_name[measure.field]
    return measure.value == "1" or "month" in field.adds_over


def _contribution(form: Form, measure: Measure) -> str:
    indicator = f"'{measure.indicator}'" if measure.indicator else measure.indicator_from
    twin = measure.year_to_date or "null"
    conditions = ["place = 1", *([f"({measure.where})"] if measure.where else [])]
    if measure.when == "in_force":
        months = f"\n    inner join {{{{ ref('int_months') }}}} as months\n        on {' and '.join(_in_force(form))}"
        month = "months.month as counted_month, months.last_on"
    else:
        months, month = "", f"{_month(form, measure)} as counted_month"
        conditions += [f"{measure.when} is not null"] if measure.when != "reported" else []
    counted = f"    select register.*, {month}\n    from {_rows(form, measure)} as register{months}\n"
    counted += f"    where {' and '.join(conditions)}\n"
    if measure.once:
        latest = ", ".join(f"{column} desc" for column in (form.begins or "month", *(form.register_key or form.grain)))
        month = "months.month" if measure.when == "in_force" else _month(form, measure)
        counted += f"    qualify row_number() over (partition by {measure.once}, {month} order by {latest}) = 1\n"
    return (
        f"select {indicator} as indicator_id, reporting_unit_id, zone_area_id, counted_month as month,\n"
        f"    submission_id, file_sha256, sheet, row_number, '{measure.field}' as field,\n"
        f"    cast({measure.value} as decimal(28,10)) as value, cast({twin} as decimal(28,10)) as year_to_date\n"
        f"from (\n{counted}) as counted"
        + (f"\nwhere {measure.counts_if}" if measure.counts_if else "")
    )


def _rows(form: Form, measure: Measure) -> str:
    """What a measure is taken of: the register, or what each month's roster said by itself."""
    if form.rows == "roster" and measure.when == "reported":
        return f"({{{{ rows_of_each_month('{form.form}', {list(form.register_key)}) }}}})"
    return f"{{{{ ref('core_{form.form}') }}}}"


def _month(form: Form, measure: Measure) -> str:
    """SQL of the month in which a row counts that counts in one only."""
    if measure.when == "reported":
        # An annual form is about the year before.
        return "{{ year_before('month') }}" if form.frequency == "annual" else "month"
    month_of = "quarter_of" if form.frequency == "quarterly" else "month_of"
    return f"{{{{ {month_of}('{measure.when}') }}}}"


def _in_force(form: Form) -> list[str]:
    """SQL conditions of a roster's row that count it at the end of a month."""
    conditions = ["months.is_shown", f"{form.begins} <= months.last_on"]
    if form.expires:
        conditions.append(f"{form.expires} >= months.last_on")
    if form.ends:
        conditions.append(f"({form.ends} is null or {form.ends} > months.last_on)")
    if form.frequency == "quarterly":
        conditions.append("months.month_of_year in (3, 6, 9, 12)")
    return [*conditions, "(left_register_month is null or left_register_month > months.month)"]


def _members(form: Form, category: str) -> str:
    """SQL of the category's member in each row of the form."""
    code_list = f"'{form.by_name[category].codes}'" if form.by_name[category].codes else "null"
    member = category
    if form.by_name[category].is_division:
        member = f"case when {{{{ in_city('{category}') }}}} then {category} else '{ELSEWHERE}' end"
    return (
        f"select submission_id, row_number, '{category}' as category, {code_list} as code_list, {member} as member\n"
        f"    from {{{{ ref('core_{form.form}') }}}}\n    where place = 1"
    )
