"""A month as it arrives: 30 good files of every shape, 10 broken, 5 of nobody, 3 sent twice; each is accounted for."""

import hashlib
import io
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from conftest import MONTH, query, wanstat, with_parsed_project
from msoffcrypto.format.ooxml import OOXMLFile
from rich.console import Console

from pipelines import console
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import render_template
from pipelines.settings import Settings
from pipelines.summary import FileOutcome, LoadSummary

FORMS = load_forms()
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)
EVENTS, CONTRACTS = FORMS["popular_science_events"], FORMS["technical_contracts"]
REPORTING = [unit for unit in UNITS.values() if unit.unit_kind in ("county", "zone")]
HEADER = ["活动类别", "活动方式", "活动次数", "参加人次"]


def events_rows(place: int) -> list[list]:
    return [["科普讲座", "线下", place + 1, 100 * (place + 1)], ["专题展览", "线上", 2, 55]]


def workbook(rows, merged=(), password=None, hidden=()) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("Sheet1")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        for first, left, last, right, text in merged:
            sheet.merge_range(first, left, last, right, text)
        for number in hidden:
            sheet.set_row(number, None, None, {"hidden": True})
    if password is None:
        return content.getvalue()
    sealed = io.BytesIO()
    OOXMLFile(content).encrypt(password, sealed)
    return sealed.getvalue()


def template(place: int) -> bytes:
    labels = {"科普讲座": "lecture", "专题展览": "exhibition", "线下": "offline", "线上": "online"}
    names = [field.name for field in EVENTS.fields]
    rows = [dict(zip(names, (labels.get(cell, cell) for cell in row), strict=True)) for row in events_rows(place)]
    return render_template(EVENTS, REPORTING[place], MONTH, rows=rows, codes=CODES)


def csv_text(place: int, delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(map(str, row)) for row in [HEADER, *events_rows(place)])


def with_titles(place: int) -> bytes:
    unit = REPORTING[place].reporting_unit_name
    total = ["合  计", None, place + 3, 100 * (place + 1) + 55]
    above = [["科普活动月报"], [f"填报单位：{unit}", None, "2022年10月"]]
    return workbook([*above, HEADER, ["甲", "乙", 1, 2], *events_rows(place), total, ["注：含线上"], ["填报人：某某"]])


def two_header_rows(place: int) -> bytes:
    rows = [["活动类别", "活动方式", "活动", None], [None, None, "次数", "参加人次"], *events_rows(place)]
    merged = [(0, 0, 1, 0, "活动类别"), (0, 1, 1, 1, "活动方式"), (0, 2, 0, 3, "活动")]
    return workbook(rows, merged)


def html(place: int) -> bytes:
    cells = ("".join(f"<td>{cell}</td>" for cell in row) for row in [HEADER, *events_rows(place)])
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<html><meta charset=gbk><body><p>科普活动月报</p><table>{table}</table></body></html>".encode("gb18030")


SHAPES = (
    lambda place: (template(place), ".xlsx"),
    lambda place: (csv_text(place).encode("gb18030"), ".csv"),
    lambda place: (csv_text(place, "\t").encode("utf-16"), ".txt"),
    lambda place: (with_titles(place), ".xlsx"),
    lambda place: (two_header_rows(place), ".xls"),
    lambda place: (html(place), ".xls"),
    lambda place: (workbook([HEADER, *events_rows(place)], password="VelvetSweatshop"), ".xls"),
    lambda place: (csv_text(place, ";").encode("utf-8-sig"), ".CSV"),
    lambda place: (workbook([HEADER, *events_rows(place)], hidden=(2,)), ".et"),
)


def contract_rows(place: int) -> list[list]:
    return [
        [
            f"20224113{place:02d}{number:06d}", f"示例项目{number}", "技术开发", "电子信息", date(2022, 10, 1), "2022.10.9",
            "示例甲公司", "411302", "示例乙公司", "411303", 10.5 * (number + 1), 10,
        ]
        for number in range(3)
    ]  # fmt: skip


def contracts(place: int) -> bytes:
    """In 千元, with the total below; dates and numbers in several ways."""
    rows = [[cell * 10 if column >= 10 else cell for column, cell in enumerate(row)] for row in contract_rows(place)]
    total = ["合计", *[None] * 9, sum(row[10] for row in rows), sum(row[11] for row in rows)]
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("Sheet1")
        labels = [field.label for field in CONTRACTS.fields]
        for number, row in enumerate([["技术合同登记月报", *[None] * 10, "单位：千元"], labels, *rows, total]):
            sheet.write_row(number, 0, row)
    return content.getvalue()


@pytest.fixture(scope="module")
def folder(loaded, tmp_path_factory):
    """The workspace, and the names of its files by what should become of them."""
    home = with_parsed_project(tmp_path_factory.mktemp("month"), loaded)
    inbox = home / "raw" / "submissions"
    files: dict[str, dict[str, bytes]] = {"accepted": {}, "returned": {}, "unidentified": {}, "repeated": {}}
    for place, unit in enumerate(REPORTING):
        content, ending = SHAPES[place % len(SHAPES)](place)
        files["accepted"][f"{unit.reporting_unit_name}/科普活动月报_{MONTH}{ending}"] = content
    for place, unit in enumerate(REPORTING[:12]):
        files["accepted"][f"技术合同登记月报_{unit.reporting_unit_name}_2022年10月.xlsx"] = contracts(place)
    good = workbook([HEADER, *events_rows(0)])
    labels = ",".join(field.label for field in CONTRACTS.fields)
    broken = [
        good[: len(good) // 3],
        b"PK\x03\x04" + bytes(2000),
        workbook([HEADER, *events_rows(1)], password="123"),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8,
        b"%PDF-1.7 " + bytes(range(256)) * 4,
        f"{labels}\n".replace("合同成交额", "成交总计").encode("utf-8"),
        workbook([["会议时间", "2022.10.20", "地点", "会议室"], ["主持人", "甲", "记录人", "乙"]]),
        f"{labels}\n2022411302000001,示例,技术开发,电子信息,2022-10-01,2022-10-02,甲,411302,乙,411303,约30,1\n".encode("gb18030"),
        f"{labels}\n2022411302000001,示例,技术开发,电子信息,2022-10-01,2022-10-02,甲,411302,乙,411303,5,1\n合计,,,,,,,,,,9,1\n".encode(),
        '"没有配对的引号,1\n'.encode("gb18030"),
    ]
    for place, content in enumerate(broken):
        unit = REPORTING[12 + place % 6].reporting_unit_name
        files["returned"][f"技术合同登记月报_{unit}_{MONTH}_{place}.xlsx"] = content
    files["unidentified"] = {
        "新建工作表.xlsx": workbook([["随便", "写写"], [1, 2]]),
        f"科普活动月报_某某县_{MONTH}.csv": csv_text(3).encode(),
        "科普活动月报_宛城区.csv": csv_text(4).encode() + b"\n",
        f"宛城区/科普活动月报_卧龙区_{MONTH}.csv": csv_text(5).encode() + b"\n",
        f"科普活动月报_{REPORTING[0].reporting_unit_name}_{MONTH}_会议.xlsx": template(1),
    }
    originals = list(files["accepted"].items())
    for place in (0, 9, 20):
        name, content = originals[place]
        files["repeated"][f"重发/{Path(name).parent.name or ''}{Path(name).stem}_副本{Path(name).suffix}"] = content
    for names in files.values():
        for name, content in names.items():
            path = inbox / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return home, files


@pytest.fixture(scope="module")
def loaded_folder(folder):
    """The same, and what the load of it said."""
    return (*folder, wanstat(folder[0], "load", MONTH, "--json"))


def test_every_file_is_accounted_for_and_nothing_is_lost(loaded_folder):
    home, files, run = loaded_folder
    assert [len(names) for names in files.values()] == [30, 10, 5, 3]
    assert run.status == 1, run.err
    told = {each["file_name"].removeprefix("submissions/"): each for each in run.json["files"]}
    expected = {name: state for state, names in files.items() for name in names}
    assert {name: each["state"] for name, each in told.items()} == expected
    assert all(each["reason"] for each in told.values() if each["state"] != "accepted")
    assert run.json["submissions"] == {"accepted": 30, "returned": 10, "locked": 0, "unidentified": 5, "unchanged": 3}
    archived = {path.name for path in Settings(home).archive.glob("??/*") if not path.suffix}
    sent = {hashlib.sha256(content).hexdigest() for names in files.values() for content in names.values()}
    assert archived == sent

    events = query(home, "select sum(event_count), sum(attendance), count(*) from marts.fct_popular_science_events")
    assert events == [(sum(place + 3 for place in range(18)), sum(100 * (place + 1) + 55 for place in range(18)), 36)]
    [(turnover, count)] = query(home, "select sum(contract_value), count(*) from marts.fct_technical_contracts")
    assert (float(turnover), count) == (12 * 10.5 * 6, 36)


def test_the_table_a_person_sees_names_all_48(loaded_folder, capsys, monkeypatch):
    _, files, run = loaded_folder
    summary = LoadSummary(**run.json | {"files": [FileOutcome(**each) for each in run.json["files"]]})
    monkeypatch.setattr(console, "out", Console(width=100))
    console.show_load(summary)
    shown = capsys.readouterr().out
    assert "本次收到的 48 个文件" in shown
    states = [cells[2].strip() for line in shown.splitlines() if len(cells := line.split("│")) == 5]
    words = {"已接受": "accepted", "退回": "returned", "无法识别": "unidentified", "重复": "repeated"}
    assert {word: states.count(word) for word in words} == {word: len(files[state]) for word, state in words.items()}


def test_a_figure_of_such_a_month_is_traced_to_its_cells_and_their_units(loaded_folder):
    home, *_ = loaded_folder
    run = wanstat(home, "trace", "技术合同成交额", "--json")
    assert run.status == 0, run.err
    origins = run.json["origins"]
    assert len(origins) == 36 and {(each["unit"], each["factor"]) for each in origins} == {("千元", "1/10")}
    first = next(each for each in origins if each["reporting_unit_name"] == REPORTING[0].reporting_unit_name)
    assert (first["cell"], first["header_path"], first["written"], first["stored"]) == ("K3", "合同成交额", "105", "10.5")
    assert first["unit_from"] == "表上方的单位说明"
