"""How far a method would have been off before, and the estimate and interval that follow from it.

Belongs here: origins, errors, intervals, the choice of a method. Does not belong here: the methods themselves, or words.

An origin is a moment of the past from which as many periods are estimated as are left now; the periods it estimates are known
since, so its error is a fact. All methods are tested at the same origins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from pipelines.estimates.methods import METHODS, History, Method

COVERAGE = 0.8
ENOUGH_ORIGINS = 4  # with fewer not even the largest error covers 80 %, and the least one is luck
USABLE_ERROR = 0.5  # a method that was off by half of the total and more, on average, tells nothing

Basis = Literal["same_period", "within_year"]


@dataclass(frozen=True)
class Estimate:
    """A full year's total by one method, in the flow's unit.

    Attributes:
        lower, upper: what the total lies between with a chance of at least 80 %; None where the origins are too few or too bad.
        error: mean absolute error at the origins, as a share of the total that was estimated.
        origins: how many there are.
        basis: `same_period`: full years, estimated from the same periods; `within_year`: of this year, each as many periods
            ahead as are left now, and the total is the year's up to there.
    """

    method: Method
    total: float
    lower: float | None
    upper: float | None
    error: float
    origins: int
    basis: Basis


@dataclass(frozen=True)
class _Origin:
    then: History
    total: float


def fewest_known(periods: int) -> int:
    """Periods of a year that must be known before the rest is estimated: a third of them."""
    return math.ceil(periods / 3)


def estimate_by_methods(history: History, floor: float) -> list[Estimate]:
    """The methods that could be tested, the one to believe first: with the least error, or the simplest if origins are few.

    Args:
        floor: what the year has come to already; no estimate is below it.

    Returns:
        Nothing where there is no origin to test at.
    """
    basis, origins = _origins(history)
    tested = [(method, errors) for method in METHODS if (errors := _errors(method, origins, history.left))]
    made = [one for method, errors in tested if (one := _estimate(method, errors, history, floor, basis))]
    if len(origins) < ENOUGH_ORIGINS:
        return made
    # To the hundredth of a per cent: what differs by less is equally good, and the simpler one is taken.
    return sorted(made, key=lambda one: round(one.error, 4))


def _origins(history: History) -> tuple[Basis, list[_Origin]]:
    """Of the two kinds the one with more origins; a year of nothing has no error in per cent."""
    known, earlier = history.known, history.earlier
    # From the second year on: in the first a method that looks at the year before could not be tested.
    same = [
        _Origin(History(year[: len(known)], earlier[:place], history.periods), sum(year))
        for place, year in enumerate(earlier)
        if place
    ]
    within = [
        _Origin(History(known[:by_then], earlier, history.periods), sum(known[: by_then + history.left]))
        for by_then in range(fewest_known(history.periods), len(known) - history.left + 1)
    ]
    same, within = ([origin for origin in origins if origin.total > 0] for origins in (same, within))
    return ("same_period", same) if len(same) >= len(within) else ("within_year", within)


def _errors(method: Method, origins: Sequence[_Origin], ahead: int) -> list[float]:
    """Absolute error at each origin as a share of the total; nothing if the method did not apply at one of them."""
    errors = []
    for origin in origins:
        expected = method.expects(origin.then, ahead)
        if expected is None or not math.isfinite(expected):
            return []
        errors.append(abs(sum(origin.then.known) + expected - origin.total) / origin.total)
    return errors


def _estimate(method: Method, errors: Sequence[float], history: History, floor: float, basis: Basis) -> Estimate | None:
    expected = method.expects(history, history.left)
    if expected is None or not math.isfinite(expected):
        return None
    total = max(sum(history.known) + expected, floor)
    lower, upper = _interval(total, errors)
    lower = None if lower is None else max(lower, floor)
    return Estimate(method, total, lower, upper, fmean(errors), len(errors), basis)


def _interval(total: float, errors: Sequence[float]) -> tuple[float | None, float | None]:
    """The totals from which `total` is no further off than it was at the origins, 80 % of the time (split conformal).

    With n errors, the chance that the next one is no larger than the k-th smallest is k / (n + 1).
    """
    if len(errors) < ENOUGH_ORIGINS:
        return None, None
    error = sorted(errors)[math.ceil(COVERAGE * (len(errors) + 1)) - 1]
    if error >= 1:
        return None, None
    return total / (1 + error), total / (1 - error)
