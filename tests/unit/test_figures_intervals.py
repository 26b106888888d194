"""What a printed number is taken to say: the table of the convention, and what must hold of every number."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.figures.intervals import (
    QUALIFIERS,
    EmptyInterval,
    Interval,
    PrintedNumber,
    decided,
    has_digits,
    measured,
    printed_decimals,
)
from pipelines.forms.model import load_forms
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor, read_unit


def interval(lower: object, upper: object, brackets: str) -> Interval:
    def bound(value: object) -> Fraction | None:
        return None if value is None else Fraction(str(value))

    return Interval(bound(lower), bound(upper), brackets[0] == "[", brackets[1] == "]")


def printed(value: str, unit: str, qualifier: str = "exact", **more: object) -> PrintedNumber:
    number = Decimal(value)
    return PrintedNumber(number, max(0, -number.as_tuple().exponent), unit, qualifier, **more)


@pytest.mark.parametrize(
    ("value", "unit", "qualifier", "lower", "upper", "brackets"),
    [
        # rounded: decimals, money, rates, numbers printed with a multiplier
        ("27.9", "亿元", "exact", "27.85", "27.95", "[)"),
        ("13", "亿元", "exact", "12.5", "13.5", "[)"),
        ("62.30", "亿元", "达到", "62.295", "62.305", "[)"),
        ("58", "%", "达到", "57.5", "58.5", "[)"),
        ("58.7", "万人", "达到", "58.65", "58.75", "[)"),
        ("855", "万次", "exact", "854.5", "855.5", "[)"),
        # counts of whole things
        ("264", "家", "exact", 264, 264, "[]"),
        ("224425", "人", "达到", 224425, 224425, "[]"),
        # qualifiers
        ("80", "万人次", "余", 80, 90, "()"),
        ("855", "万次", "余", 855, 856, "()"),
        ("30", "人", "多", 30, 40, "()"),
        ("1000", "人次", "余", 1000, 2000, "()"),
        ("100", "名", "余", 100, 200, "()"),
        ("1.5", "亿元", "余", "1.5", "1.6", "()"),
        ("200", "家", "以上", 200, None, "[)"),
        ("200", "家", "不低于", 200, None, "[)"),
        ("75", "亿元", "突破", 75, None, "()"),
        ("1", "亿元", "超", 1, None, "()"),
        ("30", "家", "以下", None, 30, "(]"),
        ("30", "家", "不超过", None, 30, "(]"),
        ("500", "名", "近", 450, 500, "[)"),
        ("1", "万人次", "近", "0.9", 1, "[)"),
        ("490", "家", "左右", "465.5", "514.5", "[]"),
        ("100", "%", "约", 95, 105, "[]"),
        # below zero the bounds keep their order
        ("-5", "%", "近", -5, "-4.5", "(]"),
        ("-20", "%", "余", -30, -20, "()"),
        ("-20", "%", "左右", -21, -19, "[]"),
    ],
)
def test_convention(value: str, unit: str, qualifier: str, lower: object, upper: object, brackets: str) -> None:
    assert measured(printed(value, unit, qualifier)) == interval(lower, upper, brackets)


def test_rate_per_head_is_rounded_although_its_unit_counts_whole_things() -> None:
    assert measured(printed("21", "件", is_rate=True)) == interval("20.5", "21.5", "[)")


def test_rate_in_words_is_taken_at_its_word() -> None:
    assert measured(printed("100", "%", in_digits=False)) == interval(100, 100, "[]")


def test_range_reaches_from_the_lowest_to_the_highest_reading() -> None:
    assert measured(printed("2", "家", value_max=Decimal(3))) == interval(2, 3, "[]")
    assert measured(printed("2", "亿元", value_max=Decimal(3))) == interval("1.5", "3.5", "[)")


@pytest.mark.parametrize("qualifier", ["exact", "突破", "以上", "左右"])
def test_target_is_a_level_whatever_word_goes_with_it(qualifier: str) -> None:
    assert decided(printed("500", "家", qualifier)) == interval(500, 500, "[]")
    assert decided(printed("75", "亿元", qualifier)) == interval(75, 75, "[]")


def test_nothing_fits() -> None:
    for number in (printed("0", "家", "余"), printed("0", "家", "近"), printed("3", "家", value_max=Decimal(2))):
        with pytest.raises(EmptyInterval):
            measured(number)
    with pytest.raises(EmptyInterval):
        decided(printed("3", "家", value_max=Decimal(2)))


@pytest.mark.parametrize(
    ("as_printed", "value", "decimals"),
    [
        ("1.50亿元", "1.5", 2),
        ("1,506.60万", "1506.6", 2),
        ("６２．３亿元", "62.3", 1),
        ("百余名", "100", 0),
        ("19(年均)", "19", 0),
    ],
)
def test_decimals_are_those_of_the_print(as_printed: str, value: str, decimals: int) -> None:
    assert printed_decimals(as_printed, Decimal(value)) == decimals
    assert has_digits(as_printed) == (as_printed != "百余名")


finite = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=3)
units = st.sampled_from(["家", "人次", "万人次", "亿元", "%", "倍"])
fractions = st.fractions(min_value=-1000, max_value=1000)


@given(finite.filter(bool), units, st.sampled_from(sorted(QUALIFIERS)))
def test_the_printed_number_bounds_or_lies_in_its_interval(value: Decimal, unit: str, qualifier: str) -> None:
    found = measured(printed(str(value), unit, qualifier))
    exact = Fraction(value)
    assert exact in found or exact in (found.lower, found.upper)


@given(finite.filter(bool), st.sampled_from(["家", "人次", "元"]), st.sampled_from(sorted(QUALIFIERS)), st.sampled_from("万亿"))
def test_another_unit_and_back_changes_nothing(value: Decimal, unit: str, qualifier: str, multiplier: str) -> None:
    found = measured(printed(str(value), unit, qualifier))
    factor = conversion_factor(unit, multiplier + unit)
    assert found.scaled(factor).scaled(1 / factor) == found


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted([draw(fractions), draw(fractions)])
    if low == high:
        return Interval.point(low)
    ends = (draw(st.sampled_from([low, None])), draw(st.sampled_from([high, None])))
    return Interval(*ends, draw(st.booleans()), draw(st.booleans()))


@given(intervals(), intervals())
def test_meeting_is_sharing_a_value(one: Interval, other: Interval) -> None:
    """Checked by trying the bounds and the points between and beyond them, which is everywhere something can change."""
    ends = sorted({end for part in (one, other) for end in (part.lower, part.upper) if end is not None} or {Fraction(0)})
    tried = [ends[0] - 1, *ends, *((low + high) / 2 for low, high in pairwise(ends)), ends[-1] + 1]
    assert one.meets(other) == other.meets(one) == any(value in one and value in other for value in tried)


@given(intervals(), st.fractions(min_value=Fraction(1, 1000), max_value=1000), fractions)
def test_scaling_keeps_membership(part: Interval, factor: Fraction, value: Fraction) -> None:
    assert (value in part) == (value * factor in part.scaled(factor))


@pytest.mark.parametrize(
    ("written", "wanted", "factor"),
    [
        ("万元", "亿元", "1/10000"),
        ("亿元", "元", 10**8),
        ("千元", "万元", "1/10"),
        ("万人次", "人次", 10**4),
        ("万人", "人", 10**4),
        ("笔", "项", 1),
        ("个", "家", 1),
        ("％", "%", 1),
        ("人（项）", "人(项)", 1),
    ],
)
def test_conversion_is_exact(written: str, wanted: str, factor: object) -> None:
    assert conversion_factor(written, wanted) == Fraction(factor)


def test_different_things_do_not_convert() -> None:
    for written, wanted in (("人", "人次"), ("元", "家"), ("%", "个百分点"), ("%", "倍")):
        with pytest.raises(Inconvertible):
            conversion_factor(written, wanted)
    for unknown in ("", "万", "亩", "万万元"):
        with pytest.raises(UnknownUnit):
            conversion_factor(unknown, "元")


def test_every_unit_that_a_form_asks_in_can_be_read():
    units = {field.unit for form in load_forms().values() for field in form.fields if field.unit}
    assert {read_unit(unit).multiplier for unit in units} == {1, 10_000}
