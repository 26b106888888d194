"""What examining a file needs and what it hands back: the shapes that cross over between processes.

Belongs here: those shapes. Does not belong here: examining (`examine`), which takes longer to import than a form to check, so
that a process that only hands files on does without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.forms.divisions import Divisions, load_divisions
from pipelines.forms.model import Form, load_forms
from pipelines.forms.reporting_units import ReportingUnit, load_reporting_units
from pipelines.forms.seeds import Period, load_code_lists, load_code_periods

if TYPE_CHECKING:
    from pipelines.collect.values import ReadTable

PRACTICE_FOLDER = "practice"
CANNOT_TELL = "认不出"  # how the problem of a file begins that says too little of itself
FormMonth = tuple[str, str]  # form id, month


@dataclass(frozen=True)
class Terms:
    """What files are read by: forms, reporting units, code lists, division codes.

    Attributes:
        code_periods: (code list, code) -> first and last day of validity, where they are bounded.
        scratch: a folder for the rows of long tables; None keeps them in memory.
    """

    forms: dict[str, Form]
    units: dict[str, ReportingUnit]
    code_lists: Mapping[str, Mapping[str, str]]
    divisions: Divisions
    code_periods: Mapping[tuple[str, str], Period] = field(default_factory=dict)
    scratch: Path | None = None


@dataclass(frozen=True)
class ArchivedFile:
    """An archived file to be examined.

    Attributes:
        path: in the archive; its name is the SHA-256 of the bytes.
        file_names: the names it came under, each to be identified.
        wanted: forms and months to read its table for, besides those it is identified as.
    """

    path: Path
    size: int
    file_names: tuple[str, ...] = ()
    wanted: tuple[FormMonth, ...] = ()


@dataclass(frozen=True)
class Identity:
    """What a file is, as far as its signals say.

    Attributes:
        prepared_on: 填报日期 that the workbook carries.
        problem: in Chinese, why it could not be identified; None when form, unit and month are all known.
        advice: what it may be, and what to do about the problem.
    """

    form: str | None = None
    reporting_unit_id: str | None = None
    month: str | None = None
    is_practice: bool = False
    prepared_on: date | None = None
    problem: str | None = None
    advice: str = ""

    @property
    def tells_nothing(self) -> bool:
        """Whether nothing was contradicted: there was only too little to tell it by."""
        return self.problem is not None and self.problem.startswith(CANNOT_TELL)


@dataclass(frozen=True)
class Examined:
    """What a file turned out to be.

    Attributes:
        identities: by file name.
        tables: its table as that of a form and month.
        remarks: in Chinese, what had to be done to read it and what was left unread.
        answers: by `Finding.answer_key`, what its sender says in a receipt that comes back.
    """

    identities: dict[str, Identity] = field(default_factory=dict)
    tables: dict[FormMonth, ReadTable] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    answers: dict[str, str] = field(default_factory=dict)


def load_terms(seeds: Path) -> Terms:
    """The terms as the forms and the dbt seeds have them."""
    lists = load_code_lists(seeds)
    return Terms(load_forms(), load_reporting_units(seeds), lists, load_divisions(seeds), load_code_periods(seeds))
