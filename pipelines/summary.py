"""What a load tells when it is over: the release, and what became of every file.

Belongs here: the shape of that and how files are accounted for. Does not belong here: the stages (load), or printing (console).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from pipelines.collect.intake import Intake

if TYPE_CHECKING:
    import polars as pl

    from pipelines.release.build import Rehearsal


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file.

    Attributes:
        state: of its submission; `repeated` for bytes that came before, `left_alone` for what was not opened.
        reason: in Chinese, why it is not accepted; None where it is.
    """

    file_name: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class LoadSummary:
    """What a load amounted to; `as_json` is the shape of `wanstat load --json`.

    Attributes:
        submissions: files of the inbox by what became of them in this load; `unchanged` were there before.
        files: every file that is new in this load with what became of it and why; files left unread are named every time.
        findings: findings of the release by severity.
        stopped_by: the gate's reasons, in Chinese; empty when there is a release.
        notes: what the release has to say of itself, in Chinese.
        corrections: of the office's corrections, how many were applied, have expired, and are at fault.
        not_before: until when the release waits to become current (ISO 8601); None if it does not wait.
        rehearsal: of a dry run, what would have been published; then `release` is None.
    """

    release: str | None
    month: str
    is_practice: bool
    is_new: bool
    submissions: dict[str, int]
    findings: dict[str, int]
    conflicts: int
    seconds: dict[str, float] = field(default_factory=dict)
    stopped_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    files: tuple[FileOutcome, ...] = ()
    corrections: dict[str, int] = field(default_factory=dict)
    not_before: str | None = None
    rehearsal: Rehearsal | None = None

    def as_json(self) -> dict[str, object]:
        rehearsal = self.rehearsal.as_json() if self.rehearsal else None
        plain = asdict(replace(self, rehearsal=None))
        return plain | {"stopped_by": list(self.stopped_by), "notes": list(self.notes), "rehearsal": rehearsal}

    @property
    def found_something_wrong(self) -> bool:
        is_any_left_out = any(self.submissions[state] > 0 for state in ("returned", "locked", "unidentified"))
        return bool(self.stopped_by) or is_any_left_out or self.corrections.get("failed", 0) > 0


def outcomes_of(intake: Intake, submissions: pl.DataFrame, before: Mapping[str, str]) -> tuple[FileOutcome, ...]:
    """What became of the inbox's files that no earlier load has told of, and of those left unread.

    Args:
        submissions: as landed, with `file_sha256`, `file_name`, `state`, `reason`.
        before: state by "sha256 name" after the last finished load.
    """
    rows = submissions.select("file_sha256", "file_name", "state", "reason").iter_rows()
    known = {f"{sha256} {name}": (state, reason) for sha256, name, state, reason in rows}
    names = dict(reversed([key.split(" ", 1) for key in known]))  # by SHA-256, the first of them
    outcomes = []
    for sha256, name in intake.present:
        key = f"{sha256} {name}"
        if _is_told(known.get(key, (None,))[0], before.get(key)):
            continue
        same = names.get(sha256)
        repeated = ("repeated", f"内容与 {same} 完全相同，不重复计入" if same else "内容以前已收到，不重复计入")
        outcomes.append(FileOutcome(name, *known.get(key, repeated)))
    outcomes += [FileOutcome(str(each.file_name), "left_alone", each.message) for each in intake.left_alone]
    return tuple(outcomes)


def accounted(present: Sequence[tuple[str, str]], states: Mapping[str, str], before: Mapping[str, str]) -> dict[str, int]:
    """Every file of the inbox under exactly one of accepted, returned, locked, unidentified, unchanged.

    Args:
        present: (SHA-256, name) of each file in the inbox.
        states: "sha256 name" -> state now; a file that repeats another one's submission has none.
        before: the same after the last finished load.
    """
    counts = {"accepted": 0, "returned": 0, "locked": 0, "unidentified": 0, "unchanged": 0}
    for sha256, file_name in present:
        key = f"{sha256} {file_name}"
        state = states.get(key)
        if state is None or _is_told(state, before.get(key)):
            counts["unchanged"] += 1
        else:
            counts["accepted" if state == "superseded" else state] += 1
    return counts


def _is_told(state: str | None, before: str | None) -> bool:
    """Whether an earlier load has told of a file; one that a reopened month lets in after all is news once more."""
    return before is not None and (before != "locked" or state in (None, "locked"))
