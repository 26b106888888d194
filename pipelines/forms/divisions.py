"""Administrative division codes over time: whether a code was in force in a year, and what came after it.

Belongs here: codes with their years and successors. Does not belong here: which areas the office reports on (`areas.csv`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pipelines.forms.seeds import read_seed

# The first two digits, GB/T 2260.
_RUNS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
PROVINCES = {str(code) for first, last in _RUNS for code in range(first, last + 1)}
Status = Literal["valid", "not_yet", "expired", "unknown", "elsewhere"]


@dataclass(frozen=True)
class Division:
    """A code of GB/T 2260 for the years it was in force; `until` is the year in which it was given up, None while it is not."""

    code: str
    name: str
    since: int
    until: int | None
    successors: tuple[str, ...]


class Divisions:
    """The divisions of some prefectures; of codes elsewhere nothing is known."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_code: dict[str, list[Division]] = {}
        for each in divisions:
            self._by_code.setdefault(each.code, []).append(each)
        self._prefectures = {code[:4] for code in self._by_code}

    def status(self, code: str, year: int) -> Status:
        """Whether a code was in force in a year; in the year of a change both the old and the new code are.

        Returns:
            `expired` for one given up earlier, `unknown` for one that never was in a known prefecture or is of no province,
            `elsewhere` for the rest.
        """
        known = self._by_code.get(code)
        if known is None:
            return "unknown" if code[:4] in self._prefectures or code[:2] not in PROVINCES else "elsewhere"
        if any(each.since <= year and (each.until is None or year <= each.until) for each in known):
            return "valid"
        return "not_yet" if all(each.since > year for each in known) else "expired"

    def last(self, code: str) -> Division:
        """What is known last of a known code."""
        return max(self._by_code[code], key=lambda each: each.since)


@cache
def load_divisions(seeds: Path) -> Divisions:
    """The divisions of the dbt seed `division_codes.csv`."""
    return Divisions(map(division_of, read_seed(seeds / "division_codes.csv")))


def division_of(row: Mapping[str, str]) -> Division:
    """A division from a row of text: division_code, division_name, since_year, until_year, successors (separated by `;`)."""
    until = row["until_year"]
    return Division(
        row["division_code"],
        row["division_name"],
        int(row["since_year"]),
        int(until) if until else None,
        tuple(re.findall(r"\d{6}", row["successors"])),
    )
