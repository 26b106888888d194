"""Who reports: counties, zones and departments with everything they are called, from the dbt seeds.

Belongs here: the units and their names. Does not belong here: what they owe (validate.obligations), or finding a name in what
people write (collect.vocabulary).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from pipelines.forms.model import Strict
from pipelines.forms.seeds import read_seed


class Alias(Strict):
    """A name that a reporting unit goes by, between two days of which either may be open."""

    name: str
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_in(self, month: str) -> bool:
        """Whether the name was in use on any day of `month` (YYYY-MM)."""
        begun = self.valid_from is None or f"{self.valid_from:%Y-%m}" <= month
        return begun and (self.valid_to is None or month <= f"{self.valid_to:%Y-%m}")


class ReportingUnit(Strict):
    """A county, zone or department that reports; valid between two days, either of which may be open.

    Attributes:
        above: names of the city, which people write before a unit's own.
        responsible_for: the indicators a department answers for.
    """

    reporting_unit_id: str
    reporting_unit_name: str
    unit_kind: Literal["county", "zone", "department", "city"]
    area_id: str
    valid_from: date | None = None
    valid_to: date | None = None
    dated_aliases: tuple[Alias, ...] = ()
    above: tuple[str, ...] = ()
    responsible_for: tuple[str, ...] = ()

    @property
    def aliases(self) -> tuple[str, ...]:
        """The other names alone, whenever they were in use."""
        return tuple(alias.name for alias in self.dated_aliases)

    @property
    def names(self) -> tuple[Alias, ...]:
        """Everything the unit is called: its name (for as long as there is the unit), then the aliases."""
        own = Alias(name=self.reporting_unit_name, valid_from=self.valid_from, valid_to=self.valid_to)
        return (own, *self.dated_aliases)

    def answers_to(self, name: str, month: str) -> bool:
        """Whether the unit is called exactly `name` in `month` (YYYY-MM)."""
        return any(alias.name == name and alias.holds_in(month) for alias in self.names)


@cache
def load_reporting_units(seeds: Path) -> dict[str, ReportingUnit]:
    """Reporting units by id; counties and zones with the aliases of their area, departments with their own."""
    aliases = _aliases(seeds / "area_aliases.csv", "area_id")
    own = _aliases(seeds / "unit_aliases.csv", "reporting_unit_id")
    answering = [(each["responsible_unit"], each["indicator_id"]) for each in read_seed(seeds / "indicators.csv")]
    city = next(row for row in read_seed(seeds / "areas.csv") if row["area_kind"] == "city")
    # An abbreviation of one letter stands for the city, but nobody writes it before a county.
    above = (city["area_name"], *(alias.name for alias in aliases.get(city["area_id"], ()) if len(alias.name) > 1))
    return {
        row["reporting_unit_id"]: ReportingUnit(
            **{name: value or None for name, value in row.items()},
            dated_aliases=tuple(
                own.get(row["reporting_unit_id"], ()) if row["unit_kind"] == "department" else aliases.get(row["area_id"], ())
            ),
            above=above,
            responsible_for=tuple(indicator for name, indicator in answering if name == row["reporting_unit_name"]),
        )
        for row in read_seed(seeds / "reporting_units.csv")
    }


def _aliases(path: Path, column: str) -> dict[str, list[Alias]]:
    aliases: dict[str, list[Alias]] = {}
    for row in read_seed(path):
        named = {"name": row["alias"], "valid_from": row["valid_from"] or None, "valid_to": row["valid_to"] or None}
        aliases.setdefault(row[column], []).append(Alias.model_validate(named))
    return aliases
