"""The verdict on the submissions of one form and month: which are accepted, with which rows and findings.

Belongs here: reading each file into one typed frame, having all of them checked at once, accept or return. Does not belong
here: the checks (`checks`, `rules`), where rows are kept (land), or checks that need other forms or months (`history`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import polars as pl

from pipelines.collect.archive import Archive
from pipelines.collect.containers import Unreadable
from pipelines.collect.intake import Progress, Received
from pipelines.collect.problems import Problem, Problems
from pipelines.collect.reader import Reader, Reading
from pipelines.collect.terms import ArchivedFile, Terms
from pipelines.collect.values import ReadTable
from pipelines.findings import Finding
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import ReportingUnit
from pipelines.validate.answers import take_answers
from pipelines.validate.checks import Checks
from pipelines.validate.obligations import Calendar
from pipelines.validate.rules import Rules, unverified_finding

UNIT_KINDS = {"county": "县市区", "zone": "功能区", "department": "市直部门", "city": "市级"}
State = Literal["accepted", "returned", "superseded", "locked", "unidentified"]


@dataclass
class Submission:
    """One file received for one form, unit and month, with its verdict.

    Attributes:
        table: the rows as read; None when the file could not be read at all.
        reason: in Chinese, why it does not count; None while it is accepted.
        answers: by `Finding.answer_key`, what the sender says in it to findings on it or on earlier ones.
    """

    submission_id: str
    received: Received
    revision: int
    state: State = "accepted"
    reason: str | None = None
    table: ReadTable | None = None
    findings: list[Finding] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        return len(self.table.row_numbers) if self.table else 0

    def count(self, severity: str) -> int:
        return sum(finding.severity == severity for finding in self.findings)


@dataclass(frozen=True)
class Verdict:
    """What came of a form's submissions of one month: every submission, and the rows that count (landing columns).

    Attributes:
        unverified: findings on rules that could not be done.
    """

    submissions: list[Submission]
    rows: pl.DataFrame
    unverified: list[Finding]


def validate_month(
    form: Form,
    month: str,
    received: Sequence[Received],
    archive: Archive,
    reader: Reader,
    progress: Progress,
    *,
    calendar: Calendar,
    locked: Mapping[int, date],
) -> Verdict:
    """Read and check all files of a form and month; each unit's last faultless revision counts.

    Args:
        received: identified files of this form and month, in the order of arrival.
        calendar: who is asked for the form, and for which months.
        locked: those of them that came after the lock: sequence of arrival -> the day it was locked on.
    """
    submissions = _numbered(form, month, received)
    misplaced = _misplaced(form, month, calendar)
    if misplaced is not None:
        for submission in submissions:
            submission.findings.append(finding_on(submission, misplaced))
    else:
        _read_tables(submissions, form, month, archive, reader, progress)
    frame = _frame(form, submissions)
    _check_submitters(form, submissions, reader.terms.units, calendar)
    unverified = _check(form.at(month), month, frame, submissions, reader.terms)
    _set_aside(submissions, locked)
    _refuse_emptying(submissions)
    take_answers(submissions)
    _decide(submissions)
    in_force = [submission.submission_id for submission in submissions if submission.state == "accepted"]
    return Verdict(submissions, frame.filter(pl.col("submission_id").is_in(in_force)), unverified)


def _numbered(form: Form, month: str, received: Sequence[Received]) -> list[Submission]:
    revisions: dict[str, int] = {}
    submissions = []
    for each in received:
        unit = str(each.identity.reporting_unit_id)
        revisions[unit] = revisions.get(unit, 0) + 1
        submission_id = f"{form.form}/{unit}/{month}/r{revisions[unit]}"
        submissions.append(Submission(submission_id, each, revisions[unit]))
    return submissions


def _misplaced(form: Form, month: str, calendar: Calendar) -> Problem | None:
    """Why no submission of the form can be one of the month."""
    if form.version_for(month) is None:
        since = min(version.from_month for version in form.versions)
        return Problem("file.no_version", f"“{form.title}”自 {since} 起报送，没有 {month} 的版本", "请核对月份", level=0)
    if (out_of_turn := calendar.out_of_turn(form, month)) is not None:
        advice = "所报的数无处可放；请改用应报月份的模板，或把文件名、标题里的月份改成应报的月份后重新发送"
        return Problem("file.month", out_of_turn, advice, level=0)
    return None


def _read_tables(
    submissions: Sequence[Submission], form: Form, month: str, archive: Archive, reader: Reader, progress: Progress
) -> None:
    files = [ArchivedFile(archive.path(each.received.sha256), each.received.file_size) for each in submissions]
    for count, (submission, reading) in enumerate(zip(submissions, reader.tables(files, form.form, month), strict=True), start=1):
        progress(f"读取 {form.title} {month}", count, len(submissions))
        if isinstance(reading, Unreadable):
            problem = Problem("file.unreadable", reading.message, reading.advice, level=0)
            submission.findings.append(finding_on(submission, problem))
        else:
            _take_reading(submission, reading)


def _take_reading(submission: Submission, reading: Reading) -> None:
    table = submission.table = reading.table
    submission.answers = reading.answers
    for remark in reading.remarks:
        submission.findings.append(finding_on(submission, Problem("file.remark", remark, "", severity="info", level=0)))
    submission.findings += [finding_on(submission, problem) for problem in table.problems]
    is_read = not any(problem.severity == "error" for problem in table.problems)
    if is_read and not table.row_numbers and not any(problem.rule_id == "table.nil" for problem in table.problems):
        advice = "请补填；本期确无数据的，在第一行写“本期无”，或在“说明”栏写明"
        problem = Problem("table.no_rows", "表头下没有数据行", advice, severity="warning", must_explain=True)
        submission.findings.append(finding_on(submission, problem))


def _check_submitters(
    form: Form, submissions: Sequence[Submission], units: Mapping[str, ReportingUnit], calendar: Calendar
) -> None:
    """Warn of what was sent by a unit that is never asked for the form: others may report the same things already."""
    asked = calendar.of_form(form.form)
    owing = "、".join(
        dict.fromkeys(
            units[each.reporting_unit_id].reporting_unit_name if each.reporting_unit_id else UNIT_KINDS[each.unit_kind]
            for each in asked
        )
    )
    for submission in submissions:
        unit = units[str(submission.received.identity.reporting_unit_id)]
        if not any(each.asks(form.form, unit) for each in asked):
            message = f"“{form.title}”由{owing}报送，{unit.reporting_unit_name}不在其列；所报各项可能已由别的单位报过"
            advice = "请核对填报单位是否写对；确由本单位另外报送的，在“说明”栏写明"
            problem = Problem("file.submitter", message, advice, severity="warning", level=0, must_explain=True)
            submission.findings.append(finding_on(submission, problem))


def _check(form: Form, month: str, frame: pl.DataFrame, submissions: Sequence[Submission], terms: Terms) -> list[Finding]:
    """Add what the three stages of checks find: structure, values, rules; each looks at everything, whatever the others find.

    Returns:
        A finding for each rule that could not be done.
    """
    by_id = {each.submission_id: each for each in submissions if each.row_count}
    if not by_id:
        return []
    tables = {submission_id: each.table for submission_id, each in by_id.items() if each.table is not None}
    checks = Checks(form, month, frame, tables, terms)
    received_on = {submission_id: each.received.received_on for submission_id, each in by_id.items()}
    letters = {submission_id: table.letters for submission_id, table in tables.items()}
    rules = Rules(form, frame, terms.units, terms.code_lists, letters, received_on).judge((1,))
    structure, values = checks.structure(), checks.values()
    for submission_id, each in by_id.items():
        problems = Problems()
        for problem in (*structure.get(submission_id, ()), *values.get(submission_id, ())):
            problems.add(problem)
        # A cell at fault breaks the rules that speak of it, and says so once.
        at_fault = {finding.cell for finding in each.findings if finding.severity == "error"}
        at_fault |= {problem.cell for problem in problems.listed if problem.severity == "error"}
        for broken in rules.broken.get(submission_id, ()):
            if not broken.cells & at_fault:
                broken.add_to(problems)
        each.findings += [finding_on(each, problem) for problem in problems.all()]
    return [unverified_finding(form, each, month) for each in rules.unverified]


def _set_aside(submissions: Sequence[Submission], locked: Mapping[int, date]) -> None:
    """Lock out what came after the month was locked; faultless or not, it does not count."""
    for submission in submissions:
        locked_on = locked.get(submission.received.sequence)
        if locked_on is None:
            continue
        message = f"{submission.received.identity.month} 已于 {locked_on} 锁定，{submission.received.received_on} 才收到，不计入"
        advice = "确需计入的，请与统计员联系，说明原因后重新开放该月"
        submission.findings.append(finding_on(submission, Problem("file.locked", message, advice, severity="warning", level=0)))
        submission.state, submission.reason = "locked", f"{message}；{advice}"


def _refuse_emptying(submissions: Sequence[Submission]) -> None:
    """Return a file without rows that would take the place of one with rows: more likely a mistake than a withdrawal."""
    with_rows: dict[str, Submission] = {}
    for submission in submissions:
        if submission.state == "locked" or any(finding.severity == "error" for finding in submission.findings):
            continue
        unit = str(submission.received.identity.reporting_unit_id)
        if submission.row_count:
            with_rows[unit] = submission
        elif unit in with_rows:
            before = with_rows[unit]
            problem = Problem(
                "table.emptied",
                f"没有数据行，而第 {before.revision} 次报送有 {before.row_count} 行；仍以那一次为准",
                "请补填后重新发送；确要清空的，请与统计员联系",
            )
            submission.findings.append(finding_on(submission, problem))


def _frame(form: Form, submissions: Sequence[Submission]) -> pl.DataFrame:
    """All rows of all readable submissions, with the landing columns and their types."""
    schema = landing_schema(form)
    frames = [pl.DataFrame(schema=schema)]
    for submission in submissions:
        table = submission.table
        if table is None or not table.row_numbers:
            continue
        frames.append(
            table.frame(form)
            .with_columns(
                submission_id=pl.lit(submission.submission_id),
                reporting_unit_id=pl.lit(submission.received.identity.reporting_unit_id),
                month=pl.lit(submission.received.identity.month),
                revision=pl.lit(submission.revision, dtype=pl.Int32),
                file_sha256=pl.lit(submission.received.sha256),
                sheet=pl.lit(table.sheet),
                row_number=pl.Series(table.row_numbers, dtype=pl.Int32),
                is_practice=pl.lit(submission.received.identity.is_practice),
            )
            .select(*schema)
        )
    return pl.concat(frames)


def _decide(submissions: Sequence[Submission]) -> None:
    """Return the submissions with errors; of a unit's others the last is in force, the earlier are superseded."""
    latest: dict[str, Submission] = {}
    for submission in submissions:
        if submission.state == "locked":
            continue
        if errors := [finding for finding in submission.findings if finding.severity == "error"]:
            submission.state = "returned"
            submission.reason = errors[0].message + (f"（共 {len(errors)} 处错误）" if len(errors) > 1 else "")
            continue
        unit = str(submission.received.identity.reporting_unit_id)
        if unit in latest:
            latest[unit].state = "superseded"
            latest[unit].reason = f"已被第 {submission.revision} 次报送取代"
        latest[unit] = submission


def finding_on(submission: Submission, problem: Problem) -> Finding:
    """The problem as a finding on the submission."""
    received = submission.received
    return problem.finding(
        submission_id=submission.submission_id,
        form=received.identity.form,
        reporting_unit_id=received.identity.reporting_unit_id,
        month=received.identity.month,
        revision=submission.revision,
        file_name=received.file_name,
        sheet=submission.table.sheet if submission.table else None,
        is_practice=received.identity.is_practice,
    )
