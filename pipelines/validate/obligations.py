"""The calendar of reporting: who owes which form in which month, by when, until when it may change, and who is let off.

Belongs here: what follows from the seeds `obligations.csv` and `exemptions.csv`, and which files came after the lock. Does not
belong here: the verdict on a file (`submissions`), or who reopened a month (`reopenings`).

The warehouse works the same dates out in SQL (`int_obligations`); a test holds the two together.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from pipelines.collect.intake import Received
from pipelines.forms.model import Form, Strict
from pipelines.forms.reporting_units import ReportingUnit, load_reporting_units
from pipelines.forms.seeds import read_seed
from pipelines.validate.reopenings import Reopening

OBLIGATIONS, EXEMPTIONS = "obligations.csv", "exemptions.csv"
_DUE_MONTHS = {"monthly": range(1, 13), "quarterly": (3, 6, 9, 12), "annual": (12,)}
_FREQUENCIES = {"monthly": "月报", "quarterly": "季报", "annual": "年报"}


class Obligation(Strict):
    """What one kind of unit owes, or one unit of it; days are counted from the end of the month that is reported on.

    Attributes:
        reporting_unit_id: the only unit that owes it; None for all of the kind.
        due_months: of the year, separated by spaces, where the frequency alone does not tell.
        late_day: up to it a late report is taken as late, after it as failed to come; None without bound.
        lock_day: after it nothing new counts, unless the month is reopened; None without a lock.
    """

    form: str
    unit_kind: str
    reporting_unit_id: str | None = None
    frequency: Literal["monthly", "quarterly", "annual"]
    due_months: str | None = None
    due_day: int
    late_day: int | None = None
    lock_day: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def months(self) -> Collection[int]:
        """The months of the year (1–12) at whose end it falls due."""
        return [int(each) for each in self.due_months.split()] if self.due_months else _DUE_MONTHS[self.frequency]

    def asks(self, form: str, unit: ReportingUnit) -> bool:
        """Whether the unit owes the form by it."""
        return (self.form, self.unit_kind) == (form, unit.unit_kind) and self.reporting_unit_id in (None, unit.reporting_unit_id)


class Exemption(Strict):
    """A unit that need not report a form from one month to another, either of which may be open."""

    form: str
    reporting_unit_id: str
    from_month: str | None = None
    to_month: str | None = None
    reason: str


@dataclass(frozen=True)
class Dates:
    """The days that matter for one form, unit and month."""

    due_on: date
    late_on: date | None
    locked_on: date | None


@dataclass(frozen=True)
class Calendar:
    """What is owed by whom, from the seeds."""

    obligations: tuple[Obligation, ...]
    exemptions: tuple[Exemption, ...]
    units: Mapping[str, ReportingUnit]

    def dates(self, form: str, unit_id: str, month: str) -> Dates | None:
        """The days for one form, unit and month (YYYY-MM); None where nobody asks for it."""
        first, last = month_bounds(month)
        unit = self.units.get(unit_id)
        if unit is None or not _in_force(unit, first, last):
            return None
        for each in self.obligations:
            if first.month in each.months and _in_force(each, first, last) and each.asks(form, unit):
                after = [None if days is None else last + timedelta(days=days) for days in (each.late_day, each.lock_day)]
                return Dates(last + timedelta(days=each.due_day), *after)
        return None

    def of_form(self, form: str) -> tuple[Obligation, ...]:
        """Everything by which the form was ever owed."""
        return tuple(each for each in self.obligations if each.form == form)

    def out_of_turn(self, form: Form, month: str) -> str | None:
        """In words, that `month` is none for which the form can be reported; None where it is one, owed or not.

        The figures of a quarterly form mean nothing in the midst of a quarter. A month before or after all obligations is held
        against those of other times.
        """
        first, last = month_bounds(month)
        asked = self.of_form(form.form)
        months = {number for each in asked if _in_force(each, first, last) for number in each.months}
        months = months or {number for each in asked for number in each.months}
        if not months or first.month in months:
            return None
        listed = "、".join(str(number) for number in sorted(months))
        return f"“{form.title}”是{_FREQUENCIES[form.frequency]}，只在 {listed} 月报，没有 {month} 的"

    def exemption(self, form: str, unit_id: str, month: str) -> str | None:
        """Why the unit need not report the form in `month`; None where it has to."""
        for each in self.exemptions:
            in_time = (each.from_month or month) <= month <= (each.to_month or month)
            if in_time and (each.form, each.reporting_unit_id) == (form, unit_id):
                return each.reason
        return None

    def owes(self, form: str, unit_id: str, month: str) -> bool:
        """Whether the unit has to report the form in `month`."""
        return self.dates(form, unit_id, month) is not None and self.exemption(form, unit_id, month) is None

    def locked(self, form: str, month: str, received: Sequence[Received], reopenings: Collection[Reopening]) -> dict[int, date]:
        """The files of a form and month that came after the lock: sequence of arrival -> the day it was locked on.

        A month of which nothing had come by its lock is being entered afterwards: there was nothing to lock. Practice files
        without a date came in time.
        """
        reopened_up_to = max((each.up_to for each in reopenings if each.month == month), default=0)
        late: dict[int, date] = {}
        in_time = 0
        for each in received:
            dates = self.dates(form, str(each.identity.reporting_unit_id), month)
            if dates is None or dates.locked_on is None:
                continue
            if each.received_on is not None and each.received_on > dates.locked_on:
                late[each.sequence] = dates.locked_on
            else:
                in_time += 1
        return {sequence: day for sequence, day in late.items() if in_time and sequence > reopened_up_to}


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month (YYYY-MM)."""
    first = date.fromisoformat(f"{month}-01")
    return first, first.replace(day=monthrange(first.year, first.month)[1])


@cache
def load_calendar(seeds: Path) -> Calendar:
    """The calendar from the dbt seeds.

    Raises:
        ValueError: a row does not fit; names the field.
    """
    obligations = tuple(Obligation.model_validate(_given(row)) for row in read_seed(seeds / OBLIGATIONS))
    exemptions = tuple(Exemption.model_validate(_given(row)) for row in read_seed(seeds / EXEMPTIONS))
    return Calendar(obligations, exemptions, load_reporting_units(seeds))


def _given(row: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}


def _in_force(each: Obligation | ReportingUnit, first: date, last: date) -> bool:
    return (each.valid_from or last) <= last and (each.valid_to or first) >= first
