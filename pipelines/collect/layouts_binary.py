"""The layouts of sheets that are binary records, in xls (BIFF) and xlsb.

Belongs here: taking records apart, finding hidden rows and columns, errors and number formats in those of one sheet and of a
workbook's styles, how far its cells reach. Does not belong here: what a layout is and which formats count (`layouts`), sheets
of XML (`layouts_xml`), or opening containers (`packages`, `binaries`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping

from pipelines.collect.layouts import ERRORS, UNKNOWN_ERROR, Layout, check_area, shows_otherwise
from pipelines.collect.limits import FALSE_CLAIM, MAX_COLUMNS, MAX_OLD_COLUMNS, MAX_OLD_ROWS, MAX_ROWS, OUTSIDE_GRID

# The binary records of Excel 5 to 2003, [MS-XLS] 2.4
_FORMAT_RECORD, _STYLE_RECORD, _MULRK_STEP = 0x41E, 0xE0, 6
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
    formats: dict[int, str] = {}
    styles: dict[int, str] = {}  # the formats in question, by the numbers of the styles that use them
    style = 0
    is_old = False
    for kind, body in biff_records(stream, 0):
        if kind == BOUNDSHEET:
            starts.append(struct.unpack_from("<I", body)[0])
        elif kind == SST and len(body) >= 8 and struct.unpack_from("<I", body, 4)[0] * 3 > len(stream):
            raise FALSE_CLAIM  # a string takes three bytes at least
        elif kind == BOF:
            is_old = body[:2] != b"\x00\x06"
        elif kind == _FORMAT_RECORD and len(body) >= 5:
            code = _biff_string(body[2:], is_old)
            if shows_otherwise(code):
                formats[struct.unpack_from("<H", body)[0]] = code
        elif kind == _STYLE_RECORD and len(body) >= 4:
            code = formats.get(struct.unpack_from("<H", body, 2)[0])
            if code is not None:
                styles[style] = code
            style += 1
    known: dict[int, Layout] = {}
    for start in starts:
        if start not in known:  # a thousand sheets at one place are walked once
            known[start] = _biff_layout(stream, start, styles)
    return [known[start] for start in starts]


def _biff_string(body: bytes, is_old: bool) -> str:
    if is_old:  # in the code page of its writer: in China, GBK
        return body[1 : 1 + body[0]].decode("gb18030", "replace")
    count = struct.unpack_from("<H", body)[0]
    return body[3 : 3 + 2 * count].decode("utf-16-le", "replace") if body[2] & 1 else body[3 : 3 + count].decode("latin-1")


def _biff_layout(stream: bytes, start: int, styles: Mapping[int, str]) -> Layout:
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
            if styles:
                # One style for a cell; of several numbers, each has its own.
                ends = len(body) - _MULRK_STEP if kind == _MULRK else 5
                for number, at in enumerate(range(4, ends, _MULRK_STEP)):
                    code_shown = styles.get(struct.unpack_from("<H", body, at)[0])
                    if code_shown is not None:
                        layout.formats[row, column + number] = code_shown
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
_XLSB_FORMAT, _XLSB_STYLE, _XLSB_STYLES, _XLSB_STYLES_END = 44, 47, 617, 618
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


def xlsb_styles(part: bytes) -> dict[int, str]:
    """The cell styles of an xlsb styles part whose number format shows another number than is stored, by their numbers."""
    formats: dict[int, str] = {}
    styles: dict[int, str] = {}
    style = -1  # styles of styles come before those of cells
    for kind, body in xlsb_records(part):
        if kind == _XLSB_FORMAT and len(body) >= 6:
            key, count = struct.unpack_from("<HI", body)
            code = body[6 : 6 + 2 * count].decode("utf-16-le", "replace")
            if shows_otherwise(code):
                formats[key] = code
        elif kind == _XLSB_STYLES_END or (kind == _XLSB_STYLES and not formats):
            break
        elif kind == _XLSB_STYLES:
            style = 0
        elif kind == _XLSB_STYLE and style >= 0 and len(body) >= 4:
            code_used = formats.get(struct.unpack_from("<H", body, 2)[0])
            if code_used is not None:
                styles[style] = code_used
            style += 1
    return styles


def xlsb_layout(part: bytes, styles: Mapping[int, str]) -> Layout:
    """The layout of an xlsb worksheet part; `styles` are those of `xlsb_styles`.

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
            if styles and size >= 8:
                code = styles.get(int.from_bytes(body[4:7], "little"))
                if code is not None:
                    layout.formats[row, column] = code
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
