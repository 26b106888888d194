"""Corrections that had no effect, said aloud: expired, no longer fitting, or of what was never received.

Belongs here: the findings on the rows of the file of corrections, and its rows that name nothing received. Does not belong here:
applying corrections (`correcting`).
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pipelines.collect.terms import Terms
from pipelines.findings import Severity
from pipelines.land.correcting import Outcome, named, outcome_of
from pipelines.land.corrections import TABLE, Correction, Corrections
from pipelines.land.landing import land_corrections, land_findings, read_submissions
from pipelines.settings import Settings

UNMATCHED = "unmatched"
# State -> how bad it is, the column to look at, what to do.
_WHAT_TO_DO: dict[str, tuple[Severity, str, str]] = {
    "guard_failed": ("error", "expect", "填报单位已改对的，删去这一行；仍须更正的，把 expect 改为现在报的值，并核对 value"),
    "invalid": ("error", "value", "核对 value 和单位；确应如此的，先请管理员改报表规定"),
    UNMATCHED: ("error", "key", "核对报表、单位、月份和 key；填报单位已不再报这一行的，删去这一行更正"),
    "expired": ("warning", "expires", "仍须更正的，把 expires 改迟或清空；不再需要的，删去这一行"),
}


def land_unapplied(settings: Settings, corrections: Corrections, terms: Terms, release_month: str, *, is_practice: bool) -> None:
    """Once all forms are landed, land the corrections that met no row, and the findings on all without effect.

    Of months after the release nothing is said yet.
    """
    landed = _landed(settings).filter(pl.col("submission_id").is_not_null()).to_dicts()
    outcomes = {str(row["correction_id"]): row for row in landed}
    accepted = set(
        read_submissions(settings)
        .filter(pl.col("state") == "accepted")
        .select("form", "reporting_unit_id", "month")
        .iter_rows()
    )
    unmatched = {each.correction_id: _unmatched(each, terms, accepted) for each in corrections.records}
    unmatched = {name: row | {"is_practice": is_practice} for name, row in unmatched.items() if name not in outcomes}
    land_corrections(settings, UNMATCHED, unmatched.values())
    for each in corrections.records:
        outcome = (outcomes | unmatched)[each.correction_id]
        if outcome["state"] in _WHAT_TO_DO and each.month <= release_month:
            severity, column, advice = _WHAT_TO_DO[str(outcome["state"])]
            each.row.report(str(outcome["state"]), column, str(outcome["remark"]), advice, severity)
    # The file holds corrections of practice and of real data; what is said of it belongs to a release of one kind.
    land_findings(settings, TABLE, [replace(finding, is_practice=is_practice) for finding in corrections.sheet.findings])


def count_corrections(settings: Settings, release_month: str) -> dict[str, int]:
    """Corrections of months up to the release by what became of them; `failed` counts the errors in the file."""
    landed = _landed(settings).filter(pl.col("month") <= release_month)
    findings = pl.read_parquet(settings.landing / "findings" / f"{TABLE}.parquet")
    return {
        "applied": landed.filter(pl.col("state") == "applied").height,
        "expired": landed.filter(pl.col("state") == "expired").height,
        "failed": findings.filter(pl.col("severity") == "error").height,
    }


def _landed(settings: Settings) -> pl.DataFrame:
    return pl.read_parquet(settings.landing / TABLE / "*.parquet")


def _unmatched(correction: Correction, terms: Terms, accepted: set[tuple[str, str, str]]) -> Outcome:
    if correction.is_expired:
        return outcome_of(correction, terms, "expired", f"{named(correction, terms)}只用到 {correction.expires} 的发布，已经过期")
    is_received = (correction.form, correction.reporting_unit_id, correction.month) in accepted
    why = "现在计入的报送里没有这一行" if is_received else "该单位这张报表这个月没有已接受的报送"
    return outcome_of(correction, terms, UNMATCHED, f"{named(correction, terms)}没有采用：{why}")
