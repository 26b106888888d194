"""Makes a release: a numbered, complete, verified folder, or none if nothing has changed; or only tells what it would be.

Belongs here: the steps of `publish` and `rehearse`, and the manifest. Does not belong here: table contents (`database`), the
renames (`switch`), or whether the release may go out (`gate`).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from pipelines import files
from pipelines.cards.indicator_cards import CARD_TABLE
from pipelines.estimates.full_year import FULL_YEAR_TABLE
from pipelines.figures.conflicts import CONFLICT_TABLES
from pipelines.release.catalog import (
    BUILDING,
    DATABASE,
    MANIFEST,
    FileEntry,
    Manifest,
    MissingReport,
    Pending,
    ReleaseError,
    current_release,
    list_releases,
    next_revision,
    read_manifest,
    read_pending,
    release_folder,
    releases_folder,
    takes_over,
)
from pipelines.release.codes import rules_of
from pipelines.release.database import STORAGE_VERSION, read_rows, verify_tables, write_tables
from pipelines.release.diff import Difference, compare
from pipelines.release.formats import write_formats
from pipelines.release.gate import Gate
from pipelines.release.history import write_changes
from pipelines.release.outcomes import findings_of, read_outcomes
from pipelines.release.record import standing_restoring
from pipelines.release.retention import remove_old
from pipelines.release.schema import RELEASE_TABLE, VOLATILE_COLUMNS, public_marts, read_dbt_manifest
from pipelines.release.switch import lift_embargoes, publishing_lock, put_in_place, repair_locked, sha256_of, when, write_pending
from pipelines.settings import Settings
from pipelines.site.render import write_site


class ReleaseStopped(ReleaseError):
    """The gate did not let the release out; `reasons` are Chinese, one line each."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("发布被拦下：\n" + "\n".join(f"· {reason}" for reason in reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True, kw_only=True)
class ReleaseRequest:
    """What is to be released.

    Attributes:
        month: 'YYYY-MM'.
        inputs_digest: of everything the content follows from; equal inputs make no new release.
        counts: files received, by state (accepted, returned, unidentified, unchanged …), for the manifest.
        not_before: the time (aware) at which it may become current; one that has passed means at once. Without one, it waits for
            the time set for an earlier release of the month that is still waiting, else it becomes current at once.
    """

    month: str
    is_practice: bool
    inputs_digest: str
    counts: Mapping[str, int] = field(default_factory=dict)
    not_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PublishedRelease:
    """What `publish` came to.

    Attributes:
        is_new: False if an earlier release already says the same; then `manifest` and `folder` are that one's.
        is_current: whether readers are given this release.
        not_before: until when it waits to become current; None if it does not wait.
        note: Chinese, one sentence.
        warnings: Chinese sentences: what was mended before, what could not be done.
    """

    manifest: Manifest
    folder: Path
    is_new: bool
    is_current: bool
    note: str
    not_before: datetime | None = None
    warnings: tuple[str, ...] = ()

    @property
    def release_id(self) -> str:
        return self.manifest.release_id


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What publishing now would come to; nothing has been published.

    Attributes:
        release_id: of the release that would be made, or that says the same already.
        is_new: whether a release would be made.
        note: Chinese, one sentence.
        stopped_by: the gate's reasons, in Chinese; empty if it would let the release out.
        difference: from the release it would follow; None without one, or where nothing new would be made.
    """

    release_id: str
    is_new: bool
    note: str
    stopped_by: tuple[str, ...]
    difference: Difference | None

    def as_json(self) -> dict[str, object]:
        return {
            "release": self.release_id,
            "is_new": self.is_new,
            "note": self.note,
            "gate": {"passed": not self.stopped_by, "reasons": list(self.stopped_by)},
            "difference": self.difference.as_json() if self.difference else None,
        }


def publish(settings: Settings, request: ReleaseRequest, gate: Gate) -> PublishedRelease:
    """Make and put in place the release that `request` asks for.

    No new release is made if its inputs are those of the release it would follow, or if other inputs led to the same content
    (for instance a workbook that was sent again with nothing changed in it). After a restoring the month's newest release
    counts as well as the restored one: only what neither of them says makes a new release.

    Raises:
        ReleaseStopped: the gate has not passed.
        ReleaseError: practice data would replace a real release, or the release could not be built.
        FileNotFoundError: no check has run.
    """
    if not gate.passed:
        raise ReleaseStopped(gate.reasons)
    with publishing_lock(settings):
        warnings = repair_locked(settings)
        current = _replaceable(settings, request)
        same = _of_the_month(settings, request, current)
        wait = _wait(settings, request)
        if before := next((one for one in same if one.inputs_digest == request.inputs_digest), None):
            return _unchanged(settings, request, before, "输入没有变化", warnings)

        manifest, building = _build(settings, request, same)
        if before := next((one for one in same if one.content == manifest.content), None):
            shutil.rmtree(building)
            return _unchanged(settings, request, before, "输入有变化而内容相同", warnings)
        if not takes_over(current, manifest):
            wait = None  # it does not become current at any time
        make_current = wait is None and takes_over(current, manifest)
        warnings += put_in_place(settings, building, manifest, make_current=make_current, not_before=wait)
        warnings += remove_old(settings)
    if wait is not None:
        note = f"{manifest.release_id} 已经完整，{when(wait)} 起为当前发布；在此之前，当前发布不变。"
    elif make_current:
        note = f"已发布 {manifest.release_id}。"
    else:
        note = f"已发布 {manifest.release_id}；当前发布仍是较新月份的 {current.release_id}。"
    folder = release_folder(settings, manifest.release_id)
    return PublishedRelease(
        manifest=manifest,
        folder=folder,
        is_new=True,
        is_current=make_current,
        not_before=wait,
        note=note,
        warnings=tuple(warnings),
    )


def rehearse(settings: Settings, request: ReleaseRequest, gate: Gate) -> Rehearsal:
    """Build and verify the release that `request` asks for beside the others, tell how it differs from the one it would follow,
    and remove it again; readers, record and archive stay as they are.

    Raises:
        ReleaseError: as `publish`.
    """
    with publishing_lock(settings):
        repair_locked(settings)
        current = _replaceable(settings, request)
        same = _of_the_month(settings, request, current)
        manifest, building = _build(settings, request, same, is_rehearsal=True)
        try:
            repeated = next((one for one in same if one.content == manifest.content), None)
            follows = current if current is not None and takes_over(current, manifest) else next(iter(same), None)
            difference = None
            if repeated is None and follows is not None and follows.is_practice == manifest.is_practice:
                former = release_folder(settings, follows.release_id) / DATABASE
                difference = compare(former, building / DATABASE, follows.release_id, manifest.release_id)
        finally:
            shutil.rmtree(building)
    if repeated is not None:
        note = f"内容与 {repeated.release_id} 相同，不会另发布。"
    elif gate.passed:
        note = f"试运行：会发布 {manifest.release_id}；现在什么也没有发布。"
    else:
        note = f"试运行：{manifest.release_id} 会被拦下，不会发布。"
    return Rehearsal(
        release_id=(repeated or manifest).release_id,
        is_new=repeated is None,
        note=note,
        stopped_by=tuple(gate.reasons),
        difference=difference,
    )


def reschedule(settings: Settings, release_id: str, not_before: datetime) -> list[str]:
    """Set another time for a release that waits for one; a time that has passed makes it current at once.

    Returns:
        Chinese sentences of what came of it.
    """
    with publishing_lock(settings):
        return repair_locked(settings) + _reschedule(settings, release_id, not_before)


def _replaceable(settings: Settings, request: ReleaseRequest) -> Manifest | None:
    """The current release, if what is asked for may be published beside or after it."""
    current = current_release(settings)
    if request.is_practice and current is not None and not current.is_practice:
        raise ReleaseError(
            f"当前发布 {current.release_id} 是真实数据，练习数据不能替换它；请用 --home 为练习另指定一个工作目录"
        )
    return current


def _of_the_month(settings: Settings, request: ReleaseRequest, current: Manifest | None) -> list[Manifest]:
    """The releases that the new one must differ from: the current one if it is of the same month, and the month's last."""
    kind = (request.month, request.is_practice)
    last = [one for one in list_releases(settings) if (one.month, one.is_practice) == kind][-1:]
    if current is not None and (current.month, current.is_practice) == kind and current not in last:
        return [current, *last]
    return last


def _wait(settings: Settings, request: ReleaseRequest) -> datetime | None:
    """Until when the release has to wait; an embargo is not broken by forgetting to repeat it."""
    asked = request.not_before
    if asked is None:
        asked = next((each.not_before for each in read_pending(settings) if _is_of(settings, each, request)), None)
    return asked if asked is not None and asked > datetime.now(UTC) else None


def _is_of(settings: Settings, pending: Pending, request: ReleaseRequest) -> bool:
    manifest = read_manifest(settings, pending.release_id)
    return (manifest.month, manifest.is_practice) == (request.month, request.is_practice)


def _reschedule(settings: Settings, release_id: str, not_before: datetime) -> list[str]:
    pending = read_pending(settings)
    if release_id not in {each.release_id for each in pending}:
        return [f"{release_id} 已经公布，不能再定时。"]
    others = [each for each in pending if each.release_id != release_id]
    write_pending(settings, [*others, Pending(release_id=release_id, not_before=not_before)])
    return lift_embargoes(settings, datetime.now(UTC)) or [f"{release_id} 改为 {when(not_before)} 起为当前发布。"]


def _unchanged(
    settings: Settings, request: ReleaseRequest, before: Manifest, why: str, warnings: Sequence[str]
) -> PublishedRelease:
    """An earlier release says the same: readers keep what they have, unless another time is asked for one that waits."""
    told = list(warnings)
    if request.not_before is not None:
        told += _reschedule(settings, before.release_id, request.not_before)
    waits = next((each.not_before for each in read_pending(settings) if each.release_id == before.release_id), None)
    current, restoring = current_release(settings), standing_restoring(settings)
    if restoring is not None and current.release_id != before.release_id and waits is None:
        told.append(f"当前发布仍是 {restoring.who} 恢复的 {restoring.release_id}；要换回，用 wanstat release restore。")
    return PublishedRelease(
        manifest=before,
        folder=release_folder(settings, before.release_id),
        is_new=False,
        is_current=current is not None and current.release_id == before.release_id,
        not_before=waits,
        note=f"{why}，不另发布，仍为 {before.release_id}。",
        warnings=tuple(told),
    )


def _build(
    settings: Settings, request: ReleaseRequest, same: Sequence[Manifest], *, is_rehearsal: bool = False
) -> tuple[Manifest, Path]:
    """Write the whole release into a folder beside the others, under a name that readers and `list_releases` pass over.

    Of a rehearsal, and where it says what one of `same` says, only the tables: nobody will see the rest.
    """
    revision = next_revision(settings, request.month)
    release_id = f"{request.month}-r{revision}"
    building = releases_folder(settings) / f"{BUILDING}{release_id}"
    building.mkdir(parents=True)
    try:
        dbt_manifest = read_dbt_manifest(settings.dbt_target / "manifest.json")
        marts, results = public_marts(dbt_manifest), [*CONFLICT_TABLES.values(), FULL_YEAR_TABLE, CARD_TABLE]
        built_at = datetime.now(UTC).replace(microsecond=0)
        known = {
            "release_id": release_id,
            "month": request.month,
            "revision": revision,
            "is_practice": request.is_practice,
            "built_at": built_at.replace(tzinfo=None),
            "inputs_digest": request.inputs_digest,
            "wanstat_version": version("wanstat"),
        }
        check_findings = findings_of(read_outcomes(settings), month=request.month, is_practice=request.is_practice)
        write_tables(settings, building, marts=marts, results=results, check_findings=check_findings, release_row=known)
        tables = verify_tables(building, [*marts, *results, RELEASE_TABLE])
        write_changes(settings, building, release_id)
        counts, missing = _counts_and_missing(building, request)
        content = {name: entry.digest for name, entry in tables.items()}
        if not is_rehearsal and all(one.content != content for one in same):
            write_formats(
                building,
                [*marts, *results, RELEASE_TABLE],
                rules_of(dbt_manifest),
                seeds=settings.seeds,
                release_id=release_id,
                built_at=known["built_at"],
                is_practice=request.is_practice,
            )
            write_site(building, tables=tables, earlier=list_releases(settings))
        manifest = Manifest(
            release_id=release_id,
            month=request.month,
            revision=revision,
            is_practice=request.is_practice,
            built_at=built_at.isoformat(),
            inputs_digest=request.inputs_digest,
            versions={
                "wanstat": version("wanstat"),
                "duckdb": duckdb.__version__,
                "dbt": dbt_manifest["metadata"]["dbt_version"],
                "storage": STORAGE_VERSION,
            },
            tables=tables,
            digest_leaves_out=VOLATILE_COLUMNS,
            counts=counts,
            missing=missing,
            files=_files(building),
        )
        files.write_whole(building / MANIFEST, manifest.model_dump_json(indent=2))
    except BaseException:  # also when interrupted from the keyboard: nothing half-built stays
        shutil.rmtree(building, ignore_errors=True)
        raise
    return manifest, building


def _counts_and_missing(folder: Path, request: ReleaseRequest) -> tuple[dict[str, dict[str, int]], tuple[MissingReport, ...]]:
    """What the manifest says of a written release beside its tables."""
    grouped = {
        "obligations": "SELECT state, count(*) FROM marts.submission_status GROUP BY ALL ORDER BY ALL",
        "findings": "SELECT severity, count(*) FROM marts.findings GROUP BY ALL ORDER BY ALL",
        "conflicts": "SELECT state, count(*) FROM marts.conflicts WHERE category = 'contradiction' GROUP BY ALL ORDER BY ALL",
    }
    names = ("form", "reporting_unit_id", "month", "state")
    missing = f"""
        SELECT {", ".join(names)} FROM marts.submission_status
        WHERE state IN ('missing', 'returned', 'locked') ORDER BY month DESC, form, reporting_unit_id
    """
    rows = read_rows(folder, {**grouped, "missing": missing})
    counts = {"submissions": dict(request.counts)} | {name: dict(rows[name]) for name in grouped}
    return counts, tuple(MissingReport(**dict(zip(names, row, strict=True))) for row in rows["missing"])


def _files(folder: Path) -> dict[str, FileEntry]:
    there = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): FileEntry(bytes=path.stat().st_size, sha256=sha256_of(path)) for path in there}
