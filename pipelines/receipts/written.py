"""The receipts of a month as files: a workbook and a report for each, in the folder of the unit they go to.

Belongs here: names and folders, writing only what changed, removing what no longer holds. Does not belong here: what stands
in the files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.collect.children import Children
from pipelines.collect.containers import Unreadable
from pipelines.collect.intake import Progress
from pipelines.files import write_whole
from pipelines.receipts.receipt import Receipt
from pipelines.receipts.report import validation_report
from pipelines.receipts.workbook import NOT_MARKED, Rendered, front_only, render

SECONDS_A_FILE = 120.0  # openpyxl takes 40 for the most cells it is given (`MAX_CELLS`)


@dataclass(frozen=True)
class WrittenReceipt:
    """A receipt and its files.

    Attributes:
        how: kept, rewritten or front_only, see `Rendered`.
        is_changed: whether there was none yet, or another one.
    """

    receipt: Receipt
    workbook: Path
    report: Path
    how: str
    is_changed: bool

    def as_json(self) -> dict[str, object]:
        """The shape of `wanstat receipts --json`."""
        receipt = self.receipt
        return {
            "form": receipt.form,
            "reporting_unit_id": receipt.reporting_unit_id,
            "reporting_unit_name": receipt.reporting_unit_name,
            "month": receipt.month,
            "revision": receipt.revision,
            "state": receipt.state,
            "is_practice": receipt.is_practice,
            "file_name": receipt.file_name,
            "findings": len(receipt.findings),
            "to_mend": receipt.to_mend,
            "to_explain": receipt.to_explain,
            "workbook": str(self.workbook),
            "report": str(self.report),
            "how": self.how,
            "is_changed": self.is_changed,
        }


def write_receipts(receipts: Sequence[Receipt], folder: Path, progress: Progress) -> list[WrittenReceipt]:
    """Write receipts below `folder`, a sub-folder a unit; files that would be the same stay as they are."""
    children: Children[Receipt, Rendered] = Children(render, lambda: None, seconds_a_file=SECONDS_A_FILE)
    written = []
    try:
        for count, (receipt, outcome) in enumerate(children.each(receipts), start=1):
            progress("回执", count, len(receipts))
            if isinstance(outcome, Unreadable):  # making it took too long or too much: the findings can be told all the same
                outcome = front_only(receipt, NOT_MARKED)
            workbook = folder / receipt.folder / f"{receipt.file_stem}.xlsx"
            report = workbook.with_suffix(".json")
            told = json.dumps(validation_report(receipt), ensure_ascii=False, indent=1).encode("utf-8")
            changed = [_write(workbook, outcome.content), _write(report, told)]
            written.append(WrittenReceipt(receipt, workbook, report, outcome.how, any(changed)))
    finally:
        children.close()
    return written


def remove_others(folder: Path, written: Sequence[WrittenReceipt]) -> None:
    """Remove the receipts below `folder` that were not written now: what they ask for has been done."""
    kept = {path for each in written for path in (each.workbook, each.report)}
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.suffix in (".xlsx", ".json") and path not in kept:
            path.unlink()


def _write(path: Path, content: bytes) -> bool:
    """Write a file unless it is there already; whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    write_whole(path, content)
    return True
