"""What is found while a file is read, before it is known whose it is; validate turns it into a `Finding`.

Belongs here: the shape, and how many of one kind are listed. Does not belong here: what is a problem.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from pipelines.findings import Finding, Severity

LISTED_A_RULE = 200  # of one file: a column pasted into the wrong place is one mistake, not 100,000


@dataclass(frozen=True)
class Problem:
    """Something found while reading, at a cell where there is one; the words are those of `Finding`."""

    rule_id: str
    message: str
    advice: str
    severity: Severity = "error"
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    expected: str | None = None
    level: int = 1
    subject: str | None = None
    influence: float | None = None
    must_explain: bool = False
    is_unverified: bool = False

    def finding(self, **place: Any) -> Finding:
        """The problem as a finding on what `place` names: the submission, its form, unit, month, revision, file and sheet."""
        return Finding(**asdict(self), **place)


@dataclass
class Problems:
    """Problems in the order they were found; of one rule and field the first ones are listed, the others counted."""

    listed: list[Problem] = field(default_factory=list)
    counts: dict[tuple[str, str | None], int] = field(default_factory=dict)

    def add(self, problem: Problem) -> None:
        key = (problem.rule_id, problem.field)
        self.counts[key] = self.counts.get(key, 0) + 1
        if self.counts[key] <= LISTED_A_RULE:
            self.listed.append(problem)

    def inform(
        self,
        rule_id: str,
        message: str,
        cell: str,
        name: str | None = None,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        """Add what has to be known and needs nothing done about it."""
        self.add(Problem(rule_id, message, "", "info", cell, name, value, expected))

    def is_full(self, rule_id: str, name: str | None) -> bool:
        """Whether more of the kind would only be counted."""
        return self.counts.get((rule_id, name), 0) >= LISTED_A_RULE

    def count(self, rule_id: str, name: str | None, more: int = 1) -> None:
        """Count some that are not worth making because they would not be listed."""
        self.counts[rule_id, name] = self.counts.get((rule_id, name), 0) + more

    def all(self) -> list[Problem]:
        """The listed ones, and one for each kind that says how many more there are."""
        rest = []
        for (rule_id, name), count in self.counts.items():
            if count > LISTED_A_RULE:
                last = next(each for each in reversed(self.listed) if (each.rule_id, each.field) == (rule_id, name))
                more = f"同样的问题还有 {count - LISTED_A_RULE} 处，不再逐一列出"
                rest.append(Problem(rule_id, more, last.advice, last.severity, field=name))
        return self.listed + rest
