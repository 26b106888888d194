"""Made-up rows of the form `tech_smes`: what is publicised, registered and revoked in a year, and the roster of a month.

Belongs here: the registrations of a year, which all run out with it. Does not belong here: files, or counts of what is valid.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from pipelines.practice.city import FIRST_SERIAL, City, Row, apportion_one_each, month_bounds, with_repeats
from pipelines.practice.shape import load_shape

FORM = "tech_smes"
FLAGS = "08"  # between division and serial of a registration number


@dataclass(frozen=True)
class Registration:
    """One enterprise of the year; `enterprise` is its running number within its unit, `serial` that in the year's register."""

    unit_id: str
    enterprise: int
    publicised_on: date
    registered_on: date
    serial: int
    revoked_on: date | None
    staff: int
    rd_staff: int
    revenue: Decimal
    assets: Decimal


def sme_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The rosters of the month by reporting unit: whatever has been publicised since January, registered by now or not.

    The first enterprise of each zone stands in the roster of the county it lies in as well.
    """
    _, last = month_bounds(month)
    rows: dict[str, list[Row]] = {unit_id: [] for unit_id in city.by_id}
    for registration in registrations_of(city, last.year):
        if registration.publicised_on <= last:
            rows[registration.unit_id].append(_row(city, registration, last))
    return with_repeats(city, rows, len(city.overlaps))


@lru_cache(maxsize=4)
def registrations_of(city: City, year: int) -> tuple[Registration, ...]:
    """All registrations of a year in the order in which they are registered: those publicised first come first."""
    shape, chance = load_shape().smes, city.chance(FORM, year)
    applicants: list[tuple[date, float, str, int]] = []
    enterprises: Counter[str] = Counter()
    for month, count in enumerate(shape.publicised, 1):
        for unit_id, own in zip(city.weights, apportion_one_each(count, list(city.weights.values())), strict=True):
            for _ in range(own):
                enterprises[unit_id] += 1
                day = date(year, month, chance.choice(shape.publicised_on))
                applicants.append((day, chance.random(), unit_id, enterprises[unit_id]))
    registered = [date(year, month, shape.registered_on) for month, count in enumerate(shape.registered, 1) for _ in range(count)]
    revoked = dict(enumerate(date.fromisoformat(f"{year}-{day}") for day in shape.revoked_on))
    made = []
    for place, ((publicised_on, _, *holder), registered_on) in enumerate(zip(sorted(applicants), registered, strict=True)):
        staff, revenue = chance.randint(8, 300), chance.lognormvariate(6.5, 1)
        made.append(
            Registration(
                *holder,
                publicised_on,
                registered_on,
                FIRST_SERIAL + place,
                revoked.get(place),
                staff,
                chance.randint(max(1, staff // 10), max(2, staff // 2)),
                _money(revenue),
                _money(revenue * chance.uniform(0.6, 1.8)),
            )
        )
    return tuple(made)


def _money(amount: float) -> Decimal:
    """万元 with two places, below the two 亿元 at which an enterprise is no longer a small one."""
    return Decimal(round(min(amount, 19_000) * 100)) / 100


def _row(city: City, registration: Registration, as_of: date) -> Row:
    year = str(registration.publicised_on.year)
    is_registered = registration.registered_on <= as_of
    number = f"{year}{city.division_code(registration.unit_id)}{FLAGS}{registration.serial:06d}"
    revoked_on = registration.revoked_on
    return {
        "uscc": city.enterprise_uscc(registration.unit_id, registration.enterprise),
        "enterprise_name": city.enterprise_name(registration.unit_id, registration.enterprise),
        "publicised_year": year,
        "publicised_on": registration.publicised_on,
        "registered_on": registration.registered_on if is_registered else None,
        "registration_no": number if is_registered else None,
        "revoked_on": revoked_on if revoked_on and revoked_on <= as_of else None,
        "staff_count": registration.staff,
        "rd_staff_count": registration.rd_staff,
        "sales_revenue": registration.revenue,
        "total_assets": registration.assets,
    }
