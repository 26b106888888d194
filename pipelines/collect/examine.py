"""Everything that is done with the bytes of one file, in one go: take apart, identify, read the table.

Belongs here: the order of these and what is handed back. Does not belong here: how each is done, or in which process
(`children`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.collect.answers import answers_of
from pipelines.collect.containers import Container, Unreadable, open_container
from pipelines.collect.identify import Identity, identify
from pipelines.collect.signals import signals_of
from pipelines.collect.table import read_table
from pipelines.collect.values import ReadTable
from pipelines.forms.divisions import Divisions, load_divisions
from pipelines.forms.identity import CODES_SHEET, METADATA_SHEET, RECEIPT_SHEET
from pipelines.forms.model import (
    Form,
    Period,
    ReportingUnit,
    load_code_lists,
    load_code_periods,
    load_forms,
    load_reporting_units,
)

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


def examine(file: ArchivedFile, terms: Terms) -> Examined:
    """Read a file, say for each of its names what it is, and read its table for each form and month that this gives.

    Raises:
        Unreadable: the bytes cannot be read, or are no longer those that were archived.
        OSError: the archive cannot be read.
    """
    content = file.path.read_bytes()
    if hashlib.sha256(content).hexdigest() != file.path.name:
        raise Unreadable(f"归档文件已损坏：{file.path.name}", "请从备份恢复归档文件夹")
    container = open_container(content)
    del content
    signals = signals_of(container, terms.forms, terms.units) if file.file_names else None
    identities = {name: identify(signals, name, terms.forms, terms.units) for name in file.file_names}
    found = [(str(each.form), str(each.month)) for each in identities.values() if each.problem is None]
    tables = {
        (form, month): read_table(container, terms.forms[form], month, terms.code_lists, terms.scratch)
        for form, month in dict.fromkeys([*found, *file.wanted])
        if terms.forms[form].version_for(month) is not None
    }
    return Examined(identities, tables, (*container.remarks, *_hidden_sheets(container)), answers_of(container))


def _hidden_sheets(container: Container) -> list[str]:
    own = (METADATA_SHEET, CODES_SHEET, RECEIPT_SHEET)
    return [f"隐藏的工作表“{sheet.name}”没有读取" for sheet in container.sheets if sheet.is_hidden and sheet.name not in own]
