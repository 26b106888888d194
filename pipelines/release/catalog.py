"""Which releases there are, which one is current, which ones wait for their time, and where their files lie.

Belongs here: paths below `published/`, the manifest's model, reading. Does not belong here: making or switching releases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from pipelines.refusals import Refusal
from pipelines.settings import Settings

DATABASE = "wanstat.duckdb"
MANIFEST = "manifest.json"
BUILDING, REMOVING = ".building-", ".removing-"
RELEASE_ID = re.compile(r"(?P<month>\d{4}-(0[1-9]|1[0-2]))-r(?P<revision>[1-9]\d*)")


class ReleaseError(Refusal):
    """A release could not be made or read; the message is Chinese and says what to do. The releases there are stay."""


class Lenient(BaseModel):
    """Read leniently: a manifest written by a later version may say more than this one knows."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TableEntry(Lenient):
    rows: int
    digest: str


class FileEntry(Lenient):
    bytes: int
    sha256: str


class MissingReport(Lenient):
    """An obligation without an accepted submission: `state` is missing, returned or locked."""

    form: str
    reporting_unit_id: str
    month: str
    state: str


class Manifest(Lenient):
    """What `manifest.json` says of a release.

    Attributes:
        built_at: ISO 8601 in UTC.
        versions: of wanstat, duckdb and dbt, and the storage version of the database file.
        tables: rows and content digest of each table; `digest_leaves_out` names the columns the digest passes over.
        counts: submissions received by state, obligations by state, findings by severity, conflicts.
        files: size and SHA-256 of every other file of the release, by its path in it.
    """

    release_id: str
    month: str
    revision: int
    is_practice: bool
    built_at: str
    inputs_digest: str
    versions: dict[str, str]
    tables: dict[str, TableEntry]
    digest_leaves_out: dict[str, tuple[str, ...]]
    counts: dict[str, dict[str, int]]
    missing: tuple[MissingReport, ...]
    files: dict[str, FileEntry]

    @property
    def content(self) -> dict[str, str]:
        """Table -> digest: two releases of equal content have the same."""
        return {name: entry.digest for name, entry in self.tables.items()}


class Pointer(Lenient):
    """What `current.json` (and, during a switch, `switching.json`) says; readers of the releases start here."""

    release_id: str
    month: str
    revision: int
    is_practice: bool
    database: str


class Pending(Lenient):
    """A complete release under embargo: it becomes current at `not_before`."""

    release_id: str
    not_before: AwareDatetime


class PendingReleases(Lenient):
    """What `pending.json` says."""

    releases: tuple[Pending, ...]


def takes_over(current: Manifest | None, manifest: Manifest) -> bool:
    """Whether a release may become current by itself: practice never replaces real data, an older month no newer one."""
    if current is None or current.is_practice != manifest.is_practice:
        return current is None or current.is_practice
    return manifest.month >= current.month


def releases_folder(settings: Settings) -> Path:
    """The folder of all numbered releases."""
    return settings.published / "releases"


def release_folder(settings: Settings, release_id: str) -> Path:
    """The folder of one release, whether it is there or not."""
    return releases_folder(settings) / release_id


def kept_folder(settings: Settings, table: str) -> Path:
    """The folder of the archive in which each release has a file with its changes to `table`."""
    return settings.archive / "releases" / table


def current_file(settings: Settings) -> Path:
    """Says which release is current."""
    return settings.published / "current.json"


def switching_file(settings: Settings) -> Path:
    """Says, while it exists, which release is being put in place; a start finds it after a crash."""
    return settings.published / "switching.json"


def pending_file(settings: Settings) -> Path:
    """Says which releases are under embargo and until when; absent where none is."""
    return settings.published / "pending.json"


def stable_database(settings: Settings) -> Path:
    """The database under the name that never changes."""
    return settings.published / DATABASE


def pointer_to(manifest: Manifest) -> Pointer:
    """The pointer to a release."""
    return Pointer(
        release_id=manifest.release_id,
        month=manifest.month,
        revision=manifest.revision,
        is_practice=manifest.is_practice,
        database=f"releases/{manifest.release_id}/{DATABASE}",
    )


def read_manifest(settings: Settings, release_id: str) -> Manifest:
    """The manifest of a release.

    Raises:
        ReleaseError: the release is not there or its manifest is damaged.
    """
    path = release_folder(settings, release_id) / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ReleaseError(f"没有发布 {release_id}，或其目录已残缺") from error
    except ValidationError as error:
        raise ReleaseError(f"发布 {release_id} 的 {MANIFEST} 已损坏：{error.error_count()} 处读不懂") from error


def list_releases(settings: Settings) -> list[Manifest]:
    """All whole releases, by month and revision; `damaged_releases` names those left out."""
    return [manifest for _, manifest in _releases(settings) if manifest is not None]


def damaged_releases(settings: Settings) -> list[str]:
    """The ids of releases whose folder is there and whose manifest cannot be read; one of them must not block the others."""
    return [release_id for release_id, manifest in _releases(settings) if manifest is None]


def _releases(settings: Settings) -> Iterator[tuple[str, Manifest | None]]:
    folder = releases_folder(settings)
    names = [RELEASE_ID.fullmatch(path.name) for path in folder.iterdir()] if folder.exists() else []
    for match in sorted(filter(None, names), key=lambda match: (match["month"], int(match["revision"]))):
        try:
            yield match.string, read_manifest(settings, match.string)
        except ReleaseError:
            yield match.string, None


def next_revision(settings: Settings, month: str) -> int:
    """One more than the highest revision of `month` in use, whole or not, or kept in the archive: no number is given twice."""
    folders = [releases_folder(settings), kept_folder(settings, "releases")]
    there = [path for folder in folders if folder.exists() for path in folder.iterdir()]
    names = [RELEASE_ID.fullmatch(path.name.removesuffix(".parquet")) for path in there]
    return 1 + max((int(match["revision"]) for match in names if match and match["month"] == month), default=0)


SomePointer = TypeVar("SomePointer", bound=Pointer)


def read_pointer(path: Path, model: type[SomePointer]) -> SomePointer | None:
    """What a pointer file says; None if there is no such file.

    Raises:
        ReleaseError: it is damaged.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ReleaseError(f"{path.name} 已损坏；重新加载时会自动修复，已有的各次发布不受影响") from error


def current_pointer(settings: Settings) -> Pointer | None:
    """What `current.json` says; None without one, or where it is damaged."""
    try:
        return read_pointer(current_file(settings), Pointer)
    except ReleaseError:
        return None


def read_pending(settings: Settings) -> list[Pending]:
    """The releases under embargo, the next one first.

    Raises:
        ReleaseError: `pending.json` is damaged.
    """
    path = pending_file(settings)
    try:
        said = PendingReleases.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return []
    except ValidationError as error:
        raise ReleaseError(
            f"{path.name} 已损坏，定时发布的时间读不出；请删去 {path}，再用 wanstat load 月份 --not-before 时间 重新定时"
        ) from error
    return sorted(said.releases, key=lambda each: (each.not_before, each.release_id))


def current_release(settings: Settings) -> Manifest | None:
    """The release that readers are given now; None before the first one.

    Raises:
        ReleaseError: `current.json` is damaged, or names a release that is no longer there.
    """
    pointer = read_pointer(current_file(settings), Pointer)
    return None if pointer is None else read_manifest(settings, pointer.release_id)


def query(settings: Settings, release_id: str, sql: str, *parameters: object) -> list[dict[str, Any]]:
    """Rows of a query on a release's database, each by column name."""
    import duckdb

    database = release_folder(settings, release_id) / DATABASE
    with duckdb.connect(str(database), read_only=True) as connection:
        cursor = connection.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
