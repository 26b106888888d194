"""Putting the office's corrections to the accepted rows of a form and month, and what became of each.

Belongs here: finding the row, the guard, the corrected value, and that it still fits the form. Does not belong here: reading the
corrections (`corrections`), or saying which of them had no effect (`unapplied`).

A sender is judged by what was received, so validation comes before. What is landed is corrected: the figures, what next month's
workbooks are filled with, and the history that the rules of levels 2 and 3 compare with; what the office has ruled on is no
longer asked of the sender.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import polars as pl

from pipelines.collect.numerals import EXACT, Unconvertible
from pipelines.collect.problems import Problem
from pipelines.collect.quantities import convert
from pipelines.collect.terms import Terms
from pipelines.forms.model import Form, FormField
from pipelines.land.corrections import CHANGES_A_CELL, Correction, stored_text
from pipelines.validate.checks import Checks
from pipelines.validate.rules import Rules
from pipelines.validate.submissions import Submission, Verdict

CORRECTION_SCHEMA = {
    "correction_id": pl.String,
    "form": pl.String,
    "reporting_unit_id": pl.String,
    "month": pl.String,
    "row_key": pl.String,
    "submission_id": pl.String,
    "row_number": pl.Int32,
    "field": pl.String,
    "action": pl.String,
    "received_value": pl.String,
    "corrected_value": pl.String,
    "reason": pl.String,
    "corrected_by": pl.String,
    "corrected_on": pl.Date,
    "expires": pl.String,
    "state": pl.String,
    "remark": pl.String,
    "is_practice": pl.Boolean,
}
# `guard_failed`: another value came than was expected; `invalid`: the corrected value does not fit the form; `unmatched`: what it
# corrects is not among the accepted rows.
State = Literal["applied", "expired", "guard_failed", "invalid", "unmatched"]
Outcome = dict[str, object]  # a row of CORRECTION_SCHEMA


@dataclass(frozen=True)
class Corrected:
    """What corrections made of a form and month.

    Attributes:
        rows: what counts, with the landing's columns.
        outcomes: one for each correction whose row was received.
        doubts: what is to be asked of the sender of a submission.
    """

    rows: pl.DataFrame
    outcomes: list[Outcome]
    doubts: list[tuple[Submission, Problem]]


@dataclass
class _Place:
    """A correction at the row it is about."""

    correction: Correction
    submission: Submission
    row: Mapping[str, object]
    form: Form
    terms: Terms
    state: State = "applied"
    value: object = None  # that the cell is to have
    remark: str | None = None  # in Chinese, why it was not applied

    @property
    def changes(self) -> bool:
        return self.state == "applied" and self.correction.action != "flag"

    @property
    def received(self) -> object:
        return self.row[self.correction.field] if self.correction.field else None

    @property
    def cell(self) -> str:
        """On the sender's sheet: of the field, or of the first that names the row."""
        letters = self.submission.table.letters if self.submission.table else {}
        return f"{letters.get(self.correction.field or self.form.grain[0], '')}{self.row['row_number']}"

    def shown(self, value: object) -> str:
        return shown(value, self.form.by_name[str(self.correction.field)], self.terms)

    def refuse(self, state: State, why: str) -> None:
        """Let the received value count, and say why."""
        counts = f"按原报的 {self.shown(self.received)} 计" if self.correction.field else "原报的照计"
        self.state, self.remark = state, f"{named(self.correction, self.terms)}{why}，{counts}"

    def outcome(self) -> Outcome:
        changed = self.state == "applied" and self.correction.action in CHANGES_A_CELL
        return outcome_of(self.correction, self.terms, self.state, self.remark) | {
            "submission_id": self.submission.submission_id,
            "row_number": self.row["row_number"],
            "received_value": stored_text(self.received),
            "corrected_value": stored_text(self.value) if changed else None,
            "is_practice": self.row["is_practice"],
        }


def correct(form: Form, month: str, verdict: Verdict, corrections: Sequence[Correction], terms: Terms) -> Corrected:
    """The rows in force of a form and month as corrected.

    Args:
        corrections: of this form and month.
    """
    in_force = {each.submission_id: each for each in verdict.submissions if each.state == "accepted"}
    places = []
    for each in corrections:
        for row in _rows_of(verdict.rows, each):
            place = _Place(each, in_force[str(row["submission_id"])], row, form.at(month), terms)
            _decide(place)
            places.append(place)
    rows = _applied(verdict.rows, places)
    while objections := list(_objections(rows, month, places)):
        for place, problem in objections:
            if place.changes:
                place.refuse("invalid", f"没有采用：更正后{problem.message}")
        rows = _applied(verdict.rows, places)
    doubts = [
        (each.submission, _doubt(each)) for each in places if each.state == "applied" and each.correction.action == "flag"
    ]
    return Corrected(rows, [each.outcome() for each in places], doubts)


def outcome_of(correction: Correction, terms: Terms, state: State, remark: str | None) -> Outcome:
    """What became of a correction, as far as its own words say; what was received is to be added."""
    return {
        "correction_id": correction.correction_id,
        "form": correction.form,
        "reporting_unit_id": correction.reporting_unit_id,
        "month": correction.month,
        "row_key": _key_shown(correction, terms),
        "field": correction.field,
        "action": correction.action,
        "reason": correction.reason,
        "corrected_by": correction.by,
        "corrected_on": correction.on,
        "expires": correction.expires,
        "state": state,
        "remark": remark,
    }


def named(correction: Correction, terms: Terms) -> str:
    """Which correction of what, in words that begin a sentence."""
    form = terms.forms[correction.form]
    cell = f"的“{form.by_name[correction.field].label}”" if correction.field else ""
    unit = terms.units[correction.reporting_unit_id].reporting_unit_name
    who = f"{correction.by} {correction.on} 定"
    where = f"{unit} {correction.month} {form.title} {_key_shown(correction, terms)} {cell}".strip()
    return f"更正 {correction.correction_id}（{where}，{who}）"


def shown(value: object, field: FormField, terms: Terms) -> str:
    """A stored value as people write it: with its unit, a code as its label, nothing as 空."""
    if value is None:
        return "空"
    labels = {code: label for label, code in terms.code_lists.get(field.codes or "", {}).items()}
    return labels.get(str(value)) or f"{stored_text(value)}{field.unit or ''}"


def _key_shown(correction: Correction, terms: Terms) -> str:
    fields = terms.forms[correction.form].by_name
    return "；".join(f"{fields[name].label}={shown(value, fields[name], terms)}" for name, value in correction.key)


def _rows_of(rows: pl.DataFrame, correction: Correction) -> Iterator[dict[str, object]]:
    """The row that is meant: of accepted rows at most one has the key."""
    is_meant = pl.col("reporting_unit_id") == correction.reporting_unit_id
    for name, value in correction.key:
        is_meant &= pl.col(name) == pl.lit(value, dtype=rows.schema[name])
    yield from rows.filter(is_meant).iter_rows(named=True)


def _decide(place: _Place) -> None:
    """Whether the correction holds, and the value that it gives the cell."""
    correction, received = place.correction, place.received
    if correction.is_expired:
        place.refuse("expired", f"只用到 {correction.expires} 的发布，已经过期")
    elif correction.expect is not None and received != correction.expect.value:
        expected, revision = place.shown(correction.expect.value), place.submission.revision
        place.refuse("guard_failed", f"没有采用：更正时原报 {expected}，现在第 {revision} 次报送是 {place.shown(received)}")
    elif correction.action == "override":
        place.value = correction.value
    elif correction.action == "scale":
        product = EXACT.multiply(Decimal(str(received)), Decimal(str(correction.value)))
        try:
            place.value = convert(f"{product:f}", place.form.by_name[str(correction.field)], {}).value
        except Unconvertible as error:
            place.refuse("invalid", f"没有采用：相乘得 {product.normalize():f}，应为{error.expected}")


def _applied(rows: pl.DataFrame, places: Iterable[_Place]) -> pl.DataFrame:
    for place in places:
        if not place.changes:
            continue
        is_row = (pl.col("submission_id") == place.submission.submission_id) & (pl.col("row_number") == place.row["row_number"])
        name = place.correction.field
        if place.correction.action == "drop":
            rows = rows.filter(~is_row)
        else:
            corrected = pl.lit(place.value, dtype=rows.schema[name])
            rows = rows.with_columns(pl.when(is_row).then(corrected).otherwise(pl.col(name)).alias(name))
    return rows


def _objections(rows: pl.DataFrame, month: str, places: Iterable[_Place]) -> Iterator[tuple[_Place, Problem]]:
    """What would have returned a submission that came as corrected, with the corrections to blame for it.

    As received it was faultless; so where an error is at no corrected cell, all that was changed in the submission is to blame.
    """
    changed: dict[str, list[_Place]] = {}
    for place in places:
        if place.changes:
            changed.setdefault(place.submission.submission_id, []).append(place)
    rows = rows.filter(pl.col("submission_id").is_in(list(changed)))
    if rows.is_empty():
        return
    form, terms = next(iter(changed.values()))[0].form, next(iter(changed.values()))[0].terms
    submissions = {submission_id: of_one[0].submission for submission_id, of_one in changed.items()}
    tables = {submission_id: each.table for submission_id, each in submissions.items() if each.table is not None}
    letters = {submission_id: table.letters for submission_id, table in tables.items()}
    received_on = {submission_id: each.received.received_on for submission_id, each in submissions.items()}
    checks = Checks(form, month, rows, tables, terms)
    structure, values = checks.structure(), checks.values()
    rules = Rules(form, rows, terms.units, terms.code_lists, letters, received_on).judge((1,))
    for submission_id, of_one in changed.items():
        problems = [(each, {each.cell}) for each in (*structure.get(submission_id, ()), *values.get(submission_id, ()))]
        problems += [(each.problem, set(each.cells)) for each in rules.broken.get(submission_id, ())]
        for problem, cells in problems:
            if problem.severity == "error":
                at_fault = [place for place in of_one if place.changes and place.cell in cells]
                yield from ((place, problem) for place in at_fault or of_one)


def _doubt(place: _Place) -> Problem:
    correction = place.correction
    label = f"“{place.form.by_name[correction.field].label}”（{place.shown(place.received)}）" if correction.field else "这一行"
    fields = place.form.by_name
    return Problem(
        "value.doubted",
        f"{place.cell} 的{label}，{correction.by} 于 {correction.on} 标为存疑：{correction.reason}",
        "请核实：有误的改正后重新报送，无误的在“说明”栏写明依据",
        severity="warning",
        cell=place.cell,
        field=correction.field or place.form.grain[0],
        value=stored_text(place.received),
        subject="、".join(shown(value, fields[name], place.terms) for name, value in correction.key),
        must_explain=True,
    )
