"""The front sheet of a receipt: what became of the submission, and a row for each finding with room for the answer.

Belongs here: its words, lay-out and links. Does not belong here: marks on other sheets (`marks`), or reading answers back
(`pipelines.collect.answers`), with which it shares the names of its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from pipelines.findings import Finding
from pipelines.forms.identity import ANSWER_COLUMN, KEY_COLUMN, NOTHING_TO_ANSWER, PRACTICE_BANNER, RECEIPT_SHEET
from pipelines.forms.template import FONT, PRACTICE_COLOUR
from pipelines.receipts.inert import line_count, put_text
from pipelines.receipts.receipt import SEVERITIES, Receipt, is_to_explain, month_in_words, place_of
from pipelines.validate.titles import title_of

RED, YELLOW, BLUE, GREY = "FFC7CE", "FFEB9C", "DDEBF7", "EDEDED"
COLOURS = {"error": RED, "warning": YELLOW}
WIDTHS = {"序号": 6, "程度": 9, "规则": 18, "位置": 17, "填的值": 18, "问题": 42, "怎么改": 34, ANSWER_COLUMN: 34}
ANSWER = len(WIDTHS)  # 1-based; the hidden key stands right of it
LINE_POINTS, LEAST_POINTS, MOST_POINTS = 16.0, 20.0, 400.0  # Excel's own limit is 409
SETTLED = "已说明"

_RULED = Border(**{side: Side(style="thin", color="A6A6A6") for side in ("left", "right", "top", "bottom")})
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_MIDDLE = Alignment(wrap_text=True, vertical="center", horizontal="center")


def write_front_sheet(book: Workbook, receipt: Receipt, sheets: Mapping[str, str], note: str | None) -> None:
    """Put the front sheet before the other sheets and open the workbook there.

    Args:
        sheets: name of a sheet as the findings have it -> as it is in this workbook.
        note: in Chinese, how the sheets that follow differ from what was sent; None where they do not.
    """
    sheet = book.create_sheet(RECEIPT_SHEET, 0)
    for number, width in enumerate(WIDTHS.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.column_dimensions[get_column_letter(ANSWER + 1)].hidden = True
    first = _write_heading(sheet, receipt, [*_to_do(receipt, has_sheets=bool(sheets)), *([note] if note else [])])
    _write_titles(sheet, first)
    for number, finding in enumerate(receipt.findings, start=1):
        _write_finding(sheet, first + number, number, finding, sheets)
    _set_up(book, sheet, first, receipt)


def _write_heading(sheet: Worksheet, receipt: Receipt, to_do: Iterable[str]) -> int:
    """The lines above the findings; returns the row of the column titles."""
    title = f"{RECEIPT_SHEET}（{PRACTICE_BANNER}）" if receipt.is_practice else RECEIPT_SHEET
    _write_line(sheet, 1, title, size=16, bold=True, centre=True, colour=PRACTICE_COLOUR[1:] if receipt.is_practice else None)
    row = 2
    for line in _about(receipt):
        _write_line(sheet, row, line)
        row += 1
    _write_line(sheet, row, f"结论：{receipt.verdict}。", bold=True, colour=_verdict_colour(receipt))
    row += 1
    for line in to_do:
        _write_line(sheet, row, line)
        row += 1
    _write_legend(sheet, row)
    return row + 2


def _about(receipt: Receipt) -> list[str]:
    """Which submission it is."""
    parts = [
        ("报表", receipt.form_title),
        ("填报单位", receipt.reporting_unit_name),
        ("月份", month_in_words(receipt.month) if receipt.month else None),
        ("报送", f"第 {receipt.revision} 次" if receipt.revision else None),
    ]
    known = "　　".join(f"{label}：{value}" for label, value in parts if value)
    file = f"收到的文件：{PurePosixPath(receipt.file_name).name}（{receipt.received_at[:10]} 收到）"
    return [known, file] if known else [file]


def _verdict_colour(receipt: Receipt) -> str | None:
    if receipt.state != "accepted":
        return RED
    return YELLOW if receipt.to_explain else None


def _to_do(receipt: Receipt, *, has_sheets: bool) -> list[str]:
    """What the sender does with the receipt."""
    if not has_sheets:
        return ["请按“怎么改”一栏改好原来的文件，重新发送。"] if receipt.to_mend else []
    lines = []
    if receipt.to_mend:
        lines.append("错误必须改正：按“怎么改”一栏改数据表，点“位置”可到该单元格。")
    if receipt.to_explain:
        lines.append(f"须说明的警告：数不对的，改数据表；数没有错的，在本表蓝色的“{ANSWER_COLUMN}”栏写明原因。")
    if receipt.to_mend or receipt.to_explain:
        lines.append("改好、写好后，把本文件整个发回，不要删去本表。")
    return lines


def _write_legend(sheet: Worksheet, row: int) -> None:
    """What the colours mean, once."""
    meanings = ((1, 2, RED, "错误"), (3, 3, YELLOW, "警告"), (4, 4, BLUE, "请在此说明"))
    for first, last, colour, text in meanings:
        if last > first:
            sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
        cell = sheet.cell(row, first)
        put_text(cell, text)
        cell.font, cell.alignment, cell.fill = Font(name=FONT), _MIDDLE, _filled(colour)
    sheet.row_dimensions[row].height = LEAST_POINTS


def _write_titles(sheet: Worksheet, row: int) -> None:
    for column, title in enumerate((*WIDTHS, KEY_COLUMN), start=1):
        cell = sheet.cell(row, column)
        put_text(cell, title)
        cell.font, cell.alignment = Font(name=FONT, bold=True), _MIDDLE
        cell.fill, cell.border = _filled(GREY), _RULED
    sheet.row_dimensions[row].height = 22


def _write_finding(sheet: Worksheet, row: int, number: int, finding: Finding, sheets: Mapping[str, str]) -> None:
    answer = finding.explanation or "" if finding.must_explain else NOTHING_TO_ANSWER
    severity = SEVERITIES[finding.severity] + ("（须说明）" if is_to_explain(finding) else "")
    if finding.state == "answered":
        severity += f"（{SETTLED}）"
    what = (title_of(finding.rule_id), _place_in_words(finding), finding.value or "", finding.message, finding.advice)
    shown = (str(number), severity, *what)
    for column, text in enumerate((*shown, answer, finding.answer_key), start=1):
        cell = sheet.cell(row, column)
        put_text(cell, text)
        cell.font, cell.alignment, cell.border = Font(name=FONT), _WRAPPED, _RULED
    if finding.severity in COLOURS:
        sheet.cell(row, 2).fill = _filled(COLOURS[finding.severity])
    if finding.must_explain:
        room = sheet.cell(row, ANSWER)
        room.fill, room.protection = _filled(BLUE), Protection(locked=False)
    else:
        sheet.cell(row, ANSWER).font = Font(name=FONT, color="808080")
    _link(sheet, row, finding, sheets)
    lines = max(line_count(text, width) for text, width in zip((*shown, answer), WIDTHS.values(), strict=True))
    sheet.row_dimensions[row].height = min(max(lines * LINE_POINTS + 4, LEAST_POINTS), MOST_POINTS)


def _place_in_words(finding: Finding) -> str:
    return "　".join(part for part in (finding.sheet, finding.cell) if part) or "整个文件"


def _link(sheet: Worksheet, row: int, finding: Finding, sheets: Mapping[str, str]) -> None:
    """Make the place a link to the cell, or to its sheet; none where this workbook has no such sheet."""
    target = sheets.get(finding.sheet or "")
    if target is None:
        return
    cell = sheet.cell(row, 4)
    where = finding.cell if place_of(finding.cell) else "A1"
    cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"{quote_sheetname(target)}!{where}")
    cell.font = Font(name=FONT, color="0563C1", underline="single")


def _write_line(
    sheet: Worksheet,
    row: int,
    text: str,
    *,
    size: int = 11,
    bold: bool = False,
    centre: bool = False,
    colour: str | None = None,
) -> None:
    """A line over all columns."""
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=ANSWER)
    cell = sheet.cell(row, 1)
    put_text(cell, text)
    cell.font = Font(name=FONT, size=size, bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if centre else "left")
    if colour:
        cell.fill = _filled(colour)
    lines = line_count(text, sum(WIDTHS.values()))
    sheet.row_dimensions[row].height = min(max(lines * (size + 6.0) + 3, LEAST_POINTS), MOST_POINTS)


def _set_up(book: Workbook, sheet: Worksheet, titles: int, receipt: Receipt) -> None:
    """What stays in sight, may be changed, and goes on paper; the workbook opens on this sheet alone."""
    for other in book.worksheets:
        other.sheet_view.tabSelected = False  # two selected sheets would both take what is typed
    book.active = 0
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = sheet.cell(titles + 1, 1)
    if receipt.is_practice:
        sheet.sheet_properties.tabColor = PRACTICE_COLOUR[1:]
    # No password: the lock keeps keys and findings from being overtyped by accident, it keeps nobody out.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.7, 0.35
    sheet.print_title_rows = f"{titles}:{titles}"
    sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
    if receipt.is_practice:
        sheet.oddFooter.left.text = PRACTICE_BANNER


def _filled(colour: str) -> PatternFill:
    return PatternFill("solid", start_color=colour, end_color=colour)
