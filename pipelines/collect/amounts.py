"""Numbers in a field's unit, as the field keeps them.

Belongs here: the number of a cell or a text in the unit that it, its column or its field names, exact factors between them, and
what is stored of it: whole, or of at most six decimals. Does not belong here: how a number is written (`numerals`), which units
there are (`pipelines.units`), blank cells and signs for “nothing” (`quantities`), or columns at once (`whole_columns`).

A number is exact or refused: nothing is rounded but the noise that floating-point numbers carry.
"""

from __future__ import annotations

from decimal import Decimal, Inexact
from fractions import Fraction
from functools import lru_cache

from pipelines.collect.numerals import EXACT, Unconvertible, Written, read_number
from pipelines.forms.model import FormField
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor, read_unit

DECIMALS = 6  # what DECIMAL(20,6) keeps
LIMIT = 10**14  # and the numbers from here on it does not

_MILLIONTH = Decimal(1).scaleb(-DECIMALS)
_PERSONS = {"人", "名", "位"}
_ANY_COUNT = {"个", "人(项)"}  # say nothing of what is counted


def amount(number: Decimal, field: FormField, unit: str | None) -> int | Decimal:
    """A number in `unit` (None: the field's) as its field keeps it.

    Raises:
        Unconvertible: the two units measure different things, or the field cannot keep the number.
    """
    if unit is not None and unit != field.unit:
        number = _scaled(number, factor(unit, field))
    return _stored(number, field)


def amount_of_number(cell: float, field: FormField, unit: str | None) -> tuple[int | Decimal, str | None]:
    """The amount that a number cell holds, and what was done to it; `unit` is what its column was written in.

    Raises:
        Unconvertible: it may be meant in two ways, or the field cannot keep it.
    """
    number, change = _decimal(cell, field, unit)
    if 0 < abs(number) < 1 and is_percent(unit or field.unit):
        expected = "百分数：12.5 或文本“12.5%”（数字单元格里的 0.125 可能是 12.5%，也可能是 0.125%）"
        raise Unconvertible("cell.percent", expected)
    return amount(number, field, unit), change


def amount_of_text(text: str, field: FormField, unit: str | None) -> tuple[int | Decimal, list[str]]:
    """The amount that a text states, and what was done to it; `unit` is what its column was written in, and its own wins.

    Raises:
        Unconvertible: it states none, or may be meant in two ways, or the field cannot keep it.
    """
    written = read_number(text, field.unit, unit)
    number = amount(written.number, field, _unit_of(written, unit or field.unit))
    return number, [*written.notes, *_unit_notes(written, field.unit, unit)]


def _decimal(number: float, field: FormField, unit: str | None) -> tuple[Decimal, str | None]:
    """A number cell's exact value: of a float the shortest decimal that is it, which is what was typed.

    A workbook stores 0.1 + 0.2 as 0.30000000000000004: what goes beyond six decimals, in the field's unit or the column's, is
    rounded, and said unless it is such noise (Excel itself shows fifteen digits).
    """
    if not -LIMIT < number < LIMIT:  # nor is NaN
        raise Unconvertible("cell.number", "数字")
    if isinstance(number, int):
        return Decimal(number), None
    exact = Decimal(repr(number))
    if -exact.as_tuple().exponent <= DECIMALS:
        return exact, None
    places = DECIMALS
    if unit is not None and unit != field.unit:
        places += len(str(factor(unit, field).numerator)) - 1  # 1.2345678 of 亿元 is an exact number of 万元
    rounded = round(exact, places)
    if rounded == Decimal(f"{number:.15g}"):
        return rounded, None
    if field.type == "integer":
        raise Unconvertible("cell.integer", "整数")
    return rounded, f"保留 {places} 位小数"


def _unit_notes(written: Written, wanted: str | None, column_unit: str | None) -> list[str]:
    """What the unit or multiplier in a cell did to its number."""
    if written.unit is None:
        return [f"按“{written.multiplier}”换算"] if written.multiplier else []
    shown = f"{written.multiplier or ''}{written.unit}"
    if shown != wanted:
        return [f"单位“{shown}”换算为“{wanted}”" if wanted else f"去掉单位“{shown}”"]
    return [f"按格内所写单位“{shown}”"] if column_unit not in (None, wanted) else []


def _unit_of(written: Written, column_unit: str | None) -> str | None:
    """The unit that a number counts in: its own, else that of the column.

    Raises:
        Unconvertible: 1.2万 in a column of 万元 may be 1.2万元 or 12000万元, and ¥5 in one 5元 or 5万元.
    """
    if written.unit is not None:
        return written.unit
    if (written.multiplier is not None or written.is_money) and column_unit is not None:
        try:
            source = read_unit(column_unit)
        except UnknownUnit as error:
            raise _wrong_unit(column_unit) from error
        if source.multiplier != 1 or source.kind == "percent":
            raise Unconvertible("cell.unit", f"写明单位的数字，如 1.2{column_unit}（只写“万”“亿”或“¥”，看不出单位）")
        if written.is_money and source.kind != "money":
            raise _wrong_unit(column_unit)
    elif written.is_money:
        raise _wrong_unit(None)
    return column_unit


def _wrong_unit(wanted: str | None) -> Unconvertible:
    return Unconvertible("cell.unit", f"以“{wanted}”为单位的数字" if wanted else "不带单位的数字")


@lru_cache(maxsize=1000)
def _units_factor(written: str, wanted: str | None) -> Fraction:
    if written == wanted:
        return Fraction(1)
    try:
        source = read_unit(written)
        if (source.kind == "percent") != is_percent(wanted):
            raise Unconvertible("cell.percent", f"{_wrong_unit(wanted).expected}（“%”与其他单位不能换算）")
        if wanted is None:
            if source.kind != "count":
                raise _wrong_unit(None)
            return Fraction(source.multiplier)
        target = read_unit(wanted)
        if (source.base in _PERSONS) != (target.base in _PERSONS) and not {source.base, target.base} & _ANY_COUNT:
            raise _wrong_unit(wanted)
        return conversion_factor(written, wanted)
    except (UnknownUnit, Inconvertible) as error:
        raise _wrong_unit(wanted) from error


def factor(written: str | None, field: FormField) -> Fraction:
    """What a number in the unit `written` (None: the field's) is multiplied by to be one in the field's unit.

    Raises:
        Unconvertible: the two measure different things.
    """
    return Fraction(1) if written is None else _units_factor(written, field.unit)


@lru_cache(maxsize=1000)
def is_percent(unit: str | None) -> bool:
    """Whether a unit, as somebody wrote it, is percent."""
    try:
        return unit is not None and read_unit(unit).kind == "percent"
    except UnknownUnit:
        return False


def _scaled(number: Decimal, times: Fraction) -> Decimal:
    try:
        return EXACT.divide(EXACT.multiply(number, times.numerator), times.denominator)
    except Inexact as error:
        raise _too_fine() from error  # no unit of the list gets here: all are powers of ten


def _too_fine() -> Unconvertible:
    return Unconvertible("cell.decimals", f"不超过 {DECIMALS} 位小数的数字")


def _stored(number: Decimal, field: FormField) -> int | Decimal:
    """The number as its field keeps it: whole, or of at most six decimals and fourteen places before them."""
    if not -LIMIT < number < LIMIT:
        raise Unconvertible("cell.number", "数字（过大，请核对）")
    if field.type == "integer":
        if number != number.to_integral_value():
            raise Unconvertible("cell.integer", "整数")
        return int(number)
    if number.as_tuple().exponent > 0:
        return EXACT.quantize(number, Decimal(1))  # Polars does not hold 0E+30
    if -number.as_tuple().exponent > DECIMALS:
        try:
            return EXACT.quantize(number, _MILLIONTH)
        except Inexact as error:
            raise _too_fine() from error
    return number
