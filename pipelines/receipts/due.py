"""Which receipts a month asks for, from what was landed.

Belongs here: which submissions get one, and gathering what it says. Does not belong here: how it is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipelines.collect.archive import Archive
from pipelines.findings import Finding
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.land import landing
from pipelines.receipts.receipt import Receipt, concerns_sender, in_order, is_to_explain
from pipelines.settings import Settings

Row = Mapping[str, Any]


def due_receipts(settings: Settings, month: str) -> list[Receipt]:
    """The receipts of a month: of each unit and form for the last revision received, where there is something to look at, and
    for the one in force, where it still has something to explain; and for each file that was not identified.
    """
    rows = landing.read_submissions(settings).sort("form", "reporting_unit_id", "revision", "file_name").to_dicts()
    findings = _by_submission(landing.read_findings(settings).to_dicts())
    archive = Archive(settings.archive)
    receipts = []
    for group in _grouped(row for row in rows if row["state"] != "unidentified" and row["month"] == month):
        in_force = next((row["revision"] for row in group if row["state"] == "accepted"), None)
        for row in group:
            found = findings.get(row["submission_id"], [])
            matters = concerns_sender if row is group[-1] else is_to_explain
            if (row is group[-1] or row["state"] == "accepted") and any(map(matters, found)):
                receipts.append(_receipt(settings, archive, row, found, in_force))
    for row in rows:
        if row["state"] == "unidentified" and row["month"] in (None, month):
            found = [each for each in findings.get(row["file_name"], []) if each.message == row["reason"]]
            receipts.append(_receipt(settings, archive, row, found, None))
    return receipts


def _by_submission(rows: Iterable[Row]) -> dict[str, list[Finding]]:
    """Findings by the submission they are on; those on files that are none by the name of the file."""
    found: dict[str, list[Finding]] = {}
    for row in rows:
        if key := row["submission_id"] or row["file_name"]:
            found.setdefault(key, []).append(Finding.from_row(row))
    return found


def _grouped(rows: Iterable[Row]) -> Iterable[list[Row]]:
    """The submissions of each form and unit, first revision first."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["form"], row["reporting_unit_id"]), []).append(row)
    return groups.values()


def _receipt(settings: Settings, archive: Archive, row: Row, findings: Iterable[Finding], in_force: int | None) -> Receipt:
    form = load_forms().get(row["form"])
    unit = load_reporting_units(settings.seeds).get(row["reporting_unit_id"])
    arrivals = archive.records[row["file_sha256"]].arrivals
    return Receipt(
        path=archive.path(row["file_sha256"]),
        sha256=row["file_sha256"],
        size=row["file_size"],
        file_name=row["file_name"],
        received_at=next(each.received_at for each in arrivals if each.file_name == row["file_name"]),
        state=row["state"],
        reason=row["reason"],
        is_practice=row["is_practice"],
        findings=in_order(findings),
        form=row["form"],
        form_title=form.title if form else None,
        reporting_unit_id=row["reporting_unit_id"],
        reporting_unit_name=unit.reporting_unit_name if unit else None,
        month=row["month"],
        revision=row["revision"],
        in_force=in_force,
    )
