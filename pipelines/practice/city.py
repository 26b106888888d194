"""The practice city: its units with their sizes and overlaps, the totals it is shaped to, and its source of chance.

Belongs here: what every practice form shares. Does not belong here: the rows of a form, or files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from pipelines.forms.model import MONTH, ReportingUnit, load_reporting_units, read_seed

Row = dict[str, Any]  # a row of a form by field name: codes as stored, money in 万元 as Decimal, dates as date


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MonthRange(Strict):
    first: str = Field(pattern=f"^{MONTH}$")
    last: str = Field(pattern=f"^{MONTH}$")


class ContractShape(Strict):
    rows_per_unit: float
    turnover: tuple[Decimal, ...] = Field(min_length=12, max_length=12, description="亿元 by calendar month")
    size_spread: float
    types: dict[str, int]
    outside_buyers: tuple[str, ...]
    outside_buyer_share: float


class Cohort(Strict):
    year: int
    count: int
    issued_on: tuple[date, ...]
    renewed_of: int | None = None
    renewed: int = 0


class Revoked(Strict):
    cohort: int
    on: date


class CertificateShape(Strict):
    cohorts: tuple[Cohort, ...]
    renewed_share: float
    revoked: Revoked


class OnlineShape(Strict):
    share: float
    events: float
    attendance: float


class Shape(Strict):
    """`city.yml`, checked."""

    months: MonthRange
    contracts: ContractShape
    certificates: CertificateShape
    events: dict[str, tuple[float, float, float]]
    online: OnlineShape
    unit_weights: dict[Literal["county", "zone"], float]


@cache
def load_shape() -> Shape:
    """The shape of the practice city.

    Raises:
        pydantic.ValidationError: `city.yml` does not fit the model.
    """
    text = resources.files("pipelines.practice").joinpath("city.yml").read_text(encoding="utf-8")
    # BaseLoader leaves numbers as text, so that 6.9 becomes the decimal 6.9 and not the float beside it.
    return Shape.model_validate(yaml.load(text, Loader=yaml.BaseLoader))


@dataclass(frozen=True)
class City:
    """The reporting counties and zones of the seeds, with a seed for chance.

    Args:
        units: counties and zones in the order of `reporting_units.csv`.
        overlaps: (zone unit id, county unit id) for each zone that lies in a county, first county only.
    """

    units: tuple[ReportingUnit, ...]
    overlaps: tuple[tuple[str, str], ...]
    seed: int

    @classmethod
    def from_seeds(cls, seeds: Path, seed: int) -> City:
        """The city of the dbt seeds in the folder `seeds`."""
        units = tuple(unit for unit in load_reporting_units(seeds).values() if unit.unit_kind in ("county", "zone"))
        by_area = {unit.area_id: unit.reporting_unit_id for unit in units}
        overlaps: dict[str, str] = {}
        for link in read_seed(seeds / "area_links.csv"):
            if link["relation"] == "overlaps":
                overlaps.setdefault(by_area[link["child_area_id"]], by_area[link["parent_area_id"]])
        return cls(units, tuple(overlaps.items()), seed)

    def chance(self, *what: object) -> Random:
        """A source of chance of its own for `what`, so that asking for more months changes none of the others."""
        return Random("/".join(str(part) for part in (self.seed, *what)))

    @cached_property
    def by_id(self) -> dict[str, ReportingUnit]:
        return {unit.reporting_unit_id: unit for unit in self.units}

    @cached_property
    def number(self) -> dict[str, int]:
        """Running number of each unit, from 1."""
        return {unit_id: number for number, unit_id in enumerate(self.by_id, 1)}

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


def month_bounds(month: str) -> tuple[date, date]:
    """First and last day of a month YYYY-MM."""
    year, number = (int(part) for part in month.split("-"))
    following = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1), date.fromordinal(following.toordinal() - 1)
