"""What a cell says, as a value of the field's type.

Belongs here: a single cell by the type of its field: text, identifiers and codes, blank cells and signs for “nothing”. Does not
belong here: numbers in their unit (`amounts`), how a number or a day is written (`numerals`, `dates`), columns at once
(`whole_columns`), whether the value is allowed (validate), or qualified figures of documents (figures).

A value is exact or refused: what was done to the text that stood there is handed on in words (`Value.change`), and nothing is
rounded but the noise that floating-point numbers carry.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from pipelines.collect.amounts import amount, amount_of_number, amount_of_text
from pipelines.collect.containers import Cell
from pipelines.collect.dates import read_day
from pipelines.collect.labels import normalised_label
from pipelines.collect.numerals import APOSTROPHES, ZERO_WIDTH, Unconvertible, why_not_computed
from pipelines.forms.model import FormField

_WIDE_LETTERS = {code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
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
is_plain_text = re.compile(PLAIN_TEXT).fullmatch
is_plain_identifier = re.compile(PLAIN_IDENTIFIER).fullmatch
is_plain_decimal = re.compile(PLAIN_WHOLE + r"(?:\.[0-9]{1,6})?").fullmatch


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
    return converter(field, codes, unit)(cell)


def converter(field: FormField, codes: Mapping[str, str], unit: str | None) -> Callable[[Cell], Value]:
    """What converts the cells of one column: `convert` with all but the cell settled."""
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
        if (is_plain_identifier if field.pattern else is_plain_text)(cell):
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
        if cell in known and is_plain_text(cell):
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


def _number(cell: Cell, field: FormField, unit: str | None) -> Value:
    if isinstance(cell, str):
        if not cell or cell.isspace():
            return NOTHING
        if is_plain_decimal(cell):
            return Value(amount(Decimal(cell), field, unit))
        return _number_of_text(cell, field, unit)
    if cell is None:
        return NOTHING
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        raise Unconvertible("cell.number", "数字")
    return Value(*amount_of_number(cell, field, unit))


def _number_of_text(text: str, field: FormField, unit: str | None) -> Value:
    tidy = ZERO_WIDTH.sub("", text).strip()
    if not tidy:
        return NOTHING
    if _NOTHING.fullmatch(tidy):
        return _nothing(field, "数字")
    number, notes = amount_of_text(text, field, unit)
    return Value(number, _joined(notes))


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
