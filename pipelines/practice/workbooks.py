"""The files a practice unit sends: our own workbook, or a CSV, and what they are called.

Belongs here: one report to bytes and a name. Does not belong here: which files are faulty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipelines.forms.identity import PRACTICE_MARK
from pipelines.forms.model import Form, FormField
from pipelines.forms.reporting_units import ReportingUnit
from pipelines.forms.template import render_template
from pipelines.practice.city import Row

CodeLists = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Report:
    """What one unit reports on one form for one month, before it becomes a file."""

    form: Form
    unit: ReportingUnit
    month: str
    rows: Sequence[Row]
    prepared_on: date

    @property
    def key(self) -> tuple[str, str]:
        return self.form.form, self.unit.reporting_unit_id


@dataclass(frozen=True)
class PracticeFile:
    """A file to be written: its name relative to the practice folder, and its bytes."""

    name: str
    content: bytes


def file_name(report: Report, ending: str, title: str | None = None) -> str:
    """`<unit>/<form>_<unit id>_<month>_练习<ending>`; `title` instead of the form's own where given."""
    unit = report.unit
    return (
        f"{unit.reporting_unit_name}/{title or report.form.title}_{unit.reporting_unit_id}_{report.month}_{PRACTICE_MARK}{ending}"
    )


def as_workbook(report: Report, codes: CodeLists, ending: str = ".xlsx") -> PracticeFile:
    """The report in our own template, marked as practice."""
    content = render_template(
        report.form, report.unit, report.month, rows=report.rows, is_practice=True, prepared_on=report.prepared_on, codes=codes
    )
    return PracticeFile(file_name(report, ending), content)


def as_csv(report: Report, codes: CodeLists, encoding: str, *, without: str | None = None) -> PracticeFile:
    """A header of labels, then the rows; `without` names a field to leave out."""
    fields = [field for field in report.form.fields if field.name != without]
    labels = {name: {code: label for label, code in entries.items()} for name, entries in codes.items()}
    lines = [[field.label for field in fields]] + [
        [_text(row[field.name], field, labels) for field in fields] for row in report.rows
    ]
    return PracticeFile(file_name(report, ".csv"), csv_bytes(lines, encoding))


def csv_bytes(lines: Sequence[Sequence[str]], encoding: str) -> bytes:
    """`lines` as CSV with Windows line ends, as Excel saves it."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(lines)
    return text.getvalue().encode(encoding)


def _text(value: object, field: FormField, labels: CodeLists) -> str:
    if value is None:
        return ""
    return labels[field.codes][str(value)] if field.codes else str(value)
