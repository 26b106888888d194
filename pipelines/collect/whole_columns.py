"""What the cells of a whole column say, as values of the field's type.

Belongs here: the same as cell by cell (`quantities`), quicker: telling cells that need no reading, and reading those of a long
column at once with Polars. Does not belong here: what a single cell says (`quantities`), or units and decimals (`amounts`).

Only what reads alike in both ways is read at once; every other cell of the column is read by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from pipelines.collect.amounts import DECIMALS, LIMIT, factor, is_percent
from pipelines.collect.containers import Cell
from pipelines.collect.dates import FIRST_DAY, LAST_DAY
from pipelines.collect.numerals import EXACT, Unconvertible
from pipelines.collect.quantities import (
    PLAIN_IDENTIFIER,
    PLAIN_TEXT,
    PLAIN_WHOLE,
    Value,
    converter,
    is_plain_decimal,
    is_plain_identifier,
    is_plain_text,
)
from pipelines.forms.model import FormField

if TYPE_CHECKING:
    import polars as pl

LONG_COLUMN = 5_000  # cells from which on loading Polars pays
PLAIN_SHARE = 0.9  # below it a column is read cell by cell

PLAIN_DAY = (  # all but 29 February
    "(?:19[1-9]|20[0-9])[0-9]-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_is_plain_whole = re.compile(PLAIN_WHOLE).fullmatch
_is_plain_day = re.compile(PLAIN_DAY).fullmatch


def convert_column(
    cells: list[Cell], field: FormField, codes: Mapping[str, str], unit: str | None = None
) -> tuple[list[object] | pl.Series, dict[int, str], dict[int, Unconvertible]]:
    """The values of a column, what was changed and what failed, each by its index in `cells`; as `convert` cell by cell.

    Returns:
        The values, None where blank or failed: a list, or for a long column that is plain nearly throughout a Polars series of
        the type in which the field is stored.
    """
    convert_cell = converter(field, codes, unit)
    if len(cells) >= LONG_COLUMN:
        at_once = _convert_at_once(cells, field, codes, unit, convert_cell)
        if at_once is not None:
            return at_once
    values, changes, failures = [], {}, {}
    is_plain, make, learn = _plain_text(field, codes, unit)
    shown = {str: str, float: _shown_float(field)}
    is_of_days = field.type == "date"
    for index, cell in enumerate(cells):
        text = shown[type(cell)](cell) if type(cell) in shown else None
        if text is not None and is_plain(text):
            values.append(make(text))
            continue
        if is_of_days and type(cell) is date and FIRST_DAY <= cell <= LAST_DAY:
            values.append(cell)
            continue
        try:
            value, change = convert_cell(cell)
        except Unconvertible as refusal:
            value, change, failures[index] = None, None, refusal
        else:
            if change is not None:
                changes[index] = change
            elif text is not None:
                learn(text, value)
        values.append(value)
    return values, changes, failures


def _never(cell: object) -> None:
    """None is plain: each is read by itself."""


def _shown_float(field: FormField) -> Callable[[float], str | None]:
    """What writes a number cell as a text that means the same in a text cell; None where none does."""
    if field.type == "decimal" and not is_percent(field.unit):
        return repr
    if field.type == "integer" and not is_percent(field.unit):
        return lambda number: str(int(number)) if -LIMIT < number < LIMIT and number == int(number) else None
    return _never


def _plain_text(
    field: FormField, codes: Mapping[str, str], unit: str | None
) -> tuple[Callable[[str], object], Callable[[str], object], Callable[[str, object], None]]:
    """What tells a text that needs no reading, what makes the value of it, and what remembers one that was read."""
    match field.type:
        case "text":
            return (is_plain_identifier if field.pattern else is_plain_text), str, _forget
        case "code":
            known: dict[str, object] = dict(codes)  # few texts, each many times
            return known.__contains__, known.__getitem__, known.__setitem__
        case "date":
            return _is_plain_day, date.fromisoformat, _forget
        case "integer" | "decimal" if unit in (None, field.unit):
            return *((_is_plain_whole, int) if field.type == "integer" else (is_plain_decimal, Decimal)), _forget
    return _never, str, _forget


def _forget(text: str, value: object) -> None:
    """Texts of which nearly each stands once are not worth remembering."""


def _convert_at_once(
    cells: list[Cell], field: FormField, codes: Mapping[str, str], unit: str | None, convert_cell: Callable[[Cell], Value]
) -> tuple[pl.Series, dict[int, str], dict[int, Unconvertible]] | None:
    """As `convert_column`, its plain cells in one go and the few others one by one; None when they are not few."""
    import polars as pl

    from pipelines.forms.columns import FIELD_TYPES

    try:
        read = _plain_cells(cells, field, codes, unit, convert_cell)
    except Unconvertible:
        return None  # a unit of another kind, which each cell is to say
    except (TypeError, OverflowError, UnicodeEncodeError, pl.exceptions.PolarsError):
        return None  # cells that Polars does not hold, such as half a surrogate pair
    if read is None:
        return None
    values, is_plain = read
    others = (~is_plain).arg_true().to_list()
    if len(others) > (1 - PLAIN_SHARE) * len(cells):
        return None
    changes, failures, converted = {}, {}, []
    for index in others:
        try:
            value, change = convert_cell(cells[index])
        except Unconvertible as refusal:
            value, change, failures[index] = None, None, refusal
        converted.append(value)
        if change is not None:
            changes[index] = change
    values = values.cast(FIELD_TYPES[field.type][0])
    if others:
        values = values.scatter(others, pl.Series(converted, dtype=values.dtype))
    return values, changes, failures


def _plain_cells(
    cells: list[Cell], field: FormField, codes: Mapping[str, str], unit: str | None, convert_cell: Callable[[Cell], Value]
) -> tuple[pl.Series, pl.Series] | None:
    """The values of the plain cells, and which cells those are (empty ones too); None where there is no quick way."""
    import polars as pl

    kinds = set(map(type, cells)) - {type(None)}
    if kinds == {str}:
        texts = pl.Series(cells, dtype=pl.String)
        if field.type == "code":
            values = _codes_of_texts(texts, codes, convert_cell)
            return values, values.is_not_null() | texts.is_null()
        if field.type in ("text", "date"):
            pattern = PLAIN_DAY if field.type == "date" else PLAIN_IDENTIFIER if field.pattern else PLAIN_TEXT
            is_plain = _matches(texts, pattern)
            texts = texts.zip_with(is_plain, pl.Series([None], dtype=pl.String))
            return (texts.str.to_date("%Y-%m-%d") if field.type == "date" else texts), is_plain
        return _plain_numbers(texts, field, unit)
    if kinds == {date} and field.type == "date":
        days = pl.Series(cells, dtype=pl.Date)
        return days, days.is_between(FIRST_DAY, LAST_DAY).fill_null(True)
    if kinds and kinds <= {float, int} and field.type in ("integer", "decimal"):
        numbers = pl.Series(cells, dtype=pl.Float64, strict=False)
        if is_percent(unit or field.unit):
            numbers = numbers.set((numbers != 0) & (numbers.abs() < 1), float("nan"))  # read, and refused, one by one
        if field.type == "integer":
            is_whole = ((numbers == numbers.floor()) & (numbers.abs() < LIMIT)).fill_null(True)
            numbers = numbers.set(~is_whole, None)
            return (numbers.cast(pl.Int64), is_whole) if factor(unit, field) == 1 else None
        return _plain_numbers(numbers.cast(pl.String), field, unit)  # the shortest decimal, as repr
    return None


def _plain_numbers(texts: pl.Series, field: FormField, unit: str | None) -> tuple[pl.Series, pl.Series] | None:
    """Numbers in digits, times a factor that is a power of ten, where six decimals hold the result."""
    import polars as pl

    times = factor(unit, field)
    up, down = len(str(times.numerator)) - 1, len(str(times.denominator)) - 1
    if times != Fraction(10**up, 10**down) or down > DECIMALS or up > DECIMALS:
        return None
    pattern = f"-?[0-9]{{1,{14 - up}}}"
    if field.type == "decimal":
        pattern += rf"(?:\.[0-9]{{1,{DECIMALS - down}}})?" if down < DECIMALS else r"(?:\.0)?"
    elif times != 1:
        return None
    is_plain = _matches(texts, pattern)
    texts = texts.zip_with(is_plain, pl.Series([None], dtype=pl.String))
    if field.type == "integer":
        return texts.cast(pl.Int64), is_plain
    numbers = texts.cast(pl.Decimal(38, DECIMALS))
    return (numbers if times == 1 else numbers * EXACT.divide(times.numerator, times.denominator)), is_plain


def _matches(texts: pl.Series, pattern: str) -> pl.Series:
    """Which texts a pattern describes from end to end; empty cells pass."""
    return texts.str.contains(f"^(?:{pattern})$").fill_null(True)


def _codes_of_texts(texts: pl.Series, codes: Mapping[str, str], convert_cell: Callable[[Cell], Value]) -> pl.Series:
    """The code of each text that is a label or a code as it stands; null for others."""
    import polars as pl

    plain = {text: convert_cell(text) for text in {*codes, *codes.values()} if text.strip() == text != ""}
    plain = {text: value for text, (value, change) in plain.items() if change is None}
    return texts.replace_strict(list(plain), list(plain.values()), default=None, return_dtype=pl.String)
