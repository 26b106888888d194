"""The table of a form in a workbook: on which sheet it stands.

Belongs here: choosing the sheet, and saying why where there is none or no single one. Does not belong here: header blocks
(`headers`), which column is which (`matching`), the rows below the header (`body`).
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

from pipelines.collect.body import Body
from pipelines.collect.cells import is_blank
from pipelines.collect.containers import Container, Sheet
from pipelines.collect.conversion import CodeLists
from pipelines.collect.dates import read_month
from pipelines.collect.headers import HEAD_ROWS, Head
from pipelines.collect.matching import Match, drift, match_form, unit_problems
from pipelines.collect.problems import Problem
from pipelines.collect.tables import NoTable, find_table
from pipelines.collect.values import ReadTable
from pipelines.forms.identity import GUIDE_SHEET, RECEIPT_SHEET
from pipelines.forms.model import Form

DESCRIBED_SHEETS, DESCRIBED_COLUMNS = 3, 12  # of a workbook that is not the form's, in the message that says so
_BARE_MONTH = re.compile(r"(1[0-2]|0?[1-9])月份?")
_OLD_SHEET = re.compile(r"上[月年期]|去年|备份|旧|副本|\(\d+\)$|（\d+）$|copy|backup|old", re.IGNORECASE)
_DAY = re.compile(r"\d{4}\s*(?:年\s*\d{1,2}\s*月\s*\d{1,2}\s*日|([-./])\s*\d{1,2}\s*\1\s*\d{1,2})")
Found = tuple[Sheet, Match]


def read_table(container: Container, form: Form, month: str, code_lists: CodeLists, scratch: Path | None = None) -> ReadTable:
    """Read the form's table, as the form asks in `month`: from the sheet its version names, else from the one with its header.

    A table whose header cannot be found with confidence, or that lacks a required column, has no rows and an error among
    its problems.

    Args:
        scratch: a folder for the rows of long tables; without one all are kept in memory.
    """
    form = form.at(month)
    found = []
    for sheet in container.sheets:
        if sheet.is_hidden or sheet.name in (GUIDE_SHEET, RECEIPT_SHEET):
            continue
        if (match := match_form(Head(sheet.head(HEAD_ROWS), sheet.merged), form, sheet.name)) is not None:
            found.append((sheet, match))
    chosen, problems = _choose(container, form, month, found)
    if chosen is None:
        return ReadTable("、".join(sheet.name for sheet in container.sheets if not sheet.is_hidden), form, problems)
    sheet, match = chosen
    table = ReadTable(sheet.name, form, problems + drift(match) + unit_problems(match))
    if not any(problem.severity == "error" for problem in table.problems):
        Body(sheet, match, table, code_lists, scratch, is_text=container.kind == "csv").read()
    return table


def _choose(container: Container, form: Form, month: str, found: list[Found]) -> tuple[Found | None, list[Problem]]:
    """The sheet to read, with problems to report; None when no sheet or no single one has the form's header."""
    if not found:
        visible = [sheet for sheet in container.sheets if not sheet.is_hidden]
        tried = "、".join(sheet.name for sheet in visible) or "（没有可见的工作表）"
        labels = "、".join(each.label for each in form.fields)
        there = "".join(_what_is_there(sheet) for sheet in visible[:DESCRIBED_SHEETS])
        message = f"在工作表 {tried} 中没有找到“{form.title}”的表头{there}"
        return None, [Problem("table.header_missing", message, f"请用下发的模板填报；表头应有：{labels}", expected=labels)]
    if len(found) == 1:
        return found[0], []
    found = [each for each in found if _has_rows(*each)] or found[:1]
    if len(found) == 1:
        return found[0], []
    names = "、".join(f"“{sheet.name}”" for sheet, _ in found)
    of_others = [each for each in found if _is_of_another_month(*each, month)]
    left = [each for each in found if each not in of_others]
    # Only sheets that say they are another month's may be left out: any other may hold the other half of the rows.
    if len(left) == 1:
        chosen = left[0]
        others = "、".join(f"“{sheet.name}”" for sheet, _ in of_others)
        message = f"工作表 {others} 里也有“{form.title}”，没有读取；读取的是“{chosen[0].name}”"
        advice = f"请确认 {month} 的数据都在“{chosen[0].name}”里，并删去其他工作表"
        return chosen, [Problem("table.other_sheet", message, advice, severity="warning")]
    message = f"工作表 {names} 里都有“{form.title}”，无法判断哪一张是 {month} 的"
    return None, [Problem("table.several_sheets", message, f"请只留下 {month} 的一张，或把各工作表改名为所属月份，如“{month}”")]


def _is_of_another_month(sheet: Sheet, match: Match, month: str) -> bool:
    """Whether a sheet says that it is not the month's: by its months, or by a name such as copies and old ones have."""
    months = _months_of(sheet, match, month)
    return month not in months if months else _OLD_SHEET.search(sheet.name) is not None


def _has_rows(sheet: Sheet, match: Match) -> bool:
    """Whether anything stands below the header; a sheet with a header alone is an empty copy."""
    below = islice(sheet.rows, match.header.last + 1, match.header.last + 1 + HEAD_ROWS)
    return any(not is_blank(cell) for row in below for cell in row)


def _what_is_there(sheet: Sheet) -> str:
    """What stands on a sheet instead of the form's table, for the one who must find out why it was not taken."""
    there = find_table(Sheet(sheet.name, sheet.head(HEAD_ROWS), sheet.merged))
    if isinstance(there, NoTable):
        return f"；“{sheet.name}”：{there.reason}"
    labels = "、".join(column.shown_path for column in there.header.columns[:DESCRIBED_COLUMNS])
    return f"；“{sheet.name}”第 {there.header.first + 1} 行的栏目是：{labels}"


def _months_of(sheet: Sheet, match: Match, month: str) -> set[str]:
    """The months that a sheet's name and the lines above its header speak of; the day it was filled in speaks of none.

    A name like 10月 is of the year of `month`.
    """
    texts = [sheet.name, *(cell for row in sheet.head(match.header.first) for cell in row if isinstance(cell, str))]
    months = {found for text in texts if (found := read_month(_DAY.sub(" ", text))) is not None}
    bare = _BARE_MONTH.fullmatch(sheet.name.strip())
    return months | {f"{month[:4]}-{int(bare[1]):02d}"} if bare else months
