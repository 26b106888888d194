"""What the clerk is told of a month: rates, reminders, and a matrix that fits the terminal."""

import csv
from datetime import date

import pytest
from rich.cells import cell_len
from rich.console import Console

from pipelines import console
from pipelines.settings import Settings
from pipelines.status import MonthStatus, _as_of, reminders, write_reminders
from pipelines.validate.reopenings import Reopening

TODAY = date(2022, 11, 15)
UNITS = {"1": "合成甲县", "2": "合成乙县", "3": "南阳市城乡一体化示范区"}


def row(unit: str, form: str = "f", state: str = "accepted", **more) -> dict:
    filled = {
        "form": form, "reporting_unit_id": unit, "reporting_unit_name": UNITS[unit], "month": "2022-10", "state": state,
        "is_owed": True, "revision": None if state in ("missing", "exempt") else 1, "reason": None, "open_count": None,
        "is_later_revision_returned": False, "is_later_revision_locked": False, "is_late": None, "days_late": None,
        "due_on": date(2022, 11, 10), "late_on": date(2022, 11, 20), "exemption_reason": None,
    }  # fmt: skip
    return filled | more


def status(*rows: dict, strays: tuple = (), today: date = TODAY, is_practice: bool = False, reopened: tuple = ()) -> MonthStatus:
    return MonthStatus("2022-10", "2022-10-r1", is_practice, today, *_as_of(today, rows, strays), reopened)


EXEMPT = row("3", "g", "exempt", is_owed=False, exemption_reason="试行")
MIXED = (
    row("1", is_late=False, days_late=0),
    row("2", state="open", open_count=2, is_late=True, days_late=3),
    row("3", state="missing"),
    row("1", "g", "returned", reason="A1 不对"),
    row("2", "g", "locked", reason="2022-10 已锁定"),
    EXEMPT,
    row("1", "h", "accepted", is_owed=False, due_on=None, late_on=None),
)


def test_rates_are_of_what_is_owed_and_not_let_off():
    of_f, of_g, of_h, of_all = status(*MIXED).rates()
    assert (of_f.form, of_f.owed, of_f.reported, of_f.on_time) == ("f", 3, 2, 1)
    assert (of_g.owed, of_g.reported, of_g.exempt, of_g.completeness) == (2, 0, 1, 0)
    assert (of_h.owed, of_h.completeness, of_h.punctuality) == (0, None, None)  # sent though nobody asked
    assert (of_all.form, of_all.owed, of_all.exempt, of_all.completeness, of_all.punctuality) == (None, 5, 1, 2 / 5, 1 / 5)


def test_a_month_is_complete_when_nothing_is_outstanding():
    assert status(row("1"), EXEMPT).is_complete
    assert not status(row("1"), row("2", state="open", open_count=1)).is_complete


@pytest.mark.parametrize(
    ("today", "overdue", "urgency"),
    [(date(2022, 11, 10), 0, "未到期"), (date(2022, 11, 11), 1, "催报"), (date(2022, 11, 21), 11, "加急催报")],
)
def test_a_reminder_becomes_more_urgent(today, overdue, urgency):
    [reminder] = reminders(status(row("1", state="missing"), today=today), {"f": "合成月报"})
    assert (reminder.overdue_days, reminder.urgency, reminder.form) == (overdue, urgency, "合成月报")


def test_each_thing_outstanding_is_named_with_what_to_do():
    listed = {(each.unit, each.form): (each.state, each.situation, each.advice) for each in reminders(status(*MIXED), {})}
    assert listed == {
        ("合成乙县", "f"): ("待说明", "已接受，有 2 条须说明的还没有说明", "请在回执里逐条说明，或改正后重新发送"),
        ("南阳市城乡一体化示范区", "f"): ("未报", "没有收到", "请用下发的模板填报后发来"),
        ("合成甲县", "g"): ("退回", "第 1 次报送被退回：A1 不对", "请按回执改正后重新发送"),
        ("合成乙县", "g"): ("锁定", "2022-10 已锁定", "请与统计员联系"),
    }


STRAY = {"form": "f", "reporting_unit_id": "3", "reporting_unit_name": UNITS["3"], "file_name": "submissions/示范区.xlsx",
         "message": "认不出月份", "advice": ""}  # fmt: skip


def test_a_file_that_came_but_could_not_be_identified_is_not_said_to_be_missing(capsys, monkeypatch):
    told = status(*MIXED, strays=(STRAY, STRAY | {"reporting_unit_id": "1", "form": "f", "file_name": "旧.xlsx"}))
    [of_unit] = [each for each in reminders(told, {}) if each.unit == UNITS["3"]]
    assert of_unit.situation == "发来的文件认不出：submissions/示范区.xlsx"
    shown = shown_at(100, told, capsys, monkeypatch)
    assert "无法识别" in shown.split("完整率")[0] and "submissions/示范区.xlsx 认不出：认不出月份" in shown
    settled = status(row("3"), strays=(STRAY,))
    assert settled.unidentified == () and settled.rows[0]["unidentified_files"] == []


def shown_at(width: int, told: MonthStatus, capsys, monkeypatch, titles: dict | None = None) -> str:
    monkeypatch.setattr(console, "out", Console(width=width, highlight=False))
    console.show_status(told, titles or {"f": "高新技术企业证书名册", "g": "科普活动月报", "h": "技术合同登记月报"})
    return capsys.readouterr().out


def test_who_has_only_to_explain_is_not_called_overdue(tmp_path):
    _, letter = write_reminders(Settings(tmp_path), status(row("1", state="open", open_count=2)), {"f": "合成月报"})
    text = letter.read_text(encoding="utf-8-sig")
    assert "（待说明）：已接受，有 2 条须说明的还没有说明" in text and "逾期" not in text


def test_the_matrix_shows_every_state_rates_and_reopened_months(capsys, monkeypatch):
    opened = Reopening("2022-09", "更正[x]", "office", "2022-11-12T08:00:00+08:00", 3, False)
    shown = shown_at(80, status(*MIXED, reopened=(opened,)), capsys, monkeypatch)
    lines = {line.split()[0]: line.split()[1:] for line in shown.splitlines() if line.strip()}
    assert lines["合成甲县"] == ["已接受", "退回", "已接受"]
    assert lines["合成乙县"] == ["待说明", "2条", "迟3天", "锁定", "—"]
    assert lines["南阳市城乡一体化示范区"] == ["未报", "免报", "—"]
    assert lines["完整率"] == ["2/3", "67%", "0/2", "0%", "—"] and lines["按时率"] == ["1/3", "33%", "0/2", "0%", "—"]
    assert "应报 5，另有免报 1；已接受（含待说明）2/5 40%，其中按时 1/5 20%" in shown
    assert "2022-09 锁定后由 office 于 2022-11-12 重新开放：更正[x]" in shown


@pytest.mark.parametrize(("width", "tables"), [(80, 4), (120, 3)])
def test_twelve_forms_are_parted_into_tables_that_fit(width, tables, capsys, monkeypatch):
    titles = {f"form_{number:02d}": f"合成报表第{number:02d}号月报" for number in range(12)}
    rows = [row(unit, form, is_late=True, days_late=12) for form in titles for unit in UNITS]
    shown = shown_at(width, status(*rows), capsys, monkeypatch, titles)
    assert shown.count("填报单位") == tables and max(cell_len(line.rstrip()) for line in shown.splitlines()) <= width
    assert shown.count("已接受 迟12天") == 36


def test_reminders_are_written_for_excel_and_to_send_on_and_replace_the_old_ones(tmp_path):
    settings = Settings(tmp_path)
    table, letter = write_reminders(settings, status(*MIXED, is_practice=True), {"f": "合成月报"})
    assert table.parent == tmp_path / "var" / "reminders" / "2022-10" and "练习" in table.name
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    with table.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert [each["填报单位"] for each in read] == ["合成乙县", UNITS["3"], "合成甲县", "合成乙县"]
    assert {each["数据性质"] for each in read} == {"练习"} and read[1]["应报日期"] == "2022-11-10"
    text = letter.read_text(encoding="utf-8-sig")
    assert text.startswith("【练习数据") and text.count("合成乙县：") == 1
    assert "1. 合成月报（催报）：应于 2022-11-10 前报，已逾期 5 天。没有收到。请用下发的模板填报后发来。" in text

    write_reminders(settings, status(row("1"), is_practice=True), {})
    assert "没有需要催报的" in letter.read_text(encoding="utf-8-sig")
    assert len(table.read_text(encoding="utf-8-sig").splitlines()) == 1
