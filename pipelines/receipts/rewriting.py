"""A workbook with the cells as they were read, where the sender's own file cannot be marked: texts, old and other formats.

Belongs here: cells, merged ranges, widths, what is hidden. Does not belong here: marks, the front sheet, or why a file is
rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.collect.cells import as_seen
from pipelines.collect.containers import Container, Sheet
from pipelines.forms.identity import METADATA_SHEET, RECEIPT_SHEET
from pipelines.forms.template import FONT
from pipelines.receipts.inert import keep_digits, put_text, shown_width

LONGEST_NAME = 31  # of a sheet, in Excel
LEAST_WIDTH, MOST_WIDTH = 9, 40
WIDTH_ROWS = 200  # looked at for the width of a column
TEXT_FORMAT, LONGEST_AS_TEXT = "@", 255  # Excel shows a longer text so formatted as a row of #
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f']")


def rewrite(book: Workbook, container: Container) -> dict[str, str]:
    """Add the sheets of a file as it was read to a workbook; returns the name of each there by its name in the file."""
    names: dict[str, str] = {}
    for read in container.sheets:
        if read.name != RECEIPT_SHEET:
            names[read.name] = _free_name(read.name, names)
            _write_sheet(book.create_sheet(names[read.name]), read)
    return names


def _free_name(name: str, taken: Mapping[str, str]) -> str:
    """A name that Excel allows and that no other sheet has."""
    base = _NOT_IN_NAMES.sub("_", name).strip()[:LONGEST_NAME] or "表"
    there = {each.lower() for each in (*taken.values(), RECEIPT_SHEET)}
    free, number = base, 1
    while free.lower() in there:
        number += 1
        free = f"{base[: LONGEST_NAME - 4]}_{number}"
    return free


def _write_sheet(sheet: Worksheet, read: Sheet) -> None:
    font = Font(name=FONT)
    widths: dict[int, int] = {}
    for row, cells in enumerate(read.rows, start=1):
        for column, value in enumerate(cells, start=1):
            if value is None:
                continue
            cell = sheet.cell(row, column)
            if isinstance(value, str):
                put_text(cell, value)
                if len(value) <= LONGEST_AS_TEXT:
                    cell.number_format = TEXT_FORMAT  # a code typed anew must not become a number
            else:
                cell.value = value
                keep_digits(cell)
                cell.number_format = read.formats.get((row - 1, column - 1), cell.number_format)
            cell.font = font
            if row <= WIDTH_ROWS:
                widths[column] = max(widths.get(column, 0), max(map(shown_width, as_seen(value).split("\n"))) + 2)
    _merge(sheet, read)
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(max(width, LEAST_WIDTH), MOST_WIDTH)
    for column in read.hidden_columns:
        sheet.column_dimensions[get_column_letter(column + 1)].hidden = True
    for row in read.hidden_rows:
        sheet.row_dimensions[row + 1].hidden = True
    if read.is_hidden:
        sheet.sheet_state = "veryHidden" if read.name == METADATA_SHEET else "hidden"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _merge(sheet: Worksheet, read: Sheet) -> None:
    """Merge what was merged; ranges that lie over one another, which Excel takes for damage, only once."""
    covered: set[tuple[int, int]] = set()
    for top, left, bottom, right in read.merged:
        cells = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        if len(cells) > 1 and not cells & covered:
            covered |= cells
            sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
