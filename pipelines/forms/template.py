"""The workbook of a form that a reporting unit fills in, derived from the form's specification.

Belongs here: its lay-out, hints, validation and hidden identity, and the constants its reader shares. Does not belong here:
reading workbooks back, or deciding what is already known and so filled in beforehand.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pipelines.files import write_whole
from pipelines.forms.identity import CODES_SHEET, GUIDE_SHEET, METADATA_KEYS, METADATA_SHEET, PRACTICE_BANNER, PROPERTY_PREFIX
from pipelines.forms.model import Form, FormField
from pipelines.forms.reporting_units import ReportingUnit

HEADER_ROW = 3  # 1-based, as in the sheet
FIRST_INPUT_ROW = 4

BLANK_ROWS = 200  # ruled rows below the ones filled in; the columns stay unlocked below them
VALIDATED_ROWS = 2_000
MONEY_UNITS = frozenset({"元", "千元", "万元", "亿元"})
CREATED = datetime(2022, 1, 1)  # fixed, so that the same input gives the same bytes
FONT = "宋体"
PRACTICE_COLOUR, KEPT_COLOUR = "#F4B183", "#E7E6E6"
NUMBER_FORMATS = {"text": "@", "code": "@", "integer": "0", "decimal": "#,##0.00####", "date": "yyyy-mm-dd"}
WIDTHS = {"text": 22, "code": 16, "integer": 12, "decimal": 16, "date": 13}
DUE = {"monthly": "每月一报，次月", "quarterly": "每季一报，季后首月", "annual": "每年一报，报上一年的数，所填月份的次月"}
EXCEL_TITLE_LIMIT, EXCEL_HINT_LIMIT = 32, 255


@dataclass(frozen=True)
class Carried:
    """Where the rows of a workbook come from that stand in it already.

    Attributes:
        month: of the submission that they were accepted in, YYYY-MM.
        notes: of each row, what is told beside a cell: field -> note in Chinese.
    """

    month: str
    notes: Sequence[Mapping[str, str]] = ()


def column_title(field: FormField) -> str:
    """The title of a column: its label, with the unit in brackets where there is one."""
    return f"{field.label}（{field.unit}）" if field.unit else field.label


def write_template(
    form: Form,
    unit: ReportingUnit,
    month: str,
    path: Path,
    *,
    rows: Sequence[Mapping[str, object]] = (),
    is_practice: bool = False,
    prepared_on: date | None = None,
    codes: Mapping[str, Mapping[str, str]],
) -> None:
    """Write the workbook of `render_template` to `path`, whole or not at all.

    Raises:
        ValueError: the form has no version in `month`.
        OSError: what the disk answered.
    """
    content = render_template(form, unit, month, rows=rows, is_practice=is_practice, prepared_on=prepared_on, codes=codes)
    write_whole(path, content)


def render_template(
    form: Form,
    unit: ReportingUnit,
    month: str,
    *,
    rows: Sequence[Mapping[str, object]] = (),
    is_practice: bool = False,
    prepared_on: date | None = None,
    codes: Mapping[str, Mapping[str, str]],
    carried: Carried | None = None,
) -> bytes:
    """The bytes of an .xlsx; the same arguments always give the same bytes.

    Args:
        month: YYYY-MM.
        rows: what is known already, by field name; codes as stored (they are written as their labels), dates as `date`,
            money in the unit of the specification. A value that does not fit its column is written as it is, as text.
        codes: code lists by name, each label -> code.
        carried: that `rows` come from an earlier month, and what else that month tells of them.

    Raises:
        ValueError: the form has no version in `month`.
    """
    version = form.version_for(month)
    if version is None:
        raise ValueError(f"{form.form}: no version in force in {month}; the first is from {form.versions[0].from_month}")
    values = (form.form, version.id, unit.reporting_unit_id, month, "1" if is_practice else "0", _iso(prepared_on))
    identity = {key: value for key, value in zip(METADATA_KEYS, values, strict=True) if value is not None}

    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        lists = {name: codes[name] for name in dict.fromkeys(field.codes for field in form.fields) if name}
        data, guide, hidden, metadata = (
            book.add_worksheet(name) for name in (version.sheet, GUIDE_SHEET, CODES_SHEET, METADATA_SHEET)
        )
        _write_data_sheet(book, data, form, rows, lists, is_practice, carried)
        _write_heading(book, data, form, unit, month, is_practice, prepared_on)
        _write_guide(book, guide, form, version.sheet, lists, _carried_note(form, len(rows), carried))
        _write_codes(hidden, lists)
        _write_metadata(metadata, identity)
        for key, value in identity.items():
            book.set_custom_property(PROPERTY_PREFIX + key, value, "text")
        book.set_properties({"title": form.title, "subject": PRACTICE_BANNER if is_practice else "", "created": CREATED})
    return buffer.getvalue()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _write_heading(
    book: Workbook, sheet: Worksheet, form: Form, unit: ReportingUnit, month: str, is_practice: bool, prepared_on: date | None
) -> None:
    """Rows 1 and 2: the title, and who reports for when in which unit of money."""
    last = len(form.fields) - 1
    title_style: dict[str, Any] = {"font_name": FONT, "font_size": 16, "bold": True, "align": "center", "valign": "vcenter"}
    title = form.title
    if is_practice:
        title = f"{title}（{PRACTICE_BANNER}）"
        title_style["bg_color"] = PRACTICE_COLOUR
        sheet.set_tab_color(PRACTICE_COLOUR)
    year, number = month.split("-")
    about = {"annual": "（报上年全年的数）", "quarterly": f"（报第{'一二三四'[(int(number) - 1) // 3]}季度的数）"}
    parts = [f"填报单位：{unit.reporting_unit_name}", f"月份：{year}年{int(number)}月{about.get(form.frequency, '')}"]
    if prepared_on:
        parts.append(f"填报日期：{prepared_on.year}年{prepared_on.month}月{prepared_on.day}日")
    if len(money := {field.unit for field in form.fields} & MONEY_UNITS) == 1:
        parts.append(f"单位：{money.pop()}")
    line_style = book.add_format({"font_name": FONT, "valign": "vcenter"})
    sheet.set_row(0, 30)
    sheet.set_row(1, 20)
    if last > 0:
        sheet.merge_range(0, 0, 0, last, title, book.add_format(title_style))
        sheet.merge_range(1, 0, 1, last, "　　".join(parts), line_style)
    else:  # Excel refuses to merge one cell
        sheet.write_string(0, 0, title, book.add_format(title_style))
        sheet.write_string(1, 0, "　　".join(parts), line_style)


def _write_data_sheet(
    book: Workbook,
    sheet: Worksheet,
    form: Form,
    rows: Sequence[Mapping[str, object]],
    lists: Mapping[str, Mapping[str, str]],
    is_practice: bool,
    carried: Carried | None,
) -> None:
    """Column titles, filled and blank input rows, validation, protection and print set-up."""
    head = {"font_name": FONT, "bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1}
    styles = {
        required: book.add_format(head | {"bg_color": colour}) for required, colour in ((True, "#FFF2CC"), (False, "#EDEDED"))
    }
    labels = {name: {code: label for label, code in entries.items()} for name, entries in lists.items()}
    first = FIRST_INPUT_ROW - 1
    for column, field in enumerate(form.fields):
        style = {"font_name": FONT, "num_format": NUMBER_FORMATS[field.type], "locked": False}
        below = book.add_format(style)  # for the rest of the column: pasting many rows must not meet a locked cell
        ruled = book.add_format(style | {"border": 1})
        is_kept = carried is not None and field.name in form.grain  # what a row is of stays what it is
        filled = book.add_format(style | {"border": 1, "locked": True, "bg_color": KEPT_COLOUR}) if is_kept else ruled
        sheet.set_column(column, column, _width(field), below)
        sheet.write_string(HEADER_ROW - 1, column, column_title(field), styles[field.required])
        for offset, row in enumerate(rows):
            value = row.get(field.name)
            _write_value(sheet, first + offset, column, value, field, labels, ruled if value is None else filled)
        for offset in range(len(rows), len(rows) + BLANK_ROWS):
            sheet.write_blank(first + offset, column, None, ruled)
        sheet.data_validation(
            first, column, first + len(rows) + VALIDATED_ROWS - 1, column, _validation(field, lists) | _hint(field)
        )
    columns = list(form.by_name)
    for offset, notes in enumerate(carried.notes if carried else ()):
        for name, note in notes.items():
            sheet.write_comment(first + offset, columns.index(name), note)
    sheet.set_row(HEADER_ROW - 1, 32)
    sheet.freeze_panes(HEADER_ROW, 1)
    # No password: the lock keeps titles from being overtyped by accident, it keeps nobody out.
    allowed = ("format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter", "select_locked_cells")
    sheet.protect("", dict.fromkeys(allowed, True))
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, HEADER_ROW - 1)
    sheet.set_footer(f"&L{PRACTICE_BANNER if is_practice else ''}&C第 &P 页，共 &N 页")


def _write_value(
    sheet: Worksheet,
    row: int,
    column: int,
    value: object,
    field: FormField,
    labels: Mapping[str, Mapping[str, str]],
    style: Format,
) -> None:
    match field.type, value:
        case _, None | "":
            sheet.write_blank(row, column, None, style)
        case "date", date():
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
        case "integer" | "decimal", int() | float() | Decimal():
            sheet.write_number(row, column, float(value), style)
        case "code", _:
            sheet.write_string(row, column, labels[field.codes or ""].get(str(value), str(value)), style)
        case _:
            sheet.write_string(row, column, str(value), style)


def _validation(field: FormField, lists: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """What Excel lets a person type into the field (pasting goes round it, so the reader checks again)."""
    lower, upper = field.min, field.max
    match field.type:
        case "code":
            column = xl_col_to_name(list(lists).index(field.codes or ""), col_abs=True)
            last = len(lists[field.codes or ""]) + 1
            return {
                "validate": "list",
                "source": f"='{CODES_SHEET}'!{column}$2:{column}${last}",
                "error_message": "请从下拉列表中选择。",
            }
        case "date":
            limit = {"criteria": ">=", "value": date(1990, 1, 1)}
            return {"validate": "date", **limit, "error_message": "请填写日期，例如 2022-10-31。"}
        case "integer" | "decimal":
            kind = "整数" if field.type == "integer" else "数字"
            if lower is not None and upper is not None:
                limit = {"criteria": "between", "minimum": lower, "maximum": upper}
            elif upper is not None:
                limit = {"criteria": "<=", "value": upper}
            else:
                limit = {"criteria": ">=", "value": -1e15 if lower is None else lower}
            allowed = _allowed(field, lists)
            return {"validate": field.type, **limit, "error_message": f"请填写{kind}（{allowed}），不带单位和文字。"}
        case _ if field.max_length is not None:
            limit = {"criteria": "<=", "value": field.max_length}
            return {"validate": "length", **limit, "error_message": f"不超过 {field.max_length} 个字。"}
        case _:
            return {"validate": "any"}


def _hint(field: FormField) -> dict[str, str]:
    """The note Excel shows beside the selected cell."""
    parts = ["必填。" if field.required else "可不填。", f"{field.definition}。"]
    if field.unit:
        parts.append(f"单位：{field.unit}。")
    title = field.label[:EXCEL_TITLE_LIMIT]
    return {"input_title": title, "input_message": "".join(parts)[:EXCEL_HINT_LIMIT], "error_title": title}


def _allowed(field: FormField, lists: Mapping[str, Mapping[str, str]]) -> str:
    """The values a field may take, in words."""
    match field.type:
        case "code":
            return "、".join(lists[field.codes or ""])
        case "date":
            return "日期，例如 2022-10-31"
        case "integer" | "decimal":
            bounds = [f"不小于 {field.min:g}"] if field.min is not None else []
            bounds += [f"不大于 {field.max:g}"] if field.max is not None else []
            return "，".join(["整数" if field.type == "integer" else "数字，可带小数", *bounds])
        case _:
            return "文本" if field.max_length is None else f"文本，不超过 {field.max_length} 个字"


def _carried_note(form: Form, count: int, carried: Carried | None) -> str:
    """What the guide says of rows that stand in the workbook already; nothing where there are none."""
    if carried is None or not count:
        return ""
    keys = "、".join(form.by_name[name].label for name in form.grain)
    return (
        f"已带入 {carried.month} 报送的 {count} 行，请核对后在下面续填；{keys}（灰底）已锁定。"
        "确要删去或更正的，先在“审阅”里撤销工作表保护（没有密码）。"
    )


def _write_guide(
    book: Workbook, sheet: Worksheet, form: Form, data_sheet: str, lists: Mapping[str, Mapping[str, str]], carried_note: str
) -> None:
    """填表说明: one row a field, after some lines on the form as a whole."""
    cell = {"font_name": FONT, "text_wrap": True, "valign": "top", "border": 1}
    plain, head = book.add_format(cell), book.add_format(cell | {"bold": True, "bg_color": "#EDEDED"})
    notes = (
        f"{form.title}填表说明",
        f"{DUE[form.frequency]} {form.due_day} 日（含）前报{form.owner}。",
        f"在“{data_sheet}”表中从第 {FIRST_INPUT_ROW} 行起填写，一行一条；不要改动标题和列名，不要合并单元格。"
        f"{'每一栏都要填' if all(field.required for field in form.fields) else '没有数的留空'}，确实为零的填 0。",
        *filter(None, (carried_note,)),
    )
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, note, book.add_format({"font_name": FONT, "bold": row == 0}))
    start = len(notes) + 1
    for column, (title, width) in enumerate((("栏目", 20), ("单位", 8), ("必填", 8), ("口径", 60), ("可填内容", 50))):
        sheet.set_column(column, column, width)
        sheet.write_string(start, column, title, head)
    for row, field in enumerate(form.fields, start + 1):
        required = "是" if field.required else "否"
        for column, text in enumerate((field.label, field.unit or "", required, field.definition, _allowed(field, lists))):
            sheet.write_string(row, column, text, plain)
    sheet.protect()
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(start)


def _write_codes(sheet: Worksheet, lists: Mapping[str, Mapping[str, str]]) -> None:
    """The source of the dropdowns: one column a code list, its name on top."""
    for column, (name, entries) in enumerate(lists.items()):
        for row, text in enumerate((name, *entries)):
            sheet.write_string(row, column, text)
    sheet.protect()
    sheet.hide()


def _write_metadata(sheet: Worksheet, identity: Mapping[str, str]) -> None:
    for row, pair in enumerate(identity.items()):
        for column, text in enumerate(pair):
            sheet.write_string(row, column, text)
    sheet.protect()
    sheet.very_hidden()


def _width(field: FormField) -> int:
    """Column width in characters; a Chinese character takes two, and titles wrap once."""
    shown = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in column_title(field))
    wide = 32 if field.max_length else WIDTHS[field.type]
    return max(wide, shown + 2 if shown <= 24 else shown // 2 + 4)
