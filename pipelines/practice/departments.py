"""Made-up rows of the form `department_indicators`: the figures of the whole city that one department knows.

Belongs here: the values of `city.yml` with a made-up source. Does not belong here: files.
"""

from __future__ import annotations

from pipelines.practice.city import City, Row
from pipelines.practice.shape import load_shape

FORM = "department_indicators"


def department_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The year before the month, by department."""
    basis = f"练习·{int(month[:4]) - 1}年统计公报"
    return {
        unit_id: [{"indicator": name, "indicator_value": value, "survey_basis": basis} for name, value in values.items()]
        for unit_id, values in load_shape().department_indicators.items()
    }
