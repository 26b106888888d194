"""What the inside of a file says about its form, reporting unit and month.

Belongs here: the hidden metadata sheet and the document properties of the template; header, title rows and names of the
visible sheets. Does not belong here: the words themselves (`vocabulary`), how all this and the names of file and folders are
weighed (`identify`), or reading the table (`table`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pipelines.collect.containers import Cell, Container
from pipelines.collect.dates import read_month
from pipelines.collect.headers import HEAD_ROWS
from pipelines.collect.labels import is_note, plain
from pipelines.collect.vocabulary import SEPARATORS, Vocabulary, collapse, dated, once, ordinary, times_in, vocabulary_of
from pipelines.forms.identity import GUIDE_SHEET, METADATA_SHEET, PRACTICE_BANNER, PROPERTY_PREFIX, RECEIPT_SHEET
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import ReportingUnit

HEADER_DEPTH = 3  # a header block is matched over so many rows together
ENOUGH_LABELS = 0.6  # share of a form's required labels that must stand in a header to name the form
LONGEST_TITLE, LONGEST_LINE = 80, 1_000  # characters; what is longer is none, or looked at so far

_SEAL = re.compile(r"\((?:盖?公?章|签章|盖章处?)\)")
_UNIT_LABEL = re.compile(
    r"(?:(?:填报|报送|上报|填表|报告)(?:单位|地区)(?:名称)?|单位名称|(?:所[属在])?(?:县[、/]?市?[、/]?区|县\(市[、/]?区\)))"
    r"\s*(?:\([^()]{1,4}\))?\s*(?::|\s{2})\s*"
)
_UNIT_VALUE_ENDS = re.compile(
    r"\s{2,}|(?<!\d)20\d{2}|[,，;；。|]|(?:填报|填表|制表|报出|报送|报告|统计|计量|金额|联系|所属|负责|审核)?"
    r"(?:月份|日期|时间|单位|时?期|电话|人|表号|年月)\s*(?:\([^()]*\))?:"
)
_MONTH_LABEL = re.compile(r"(?:月份|年月|报告期|报告月|所属时?期|统计时?期)\s*:?\s*$")
_NOT_REPORTED = re.compile(
    r"(?:(?:填报|填表|制表|报出|报送|上报|打印|审核)(?:日期|时间)|有效期限?至?|批准文号|制定日期)\s*:?[\s\d〇○零一二三四五六七八九十年月日./-]*"
    r"|20\d{2}\s*年\s*[\d一二三四五六七八九十]{1,2}\s*月\s*(?:制定|修订|印发)"
)


@dataclass(frozen=True)
class SheetSays:
    """What a visible sheet says about itself.

    Attributes:
        fits: forms whose header stands on it -> share of their required labels found.
        unit_names, months: as in `Signals`.
        bare_months: months without a year, as two digits; `years`: years without a month.
    """

    name: str
    fits: Mapping[str, float]
    unit_names: tuple[str, ...]
    months: tuple[str, ...]
    bare_months: tuple[str, ...]
    years: tuple[str, ...]


@dataclass(frozen=True)
class Signals:
    """What a file says about itself, apart from its name.

    Attributes:
        stated: by the metadata sheet, filled in from the custom document properties.
        contradicted: what the document properties state otherwise.
        forms: forms whose header stands on a visible sheet, best first.
        unit_names: 填报单位 as written in title rows.
        months: YYYY-MM in title rows and sheet names.
        is_marked_practice: whether a title says that this is practice data.
        sheets: the visible sheets that hold a header, one by one.
    """

    stated: Mapping[str, str] = field(default_factory=dict)
    forms: tuple[str, ...] = ()
    unit_names: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    contradicted: Mapping[str, str] = field(default_factory=dict)
    is_marked_practice: bool = False
    sheets: tuple[SheetSays, ...] = ()


def signals_of(container: Container, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Signals:
    """What the file says about its form, unit and month; looks at the first rows of each sheet only."""
    known = vocabulary_of(forms, units)
    stated, contradicted = _stated(container)
    ours = (GUIDE_SHEET, METADATA_SHEET, RECEIPT_SHEET)
    visible = [sheet for sheet in container.sheets if not sheet.is_hidden and sheet.name not in ours]
    heads = [(sheet, sheet.head(HEAD_ROWS)) for sheet in visible]
    found = [(sheet, rows, _find_header(rows, known)) for sheet, rows in heads]
    # Sheets without any form's header are covers, lists and notes, and may name anybody; a header that has drifted too far
    # to name its form is listened to while there is no better one.
    spoken = [each for each in found if each[2].fits] or [each for each in found if each[2].row is not None]
    sheets = tuple(_sheet_says(sheet.name, rows[: header.row], header.fits, known) for sheet, rows, header in spoken)
    fits = best_fits(sheets)
    return Signals(
        stated=stated,
        forms=tuple(sorted(fits, key=lambda form: -fits[form])),
        unit_names=once(name for sheet in sheets for name in sheet.unit_names),
        months=once(month for sheet in sheets for month in sheet.months),
        contradicted=contradicted,
        is_marked_practice=any(
            isinstance(cell, str) and PRACTICE_BANNER in cell
            for _, rows, header in spoken
            for row in rows[: header.row]
            for cell in row
        ),
        sheets=sheets,
    )


def best_fits(sheets: Iterable[SheetSays]) -> dict[str, float]:
    """Form -> its best share of labels on any sheet."""
    fits: dict[str, float] = {}
    for sheet in sheets:
        for form, share in sheet.fits.items():
            fits[form] = max(share, fits.get(form, 0))
    return fits


# What the workbook states in its hidden places.


def _stated(container: Container) -> tuple[dict[str, str], dict[str, str]]:
    """What the metadata sheet states, filled in from the document properties; and what these state otherwise."""
    sheet = container.sheet(METADATA_SHEET)
    stated = _pairs((row[0], row[1]) for row in sheet.head(HEAD_ROWS) if len(row) >= 2) if sheet else {}
    properties = _pairs(
        (key.removeprefix(PROPERTY_PREFIX), value)
        for key, value in container.properties.items()
        if key.startswith(PROPERTY_PREFIX)
    )
    contradicted = {key: value for key, value in properties.items() if stated.get(key, value) != value}
    return properties | stated, contradicted


def _pairs(pairs: Iterable[tuple[Cell, Cell]]) -> dict[str, str]:
    return {str(key): _value_text(value) for key, value in pairs if key is not None and value is not None}


def _value_text(value: Cell) -> str:
    """A stated value as the template wrote it, also where a program made a number or a date of it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value).strip()


# What the visible sheets say.


@dataclass(frozen=True)
class _Header:
    """Forms whose labels stand in a header -> share of the required ones; and the header's first row (0-based), if any."""

    fits: Mapping[str, float]
    row: int | None


def _find_header(rows: Sequence[Sequence[Cell]], known: Vocabulary) -> _Header:
    """The first rows that hold enough labels of a form; without such, the first row with two labels of one form."""
    matches = [known.fields_in(row) for row in rows[:HEADER_DEPTH]]
    first = None
    for start in range(len(rows)):
        if start + HEADER_DEPTH <= len(rows) and len(matches) < start + HEADER_DEPTH:
            matches.append(known.fields_in(rows[start + HEADER_DEPTH - 1]))
        if not matches[start]:
            continue
        if first is None and any(len(fields) >= 2 for fields in matches[start].values()):
            first = start
        if any(share >= ENOUGH_LABELS for share in known.shares(matches[start : start + HEADER_DEPTH]).values()):
            matches += [known.fields_in(row) for row in rows[len(matches) : start + 2 * HEADER_DEPTH - 1]]
            return _best_window(matches, start, known)
    return _Header({}, first)


def _best_window(matches: list[dict[str, set[str]]], start: int, known: Vocabulary) -> _Header:
    """The rows that fit best, the fewest of them, since titles above a header may hold a word that is also a label."""
    fits: dict[str, float] = {}
    best, row = (0.0, 0), start
    for first in range(start, min(start + HEADER_DEPTH, len(matches))):
        for depth in range(1, HEADER_DEPTH + 1):
            for form, share in known.shares(matches[first : first + depth]).items():
                if share >= ENOUGH_LABELS:
                    fits[form] = max(share, fits.get(form, 0))
                if (share, -depth) > best:
                    best, row = (share, -depth), first
    return _Header(fits, row)


def _sheet_says(name: str, titles: Sequence[Sequence[Cell]], fits: Mapping[str, float], known: Vocabulary) -> SheetSays:
    """What the rows above the header say, and the sheet's name where they say no month."""
    lines = [_line(row) for row in titles]
    times = times_in(_NOT_REPORTED.sub("  ", "  ".join(lines)))
    if not times.months and not times.bare:
        named = times_in(ordinary(name[:LONGEST_TITLE]))
        times = replace(named, years=times.years or named.years)
    months = times.months or dated(times.bare, times.years)
    unit_names = once(value for line in lines for value in _labelled_units(line))
    if not unit_names:
        cells = [ordinary(cell) for row in titles for cell in row if isinstance(cell, str) and len(cell) <= LONGEST_TITLE]
        unit_names = once(found for cell in cells for found in _units_in_title(cell, known))
    return SheetSays(name, fits, unit_names, months, () if months else times.bare, times.years)


def _line(row: Sequence[Cell]) -> str:
    """A title row as one text, its cells two spaces apart; other cells than text only where a label calls them a month."""
    parts: list[str] = []
    for cell in row:
        if isinstance(cell, str) and cell.strip():
            parts.append(ordinary(cell[:LONGEST_LINE]))
        elif cell is not None and parts and _MONTH_LABEL.search(parts[-1]):
            parts.append(read_month(cell) or "")
    # The patterns for months take time by the square of a run of spaces.
    return re.sub(r"\s{3,}", "  ", "  ".join(parts))[:LONGEST_LINE]


def _labelled_units(line: str) -> list[str]:
    """What stands behind 填报单位： and its like."""
    found = []
    for label in _UNIT_LABEL.finditer(line):
        value = _UNIT_VALUE_ENDS.split(line[label.end() :], maxsplit=1)[0]
        found.append(plain(_SEAL.sub("", value)).strip("_:")[:LONGEST_TITLE])
    return [value for value in found if value]


def _units_in_title(cell: str, known: Vocabulary) -> list[str]:
    """Known units that a title opens with or holds in brackets; lines with a colon and notes are not titles."""
    found: list[str] = []
    for text in re.split(r"\s{2,}|\n", cell):
        if ":" not in text and not is_note(text):
            rest = known.without_forms(times_in(collapse(text)).rest)
            for piece in SEPARATORS.split(rest):
                found += known.at_start(piece)
    return found
