"""Who let a locked month change again, when and why: one JSON line each, kept in the archive.

Belongs here: the record, reading it and adding to it. Does not belong here: what a lock is (`obligations`).

It lies in the archive because it is a decision of a person, and everything outside the archive can be rebuilt from it.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pipelines.files import write_whole

REOPENED_FILE = "reopened.jsonl"


@dataclass(frozen=True)
class Reopening:
    """A month's lock lifted for what had been received by then.

    Attributes:
        at: local time, ISO 8601; for people only.
        up_to: sequence of the last arrival it holds for; a clock set back cannot change it.
        is_practice: whether it was of practice data; such never open a month of real submissions.
    """

    month: str
    reason: str
    who: str
    at: str
    up_to: int
    is_practice: bool


def read_reopenings(archive: Path, *, is_practice: bool) -> list[Reopening]:
    """The reopenings recorded in an archive folder, of practice or of real data, oldest first."""
    path = archive / REOPENED_FILE
    if not path.exists():
        return []
    recorded = [Reopening(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [each for each in recorded if each.is_practice == is_practice]


def record_reopening(archive: Path, reopening: Reopening) -> None:
    """Add a line to the record, which is written anew and renamed, so that a power cut leaves no half a line."""
    path = archive / REOPENED_FILE
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_whole(path, before + json.dumps(asdict(reopening), ensure_ascii=False) + "\n")


def reopening(month: str, reason: str, *, at: datetime, up_to: int, is_practice: bool) -> Reopening:
    """A reopening by whoever is logged in."""
    return Reopening(month, reason, login_name(), at.isoformat(timespec="seconds"), up_to, is_practice)


def login_name() -> str:
    """Who is logged in."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name, as in some containers
        return "未知"
