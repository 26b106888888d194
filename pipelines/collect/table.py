"""Finding the table of a form on a sheet, and its rows as typed values with their cells.

Belongs here: the header row, the columns matched by label or alias, cell conversion with its findings. Does not belong
here: containers, or whether values are allowed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.collect.containers import Cell, Container, Sheet
from pipelines.collect.quantities import Unconvertible, clean, convert
from pipelines.findings import Severity
from pipelines.forms.model import Form, FormField

HEADER_SEARCH_ROWS = 30
HEADER_SHARE = 0.5  # at least this share of the form's columns must stand in a row for it to be the header
TOTAL_LABELS = {"合计", "总计", "小计", "其中"}


@dataclass(frozen=True)
class Problem:
    """Something found while reading; validate turns it into a `Finding`."""

    rule_id: str
    message: str
    advice: str
    severity: Severity = "error"
    cell: str | None = None
    field: str | None = None
    value: str | None = None
    expected: str | None = None


@dataclass
class ReadTable:
    """The rows of a form as read from one sheet.

    Attributes:
        columns: field name -> typed values, all of one length.
        row_numbers: the sheet's row number (from 1) of each value.
        letters: field name -> column letters of the sheet.
        unconverted: (row number, field name) of cells that hold something else; their value is None.
    """

    sheet: str
    columns: dict[str, list[object]] = field(default_factory=dict)
    row_numbers: list[int] = field(default_factory=list)
    letters: dict[str, str] = field(default_factory=dict)
    unconverted: set[tuple[int, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def read_table(container: Container, form: Form, month: str, code_lists: dict[str, dict[str, str]]) -> ReadTable:
    """Read the form's table: from the sheet its version names, else from the first sheet with its header.

    A table whose header cannot be found, or that lacks a required column, has no rows and an error among its problems.
    """
    version = form.version_for(month)
    named = container.sheet(version.sheet) if version else None
    for sheet in [named] if named else [sheet for sheet in container.sheets if not sheet.is_hidden]:
        header = _find_header(sheet, form)
        if header is not None:
            return _read_below(sheet, header, form, code_lists)
    tried = "、".join(sheet.name for sheet in container.sheets) or "（没有工作表）"
    expected = "、".join(field.label for field in form.fields)
    return ReadTable(
        sheet=named.name if named else tried,
        problems=[
            Problem(
                "table.header_missing",
                f"在工作表 {tried} 中没有找到“{form.title}”的表头",
                f"请用下发的模板填报；表头应有：{expected}",
                expected=expected,
            )
        ],
    )


def column_letters(index: int) -> str:
    """Column letters of a 0-based column index: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def normalised_label(cell: Cell) -> str:
    """A column title without white space, brackets with units, and width differences."""
    text = re.sub(r"\s+", "", clean(str(cell))) if cell is not None else ""
    return re.sub(r"[(（［\[].*?[)）］\]]|[*＊]", "", text)


def _find_header(sheet: Sheet, form: Form) -> int | None:
    """0-based index of the row among the first ones that holds most of the form's columns, if enough of them."""
    titles = _titles(form)
    best, best_count = None, 0
    for index, row in enumerate(sheet.rows[:HEADER_SEARCH_ROWS]):
        count = len(_match(row, titles))
        if count > best_count:
            best, best_count = index, count
    return best if best_count >= max(2, HEADER_SHARE * len(form.fields)) else None


def _titles(form: Form) -> dict[str, str]:
    """Normalised label or alias -> field name."""
    return {normalised_label(title): each.name for each in form.fields for title in (*each.aliases, each.label)}


def _match(row: list[Cell], titles: dict[str, str]) -> dict[str, list[int]]:
    """Field name -> 0-based indexes of the columns whose title is its label or an alias."""
    matched: dict[str, list[int]] = {}
    for index, cell in enumerate(row):
        if (name := titles.get(normalised_label(cell))) is not None:
            matched.setdefault(name, []).append(index)
    return matched


def _read_below(sheet: Sheet, header: int, form: Form, code_lists: dict[str, dict[str, str]]) -> ReadTable:
    table = ReadTable(sheet=sheet.name)
    matched = _match(sheet.rows[header], _titles(form))
    for each in form.fields:
        places = matched.get(each.name, [])
        if len(places) > 1:
            where = "、".join(column_letters(place) for place in places)
            table.problems.append(
                Problem(
                    "table.column_twice",
                    f"“{each.label}”在表头出现了 {len(places)} 次（{where} 列），无法判断用哪一列",
                    "请只保留一列",
                    cell=f"{column_letters(places[1])}{header + 1}",
                    field=each.name,
                )
            )
        elif not places and each.required:
            table.problems.append(
                Problem(
                    "table.column_missing",
                    f"表头（第 {header + 1} 行）缺少“{each.label}”列",
                    f"请补上“{each.label}”列并填写",
                    cell=f"A{header + 1}",
                    field=each.name,
                    expected=each.label,
                )
            )
    if any(problem.severity == "error" for problem in table.problems):
        return table
    places = {name: found[0] for name, found in matched.items()}
    table.letters = {name: column_letters(place) for name, place in places.items()}
    table.columns = {each.name: [] for each in form.fields}
    for index, row in enumerate(sheet.rows[header + 1 :], start=header + 1):
        cells = {name: row[place] if place < len(row) else None for name, place in places.items()}
        if not _is_data(cells, row):
            continue
        table.row_numbers.append(index + 1)
        for each in form.fields:
            table.columns[each.name].append(_value(cells.get(each.name), each, index + 1, table, code_lists))
    return table


def _is_data(cells: dict[str, Cell], row: list[Cell]) -> bool:
    """Whether a row is data: something in the form's columns, and not a total row (which is evidence, never data)."""
    if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells.values()):
        return False
    first = next((cell for cell in row if cell is not None and str(cell).strip()), None)
    return normalised_label(first) not in TOTAL_LABELS


def _value(
    cell: Cell, form_field: FormField, row_number: int, table: ReadTable, code_lists: dict[str, dict[str, str]]
) -> object:
    try:
        return convert(cell, form_field, code_lists.get(form_field.codes or "", {}))
    except Unconvertible as error:
        table.unconverted.add((row_number, form_field.name))
        address = f"{table.letters[form_field.name]}{row_number}"
        table.problems.append(
            Problem(
                error.rule_id,
                f"{address} 的“{form_field.label}”填的是“{cell}”，应为{error.expected}",
                f"请在 {address} 改填{error.expected}",
                cell=address,
                field=form_field.name,
                value=str(cell),
                expected=error.expected,
            )
        )
        return None
