"""What a cell says, as a value of the field's type.

Belongs here: exact decimals, whole numbers, dates, codes and identifiers from cells and whole columns, in the field's unit. Does
not belong here: how a number or a day is written (`numerals`, `dates`), whether the value is allowed (validate), or qualified
figures of documents (figures).

A value is exact or refused: what was done to the text that stood there is handed on in words (`Value.change`), and nothing is
rounded but the noise that floating-point numbers carry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, Inexact
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipelines.collect.containers import Cell
from pipelines.collect.dates import FIRST_DAY, LAST_DAY, read_day, read_month
from pipelines.collect.labels import normalised_label
from pipelines.collect.numerals import (
    APOSTROPHES,
    EXACT,
    ZERO_WIDTH,
    Unconvertible,
    Written,
    read_number,
    why_not_computed,
)
from pipelines.forms.model import FormField
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor, read_unit

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Unconvertible", "Value", "clean", "convert", "convert_column", "read_month"]

DECIMALS = 6  # what DECIMAL(20,6) keeps
LIMIT = 10**14  # and the numbers from here on it does not
LONG_COLUMN = 5_000  # cells from which on loading Polars pays
PLAIN_SHARE = 0.9  # below it a column is read cell by cell

_MILLIONTH = Decimal(1).scaleb(-DECIMALS)
_PERSONS = {"人", "名", "位"}
_ANY_COUNT = {"个", "人(项)"}  # say nothing of what is counted
_WIDE_LETTERS = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
FULL_WIDTH = _WIDE_LETTERS | {0x3000: " "}
_ODD_SPACE = re.compile(r"[^\S ]")
_RUN_OF_SPACES = re.compile(r"\s+")
_NOTHING = re.compile(r"[-－—–―]{1,4}|[/／.．…‖]{1,3}|无")
_SCIENTIFIC = re.compile(r"[0-9](?:\.[0-9]+)?[eE][+-]?[0-9]{1,3}|[0-9]+[eE]\+[0-9]{1,3}")

# What needs no reading at all, as patterns that Python and Polars read alike: ordinary characters between a first one that no
# sign for “nothing” begins with and a last one that is no space.
_LETTERS = "!-~“”‘’（），。、：；·《》【】—\u4e00-\u9fff"
PLAIN_TEXT = f"[0-9A-Za-z\u4e00-\u9fff](?:[ {_LETTERS}]*[{_LETTERS}])?"
PLAIN_IDENTIFIER = "[0-9]+|[0-9A-Z]{6,}"  # shorter ones may be 1E5
PLAIN_WHOLE = "-?[0-9]{1,14}"
PLAIN_DAY = (  # all but 29 February
    "(?:19[1-9]|20[0-9])[0-9]-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_is_plain_text = re.compile(PLAIN_TEXT).fullmatch
_is_plain_identifier = re.compile(PLAIN_IDENTIFIER).fullmatch
_is_plain_decimal = re.compile(PLAIN_WHOLE + r"(?:\.[0-9]{1,6})?").fullmatch
_is_plain_whole = re.compile(PLAIN_WHOLE).fullmatch
_is_plain_day = re.compile(PLAIN_DAY).fullmatch


class Value(NamedTuple):
    """What a cell says.

    Attributes:
        value: str, int, Decimal or date by the field's type; None for a blank cell.
        change: in Chinese, what was done to what stood there; None when it was taken as it stands.
    """

    value: object
    change: str | None = None


NOTHING = Value(None)


def convert(cell: Cell, field: FormField, codes: Mapping[str, str], unit: str | None = None) -> Value:
    """The value of a cell for a field, in the field's unit.

    Args:
        codes: for a code field its list, label -> code; a code itself is taken too.
        unit: what the column was written in; None when in the field's unit. A unit within the cell wins.

    Raises:
        Unconvertible: the cell holds something else.
    """
    return _converter(field, codes, unit)(cell)


def convert_column(
    cells: list[Cell], field: FormField, codes: Mapping[str, str], unit: str | None = None
) -> tuple[list[object] | pl.Series, dict[int, str], dict[int, Unconvertible]]:
    """The values of a column, what was changed and what failed, each by its index in `cells`; as `convert` cell by cell.

    Returns:
        The values, None where blank or failed: a list, or for a long column that is plain nearly throughout a Polars series of
        the type in which the field is stored.
    """
    convert_cell = _converter(field, codes, unit)
    if len(cells) >= LONG_COLUMN:
        at_once = _convert_at_once(cells, field, codes, unit, convert_cell)
        if at_once is not None:
            return at_once
    values, changes, failures = [], {}, {}
    is_plain, make = _plain_text(field, codes, unit)
    shown = {str: str, float: _shown_float(field)}
    for index, cell in enumerate(cells):
        text = shown[type(cell)](cell) if type(cell) in shown else None
        if text is not None and is_plain(text):
            values.append(make(text))
            continue
        try:
            value, change = convert_cell(cell)
        except Unconvertible as refusal:
            value, change, failures[index] = None, None, refusal
        values.append(value)
        if change is not None:
            changes[index] = change
    return values, changes, failures


def clean(text: str) -> str:
    """The text with full-width letters and digits made ordinary and white space at its ends removed.

    Chinese punctuation is kept, since names contain it.
    """
    return text.translate(FULL_WIDTH).strip()


def _converter(field: FormField, codes: Mapping[str, str], unit: str | None) -> Callable[[Cell], Value]:
    match field.type:
        case "text":
            return lambda cell: _text(cell, field)
        case "code":
            known, by_label = set(codes.values()), _codes_by_label(codes)
            return lambda cell: _code(cell, field, codes, known, by_label)
        case "integer" | "decimal":
            return lambda cell: _number(cell, field, unit)
        case "date":
            return lambda cell: _date(cell, field)
    raise AssertionError(field.type)


# Text, codes and what stands for nothing


def _tidy(text: str, notes: list[str], *, is_identifier: bool) -> str:
    """The text without odd white space, Excel's apostrophe and full-width letters and digits; says in `notes` what that took."""
    shown = ZERO_WIDTH.sub("", text)  # takes no room on screen, so that it leaves no space
    spaced = shown
    if _ODD_SPACE.search(shown):
        spaced = _RUN_OF_SPACES.sub(lambda run: " " if _ODD_SPACE.search(run[0]) else run[0], shown)
    if spaced != text:
        notes.append("去掉特殊空白")
    spaced = spaced.strip()
    # In a name a quotation mark may be meant: only a lone straight one is Excel's.
    if len(spaced) > 1 and (spaced[0] in APOSTROPHES if is_identifier else spaced[0] == "'" and "'" not in spaced[1:]):
        spaced = spaced[1:].strip()
        notes.append("去掉开头的撇号")
    folded = spaced.translate(_WIDE_LETTERS)
    if folded != spaced:
        notes.append("全角改半角")
    return folded


def _joined(notes: list[str]) -> str | None:
    return "、".join(dict.fromkeys(notes)) or None


def _nothing(field: FormField, wanted: str) -> Value:
    """What “-”, “/” or “无” says: that there is none, which a required field cannot be (zero is written 0)."""
    if field.required:
        raise Unconvertible("cell.none", f"{wanted}；“-”表示没有此项" + ("，确为零请填 0" if wanted == "数字" else ""))
    return Value(None, "“-”表示没有此项，按空处理")


def _text(cell: Cell, field: FormField) -> Value:
    if isinstance(cell, str):
        if (_is_plain_identifier if field.pattern else _is_plain_text)(cell):
            return Value(cell)
        notes: list[str] = []
        text = _tidy(cell, notes, is_identifier=field.pattern is not None)
        if not text:
            return NOTHING
        if _NOTHING.fullmatch(text) and (field.pattern or text not in ("无", "/", "／")):
            return _nothing(field, "文字")
        not_computed = why_not_computed(text, "文字")
        if not_computed is not None:
            raise not_computed
        if field.pattern:
            text = _identifier(text, field.pattern, notes)
        return Value(text, _joined(notes))
    if cell is None:
        return NOTHING
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unconvertible("cell.text", "文字")
    return Value(_text_of_number(cell, field.pattern), "数字单元格")


def _identifier(text: str, pattern: str, notes: list[str]) -> str:
    """The identifier as its pattern has it, where case or inner spaces alone are in the way; else as it stands."""
    matches = _pattern(pattern).fullmatch
    if matches(text):
        return text
    if _SCIENTIFIC.fullmatch(text):
        raise Unconvertible("cell.number_for_text", "文本格式的编号（现为科学计数法，末几位已丢失）")
    together = re.sub(r"\s+", "", text)
    for candidate, is_upper in ((together, False), (text.upper(), True), (together.upper(), True)):
        if matches(candidate):
            if together != text and len(candidate) == len(together):
                notes.append("去掉中间的空格")
            if is_upper:
                notes.append("小写改大写")
            return candidate
    return text


@lru_cache(maxsize=200)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _text_of_number(number: float, pattern: str | None) -> str:
    """A number cell's text, where it is certain that Excel kept all of it.

    Raises:
        Unconvertible: more than 15 digits, of which Excel keeps 15; or zeros at the front, which it drops, are likely missing.
    """
    if not -(10**15) < number < 10**15:  # nor is NaN
        raise Unconvertible("cell.number_for_text", "文本格式的编号；数字单元格只保留 15 位，末几位已丢失")
    text = str(int(number)) if number == int(number) else repr(number)
    if len(text) > 15:
        raise Unconvertible("cell.number_for_text", "文本格式的编号；数字单元格只保留 15 位，末几位已丢失")
    if pattern and text.isdecimal() and not _pattern(pattern).fullmatch(text):
        longer = next((length for length in range(len(text) + 1, 25) if _pattern(pattern).fullmatch(text.zfill(length))), None)
        if longer is not None:
            expected = f"文本格式的 {longer} 位编号（Excel 的数字单元格会丢掉开头的 0，请改为文本后补齐）"
            raise Unconvertible("cell.leading_zeros", expected)
    return text


def _codes_by_label(codes: Mapping[str, str]) -> dict[str, str]:
    """Normalised label or code -> code, without those that two codes share."""
    pairs = {(normalised_label(name), code) for label, code in codes.items() for name in (label, code)}
    shared = Counter(name for name, _ in pairs)
    return {name: code for name, code in pairs if shared[name] == 1}


def _code(cell: Cell, field: FormField, codes: Mapping[str, str], known: set[str], by_label: Mapping[str, str]) -> Value:
    if cell is None:
        return NOTHING
    if isinstance(cell, str):
        if (code := codes.get(cell)) is not None:
            return Value(code)
        if cell in known and _is_plain_text(cell):
            return Value(cell)
        notes: list[str] = []
        text = _tidy(cell, notes, is_identifier=False)
        if not text:
            return NOTHING
    elif isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unconvertible("cell.text", "文字")
    else:
        text, notes = _text_of_number(cell, None), ["数字单元格"]
    if text in codes:
        return Value(codes[text], _joined(notes))
    if text in known:
        return Value(text, _joined(notes))
    if _NOTHING.fullmatch(text):
        return _nothing(field, "代码或名称")
    not_computed = why_not_computed(text, "代码或名称")
    if not_computed is not None:
        raise not_computed
    if text.isdecimal():
        padded = [code for code in known if code.isdecimal() and len(code) > len(text) and code == text.zfill(len(code))]
        if len(padded) == 1:
            return Value(padded[0], _joined([*notes, "补上开头的 0"]))
    elif (code := by_label.get(normalised_label(text))) is not None:
        return Value(code, _joined([*notes, "按名称对应代码"]))
    return Value(text, _joined(notes))


# Numbers


def _number(cell: Cell, field: FormField, unit: str | None) -> Value:
    if isinstance(cell, str):
        if not cell or cell.isspace():
            return NOTHING
        if _is_plain_decimal(cell):
            number, change = Decimal(cell), None
        else:
            return _number_of_text(cell, field, unit)
    elif cell is None:
        return NOTHING
    elif isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unconvertible("cell.number", "数字")
    else:
        number, change = _decimal(cell, field, unit)
        if 0 < abs(number) < 1 and _is_percent(unit or field.unit):
            expected = "百分数：12.5 或文本“12.5%”（数字单元格里的 0.125 可能是 12.5%，也可能是 0.125%）"
            raise Unconvertible("cell.percent", expected)
    if unit is not None and unit != field.unit:
        number = _scaled(number, _factor(unit, field))
    return Value(_stored(number, field), change)


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
        places += len(str(_factor(unit, field).numerator)) - 1  # 1.2345678 of 亿元 is an exact number of 万元
    rounded = round(exact, places)
    if rounded == Decimal(f"{number:.15g}"):
        return rounded, None
    if field.type == "integer":
        raise Unconvertible("cell.integer", "整数")
    return rounded, f"保留 {places} 位小数"


def _number_of_text(text: str, field: FormField, unit: str | None) -> Value:
    tidy = ZERO_WIDTH.sub("", text).strip()
    if not tidy:
        return NOTHING
    if _NOTHING.fullmatch(tidy):
        return _nothing(field, "数字")
    written = read_number(text, field.unit, unit)
    source = _unit_of(written, unit or field.unit)
    number = written.number
    if source is not None and source != field.unit:
        number = _scaled(number, _factor(source, field))
    notes = [*written.notes, *_unit_notes(written, field.unit, unit)]
    return Value(_stored(number, field), _joined(notes))


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
        if (source.kind == "percent") != _is_percent(wanted):
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


def _factor(written: str | None, field: FormField) -> Fraction:
    """What a number in the unit `written` (None: the field's) is multiplied by to be one in the field's unit.

    Raises:
        Unconvertible: the two measure different things.
    """
    return Fraction(1) if written is None else _units_factor(written, field.unit)


@lru_cache(maxsize=1000)
def _is_percent(unit: str | None) -> bool:
    try:
        return unit is not None and read_unit(unit).kind == "percent"
    except UnknownUnit:
        return False


def _scaled(number: Decimal, factor: Fraction) -> Decimal:
    try:
        return EXACT.divide(EXACT.multiply(number, factor.numerator), factor.denominator)
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


# Dates


def _date(cell: Cell, field: FormField) -> Value:
    if cell is None:
        return NOTHING
    if isinstance(cell, str):
        tidy = ZERO_WIDTH.sub("", cell).strip()
        if not tidy:
            return NOTHING
        if _NOTHING.fullmatch(tidy):
            return _nothing(field, "日期，如 2022-10-31")
    return Value(*read_day(cell))


# Whole columns


def _never(cell: object) -> None:
    """None is plain: each is read by itself."""


def _shown_float(field: FormField) -> Callable[[float], str | None]:
    """What writes a number cell as a text that means the same in a text cell; None where none does."""
    if field.type == "decimal" and not _is_percent(field.unit):
        return repr
    if field.type == "integer" and not _is_percent(field.unit):
        return lambda number: str(int(number)) if -LIMIT < number < LIMIT and number == int(number) else None
    return _never


def _plain_text(
    field: FormField, codes: Mapping[str, str], unit: str | None
) -> tuple[Callable[[str], object], Callable[[str], object]]:
    """What tells a text that needs no reading, and what makes the value of it."""
    match field.type:
        case "text":
            return (_is_plain_identifier if field.pattern else _is_plain_text), str
        case "code":
            return codes.__contains__, codes.__getitem__
        case "date":
            return _is_plain_day, date.fromisoformat
        case "integer" | "decimal" if unit in (None, field.unit):
            return (_is_plain_whole, int) if field.type == "integer" else (_is_plain_decimal, Decimal)
    return _never, str


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
        if _is_percent(unit or field.unit):
            numbers = numbers.set((numbers != 0) & (numbers.abs() < 1), float("nan"))  # read, and refused, one by one
        if field.type == "integer":
            is_whole = ((numbers == numbers.floor()) & (numbers.abs() < LIMIT)).fill_null(True)
            numbers = numbers.set(~is_whole, None)
            return (numbers.cast(pl.Int64), is_whole) if _factor(unit, field) == 1 else None
        return _plain_numbers(numbers.cast(pl.String), field, unit)  # the shortest decimal, as repr
    return None


def _plain_numbers(texts: pl.Series, field: FormField, unit: str | None) -> tuple[pl.Series, pl.Series] | None:
    """Numbers in digits, times a factor of a power of ten, where six decimals hold the result."""
    import polars as pl

    factor = _factor(unit, field)
    up, down = len(str(factor.numerator)) - 1, len(str(factor.denominator)) - 1
    if factor != Fraction(10**up, 10**down) or down > DECIMALS or up > DECIMALS:
        return None
    pattern = f"-?[0-9]{{1,{14 - up}}}"
    if field.type == "decimal":
        pattern += rf"(?:\.[0-9]{{1,{DECIMALS - down}}})?" if down < DECIMALS else r"(?:\.0)?"
    elif factor != 1:
        return None
    is_plain = _matches(texts, pattern)
    texts = texts.zip_with(is_plain, pl.Series([None], dtype=pl.String))
    if field.type == "integer":
        return texts.cast(pl.Int64), is_plain
    numbers = texts.cast(pl.Decimal(38, DECIMALS))
    return (numbers if factor == 1 else numbers * EXACT.divide(factor.numerator, factor.denominator)), is_plain


def _matches(texts: pl.Series, pattern: str) -> pl.Series:
    """Which texts a pattern describes from end to end; empty cells pass."""
    return texts.str.contains(f"^(?:{pattern})$").fill_null(True)


def _codes_of_texts(texts: pl.Series, codes: Mapping[str, str], convert_cell: Callable[[Cell], Value]) -> pl.Series:
    """The code of each text that is a label or a code as it stands; null for others."""
    import polars as pl

    plain = {text: convert_cell(text) for text in {*codes, *codes.values()} if text.strip() == text != ""}
    plain = {text: value for text, (value, change) in plain.items() if change is None}
    return texts.replace_strict(list(plain), list(plain.values()), default=None, return_dtype=pl.String)
