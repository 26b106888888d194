"""The collect stage: archive what has arrived, identify it, and say which of it counts for a load.

Belongs here: the list of everything ever received with its identity (`Intake`). Does not belong here: reading tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from pipelines.collect.archive import Archive, ArchiveRecord, Arrival, StillWritten
from pipelines.collect.containers import Unreadable
from pipelines.collect.inbox import InboxFile, find_files
from pipelines.collect.reader import Reader
from pipelines.collect.terms import PRACTICE_FOLDER, ArchivedFile, Examined, Identity, Terms
from pipelines.files import digest_of, digest_of_tree, write_whole
from pipelines.findings import Finding
from pipelines.settings import CHECKOUT, OFFICE_TIME, Settings

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
PRACTICE_AMONG_REAL = ("这是练习文件，不能作为真实报送", "请用正式下发的模板填报，不要用练习模板")


@dataclass(frozen=True)
class Received:
    """Bytes received as one submission: the same bytes under names of two units are two of these.

    Attributes:
        sequence, received_at, file_name: of the first arrival under this identity.
    """

    sha256: str
    sequence: int
    received_at: str
    file_size: int
    file_name: str
    identity: Identity

    @property
    def received_on(self) -> date | None:
        """The day it counts as received. Practice files say when they were prepared; a file on disk cannot."""
        if self.identity.is_practice:
            return self.identity.prepared_on
        return datetime.fromisoformat(self.received_at).date()


@dataclass(frozen=True)
class Intake:
    """Everything received so far, in the order of arrival.

    Attributes:
        is_practice: whether the load is one of practice data: so unless any real submission was ever identified.
        present: (SHA-256, name) of every file in the inbox.
        left_alone: findings on files that were not read at all (lock files, empty files, links).
    """

    received: tuple[Received, ...]
    is_practice: bool
    present: tuple[tuple[str, str], ...] = ()
    left_alone: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def unidentified(self) -> list[Received]:
        """Files that count for nothing, with the reason; practice files among real submissions are such.

        Only those that still lie in the inbox: who takes one away has dealt with it. The archive keeps it all the same.
        """
        present = {sha256 for sha256, _ in self.present}
        found = [each for each in self.received if each.identity.problem and self._counts(each) and each.sha256 in present]
        return found + [
            replace(each, identity=replace(each.identity, problem=PRACTICE_AMONG_REAL[0], advice=PRACTICE_AMONG_REAL[1]))
            for each in self.received
            if each.identity.is_practice and not self.is_practice and not each.file_name.startswith(PRACTICE_FOLDER + "/")
        ]

    def submissions(self, form: str) -> dict[str, list[Received]]:
        """Month -> the identified files of a form that count in this load, in the order of arrival."""
        months: dict[str, list[Received]] = {}
        for each in self.received:
            if each.identity.form == form and each.identity.problem is None and self._counts(each):
                months.setdefault(str(each.identity.month), []).append(each)
        return months

    def _counts(self, each: Received) -> bool:
        # Practice and real never mix; what could not be identified is shown wherever it came from, unless it says
        # it is practice and the load is real.
        return each.identity.is_practice == self.is_practice or (self.is_practice and each.identity.problem is not None)


def collect(settings: Settings, reader: Reader, progress: Progress, now: datetime | None = None) -> Intake:
    """Archive and identify everything in the inbox; what was archived earlier stays part of the intake.

    The practice folder is looked at only while no real submission is known, so that a deleted inbox never brings
    practice figures back.

    Returns:
        The intake; also written to `var/intake.json` for the stages that follow.
    """
    now = now or datetime.now(OFFICE_TIME)
    archive = Archive(settings.archive)
    known = _Identities(settings, reader)
    present: list[tuple[str, str]] = []
    left_alone: list[Finding] = []
    known.complete(archive, archive.records.values(), progress)
    for folder in (settings.submissions, settings.practice):
        if folder == settings.practice and _any_real(_received(archive, known)):
            break
        files, skipped = find_files(folder, settings.raw)
        left_alone += skipped
        known.complete(archive, _archived(archive, files, now, present, left_alone, progress), progress)
    received = _received(archive, known)
    known.save()
    intake = Intake(received, not _any_real(received), tuple(present), tuple(left_alone))
    write_whole(settings.var / "intake.json", json.dumps(_as_json(intake), ensure_ascii=False, indent=1))
    return intake


def _archived(
    archive: Archive,
    files: list[InboxFile],
    now: datetime,
    present: list[tuple[str, str]],
    left_alone: list[Finding],
    progress: Progress,
) -> Iterator[ArchiveRecord]:
    """Archive files one after the other, so that the first are read while the next are still being archived."""
    for count, (file, record) in enumerate(archive.keep(files, now), start=1):
        progress("归档", count, len(files))
        if not isinstance(record, ArchiveRecord):
            left_alone.append(_unopened(file.name, record))
            continue
        present.append((record.sha256, file.name))
        yield record


def read_intake(settings: Settings) -> Intake:
    """The intake that `collect` wrote last."""
    saved = json.loads((settings.var / "intake.json").read_text(encoding="utf-8"))
    received = tuple(Received(**each | {"identity": _identity(each["identity"])}) for each in saved["received"])
    left_alone = tuple(Finding(**each) for each in saved["left_alone"])
    present = tuple((sha256, file_name) for sha256, file_name in saved["present"])
    return Intake(received, saved["is_practice"], present, left_alone)


def _as_json(intake: Intake) -> dict[str, object]:
    return {
        "is_practice": intake.is_practice,
        "present": intake.present,
        "left_alone": [asdict(finding) for finding in intake.left_alone],
        "received": [asdict(each) | {"identity": _identity_json(each.identity)} for each in intake.received],
    }


def _received(archive: Archive, known: _Identities) -> tuple[Received, ...]:
    """Everything in the archive by its identities, in the order of arrival.

    Bytes that come again for the same form, unit and month are no change, with one exception: sent anew, in a later
    load, after other bytes have taken their place, they are the sender going back to them.
    """
    arrived = [
        Received(record.sha256, arrival.sequence, arrival.received_at, record.file_size, arrival.file_name, identity)
        for record in archive.records.values()
        for arrival, identity in known.identities_of(record)
    ]
    received: list[Received] = []
    last: dict[tuple[object, ...], Received] = {}
    seen: set[tuple[object, ...]] = set()
    for each in sorted(arrived, key=lambda each: each.sequence):
        identity = each.identity
        key = (identity.form, identity.reporting_unit_id, identity.month, identity.is_practice)
        if identity.problem is None:
            latest = last.get(key)
            same_scan = latest is not None and latest.received_at == each.received_at
            if latest is not None and (latest.sha256 == each.sha256 or ((*key, each.sha256) in seen and same_scan)):
                continue
            last[key] = each
            seen.add((*key, each.sha256))
        received.append(each)
    return tuple(received)


def _any_real(received: Iterable[Received]) -> bool:
    return any(each.identity.problem is None and not each.identity.is_practice for each in received)


def _unopened(file_name: str, error: OSError | StillWritten) -> Finding:
    if isinstance(error, StillWritten):
        message, advice = "文件正在写入，这次没有读取", "请等保存或传输结束；下次装载会再试"
        return Finding(rule_id="file.unfinished", level=0, severity="info", file_name=file_name, message=message, advice=advice)
    return Finding(
        rule_id="file.unopened",
        level=0,
        severity="warning",
        file_name=file_name,
        message=f"文件打不开：{error.strerror}",
        advice="请确认文件没有被占用、有读取权限；下次装载会再试",
    )


class _Identities:
    """What bytes under a name were identified as, kept between loads; void when forms, units or this package change."""

    def __init__(self, settings: Settings, reader: Reader) -> None:
        self.reader = reader
        self.path = settings.var / "cache" / "identities.json"
        self.terms = reader.terms
        self.key = digest_of(
            digest_of_tree(CHECKOUT / "pipelines" / "collect", ".py"),
            digest_of_tree(CHECKOUT / "pipelines" / "forms", ".py", ".yml"),
            sorted(self.terms.units.items()),
        )
        saved = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        current = saved["identities"] if saved.get("key") == self.key else {}
        self.identities = {key: _identity(each) for key, each in current.items()}  # "sha256 name" -> identity
        self.saved = len(self.identities)

    def complete(self, archive: Archive, records: Iterable[ArchiveRecord], progress: Progress) -> None:
        """Identify the bytes of these records under every name they came under and that is not known yet."""
        asked: dict[Path, dict[str, Arrival]] = {}

        def unknown() -> Iterator[ArchivedFile]:
            for record in records:
                new = {each.file_name: each for each in record.arrivals if _key(record, each) not in self.identities}
                path = archive.path(record.sha256)
                new = {name: arrival for name, arrival in new.items() if name not in asked.get(path, {})}
                if new:
                    asked.setdefault(path, {}).update(new)
                    yield ArchivedFile(path, record.file_size, tuple(new))

        for count, (file, outcome) in enumerate(self.reader.examine(unknown()), start=1):
            progress("识别", count, sum(map(len, asked.values())))
            for name in file.file_names:
                self.identities[f"{file.path.name} {name}"] = identity_of(
                    outcome, name, asked[file.path][name].received_at, self.terms
                )

    def identities_of(self, record: ArchiveRecord) -> list[tuple[Arrival, Identity]]:
        """Every arrival of the bytes with what its name said; names that tell nothing only while no name tells anything.

        A name that contradicts the bytes is told of even where another name agrees with them: last month's file sent as this
        month's is no repetition.
        """
        said = [(arrival, self.identities[_key(record, arrival)]) for arrival in record.arrivals]
        told: dict[tuple[object, ...], list[tuple[Arrival, Identity]]] = {}
        for arrival, identity in said:
            if identity.problem is None:
                key = (identity.form, identity.reporting_unit_id, identity.month, identity.is_practice)
                told.setdefault(key, []).append((arrival, identity))
        if not told:
            return said[:1]
        contradicted = [(arrival, identity) for arrival, identity in said if identity.problem and not identity.tells_nothing]
        return [*(each for arrivals in told.values() for each in arrivals), *contradicted]

    def save(self) -> None:
        if len(self.identities) != self.saved:
            identities = {key: _identity_json(identity) for key, identity in self.identities.items()}
            write_whole(self.path, json.dumps({"key": self.key, "identities": identities}, ensure_ascii=False))


def identity_of(outcome: Examined | Unreadable, file_name: str, received_at: str, terms: Terms) -> Identity:
    """What bytes that were examined are under a name; of unreadable ones only the name speaks."""
    if isinstance(outcome, Unreadable):
        from pipelines.collect.identify import identify  # where files are only handed on, its words are not needed otherwise

        identity = identify(None, file_name, terms.forms, terms.units)
        if identity.problem:
            return replace(identity, problem=outcome.message, advice=outcome.advice)
    else:
        identity = outcome.identities[file_name]
    if identity.problem is None and str(identity.month) > received_at[:7]:
        problem = f"月份 {identity.month} 还没有到（{received_at[:10]} 收到）"
        return replace(identity, problem=problem, advice="请核对月份，改正文件名，或用当月的模板填报")
    return identity


def _key(record: ArchiveRecord, arrival: Arrival) -> str:
    return f"{record.sha256} {arrival.file_name}"


def _identity_json(identity: Identity) -> dict[str, object]:
    return asdict(identity) | {"prepared_on": identity.prepared_on and identity.prepared_on.isoformat()}


def _identity(saved: dict[str, object]) -> Identity:
    prepared_on = saved["prepared_on"]
    return Identity(**saved | {"prepared_on": date.fromisoformat(str(prepared_on)) if prepared_on else None})
