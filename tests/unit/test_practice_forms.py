"""The practice rows that are not contracts, certificates or events: they fit together, and the oracle counts them rightly."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from pipelines.practice import association, certificates, commissioners, counted, facilities, industry, loans, projects, smes
from pipelines.practice.city import ASSOCIATION, SCIENCE_OFFICE, STATISTICS_OFFICE, City, Row, month_bounds, quarter_bounds
from pipelines.practice.expected import by_period, month_figures
from pipelines.practice.generate import RECORD, default_months, rows_of
from pipelines.settings import Settings

CITY = City.from_seeds(Settings().seeds, 2022)
QUARTERS = ["2022-03", "2022-06", "2022-09"]


@pytest.fixture(scope="module")
def record() -> dict:
    return json.loads((Settings().practice / RECORD).read_text(encoding="utf-8"))


def all_rows(form_id: str, month: str) -> list[Row]:
    return [row for rows in rows_of(CITY, form_id, month).values() for row in rows]


def test_the_sizes_are_the_published_ones(record: dict) -> None:
    expected, october = record["expected"], "2022-10"
    assert expected["tech_smes"][october]["point"] == 1311
    assert expected["tech_smes_with_publicised"][october]["point"] == 2671
    assert expected["kejidai_loans"][october]["ytd"] == 41
    assert Decimal(expected["kejidai_loan_amount"][october]["ytd"]) == Decimal("1.78")
    assert expected["innovation_platforms"]["2022-09"]["point"] == 850
    assert expected["provincial_innovation_platforms"]["2022-03"]["point"] > 200
    assert expected["central_guidance_projects"]["2022-09"]["ytd"] == 14
    assert expected["st_commissioners"]["2022-09"]["point"] == 180
    assert expected["counties_covered"]["2022-09"]["point"] == 13
    assert Decimal(expected["above_scale_rd_revenue_ratio"]["2021"]["year"]) == Decimal("1.9")
    assert Decimal(expected["above_scale_rd_activity_coverage"]["2021"]["year"]) == 50


def test_registrations_of_a_year_begin_anew_and_follow_their_publication() -> None:
    for month in default_months():
        last = month_bounds(month)[1]
        for row in all_rows(smes.FORM, month):
            assert date(2022, 1, 1) <= row["publicised_on"] <= last and row["publicised_year"] == "2022"
            assert (row["registered_on"] is None) == (row["registration_no"] is None)
            assert row["publicised_on"] < (row["registered_on"] or last) <= last
            assert row["rd_staff_count"] <= row["staff_count"] and max(row["sales_revenue"], row["total_assets"]) <= 20_000
            assert row["revoked_on"] is None or row["registered_on"] < row["revoked_on"] <= last
    assert {row["publicised_year"] for row in all_rows(smes.FORM, "2023-01")} == {"2023"}
    december = all_rows(smes.FORM, "2022-12")
    assert all(row["registered_on"] for row in december)
    assert len({row["registration_no"] for row in december}) == len({row["uscc"] for row in december}) == 2973


@pytest.mark.parametrize("form_id", [facilities.PLATFORMS, facilities.CARRIERS])
def test_facilities_stay_listed_and_only_gain_a_day_of_revocation(form_id: str) -> None:
    name = "platform_name" if form_id == facilities.PLATFORMS else "carrier_name"
    before: dict[str, Row] = {}
    for month in QUARTERS:
        now = {row[name]: row for row in all_rows(form_id, month)}
        assert before.keys() <= now.keys()
        assert all(now[key]["recognised_on"] == row["recognised_on"] for key, row in before.items())
        assert all(row["recognised_on"] <= quarter_bounds(month)[1] for row in now.values())
        assert all(row["recognised_on"] >= quarter_bounds(month)[0] for key, row in now.items() if before and key not in before)
        before = now
    assert any(row["revoked_on"] for row in before.values())


def test_loans_and_projects_are_of_their_period() -> None:
    numbers = []
    for month in default_months():
        first, last = month_bounds(month)
        [(unit_id, rows)] = rows_of(CITY, loans.FORM, month).items()
        assert unit_id == SCIENCE_OFFICE
        assert all(first <= row["granted_on"] <= last < row["matures_on"] and row["loan_amount"] > 0 for row in rows)
        numbers += [row["loan_no"] for row in rows]
    for month in QUARTERS:
        first, last = quarter_bounds(month)
        rows = rows_of(CITY, projects.FORM, month)[SCIENCE_OFFICE]
        assert all(first <= row["approved_on"] <= last for row in rows)
        assert all((row["award_grade"] is None) == ("award" not in row["project_kind"]) for row in rows)
        assert all((row["fiscal_funds"] is None) == ("award" in row["project_kind"]) for row in rows)
        numbers += [row["project_no"] for row in rows]
    assert len(set(numbers)) == len(numbers)


def test_the_year_so_far_is_the_sum_of_the_quarters_and_sometimes_all_that_is_given() -> None:
    so_far: dict[tuple[str, str], int] = {}
    totals: dict[tuple[str, str], int] = {}
    left_out = 0
    for month in QUARTERS:
        reports = rows_of(CITY, association.FORM, month)
        assert set(reports) == {*CITY.counties, ASSOCIATION}
        for unit_id, rows in reports.items():
            for row in rows:
                key = unit_id, row["work_item"]
                added = row["item_count_ytd"] - so_far.get(key, 0)
                assert added >= 0 and row["item_count"] in (None, added)
                assert row["item_total"] is None or row["item_total"] - totals.get(key, row["item_total"] - added) == added
                assert (row["participants"] or 0) <= (row["attendance"] or 0)
                left_out += row["item_count"] is None
                so_far[key], totals[key] = row["item_count_ytd"], row["item_total"]
    assert left_out > 20


def test_the_city_in_the_statistics_of_research_is_the_sum_of_its_counties() -> None:
    rows = rows_of(CITY, industry.FORM, "2022-10")
    of_city = {row["enterprise_size"]: row for row in rows.pop(STATISTICS_OFFICE)}
    assert set(rows) == set(CITY.counties) and len(of_city) == 4
    for size, total in of_city.items():
        counties = [row for own in rows.values() for row in own if row["enterprise_size"] == size]
        for name in total.keys() - {"enterprise_size"}:
            assert total[name] == sum(row[name] for row in counties)
        for row in counties:
            assert max(row["active_enterprise_count"], row["institution_enterprise_count"]) <= row["enterprise_count"]
            assert bool(row["rd_expenditure"]) == bool(row["active_enterprise_count"]) and row["operating_revenue"] > 0


def test_every_county_has_commissioners_of_every_level() -> None:
    for month in QUARTERS:
        reports = rows_of(CITY, commissioners.FORM, month)
        assert set(reports) == set(CITY.counties)
        assert all(len(rows) == 3 and all(row["commissioners"] for row in rows) for rows in reports.values())


def test_what_two_units_report_counts_once() -> None:
    day = date(2022, 2, 28)
    row = {"uscc": "A", "publicised_year": "2022", "publicised_on": date(2022, 2, 6), "registered_on": None, "revoked_on": None}
    revoked = row | {"uscc": "B", "registered_on": date(2022, 2, 10), "revoked_on": day}
    found = counted.FIGURES[smes.FORM]({"zone": [row, revoked], "county": [dict(row)]}, date(2022, 2, 1), day)
    assert found == {
        "tech_smes": 0,
        "tech_smes_with_publicised": 1,
        "tech_smes_publicised": 2,
        "tech_smes_registered": 1,
    }


def test_an_enterprise_that_was_renewed_does_not_expire() -> None:
    old = {
        "certificate_no": "1",
        "uscc": "A",
        "recognition_kind": "first",
        "issued_on": date(2019, 12, 3),
        "valid_until": date(2022, 12, 3),
        "revoked_on": None,
    }
    new = old | {
        "certificate_no": "2",
        "recognition_kind": "renewed",
        "issued_on": date(2022, 9, 23),
        "valid_until": date(2025, 9, 23),
    }
    other = old | {"certificate_no": "3", "uscc": "B"}
    found = counted.FIGURES[certificates.FORM]({"county": [new, old, other]}, date(2022, 9, 1), date(2022, 9, 30))
    assert (found["high_tech_enterprises"], found["high_tech_enterprises_expiring"]) == (2, 1)
    assert (found["high_tech_enterprises_new"], found["high_tech_enterprises_renewed"]) == (1, 1)


def test_quarters_of_what_is_given_for_the_year_are_differences_and_begin_anew() -> None:
    frequency = {association.FORM: "quarterly"}

    def found(month: str, so_far: int) -> dict:
        row = dict.fromkeys(("item_count", "item_total", "participants", "attendance"))
        station = row | {"work_item": "volunteer", "item_count_ytd": so_far}
        return month_figures(month, {association.FORM: {"411302": [station]}}, frequency)

    figures = {month: found(month, so_far) for month, so_far in (("2022-09", 7), ("2022-12", 9), ("2023-03", 4))}
    assert by_period(figures, frequency)["st_volunteers_new"] == {
        "2022-09": {"ytd": 7},
        "2022-12": {"quarter": 2, "ytd": 9},
        "2023-03": {"quarter": 4, "ytd": 4},
    }


def test_what_single_units_report_adds_up_to_the_city_but_for_what_is_reported_twice(record: dict) -> None:
    twice = {form: sum(each["form"] == form for each in record["overlaps"]) for form in (smes.FORM, facilities.PLATFORMS)}
    for indicator, period, form in (
        ("tech_smes", "2022-10", smes.FORM),
        ("innovation_platforms", "2022-09", facilities.PLATFORMS),
    ):
        parts = [expected[indicator][period]["point"] for expected in record["expected_by_unit"].values()]
        assert 0 <= sum(parts) - record["expected"][indicator][period]["point"] <= twice[form]
