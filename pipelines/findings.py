"""The one model of a thing found wrong, repaired or unverifiable, whichever stage found it.

Belongs here: `Finding`, its fields and its table shape. Does not belong here: the checks that make findings.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from pipelines.files import digest_of

Severity = Literal["error", "warning", "info"]

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
    is_practice: bool = False

    @property
    def finding_id(self) -> str:
        """The same finding gets the same id in every load."""
        return digest_of(self.rule_id, self.submission_id or self.file_name, self.sheet, self.cell, self.field, self.message)[:16]

    def as_row(self) -> dict[str, object]:
        """The finding in the order of `FINDING_COLUMNS`."""
        row = asdict(self) | {"finding_id": self.finding_id}
        return {name: row[name] for name in FINDING_COLUMNS}
