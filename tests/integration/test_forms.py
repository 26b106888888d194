"""Every form from its template to the city's figures: filled in by hand, loaded, and held against sums worked out by hand."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from conftest import query, wanstat, with_parsed_project

from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import write_template
from pipelines.practice.city import uscc
from pipelines.settings import Settings

WANCHENG, WOLONG, HIGH_TECH_ZONE = "411302", "411303", "411371"
OFFICE, ASSOCIATION, STATISTICS = "411300-KJJ", "411300-KX", "411300-TJJ"
CODES = [uscc("91411302", f"LX99{number:04d}") for number in range(6)]
NAMES = [f"练习·手算第{number}号公司" for number in range(6)]


def contract(number: int, value: int, technology: int, buyer: str, kind: str) -> dict[str, object]:
    return {
        "contract_no": f"2022411399{number:06d}", "contract_name": f"练习项目{number}", "contract_type": kind,
        "technology_field": "materials", "signed_on": date(2022, 11, 20), "registered_on": date(2022, 12, 6),
        "seller_name": NAMES[0], "seller_division_code": WANCHENG, "buyer_name": NAMES[1], "buyer_division_code": buyer,
        "contract_value": Decimal(value), "technology_value": Decimal(technology),
    }  # fmt: skip


def certificate(number: int, place: int, kind: str, issued_on: date) -> dict[str, object]:
    return {
        "certificate_no": f"GR{issued_on.year}41{990000 + number}", "enterprise_name": NAMES[place], "uscc": CODES[place],
        "high_tech_field": "materials", "recognition_kind": kind, "issued_on": issued_on,
        "valid_until": issued_on.replace(year=issued_on.year + 3),
    }  # fmt: skip


def sme(place: int, publicised_on: date, registered_on: date | None, revoked_on: date | None = None) -> dict[str, object]:
    number = f"2022{WANCHENG}0A99{place:04d}" if registered_on else None
    return {
        "uscc": CODES[place], "enterprise_name": NAMES[place], "publicised_year": "2022", "publicised_on": publicised_on,
        "registered_on": registered_on, "registration_no": number, "revoked_on": revoked_on,
        "staff_count": 50, "rd_staff_count": 10, "sales_revenue": Decimal(900), "total_assets": Decimal(1200),
    }  # fmt: skip


def platform(place: int, kind: str, level: str, recognised_on: date) -> dict[str, object]:
    return {
        "platform_name": f"练习·手算平台{place}", "platform_type": kind, "platform_level": level, "host_name": NAMES[place],
        "uscc": CODES[place], "recognised_on": recognised_on,
    }  # fmt: skip


def carrier(place: int, kind: str, level: str, recognised_on: date, incubated: int) -> dict[str, object]:
    return {
        "carrier_name": f"练习·手算载体{place}", "carrier_type": kind, "carrier_level": level, "operator_name": NAMES[place],
        "uscc": CODES[place], "recognised_on": recognised_on, "incubated_enterprises": incubated, "floor_area": Decimal(3000),
    }  # fmt: skip


def loan(number: int, product: str, amount: int) -> dict[str, object]:
    return {
        "loan_no": f"LX2022-99{number:02d}", "loan_product": product, "enterprise_name": NAMES[number], "uscc": CODES[number],
        "division_code": WANCHENG, "bank_name": "练习·银行", "granted_on": date(2022, 12, 8), "matures_on": date(2023, 12, 7),
        "loan_amount": Decimal(amount),
    }  # fmt: skip


def project(number: int, kind: str, grade: str | None, funds: int | None) -> dict[str, object]:
    return {
        "project_no": f"LX-2022-{number:04d}", "project_name": f"练习项目{number}", "project_kind": kind, "award_grade": grade,
        "undertaker_name": NAMES[number], "uscc": CODES[number], "division_code": WANCHENG, "approved_on": date(2022, 11, 15),
        "fiscal_funds": None if funds is None else Decimal(funds),
    }  # fmt: skip


def commissioners(count: int, *, groups: int, trainings: int, households: int) -> dict[str, object]:
    return {
        "commissioner_level": "municipal", "commissioners": count, "service_groups": groups, "training_sessions": trainings,
        "households_served": households,
    }  # fmt: skip


def industry(size: str, enterprises: int, active: int, institutions: int, spent: int, revenue: int) -> dict[str, object]:
    return {
        "enterprise_size": size, "enterprise_count": enterprises, "active_enterprise_count": active,
        "institution_enterprise_count": institutions, "rd_expenditure": Decimal(spent), "operating_revenue": Decimal(revenue),
        "rd_personnel_fte": Decimal(active * 10),
    }  # fmt: skip


SHARED = contract(3, 50, 50, WANCHENG, "transfer")  # reported by the zone and by the county it lies in
REPORTS = {
    ("technical_contracts", WANCHENG, "2022-12"): [
        contract(1, 100, 80, WOLONG, "development"), contract(2, 200, 150, "110108", "service"),
    ],
    ("technical_contracts", WOLONG, "2022-12"): [SHARED],
    ("technical_contracts", HIGH_TECH_ZONE, "2022-12"): [SHARED],
    ("high_tech_enterprises", WANCHENG, "2022-12"): [
        certificate(1, 0, "first", date(2020, 1, 10)), certificate(2, 1, "renewed", date(2022, 12, 5)),
    ],
    ("high_tech_enterprises", WOLONG, "2022-12"): [certificate(3, 2, "first", date(2021, 10, 28))],
    ("tech_smes", WANCHENG, "2022-12"): [sme(0, date(2022, 3, 1), date(2022, 3, 20)), sme(1, date(2022, 12, 10), None)],
    ("tech_smes", WOLONG, "2022-12"): [sme(2, date(2022, 4, 1), date(2022, 4, 20), date(2022, 11, 1))],
    ("popular_science_events", WANCHENG, "2022-12"): [
        {"activity_type": "lecture", "channel": "offline", "event_count": 3, "attendance": 90},
    ],
    ("popular_science_events", ASSOCIATION, "2022-12"): [
        {"activity_type": "lecture", "channel": "offline", "event_count": 2, "attendance": 100},
    ],
    ("innovation_platforms", WANCHENG, "2022-12"): [
        platform(0, "key_laboratory", "provincial", date(2021, 5, 1)),
        platform(1, "enterprise_technology_centre", "municipal", date(2022, 11, 20)),
    ],
    ("innovation_platforms", WOLONG, "2022-12"): [platform(2, "technology_transfer", "provincial", date(2020, 6, 1))],
    ("incubators", WANCHENG, "2022-12"): [carrier(0, "makerspace", "municipal", date(2022, 10, 10), 12)],
    ("incubators", WOLONG, "2022-12"): [carrier(1, "incubator", "national", date(2019, 3, 1), 30)],
    ("sci_tech_loans", OFFICE, "2022-12"): [loan(0, "provincial", 500), loan(1, "other", 300)],
    ("sci_tech_projects", OFFICE, "2022-12"): [
        project(0, "provincial_major_special", None, 800), project(1, "provincial_award", "second", None),
    ],
    ("association_work", WANCHENG, "2022-12"): [
        {"work_item": "service_station", "item_count": 2, "item_count_ytd": 7, "item_total": 20},
    ],
    ("association_work", ASSOCIATION, "2022-12"): [
        {"work_item": "service_station", "item_count": 1, "item_count_ytd": 1, "item_total": 5},
    ],
    ("sci_tech_commissioners", WANCHENG, "2022-12"): [
        commissioners(10, groups=1, trainings=4, households=60),
    ],
    ("sci_tech_commissioners", WOLONG, "2022-12"): [
        commissioners(5, groups=0, trainings=2, households=40),
    ],
    ("rd_statistics", WANCHENG, "2022-10"): [industry("large", 10, 6, 4, 2000, 100_000)],
    ("rd_statistics", WOLONG, "2022-10"): [industry("medium", 20, 5, 5, 1000, 100_000)],
    ("rd_statistics", STATISTICS, "2022-10"): [industry("large", 31, 12, 9, 3100, 200_000)],
    ("department_indicators", STATISTICS, "2022-10"): [
        {"indicator": "high_tech_value_added_share", "indicator_value": Decimal("51.2"), "survey_basis": "练习公报"},
    ],
    ("department_indicators", ASSOCIATION, "2022-10"): [
        {"indicator": "scientific_literacy_rate", "indicator_value": Decimal("11.5"), "survey_basis": "练习调查"},
    ],
}  # fmt: skip

# (indicator, hierarchy, area, period, window) -> value, from the rows above with pencil and paper; 万元 / 10 000 = 亿元.
CITY = "411300"
BY_HAND = {
    ("tech_contract_turnover", "city", CITY, "2022-12", "month"): "0.035",       # 100 + 200 + 50, the shared one once
    ("tech_transaction_value", "city", CITY, "2022-12", "month"): "0.028",       # 80 + 150 + 50
    ("tech_contract_count", "city", CITY, "2022-12", "month"): "3",
    ("tech_contract_absorbed", "city", CITY, "2022-12", "month"): "0.015",       # bought in 卧龙 and 宛城: 100 + 50
    ("average_contract_value", "city", CITY, "2022-12", "month"): "116.666667",  # 350 / 3
    ("tech_contract_turnover", "statutory", WOLONG, "2022-12", "month"): "0.005",
    ("tech_contract_turnover", "statistical", WOLONG, "2022-12", "month"): "0",  # the zone stands on its own there
    ("tech_contract_turnover", "zone", HIGH_TECH_ZONE, "2022-12", "month"): "0.005",
    ("tech_contract_turnover", "reported", HIGH_TECH_ZONE, "2022-12", "month"): "0",
    ("high_tech_enterprises", "city", CITY, "2022-12", "point"): "3",
    ("high_tech_enterprises_expiring", "city", CITY, "2022-12", "point"): "1",   # the one of January 2020
    ("high_tech_enterprises_new", "city", CITY, "2022-12", "month"): "1",
    ("high_tech_enterprises_renewed", "city", CITY, "2022-12", "month"): "1",
    ("tech_smes", "city", CITY, "2022-12", "point"): "1",                        # one waits, one was revoked
    ("tech_smes_with_publicised", "city", CITY, "2022-12", "point"): "2",
    ("science_popularisation_events", "city", CITY, "2022-12", "month"): "5",
    ("science_popularisation_attendances", "city", CITY, "2022-12", "month"): "190",
    ("attendance_per_event", "city", CITY, "2022-12", "month"): "38",
    ("innovation_platforms", "city", CITY, "2022-12", "point"): "2",             # a transfer organisation is none
    ("provincial_innovation_platforms", "city", CITY, "2022-12", "point"): "1",
    ("innovation_platforms_new", "city", CITY, "2022-12", "quarter"): "1",
    ("provincial_tech_transfer_orgs", "city", CITY, "2022-12", "point"): "1",
    ("innovation_carriers", "city", CITY, "2022-12", "point"): "2",
    ("innovation_carriers_new", "city", CITY, "2022-12", "quarter"): "1",
    ("incubated_enterprises", "city", CITY, "2022-12", "point"): "42",
    ("kejidai_loans", "city", CITY, "2022-12", "month"): "1",
    ("kejidai_loan_amount", "city", CITY, "2022-12", "month"): "0.05",
    ("tech_finance_loan_scale", "city", CITY, "2022-12", "month"): "0.08",
    ("provincial_major_special_projects", "city", CITY, "2022-12", "quarter"): "1",
    ("provincial_major_special_funds", "city", CITY, "2022-12", "quarter"): "800",
    ("national_provincial_projects_won", "city", CITY, "2022-12", "quarter"): "1",
    ("provincial_st_awards_second", "city", CITY, "2022-12", "quarter"): "1",
    ("society_service_stations_new", "city", CITY, "2022-12", "quarter"): "3",
    ("society_service_stations_new", "city", CITY, "2022-12", "ytd"): "8",       # as both state it
    ("society_service_stations", "city", CITY, "2022-12", "point"): "25",
    ("st_commissioners", "city", CITY, "2022-12", "point"): "15",
    ("counties_covered", "city", CITY, "2022-12", "point"): "2",
    ("st_commissioner_trainings", "city", CITY, "2022-12", "quarter"): "6",
    ("above_scale_industrial_enterprises", "city", CITY, "2021", "year"): "31",  # the department's figure, not 10 + 20
    ("above_scale_rd_expenditure", "city", CITY, "2021", "year"): "0.31",
    ("above_scale_rd_revenue_ratio", "city", CITY, "2021", "year"): "1.55",      # 3 100 / 200 000
    ("above_scale_rd_revenue_ratio", "statutory", WANCHENG, "2021", "year"): "2",
    ("above_scale_rd_activity_coverage", "statutory", WOLONG, "2021", "year"): "25",
    ("high_tech_value_added_share", "city", CITY, "2021", "year"): "51.2",
    ("scientific_literacy_rate", "city", CITY, "2021", "year"): "11.5",
}  # fmt: skip


@pytest.fixture(scope="module")
def filled(loaded, tmp_path_factory) -> SimpleNamespace:
    """A workspace with one workbook for each report above, loaded once."""
    home = with_parsed_project(tmp_path_factory.mktemp("forms"), loaded)
    seeds = Settings().seeds
    forms, units, codes = load_forms(), load_reporting_units(seeds), load_code_lists(seeds)
    for (form, unit, month), rows in REPORTS.items():
        path = home / "raw" / "practice" / unit / f"{forms[form].title}_{unit}_{month}_练习.xlsx"
        prepared_on = date(2023, 1, 5) if month == "2022-12" else date(2022, 11, 5)
        write_template(
            forms[form], units[unit], month, path, rows=rows, is_practice=True, prepared_on=prepared_on, codes=codes
        )
    return SimpleNamespace(home=home, run=wanstat(home, "load", "2022-12", "--json"))


def test_every_form_is_filled_in_here():
    assert {form for form, _, _ in REPORTS} == set(load_forms())


def test_every_report_is_accepted(filled):
    assert filled.run.json["submissions"] == {
        "accepted": len(REPORTS), "returned": 0, "locked": 0, "unidentified": 0, "unchanged": 0,
    }, [each for each in filled.run.json["files"] if each["state"] != "accepted"]  # fmt: skip
    assert filled.run.json["release"] == "2022-12-r1"


def test_facts_hold_every_row_once(filled):
    for form in load_forms():
        sent = [row for (of, _, _), rows in REPORTS.items() if of == form for row in rows]
        wanted = len(sent) - (1 if form == "technical_contracts" else 0)
        assert query(filled.home, f"select count(*) from marts.fct_{form}") == [(wanted,)], form
    [overlap] = query(
        filled.home,
        "select register_key, removed_reporting_unit_id, counted_reporting_unit_id, overlap_rule from marts.overlaps",
    )
    assert overlap == (SHARED["contract_no"], HIGH_TECH_ZONE, WOLONG, "county_before_zone")


def test_city_figures_are_those_worked_out_by_hand(filled):
    rows = query(filled.home, "select indicator_id, hierarchy, area_id, period_id, window_kind, value from marts.observations")
    observed = {tuple(row[:5]): row[5] for row in rows}
    assert {key: observed.get(key) for key in BY_HAND} == {key: Decimal(value) for key, value in BY_HAND.items()}


def test_every_form_feeds_a_figure_that_is_held_here(filled):
    fed = dict(query(filled.home, "select indicator_id, source_form from marts.dim_indicator where source_form is not null"))
    assert {fed[key[0]] for key in BY_HAND} == set(load_forms())


def test_categories_are_shares_of_the_whole(filled):
    rows = query(
        filled.home,
        "select member_label, value, share from marts.category_observations where indicator_id = 'tech_contract_turnover'"
        " and hierarchy = 'city' and window_kind = 'month' and category = 'buyer_division_code' order by value desc",
    )
    assert [(label, float(value)) for label, value, _ in rows] == [("市外", 0.02), ("卧龙区", 0.01), ("宛城区", 0.005)]
    assert round(sum(float(share) for *_, share in rows), 4) == 100


def test_a_year_shows_in_a_row_of_its_own(filled):
    wide = query(
        filled.home,
        "select period_kind, above_scale_rd_revenue_ratio, high_tech_value_added_share from marts.city_indicators"
        " where period_id = '2021'",
    )
    assert wide == [("year", Decimal("1.55"), Decimal("51.2"))]
