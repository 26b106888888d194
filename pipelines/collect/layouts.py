"""What calamine does not tell of a sheet: which rows and columns a person does not see, where an error such as #REF! stands,
and which numbers are shown scaled or with a unit by their format.

Belongs here: what is the same in every kind of workbook: what is told of a sheet, names of errors, which number formats show
another number than is stored, how far cells may reach. Does not belong here: finding these in XML (`layouts_xml`) or in binary
records (`layouts_binary`), opening containers (`packages`, `binaries`), or the cells themselves (calamine).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.collect.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, OUTSIDE_GRID, TOO_MANY_CELLS

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
UNKNOWN_ERROR = "#ERROR!"

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


def check_area(height: int, width: int, rows: int = MAX_ROWS, columns: int = MAX_COLUMNS) -> None:
    """Refuse a used area outside the grid or with too many cells."""
    if height > rows or width > columns:
        raise OUTSIDE_GRID
    if height * width > MAX_CELLS:
        raise TOO_MANY_CELLS
