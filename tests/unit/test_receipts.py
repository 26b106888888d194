"""Receipts: the sender's workbook with the findings in it, its text inert, and its answers on their way back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import jsonschema
import openpyxl
import polars as pl
import pytest
from inprocess import InProcess, NoChildren, quiet
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import PatternFill
from typer.testing import CliRunner
from writers import Grid, encrypted, ods, text_file, web_page, xls, xlsx, zipped

from pipelines.cli import app
from pipelines.collect.archive import Archive
from pipelines.collect.children import Children
from pipelines.collect.containers import open_container
from pipelines.collect.identify import identify
from pipelines.collect.intake import OFFICE_TIME, collect, read_intake
from pipelines.files import digest_of_tree
from pipelines.findings import Finding
from pipelines.forms.identity import KEY_COLUMN, METADATA_SHEET, NOTHING_TO_ANSWER, PRACTICE_BANNER, RECEIPT_SHEET
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import render_template
from pipelines.land import landing
from pipelines.receipts import workbook, written
from pipelines.receipts.due import due_receipts
from pipelines.receipts.front_sheet import ANSWER, BLUE, RED, YELLOW
from pipelines.receipts.marks import HEADING, OURS
from pipelines.receipts.receipt import Receipt, in_order
from pipelines.receipts.report import validation_report
from pipelines.receipts.workbook import NOT_MARKED, TOO_MUCH_TO_MARK, render
from pipelines.receipts.written import remove_others, write_receipts
from pipelines.settings import Settings
from pipelines.validate import submissions as validation

FORMS = load_forms()
EVENTS, CONTRACTS = FORMS["popular_science_events"], FORMS["technical_contracts"]
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)
MONTH = "2022-10"
ASKED = "TEST"
DANGEROUS = ("=1+1", '=HYPERLINK("http://x","y")', "+1", "-1", "@SUM(A1)", "\t=1", "#REF!", "a\x07b", "'x")
LABELS = ["活动类别", "活动方式", "活动次数", "参加人次"]
TABLE = Grid("科普活动", [LABELS, ["科普讲座", "线下", "3", "1200"], ["专题展览", "=cmd|' /C calc'!A0", "1", "5"]])


def finding(severity="error", cell="C2", *, sheet="科普活动", **other):
    given = {"rule_id": "value.range", "level": 1, "message": f"{cell} 不对", "advice": "请改正", "month": MONTH} | other
    return Finding(severity=severity, cell=cell, sheet=sheet, form=EVENTS.form, reporting_unit_id="411302", **given)


@pytest.fixture
def receipt_of(tmp_path):
    """Makes the receipt of a file."""

    def make(content: bytes, *findings: Finding, **other) -> Receipt:
        path = tmp_path / hashlib.sha256(content).hexdigest()
        path.write_bytes(content)
        given = {
            "path": path, "sha256": path.name, "size": len(content),
            "file_name": "submissions/某县/科普活动.xlsx", "state": "returned", "reason": "x",
            "received_at": "2022-11-03T09:00:00", "is_practice": False, "form": EVENTS.form, "form_title": EVENTS.title,
            "reporting_unit_id": "411302", "reporting_unit_name": "宛城区", "month": MONTH, "revision": 2, "in_force": 1,
        }  # fmt: skip
        return Receipt(findings=in_order(findings), **given | other)

    return make


def opened(content: bytes, **options) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), **options)


def table_of(front) -> list[dict[str, object]]:
    """The rows of findings on a front sheet, by column title."""
    rows = list(front.iter_rows())
    start = next(number for number, row in enumerate(rows) if row[ANSWER].value == KEY_COLUMN)
    titles = [cell.value for cell in rows[start]]
    return [dict(zip(titles, row, strict=True)) for row in rows[start + 1 :]]


def lines_of(front) -> str:
    return "\n".join(str(row[0]) for row in front.iter_rows(values_only=True) if row[0])


def colour_of(sheet, cell: str) -> str | None:
    """The colour that our conditional format gives a cell."""
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            if rule.formula == [OURS] and cell in formatting.sqref:
                return rule.dxf.fill.bgColor.rgb[-6:]
    return None


def template(**other) -> bytes:
    contract = {
        "contract_no": "2022411302000001", "contract_name": "=1+1", "contract_type": "service", "technology_field": "agriculture",
        "signed_on": date(2022, 10, 1), "registered_on": date(2022, 10, 9), "seller_name": "甲",
        "seller_division_code": "411302", "buyer_name": "乙", "buyer_division_code": "410100",
        "contract_value": 123.4567, "technology_value": 100,
    }  # fmt: skip
    return render_template(CONTRACTS, UNITS["411302"], MONTH, rows=[contract], codes=CODES, **other)


# What stands on the front sheet.


def test_errors_come_first_then_what_is_to_be_explained_by_influence_then_the_rest():
    small = finding("warning", "A1", must_explain=True, influence=0.01, rule_id="small")
    large = finding("warning", "A9", must_explain=True, influence=0.3, rule_id="large")
    unweighed = finding("warning", "A2", must_explain=True, rule_id="unweighed")
    answered = finding("warning", "A1", must_explain=True, influence=0.9, explanation="是的", rule_id="answered")
    rest = [finding("info", "A1", rule_id="info"), finding("warning", "A3", rule_id="noted"), answered]
    errors = [finding(cell="C10", rule_id="later"), finding(cell="C9", rule_id="earlier")]
    shown = [each.rule_id for each in in_order([*rest, small, unweighed, large, *errors])]
    assert shown == ["earlier", "later", "large", "small", "unweighed", "noted", "answered", "info"]


def test_the_front_sheet_says_what_it_is_about_and_what_is_to_be_done(receipt_of):
    errors = [finding(value="-3"), finding(cell=None, rule_id="table.no_rows", sheet=None, message="没有数据")]
    warning = finding("warning", "D2", must_explain=True, value="1200", influence=0.2)
    front = opened(render(receipt_of(xlsx([TABLE]), warning, *errors)).content)[RECEIPT_SHEET]
    text = lines_of(front)
    assert "报表：科普活动月报　　填报单位：宛城区　　月份：2022年10月　　报送：第 2 次" in text
    assert "结论：退回：有 2 处错误，本次报送全部不计入；仍以第 1 次报送为准。" in text
    assert "蓝色的“说明”栏" in text and PRACTICE_BANNER not in text and "科普活动.xlsx（2022-11-03 收到）" in text
    first, second, third = table_of(front)
    assert [cell.value for cell in third.values()] == [
        "3", "警告（须说明）", "大小", "科普活动　D2", "1200", "D2 不对", "请改正", None, warning.answer_key,
    ]  # fmt: skip
    assert (first["位置"].value, first["位置"].hyperlink) == ("整个文件", None)
    assert second["位置"].hyperlink.location == "'科普活动'!C2"
    assert [row["说明"].value for row in (first, second)] == [NOTHING_TO_ANSWER, NOTHING_TO_ANSWER]
    assert [row["说明"].protection.locked for row in (first, second, third)] == [True, True, False]
    assert third["说明"].fill.start_color.rgb[-6:] == BLUE and front.protection.sheet
    assert front.column_dimensions[openpyxl.utils.get_column_letter(ANSWER + 1)].hidden


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"state": "accepted"}, "结论：已接受，但有 1 条警告须说明原因或改正。"),
        ({"in_force": None}, "结论：退回：有 1 处错误，本次报送全部不计入；目前没有已接受的报送。"),
        ({"state": "locked", "reason": "已锁定"}, "结论：没有计入：已锁定；仍以第 1 次报送为准。"),
        ({"is_practice": True}, PRACTICE_BANNER),
    ],
)
def test_the_verdict_is_said_in_words(other, said, receipt_of):
    receipt = receipt_of(xlsx([TABLE]), finding(), finding("warning", must_explain=True), **other)
    assert said in lines_of(opened(render(receipt).content)[RECEIPT_SHEET])


def test_an_earlier_answer_stands_in_its_place(receipt_of):
    answered = finding("warning", "D2", must_explain=True, explanation="=活动周")
    [row] = table_of(opened(render(receipt_of(xlsx([TABLE]), answered)).content)[RECEIPT_SHEET])
    assert (row["程度"].value, row["说明"].value, row["说明"].data_type) == ("警告（已说明）", "=活动周", "s")


# Marks in a copy of the sender's own workbook.


def test_marks_leave_everything_else_as_it_was(receipt_of):
    content = template(is_practice=True, prepared_on=date(2022, 11, 3))
    findings = [
        finding(cell="K4", sheet="技术合同"),
        finding("warning", "L4", sheet="技术合同"),
        finding("info", "A4", sheet="技术合同"),
    ]
    rendered = render(receipt_of(content, *findings, is_practice=True))
    before, after = opened(content), opened(rendered.content)
    assert rendered.how == "kept"
    assert after.sheetnames == [RECEIPT_SHEET, *before.sheetnames] and after.active.title == RECEIPT_SHEET
    for sheet in before.worksheets:
        same = after[sheet.title]
        assert same.sheet_state == sheet.sheet_state and not same.sheet_view.tabSelected
        assert {key: each.width for key, each in same.column_dimensions.items()} == {
            key: each.width for key, each in sheet.column_dimensions.items()
        }
        assert same.merged_cells.ranges == sheet.merged_cells.ranges
        assert len(same.data_validations.dataValidation) == len(sheet.data_validations.dataValidation)
        assert (same.protection.sheet, same.freeze_panes) == (sheet.protection.sheet, sheet.freeze_panes)
        for row in sheet.iter_rows(max_row=12):
            for cell in row:
                other = same[cell.coordinate]
                assert (other.value or None, other.number_format) == (cell.value or None, cell.number_format)
                looks = [repr((each.font, each.fill, each.border, each.protection)) for each in (cell, other)]
                assert looks[0] == looks[1]
    assert {each.name: each.value for each in after.custom_doc_props.props} == {
        each.name: each.value for each in before.custom_doc_props.props
    }
    data = after["技术合同"]
    assert [colour_of(data, cell) for cell in ("K4", "L4", "A4")] == [RED, YELLOW, None]
    assert data["K4"].comment.text.startswith(f"{HEADING}\n第 1 条　错误：K4 不对\n怎么改：请改正")
    assert data["A4"].comment is None
    container = open_container(rendered.content)
    assert container.sheet(METADATA_SHEET).is_hidden and container.properties == open_container(content).properties


def test_results_of_formulas_stay_where_nothing_works_them_out(receipt_of):
    """openpyxl drops them, and a preview shows blanks; read them as our reader does."""
    book = openpyxl.Workbook()
    book.active.append([1, 2, "=SUM(A1:B1)", '="共"&A1', "=A1>0", "=1/0"])
    content = io.BytesIO()
    book.save(content)
    parts = dict(parts_with_results(content.getvalue()))
    rendered = render(receipt_of(zipped(parts.items()), finding(cell="A1", sheet="Sheet")))
    assert rendered.how == "kept"
    assert open_container(rendered.content).sheet("Sheet").rows == [[1.0, 2.0, 3.0, "共1", True, "#DIV/0!"]]
    assert opened(rendered.content)["Sheet"]["C1"].value == "=SUM(A1:B1)"


def parts_with_results(content: bytes):
    results = {"C1": ("n", "3"), "D1": ("str", "共1"), "E1": ("b", "1"), "F1": ("e", "#DIV/0!")}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "xl/worksheets/sheet1.xml":
                for cell, (kind, value) in results.items():
                    start = part.index(f'<c r="{cell}"'.encode())
                    end = part.index(b"</c>", start)
                    whole = part[start:end].replace(b"<v />", b"").replace(b"<v></v>", b"").replace(b"<v/>", b"")
                    whole = whole.replace(b">", f' t="{kind}">'.encode(), 1) + f"<v>{value}</v>".encode()
                    part = part[:start] + whole + part[end:]
            yield name, part


def test_a_receipt_that_comes_back_loses_its_marks_before_it_gets_new_ones(receipt_of):
    book = opened(xlsx([TABLE]))
    own = book["科普活动"]
    own["D2"].comment = Comment("我自己的批注", "县里")
    own.conditional_formatting.add("D2:D9", CellIsRule("greaterThan", ["9"], fill=PatternFill("solid", end_color="00FF00")))
    content = io.BytesIO()
    book.save(content)
    first = render(receipt_of(content.getvalue(), finding(cell="D2"), finding(cell="C2")))
    once = opened(first.content)["科普活动"]
    assert once["D2"].comment.text.startswith(f"我自己的批注\n\n{HEADING}")
    assert [colour_of(once, cell) for cell in ("C2", "D2")] == [RED, RED]
    second = render(receipt_of(first.content, finding("warning", "C3"), revision=3))
    twice = opened(second.content)
    data = twice["科普活动"]
    assert [colour_of(data, cell) for cell in ("C2", "D2", "C3")] == [None, None, YELLOW]
    assert (data["C2"].comment, data["D2"].comment.text) == (None, "我自己的批注")
    assert [rule.type for formatting in data.conditional_formatting for rule in formatting.rules].count("cellIs") == 1
    assert twice.sheetnames.count(RECEIPT_SHEET) == 1 and len(table_of(twice[RECEIPT_SHEET])) == 1


def test_a_finding_in_a_merged_range_is_marked_at_its_first_cell(receipt_of):
    merged = replace(TABLE, merged=[(1, 0, 2, 0)])
    data = opened(render(receipt_of(xlsx([merged]), finding(cell="A3"))).content)["科普活动"]
    assert colour_of(data, "A2") == RED and data["A2"].comment


def with_part(name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx([TABLE]))) as archive:
        return zipped([*((each, archive.read(each)) for each in archive.namelist()), (name, b"x")])


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/media/image1.png", "图片或图形"),
        ("xl/vbaProject.bin", "宏"),
        ("xl/charts/chart1.xml", "图表"),
        ("xl/externalLinks/externalLink1.xml", "到其他文件的链接"),
        ("xl/strange.xml", "写法特殊的内容"),
    ],
)
def test_a_workbook_that_would_lose_something_is_not_copied_but_rewritten(part, said, receipt_of):
    rendered = render(receipt_of(with_part(part), finding()))
    book = opened(rendered.content)
    assert rendered.how == "rewritten" and f"原文件里有{said}" in lines_of(book[RECEIPT_SHEET])
    assert colour_of(book["科普活动"], "C2") == RED and book["科普活动"]["A2"].value == "科普讲座"


# Cells rewritten.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (text_file(TABLE, "gb18030", ",", False), "原文件是文本"),
        (xls([TABLE]), "旧版 Excel"),
        (ods([TABLE]), "OpenDocument"),
        (web_page(TABLE, "utf-8", False), "网页表格"),
        (encrypted(xlsx([TABLE]), "VelvetSweatshop"), "加密的工作簿"),
    ],
)
def test_whatever_was_sent_comes_back_as_a_workbook_that_reads_the_same(content, said, receipt_of):
    read = open_container(content).sheets[0]
    rendered = render(receipt_of(content, finding(sheet=read.name)))
    book = opened(rendered.content)
    assert rendered.how == "rewritten" and said in lines_of(book[RECEIPT_SHEET])
    sheet = book.worksheets[1]
    assert colour_of(sheet, "C2") == RED and sheet["C2"].comment
    again = open_container(rendered.content).sheets[1]
    assert (again.rows, again.merged) == (list(read.rows), read.merged)
    [row] = table_of(book[RECEIPT_SHEET])
    assert row["位置"].hyperlink.location == f"'{sheet.title}'!C2"


def test_names_that_excel_refuses_are_changed_and_links_follow(receipt_of):
    grids = [Grid("甲/乙" + "长" * 40, TABLE.rows), Grid("甲:乙" + "长" * 40, TABLE.rows), Grid(RECEIPT_SHEET, [["旧"]])]
    book = opened(render(receipt_of(ods(grids), finding(sheet=grids[1].name))).content)
    assert all(len(name) <= 31 and not set(name) & set("/:") for name in book.sheetnames) and len(book.sheetnames) == 3
    assert table_of(book[RECEIPT_SHEET])[0]["位置"].hyperlink.location == f"'{book.sheetnames[2]}'!C2"
    assert colour_of(book.worksheets[2], "C2") == RED


def test_hidden_and_merged_stay_so(receipt_of):
    grid = replace(TABLE, merged=[(1, 0, 2, 0)], hidden_rows={2}, hidden_columns={3})
    content = xls([grid, Grid("藏", [["x"]], is_hidden=True)])
    before, after = open_container(content), open_container(render(receipt_of(content, finding())).content)
    for sheet in before.sheets:
        same = after.sheet(sheet.name)
        assert (same.is_hidden, same.hidden_rows, same.merged) == (sheet.is_hidden, sheet.hidden_rows, sheet.merged)


def test_numbers_keep_all_their_digits(receipt_of):
    """The reader takes them as they are, and an answer hangs on the value; 16 digits are not always enough."""
    number = 39065753.206057005
    rows = [LABELS, ["科普讲座", "线下", number, 1200]]
    with zipfile.ZipFile(io.BytesIO(xlsx([Grid("科普活动", rows)]))) as archive:
        parts = [(name, archive.read(name).replace(b"39065753.206057<", b"39065753.206057005<")) for name in archive.namelist()]
    for content, how in ((zipped(parts), "kept"), (xls([Grid("科普活动", rows)]), "rewritten")):
        rendered = render(receipt_of(content, finding()))
        assert rendered.how == how and open_container(rendered.content).sheet("科普活动").rows == rows


# The front sheet alone.


def test_what_cannot_be_read_gets_the_front_sheet(receipt_of):
    unreadable = finding(cell=None, sheet=None, rule_id="file.unreadable", message="工作簿打不开", advice="请另存")
    rendered = render(receipt_of(b"PK\x03\x04 cut off", unreadable))
    book = opened(rendered.content)
    assert (rendered.how, book.sheetnames) == ("front_only", [RECEIPT_SHEET])
    assert "改好原来的文件，重新发送" in lines_of(book[RECEIPT_SHEET]) and "整个发回" not in lines_of(book[RECEIPT_SHEET])


def test_what_was_not_identified_gets_the_front_sheet_with_the_candidates(receipt_of):
    told = Finding(
        rule_id="file.unidentified", level=0, severity="error", message="认不出月份", advice="可能是：报表 科普活动月报"
    )
    nobody = dict.fromkeys(("form", "form_title", "reporting_unit_id", "reporting_unit_name", "month", "revision", "in_force"))
    receipt = receipt_of(xlsx([TABLE]), told, state="unidentified", reason="认不出月份", **nobody)
    rendered = render(receipt)
    front = opened(rendered.content)[RECEIPT_SHEET]
    assert rendered.how == "front_only" and "无法识别，没有计入：认不出月份" in lines_of(front)
    assert table_of(front)[0]["怎么改"].value == told.advice
    assert (receipt.folder, receipt.file_stem) == ("无法识别", f"科普活动_回执_{receipt.path.name[:8]}")


def test_a_very_long_file_is_not_attached(receipt_of, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_CELLS", 5)
    rendered = render(receipt_of(text_file(TABLE, "utf-8", ",", False), finding(sheet="CSV")))
    assert rendered.how == "front_only" and TOO_MUCH_TO_MARK in lines_of(opened(rendered.content)[RECEIPT_SHEET])


# Text of others.


@pytest.mark.parametrize("how", ["kept", "rewritten"])
@pytest.mark.parametrize("text", DANGEROUS)
def test_text_of_senders_is_never_a_formula(text, how, receipt_of):
    stored = text.replace("\x07", "")  # no container holds it
    grid = Grid("科普活动", [LABELS, [stored, "x", "1", "2"]])
    content = xlsx([grid]) if how == "kept" else ods([grid])
    hostile = finding(cell="A2", value=text, message=text, advice=text, expected=text, must_explain=True, explanation=text)
    rendered = render(receipt_of(content, hostile, replace(hostile, severity="warning"), file_name=f"{text}.xlsx", reason=text))
    assert rendered.how == how
    book = opened(rendered.content)
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type not in ("f", "e"), (sheet.title, cell.coordinate)
                assert cell.hyperlink is None or (cell.hyperlink.target is None and cell.hyperlink.location)
    with zipfile.ZipFile(io.BytesIO(rendered.content)) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any(b"<f>" in part or b"<f " in part for part in sheets)
    assert open_container(rendered.content).sheet("科普活动").rows[1][0] == stored
    assert table_of(book[RECEIPT_SHEET])[0]["问题"].value == stored


def test_the_same_input_gives_the_same_bytes(receipt_of, tmp_path):
    """Also in another process, where sets have another order, and another second."""
    for name, content in (("kept", template()), ("rewritten", text_file(TABLE, "utf-8", ",", False))):
        findings = [
            finding(cell=f"{column}{row}", sheet=sheet) for sheet in ("技术合同", "CSV") for row in (4, 5) for column in "ACK"
        ]
        receipt = receipt_of(content, *findings)
        script = (
            "import pickle, sys, hashlib; from pipelines.receipts.workbook import render;"
            "print(hashlib.sha256(render(pickle.load(open(sys.argv[1], 'rb'))).content).hexdigest())"
        )
        (tmp_path / "receipt").write_bytes(pickle.dumps(receipt))
        said = [
            subprocess.run(
                [sys.executable, "-c", script, str(tmp_path / "receipt")],
                env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(workbook.__file__).parents[2]), "TZ": zone},
                capture_output=True, text=True, check=True,
            ).stdout.strip()
            for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
        ]  # fmt: skip
        assert said == [hashlib.sha256(render(receipt).content).hexdigest()] * 2, name


# The same for machines.

ESS_SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type", "event", "rule", "data", "value"],
        "properties": {
            "id": {"type": "string"},
            "type": {"enum": ["validation"]},
            "event": {
                "required": ["time", "actor"],
                "properties": {"time": {"type": "string", "format": "date-time"}, "actor": {"type": "string"}},
            },
            "rule": {
                "required": ["language", "expression", "severity"],
                "properties": {
                    "language": {"type": "string"},
                    "expression": {"type": "string"},
                    "severity": {"enum": ["information", "warning", "error"]},
                    "description": {"type": "string"},
                    "status": {"type": "string"},
                },
            },
            "data": {
                "required": ["source", "target"],
                "properties": {
                    "source": {"type": "array", "items": {"type": "array"}},
                    "target": {"type": "array", "items": {"type": "array"}},
                    "description": {"type": "string"},
                },
            },
            "value": {"enum": ["0", "1", "NA"]},
        },
    },
}


def test_the_report_has_the_shape_of_the_ess(receipt_of):
    unverified = finding("warning", "D2", is_unverified=True)
    receipt = receipt_of(xlsx([TABLE]), finding(field="attendance", subject="科普讲座"), finding("info"), unverified)
    report = validation_report(receipt)
    jsonschema.validate(report, ESS_SCHEMA)
    assert [(each["rule"]["severity"], each["value"]) for each in report] == [
        ("error", "0"),
        ("warning", "NA"),
        ("information", "0"),
    ]
    assert report[0]["data"]["target"] == [[EVENTS.form, MONTH, "411302/科普讲座", "attendance"]]
    assert len({each["id"] for each in report}) == 3
    [rule] = [each["rule"] for each in validation_report(receipt_of(xlsx([TABLE]), finding(rule_id=EVENTS.rules[0].id)))]
    assert (rule["language"], rule["expression"]) == ("DuckDB SQL", EVENTS.rules[0].holds)


# Which receipts there are, and the files.


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setattr(written, "Children", NoChildren)
    return Settings(tmp_path)


def send(settings, unit, attendance, *, number="", form=EVENTS.title):
    path = settings.submissions / f"{form}_{unit}_{MONTH}{number}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{','.join(LABELS)}\n科普讲座,线下,3,{attendance}\n", encoding="utf-8")


def land(settings):
    """A load an hour after the one before: what comes again within one is no change."""
    reader = InProcess()
    arrived = len(Archive(settings.archive).records)
    now = datetime(2022, 11, 3, arrived, tzinfo=OFFICE_TIME)
    landing.land_form(settings, EVENTS, collect(settings, reader, quiet, now), reader, quiet)
    landing.land_inbox(settings, read_intake(settings))


def receipts_of(settings):
    made = write_receipts(due_receipts(settings, MONTH), settings.receipts / MONTH, quiet)
    return {(each.receipt.reporting_unit_id, each.receipt.revision): each for each in made}


@pytest.fixture
def asks_why(monkeypatch):
    """Has every attendance over 1000 explained, in the place of the rules of the form, which come and go."""
    take_answers = validation.take_answers

    def ask_and_take(submissions):
        for each in submissions:
            unit = each.received.identity.reporting_unit_id
            for row, value in zip(each.table.row_numbers, each.table.column("attendance"), strict=True):
                where = {
                    "sheet": each.table.sheet,
                    "field": "attendance",
                    "subject": "科普讲座",
                    "file_name": each.received.file_name,
                }
                asked = finding("warning", f"D{row}", rule_id=ASKED, value=str(value), must_explain=True, **where)
                if value is not None and value > 1000:
                    own = {"submission_id": each.submission_id, "reporting_unit_id": unit, "revision": each.revision}
                    each.findings.append(replace(asked, **own))
        take_answers(submissions)

    monkeypatch.setattr(validation, "take_answers", ask_and_take)


def asked(settings):
    """Revision -> state and explanation of what the stand-in for rules asks."""
    found = landing.read_findings(settings).filter(pl.col("rule_id") == ASKED)
    return {row["revision"]: (row["state"], row["explanation"]) for row in found.rows(named=True)}


def test_the_last_revision_gets_a_receipt_and_the_one_in_force_if_it_has_to_be_explained(settings, asks_why):
    send(settings, "411302", 1200)
    send(settings, "411302", -1, number="_第2次")  # returned: the first stays in force, still unexplained
    send(settings, "411303", 10)
    send(settings, "411303", -1, number="_第2次")  # the first has nothing to look at
    send(settings, "411321", -1)
    send(settings, "411321", 10, number="_第2次")  # mended
    land(settings)
    found = receipts_of(settings)
    assert set(found) == {("411302", 1), ("411302", 2), ("411303", 2)}
    first, second = found["411302", 1], found["411302", 2]
    assert (first.receipt.state, first.receipt.to_explain, first.receipt.to_mend) == ("accepted", 1, 0)
    assert (second.receipt.state, second.receipt.in_force) == ("returned", 1)
    assert first.workbook == settings.var / f"receipts/{MONTH}/宛城区/{EVENTS.title}_宛城区_{MONTH}_第1次_回执.xlsx"
    assert json.loads(first.report.read_text(encoding="utf-8"))[0]["type"] == "validation"


def test_the_archive_stays_and_nothing_is_written_twice(settings):
    send(settings, "411302", -1)
    land(settings)
    before = digest_of_tree(settings.archive, "")
    [first] = receipts_of(settings).values()
    stamp = first.workbook.stat().st_mtime_ns
    [second] = receipts_of(settings).values()
    assert (first.is_changed, second.is_changed) == (True, False)
    assert first.workbook.stat().st_mtime_ns == stamp and digest_of_tree(settings.archive, "") == before


def test_receipts_that_no_longer_hold_are_removed(settings):
    send(settings, "411302", -1)
    send(settings, "411303", -1)
    land(settings)
    gone = receipts_of(settings)["411302", 1]
    send(settings, "411302", 10, number="_第2次")
    land(settings)
    left = receipts_of(settings)
    assert set(left) == {("411303", 1)} and gone.workbook.exists()
    remove_others(settings.receipts / MONTH, list(left.values()))
    assert not gone.workbook.parent.exists() and left["411303", 1].workbook.exists()


def test_unidentified_and_unreadable_files_get_one_too(settings):
    send(settings, "411302", 900)
    (settings.submissions / "某文件.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (settings.submissions / f"{EVENTS.title}_411303_{MONTH}.xlsx").write_bytes(b"PK\x03\x04 cut off too")
    land(settings)
    found = receipts_of(settings)
    assert set(found) == {(None, None), ("411303", 1)}
    assert {each.how for each in found.values()} == {"front_only"}
    assert found[None, None].workbook.parent.name == "无法识别"


def test_a_file_that_kills_its_process_gets_the_front_sheet(settings, monkeypatch):
    send(settings, "411302", -1)
    land(settings)
    monkeypatch.setattr(written, "Children", Children)
    monkeypatch.setattr(written, "render", dies)
    [one] = receipts_of(settings).values()
    assert one.how == "front_only" and NOT_MARKED in lines_of(openpyxl.load_workbook(one.workbook)[RECEIPT_SHEET])


def dies(receipt, given):
    os.abort()


def test_a_receipt_is_identified_as_what_it_is_about(receipt_of):
    for unit in (each for each in UNITS.values() if each.names[0].holds_in(MONTH)):
        name, practice = unit.reporting_unit_name, unit.unit_kind == "zone"
        receipt = receipt_of(b"", reporting_unit_name=name, is_practice=practice)
        identity = identify(None, f"submissions/{receipt.file_stem}.xlsx", FORMS, UNITS)
        assert (identity.problem, identity.form, identity.reporting_unit_id, identity.month, identity.is_practice) == (
            None, EVENTS.form, unit.reporting_unit_id, MONTH, practice,
        )  # fmt: skip


def answer(settings, receipt, said, *, attendance=None, number="回"):
    """What a county does: opens the receipt, writes beside the warning, mends a number perhaps, sends the file back."""
    book = openpyxl.load_workbook(receipt.workbook)
    for row in table_of(book[RECEIPT_SHEET]):
        if row["规则"].value == ASKED:
            assert not row["说明"].protection.locked
            row["说明"].value = said
    if attendance is not None:
        book["CSV"]["D2"].value = attendance
    book.save(settings.submissions / f"{receipt.workbook.stem}{number}.xlsx")


def test_the_round_trip_of_an_answer(settings, asks_why):
    send(settings, "411302", 1200)
    land(settings)
    assert asked(settings) == {1: ("open", None)}
    receipt = receipts_of(settings)["411302", 1]
    answer(settings, receipt, None)
    land(settings)
    assert asked(settings)[2] == ("open", None)  # a blank is no answer
    answer(settings, receipt, " 承办科技活动周 ", number="回二")
    land(settings)
    rows = pl.read_parquet(settings.landing / EVENTS.form / "*.parquet")
    assert asked(settings)[3] == ("answered", "承办科技活动周") and rows["attendance"].to_list() == [1200]
    assert list(landing.read_answers(settings).values()) == ["承办科技活动周"]
    send(settings, "411302", 1200, number="_第9次")  # again without the front sheet: the answer is kept
    land(settings)
    assert asked(settings)[4] == ("answered", "承办科技活动周")
    send(settings, "411302", 5000, number="_第10次")  # another value is another question
    land(settings)
    assert asked(settings)[5] == ("open", None)
    again = receipts_of(settings)["411302", 5]
    assert again.receipt.to_explain == 1


def test_the_data_of_a_receipt_can_be_mended_in_it(settings, asks_why):
    send(settings, "411302", 1200)
    land(settings)
    answer(settings, receipts_of(settings)["411302", 1], None, attendance="900")
    land(settings)
    rows = pl.read_parquet(settings.landing / EVENTS.form / "*.parquet")
    assert (rows["attendance"].to_list(), rows["revision"].to_list()) == ([900], [2])
    assert set(asked(settings)) == {1}


def test_the_command_writes_them_and_says_where(settings, tmp_path):
    def run(*options):
        return CliRunner().invoke(app, ["receipts", *options, "--home", str(settings.home)])

    send(settings, "411303", 900)
    assert run().exit_code == 2  # nothing has been loaded
    land(settings)
    assert run().exit_code == 0 and "没有要发的回执" in run().output
    send(settings, "411302", -1)
    land(settings)
    told = json.loads(run("--json").stdout)
    [one] = told["receipts"]
    assert (told["month"], one["to_mend"], one["to_explain"], one["how"], one["is_changed"]) == (MONTH, 1, 0, "rewritten", True)
    assert Path(one["workbook"]).is_file() and Path(one["report"]).is_file()
    said = run(MONTH, "--out", str(tmp_path / "别处"))
    assert said.exit_code == 1 and "宛城区" in said.output and list((tmp_path / "别处" / MONTH / "宛城区").glob("*.xlsx"))


# What a person sees.


def test_a_receipt_opens_in_libreoffice(receipt_of, tmp_path):
    soffice = shutil.which("soffice")
    if soffice is None or shutil.which("pdftoppm") is None:
        pytest.skip("LibreOffice or pdftoppm is not installed")
    findings = [finding(cell="K4", sheet="技术合同"), finding("warning", "L4", sheet="技术合同", must_explain=True)]
    file = tmp_path / "receipt.xlsx"
    file.write_bytes(render(receipt_of(template(is_practice=True), *findings, is_practice=True)).content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    subprocess.run(["pdftoppm", "-r", "80", "-png", "receipt.pdf", "page"], cwd=tmp_path, check=True)
    pages = sorted(tmp_path.glob("page-*.png"))
    width, height = (int.from_bytes(pages[0].read_bytes()[start : start + 4]) for start in (16, 20))
    assert len(pages) == 3 and width > height  # the front sheet, the data, the guide; landscape
