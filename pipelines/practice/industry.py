"""Made-up rows of the form `rd_statistics`: research in industry by size of enterprise, of each county and of all together.

Belongs here: counts and money of the year before the month. Does not belong here: files.
"""

from __future__ import annotations

from decimal import Decimal

from pipelines.practice.city import STATISTICS_OFFICE, City, Row, apportion
from pipelines.practice.shape import IndustryShape, load_shape

FORM = "rd_statistics"
FIRST_YEAR = 2021  # `city.yml` has its totals
WAN_IN_YI = 10_000
SIZE = "enterprise_size"


def industry_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The year before the month, by county, without sizes a county has none of; the city's own are the counties' sums."""
    year = int(month[:4]) - 1
    rows: dict[str, list[Row]] = {unit_id: [] for unit_id in city.counties}
    together: list[Row] = []
    for size, shape in load_shape().industry.items():
        of_size = _of_size(city, size, shape, year)
        for unit_id, row in of_size.items():
            rows[unit_id].append(row)
        columns = [name for name in next(iter(of_size.values())) if name != SIZE]
        together.append({SIZE: size} | {name: sum(row[name] for row in of_size.values()) for name in columns})
    return rows | {STATISTICS_OFFICE: together}


def _of_size(city: City, size: str, shape: IndustryShape, year: int) -> dict[str, Row]:
    """The rows of the counties that have enterprises of the size; what a county spends goes with its active enterprises."""
    chance = city.chance(FORM, size, year)

    def shared(total: Decimal | int, weights: list[int]) -> list[int]:
        return apportion(_grown(total, year), [weight * chance.lognormvariate(0, 0.15) for weight in weights])

    enterprises = apportion(_grown(shape.enterprises, year), list(city.counties.values()))
    active = apportion(_grown(shape.active, year), enterprises)
    columns = zip(
        city.counties,
        enterprises,
        active,
        apportion(_grown(shape.with_institution, year), enterprises),
        shared(shape.rd_expenditure * WAN_IN_YI, active),
        shared(shape.operating_revenue * WAN_IN_YI, enterprises),
        shared(shape.rd_personnel, active),
        strict=True,
    )
    return {
        unit_id: {
            SIZE: size,
            "enterprise_count": count,
            "active_enterprise_count": count_active,
            "institution_enterprise_count": with_institution,
            "rd_expenditure": Decimal(spent),
            "operating_revenue": Decimal(revenue),
            "rd_personnel_fte": Decimal(personnel),
        }
        for unit_id, count, count_active, with_institution, spent, revenue, personnel in columns
        if count
    }


def _grown(total: Decimal | int, year: int) -> int:
    return round(total * load_shape().industry_growth ** (year - FIRST_YEAR))
