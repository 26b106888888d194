"""What a cell says, as a value of the field's type.

Belongs here: exact decimals, whole numbers, dates and identifiers from cells. Does not belong here: whether the value is
allowed (validate), or qualified figures of documents (figures).
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from pipelines.collect.containers import Cell
from pipelines.forms.model import FormField

EXCEL_EPOCH = date(1899, 12, 30)
_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
FULL_WIDTH = {code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFF10, 0xFF5B), 0x3000)}
NUMBER_SIGNS = str.maketrans({",": None, "，": None, "．": ".", "－": "-"})
DECIMALS = 6  # what DECIMAL(20,6) keeps


class Unconvertible(ValueError):
    """A cell does not hold a value of its field; `args` are the rule id and what was expected, in Chinese."""

    @property
    def rule_id(self) -> str:
        return self.args[0]

    @property
    def expected(self) -> str:
        return self.args[1]


def convert(cell: Cell, field: FormField, codes: dict[str, str]) -> object:
    """The value of a cell for a field, or None for a blank one.

    Args:
        codes: for a code field its list, label -> code; a code itself is taken too.

    Raises:
        Unconvertible: the cell holds something else.
    """
    text = clean(cell) if isinstance(cell, str) else cell
    if text is None or text == "":
        return None
    match field.type:
        case "text":
            return _text(text, field)
        case "code":
            return codes.get(str(text), str(text))
        case "integer":
            number = _number(text)
            if number != number.to_integral_value():
                raise Unconvertible("cell.integer", "整数")
            return int(number)
        case "decimal":
            number = _number(text)
            if -number.as_tuple().exponent > DECIMALS:
                # A workbook stores 0.1 + 0.2 as 0.30000000000000004; what a person typed has far fewer digits.
                number = round(number, DECIMALS)
            return number
        case "date":
            return _date(text)
    raise AssertionError(field.type)


def clean(text: str) -> str:
    """The text with full-width letters and digits made ordinary and white space at its ends removed.

    Chinese punctuation is kept, since names contain it.
    """
    return text.translate(FULL_WIDTH).strip()


def _text(value: Cell, field: FormField) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        whole = str(int(value)) if float(value).is_integer() else str(value)
        if len(whole) > 15:
            # A number cell keeps 15 digits: the tail that Excel shows is not what was typed.
            raise Unconvertible("cell.number_for_text", "文本格式的编号；数字单元格只保留 15 位，末几位已丢失")
        return whole
    raise Unconvertible("cell.text", "文字")


def _number(value: Cell) -> Decimal:
    if isinstance(value, bool | date | timedelta):
        raise Unconvertible("cell.number", "数字")
    try:
        # repr gives the shortest decimal that is this float, which is what was typed.
        number = Decimal(repr(value) if isinstance(value, float) else str(value).translate(NUMBER_SIGNS))
    except InvalidOperation as error:
        raise Unconvertible("cell.number", "数字") from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise Unconvertible("cell.number", "数字")
    return number


def _date(value: Cell) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 20000 <= value < 80000 and float(value).is_integer():
        return EXCEL_EPOCH + timedelta(days=int(value))
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise Unconvertible("cell.date", "日期，如 2022-10-31")
