"""Made-up rows of the form `popular_science_events`: events and attendances by activity type and channel.

Belongs here: which combinations a unit has in a month, and their counts. Does not belong here: files.
"""

from __future__ import annotations

from math import log

from pipelines.practice.city import ASSOCIATION, City, Row
from pipelines.practice.shape import load_shape

FORM = "popular_science_events"
ZERO_SHARE = 0.04  # of the combinations reported: none this month, a true zero


def event_rows(city: City, month: str, scale: float) -> dict[str, list[Row]]:
    """The month's events by reporting unit, those of the association of the city itself among them.

    Combinations that did not take place are absent, a few are true zeros.
    """
    sizes = city.weights | {ASSOCIATION: 1.0}
    return {unit_id: _unit_rows(city, unit_id, month, scale * size) for unit_id, size in sizes.items()}


def _unit_rows(city: City, unit_id: str, month: str, size: float) -> list[Row]:
    shape = load_shape()
    chance = city.chance(FORM, unit_id, month)
    rows: list[Row] = []
    for activity_type, (share, events, attendance) in shape.events.items():
        for channel, scope in (("offline", None), ("online", shape.online)):
            taken = share * (scope.share if scope else 1)
            present, zero = chance.random() < taken, chance.random() < ZERO_SHARE
            mean_events = events * size * (scope.events if scope else 1)
            mean_attendance = attendance * (scope.attendance if scope else 1)
            count = max(1, round(chance.lognormvariate(log(mean_events), 0.5)))
            people = max(count, round(count * chance.lognormvariate(log(mean_attendance), 0.4)))
            if present:
                counts = (0, 0) if zero else (count, people)
                rows.append(_row(activity_type, channel, *counts))
    # A unit with nothing at all still reports one line.
    return rows or [_row(next(iter(shape.events)), "offline", 0, 0)]


def _row(activity_type: str, channel: str, events: int, attendance: int) -> Row:
    return {"activity_type": activity_type, "channel": channel, "event_count": events, "attendance": attendance}
