"""What a form is: the model that every YAML file in `specs/` is checked against, and how they are loaded.

Belongs here: forms, fields, versions, rules, measures. Does not belong here: what derives from a form (`schema`, `template`,
`dbt_models`), who fills it in (`reporting_units`), code lists (`seeds`), or the reading of what was submitted.
"""

from __future__ import annotations

import re
from functools import cache, cached_property
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MONTH = r"\d{4}-(0[1-9]|1[0-2])"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FormField(Strict):
    """One column of a form.

    Attributes:
        label: the column title in the workbook; `aliases` are other titles that mean the same.
        unit: unit in which the column is asked for and stored (money: 万元).
        codes: name of the code list (`code_lists.csv`) that a `code` field takes its values from.
        is_division: whether it holds administrative division codes, which are in force for some years and not for others.
        flow: what the number measures in time; `adds_over` says along which dimensions it may be summed.
        blank: what a blank cell below a filled one means: nothing was filled in, or the same as above.
        since, until: first and last month in which the form asks for it; None without bound.
        definition: 口径, one sentence in Chinese.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    aliases: tuple[str, ...] = ()
    type: Literal["text", "code", "integer", "decimal", "date"]
    unit: str | None = None
    codes: str | None = None
    required: bool = False
    pattern: str | None = None
    min: float | None = None
    max: float | None = None
    max_length: int | None = None
    is_division: bool = False
    flow: Literal["month", "ytd", "stock", "ratio", "survey"] | None = None
    adds_over: tuple[Literal["area", "month"], ...] = ()
    blank: Literal["missing", "same_as_above"] = "missing"
    since: str | None = Field(default=None, pattern=f"^{MONTH}$")
    until: str | None = Field(default=None, pattern=f"^{MONTH}$")
    definition: str

    @property
    def is_number(self) -> bool:
        return self.type in ("integer", "decimal")

    @model_validator(mode="after")
    def _consistent(self) -> FormField:
        if (self.type == "code") != (self.codes is not None):
            raise ValueError(f"{self.name}: a code field names its code list, and no other field does")
        if self.blank == "same_as_above" and self.is_number:
            raise ValueError(f"{self.name}: a blank number is never the number above")
        if self.pattern is not None:
            re.compile(self.pattern)
        return self


class FormVersion(Strict):
    """The lay-out of a form from a month on."""

    id: str
    from_month: str = Field(alias="from", pattern=f"^{MONTH}$")
    sheet: str


class Rule(Strict):
    """A check of a form's rows, by arithmetic that a field alone does not show.

    Attributes:
        level: 1 within the file, 2 against what the unit reported earlier, 3 against what other units report.
        severity: only a rule within the file can be an `error`: where two files differ, nobody knows which is wrong.
        title: in Chinese, what should hold.
        each: what the rule is asked of: every row, the submission as a whole, or every row of the unit's submission before it.
        holds: a SQL condition (DuckDB) over the form's columns and what `pipelines.validate.rules` adds to them. For a
            submission as a whole: over `value`, what `measure` makes of its rows, and `history`, the same of earlier months.
        measure: an aggregate over the rows of a submission.
        at: the fields whose cells are marked, the one to look at first in front.
        message: in Chinese, with {field} for what a row holds, `show` for what else it speaks of.
        show: name in the message -> SQL.
        missing: what it means when SQL answers NULL, as it does where a value is missing.
        explain: whether a warning must be explained or mended.
        since, until: first and last month of validity.
    """

    id: str = Field(pattern=r"^[A-Z]{2}\d{2}$")
    level: Literal[1, 2, 3]
    severity: Literal["error", "warning", "info"]
    title: str
    each: Literal["row", "submission", "previous_row"] = "row"
    holds: str
    measure: str | None = None
    at: tuple[str, ...] = ()
    message: str
    advice: str
    show: dict[str, str] = {}
    missing: Literal["passes", "fails", "unverified"] = "passes"
    explain: bool = False
    since: str | None = Field(default=None, pattern=f"^{MONTH}$")
    until: str | None = Field(default=None, pattern=f"^{MONTH}$")

    def is_in_force(self, month: str) -> bool:
        return (self.since or month) <= month <= (self.until or month)

    @model_validator(mode="after")
    def _consistent(self) -> Rule:
        if self.level > 1 and self.severity == "error":
            raise ValueError(f"{self.id}: against other files a rule can only warn")
        if self.explain and self.severity != "warning":
            raise ValueError(f"{self.id}: only a warning is explained")
        if (self.measure is not None) != (self.each == "submission"):
            raise ValueError(f"{self.id}: a submission as a whole is measured, and nothing else is")
        if self.each == "previous_row" and self.level == 1:
            raise ValueError(f"{self.id}: the month before is another file")
        if self.each == "row" and not self.at:
            raise ValueError(f"{self.id}: names no field to mark")
        return self


class Measure(Strict):
    """What the rows of a form add to an indicator; the warehouse's SQL is generated from it.

    Attributes:
        indicator: the indicator it adds to; `indicator_from` names instead the field that holds the indicator's id.
        field: the column whose cell is pointed at when somebody asks where the figure comes from.
        value: SQL over the form's columns, in the indicator's unit; each row counts 1 unless it is given.
        when: `reported`, in the period its submission is about, as that submission says; `in_force`, at the end of every month in
            which the thing is in force (rosters only); or the name of a date field, in the month of that date.
        where: SQL condition (dbt's macros included) over the form's columns, and `last_on` of the month where it is in force.
        once: a column: of several rows with the same in one month, only the one that began last counts.
        counts_if: the same kind of condition, on the row that `once` has left.
        by: code and division fields by which the indicator is also published.
        year_to_date: SQL of the twin that holds the year's total so far, in the indicator's unit; one is derived from the other.
    """

    indicator: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    indicator_from: str | None = None
    field: str
    value: str = "1"
    when: str = "reported"
    where: str | None = None
    once: str | None = None
    counts_if: str | None = None
    by: tuple[str, ...] = ()
    year_to_date: str | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Measure:
        if (self.indicator is None) == (self.indicator_from is None):
            raise ValueError("a measure has an indicator, or a field that holds it")
        return self


class Form(Strict):
    """A form (报表): what one kind of workbook asks for, of whom and how often.

    A monthly form is about its month, a quarterly one about the quarter its month ends, an annual one about the year before.

    Attributes:
        rows: what a month's rows are: `entries`, what is new in it; `roster`, everything that is in force; `counts`, numbers.
        key: the columns that name the same thing whoever reports it and whenever (not of counts); the grain unless given.
        begins, expires, ends: of a roster, SQL dates: from which day the thing is in force, the last day it is, and the day it
            was withdrawn.
        prefill: which rows of a unit's last accepted month stand in its next workbook already, as a SQL condition (DuckDB) over
            the form's columns, `month_start` and `month_end`; None where each month begins empty.
    """

    form: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    owner: str
    submitters: tuple[Literal["county", "zone", "department", "city"], ...]
    frequency: Literal["monthly", "quarterly", "annual"]
    due_day: int = Field(ge=1, le=28, description="day of the following month")
    grain: tuple[str, ...]
    rows: Literal["entries", "roster", "counts"]
    key: tuple[str, ...] = ()
    begins: str | None = None
    expires: str | None = None
    ends: str | None = None
    prefill: str | None = None
    versions: tuple[FormVersion, ...]
    fields: tuple[FormField, ...]
    measures: tuple[Measure, ...] = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Form:
        names = [field.name for field in self.fields]
        titles = [title for field in self.fields for title in (field.label, *field.aliases)]
        for what, values in (("field name", names), ("label or alias", titles)):
            if twice := {value for value in values if values.count(value) > 1}:
                raise ValueError(f"{self.form}: {what} used twice: {sorted(twice)}")
        if unknown := set(self.grain) - set(names):
            raise ValueError(f"{self.form}: grain names no field: {sorted(unknown)}")
        ids = [rule.id for rule in self.rules]
        if twice := {each for each in ids if ids.count(each) > 1}:
            raise ValueError(f"{self.form}: rule used twice: {sorted(twice)}")
        for rule in self.rules:
            if unknown := set(rule.at) - set(names):
                raise ValueError(f"{self.form}: rule {rule.id} marks no field: {sorted(unknown)}")
        if (self.rows == "roster") != (self.begins is not None) or (self.rows != "roster" and (self.expires or self.ends)):
            raise ValueError(f"{self.form}: a roster, and nothing else, says when what it lists begins, expires and ends")
        if self.rows == "counts" and self.key:
            raise ValueError(f"{self.form}: counts have no key; they add up over units and months")
        for measure in self.measures:
            self._check_measure(measure)
        return self

    def _check_measure(self, measure: Measure) -> None:
        what = f"{self.form}: measure of {measure.indicator or measure.indicator_from}"
        types = {field.name: field for field in self.fields}
        if measure.field not in types or measure.indicator_from not in (None, *types):
            raise ValueError(f"{what} names no field")
        if unknown := [each for each in measure.by if each not in types or not (types[each].codes or types[each].is_division)]:
            raise ValueError(f"{what} is published by something that is no code: {unknown}")
        if self.rows == "roster" and measure.when == "reported" and measure.by:
            raise ValueError(f"{what} is taken of each month's roster and not of the register, which alone knows categories")
        dates = [name for name, field in types.items() if field.type == "date"]
        if measure.when not in ("reported", *(["in_force"] if self.rows == "roster" else []), *dates):
            raise ValueError(f"{what} counts when? `{measure.when}` is no date field")

    def at(self, month: str) -> Form:
        """The form as it asks in `month` (YYYY-MM): with the fields in force then."""
        if month not in self._at:
            asked = tuple(each for each in self.fields if (each.since or month) <= month <= (each.until or month))
            self._at[month] = self if asked == self.fields else self.with_fields(asked)
        return self._at[month]

    def with_fields(self, fields: tuple[FormField, ...]) -> Form:
        """The same form, made anew (nothing cached goes along), with other fields and without what speaks of one that is gone."""
        names = {field.name for field in fields}
        kept = {
            "fields": fields,
            "rules": tuple(rule for rule in self.rules if names.issuperset(rule.at)),
            "measures": tuple(each for each in self.measures if names.issuperset((each.field, *each.by))),
        }
        return Form(**{name: getattr(self, name) for name in Form.model_fields} | kept)

    @property
    def period_months(self) -> int:
        """How many months lie between two of its reports."""
        return {"monthly": 1, "quarterly": 3, "annual": 12}[self.frequency]

    @property
    def register_key(self) -> tuple[str, ...]:
        """The columns that name the same thing whoever reports it; none where rows are counts."""
        return () if self.rows == "counts" else self.key or self.grain

    @cached_property
    def _at(self) -> dict[str, Form]:
        return {}

    @cached_property
    def by_name(self) -> dict[str, FormField]:
        return {field.name: field for field in self.fields}

    def version_for(self, month: str) -> FormVersion | None:
        """The version in force in `month` (YYYY-MM), or None before the first."""
        in_force = [version for version in self.versions if version.from_month <= month]
        return max(in_force, key=lambda version: version.from_month, default=None)


@cache
def load_forms() -> dict[str, Form]:
    """All forms by id, in the order of their file names.

    Raises:
        ValueError: a specification does not fit the model; names the file.
    """
    import yaml  # a child process is handed forms that are loaded already

    forms = {}
    for file in sorted(resources.files("pipelines.forms.specs").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yml"):
            try:
                form = Form.model_validate(yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))
            except ValueError as error:
                raise ValueError(f"{file.name}: {error}") from error
            if file.name != f"{form.form}.yml":
                raise ValueError(f"{file.name}: holds the form {form.form}; file and form share one name")
            forms[form.form] = form
    return forms
