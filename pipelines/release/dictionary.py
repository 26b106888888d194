"""The dictionary of a release as a workbook: tables, columns, codes and indicators with their Chinese meaning.

Belongs here: what stands on its sheets and how they print. Does not belong here: where meanings come from (`schema`, `codes`).
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.workbook import Workbook

from pipelines.release.codes import TableRules, meaning_of
from pipelines.tables import ResultTable

DICTIONARY = "dictionary.xlsx"
CREATED = datetime(2022, 1, 1)  # fixed, so that the same release gives the same bytes
FONT, FONT_SIZE = "宋体", 10
LINE_HEIGHT = 15  # points, of a line in that size; not every spreadsheet fits rows to wrapped text by itself
_INDICATOR_COLUMNS = {
    "indicator_id": ("指标代码", 36),
    "indicator_label": ("指标名称", 36),
    "unit": ("单位", 8),
    "decimals": ("小数位", 8),
    "definition": ("口径", 60),
    "direction": ("方向", 12),
    "measure": ("计量类型", 12),
    "aggregation": ("汇总方式", 12),
    "source_form": ("报表", 22),
    "responsible_unit": ("负责单位", 18),
}


@dataclass(frozen=True)
class Sheet:
    """One sheet: a title row and rows of text or numbers.

    Attributes:
        columns: title -> width in letters.
    """

    name: str
    columns: Mapping[str, int]
    rows: Sequence[Sequence[object]]


def dictionary_sheets(
    parquet: Path,
    tables: Sequence[ResultTable],
    rules: Mapping[str, TableRules],
    code_lists: Iterable[Mapping[str, str]],
) -> list[Sheet]:
    """The sheets of the dictionary: 表, 列, 代码 and, where the release has a catalogue of indicators, 指标.

    Args:
        parquet: the folder of the release's Parquet files, for row counts and indicators.
        code_lists: rows of the code lists of the forms: code_list, code, label, valid_from, valid_to.
    """
    counts = {one.name: pl.scan_parquet(parquet / f"{one.name}.parquet").select(pl.len()).collect().item() for one in tables}
    sheets = [
        Sheet(
            "表",
            {"表": 28, "一行是什么": 70, "行数": 9, "主键": 46},
            [(one.name, one.comment, counts[one.name], "、".join(one.primary_key)) for one in tables],
        ),
        Sheet(
            "列",
            {"表": 26, "列": 38, "含义": 70, "类型": 16, "主键": 6, "可空": 6, "取自": 32},
            [row for one in tables for row in _column_rows(one, rules.get(one.name, TableRules()))],
        ),
        Sheet(
            "代码",
            {"表或代码表": 28, "列": 24, "代码": 30, "含义": 50, "起": 12, "止": 12},
            [
                *(row for one in tables for row in _code_rows(one, rules.get(one.name, TableRules()))),
                *((one["code_list"], "", one["code"], one["label"], one["valid_from"], one["valid_to"]) for one in code_lists),
            ],
        ),
    ]
    if indicators := next((one for one in tables if one.name == "dim_indicator"), None):
        shown = [name for name in _INDICATOR_COLUMNS if name in {one.name for one in indicators.columns}]
        rows = pl.read_parquet(parquet / "dim_indicator.parquet", columns=shown).select(shown).rows()
        sheets.append(Sheet("指标", dict(_INDICATOR_COLUMNS[name] for name in shown), rows))
    return sheets


def render_dictionary(sheets: Sequence[Sheet], *, heading: str) -> bytes:
    """The bytes of the workbook; the same sheets always give the same bytes. Text is text, whatever it begins with."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": heading, "created": CREATED})
        for sheet in sheets:
            _write_sheet(book, sheet, heading)
    return buffer.getvalue()


def _column_rows(table: ResultTable, rules: TableRules) -> Iterable[tuple]:
    for column in table.columns:
        other = rules.references.get(column.name)
        key = "是" if column.name in table.primary_key else ""
        yield (
            *(table.name, column.name, column.comment, column.type.upper(), key, "是" if column.nullable else "否"),
            ".".join(other) if other else "",
        )


def _code_rows(table: ResultTable, rules: TableRules) -> Iterable[tuple]:
    for column in table.columns:
        for code in rules.allowed.get(column.name, ()):
            yield table.name, column.name, code, meaning_of(column.name, code, column.comment), "", ""


def _write_sheet(book: Workbook, sheet: Sheet, heading: str) -> None:
    style: dict[str, Any] = {"font_name": FONT, "font_size": FONT_SIZE, "text_wrap": True, "valign": "top", "border": 1}
    title, cell = book.add_format({**style, "bold": True, "bg_color": "#DDEBF7", "valign": "vcenter"}), book.add_format(style)
    made = book.add_worksheet(sheet.name)
    for at, (name, width) in enumerate(sheet.columns.items()):
        made.set_column(at, at, width)
        made.write_string(0, at, name, title)
    for row, values in enumerate(sheet.rows, start=1):
        made.set_row(row, LINE_HEIGHT * max(map(_lines, values, sheet.columns.values())))
        for at, value in enumerate(values):
            if value is None or value == "":
                made.write_blank(row, at, None, cell)
            elif isinstance(value, (int, float)):
                made.write_number(row, at, value, cell)
            else:
                made.write_string(row, at, str(value), cell)
    made.freeze_panes(1, 0)
    made.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    made.set_landscape()
    made.set_paper(9)  # A4
    made.fit_to_pages(1, 0)
    made.repeat_rows(0)
    made.set_header(f"&L{heading.replace('&', '&&')}&R{sheet.name}")
    made.set_footer("&C第 &P 页，共 &N 页")


def _lines(value: object, width: int) -> int:
    """Lines that a cell takes in a column so many letters wide; a Chinese character takes two letters."""
    letters = sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in str(value))
    return max(1, -(-letters // (width - 2)))
