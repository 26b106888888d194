"""What releases there are, for people to choose from.

Belongs here: one record a release and the restorings. Does not belong here: showing (console), or whether a release is whole
(`verify`).
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.release.catalog import RELEASE_ID, current_pointer, damaged_releases, list_releases, read_pending
from pipelines.release.record import Switch, read_record
from pipelines.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ListedRelease:
    """A release as `wanstat release list` has it; of a damaged one only what its folder's name says.

    Attributes:
        built_at: ISO 8601 in UTC.
        findings: by severity.
        missing: obligations nothing was received for.
        not_before: until when it waits to become current (ISO 8601); None if it does not wait.
    """

    release_id: str
    month: str
    revision: int
    is_practice: bool | None = None
    built_at: str | None = None
    findings: dict[str, int] | None = None
    conflicts: int | None = None
    missing: int | None = None
    is_current: bool = False
    is_damaged: bool = False
    not_before: str | None = None


def listed_releases(settings: Settings) -> list[ListedRelease]:
    """All releases by month and revision.

    Raises:
        ReleaseError: the embargoes cannot be read.
    """
    current = current_pointer(settings)
    waits = {each.release_id: each.not_before.isoformat() for each in read_pending(settings)}
    rows = [
        ListedRelease(
            release_id=one.release_id,
            month=one.month,
            revision=one.revision,
            is_practice=one.is_practice,
            built_at=one.built_at,
            findings=dict.fromkeys(("error", "warning", "info"), 0) | one.counts["findings"],
            conflicts=sum(one.counts["conflicts"].values()),
            missing=one.counts["obligations"].get("missing", 0),
            is_current=current is not None and current.release_id == one.release_id,
            not_before=waits.get(one.release_id),
        )
        for one in list_releases(settings)
    ]
    for release_id in damaged_releases(settings):
        parts = RELEASE_ID.fullmatch(release_id)
        rows.append(
            ListedRelease(release_id=release_id, month=parts["month"], revision=int(parts["revision"]), is_damaged=True)
        )
    return sorted(rows, key=lambda row: (row.month, row.revision))


def restorings(settings: Settings) -> list[Switch]:
    """Every restoring, the first one first.

    Raises:
        ReleaseError: the record is damaged.
    """
    return [switch for switch in read_record(settings) if switch.kind == "restore"]


def pair_to_compare(settings: Settings, before: str | None, after: str | None) -> tuple[str, str] | None:
    """The two releases meant: without an `after` the current one, without a `before` the one before `after` in the list and
    of the same kind; None where there is no such pair."""
    there = [row for row in listed_releases(settings) if not row.is_damaged]
    if after is None:
        after = next((row.release_id for row in there if row.is_current), None)
    if before is None and after is not None:
        [meant] = [row for row in there if row.release_id == after]
        earlier = [row for row in there[: there.index(meant)] if row.is_practice == meant.is_practice]
        before = earlier[-1].release_id if earlier else None
    return (before, after) if before and after else None
