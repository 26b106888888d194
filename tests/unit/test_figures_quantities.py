"""What a figure measures: which words of time mean which months, what is the same put otherwise, and what is not."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.figures.ledger import MEASURES, NATURES, WINDOWS
from pipelines.figures.quantities import (
    NATURE_CLASSES,
    Quantity,
    month_before,
    month_number,
    plan_start,
    quantity,
    span_of,
    when,
)


def of(period: str, window: str, measure: str = "flow", nature: str = "actual", scope: str = "", area: str = "某市") -> Quantity:
    return quantity("turnover", scope, area, period, window, nature, measure)


def short(one: Quantity) -> tuple[str, str, str]:
    return one.kind, one.first, one.last


@pytest.mark.parametrize(
    ("period", "window", "measure", "nature", "expected"),
    [
        # A flow of a month, of the year to date, of a year: over exactly those months.
        ("2022-11", "month", "flow", "actual", ("span", "2022-11", "2022-11")),
        ("2022-01..2022-10", "ytd", "flow", "actual", ("span", "2022-01", "2022-10")),
        ("2020", "year", "flow", "actual", ("span", "2020-01", "2020-12")),
        ("2020", "year", "money", "actual", ("span", "2020-01", "2020-12")),
        ("2021", "year", "participants", "actual", ("span", "2021-01", "2021-12")),
        ("2021", "year", "count_of_events", "actual", ("span", "2021-01", "2021-12")),
        ("2025", "year", "flow", "target", ("span", "2025-01", "2025-12")),
        # Of a plan period, cumulative: over the period; without a beginning, all time.
        ("2021..2025", "plan_period", "flow", "target", ("span", "2021-01", "2025-12")),
        ("2016..2020", "cumulative", "flow", "actual", ("span", "2016-01", "2020-12")),
        ("..2024-03", "cumulative", "flow", "actual", ("span", "", "2024-03")),
        ("2024-03", "cumulative", "participants", "actual", ("span", "", "2024-03")),
        ("2020", "cumulative", "flow", "actual", ("span", "", "2020-12")),
        # By the end of a year: since the plan began, unless the ledger says since when.
        ("2025", "year_end", "flow", "target", ("span", "2021-01", "2025-12")),
        ("2023", "year_end", "flow", "actual", ("span", "2021-01", "2023-12")),
        ("2020", "year_end", "money", "actual", ("span", "2016-01", "2020-12")),
        ("2023..2025", "year_end", "flow", "target", ("span", "2023-01", "2025-12")),
        # A stock: its level at the end of the last month, whatever the window.
        ("2020", "year_end", "stock", "actual", ("level", "", "2020-12")),
        ("2020", "year", "stock", "actual", ("level", "", "2020-12")),
        ("2022-11", "point", "stock", "actual", ("level", "", "2022-11")),
        ("2022-01..2022-11", "ytd", "stock", "actual", ("level", "", "2022-11")),
        ("2021..2025", "plan_period", "stock", "target", ("level", "", "2025-12")),
        ("..2024-03", "cumulative", "stock", "actual", ("level", "", "2024-03")),
        # A ratio, share or rank of a year is of that year; of a year's end, of a day, or as a target, at that day.
        ("2020", "year", "ratio", "actual", ("span", "2020-01", "2020-12")),
        ("2020", "year", "rank", "actual", ("span", "2020-01", "2020-12")),
        ("2022-01..2022-11", "ytd", "rank", "actual", ("span", "2022-01", "2022-11")),
        ("2020", "year_end", "ratio", "actual", ("level", "", "2020-12")),
        ("2020", "year_end", "rank", "actual", ("level", "", "2020-12")),
        ("2025", "year", "ratio", "target", ("level", "", "2025-12")),
        ("2021..2025", "plan_period", "ratio", "target", ("level", "", "2025-12")),
        ("2035", "year_end", "rank", "target", ("level", "", "2035-12")),
        ("2035", "year", "rank", "target", ("level", "", "2035-12")),
        ("2022-11", "point", "ratio", "actual", ("level", "", "2022-11")),
        # A growth rate: over the months of the period, as a target too.
        ("2022", "year", "growth_rate", "actual", ("span", "2022-01", "2022-12")),
        ("2021..2025", "plan_period", "growth_rate", "target", ("span", "2021-01", "2025-12")),
        ("2022-01..2022-11", "ytd", "growth_rate", "actual", ("span", "2022-01", "2022-11")),
        # Not printed.
        ("2021", "unstated", "flow", "actual", ("unstated", "2021-01", "2021-12")),
        ("2021", "unstated", "stock", "actual", ("unstated", "2021-01", "2021-12")),
        ("2021", "unstated", "ratio", "target", ("unstated", "2021-01", "2021-12")),
    ],
)
def test_a_window_and_a_measure_make_a_quantity(
    period: str, window: str, measure: str, nature: str, expected: tuple[str, str, str]
) -> None:
    one = of(period, window, measure, nature)
    assert short(one) == expected
    assert one.nature == {"actual": "measured", "target": "target"}[nature]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (of("2020", "year_end", "stock"), of("2020-12", "point", "stock")),
        (of("2020", "year_end", "stock"), of("2020", "year", "stock")),
        (of("2025", "year_end", "flow", "target"), of("2021..2025", "plan_period", "flow", "target")),
        (of("2020", "year"), of("2020-01..2020-12", "ytd")),
        (of("2020-01", "month"), of("2020-01..2020-01", "ytd")),
        (of("..2024-03", "cumulative"), of("2024-03", "cumulative")),
        (of("2016..2020", "cumulative"), of("2016..2020", "plan_period")),
        (of("2016..2020", "cumulative"), of("2020", "year_end")),
        (of("2025", "year", "ratio", "target"), of("2025", "year_end", "ratio", "target")),
        (of("2020", "year", nature="baseline"), of("2020", "year", nature="actual")),
        (of("2020", "year", "money"), of("2020", "year", "flow")),
    ],
)
def test_the_same_thing_worded_otherwise_is_one_quantity(one: Quantity, other: Quantity) -> None:
    assert one == other and str(one) == str(other) and hash(one) == hash(other)


APART = [
    of("2020", "year"),
    of("2020", "year", scope="省级"),
    of("2020", "year", area="某县"),
    of("2021", "year"),
    of("2020-12", "month"),
    of("2020-01..2020-11", "ytd"),
    of("2020", "cumulative"),  # of all time
    of("2016..2020", "cumulative"),
    of("2015..2020", "cumulative"),
    of("2020", "year", nature="forecast"),
    of("2020", "year", nature="target"),
    of("2020", "year", "stock"),
    of("2020", "year", "stock", "target"),
    of("2020-11", "point", "stock"),
    of("2020", "unstated"),
    of("2020-12", "unstated"),
    quantity("other", "", "某市", "2020", "year", "actual", "flow"),
]


def test_different_things_are_different_quantities_also_by_name() -> None:
    for one, other in combinations(APART, 2):
        assert one != other and str(one) != str(other)


def test_a_ratio_of_a_year_is_none_of_its_last_day() -> None:
    assert of("2020", "year", "ratio") != of("2020", "year_end", "ratio")


@given(
    st.sampled_from(["2020", "2022-11", "2021..2025", "..2024-03", "2022-01..2022-10"]),
    st.sampled_from(WINDOWS), st.sampled_from(MEASURES), st.sampled_from(NATURES),
)  # fmt: skip
def test_every_row_the_ledger_takes_has_a_quantity_with_an_end(period: str, window: str, measure: str, nature: str) -> None:
    one = of(period, window, measure, nature)
    assert one.kind in ("span", "level", "unstated") and one.nature == NATURE_CLASSES[nature]
    assert one.last == span_of(period)[1]
    assert one.first == "" or one.first <= one.last
    assert (one.kind == "level") <= (one.first == "")
    assert when(one)


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("2020", ("2020-01", "2020-12")),
        ("2022-11", ("2022-11", "2022-11")),
        ("2021..2025", ("2021-01", "2025-12")),
        ("2022-01..2022-10", ("2022-01", "2022-10")),
        ("2020..2022-03", ("2020-01", "2022-03")),
        ("..2024-03", ("", "2024-03")),
        ("..2024", ("", "2024-12")),
    ],
)
def test_a_period_is_its_first_and_its_last_month(period: str, expected: tuple[str, str]) -> None:
    assert span_of(period) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (of("2020", "year"), "2020年"),
        (of("2021..2025", "plan_period"), "2021—2025年"),
        (of("2022-01..2022-10", "ytd"), "2022年1—10月"),
        (of("2022-03..2022-10", "ytd"), "2022年3—10月"),
        (of("2022-11", "month"), "2022年11月"),
        (of("2020-12", "month"), "2020年12月"),
        (of("2020-03..2022-10", "plan_period"), "2020年3月至2022年10月"),
        (of("2020-03..2022-12", "plan_period"), "2020年3月至2022年12月"),
        (of("2020..2022-10", "plan_period"), "2020年1月至2022年10月"),
        (of("..2024-03", "cumulative"), "到2024年3月为止"),
        (of("..2024-12", "cumulative"), "到2024年末为止"),
        (of("2020", "year_end", "stock"), "2020年末"),
        (of("2022-11", "point", "stock"), "2022年11月末"),
        (of("2022-02", "point", "stock"), "2022年2月末"),
    ],
)
def test_a_time_is_told_in_chinese(one: Quantity, expected: str) -> None:
    assert when(one) == expected


@pytest.mark.parametrize(
    ("month", "year"),
    [("2015-12", 2011), ("2016-01", 2016), ("2020-12", 2016), ("2021-01", 2021), ("2025-12", 2021), ("2026-01", 2026)],
)
def test_a_plan_begins_every_five_years(month: str, year: int) -> None:
    """The eleventh from 2001, the thirteenth from 2016, the fourteenth from 2021."""
    assert plan_start(month) == year


@pytest.mark.parametrize(
    ("month", "months", "expected"),
    [
        ("2021-02", 1, "2021-01"),
        ("2021-01", 1, "2020-12"),
        ("2022-10", 12, "2021-10"),
        ("2022-01", 13, "2020-12"),
        ("2022-12", 0, "2022-12"),
        ("2022-12", 11, "2022-01"),
    ],
)
def test_a_month_some_months_earlier(month: str, months: int, expected: str) -> None:
    assert month_before(month, months) == expected
    assert month_number(month) - month_number(expected) == months


def test_a_span_knows_its_length_and_can_be_moved() -> None:
    year = of("2020", "year")
    assert (year.months, of("2021..2025", "plan_period").months, of("2022-11", "month").months) == (12, 60, 1)
    assert short(year.over("2019-01", "2019-12")) == ("span", "2019-01", "2019-12")
    assert short(year.at_end_of("2019-12")) == ("level", "", "2019-12")
    assert year.at_end_of("2020-12").over("2020-01", "2020-12") == year
