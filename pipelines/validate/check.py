"""The verdict on files before they are sent: the same as a load's, without a workspace being touched.

Belongs here: taking loose files through collect and validate in a scratch folder, and holding them against the accepted
submissions of earlier months where there are any. Does not belong here: keeping anything, or how verdicts are shown.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.collect.archive import Archive, ArchiveRecord
from pipelines.collect.inbox import InboxFile
from pipelines.collect.intake import Progress, Received, identity_of
from pipelines.collect.reader import Reader
from pipelines.collect.terms import ArchivedFile
from pipelines.findings import Finding
from pipelines.forms.model import Form
from pipelines.settings import OFFICE_TIME
from pipelines.validate.history import Accepted, judge_history
from pipelines.validate.obligations import load_calendar
from pipelines.validate.submissions import Submission, Verdict, validate_month

if TYPE_CHECKING:
    from pipelines.settings import Settings

MONTH_FILE = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True)
class Checked:
    """What would become of a file if it were sent.

    Attributes:
        state: accepted, returned or unidentified.
        reason, advice: in Chinese, why not, and what to do; None and empty while it would be accepted.
    """

    path: Path
    received: Received
    state: str
    reason: str | None
    advice: str
    row_count: int
    findings: tuple[Finding, ...]

    @property
    def has_open(self) -> bool:
        """Whether the sender has to do something about it."""
        return self.state != "accepted" or any(finding.state == "open" for finding in self.findings)

    def as_json(self) -> dict[str, object]:
        """The shape of `wanstat check --json`."""
        identity = self.received.identity
        return {
            "file": str(self.path),
            "state": self.state,
            "reason": self.reason,
            "advice": self.advice,
            "form": identity.form,
            "reporting_unit_id": identity.reporting_unit_id,
            "month": identity.month,
            "is_practice": identity.is_practice,
            "row_count": self.row_count,
            "findings": [finding.as_row() for finding in self.findings],
        }


def check_files(paths: Sequence[Path], settings: Settings, reader: Reader, progress: Progress) -> tuple[list[Checked], bool]:
    """The verdict on each file, and whether there was anything to compare them with.

    Raises:
        OSError: a file cannot be opened.
    """
    now = datetime.now(OFFICE_TIME)
    with tempfile.TemporaryDirectory(prefix="wanstat-") as scratch:
        archive = Archive(Path(scratch))
        received: list[Received] = []
        records = []
        for _, record in archive.keep([InboxFile(path, path.name) for path in paths], now):
            if not isinstance(record, ArchiveRecord):
                raise record
            records.append(record)
        asked = [
            ArchivedFile(archive.path(record.sha256), record.file_size, (path.name,))
            for path, record in zip(paths, records, strict=True)
        ]
        found = reader.examine(asked)
        for place, (file, outcome) in enumerate(found):
            progress("读取", place + 1, len(asked))
            name = file.file_names[0]
            identity = identity_of(outcome, name, now.isoformat(), reader.terms)
            received.append(Received(file.path.name, place + 1, now.isoformat(), file.size, name, identity))
        submissions, has_history = _verdicts(received, settings, archive, reader, progress)
    checked = []
    for path, each in zip(paths, received, strict=True):
        identity, submission = each.identity, submissions.get(each.sequence)
        if submission is None:
            checked.append(Checked(path, each, "unidentified", identity.problem, identity.advice, 0, ()))
            continue
        state = "returned" if submission.state == "returned" else "accepted"  # never superseded by what is checked beside it
        reason = submission.reason if state == "returned" else None
        checked.append(Checked(path, each, state, reason, "", submission.row_count, tuple(submission.findings)))
    return checked, has_history


def _verdicts(
    received: Sequence[Received], settings: Settings, archive: Archive, reader: Reader, progress: Progress
) -> tuple[dict[int, Submission], bool]:
    """Submissions by sequence, and whether earlier months were there to compare them with."""
    groups: dict[tuple[str, str, bool], list[Received]] = {}
    for each in received:
        if each.identity.problem is None:
            key = (str(each.identity.form), str(each.identity.month), each.identity.is_practice)
            groups.setdefault(key, []).append(each)
    calendar = load_calendar(settings.seeds)
    submissions: dict[int, Submission] = {}
    has_history = False
    for (form_id, month, is_practice), of_month in groups.items():
        form = reader.terms.forms[form_id]
        verdict = validate_month(form, month, of_month, archive, reader, progress, calendar=calendar, locked={})
        has_history |= _compare(form, verdict, settings, reader, is_practice=is_practice)
        submissions |= {each.received.sequence: each for each in verdict.submissions}
    return submissions, has_history


def _compare(form: Form, verdict: Verdict, settings: Settings, reader: Reader, *, is_practice: bool) -> bool:
    """Add to accepted submissions what earlier months and other units, as landed, say of them; False when there are none.

    Practice data say nothing of real ones, nor the other way round.
    """
    accepted = [each for each in verdict.submissions if each.state in ("accepted", "superseded")]
    landed = [path for path in (settings.landing / form.form).glob("*.parquet") if MONTH_FILE.fullmatch(path.stem)]
    if not landed:
        return False
    of_kind = pl.read_parquet(landed).filter(pl.col("is_practice") == is_practice)
    if of_kind.is_empty():
        return False
    own = verdict.rows.select("reporting_unit_id", "month").unique()
    others = of_kind.join(own, on=["reporting_unit_id", "month"], how="anti")
    terms = reader.terms
    named = [
        Accepted(
            submission_id=each.submission_id,
            reporting_unit_id=str(each.received.identity.reporting_unit_id),
            month=str(each.received.identity.month),
            revision=each.revision,
            file_name=each.received.file_name,
            sheet=each.table.sheet if each.table else None,
            received_on=each.received.received_on,
            is_practice=each.received.identity.is_practice,
            letters=each.table.letters if each.table else {},
        )
        for each in accepted
    ]
    rows = pl.concat([others, verdict.rows])
    answers = {key: text for each in accepted for key, text in each.answers.items()}
    found = judge_history(form, rows, named, terms.units, terms.code_lists, answers)
    by_id = {each.submission_id: each for each in accepted}
    for finding in found:
        if finding.submission_id in by_id:
            by_id[finding.submission_id].findings.append(finding)
    return True
