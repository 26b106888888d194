"""Containers and encodings told by content, and readers that die without taking anything with them."""

import io
import os
import resource
import time
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from pipelines.collect.containers import OLE, ZIP, Unreadable, open_container
from pipelines.collect.reader import CRASHED, TOO_MUCH_MEMORY, TOO_SLOW, Reader

ROWS = [["单位", "金额"], ["宛城区", "12.5"], ["卧龙区", "7"]]


def workbook(*, merged: bool = False, hidden: bool = False) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        if merged:
            sheet.merge_range("A5:B6", "合并")
        if hidden:
            book.add_worksheet("去年").hide()
    return content.getvalue()


def encrypted(password: str) -> bytes:
    """The workbook as Excel saves it with a password."""
    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook())).encrypt(password, sealed)
    return sealed.getvalue()


def open_document() -> bytes:
    """A minimal .ods of the rows."""
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in ROWS
    )
    names = "urn:oasis:names:tc:opendocument:xmlns"
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="{names}:office:1.0"'
        f' xmlns:table="{names}:table:1.0" xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="表">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", body)
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{names}:manifest:1.0"/>')
    return content.getvalue()


def delimited(delimiter: str) -> str:
    return "".join(delimiter.join(row) + "\r\n" for row in ROWS)


def test_workbooks_are_read_whatever_they_are_called():
    assert (open_container(workbook()).kind, open_container(workbook()).sheets[0].rows) == ("xlsx", ROWS)
    assert (open_container(open_document()).kind, open_container(open_document()).sheets[0].rows) == ("ods", ROWS)


def test_merged_ranges_and_hidden_sheets_are_reported():
    container = open_container(workbook(merged=True, hidden=True))
    assert container.sheets[0].merged == ((4, 0, 5, 1),)
    assert [sheet.is_hidden for sheet in container.sheets] == [False, True]


def test_a_workbook_with_excels_own_password_opens_and_says_so():
    container = open_container(encrypted("VelvetSweatshop"))
    assert container.sheets[0].rows == ROWS
    assert any("默认口令" in remark for remark in container.remarks)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (encrypted("123"), "密码"),
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
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    with pytest.raises(Unreadable, match="不是工作簿"):
        open_container(content.getvalue())


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_any_encoding_and_with_any_delimiter(delimiter, encoding):
    container = open_container(delimited(delimiter).encode(encoding))
    assert (container.kind, container.sheets[0].rows) == ("csv", ROWS)


def test_a_title_and_notes_do_not_hide_the_delimiter():
    text = "技术合同；试行\n单位：万元\n" + delimited("\t") + "注：按登记地统计；不含省直\n"
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


# What hostile files do to readers, done by hand: these run in the child.
def aborts(content: bytes):
    os.abort()


def hangs(content: bytes):
    time.sleep(600)


def eats(content: bytes):
    return bytearray(3 << 30)


def panics(content: bytes):
    raise BaseException("as a Rust panic does")


def dies_of_a_bad_one(content: bytes):
    if content == b"bad":
        os.abort()
    return open_container(content)


@pytest.mark.parametrize(("opener", "said"), [(aborts, CRASHED), (hangs, TOO_SLOW), (eats, TOO_MUCH_MEMORY), (panics, CRASHED)])
def test_whatever_a_file_does_to_its_reader_becomes_words(opener, said):
    reader = Reader(opener, seconds_a_file=3)
    start = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        reader.read(b"x")
    reader.close()
    assert refused.value.args == said.args
    assert time.monotonic() - start < 15


def test_the_files_after_a_deadly_one_are_read_and_the_parent_stays_small():
    reader = Reader(dies_of_a_bad_one)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        with pytest.raises(Unreadable):
            reader.read(b"bad")
        assert reader.read(workbook()).sheets[0].rows == ROWS
    reader.close()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_children_are_reused():
    reader = Reader()
    reader.read(workbook())
    start = time.monotonic()
    for _ in range(100):
        reader.read(workbook())
    reader.close()
    assert time.monotonic() - start < 20  # a process each would take far longer
