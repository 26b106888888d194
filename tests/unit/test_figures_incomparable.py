"""Pairs that look like a contradiction and are none: each way to differ, and what is not listed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from pipelines.figures.conflicts import reconcile
from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.incomparable import MOST_OF_ONE, NotComparable, find_not_comparable
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Document, Figure, Indicator
from pipelines.figures.network import network_of
from pipelines.settings import Settings

DOCUMENT = Document("100", "某市总结", "某市", "", None, None, "", "")
INDICATORS = {
    indicator.indicator_id: indicator
    for indicator in (
        Indicator("turnover", "成交额", "亿元"),
        Indicator("net_turnover", "技术交易额", "亿元", variant_of="turnover"),
        Indicator("platforms", "平台数", "个", measure="stock"),
        Indicator("platforms_new", "新建平台数", "个"),
        Indicator("registered", "入库企业数", "家"),
        Indicator("noticed", "公示企业数", "家"),
        Indicator("key_platforms", "重点平台数", "个", measure="stock"),
        Indicator("growth", "成交额增长", "%", measure="growth_rate"),
    )
}
LINKS = (
    Link("increment_of", "platforms_new", "", "platforms", ""),
    Link("part_of", "key_platforms", "", "platforms", ""),
    Link("step_before", "noticed", "", "registered", ""),
    Link("growth_of", "growth", "", "turnover", ""),
)
CATALOGUE = Catalogue(INDICATORS, LINKS, {})


def figure(figure_id: str, value: int, indicator_id: str = "turnover", **more: object) -> Figure:
    indicator = INDICATORS[indicator_id]
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator_id, indicator_label=indicator.label,
        scope="", area="某市", period="2022", window="year", period_basis="stated", nature="actual", measure=indicator.measure,
        as_printed=f"{value}", qualifier="exact", value=Decimal(value), value_max=None, unit=indicator.unit,
        document=DOCUMENT, indicator=indicator, interval=Interval.point(Fraction(value)),
    )  # fmt: skip
    return replace(made, **more)


def pairs(*figures: Figure, conflicts: tuple[tuple[str, ...], ...] = ()) -> list[NotComparable]:
    found = find_not_comparable(network_of(figures, (), CATALOGUE), conflicts)
    assert find_not_comparable(network_of(figures[::-1], (), CATALOGUE), conflicts) == found
    return found


@pytest.mark.parametrize(
    ("other", "differs_in", "said"),
    [
        (figure("B", 20, "net_turnover"), "definition", ("“成交额”", "“技术交易额”")),
        (figure("B", 20, scope="省级"), "scope", ("“不分范围”", "“省级”")),
        (figure("B", 20, nature="forecast"), "nature", ("实际数", "预计数")),
        (figure("B", 20, nature="target"), "nature", ("实际数", "目标")),
        (figure("B", 20, period="2022-01..2022-10", window="ytd"), "window", ("2022年的", "2022年1—10月的")),
        (figure("B", 20, period="2021..2022", window="cumulative"), "window", ("2022年的", "2021—2022年的")),
        (figure("B", 20, measure="stock"), "stock_flow", ("2022年的", "2022年末的")),
    ],
)
def test_what_two_figures_differ_in_is_named(other: Figure, differs_in: str, said: tuple[str, str]) -> None:
    (pair,) = pairs(figure("A", 10), other)
    assert (pair.figure_id, pair.other_figure_id, pair.indicator_id, pair.differs_in) == ("A", "B", "turnover", differs_in)
    assert pair.reason.startswith("“10”与“20”：前者") and pair.reason.endswith("。")
    assert pair.reason.index(said[0]) < pair.reason.index(said[1])


@pytest.mark.parametrize(
    "other",
    [
        figure("B", 20, window="unstated"),
        figure("B", 20, window="unstated", measure="stock"),
        figure("B", 20, window="unstated", period="2022-01..2022-10"),
    ],
)
@pytest.mark.parametrize("measure", ["flow", "stock"])
def test_a_time_that_is_not_printed_is_neither_a_day_nor_a_year(other: Figure, measure: str) -> None:
    (pair,) = pairs(figure("A", 10, measure=measure), other)
    assert (pair.differs_in, pair.reason) == ("window", "“10”与“20”：有一处没有印出是什么时期的。")


def test_the_first_difference_is_told_of_several() -> None:
    """The indicator before the scope, the scope before the nature, the nature before the time."""
    differences = {"scope": "省级", "nature": "target", "period": "2022-01..2022-10", "window": "ytd"}
    for told, changes in (
        ("definition", differences | {"indicator_id": "net_turnover", "indicator": INDICATORS["net_turnover"]}),
        ("scope", differences),
        ("nature", {name: differences[name] for name in ("nature", "period", "window")}),
        ("window", {name: differences[name] for name in ("period", "window")}),
    ):
        (pair,) = pairs(figure("A", 10), figure("B", 20, **changes))
        assert pair.differs_in == told


@pytest.mark.parametrize(
    ("one", "other"),
    [("platforms_new", "platforms"), ("key_platforms", "platforms"), ("noticed", "registered"), ("net_turnover", "turnover")],
)
def test_indicators_that_are_easily_taken_for_one_another_are_held_side_by_side(one: str, other: str) -> None:
    """New and in all, part and whole, one step and the next, one definition and another; whichever comes first."""
    for first, second in ((one, other), (other, one)):
        (pair,) = pairs(figure("A", 10, first), figure("B", 20, second))
        assert (pair.differs_in, pair.indicator_id, pair.figure_id) == ("definition", first, "A")


@pytest.mark.parametrize(
    "other",
    [
        figure("B", 20),  # the same quantity: a conflict
        figure("B", 10, nature="forecast"),  # the same number
        figure("B", 20, scope="省级", area="他市"),
        figure("B", 20, scope="省级", period="2021"),
        figure("B", 20, "registered"),  # nobody takes one for the other
        figure("B", 20, "growth"),
        figure("B", 20, "noticed"),
    ],
)
def test_what_nobody_would_raise_is_not_listed(other: Figure) -> None:
    assert pairs(figure("A", 10), other) == []


def test_pairs_in_one_conflict_are_left_to_it() -> None:
    figures = (figure("A", 10), figure("B", 20, scope="省级"), figure("C", 30, nature="target"))
    assert [(pair.figure_id, pair.other_figure_id) for pair in pairs(*figures)] == [("A", "B"), ("A", "C"), ("B", "C")]
    left = pairs(*figures, conflicts=(("C", "A"), ("X", "B")))
    assert [(pair.figure_id, pair.other_figure_id) for pair in left] == [("A", "B"), ("B", "C")]
    assert pairs(*figures, conflicts=(("A", "B", "C"),)) == []


def test_a_repeat_is_not_listed_again() -> None:
    figures = (figure("A", 10), figure("A2", 10, locator="第二段"), figure("B", 20, scope="省级"))
    assert [(pair.figure_id, pair.other_figure_id) for pair in pairs(*figures)] == [("A", "B")]


def test_a_year_of_months_does_not_fill_the_list() -> None:
    """30 scopes make 435 pairs."""
    figures = [figure(f"F{number:02d}", number, scope=f"第{number}类") for number in range(30)]
    assert len(list(combinations(figures, 2))) == 435
    found = pairs(*figures)
    assert len(found) == MOST_OF_ONE == 200 and len({(pair.figure_id, pair.other_figure_id) for pair in found}) == 200


def test_the_real_ledger_lists_what_a_reader_stumbles_over_and_none_of_a_conflict() -> None:
    found = reconcile(Settings())
    listed = {(pair.figure_id, pair.other_figure_id): pair.differs_in for pair in found.not_comparable}
    assert len(listed) == len(found.not_comparable)
    for pair, differs_in in {
        ("S3-007", "S3-008"): "nature",  # 62.3 to October, 75 foreseen
        ("S3-034", "S3-036"): "nature",  # all enterprises as the aim, 58 % foreseen
        ("S3-001", "S3-002"): "definition",  # registered, announced
        ("S3-042", "S3-043"): "scope",  # two projects of one programme
        ("S4-001", "S4-030"): "definition",  # 200 provincial platforms, 764 in all
    }.items():
        assert listed[pair] == differs_in
    figures = {figure_id: member.figure for figure_id, member in found.network.members.items()}
    for one, other in listed:
        assert one < other and figures[one].quantity != figures[other].quantity
        assert not figures[one].interval.meets(figures[other].interval)
        assert figures[one].area == figures[other].area
    for conflict in found.contradictions:
        for pair in combinations(sorted(member.figure.figure_id for member in conflict.members), 2):
            assert pair not in listed
