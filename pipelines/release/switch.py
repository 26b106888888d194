"""Putting a finished release before its readers, and mending what a run left that died while doing so.

Belongs here: the renames, their order, the lock, `repair`. Does not belong here: what is in a release.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines import files
from pipelines.release.catalog import (
    BUILDING,
    DATABASE,
    Manifest,
    ReleaseError,
    current_file,
    current_release,
    damaged_releases,
    list_releases,
    pointer_to,
    read_manifest,
    read_pointer,
    release_folder,
    releases_folder,
    stable_database,
    switching_file,
)
from pipelines.release.history import keep
from pipelines.settings import Settings


def publishing_lock(settings: Settings, *, wait: bool = True) -> FileLock:
    """The lock of the one process that publishes. The system drops it with the process, so who holds it is alive."""
    settings.published.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.published / ".publishing.lock", timeout=-1 if wait else 0)


def put_in_place(settings: Settings, building: Path, manifest: Manifest, *, make_current: bool) -> list[str]:
    """Give the finished folder its name, keep what it changed and, if wanted, give the readers this release. The caller holds
    the lock.

    Killed at any point, either nothing has happened for readers or `repair` completes it: `switching.json` says what was meant.

    Returns:
        Chinese sentences about what could not be done now.
    """
    sync_tree(building)
    if make_current:
        files.write_whole(switching_file(settings), pointer_to(manifest).model_dump_json(indent=2))
    building.rename(release_folder(settings, manifest.release_id))
    files.sync_folder(releases_folder(settings))
    keep(settings)  # before the switch: nobody ever sees a release of which the archive knows nothing
    return _switch(settings, manifest) if make_current else []


def repair(settings: Settings) -> list[str]:
    """Remove what a dead run left half-built and complete a switch that was cut off; doing it twice is doing it once.

    While another process publishes nothing is touched: what looks unfinished is its work.

    Returns:
        Chinese sentences of what was mended; empty if all was well.
    """
    if not settings.published.exists():
        return []
    try:
        with publishing_lock(settings, wait=False):
            return repair_locked(settings)
    except Timeout:
        return []


def repair_locked(settings: Settings) -> list[str]:
    """`repair` for a caller that holds the lock."""
    mended = []
    for leftover in sorted(releases_folder(settings).glob(f"{BUILDING}*")):
        shutil.rmtree(leftover)
        mended.append(f"清除了上次中断留下的半成品 {leftover.name.removeprefix(BUILDING)}。")
    for leftover in settings.published.glob(".*.part"):
        leftover.unlink()
    mended += [f"把发布 {release_id} 的变动补存到了归档。" for release_id in keep(settings)]
    mended += _finish_cut_off_switch(settings)
    mended += _mend_pointer(settings)
    current = current_release(settings)
    if current is not None and not _holds(stable_database(settings), current):
        mended += _place_stable_database(settings, current) or [f"把 {DATABASE} 换成了当前发布 {current.release_id}。"]
    mended += [f"发布 {name} 的说明文件已损坏，没有列入；其他发布不受影响。" for name in damaged_releases(settings)]
    return mended


def _switch(settings: Settings, manifest: Manifest) -> list[str]:
    files.write_whole(current_file(settings), pointer_to(manifest).model_dump_json(indent=2))
    warnings = _place_stable_database(settings, manifest)
    switching_file(settings).unlink(missing_ok=True)
    return warnings


def _finish_cut_off_switch(settings: Settings) -> list[str]:
    pointer = read_pointer(switching_file(settings))
    if pointer is None:
        return []
    if not release_folder(settings, pointer.release_id).exists():
        switching_file(settings).unlink()  # it died before the release had its name: nothing was switched
        return []
    warnings = _switch(settings, read_manifest(settings, pointer.release_id))
    return [f"补完了上次中断的切换，当前发布是 {pointer.release_id}。", *warnings]


def _mend_pointer(settings: Settings) -> list[str]:
    """Point a lost or damaged `current.json`, or one that names a lost release, to the newest release, real before practice."""
    try:
        if current_release(settings) is not None:
            return []
        lost = f"{current_file(settings).name} 不见了"
    except ReleaseError as error:
        lost = str(error)
    if there := list_releases(settings):
        newest = max(there, key=lambda one: (not one.is_practice, one.month, one.revision))
        files.write_whole(current_file(settings), pointer_to(newest).model_dump_json(indent=2))
        return [f"{lost}；当前发布改为 {newest.release_id}。"]
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
