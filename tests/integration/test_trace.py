"""A published figure goes back to the cells it was added up from."""

from decimal import Decimal

import pytest
from conftest import query, wanstat

from pipelines.settings import Settings
from pipelines.trace import Asked, missing, observation, origins, terms_of


def test_a_figure_of_every_form_is_traced_to_cells_that_add_up(loaded):
    settings = Settings(loaded.home)
    latest = query(
        loaded.home,
        """
        select indicator_id, period_id, window_kind from marts.indicator_cards join marts.dim_indicator using (indicator_id)
        where value is not null qualify row_number() over (partition by source_form order by indicator_id, window_kind) = 1
        """,
    )
    assert len(latest) == 12
    for indicator, period, window in latest:
        traced = observation(settings, Asked(indicator, period=period, window=window, hierarchy="city"))
        terms = terms_of(settings, traced)
        assert len(terms) in (1, 2)
        for term in terms:
            cells = origins(settings, term)  # refuses where they don't add up
            assert cells and {each.indicator_id for each in cells} == {term.indicator_id}


def test_a_ratio_is_its_two_sums(loaded):
    told = wanstat(loaded.home, "trace", "above_scale_rd_revenue_ratio", "--json").json
    above, below = told["terms"]
    assert round(Decimal(above["value"]) / Decimal(below["value"]) * 100, 6) == Decimal(told["value"])
    assert {each["month"] for each in told["origins"]} == {"2022-10"}  # the annual form is about the year before


@pytest.mark.parametrize("window", ["quarter", "ytd"])
def test_a_quarter_left_blank_is_told_from_the_year_to_date(loaded, window):
    shown = wanstat(loaded.home, "trace", "st_volunteers_new", "--area", "卧龙区", "--period", "2022-03", "--window", window)
    assert shown.status == 0 and "B6 “本季新增或举办数”留空 → 由累计数推算" in shown.out.replace("\n", "")


def test_a_report_that_was_returned_is_named_with_its_reason(loaded):
    settings = Settings(loaded.home)
    traced = observation(settings, Asked("science_popularisation_events", period="2022-10", window="month", hierarchy="city"))
    lacking = {each.reporting_unit_name: each for each in missing(settings, traced)}
    assert lacking["新野县"].state == "returned" and "参加人次" in lacking["新野县"].reason
