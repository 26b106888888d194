"""What the program reads of the dbt seeds beside the warehouse: any seed as rows, and the code lists.

Belongs here: reading. Does not belong here: reporting units (`reporting_units`) or the calendar (validate.obligations), which
make more of theirs.
"""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path

Period = tuple[date | None, date | None]


def read_seed(path: Path) -> list[dict[str, str]]:
    """The rows of a dbt seed (UTF-8 CSV with a header) as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def load_code_lists(seeds: Path) -> dict[str, dict[str, str]]:
    """Code lists by name, each label -> code, from `code_lists.csv` in the dbt seeds."""
    lists: dict[str, dict[str, str]] = {}
    for row in read_seed(seeds / "code_lists.csv"):
        lists.setdefault(row["code_list"], {})[row["label"]] = row["code"]
    return lists


@cache
def load_code_periods(seeds: Path) -> dict[tuple[str, str], Period]:
    """First and last day of validity by (code list, code), of the codes for which either is bounded."""
    periods = {}
    for row in read_seed(seeds / "code_lists.csv"):
        since, until = (date.fromisoformat(day) if day else None for day in (row["valid_from"], row["valid_to"]))
        if since or until:
            periods[row["code_list"], row["code"]] = (since, until)
    return periods
