"""The verdict on the submissions of one form and month: which are accepted, with which rows and findings.

Belongs here: reading each file into one typed frame, running the pandera schema over all of them at once, accept or
return. Does not belong here: where rows are kept (land), or checks that need other forms or months.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from pipelines.collect.archive import Archive
from pipelines.collect.containers import Unreadable
from pipelines.collect.examine import ArchivedFile
from pipelines.collect.intake import Progress, Received
from pipelines.collect.problems import Problem, Problems
from pipelines.collect.reader import Reader, Reading
from pipelines.collect.values import ReadTable
from pipelines.findings import Finding
from pipelines.forms.columns import landing_schema
from pipelines.forms.divisions import Divisions
from pipelines.forms.model import Form, FormField
from pipelines.forms.schema import RULE_OF_PANDERA, expected_text, pandera_schema
from pipelines.validate.answers import take_answers

State = Literal["accepted", "returned", "superseded", "unidentified"]


@dataclass
class Submission:
    """One file received for one form, unit and month, with its verdict.

    Attributes:
        table: the rows as read; None when the file could not be read at all.
        reason: in Chinese, why it was returned; None while it is accepted.
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
    """What came of a form's submissions of one month: every submission, and the rows that count (landing columns)."""

    submissions: list[Submission]
    rows: pl.DataFrame


def validate_month(
    form: Form,
    month: str,
    received: Sequence[Received],
    archive: Archive,
    reader: Reader,
    progress: Progress,
) -> Verdict:
    """Read and check all files of a form and month; each unit's last faultless revision counts.

    Args:
        received: identified files of this form and month, in the order of arrival.
    """
    submissions = _numbered(form, month, received)
    _read_tables(submissions, form, month, archive, reader, progress)
    frame = _frame(form, submissions)
    _check_values(form.at(month), frame, submissions, reader.terms.code_lists)
    _check_divisions(form.at(month), month, frame, submissions, reader.terms.divisions)
    _refuse_emptying(submissions)
    take_answers(submissions)
    _decide(submissions)
    in_force = [submission.submission_id for submission in submissions if submission.state == "accepted"]
    return Verdict(submissions, frame.filter(pl.col("submission_id").is_in(in_force)))


def _numbered(form: Form, month: str, received: Sequence[Received]) -> list[Submission]:
    revisions: dict[str, int] = {}
    submissions = []
    for each in received:
        unit = str(each.identity.reporting_unit_id)
        revisions[unit] = revisions.get(unit, 0) + 1
        submission_id = f"{form.form}/{unit}/{month}/r{revisions[unit]}"
        submissions.append(Submission(submission_id, each, revisions[unit]))
    return submissions


def _read_tables(
    submissions: Sequence[Submission], form: Form, month: str, archive: Archive, reader: Reader, progress: Progress
) -> None:
    if form.version_for(month) is None:
        since = min(version.from_month for version in form.versions)
        problem = Problem("file.no_version", f"“{form.title}”自 {since} 起报送，没有 {month} 的版本", "请核对月份")
        for submission in submissions:
            submission.findings.append(_finding(submission, problem, level=0))
        return
    files = [ArchivedFile(archive.path(each.received.sha256), each.received.file_size) for each in submissions]
    for count, (submission, reading) in enumerate(zip(submissions, reader.tables(files, form.form, month), strict=True), start=1):
        progress(f"读取 {form.title} {month}", count, len(submissions))
        if isinstance(reading, Unreadable):
            problem = Problem("file.unreadable", reading.message, reading.advice)
            submission.findings.append(_finding(submission, problem, level=0))
        else:
            _take_reading(submission, reading)


def _take_reading(submission: Submission, reading: Reading) -> None:
    table = submission.table = reading.table
    submission.answers = reading.answers
    for remark in reading.remarks:
        submission.findings.append(_finding(submission, Problem("file.remark", remark, "", severity="info"), level=0))
    submission.findings += [_finding(submission, problem) for problem in table.problems]
    if not table.row_numbers and not any(problem.severity == "error" for problem in table.problems):
        problem = Problem("table.no_rows", "表头下没有数据行", "本月确无数据的请说明；否则请补填", severity="warning")
        submission.findings.append(_finding(submission, problem))


def _refuse_emptying(submissions: Sequence[Submission]) -> None:
    """Return a file without rows that would take the place of one with rows: more likely a mistake than a withdrawal."""
    with_rows: dict[str, Submission] = {}
    for submission in submissions:
        if any(finding.severity == "error" for finding in submission.findings):
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
            submission.findings.append(_finding(submission, problem))


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


def _check_values(
    form: Form, frame: pl.DataFrame, submissions: Sequence[Submission], code_lists: dict[str, dict[str, str]]
) -> None:
    """Run the form's pandera schema and add a finding at the cell of each failure to the submission it is in."""
    if frame.is_empty():
        return
    from pandera.errors import SchemaErrors

    try:
        pandera_schema(form, code_lists).validate(frame, lazy=True)
        return
    except SchemaErrors as errors:
        failures = errors.failure_cases
    by_id = {submission.submission_id: submission for submission in submissions}
    places = frame.select("submission_id", "row_number")
    duplicate_rows: dict[str, list[int]] = {}
    found: dict[str, Problems] = {}
    for failure in failures.iter_rows(named=True):
        if failure["index"] is None:  # a failure of the frame itself is a fault of this program, never of a sender
            raise RuntimeError(f"{form.form}: frame does not fit its schema: {failure['check']} {failure['failure_case']}")
        submission_id, row_number = places.row(failure["index"])
        rule_id = RULE_OF_PANDERA.get(failure["check"], failure["check"])
        if rule_id == "rows.duplicate":
            duplicate_rows.setdefault(submission_id, []).append(row_number)
            continue
        column, value = failure["column"], failure["failure_case"]
        problem = _cell_problem(by_id[submission_id], form, rule_id, column, row_number, value, code_lists)
        if problem is not None:
            found.setdefault(submission_id, Problems()).add(problem)
    for submission_id, row_numbers in duplicate_rows.items():
        for problem in _duplicate_problems(by_id[submission_id], form, frame, row_numbers, code_lists):
            found.setdefault(submission_id, Problems()).add(problem)
    for submission_id, problems in found.items():
        submission = by_id[submission_id]
        submission.findings += [_finding(submission, problem) for problem in problems.all()]


def _check_divisions(
    form: Form, month: str, frame: pl.DataFrame, submissions: Sequence[Submission], divisions: Divisions
) -> None:
    """Warn of division codes that were not in force in the month's year: a retired one is expired, not unknown."""
    year = int(month[:4])
    by_id = {submission.submission_id: submission for submission in submissions}
    found: dict[str, Problems] = {}
    for each in form.fields:
        if not each.is_division:
            continue
        codes = frame[each.name].drop_nulls().unique().sort().to_list()
        told = {code: words for code in codes if (words := _division_in_words(divisions, code, year))}
        cells = frame.filter(pl.col(each.name).is_in(list(told))).select("submission_id", "row_number", each.name)
        for submission_id, row_number, code in cells.iter_rows():
            table = by_id[submission_id].table
            assert table is not None
            cell = f"{table.letters[each.name]}{row_number}"
            rule_id, message, expected = told[code]
            problem = Problem(
                rule_id,
                f"{cell} 的“{each.label}”{message}",
                f"请核对 {cell}，改填现行代码",
                severity="warning",
                cell=cell,
                field=each.name,
                value=code,
                expected=expected,
            )
            found.setdefault(submission_id, Problems()).add(problem)
    for submission_id, problems in found.items():
        submission = by_id[submission_id]
        submission.findings += [_finding(submission, problem) for problem in problems.all()]


def _division_in_words(divisions: Divisions, code: str, year: int) -> tuple[str, str, str | None] | None:
    """Rule, message and what is expected for a code that was not in force; None for any other."""
    status = divisions.status(code, year)
    if status == "unknown":
        return "value.division_unknown", f"{code} 不是本市的行政区划代码", None
    if status in ("valid", "elsewhere"):
        return None
    division = divisions.last(code)
    if status == "not_yet":
        return "value.division_not_yet", f"{code}（{division.name}）{division.since} 年才启用", None
    now = "或".join(division.successors)
    return "value.division_expired", f"{code}（{division.name}）已于 {division.until} 年停用，现为 {now}", now


def _cell_problem(
    submission: Submission,
    form: Form,
    rule_id: str,
    column: str,
    row_number: int,
    value: object,
    code_lists: dict[str, dict[str, str]],
) -> Problem | None:
    table = submission.table
    assert table is not None
    if (row_number, column) in table.unconverted:
        return None  # the reader has said so already
    form_field = form.by_name[column]
    cell = f"{table.letters.get(column, '')}{row_number}"
    expected = expected_text(form_field, rule_id, code_lists)
    if rule_id == "value.required":
        message = f"{cell} 的“{form_field.label}”没有填写"
    else:
        message = f"{cell} 的“{form_field.label}”填的是“{value}”，应为：{expected}"
    return Problem(
        rule_id,
        message,
        f"请在 {cell} 填写正确的{form_field.label}",
        cell=cell,
        field=column,
        value=None if value is None else str(value),
        expected=expected,
    )


def _duplicate_problems(
    submission: Submission,
    form: Form,
    frame: pl.DataFrame,
    row_numbers: list[int],
    code_lists: dict[str, dict[str, str]],
) -> Iterator[Problem]:
    """One problem for each later row of a group of rows with the same key, naming the first."""
    table = submission.table
    assert table is not None
    labels = "、".join(form.by_name[name].label for name in form.grain)
    advice = f"请删去重复的一行，或改正其{labels}"
    if not any(form.by_name[name].pattern for name in form.grain):  # rows are sums, and to delete one may lose data
        advice = "如是几次活动，请合并成一行，各数相加；确是重复的，删去一行"
    first_of: dict[tuple[object, ...], int] = {}
    rows = frame.filter(pl.col("submission_id") == submission.submission_id, pl.col("row_number").is_in(row_numbers))
    for *key, row_number in rows.select(*form.grain, "row_number").sort("row_number").iter_rows():
        first = first_of.setdefault(tuple(key), row_number)
        if first == row_number or None in key:
            continue
        cell = f"{table.letters[form.grain[0]]}{row_number}"
        shown = "、".join(_as_written(value, form.by_name[name], code_lists) for name, value in zip(form.grain, key, strict=True))
        yield Problem(
            "rows.duplicate",
            f"第 {row_number} 行与第 {first} 行的{labels}相同（{shown}）",
            advice,
            cell=cell,
            field=form.grain[0],
            value=shown,
            expected=f"{labels}不重复",
        )


def _as_written(value: object, form_field: FormField, code_lists: dict[str, dict[str, str]]) -> str:
    """A stored value as the sender would write it: a code as its label."""
    labels = {code: label for label, code in code_lists.get(form_field.codes or "", {}).items()}
    return labels.get(str(value), str(value))


def _decide(submissions: Sequence[Submission]) -> None:
    """Return the submissions with errors; of a unit's others the last is in force, the earlier are superseded."""
    latest: dict[str, Submission] = {}
    for submission in submissions:
        if errors := [finding for finding in submission.findings if finding.severity == "error"]:
            submission.state = "returned"
            submission.reason = errors[0].message + (f"（共 {len(errors)} 处错误）" if len(errors) > 1 else "")
            continue
        unit = str(submission.received.identity.reporting_unit_id)
        if unit in latest:
            latest[unit].state = "superseded"
            latest[unit].reason = f"已被第 {submission.revision} 次报送取代"
        latest[unit] = submission


def _finding(submission: Submission, problem: Problem, level: int = 1) -> Finding:
    received = submission.received
    return Finding(
        rule_id=problem.rule_id,
        level=level,
        severity=problem.severity,
        message=problem.message,
        advice=problem.advice,
        submission_id=submission.submission_id,
        form=received.identity.form,
        reporting_unit_id=received.identity.reporting_unit_id,
        month=received.identity.month,
        revision=submission.revision,
        file_name=received.file_name,
        sheet=submission.table.sheet if submission.table else None,
        cell=problem.cell,
        field=problem.field,
        value=problem.value,
        expected=problem.expected,
        is_practice=received.identity.is_practice,
    )
