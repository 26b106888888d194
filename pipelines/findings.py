"""The one model of a thing found wrong, repaired or unverifiable, whichever stage found it.

Belongs here: `Finding`, its fields and its table shape. Does not belong here: the checks that make findings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

from pipelines.files import digest_of

Severity = Literal["error", "warning", "info"]
State = Literal["open", "answered", "unverified", "noted"]

# Column name -> DuckDB type, in the order of the table `marts.findings`.
FINDING_COLUMNS = {
    "finding_id": "VARCHAR",
    "submission_id": "VARCHAR",
    "form": "VARCHAR",
    "reporting_unit_id": "VARCHAR",
    "month": "VARCHAR",
    "revision": "INTEGER",
    "rule_id": "VARCHAR",
    "level": "INTEGER",
    "severity": "VARCHAR",
    "file_name": "VARCHAR",
    "sheet": "VARCHAR",
    "cell": "VARCHAR",
    "field": "VARCHAR",
    "value": "VARCHAR",
    "expected": "VARCHAR",
    "message": "VARCHAR",
    "advice": "VARCHAR",
    "subject": "VARCHAR",
    "influence": "DOUBLE",
    "must_explain": "BOOLEAN",
    "state": "VARCHAR",
    "explanation": "VARCHAR",
    "is_practice": "BOOLEAN",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Attributes:
        rule_id: stable name of the check, e.g. `table.column_missing` or `TC01`.
        level: 0 file, 1 within the file, 2 against earlier periods, 3 against other sources, 4 between domains,
            5 against outside publications (European Statistical System).
        severity: an `error` returns the submission; `warning` and `info` travel with it.
        message: in Chinese, what was found and where.
        advice: in Chinese, what to do next.
        subject: what the row is of (the values of the form's grain), which stays when rows move; None for a whole table.
        influence: share of the city's total that hangs on it, 0.02 for two per cent; None where there is no such total.
        must_explain: whether the sender has to say why the value is right (or mend it).
        explanation: what the sender said in a receipt that came back.
        is_unverified: whether the check could not be done; that is a fault of the rule and never a pass.
    """

    rule_id: str
    level: int
    severity: Severity
    message: str
    advice: str = ""
    submission_id: str | None = None
    form: str | None = None
    reporting_unit_id: str | None = None
    month: str | None = None
    revision: int | None = None
    file_name: str | None = None
    sheet: str | None = None
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    expected: str | None = None
    subject: str | None = None
    influence: float | None = None
    must_explain: bool = False
    explanation: str | None = None
    is_unverified: bool = False
    is_practice: bool = False

    @property
    def state(self) -> State:
        """`open` while somebody has to do something about it: mend an error, explain or mend what must be explained."""
        if self.is_unverified:
            return "unverified"
        if self.severity == "error":
            return "open"
        if not self.must_explain:
            return "noted"
        return "answered" if self.explanation else "open"

    @property
    def answer_key(self) -> str:
        """The same in every revision and wherever the row stands, until the value changes: an answer is kept under it."""
        return digest_of(self.rule_id, self.form, self.reporting_unit_id, self.month, self.field, self.subject, self.value)[:16]

    @property
    def finding_id(self) -> str:
        """The same finding gets the same id in every load."""
        return digest_of(self.rule_id, self.submission_id or self.file_name, self.sheet, self.cell, self.field, self.message)[:16]

    def answered(self, answers: Mapping[str, str]) -> Finding:
        """The finding with what its sender said to it, looked up under its key; the same one if it needs no answer."""
        return replace(self, explanation=answers.get(self.answer_key, self.explanation)) if self.must_explain else self

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Finding:
        """The finding of a row that `as_row` gave, out of the landing or out of a release."""
        given = {each.name: row[each.name] for each in fields(cls) if each.name in FINDING_COLUMNS}
        return cls(**given, is_unverified=row["state"] == "unverified")

    def as_row(self) -> dict[str, object]:
        """The finding in the order of `FINDING_COLUMNS`."""
        row = asdict(self) | {"finding_id": self.finding_id, "state": self.state}
        return {name: row[name] for name in FINDING_COLUMNS}
