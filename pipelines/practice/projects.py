"""Made-up rows of the form `sci_tech_projects`: the projects approved and awards given in a quarter.

Belongs here: numbers, undertakers, days and funds. Does not belong here: files.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pipelines.practice.city import SCIENCE_OFFICE, City, Row, apportion, quarter_bounds, quarter_of
from pipelines.practice.shape import load_shape

FORM = "sci_tech_projects"
UNDERTAKERS = 40  # enterprises of a unit that take part


def project_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The projects and awards of the quarter that ends with the month, all entered by one department."""
    first, last = quarter_bounds(month)
    quarter = quarter_of(month)
    chance = city.chance(FORM, month)
    rows: list[Row] = []
    for kind, shape in load_shape().projects.items():
        count = shape.approved[quarter - 1]
        funds = None if shape.funds is None else apportion(count * shape.funds, [chance.uniform(0.8, 1.2) for _ in range(count)])
        for place in range(count):
            [unit_id] = chance.choices(list(city.weights), list(city.weights.values()))
            undertaker = chance.randint(1, UNDERTAKERS)
            number = len(rows) + 1
            rows.append(
                {
                    "project_no": f"LX{last.year}Q{quarter}-{number:03d}",
                    "project_name": f"练习·{last.year}年第{quarter}季度第{number:03d}号项目",
                    "project_kind": kind,
                    "award_grade": shape.grades[place % len(shape.grades)] if shape.grades else None,
                    "undertaker_name": city.enterprise_name(unit_id, undertaker),
                    "uscc": city.enterprise_uscc(unit_id, undertaker),
                    "division_code": city.division_code(unit_id),
                    "approved_on": first + timedelta(days=chance.randrange((last - first).days + 1)),
                    "fiscal_funds": None if funds is None else Decimal(funds[place]),
                }
            )
    return {SCIENCE_OFFICE: rows}
