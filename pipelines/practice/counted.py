"""What the rows of each form add up to in one period, counted one by one in plain Python: the first half of the oracle.

Belongs here: which rows count for an indicator, and registers in which nothing counts twice. Does not belong here: periods and
ratios (`expected`), or anything shared with the pipeline that is being tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipelines.practice import (
    association,
    certificates,
    commissioners,
    contracts,
    departments,
    events,
    facilities,
    industry,
    loans,
    projects,
    smes,
)
from pipelines.practice.city import STATISTICS_OFFICE, Row, month_bounds
from pipelines.practice.shape import load_shape

Figure = Decimal | int
Figures = dict[str, Figure]  # by indicator, in the indicator's unit
ByUnit = Mapping[str, Sequence[Row]]  # the rows of a form by reporting unit
WAN_IN_YI = 10_000
NOT_PLATFORMS = ("technology_transfer", "industry_alliance")
NOT_WON = ("municipal_major_special", "national_award", "provincial_award")


def _contract_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    signed = _once(by_unit, "contract_no")
    absorbed = [row for row in signed if row["buyer_division_code"].startswith(load_shape().division_prefix)]
    return {
        "tech_contract_turnover": _yi(signed, "contract_value"),
        "tech_transaction_value": _yi(signed, "technology_value"),
        "tech_contract_count": len(signed),
        "tech_contract_absorbed": _yi(absorbed, "contract_value"),
    }


def _certificate_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    held = _once(by_unit, "certificate_no")
    issued = _between(held, "issued_on", first, last)
    newest = _newest_in_force(held, last)
    in_a_year = month_bounds(f"{last.year + 1}-{last.month:02d}")[1]
    return {
        "high_tech_enterprises": len(newest),
        "high_tech_enterprises_expiring": sum(row["valid_until"] <= in_a_year for row in newest.values()),
        "high_tech_enterprises_new": len(issued),
        "high_tech_enterprises_first": len(_where(issued, recognition_kind="first")),
        "high_tech_enterprises_renewed": len(_where(issued, recognition_kind="renewed")),
    }


def enterprises_valid_on(day: date, rows: Iterable[Row]) -> int:
    """Enterprises with a certificate in force on `day`; one with two certificates counts once."""
    return len(_newest_in_force(rows, day))


def _newest_in_force(rows: Iterable[Row], day: date) -> dict[str, Row]:
    """The certificate that counts of each enterprise: of those in force on `day` the one issued last."""
    in_force = [row for row in rows if row["issued_on"] <= day <= row["valid_until"] and not _is_revoked(row, day)]
    return {row["uscc"]: row for row in sorted(in_force, key=lambda row: row["issued_on"])}


def _event_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    held = _all(by_unit)
    return {
        "science_popularisation_events": _sum(held, "event_count"),
        "science_popularisation_attendances": _sum(held, "attendance"),
    }


def _sme_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    listed = _once(by_unit, "uscc", "publicised_year")
    in_force = [row for row in listed if row["publicised_year"] == str(last.year) and not _is_revoked(row, last)]
    return {
        "tech_smes": len({row["uscc"] for row in in_force if row["registered_on"] and row["registered_on"] <= last}),
        "tech_smes_with_publicised": len({row["uscc"] for row in in_force}),
        "tech_smes_publicised": len(_between(listed, "publicised_on", first, last)),
        "tech_smes_registered": len(_between(listed, "registered_on", first, last)),
    }


def _platform_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    listed = _once(by_unit, "platform_name", "platform_type", "platform_level")
    above = ("national", "provincial")

    def counts(kinds: Sequence[str], levels: Sequence[str] = (*above, "municipal")) -> tuple[int, int]:
        """In force at the end, and recognised in the period."""
        chosen = [row for row in listed if row["platform_type"] in kinds and row["platform_level"] in levels]
        return sum(not _is_revoked(row, last) for row in chosen), len(_between(chosen, "recognised_on", first, last))

    platforms = sorted({row["platform_type"] for row in listed} - set(NOT_PLATFORMS))
    found: Figures = {}
    found["innovation_platforms"], found["innovation_platforms_new"] = counts(platforms)
    found["provincial_innovation_platforms"], found["provincial_innovation_platforms_new"] = counts(platforms, above)
    found["provincial_tech_transfer_orgs"], found["provincial_tech_transfer_orgs_new"] = counts(["technology_transfer"], above)
    found["industry_innovation_alliances"], found["industry_innovation_alliances_new"] = counts(["industry_alliance"])
    found["new_rd_institutions"], _ = counts(["new_rd_institution"])
    found["provincial_intl_joint_labs"], _ = counts(["international_joint_laboratory"], ["provincial"])
    _, found["provincial_tech_innovation_centres"] = counts(["technology_innovation_centre"], ["provincial"])
    _, found["provincial_pilot_test_bases_new"] = counts(["pilot_test_base"], ["provincial"])
    _, found["academician_workstations_new"] = counts(["academician_workstation"])
    _, found["academician_zhongyuan_workstations_new"] = counts(["academician_workstation", "zhongyuan_scholar_workstation"])
    return found


def _carrier_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    listed = _once(by_unit, "carrier_name", "carrier_type", "carrier_level")
    in_force = [row for row in listed if not _is_revoked(row, last)]
    new = _between(listed, "recognised_on", first, last)
    return {
        "innovation_carriers": len(in_force),
        "incubated_enterprises": _sum(in_force, "incubated_enterprises"),
        "innovation_carriers_new": len(new),
        "national_incubators_new": len(_where(new, carrier_type="incubator", carrier_level="national")),
        "national_makerspaces_new": len(_where(new, carrier_type="makerspace", carrier_level="national")),
        "provincial_star_maker_sites": len(_where(new, carrier_type="star_maker_site", carrier_level="provincial")),
        "provincial_dual_innovation_carriers_new": len(_where(new, carrier_level="provincial")),
        "municipal_dual_innovation_carriers_new": len(_where(new, carrier_level="municipal")),
    }


def _loan_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    granted = _once(by_unit, "loan_no")
    provincial = _where(granted, loan_product="provincial")
    return {
        "kejidai_loans": len(provincial),
        "kejidai_loan_amount": _yi(provincial, "loan_amount"),
        "tech_finance_loan_scale": _yi(granted, "loan_amount"),
    }


def _project_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    approved = _once(by_unit, "project_no")
    of_kind = {kind: _where(approved, project_kind=kind) for kind in PROJECTS}
    won = [row for row in approved if row["project_kind"] not in NOT_WON]
    return {indicator: len(of_kind[kind]) for kind, indicator in PROJECTS.items()} | {
        "provincial_major_special_funds": _sum(of_kind["provincial_major_special"], "fiscal_funds"),
        "provincial_key_rd_funds": _sum(of_kind["provincial_key_rd"], "fiscal_funds"),
        "national_provincial_projects_won": len(won),
        "national_provincial_funds_won": _sum(won, "fiscal_funds"),
        "provincial_st_awards_second": len(_where(of_kind["provincial_award"], award_grade="second")),
    }


PROJECTS = {
    "provincial_major_special": "provincial_major_special_projects",
    "provincial_key_rd": "provincial_key_rd_projects",
    "central_guidance": "central_guidance_projects",
    "county_innovation_guidance": "county_innovation_guidance_projects",
    "provincial_jiebang": "provincial_jiebang_projects",
    "provincial_foreign_expert": "provincial_foreign_expert_projects",
    "municipal_major_special": "municipal_major_special_projects_new",
    "national_award": "national_st_awards",
    "provincial_award": "provincial_st_awards",
}


def _work_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    """What has a total for the year so far is given as that."""

    def of_item(item: str, column: str) -> Figure:
        return _sum(_where(_all(by_unit), work_item=item), column)

    return {
        "society_service_stations": of_item("service_station", "item_total"),
        "kepu_china_communicators": of_item("kepu_communicator", "item_total"),
        "kczg_platform_entities": of_item("kczg_entity", "item_total"),
        "academic_exchange_attendances": of_item("academic_exchange", "attendance"),
        "science_literacy_contest_participants": of_item("literacy_contest", "participants"),
        "science_literacy_contest_entries": of_item("literacy_contest", "attendance"),
    } | {indicator: of_item(item, "item_count_ytd") for indicator, item in WORK_SO_FAR.items()}


WORK_SO_FAR = {
    "society_service_stations_new": "service_station",
    "enterprise_science_associations_new": "enterprise_association",
    "st_volunteer_organisations_new": "volunteer_organisation",
    "st_volunteers_new": "volunteer",
    "academic_exchange_events": "academic_exchange",
}


def _commissioner_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    serving = _all(by_unit)
    return {
        "st_commissioners": _sum(_where(serving, commissioner_level="municipal"), "commissioners"),
        "st_commissioner_service_groups": _sum(serving, "service_groups"),
        "counties_covered": sum(any(row["commissioners"] for row in rows) for rows in by_unit.values()),
        "st_commissioner_trainings": _sum(serving, "training_sessions"),
        "st_commissioner_households": _sum(serving, "households_served"),
    }


def _industry_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    """Those of the statistics office where they are there, which are the city's own; otherwise the sum of the counties."""
    rows = by_unit.get(STATISTICS_OFFICE) or _all(by_unit)
    return {
        "above_scale_industrial_enterprises": _sum(rows, "enterprise_count"),
        "above_scale_rd_active_enterprises": _sum(rows, "active_enterprise_count"),
        "above_scale_rd_institution_enterprises": _sum(rows, "institution_enterprise_count"),
        "above_scale_rd_expenditure": _yi(rows, "rd_expenditure"),
        "above_scale_operating_revenue": _yi(rows, "operating_revenue"),
        "above_scale_rd_personnel": _sum(rows, "rd_personnel_fte"),
    }


def _department_figures(by_unit: ByUnit, first: date, last: date) -> Figures:
    return {row["indicator"]: row["indicator_value"] for row in _all(by_unit)}


# Form -> what it adds up to between two days.
FIGURES: Mapping[str, Callable[[ByUnit, date, date], Figures]] = {
    contracts.FORM: _contract_figures,
    certificates.FORM: _certificate_figures,
    events.FORM: _event_figures,
    smes.FORM: _sme_figures,
    facilities.PLATFORMS: _platform_figures,
    facilities.CARRIERS: _carrier_figures,
    loans.FORM: _loan_figures,
    projects.FORM: _project_figures,
    association.FORM: _work_figures,
    commissioners.FORM: _commissioner_figures,
    industry.FORM: _industry_figures,
    departments.FORM: _department_figures,
}


def _all(by_unit: ByUnit) -> list[Row]:
    return [row for rows in by_unit.values() for row in rows]


def _once(by_unit: ByUnit, *key: str) -> list[Row]:
    """One row for each key, whichever units report it."""
    return list({tuple(row[name] for name in key): row for row in _all(by_unit)}.values())


def _where(rows: Iterable[Row], **values: str) -> list[Row]:
    return [row for row in rows if all(row[name] == value for name, value in values.items())]


def _between(rows: Iterable[Row], field: str, first: date, last: date) -> list[Row]:
    return [row for row in rows if row[field] and first <= row[field] <= last]


def _is_revoked(row: Row, day: date) -> bool:
    return bool(row["revoked_on"] and row["revoked_on"] <= day)


def _sum(rows: Iterable[Row], column: str) -> Figure:
    return sum(row[column] for row in rows)


def _yi(rows: Iterable[Row], column: str) -> Decimal:
    """The sum of a column that is in 万元, in 亿元."""
    return Decimal(_sum(rows, column)) / WAN_IN_YI
