"""Remarks: each kind on a ledger made for it and not on one that is all but that; and those of the real ledger."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipelines.figures.conflicts import Conflict, reconcile
from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.intervals import PrintedNumber, decided, has_digits, measured, printed_decimals
from pipelines.figures.ledger import Document, Figure, Indicator
from pipelines.figures.network import network_of
from pipelines.figures.relations import Relation
from pipelines.figures.remarks import REMARK_LABELS, Remark, find_remarks
from pipelines.settings import Settings

PLAN = Document("100", "某市规划", "某市", "", date(2022, 8, 2), date(2022, 8, 2), "", "")
OTHER = replace(PLAN, document_id="101", title="某市总结")
TURNOVER = Indicator("turnover", "成交额", "亿元", "increase", "flow")
GROWTH = Indicator("turnover_growth", "成交额增长", "%", "increase", "growth_rate")
SHARE = Indicator("share", "研发强度", "%", "increase", "ratio")
FIRMS = Indicator("firms", "企业数", "家", "increase", "stock")
REGISTERED = Indicator("registered", "入库企业数", "家", "neutral", "flow")
NOTICED = Indicator("noticed", "公示企业数", "家", "neutral", "flow")
FIRMS_NEW = Indicator("firms_new", "新增企业数", "家", "increase", "flow")
WASTE = Indicator("waste", "损失", "亿元", "decrease", "flow")
KNOWN = (TURNOVER, GROWTH, SHARE, FIRMS, REGISTERED, NOTICED, FIRMS_NEW, WASTE)
CATALOGUE = Catalogue(
    {indicator.indicator_id: indicator for indicator in KNOWN},
    (Link("step_before", "noticed", "", "registered", ""), Link("growth_of", "turnover_growth", "", "turnover", "")),
    {},
)


def figure(figure_id: str, indicator: Indicator, as_printed: str, period: str = "2022", **more: object) -> Figure:
    """A figure as the ledger would read it; its number is the first in the text."""
    value = Decimal(re.search(r"\d+(\.\d+)?", as_printed)[0])
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator.indicator_id,
        indicator_label=indicator.label, scope="", area="某市", period=period,
        window="year_end" if indicator.measure == "stock" else "year", period_basis="stated", nature="actual",
        measure=indicator.measure, as_printed=as_printed, qualifier="exact", value=value, value_max=None,
        unit=indicator.unit, document=PLAN, indicator=indicator, interval=None,
    )  # fmt: skip
    made = replace(made, **more)
    number = PrintedNumber(
        value, printed_decimals(as_printed, value), made.unit, made.qualifier, made.value_max,
        made.measure in ("ratio", "growth_rate"), has_digits(as_printed),
    )  # fmt: skip
    return replace(made, interval=(decided if made.nature == "target" else measured)(number))


def aim(figure_id: str, indicator: Indicator, as_printed: str, period: str = "2025", **more: object) -> Figure:
    return figure(figure_id, indicator, as_printed, period, **{"nature": "target"} | more)


def relation(kind: str, subject: Figure, *others: Figure, coefficient: Figure | None = None, **more: str) -> Relation:
    made = Relation("R1", "100", "第一段", kind, subject, others, coefficient, "", "", "", "stated", "如文")
    return replace(made, **more)


def remarks(*figures: Figure, relations: tuple[Relation, ...] = (), documents: tuple[Document, ...] = (PLAN,)) -> list[Remark]:
    network = network_of(figures, relations, CATALOGUE)
    found = find_remarks(figures, documents, relations, network)
    turned = find_remarks(figures[::-1], documents[::-1], relations, network_of(figures[::-1], relations, CATALOGUE))
    assert turned == found
    return found


def told(*figures: Figure, relations: tuple[Relation, ...] = ()) -> list[tuple[str, str]]:
    """Kind and figure ids of each."""
    return [(one.kind, " ".join(figure.figure_id for figure in one.figures)) for one in remarks(*figures, relations=relations)]


@pytest.fixture(scope="module")
def real() -> list[Conflict]:
    return [conflict for conflict in reconcile(Settings()).conflicts if conflict.category == "remark"]


def test_the_remarks_on_the_real_ledger_are_those_a_reader_makes(real: list[Conflict]) -> None:
    """Each was looked up in the five documents."""
    assert {(one.kind, " ".join(member.figure.figure_id for member in one.members)) for one in real} == {
        ("impossible_date", ""),  # 2022年1114日
        ("misprint", "S3-022"),  # 30余次次
        ("misprint", "S3-084"),  # 10达到1000家以上
        ("name_variant", "S3-012 S4-003"),
        ("name_variant", "S4-004 S4-046"),
        ("name_variant", "S4-006 S4-036"),
        ("name_variant", "S4-013 S4-019"),  # R&D经费支出占GDP比重, 研发投入强度
        ("one_year_against_mean", "S4-028 S4-029"),  # 13.8, 19(年均)
        ("part_year_compared", "S3-004 S3-003"),  # 2671 by November, 与2021年相比增长251%
        ("repeated_digits", "S2-017 S2-018"),  # 248 organisations, 20248 volunteers
        ("relative_growth_of_ratio", "S4-015 S4-014"),  # from 1.09 % to 1.15 %, 增长5.5%
        ("steps_added", "S3-003 S3-001 S3-002"),  # 评价入库1311家,完成公示1360家,共计2671家
        ("target_by_definition", "S4-025 S3-003 S3-001"),  # 1350: 2671 with those only announced, 1311 without
        ("target_met", "S4-045 S3-008"),  # 75 in 2025, 全年有望突破75 in 2022
        ("target_twice", "S4-019 S4-020"),  # 达到 and 超过全省平均水平
        ("too_precise", "S3-009 S3-008"),  # 280.57 % of 突破75
    }
    assert len(real) == 16 and {one.kind for one in real} == set(REMARK_LABELS)
    (day,) = [one for one in real if one.kind == "impossible_date"]
    assert "2022年1114日" in day.summary and day.indicator_id == "" and day.members == ()
    assert {one.state for one in real} == {"open"} and all(one.guard == "" and one.explanations == () for one in real)


def test_every_remark_is_a_warning_or_for_information(real: list[Conflict]) -> None:
    severities = {one.kind: one.severity for one in real}
    for_information = {"misprint", "name_variant", "one_year_against_mean", "repeated_digits", "target_met"}
    assert severities == {kind: "info" if kind in for_information else "warning" for kind in REMARK_LABELS}


# part_year_compared


@pytest.mark.parametrize(
    ("period", "window", "base_period", "is_told"),
    [
        ("2022-01..2022-11", "ytd", "2021", True),
        ("2022-03", "month", "2021", True),
        ("2022-01..2022-11", "ytd", "2021-01..2021-11", False),  # the same months
        ("2022-01..2022-12", "ytd", "2021", False),  # the year is over
        ("2022", "year", "2021", False),
        ("2022-11", "month", "2021-12", False),  # one month with another
    ],
)
def test_part_of_a_year_is_not_compared_with_all_of_one(period: str, window: str, base_period: str, is_told: bool) -> None:
    now = figure("A", TURNOVER, "62.3亿元", period, window=window)
    rate = figure("G", GROWTH, "250%", period, window=window)
    growth = relation("growth", now, coefficient=rate, base_period=base_period)
    assert told(now, rate, relations=(growth,)) == ([("part_year_compared", "G A")] if is_told else [])


def test_a_level_in_november_is_not_compared_with_that_of_december() -> None:
    now, rate = figure("A", FIRMS, "2671家", "2022-01..2022-11", window="ytd"), figure("G", GROWTH, "251%", "2022-01..2022-11")
    (one,) = remarks(now, rate, relations=(relation("growth", now, coefficient=rate, base_period="2021"),))
    assert (one.kind, one.severity, one.relations) == ("part_year_compared", "warning", ("R1",))
    assert "只到11月" in one.text


# too_precise


@pytest.mark.parametrize(
    ("subject", "growth", "is_told"),
    [
        ("75亿元", "280.57%", True),
        # Of 75 ± 0.5 a fiftieth of 1/75 × 3.75 is 0.001: a tenth of a percent, just.
        ("75亿元", "275.0%", True),
        ("75亿元", "274.9%", False),
        ("75亿元", "281%", False),
        ("75.00亿元", "280.57%", False),
    ],
)
def test_digits_that_nothing_bears_are_told(subject: str, growth: str, is_told: bool) -> None:
    now, rate = figure("A", TURNOVER, subject), figure("G", GROWTH, growth)
    found = told(now, rate, relations=(relation("growth", now, coefficient=rate, base_period="2021"),))
    assert found == ([("too_precise", "G A")] if is_told else [])


def test_a_count_and_a_growth_in_words_are_as_exact_as_can_be() -> None:
    now, rate = figure("A", FIRMS, "75家"), figure("G", GROWTH, "280.57%")
    assert told(now, rate, relations=(relation("growth", now, coefficient=rate, base_period="2021"),)) == []
    doubled = replace(figure("G", GROWTH, "100%"), as_printed="翻一番")
    doubled = replace(doubled, interval=measured(PrintedNumber(Decimal(100), 0, "%", in_digits=False, is_rate=True)))
    flow = figure("A", TURNOVER, "75亿元")
    assert told(flow, doubled, relations=(relation("growth", flow, coefficient=doubled, base_period="2021"),)) == []


def test_a_growth_by_the_catalogue_is_looked_at_like_a_stated_one() -> None:
    now, rate = (figure(*each, nature="forecast") for each in (("A", TURNOVER, "75亿元"), ("G", GROWTH, "280.57%")))
    (one,) = remarks(now, rate)
    assert one.kind == "too_precise" and one.relations == (f"growth_of:{rate.quantity}",) and "预计数" in one.text


# relative_growth_of_ratio


def test_a_ratio_grows_by_points_and_not_by_percent() -> None:
    rate = figure("G", GROWTH, "5.5%", "2020")
    for indicator, printed, expected in ((SHARE, "1.15%", [("relative_growth_of_ratio", "G A")]), (FIRMS, "115家", [])):
        now = figure("A", indicator, printed, "2020")
        assert told(now, rate, relations=(relation("growth", now, coefficient=rate, base_period="2015"),)) == expected


# steps_added


def test_two_steps_of_one_procedure_are_not_to_be_added() -> None:
    whole = figure("A", FIRMS, "2671家")
    one, other = figure("B", REGISTERED, "1311家"), figure("C", NOTICED, "1360家")
    (remark,) = remarks(whole, one, other, relations=(relation("sum", whole, one, other),))
    assert (remark.kind, remark.severity, remark.relations) == ("steps_added", "warning", ("R1",))
    assert [figure.figure_id for figure in remark.figures] == ["A", "B", "C"]
    # The same with two parts that are no steps; and as parts that are not added.
    new = figure("C", FIRMS_NEW, "1360家")
    assert told(whole, one, new, relations=(relation("sum", whole, one, new),)) == []
    assert told(whole, one, other, relations=(relation("part", whole, one, other),)) == []


def test_a_sum_printed_twice_is_told_once() -> None:
    first = [figure("A1", FIRMS, "2671家"), figure("B1", REGISTERED, "1311家"), figure("C1", NOTICED, "1360家")]
    again = [replace(one, figure_id=one.figure_id.replace("1", "2"), locator="第二段") for one in first]
    sums = tuple(relation("sum", *three, relation_id=name) for name, three in (("R1", first), ("R2", again)))
    network = network_of((*first, *again), sums, CATALOGUE)
    (one,) = find_remarks((*first, *again), (PLAN,), sums, network)
    assert one.kind == "steps_added" and one.relations == ("R1",)


# target_twice


def goal(figure_id: str, **more: object) -> Figure:
    made = aim(figure_id, SHARE, "0")
    return replace(made, **{"as_printed": "达到全省平均水平", "value": None, "interval": None} | more)


@pytest.mark.parametrize(
    ("second", "is_told"),
    [
        ({"comparator": ">"}, True),
        ({"comparator": ">="}, False),
        ({"comparator": ">", "reference": "全国平均水平"}, False),
        ({"comparator": ">", "document_id": "101"}, False),
    ],
)
def test_to_reach_and_to_exceed_the_same_mean_are_two_targets(second: dict[str, str], is_told: bool) -> None:
    one, other = goal("A"), goal("B", as_printed="超过全省平均水平")
    reference = {"reference": "全省平均水平"}
    relations = (
        relation("reference", one, relation_id="R1", comparator=">=", **reference),
        relation("reference", other, relation_id="R2", **reference | second),
    )
    found = told(one, other, relations=relations)
    assert found == ([("target_twice", "A B")] if is_told else [])


def test_which_of_two_targets_is_told_first_is_not_a_matter_of_rows() -> None:
    one, other = goal("A"), goal("B", as_printed="超过全省平均水平")
    relations = (
        relation("reference", one, relation_id="R1", comparator=">=", reference="全省平均水平"),
        relation("reference", other, relation_id="R2", comparator=">", reference="全省平均水平"),
    )
    (first,) = remarks(one, other, relations=relations)
    assert remarks(one, other, relations=relations[::-1]) == [first]
    assert first.text.index("“达到全省平均水平”") < first.text.index("“超过全省平均水平”") and first.relations == ("R1", "R2")


def test_the_targets_of_two_years_may_differ() -> None:
    one, other = goal("A"), goal("B", period="2030")
    relations = tuple(
        relation("reference", each, relation_id=each.figure_id, comparator=comparator, reference="全省平均水平")
        for each, comparator in ((one, ">="), (other, ">"))
    )
    assert told(one, other, relations=relations) == []


# target_met, target_by_definition


@pytest.mark.parametrize(
    ("now", "is_told"),
    [
        (figure("A", FIRMS, "500家", "2022"), True),
        (figure("A", FIRMS, "499家", "2022"), False),
        (figure("A", FIRMS, "500家", "2022", nature="forecast"), True),
        (figure("A", FIRMS, "500家", "2025"), False),  # in its year
        (figure("A", FIRMS, "500家", "2020"), False),  # before the plan: that is a target behind its start, and a conflict
        (figure("A", FIRMS, "500家", "2022", area="他市"), False),
        (figure("A", FIRMS, "500家", "2022", qualifier="左右"), False),  # may be 475
        (figure("A", FIRMS, "499家", "2022", qualifier="以上"), False),
        (figure("A", FIRMS, "500家", "2022", qualifier="以上"), True),
    ],
)
def test_a_target_that_is_met_before_its_year_is_told(now: Figure, is_told: bool) -> None:
    assert told(now, aim("T", FIRMS, "500家")) == ([("target_met", "T A")] if is_told else [])


def test_a_year_meets_the_target_of_a_year_and_nothing_else() -> None:
    target = aim("T", TURNOVER, "75亿元")
    assert told(figure("A", TURNOVER, "75亿元", qualifier="突破"), target) == [("target_met", "T A")]
    assert told(figure("A", TURNOVER, "75亿元"), target) == []  # from 74.5
    assert told(figure("A", TURNOVER, "90亿元", "..2022-12", window="cumulative"), target) == []
    # What is new in five years is met by their sum, not by one of them.
    plan = aim("T", FIRMS_NEW, "70家", "2021..2025", window="plan_period")
    assert told(figure("A", FIRMS_NEW, "70家"), plan) == []


def test_what_is_to_fall_is_not_met_by_more() -> None:
    assert told(figure("A", WASTE, "9亿元"), aim("T", WASTE, "5亿元")) == []
    assert told(figure("A", NOTICED, "9家"), aim("T", NOTICED, "5家")) == []  # it is to do neither


def test_a_target_met_by_another_definition_only_is_told_with_the_part_that_is_short() -> None:
    target, wide = aim("T", FIRMS, "1350家"), figure("A", FIRMS, "2671家", scope="入库+公示")
    one, other = figure("B", REGISTERED, "1311家"), figure("C", NOTICED, "1360家")
    found = remarks(target, wide, one, other, relations=(relation("sum", wide, one, other),))
    (remark,) = [each for each in found if each.kind == "target_by_definition"]
    assert [figure.figure_id for figure in remark.figures] == ["T", "A", "B"] and remark.severity == "warning"
    assert "入库+公示" in remark.text and "1311家" in remark.text and "1360家" not in remark.text
    assert told(target, replace(wide, scope="")) == [("target_met", "T A")]
    assert told(target, figure("A", FIRMS, "1349家", scope="入库+公示")) == []


# one_year_against_mean


def test_a_yearly_mean_is_no_target_for_one_year() -> None:
    mean = aim("T", GROWTH, "19%", "2021..2025", window="plan_period")
    assert told(figure("A", GROWTH, "13.8%", "2020"), mean) == [("one_year_against_mean", "A T")]
    assert told(figure("A", GROWTH, "13.8%", "2020"), aim("T", GROWTH, "19%")) == []  # one year and one year
    assert told(figure("A", GROWTH, "13.8%", "2016..2020", window="plan_period"), mean) == []  # five and five
    assert told(figure("A", GROWTH, "13.8%", "2020", area="他市"), mean) == []
    assert told(figure("A", GROWTH, "13.8%", "2020", scope="省级"), mean) == []


# impossible_date


@pytest.mark.parametrize(
    ("printed", "days", "problems"),
    [
        ("2022年1114日", (None, None), ["写作“2022年1114日”，不是日期"]),
        ("2023年2月29日", (None, None), ["写作“2023年2月29日”，不是日期"]),
        ("2024年2月29日", (None, None), []),
        ("2024 年 3 月 29 日", (None, None), []),
        ("2022年8月2日；2022年13月1日", (None, None), ["写作“2022年13月1日”，不是日期"]),
        ("", (date(2022, 8, 2), date(2022, 8, 2)), []),
        ("", (date(2022, 8, 2), date(2022, 8, 1)), ["公布于 2022-08-01，却成文于 2022-08-02"]),
        ("", (date(2022, 8, 2), None), []),
        (
            "2022年1日", (date(2022, 8, 2), date(2022, 8, 1)),
            ["写作“2022年1日”，不是日期", "公布于 2022-08-01，却成文于 2022-08-02"],
        ),
    ],
)  # fmt: skip
def test_a_day_that_is_none_and_an_order_that_cannot_be(
    printed: str, days: tuple[date | None, date | None], problems: list[str]
) -> None:
    document = replace(PLAN, dates_as_printed=printed, signed_on=days[0], published_on=days[1])
    found = remarks(documents=(document, OTHER))
    assert [one.text for one in found] == ([f"《某市规划》的日期{'；'.join(problems)}。"] if problems else [])
    assert {(one.kind, one.severity, one.document) for one in found} <= {("impossible_date", "warning", document)}


# misprint, name_variant


@pytest.mark.parametrize(
    ("printed", "more", "is_told"),
    [
        ("30余次次", {}, True),
        ("30余次", {}, False),
        ("10达到1000家以上", {}, True),
        ("1000家以上", {}, False),
        ("1,000家", {}, False),
        ("1506.6万人次", {}, False),
        ("22家", {}, False),  # doubled digits are no doubled words
        ("2022年75亿元", {"value": Decimal(75)}, False),  # the year is no second number
        ("75亿元（占58%）", {}, False),  # nor is what stands in brackets
        ("75亿元(占58%)", {}, False),
        ("100家（其中规上20家）", {}, False),
        ("常常1家", {}, False),  # a word that is double
        ("1家家", {}, True),
        ("2—3家", {"value_max": Decimal(3)}, False),
        ("19(年均，5年)", {"nature": "target"}, False),
    ],
)
def test_a_doubled_word_and_a_number_too_many_look_like_misprints(printed: str, more: dict[str, object], is_told: bool) -> None:
    assert told(figure("A", REGISTERED, printed, **more)) == ([("misprint", "A")] if is_told else [])


def test_one_thing_with_two_names_is_told_with_the_one_in_use() -> None:
    one, other = figure("A", FIRMS, "10家"), figure("B", FIRMS, "12家", "2023", indicator_label="企业总量")
    (remark,) = remarks(one, other)
    assert (remark.kind, remark.severity) == ("name_variant", "info")
    assert [figure.figure_id for figure in remark.figures] == ["A", "B"] and "统称“企业数”" in remark.text
    # What stands in brackets is no name, another scope has its own, and the third use of a name adds nothing.
    assert told(one, replace(other, indicator_label="企业数（预计）")) == []
    assert told(one, replace(other, scope="省级")) == []
    third = replace(other, figure_id="C", period="2024")
    assert told(one, other, third) == [("name_variant", "A B")]


# repeated_digits


@pytest.mark.parametrize(
    ("one", "other", "is_told"),
    [
        ("248家", "20248家", True),
        ("20248家", "248家", True),
        ("48家", "20248家", False),  # two digits are soon the same
        ("500家", "1500家", False),  # round numbers
        ("248家", "248家", False),
        ("248家", "2480家", False),
    ],
)
def test_digits_that_come_again_are_told(one: str, other: str, is_told: bool) -> None:
    found = told(figure("A", FIRMS, one), figure("B", FIRMS_NEW, other))
    assert [kind for kind, _ in found] == (["repeated_digits"] if is_told else [])


def test_digits_that_come_again_in_another_place_are_no_wonder() -> None:
    assert told(figure("A", FIRMS, "248家"), figure("B", FIRMS_NEW, "20248家", locator="第二段")) == []
