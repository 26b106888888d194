"""The landing: accepted rows, submissions and findings as Parquet that dbt reads, one file a form and month.

Belongs here: which files there should be, writing each whole or not at all, removing what no longer counts. Does not
belong here: the verdicts themselves (validate).

A month's rows are written last and carry, in the file's own metadata, a digest of everything they were made from. A
file whose digest still fits is left as it is; after a crash it does not fit, and the month is landed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.collect.archive import Archive
from pipelines.collect.intake import Intake, Progress, Received
from pipelines.collect.reader import Reader
from pipelines.files import digest_of, digest_of_tree
from pipelines.findings import FINDING_COLUMNS, Finding
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.land.correcting import CORRECTION_SCHEMA, correct
from pipelines.land.corrections import Correction
from pipelines.land.evidence import EVIDENCE, evidence_rows
from pipelines.parquet import write_empty, write_frame
from pipelines.settings import CHECKOUT, Settings
from pipelines.validate.answers import take_answers
from pipelines.validate.history import Accepted, judge_history
from pipelines.validate.obligations import load_calendar
from pipelines.validate.reopenings import read_reopenings
from pipelines.validate.submissions import Submission, finding_on, validate_month

INPUTS_KEY = "wanstat.inputs"
EMPTY = "_schema"  # a file without rows in every folder, so that a glob always finds one and types never drift
UNIDENTIFIED = "unidentified"
CONTEXT = "load_context"  # the one table that is of the load and not of what was sent
HISTORY = "-history"  # of the file with what months and units say of one another

_POLARS = {"VARCHAR": pl.String, "INTEGER": pl.Int32, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean}
FINDING_SCHEMA = {name: _POLARS[sql] for name, sql in FINDING_COLUMNS.items()}
SUBMISSION_SCHEMA = {
    "submission_id": pl.String,
    "form": pl.String,
    "reporting_unit_id": pl.String,
    "month": pl.String,
    "revision": pl.Int32,
    "state": pl.String,
    "reason": pl.String,
    "file_name": pl.String,
    "file_sha256": pl.String,
    "file_size": pl.Int64,
    "received_on": pl.Date,
    "row_count": pl.Int32,
    "error_count": pl.Int32,
    "warning_count": pl.Int32,
    "info_count": pl.Int32,
    "is_practice": pl.Boolean,
}
# What senders say to findings in receipts that come back, also to findings that are no more.
ANSWER_SCHEMA = {
    "submission_id": pl.String,
    "form": pl.String,
    "reporting_unit_id": pl.String,
    "month": pl.String,
    "answer_key": pl.String,
    "explanation": pl.String,
    "is_practice": pl.Boolean,
}
BESIDE_ROWS = {
    "submissions": SUBMISSION_SCHEMA,
    "findings": FINDING_SCHEMA,
    "answers": ANSWER_SCHEMA,
    "corrections": CORRECTION_SCHEMA,
} | EVIDENCE


@dataclass(frozen=True)
class LandedForm:
    """What landing a form did: months written anew, months left as they were."""

    form: str
    written: tuple[str, ...]
    unchanged: tuple[str, ...]


def land_form(
    settings: Settings,
    form: Form,
    intake: Intake,
    reader: Reader,
    progress: Progress,
    corrections: Iterable[Correction] = (),
) -> LandedForm:
    """Bring the landing of one form up to date with the intake and the corrections, reading only months that they change."""
    decided: dict[str, list[Correction]] = {}
    for correction in corrections:
        if correction.form == form.form:
            decided.setdefault(correction.month, []).append(correction)
    archive = Archive(settings.archive)
    months = intake.submissions(form.form)
    rules = _rules_digest(settings)
    calendar = load_calendar(settings.seeds)
    reopenings = read_reopenings(settings.archive, is_practice=intake.is_practice)
    written, unchanged = [], []
    for table, schema in (BESIDE_ROWS | {form.form: landing_schema(form)}).items():
        write_empty(settings.landing / table / f"{EMPTY}.parquet", schema)
    for month, received in sorted(months.items()):
        locked = calendar.locked(form.form, month, received, reopenings)
        came = (part for each in received for part in (each.sha256, each.identity, each.received_on, locked.get(each.sequence)))
        inputs = digest_of(rules, calendar.of_form(form.form), *came, *decided.get(month, ()))
        path = settings.landing / form.form / f"{month}.parquet"
        if _inputs_of(path) == inputs:
            unchanged.append(month)
            continue
        verdict = validate_month(form, month, received, archive, reader, progress, calendar=calendar, locked=locked)
        corrected = correct(form, month, verdict, decided.get(month, ()), reader.terms)
        for submission, doubt in corrected.doubts:
            submission.findings.append(finding_on(submission, doubt))
        if corrected.doubts:
            take_answers(verdict.submissions)  # what the office doubts may have been explained already
        found = [each for one in verdict.submissions for each in one.findings]
        land_findings(settings, f"{form.form}-{month}", [*found, *verdict.unverified])
        _land_submissions(settings, f"{form.form}-{month}", map(_submission_row, verdict.submissions))
        _land_evidence(settings, f"{form.form}-{month}", verdict.submissions)
        _land_answers(settings, f"{form.form}-{month}", verdict.submissions)
        land_corrections(settings, f"{form.form}-{month}", corrected.outcomes)
        write_frame(path, corrected.rows, {INPUTS_KEY: inputs})
        written.append(month)
    _remove_others(settings, form, months)
    _land_history(settings, form, reader, rules)
    return LandedForm(form.form, tuple(written), tuple(unchanged))


def _accepted(settings: Settings, form: Form, rows: pl.DataFrame) -> Iterator[Accepted]:
    """The accepted submissions of a form, of which `rows` are the rows."""
    letters: dict[str, dict[str, str]] = {}
    passports = pl.read_parquet(settings.landing / "passports" / f"{form.form}-*.parquet")
    for submission_id, field, letter in passports.select("submission_id", "field", "column_letters").iter_rows():
        letters.setdefault(submission_id, {})[field] = letter
    sheets = dict(rows.select("submission_id", "sheet").unique().iter_rows())
    columns = ("submission_id", "reporting_unit_id", "month", "revision", "file_name", "received_on", "is_practice")
    submissions = read_submissions(settings).filter(pl.col("form") == form.form, pl.col("state") == "accepted")
    for row in submissions.select(columns).iter_rows(named=True):
        submission_id = row["submission_id"]
        yield Accepted(**row, sheet=sheets.get(submission_id), letters=letters.get(submission_id, {}))


def _land_history(settings: Settings, form: Form, reader: Reader, rules: str) -> None:
    """Land what the accepted submissions of all months and units say of one another, unless none of them has changed."""
    path = settings.landing / "findings" / f"{form.form}{HISTORY}.parquet"
    folder = settings.landing / form.form
    landed = sorted(each for each in folder.glob("*.parquet") if each.stem != EMPTY)
    inputs = digest_of(rules, *((each.stem, _inputs_of(each)) for each in landed))
    if _inputs_of(path) == inputs:
        return
    rows = pl.read_parquet([folder / f"{EMPTY}.parquet", *landed])
    terms = reader.terms
    accepted = _accepted(settings, form, rows) if landed else ()
    found = judge_history(form, rows, accepted, terms.units, terms.code_lists, read_answers(settings))
    write_frame(path, pl.DataFrame([finding.as_row() for finding in found], schema=FINDING_SCHEMA), {INPUTS_KEY: inputs})


def land_inbox(settings: Settings, intake: Intake) -> None:
    """Land what belongs to no form: unidentified files, and findings on files that were left alone."""
    findings = [replace(finding, is_practice=intake.is_practice) for finding in intake.left_alone]
    for each in intake.unidentified:
        findings.append(
            Finding(
                rule_id="file.unidentified",
                level=0,
                severity="error",
                message=str(each.identity.problem),
                advice=each.identity.advice,
                form=each.identity.form,
                reporting_unit_id=each.identity.reporting_unit_id,
                month=each.identity.month,
                file_name=each.file_name,
                is_practice=intake.is_practice,
            )
        )
    land_findings(settings, UNIDENTIFIED, findings)
    _land_submissions(settings, UNIDENTIFIED, [_unidentified_row(each, intake.is_practice) for each in intake.unidentified])


def land_findings(settings: Settings, name: str, findings: Iterable[Finding]) -> None:
    """Land findings as one file of the table `findings`."""
    rows = [finding.as_row() for finding in findings]
    write_frame(settings.landing / "findings" / f"{name}.parquet", pl.DataFrame(rows, schema=FINDING_SCHEMA))


def land_corrections(settings: Settings, name: str, outcomes: Iterable[Mapping[str, object]]) -> None:
    """Land what became of corrections as one file of the table `corrections`."""
    write_frame(settings.landing / "corrections" / f"{name}.parquet", pl.DataFrame(list(outcomes), schema=CORRECTION_SCHEMA))


def read_submissions(settings: Settings) -> pl.DataFrame:
    """All landed submissions, unidentified files among them."""
    return pl.read_parquet(settings.landing / "submissions" / "*.parquet")


def read_findings(settings: Settings) -> pl.DataFrame:
    """All landed findings."""
    return pl.read_parquet(settings.landing / "findings" / "*.parquet")


def read_answers(settings: Settings) -> dict[str, str]:
    """`Finding.answer_key` -> what the sender said to it last; the key tells form, unit and month apart."""
    folder = settings.landing / "answers"
    if not folder.is_dir():
        return {}
    # A key is of one form and month, so of one file, whose rows are in the order of arrival.
    return dict(pl.read_parquet(folder / "*.parquet").select("answer_key", "explanation").iter_rows())


def landing_digest(settings: Settings) -> str:
    """A digest of what was sent, as dbt will read it; independent of the load that reads it and of when it was written."""
    tables = sorted(folder for folder in settings.landing.iterdir() if folder.name != CONTEXT)
    return digest_of(*(part for folder in tables for part in (folder.name, digest_of_tree(folder, ".parquet"))))


def _land_submissions(settings: Settings, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    write_frame(settings.landing / "submissions" / f"{name}.parquet", pl.DataFrame(list(rows), schema=SUBMISSION_SCHEMA))


def _land_evidence(settings: Settings, name: str, submissions: Iterable[Submission]) -> None:
    for table, rows in evidence_rows(submissions).items():
        write_frame(settings.landing / table / f"{name}.parquet", pl.DataFrame(rows, schema=EVIDENCE[table]))


def _land_answers(settings: Settings, name: str, submissions: Iterable[Submission]) -> None:
    rows = [
        {
            "submission_id": each.submission_id,
            "form": each.received.identity.form,
            "reporting_unit_id": each.received.identity.reporting_unit_id,
            "month": each.received.identity.month,
            "answer_key": answer_key,
            "explanation": explanation,
            "is_practice": each.received.identity.is_practice,
        }
        for each in submissions
        for answer_key, explanation in each.answers.items()
    ]
    write_frame(settings.landing / "answers" / f"{name}.parquet", pl.DataFrame(rows, schema=ANSWER_SCHEMA))


def _submission_row(submission: Submission) -> dict[str, object]:
    return _file_row(submission.received) | {
        "submission_id": submission.submission_id,
        "revision": submission.revision,
        "state": submission.state,
        "reason": submission.reason,
        "row_count": submission.row_count,
        "error_count": submission.count("error"),
        "warning_count": submission.count("warning"),
        "info_count": submission.count("info"),
        "is_practice": submission.received.identity.is_practice,
    }


def _unidentified_row(received: Received, is_practice: bool) -> dict[str, object]:
    return _file_row(received) | {
        "submission_id": None,
        "revision": None,
        "state": "unidentified",
        "reason": received.identity.problem,
        "row_count": 0,
        "error_count": 1,
        "warning_count": 0,
        "info_count": 0,
        "is_practice": is_practice,
    }


def _file_row(received: Received) -> dict[str, object]:
    return {
        "form": received.identity.form,
        "reporting_unit_id": received.identity.reporting_unit_id,
        "month": received.identity.month,
        "file_name": received.file_name,
        "file_sha256": received.sha256,
        "file_size": received.file_size,
        "received_on": received.received_on,
    }


def _rules_digest(settings: Settings) -> str:
    """Changes whenever the same bytes could be read or judged differently."""
    code = [digest_of_tree(CHECKOUT / "pipelines" / name, ".py", ".yml") for name in ("forms", "collect", "validate", "land")]
    units = load_reporting_units(settings.seeds)
    codes = load_code_lists(settings.seeds)
    factors = (CHECKOUT / "pipelines" / "units.py").read_bytes()
    lists = sorted((name, sorted(values.items())) for name, values in codes.items())
    divisions = (settings.seeds / "division_codes.csv").read_bytes()
    return digest_of(*code, factors, divisions, sorted(units.items()), lists)


def _inputs_of(path: Path) -> str | None:
    if not path.exists():
        return None
    try:
        return pl.read_parquet_metadata(path).get(INPUTS_KEY)
    except pl.exceptions.ComputeError:
        return None  # a damaged file is written anew


def _remove_others(settings: Settings, form: Form, months: Iterable[str]) -> None:
    """Remove landed months that no file accounts for any more (practice data once real data have come)."""
    for table, prefix in ((form.form, ""), *((each, f"{form.form}-") for each in BESIDE_ROWS)):
        keep = {f"{prefix}{month}" for month in months} | {EMPTY, f"{form.form}{HISTORY}"}
        for path in (settings.landing / table).glob(f"{prefix}*.parquet"):
            if path.stem not in keep:
                path.unlink()
