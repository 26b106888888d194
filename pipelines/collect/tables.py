"""The table of a sheet whose form is not known: its header, its rows by kind, or why there is none.

Belongs here: finding the header from the top, and telling a table by columns from forms of label and value pairs. Does not
belong here: header blocks themselves (`headers`), or the table of a known form (`table`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pipelines.collect.cells import address, as_seen
from pipelines.collect.containers import Sheet
from pipelines.collect.headers import (
    HEAD_ROWS,
    MISSING_SIGNS,
    Column,
    Head,
    Header,
    first_value,
    header_block,
    is_label,
    is_line_above,
    is_number,
)
from pipelines.collect.labels import (
    is_footer,
    is_note,
    is_section,
    is_total,
    normalised_label,
    plain,
    unit_of_label,
    units_stated,
)


@dataclass(frozen=True)
class Table:
    """A table as found without knowing its form.

    Attributes:
        titles: the texts above the header.
        units: what a line above the header (单位：万元) or its 指标 line states for the whole table.
        body: 0-based rows of data.
        totals, sections, notes: 0-based rows that are not data.
    """

    header: Header
    titles: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    body: tuple[int, ...] = ()
    totals: tuple[int, ...] = ()
    sections: tuple[int, ...] = ()
    notes: tuple[int, ...] = ()


@dataclass(frozen=True)
class NoTable:
    """Why a sheet is not read as a table: in Chinese, with the cell concerned."""

    reason: str
    cell: str | None = None


def find_table(sheet: Sheet) -> Table | NoTable:
    """The table of a sheet whose form is not known: the header from the top, then its rows by kind.

    Refused are sheets whose header stands inside the body: a form of label and value pairs, headers that come again with
    other labels, cells merged sideways among the data.
    """
    head = Head(sheet.rows, sheet.merged)
    top = _first_header_row(head)
    if top is None:
        return NoTable("没有找到表头：没有哪一行是并列的栏目名")
    if (value := first_value(head, top)) is not None:
        return NoTable(f"第 {top + 1} 行应是表头，却填着“{head.cell(top, value)}”这样的内容", address(top, value))
    header = _with_unnamed(head, header_block(head, top))
    titles = tuple(str(head.cell(row, column)) for row in range(header.first) for column in head.filled(row))
    units = tuple(unit for title in titles for unit in units_stated(title) or _unit_of_indicator(title))
    table = _rows_by_kind(head, header, titles, units)
    return _why_not(head, table) or table


def _with_unnamed(head: Head, header: Header) -> Header:
    """The header with the columns that nothing names but something stands in, as the first of many tables."""
    named = {column.index for column in header.columns}
    used = {column for row in range(header.last + 1, len(head.rows)) for column in head.filled(row)}
    columns = [*header.columns, *(Column(index, ()) for index in used - named)]
    return replace(header, columns=tuple(sorted(columns, key=lambda column: column.index)))


def _first_header_row(head: Head) -> int | None:
    for row in range(min(len(head.rows), HEAD_ROWS)):
        if not is_line_above(head, row):
            return row
    return None


def _unit_of_indicator(title: str) -> list[str]:
    """The unit of a line like 指标：地区生产总值(亿元)."""
    found = re.match(r"\s*指标[:：]", title) and unit_of_label(title)
    return [found] if found else []


def _rows_by_kind(head: Head, header: Header, titles: tuple[str, ...], units: tuple[str, ...]) -> Table:
    body, totals, sections, notes = [], [], [], []
    for row in range(header.last + 1, len(head.rows)):
        filled = head.filled(row)
        if not filled:
            continue
        first = head.cell(row, filled[0])
        text = first if isinstance(first, str) else ""
        if is_note(text) or any(is_footer(str(head.cell(row, column))) for column in filled):
            notes.append(row)
        elif is_total(text):
            totals.append(row)
        elif len(filled) == 1 and is_label(first) and (head.is_full_width(row, filled[0]) or is_section(text)):
            sections.append(row)
        elif len(filled) == 1 and filled[0] > header.columns[0].index:
            notes.append(row)  # the second line of a text that did not fit its cell
        else:
            body.append(row)
    return Table(header, titles, units, tuple(body), tuple(totals), tuple(sections), tuple(notes))


def _why_not(head: Head, table: Table) -> NoTable | None:
    """Why the rows below a header show that it is none; None when they fit it."""
    header = table.header
    labels = {normalised_label(column.label) for column in header.columns if column.label}
    if len(header.columns) < 2:
        return NoTable("表头只有一栏", address(header.first, 0))
    for column in header.columns:
        span = head.spans.get((header.last, column.index))
        if span is not None and span[2] > header.last:
            where = address(span[0], span[1])
            return NoTable(f"表头单元格 {where} 向下合并到了数据行，表头夹在表体中间，无法按列读取", where)
    for row in table.body:
        filled = head.filled(row)
        for column in filled:
            span = head.spans.get((row, column))
            if span is not None and span[3] > span[1]:
                return NoTable(
                    f"数据行中有横向合并的单元格（{address(row, column)}），表头夹在表体中间，无法按列读取", address(row, column)
                )
        again = [column for column in filled if normalised_label(as_seen(head.cell(row, column))) in labels]
        if len(again) >= 2 and len(again) * 2 >= len(labels):
            reason = f"第 {row + 1} 行又出现了表头（{head.cell(row, again[0])}），一张表里夹着几个表头"
            return NoTable(reason, address(row, again[0]))
    if _is_mixed(head, table):
        return NoTable("各列里文字和数字混在一起，像是“栏目—内容”成对排列的表，不是按列填报的表", address(header.first, 0))
    return None


def _is_mixed(head: Head, table: Table) -> bool:
    """Whether most columns after the first mix numbers with words, as pairs of label and value do."""
    if len(table.body) < 2:
        return False
    mixed = known = 0
    for column in table.header.columns[1:]:
        cells = [cell for row in table.body if (cell := head.cell(row, column.index)) is not None]
        cells = [cell for cell in cells if not (isinstance(cell, str) and plain(cell) in MISSING_SIGNS)]
        if len(cells) >= 2:
            known += 1
            numbers = sum(is_number(cell) for cell in cells)
            mixed += 0 < numbers < len(cells)
    return known > 0 and mixed * 2 > known
