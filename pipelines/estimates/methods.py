"""The methods a full year is estimated by: simple, named, and each the same for a real estimate and for its backtest.

Belongs here: what a method knows of a flow and what it expects of the periods to come. Does not belong here: which of them is
believed (backtest), where the values come from and how an estimate reads (full_year).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

_STATSMODELS = "statsmodels.tsa.holtwinters"
_FEWEST_SMOOTHED = 4  # weights found from fewer periods would mean nothing


@dataclass(frozen=True)
class History:
    """A flow as it is known at one moment, in its own unit.

    Attributes:
        known: this year's periods from the first on, without a gap.
        earlier: the complete years right before, oldest first; each holds a year's periods.
        periods: periods in a year: 12 months or 4 quarters.
    """

    known: tuple[float, ...]
    earlier: tuple[tuple[float, ...], ...]
    periods: int

    @property
    def left(self) -> int:
        """Periods of the year still to come."""
        return self.periods - len(self.known)

    @property
    def run(self) -> list[float]:
        """All periods one after the other."""
        return [value for year in (*self.earlier, self.known) for value in year]


@dataclass(frozen=True)
class Method:
    """A way to estimate.

    Attributes:
        name: as in the published table.
        label: what people call it.
        expects: (history, periods ahead) -> sum of the next periods, not negative; None where the method does not apply.
    """

    name: str
    label: str
    expects: Callable[[History, int], float | None]


def prepare() -> None:
    """Import statsmodels, which takes seconds, ahead of its first use."""
    importlib.import_module(_STATSMODELS)


def _level(history: History, ahead: int) -> float:
    """As many times this year's mean."""
    return fmean(history.known) * ahead


def _same_share(history: History, ahead: int) -> float | None:
    """What last year's same periods added to last year's total by then, in proportion."""
    if not history.earlier:
        return None
    last_year, by_now = history.earlier[-1], len(history.known)
    if not (total_by_now := sum(last_year[:by_now])):
        return None
    return sum(history.known) * sum(last_year[by_now : by_now + ahead]) / total_by_now


def _seasonal_naive(history: History, ahead: int) -> float | None:
    """What last year's same periods came to."""
    by_now = len(history.known)
    return sum(history.earlier[-1][by_now : by_now + ahead]) if history.earlier else None


def _smoothed(history: History, ahead: int) -> float | None:
    """Simple exponential smoothing over all periods."""
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    return _forecast(SimpleExpSmoothing, history, ahead)


def _damped_trend(history: History, ahead: int) -> float | None:
    """Holt's linear trend, damped, over all periods."""
    from statsmodels.tsa.holtwinters import Holt

    return _forecast(Holt, history, ahead, damped_trend=True)


def _forecast(model: Callable, history: History, ahead: int, **options: bool) -> float | None:
    if len(history.run) < _FEWEST_SMOOTHED:
        return None
    # The search for the weights is of a scale of about one: in 人次 it would end where it begins.
    scale = fmean(history.run) or 1.0
    with warnings.catch_warnings():
        # A series that fits perfectly warns of the logarithm of nothing, a short one of a search that ended early. Neither
        # matters here: a method is judged by what it forecast, not by its fit.
        warnings.simplefilter("ignore")
        series = [value / scale for value in history.run]
        fitted = model(series, initialization_method="estimated", **options).fit(use_brute=False)
        return scale * sum(max(float(value), 0.0) for value in fitted.forecast(ahead))


# The simplest first: of equally good ones the first is taken.
METHODS = (
    Method("level", "今年各期平均", _level),
    Method("same_share", "上年同期占比", _same_share),
    Method("seasonal_naive", "照上年同期", _seasonal_naive),
    Method("exponential_smoothing", "近期加权平均", _smoothed),
    Method("damped_trend", "趋势外推", _damped_trend),
)
