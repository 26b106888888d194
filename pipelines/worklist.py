"""The findings on a month that somebody may have to deal with, in the order in which to do so.

Belongs here: which they are, of the release or before the first one of the landing. Does not belong here: showing them (console).
"""

from __future__ import annotations

from typing import Any

from pipelines.asked import CannotRun, month_of, release_for
from pipelines.land import landing
from pipelines.release import catalog
from pipelines.settings import Settings


def findings_to_show(settings: Settings, month: str | None) -> list[dict[str, Any]]:
    """The findings on a month, of the release; before the first release, those of the last load.

    Raises:
        CannotRun: the month is none or is not released yet, or nothing has been loaded.
    """
    if catalog.current_release(settings) is None:
        return _landed_findings(settings, None if month is None else month_of(month, settings))
    release, chosen = release_for(settings, month)
    return catalog.query(
        settings,
        release.release_id,
        # What a later, accepted revision has mended is history, not work to do.
        "select * from marts.findings where coalesce(month, ?) = ? and state <> 'closed'"
        " order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, state <> 'open',"
        " influence desc nulls last, file_name, sheet, try_cast(regexp_extract(cell, '\\d+$') as integer), length(cell), cell,"
        " finding_id",
        chosen,
        chosen,
    )


def _landed_findings(settings: Settings, month: str | None) -> list[dict[str, Any]]:
    """As of a release, but from the landing; without a month, of the latest that an identified file was sent for."""
    submissions = landed_submissions(settings)
    month = month or landed_month(submissions)
    in_force = {
        (row["form"], row["reporting_unit_id"], row["month"]): row["revision"]
        for row in submissions
        if row["state"] == "accepted"
    }
    rows = [
        row
        for row in landing.read_findings(settings).to_dicts()
        if month is None or row["month"] in (None, month)
        if row["revision"] is None or in_force.get((row["form"], row["reporting_unit_id"], row["month"]), 0) <= row["revision"]
    ]
    order = {"error": 0, "warning": 1}

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        weight = (order.get(row["severity"], 2), row["state"] != "open", -(row["influence"] or 0))
        cell = row["cell"] or ""
        number = int("".join(filter(str.isdigit, cell)) or 0)
        file = (row[place] or "\uffff" for place in ("file_name", "sheet"))
        return (*weight, *file, number, len(cell), cell, row["finding_id"])

    return sorted(rows, key=key)


def landed_submissions(settings: Settings) -> list[dict[str, Any]]:
    """All submissions of the last load.

    Raises:
        CannotRun: there was none.
    """
    if not all(any((settings.landing / table).glob("*.parquet")) for table in ("findings", "submissions")):
        raise CannotRun("还没有装载过；请先运行 wanstat load")
    return landing.read_submissions(settings).to_dicts()


def landed_month(submissions: list[dict[str, Any]]) -> str | None:
    """The latest month that an identified file was sent for."""
    return max((row["month"] for row in submissions if row["state"] != "unidentified"), default=None)
