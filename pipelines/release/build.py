"""Makes a release: a numbered, complete, verified folder, or none if nothing has changed.

Belongs here: the steps of `publish` and the manifest. Does not belong here: table contents (`database`), the renames (`switch`),
or whether the release may go out (`gate`).
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
    MANIFEST,
    FileEntry,
    Manifest,
    MissingReport,
    ReleaseError,
    current_release,
    list_releases,
    next_revision,
    release_folder,
    releases_folder,
)
from pipelines.release.database import STORAGE_VERSION, read_rows, verify_tables, write_tables
from pipelines.release.gate import Gate
from pipelines.release.history import write_changes
from pipelines.release.outcomes import findings_of, read_outcomes
from pipelines.release.schema import RELEASE_TABLE, VOLATILE_COLUMNS, public_marts, read_dbt_manifest
from pipelines.release.switch import publishing_lock, put_in_place, repair_locked, sha256_of
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
    """

    month: str
    is_practice: bool
    inputs_digest: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PublishedRelease:
    """What `publish` came to.

    Attributes:
        is_new: False if an earlier release already says the same; then `manifest` and `folder` are that one's.
        is_current: whether readers are given this release.
        note: Chinese, one sentence.
        warnings: Chinese sentences: what was mended before, what could not be done.
    """

    manifest: Manifest
    folder: Path
    is_new: bool
    is_current: bool
    note: str
    warnings: tuple[str, ...] = ()

    @property
    def release_id(self) -> str:
        return self.manifest.release_id


def publish(settings: Settings, request: ReleaseRequest, gate: Gate) -> PublishedRelease:
    """Make and put in place the release that `request` asks for.

    No new release is made if the inputs are those of the release it would follow, or if other inputs led to the same content
    (for instance a workbook that was sent again with nothing changed in it).

    Raises:
        ReleaseStopped: the gate has not passed.
        ReleaseError: practice data would replace a real release, or the release could not be built.
        FileNotFoundError: no check has run.
    """
    if not gate.passed:
        raise ReleaseStopped(gate.reasons)
    with publishing_lock(settings):
        warnings = repair_locked(settings)
        current = current_release(settings)
        if request.is_practice and current is not None and not current.is_practice:
            raise ReleaseError(
                f"当前发布 {current.release_id} 是真实数据，练习数据不能替换它；请用 --home 为练习另指定一个工作目录"
            )
        before = _predecessor(settings, request, current)
        if before is not None and before.inputs_digest == request.inputs_digest:
            return _unchanged(settings, before, current, "输入没有变化", warnings)

        manifest, building = _build(settings, request)
        if before is not None and before.content == manifest.content:
            shutil.rmtree(building)
            return _unchanged(settings, before, current, "输入有变化而内容相同", warnings)
        # A month that is loaded again later must not take the newer month from the readers.
        make_current = current is None or current.is_practice != request.is_practice or request.month >= current.month
        warnings += put_in_place(settings, building, manifest, make_current=make_current)
    note = f"已发布 {manifest.release_id}" + ("。" if make_current else f"；当前发布仍是较新月份的 {current.release_id}。")
    folder = release_folder(settings, manifest.release_id)
    return PublishedRelease(
        manifest=manifest, folder=folder, is_new=True, is_current=make_current, note=note, warnings=tuple(warnings)
    )


def _predecessor(settings: Settings, request: ReleaseRequest, current: Manifest | None) -> Manifest | None:
    """The release that the new one would follow: the current one if it is of the same month, else the month's last."""
    if current is not None and (current.month, current.is_practice) == (request.month, request.is_practice):
        return current
    same = [one for one in list_releases(settings) if (one.month, one.is_practice) == (request.month, request.is_practice)]
    return same[-1] if same else None


def _unchanged(
    settings: Settings, before: Manifest, current: Manifest | None, why: str, warnings: Sequence[str]
) -> PublishedRelease:
    return PublishedRelease(
        manifest=before,
        folder=release_folder(settings, before.release_id),
        is_new=False,
        is_current=current is not None and current.release_id == before.release_id,
        note=f"{why}，不另发布，仍为 {before.release_id}。",
        warnings=tuple(warnings),
    )


def _build(settings: Settings, request: ReleaseRequest) -> tuple[Manifest, Path]:
    """Write the whole release into a folder beside the others, under a name that readers and `list_releases` pass over."""
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
