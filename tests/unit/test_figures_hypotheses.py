"""Explanations: each hypothesis dissolves the conflict it is made for, with the score that hypotheses.yml says, and no other."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml

from pipelines.figures.hypotheses import READINGS, Explanation, explain, read_hypotheses
from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.intervals import PrintedNumber, decided, has_digits, measured, printed_decimals
from pipelines.figures.ledger import Document, Figure, Indicator
from pipelines.figures.network import network_of
from pipelines.figures.relations import Relation
from pipelines.figures.rules import KINDS
from pipelines.settings import Settings

PLAN = Document("100", "某市规划", "某市", "", None, None, "", "")
AUTUMN = Document("101", "某市总结", "某市", "", date(2022, 11, 14), None, "", "")
NEXT_YEAR = Document("102", "某市公报", "某市", "", date(2023, 3, 1), None, "", "")
SHIPPED = Settings().expectations / "hypotheses.yml"

TURNOVER = Indicator("turnover", "成交额", "亿元", "increase", "flow")
NET_TURNOVER = Indicator("net_turnover", "成交额（技术交易额）", "亿元", "increase", "flow", variant_of="turnover")
GROWTH = Indicator("turnover_growth", "成交额增长", "%", "increase", "growth_rate")
MULTIPLE = Indicator("turnover_multiple", "成交额倍数", "倍", "increase", "ratio")
PLATFORMS = Indicator("platforms", "平台数", "个", "increase", "stock")
PLATFORMS_NEW = Indicator("platforms_new", "新建平台数", "个", "increase", "flow")
INSTITUTES = Indicator("institutes", "机构数", "个", "increase", "stock")
BODIES_NEW = Indicator("bodies_new", "新建机构和中心数", "个", "increase", "flow")
GROUP_GROWTH = Indicator("group_growth", "群体增长", "%", "increase", "growth_rate")
PEOPLE = Indicator("people", "参赛人数", "人", "increase", "participants")
ENTRIES = Indicator("entries", "参赛人次", "人次", "increase", "participants")
KNOWN = (
    TURNOVER, NET_TURNOVER, GROWTH, MULTIPLE, PLATFORMS, PLATFORMS_NEW, INSTITUTES, BODIES_NEW, GROUP_GROWTH, PEOPLE, ENTRIES,
)  # fmt: skip
CATALOGUE = Catalogue(
    {known.indicator_id: known for known in KNOWN},
    (
        Link("increment_of", "platforms_new", "", "platforms", ""),
        Link("part_of", "institutes", "", "bodies_new", ""),
        Link("per_head", "entries", "", "people", "", Fraction(1), Fraction(100)),
    ),
    {},
)


def figure(figure_id: str, indicator: Indicator, as_printed: str, period: str = "2020", **more: object) -> Figure:
    """A figure as the ledger would read it; its number is the first in the text."""
    value = Decimal(re.search(r"\d+(\.\d+)?", as_printed)[0])
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator.indicator_id,
        indicator_label=indicator.label, scope="", area="某市", period=period, window="year", period_basis="stated",
        nature="actual", measure=indicator.measure, as_printed=as_printed, qualifier="exact", value=value, value_max=None,
        unit=indicator.unit, document=PLAN, indicator=indicator, interval=None,
    )  # fmt: skip
    made = replace(made, **more)
    number = PrintedNumber(
        value, printed_decimals(as_printed, value), made.unit, made.qualifier, None, made.measure in ("ratio", "growth_rate"),
        has_digits(as_printed),
    )  # fmt: skip
    made = replace(made, document_id=made.document.document_id)
    return replace(made, interval=(decided if made.nature == "target" else measured)(number))


def stock(figure_id: str, as_printed: str, year: str, **more: object) -> Figure:
    return figure(figure_id, PLATFORMS, as_printed, year, **{"window": "year_end"} | more)


def aim(figure_id: str, indicator: Indicator, as_printed: str, period: str = "2025", **more: object) -> Figure:
    window = "plan_period" if ".." in period else "year_end"
    return figure(figure_id, indicator, as_printed, period, **{"window": window, "nature": "target"} | more)


def relation(kind: str, subject: Figure, *others: Figure, coefficient: Figure | None = None, **more: str) -> Relation:
    made = Relation("R1", "100", "第一段", kind, subject, others, coefficient, "", "", "", "stated", "如文")
    return replace(made, **more)


def explained(*figures: Figure, relations: tuple[Relation, ...] = (), of: str = "") -> dict[tuple[str, str | None], Explanation]:
    """Hypothesis and figure -> the explanation of the one conflict, or of that of the figures named."""
    network = network_of(figures, relations, CATALOGUE)
    found = network.minimal_conflicts()
    (conflict,) = [one for one in found if not of or one.statements == tuple(of.split())]
    told = explain(conflict, network, figures, relations, read_hypotheses(SHIPPED))
    assert [each.score for each in told] == sorted((each.score for each in told), reverse=True)
    return {(each.hypothesis.id, each.figure_id): each for each in told}


def by_formula(each: Explanation, prior: float, *, against_print: bool = False) -> float:
    """The score as the head of hypotheses.yml has it."""
    points = len(each.supports) + (each.residual is not None and each.residual <= Fraction(5, 100))
    score = prior + len(each.dissolves) - len(each.creates) + sum(0.5**n for n in range(1, points + 1))
    score -= 0 if each.residual is None else min(1.0, float(each.residual) / 0.5)
    return score - (1 if against_print else 0)


# 2015 is 1 and 2020 is 32: doubled every year, the path is 2, 4, 8, 16, 32, together 62.
BASE, YEAR = figure("A", TURNOVER, "1亿元", "2015"), figure("B", TURNOVER, "32亿元")


@pytest.mark.parametrize(
    ("printed", "residual", "score"),
    [
        ("62亿元", 0, 1.1),  # 0.6, and worked out: 0.5
        ("60亿元", 1 / 30, 1.0333),  # 2/60: 0.6 + 0.5 − 0.0667
        ("50亿元", 0.24, 0.12),  # 12/50 is no support: 0.6 − 0.48
        ("40亿元", 0.55, -0.4),  # 22/40: 0.6 − 1, and no worse
    ],
)
def test_a_sum_of_five_years_is_ranked_by_how_well_the_path_fits(printed: str, residual: float, score: float) -> None:
    figures = (BASE, YEAR, figure("C", TURNOVER, printed, period_basis="inferred"))
    each = explained(*figures)["cumulative", "C"]
    assert float(each.residual) == pytest.approx(residual)
    assert each.score == pytest.approx(score, abs=5e-4) == pytest.approx(by_formula(each, 0.6), abs=5e-4)
    assert (each.dissolves, each.creates, each.supports) == ((), (), ())
    for part in ("2016—2020年累计", "2015年为 1，2020年为 32", "2.00 倍", "约 62.0 亿元"):
        assert part in each.arithmetic


def test_the_base_of_the_path_may_come_from_a_multiple() -> None:
    """62 is 62 times 2015, so 2015 is 1."""
    total = figure("C", TURNOVER, "62亿元", period_basis="inferred")
    times = figure("D", MULTIPLE, "62倍")
    multiple = relation("multiple", total, coefficient=times, base_period="2015")
    each = explained(YEAR, total, times, relations=(multiple,))["cumulative", "C"]
    assert each.score == 1.1 and "2015年为 1（62÷62），2020年为 32" in each.arithmetic


@pytest.mark.parametrize(
    ("in_2018", "added", "score"),
    [("8亿元", "62.0", 1.1), ("20亿元", "87.4", -0.2188)],  # 2.71, 7.37, 20, 25.30, 32: 87.4 and 62 are 0.4095 apart
)
def test_a_year_printed_between_moves_the_path(in_2018: str, added: str, score: float) -> None:
    between = figure("D", TURNOVER, in_2018, "2018")
    each = explained(BASE, YEAR, SUM_READ, between, of="B C")["cumulative", "C"]
    path = dict(each.path)
    assert path[2018] == pytest.approx(float(between.value)) and path[2015] == 1
    assert each.residual == pytest.approx(Fraction(sum(path[year] for year in range(2016, 2021)) - 62) / 62)
    assert each.score == pytest.approx(score, abs=5e-4) == pytest.approx(by_formula(each, 0.6), abs=5e-4)
    assert f"2018年为 {between.value}，2020年为 32" in each.arithmetic and f"约 {added} 亿元" in each.arithmetic


def test_the_last_year_may_stand_outside_the_conflict() -> None:
    """19 in 2021 is a fall from 27.9 in 2020 that the plan does not want; 13 for 2020 stands beside the two."""
    before, year = figure("A", TURNOVER, "0.558亿元", "2015"), figure("Y", TURNOVER, "13亿元")
    read, after = figure("C", TURNOVER, "27.9亿元", period_basis="inferred"), figure("N", TURNOVER, "19亿元", "2021")
    goal = aim("T", TURNOVER, "75亿元", window="year")
    each = explained(before, year, read, after, goal, of="C N")["cumulative", "C"]
    assert "2020年为 13" in each.arithmetic and float(each.residual) == pytest.approx(0.046, abs=5e-3)


def test_without_a_base_a_growing_flow_bounds_the_sum() -> None:
    """Five years that end in 32 are from 32 to 160 together; 200 is a fifth too many."""
    fits = explained(YEAR, figure("C", TURNOVER, "150亿元", period_basis="inferred"))["cumulative", "C"]
    assert (fits.residual, fits.score) == (None, 0.6)
    off = explained(YEAR, figure("C", TURNOVER, "200亿元", period_basis="inferred"))["cumulative", "C"]
    assert (off.residual, off.score) == (Fraction(1, 5), 0.2)  # 0.6 − 0.4


def test_none_at_all_is_no_sum_of_years_and_no_end_of_a_path() -> None:
    """Of nothing no share can be told: 0.0 is not read as a sum, and as the last of the years leads to no path."""
    nothing = figure("B", TURNOVER, "0.0亿元")
    found = explained(BASE, YEAR, replace(nothing, figure_id="C", period_basis="inferred"))
    assert found and ("cumulative", "C") not in found
    each = explained(BASE, nothing, figure("C", TURNOVER, "62亿元", period_basis="inferred"))["cumulative", "C"]
    assert (each.residual, each.score) == (None, 0.6) and "平均每年 12.4 亿元" in each.arithmetic  # 62 ÷ 5


def test_a_period_that_is_printed_speaks_against_reading_it_otherwise() -> None:
    each = explained(BASE, YEAR, figure("C", TURNOVER, "62亿元"))["cumulative", "C"]
    assert each.score == pytest.approx(0.1) == pytest.approx(by_formula(each, 0.6, against_print=True))


@pytest.mark.parametrize(
    "change",
    [
        {"period": "2016"},  # the first year of a plan has nothing before it to add up
        {"period": "2020-10"},
        {"nature": "forecast"},
        {"measure": "ratio"},
    ],
)
def test_what_is_no_year_of_a_flow_is_no_sum_of_years(change: dict[str, str]) -> None:
    one = figure("B", TURNOVER, "32亿元", **change)
    found = explained(one, figure("C", TURNOVER, "62亿元", **change))
    assert [key for key in found if key[0] == "cumulative"] == []


SUM_READ = figure("C", TURNOVER, "62亿元", period_basis="inferred")
FIVE_YEARS = {"period": "2016..2020", "window": "cumulative", "document": NEXT_YEAR}


def test_another_document_that_prints_the_sum_speaks_for_it() -> None:
    alone = explained(BASE, YEAR, SUM_READ)["cumulative", "C"]
    backed = explained(BASE, YEAR, SUM_READ, figure("D", TURNOVER, "62亿元", **FIVE_YEARS))["cumulative", "C"]
    assert (alone.score, backed.score) == (1.1, 1.35)  # a second support adds half as much as the first
    assert (alone.supports, backed.supports) == ((), ("D",))


def test_another_document_that_prints_another_sum_speaks_against_it() -> None:
    against = explained(BASE, YEAR, SUM_READ, figure("D", TURNOVER, "90亿元", **FIVE_YEARS))["cumulative", "C"]
    assert against.creates == (("C", "D"),) and against.supports == ()
    assert against.score == pytest.approx(0.1)  # 1.1, one conflict more


def test_another_document_that_prints_the_year_outright_speaks_against_it() -> None:
    """Then 62 of 2020 stands printed, whoever left the year out."""
    outright = figure("D", TURNOVER, "62亿元", document=NEXT_YEAR)
    against = explained(BASE, YEAR, SUM_READ, outright, of="B C")["cumulative", "C"]
    assert against.score == pytest.approx(0.1)  # 1.1, read against what is printed


@pytest.mark.parametrize(
    ("changes", "score"),
    [
        ({"document": NEXT_YEAR}, 0.6),  # 1.1 less 0.5
        ({"document": NEXT_YEAR, "period_basis": "inferred"}, 1.1),  # it leaves the year out too
        ({"document": NEXT_YEAR, "nature": "forecast"}, 1.1),  # it speaks of something else
    ],
)
def test_the_year_printed_outright_with_other_digits_speaks_against_it(changes: dict[str, object], score: float) -> None:
    """62.1 is within what 62 is rounded from, and no repeat of it."""
    other = figure("D", TURNOVER, "62.1亿元", **changes)
    each = explained(BASE, YEAR, SUM_READ, other, of="B C")["cumulative", "C"]
    assert each.score == pytest.approx(score)
    assert (each.dissolves, each.creates, each.supports) == ((), (), ())


def test_two_that_print_the_year_outright_speak_against_it_half_as_much_again() -> None:
    others = (figure("D", TURNOVER, "62.1亿元", document=NEXT_YEAR), figure("E", TURNOVER, "61.9亿元", document=AUTUMN))
    each = explained(BASE, YEAR, SUM_READ, *others, of="B C")["cumulative", "C"]
    assert each.score == pytest.approx(0.35)  # 1.1 less 0.75


def test_a_third_number_for_the_year_is_the_same_question_and_counts_where_it_agrees() -> None:
    """40 is at odds with 62 too, and with 32: it speaks for neither. 32.2 says what 32 says."""
    months = figure("M", TURNOVER, "70亿元", "2020-01..2020-03", window="ytd")
    assert "cumulative" not in {hypothesis for hypothesis, _ in explained(BASE, SUM_READ, months, of="C M")}
    neither = explained(YEAR, BASE, SUM_READ, figure("Y", TURNOVER, "40亿元", document=NEXT_YEAR), of="B C")["cumulative", "C"]
    assert neither.dissolves == (("C", "Y"),) and (neither.supports, neither.score) == ((), 1.1)
    agrees = explained(YEAR, BASE, SUM_READ, figure("Y", TURNOVER, "32.2亿元", document=NEXT_YEAR), of="B C")["cumulative", "C"]
    assert agrees.dissolves == (("C", "Y"),) and (agrees.supports, agrees.score) == (("Y",), 1.35)


def test_a_target_below_the_start_is_what_is_to_be_added() -> None:
    start, goal = stock("A", "200个", "2020"), aim("T", PLATFORMS, "100个")
    alone = explained(start, goal)
    assert alone["increment", "T"].score == 0.6
    assert "200＋100＝300" in alone["increment", "T"].arithmetic
    new = aim("N", PLATFORMS_NEW, "100个", "2021..2025")
    backed = explained(start, goal, new, of="A T")["increment", "T"]
    assert (backed.supports, backed.score) == (("N",), 1.1)
    assert "一致" in backed.arithmetic


def test_a_stock_may_be_what_was_new_in_the_years_before() -> None:
    """Less likely than that a target is; and of a target it is not said."""
    start, goal = stock("A", "200个", "2020"), aim("T", PLATFORMS, "100个")
    found = explained(start, goal)
    assert found["built_in_period", "A"].score == 0.3 < found["increment", "T"].score
    assert ("built_in_period", "T") not in found and ("increment", "A") not in found


def test_what_is_said_to_be_new_is_what_there_will_be() -> None:
    """300 and 500 new are no 500, but 500 are."""
    figures = (stock("A", "300个", "2020"), aim("N", PLATFORMS_NEW, "500个", "2021..2025"), aim("T", PLATFORMS, "500个"))
    each = explained(*figures)["level", "N"]
    assert (each.supports, each.score) == (("T",), 0.9)  # 0.4 and one support
    other = explained(figures[0], figures[1], aim("T", PLATFORMS, "900个"))
    assert other["level", "N"].creates == (("N", "T"),) and other["level", "N"].score == pytest.approx(-0.6)


def test_a_goal_that_may_be_exceeded_is_at_odds_with_less_only() -> None:
    start, new = stock("A", "300个", "2020"), aim("N", PLATFORMS_NEW, "500个", "2021..2025")
    few = explained(start, new, aim("T", PLATFORMS, "700个"))
    assert few["goal_as_minimum", "T"].score == 0.5 and "不少于 700 个" in few["goal_as_minimum", "T"].arithmetic
    many = explained(start, new, aim("T", PLATFORMS, "900个"))
    assert ("goal_as_minimum", "T") not in many
    assert many["goal_as_minimum", "N"].score == 0.5  # 600 new are at least 500


def test_another_definition_or_scope_is_one_the_catalogue_or_the_ledger_knows() -> None:
    figures = (figure("A", TURNOVER, "10亿元"), figure("B", TURNOVER, "20亿元"))
    assert explained(*figures)["other_definition", "A"].score == 0.5
    assert "技术交易额" in explained(*figures)["other_definition", "A"].arithmetic
    alike = (figure("A", PLATFORMS, "10个", window="point"), figure("B", PLATFORMS, "20个", window="point"))
    assert not any(hypothesis == "other_definition" for hypothesis, _ in explained(*alike))
    scoped = explained(*alike, figure("C", PLATFORMS, "3个", "2015", scope="省级"))
    assert scoped["other_definition", "B"].score == 0.5 and "省级" in scoped["other_definition", "B"].arithmetic


def test_growth_to_is_a_hundred_less_than_growth_by() -> None:
    """15 on 10 is 50 % more, and 150 % of it."""
    before, after = figure("A", TURNOVER, "10亿元", "2021"), figure("B", TURNOVER, "15亿元", "2022")
    wrong = figure("G", GROWTH, "150%", "2022")
    growth = relation("growth", after, coefficient=wrong, base_period="2021")
    each = explained(before, after, wrong, relations=(growth,))["growth_to", "G"]
    assert each.score == 0.3 and "15÷1.5＝10 亿元" in each.arithmetic and "即增长 50%" in each.arithmetic
    # 90 % on 10 is not to 90 %, which would be a fall: nothing of the kind is tried.
    small = figure("G", GROWTH, "90%", "2022")
    assert ("growth_to", "G") not in explained(before, after, small, relations=(replace(growth, coefficient=small),))


def test_a_year_that_was_not_over_could_only_be_foreseen() -> None:
    early = figure("A", TURNOVER, "80亿元", "2022", document=AUTUMN)
    final = figure("B", TURNOVER, "70亿元", "2022", document=NEXT_YEAR)
    found = explained(early, final)
    assert found["forecast", "A"].score == 0.3 and "2022-11-14" in found["forecast", "A"].arithmetic
    assert ("forecast", "B") not in found
    in_time = explained(replace(early, period="2021"), replace(final, period="2021"))
    assert not any(hypothesis == "forecast" for hypothesis, _ in in_time)


@pytest.mark.parametrize(
    ("older", "newer", "score"),
    [
        ("100亿元", "110亿元", 0.218),  # 10/110 apart: 0.4 − 0.1818
        ("100亿元", "103亿元", 0.842),  # 3/103 apart: 0.4 + 0.5 − 0.0583
        ("100亿元", "125亿元", 0.0),  # a fifth apart, the most there is: 0.4 − 0.4
        ("100亿元", "126亿元", None),
    ],
)
def test_the_older_of_two_documents_may_print_what_was_revised_since(older: str, newer: str, score: float | None) -> None:
    one = figure("A", TURNOVER, older, "2021", document=AUTUMN)
    found = explained(one, figure("B", TURNOVER, newer, "2021", document=NEXT_YEAR))
    assert ("stale_vintage", "B") not in found
    each = found.get(("stale_vintage", "A"))
    assert (each and each.score) == score
    assert each is None or each.score == pytest.approx(by_formula(each, 0.4), abs=5e-4)


@pytest.mark.parametrize(("less", "score"), [("96家", 0.72), ("75家", -0.2), ("74家", None)])
def test_the_smaller_may_leave_a_county_out(less: str, score: float | None) -> None:
    """4 of 100: 0.3 + 0.5 − 0.08; 25 of 100, the most there is: 0.3 − 0.5."""
    found = explained(stock("A", less, "2021"), stock("B", "100家", "2021"))
    assert ("unit_left_out", "B") not in found
    each = found.get(("unit_left_out", "A"))
    assert (each and each.score) == score
    assert each is None or "少 " in each.arithmetic


@pytest.mark.parametrize(
    ("printed", "power"), [("130000亿元", 10**4), ("13000亿元", 10**3), ("130亿元", 10), ("91亿元", None), ("1300亿元", None)]
)
def test_a_unit_slip_is_of_ten_thousand_a_thousand_or_ten_and_not_of_seven(printed: str, power: int | None) -> None:
    """13 times ten thousand and so on; 91 is 7 × 13, and no unit is a hundred of another."""
    found = explained(figure("A", TURNOVER, "13亿元"), figure("B", TURNOVER, printed))
    slips = {key: each for key, each in found.items() if key[0] == "unit_slip"}
    if power is None:
        assert slips == {}
        return
    assert set(slips) == {("unit_slip", "A"), ("unit_slip", "B")}
    assert {each.score for each in slips.values()} == {0.8}  # 0.3, and worked out to the digit
    assert f"13亿元 乘以 {power}" in slips["unit_slip", "A"].arithmetic
    assert f"{printed} 除以 {power}" in slips["unit_slip", "B"].arithmetic


def test_a_unit_slip_is_seen_through_a_growth() -> None:
    """10 and as much again are 20, which 200000 is by ten thousand; 300000 is not, and 200 is a hundred times too much."""
    before, rate = figure("A", TURNOVER, "10.0亿元", "2021"), figure("G", GROWTH, "100.0%", "2022")
    for printed, is_slip in (("200000亿元", True), ("300000亿元", False), ("2000亿元", False)):
        after = figure("B", TURNOVER, printed, "2022")
        growth = relation("growth", after, coefficient=rate, base_period="2021")
        each = explained(before, after, rate, relations=(growth,)).get(("unit_slip", "B"))
        assert (each is not None) == is_slip, printed
        assert each is None or (each.score == 0.8 and "除以 10000，为 20 亿元" in each.arithmetic)


@pytest.mark.parametrize(
    ("printed", "other", "meant"),
    [
        ("297亿元", "279亿元", "279"),  # two digits exchanged
        ("0.56亿元", "0.65亿元", "0.65"),
        ("29.7亿元", "27.9亿元", "27.9"),  # across the point
        ("27.9亿元", "29.7亿元", "29.7"),
        ("2.79亿元", "27.9亿元", None),  # the point alone is another matter: a unit
        ("227.9亿元", "27.9亿元", "27.9"),  # one too many
        ("27.9亿元", "2.9亿元", "2.9"),
        ("297亿元", "273亿元", None),
        ("297亿元", "792亿元", None),  # the first and the last
        ("264.5亿元", "546.2亿元", None),  # two exchanges
    ],
)
def test_a_slip_of_digits_is_one_exchange_or_one_digit(printed: str, other: str, meant: str | None) -> None:
    each = explained(figure("A", TURNOVER, printed), figure("B", TURNOVER, other)).get(("digit_slip", "A"))
    if meant is None:
        assert each is None
    else:
        assert each.score == 0.2 and f"本为 {meant}" in each.arithmetic


START, GOAL = stock("A", "300个", "2020"), aim("T", PLATFORMS, "700个")
NEW = aim("N", PLATFORMS_NEW, "500个", "2021..2025")
BEFORE, AFTER = figure("A", TURNOVER, "20亿元"), figure("B", TURNOVER, "10亿元", "2021")
RATE = aim("T", TURNOVER, "75亿元", window="year")
GROUP, OWN = figure("A", GROUP_GROWTH, "100%", "2022"), figure("B", GROWTH, "251%", "2022")


@pytest.mark.parametrize(
    ("hypothesis", "score", "figures", "relations"),
    [
        ("some_left", 0.3, (START, NEW, GOAL), ()),
        ("target_lowered", 0.1, (START, aim("T", PLATFORMS, "100个")), ()),
        ("built_before", 0.4, (aim("T", INSTITUTES, "20个"), aim("N", BODIES_NEW, "5个", "2021..2025")), ()),
        ("real_fall", 0.1, (BEFORE, AFTER, RATE), ()),
        ("other_population", 0.4, (GROUP, OWN), (relation("same_rate", GROUP, OWN, basis="inferred"),)),
        ("not_alike", 0.2, (figure("A", PEOPLE, "10人"), figure("B", ENTRIES, "1100人次")), ()),
    ],
)
def test_a_default_may_not_hold(
    hypothesis: str, score: float, figures: tuple[Figure, ...], relations: tuple[Relation, ...]
) -> None:
    found = explained(*figures, relations=relations)
    each = found[hypothesis, None]
    assert each.score == pytest.approx(score) == pytest.approx(by_formula(each, score))
    # 300 and 500 new are 100 more than 700; the others have nothing to work out.
    begins = "若期间减少 100 个：300＋500－100＝700。" if hypothesis == "some_left" else "不再认为："
    assert each.arithmetic.startswith(begins) and each.hypothesis.evidence
    others = {kind for kind, figure_id in found if figure_id is None} - {hypothesis}
    assert others == set()


def test_what_is_certain_is_not_given_up() -> None:
    """2 people make no fewer than 2 entries; and that two growths are the same was printed."""
    one_each = explained(figure("A", PEOPLE, "10人"), figure("B", ENTRIES, "9人次"))
    assert ("not_alike", None) not in one_each
    stated = explained(GROUP, OWN, relations=(relation("same_rate", GROUP, OWN),))
    assert ("other_population", None) not in stated


def test_a_reading_that_leaves_the_conflict_is_no_explanation() -> None:
    """13 with its digits exchanged, or ten times as much, is still not 27.9: neither is told."""
    found = explained(figure("A", TURNOVER, "13亿元"), figure("B", TURNOVER, "27.9亿元"))
    assert {hypothesis for hypothesis, _ in found} == {"cumulative", "other_definition"}


def test_every_hypothesis_that_comes_with_the_program_is_tried_here() -> None:
    """So that a new one gets a conflict made for it; each says what would settle it."""
    shipped = read_hypotheses(SHIPPED)
    assert {each.id for each in shipped} == {
        "cumulative", "increment", "level", "goal_as_minimum", "other_definition", "growth_to", "forecast", "stale_vintage",
        "unit_left_out", "unit_slip", "digit_slip", "some_left", "target_lowered", "built_before", "real_fall",
        "other_population", "not_alike", "built_in_period",
    }  # fmt: skip
    assert {each.rewrite for each in shipped if each.rewrite} == set(READINGS)
    assert {each.without for each in shipped if each.without} <= set(KINDS)
    for each in shipped:
        assert each.title and each.evidence and 0 < each.prior <= 1


@pytest.mark.parametrize(
    "change",
    [
        {"rewrite": "cumulated"},
        {"rewrite": ""},
        {"without": "no_fall"},  # besides a way to read: which of the two?
        {"rewrite": "", "without": "no_such_rule"},
    ],
)
def test_a_hypothesis_with_no_known_way_of_reading_is_refused(tmp_path: Path, change: dict[str, str]) -> None:
    entries = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["hypotheses"]
    path = tmp_path / "hypotheses.yml"
    path.write_text(yaml.safe_dump({"hypotheses": [entries[0]]}), encoding="utf-8")
    assert [each.id for each in read_hypotheses(path)] == ["cumulative"]
    path.write_text(yaml.safe_dump({"hypotheses": [entries[0] | change]}), encoding="utf-8")
    with pytest.raises(ValueError, match="cumulative"):
        read_hypotheses(path)
