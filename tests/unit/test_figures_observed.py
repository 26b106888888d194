"""Observations as figures: of the very quantity a document prints, exact as published, and never taken for misprinted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import duckdb
import pytest

from pipelines.figures.conflicts import Conflict, find_conflicts
from pipelines.figures.hypotheses import Explanation, explain, read_hypotheses
from pipelines.figures.implied import Catalogue
from pipelines.figures.intervals import Interval, PrintedNumber, measured, printed_decimals
from pipelines.figures.ledger import Document, Figure, Indicator, Ledger
from pipelines.figures.network import network_of
from pipelines.figures.observed import observed, observed_figures
from pipelines.settings import Settings

REPORT = Document("100", "某市总结", "某市", "", None, None, "", "")
PRACTICE = Document("101", "【练习】某市总结", "某市", "", None, None, "", "")
TURNOVER = Indicator("turnover", "成交额", "亿元", "increase", "flow")
NET_TURNOVER = Indicator("net_turnover", "技术交易额", "亿元", "increase", "flow", variant_of="turnover")
PLATFORMS = Indicator("platforms", "平台数", "个", "increase", "stock")
SHARE = Indicator("share", "占比", "%", "increase", "ratio")
KNOWN = (TURNOVER, NET_TURNOVER, PLATFORMS, SHARE)
CATALOGUE = Catalogue({known.indicator_id: known for known in KNOWN}, (), {})


def printed(figure_id: str, as_printed: str, period: str = "2022", **more: object) -> Figure:
    """A figure as the ledger would read it, of the turnover unless said otherwise."""
    indicator = more.get("indicator", TURNOVER)
    value = Decimal(as_printed.rstrip(indicator.unit))
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator.indicator_id,
        indicator_label=indicator.label, scope="", area="某市", period=period, window="year", period_basis="stated",
        nature="actual", measure=indicator.measure, as_printed=as_printed, qualifier="exact", value=value, value_max=None,
        unit=indicator.unit, document=REPORT, indicator=indicator, interval=None,
    )  # fmt: skip
    made = replace(made, **more)
    number = PrintedNumber(value, printed_decimals(as_printed, value), made.unit, is_rate=made.measure == "ratio")
    return replace(made, document_id=made.document.document_id, interval=measured(number))


def seen(value: str, period_id: str = "2022", window_kind: str = "year", **more: object) -> Figure:
    """An observation of the turnover unless said otherwise."""
    given = {"indicator": TURNOVER, "area": "某市", "decimals": 2, "measure": "flow", "is_practice": False} | more
    return observed(period_id=period_id, window_kind=window_kind, value=Decimal(value), **given)


def conflicts(*figures: Figure) -> list[Conflict]:
    return find_conflicts(Ledger((REPORT, PRACTICE), figures, ()), (), CATALOGUE)


def members(conflict: Conflict) -> list[str]:
    return [member.figure.figure_id for member in conflict.members]


@pytest.mark.parametrize(
    ("window_kind", "period_id", "window", "period"),
    [
        ("month", "2022-10", "month", "2022-10"),
        ("ytd", "2022-10", "ytd", "2022-01..2022-10"),
        ("ytd", "2022-12", "year", "2022"),  # a year to date that is over is the year
        ("quarter", "2022-03", "cumulative", "2022-01..2022-03"),
        ("quarter", "2022-12", "cumulative", "2022-10..2022-12"),
        ("year", "2022", "year", "2022"),
    ],
)
def test_a_flow_of_each_window_is_what_the_ledger_prints_of_that_time(
    window_kind: str, period_id: str, window: str, period: str
) -> None:
    one = seen("13.27", period_id, window_kind)
    assert one.quantity == printed("A", "13.27亿元", period, window=window).quantity
    assert one.figure_id == f"wanstat:turnover:{period_id}:{window_kind}"
    assert one.is_observed and (one.period_basis, one.nature, one.as_printed) == ("stated", "actual", "13.27亿元")
    other = printed("A", "13.27亿元", period.replace("2022", "2021"), window=window)
    assert one.quantity != other.quantity


@pytest.mark.parametrize("measure", ["stock", "year_stock"])
@pytest.mark.parametrize(
    ("period_id", "window", "period"),
    [
        ("2022-12", "year_end", "2022"),
        ("2022-12", "point", "2022-12"),
        ("2022-10", "point", "2022-10"),
        ("2022-10", "ytd", "2022-01..2022-10"),  # of a stock the ledger means the end, however it is worded
    ],
)
def test_a_stock_is_that_at_the_end_of_the_month(measure: str, period_id: str, window: str, period: str) -> None:
    one = seen("764", period_id, "point", indicator=PLATFORMS, decimals=0, measure=measure)
    assert one.quantity == printed("A", "764个", period, indicator=PLATFORMS, window=window).quantity
    assert one.measure == "stock"


def test_a_ratio_of_a_year_or_of_a_day_is_that_of_the_ledger() -> None:
    ratio = {"indicator": SHARE, "decimals": 1, "measure": "ratio"}
    assert seen("58.2", "2022", "year", **ratio).quantity == printed("A", "58%", indicator=SHARE).quantity
    at_end = printed("A", "58%", "2022-10", indicator=SHARE, window="point")
    assert seen("58.2", "2022-10", "point", **ratio).quantity == at_end.quantity


@pytest.mark.parametrize(
    ("value", "decimals", "indicator", "lower", "upper", "as_printed"),
    [
        ("13.270000", 2, TURNOVER, "13.265", "13.275", "13.27亿元"),
        ("13.268000", 2, TURNOVER, "13.263", "13.273", "13.27亿元"),  # around what was added up, printed as published
        ("13.2", 1, TURNOVER, "13.15", "13.25", "13.2亿元"),
        ("764.000000", 0, PLATFORMS, "764", "764", "764个"),  # things are counted to the last
        ("58", 0, SHARE, "57.5", "58.5", "58%"),  # a percentage is rounded even when whole
        ("1.1504", 2, SHARE, "1.1454", "1.1554", "1.15%"),
    ],
)
def test_an_observation_is_as_exact_as_its_indicator_is_published(
    value: str, decimals: int, indicator: Indicator, lower: str, upper: str, as_printed: str
) -> None:
    one = seen(value, indicator=indicator, decimals=decimals)
    assert one.interval == Interval(Fraction(lower), Fraction(upper))
    assert (one.as_printed, one.value, one.unit) == (as_printed, Decimal(as_printed.rstrip(indicator.unit)), indicator.unit)


@pytest.mark.parametrize(
    ("as_printed", "fits"),
    [
        ("13亿元", True),  # from 12.5 to below 13.5
        ("13.3亿元", True),
        ("13.2亿元", False),  # below 13.25, and the observation from 13.265
        ("13.28亿元", True),  # both may be 13.275
        ("13.29亿元", False),
        ("27.9亿元", False),
    ],
)
def test_a_document_is_held_against_what_was_added_up(as_printed: str, fits: bool) -> None:
    one = seen("13.27")
    found = conflicts(printed("A", as_printed), one)
    assert [(members(each), each.kind, each.severity) for each in found] == (
        [] if fits else [(["A", one.figure_id], "same_quantity", "error")]
    )
    assert all("《本系统按报表汇总的数》" in each.summary for each in found)


def test_made_up_data_and_real_data_never_meet() -> None:
    """In one ledger with all four, real is held against real and practice against practice."""
    real, made_up = printed("A", "27.9亿元"), printed("B", "40亿元", document=PRACTICE)
    for figure, is_practice in product((real, made_up), (False, True)):
        one = seen("13.27", is_practice=is_practice)
        meets = figure.document.is_practice == is_practice == one.document.is_practice
        assert (figure.quantity == one.quantity) == meets
        assert [members(each) for each in conflicts(figure, one)] == ([[figure.figure_id, one.figure_id]] if meets else [])
    assert conflicts(real, made_up) == []


def explained(*figures: Figure) -> dict[tuple[str, str | None], Explanation]:
    """Hypothesis and figure -> the explanation of the one conflict."""
    network = network_of(figures, (), CATALOGUE)
    (conflict,) = network.minimal_conflicts()
    told = explain(conflict, network, figures, (), read_hypotheses(Settings().expectations / "hypotheses.yml"))
    return {(each.hypothesis.id, each.figure_id): each for each in told}


def test_the_slip_is_the_document_s_and_never_the_warehouse_s() -> None:
    """132700 is 13.27 in 万元, printed as 亿元; that the reports were ten thousand times too small is not considered."""
    slip = explained(printed("A", "132700亿元"), seen("13.27"))
    each = slip["unit_slip", "A"]
    assert "132700亿元 除以 10000，为 13.27 亿元" in each.arithmetic
    assert (each.residual, each.score) == (0, 0.8)  # 0.3, and worked out to the digit
    assert slip["other_definition", "A"].score == 0.5
    assert {figure_id for _, figure_id in slip} == {"A"}


@pytest.mark.parametrize(
    ("as_printed", "value", "hypothesis", "arithmetic"),
    [
        ("17.23亿元", "12.73", "digit_slip", "若 17.23 本为 12.73"),
        ("13.00亿元", "13.27", "unit_left_out", "少 0.27 亿元"),
        ("13.00亿元", "13.27", "stale_vintage", "相差 2.0%"),  # 0.27 of 13.27
    ],
)
def test_what_is_off_is_looked_for_in_the_document(as_printed: str, value: str, hypothesis: str, arithmetic: str) -> None:
    found = explained(printed("A", as_printed), seen(value))
    assert arithmetic in found[hypothesis, "A"].arithmetic
    assert {figure_id for _, figure_id in found} == {"A"}


# From the warehouse


def warehouse(home: Path, rows: Iterable[tuple]) -> Settings:
    """A warehouse with what is read of it; rows are in the order of the columns below."""
    settings = Settings(home)
    settings.build_database.parent.mkdir(parents=True)
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("create schema marts; create schema core")
        connection.execute(
            "create table marts.observations (indicator_id varchar, hierarchy varchar, area_id varchar, period_id varchar,"
            " window_kind varchar, value decimal(20,6), submission_count integer, expected_submission_count integer,"
            " is_practice boolean)"
        )
        connection.executemany("insert into marts.observations values (?, ?, ?, ?, ?, ?, ?, ?, ?)", list(rows))
        connection.execute("create table core.core_indicators (indicator_id varchar, decimals integer, measure varchar)")
        connection.execute("insert into core.core_indicators values ('turnover', 2, 'flow'), ('platforms', 0, 'stock')")
        connection.execute("create table core.core_areas as select '1' as area_id, '某市' as area_name")
    return settings


def test_only_complete_observations_of_printed_quantities_are_taken(tmp_path: Path) -> None:
    city = ("turnover", "city", "1")
    settings = warehouse(
        tmp_path,
        [
            (*city, "2022", "year", "13.27", 13, 13, False),
            (*city, "2021", "year", "12", 13, 13, False),  # of which no document speaks
            (*city, "2022-10", "ytd", "11", 12, 13, False),  # one report is missing
            (*city, "2022-09", "ytd", None, 13, 13, False),
            (*city, "2022-08", "month", "1", 13, 13, True),  # practice, which no practice document prints
            (*city, "2022-07", "month", "1.5", 13, 13, True),
            ("turnover", "reported", "1", "2022-06", "month", "1", 13, 13, False),
            ("platforms", "city", "1", "2022-12", "point", "764", 13, 13, False),
        ],
    )
    printed_of = [
        printed("A", "27.9亿元"),
        printed("B", "10亿元", "2022-01..2022-10", window="ytd"),
        printed("C", "10亿元", "2022-01..2022-09", window="ytd"),
        printed("D", "2亿元", "2022-08", window="month"),
        printed("E", "2亿元", "2022-07", window="month", document=PRACTICE),
        printed("F", "2亿元", "2022-06", window="month"),
        printed("G", "1000个", "2025", indicator=PLATFORMS, window="year_end", nature="target"),
    ]
    found = observed_figures(settings, printed_of)
    assert [(one.figure_id, one.interval.lower, one.document.is_practice) for one in found] == [
        ("wanstat:turnover:2022:year", Fraction("13.265"), False),
        ("wanstat:turnover:2022-07:month", Fraction("1.495"), True),
    ]
    stock = printed("H", "700个", "2022", indicator=PLATFORMS, window="year_end")
    assert [one.figure_id for one in observed_figures(settings, [stock])] == ["wanstat:platforms:2022-12:point"]
    # A target or a forecast is nothing that was observed; nor is what has no number.
    for change in ({"nature": "target"}, {"nature": "forecast"}, {"interval": None}, {"scope": "省级"}, {"area": "某县"}):
        assert observed_figures(settings, [replace(stock, **change)]) == []
    assert observed_figures(settings, []) == []
