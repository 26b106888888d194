"""What the words of a command line mean: a workspace, a month, a time, an area, the release that is asked.

Belongs here: turning what a person writes into what the stages are called with, or saying why it cannot be. Does not belong here:
commands (cli), or what they do.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from pipelines.refusals import Refusal
from pipelines.settings import OFFICE_TIME, Settings

if TYPE_CHECKING:
    from pathlib import Path

    from pipelines.release.catalog import Manifest

YEAR = re.compile(r"20\d{2}")
MONTH = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")


class CannotRun(Refusal):
    """A command cannot run as asked."""


def workspace(home: Path | None, *, is_new: bool) -> Settings:
    """The workspace in a folder, or in the one that the environment names.

    Raises:
        CannotRun: there is none, and the command is not one that makes one.
    """
    settings = Settings.from_environment(home)
    if not (is_new or settings.raw.is_dir()):
        raise CannotRun(f"{settings.home} 不是工作目录：里面没有 raw 文件夹。请核对 --home 或 WANSTAT_HOME")
    return settings


def month_of(text: str | None, settings: Settings) -> str:
    """A month as YYYY-MM; without one, the latest that anything was sent for.

    Raises:
        CannotRun: it is no month, or nothing has been sent.
    """
    if text is not None:
        if not MONTH.fullmatch(text):
            raise CannotRun(f"“{text}”不是月份；请写成 2022-10 这样")
        return text
    from pipelines.collect.intake import collect
    from pipelines.collect.reader import Reader
    from pipelines.collect.terms import load_terms
    from pipelines.forms.model import load_forms

    reader = Reader(load_terms(settings.seeds))
    intake = collect(settings, reader, lambda what, done, total: None)
    reader.close()
    months = [month for form in load_forms() for month in intake.submissions(form)]
    if not months:
        raise CannotRun("还没有收到任何能识别的报送；请把文件放进 raw/submissions，或写明月份")
    return max(months)


def time_of(text: str) -> datetime:
    """A time in the office's time zone, from a date (its first minute) or a date and a time, as 2022-11-25T09:00.

    Raises:
        CannotRun: it is no time.
    """
    try:
        named = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CannotRun(f"“{text}”不是时间；请写成 2022-11-25T09:00 或 2022-11-25 这样") from error
    return named.replace(tzinfo=OFFICE_TIME) if named.tzinfo is None else named.astimezone(OFFICE_TIME)


def period_of(text: str, settings: Settings) -> str:
    """A month as YYYY-MM or a year as YYYY.

    Raises:
        CannotRun: it is neither.
    """
    return text if YEAR.fullmatch(text) else month_of(text, settings)


def area_named(name: str | None, month: str | None, settings: Settings) -> str | None:
    """The id of the area that a load understands by a name; None for the whole city; a name it does not know as it is."""
    from pipelines.collect.vocabulary import vocabulary_of
    from pipelines.forms.model import load_forms
    from pipelines.forms.reporting_units import load_reporting_units

    units = load_reporting_units(settings.seeds)
    if name is None or name == "全市" or any(name in unit.above for unit in units.values()):
        return None
    known = vocabulary_of(load_forms(), units)
    found = known.whole(name)
    meant = [units[unit_id] for unit_id in (known.unit_ids_of([found], month) if found else ())]
    areas = {unit.area_id for unit in meant if unit.unit_kind != "department"}
    return areas.pop() if len(areas) == 1 else name


def release_named(settings: Settings, text: str | None) -> str:
    """The id of a release that is there; without one, of the current release.

    Raises:
        CannotRun: there is none of that name.
    """
    from pipelines.release import catalog

    if text is None:
        return release_for(settings, None)[0].release_id
    there = [*(one.release_id for one in catalog.list_releases(settings)), *catalog.damaged_releases(settings)]
    if text not in there:
        raise CannotRun(f"没有发布 {text}；有的发布：{'、'.join(there) or '无'}")
    return text


def release_for(settings: Settings, month: str | None) -> tuple[Manifest, str]:
    """The current release and the month asked of it, its own unless another is named.

    Raises:
        CannotRun: there is none, or it is of an earlier month.
    """
    from pipelines.release import catalog

    if month is not None:
        month = month_of(month, settings)
    current = catalog.current_release(settings)
    if current is None:
        raise CannotRun("还没有发布；请先运行 wanstat load")
    if month is None or current.month >= month:
        return current, month or current.month
    raise CannotRun(f"当前发布是 {current.release_id}，还没有 {month}；请先运行 wanstat load {month}")
