"""Which form, reporting unit and month a file belongs to.

Belongs here: the signals (hidden metadata sheet of the template; folder and file name) and how they are weighed. Does not
belong here: reading the table. Signals that disagree or are missing give an `Identity` with `problem`, never a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath

from pipelines.collect.containers import Container
from pipelines.forms.model import Form, ReportingUnit
from pipelines.forms.template import METADATA_SHEET

PRACTICE_MARK = "练习"
PRACTICE_FOLDER = "practice"
_UNIT_LIKE = re.compile(r"[\u4e00-\u9fff]{1,20}(?:县|区|市)")
_MONTH = re.compile(r"(?<!\d)(20\d{2})(?:-|年|\.)?(0[1-9]|1[0-2]|[1-9](?=月))月?(?!\d)")


@dataclass(frozen=True)
class Identity:
    """What a file is, as far as its signals say.

    Attributes:
        prepared_on: 填报日期 that the workbook carries.
        problem: in Chinese, why it could not be identified; None when form, unit and month are all known.
        advice: what to do about the problem.
    """

    form: str | None = None
    reporting_unit_id: str | None = None
    month: str | None = None
    is_practice: bool = False
    prepared_on: date | None = None
    problem: str | None = None
    advice: str = ""


def identify(
    container: Container | None, file_name: str, forms: dict[str, Form], units: dict[str, ReportingUnit]
) -> Identity:
    """Identify a file from its metadata sheet and its name relative to `raw/`.

    Args:
        container: the file taken apart, or None when it could not be read: then only the name speaks.
    """
    named = _from_name(file_name, forms, units)
    sheet = container.sheet(METADATA_SHEET) if container else None
    if sheet is None:
        return _complete(named, forms, units)
    stated = {str(row[0]): str(row[1]) for row in sheet.rows if len(row) >= 2 and row[0] is not None and row[1] is not None}
    inside = Identity(
        form=stated.get("form"),
        reporting_unit_id=stated.get("reporting_unit_id"),
        month=stated.get("month"),
        is_practice=named.is_practice or stated.get("is_practice") == "1",
        prepared_on=_day(stated.get("prepared_on")),
    )
    for what, ours, theirs in (
        ("报表", inside.form, named.form),
        ("填报单位", inside.reporting_unit_id, named.reporting_unit_id),
        ("月份", inside.month, named.month),
    ):
        if ours and theirs and ours != theirs:
            return replace(
                inside,
                problem=f"{what}说法不一：工作簿内是“{_shown(ours, forms, units)}”，文件名是“{_shown(theirs, forms, units)}”",
                advice="请核对后改正文件名，或用对应的模板重新填报",
            )
    return _complete(
        replace(
            inside,
            form=inside.form or named.form,
            reporting_unit_id=inside.reporting_unit_id or named.reporting_unit_id,
            month=inside.month or named.month,
        ),
        forms,
        units,
    )


def _from_name(file_name: str, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Identity:
    """What folder and file names say; a part that names two different things says nothing."""
    path = PurePosixPath(file_name)
    folder_words, own_words = _words(*path.parts[:-1]), _words(path.stem)
    words = folder_words + own_words
    found_forms = {form.form for form in forms.values() for word in words if word in (form.form, form.title)}
    if len(found_forms) != 1:
        found_forms = {form.form for form in forms.values() if form.form in path.stem or form.title in path.stem}
    names = {
        name: unit.reporting_unit_id
        for unit in units.values()
        for name in (unit.reporting_unit_id, unit.reporting_unit_name, *unit.aliases)
    }
    found_units = {names[word] for word in words if word in names}
    # A unit nobody knows in the file's own name must not be covered up by the folder it lies in.
    strangers = [] if names.keys() & set(own_words) else [word for word in own_words if _UNIT_LIKE.fullmatch(word)]
    problem = None
    if len(found_units) > 1:
        shown = "、".join(sorted(_shown(unit, forms, units) for unit in found_units))
        problem = f"文件夹和文件名说的填报单位不一致：{shown}"
    elif strangers:
        problem = f"没有名为“{strangers[0]}”的填报单位"
    found_months = {f"{year}-{int(month):02d}" for word in words for year, month in _MONTH.findall(word)}
    return Identity(
        form=_only(found_forms),
        reporting_unit_id=_only(found_units),
        month=_only(found_months),
        is_practice=path.parts[0] == PRACTICE_FOLDER or any(PRACTICE_MARK in word for word in words),
        problem=problem,
        advice="请核对填报单位，改正文件名或文件夹" if problem else "",
    )


def _words(*parts: str) -> list[str]:
    return [word for part in parts for word in re.split(r"[_\s]+", part) if word]


def _complete(identity: Identity, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> Identity:
    """The identity with a problem where a part is missing or names nothing known."""
    if identity.problem is not None:
        return identity
    if identity.form is not None and identity.form not in forms:
        return replace(identity, problem=f"没有名为“{identity.form}”的报表", advice=_forms_to_choose(forms))
    if identity.reporting_unit_id is not None and identity.reporting_unit_id not in units:
        return replace(
            identity, problem=f"没有代码为“{identity.reporting_unit_id}”的填报单位", advice="请用下发给本单位的模板填报"
        )
    missing = [
        what
        for what, value in (("报表", identity.form), ("填报单位", identity.reporting_unit_id), ("月份", identity.month))
        if value is None
    ]
    if missing:
        return replace(
            identity,
            problem=f"认不出{'、'.join(missing)}",
            advice="请用下发的模板填报，或把文件名改成“报表名_填报单位_年-月”，如 技术合同登记月报_宛城区_2022-10.csv；"
            + _forms_to_choose(forms),
        )
    return identity


def _forms_to_choose(forms: dict[str, Form]) -> str:
    return f"可选的报表有：{'、'.join(form.title for form in forms.values())}"


def _shown(value: str, forms: dict[str, Form], units: dict[str, ReportingUnit]) -> str:
    if value in forms:
        return forms[value].title
    return units[value].reporting_unit_name if value in units else value


def _only(values: set[str]) -> str | None:
    return next(iter(values)) if len(values) == 1 else None


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
