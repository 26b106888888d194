"""Cells of others in a workbook so that they stay what they are, and a workbook as bytes that depend on its content alone.

Belongs here: what every sheet of a receipt is written through. Does not belong here: what stands on a sheet.
"""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import datetime

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter

CREATED = datetime(2022, 1, 1)  # of the document and of each of its parts: the day of making would change the bytes
LONGEST_TEXT = 32_767  # characters; Excel refuses a file with more of them in a cell
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def clean(text: str) -> str:
    """Text without the characters that XML cannot hold, and no longer than a cell."""
    return ILLEGAL_CHARACTERS_RE.sub("", text)[:LONGEST_TEXT]


def put_text(cell: Cell, text: str) -> None:
    """Write text that is never a formula, an error or a number, also when somebody opens the cell and leaves it again."""
    cell.value = clean(text)
    cell.data_type = "s"
    if text.startswith(_STARTS_FORMULA):
        cell.quotePrefix = True


def keep_digits(cell: Cell) -> None:
    """Have a number written with all its digits: openpyxl writes 16, and some numbers need 17 to be the same again."""
    number = cell.value
    if isinstance(number, float) and float(f"{number:.16g}") != number:
        cell.value = repr(number)
        cell.data_type = "n"


def shown_width(text: str) -> int:
    """Columns of ordinary letters that a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def line_count(text: str, width: float) -> int:
    """Lines that a text takes in a cell so many letters wide."""
    return sum(max(1, -int(-shown_width(line) // max(width - 1, 1))) for line in text.split("\n"))


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook: the same for the same content, whenever and wherever it is saved."""
    book.properties.created = book.properties.modified = CREATED
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    return with_parts_changed(written.getvalue(), {})


def with_parts_changed(content: bytes, changed: dict[str, bytes]) -> bytes:
    """A zip container with some of its parts replaced, in the same order and all of one day."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(written, "w") as archive:
        for name in source.namelist():
            part = changed.get(name) or source.read(name)
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), part, zipfile.ZIP_DEFLATED)
    return written.getvalue()
