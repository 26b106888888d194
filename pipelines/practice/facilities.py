"""Made-up rows of the forms `innovation_platforms` and `incubators`: what was recognised when, and the roster of a quarter.

Belongs here: facilities and their hosts, which both forms list alike. Does not belong here: files, or what is in force.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from pipelines.practice.city import City, Row, apportion_one_each, month_bounds, with_repeats
from pipelines.practice.shape import FacilityShape, load_shape

PLATFORMS, CARRIERS = "innovation_platforms", "incubators"
HOSTS = 60  # enterprises of a unit that have a facility
OLDEST = 2012
# The last complete year of those that `city.yml` counts as a whole; from the next on it counts by quarter.
BEFORE = 2021


@dataclass(frozen=True)
class Facility:
    """One platform or carrier; `number` and `host` are running numbers within its unit."""

    unit_id: str
    number: int
    host: int
    kind: str
    level: str
    recognised_on: date
    revoked_on: date | None = None


def platform_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The platforms by reporting unit at the end of the month; some of the zones' stand in their county's roster as well."""
    return _rows(city, PLATFORMS, load_shape().platforms, month)


def carrier_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The carriers by reporting unit at the end of the month; some of the zones' stand in their county's roster as well."""
    return _rows(city, CARRIERS, load_shape().carriers, month)


def _rows(city: City, form: str, shape: FacilityShape, month: str) -> dict[str, list[Row]]:
    last = month_bounds(month)[1]
    rows: dict[str, list[Row]] = {unit_id: [] for unit_id in city.by_id}
    for each in facilities_of(city, form, last.year):
        if each.recognised_on <= last:
            rows[each.unit_id].append(_row(city, form, each, last))
    return with_repeats(city, rows, shape.repeated)


@lru_cache(maxsize=4)
def facilities_of(city: City, form: str, year: int) -> tuple[Facility, ...]:
    """Every facility that is recognised up to the end of `year`, by the time it is recognised."""
    shape = load_shape().platforms if form == PLATFORMS else load_shape().carriers
    numbers: Counter[str] = Counter()
    made: list[Facility] = []
    for kind, levels in shape.recognised.items():
        for level, (before, in_last, *_) in levels.items():
            made += _recognised(city, form, kind, level, (OLDEST, 1, BEFORE - 1, 12), before, numbers)
            made += _recognised(city, form, kind, level, (BEFORE, 1, BEFORE, 12), in_last, numbers)
    municipal = [each for each in made if each.level == "municipal"]
    for chosen, day in zip(city.chance(form, "revoked").sample(municipal, len(shape.revoked_on)), shape.revoked_on, strict=True):
        made[made.index(chosen)] = replace(chosen, revoked_on=day)
    for later in range(BEFORE + 1, year + 1):
        for quarter in range(4):
            for kind, levels in shape.recognised.items():
                for level, counts in levels.items():
                    span = (later, 3 * quarter + 1, later, 3 * quarter + 3)
                    made += _recognised(city, form, kind, level, span, counts[2 + quarter], numbers)
    return tuple(made)


def _recognised(
    city: City, form: str, kind: str, level: str, span: tuple[int, int, int, int], count: int, numbers: Counter[str]
) -> list[Facility]:
    """`count` facilities recognised between two months; where there are enough, each unit has one at least.

    Takes the next running numbers from `numbers` (by unit).
    """
    chance = city.chance(form, kind, level, *span)
    weights = list(city.weights.values())
    if count < len(weights):
        holders = chance.choices(list(city.weights), weights, k=count)
    else:
        shares = zip(city.weights, apportion_one_each(count, weights), strict=True)
        holders = [unit_id for unit_id, own in shares for _ in range(own)]
    first_year, first_month, last_year, last_month = span
    made = []
    for unit_id in holders:
        numbers[unit_id] += 1
        day = date(chance.randint(first_year, last_year), chance.randint(first_month, last_month), chance.randint(1, 28))
        made.append(Facility(unit_id, numbers[unit_id], chance.randint(1, HOSTS), kind, level, day))
    return made


def _row(city: City, form: str, each: Facility, as_of: date) -> Row:
    name = f"练习·{city.short_name(each.unit_id)}第{each.number:03d}号"
    host = city.enterprise_name(each.unit_id, each.host)
    uscc = city.enterprise_uscc(each.unit_id, each.host)
    revoked_on = each.revoked_on if each.revoked_on and each.revoked_on <= as_of else None
    if form == PLATFORMS:
        return {
            "platform_name": f"{name}创新平台",
            "platform_type": each.kind,
            "platform_level": each.level,
            "host_name": host,
            "uscc": uscc,
            "recognised_on": each.recognised_on,
            "revoked_on": revoked_on,
        }
    chance = city.chance(form, each.unit_id, each.number)
    area, enterprises = chance.randrange(800, 20_000, 50), chance.randint(8, 60)
    in_quarter = enterprises + city.chance(form, each.unit_id, each.number, as_of).randint(0, 3)
    return {
        "carrier_name": f"{name}双创载体",
        "carrier_type": each.kind,
        "carrier_level": each.level,
        "operator_name": host,
        "uscc": uscc,
        "recognised_on": each.recognised_on,
        "revoked_on": revoked_on,
        "incubated_enterprises": 0 if revoked_on else in_quarter,
        "floor_area": None if revoked_on else Decimal(area),
    }
