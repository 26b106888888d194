"""The workbooks to send out: which units get which forms of a month, with what is already known filled in.

Belongs here: choosing, naming and writing them. Does not belong here: what a workbook looks like (forms.template), or where what
is filled in comes from (land.carried).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.collect.intake import Progress, read_intake
from pipelines.collect.vocabulary import vocabulary_of
from pipelines.files import write_whole
from pipelines.forms.identity import PRACTICE_MARK
from pipelines.forms.model import Form, load_forms
from pipelines.forms.reporting_units import ReportingUnit, load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import render_template
from pipelines.land import landing
from pipelines.land.carried import carried_rows
from pipelines.refusals import Refusal
from pipelines.settings import Settings
from pipelines.validate.obligations import load_calendar


class CannotFill(Refusal):
    """There is no such workbook to write."""


@dataclass(frozen=True)
class Written:
    """One workbook that was written.

    Attributes:
        is_owed: whether the unit has to report the form for that month.
        carried: how many rows stand in it already; `carried_from` is the month they were accepted in.
    """

    form: str
    reporting_unit_id: str
    reporting_unit_name: str
    path: Path
    is_owed: bool
    carried: int
    carried_from: str | None


def is_practice_workspace(settings: Settings) -> bool:
    """Whether what was loaded last is practice data; a workspace that nothing was loaded in is none."""
    return (settings.var / "intake.json").exists() and read_intake(settings).is_practice


def form_named(name: str) -> Form:
    """The form of that id or title.

    Raises:
        CannotFill: there is none; says which there are.
    """
    forms = load_forms()
    found = forms.get(name) or next((form for form in forms.values() if form.title == name), None)
    if found is None:
        known = "、".join(f"{form.title}（{form.form}）" for form in forms.values())
        raise CannotFill(f"没有名为“{name}”的报表；有：{known}")
    return found


def unit_named(name: str, month: str, settings: Settings) -> ReportingUnit:
    """The unit that a load would understand by a name or id in `month`.

    Raises:
        CannotFill: none answers to it, or several do.
    """
    units = load_reporting_units(settings.seeds)
    if name in units:
        return units[name]
    known = vocabulary_of(load_forms(), units)
    found = known.whole(name)
    meant = sorted(known.unit_ids_of([found], month)) if found else []
    if len(meant) == 1:
        return units[meant[0]]
    if meant:
        several = "、".join(f"{units[each].reporting_unit_name}（{each}）" for each in meant)
        raise CannotFill(f"“{name}”可能是几个填报单位：{several}；请写代码")
    raise CannotFill(f"没有名为“{name}”的填报单位；有：{'、'.join(unit.reporting_unit_name for unit in units.values())}")


def write_templates(
    settings: Settings,
    month: str,
    progress: Progress,
    *,
    form: Form | None = None,
    unit: ReportingUnit | None = None,
    is_practice: bool,
    out: Path | None = None,
) -> list[Written]:
    """Write the workbooks of a month, a folder a unit: of the form, of the unit, or without either all that are owed.

    A form and a unit named together are written whether or not the unit owes the form.

    Returns:
        What was written, unit by unit.

    Raises:
        CannotFill: nothing is owed, or the form is not reported for `month`, or has no version in it yet.
    """
    calendar = load_calendar(settings.seeds)
    forms = [form] if form else list(load_forms().values())
    units = [unit] if unit else list(load_reporting_units(settings.seeds).values())
    if form and form.version_for(month) is None:
        since = min(version.from_month for version in form.versions)
        raise CannotFill(f"“{form.title}”自 {since} 起报送，没有 {month} 的模板；请核对月份")
    if form and (out_of_turn := calendar.out_of_turn(form, month)):
        raise CannotFill(f"{out_of_turn}；请核对月份")
    wanted = [
        (each_unit, each_form, is_owed)
        for each_unit in units
        for each_form in forms
        if each_form.version_for(month)
        for is_owed in [calendar.owes(each_form.form, each_unit.reporting_unit_id, month)]
        if is_owed or (form and unit)
    ]
    if not wanted:
        who = unit.reporting_unit_name if unit else "各单位"
        what = f"“{form.title}”" if form else "任何报表"
        raise CannotFill(f"{who} {month} 不用报{what}；请核对月份、报送任务（obligations.csv）和免报（exemptions.csv）")
    submissions = _landed_submissions(settings, is_practice)
    codes = load_code_lists(settings.seeds)
    folder = out or settings.templates / month
    written = []
    for count, (each_unit, each_form, is_owed) in enumerate(wanted, start=1):
        progress("模板", count, len(wanted))
        written.append(_write(settings, folder, each_form, each_unit, is_owed, month, submissions, codes, is_practice))
    return written


def _write(
    settings: Settings,
    folder: Path,
    form: Form,
    unit: ReportingUnit,
    is_owed: bool,
    month: str,
    submissions: pl.DataFrame,
    codes: Mapping[str, Mapping[str, str]],
    is_practice: bool,
) -> Written:
    rows, carried = carried_rows(settings, form, unit.reporting_unit_id, month, submissions)
    content = render_template(form.at(month), unit, month, rows=rows, is_practice=is_practice, codes=codes, carried=carried)
    mark = f"_{PRACTICE_MARK}" if is_practice else ""
    path = folder / _safe(unit.reporting_unit_name) / _safe(f"{form.title}_{unit.reporting_unit_name}_{month}{mark}.xlsx")
    write_whole(path, content)
    carried_from = carried.month if carried and rows else None
    return Written(form.form, unit.reporting_unit_id, unit.reporting_unit_name, path, is_owed, len(rows), carried_from)


def _safe(name: str) -> str:
    """A name without what some system does not take in one."""
    return re.sub(r'[\\/:*?"<>|]', "_", name)


def _landed_submissions(settings: Settings, is_practice: bool) -> pl.DataFrame:
    """Submissions of practice or of real data; none before the first load."""
    if not any((settings.landing / "submissions").glob("*.parquet")):
        return pl.DataFrame(schema=landing.SUBMISSION_SCHEMA)
    return landing.read_submissions(settings).filter(pl.col("is_practice") == is_practice)
