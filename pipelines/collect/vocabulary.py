"""The words by which forms, reporting units and months are known, as people write them.

Belongs here: labels and names of forms, names of units with what stands before and after them, months in text, what a name of
file or folder says in these words, small helpers for text. Does not belong here: where in a file the words are looked for
(`signals`), or what follows from them (`identify`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from pipelines.collect.containers import Cell
from pipelines.collect.dates import CHINESE_DAYS, read_month
from pipelines.collect.labels import normalised_label, plain
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import Alias, ReportingUnit

LONGEST_LABEL = 40  # characters; what is longer is none

_HAN = r"\u4e00-\u9fff"
_PLACE_LIKE = re.compile(rf"[{_HAN}]{{1,20}}(?:县|区|市)")
_OWN_AREA = re.compile(r"(?:我|本|全)(?:县|区)")  # says which of its own areas a unit means, not which unit it is
_OFFICE = re.compile(
    rf"(?:[{_HAN}]{{0,10}}科[{_HAN}]{{0,10}}|统计)局|科协|科学技术协会|(?:人民)?政府(?:办公室|办)?|管委会|管理委员会"
)
_OFFICE_NAMES = {"科学技术局": "科技局", "科学技术协会": "科协"}
# 宛城县, 官庄镇, 唐河高新区 are not 宛城, 官庄, 唐河; 唐河技术市场 is.
_OTHER_PLACE = re.compile(rf"[镇乡村]|街道|[{_HAN}]{{0,6}}?(?:县(?!域)|区(?![域划块间])|市(?!场))")
SEPARATORS = re.compile(r"[_\s/\\\-—–~+,，、。.()\[\]【】〔〕《》“”\"']+")
_NOISE = re.compile(
    r"\(\d+\)|第[\d一二三四五六七八九十]+[次稿版]|终稿|定稿|最终版?|修改[版稿]?|修订[版稿]?|更正|补报|副本|复件|练习"
)
_SPACED = re.compile(rf"(?<![{_HAN}])[{_HAN}](?: +[{_HAN}])+(?![{_HAN}])")

# Months, in text of ordinary width. A single digit is a month only before 月: 2022-1 may be October's lost zero.
_Y, _M = r"(?<!\d)(20\d{2}|\d{2}(?=\s*年))", r"(0?[1-9]|1[0-2])"
_DASH = r"\s*[-—–~至到]+\s*"
_DAY = r"(?:\s*年\s*{m}\s*月\s*\d{{1,2}}\s*[日号]|\s*[-./]\s*{m}\s*[-./]\s*\d{{1,2}}(?!\d))"
_DAYS = re.compile(rf"{_Y}{_DAY.format(m=_M)}{_DASH}(?:(20\d{{2}})\s*[-./年]\s*)?{_M}\s*[-./月]\s*\d{{1,2}}(?!\d)\s*日?")
_ONE_DAY = re.compile(rf"(截[至止]到?)?\s*{_Y}{_DAY.format(m=_M)}|(?<!\d)(20\d{{2}})(0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?!\d)")
_MONTHS = re.compile(rf"{_Y}\s*[-./年_]?\s*{_M}\s*月?份?{_DASH}(?:(20\d{{2}})\s*[-./年]\s*)?{_M}\s*月份?")
_ONE_MONTH = re.compile(rf"{_Y}\s*(?:年度?|[-./_])?\s*(0[1-9]|1[0-2]|[1-9](?=\s*月))(?!\d)\s*月?份?")
_BARE = re.compile(rf"(?<![\d.])(?:{_M}\s*月?份?{_DASH})?{_M}\s*月份?")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)\s*年?度?")
_IN_WORDS = re.compile(  # 二〇二二年十月, 二○二二年一至十月
    r"二[〇○零O0][〇○零O0一二三四五六七八九]{2}\s*年\s*(?:一\s*月?\s*[-—–~至到]+\s*)?[一二三四五六七八九十]{1,2}\s*月"
)
_HALF_IN_WORDS = re.compile(r"(?<!\d)20\d{2}\s*年\s*(?:1\s*月?\s*[-—–~至到]+\s*)?[一二三四五六七八九十]{1,2}\s*(?:月|[-—–~至到])")
_PART_IN_WORDS = re.compile(
    r"[一二三四五六七八九十廿卅]{1,3}(?=\s*(?:[月日号]|[-—–~至到]+\s*[一二三四五六七八九十\d]{1,2}\s*月))"
)


# Names of forms and units.


@dataclass(frozen=True)
class NameSays:
    """What a file's own name, or its folders', say; `strangers` look like units and are none."""

    forms: tuple[str, ...]
    unit_names: tuple[str, ...]
    strangers: tuple[str, ...]
    times: Times


class Vocabulary:
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
        above = {name for unit in units.values() for name in unit.above}
        self.above = (*sorted(above, key=len, reverse=True), "市")
        self.entries: dict[str, list[tuple[str, Alias]]] = {}
        for unit in units.values():
            for name, alias in self._names_of(unit):
                self.entries.setdefault(name, []).append((unit.reporting_unit_id, alias))
        # Only counties and zones open a longer text: the city before its county is not meant.
        local = {
            name
            for name, found in self.entries.items()
            if not name[0].isascii() and any(units[unit_id].unit_kind in ("county", "zone") for unit_id, _ in found)
        }
        # 科技局 without its city or county before it: every county has one too. 市场监管局 begins with no city.
        departments = {name for unit in units.values() if unit.unit_kind == "department" for name, _ in self._names_of(unit)}
        self.bare_offices = {name for name in departments if not re.match(rf"[A-Z0-9]|市(?!场)|{_either(above)}", name)}
        self.opening = re.compile(rf"(?:{_either(self.above)})??({_either(local)})")
        self.code_like = re.compile(rf"(?:{_either({unit_id[:2] for unit_id in units})})\d{{4}}")

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

    def read_name(self, text: str, *, is_folder: bool = False) -> NameSays:
        """What a name says. A form must stand alone in a folder's name: 技术合同与高企 is a folder for more than one."""
        text = ordinary(text)
        ids = tuple(_key(found) for found in self.unit_ids.findall(text))
        times = times_in(self.unit_ids.sub(" ", text))
        words = self.form_alone if is_folder else self.form_anywhere
        forms = once(self.form_words[found] for found in words.findall(times.rest))
        rest = _NOISE.sub(" ", words.sub(" ", times.rest))
        names, strangers = list(ids), []
        for piece in SEPARATORS.split(collapse(rest)):
            found = self.units_named(piece)
            names += found
            if not found and self.looks_like_unit(piece):
                strangers.append(piece)
        return NameSays(forms, once(names), once(strangers), times)

    def units_named(self, text: str) -> list[str]:
        """Names (keys of `entries`) that a text is or opens with."""
        name = self.whole(text)
        return [name] if name else self.at_start(text)

    def whole(self, text: str) -> str | None:
        """The name that a text as a whole is: exactly; without the city before it; with the office of the unit after it."""
        text = _key(text)
        inner = re.search(r"\(([^()]*)\)", text)
        variants = (text, re.sub(r"\([^()]*\)", "", text), inner[1] if inner else "")
        found = [name for variant in variants if (name := self._without_brackets(variant)) is not None]
        # 科技局（宛城区） and 宛城区（科技局） are the county's.
        return next((name for name in found if name not in self.bare_offices), next(iter(found), None))

    def _without_brackets(self, text: str) -> str | None:
        for bare in self._unprefixed(text):
            for office, short in (("", ""), *_OFFICE_NAMES.items()):
                if (name := bare.replace(office, short) if office else bare) in self.entries:
                    return name
        opening = self.opening.match(text)
        return opening[1] if opening and _OFFICE.fullmatch(text[opening.end() :]) else None

    def at_start(self, text: str) -> list[str]:
        """The county or zone that a text opens with; two where another one follows at once: 南召县鸭河工区 may be either."""
        text = _key(text)
        opening = self.opening.match(text)
        if opening is None:
            return []
        name, rest = opening[1], text[opening.end() :]
        is_whole_name = name.endswith(("县", "区", "市"))
        next_one = self.at_start(rest) if rest and is_whole_name else []
        if not next_one and (self._is_place_like(rest) or (not is_whole_name and _OTHER_PLACE.match(rest))):
            return []
        return [name, *next_one]

    def _names_of(self, unit: ReportingUnit) -> Iterable[tuple[str, Alias]]:
        """Every name of a unit as it compares, with its dates; a zone's also without the city before it: 高新技术产业开发区."""
        yield _key(unit.reporting_unit_id), unit.names[0]
        for alias in unit.names:
            name = _key(alias.name)
            yield name, alias
            without_city = next((name.removeprefix(above) for above in self.above if name.startswith(above)), name)
            if unit.unit_kind == "zone" and without_city != name and len(without_city) > 3:
                yield without_city, alias

    def _unprefixed(self, text: str) -> Iterable[str]:
        """The text, then without the city, with or without its province, or 市 before it."""
        yield text
        for above in self.above:
            if text.startswith(above):
                yield text.removeprefix(above)

    def _is_place_like(self, text: str) -> bool:
        return _PLACE_LIKE.fullmatch(text) is not None or self.code_like.fullmatch(text) is not None

    def looks_like_unit(self, text: str) -> bool:
        """Whether a word is a place that reports, or its office, by its looks: some county, its 科技局, a six-digit code."""
        if _OWN_AREA.fullmatch(text):
            return False
        opening = re.match(rf"[{_HAN}]{{1,10}}?(?:县|区|市)", text)
        is_office = opening is not None and _OFFICE.fullmatch(text[opening.end() :]) is not None
        return self._is_place_like(text) or is_office

    def unit_ids_of(self, names: Iterable[str], month: str | None) -> tuple[str, ...]:
        """The units that bear the names in the month; where nobody does, those that bear them at another time."""
        found: list[str] = []
        for name in names:
            entries = self.entries[name]
            found += [unit_id for unit_id, alias in entries if month and alias.holds_in(month)] or [each for each, _ in entries]
        return once(found)

    def out_of_use(self, name: str, month: str) -> str | None:
        """That a name is not in use in the month, in words; None when it is."""
        entries = self.entries[name]
        if any(alias.holds_in(month) for _, alias in entries):
            return None
        unit_id, alias = entries[0]
        since = f"自 {alias.valid_from:%Y-%m} 起使用" if alias.valid_from and month < f"{alias.valid_from:%Y-%m}" else None
        until = since or f"只用到 {alias.valid_to:%Y-%m}"
        in_use = next((each.name for each in self.units[unit_id].names if each.holds_in(month)), None)
        then = f"，{month} 应写“{in_use}”" if in_use else f"，{month} 没有这个填报单位"
        return f"“{name}”这一名称{until}{then}"

    def near(self, name: str) -> tuple[str, ...]:
        """Units whose names are nearest to a misspelt one."""
        spelt = [each for each in self.entries if not each[0].isascii()]
        return self.unit_ids_of(get_close_matches(_key(name), spelt, n=3, cutoff=0.5), None)

    def shown(self, value: str) -> str:
        if value in self.forms:
            return self.forms[value].title
        return self.units[value].reporting_unit_name if value in self.units else value


_last: list[Vocabulary] = []


def vocabulary_of(forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Vocabulary:
    """The vocabulary of these very dictionaries, which a load never changes; the last one made is kept."""
    kept = _last[0] if _last else None
    if kept is None or kept.forms is not forms or kept.units is not units:
        kept = Vocabulary(forms, units)
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


# Months in text.


@dataclass(frozen=True)
class Times:
    """When a text is of.

    Attributes:
        months: YYYY-MM; `bare`: months without a year, as two digits; `years`: years without a month.
        days: months of whole dates and of spans that begin in the midst of a year: at most a hint.
        rest: the text without all these.
    """

    months: tuple[str, ...]
    bare: tuple[str, ...]
    years: tuple[str, ...]
    days: tuple[str, ...]
    rest: str


@lru_cache(maxsize=5_000)
def times_in(text: str) -> Times:
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

    if _HALF_IN_WORDS.search(text):  # 2022年十月份
        text = _PART_IN_WORDS.sub(lambda found: str(CHINESE_DAYS.get(found[0], found[0])), text)
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
    return Times(once(months), once(bare), once(years), once(days), text)


def _is_to_date(start: str, end: str) -> bool:
    """Whether a span of months is one month, or goes from January on; another one is no month."""
    return start == end or (start.endswith("-01") and start[:4] == end[:4])


def _month(year: str, month: str) -> str:
    return f"{int(year) % 100 + 2000}-{int(month):02d}"


def dated(bare: Iterable[str], years: Iterable[str]) -> tuple[str, ...]:
    """Months without a year in the one year there is; nothing when there is none or several."""
    distinct = set(years)
    return tuple(f"{year}-{month}" for year in distinct for month in bare) if len(distinct) == 1 else ()


# Small helpers for text.


def ordinary(text: str) -> str:
    """The text in ordinary width; white space is kept, since it parts words."""
    return unicodedata.normalize("NFKC", text)


def collapse(text: str) -> str:
    """Names spaced out for looks joined again: 宛 城 区."""
    return _SPACED.sub(lambda found: found[0].replace(" ", ""), text)


def _key(name: str) -> str:
    return plain(name).upper()


def _either(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; one that matches nothing when there are none."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def once(values: Iterable[str]) -> tuple[str, ...]:
    """The values without repetition, in their order."""
    return tuple(dict.fromkeys(values))
