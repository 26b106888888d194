"""What the warehouse has of the quantities that documents print: observations in the shape of figures, to be held against them.

Belongs here: which observations, and what they say as a figure. Does not belong here: comparing (conflicts).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import duckdb

from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import OBSERVED, Document, Figure, Indicator
from pipelines.figures.quantities import MEASURED
from pipelines.settings import Settings

# Window of an observation -> window of the ledger.
_WINDOWS = {"month": "month", "quarter": "cumulative", "ytd": "ytd", "point": "point", "year": "year"}
_OBSERVED = """
SELECT
    observations.indicator_id, areas.area_name, observations.period_id, observations.window_kind, observations.value,
    indicators.decimals, indicators.measure, observations.is_practice
FROM marts.observations AS observations
INNER JOIN core.core_indicators AS indicators USING (indicator_id)
INNER JOIN core.core_areas AS areas USING (area_id)
WHERE observations.hierarchy = 'city' AND list_contains($indicators, observations.indicator_id)
    -- What is provisional for want of reports says too little of the whole city.
    AND observations.value IS NOT NULL AND observations.submission_count = observations.expected_submission_count
ORDER BY ALL
"""


def observed_figures(settings: Settings, figures: Iterable[Figure]) -> list[Figure]:
    """The city's complete observations of the very quantities that the figures measure; of practice data only those that practice
    figures measure.

    Raises:
        duckdb.Error: the warehouse is not built.
    """
    measured = [figure for figure in figures if figure.interval is not None and figure.quantity.nature == MEASURED]
    wanted = {figure.quantity for figure in measured}
    indicators = {figure.indicator_id: figure.indicator for figure in measured}
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        rows = connection.execute(_OBSERVED, {"indicators": sorted(indicators)}).fetchall()
    found = [observed(indicators[row[0]], *row[1:]) for row in rows]
    return [figure for figure in found if figure.quantity in wanted]


def observed(
    indicator: Indicator,
    area: str,
    period_id: str,
    window_kind: str,
    value: Decimal,
    decimals: int,
    measure: str,
    is_practice: bool,
) -> Figure:
    """One observation as a figure, as exact as its indicator is published."""
    half = Fraction(1, 2 * 10**decimals)
    level = Fraction(value)
    rounded = decimals or indicator.unit == "%"
    interval = Interval(level - half, level + half) if rounded else Interval.point(level)
    mark = "【练习】" if is_practice else ""
    return Figure(
        figure_id=f"{OBSERVED}:{indicator.indicator_id}:{period_id}:{window_kind}",
        document_id=OBSERVED,
        locator="observations",
        indicator_id=indicator.indicator_id,
        indicator_label=indicator.label,
        scope="",
        area=area,
        period=_period(period_id, window_kind),
        window=_WINDOWS[window_kind],
        period_basis="stated",
        nature="actual",
        measure="stock" if measure in ("stock", "year_stock") else measure,
        as_printed=f"{round(value, decimals):f}{indicator.unit}",
        qualifier="exact",
        value=round(value, decimals),
        value_max=None,
        unit=indicator.unit,
        document=Document(OBSERVED, f"{mark}本系统按报表汇总的数", "", "", None, None, "", ""),
        indicator=indicator,
        interval=interval,
    )


def _period(period_id: str, window_kind: str) -> str:
    """As the ledger writes it."""
    if window_kind == "ytd":
        return f"{period_id[:4]}-01..{period_id}"
    if window_kind == "quarter":
        return f"{period_id[:4]}-{int(period_id[5:]) - 2:02d}..{period_id}"
    return period_id
