"""The practice city: its units with their sizes and overlaps, its made-up enterprises, and its source of chance.

Belongs here: what every practice form shares. Does not belong here: the totals it is shaped to (`shape`), the rows of a form,
or files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from pipelines.forms.reporting_units import ReportingUnit, load_reporting_units
from pipelines.forms.seeds import read_seed
from pipelines.practice.shape import load_shape

Row = dict[str, Any]  # a row of a form by field name: codes as stored, money in 万元 as Decimal, dates as date
SCIENCE_OFFICE = load_shape().departments.science_office
ASSOCIATION = load_shape().departments.association
STATISTICS_OFFICE = load_shape().departments.statistics_office
FIRST_SERIAL = 900_001  # of the year's certificates and registrations: far above any serial that was ever given out


@dataclass(frozen=True)
class City:
    """The reporting counties and zones of the seeds, the departments beside them, and a seed for chance.

    Args:
        units: counties and zones in the order of `reporting_units.csv`.
        departments: the departments, in the same order.
        overlaps: (zone unit id, county unit id) for each zone that lies in a county, first county only.
    """

    units: tuple[ReportingUnit, ...]
    departments: tuple[ReportingUnit, ...]
    overlaps: tuple[tuple[str, str], ...]
    seed: int

    @classmethod
    def from_seeds(cls, seeds: Path, seed: int) -> City:
        """The city of the dbt seeds in the folder `seeds`."""
        everyone = load_reporting_units(seeds).values()
        units = tuple(unit for unit in everyone if unit.unit_kind in ("county", "zone"))
        departments = tuple(unit for unit in everyone if unit.unit_kind == "department")
        by_area = {unit.area_id: unit.reporting_unit_id for unit in units}
        overlaps: dict[str, str] = {}
        for link in read_seed(seeds / "area_links.csv"):
            if link["relation"] == "overlaps":
                overlaps.setdefault(by_area[link["child_area_id"]], by_area[link["parent_area_id"]])
        return cls(units, departments, tuple(overlaps.items()), seed)

    def chance(self, *what: object) -> Random:
        """A source of chance of its own for `what`, so that asking for more months changes none of the others."""
        return Random("/".join(str(part) for part in (self.seed, *what)))

    @cached_property
    def by_id(self) -> dict[str, ReportingUnit]:
        return {unit.reporting_unit_id: unit for unit in self.units}

    @cached_property
    def number(self) -> dict[str, int]:
        """Running number of each unit, from 1; the departments come last."""
        return {unit.reporting_unit_id: number for number, unit in enumerate((*self.units, *self.departments), 1)}

    @cached_property
    def weights(self) -> dict[str, float]:
        """Relative size of each unit; the mean is 1."""
        kinds = load_shape().unit_weights
        raw = {
            unit.reporting_unit_id: kinds[unit.unit_kind] * self.chance("weight", unit.reporting_unit_id).lognormvariate(0, 0.45)
            for unit in self.units
            if unit.unit_kind in ("county", "zone")
        }
        mean = sum(raw.values()) / len(raw)
        return {unit_id: weight / mean for unit_id, weight in raw.items()}

    @cached_property
    def counties(self) -> dict[str, float]:
        """Relative size of each county."""
        return {unit_id: weight for unit_id, weight in self.weights.items() if self.by_id[unit_id].unit_kind == "county"}

    def division_code(self, unit_id: str) -> str:
        """Six-digit division code of a unit; a zone without one has that of the county it lies in."""
        area_id = self.by_id[unit_id].area_id
        return area_id if area_id.isdigit() else self.by_id[dict(self.overlaps)[unit_id]].area_id

    def short_name(self, unit_id: str) -> str:
        unit = self.by_id[unit_id]
        return min((unit.reporting_unit_name, *unit.aliases), key=len)

    def enterprise_name(self, unit_id: str, number: int) -> str:
        return f"练习·{self.short_name(unit_id)}第{number:03d}号科技公司"

    def enterprise_uscc(self, unit_id: str, number: int) -> str:
        """A unified social credit code that passes its checks; LX (练习) opens the made-up organisation code."""
        return uscc(f"91{self.division_code(unit_id)}", f"LX{self.number[unit_id]:02d}{number:04d}")


def with_repeats(city: City, rows: Mapping[str, Sequence[Row]], zones: int) -> dict[str, list[Row]]:
    """A roster by reporting unit in which the counties also list the first row of each of the first `zones` in them."""
    repeated = {unit_id: list(own) for unit_id, own in rows.items()}
    for zone, county in city.overlaps[:zones]:
        repeated[county].append(dict(rows[zone][0]))
    return repeated


USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714


def uscc(registrar: str, organisation: str) -> str:
    """The 18 characters from 8 of the registrar and 8 of the organisation code, with both check characters."""
    summed = sum(weight * int(letter, 36) for weight, letter in zip(ORGANISATION_WEIGHTS, organisation, strict=True))
    inner = "0123456789X0"[11 - summed % 11]
    return (body := f"{registrar}{organisation}{inner}") + uscc_check(body)


def uscc_check(body: str) -> str:
    """The check character of the first 17 characters of a unified social credit code."""
    summed = sum(USCC_ALPHABET.index(letter) * pow(3, place, 31) for place, letter in enumerate(body))
    return USCC_ALPHABET[-summed % 31]


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """`total` split into whole parts in proportion to `weights`, adding up exactly (largest remainder)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [math.floor(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def apportion_one_each(total: int, weights: Sequence[float]) -> list[int]:
    """The same, with at least one for each; `total` must not be smaller than their number."""
    return [1 + part for part in apportion(total - len(weights), weights)]


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month YYYY-MM."""
    year, number = (int(part) for part in month.split("-"))
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), date.fromordinal(following.toordinal() - 1)


def quarter_bounds(month: str) -> tuple[date, date]:
    """First and last day of the quarter in which the month YYYY-MM lies."""
    year, quarter = int(month[:4]), quarter_of(month)
    return date(year, 3 * quarter - 2, 1), month_bounds(f"{year}-{3 * quarter:02d}")[1]


def quarter_of(month: str) -> int:
    """The quarter, 1 to 4, in which the month YYYY-MM lies."""
    return (int(month[5:]) + 2) // 3
