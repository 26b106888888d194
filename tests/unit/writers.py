"""Cells written into the containers that offices send: .xlsx, .xls, .xlsb, .ods, pages saved as .xls, delimited text.

Belongs here: a sheet as its writers take it, whole files of sheets, and the frames (archives, streams, packages, encryption) that
are closed rightly around whatever parts or records they are given. Does not belong here: what stands in the cells (`office`,
`mutate`), damage (`mutate`), frames that lie about themselves (`test_containers`).

The same cells become the same bytes, but for the time of day in an .xlsx and the salt of an encryption.
"""

from __future__ import annotations

import csv
import html
import io
import re
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from xml.sax.saxutils import escape

import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

from pipelines.collect.containers import Cell, CellRange

Place = tuple[int, int]  # row and column


@dataclass
class Grid:
    """A sheet to be written; what is ruled below has formatting without values under and beside its rows."""

    name: str
    rows: list[list[Cell]]
    merged: list[CellRange] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    is_ruled_below: bool = False

    def spans(self) -> dict[Place, tuple[int, int]]:
        """How many rows and columns the first cell of each merged range takes."""
        return {(top, left): (bottom - top + 1, right - left + 1) for top, left, bottom, right in self.merged}

    def covered(self) -> set[Place]:
        """The other cells of the merged ranges."""
        within = {
            (row, column)
            for top, left, bottom, right in self.merged
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        }
        return within - set(self.spans())


# Excel


def xlsx(grids: list[Grid]) -> bytes:
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        ruled = book.add_format({"border": 1})
        for number, grid in enumerate(grids):
            sheet = book.add_worksheet(grid.name)
            for top, left, bottom, right in grid.merged:
                sheet.merge_range(top, left, bottom, right, "", ruled)
            for row, cells in enumerate(grid.rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(row, column, cell, day)
                    elif isinstance(cell, str):
                        sheet.write_string(row, column, cell)
                    elif cell is not None:
                        sheet.write_number(row, column, cell)
                if row in grid.hidden_rows:
                    sheet.set_row(row, None, None, {"hidden": True})
            for column in grid.hidden_columns:
                sheet.set_column(column, column, None, None, {"hidden": True})
            if grid.is_ruled_below:
                for row in range(len(grid.rows), len(grid.rows) + 20):
                    sheet.write_blank(row, 0, None, ruled)
                    sheet.write_blank(row, len(grid.rows[0]) + 5, None, ruled)
            if grid.is_hidden:
                sheet.hide()
            elif not any(not each.is_hidden for each in grids[:number]):
                sheet.activate()
                sheet.set_first_sheet()
    return content.getvalue()


_XLS_DAY = xlwt.easyxf(num_format_str="YYYY-MM-DD")
_XLS_RULED = xlwt.easyxf("borders: left thin, right thin")


def xls(grids: list[Grid]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    for number, grid in enumerate(grids):
        sheet = book.add_sheet(grid.name, cell_overwrite_ok=True)
        for row, cells in enumerate(grid.rows):
            for column, cell in enumerate(cells):
                if cell is not None:
                    sheet.write(row, column, cell, _XLS_DAY if isinstance(cell, date) else xlwt.Style.default_style)
            if row in grid.hidden_rows:
                sheet.row(row).hidden = True
        for top, left, bottom, right in grid.merged:
            sheet.merge(top, bottom, left, right)
        for column in grid.hidden_columns:
            sheet.col(column).hidden = True
        if grid.is_ruled_below:
            for row in range(len(grid.rows), len(grid.rows) + 20):
                sheet.write(row, len(grid.rows[0]) + 5, None, _XLS_RULED)
        sheet.visibility = int(grid.is_hidden)
        if not grid.is_hidden and all(each.is_hidden for each in grids[:number]):
            book.set_active_sheet(number)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def encrypted(content: bytes, password: str) -> bytes:
    """An .xlsx as Excel saves it with a password."""
    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(content)).encrypt(password, sealed)
    return sealed.getvalue()


# Archives


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings(action="ignore"):
        for name, part in parts:  # a part that comes twice is warned of
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)  # one entry the same every time
    return content.getvalue()


def parts_of(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


# OpenDocument

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
_NAMESPACES = {
    "office": f"{_NAMES}:office:1.0",
    "table": f"{_NAMES}:table:1.0",
    "text": f"{_NAMES}:text:1.0",
    "style": f"{_NAMES}:style:1.0",
    "number": f"{_NAMES}:datastyle:1.0",
    "meta": f"{_NAMES}:meta:1.0",
    "manifest": f"{_NAMES}:manifest:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
_COLLAPSED = ' table:visibility="collapse"'


def ods(grids: list[Grid]) -> bytes:
    """An .ods as LibreOffice writes it, without its styles."""
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("ta1", "true"), ("ta2", "false"))
    )
    return open_document("".join(_ods_table(grid) for grid in grids), styles=styles, prefixes=("style",))


def open_document(
    tables: str, *, styles: str = "", prefixes: Iterable[str] = (), properties: Mapping[str, str] | None = None
) -> bytes:
    """The .ods of tables and styles in XML; prefixes are those used beside office, table and text."""
    formats = f"<office:automatic-styles>{styles}</office:automatic-styles>" if styles else ""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_declared("office", "table", "text", *prefixes)}>'
        f"{formats}<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    parts = [("mimetype", "application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", body)]
    if properties:
        written = "".join(
            f'<meta:user-defined meta:name="{name}">{value}</meta:user-defined>' for name, value in properties.items()
        )
        meta = f"<office:meta>{written}</office:meta></office:document-meta>"
        parts.append(("meta.xml", f"<office:document-meta{_declared('office', 'meta')}>{meta}"))
    parts.append(("META-INF/manifest.xml", f"<manifest:manifest{_declared('manifest')}/>"))
    return zipped((name, part.encode()) for name, part in parts)


def _declared(*prefixes: str) -> str:
    return "".join(f' xmlns:{prefix}="{_NAMESPACES[prefix]}"' for prefix in prefixes)


def _ods_table(grid: Grid) -> str:
    spans, covered = grid.spans(), grid.covered()
    parts = [f'<table:table table:name="{escape(grid.name)}" table:style-name="{"ta2" if grid.is_hidden else "ta1"}">']
    for column in range(len(grid.rows[0])):
        parts.append(f"<table:table-column{_COLLAPSED if column in grid.hidden_columns else ''}/>")
    for row, cells in enumerate(grid.rows):
        parts.append(f"<table:table-row{_COLLAPSED if row in grid.hidden_rows else ''}>")
        for column, cell in enumerate(cells):
            if (row, column) in covered:
                parts.append("<table:covered-table-cell/>")
            else:
                parts.append(ods_cell(cell, spans.get((row, column))))
        parts.append("</table:table-row>")
    if grid.is_ruled_below:
        cells = '<table:table-cell table:number-columns-repeated="900"/>'
        parts.append(f'<table:table-row table:number-rows-repeated="1000">{cells}</table:table-row>')
    return "".join(parts) + "</table:table>"


def ods_paragraphs(text: str) -> str:
    """Paragraphs for lines; white space as elements where XML would fold it."""

    def spaced(line: str) -> str:
        line = escape(line)
        line = re.sub(r"^ +| +$|(?<= ) +", lambda found: f'<text:s text:c="{len(found[0])}"/>', line)
        return line

    return "".join(f"<text:p>{spaced(line)}</text:p>" for line in text.split("\n"))


def ods_cell(cell: Cell, span: tuple[int, int] | None = None, paragraphs: Callable[[str], str] = ods_paragraphs) -> str:
    """A cell over rows and columns; its text in paragraphs."""
    spanned = f' table:number-rows-spanned="{span[0]}" table:number-columns-spanned="{span[1]}"' if span else ""
    match cell:
        case None:
            return f"<table:table-cell{spanned}/>"
        case date():
            value = f'office:value-type="date" office:date-value="{cell}"'
            return f"<table:table-cell{spanned} {value}><text:p>{cell}</text:p></table:table-cell>"
        case str():
            return f'<table:table-cell{spanned} office:value-type="string">{paragraphs(cell)}</table:table-cell>'
    return (
        f'<table:table-cell{spanned} office:value-type="float" office:value="{cell}"><text:p>{cell}</text:p></table:table-cell>'
    )


# Text


def web_page(grid: Grid, encoding: str, is_ragged: bool) -> bytes:
    """A page as systems export it for Excel; ragged rows lack the blank cells at their end."""
    spans, covered = grid.spans(), grid.covered()
    parts = [f"<html><head><meta charset={encoding}><style>td{{mso-number-format:'\\@'}}</style></head><body><table border=1>"]
    for row, cells in enumerate(grid.rows):
        parts.append('<tr style="display:none">' if row in grid.hidden_rows else "<tr>")
        if is_ragged:
            while cells and cells[-1] is None and (row, len(cells) - 1) not in covered:
                cells = cells[:-1]
        for column, cell in enumerate(cells):
            if (row, column) not in covered:
                down, right = spans.get((row, column), (1, 1))
                span = (f" rowspan={down}" if down > 1 else "") + (f" colspan='{right}'" if right > 1 else "")
                parts.append(f"<td{span}>{'&nbsp;' if cell is None else html.escape(str(cell)).replace(chr(10), '<br>')}</td>")
        parts.append("</tr>")
    return ("".join(parts) + "</table></body></html>").encode(encoding)


def text_file(grid: Grid, encoding: str, delimiter: str, is_ragged: bool) -> bytes:
    rows = grid.rows
    if is_ragged:
        rows = [row[: max((place for place, cell in enumerate(row, 1) if cell is not None), default=0)] for row in rows]
    elif grid.is_ruled_below:
        rows = [[*row, None, None] for row in rows]
    if grid.is_ruled_below:
        rows = [*rows, *[[None] * (len(grid.rows[0]) + 1)] * 3]
    return delimited(rows, delimiter).encode(encoding)


def delimited(rows: Iterable[Iterable[Cell]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return text.getvalue()


# Records of Excel 97 and of .xlsb, enough of them for calamine

Records = list[tuple[int, bytes]]


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind & 0xFFFF, len(body) & 0xFFFF) + body


def old_part(records: Records) -> bytes:
    return b"".join(record(*each) for each in records)


def old_stream(book: bytes, cells: bytes, sheets: int = 1) -> bytes:
    """The stream of a workbook, its sheets placed rightly whatever its records are; each sheet is the same."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6))

    def whole(start: int) -> bytes:
        places = b"".join(
            record(0x85, struct.pack("<IBBBB", start, 0, 0, 4, 0) + f"表{number}ab"[:4].ljust(4).encode("ascii", "replace"))
            for number in range(sheets)
        )
        return begin + places + book + record(0x0A)

    return whole(len(whole(0))) + record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6)) + cells + record(0x0A)


def binary_record(kind: int, body: bytes = b"") -> bytes:
    return _packed(kind) + _packed(len(body)) + body


def _packed(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80]) + _packed(number >> 7)


def binary_part(records: Records) -> bytes:
    return b"".join(binary_record(*each) for each in records)


def binary_text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_book(sheet: str) -> Records:
    """The records of the workbook part of an .xlsb with one sheet."""
    place = struct.pack("<II", 0, 1) + binary_text("rId1") + binary_text(sheet)
    return [(131, b""), (143, b""), (156, place), (144, b""), (132, b"")]


def binary_workbook(book: bytes, cells: bytes) -> bytes:
    """The .xlsb of a workbook part and a sheet part."""
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def relation(kind: str, target: str) -> bytes:
        one = f'<Relationship Id="rId1" Type="{kinds}/{kind}" Target="{target}"/>'
        return f'<Relationships xmlns="{relations}">{one}</Relationships>'.encode()

    return zipped(
        [
            ("_rels/.rels", relation("officeDocument", "xl/workbook.bin")),
            ("xl/_rels/workbook.bin.rels", relation("worksheet", "worksheets/sheet1.bin")),
            ("xl/workbook.bin", book),
            ("xl/worksheets/sheet1.bin", cells),
        ]
    )
