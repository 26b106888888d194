"""Which release was made current when, by whom and why: one file a switch, kept in the archive for good.

Belongs here: the record, reading it and adding to it. Does not belong here: switching (`switch`), or what is
current now.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pipelines import files
from pipelines.release.catalog import Manifest, Pointer, current_pointer, pointer_to, read_pointer
from pipelines.settings import Settings

Kind = Literal["publish", "restore", "embargo"]


class Switch(Pointer):
    """A release being made current: what `switching.json` says while it lasts, and the archive afterwards.

    Attributes:
        number: from 1 in the order of the switches, whatever the clock said; 0 where an earlier version left none.
        kind: published by a load; restored by a person; a release whose embargo was over.
        before: the release that was current until then.
        who, reason: of a person's decision; empty where a load or the time decided.
        at: ISO 8601 in UTC; for people only.
    """

    number: int = 0
    kind: Kind = "publish"
    before: str | None = None
    who: str = ""
    reason: str = ""
    at: str = ""


def read_record(settings: Settings) -> list[Switch]:
    """All switches in their order.

    Raises:
        ReleaseError: a file of the record is damaged.
    """
    return [switch for path in sorted(_folder(settings).glob("*.json")) if (switch := read_pointer(path, Switch)) is not None]


def next_switch(settings: Settings, manifest: Manifest, kind: Kind, *, who: str = "", reason: str = "") -> Switch:
    """The switch to a release, with the next number."""
    numbers = [int(path.stem) for path in _folder(settings).glob("*.json")]
    before = current_pointer(settings)
    return Switch(
        **pointer_to(manifest).model_dump(),
        number=1 + max(numbers, default=0),
        kind=kind,
        before=before.release_id if before else None,
        who=who,
        reason=reason,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def keep_switch(settings: Settings, switch: Switch) -> None:
    """Add a switch to the record, unless it is there already: a switch that was cut off is finished under its own number."""
    path = _folder(settings) / f"{switch.number:06d}.json"
    if switch.number and not path.exists():
        files.write_whole(path, switch.model_dump_json(indent=2))


def restored_releases(settings: Settings) -> dict[str, Switch]:
    """The releases that a person ever restored, each with the last time it was."""
    return {switch.release_id: switch for switch in read_record(settings) if switch.kind == "restore"}


def standing_restoring(settings: Settings) -> Switch | None:
    """The restoring to which the readers owe their release; None if a load or the time gave it to them."""
    record, current = read_record(settings), current_pointer(settings)
    is_standing = bool(record) and record[-1].kind == "restore" and current and current.release_id == record[-1].release_id
    return record[-1] if is_standing else None


def _folder(settings: Settings) -> Path:
    return settings.archive / "switches"
