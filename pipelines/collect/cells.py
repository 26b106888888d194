"""What a cell is called and how a person sees it.

Belongs here: addresses as Excel writes them, a cell as text, whether it is blank. Does not belong here: what a cell says
(`quantities`).
"""

from __future__ import annotations

from pipelines.collect.containers import Cell


def address(row: int, column: int) -> str:
    """A cell's name as Excel shows it, from 0-based row and column."""
    return f"{column_letters(column)}{row + 1}"


def column_letters(index: int) -> str:
    """Column letters of a 0-based column index: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def as_seen(cell: Cell) -> str:
    """A cell's text as a person sees it: a whole number without the point that reading gives it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def is_blank(cell: Cell) -> bool:
    """Whether nothing stands in a cell but white space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
