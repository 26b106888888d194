"""Which form, reporting unit and month a file belongs to.

Belongs here: the signals (hidden metadata sheet and document properties of the template; folder and file name; header, title
rows and names of the visible sheets) and how they are weighed. Does not belong here: reading the table.

A signal that is silent is filled in by the next one. Two that speak and differ, or none that speaks, give an `Identity` with
`problem`, never a guess. So does a title line that differs from everything else: titles are typed over last month's workbook,
and where last month's title was left in, last month's rows may have been left in too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from pathlib import PurePosixPath

from pipelines.collect.containers import Cell, Container
from pipelines.collect.dates import read_month
from pipelines.collect.labels import is_note, normalised_label, plain
from pipelines.forms.identity import GUIDE_SHEET, METADATA_SHEET, PRACTICE_BANNER, PROPERTY_PREFIX
from pipelines.forms.model import Alias, Form, ReportingUnit

PRACTICE_MARK = "练习"
PRACTICE_FOLDER = "practice"
HEAD_ROWS = 40  # header and titles stand in the first rows or nowhere
HEADER_DEPTH = 3  # a header block is matched over so many rows together
ENOUGH_LABELS = 0.6  # share of a form's required labels that must stand in a header to name the form
LONGEST_LABEL, LONGEST_TITLE, LONGEST_LINE = 40, 80, 1_000  # characters; what is longer is none, or looked at so far
PROVINCE, CITY = "河南省", "南阳"

INSIDE, PROPERTIES, FOLDER, NAME, TABLE = "工作簿内", "工作簿属性", "文件夹", "文件名", "表头和标题"

_HAN = r"\u4e00-\u9fff"
_UNIT_LIKE = re.compile(rf"[{_HAN}]{{1,20}}(?:县|区|市)|41\d{{4}}")
_OWN_AREA = re.compile(r"(?:我|本|全)(?:县|区)")  # says which of its own areas a unit means, not which unit it is
_OFFICE = re.compile(
    rf"(?:[{_HAN}]{{0,10}}科[{_HAN}]{{0,10}}|统计)局|科协|科学技术协会|(?:人民)?政府(?:办公室|办)?|管委会|管理委员会"
)
_OFFICE_NAMES = {"科学技术局": "科技局", "科学技术协会": "科协"}
# 宛城县, 官庄镇, 唐河高新区 are not 宛城, 官庄, 唐河; 唐河技术市场 is.
_OTHER_PLACE = re.compile(rf"[镇乡村]|街道|[{_HAN}]{{0,6}}?(?:县(?!域)|区(?![域划块间])|市(?!场))")
_SEPARATORS = re.compile(r"[_\s/\\\-—–~+,，、。.()\[\]【】〔〕《》“”\"']+")
_NOISE = re.compile(
    r"\(\d+\)|第[\d一二三四五六七八九十]+[次稿版]|终稿|定稿|最终版?|修改[版稿]?|修订[版稿]?|更正|补报|副本|复件|练习"
)
_SPACED = re.compile(rf"(?<![{_HAN}])[{_HAN}](?: +[{_HAN}])+(?![{_HAN}])")
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

# Months, in text of ordinary width. A single digit is a month only before 月: 2022-1 may be October's lost zero.
_Y, _M = r"(?<!\d)(20\d{2}|\d{2}(?=\s*年))", r"(0?[1-9]|1[0-2])"
_DASH = r"\s*[-—–~至到]+\s*"
_DAY = r"(?:\s*年\s*{m}\s*月\s*\d{{1,2}}\s*[日号]|\s*[-./]\s*{m}\s*[-./]\s*\d{{1,2}}(?!\d))"
_NOT_REPORTED = re.compile(
    r"(?:(?:填报|填表|制表|报出|报送|上报|打印|审核)(?:日期|时间)|有效期限?至?|批准文号|制定日期)\s*:?[\s\d年月日./-]*"
    r"|20\d{2}\s*年\s*\d{1,2}\s*月\s*(?:制定|修订|印发)"
)
_DAYS = re.compile(rf"{_Y}{_DAY.format(m=_M)}{_DASH}(?:(20\d{{2}})\s*[-./年]\s*)?{_M}\s*[-./月]\s*\d{{1,2}}(?!\d)\s*日?")
_ONE_DAY = re.compile(rf"(截[至止]到?)?\s*{_Y}{_DAY.format(m=_M)}|(?<!\d)(20\d{{2}})(0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)")
_MONTHS = re.compile(rf"{_Y}\s*[-./年_]?\s*{_M}\s*月?份?{_DASH}(?:(20\d{{2}})\s*[-./年]\s*)?{_M}\s*月份?")
_ONE_MONTH = re.compile(rf"{_Y}\s*(?:年度?|[-./_])?\s*(0[1-9]|1[0-2]|[1-9](?=\s*月))(?!\d)\s*月?份?")
_BARE = re.compile(rf"(?<![\d.])(?:{_M}\s*月?份?{_DASH})?{_M}\s*月份?")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)\s*年?度?")
_IN_WORDS = re.compile(  # 二〇二二年十月, 二○二二年一至十月
    r"二[〇○零O0][〇○零O0一二三四五六七八九]{2}\s*年\s*(?:一\s*月?\s*[-—–~至到]+\s*)?[一二三四五六七八九十]{1,2}\s*月"
)
_ISO_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


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


@dataclass(frozen=True)
class SheetSays:
    """What a visible sheet says about itself.

    Attributes:
        fits: forms whose header stands on it -> share of their required labels found.
        unit_names, months: as in `Signals`.
        bare_months: months without a year, as two digits; `years`: years without a month.
    """

    name: str
    fits: Mapping[str, float] = field(default_factory=dict)
    unit_names: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    bare_months: tuple[str, ...] = ()
    years: tuple[str, ...] = ()


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
    known = _vocabulary(forms, units)
    stated, contradicted = _stated(container)
    visible = [sheet for sheet in container.sheets if not sheet.is_hidden and sheet.name not in (GUIDE_SHEET, METADATA_SHEET)]
    heads = [(sheet, sheet.head(HEAD_ROWS)) for sheet in visible]
    found = [(sheet, rows, _find_header(rows, known)) for sheet, rows in heads]
    # Sheets without any form's header are covers, lists and notes, and may name anybody; a header that has drifted too far
    # to name its form is listened to while there is no better one.
    spoken = [each for each in found if each[2].fits] or [each for each in found if each[2].row is not None]
    sheets = tuple(_sheet_says(sheet.name, rows[: header.row], header.fits, known) for sheet, rows, header in spoken)
    fits = _best_fits(sheets)
    return Signals(
        stated=stated,
        forms=tuple(sorted(fits, key=lambda form: -fits[form])),
        unit_names=_once(name for sheet in sheets for name in sheet.unit_names),
        months=_once(month for sheet in sheets for month in sheet.months),
        contradicted=contradicted,
        is_marked_practice=any(
            isinstance(cell, str) and PRACTICE_BANNER in cell
            for _, rows, header in spoken
            for row in rows[: header.row]
            for cell in row
        ),
        sheets=sheets,
    )


def identify(signals: Signals | None, file_name: str, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Identity:
    """Identify a file from its signals and its name relative to `raw/`.

    Args:
        signals: what its content says, or None when it could not be read: then only the name speaks.
    """
    known = _vocabulary(forms, units)
    signals = signals or Signals()
    path = PurePosixPath(file_name)
    folder = known.read_name("/".join(path.parts[:-1]), is_folder=True)
    own = known.read_name(path.name if path.suffix[1:].isdigit() else path.stem)

    form = _settle("报表", _form_claims(signals, folder, own), known)
    month = _settle("月份", _month_claims(signals, folder, own), known)
    unit = _settle("填报单位", _unit_claims(signals, folder, own, month.value, known), known)
    names = [*folder.unit_names, *own.unit_names, *_known_names(signals.unit_names, known)]
    problems = [
        *(_unknown(what, settled.value, known) for what, settled in (("报表", form), ("填报单位", unit), ("月份", month))),
        form.problem,
        *(f"没有名为“{name}”的填报单位" for name in own.strangers),
        unit.problem,
        *(known.out_of_use(name, month.value) for name in _once(names) if unit.value is not None and month.value is not None),
        month.problem,
    ]
    missing = [
        what
        for what, settled in (("报表", form), ("填报单位", unit), ("月份", month))
        if settled.value is None and settled.problem is None and not (what == "填报单位" and own.strangers)
    ]
    if missing:
        problems.append(f"认不出{'、'.join(missing)}")
    problem = "；".join(_once(each for each in problems if each)) or None
    return Identity(
        form=form.value,
        reporting_unit_id=unit.value,
        month=month.value,
        is_practice=PRACTICE_FOLDER in path.parts[:1]
        or PRACTICE_MARK in file_name
        or signals.is_marked_practice
        or "1" in (signals.stated.get("is_practice"), signals.contradicted.get("is_practice")),
        prepared_on=_day(signals.stated.get("prepared_on")),
        problem=problem,
        advice=_advice(form, unit, month, signals, own, path, known) if problem else "",
    )


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


def _find_header(rows: Sequence[Sequence[Cell]], known: _Vocabulary) -> _Header:
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


def _best_window(matches: list[dict[str, set[str]]], start: int, known: _Vocabulary) -> _Header:
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


def _sheet_says(name: str, titles: Sequence[Sequence[Cell]], fits: Mapping[str, float], known: _Vocabulary) -> SheetSays:
    """What the rows above the header say, and the sheet's name where they say no month."""
    lines = [_line(row) for row in titles]
    times = _times(_NOT_REPORTED.sub("  ", "  ".join(lines)))
    if not times.months and not times.bare:
        named = _times(_ordinary(name[:LONGEST_TITLE]))
        times = _Times(named.months, named.bare, times.years or named.years)
    months = times.months or (_dated(times.bare, times.years) if len(times.years) == 1 else ())
    unit_names = _once(value for line in lines for value in _labelled_units(line))
    if not unit_names:
        cells = [_ordinary(cell) for row in titles for cell in row if isinstance(cell, str) and len(cell) <= LONGEST_TITLE]
        unit_names = _once(found for cell in cells for found in _units_in_title(cell, known))
    return SheetSays(name, dict(fits), unit_names, months, () if months else times.bare, times.years)


def _line(row: Sequence[Cell]) -> str:
    """A title row as one text, its cells two spaces apart; other cells than text only where a label calls them a month."""
    parts: list[str] = []
    for cell in row:
        if isinstance(cell, str) and cell.strip():
            parts.append(_ordinary(cell[:LONGEST_LINE]))
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


def _units_in_title(cell: str, known: _Vocabulary) -> list[str]:
    """Known units that a title opens with or holds in brackets; lines with a colon and notes are not titles."""
    found: list[str] = []
    for text in re.split(r"\s{2,}|\n", cell):
        if ":" not in text and not is_note(text):
            rest = known.without_forms(_times(_collapse(text)).rest)
            for piece in _SEPARATORS.split(rest):
                found += known.at_start(piece)
    return found


# Months in text.


@dataclass(frozen=True)
class _Times:
    """When a text is of.

    Attributes:
        months: YYYY-MM; `bare`: months without a year, as two digits; `years`: years without a month.
        days: months of whole dates and of spans that begin in the midst of a year: at most a hint.
        rest: the text without all these.
    """

    months: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    rest: str = ""


@lru_cache(maxsize=5_000)
def _times(text: str) -> _Times:
    """The months that a text of ordinary width names; a span from January on counts as its last, a whole date as none."""
    months: list[str] = []
    bare: list[str] = []
    years: list[str] = []
    days: list[str] = []

    def last_of_span(found: re.Match[str]) -> str:
        year, *first, last_year, last = found.groups()
        start, end = _month(year, next(filter(None, first))), _month(last_year or year, last)
        (months if _is_to_date(start, end) else days).append(end)
        return " "

    def one_day(found: re.Match[str]) -> str:
        parts = [part for part in found.groups() if part]
        until = found[1] is not None
        (months if until else days).append(_month(*(parts[1:] if until else parts)))
        return " "

    def one_month(found: re.Match[str]) -> str:
        months.append(_month(found[1], found[2]))
        return " "

    def one_bare(found: re.Match[str]) -> str:
        if found[1] is None or _is_to_date(_month("2000", found[1]), _month("2000", found[2])):
            bare.append(f"{int(found[2]):02d}")
        return " "

    def one_year(found: re.Match[str]) -> str:
        years.append(found[1])
        return " "

    text = _IN_WORDS.sub(lambda found: f"{read_month(found[0]) or ''} ", text)
    for pattern, take in (
        (_DAYS, last_of_span),
        (_ONE_DAY, one_day),
        (_MONTHS, last_of_span),
        (_ONE_MONTH, one_month),
        (_BARE, one_bare),
        (_YEAR, one_year),
    ):
        text = pattern.sub(take, text)
    return _Times(_once(months), _once(bare), _once(years), _once(days), text)


def _is_to_date(start: str, end: str) -> bool:
    """Whether a span of months is one month, or goes from January on; another one is no month."""
    return start == end or (start.endswith("-01") and start[:4] == end[:4])


def _month(year: str, month: str) -> str:
    return f"{int(year) % 100 + 2000}-{int(month):02d}"


def _dated(bare: Iterable[str], years: Iterable[str]) -> tuple[str, ...]:
    """Months without a year in the one year there is; nothing when there is none or several."""
    year = _only(years)
    return tuple(f"{year}-{month}" for month in bare) if year else ()


# What a name of file or folder says.


@dataclass(frozen=True)
class _NameSays:
    """What a file's own name, or its folders', say; `strangers` look like units and are none."""

    forms: tuple[str, ...] = ()
    unit_names: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    times: _Times = _Times()


class _Vocabulary:
    """The words by which forms and units are known, made ready once for all files."""

    def __init__(self, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> None:
        self.forms, self.units = forms, units
        self.labels = _labels(forms)
        self.needed = {form.form: _required_fields(form) for form in forms.values()}
        self.form_words = {
            word: form.form
            for form in reversed(forms.values())
            for word in (*(version.sheet for version in form.versions), form.title, form.form)
        }
        words = _either(self.form_words)
        self.form_anywhere = re.compile(words)
        self.form_alone = re.compile(rf"(?<![{_HAN}\w])(?:{words})(?![{_HAN}\w])")
        self.unit_ids = re.compile(rf"(?<![0-9A-Za-z])(?:{_either(units)})(?![0-9A-Za-z])", re.IGNORECASE)
        self.entries: dict[str, list[tuple[str, Alias]]] = {}
        for unit in units.values():
            for name, alias in _names_of(unit):
                self.entries.setdefault(name, []).append((unit.reporting_unit_id, alias))
        # Only counties and zones open a longer text: 南阳 in 南阳市宛城区 is not the city.
        local = {
            name
            for name, found in self.entries.items()
            if not name[0].isascii() and any(units[unit_id].unit_kind in ("county", "zone") for unit_id, _ in found)
        }
        self.opening = re.compile(rf"(?:{PROVINCE})??(?:(?:{CITY})?市|{CITY})??({_either(local)})")

    def fields_in(self, row: Sequence[Cell]) -> dict[str, set[str]]:
        """Form -> its fields whose label stands in the row."""
        found: dict[str, set[str]] = {}
        for cell in row:
            if isinstance(cell, str) and 0 < len(cell) <= LONGEST_LABEL:
                for form, name in self.labels.get(normalised_label(cell), ()):
                    found.setdefault(form, set()).add(name)
        return found

    def shares(self, matches: Iterable[Mapping[str, set[str]]]) -> dict[str, float]:
        """Form -> share of its required labels that stand in the rows together, by the lay-out that fits best."""
        together: dict[str, set[str]] = {}
        for match in matches:
            for form, names in match.items():
                together.setdefault(form, set()).update(names)
        return {form: max(len(names & needed) / len(needed) for needed in self.needed[form]) for form, names in together.items()}

    def without_forms(self, text: str) -> str:
        return self.form_anywhere.sub(" ", text)

    def read_name(self, text: str, *, is_folder: bool = False) -> _NameSays:
        """What a name says. A form must stand alone in a folder's name: 技术合同与高企 is a folder for more than one."""
        text = _ordinary(text)
        ids = tuple(_key(found) for found in self.unit_ids.findall(text))
        times = _times(self.unit_ids.sub(" ", text))
        words = self.form_alone if is_folder else self.form_anywhere
        forms = _once(self.form_words[found] for found in words.findall(times.rest))
        rest = _NOISE.sub(" ", words.sub(" ", times.rest))
        names, strangers = list(ids), []
        for piece in _SEPARATORS.split(_collapse(rest)):
            found = self.units_named(piece)
            names += found
            if not found and _looks_like_unit(piece):
                strangers.append(piece)
        return _NameSays(forms, _once(names), _once(strangers), times)

    def units_named(self, text: str) -> list[str]:
        """Names (keys of `entries`) that a text is or opens with."""
        name = self.whole(text)
        return [name] if name else self.at_start(text)

    def whole(self, text: str) -> str | None:
        """The name that a text as a whole is: exactly; without 南阳市 before it; with the office of the unit after it."""
        text = _key(text)
        inner = re.search(r"\(([^()]*)\)", text)
        for variant in (text, re.sub(r"\([^()]*\)", "", text), inner[1] if inner else ""):
            for bare in _unprefixed(variant):
                for office, short in (("", ""), *_OFFICE_NAMES.items()):
                    if (name := bare.replace(office, short) if office else bare) in self.entries:
                        return name
            opening = self.opening.match(variant)
            if opening and _OFFICE.fullmatch(variant[opening.end() :]):
                return opening[1]
        return None

    def at_start(self, text: str) -> list[str]:
        """The county or zone that a text opens with; two where another one follows at once: 南召县鸭河工区 may be either."""
        opening = self.opening.match(_key(text))
        if opening is None:
            return []
        name, rest = opening[1], _key(text)[opening.end() :]
        is_whole_name = name.endswith(("县", "区", "市"))
        next_one = self.at_start(rest) if rest and is_whole_name else []
        if not next_one and (_UNIT_LIKE.fullmatch(rest) or (not is_whole_name and _OTHER_PLACE.match(rest))):
            return []
        return [name, *next_one]

    def unit_ids_of(self, names: Iterable[str], month: str | None) -> tuple[str, ...]:
        """The units that bear the names in the month; where nobody does, those that bear them at another time."""
        found: list[str] = []
        for name in names:
            entries = self.entries[name]
            found += [unit_id for unit_id, alias in entries if month and alias.holds_in(month)] or [each for each, _ in entries]
        return _once(found)

    def out_of_use(self, name: str, month: str | None) -> str | None:
        """That a name is not in use in the month, in words; None when it is."""
        entries = self.entries[name]
        if month is None or any(alias.holds_in(month) for _, alias in entries):
            return None
        unit_id, alias = entries[0]
        since = f"自 {alias.valid_from:%Y-%m} 起使用" if alias.valid_from and month < f"{alias.valid_from:%Y-%m}" else None
        until = since or f"只用到 {alias.valid_to:%Y-%m}"
        in_use = next((each.name for each in self.units[unit_id].names if each.holds_in(month)), None)
        then = f"，{month} 应写“{in_use}”" if in_use else f"，{month} 没有这个填报单位"
        return f"“{name}”这一名称{until}{then}"

    def near(self, name: str) -> list[str]:
        """Units whose names are nearest to a misspelt one."""
        spelt = [each for each in self.entries if not each[0].isascii()]
        return list(self.unit_ids_of(get_close_matches(_key(name), spelt, n=3, cutoff=0.5), None))

    def shown(self, value: str) -> str:
        if value in self.forms:
            return self.forms[value].title
        return self.units[value].reporting_unit_name if value in self.units else value


_last: list[_Vocabulary] = []


def _vocabulary(forms: dict[str, Form], units: dict[str, ReportingUnit]) -> _Vocabulary:
    """The vocabulary of these very dictionaries, which a load never changes; the last one made is kept."""
    kept = _last[0] if _last else None
    if kept is None or kept.forms is not forms or kept.units is not units:
        kept = _Vocabulary(forms, units)
        _last[:] = [kept]
    return kept


def _labels(forms: dict[str, Form]) -> dict[str, tuple[tuple[str, str], ...]]:
    """Normalised label or alias -> the (form, field) it may name."""
    labels: dict[str, tuple[tuple[str, str], ...]] = {}
    for form in forms.values():
        for each in form.fields:
            for label in {normalised_label(title) for title in (each.label, *each.aliases)}:
                labels[label] = (*labels.get(label, ()), (form.form, each.name))
    return labels


def _required_fields(form: Form) -> set[frozenset[str]]:
    """The required fields (all, where none is) of each lay-out the form ever had."""
    months = {version.from_month for version in form.versions} | {each.since for each in form.fields if each.since}
    layouts = [form.at(month).fields for month in months]
    return {
        frozenset(each.name for each in fields if each.required) or frozenset(each.name for each in fields) for fields in layouts
    }


def _names_of(unit: ReportingUnit) -> Iterable[tuple[str, Alias]]:
    """Every name of a unit as it compares, with its dates; a zone's also without 南阳: 高新技术产业开发区."""
    yield _key(unit.reporting_unit_id), unit.names[0]
    for alias in unit.names:
        name = _key(alias.name)
        yield name, alias
        without_city = name.removeprefix(f"{CITY}市").removeprefix(CITY)
        if unit.unit_kind == "zone" and without_city != name and len(without_city) > 3:
            yield without_city, alias


def _unprefixed(text: str) -> Iterable[str]:
    """The text, then without the province, the city, or 市 before it."""
    yield text
    text = text.removeprefix(PROVINCE)
    yield text
    for prefix in (f"{CITY}市", CITY, "市"):
        if text.startswith(prefix):
            yield text.removeprefix(prefix)


def _looks_like_unit(text: str) -> bool:
    """Whether a word is a place that reports, or its office, by its looks: 南阳县, 南阳县科技局, 411399."""
    if _OWN_AREA.fullmatch(text):
        return False
    opening = re.match(rf"[{_HAN}]{{1,10}}?(?:县|区|市)", text)
    is_office = opening is not None and _OFFICE.fullmatch(text[opening.end() :]) is not None
    return _UNIT_LIKE.fullmatch(text) is not None or is_office


# How the signals are weighed.


@dataclass(frozen=True)
class _Claim:
    """What one source says; several values where it holds several."""

    source: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class _Settled:
    """A value all sources agree on, or why there is none; neither when all are silent."""

    value: str | None = None
    problem: str | None = None
    claims: tuple[_Claim, ...] = ()


def _settle(what: str, claims: Sequence[_Claim], known: _Vocabulary) -> _Settled:
    """The value of the first source that names a single one, if every other source that speaks allows it."""
    spoken = tuple(claim for claim in claims if claim.values)
    if not spoken:
        return _Settled()
    value = next((claim.values[0] for claim in spoken if len(claim.values) == 1), None)
    if value is not None and all(value in claim.values for claim in spoken):
        return _Settled(value, claims=spoken)
    if len(spoken) == 1:
        return _Settled(problem=f"{spoken[0].source}里不止一个{what}：{_listed(spoken[0].values, known)}", claims=spoken)
    by_values: dict[tuple[str, ...], list[str]] = {}
    for claim in spoken:
        by_values.setdefault(claim.values, []).append(claim.source)
    said = "，".join(f"{'和'.join(sources)}是“{_listed(values, known)}”" for values, sources in by_values.items())
    return _Settled(problem=f"{what}说法不一致：{said}", claims=spoken)


def _form_claims(signals: Signals, folder: _NameSays, own: _NameSays) -> list[_Claim]:
    claims = [*_inside("form", signals), _Claim(FOLDER, folder.forms), _Claim(NAME, own.forms)]
    by_header = signals.forms
    if not any(claim.values for claim in claims) and (fits := _best_fits(signals.sheets)):
        by_header = tuple(form for form in by_header if fits[form] == max(fits.values()))
    return [*claims, _Claim(TABLE, by_header)]


def _unit_claims(signals: Signals, folder: _NameSays, own: _NameSays, month: str | None, known: _Vocabulary) -> list[_Claim]:
    titled = list(known.unit_ids_of(_known_names(signals.unit_names, known), month))
    # A place that is no unit still contradicts; a name that is no place (科技股) says nothing.
    titled += [name for name in signals.unit_names if not known.units_named(name) and _looks_like_unit(name)]
    return [
        *_inside("reporting_unit_id", signals),
        _Claim(FOLDER, known.unit_ids_of(folder.unit_names, month)),
        _Claim(NAME, known.unit_ids_of(own.unit_names, month)),
        _Claim(TABLE, tuple(titled)),
    ]


def _month_claims(signals: Signals, folder: _NameSays, own: _NameSays) -> list[_Claim]:
    """Months by source; one written without its year takes the year from wherever there is one."""
    inside = _inside("month", signals)
    in_titles = _once(month for sheet in signals.sheets for month in (*sheet.years, *(each[:4] for each in sheet.months)))
    years = [
        own.times.years or tuple(month[:4] for month in own.times.months),
        folder.times.years or tuple(month[:4] for month in folder.times.months),
        tuple(value[:4] for claim in inside for value in claim.values),
        in_titles,
    ]
    year = next((_once(each) for each in years if each), ())
    bare = _once(month for sheet in signals.sheets for month in sheet.bare_months)
    return [
        *inside,
        _Claim(FOLDER, folder.times.months or _dated(folder.times.bare, year)),
        _Claim(NAME, own.times.months or _dated(own.times.bare, year)),
        _Claim(TABLE, _once((*signals.months, *_dated(bare, year)))),
    ]


def _inside(key: str, signals: Signals) -> list[_Claim]:
    stated = [(INSIDE, signals.stated.get(key)), (PROPERTIES, signals.contradicted.get(key))]
    return [_Claim(source, (value,)) for source, value in stated if value]


def _unknown(what: str, value: str | None, known: _Vocabulary) -> str | None:
    """That a value on which all agree names nothing there is."""
    match what:
        case "报表" if value is not None and value not in known.forms:
            return f"没有名为“{value}”的报表"
        case "填报单位" if value is not None and value not in known.units:
            return f"没有{'代码' if value[0].isdigit() else '名'}为“{value}”的填报单位"
        case "月份" if value is not None and not _ISO_MONTH.fullmatch(value):
            return f"“{value}”不是“年-月”"
    return None


def _advice(
    form: _Settled,
    unit: _Settled,
    month: _Settled,
    signals: Signals,
    own: _NameSays,
    path: PurePosixPath,
    known: _Vocabulary,
) -> str:
    """What the file may be, and what to do."""
    forms = _candidates(form, known.forms) or tuple(known.forms)
    strangers = [*own.strangers, *(name for name in signals.unit_names if not known.units_named(name))]
    units = _once((*_candidates(unit, known.units), *chain.from_iterable(known.near(name) for name in strangers)))
    months = _once((*(each for claim in month.claims for each in claim.values if _ISO_MONTH.fullmatch(each)), *own.times.days))
    possible = [
        f"{what} {_listed(values, known)}" for what, values in (("报表", forms), ("填报单位", units), ("月份", months)) if values
    ]
    example = "_".join(
        (
            known.shown(forms[0]) if forms else "报表名",
            known.shown(units[0]) if units else "宛城区",
            months[0] if months else "2022-10",
        )
    )
    ending = path.suffix if path.suffix and not path.suffix[1:].isdigit() else ".xlsx"
    name = f"“报表名_填报单位_年-月”，如 {example}{ending}"
    if any(claim.source == TABLE for each in (form, unit, month) if each.problem for claim in each.claims):
        to_do = f"请核对表格和标题（可能是上次留下的）：标题错了改标题，文件名错了改成{name}"
    else:
        to_do = f"请把文件名改成{name}，或用下发给本单位的模板重新填报"
    return f"可能是：{'；'.join(possible)}。{to_do}"


def _candidates(settled: _Settled, existing: Collection[str]) -> tuple[str, ...]:
    return _once(value for claim in settled.claims for value in claim.values if value in existing)


def _best_fits(sheets: Iterable[SheetSays]) -> dict[str, float]:
    """Form -> its best share of labels on any sheet."""
    fits: dict[str, float] = {}
    for sheet in sheets:
        for form, share in sheet.fits.items():
            fits[form] = max(share, fits.get(form, 0))
    return fits


def _known_names(written: Iterable[str], known: _Vocabulary) -> tuple[str, ...]:
    return _once(name for each in written for name in known.units_named(each))


def _listed(values: Iterable[str], known: _Vocabulary) -> str:
    return "、".join(known.shown(value) for value in values)


def _ordinary(text: str) -> str:
    """The text in ordinary width; white space is kept, since it parts words."""
    return unicodedata.normalize("NFKC", text)


def _collapse(text: str) -> str:
    """Names spaced out for looks joined again: 宛 城 区."""
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), text)


def _key(name: str) -> str:
    return plain(name).upper()


def _either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; one that matches nothing when there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _only(values: Iterable[str]) -> str | None:
    distinct = set(values)
    return next(iter(distinct)) if len(distinct) == 1 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
