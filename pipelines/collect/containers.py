"""From bytes to sheets of cells, by content and never by extension.

Belongs here: telling containers apart and the shape they are handed on in. Does not belong here: where on a sheet the table is.

Which library does what: python-calamine reads every kind of workbook (typed cells, merged ranges, fast; runs no formula,
macro or link), msoffcrypto-tool decrypts, lxml reads HTML, Python's csv module splits text. See `workbooks` and `texts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta | None
CellRange = tuple[int, int, int, int]  # first row, first column, last row, last column; 0-based, both ends in

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Unreadable(Exception):
    """The bytes cannot be read; `args` are what was found and what to do, both in Chinese."""

    @property
    def message(self) -> str:
        return self.args[0]

    @property
    def advice(self) -> str:
        return self.args[1]


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells from A1 on; rows may differ in length; an empty cell is None.

    Attributes:
        merged: merged ranges; only the first cell of each holds the value.
        is_hidden: whether a person opening the workbook does not see the sheet.
    """

    name: str
    rows: list[list[Cell]]
    merged: tuple[CellRange, ...] = ()
    is_hidden: bool = False


@dataclass(frozen=True)
class Container:
    """A file taken apart.

    Attributes:
        kind: xlsx, xlsb, xls, ods, html or csv.
        remarks: in Chinese, what had to be done to read it (Excel's default password).
    """

    kind: str
    sheets: list[Sheet] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


Read = Callable[[bytes], Container]  # `reader.Reader.read` in a load; `open_container` itself where the bytes are trusted


def open_container(content: bytes) -> Container:
    """Read a workbook (.xlsx, .xlsb, .xls of Excel 5 to 2003 and WPS .et, .ods), an HTML table saved as .xls, or delimited text.

    Raises:
        Unreadable: with what was found and what to do.
    """
    from pipelines.collect import texts, workbooks  # they take their shapes from here

    if content.startswith((ZIP, OLE)) or workbooks.is_bare_biff(content):
        return workbooks.read_workbook(content)
    return texts.read_text(content)
