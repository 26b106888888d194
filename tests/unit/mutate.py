"""Files as nobody would send them: whole ones made by code, then damaged at random; and what is held against their reading.

The case of a seed and a number is always the same: `case("1", 42)`. Whole files are of every kind that is read, for each of
the three forms; damage is done where a reader meets it: to bytes, to the XML or the records within a container that is then
closed again rightly (so that it gets past the checks of the container), to text before it is encoded, to the cells themselves.
"""

from __future__ import annotations

import csv
import functools
import html
import io
import re
import signal
import struct
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from random import Random

import writers
import xlsxwriter
from inprocess import TERMS
from python_calamine import CalamineWorkbook
from writers import Grid, Records

from pipelines.collect import whole_columns
from pipelines.collect.binaries import contained
from pipelines.collect.cells import column_letters
from pipelines.collect.children import CRASHED, SECONDS_A_MEGABYTE, TOO_MUCH_MEMORY, TOO_SLOW
from pipelines.collect.containers import Cell, CellRange, Container, Sheet, Unreadable
from pipelines.collect.examine import examine
from pipelines.collect.headers import Head
from pipelines.collect.identify import identify
from pipelines.collect.matching import match_form
from pipelines.collect.numerals import Unconvertible
from pipelines.collect.quantities import convert
from pipelines.collect.reader import Outcome
from pipelines.collect.signals import signals_of
from pipelines.collect.table import read_table
from pipelines.collect.tables import find_table
from pipelines.collect.terms import ArchivedFile, Examined, Terms
from pipelines.collect.values import ReadTable
from pipelines.collect.workbooks import EXCEL_DEFAULT_PASSWORD
from pipelines.forms.columns import field_schema
from pipelines.forms.model import Form
from pipelines.forms.template import render_template

MONTH = "2022-10"
FORMS, UNITS, CODES = TERMS.forms, TERMS.units, TERMS.code_lists
SLOW_SECONDS = 5.0  # for a file of some kilobytes; an ordinary one takes a hundredth
WANTED = tuple((form, MONTH) for form in FORMS)

# What a cell, an attribute or a line may turn into.
# fmt: off
NUMBERS: list[Cell] = [
    0, 1, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 10**14, 20221031, 202210, 44835, 60, 0.0, -0.0, 0.1 + 0.2, 1e308, -1e308,
    5e-324, 1e-7, 1e14, 1e15, 99999999999999.98, 2022.1, 2022.11, 44835.5, 1234567.891, float("nan"), float("inf"),
    float("-inf"), 0.125, 411302.0, 2022413302000010.0,
]
WRITTEN = [
    "0", "-1", "007", "12.50", "1,234.5", "1,23", "１２", "壹佰贰拾", "三五", "1.2万", "3亿5000万", "12 345", "(5)", "△3", "¥5",
    "5%", "1e400", "1E-400", "0e999", "1e13", "NaN", "inf", "-0", "+1", "--1", "²", "①", "٣", "1²", "½", "0x10", "1_000",
    "2022.1", "2022.10", "2022-02-30", "2022年10月31日", "二〇二二年十月", "20٢٢年10月", "2022-10-31 24:61", "44835",
    "31/10/2022", "-", "——", "无", "/", "…", "#REF!", "#N/A", "####", "=1+1", "=cmd|' /C calc'!A0", "@SUM(1)", "约3", "3-5",
    "不足10", "科普讲座", "线下", "技术开发", "01", "GR202241000001", "9141130200000000XX", "2022413302000010", "411302",
    "A" * 300, "\u202e123", "\u200b12\u200b", "\ufeff3", "é", "ﷺ", "㍿", "\x07", "\u3000", "\xa0", "a\tb", "两\n行", "'0123",
    "“名”",
]
WORDS = [
    "合计", "小 计", "总计：", "其中：技术开发", "一、宛城区", "（二）技术服务", "全市", "Total", "注：不含省直",
    "数据来源：县局", "*", "填报人：张三", "单位负责人：", "单位：万元", "计量单位：千元、项", "单位：kg/亿元",
    "填报单位：宛城区", "2022年10月", "附件1", "序号", "甲", "乙", "1", "2", "(3)", "万元", "（千元）", "累计", "上年同期",
    "合同金额", "其中", "技术合同认定登记月报", "科普活动月报",
]
LONG = [
    " " * 30_000, "x\ty" + " " * 30_000 + "z", "T" * 30_000, "2022-10-31" + " T" * 15_000, "1 234 " * 5_000, "123 " * 8_000,
    "9" * 5_000, "9" * 30_000, "1," * 15_000, "(" * 30_000, "（" * 9_000 + "）" * 9_000, "单位：" * 9_000,
    "单位： " + " " * 20_000, "一" * 30_000, "万" * 9_000, "1万" * 9_000, "零" * 9_000, "-" * 30_000, "约" * 9_000 + "1",
    "1-" * 9_000, "ﷺ" * 3_000, "2022年" * 9_000, "2022年10月" * 5_000, "2022-" * 9_000, "10月-" * 9_000, "宛城区" * 9_000,
    "南阳市" * 9_000 + "高新区", "合计 " * 9_000, "其中：" * 9_000, "一、" * 9_000, "注" * 30_000, "A" * 100_000, "技" * 40_000,
    "'" * 9_000, "\u200b" * 30_000, "宛 城 区 " * 5_000, "填报单位：" * 5_000, "1.1.1." * 5_000, "%" * 9_000, "#" * 30_000,
    "=" * 9_000, "2022年1-" * 5_000,
]
REPLACEMENTS = [
    "", "0", "-1", "1", "2", "7", "255", "65536", "1048576", "1048577", "16384", "4294967296", "-2147483648", "9" * 20, "1e999",
    "NaN", "-inf", "1.5", "0.1", "abc", "A1", "XFD1048576", "A0", "1A", "$A$1", "A1:B2", "ZZZZ9", "A1:XFD1048576", "true",
    "&#0;", "&#xD800;", "&amp;", "&unknown;", "&lt;row&gt;", "²", "٣", "合计", "s", "e", "str", "inlineStr", "b", "d", "n",
    "rId1", "rId99", "../../../etc/passwd", "/xl/workbook.xml", "http://localhost/x", "#REF!", "collapse", "float", "date",
    "time",
]
ODD: list[Cell] = [
    True, False, date(1, 1, 1), date(9999, 12, 31), datetime(2022, 10, 31, 12), datetime(1899, 12, 30), clock(1, 2), None, "",
    timedelta(days=-3), timedelta(days=10**6),
]
DAMAGES_OF_XML = [
    (' r="', ' x="'), ("<c ", "<c t='e' "), ("<row ", '<row hidden="1" '), ('t="s"', 't="str"'), ('t="s"', 't="e"'),
    ("<v>", "<v><f>"), ('"/>', '">'), ("xmlns", "xmlnz"), ("sheet1", "sheet9"), ("UTF-8", "GB18030"), (" s=", " t="),
    ("<x:", "<"), ("</c>", ""), ("table:", "tab:"), ("float", "string"), ("date1904", "date1905"), ("td", "th"),
    ('span="1"', 'span="²"'), ('span="1"', 'span="0"'), ('span="1"', f'span="{"9" * 5000}"'), ('span="1"', 'span="999"'),
    ("<html>", ""), ("<table", "<tr"), ("<body>", "<script>"), ("<tr", "<style"), ("<td", "<td hidden"),
]
# fmt: on


# Whole files


def table_of(form: Form, random: Random, *, is_plain: bool = False) -> Grid:
    """The form as a clerk may type it: titles, a unit line, a header of one or two rows, sections, totals, notes."""
    fields = list(form.fields)
    if not is_plain and random.random() < 0.3:
        random.shuffle(fields)
    rows: list[list[Cell]] = []
    merged: list[CellRange] = []
    if not is_plain and random.random() < 0.7:
        rows.append([f"宛城区2022年10月{form.title}", *[None] * (len(fields) - 1)])
        merged.append((0, 0, 0, len(fields) - 1))
    if not is_plain and random.random() < 0.5:
        rows.append(["填报单位：宛城区", None, random.choice(["单位：万元", "单位：千元", "计量单位：亿元", "2022年10月"])])
    top = len(rows)
    rows.append([each.label if random.random() < 0.8 else f"{each.label}（{each.unit or '必填'}）" for each in fields])
    if not is_plain and random.random() < 0.4:
        rows.append([None] * (len(fields) - 2) + ["数量", "金额"])
        rows[top][-2:] = ["合同金额", None]
        rows[top + 1][-2:] = [each.label for each in fields[-2:]]
        merged += [
            (top, len(fields) - 2, top, len(fields) - 1),
            *((top, column, top + 1, column) for column in range(len(fields) - 2)),
        ]
    if not is_plain and random.random() < 0.2:
        rows.append([*"甲乙丙丁戊己庚辛壬癸"][: len(fields)] + [str(number) for number in range(1, len(fields) - 9)])
    first = len(rows)
    for number in range(random.randrange(1, 9)):
        rows.append([value_of(form, each.name, random, number) for each in fields])
        if not is_plain and random.random() < 0.1:
            rows.append([random.choice(WORDS)])
    if not is_plain and random.random() < 0.5:
        rows.append(["合计", *(12 if each.type in ("integer", "decimal") else None for each in fields[1:])])
    if not is_plain and random.random() < 0.3:
        rows += [[], [random.choice(["注：不含省直", "填报人：张三　　电话：123"])]]
    hidden = {row for row in range(first, len(rows)) if not is_plain and random.random() < 0.05}
    return Grid("2022-10" if random.random() < 0.2 else form.versions[-1].sheet, rows, merged, hidden)


def value_of(form: Form, name: str, random: Random, number: int) -> Cell:
    """A cell that fits the field, most of the time."""
    if random.random() < 0.03:
        return random.choice([*NUMBERS, *WRITTEN, None])
    each = form.by_name[name]
    match each.type:
        case "code":
            return random.choice(list(CODES[str(each.codes)]))
        case "integer":
            return random.choice([3, 1200, "15", 40.0])
        case "decimal":
            return random.choice([12.5, "1,234.56", 100, "3.4万元", 0.1])
        case "date":
            return random.choice([date(2022, 10, 31), "2022-10-30", "2022年9月1日", 44835.0])
    written = {"contract_no": "20224133020000", "certificate_no": "GR2022410000", "uscc": "91411302000000000"}.get(name)
    if written is not None:
        return f"{written}{number:02d}"[:18]
    return random.choice(["411302", "410105"]) if "division" in name else f"南阳{number}号有限公司"


def template(form: Form) -> bytes:
    """The workbook as it is sent out, filled in."""
    rows = []
    for number in range(4):
        row: dict[str, object] = {}
        for each in form.fields:
            cell = value_of(form, each.name, Random(number), number)
            if each.codes and isinstance(cell, str):
                cell = CODES[each.codes].get(cell, cell)
            row[each.name] = Decimal("12.5") if each.type == "decimal" else date(2022, 10, 1) if each.type == "date" else cell
        rows.append(row)
    return render_template(form, UNITS["411302"], MONTH, rows=rows, codes=CODES)


def xlsx(grid: Grid) -> bytes:
    """Cells as xlsxwriter makes them of what is typed: formulas and errors too, where `writers.xlsx` writes what it is given."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "nan_inf_to_errors": True, "default_date_format": "yyyy-mm-dd"}
    ) as book:
        sheet = book.add_worksheet(grid.name)
        for number, row in enumerate(grid.rows):
            for column, cell in enumerate(row):
                if isinstance(cell, int) and abs(cell) > 2**53:
                    cell = float(cell)
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.write_formula(number, column, cell, None, "#DIV/0!" if number % 2 else 7)
                elif cell is not None:
                    sheet.write(number, column, cell)
        for top, left, bottom, right in grid.merged:
            if (bottom, right) > (top, left):
                sheet.merge_range(top, left, bottom, right, grid.rows[top][left])
        for row in grid.hidden_rows:
            sheet.set_row(row, None, None, {"hidden": True})
        sheet.set_column("Z:Z", None, None, {"hidden": True})
        book.add_worksheet("去年").hide()
        book.set_custom_property("wanstat_month", MONTH, "text")
    return content.getvalue()


def ods(grid: Grid) -> bytes:
    """Spans over cells that are there nevertheless, a text in one paragraph whatever it is, nothing a thousand times below."""
    spans = grid.spans()
    lines = []
    for number, row in enumerate(grid.rows):
        cells = [
            '<table:table-cell table:number-columns-repeated="1"/>'
            if cell is None
            else writers.ods_cell(cell, spans.get((number, column)), _one_paragraph)
            for column, cell in enumerate(row)
        ]
        hidden = ' table:visibility="collapse"' if number in grid.hidden_rows else ""
        lines.append(f"<table:table-row{hidden}>{''.join(cells)}</table:table-row>")
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    lines.append(f'<table:table-row table:number-rows-repeated="1000">{empty}</table:table-row>')
    columns = '<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>' if grid.hidden_rows else ""
    table = f'<table:table table:name="{grid.name}">{columns}{"".join(lines)}</table:table>'
    return writers.open_document(table, properties={"wanstat_month": MONTH})


def _one_paragraph(text: str) -> str:
    shown = re.sub(r"[\x00-\x08\x0b-\x1f]", "", html.escape(text))
    return f"<text:p>{shown}</text:p>"


def webpage(grid: Grid, encoding: str) -> bytes:
    """Every attribute in quotes and every span said, so that damage finds them."""
    spans, covered = grid.spans(), grid.covered()
    lines = []
    for number, row in enumerate(grid.rows):
        cells = []
        for column, cell in enumerate(row):
            if (number, column) in covered:
                continue
            down, across = spans.get((number, column), (1, 1))
            cells.append(f'<td rowspan="{down}" colspan="{across}">{"" if cell is None else html.escape(str(cell))}</td>')
        lines.append(f"<tr{' style=display:none' if number in grid.hidden_rows else ''}>{''.join(cells)}</tr>")
    head = f"<html><head><meta charset={encoding}></head><body><p>单位：万元</p>"
    page = f"{head}<table border=1>{''.join(lines)}</table></body></html>"
    return page.encode(encoding, "replace")


# Records of Excel 97 and of .xlsb


def old_records(grid: Grid) -> tuple[Records, Records]:
    """The records of the workbook and those of its sheet; strings partly shared, partly in their cells."""
    shared: list[str] = []
    cells: Records = [
        (0x200, struct.pack("<IIHHH", 0, len(grid.rows), 0, 30, 0)),
        (0x7D, struct.pack("<HHHHHH", 25, 25, 0, 0, 1, 0)),
    ]
    for number, row in enumerate(grid.rows):
        hidden = 0x20 if number in grid.hidden_rows else 0
        cells.append((0x208, struct.pack("<HHHHIHH", number, 0, 30, 255, 0, 0x100 | hidden, 0)))
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", number, column, 1 if isinstance(cell, date) else 0)
            if isinstance(cell, date):
                cells.append((0x203, place + struct.pack("<d", (cell - date(1899, 12, 30)).days)))
            elif isinstance(cell, bool):
                cells.append((0x205, place + bytes([cell, 0])))
            elif isinstance(cell, int) and abs(cell) < 2**28:
                cells.append((0x27E, place + struct.pack("<i", cell * 4 + 2 if cell >= 0 else ~((~cell) * 4) & -4 | 2)))
            elif isinstance(cell, int | float):
                cells.append((0x203, place + struct.pack("<d", cell)))
            elif cell == "#REF!":
                cells.append((0x205, place + b"\x17\x01"))
            elif isinstance(cell, str) and cell.startswith("="):
                cells.append((0x06, place + struct.pack("<dHI", 7.5, 0, 0) + b"\x00\x00"))
            elif isinstance(cell, str) and column % 3:
                shared.append(cell)
                cells.append((0xFD, place + struct.pack("<I", len(shared) - 1)))
            elif isinstance(cell, str):
                cells.append((0x204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")))
    merged = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in grid.merged)
    cells.append((0xE5, struct.pack("<H", len(grid.merged)) + merged))
    strings = b"".join(struct.pack("<HB", len(text), 1) + text.encode("utf-16-le") for text in shared)
    book: Records = [
        (0x42, struct.pack("<H", 1200)),
        (0x22, b"\x00\x00"),
        (0x41E, struct.pack("<HHB", 164, 10, 0) + b"yyyy-mm-dd"),
        (0xE0, struct.pack("<HHHHHHHHH", 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        (0xE0, struct.pack("<HHHHHHHHH", 0, 164, 0, 0, 0, 0, 0, 0, 0)),
        (0xFC, struct.pack("<II", len(shared), len(shared)) + strings),
    ]
    return book, cells


def binary_records(grid: Grid) -> tuple[Records, Records]:
    """The records of the workbook part and of the sheet part of an .xlsb."""
    cells: Records = [(129, b""), (148, struct.pack("<IIII", 0, len(grid.rows), 0, 30))]
    cells += [(390, b""), (60, struct.pack("<IIIIH", 25, 25, 2560, 0, 1)), (391, b""), (145, b"")]
    for number, row in enumerate(grid.rows):
        cells.append((0, struct.pack("<IIHBB5x", number, 0, 300, 0, 0x10 if number in grid.hidden_rows else 0)))
        for column, cell in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(cell, int | float):
                cells.append((5, place + struct.pack("<d", cell)))
            elif cell == "#REF!":
                cells.append((3, place + b"\x17"))
            elif cell is not None:
                cells.append((6, place + writers.binary_text(str(cell))))
    cells.append((146, b""))
    cells += [(177, struct.pack("<I", len(grid.merged)))]
    cells += [(176, struct.pack("<IIII", top, bottom, left, right)) for top, left, bottom, right in grid.merged]
    cells += [(178, b""), (130, b"")]
    return writers.binary_book(grid.name), cells


@functools.cache
def whole_packages() -> dict[str, bytes]:
    """Whole .xlsx and .ods, for which making them takes longer than damaging them."""
    made = {f"template {form}": template(FORMS[form]) for form in FORMS}
    for number, form in enumerate(FORMS.values()):
        for variant in range(3):
            grid = table_of(form, Random(f"{number}/{variant}"), is_plain=variant == 0)
            made[f"xlsx {form.form} {variant}"] = xlsx(grid)
            made[f"ods {form.form} {variant}"] = ods(grid)
    return made


@functools.cache
def whole_encrypted() -> bytes:
    return writers.encrypted(whole_packages()["xlsx popular_science_events 0"], EXCEL_DEFAULT_PASSWORD)


# Damage


def place(random: Random, length: int) -> int:
    return random.randrange(length) if length else 0


def damaged(content: bytes, random: Random, times: int | None = None) -> bytes:
    """Bytes flipped, left out, doubled, cut, put in, swapped, or made an odd whole number."""
    data = bytearray(content)
    for _ in range(times or random.choice([1, 1, 2, 4, 16])):
        at = place(random, len(data))
        size = random.choice([1, 2, 4, 16, 100, 700])
        match random.randrange(7):
            case 0 if data:
                data[at] ^= 1 << random.randrange(8)
            case 1:
                del data[at : at + size]
            case 2:
                data[at:at] = data[at : at + size] * random.choice([1, 1, 3, 50])
            case 3 if random.random() < 0.4:
                del data[at:]
            case 4:
                data[at:at] = random.randbytes(size)
            case 5:
                other = place(random, len(data))
                data[at : at + size], data[other : other + size] = data[other : other + size], data[at : at + size]
            case _:
                number = random.choice(
                    [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1]
                )
                width = random.choice([1, 2, 4, 8])
                data[at : at + width] = (number & (1 << 8 * width) - 1).to_bytes(width, "little")
    return bytes(data)


_TEXT_NUMBER = re.compile(r"(?<=[>\"'])-?\d+(?:\.\d+)?(?=[<\"'])")
_ATTRIBUTE = re.compile(r'(?<![\w:-])([\w:-]{1,60})="([^"]*)"')
_TAG = re.compile(r"<[^<>]+>")
_CELL_OR_ROW = re.compile(
    r"<(row|c|si|sheet|Relationship|table:table-row|table:table-cell|tr|td)\b[^>]{0,300}?(?:/>|>.{0,3000}?</\1>)", re.DOTALL
)
_TEXT = re.compile(r">([^<>]+)<")


def replaced(text: str, found: re.Match[str], by: str, group: int = 0) -> str:
    return text[: found.start(group)] + by + text[found.end(group) :]


def picked(pattern: re.Pattern[str], text: str, random: Random) -> re.Match[str] | None:
    """A match near a random place: the first one from there on, else the first of all."""
    return pattern.search(text, place(random, len(text))) or pattern.search(text)


def damaged_xml(text: str, random: Random) -> str:
    """One thing wrong with XML: an attribute, a number, a text, a tag, a row or cell doubled or moved, a depth without end."""
    match random.randrange(12):
        case 0 if found := picked(_TEXT_NUMBER, text, random):
            return replaced(text, found, random.choice(REPLACEMENTS))
        case 1 | 2 if found := picked(_ATTRIBUTE, text, random):
            return replaced(text, found, random.choice(REPLACEMENTS), 2)
        case 3 if found := picked(_ATTRIBUTE, text, random):
            return replaced(text, found, "") if random.random() < 0.5 else replaced(text, found, f"{found[0]} {found[0]}")
        case 4 if (
            (one := picked(_ATTRIBUTE, text, random)) and (two := picked(_ATTRIBUTE, text, random)) and one.end() < two.start()
        ):
            return text[: one.start(2)] + two[2] + text[one.end(2) : two.start(2)] + one[2] + text[two.end(2) :]
        case 5 if found := picked(_TAG, text, random):
            return replaced(
                text, found, random.choice(["", found[0] * 2, "</x>", "<!-- -->", "<![CDATA[", "<?xml?>", "<!DOCTYPE x>"])
            )
        case 6 | 7 if found := picked(_CELL_OR_ROW, text, random):
            other = picked(_CELL_OR_ROW, text, random) or found
            return replaced(text, found, random.choice(["", found[0] * random.choice([2, 2, 3, 300]), other[0]]))
        case 8 if found := picked(_TAG, text, random):
            depth = random.choice([3, 100, 300, 5_000])
            name = random.choice(["a", "row", "c", "is", "text:span", "table", "td", "table:table-cell"])
            return replaced(text, found, f"<{name}>" * depth + found[0] + f"</{name}>" * random.choice([depth, 0]))
        case 9 if "</sheetData>" in text:
            ranges = "".join(f'<mergeCell ref="{some_range(random)}"/>' for _ in range(random.choice([1, 3, 40, 400])))
            return text.replace("</sheetData>", f'</sheetData><mergeCells count="1">{ranges}</mergeCells>', 1)
        case 10 if found := picked(_TEXT, text, random):
            return replaced(text, found, html.escape(some_text(random)), 1)
        case _:
            old, new = random.choice(DAMAGES_OF_XML)
            return text.replace(old, new, random.choice([1, -1]))
    return text


def some_range(random: Random) -> str:
    row, column = random.choice([0, 1, 2, 3, 5, 9, 40, 1_048_575]), random.choice([0, 1, 2, 5, 16_383])
    down, across = random.choice([-1, 0, 1, 2, 9, 1_000]), random.choice([-1, 0, 1, 3, 30])
    return f"{column_letters(column)}{row + 1}:{column_letters(max(column + across, 0))}{row + 1 + down}"


def some_text(random: Random) -> str:
    return random.choice(random.choice([WRITTEN, WORDS, WRITTEN, WORDS, LONG]))


def damaged_records(records: Records, random: Random) -> Records:
    """Records whose number or body is another, that come twice, not at all or elsewhere."""
    records = list(records)
    for _ in range(random.choice([1, 1, 2, 5])):
        at = place(random, len(records))
        kind, body = records[at] if records else (0, b"")
        match random.randrange(7):
            case 0:
                other = random.choice(
                    [kind ^ 1, random.randrange(0x900), 0x06, 0xBD, 0xBE, 0xD6, 0x204, 0x205, 0x207, 0x3C, 0x22, 0x2F, 0x809]
                )
                records[at : at + 1] = [(other, body)]
            case 1:
                del records[at : at + 1]
            case 2:
                records[at:at] = [(kind, body)] * random.choice([1, 2, 200])
            case 3:
                other = place(random, len(records))
                records[at : at + 1] = records[other : other + 1]
            case 4:
                records[at : at + 1] = [(kind, body[: place(random, len(body))])]
            case _:
                records[at : at + 1] = [(kind, damaged(body, random, 1)[:60_000])]
    return records


def repackaged(content: bytes, random: Random) -> bytes:
    """A zip container with parts damaged within, and sometimes parts missing, doubled, swapped or renamed."""
    parts = writers.parts_of(content)
    told = ("sheet1", "sharedStrings", "content.xml", "workbook", "styles", "rels", "custom", "sheet", "meta")
    weights = [next((9 - rank for rank, word in enumerate(told) if word in name), 1) for name, _ in parts]
    for _ in range(random.choice([1, 1, 2, 3, 6])):
        at = random.choices(range(len(weights)), weights)[0] % len(parts)
        name, part = parts[at]
        if random.random() < 0.9:
            text = part.decode("utf-8", "surrogateescape")
            parts[at] = (name, damaged_xml(text, random).encode("utf-8", "surrogateescape"))
            continue
        match random.randrange(6):
            case 0 if len(parts) > 1:
                del parts[at]
            case 1:
                parts.append((name, random.choice(parts)[1]))
            case 2:
                parts[at] = (name, random.choice(parts)[1])
            case 3:
                parts[at] = (
                    random.choice([name.upper(), name.replace("/", "\\"), f"/{name}", name + "x", "xl/workbook.bin"]),
                    part,
                )
            case 4:
                parts[at] = (name, part.decode("utf-8", "replace").encode("utf-16"))
            case _:
                parts[at] = (name, damaged(part, random))
    try:
        return writers.zipped(parts)
    except (ValueError, UnicodeEncodeError):
        return content


def damaged_text(text: str, random: Random) -> str:
    """One thing wrong with delimited text: quotes, delimiters, long or many cells, marks, directions, formulas."""
    at = place(random, len(text))
    match random.randrange(11):
        case 0:
            return text[:at] + random.choice(['"', '""', '"\n', '","', "'", "“"]) + text[at:]
        case 1:
            return text.replace(",", random.choice([";", "\t", "|", "，", ",,", "", ", "]), random.choice([1, 5, -1]))
        case 2:
            return (
                text[:at]
                + random.choice(["\x00", "\ufeff", "\u202e", "\u2066", "\x1a", "\x0b", "\x0c", "\x85", "\u2028", "\r", "\n\n\n"])
                + text[at:]
            )
        case 3:
            return text[:at] + some_text(random) + text[at:]
        case 4:
            return text + "甲" * random.choice([100, 100_000]) + ",1\n"
        case 5:
            return text + ",".join("1" * random.choice([1, 5_000, 17_000])) + "\n"
        case 6:
            return text.replace("\n", random.choice(["\r", "\n\r", "", "\u2028"]))
        case 7:
            lines = text.splitlines(keepends=True)
            lines.insert(place(random, len(lines)), random.choice(lines or [""]) * random.choice([1, 2, 300]))
            return "".join(lines)
        case 8:
            cells = re.split(r"([,\n])", text)
            cells[place(random, len(cells) // 2) * 2] = some_text(random).replace(",", "").replace("\n", "")
            return "".join(cells)
        case 9:
            return random.choice(["sep=;\n", "\n\n\n", "<table", "{}", "<?xml", " <meta>", "ID;P", "=1+1,"]) + text
        case _:
            return text[:at] + text[at + random.choice([1, 5, 40]) :]


# One case


@dataclass(frozen=True)
class Case:
    """What is sent: what it was made from, the name it comes under, its bytes."""

    made_from: str
    name: str
    content: bytes


def case(seed: str, number: int) -> Case:
    """The case of this number, always the same."""
    random = Random(f"{seed}/{number}")
    kind = random.choices(list(MAKERS), [weight for weight, _ in MAKERS.values()])[0]
    made = MAKERS[kind][1](random)
    if random.random() < 0.12:
        made = damaged(made, random)
    form = random.choice(list(FORMS.values()))
    name = random.choice([f"{form.title}_宛城区_{MONTH}", "新建 Microsoft Excel 工作表", f"宛城区{random.choice(WORDS)}"])
    return Case(kind, f"submissions/{name}.{random.choice(['xlsx', 'xls', 'csv'])}", made)


def some_table(random: Random) -> Grid:
    return table_of(random.choice(list(FORMS.values())), random, is_plain=random.random() < 0.2)


def damaged_package(random: Random) -> bytes:
    return repackaged(random.choice(list(whole_packages().values())), random)


def damaged_package_bytes(random: Random) -> bytes:
    return damaged(random.choice(list(whole_packages().values())), random)


def damaged_old(random: Random) -> bytes:
    book, cells = old_records(some_table(random))
    if random.random() < 0.8:
        cells = damaged_records(cells, random)
    if random.random() < 0.4:
        book = damaged_records(book, random)
    stream = writers.old_stream(writers.old_part(book), writers.old_part(cells), random.choice([1, 1, 1, 3]))
    return stream if random.random() < 0.2 else contained(stream)


def damaged_old_bytes(random: Random) -> bytes:
    book, cells = old_records(some_table(random))
    return damaged(contained(writers.old_stream(writers.old_part(book), writers.old_part(cells))), random)


def damaged_binary(random: Random) -> bytes:
    book, cells = binary_records(some_table(random))
    book = damaged_records(book, random) if random.random() < 0.2 else book
    made = writers.binary_workbook(writers.binary_part(book), writers.binary_part(damaged_records(cells, random)))
    return repackaged(made, random) if random.random() < 0.1 else made


def damaged_encrypted(random: Random) -> bytes:
    return damaged(whole_encrypted(), random)


def damaged_inside_encryption(random: Random) -> bytes:
    try:
        return writers.encrypted(damaged_package(random), EXCEL_DEFAULT_PASSWORD)
    except Exception:
        return whole_encrypted()


def damaged_webpage(random: Random) -> bytes:
    encoding = random.choice(["utf-8", "gb18030", "utf-16"])
    page = webpage(some_table(random), encoding).decode(encoding)
    for _ in range(random.choice([1, 2, 3, 6])):
        page = damaged_xml(page, random)
    return page.encode(encoding, "surrogateescape" if encoding == "utf-8" else "ignore")


def damaged_csv(random: Random) -> bytes:
    text = writers.delimited(some_table(random).rows, random.choice([",", ",", "\t", ";", "，"]))
    for _ in range(random.choice([0, 1, 1, 2, 4])):
        text = damaged_text(text, random)
    encoding = random.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
    made = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding, "ignore")
    if random.random() < 0.1:
        half = place(random, len(text))
        made = text[:half].encode("utf-8", "ignore") + text[half:].encode("gb18030", "ignore")
    return made


MAKERS: dict[str, tuple[int, Callable[[Random], bytes]]] = {
    "xlsx or ods, parts": (30, damaged_package),
    "xlsx or ods, bytes": (8, damaged_package_bytes),
    "xls, records": (14, damaged_old),
    "xls, bytes": (5, damaged_old_bytes),
    "xlsb, records": (10, damaged_binary),
    "encrypted, bytes": (3, damaged_encrypted),
    "encrypted, parts": (1, damaged_inside_encryption),
    "html": (12, damaged_webpage),
    "csv": (17, damaged_csv),
}


def container(seed: str, number: int) -> Container:
    """Sheets as no library would hand them on, but of cells that each may."""
    random = Random(f"{seed}/cells/{number}")
    sheets = []
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        grid = some_table(random)
        rows = [list(row) for row in grid.rows]
        for _ in range(random.choice([0, 1, 3, 10, 60])):
            row = rows[place(random, len(rows))]
            cell = some_cell(random)
            at = place(random, len(row) + 2)
            row += [None] * (at + 1 - len(row))
            row[at] = cell
        for _ in range(random.choice([0, 0, 1, 3])):
            at, other = place(random, len(rows)), place(random, len(rows))
            rows[at:at] = random.choice(
                [[[]], [list(rows[other])], [[some_text(random)]], [[None] * 40 + ["x"]], rows[other : other + 3]]
            )
        if random.random() < 0.03:
            rows += [[short_cell(random) for _ in range(12)] for _ in range(600)]
        if random.random() < 0.02:
            rows.insert(0, [short_cell(random) for _ in range(3_000)])
        merged = [*grid.merged, *(some_merged(random, len(rows)) for _ in range(random.choice([0, 0, 1, 4, 30])))]
        places = frozenset(random.sample(range(-1, len(rows) + 3), random.choice([0, 0, 2])))
        sheets.append(
            Sheet(
                random.choice([grid.name, "_wanstat", "CSV", some_text(random)]),
                rows,
                tuple(merged),
                random.random() < 0.1,
                places,
                places,
            )
        )
    properties = {f"wanstat_{key}": some_text(random) for key in ("form", "month", "prepared_on") if random.random() < 0.1}
    return Container("xlsx", sheets, (), properties)


def short_cell(random: Random) -> Cell:
    return random.choice(random.choice([NUMBERS, WRITTEN, WRITTEN, WORDS, ODD]))


def some_cell(random: Random) -> Cell:
    return short_cell(random) if random.random() < 0.8 else some_text(random)


def some_merged(random: Random, height: int) -> CellRange:
    top, left = place(random, height + 3), random.choice([0, 0, 1, 2, 5, 300])
    return top, left, top + random.choice([0, 0, 1, 2, 5, 1_000]), left + random.choice([0, 0, 1, 3, 30])


# What is held against their reading


class Slow(BaseException):
    """Raised into whatever takes too long; no `except Exception` keeps it."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `Slow` where the code is after so many seconds of its own (a library in C or Rust is left at its end)."""

    def ring(*_: object) -> None:
        raise Slow

    signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def probed(file: ArchivedFile, terms: Terms) -> Examined:
    """As `examine`, in the child; what went wrong there that is no refusal is written beside the file for the parent."""
    notes = file.path.with_name(f"{file.path.name}.notes")
    try:
        limit = SLOW_SECONDS + SECONDS_A_MEGABYTE * file.size / (1 << 20)
        with alarm(limit):
            start = time.process_time()
            examined = examine(file, terms)
            seconds = time.process_time() - start
    except (Unreadable, MemoryError):
        raise
    except BaseException:
        notes.write_text(traceback.format_exc())
        raise
    try:
        wrong = misread(file.path.read_bytes(), examined, terms)
    except Exception:
        wrong = [f"the check itself: {traceback.format_exc()}"]
    if seconds > limit:
        wrong.append(f"took {seconds:.1f} s")
    if wrong:
        notes.write_text("\n".join(wrong))
    return examined


def kind_of(outcome: Outcome) -> str:
    """What became of a file, for counting; the words of a refusal without what differs from file to file."""
    if isinstance(outcome, Unreadable):
        return f"refused: {re.sub(r'[（(].*', '', outcome.message)}"
    tables = [table for table in outcome.tables.values() if table.passports]
    if not tables:
        return "read, no table of a form"
    errors = any(problem.severity == "error" for table in tables for problem in table.problems)
    return "read, table with errors" if errors else "read, table without errors"


def what_is_wrong(file: ArchivedFile, outcome: Outcome) -> str | None:
    """Why an outcome is a find of the fuzz, in a few lines; None for a reading or a refusal in words."""
    notes = file.path.with_name(f"{file.path.name}.notes")
    if notes.exists():
        return notes.read_text()
    if isinstance(outcome, Unreadable):
        if not (is_chinese(outcome.message) and is_chinese(outcome.advice)):
            return f"not in words: {outcome.args}"
        if outcome.message.startswith(CRASHED.message):
            return None if outcome.message == CRASHED.message else outcome.message  # an abort of a library is no find
        return None
    try:
        for (form, _), table in outcome.tables.items():
            check_table(table, FORMS[form])
    except Exception:
        return traceback.format_exc()
    return None


def is_tolerated(outcome: Outcome) -> bool:
    """Whether a file died with its reader; a refusal in words, but worth looking at."""
    return isinstance(outcome, Unreadable) and outcome.args in (CRASHED.args, TOO_SLOW.args, TOO_MUCH_MEMORY.args)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def check_table(table: ReadTable, form: Form) -> None:
    """What the parent does with a table: rows of one length, types of the form, problems in words."""
    frame = table.frame(form)
    assert frame.height == len(table.row_numbers)
    assert dict(frame.schema) == field_schema(form)
    assert table.row_numbers == sorted(table.row_numbers)
    for problem in table.problems:
        assert problem.message and (problem.advice or problem.severity == "info"), problem


def misread(content: bytes, examined: Examined, terms: Terms) -> list[str]:
    """Values of tables without errors that are not what the bare library says of their cells."""
    found = []
    for table in examined.tables.values():
        if not table.row_numbers or any(problem.severity == "error" for problem in table.problems):
            continue
        readings = [_misread_cells(rows, has_merged, table, terms) for rows, has_merged in _bare(content, table.sheet)]
        if readings and all(readings):
            found += readings[0][:3]
    return found


def _bare(content: bytes, sheet: str) -> list[tuple[list[list[Cell]], bool]]:
    """The sheet's rows as calamine or csv alone give them, with each delimiter; nothing where neither can be asked."""
    if content.startswith((b"PK", b"\xd0\xcf")):
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        except Exception:
            return []  # encrypted
        if book.sheet_names.count(sheet) != 1:
            return []
        source = book.get_sheet_by_name(sheet)
        return [(source.to_python(skip_empty_area=False), bool(source.merged_cell_ranges))]
    if sheet != "CSV":
        return []
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030"):
        try:
            text = content.removesuffix(b"\x1a").decode(encoding)
        except UnicodeDecodeError:
            continue
        found = []
        for delimiter in ",\t;|，":
            try:
                found.append((list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), False))
            except csv.Error:
                continue
        return found
    return []


def _misread_cells(rows: list[list[Cell]], has_merged: bool, table: ReadTable, terms: Terms) -> list[str]:
    wrong = []
    columns = table.columns
    for name, passport in table.passports.items():
        each = table.form.by_name[name]
        column = functools.reduce(lambda number, letter: number * 26 + ord(letter) - 64, passport.letters, 0) - 1
        for number, value in zip(table.row_numbers, columns[name], strict=True):
            row = rows[number - 1] if number <= len(rows) else []
            cell = row[column] if column < len(row) else None
            if cell is None or (isinstance(cell, str) and not cell.strip()):
                is_repeated = has_merged or each.blank == "same_as_above"
                expected = value if is_repeated and each.type not in ("integer", "decimal") else None
            else:
                try:
                    expected = convert(cell, each, terms.code_lists.get(each.codes or "", {}), passport.unit).value
                except Unconvertible as refused:
                    expected = refused.rule_id
                if isinstance(cell, int | float) and each.type in ("integer", "decimal") and passport.unit == each.unit:
                    exact = Decimal(repr(cell))
                    if not isinstance(value, int | Decimal) or abs(exact - value) > max(Decimal("0.000001"), abs(exact) / 10**14):
                        expected = exact
            if value != expected:
                wrong.append(f"{table.sheet}!{passport.letters}{number} {name}: {cell!r} was read as {value!r}, not {expected!r}")
    return wrong


def look_at(found: Container, terms: Terms) -> None:
    """All that is done with the cells of a file, as `examine` does it, for every form."""
    signals = signals_of(found, terms.forms, terms.units)
    identify(signals, f"submissions/科普活动月报_宛城区_{MONTH}.xlsx", terms.forms, terms.units)
    identify(signals, "表.xlsx", terms.forms, terms.units)
    for sheet in found.sheets:
        find_table(sheet)
        for form in terms.forms.values():
            match_form(Head(sheet.head(60), sheet.merged), form)
    for form in terms.forms.values():
        table = read_table(found, form, MONTH, terms.code_lists)
        check_table(table, form)
        with at_once():
            again = read_table(found, form, MONTH, terms.code_lists)
        assert again.frame(form).equals(table.frame(form)) and again.unconverted == table.unconverted
        assert again.changes == table.changes
        assert [(each.rule_id, each.cell) for each in again.problems] == [(each.rule_id, each.cell) for each in table.problems]


@contextmanager
def at_once() -> Iterator[None]:
    """Columns converted as those of a long register are, whatever stands in them."""
    usual = whole_columns.LONG_COLUMN, whole_columns.PLAIN_SHARE
    whole_columns.LONG_COLUMN, whole_columns.PLAIN_SHARE = 1, 0.0
    try:
        yield
    finally:
        whole_columns.LONG_COLUMN, whole_columns.PLAIN_SHARE = usual
