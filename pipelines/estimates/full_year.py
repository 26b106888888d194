"""The full-year estimate (全年预计) of every flow of the city: what is known of it, its estimates or why there is none, in words.

Belongs here: reading the flows from the built warehouse, and the published table `full_year_estimates`. Does not belong here:
methods and their backtest; and no estimate ever goes back among the observations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import groupby
from typing import NamedTuple

import duckdb

from pipelines.estimates.backtest import ENOUGH_ORIGINS, USABLE_ERROR, Estimate, estimate_by_methods, fewest_known
from pipelines.estimates.methods import History
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

NO_METHOD = "none"

FULL_YEAR_TABLE = ResultTable(
    "full_year_estimates",
    "全年预计：时期数的指标、年、地区、方法一行；是估计，不是实际数，不与 observations 相加或混用",
    (
        Column("indicator_id", "VARCHAR", "指标编号", nullable=False),
        Column("year", "INTEGER", "所估计的年", nullable=False),
        Column("area_id", "VARCHAR", "地区", nullable=False),
        Column(
            "method",
            "VARCHAR",
            "方法：level 今年各期平均（其余各期按它）、same_share 上年同期占比、seasonal_naive 照上年同期、"
            "exponential_smoothing 近期加权平均（简单指数平滑）、damped_trend 趋势外推（阻尼趋势）；none 为不估计，原因见 note",
            nullable=False,
        ),
        Column(
            "is_chosen",
            "BOOLEAN",
            "是否采用：能检验的方法中平均误差最小的；检验不足四次的取最简单的；平均误差过半的不采用",
            nullable=False,
        ),
        Column("months_known", "INTEGER", "据以推算的月数，从一月起连续；最近一期报送不齐的不计入", nullable=False),
        Column("actual_ytd", "DECIMAL(20,6)", "本年已有的合计，是实际数，也是估计的下限；没有则空"),
        Column("estimate", "DECIMAL(20,6)", "全年预计，按指标的小数位数取舍；不估计则空"),
        Column("lower", "DECIMAL(20,6)", "范围下限：误差若与检验时的相当，全年数八成落在范围内；检验不足四次或误差太大则空"),
        Column("upper", "DECIMAL(20,6)", "范围上限"),
        Column("unit", "VARCHAR", "计量单位", nullable=False),
        Column("backtest_error", "DECIMAL(12,2)", "以往按同样办法估计的平均误差（绝对值），占所估合计的百分比"),
        Column("n_origins", "INTEGER", "检验的次数", nullable=False),
        Column(
            "backtest_basis",
            "VARCHAR",
            "检验的依据：same_period 以往各年用相同月份估计全年；within_year 本年内用较早的月份估计同样多个月以后的累计",
        ),
        Column("obs_status", "VARCHAR", "状态（SDMX）：F 预测（年未过完）、E 估计（年已过完未报齐）、M 不估计", nullable=False),
        Column("note", "VARCHAR", "说明，一句可以照读的话；不估计时为原因", nullable=False),
        Column("is_practice", "BOOLEAN", "是否练习数据", nullable=False),
    ),
    ("indicator_id", "year", "area_id", "method"),
)

# Flows by period; a quarterly form's come by quarter. Practice or not is a property of the whole load.
_FLOWS = """
    SELECT
        observed.indicator_id, observed.area_id, observed.unit, indicators.decimals, indicators.breaks, observed.is_practice,
        observed.window_kind, observed.month, observed.value, observed.obs_status = 'P' AS is_provisional,
        observed.submission_count < observed.expected_submission_count AS lacks_submissions
    FROM core.core_observations AS observed
    INNER JOIN core.core_indicators AS indicators ON indicators.indicator_id = observed.indicator_id
    INNER JOIN core.core_measures AS measures ON measures.indicator_id = observed.indicator_id AND measures.adds_over_months
    WHERE observed.hierarchy = 'city' AND observed.window_kind IN ('month', 'quarter')
    ORDER BY observed.indicator_id, observed.area_id, observed.window_kind, observed.month
"""


class Period(NamedTuple):
    """One month or quarter of a flow; `month` is its last."""

    month: str
    value: Decimal | None
    is_provisional: bool = False
    lacks_submissions: bool = False


@dataclass(frozen=True)
class Flow:
    """A flow of one area as the warehouse has it, up to the month of the release.

    Attributes:
        decimals: of a published value.
        since: first month of the definition in force; what is earlier cannot be added to it. None where it never changed.
        months_each: months in a period: 1 or 3.
        periods: what there is, by month.
    """

    indicator_id: str
    area_id: str
    unit: str
    decimals: int
    since: str | None
    is_practice: bool
    months_each: int
    periods: tuple[Period, ...]


def estimate_full_year(settings: Settings, month: str) -> list[dict[str, object]]:
    """Estimate the year of `month` (YYYY-MM) for every flow of the city and write `full_year_estimates.parquet` under results.

    Returns:
        The rows written, as `FULL_YEAR_TABLE` describes them.

    Raises:
        duckdb.Error: the warehouse is not built.
    """
    rows = [row for flow in read_flows(settings, month) for row in rows_of(flow, month)]
    columns = {column.name: column.type for column in FULL_YEAR_TABLE.columns}
    write_rows(settings.results / f"{FULL_YEAR_TABLE.name}.parquet", columns, rows)
    return rows


def read_flows(settings: Settings, month: str) -> list[Flow]:
    """The city's flows in the built warehouse, as of `month`."""
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        rows = connection.execute(_FLOWS).fetchall()
    flows = []
    for (*named, breaks, is_practice, window), observed in groupby(rows, key=lambda row: row[:7]):
        since = max((one for one in (breaks or "").split() if one <= month), default=None)
        periods = tuple(Period(*row[7:]) for row in observed)
        flows.append(Flow(*named, since, is_practice, 1 if window == "month" else 3, periods))
    return flows


def rows_of(flow: Flow, month: str) -> list[dict[str, object]]:
    """The rows of one flow for the year of `month`: one a method, the chosen one first; or a single one that says why none."""
    year = month[:4]
    of_year = [period for period in _years(flow, month)[year] if period.value is not None]
    so_far = sum((period.value for period in of_year), Decimal(0))
    known = of_year[:-1] if of_year and of_year[-1].lacks_submissions else of_year
    common = {
        "indicator_id": flow.indicator_id,
        "year": int(year),
        "area_id": flow.area_id,
        "months_known": len(known) * flow.months_each,
        "actual_ytd": so_far if of_year else None,
        "unit": flow.unit,
        "is_practice": flow.is_practice,
    }
    reason = _why_none(flow, month, known)
    found = [] if reason else estimate_by_methods(_history(flow, month, known), float(so_far))
    if not found:
        told = reason or _untested(flow, so_far, known)
        nothing = {"method": NO_METHOD, "is_chosen": False, "n_origins": 0, "obs_status": "M"}
        return [common | nothing | {"note": f"{told}，不推算全年。"}]
    status = "E" if month.endswith("-12") else "F"
    remarks = "".join(_remarks(flow, month, of_year))
    return [
        common
        | {
            "method": one.method.name,
            "is_chosen": one is found[0] and one.error < USABLE_ERROR,
            "estimate": _rounded(one.total, flow),
            "lower": _rounded(one.lower, flow),
            "upper": _rounded(one.upper, flow),
            "backtest_error": Decimal(one.error * 100).quantize(Decimal("0.01")),
            "n_origins": one.origins,
            "backtest_basis": one.basis,
            "obs_status": status,
            "note": _sentence(one, year, flow, of_year, so_far) + remarks,
        }
        for one in found
    ]


def _years(flow: Flow, month: str) -> dict[str, list[Period]]:
    """Every due period of each year from the first with data to the year of `month`; a missing one has no value."""
    there = {period.month: period for period in flow.periods if not (flow.since and _first_month(period, flow) < flow.since)}
    first = min((period.month[:4] for period in there.values()), default=month[:4])
    due = range(flow.months_each, 13, flow.months_each)
    return {
        f"{year}": [there.get(each, Period(each, None)) for number in due if (each := f"{year}-{number:02}") <= month]
        for year in range(int(min(first, month[:4])), int(month[:4]) + 1)
    }


def _first_month(period: Period, flow: Flow) -> str:
    return f"{period.month[:4]}-{int(period.month[5:]) - flow.months_each + 1:02}"


def _history(flow: Flow, month: str, known: Sequence[Period]) -> History:
    """What the methods may know: this year's `known`, and the complete years right before it."""
    earlier: list[tuple[float, ...]] = []
    for _, periods in sorted(_years(flow, month).items(), reverse=True)[1:]:
        if any(period.value is None for period in periods):
            break
        earlier.insert(0, tuple(float(period.value) for period in periods))
    return History(tuple(float(period.value) for period in known), tuple(earlier), 12 // flow.months_each)


def _why_none(flow: Flow, month: str, known: Sequence[Period]) -> str | None:
    """Why the year cannot be estimated whatever the method; None where it can."""
    year, periods = month[:4], 12 // flow.months_each
    if flow.since and flow.since > f"{year}-01":
        return f"{int(flow.since[5:])} 月起口径有变，此前的数不能合用"
    if not known:
        return "本年还没有一期报齐"
    of_year = _years(flow, month)[year]
    if missing := [period for period in of_year if period.value is None and period.month < known[-1].month]:
        return f"{_named(missing, flow)}缺数"
    if len(known) == periods:
        return "全年各期都有数"
    if len(known) < fewest_known(periods):
        return f"只有 {len(known) * flow.months_each} 个月的完整数据，不足四个月"
    return None


def _untested(flow: Flow, so_far: Decimal, known: Sequence[Period]) -> str:
    if not so_far:
        return "已有各期合计为零，误差算不成百分比"
    left = 12 - len(known) * flow.months_each
    return f"以往完整的年份不足两个，本年 {len(known) * flow.months_each} 个月也不够检验推算 {left} 个月的误差"


def _sentence(one: Estimate, year: str, flow: Flow, of_year: Sequence[Period], so_far: Decimal) -> str:
    ytd, total, lower, upper = (_text(_rounded(value, flow)) for value in (so_far, one.total, one.lower, one.upper))
    if one.lower is not None:
        between = f"八成可能在 {lower} 至 {upper} 之间"
    else:
        between = f"检验只有 {one.origins} 次，不给范围" if one.origins < ENOUGH_ORIGINS else "误差太大，不给范围"
    past = "以往按同样办法估计" if one.basis == "same_period" else "本年内按同样办法估计累计数"
    untold = "" if one.basis == "same_period" else "，年末的起落没有检验"
    return (
        f"按“{one.method.label}”推算：{_span(of_year)} {ytd} {flow.unit}，{year} 年全年预计 {total} {flow.unit}（{between}），"
        f"{past}平均相差 {one.error * 100:.1f}%（检验 {one.origins} 次{untold}）。"
        f"{'误差过半，不采用。' if one.error >= USABLE_ERROR else ''}"
    )


def _remarks(flow: Flow, month: str, of_year: Sequence[Period]) -> Iterable[str]:
    """What a reader must know beside the figure."""
    unknown = [period for period in _years(flow, month)[month[:4]] if period.value is None]
    partial = [period for period in of_year[-1:] if period.lacks_submissions]
    provisional = [period for period in of_year if period.is_provisional and period not in partial]
    if unknown:
        yield f"{_named(unknown, flow)}还没有数，按未知推算。"
    if partial:
        yield f"{_named(partial, flow)}报送不齐，按未知推算，已有的作下限。"
    if provisional:
        yield f"{_named(provisional, flow)}为暂定数。"


def _span(of_year: Sequence[Period]) -> str:
    last = int(of_year[-1].month[5:])
    return "1 月" if last == 1 else f"1—{last} 月"


def _named(periods: Iterable[Period], flow: Flow) -> str:
    if flow.months_each == 1:
        return "、".join(str(int(period.month[5:])) for period in periods) + " 月"
    return "、".join(f"{int(period.month[5:]) - 2}—{int(period.month[5:])}" for period in periods) + " 月"


def _rounded(value: float | Decimal | None, flow: Flow) -> Decimal | None:
    """To the decimals the indicator is published with: an estimate claims no more."""
    return None if value is None else Decimal(value).quantize(Decimal(1).scaleb(-flow.decimals), rounding=ROUND_HALF_EVEN)


def _text(value: Decimal | None) -> str:
    text = f"{value:f}" if value is not None else ""
    return text.rstrip("0").rstrip(".") if "." in text else text
