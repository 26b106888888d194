"""Delimited text and HTML tables: encodings, delimiters, spans.

Belongs here: from bytes that are no workbook to sheets of text cells. Does not belong here: workbooks (`workbooks`).
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from pipelines.collect.containers import Cell, CellRange, Container, Sheet, Unreadable, afresh
from pipelines.collect.limits import (
    MAX_COLUMNS,
    MAX_FIELD_CHARACTERS,
    MAX_LINE_CHARACTERS,
    MAX_LINES,
    MAX_SPANNED_CELLS,
    TOO_LONG_LINE,
    TOO_MANY_COLUMNS,
    TOO_MANY_LINES,
    TOO_MANY_SPANS,
)

if TYPE_CHECKING:
    import lxml.html

DELIMITERS = (",", "\t", ";", "|", "，")
SAMPLE_ROWS = 100
SAMPLE_BYTES = 4096
STREAMED_FROM, STREAMED_LINES = 8 << 20, 500_000  # a smaller text is split at once, so that its errors show at once
PIECE_BYTES = 4 << 20
MAX_SPAN = 1_000  # a cell that claims to span a million columns is no table
_HTML = re.compile(rb"<(?:!doctype html|html|table|meta|head|body)\b", re.IGNORECASE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Spreadsheets in other kinds of text, documents: as delimited text they would become nonsense.
_FOREIGN = re.compile(rb"\s*(?:<\?xml(?!.*<html)|ID;P|MIME-Version:|\{\\rtf|%PDF-|TABLE\r?\n0,1)", re.IGNORECASE | re.DOTALL)
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_SPAN = re.compile("0*([1-9][0-9]*)")
NEITHER = Unreadable("既不是工作簿，也不是文本表格", "请用下发的模板（.xlsx）填报，或另存为 CSV")
FOREIGN = Unreadable(
    "既不是工作簿，也不是文本表格（是 XML 表格、网页存档、SYLK 或 PDF 之类）", "请在 Excel 中打开，另存为 .xlsx 后重新发送"
)
ENCODING = Unreadable("文字编码无法识别（UTF-8、GB18030、UTF-16 都不是）", "请在 Excel 中另存为“CSV UTF-8”后重新发送")
EMPTY_PAGE = Unreadable("网页里什么也没有", "请在 Excel 中打开确认后另存为 .xlsx，重新发送")
BAD_QUOTES = Unreadable("CSV 格式有误：引号没有配对", "请在 Excel 中打开确认后另存为 CSV，重新发送")
csv.field_size_limit(MAX_FIELD_CHARACTERS)


def read_text(content: bytes) -> Container:
    """Read HTML tables or delimited text.

    Raises:
        Unreadable: binary, of unknown encoding, or quotes that don't match.
    """
    encoding = _encoding(content)
    start = content[:SAMPLE_BYTES].replace(b"\x00", b"")
    if _FOREIGN.match(start.lstrip(codecs.BOM_UTF8 + codecs.BOM_UTF16)):
        raise FOREIGN
    if _HTML.search(start):
        return Container("html", _html_sheets(_decoded(content, encoding)))
    rows = DelimitedRows(content.removesuffix(b"\x1a"), encoding)  # what DOS programs end a file with
    is_large = len(content) >= STREAMED_FROM or content.count(b"\n") > STREAMED_LINES
    return Container("csv", [Sheet("CSV", rows if is_large else list(rows))])


class DelimitedRows:
    """The rows of a delimited text, split anew by each iteration and held by none.

    Blank lines are rows without cells, so that rows count as a person sees them in Excel.
    """

    def __init__(self, content: bytes, encoding: str) -> None:
        self._content = content
        self._encoding = encoding
        self._delimiter = _delimiter(self._lines)

    def __iter__(self) -> Iterator[list[Cell]]:
        try:
            yield from self._rows()
        except Unreadable as refused:
            raise afresh(refused) from None

    def _rows(self) -> Iterator[list[Cell]]:
        try:
            for number, row in enumerate(csv.reader(self._lines(), delimiter=self._delimiter, strict=True)):
                if len(row) > MAX_COLUMNS:
                    raise TOO_MANY_COLUMNS
                if number >= MAX_LINES:
                    raise TOO_MANY_LINES
                yield [cell or None for cell in row]
        except UnicodeDecodeError as error:
            raise ENCODING from error
        except csv.Error as error:
            raise BAD_QUOTES from error

    def _lines(self) -> Iterator[str]:
        # The lines' own ends are kept: within quotes they belong to the cell.
        for line in io.TextIOWrapper(io.BytesIO(self._content), self._encoding, newline=""):
            if len(line) > MAX_LINE_CHARACTERS:
                raise TOO_LONG_LINE
            yield line


def _encoding(content: bytes) -> str:
    """By the mark; else UTF-8 if the whole is that, else GB18030, which shows when the text is read."""
    if content.startswith(_UTF16):
        return "utf-16"
    if b"\x00" in content:
        raise NEITHER
    encoding = "utf-8-sig" if _is_utf8(content) else "gb18030"
    # The end of the sample may be the half of a character.
    try:
        sample = codecs.getincrementaldecoder(encoding)().decode(content[:SAMPLE_BYTES])
    except UnicodeDecodeError as error:
        raise ENCODING from error
    if not _is_text(sample):
        raise NEITHER
    return encoding


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(content)
    try:
        for start in range(0, len(content), PIECE_BYTES):
            decoder.decode(view[start : start + PIECE_BYTES])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise ENCODING from error


def _is_text(sample: str) -> bool:
    """Whether hardly any character is a control character: bytes of a picture can decode by accident."""
    controls = sum(letter < " " and letter not in "\t\r\n\x0b\x0c\x1a" for letter in sample)
    return controls * 100 <= len(sample)


def _delimiter(lines: Callable[[], Iterator[str]]) -> str:
    """The delimiter under which most of the first rows have one and the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        # What is wrong with the text is said by reading it, not by guessing at it.
        with contextlib.suppress(csv.Error, UnicodeDecodeError):
            for row in islice(csv.reader(lines(), delimiter=delimiter), SAMPLE_ROWS):
                widths[len(row)] += len(row) > 1
        if not +widths:
            return (0, 0)
        width, rows = widths.most_common(1)[0]
        return (rows, width)

    return max(DELIMITERS, key=agreement)


def _html_sheets(text: str) -> list[Sheet]:
    """All outermost tables below one another; text between them is kept as rows of one cell: titles and units stand there."""
    import lxml.etree
    import lxml.html  # few files are HTML, and every start would pay for it

    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8"), parser=parser)
    except lxml.etree.ParserError as error:  # nothing in it but a comment or an instruction
        raise EMPTY_PAGE from error
    for invisible in root.xpath("//script|//style|//head"):
        invisible.drop_tree()
    rows: list[list[Cell]] = []
    merged: list[CellRange] = []
    hidden: set[int] = set()
    for found in root.xpath("//table[not(ancestor::table)] | //text()[not(ancestor::table)]"):
        if isinstance(found, str):
            rows += [[_plain(found)]] if _plain(found) else []
        else:
            _add_table(found, rows, merged, hidden)
    return [Sheet("HTML", rows, tuple(merged), hidden_rows=frozenset(hidden))]


def _add_table(table: lxml.html.HtmlElement, rows: list[list[Cell]], merged: list[CellRange], hidden: set[int]) -> None:
    top = len(rows)
    taken: dict[int, int] = {}  # column -> the last row, counted as `offset`, of a cell that reaches down in it
    spanned = 0
    for offset, line in enumerate(table.iter("tr")):
        row: list[Cell] = []
        column = 0
        if "hidden" in line.attrib or _UNSEEN_STYLE.search(line.get("style", "")):
            hidden.add(top + offset)
        for cell in line.iterchildren("td", "th"):
            while taken.get(column, -1) >= offset:
                column += 1
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            row += [None] * (column - len(row))
            row.append(_plain(cell.text_content()) or None)
            if height > 1 or width > 1:
                spanned += height * width
                if spanned > MAX_SPANNED_CELLS:
                    raise TOO_MANY_SPANS
                last = offset + height - 1
                taken |= {covered: max(last, taken.get(covered, -1)) for covered in range(column, column + width)}
                merged.append((top + offset, column, top + offset + height - 1, column + width - 1))
            column += width
            if column > MAX_COLUMNS:
                raise TOO_MANY_COLUMNS
        rows.append(row)


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    found = _SPAN.fullmatch(cell.get(name, "1").strip())
    return min(int(found[1][:9]), MAX_SPAN) if found else 1


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
