"""What a figure measures, put so that figures of the same thing have the same quantity, however the document words its time.

Belongs here: spans of months, levels at the end of a month, which words of time mean which. Does not belong here: how large
anything is (intervals), or how quantities hang together (implied, relations).

The convention, also stated in the product:

    =========================================  =========================================================================
    a flow of a month, year to date, year      over exactly those months
    a flow of a plan period, cumulative        over the months of the period; `..2024-03` has no beginning
    a flow by the end of a year (到2025年新增)     over the five-year plan up to then, unless the ledger names another beginning
    a stock, whatever the window               its level at the end of the period's last month
    a ratio, share or rank of a year           of that year; of the end of a year, or as a target: at that day
    a growth rate                              over the months of the period
    time not printed (unstated)                comparable with nothing but what is unstated in the same way
    =========================================  =========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MEASURED, FORECAST, TARGET = "measured", "forecast", "target"
# A baseline is an actual of an earlier year; a forecast or a target is neither, and never contradicts one.
NATURE_CLASSES = {"actual": MEASURED, "baseline": MEASURED, "forecast": FORECAST, "target": TARGET}
FLOWS = {"flow", "money", "count_of_events", "participants"}
ADDITIVE = {"flow", "money", "count_of_events"}  # the same person may take part in two months
PLAN_YEARS = 5
PRACTICE = "【练习】"  # behind the area of what practice documents print, so that it never meets what is real


@dataclass(frozen=True, order=True)
class Quantity:
    """One thing that has one true value.

    Attributes:
        kind: `span` of something over the months `first` to `last`, `level` at the end of `last`, or `unstated`.
        first, last: months YYYY-MM; `first` is empty for levels and where a span has no beginning.
        nature: measured, forecast or target.
    """

    indicator_id: str
    scope: str
    area: str
    kind: str
    first: str
    last: str
    nature: str

    def __str__(self) -> str:
        return "|".join((self.indicator_id, self.scope, self.area, self.kind, self.first, self.last, self.nature))

    @property
    def months(self) -> int:
        """How many months a span that has a beginning is long."""
        return month_number(self.last) - month_number(self.first) + 1

    def at_end_of(self, month: str) -> Quantity:
        """The level of the same thing at the end of another month."""
        return replace(self, kind="level", first="", last=month)

    def over(self, first: str, last: str) -> Quantity:
        """The same thing over other months."""
        return replace(self, kind="span", first=first, last=last)


def quantity(
    indicator_id: str, scope: str, area: str, period: str, window: str, nature: str, measure: str
) -> Quantity:
    """The quantity of a figure with these entries in the ledger."""
    first, last = span_of(period)
    nature = NATURE_CLASSES[nature]
    base = Quantity(indicator_id, scope, area, "span", first, last, nature)
    if window == "unstated":
        return replace(base, kind="unstated")
    if measure == "stock" or window == "point" or (window == "year_end" and measure not in FLOWS):
        return base.at_end_of(last)
    if measure in ("ratio", "rank") and nature == TARGET:
        return base.at_end_of(last)
    if window == "year_end":
        return base if ".." in period else base.over(f"{plan_start(last)}-01", last)
    if window == "cumulative" and ".." not in period:
        return base.over("", last)
    return base


def span_of(period: str) -> tuple[str, str]:
    """The first and last month of `2020`, `2022-11`, `2021..2025`; the first is empty of `..2024-03`.

    The period is one that `Row.period` has not refused.
    """
    first, dots, last = period.rpartition("..")
    if not dots:
        first = last
    return (f"{first}-01" if len(first) == 4 else first), (f"{last}-12" if len(last) == 4 else last)


def plan_start(month: str) -> int:
    """The first year of the five-year plan that a month lies in: 2021 for 2025-12."""
    return (int(month[:4]) - 1) // PLAN_YEARS * PLAN_YEARS + 1


def month_number(month: str) -> int:
    """Months since the year 0."""
    return int(month[:4]) * 12 + int(month[5:]) - 1


def month_before(month: str, months: int = 1) -> str:
    """The month some months earlier."""
    number = month_number(month) - months
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def when(one: Quantity) -> str:
    """The time of a quantity in Chinese: 2020年, 2022年1—10月, 2021—2025年, 2020年末, 到2024年3月为止."""
    year, month = one.last[:4], int(one.last[5:])
    if one.kind == "level":
        return f"{year}年末" if month == 12 else f"{year}年{month}月末"
    if not one.first:
        return f"到{year}年末为止" if month == 12 else f"到{year}年{month}月为止"
    first_year, first_month = one.first[:4], int(one.first[5:])
    if first_month == 1 and month == 12:
        return f"{year}年" if year == first_year else f"{first_year}—{year}年"
    if one.first == one.last:
        return f"{year}年{month}月"
    if year == first_year:
        return f"{year}年{first_month}—{month}月"
    return f"{first_year}年{first_month}月至{year}年{month}月"
