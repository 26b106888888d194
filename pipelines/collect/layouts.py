"""What calamine does not tell of a sheet: which rows and columns a person does not see, where an error such as #REF! stands,
and which numbers are shown scaled or with a unit by their format.

Belongs here: finding these in the XML or records of one sheet, and number formats in those of a workbook's styles. Does not
belong here: opening containers (`packages`, `binaries`), or the cells themselves (calamine).

Sheets are searched with regular expressions and not parsed: a parser takes longer than calamine's whole read, and only tags and
their attributes are wanted, which cannot stand in cell text, where "<" is always escaped.
"""

from __future__ import annotations

import html
import re
import struct
from collections.abc import Iterator, Mapping
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
_STYLED_CELL = re.compile(rb"""<(?:\w+:)?c(\s[^<>]{0,200}?\bs=["'](\d{1,6})["'][^<>]{0,200})(?<!/)>""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ROW_OR_CELL = re.compile(rb"""<(?:\w+:)?(row|c)\b((?:\s[^<>]{0,400})?)>""")
_FORMAT = re.compile(rb"""<(?:\w+:)?numFmt\s((?:[^<>"']|"[^"<]*"|'[^'<]*')*)>""")
_FORMAT_CODE = re.compile(rb"""\bformatCode\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_FORMAT_KEY = re.compile(rb"""\bnumFmtId\s*=\s*["'](\d+)["']""")
_STYLE = re.compile(rb"<(?:\w+:)?xf\b([^<>]*)>")
# ods; calamine too knows the usual prefixes only
_TAG = re.compile(rb"<table:(table|table-column|table-row|table-cell|covered-table-cell)(?=[\s/>])([^>]*)>")
_STYLE_TAG = re.compile(rb"<(/?)((?:number|style):[\w-]+)((?:\s[^<>]*)?)>([^<]*)")
_MAYBE_UNIT = re.compile(
    b"display-factor|embedded-text|<number:(?:text|currency-symbol)[^<>]*>[^<]*(?:[KkM]|%b)"
    % "|".join("元圆万萬千仟亿億百佰十拾").encode()
)
_SHOWN_TEXT = re.compile(rb"<text:p[^>]*>([^<]*)<")


# Number formats. A letter is a multiplier where it stands alone: not in kg, RMB or USD.
_TOKEN = re.compile(r'"([^"]*)"?|[\\!](.)|\[\$([^\]\-]*)[^\]]*\]|\[[^\]]*\]|[_*].|([0#?.,])|(;)|(.)', re.DOTALL)
_CONDITION = re.compile(r"\[\s*[<>=]")
_UNIT = re.compile(r"[元圆万萬千仟亿億百佰十拾]|(?<![A-Za-z])(?:[Kk]|MM?)(?![A-Za-z])")
_SCALES = re.compile(r"0,+(?![0,])")
_MAX_CODE = 1024  # Excel's own limit is 255 characters


@dataclass
class Layout:
    """Of one sheet, in its own numbering from 0; `unplaced_errors` are errors whose cell could not be told.

    `merged` is of ods alone, where calamine tells of none. `formats` are of cells with whatever they hold.
    """

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    unplaced_errors: int = 0
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)


def shows_otherwise(code: str) -> bool:
    """Whether a number format scales what it shows (`0.00,`), draws a point of its own (`0!.0000`), or adds a unit (`0"万元"`).

    Its first section counts, that of positive numbers; each of them where sections have conditions. Percent is left out:
    Excel's own formats have it, and every reader of the number knows it.
    """
    if len(code) > _MAX_CODE:
        return False
    shape, literal = "", ""
    for found in _TOKEN.finditer(code):
        quoted, escaped, currency, sign, ends, bare = found.groups()
        text = quoted or escaped or currency or ""
        if ends:
            if _is_otherwise(shape, literal):
                return True
            if not _CONDITION.search(code):
                return False
            shape, literal = "", ""
        elif sign:
            shape += "0" if sign in "0#?" else sign
            literal += " "
        elif text:
            shape += "p" if text == "." else ""
            literal += text
        else:
            # A bare M is a month; other letters (General, E+00) tell nothing.
            literal += bare if bare and (bare in "Kk" or not bare.isascii()) else " "
    return _is_otherwise(shape, literal)


def _is_otherwise(shape: str, literal: str) -> bool:
    # Two drawn points are a date or a number of a chapter.
    is_drawn = shape.count("p") == 1 and "0p0" in shape
    return is_drawn or _SCALES.search(shape) is not None or _UNIT.search(literal) is not None


def xlsx_formats(xml: bytes) -> dict[bytes, str]:
    """The number formats of an xlsx styles part that show another number than is stored, by their ids."""
    formats = {}
    # Conditional formatting has formats too, further on.
    for found in _FORMAT.finditer(xml, 0, max(xml.rfind(b"numFmts>"), 0) or len(xml)):
        key, code = _FORMAT_KEY.search(found[1]), _FORMAT_CODE.search(found[1])
        if key and code:
            text = html.unescape((code[1] or code[2] or b"").decode("utf-8", "replace"))
            if shows_otherwise(text):
                formats[key[1]] = text
    return formats


def xlsx_styles(xml: bytes, formats: Mapping[bytes, str]) -> dict[bytes, str]:
    """The cell styles of an xlsx styles part that use one of these formats: by their numbers, the formats."""
    start = xml.find(b"cellXfs")
    styles = {}
    for number, found in enumerate(_STYLE.finditer(xml, max(start, 0), xml.find(b"cellXfs>", start + 8)) if start >= 0 else ()):
        key = _FORMAT_KEY.search(found[1])
        if key and key[1] in formats:
            styles[b"%d" % number] = formats[key[1]]
    return styles


def _xlsx_cell_formats(xml: bytes, styles: Mapping[bytes, str]) -> dict[tuple[int, int], str]:
    formats = {}
    columns: dict[bytes, int] = {}
    for found in _STYLED_CELL.finditer(xml):
        code = styles.get(found[2])
        if code is not None:
            place = _PLACE.search(found[1])
            if place is None:
                return _counted_cell_formats(xml, styles)
            letters = place[1]
            if letters not in columns:
                columns[letters] = column_index(letters)
            formats[int(place[2]) - 1, columns[letters]] = code
    return formats


def _counted_cell_formats(xml: bytes, styles: Mapping[bytes, str]) -> dict[tuple[int, int], str]:
    """The same where cells do not say where they stand: each is right of the one before."""
    formats = {}
    row, column = -1, -1
    for found in _ROW_OR_CELL.finditer(xml):
        if found[1] == b"row":
            row, column = _number(found[2], b"r", row + 2) - 1, -1
            continue
        place = _REFERENCE.fullmatch(_attribute(found[2], b"r"))
        column = column_index(place[1]) if place else column + 1
        code = styles.get(_attribute(found[2], b"s"))
        if code is not None and not found[2].endswith(b"/"):
            formats[row, column] = code
    return formats


def xlsx_layout(xml: bytes, styles: Mapping[bytes, str] | None = None) -> Layout:
    """The layout of an xlsx worksheet part; `styles` are those of `xlsx_styles`."""
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
    for found in _ERROR_CELL.finditer(xml) if b' t="e"' in xml or b" t='e'" in xml else ():
        place = _REFERENCE.fullmatch(_attribute(found[1], b"r"))
        value = _VALUE.search(found[2])
        if place is None:
            layout.unplaced_errors += 1
        else:
            text = html.unescape(value[1].decode("utf-8", "replace")) if value else UNKNOWN_ERROR
            layout.errors[int(place[2]) - 1, column_index(place[1])] = text
    if styles:
        layout.formats = _xlsx_cell_formats(xml, styles)
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
    styles = _ods_styles(xml)
    column_styles: dict[int, str] = {}
    column = row = cell = height = width = repeated = 0  # `row` and `cell` are where the next one starts
    for found in _TAG.finditer(xml):
        tag, attributes = found[1], found[2]
        if tag == b"table":
            check_area(height, width)
            layouts.append(Layout())
            column_styles = {}
            column = row = cell = height = width = repeated = 0
        elif not layouts:
            continue
        elif tag == b"table-column":
            last = column + _repeats(attributes, b"columns", MAX_COLUMNS)
            if _is_collapsed(attributes):
                layouts[-1].hidden_columns.update(range(column, min(last, MAX_COLUMNS)))
            code = styles.get(_attribute(attributes, b"table:default-cell-style-name")) if styles else None
            if code:
                column_styles.update(dict.fromkeys(range(column, min(last, MAX_COLUMNS)), code))
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
            if styles and b"office:value=" in attributes:
                own = _attribute(attributes, b"table:style-name")
                for right in range(cell, last):
                    code = styles.get(own) if own else column_styles.get(right)
                    if code:
                        layouts[-1].formats.update(((down, right), code) for down in range(row, row + repeated))
            cell = last
    return layouts


def _ods_styles(xml: bytes) -> dict[bytes, str]:
    """The cell styles of an ods content part whose number format shows another number than is stored, by their names.

    Formats are told in Excel's terms, as far as it matters here. Those of styles.xml, which cells of a named style ("Good",
    "Currency") use, are not looked at.
    """
    end = xml.find(b"</office:automatic-styles>")
    if end < 0 or not _MAYBE_UNIT.search(xml, 0, end):
        return {}
    codes: dict[bytes, str] = {}
    first: dict[bytes, bytes] = {}  # a format of several sections names that of positive numbers first
    cells: dict[bytes, bytes] = {}
    name = b""
    for found in _STYLE_TAG.finditer(xml, 0, end):
        closes, tag, attributes, text = found.groups()
        if tag in (b"number:number-style", b"number:currency-style"):
            name = b"" if closes else _attribute(attributes, b"style:name")
            codes.setdefault(name, "")
        elif tag == b"style:style" and not closes:
            cells[_attribute(attributes, b"style:name")] = _attribute(attributes, b"style:data-style-name")
        elif closes or not name:
            continue
        elif tag in (b"number:text", b"number:currency-symbol", b"number:embedded-text"):
            written = html.unescape(text.decode("utf-8", "replace")).replace('"', "")
            if tag == b"number:embedded-text":
                place = min(_number(attributes, b"number:position", 0), 20)
                codes[name] = f'{codes[name]}0"{written}"{"0" * place}'
            elif written:
                codes[name] += f'"{written}"'
        elif tag == b"number:number":
            decimals = min(_number(attributes, b"number:decimal-places", 0), 20)
            factor = _attribute(attributes, b"number:display-factor")
            thousands = min(len(factor.split(b".")[0]) - 1, 12) // 3 if factor else 0
            # What is embedded in it follows, and is written with its digits.
            whole = "" if not attributes.endswith(b"/") else "0" + ("." + "0" * decimals if decimals else "")
            codes[name] += whole + "," * thousands
        elif tag == b"style:map":
            first.setdefault(name, _attribute(attributes, b"style:apply-style-name"))
    known = {cell: codes.get(first.get(data, data), "") for cell, data in cells.items()}
    return {cell: code for cell, code in known.items() if shows_otherwise(code)}


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
