"""From bytes to sheets of cells, by content and never by extension.

Belongs here: telling containers and encodings apart and handing them to the library that reads them (python-calamine for
workbooks: fast, typed cells, no formula or macro is run; the standard csv module for text). Does not belong here: where
on a sheet the table is.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

Cell = str | int | float | bool | date | datetime | time | timedelta | None


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
    """A sheet's cells from A1 on; rows may differ in length; an empty cell is None."""

    name: str
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Container:
    """A file taken apart."""

    kind: str
    sheets: list[Sheet] = field(default_factory=list)

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def open_container(content: bytes) -> Container:
    """Read a workbook (.xlsx) or a delimited text file (UTF-8 with or without BOM, GB18030).

    Raises:
        Unreadable: with what was found and what to do.
    """
    if content.startswith(b"PK\x03\x04"):
        return Container("xlsx", _workbook_sheets(content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("这是旧式 .xls 或加密的工作簿，现在只读 .xlsx 和 CSV", "请另存为 .xlsx 重新发送")
    return Container("csv", [Sheet("CSV", _text_rows(_decode(content)))])


def _workbook_sheets(content: bytes) -> list[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return [
            # The empty area before the first cell is kept, so that row and column numbers are the sheet's own.
            Sheet(name, [[None if cell == "" else cell for cell in row] for row in rows])
            for name in workbook.sheet_names
            for rows in [workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        ]
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable("工作簿打不开，文件可能不完整或已损坏", "请在 Excel 中打开确认后另存一份，重新发送") from error


def _decode(content: bytes) -> str:
    if b"\x00" in content[:4096]:
        raise Unreadable("既不是工作簿，也不是文本表格", "请用下发的模板（.xlsx）填报，或另存为 CSV")
    if content.startswith(codecs.BOM_UTF8):
        content = content.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("文字编码无法识别（既不是 UTF-8，也不是 GB18030）", "请在 Excel 中另存为“CSV UTF-8”后重新发送")


def _text_rows(text: str) -> list[list[Cell]]:
    try:
        return [[cell if cell != "" else None for cell in row] for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except csv.Error as error:
        raise Unreadable("CSV 格式有误：有没有配对的引号", "请在 Excel 中打开确认后另存为 CSV，重新发送") from error
