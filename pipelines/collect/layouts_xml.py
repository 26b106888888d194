"""The layouts of sheets that are XML, in xlsx and ods.

Belongs here: finding hidden rows and columns, errors and number formats in the XML of one sheet and in that of a workbook's
styles, how far its filled cells reach, merged ranges of ods. Does not belong here: what a layout is and which formats count
(`layouts`), binary sheets (`layouts_binary`), or opening containers (`packages`).

Sheets are searched with regular expressions and not parsed: a parser takes longer than calamine's whole read, and only tags and
their attributes are wanted, which cannot stand in cell text, where "<" is always escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

from pipelines.collect.layouts import UNKNOWN_ERROR, Layout, check_area, shows_otherwise
from pipelines.collect.limits import MAX_COLUMNS, MAX_MERGED, MAX_ROWS, OUTSIDE_GRID

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
