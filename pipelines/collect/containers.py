"""From bytes to sheets of cells, by content and never by extension.

Belongs here: telling containers apart and the shape they are handed on in. Does not belong here: where on a sheet the table is.

Which library does what, and why that one:

- python-calamine reads the cells of every kind of workbook: one library for .xlsx, .xlsb, .xls and .ods, typed cells and merged
  ranges, many times as fast as openpyxl, and it runs no formula, macro or link. openpyxl reads .xlsx only and fails on styles
  it does not know; xlrd reads .xls only; fastexcel is calamine again, but hands on columns of one type, and sheets typed by
  hand have none. What calamine leaves out (hidden rows and columns, errors such as #REF!, number formats that show another
  number than is stored) is found by `layouts`.
- zipfile inflates the parts of .xlsx, .xlsb and .ods before calamine does: it stops where a part's declared size ends.
- olefile takes old and encrypted workbooks apart; calamine dies of chains that olefile survives.
- msoffcrypto-tool decrypts every encryption Excel has used; nothing else in Python does.
- lxml reads HTML as browsers do, broken or not, and the few small XML parts that are parsed at all.
- Python's csv module splits text: exact about quotes, and it streams. polars and pandas guess types, and a code is no number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice

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


def afresh(refused: Unreadable) -> Unreadable:
    """The refusal as a new object, and the old one as it was.

    Most refusals are constants: raised as they are, they would gather the tracebacks, and with them the bytes, of every file.
    """
    refused.__traceback__ = refused.__cause__ = refused.__context__ = None
    return Unreadable(*refused.args)


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells from A1 on; rows may differ in length; an empty cell is None.

    Attributes:
        rows: can be iterated again and again. A list, except of large texts: those are split anew each time and held nowhere,
            so that what is wrong in their middle is raised (`Unreadable`) by the iteration. An error of Excel is its text, #REF!.
        merged: merged ranges; only the first cell of each holds the value. They may reach beyond the rows.
        is_hidden: whether a person opening the workbook does not see the sheet.
        hidden_rows: 0-based, as far as the rows go; of xlsx, xlsb, xls, ods and HTML.
        hidden_columns: 0-based, as far as the rows are wide; of xlsx, xlsb, xls and ods.
        formats: by (row, column), 0-based, the format code of each number that a person sees scaled or with a unit (see
            `layouts.shows_otherwise`); `rows` holds the stored number. Of xlsx, xlsb, xls and, put into Excel's terms, ods.
    """

    name: str
    rows: Iterable[list[Cell]]
    merged: tuple[CellRange, ...] = ()
    is_hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def head(self, count: int) -> list[list[Cell]]:
        """The first `count` rows."""
        return list(islice(self.rows, count))


@dataclass(frozen=True)
class Container:
    """A file taken apart.

    Attributes:
        kind: xlsx, xlsb, xls, ods, html or csv.
        remarks: in Chinese, what had to be done to read it (Excel's default password), and what could not be.
        properties: document properties added by people and programs, as text; of xlsx, xlsb and ods only.
    """

    kind: str
    sheets: list[Sheet] = field(default_factory=list)
    remarks: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_container(content: bytes) -> Container:
    """Read a workbook (.xlsx, .xlsb, .xls of Excel 5 to 2003 and WPS .et, .ods), an HTML table saved as .xls, or delimited text.

    Raises:
        Unreadable: with what was found and what to do.
    """
    from pipelines.collect import texts, workbooks  # they take their shapes from here

    try:
        if content.startswith((ZIP, OLE)) or workbooks.is_bare_biff(content):
            return workbooks.read_workbook(content)
        return texts.read_text(content)
    except Unreadable as refused:
        raise afresh(refused) from None
