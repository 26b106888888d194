"""A published figure goes back to the cells it was added up from."""

import hashlib
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


def test_lineage_names_the_file_and_the_cells_that_what_units_reported_is_the_sum_of(loaded):
    """Of everything that units reported in a month and that is no ratio: what is observed is what its lineage adds up to."""
    compared = query(
        loaded.home,
        """
        with added as (
            select indicator_id, area_id, period_id, sum(value) as value, bool_and(value is not null) as is_whole
            from marts.lineage join marts.dim_reporting_unit using (reporting_unit_id) group by all
        )
        select count(*), count(*) filter (abs(observations.value - added.value) > 0.000001)
        from marts.observations join added using (indicator_id, area_id, period_id)
        where hierarchy = 'reported' and window_kind in ('month', 'point', 'quarter') and is_whole
            and observations.value is not null
        """,
    )
    [(count, different)] = compared
    assert count > 1000 and different == 0
    files = query(loaded.home, "select distinct file_name, file_sha256 from marts.lineage")
    for name, sha256 in files[:50]:
        assert hashlib.sha256((loaded.home / "raw" / name).read_bytes()).hexdigest() == sha256
    cells = query(
        loaded.home,
        "select cells, row_count from marts.lineage where indicator_id = 'tech_contract_turnover'"
        " and reporting_unit_id = '411302' and period_id = '2022-09'",
    )
    asked = ("tech_contract_turnover", "--area", "411302", "--period", "2022-09", "--window", "month", "--json")
    traced = wanstat(loaded.home, "trace", *asked)
    there = [each["cell"] for each in traced.json["origins"]]
    assert cells == [(f"{there[0]}:{there[-1]}", len(there))]


def test_a_cell_leads_to_the_figures_it_counts_in_and_they_lead_back_to_it(loaded):
    settings = Settings(loaded.home)
    start = observation(settings, Asked("tech_contract_turnover", "411302", "2022-09", "month", "reported"))
    cell = origins(settings, start)[0]
    run = wanstat(loaded.home, "trace", "--file", cell.file_name.rpartition("/")[2], "--cell", cell.cell, "--json")
    assert run.status == 0, run.err
    keys = {(each["indicator_id"], each["hierarchy"], each["period_id"], each["window_kind"]) for each in run.json}
    assert ("tech_contract_turnover", "reported", "2022-09", "month") in keys
    assert {("tech_contract_turnover", "city", month, "ytd") for month in ("2022-09", "2022-10")} <= keys
    assert ("average_contract_value", "city", "2022-09", "month") in keys  # of which it is a numerator
    assert not any(period < "2022-09" for _, _, period, _ in keys)
    for each in [one for one in run.json if one["indicator_id"] == "tech_contract_turnover"][:12]:
        asked = Asked(each["indicator_id"], each["area_id"], each["period_id"], each["window_kind"], each["hierarchy"])
        back = origins(settings, observation(settings, asked))
        assert (cell.file_sha256, cell.cell) in {(other.file_sha256, other.cell) for other in back}, each
    header = wanstat(loaded.home, "trace", "--file", cell.file_name, "--cell", "A1")
    assert header.status == 2 and "没有计入任何指标" in header.err
    nobody = wanstat(loaded.home, "trace", "--file", "没有这个.xlsx")
    assert nobody.status == 2 and "没有收到过" in nobody.err
