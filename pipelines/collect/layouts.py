"""What calamine does not tell of a sheet: which rows and columns a person does not see, and where an error such as #REF! stands.

Belongs here: finding both in the XML or records of one sheet. Does not belong here: opening containers (`packages`, `binaries`),
or the cells themselves (calamine).

Sheets are searched with regular expressions and not parsed: a parser takes longer than calamine's whole read, and only tags and
their attributes are wanted, which cannot stand in cell text, where "<" is always escaped.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.collect.limits import (
    FALSE_CLAIM,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_MERGED,
    MAX_OLD_COLUMNS,
    MAX_OLD_ROWS,
    MAX_ROWS,
    OUTSIDE_GRID,
    TOO_MANY_CELLS,
)

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
UNKNOWN_ERROR = "#ERROR!"

# xlsx
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_ERROR_CELL = re.compile(rb"""<(?:\w+:)?c\b([^>]*\st=["']e["'][^>]*)(?<!/)>(.*?)</(?:\w+:)?c>""", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\sr="([A-Za-z]+)(\d+)"[^>]*(?<!/)>')
_HIDDEN = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")
_REFERENCE = re.compile(rb"([A-Za-z]+)(\d+)")
# ods; calamine too knows the usual prefixes only
_TAG = re.compile(rb"<table:(table|table-column|table-row|table-cell|covered-table-cell)(?=[\s/>])([^>]*)>")
_SHOWN_TEXT = re.compile(rb"<text:p[^>]*>([^<]*)<")


@dataclass
class Layout:
    """Of one sheet, in its own numbering from 0; `unplaced_errors` are errors whose cell could not be told.

    `merged` is of ods alone, where calamine tells of none.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unplaced_errors: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def xlsx_layout(xml: bytes) -> Layout:
    """The layout of an xlsx worksheet part."""
    layout = Layout()
    for found in _COLUMN.finditer(xml):
        if _HIDDEN.search(found[1]):
            first, last = _number(found[1], b"min", 1), _number(found[1], b"max", 1)
            layout.hidden_columns.update(range(first - 1, min(last, MAX_COLUMNS)))
    row = 0
    for found in _ROW.finditer(xml) if b"hidden" in xml else ():
        row = _number(found[1], b"r", row + 1)
        if _HIDDEN.search(found[1]):
            layout.hidden_rows.add(row - 1)
    for found in _ERROR_CELL.finditer(xml):
        place = _REFERENCE.fullmatch(_attribute(found[1], b"r"))
        value = _VALUE.search(found[2])
        if place is None:
            layout.unplaced_errors += 1
        else:
            text = html.unescape(value[1].decode("utf-8", "replace")) if value else UNKNOWN_ERROR
            layout.errors[int(place[2]) - 1, column_index(place[1])] = text
    return layout


def check_xlsx_reach(xml: bytes) -> None:
    """Refuse a worksheet part whose filled cells span more than can be held; formatting alone spans nothing.

    Raises:
        Unreadable: outside Excel's grid, or too many cells.
    """
    height = width = 0
    for found in _ROW.finditer(xml):
        if _number(found[1], b"r", 1) > MAX_ROWS:
            raise OUTSIDE_GRID
    for found in _FILLED_CELL.finditer(xml):
        height, width = max(height, int(found[2])), max(width, column_index(found[1]) + 1)
    check_area(height, width)


def check_area(height: int, width: int, rows: int = MAX_ROWS, columns: int = MAX_COLUMNS) -> None:
    """Refuse a used area outside the grid or with too many cells."""
    if height > rows or width > columns:
        raise OUTSIDE_GRID
    if height * width > MAX_CELLS:
        raise TOO_MANY_CELLS


def column_index(letters: bytes) -> int:
    """The 0-based number of a column: A is 0."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _attribute(attributes: bytes, name: bytes) -> bytes:
    found = re.search(rb"\s" + name + rb"""\s*=\s*["']([^"']*)["']""", attributes)
    return found[1] if found else b""


def _number(attributes: bytes, name: bytes, otherwise: int) -> int:
    written = _attribute(attributes, name)
    return int(written) if written.isdigit() else otherwise


def ods_layouts(xml: bytes) -> list[Layout]:
    """The layouts of an ods content part, table by table.

    Raises:
        Unreadable: repeats reach outside Excel's grid, or fill too many cells.
    """
    layouts: list[Layout] = []
    column = row = cell = height = width = repeated = 0  # `row` and `cell` are where the next one starts
    for found in _TAG.finditer(xml):
        tag, attributes = found[1], found[2]
        if tag == b"table":
            check_area(height, width)
            layouts.append(Layout())
            column = row = cell = height = width = repeated = 0
        elif not layouts:
            continue
        elif tag == b"table-column":
            last = column + _repeats(attributes, b"columns", MAX_COLUMNS)
            if _is_collapsed(attributes):
                layouts[-1].hidden_columns.update(range(column, min(last, MAX_COLUMNS)))
            column = last
        elif tag == b"table-row":
            row += repeated
            cell, repeated = 0, _repeats(attributes, b"rows", MAX_ROWS)
            if _is_collapsed(attributes):
                layouts[-1].hidden_rows.update(range(row, min(row + repeated, MAX_ROWS)))
        else:
            last = cell + _repeats(attributes, b"columns", MAX_COLUMNS)
            if b"office:" in attributes:
                height, width = max(height, row + repeated), max(width, last)
                check_area(height, width)
            if b"-spanned" in attributes and len(layouts[-1].merged) <= MAX_MERGED:
                down, right = (_number(attributes, b"table:number-" + what + b"-spanned", 1) for what in (b"rows", b"columns"))
                if down > 1 or right > 1:
                    layouts[-1].merged.append((row, cell, min(row + down, MAX_ROWS) - 1, min(cell + right, MAX_COLUMNS) - 1))
            if b'calcext:value-type="error"' in attributes:
                text = _shown(xml, found.end())
                places = ((down, right) for down in range(row, row + repeated) for right in range(cell, last))
                layouts[-1].errors.update(dict.fromkeys(places, text))
            cell = last
    return layouts


def _repeats(attributes: bytes, what: bytes, most: int) -> int:
    if b"-repeated" not in attributes:
        return 1
    number = _number(attributes, b"table:number-" + what + b"-repeated", 1)
    if number > most:
        raise OUTSIDE_GRID
    return number


def _is_collapsed(attributes: bytes) -> bool:
    return b"visibility" in attributes and _attribute(attributes, b"table:visibility") in (b"collapse", b"filter")


def _shown(xml: bytes, start: int) -> str:
    found = _SHOWN_TEXT.search(xml, start, xml.find(b"</table:table-cell>", start))
    return html.unescape(found[1].decode("utf-8", "replace")) if found and found[1] else UNKNOWN_ERROR


# The binary records of Excel 5 to 2003, [MS-XLS] 2.4
BOF, EOF, BOUNDSHEET, SST = 0x809, 0x0A, 0x85, 0xFC
_DIMENSIONS, _ROW_RECORD, _COLUMN_RECORD, _BOOLERR, _FORMULA, _MULRK = 0x200, 0x208, 0x7D, 0x205, 0x06, 0xBD
_CELLS = {_FORMULA, _MULRK, _BOOLERR, 0xD6, 0xFD, 0x203, 0x204, 0x27E}  # those that hold a value


def biff_records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """Number and body of each record of the substream at `start`; embedded substreams (charts) are left out.

    Raises:
        Unreadable: a record claims more than is there.
    """
    depth = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, start)
        body = stream[start + 4 : start + 4 + size]
        if len(body) < size:
            raise FALSE_CLAIM
        start += 4 + size
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, body


def biff_layouts(stream: bytes) -> list[Layout]:
    """The layouts of a Workbook or Book stream, in the order of its sheets.

    Raises:
        Unreadable: cells outside the grid, more strings claimed than can be there, a record claims more than is there.
    """
    starts = []
    for kind, body in biff_records(stream, 0):
        if kind == BOUNDSHEET:
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind == SST and len(body) >= 8 and struct.unpack_from("<I", body, 4)[0] * 3 > len(stream):
            raise FALSE_CLAIM  # a string takes three bytes at least
    known: dict[int, Layout] = {}
    for start in starts:
        if start not in known:  # a thousand sheets at one place are walked once
            known[start] = _biff_layout(stream, start)
    return [known[start] for start in starts]


def _biff_layout(stream: bytes, start: int) -> Layout:
    layout = Layout()
    height = width = 0
    for kind, body in biff_records(stream, start):
        if kind in _CELLS and len(body) >= 6:
            row, column = struct.unpack_from("<HH", body)
            # A record of several numbers ends with its last column.
            last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind == _MULRK else column
            height, width = max(height, row + 1), max(width, column + 1, last + 1)
            code = _error_code(kind, body)
            if code is not None:
                layout.errors[row, column] = ERRORS.get(code, UNKNOWN_ERROR)
        elif kind == _ROW_RECORD and len(body) >= 16:
            if struct.unpack_from("<H", body, 12)[0] & 0x20:
                layout.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == _COLUMN_RECORD and len(body) >= 10:
            first, last = struct.unpack_from("<HH", body)
            if struct.unpack_from("<H", body, 8)[0] & 1:
                layout.hidden_columns.update(range(first, min(last + 1, MAX_OLD_COLUMNS)))
        elif kind == _DIMENSIONS and len(body) >= 10:
            top, bottom, left, right = struct.unpack_from("<IIHH" if len(body) >= 14 else "<HHHH", body)
            if bottom and right and (top > bottom or left > right):
                raise FALSE_CLAIM  # calamine reserves memory by the difference
            check_area(max(top, bottom), 0, MAX_OLD_ROWS)
            check_area(0, max(left, right), columns=MAX_OLD_COLUMNS)
    check_area(height, width, MAX_OLD_ROWS, MAX_OLD_COLUMNS)
    return layout


def _error_code(kind: int, body: bytes) -> int | None:
    if kind == _BOOLERR and len(body) >= 8 and body[7]:
        return body[6]
    if kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        return body[8]
    return None


# The binary records of an xlsb worksheet part, [MS-XLSB] 2.4
XLSB_SHEET = 156
_XLSB_ROW, _XLSB_COLUMN, _XLSB_ERRORS, _XLSB_CELLS = 0, 60, {3, 11}, range(2, 12)


def xlsb_records(part: bytes) -> Iterator[tuple[int, bytes]]:
    """Number and body of each record of an xlsb part.

    Raises:
        Unreadable: a record claims more than is there.
    """
    at = 0
    while at < len(part):
        kind, at = _packed(part, at, 2)
        size, at = _packed(part, at, 4)
        body = part[at : at + size]
        if len(body) < size:
            raise FALSE_CLAIM
        at += size
        yield kind, body


def xlsb_layout(part: bytes) -> Layout:
    """The layout of an xlsb worksheet part.

    Raises:
        Unreadable: cells outside the grid, a record claims more than is there.
    """
    layout = Layout()
    row = height = width = 0
    for kind, body in xlsb_records(part):
        size = len(body)
        if kind in _XLSB_CELLS and size >= 4:  # cut short or not, calamine goes by the column
            column = struct.unpack_from("<I", body)[0]
            height, width = max(height, row + 1), max(width, column + 1)
            if kind in _XLSB_ERRORS:
                layout.errors[row, column] = ERRORS.get(body[8] if size > 8 else -1, UNKNOWN_ERROR)
        elif kind == _XLSB_ROW and size >= 4:
            row = struct.unpack_from("<I", body)[0]
            if row >= MAX_ROWS:
                raise OUTSIDE_GRID
            if size >= 12 and body[11] & 0x10:
                layout.hidden_rows.add(row)
        elif kind == _XLSB_COLUMN and size >= 18:
            first, last = struct.unpack_from("<II", body)
            if body[16] & 1:
                layout.hidden_columns.update(range(first, min(last + 1, MAX_COLUMNS)))
    check_area(height, width)
    return layout


def _packed(part: bytes, at: int, longest: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends."""
    number = 0
    for place in range(longest):
        if at >= len(part):
            raise FALSE_CLAIM
        byte = part[at]
        at += 1
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    return number, at
