"""The collect stage: archive what has arrived, identify it, and say which of it counts for a load.

Belongs here: the list of everything ever received with its identity (`Intake`). Does not belong here: reading tables.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pipelines.collect.archive import Archive, ArchiveRecord
from pipelines.collect.containers import Container, Unreadable, open_container
from pipelines.collect.identify import Identity, identify
from pipelines.collect.inbox import find_files
from pipelines.files import digest_of, digest_of_tree, write_whole
from pipelines.findings import Finding
from pipelines.forms.model import load_forms, load_reporting_units
from pipelines.settings import CHECKOUT, Settings

Progress = Callable[[str, int, int], None]  # what is being done, how many are done, of how many
OFFICE_TIME = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Received:
    """One received file: its archive record and what it was identified as."""

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
        new: SHA-256 of the files that arrived with this load.
        unchanged: how many files in the inbox hold bytes that were there before.
        left_alone: findings on files that were not read at all (lock files, empty files, links).
    """

    received: tuple[Received, ...]
    is_practice: bool
    new: frozenset[str] = frozenset()
    unchanged: int = 0
    left_alone: tuple[Finding, ...] = field(default_factory=tuple)

    @property
    def unidentified(self) -> list[Received]:
        return [each for each in self.received if each.identity.problem and self._counts(each)]

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


def collect(settings: Settings, progress: Progress, now: datetime | None = None) -> Intake:
    """Archive and identify everything in the inbox; what was archived earlier stays part of the intake.

    The practice folder is looked at only while no real submission is known, so that a deleted inbox never brings
    practice figures back.

    Returns:
        The intake; also written to `var/intake.json` for the stages that follow.
    """
    now = now or datetime.now(OFFICE_TIME)
    archive = Archive(settings.archive)
    known = _IdentityCache(settings)
    arrived: set[str] = set()
    unchanged = 0
    left_alone: list[Finding] = []
    for folder in (settings.submissions, settings.practice):
        if folder == settings.practice and _any_real(archive, known):
            break
        files, skipped = find_files(folder, settings.raw)
        left_alone += skipped
        for count, file in enumerate(files, start=1):
            progress("归档与识别", count, len(files))
            try:
                record, is_new = archive.keep(file, now)
            except OSError as error:
                left_alone.append(_unopened(file.name, error))
                continue
            # A file that could not be identified counts as arrived once it comes back under a telling name.
            earlier = known.earlier_of(record, file.name)
            if is_new or (earlier and earlier.problem and not known.identity_of(record, archive).problem):
                arrived.add(record.sha256)
            else:
                unchanged += 1
    received = tuple(
        Received(record.sha256, record.sequence, record.received_at, record.file_size, record.file_name, known.identity_of(record, archive))
        for record in sorted(archive.records.values(), key=lambda record: record.sequence)
    )
    known.save()
    intake = Intake(received, not _any_real(archive, known), frozenset(arrived), unchanged, tuple(left_alone))
    write_whole(settings.var / "intake.json", json.dumps(_as_json(intake), ensure_ascii=False, indent=1))
    return intake


def read_intake(settings: Settings) -> Intake:
    """The intake that `collect` wrote last."""
    saved = json.loads((settings.var / "intake.json").read_text(encoding="utf-8"))
    received = tuple(Received(**each | {"identity": _identity(each["identity"])}) for each in saved["received"])
    left_alone = tuple(Finding(**each) for each in saved["left_alone"])
    return Intake(received, saved["is_practice"], frozenset(saved["new"]), saved["unchanged"], left_alone)


def _as_json(intake: Intake) -> dict[str, object]:
    return {
        "is_practice": intake.is_practice,
        "new": sorted(intake.new),
        "unchanged": intake.unchanged,
        "left_alone": [asdict(finding) for finding in intake.left_alone],
        "received": [asdict(each) | {"identity": _identity_json(each.identity)} for each in intake.received],
    }


def _any_real(archive: Archive, known: _IdentityCache) -> bool:
    identities = (known.identity_of(record, archive) for record in archive.records.values())
    return any(identity.problem is None and not identity.is_practice for identity in identities)


def _unopened(file_name: str, error: OSError) -> Finding:
    return Finding(
        rule_id="file.unopened",
        level=0,
        severity="warning",
        file_name=file_name,
        message=f"文件打不开：{error.strerror}",
        advice="请确认文件没有被占用、有读取权限；下次装载会再试",
    )


class _IdentityCache:
    """Identities by content, kept between loads; void when forms, units or this package change."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.var / "cache" / "identities.json"
        self.forms = load_forms()
        self.units = load_reporting_units(settings.seeds)
        self.key = digest_of(
            digest_of_tree(CHECKOUT / "pipelines" / "collect", ".py"),
            digest_of_tree(CHECKOUT / "pipelines" / "forms", ".py", ".yml"),
            sorted(self.units.items()),
        )
        saved = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        self.identities = (
            {key: _identity(each) for key, each in saved["identities"].items()} if saved.get("key") == self.key else {}
        )  # "sha256|name|name…" -> identity
        self.saved = len(self.identities)

    def identity_of(self, record: ArchiveRecord, archive: Archive) -> Identity:
        """The identity of archived bytes: what the latest of their names that identifies them says."""
        key = "|".join((record.sha256, *record.file_names))
        if key not in self.identities:
            is_practice, identity = False, Identity()
            container, unreadable = self._open(archive.content(record.sha256))
            for name in record.file_names:
                said = identify(container, name, self.forms, self.units)
                if said.problem and unreadable:
                    said = replace(said, problem=unreadable.message, advice=unreadable.advice)
                is_practice = is_practice or said.is_practice
                if said.problem is None or name == record.file_names[0]:
                    identity = said
            self.identities[key] = replace(identity, is_practice=is_practice)
        return self.identities[key]

    def earlier_of(self, record: ArchiveRecord, latest_name: str) -> Identity | None:
        """What the bytes were identified as before they came under the latest of their names."""
        names = [name for name in record.file_names if name != latest_name]
        return self.identities.get("|".join((record.sha256, *names)))

    @staticmethod
    def _open(content: bytes) -> tuple[Container | None, Unreadable | None]:
        try:
            return open_container(content), None
        except Unreadable as error:
            return None, error

    def save(self) -> None:
        if len(self.identities) != self.saved:
            identities = {key: _identity_json(identity) for key, identity in self.identities.items()}
            write_whole(self.path, json.dumps({"key": self.key, "identities": identities}, ensure_ascii=False))


def _identity_json(identity: Identity) -> dict[str, object]:
    return asdict(identity) | {"prepared_on": identity.prepared_on and identity.prepared_on.isoformat()}


def _identity(saved: dict[str, object]) -> Identity:
    prepared_on = saved["prepared_on"]
    return Identity(**saved | {"prepared_on": date.fromisoformat(str(prepared_on)) if prepared_on else None})
