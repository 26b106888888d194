"""Which form, reporting unit and month a file belongs to.

Belongs here: how what the inside of a file says (`signals`) and what the names of file and folders say are weighed, and what
to advise where they settle nothing. Does not belong here: the words by which they say it (`vocabulary`), or reading the table
(`table`).

A signal that is silent is filled in by the next one. Two that speak and differ, or none that speaks, give an `Identity` with
`problem`, never a guess. So does a title line that differs from everything else: titles are typed over last month's workbook,
and where last month's title was left in, last month's rows may have been left in too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import PurePosixPath

from pipelines.collect.signals import Signals, best_fits
from pipelines.collect.terms import CANNOT_TELL, PRACTICE_FOLDER, Identity
from pipelines.collect.vocabulary import NameSays, Vocabulary, dated, once, vocabulary_of
from pipelines.forms.identity import PRACTICE_MARK
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import ReportingUnit

INSIDE, PROPERTIES, FOLDER, NAME, TABLE = "工作簿内", "工作簿属性", "文件夹", "文件名", "表头和标题"
_IDENTITY = ("form", "reporting_unit_id", "month")
_ISO_MONTH = re.compile(r"20[0-9]{2}-(?:0[1-9]|1[0-2])")


def identify(signals: Signals | None, file_name: str, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Identity:
    """Identify a file from its signals and its name relative to `raw/`.

    Args:
        signals: what its content says, or None when it could not be read: then only the name speaks.
    """
    known = vocabulary_of(forms, units)
    signals = signals or Signals()
    path = PurePosixPath(file_name)
    folder = known.read_name("/".join(path.parts[:-1]), is_folder=True)
    own = known.read_name(path.name if path.suffix[1:].isdigit() else path.stem)

    form = _settle("报表", _form_claims(signals, folder, own), known)
    month = _settle("月份", _month_claims(signals, folder, own), known)
    unit = _settle("填报单位", _unit_claims(signals, folder, own, month.value, known), known)
    answers = (("报表", form), ("填报单位", unit), ("月份", month))
    names = [*folder.unit_names, *own.unit_names, *_known_names(signals.unit_names, known)]
    problems = [
        *(_unknown(what, settled.value, known) for what, settled in answers),
        form.problem,
        *(f"没有名为“{name}”的填报单位" for name in own.strangers),
        unit.problem,
        *(known.out_of_use(name, month.value) for name in names if unit.value is not None and month.value is not None),
        month.problem,
    ]
    missing = [
        what
        for what, settled in answers
        if settled.value is None and settled.problem is None and not (what == "填报单位" and own.strangers)
    ]
    if missing:
        problems.append(f"{CANNOT_TELL}{'、'.join(missing)}")
    problem = "；".join(once(each for each in problems if each)) or None
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


def _settle(what: str, claims: Sequence[_Claim], known: Vocabulary) -> _Settled:
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


def _form_claims(signals: Signals, folder: NameSays, own: NameSays) -> list[_Claim]:
    claims = [*_inside("form", signals), _Claim(FOLDER, folder.forms), _Claim(NAME, own.forms)]
    by_header = signals.forms
    if not any(claim.values for claim in claims) and (fits := best_fits(signals.sheets)):
        by_header = tuple(form for form in by_header if fits[form] == max(fits.values()))
    return [*claims, _Claim(TABLE, by_header)]


def _unit_claims(signals: Signals, folder: NameSays, own: NameSays, month: str | None, known: Vocabulary) -> list[_Claim]:
    """Units by source; 科技局 alone beside a county is the county's own, and says nothing."""
    inside = _inside("reporting_unit_id", signals)
    told = [_known_names(names, known) for names in (folder.unit_names, own.unit_names, signals.unit_names)]
    said = {unit_id for names in told for unit_id in known.unit_ids_of(names, month)}
    said.update(value for claim in inside for value in claim.values)
    if any(known.units[each].unit_kind != "department" for each in said & known.units.keys()):
        told = [[name for name in names if name not in known.bare_offices] for names in told]
    by_folder, by_name, by_title = (known.unit_ids_of(names, month) for names in told)
    titled = list(by_title)
    # A place that is no unit still contradicts; a name that is no place (科技股) says nothing.
    titled += [name for name in signals.unit_names if not known.units_named(name) and known.looks_like_unit(name)]
    return [
        *inside,
        _Claim(FOLDER, by_folder),
        _Claim(NAME, by_name),
        _Claim(TABLE, tuple(titled)),
    ]


def _month_claims(signals: Signals, folder: NameSays, own: NameSays) -> list[_Claim]:
    """Months by source; one written without its year takes the year from wherever there is one."""
    inside = _inside("month", signals)
    years = [
        *(name.times.years or [month[:4] for month in name.times.months] for name in (own, folder)),
        [value[:4] for claim in inside for value in claim.values],
        [year for sheet in signals.sheets for year in (*sheet.years, *(month[:4] for month in sheet.months))],
    ]
    year = next((each for each in years if each), ())
    bare = [month for sheet in signals.sheets for month in sheet.bare_months]
    return [
        *inside,
        _Claim(FOLDER, folder.times.months or dated(folder.times.bare, year)),
        _Claim(NAME, own.times.months or dated(own.times.bare, year)),
        _Claim(TABLE, once((*signals.months, *dated(bare, year)))),
    ]


def _inside(key: str, signals: Signals) -> list[_Claim]:
    stated = [(INSIDE, signals.stated.get(key)), (PROPERTIES, signals.contradicted.get(key))]
    return [_Claim(source, (value,)) for source, value in stated if value]


def _unknown(what: str, value: str | None, known: Vocabulary) -> str | None:
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
    own: NameSays,
    path: PurePosixPath,
    known: Vocabulary,
) -> str:
    """What the file may be, and what to do."""
    forms = _candidates(form, known.forms)
    strangers = [*own.strangers, *(name for name in signals.unit_names if not known.units_named(name))]
    meant = _candidates(unit, known.units)
    units = once((*meant, *chain.from_iterable(known.near(name) for name in strangers)))
    months = once((*(each for claim in month.claims for each in claim.values if _ISO_MONTH.fullmatch(each)), *own.times.days))
    possible = [
        f"{what} {_listed(values, known)}" for what, values in (("报表", forms), ("填报单位", units), ("月份", months)) if values
    ]
    example = "_".join(
        (
            known.shown(forms[0]) if forms else "<报表名>",
            # A name that is only similar must not lead to filing under the wrong county.
            known.shown(meant[0]) if meant else "<填报单位>" if strangers else "宛城区",
            months[0] if months else "<年-月>",
        )
    )
    ending = path.suffix if path.suffix and not path.suffix[1:].isdigit() else ".xlsx"
    name = f"“报表名_填报单位_年-月”，如 {example}{ending}"
    at_odds = {claim.source for each in (form, unit, month) if each.problem for claim in each.claims}
    if form.problem and len(together := _forms_apart(signals)) > 1:
        to_do = f"工作簿里有几张报表（{_listed(together, known)}），请拆成几个文件，一个文件一张报表，文件名写成{name}"
    elif at_odds & {INSIDE, PROPERTIES}:
        made_for = "、".join(known.shown(value) for value in (signals.stated.get(key) for key in _IDENTITY) if value)
        to_do = (
            f"这是为“{made_for}”下发的模板，里面有看不见的标识，改标题和文件名改不了它："
            "确是这一份的，请把文件名和文件夹改成与它一致；要报别的，请把数据复制到那一份的模板里"
        )
    elif FOLDER in at_odds:
        to_do = (
            f"请核对它所在的文件夹“{path.parent.name}”：文件夹名里的报表、单位、月份也作数，放错的请移到别的文件夹；"
            f"也可把文件名改成{name}"
        )
    elif TABLE in at_odds:
        to_do = f"请核对表格和标题（可能是上次留下的）：标题错了改标题，文件名错了改成{name}"
    else:
        to_do = f"请把文件名改成{name}，或用下发给本单位的模板重新填报"
    return f"可能是：{'；'.join(possible)}。{to_do}" if possible else to_do


def _forms_apart(signals: Signals) -> tuple[str, ...]:
    """The forms that stand each on its own sheet: of every sheet the one that fits it best."""
    return once(max(sheet.fits, key=lambda form: sheet.fits[form]) for sheet in signals.sheets if sheet.fits)


def _candidates(settled: _Settled, existing: Collection[str]) -> tuple[str, ...]:
    return once(value for claim in settled.claims for value in claim.values if value in existing)


def _known_names(written: Iterable[str], known: Vocabulary) -> list[str]:
    return [name for each in written for name in known.units_named(each)]


def _listed(values: Iterable[str], known: Vocabulary) -> str:
    return "、".join(known.shown(value) for value in values)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
