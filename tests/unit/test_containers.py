"""Containers and encodings told by content, and readers that die without taking anything with them."""

import io
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import writers
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from writers import Grid, binary_record, record

from pipelines.collect.containers import OLE, ZIP, Unreadable, open_container
from pipelines.collect.layouts import shows_otherwise
from pipelines.collect.layouts_binary import biff_layouts

ROWS = [["单位", "金额"], ["宛城区", "12.5"], ["卧龙区", "7"]]


def workbook(*, merged: bool = False, hidden: bool = False) -> bytes:
    sheet = Grid("表", [*ROWS, [], ["合并"]], [(4, 0, 5, 1)]) if merged else Grid("表", ROWS)
    return writers.xlsx([sheet, Grid("去年", [], is_hidden=True)] if hidden else [sheet])


def open_document(below: str = "", columns: str = "", styles: str = "") -> bytes:
    """A minimal .ods of the rows, and XML below them."""
    rows = "".join(f"<table:table-row>{''.join(map(writers.ods_cell, row))}</table:table-row>" for row in ROWS)
    table = f'<table:table table:name="表">{columns}{rows}{below}</table:table>'
    return writers.open_document(table, styles=styles, prefixes=("style", "number", "calcext"))


def test_workbooks_are_read_whatever_they_are_called():
    assert (open_container(workbook()).kind, open_container(workbook()).sheets[0].rows) == ("xlsx", ROWS)
    assert (open_container(open_document()).kind, open_container(open_document()).sheets[0].rows) == ("ods", ROWS)


def test_merged_ranges_and_hidden_sheets_are_reported():
    container = open_container(workbook(merged=True, hidden=True))
    assert container.sheets[0].merged == ((4, 0, 5, 1),)
    assert [sheet.is_hidden for sheet in container.sheets] == [False, True]


def test_a_workbook_with_excels_own_password_opens_and_says_so():
    container = open_container(writers.encrypted(workbook(), "VelvetSweatshop"))
    assert container.sheets[0].rows == ROWS
    assert any("默认口令" in remark for remark in container.remarks)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (writers.encrypted(workbook(), "123"), "密码"),
        (workbook()[:1500], "损坏"),
        (OLE + bytes(600), "不是工作簿"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(range(1, 32)) * 40, "既不是工作簿"),
        (b"\x00\x01\x02\x03", "既不是工作簿"),
        (b"\xff\xff\xff\x80", "编码"),
        ('单位,金额\n"没有配对,1\n'.encode(), "引号"),
    ],
)
def test_protected_damaged_and_foreign_files_are_told_apart(content, said):
    with pytest.raises(Unreadable) as refused:
        open_container(content)
    assert said in refused.value.message and refused.value.advice


def test_a_word_file_is_no_workbook():
    with pytest.raises(Unreadable, match="不是工作簿"):
        open_container(writers.zipped([("word/document.xml", b"<w:document/>")]))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_any_encoding_and_with_any_delimiter(delimiter, encoding):
    container = open_container(writers.delimited(ROWS, delimiter).encode(encoding))
    assert (container.kind, container.sheets[0].rows) == ("csv", ROWS)


def test_a_title_and_notes_do_not_hide_the_delimiter():
    text = "技术合同；试行\n单位：万元\n" + writers.delimited(ROWS, "\t") + "注：按登记地统计；不含省直\n"
    assert open_container(text.encode("gb18030")).sheets[0].rows[2] == ROWS[0]


def test_an_html_table_saved_as_xls_keeps_its_spans_and_its_title():
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS[1:])
    page = (
        "<html><head><style>td{}</style></head><body><div>技术合同统计</div><table>"
        "<tr><th rowspan='2'>单位</th><th colspan='2'>合同金额</th></tr><tr><th>总额</th><th>其中</th></tr>"
        f"{rows}</table></body></html>"
    )
    container = open_container(page.encode("gb18030"))
    sheet = container.sheets[0]
    assert container.kind == "html"
    assert sheet.rows[:3] == [["技术合同统计"], ["单位", "合同金额"], [None, "总额", "其中"]]
    assert sheet.merged == ((1, 0, 2, 0), (1, 1, 1, 2))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", ZIP, OLE, b"<table", b"\xff\xfe"]))
def test_any_bytes_are_read_or_refused_in_words(content, start):
    try:
        open_container(start + content)
    except Unreadable as refused:
        assert refused.message and refused.advice


# What hostile and odd files hold. Each is opened in a process limited as the reader's are.
LIMITED = """
import pathlib, pickle, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
from pipelines.collect.containers import Unreadable, open_container
start = time.monotonic()
try:
    container = open_container(pathlib.Path(sys.argv[1]).read_bytes())
    found = [(sheet.name, sum(1 for _ in sheet.rows), sheet.head(3)) for sheet in container.sheets]
except Unreadable as refused:
    found = refused.args
seconds = time.monotonic() - start
sys.stdout.buffer.write(pickle.dumps((found, seconds)))
"""


def opened_within_limits(content: bytes, folder: Path):
    """What a process of 1 GiB makes of it: sheets (name, number of rows, first rows), or the words of the refusal."""
    file = folder / "file"
    file.write_bytes(content)
    done = subprocess.run([sys.executable, "-c", LIMITED, str(file)], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-800:]
    found, seconds = pickle.loads(done.stdout)
    assert seconds < 10
    return found


def edited(content: bytes, part: str, edit) -> bytes:
    """The zip container with one part changed or added."""
    parts = dict(writers.parts_of(content))
    return writers.zipped((parts | {part: edit(parts.get(part, b""))}).items())


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "lol"><!ENTITY c "&b;&b;&b;&b;">]>'


def with_rows(rows: bytes) -> bytes:
    return edited(workbook(), SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>"))


def overlapping() -> bytes:
    """Two entries of the directory that point at one and the same place."""
    content = bytearray(workbook())
    first = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    return bytes(content)


def untrue_size() -> bytes:
    """A part that expands to more than the directory says."""
    content = bytearray(edited(workbook(), SHEET, lambda xml: xml + b" " * 50_000_000))
    entry = content.index(SHEET.encode(), content.index(b"PK\x01\x02")) - 46
    content[entry + 24 : entry + 28] = (1000).to_bytes(4, "little")
    return bytes(content)


def many_parts() -> bytes:
    content = io.BytesIO(workbook())
    with zipfile.ZipFile(content, "a") as archive:
        for number in range(6_000):
            archive.writestr(f"xl/media/{number}", b"")
    return content.getvalue()


HOSTILE = {
    "a row outside the grid": (with_rows(b'<row r="999999999" ht="15"/>'), "超出 Excel 范围"),
    "a column outside the grid": (with_rows(b'<row r="9"><c r="ZZZ9"><v>1</v></c></row>'), "超出 Excel 范围"),
    "two cells in opposite corners": (with_rows(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'), "一千万格"),
    "entities in strings": (edited(workbook(), STRINGS, lambda xml: BOMB + xml), "实体声明"),
    "entities in the workbook": (edited(workbook(), "xl/workbook.xml", lambda xml: BOMB + xml), "实体声明"),
    "entities in properties": (edited(workbook(), "docProps/custom.xml", lambda _: BOMB + b"<Properties/>"), "实体声明"),
    "entities in UTF-16": (
        edited(workbook(), "xl/styles.xml", lambda _: (BOMB + b"<styleSheet/>").decode().encode("utf-16")),
        "实体声明",
    ),
    "entities far into a part": (edited(workbook(), STRINGS, lambda xml: b" " * 9_000_000 + BOMB + xml), "实体声明"),
    "a schema from elsewhere": (
        edited(
            workbook(),
            "xl/xmlMaps.xml",
            lambda _: (
                b'<MapInfo><Schema><xs:schema><xs:redefine schemaLocation="http://localhost"/></xs:schema></Schema></MapInfo>'
            ),
        ),
        "实体声明",
    ),
    "strings claimed": (
        edited(workbook(), STRINGS, lambda xml: xml.replace(b'uniqueCount="', b'uniqueCount="400000000')),
        "不符",
    ),
    "a string that is not there": (with_rows(b'<row r="9"><c r="A9" t="s"><v>9999999</v></c></row>'), "损坏"),
    "a part that expands two hundredfold": (
        edited(workbook(), "xl/styles.xml", lambda xml: xml + b" " * 60_000_000),
        "解压后太大",
    ),
    "parts over one another": (overlapping(), "重叠"),
    "a part larger than told": (untrue_size(), "损坏"),
    "six thousand parts": (many_parts(), "个，未读取"),
    "ods rows outside the grid": (open_document('<table:table-row table:number-rows-repeated="999999999"/>'), "超出 Excel 范围"),
    "ods cells by repetition": (
        open_document(
            '<table:table-row table:number-rows-repeated="900000"><table:table-cell table:number-columns-repeated="900"'
            ' office:value-type="float" office:value="1"/></table:table-row>'
        ),
        "一千万格",
    ),
    "ods entities": (edited(open_document(), "content.xml", lambda xml: BOMB + xml.split(b"?>", 1)[1]), "实体声明"),
    "html of spans": (b"<table><tr>" + b"<td colspan=1000 rowspan=1000>1</td>" * 3000 + b"</tr></table>", "跨行跨列"),
    "one line": (b"1," * 4_000_000, "一行太长"),
    "one line without commas": ("宛城区".encode("gb18030") * 5_000_000, "一行太长"),
    "a row of too many columns": (b"1," * 20_000 + b"\n1,2\n", "列"),
    "a quote never closed": (b'a,b\n"' + b"1,2\n" * 3_000_000, "引号"),
    "an XML workbook of Excel 2003": (b'<?xml version="1.0"?><Workbook><Worksheet><Table/></Worksheet></Workbook>', "XML"),
    "SYLK": (b"ID;PWXL;N;E\nC;Y999999999;X1;K1\nE\n", "SYLK"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_words(name, tmp_path):
    content, said = HOSTILE[name]
    message, advice = opened_within_limits(content, tmp_path)
    assert said in message and advice


def test_many_sheets_of_one_part_are_refused(tmp_path):
    again = b"".join(b'<sheet name="%d" sheetId="%d" r:id="rId1"/>' % (number, number) for number in range(2, 2000))
    content = edited(workbook(), "xl/workbook.xml", lambda xml: xml.replace(b"</sheets>", again + b"</sheets>"))
    assert "工作表超过" in opened_within_limits(content, tmp_path)[0]


# A stream without its container is read as one within.
def old_workbook(records: bytes, strings_claimed: int = 1, head: bytes = b"") -> bytes:
    strings = record(0xFC, struct.pack("<II", 1, strings_claimed) + struct.pack("<HB", 1, 0) + b"x")
    return writers.old_stream(head + strings, records)


def number(row: int, column: int, value: float) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


OLD_CELLS = number(0, 0, 1.5) + number(1, 0, 2.5) + number(2, 0, 3.5) + number(2, 1, 4.5)


def contained(stream: bytes, *, claimed: int | None = None, turns_back: bool = False) -> bytes:
    """A workbook stream in an OLE container; one may claim another size for it, or make its chain run in a circle."""
    stream = stream.ljust(4096, b"\x00")
    sectors = -(-len(stream) // 512)
    chain = [*range(1, sectors), 0 if turns_back else 0xFFFFFFFE]
    table = [*chain, 0xFFFFFFFE, 0xFFFFFFFD]  # the directory, then this table itself
    table += [0xFFFFFFFF] * (128 - len(table))
    header = (
        OLE
        + bytes(16)
        + struct.pack(
            "<HHHHH6xIIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, sectors, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, sectors + 1
        )
    )

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        written = (name + "\x00").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(written), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return written.ljust(64, b"\x00") + links + bytes(36) + struct.pack("<IQ", start, size)

    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Workbook", 2, 0xFFFFFFFF, 0, claimed or len(stream))
    body = stream.ljust(sectors * 512, b"\x00") + directory.ljust(512, b"\x00") + struct.pack("<128I", *table)
    return header.ljust(512, b"\xff") + body


@pytest.mark.parametrize("wrap", [bytes, contained], ids=["bare", "contained"])
def test_hidden_rows_columns_and_errors_of_old_workbooks(wrap):
    hidden_row = record(0x208, struct.pack("<HHHHIHH", 1, 0, 2, 255, 0, 0x120, 0))
    shown_row = record(0x208, struct.pack("<HHHHIHH", 2, 0, 2, 255, 0, 0x100, 0))
    hidden_columns = record(0x7D, struct.pack("<HHHHHH", 1, 200, 0, 0, 1, 0))
    error = record(0x205, struct.pack("<HHHBB", 0, 1, 0, 0x17, 1))
    division = record(0x06, struct.pack("<HHH", 1, 1, 0) + b"\x02\x00\x07\x00\x00\x00\xff\xff" + bytes(6) + struct.pack("<H", 0))
    sheet = open_container(wrap(old_workbook(hidden_columns + hidden_row + shown_row + OLD_CELLS + error + division))).sheets[0]
    assert sheet.rows == [[1.5, "#REF!"], [2.5, "#DIV/0!"], [3.5, 4.5]]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {1})


HOSTILE_OLD = {
    "strings claimed": (contained(old_workbook(OLD_CELLS, strings_claimed=4_000_000_000)), "不符"),
    "a column outside the grid": (contained(old_workbook(OLD_CELLS + number(65535, 60000, 1))), "超出 Excel 范围"),
    "cells in opposite corners": (contained(old_workbook(OLD_CELLS + number(65535, 255, 1))), "一千万格"),
    "dimensions outside the grid": (
        contained(old_workbook(record(0x200, struct.pack("<IIHHH", 0, 4_000_000_000, 0, 9, 0)) + OLD_CELLS)),
        "超出 Excel 范围",
    ),
    "a record longer than the stream": (old_workbook(OLD_CELLS + b"\x03\x02\xff\xff"), "不符"),
    "a stream of terabytes": (contained(old_workbook(OLD_CELLS), claimed=2048 << 32), "不符"),
    "a chain in a circle": (contained(old_workbook(OLD_CELLS), turns_back=True), "不符"),
}


@pytest.mark.parametrize("name", HOSTILE_OLD)
def test_hostile_old_workbooks_are_refused_in_words(name, tmp_path):
    content, said = HOSTILE_OLD[name]
    message, advice = opened_within_limits(content, tmp_path)
    assert said in message and advice


def test_hidden_rows_columns_and_errors_of_xlsx():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("表 & 格")
        for row in range(4):
            sheet.write_row(row, 0, [row, "甲", "乙"])
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.write_formula(5, 4, "=NA()", None, "#N/A")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(900, None, None, {"hidden": True})
        sheet.set_column("B:B", None, None, {"hidden": True})
        sheet.set_column("E:XFD", None, None, {"hidden": True})
    empty, sheet = open_container(content.getvalue()).sheets
    assert (empty.rows, empty.hidden_rows, empty.hidden_columns) == ([], frozenset(), frozenset())
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({2}, {1, 4})
    assert sheet.rows[1][3] == "#DIV/0!" and sheet.rows[5][4] == "#N/A"
    assert sheet.rows[0][:3] == [0, "甲", "乙"]


def binary_row(row: int, *, hidden: bool = False) -> bytes:
    return binary_record(0, struct.pack("<IIHBB5x", row, 0, 300, 0, 0x10 if hidden else 0))


def binary_number(column: int, value: float) -> bytes:
    return binary_record(5, struct.pack("<IId", column, 0, value))


def binary_workbook(cells: bytes) -> bytes:
    hidden_columns = (60, struct.pack("<IIIIH", 1, 300, 2560, 0, 1))
    above = [(129, b""), (148, struct.pack("<IIII", 0, 2, 0, 2)), (390, b""), hidden_columns, (391, b""), (145, b"")]
    sheet = writers.binary_part(above) + cells + writers.binary_part([(146, b""), (130, b"")])
    return writers.binary_workbook(writers.binary_part(writers.binary_book("表")), sheet)


def test_hidden_rows_columns_and_errors_of_xlsb():
    error = binary_record(3, struct.pack("<IIB", 1, 0, 0x17))
    first, second = binary_number(0, 1.5) + binary_number(1, 2), binary_number(0, 3) + error
    container = open_container(binary_workbook(binary_row(0) + first + binary_row(1, hidden=True) + second))
    sheet = container.sheets[0]
    assert (container.kind, sheet.rows) == ("xlsb", [[1.5, 2], [3, "#REF!"]])
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {1})


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (binary_row(0) + binary_number(20_000, 1), "超出 Excel 范围"),
        (binary_row(4_000_000_000) + binary_number(0, 1), "超出 Excel 范围"),
        (binary_row(0) + binary_number(0, 1) + binary_row(1_048_575) + binary_number(300, 1), "一千万格"),
    ],
)
def test_xlsb_cells_far_out_are_refused(cells, said, tmp_path):
    assert said in opened_within_limits(binary_workbook(cells), tmp_path)[0]


def test_hidden_rows_columns_and_errors_of_ods():
    content = open_document(
        '<table:table-row table:visibility="filter" table:number-rows-repeated="2"><table:table-cell office:value-type="float"'
        ' office:value="1"/></table:table-row><table:table-row><table:table-cell/><table:table-cell office:value-type="string"'
        ' office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell></table:table-row>'
        '<table:table-row table:visibility="collapse" table:number-rows-repeated="1048571"><table:table-cell'
        ' table:number-columns-repeated="16384"/></table:table-row>',
        columns='<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="16383"/>',
    )
    sheet = open_container(content).sheets[0]
    assert [row[:2] for row in sheet.rows[3:]] == [[1.0, None], [1.0, None], [None, "#REF!"]]
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({3, 4}, {1})


def test_hidden_rows_of_html():
    page = "<table><tr><td>1</td></tr><tr style='height:2px; DISPLAY : none'><td>2</td></tr><tr hidden><td>3</td></tr></table>"
    sheet = open_container(page.encode()).sheets[0]
    assert (sheet.rows, sheet.hidden_rows) == ([["1"], ["2"], ["3"]], {1, 2})


def test_what_cannot_be_told_of_a_sheet_costs_a_remark_and_not_the_file():
    content = edited(workbook(), "docProps/custom.xml", lambda _: b"<Properties><broken")
    container = open_container(content)
    assert container.sheets[0].rows == ROWS and any("文档属性" in remark for remark in container.remarks)


def test_custom_properties_are_kept_as_text():
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        book.add_worksheet()
        book.set_custom_property("wanstat_form", "技术合同", "text")
        book.set_custom_property("number", 3, "number")
    assert open_container(content.getvalue()).properties == {"wanstat_form": "技术合同", "number": "3"}
    document = writers.open_document('<table:table table:name="表"/>', properties={"wanstat_month": "2022-10"})
    assert open_container(document).properties == {"wanstat_month": "2022-10"}


def test_phantom_areas_are_read_as_their_real_rows(tmp_path):
    formatted = b"".join(b'<row r="%d"><c r="A%d" s="0"/><c r="XFD%d" s="0"/></row>' % ((row,) * 3) for row in range(4, 200_000))
    formatted += b'<row r="1048576"><c r="XFD1048576" s="0"/></row>'
    assert opened_within_limits(with_rows(formatted), tmp_path) == [("表", 3, ROWS)]
    empty_texts = b'<row r="900"><c r="A900" t="str"><v></v></c><c r="ZZ900" t="str"><v></v></c></row>'
    assert opened_within_limits(with_rows(empty_texts), tmp_path) == [("表", 3, ROWS)]
    below = (
        '<table:table-row table:number-rows-repeated="1048572"><table:table-cell table:number-columns-repeated="16384"/>'
        '</table:table-row><table:table-row><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert opened_within_limits(open_document(below), tmp_path) == [("表", 3, ROWS)]


def test_merged_whole_columns_are_cut_to_the_used_area():
    content = edited(
        workbook(),
        SHEET,
        lambda xml: xml.replace(
            b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="B2:XFD1048576"/></mergeCells>'
        ),
    )
    assert open_container(content).sheets[0].merged == ((1, 1, 2, 1),)


def large_text(encoding: str, ascii_rows: int, end: bytes = b"") -> bytes:
    """More than is split at once: plain rows first, Chinese ones after them."""
    return b"0123456789,12.5\r\n" * ascii_rows + "宛城区,12.5\r\n".encode(encoding) * 700_000 + end


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_large_text_is_split_anew_by_each_iteration(encoding):
    sheet = open_container(large_text(encoding, ascii_rows=100_000)).sheets[0]
    assert not isinstance(sheet.rows, list)
    for _ in range(2):
        assert sheet.head(2) == [["0123456789", "12.5"]] * 2
        assert sum(row == ["宛城区", "12.5"] for row in sheet.rows) == 700_000


@pytest.mark.parametrize(("end", "said"), [(b'"open,1\r\n', "引号"), (b"\x81", "编码"), (b"1," * 20_000, "列")])
def test_what_is_wrong_late_in_a_large_text_is_said_by_the_iteration(end, said):
    sheet = open_container(large_text("gb18030", ascii_rows=10, end=end)).sheets[0]
    assert sheet.head(1) == [["0123456789", "12.5"]]
    with pytest.raises(Unreadable) as refused:
        for _ in sheet.rows:
            pass
    assert said in refused.value.message


def test_a_large_text_travels_between_processes():
    sheet = pickle.loads(pickle.dumps(open_container(large_text("gb18030", 10)).sheets[0]))
    assert sheet.head(11)[-1] == ["宛城区", "12.5"]


def test_a_refusal_does_not_keep_the_files_it_refused():
    from pipelines.collect.texts import NEITHER

    with pytest.raises(Unreadable):
        open_container(b"\x00\x01" * 100)
    assert NEITHER.__traceback__ is None


def test_blank_lines_are_rows_so_that_rows_count_as_in_excel():
    assert open_container(b"a,b\r\n\r\n1,\r\n").sheets[0].rows == [["a", "b"], [], ["1", None]]


SHOWN_OTHERWISE = [
    '0.00"元"', "#,##0.00,", "0!.0000", r"0\.0000", '0"."0000', '0.00"千元"', '0.00"万元"', "0.00万", "#,##0,.00", '0!.0,"万"',
    '0.0,"K"', r"0.0,,\M", "0.00k", 'General"元"', r"0.00\元", "[$万元]0.00", '[>=10000]0!.0,"万";0', '[<10000]0;0.0"万"',
]  # fmt: skip
SHOWN_AS_IT_IS = [
    "General", "#,##0.00", "0.00_ ", "¥#,##0.00", "0.00;[Red]-0.00", 'yyyy"年"m"月"', "0.00%", '0"kg"', '"RMB"#,##0.00',
    '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', "[$¥-804]#,##0.00", "yyyy-m-d", "YYYY-MM-DD", "0.00E+00",
    '0;0;"元"', "0000!.00!.00", '#,##0"人"', "# ?/?", "_元0", "#,##0_);(#,##0)",
]  # fmt: skip


@pytest.mark.parametrize("code", SHOWN_OTHERWISE)
def test_formats_that_show_another_number_are_told_apart(code):
    assert shows_otherwise(code)


@pytest.mark.parametrize("code", SHOWN_AS_IT_IS)
def test_formats_that_show_the_number_are_told_apart(code):
    assert not shows_otherwise(code)


def with_formats() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheets = [book.add_worksheet("表"), book.add_worksheet("再")]
        for row, code in enumerate([*SHOWN_AS_IT_IS, *SHOWN_OTHERWISE]):
            style = book.add_format({"num_format": code})
            for sheet in sheets:
                sheet.write(row, 0, "名")
                sheet.write_number(row, 1, 12345.5, style)
                sheet.write_string(row, 2, "12345.5", style)
                sheet.write_blank(row, 3, None, style)
                sheet.write_formula(row, 4, "=1+1", style, 2)
                sheet.write_boolean(row, 5, True, style)
    return content.getvalue()


def test_numbers_shown_otherwise_are_reported_with_their_format():
    first = len(SHOWN_AS_IT_IS)
    expected = {(first + row, column): code for row, code in enumerate(SHOWN_OTHERWISE) for column in (1, 4)}
    assert [sheet.formats for sheet in open_container(with_formats()).sheets] == [expected, expected]
    assert open_container(workbook()).sheets[0].formats == {}


def test_formats_are_found_where_cells_do_not_say_where_they_stand():
    def unplaced(xml: bytes) -> bytes:
        return re.sub(rb'(<(?:row|c)) r="[A-Z]*\d+"', rb"\1", xml)

    first, second = open_container(edited(with_formats(), SHEET, unplaced)).sheets
    assert first.formats == second.formats != {}


@pytest.mark.parametrize("is_old", [False, True], ids=["Excel 97", "Excel 5"])
def test_numbers_shown_otherwise_in_old_workbooks(is_old):
    def coded(key: int, code: str) -> bytes:
        if is_old:
            written = code.encode("gbk")
            return record(0x41E, struct.pack("<HB", key, len(written)) + written)
        wide = not code.isascii()
        return record(0x41E, struct.pack("<HHB", key, len(code), wide) + code.encode("utf-16-le" if wide else "ascii"))

    styles = b"".join(record(0xE0, struct.pack("<HH", 0, key) + bytes(16)) for key in (0, 164, 165, 166))
    head = coded(164, '0.00"千元"') + coded(165, "#,##0.00") + coded(166, "0!.0000") + styles
    several = record(0xBD, struct.pack("<HHHIHIHIH", 1, 0, 1, 5 << 2 | 2, 2, 6 << 2 | 2, 3, 7 << 2 | 2, 2))
    cells = record(0x203, struct.pack("<HHHd", 0, 0, 3, 12345)) + record(0x203, struct.pack("<HHHd", 0, 1, 2, 1)) + several
    stream = old_workbook(cells, head=head)
    if is_old:
        layouts = biff_layouts(stream.replace(struct.pack("<HHH", 0x809, 16, 0x600), struct.pack("<HHH", 0x809, 16, 0x500)))
        formats = layouts[0].formats
    else:
        formats = open_container(stream).sheets[0].formats
    assert formats == {(0, 0): "0!.0000", (1, 0): '0.00"千元"', (1, 2): "0!.0000"}


def test_numbers_shown_otherwise_in_xlsb():
    def coded(key: int, code: str) -> bytes:
        return binary_record(44, struct.pack("<HI", key, len(code)) + code.encode("utf-16-le"))

    def style(key: int) -> bytes:
        return binary_record(47, struct.pack("<HH12x", 0, key))

    def styled(kind: int, column: int, style: int, value: bytes) -> bytes:
        return binary_record(kind, struct.pack("<II", column, style) + value)

    formats = binary_record(615, struct.pack("<I", 2)) + coded(164, "#,##0.00,") + coded(165, "#,##0.00") + binary_record(616)
    of_styles = binary_record(626) + style(164) + binary_record(627)
    of_cells = binary_record(617, struct.pack("<I", 3)) + style(0) + style(165) + style(164) + binary_record(618)
    styles = binary_record(278) + formats + of_styles + of_cells
    cells = styled(5, 0, 2, struct.pack("<d", 1.5)) + styled(5, 1, 1, struct.pack("<d", 2)) + styled(2, 2, 2, b"\x02\0\0\0")
    content = edited(binary_workbook(binary_row(0) + cells), "xl/styles.bin", lambda _: styles)
    assert open_container(content).sheets[0].formats == {(0, 0): "#,##0.00,", (0, 2): "#,##0.00,"}


def test_numbers_shown_otherwise_in_ods():
    whole = '<number:number number:decimal-places="2" number:min-integer-digits="1"'
    point = '<number:embedded-text number:position="4">.</number:embedded-text>'
    formats = {
        "plain": f"{whole}/>",
        "thousands": f'{whole} number:display-factor="1000"/>',
        "yuan": f"{whole}/><number:text>元</number:text>",
        "point": f'<number:number number:decimal-places="0" number:min-integer-digits="5">{point}</number:number>',
        "signed": f'<number:text>-</number:text>{whole}/><style:map style:apply-style-name="Nyuan"/>',
    }
    styles = "".join(
        f'<number:number-style style:name="N{name}">{inside}</number:number-style>'
        f'<style:style style:name="{name}" style:family="table-cell" style:data-style-name="N{name}"/>'
        for name, inside in formats.items()
    )
    number = 'office:value-type="float" office:value="12345"'
    cells = "".join(f'<table:table-cell table:style-name="{name}" {number}/>' for name in formats)
    plain = f'<table:table-row table:number-rows-repeated="2"><table:table-cell {number}/></table:table-row>'
    columns = '<table:table-column table:default-cell-style-name="yuan"/>'
    content = open_document(f"<table:table-row>{cells}</table:table-row>{plain}", columns, styles)
    assert open_container(content).sheets[0].formats == {
        (3, 1): "0.00,", (3, 2): '0.00"元"', (3, 3): '0"."0000', (3, 4): '0.00"元"', (4, 0): '0.00"元"', (5, 0): '0.00"元"',
    }  # fmt: skip
