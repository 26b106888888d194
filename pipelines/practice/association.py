"""Made-up rows of the form `association_work`: what a quarter added, the year so far, and what there is in the end.

Belongs here: which work a unit has, and its counts. Does not belong here: files.
"""

from __future__ import annotations

from math import log

from pipelines.practice.city import ASSOCIATION, City, Row, quarter_of
from pipelines.practice.shape import WorkShape, load_shape

FORM = "association_work"
FIRST_YEAR = 2022  # the totals of `city.yml` are those at its beginning
BLANK_SHARE = 0.15  # of the counts of a quarter: left out, as only the year so far was kept


def work_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The work of the quarter that ends with the month, of the counties and of the association of the city itself."""
    sizes = city.counties | {ASSOCIATION: 1.0}
    return {
        unit_id: [
            _row(city, unit_id, item, shape, size, month)
            for item, shape in load_shape().association_work.items()
            if city.chance(FORM, unit_id, item).random() < shape.share
        ]
        for unit_id, size in sizes.items()
    }


def _row(city: City, unit_id: str, item: str, shape: WorkShape, size: float, month: str) -> Row:
    year, quarter = int(month[:4]), quarter_of(month)
    chance = city.chance(FORM, unit_id, item, year, quarter, "people")
    counts = [_count(city, unit_id, item, shape, size, year, each) for each in range(1, quarter + 1)]
    so_far, held = sum(counts), shape.participants is not None
    participants = round(counts[-1] * shape.participants * size * chance.lognormvariate(0, 0.3)) if held else None
    attendance = round(participants * shape.times_each) if held else None
    before = sum(
        _count(city, unit_id, item, shape, size, other, each) for other in range(FIRST_YEAR, year) for each in range(1, 5)
    )
    return {
        "work_item": item,
        "item_count": None if not held and chance.random() < BLANK_SHARE else counts[-1],
        "item_count_ytd": so_far,
        "item_total": None if shape.total is None else round(shape.total * size) + before + so_far,
        "participants": participants,
        "attendance": attendance,
    }


def _count(city: City, unit_id: str, item: str, shape: WorkShape, size: float, year: int, quarter: int) -> int:
    """What the quarter added. Every unit holds its events at least once; a larger one has more people at them."""
    chance = city.chance(FORM, unit_id, item, year, quarter)
    if shape.participants is not None:
        return max(1, round(chance.lognormvariate(log(shape.a_quarter), 0.4)))
    return round(chance.lognormvariate(log(shape.a_quarter * size), 0.4))
