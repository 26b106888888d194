"""What holds without being printed: for each rule a ledger that breaks it and one that all but does."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from pipelines.figures.conflicts import Conflict, find_conflicts
from pipelines.figures.implied import Catalogue, Link, read_links
from pipelines.figures.intervals import PrintedNumber, decided, has_digits, measured, printed_decimals
from pipelines.figures.ledger import Document, Figure, Indicator, Ledger
from pipelines.figures.network import read_catalogue
from pipelines.settings import Settings
from pipelines.units import conversion_factor

DOCUMENT = Document("100", "某市总结", "某市", "", None, None, "", "")
INDICATORS = {
    indicator.indicator_id: indicator
    for indicator in (
        Indicator("turnover", "成交额", "亿元", "increase", "flow"),
        Indicator("loans", "贷款", "万元", "neutral", "money"),
        Indicator("turnover_growth", "成交额增长", "%", "increase", "growth_rate"),
        Indicator("waste", "损失", "亿元", "decrease", "flow"),
        Indicator("share", "占比", "%", "increase", "ratio", "loans", "turnover_part", Fraction(100)),
        Indicator("turnover_part", "本地成交额", "万元", "neutral", "flow"),
        Indicator("platforms", "平台数", "个", "increase", "stock"),
        Indicator("key_platforms", "重点平台数", "个", "increase", "stock"),
        Indicator("platforms_new", "新建平台数", "个", "neutral", "flow"),
        Indicator("key_platforms_new", "新建重点平台数", "个", "neutral", "flow"),
        Indicator("labs_new", "新建实验室数", "个", "neutral", "flow"),
        Indicator("registered", "入库企业数", "家", "increase", "year_stock"),
        Indicator("people", "参赛人数", "人", "neutral", "participants"),
        Indicator("entries", "参赛人次", "万人次", "neutral", "participants"),
    )
}
LINKS = (
    Link("part_of", "key_platforms", "", "platforms_new", ""),
    Link("part_of", "loans", "", "turnover", ""),
    Link("part_of", "labs_new", "省级", "platforms_new", ""),
    Link("increment_of", "platforms_new", "", "platforms", ""),
    Link("growth_of", "turnover_growth", "", "turnover", ""),
    Link("growth_of", "turnover_growth", "", "platforms", ""),
    Link("per_head", "entries", "", "people", "", Fraction(1), Fraction(50)),
)
CATALOGUE = Catalogue(INDICATORS, LINKS, {"某县": frozenset({"某市"}), "邻县": frozenset({"邻市"})})


def figure(figure_id: str, indicator_id: str, as_printed: str, period: str = "2020", **more: object) -> Figure:
    """A figure as the ledger would read it; its number is the first in the text."""
    indicator = INDICATORS[indicator_id]
    value = Decimal(re.search(r"\d+(\.\d+)?", as_printed)[0]) * (-1 if as_printed.startswith("-") else 1)
    measure = indicator.measure.replace("year_stock", "stock")
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id=indicator_id, indicator_label=indicator.label,
        scope="", area="某市", period=period, window="year_end" if measure == "stock" else "year", period_basis="stated",
        nature="actual", measure=measure, as_printed=as_printed, qualifier="exact", value=value, value_max=None,
        unit=indicator.unit, document=DOCUMENT, indicator=indicator, interval=None,
    )  # fmt: skip
    made = replace(made, **more)
    number = PrintedNumber(
        value, printed_decimals(as_printed, value), made.unit, made.qualifier, None, made.measure in ("ratio", "growth_rate"),
        has_digits(as_printed),
    )  # fmt: skip
    interval = (decided if made.nature == "target" else measured)(number).scaled(conversion_factor(made.unit, indicator.unit))
    return replace(made, interval=interval)


def ytd(figure_id: str, as_printed: str, period: str, **more: object) -> Figure:
    return figure(figure_id, "turnover", as_printed, period, **{"window": "ytd"} | more)


def aim(figure_id: str, indicator_id: str, as_printed: str, period: str = "2025", **more: object) -> Figure:
    return figure(figure_id, indicator_id, as_printed, period, **{"nature": "target"} | more)


def conflicts(*figures: Figure, catalogue: Catalogue = CATALOGUE) -> list[Conflict]:
    return find_conflicts(Ledger((DOCUMENT,), figures, ()), (), catalogue)


def members(conflict: Conflict) -> str:
    return " ".join(member.figure.figure_id for member in conflict.members)


def only(kind: str, severity: str, *figures: Figure, of: str = "A B") -> Conflict:
    """The one conflict of these figures; and that it is of these members, this kind and rests on a rule of it."""
    (found,) = conflicts(*figures)
    assert (members(found), found.kind, found.severity) == (of, kind, severity)
    assert any(rule_id.startswith(f"{kind}:") for rule_id in found.relations)
    return found


# not_negative


def test_an_amount_is_not_below_zero_and_a_growth_may_be() -> None:
    only("not_negative", "error", figure("A", "turnover", "-1.0"), of="A")
    assert conflicts(figure("A", "turnover", "0.0")) == []
    assert conflicts(figure("A", "turnover_growth", "-12%")) == []
    only("not_negative", "error", figure("A", "share", "-2%"), of="A")


# within


def test_some_months_are_at_most_those_around_them() -> None:
    only("within", "error", ytd("A", "62.3", "2022-01..2022-10"), ytd("B", "62.1", "2022-01..2022-11"))
    # [62.25, 62.35) and [62.15, 62.25) leave no room; [62.2, 62.3) does.
    assert conflicts(ytd("A", "62.3", "2022-01..2022-10"), ytd("B", "62.25", "2022-01..2022-11")) == []
    only("within", "error", ytd("A", "10", "2022-03", window="month"), figure("B", "turnover", "9", "2022"))
    assert conflicts(ytd("A", "10", "2022-03", window="month"), figure("B", "turnover", "9", "2023")) == []


def test_months_that_only_overlap_are_not_held_against_one_another() -> None:
    assert conflicts(ytd("A", "50", "2022-01..2022-06"), ytd("B", "9", "2022-03..2022-10")) == []


def test_a_year_is_at_most_all_time_and_at_most_its_plan() -> None:
    all_time = figure("B", "turnover", "13", window="cumulative")
    only("within", "error", figure("A", "turnover", "28"), all_time)
    assert conflicts(figure("A", "turnover", "13"), all_time) == []
    five = {"window": "cumulative"}
    only("within", "error", figure("A", "turnover", "28", "2018"), figure("B", "turnover", "13", "2016..2020", **five))
    assert conflicts(figure("A", "turnover", "28", "2015"), figure("B", "turnover", "13", "2016..2020", **five)) == []
    only("within", "error", aim("A", "turnover", "75"), aim("B", "turnover", "70", "2021..2025", window="plan_period"))
    # What all time up to 2019 was is in all time up to 2020.
    earlier = figure("C", "turnover", "15", "2019", window="cumulative")
    only("within", "error", all_time, earlier, of="B C")


def test_a_forecast_year_is_at_least_what_its_first_months_have_measured() -> None:
    months = ytd("A", "62.3", "2022-01..2022-10")
    only("within", "error", months, figure("B", "turnover", "60", "2022", nature="forecast"))
    assert conflicts(months, figure("B", "turnover", "62", "2022", nature="forecast")) == []  # may be 62.4
    # A target is no forecast, and months from the middle of a year are none of its first.
    assert conflicts(months, aim("B", "turnover", "60", "2022")) == []
    assert conflicts(ytd("A", "62.3", "2022-03..2022-10"), figure("B", "turnover", "60", "2022", nature="forecast")) == []


def test_a_forecast_that_the_final_year_has_passed_is_no_conflict() -> None:
    """75 were foreseen and 80 it became; only what was measured before the year was over bounds a forecast."""
    foreseen, final = figure("B", "turnover", "75", "2022", nature="forecast"), figure("A", "turnover", "80", "2022")
    assert conflicts(final, foreseen) == []
    assert conflicts(replace(final, period="2022-01..2022-12", window="ytd"), foreseen) == []
    only("within", "error", ytd("A", "76", "2022-01..2022-10"), foreseen)
    # With all three the months alone are at odds with it.
    (found,) = conflicts(final, foreseen, ytd("C", "76", "2022-01..2022-10"))
    assert (members(found), found.kind) == ("B C", "within")


def test_a_printed_period_decides_whether_it_is_certain() -> None:
    figures = (ytd("A", "62.3", "2022-01..2022-10", period_basis="inferred"), ytd("B", "60", "2022-01..2022-11"))
    only("within", "warning", *figures)


@pytest.mark.parametrize("difference", [{"scope": "省级"}, {"area": "他市"}, {"nature": "target"}, {"window": "unstated"}])
def test_another_scope_area_or_nature_is_not_within(difference: dict[str, str]) -> None:
    assert conflicts(ytd("A", "62.3", "2022-01..2022-10"), ytd("B", "60", "2022-01..2022-11", **difference)) == []


def test_growth_ratios_and_levels_are_not_within_longer_times() -> None:
    assert conflicts(
        figure("A", "turnover_growth", "90%", "2022-01..2022-10", window="ytd"), figure("B", "turnover_growth", "20%", "2022")
    ) == []  # fmt: skip
    assert conflicts(figure("A", "share", "90%", "2022-01..2022-10", window="ytd"), figure("B", "share", "20%", "2022")) == []
    assert conflicts(figure("A", "platforms", "90", "2019"), figure("B", "platforms", "20", "2020")) == []


# add_up


def test_years_add_up_to_at_most_the_period() -> None:
    years = (figure("A", "turnover", "30", "2021"), figure("B", "turnover", "40", "2022"))
    total = figure("C", "turnover", "60", "2021..2023", window="cumulative")
    found = only("add_up", "error", *years, total, of="A B C")  # from 69 to below 60.5
    assert "2021年、2022年相加不超过" in found.summary
    assert conflicts(*years, figure("C", "turnover", "69", "2021..2023", window="cumulative")) == []
    assert conflicts(*years, figure("C", "turnover", "200", "2021..2023", window="cumulative")) == []


def test_all_years_of_a_period_add_up_to_it_and_not_to_less() -> None:
    years = (figure("A", "turnover", "30", "2021"), figure("B", "turnover", "40", "2022"))
    for printed, fits in (("68", False), ("69", True), ("70", True), ("71", True), ("72", False)):
        # Together [69, 71); 68 stays below 68.5, 72 begins at 71.5.
        found = conflicts(*years, figure("C", "turnover", printed, "2021..2022", window="cumulative"))
        assert [(members(one), one.kind) for one in found] == ([] if fits else [("A B C", "add_up")]), printed


def test_months_add_up_to_the_quarter() -> None:
    months = [ytd(name, "10", f"2022-0{number}", window="month") for number, name in enumerate("ABC", start=1)]
    assert conflicts(*months, ytd("D", "31", "2022-01..2022-03")) == []
    only("add_up", "error", *months, ytd("D", "32", "2022-01..2022-03"), of="A B C D")  # three stay below 31.5
    assert conflicts(*months, ytd("D", "32", "2022-01..2022-04")) == []


def test_participants_may_come_twice_and_do_not_add_up() -> None:
    years = (figure("A", "people", "30人", "2021"), figure("B", "people", "40人", "2022"))
    assert conflicts(*years, figure("C", "people", "60人", "2021..2022", window="cumulative")) == []
    only("within", "error", *years, figure("C", "people", "39人", "2021..2022", window="cumulative"), of="B C")


# part: by the catalogue, and of areas


def test_a_part_is_at_most_the_whole_of_the_same_time_and_nature() -> None:
    only("part", "error", figure("A", "labs_new", "6", scope="省级"), figure("B", "platforms_new", "5"))
    assert conflicts(figure("A", "labs_new", "5", scope="省级"), figure("B", "platforms_new", "5")) == []
    # The catalogue says it of the provincial ones only.
    assert conflicts(figure("A", "labs_new", "6"), figure("B", "platforms_new", "5")) == []
    for difference in ({"period": "2021"}, {"nature": "target"}, {"area": "他市"}, {"period": "2016..2020"}):
        assert conflicts(figure("A", "labs_new", "6", scope="省级", **difference), figure("B", "platforms_new", "5")) == []


@pytest.mark.parametrize(("printed", "unit", "fits"), [("10049", "万元", True), ("10051", "万元", False), ("1.1", "亿元", False)])
def test_a_part_in_ten_thousands_is_held_against_a_whole_in_hundred_millions(printed: str, unit: str, fits: bool) -> None:
    """1.00 亿元 is below 1.005, that is below 10050 万元; 10049 is from 10048.5, 10051 from 10050.5."""
    figures = (figure("A", "loans", printed, unit=unit), figure("B", "turnover", "1.00"))
    if fits:
        assert conflicts(*figures) == []
    else:
        assert "10050 万元" in only("part", "error", *figures).summary


def test_a_county_is_at_most_its_city() -> None:
    city = figure("B", "turnover", "13")
    found = only("part", "error", figure("A", "turnover", "15", area="某县"), city)
    assert "某县包括在某市内" in found.summary
    assert conflicts(figure("A", "turnover", "14", area="某县"), figure("B", "turnover", "14")) == []
    assert conflicts(figure("A", "turnover", "15", area="邻县"), city) == []
    assert conflicts(figure("A", "turnover", "15", area="某县", nature="forecast"), city) == []
    # A share, a growth, a rank of a county may well be more.
    assert conflicts(figure("A", "share", "15%", area="某县"), figure("B", "share", "13%")) == []
    assert conflicts(figure("A", "turnover_growth", "15%", area="某县"), figure("B", "turnover_growth", "13%")) == []


def test_the_counties_of_the_catalogue_are_in_the_city_and_the_city_in_none() -> None:
    within = read_catalogue(Settings()).areas_within
    assert within["桐柏县"] == within["邓州市"] == frozenset({"南阳市"})
    assert "南阳市" not in within and set(within.values()) == {frozenset({"南阳市"})}
    real = Catalogue(INDICATORS, LINKS, within)
    county, city = figure("A", "turnover", "15", area="镇平县"), figure("B", "turnover", "13", area="南阳市")
    assert [members(one) for one in conflicts(county, city, catalogue=real)] == ["A B"]


# growth_of, and ratios that the catalogue takes apart


def test_growth_without_a_stated_base_is_on_the_year_before() -> None:
    """20 on 10 is from 85.7 to 115.8 %."""
    before, after = figure("A", "turnover", "10", "2021"), figure("B", "turnover", "20", "2022")
    for printed, fits in (("116%", True), ("117%", False)):
        found = conflicts(before, after, figure("C", "turnover_growth", printed, "2022"))
        assert [(members(one), one.kind, one.severity) for one in found] == ([] if fits else [("A B C", "growth", "warning")])
    assert conflicts(before, after, figure("C", "turnover_growth", "117%", "2021")) == []
    assert conflicts(before, after, aim("C", "turnover_growth", "117%", "2022")) == []
    assert conflicts(before, after, figure("C", "turnover_growth", "117%", "2022", area="某县")) == []
    assert conflicts(before, after, figure("C", "turnover_growth", "117%", "2022", scope="省级")) == []


def test_growth_of_some_months_is_on_the_same_months() -> None:
    before, after = ytd("A", "10", "2021-01..2021-10"), ytd("B", "20", "2022-01..2022-10")
    rate = figure("C", "turnover_growth", "117%", "2022-01..2022-10", window="ytd")
    (found,) = conflicts(before, after, rate)
    assert (members(found), found.relations) == ("A B C", (f"growth_of:{rate.quantity}",))
    assert conflicts(figure("A", "turnover", "10", "2021"), after, rate) == []  # the year before was not over by October


def test_growth_of_a_level_is_on_the_level_a_year_before() -> None:
    before, after = figure("A", "platforms", "100", "2021"), figure("B", "platforms", "150", "2022")
    assert conflicts(before, after, figure("C", "turnover_growth", "50%", "2022")) == []
    (found,) = conflicts(before, after, figure("C", "turnover_growth", "51%", "2022"))
    assert (members(found), found.severity) == ("A B C", "warning")


def test_growth_over_several_years_is_not_on_the_year_before() -> None:
    """From 100 to 150 is 50 %; of what 80 % over five years is, nothing is printed."""
    levels = (figure("A", "platforms", "100", "2019"), figure("B", "platforms", "150", "2020"))
    assert [members(one) for one in conflicts(*levels, figure("C", "turnover_growth", "80%"))] == ["A B C"]
    for changes in (
        {"period": "2016..2020", "window": "plan_period"},
        {"period": "2016..2020", "window": "cumulative"},
        {"period": "2020", "window": "cumulative"},  # all time up to 2020
    ):
        assert conflicts(*levels, figure("C", "turnover_growth", "80%", **changes)) == [], changes


def test_growth_is_of_the_actual_and_not_of_the_forecast_unless_it_is_foreseen_itself() -> None:
    """10 and 20 are 100 % more; 25, which was foreseen, would be at least 24.5 ÷ 10.5, that is 133 % more."""
    before, final = figure("A", "turnover", "10", "2021"), figure("B", "turnover", "20", "2022")
    foreseen = figure("F", "turnover", "25", "2022", nature="forecast")
    rate = figure("C", "turnover_growth", "100%", "2022")
    assert conflicts(before, final, foreseen, rate) == []
    assert conflicts(before, foreseen, rate) == []  # the actual may yet be printed, and no conflict may go for it
    rate = figure("C", "turnover_growth", "100%", "2022", nature="forecast")
    assert [members(one) for one in conflicts(before, foreseen, rate)] == ["A C F"]
    wrong = figure("C", "turnover_growth", "150%", "2022")
    assert [members(one) for one in conflicts(before, final, foreseen, wrong)] == ["A B C"]


def test_a_ratio_is_its_numerator_by_its_denominator() -> None:
    """5000 by 10000 is 50 %, rounded: from 49.5 to below 50.5."""
    parts = (figure("A", "loans", "5000"), figure("B", "turnover_part", "10000"))
    assert conflicts(*parts, figure("C", "share", "50%")) == []
    (found,) = conflicts(*parts, figure("C", "share", "51%"))
    assert (members(found), found.kind, found.severity) == ("A B C", "multiple", "warning")
    assert conflicts(*parts, figure("C", "share", "51%", "2021")) == []


# per_head


def test_nobody_enters_less_than_once_and_hardly_more_than_fifty_times() -> None:
    """Entries are printed in ten thousands, people one by one."""
    people = figure("A", "people", "10000人")
    only("per_head", "error", people, figure("B", "entries", "0.99万人次"))  # below 0.995
    assert conflicts(people, figure("B", "entries", "1.00万人次")) == []  # from 0.995
    assert conflicts(people, figure("B", "entries", "50.4万人次")) != []  # from 50.35
    assert conflicts(people, figure("B", "entries", "50万人次")) == []  # from 49.5
    found = only("per_head", "warning", people, figure("B", "entries", "51万人次"))
    assert "一般不会大于 50" in found.summary
    for difference in ({"period": "2021"}, {"area": "某县"}, {"scope": "青少年"}, {"nature": "target"}):
        assert conflicts(people, figure("B", "entries", "51万人次", **difference)) == []


def test_a_bound_that_the_catalogue_leaves_out_is_none() -> None:
    open_ended = Catalogue(INDICATORS, (Link("per_head", "entries", "", "people", "", Fraction(1), None),), {})
    figures = (figure("A", "people", "10人"), figure("B", "entries", "5000万人次"))
    assert conflicts(*figures, catalogue=open_ended) == [] and len(conflicts(*figures)) == 1


# stock, stock_kept


def test_a_stock_is_at_most_what_there_was_and_what_is_new() -> None:
    before, new = figure("A", "platforms", "100", "2021"), figure("B", "platforms_new", "20", "2022")
    only("stock", "error", before, new, figure("C", "platforms", "121", "2022"), of="A B C")
    assert conflicts(before, new, figure("C", "platforms", "120", "2022")) == []
    # That some have left is possible: less is at odds only with what is not said.
    only("stock_kept", "warning", before, new, figure("C", "platforms", "119", "2022"), of="A B C")
    assert conflicts(before, new, figure("C", "platforms", "121", "2023")) == []
    assert conflicts(figure("A", "platforms", "100", "2020"), new, figure("C", "platforms", "121", "2022")) == []


def test_months_and_plan_periods_make_a_stock_too() -> None:
    before, new = figure("A", "platforms", "100", "2021"), figure("B", "platforms_new", "20", "2022-01..2022-10", window="ytd")
    only("stock", "error", before, new, figure("C", "platforms", "121", "2022-10", window="point"), of="A B C")
    start = figure("A", "platforms", "764", "2020")
    planned = aim("B", "platforms_new", "500", "2021..2025", window="plan_period")
    only("stock_kept", "warning", start, planned, aim("C", "platforms", "1000"), of="A B C")
    assert conflicts(start, planned, aim("C", "platforms", "1264")) == []
    only("stock", "error", start, planned, aim("C", "platforms", "1265"), of="A B C")
    # 2023 to 2025 begin with the stock of 2022, of which nothing is said.
    later = aim("B", "platforms_new", "500", "2023..2025", window="plan_period")
    assert conflicts(start, later, aim("C", "platforms", "1000")) == []


def test_what_is_to_be_new_is_to_be_there_whatever_there_was() -> None:
    """Of how many there were nothing is printed, but it was not fewer than none."""
    planned = aim("B", "platforms_new", "500", "2021..2025", window="plan_period")
    found = only("stock_kept", "warning", planned, aim("C", "platforms", "400"), of="B C")
    assert "2020年末" in found.summary
    assert conflicts(planned, aim("C", "platforms", "500")) == []
    assert conflicts(planned, aim("C", "platforms", "400", "2024")) == []


# target_ahead


def test_a_target_is_no_worse_than_what_was_there_when_the_plan_began() -> None:
    goal = aim("B", "platforms", "100")
    only("target_ahead", "warning", figure("A", "platforms", "101"), goal)
    assert conflicts(figure("A", "platforms", "100"), goal) == []
    assert conflicts(figure("A", "platforms", "101", "2021"), goal) == []  # within the plan
    only("target_ahead", "warning", figure("A", "platforms", "101", "2015"), goal)
    assert conflicts(figure("A", "platforms", "101", area="某县"), goal) == []
    assert conflicts(figure("A", "platforms", "101", scope="省级"), goal) == []
    # Also of years, as long as both are.
    only("target_ahead", "warning", figure("A", "turnover", "76"), aim("B", "turnover", "75"))
    assert conflicts(figure("A", "turnover", "75"), aim("B", "turnover", "75")) == []
    assert conflicts(ytd("A", "80", "2020-01..2020-11"), aim("B", "turnover", "75")) == []


def test_what_is_to_fall_has_a_target_below_and_what_is_neither_has_none() -> None:
    only("target_ahead", "warning", figure("A", "waste", "10.0"), aim("B", "waste", "11.0"))
    assert conflicts(figure("A", "waste", "10.0"), aim("B", "waste", "9.0")) == []
    assert conflicts(figure("A", "loans", "10"), aim("B", "loans", "9")) == []
    assert conflicts(figure("A", "loans", "9"), aim("B", "loans", "10")) == []


def test_growth_may_be_planned_slower_than_it_was() -> None:
    assert conflicts(figure("A", "turnover_growth", "28%"), aim("B", "turnover_growth", "20%")) == []
    only("target_ahead", "warning", figure("A", "share", "28%", window="year_end"), aim("B", "share", "20%"))


# built


def test_what_is_to_be_there_and_was_not_is_to_be_built() -> None:
    """Five are to be built in all, and of one kind twenty are to be there."""
    there = aim("A", "key_platforms", "20")
    in_all = aim("B", "platforms_new", "5", "2021..2025", window="plan_period")
    only("built", "warning", there, in_all)
    assert conflicts(aim("A", "key_platforms", "5"), in_all) == []
    # There were some before; or how many are new is said.
    assert conflicts(there, in_all, figure("C", "key_platforms", "1")) == []
    more = Catalogue(INDICATORS, (*LINKS, Link("increment_of", "key_platforms_new", "", "key_platforms", "")), {})
    new = aim("C", "key_platforms_new", "4", "2021..2025", window="plan_period")
    assert conflicts(there, in_all, new, catalogue=more) == []
    assert [members(one) for one in conflicts(there, in_all, catalogue=more)] == ["A B"]
    # Another year's total, another city's, and what is no target.
    assert conflicts(there, replace(in_all, period="2016..2020")) == []
    assert conflicts(there, replace(in_all, area="他市")) == []
    assert conflicts(figure("A", "key_platforms", "20"), figure("B", "platforms_new", "5", "2016..2020")) == []


# no_fall

GOAL = aim("T", "platforms", "200")


@pytest.mark.parametrize(
    ("year", "printed", "fits"),
    [
        ("2021", "900", True),
        ("2021", "899", False),
        ("2022", "810", True),  # 0.9 × 0.9
        ("2022", "809", False),
        ("2024", "657", True),  # 0.6561
        ("2024", "656", False),
    ],
)
def test_what_is_to_grow_does_not_fall_by_more_than_a_tenth_a_year(year: str, printed: str, fits: bool) -> None:
    figures = (figure("A", "platforms", "1000"), figure("B", "platforms", printed, year))
    assert conflicts(*figures) == []  # no plan wants anything of it
    goal = aim("T", "platforms", "1000")
    found = conflicts(*figures, goal)
    assert [(members(one), one.kind, one.severity) for one in found] == ([] if fits else [("A B", "no_fall", "warning")])


def test_a_year_between_says_nothing_new_of_those_around_it() -> None:
    """1000, 900, 810 fall by a tenth each; 1000, 950, 805 by more over the two and over the last."""
    goal = aim("T", "platforms", "1000")
    path = [figure(name, "platforms", number, year) for name, number, year in (("A", "1000", "2020"), ("B", "900", "2021"))]
    assert conflicts(*path, figure("C", "platforms", "810", "2022"), goal) == []
    found = conflicts(path[0], figure("B", "platforms", "950", "2021"), figure("C", "platforms", "805", "2022"), goal)
    assert sorted(members(one) for one in found) == ["A C", "B C"]
    # With a year unknown between, the two alone are enough.
    (alone,) = conflicts(path[0], figure("C", "platforms", "805", "2022"), goal)
    assert members(alone) == "A C" and "19%以上" in alone.summary  # 1 − 0.9 × 0.9


def test_a_forecast_may_not_fall_either_and_is_no_start() -> None:
    goal = aim("T", "platforms", "1000")
    only("no_fall", "warning", figure("A", "platforms", "1000"), figure("B", "platforms", "800", "2021", nature="forecast"), goal)
    assert conflicts(figure("A", "platforms", "1000", nature="forecast"), figure("B", "platforms", "800", "2021"), goal) == []


def test_a_part_of_a_year_counts_as_a_year() -> None:
    goal = aim("T", "platforms", "1000")
    before = figure("A", "platforms", "1000")
    for month, printed, count in (("2021-06", "900", 0), ("2021-06", "899", 1), ("2022-01", "810", 0), ("2022-01", "809", 1)):
        assert len(conflicts(before, figure("B", "platforms", printed, month, window="point"), goal)) == count, (month, printed)


def test_what_starts_anew_every_year_is_compared_with_the_same_month_only() -> None:
    goal = aim("T", "registered", "1350")
    before = figure("A", "registered", "1000")
    assert conflicts(before, figure("B", "registered", "300", "2021-03", window="point"), goal) == []
    only("no_fall", "warning", before, figure("B", "registered", "300", "2021"), goal)


def test_years_of_a_flow_are_compared_and_months_are_not() -> None:
    goal = aim("T", "turnover", "75")
    only("no_fall", "warning", figure("A", "turnover", "28"), figure("B", "turnover", "20", "2021"), goal)
    assert conflicts(figure("A", "turnover", "28"), ytd("B", "5", "2021-01..2021-03"), goal) == []
    # A target of another kind of time, or for what is to fall, or of growth itself, wants no growth of it.
    assert conflicts(
        figure("A", "turnover", "28"), figure("B", "turnover", "20", "2021"), replace(goal, period="2021..2025")
    ) == []  # fmt: skip
    assert conflicts(figure("A", "waste", "28"), figure("B", "waste", "20", "2021"), aim("T", "waste", "2")) == []
    growth = (figure("A", "turnover_growth", "28%"), figure("B", "turnover_growth", "2%", "2021"))
    assert conflicts(*growth, aim("T", "turnover_growth", "75%")) == []


# The links that come with the program


def test_the_links_that_come_with_the_program_are_between_indicators_there_are() -> None:
    catalogue = read_catalogue(Settings())
    for link in catalogue.links:
        assert {link.indicator_id, link.other_id} <= set(catalogue.indicators), link
        assert (link.indicator_id, link.scope) != (link.other_id, link.other_scope), link
        if link.link == "per_head":
            assert 0 < link.lower < link.upper, link
        else:
            assert (link.lower, link.upper) == (None, None), link
        if link.link == "growth_of":
            assert catalogue.indicators[link.indicator_id].measure == "growth_rate", link
    assert {link.link for link in catalogue.links} == {
        "part_of", "increment_of", "growth_of", "step_before", "per_head",
    }  # fmt: skip


def test_links_without_a_column_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_text("link,indicator_id,scope,other_id,other_scope,lower,upper\nper_head,a,,b,省级,0.5,\n", encoding="utf-8")
    assert read_links(path) == (Link("per_head", "a", "", "b", "省级", Fraction(1, 2), None),)
    path.write_text("link,indicator_id,scope,other_id,lower,upper\npart_of,a,,b,,\n", encoding="utf-8")
    with pytest.raises(KeyError):
        read_links(path)
