"""What a sender says to earlier findings, in the front sheet of a receipt that comes back.

Belongs here: reading that sheet. Does not belong here: writing it (receipts), or which finding an answer closes (validate).
"""

from __future__ import annotations

import re

from pipelines.collect.cells import as_seen, is_blank
from pipelines.collect.containers import Cell, Container
from pipelines.forms.identity import ANSWER_COLUMN, KEY_COLUMN, NOTHING_TO_ANSWER, RECEIPT_SHEET

LONGEST_ANSWER = 2_000  # characters; an answer is a sentence or two, and what is pasted in besides is none
_KEY = re.compile(r"[0-9a-f]{16}")


def answers_of(container: Container) -> dict[str, str]:
    """`Finding.answer_key` -> what the sender wrote beside that finding; blanks are no answers.

    The columns are found by their titles, so that a column put in or moved costs nothing.
    """
    sheet = container.sheet(RECEIPT_SHEET)
    answers: dict[str, str] = {}
    places: tuple[int, int] | None = None
    for row in sheet.rows if sheet else ():
        if ANSWER_COLUMN in row and KEY_COLUMN in row:
            places = row.index(KEY_COLUMN), row.index(ANSWER_COLUMN)
        elif places is not None and len(row) > max(places):
            key, said = (row[place] for place in places)
            if _is_key(key) and not is_blank(said) and (answer := as_seen(said).strip()) != NOTHING_TO_ANSWER:
                answers[str(key)] = answer[:LONGEST_ANSWER]
    return answers


def _is_key(cell: Cell) -> bool:
    return isinstance(cell, str) and _KEY.fullmatch(cell) is not None
