"""Which old releases go, and their removal; what they changed stays in the archive.

Belongs here: the rule of retention and carrying it out. Does not belong here: the archive, which nothing removes anything from.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Sequence

from pipelines.release.catalog import (
    REMOVING,
    Manifest,
    current_pointer,
    kept_folder,
    list_releases,
    read_pending,
    release_folder,
    releases_folder,
)
from pipelines.release.record import restored_releases
from pipelines.settings import Settings

NEWEST_KEPT = 12  # revisions of each month, of practice and of real data apart; the last of every month is among them


def to_remove(releases: Sequence[Manifest], spared: Collection[str]) -> list[str]:
    """The ids of the releases that are not among their month's newest and not spared.

    Args:
        releases: all whole ones, each month's in order of revision.
        spared: ids of releases that stay whatever their age: the current one, those under embargo, those ever restored.
    """
    newer: Counter[tuple[str, bool]] = Counter()
    old = []
    for one in reversed(releases):
        newer[one.month, one.is_practice] += 1
        if newer[one.month, one.is_practice] > NEWEST_KEPT and one.release_id not in spared:
            old.append(one.release_id)
    return sorted(old)


def remove_old(settings: Settings) -> list[str]:
    """Remove what the rule says, each at once or not at all: `repair` finishes what a dead run began. The caller holds the lock.

    Returns:
        Chinese sentences of what was removed.
    """
    current = current_pointer(settings)
    spared = {each.release_id for each in read_pending(settings)} | restored_releases(settings).keys()
    spared |= {current.release_id} if current else set()
    removed = []
    for release_id in to_remove(list_releases(settings), spared):
        if not (kept_folder(settings, "releases") / f"{release_id}.parquet").exists():
            continue  # of a version without an archive of releases: the folder is all there is, and its number would be free
        aside = releases_folder(settings) / f"{REMOVING}{release_id}"
        try:
            release_folder(settings, release_id).rename(aside)
        except PermissionError:  # Windows: a reader has it open; the next load tries again
            continue
        shutil.rmtree(aside)
        removed.append(release_id)
    if not removed:
        return []
    return [f"按每月保留最近 {NEWEST_KEPT} 号的规定，删去了旧发布 {'、'.join(removed)}；其版次仍在归档里。"]
