"""Where a month's reporting stands, as released: every obligation, how complete and how punctual, and whom to remind of what.

Belongs here: what the clerk asks of `marts.submission_status` that depends on today, and the list of reminders. Does not belong
here: the states themselves (dbt: `core_submission_status`), or showing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.files import write_whole
from pipelines.forms.identity import PRACTICE_BANNER
from pipelines.release import catalog
from pipelines.settings import Settings
from pipelines.validate.reopenings import Reopening, read_reopenings

REPORTED = ("accepted", "open")
STATES = {
    "accepted": "已接受",
    "open": "待说明",
    "returned": "退回",
    "missing": "未报",
    "locked": "锁定",
    "exempt": "免报",
}
REMINDER_COLUMNS = ("填报单位", "报表", "月份", "状态", "应报日期", "逾期天数", "程度", "情况", "怎么办", "数据性质")
NOT_DUE, REMIND, URGE, EXPLAIN = "未到期", "催报", "加急催报", "待说明"


@dataclass(frozen=True)
class Rate:
    """How much of what is owed has come, of one form or (without one) of all.

    Attributes:
        owed: asked for and not let off: the denominator of both rates.
        reported: of those, accepted, whether or not something is still to be explained.
        on_time: of those, not after the due day; a report without a date of receipt counts as in time.
        exempt: let off.
    """

    form: str | None
    owed: int
    reported: int
    on_time: int
    exempt: int

    @property
    def completeness(self) -> float | None:
        return self.reported / self.owed if self.owed else None

    @property
    def punctuality(self) -> float | None:
        return self.on_time / self.owed if self.owed else None

    def as_json(self) -> dict[str, object]:
        return asdict(self) | {"completeness": self.completeness, "punctuality": self.punctuality}


@dataclass(frozen=True)
class MonthStatus:
    """Where a month stands on a day.

    Attributes:
        rows: `marts.submission_status` of the month with the unit's name; `overdue_days` as of the day, None where nothing is
            to be done any more; `unidentified_files`: came from that unit for that form, but could not be taken as such.
        unidentified: every file that names one of the units with something outstanding, with why it could not be taken.
        reopened: every reopening on record, of this and of other months.
    """

    month: str
    release_id: str
    is_practice: bool
    as_of: date
    rows: tuple[dict[str, Any], ...]
    unidentified: tuple[dict[str, Any], ...]
    reopened: tuple[Reopening, ...]

    @property
    def is_complete(self) -> bool:
        return all(row["state"] in ("accepted", "exempt") for row in self.rows)

    @property
    def outstanding(self) -> list[dict[str, Any]]:
        """What somebody still owes, unit by unit."""
        return [row for row in self.rows if row["overdue_days"] is not None]

    def rates(self) -> list[Rate]:
        """One of each form, and last of all forms together."""
        forms = list(dict.fromkeys(row["form"] for row in self.rows))
        return [*(_rate(form, [row for row in self.rows if row["form"] == form]) for form in forms), _rate(None, self.rows)]

    def as_json(self) -> dict[str, object]:
        return {
            "month": self.month,
            "release": self.release_id,
            "is_practice": self.is_practice,
            "as_of": self.as_of,
            "rows": self.rows,
            "rates": [rate.as_json() for rate in self.rates()],
            "unidentified": self.unidentified,
            "reopened": [asdict(each) for each in self.reopened],
        }


def month_status(settings: Settings, release_id: str, month: str, *, is_practice: bool, today: date) -> MonthStatus:
    """Where `month` (YYYY-MM) stands in a release."""
    rows = catalog.query(
        settings,
        release_id,
        "select s.*, u.reporting_unit_name from marts.submission_status s join marts.dim_reporting_unit u"
        " using (reporting_unit_id) where s.month = ? order by u.unit_kind, s.reporting_unit_id, s.form",
        month,
    )
    strays = catalog.query(
        settings,
        release_id,
        "select f.form, f.reporting_unit_id, u.reporting_unit_name, f.file_name, f.message, f.advice"
        " from marts.findings f join marts.dim_reporting_unit u using (reporting_unit_id)"
        " where f.rule_id = 'file.unidentified' and coalesce(f.month, ?) = ? order by f.reporting_unit_id, f.file_name",
        month,
        month,
    )
    reopened = read_reopenings(settings.archive, is_practice=is_practice)
    return MonthStatus(month, release_id, is_practice, today, *_as_of(today, rows, strays), tuple(reopened))


def _as_of(
    today: date, rows: Iterable[dict[str, Any]], strays: Sequence[dict[str, Any]]
) -> tuple[tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]:
    """The rows with what depends on the day, and the unidentified files of units that still owe something."""
    known = []
    for row in rows:
        owes = row["is_owed"] and row["state"] != "accepted"
        files = [
            each["file_name"]
            for each in strays
            if owes and (each["reporting_unit_id"], each["form"]) == (row["reporting_unit_id"], row["form"])
        ]
        overdue = max((today - row["due_on"]).days, 0) if owes else None
        known.append(row | {"overdue_days": overdue, "unidentified_files": files})
    units = {row["reporting_unit_id"] for row in known if row["overdue_days"] is not None}
    return tuple(known), tuple(each for each in strays if each["reporting_unit_id"] in units)


def _rate(form: str | None, rows: Sequence[Mapping[str, Any]]) -> Rate:
    owed = [row for row in rows if row["is_owed"]]
    reported = [row for row in owed if row["state"] in REPORTED]
    return Rate(
        form=form,
        owed=len(owed),
        reported=len(reported),
        on_time=sum(not row["is_late"] for row in reported),
        exempt=sum(row["exemption_reason"] is not None for row in rows),
    )


@dataclass(frozen=True)
class Reminder:
    """One thing that a unit has still to do, in Chinese and in the order of `REMINDER_COLUMNS`."""

    unit: str
    form: str
    month: str
    state: str
    due_on: date
    overdue_days: int
    urgency: str
    situation: str
    advice: str
    nature: str


def reminders(status: MonthStatus, titles: Mapping[str, str]) -> list[Reminder]:
    """What is missing, returned, locked out or to be explained, unit by unit."""
    return [_reminder(status, row, titles.get(row["form"], row["form"])) for row in status.outstanding]


def _reminder(status: MonthStatus, row: Mapping[str, Any], title: str) -> Reminder:
    urgency = REMIND if row["overdue_days"] else NOT_DUE
    if row["late_on"] is not None and status.as_of > row["late_on"]:
        urgency = URGE
    if row["state"] == "open":  # it has come, and counts
        urgency = EXPLAIN
    situation, advice = _situation(row)
    return Reminder(
        unit=row["reporting_unit_name"],
        form=title,
        month=status.month,
        state=STATES[row["state"]],
        due_on=row["due_on"],
        overdue_days=row["overdue_days"],
        urgency=urgency,
        situation=situation,
        advice=advice,
        nature="练习" if status.is_practice else "正式",
    )


def _situation(row: Mapping[str, Any]) -> tuple[str, str]:
    """How it stands, and what the unit has to do."""
    match row["state"]:
        case "returned":
            return f"第 {row['revision']} 次报送被退回：{row['reason']}", "请按回执改正后重新发送"
        case "open":
            return f"已接受，有 {row['open_count']} 条须说明的还没有说明", "请在回执里逐条说明，或改正后重新发送"
        case "locked":
            return str(row["reason"]), "请与统计员联系"
        case _ if row["unidentified_files"]:
            return f"发来的文件认不出：{'、'.join(row['unidentified_files'])}", "请用下发的模板填报，或改正文件名后重新发送"
        case _:
            return "没有收到", "请用下发的模板填报后发来"


def write_reminders(settings: Settings, status: MonthStatus, titles: Mapping[str, str]) -> list[Path]:
    """Write the list of reminders as a table for Excel and as a text to send on, unit by unit.

    Returns:
        The two files, in `var/reminders/<month>/`; there are always both, so that an old list never stays behind.
    """
    listed = reminders(status, titles)
    stem = "催报清单_练习" if status.is_practice else "催报清单"
    folder = settings.reminders / status.month
    table, letter = folder / f"{stem}.csv", folder / f"{stem}.txt"
    write_whole(table, "\ufeff" + _as_csv(listed))
    write_whole(letter, "\ufeff" + _as_text(listed, status))
    return [table, letter]


def _as_csv(listed: Iterable[Reminder]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(REMINDER_COLUMNS)
    writer.writerows(asdict(each).values() for each in listed)
    return text.getvalue()


def _as_text(listed: Sequence[Reminder], status: MonthStatus) -> str:
    """One paragraph a unit, to be pasted into a message."""
    lines = [f"【{PRACTICE_BANNER}】"] if status.is_practice else []
    lines.append(f"{status.month} 催报清单（截至 {status.as_of}）")
    if not listed:
        lines += ["", "没有需要催报的。"]
    for unit in dict.fromkeys(each.unit for each in listed):
        lines += ["", f"{unit}："]
        for number, each in enumerate((each for each in listed if each.unit == unit), start=1):
            if each.urgency == EXPLAIN:
                lines.append(f"{number}. {each.form}（{each.urgency}）：{each.situation}。{each.advice}。")
                continue
            since = f"应于 {each.due_on} 前报，" + (f"已逾期 {each.overdue_days} 天" if each.overdue_days else "尚未到期")
            lines.append(f"{number}. {each.form}（{each.urgency}）：{since}。{each.situation}。{each.advice}。")
    return "\r\n".join([*lines, ""])
