"""Made-up rows of the form `sci_tech_commissioners`: who serves in a county in a quarter, and what they did.

Belongs here: commissioners, groups, trainings and households by level. Does not belong here: files.
"""

from __future__ import annotations

from pipelines.practice.city import City, Row, apportion, apportion_one_each
from pipelines.practice.shape import load_shape

FORM = "sci_tech_commissioners"


def commissioner_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The service of the quarter that ends with the month, by county; every county has commissioners of every level."""
    sizes = list(city.counties.values())
    rows: dict[str, list[Row]] = {unit_id: [] for unit_id in city.counties}
    for level, shape in load_shape().commissioners.items():
        people = apportion_one_each(shape.commissioners, sizes)
        groups = apportion(shape.service_groups, sizes)
        for unit_id, commissioners, service_groups in zip(rows, people, groups, strict=True):
            chance = city.chance(FORM, unit_id, level, month)
            rows[unit_id].append(
                {
                    "commissioner_level": level,
                    "commissioners": commissioners,
                    "service_groups": service_groups,
                    "training_sessions": round(commissioners * shape.trainings_each * chance.lognormvariate(0, 0.2)),
                    "households_served": round(commissioners * shape.households_each * chance.lognormvariate(0, 0.2)),
                }
            )
    return rows
