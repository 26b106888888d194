"""What a printed number says of the true value: an exact interval, from printed digits, unit and qualifier.

Belongs here: the office's reading of 余, 多, 近, 以上, 突破, 左右 and of rounding. Does not belong here: files, conflicts.

The convention, also stated in the product:

    =====================  ==========================================================================
    27.9亿元, 58%           rounded to the last printed digit: [27.85, 27.95), [57.5, 58.5)
    264家                   a count of whole things printed in full: exactly 264
    N余, N多, 百余            (N, N + 10ᵏ), k the place of the last digit that is not 0: 80余万 is (80万, 90万)
    N以上, 不低于N            [N, ∞)
    超N, 突破N               (N, ∞)
    N以下, 不超过N            (-∞, N]
    近N                      [0.9 N, N)
    N左右, 约N               N ± 5 %, both ends included
    达到N                    of a measurement as without the word
    a target                 a decision, not a measurement: its level is the printed number, whatever word goes with it
    =====================  ==========================================================================
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pipelines.units import read_unit

NEARLY = Fraction(9, 10)
ABOUT = Fraction(1, 20)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class EmptyInterval(ValueError):
    """No value fits what is printed."""


@dataclass(frozen=True)
class Interval:
    """The values between two bounds; a bound of None is infinite and never closed.

    Raises:
        EmptyInterval: no value lies between the bounds.
    """

    lower: Fraction | None = None
    upper: Fraction | None = None
    lower_closed: bool = True
    upper_closed: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "lower_closed", self.lower_closed and self.lower is not None)
        object.__setattr__(self, "upper_closed", self.upper_closed and self.upper is not None)
        if self.lower is None or self.upper is None:
            return
        if self.lower > self.upper or (self.lower == self.upper and not (self.lower_closed and self.upper_closed)):
            raise EmptyInterval(self.lower, self.upper)

    @classmethod
    def point(cls, value: Fraction) -> Interval:
        """Exactly `value`."""
        return cls(value, value)

    @property
    def is_point(self) -> bool:
        return self.lower is not None and self.lower == self.upper

    def __contains__(self, value: Fraction) -> bool:
        above = self.lower is None or value > self.lower or (self.lower_closed and value == self.lower)
        below = self.upper is None or value < self.upper or (self.upper_closed and value == self.upper)
        return above and below

    def lies_below(self, other: Interval) -> bool:
        """Whether every value here is smaller than every value of `other`."""
        if self.upper is None or other.lower is None:
            return False
        return self.upper < other.lower or (self.upper == other.lower and not (self.upper_closed and other.lower_closed))

    def meets(self, other: Interval) -> bool:
        """Whether one value lies in both."""
        return not self.lies_below(other) and not other.lies_below(self)

    def scaled(self, factor: Fraction) -> Interval:
        """The interval in another unit; `factor` is positive."""
        return Interval(
            None if self.lower is None else self.lower * factor,
            None if self.upper is None else self.upper * factor,
            self.lower_closed,
            self.upper_closed,
        )


@dataclass(frozen=True)
class PrintedNumber:
    """A number as a document prints it, in the unit it prints.

    Attributes:
        value: the number; of a range (2—3) its lower end.
        decimals: how many digits are printed after the point.
        unit: as printed, multiplier included (万人次).
        qualifier: one of `QUALIFIERS`.
        value_max: upper end of a range.
        is_rate: a ratio, share or growth, which is rounded even when whole.
        in_digits: printed in figures; a rate in words (全覆盖, 翻一番) is taken at its word.
    """

    value: Decimal
    decimals: int
    unit: str
    qualifier: str = "exact"
    value_max: Decimal | None = None
    is_rate: bool = False
    in_digits: bool = True


def measured(number: PrintedNumber) -> Interval:
    """The interval of an actual, a baseline or a forecast, in the printed unit.

    Raises:
        EmptyInterval: no value fits (a range upside down; 近0).
        KeyError: the qualifier is not in `QUALIFIERS`.
        pipelines.units.UnknownUnit: the unit is not in the list.
    """
    read = QUALIFIERS[number.qualifier]
    below = read(number, Fraction(number.value))
    if number.value_max is None:
        return below
    above = read(number, Fraction(number.value_max))
    if number.value_max < number.value:
        raise EmptyInterval(number.value, number.value_max)
    return Interval(below.lower, above.upper, below.lower_closed, above.upper_closed)


def decided(number: PrintedNumber) -> Interval:
    """The level of a target, in the printed unit: the printed number, or both ends of a printed range.

    500, 突破500 and 500以上 are one level; how it is to be compared stands apart, in the plan's comparator.
    """
    value = Fraction(number.value)
    return Interval(value, value if number.value_max is None else Fraction(number.value_max))


def printed_decimals(as_printed: str, value: Decimal) -> int:
    """Digits after the point of `value` as the document prints it; as written in the ledger where it prints words."""
    for shown in _NUMBER.findall(as_shown(as_printed)):
        if Decimal(shown) == value:
            return len(shown.partition(".")[2])
    return max(0, -int(value.as_tuple().exponent))


def has_digits(as_printed: str) -> bool:
    """Whether the document prints figures, not words."""
    return _NUMBER.search(as_shown(as_printed)) is not None


def as_shown(as_printed: str) -> str:
    """The printed text with full-width signs made ordinary and thousands separators removed."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", as_printed))


def _as_it_stands(number: PrintedNumber, value: Fraction) -> Interval:
    unit = read_unit(number.unit)
    rate = number.is_rate or unit.kind in ("percent", "multiple", "percentage_points")
    if rate and not number.in_digits:
        return Interval.point(value)
    if not (rate or number.decimals or unit.multiplier > 1 or unit.kind == "money"):
        return Interval.point(value)
    half = Fraction(1, 2 * 10**number.decimals)
    return Interval(value - half, value + half, upper_closed=False)


def _somewhat_more(_: PrintedNumber, value: Fraction) -> Interval:
    """80余: more than 80 by less than one in the place of its last digit that is not 0."""
    if value == 0:
        raise EmptyInterval(value, value)
    place = Fraction(1)
    while value % place:
        place /= 10
    while value % (place * 10) == 0:
        place *= 10
    return Interval(value, value + place, False, False) if value > 0 else Interval(value - place, value, False, False)


def _nearly(_: PrintedNumber, value: Fraction) -> Interval:
    if value >= 0:
        return Interval(value * NEARLY, value, upper_closed=False)
    return Interval(value, value * NEARLY, lower_closed=False)


def _about(_: PrintedNumber, value: Fraction) -> Interval:
    slack = abs(value) * ABOUT
    return Interval(value - slack, value + slack)


def _at_least(_: PrintedNumber, value: Fraction) -> Interval:
    return Interval(lower=value)


def _more_than(_: PrintedNumber, value: Fraction) -> Interval:
    return Interval(lower=value, lower_closed=False)


def _at_most(_: PrintedNumber, value: Fraction) -> Interval:
    return Interval(upper=value)


QUALIFIERS: dict[str, Callable[[PrintedNumber, Fraction], Interval]] = {
    "exact": _as_it_stands,
    "达到": _as_it_stands,
    "余": _somewhat_more,
    "多": _somewhat_more,
    "近": _nearly,
    "左右": _about,
    "约": _about,
    "以上": _at_least,
    "不低于": _at_least,
    "超": _more_than,
    "超过": _more_than,
    "突破": _more_than,
    "以下": _at_most,
    "不超过": _at_most,
}
