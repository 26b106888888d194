"""Delimited text and HTML tables: encodings, delimiters, spans.

Belongs here: from bytes that are no workbook to sheets of text cells. Does not belong here: workbooks (`workbooks`).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from pipelines.collect.containers import Cell, CellRange, Container, Sheet, Unreadable

if TYPE_CHECKING:
    import lxml.html

DELIMITERS = (",", "\t", ";", "|", "，")
SAMPLE_ROWS = 100
MAX_SPAN = 1_000  # a cell that claims to span a million columns is no table
_HTML = re.compile(rb"<(?:!doctype html|html|table|meta|head|body)\b", re.IGNORECASE)
_UTF16 = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
NEITHER = Unreadable("既不是工作簿，也不是文本表格", "请用下发的模板（.xlsx）填报，或另存为 CSV")
ENCODING = Unreadable("文字编码无法识别（UTF-8、GB18030、UTF-16 都不是）", "请在 Excel 中另存为“CSV UTF-8”后重新发送")
BAD_QUOTES = Unreadable("CSV 格式有误：引号没有配对", "请在 Excel 中打开确认后另存为 CSV，重新发送")
csv.field_size_limit(1_000_000)


def read_text(content: bytes) -> Container:
    """Read HTML tables or delimited text.

    Raises:
        Unreadable: binary, of unknown encoding, or quotes that don't match.
    """
    text = _decode(content)
    if _HTML.search(content[:4096].replace(b"\x00", b"")):
        return Container("html", _html_sheets(text))
    return Container("csv", [Sheet("CSV", _rows(text))])


def _decode(content: bytes) -> str:
    """The text: by its mark, else UTF-8 if it is that, else GB18030 if it is that."""
    for mark, encoding in _UTF16:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise ENCODING from error
    if b"\x00" in content:
        raise NEITHER
    content = content.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text
        raise NEITHER
    raise ENCODING


def _is_text(text: str) -> bool:
    """Whether hardly any character is a control character: bytes of a picture can decode by accident."""
    sample = text[:4096]
    controls = sum(letter < " " and letter not in "\t\r\n\x0b\x0c\x1a" for letter in sample)
    return controls * 100 <= len(sample)


def _rows(text: str) -> list[list[Cell]]:
    text = text.removesuffix("\x1a")  # what DOS programs end a file with
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise BAD_QUOTES from error
    return [[cell if cell != "" else None for cell in row] for row in rows]


def _delimiter(text: str) -> str:
    """The delimiter under which most of the first rows have one and the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row, _ in zip(reader, range(SAMPLE_ROWS), strict=False) if len(row) > 1)
        if not widths:
            return (0, 0)
        width, rows = widths.most_common(1)[0]
        return (rows, width)

    return max(DELIMITERS, key=agreement)


def _html_sheets(text: str) -> list[Sheet]:
    """All outermost tables below one another; text between them is kept as rows of one cell: titles and units stand there."""
    import lxml.html  # few files are HTML, and every start would pay for it

    root = lxml.html.document_fromstring(text.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=False))
    for invisible in root.xpath("//script|//style|//head"):
        invisible.drop_tree()
    rows: list[list[Cell]] = []
    merged: list[CellRange] = []
    for found in root.xpath("//table[not(ancestor::table)] | //text()[not(ancestor::table)]"):
        if isinstance(found, str):
            rows += [[_plain(found)]] if _plain(found) else []
        else:
            _add_table(found, rows, merged)
    return [Sheet("HTML", rows, tuple(merged))]


def _add_table(table: lxml.html.HtmlElement, rows: list[list[Cell]], merged: list[CellRange]) -> None:
    top = len(rows)
    taken: set[tuple[int, int]] = set()
    for offset, line in enumerate(table.xpath(".//tr")):
        row: list[Cell] = []
        column = 0
        for cell in line.xpath("./td|./th"):
            while (offset, column) in taken:
                column += 1
            height, width = _span(cell, "rowspan"), _span(cell, "colspan")
            row += [None] * (column - len(row))
            row.append(_plain(cell.text_content()) or None)
            if height > 1 or width > 1:
                taken |= {(offset + down, column + right) for down in range(height) for right in range(width)}
                merged.append((top + offset, column, top + offset + height - 1, column + width - 1))
            column += width
        rows.append(row)


def _span(cell: lxml.html.HtmlElement, name: str) -> int:
    written = cell.get(name, "1").strip()
    return min(int(written), MAX_SPAN) if written.isdigit() and int(written) > 0 else 1


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())
