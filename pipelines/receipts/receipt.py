"""One receipt: the submission it is about, its findings in the order in which they are to be dealt with, its words.

Belongs here: what a receipt holds and says, whatever it is written to. Does not belong here: which receipts there are (`due`),
or sheets and files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from openpyxl.utils.cell import column_index_from_string

from pipelines.findings import Finding

SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
NOBODY = "无法识别"  # the folder of what cannot be sent back to anybody by itself
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What is sent back about one file.

    Attributes:
        path, size: the file, in the archive or where it was checked.
        state: of the submission; anything but `accepted` does not count.
        reason: in Chinese, why it does not.
        in_force: the revision of the same unit, form and month that counts; None if there is none.
        findings: all there are, in the order of `in_order`.
    """

    path: Path
    sha256: str
    size: int
    file_name: str
    received_at: str
    state: str
    reason: str | None
    is_practice: bool
    findings: tuple[Finding, ...]
    form: str | None = None
    form_title: str | None = None
    reporting_unit_id: str | None = None
    reporting_unit_name: str | None = None
    month: str | None = None
    revision: int | None = None
    in_force: int | None = None

    @cached_property
    def to_mend(self) -> int:
        return sum(finding.severity == "error" for finding in self.findings)

    @cached_property
    def to_explain(self) -> int:
        return sum(is_to_explain(finding) for finding in self.findings)

    @property
    def is_identified(self) -> bool:
        return self.state != "unidentified"

    @property
    def folder(self) -> str:
        return _NOT_IN_NAMES.sub("_", self.reporting_unit_name or NOBODY)

    @property
    def file_stem(self) -> str:
        """A name by which the file is identified when it comes back."""
        if not self.is_identified:
            stem = _NOT_IN_NAMES.sub("_", PurePosixPath(self.file_name).stem)[:80]
            return f"{stem}_回执_{self.sha256[:8]}"
        practice = "_练习" if self.is_practice else ""
        return f"{self.form_title}_{self.reporting_unit_name}_{self.month}_第{self.revision}次_回执{practice}"

    @property
    def verdict(self) -> str:
        """In Chinese, whether it counts, and what does where it does not."""
        if self.state == "accepted":
            return "已接受" + (f"，但有 {self.to_explain} 条警告须说明原因或改正" if self.to_explain else "")
        if not self.is_identified:
            return f"无法识别，没有计入：{self.reason}"
        counts = f"仍以第 {self.in_force} 次报送为准" if self.in_force else "目前没有已接受的报送"
        if self.state == "returned":
            return f"退回：有 {self.to_mend} 处错误，本次报送全部不计入；{counts}"
        return f"没有计入：{self.reason}；{counts}"


def is_to_explain(finding: Finding) -> bool:
    """Whether the sender still has to explain or mend it."""
    return finding.must_explain and finding.state == "open"


def concerns_sender(finding: Finding) -> bool:
    """Whether it is for the sender to look at: what was only repaired, answered or not verified is for the record."""
    return finding.severity in ("error", "warning") and finding.state in ("open", "noted")


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then what is to be explained by falling influence, then the rest; else as it stands in the workbook."""
    return tuple(sorted(findings, key=_order))


def _order(finding: Finding) -> tuple[object, ...]:
    rank = 0 if finding.severity == "error" else 1 if is_to_explain(finding) else 2 if concerns_sender(finding) else 3
    influence = -(finding.influence or 0) if rank == 1 else 0
    row, column = place_of(finding.cell) or (0, 0)
    return rank, influence, finding.severity == "info", finding.sheet or "", row, column, finding.rule_id, finding.finding_id


def place_of(cell: str | None) -> tuple[int, int] | None:
    """Row and column, from 1, of a finding's cell; None where it names no single cell of a sheet."""
    found = _CELL.fullmatch(cell or "")
    return (int(found[2]), column_index_from_string(found[1])) if found else None


def month_in_words(month: str) -> str:
    """2022-10 -> 2022年10月."""
    year, number = month.split("-")
    return f"{year}年{int(number)}月"
