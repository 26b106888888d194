"""The findings on accepted submissions that other months and other units give rise to.

Belongs here: running the rules of levels 2 and 3 over everything accepted of a form. Does not belong here: the rules
(`forms/specs`), or checks within one file (`checks`, `rules` of level 1).

All months are asked at once and anew whenever any of them has changed: a revision of January can put February in another
light. Such rules only warn, so no submission is returned for what another one says.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pipelines.collect.problems import Problem, Problems
from pipelines.findings import Finding
from pipelines.forms.model import Form, ReportingUnit
from pipelines.validate.rules import CodeLists, Rules, unverified_finding


def judge_history(
    form: Form,
    rows: pl.DataFrame,
    submissions: pl.DataFrame,
    passports: pl.DataFrame,
    units: Mapping[str, ReportingUnit],
    codes: CodeLists,
    answers: Mapping[str, str],
) -> list[Finding]:
    """Findings of levels 2 and 3 on the accepted submissions of a form.

    Args:
        rows: all accepted rows of the form, with the landing's columns.
        submissions, passports: the landing's tables of these names.
        answers: what senders said, by `Finding.answer_key`.
    """
    accepted = {row["submission_id"]: row for row in submissions.filter(pl.col("state") == "accepted").iter_rows(named=True)}
    letters: dict[str, dict[str, str]] = {submission_id: {} for submission_id in accepted}
    for submission_id, field, letter in passports.select("submission_id", "field", "column_letters").iter_rows():
        if submission_id in letters:
            letters[submission_id][field] = letter
    sheets = dict(rows.select("submission_id", "sheet").unique().iter_rows())
    received_on = {submission_id: row["received_on"] for submission_id, row in accepted.items()}
    verdicts = Rules(form, rows, units, codes, letters, received_on).judge((2, 3))
    findings = [unverified_finding(form, each) for each in verdicts.unverified]
    for submission_id, broken in sorted(verdicts.broken.items()):
        problems = Problems()
        for each in broken:
            problems.add(each.problem)
        place = accepted[submission_id] | {"sheet": sheets.get(submission_id)}
        findings += [_finding(form, problem, place, answers) for problem in problems.all()]
    return findings


def _finding(form: Form, problem: Problem, place: Mapping[str, object], answers: Mapping[str, str]) -> Finding:
    return Finding(
        rule_id=problem.rule_id,
        level=problem.level,
        severity=problem.severity,
        message=problem.message,
        advice=problem.advice,
        submission_id=place["submission_id"],
        form=form.form,
        reporting_unit_id=place["reporting_unit_id"],
        month=place["month"],
        revision=place["revision"],
        file_name=place["file_name"],
        sheet=place["sheet"],
        cell=problem.cell,
        field=problem.field,
        value=problem.value,
        expected=problem.expected,
        subject=problem.subject,
        influence=problem.influence,
        must_explain=problem.must_explain,
        is_unverified=problem.is_unverified,
        is_practice=place["is_practice"],
    ).answered(answers)
