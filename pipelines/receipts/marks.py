"""Marks at the cells of findings: a colour, and what is wrong as a comment; and taking the marks of earlier receipts away.

Belongs here: what is done to the sender's own sheets. Does not belong here: the front sheet (`front_sheet`).

The colour is a conditional format: the cell keeps its own, and a receipt that comes back loses all marks without a trace,
also where rows were moved. So does the comment, which stands below what the sender may have written there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from openpyxl.comments import Comment
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formatting.rule import Rule
from openpyxl.styles import PatternFill
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.findings import Finding
from pipelines.forms.identity import RECEIPT_SHEET
from pipelines.receipts.front_sheet import COLOURS
from pipelines.receipts.inert import clean, line_count
from pipelines.receipts.receipt import SEVERITIES, Receipt, concerns_sender, is_to_explain, place_of

HEADING = f"【{RECEIPT_SHEET}】"  # begins our part of a comment
OURS = 'ISTEXT("wanstat")'  # always true; the condition by which our colours are known again
CELLS_A_RANGE = 100  # of one conditional format
COMMENT_WIDTH, LETTERS_A_LINE, LINE_PIXELS = 300, 40, 18

Place = tuple[int, int]  # row and column, from 1
Numbered = tuple[int, Finding]  # number on the front sheet


def mark(book: Workbook, receipt: Receipt, sheets: Mapping[str, str]) -> None:
    """Colour and comment the cells of errors and warnings that the sender still has to look at.

    Args:
        sheets: name of a sheet as the findings have it -> as it is in this workbook.
    """
    by_sheet: dict[str, dict[Place, list[Numbered]]] = {}
    for number, finding in enumerate(receipt.findings, start=1):
        place, name = place_of(finding.cell), sheets.get(finding.sheet or "")
        if place is not None and name is not None and concerns_sender(finding):
            anchor = _anchor(book[name], place)
            by_sheet.setdefault(name, {}).setdefault(anchor, []).append((number, finding))
    for name, places in by_sheet.items():
        _colour(book[name], places)
        for place, numbered in places.items():
            _comment(book[name], place, numbered)


def unmark(book: Workbook) -> None:
    """Take away the front sheet and the marks of an earlier receipt."""
    if RECEIPT_SHEET in book.sheetnames:
        del book[RECEIPT_SHEET]
    for sheet in book.worksheets:
        kept = ConditionalFormattingList()
        for formatting in sheet.conditional_formatting:
            for rule in formatting.rules:
                if rule.formula != [OURS]:
                    kept.add(str(formatting.sqref), rule)
        sheet.conditional_formatting = kept
        for cell in [cell for row in sheet.iter_rows() for cell in row if cell.comment is not None]:
            before, heading, _ = cell.comment.text.partition(HEADING)
            if heading:
                cell.comment = _noted(before.strip(), cell.comment.author) if before.strip() else None


def _anchor(sheet: Worksheet, place: Place) -> Place:
    """The cell that speaks for a place: of a merged range the first."""
    row, column = place
    for merged in sheet.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_col <= column <= merged.max_col:
            return merged.min_row, merged.min_col
    return place


def _colour(sheet: Worksheet, places: Mapping[Place, Iterable[Numbered]]) -> None:
    """Red where there is an error, else yellow; before the sender's own conditional formats."""
    coloured: dict[str, list[str]] = {severity: [] for severity in COLOURS}
    for (row, column), numbered in places.items():
        worst = "error" if any(finding.severity == "error" for _, finding in numbered) else "warning"
        coloured[worst].append(f"{get_column_letter(column)}{row}")
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            rule.priority += len(COLOURS)
    for priority, (severity, cells) in enumerate(coloured.items(), start=1):
        fill = PatternFill("solid", start_color=COLOURS[severity], end_color=COLOURS[severity])
        for first in range(0, len(cells), CELLS_A_RANGE):
            rule = Rule("expression", dxf=DifferentialStyle(fill=fill), priority=priority, stopIfTrue=True, formula=[OURS])
            sheet.conditional_formatting.add(" ".join(cells[first : first + CELLS_A_RANGE]), rule)


def _comment(sheet: Worksheet, place: Place, numbered: Iterable[Numbered]) -> None:
    cell = sheet.cell(*place)
    said = "\n".join((HEADING, *(_in_words(number, finding) for number, finding in numbered)))
    own = cell.comment
    cell.comment = _noted(f"{own.text}\n\n{said}" if own else said, own.author if own else RECEIPT_SHEET)


def _in_words(number: int, finding: Finding) -> str:
    lines = [f"第 {number} 条　{SEVERITIES[finding.severity]}：{finding.message}"]
    if finding.advice:
        lines.append(f"怎么改：{finding.advice}")
    if is_to_explain(finding):
        lines.append(f"数没有错的，请在“{RECEIPT_SHEET}”第 {number} 条说明原因")
    return "\n".join(lines)


def _noted(text: str, author: str) -> Comment:
    """A comment as large as its text."""
    text = clean(text)
    return Comment(text, author, width=COMMENT_WIDTH, height=LINE_PIXELS * (line_count(text, LETTERS_A_LINE) + 1))
