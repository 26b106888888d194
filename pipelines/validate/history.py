"""The findings on accepted submissions that other months and other units give rise to.

Belongs here: running the rules of levels 2 and 3 over everything accepted of a form. Does not belong here: the rules
(`forms/specs`), or checks within one file (`checks`, `rules` of level 1).

All months are asked at once and anew whenever any of them has changed: a revision of January can put February in another
light. Such rules only warn, so no submission is returned for what another one says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.collect.problems import Problem, Problems
from pipelines.findings import Finding
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import ReportingUnit
from pipelines.validate.rules import CodeLists, Rules, unverified_finding


@dataclass(frozen=True)
class Accepted:
    """An accepted submission, as far as findings name it.

    Attributes:
        letters: field name -> column letters on its sheet.
    """

    submission_id: str
    reporting_unit_id: str
    month: str
    revision: int
    file_name: str
    sheet: str | None
    received_on: date | None
    is_practice: bool
    letters: Mapping[str, str]


def judge_history(
    form: Form,
    rows: pl.DataFrame,
    accepted: Iterable[Accepted],
    units: Mapping[str, ReportingUnit],
    codes: CodeLists,
    answers: Mapping[str, str],
) -> list[Finding]:
    """Findings of levels 2 and 3 on these submissions.

    Args:
        rows: all accepted rows of the form, with the landing's columns; of these submissions and of any others.
        answers: what senders said, by `Finding.answer_key`.
    """
    by_id = {each.submission_id: each for each in accepted}
    letters = {submission_id: each.letters for submission_id, each in by_id.items()}
    received_on = {submission_id: each.received_on for submission_id, each in by_id.items()}
    verdicts = Rules(form, rows, units, codes, letters, received_on).judge((2, 3))
    findings = [unverified_finding(form, each) for each in verdicts.unverified]
    for submission_id, broken in sorted(verdicts.broken.items()):
        problems = Problems()
        for each in broken:
            each.add_to(problems)
        findings += [_finding(form, problem, by_id[submission_id]).answered(answers) for problem in problems.all()]
    return findings


def _finding(form: Form, problem: Problem, accepted: Accepted) -> Finding:
    return problem.finding(
        submission_id=accepted.submission_id,
        form=form.form,
        reporting_unit_id=accepted.reporting_unit_id,
        month=accepted.month,
        revision=accepted.revision,
        file_name=accepted.file_name,
        sheet=accepted.sheet,
        is_practice=accepted.is_practice,
    )
