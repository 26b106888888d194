"""Putting a finished release before its readers, at once or at its time, and mending what a run left that died while doing so.

Belongs here: the renames, their order, the lock, embargoes, `repair`. Does not belong here: what is in a release.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines import files
from pipelines.release.catalog import (
    BUILDING,
    DATABASE,
    REMOVING,
    Manifest,
    Pending,
    PendingReleases,
    ReleaseError,
    current_file,
    current_release,
    damaged_releases,
    list_releases,
    pending_file,
    pointer_to,
    read_manifest,
    read_pending,
    read_pointer,
    release_folder,
    releases_folder,
    stable_database,
    switching_file,
    takes_over,
)
from pipelines.release.history import keep
from pipelines.release.record import Kind, Switch, keep_switch, next_switch, read_record
from pipelines.settings import OFFICE_TIME, Settings


def publishing_lock(settings: Settings, *, wait: bool = True) -> FileLock:
    """The lock of the one process that publishes. The system drops it with the process, so who holds it is alive."""
    settings.published.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.published / ".publishing.lock", timeout=-1 if wait else 0)


def put_in_place(
    settings: Settings, building: Path, manifest: Manifest, *, make_current: bool, not_before: datetime | None = None
) -> list[str]:
    """Give the finished folder its name, keep what it changed and, if wanted, give the readers this release, at once or not
    before a time. The caller holds the lock.

    Killed at any point, either nothing has happened for readers or `repair` completes it: `switching.json` says what was meant.

    Returns:
        Chinese sentences about what could not be done now.
    """
    sync_tree(building)
    switch = None
    if not_before is not None:
        # Before the release has its name: at no moment is it there without its embargo.
        write_pending(settings, [*read_pending(settings), Pending(release_id=manifest.release_id, not_before=not_before)])
    elif make_current:
        switch = next_switch(settings, manifest, "publish")
        files.write_whole(switching_file(settings), switch.model_dump_json(indent=2))
    building.rename(release_folder(settings, manifest.release_id))
    files.sync_folder(releases_folder(settings))
    keep(settings)  # before the switch: nobody ever sees a release of which the archive knows nothing
    drop_superseded(settings)
    return _switch(settings, switch, manifest) if switch else []


def switch_to(settings: Settings, manifest: Manifest, kind: Kind, *, who: str = "", reason: str = "") -> list[str]:
    """Make a release that is in place current for all readers, and record it. The caller holds the lock.

    Returns:
        Chinese sentences about what could not be done now.
    """
    switch = next_switch(settings, manifest, kind, who=who, reason=reason)
    files.write_whole(switching_file(settings), switch.model_dump_json(indent=2))
    return _switch(settings, switch, manifest)


def write_pending(settings: Settings, pending: list[Pending]) -> None:
    """Replace the list of releases under embargo. The caller holds the lock."""
    if pending:
        files.write_whole(pending_file(settings), PendingReleases(releases=tuple(pending)).model_dump_json(indent=2))
    else:
        pending_file(settings).unlink(missing_ok=True)


def drop_superseded(settings: Settings) -> None:
    """Leave of the embargoes those of releases that are there and are their month's newest: an older revision never follows a
    newer one. The caller holds the lock."""
    pending = read_pending(settings)
    if not pending:
        return
    newest = {(one.month, one.is_practice): one.release_id for one in list_releases(settings)}
    standing = [each for each in pending if each.release_id in newest.values()]
    if standing != pending:
        write_pending(settings, standing)


def lift_embargoes(settings: Settings, now: datetime) -> list[str]:
    """Make releases current whose time has come. The caller holds the lock and has mended what a dead run left.

    Once lifted, an embargo is gone for good: a clock set back does not bring it back.

    Returns:
        Chinese sentences of what was switched.
    """
    drop_superseded(settings)
    told = []
    for each in read_pending(settings):
        if each.not_before > now:
            continue
        manifest, current = read_manifest(settings, each.release_id), current_release(settings)
        if current is not None and current.release_id == each.release_id:
            pass  # it died between the switch and this list
        elif takes_over(current, manifest):
            told += [f"定时发布 {each.release_id} 的时间已到，现为当前发布。", *switch_to(settings, manifest, "embargo")]
        else:
            told.append(f"定时发布 {each.release_id} 的时间已到；当前发布仍是 {current.release_id}。")
        write_pending(settings, [one for one in read_pending(settings) if one.release_id != each.release_id])
    return told


def is_due(settings: Settings, now: datetime | None = None) -> bool:
    """Whether a command should `repair` before it reads: a switch was cut off, or an embargo is over. Quick to say."""
    if switching_file(settings).exists():
        return True
    return any(each.not_before <= (now or datetime.now(UTC)) for each in read_pending(settings))


def repair(settings: Settings, now: datetime | None = None) -> list[str]:
    """Remove what a dead run left half-built, complete a switch that was cut off, and lift the embargoes that are over; doing it
    twice is doing it once.

    While another process publishes nothing is touched: what looks unfinished is its work.

    Returns:
        Chinese sentences of what was mended; empty if all was well.
    """
    if not settings.published.exists():
        return []
    try:
        with publishing_lock(settings, wait=False):
            return repair_locked(settings, now)
    except Timeout:
        return []


def repair_locked(settings: Settings, now: datetime | None = None) -> list[str]:
    """`repair` for a caller that holds the lock."""
    mended = []
    for leftover in sorted(releases_folder(settings).glob(f"{BUILDING}*")):
        shutil.rmtree(leftover)
        mended.append(f"清除了上次中断留下的半成品 {leftover.name.removeprefix(BUILDING)}。")
    for leftover in releases_folder(settings).glob(f"{REMOVING}*"):
        shutil.rmtree(leftover)
    for leftover in settings.published.glob(".*.part"):
        leftover.unlink()
    mended += [f"把发布 {release_id} 的变动补存到了归档。" for release_id in keep(settings)]
    mended += _finish_cut_off_switch(settings)
    mended += _mend_pointer(settings)
    try:
        mended += lift_embargoes(settings, now or datetime.now(UTC))
    except ReleaseError as error:  # the time cannot be read: what is current stays, and the clerk is told
        mended.append(str(error))
    current = current_release(settings)
    if current is not None and not _holds(stable_database(settings), current):
        mended += _place_stable_database(settings, current) or [f"把 {DATABASE} 换成了当前发布 {current.release_id}。"]
    mended += [f"发布 {name} 的说明文件已损坏，没有列入；其他发布不受影响。" for name in damaged_releases(settings)]
    return mended


def _switch(settings: Settings, switch: Switch, manifest: Manifest) -> list[str]:
    keep_switch(settings, switch)
    files.write_whole(current_file(settings), pointer_to(manifest).model_dump_json(indent=2))
    warnings = _place_stable_database(settings, manifest)
    switching_file(settings).unlink(missing_ok=True)
    return warnings


def _finish_cut_off_switch(settings: Settings) -> list[str]:
    switch = read_pointer(switching_file(settings), Switch)
    if switch is None:
        return []
    if not release_folder(settings, switch.release_id).exists():
        switching_file(settings).unlink()  # it died before the release had its name: nothing was switched
        return []
    warnings = _switch(settings, switch, read_manifest(settings, switch.release_id))
    return [f"补完了上次中断的切换，当前发布是 {switch.release_id}。", *warnings]


def _mend_pointer(settings: Settings) -> list[str]:
    """Point a lost or damaged `current.json`, or one that names a lost release, to what was current last as the archive records
    it, else to the newest release, real before practice; never to one under embargo."""
    try:
        if current_release(settings) is not None:
            return []
        lost = f"{current_file(settings).name} 不见了"
    except ReleaseError as error:
        lost = str(error)
    once_current = [switch.release_id for switch in read_record(settings)]
    whole = {one.release_id: one for one in list_releases(settings)}
    pending = [whole[each.release_id] for each in read_pending(settings) if each.release_id in whole]
    waiting = {(one.month, one.is_practice) for one in pending}
    # Of a month that waits, an earlier revision may have waited as well.
    there = {
        name: one for name, one in whole.items() if name in once_current or (one.month, one.is_practice) not in waiting
    }
    recorded = [name for name in once_current if name in there]
    if there:
        newest = max(there.values(), key=lambda one: (not one.is_practice, one.month, one.revision))
        former = there[recorded[-1]] if recorded else newest
        files.write_whole(current_file(settings), pointer_to(former).model_dump_json(indent=2))
        return [f"{lost}；当前发布改为 {former.release_id}。"]
    if current_file(settings).exists():
        current_file(settings).unlink()
        return [f"{lost}；现在没有任何完整的发布。"]
    return []


def _place_stable_database(settings: Settings, manifest: Manifest) -> list[str]:
    """Replace `wanstat.duckdb` by a copy of the release's.

    A copy, not a hard link: who opens the stable name for writing by mistake must not reach the numbered release.
    """
    source = release_folder(settings, manifest.release_id) / DATABASE
    try:
        with files.whole(stable_database(settings)) as beside:
            shutil.copyfile(source, beside)
    except PermissionError:
        # Windows does not replace a file that a reader has open. The numbered release is complete and current.json says so.
        return [
            f"{DATABASE} 正被其他程序打开，暂时没有换成 {manifest.release_id}；"
            "关闭那个程序后再加载一次即可，releases 目录里的发布是完整的。"
        ]
    return []


def _holds(path: Path, manifest: Manifest) -> bool:
    """Whether the file at `path` is the database of the release."""
    entry = manifest.files[DATABASE]
    return path.exists() and path.stat().st_size == entry.bytes and sha256_of(path) == entry.sha256


def when(moment: datetime) -> str:
    """A moment as the office's clock shows it."""
    return f"{moment.astimezone(OFFICE_TIME):%Y-%m-%d %H:%M}"


def sha256_of(path: Path) -> str:
    """SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_tree(folder: Path) -> None:
    """Make the files and names below `folder` survive a power cut."""
    for path in folder.rglob("*"):
        if path.is_dir():
            files.sync_folder(path)
        else:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    files.sync_folder(folder)
