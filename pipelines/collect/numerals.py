"""Numbers as people write them in a cell, read exactly or not at all.

Belongs here: separators, signs, brackets, multipliers, Chinese numerals, the unit behind a number, and why a text is no exact
number. Does not belong here: which unit a field is kept in, dates (`dates`), or qualified figures of documents (figures).

Only signs listed here are folded, never NFKC as a whole: that would make 10² into 102 and ① into 1.
"""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from functools import lru_cache
from typing import NamedTuple

from pipelines.units import BASES


class Unconvertible(ValueError):
    """A cell does not hold a value of its field; `args` are the rule id and what was expected, in Chinese."""

    @property
    def rule_id(self) -> str:
        return self.args[0]

    @property
    def expected(self) -> str:
        return self.args[1]


class Written(NamedTuple):
    """A number as written.

    Attributes:
        number: its exact value, multipliers (万, 亿) applied.
        unit: the unit written behind it without its multiplier, or None.
        multiplier: what stood between number and unit (万, 亿), “” when such are within it (1万2千), None when there was none.
            With one the number counts single 元 or 人次, and not 万元.
        is_money: whether a sign for money (¥, 人民币) stood before it.
        notes: in Chinese, what is not as in plain digits.
    """

    number: Decimal
    unit: str | None
    multiplier: str | None
    is_money: bool
    notes: tuple[str, ...]


LONGEST = 1_000  # characters; the patterns below take time by the square of what stands there
EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])
ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00-\x08\x0e-\x1b\x7f]")
APOSTROPHES = "'＇‘’`"
_SPACES = re.compile(r"\s+")
_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_WIDTH |= {ord("￥"): "¥", ord("﹪"): "%", ord("﹣"): "-", ord("−"): "-", ord("‐"): "-", ord("‑"): "-", ord("–"): "-"}
_SPACE_IN_DIGITS = re.compile(r"(?<=[0-9.,])\s+(?=[0-9.,])")
_SPACED_GROUPS = re.compile(r"(?<![0-9.,])[0-9]{1,3}(?:\s[0-9]{3})+(?![0-9,]|\s+[0-9])")

_PLAIN = re.compile(r"[0-9]{1,40}(?:\.[0-9]{1,40})?|\.[0-9]{1,40}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3}){1,12}(?:\.[0-9]{1,40})?")
_SCIENTIFIC = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,3}")
_SIGNED = re.compile(r"([-+△▲负]?)(人民币|¥|RMB)?([-+△▲负]?)(.+)", re.DOTALL)
_BRACKETED = re.compile(r"\(([^()]+)\)")
_MULTIPLIED = re.compile(r"([0-9.,]+)(万亿|千万|百万|十万|亿|万|千|百)")
_CHAIN = re.compile(r"(?:[0-9]{1,12}(?:万亿|千万|百万|十万|亿|万|千|百))+(?:[0-9]{1,12})?")
_LINKS = re.compile(r"([0-9]+)(万亿|千万|百万|十万|亿|万|千|百)?")
_ZEROS = {"百": 2, "千": 3, "万": 4, "十万": 5, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}

_LOW = str.maketrans("〇○壹弌贰貳弍叁參叄肆伍陆陸柒捌玖拾佰仟萬億點", "零零一一二二二三三三四五六六七八九十百千万亿点")
_DIGITS = dict(zip("零一二三四五六七八九两", "01234567892", strict=True))
_CHINESE = re.compile(
    r"([零一二三四五六七八九十百千万亿两]{1,30})(?:点([零一二三四五六七八九]{1,20})(万亿|千万|百万|十万|亿|万|千|百)?)?"
)
_STRAY_TWO = re.compile(r"两(?![百千万亿])")

_QUANTITY = r"[0-9一二三四五六七八九十百千万亿两]"
_QUALIFIED = re.compile(
    rf"[约近逾超≈~>＞<＜≥≤]\s*{_QUANTITY}|{_QUANTITY}[多余来几]|[数几上成][十百千万亿]|{_QUANTITY}.{{0,4}}(?:以上|以下|左右|上下)"
    r"|大约|大概|不足|不到|不少于|不低于|不超过|至少|至多|突破|超过"
)
_RANGE = re.compile(rf"{_QUANTITY}\D{{0,3}}[-~～—–至到]+\s*{_QUANTITY}")
ERROR_TEXT = re.compile(r"#(?:REF!|N/A|DIV/0!|VALUE!|NAME\?|NULL!|NUM!|SPILL!|CALC!|GETTING_DATA)?#*", re.IGNORECASE)


def read_number(text: str, *other_units: str | None) -> Written:
    """A number written in digits or Chinese numerals, with or without a unit behind it.

    Args:
        text: what stands in the cell, not blank.
        other_units: units known to the caller beside those of `pipelines.units`.

    Raises:
        Unconvertible: the text is no exact number; says which kind of other thing it is.
    """
    if len(text.strip()) > LONGEST:
        raise why_no_number(text)
    notes: list[str] = []
    folded = fold_number(text, notes)
    is_negative, is_money, body = _sign(folded, notes)
    body, unit = _split_unit(body, tuple(sorted({each for each in other_units if each})))
    if unit is not None and not is_negative:
        inner_negative, inner_money, body = _sign(body, notes)
        is_negative, is_money = inner_negative, is_money or inner_money
    read = _unsigned(body, notes)
    if read is None:
        raise why_no_number(text)
    number, multiplier = read
    return Written(number.copy_negate() if is_negative else number, unit, multiplier, is_money, tuple(notes))


def why_no_number(text: str) -> Unconvertible:
    """The refusal that says what stands there instead of an exact number."""
    not_computed = why_not_computed(text, "数字")
    if not_computed is not None:
        return not_computed
    folded = fold_number(text.strip()[:LONGEST], [])
    if _RANGE.search(folded):
        return Unconvertible("cell.range", "一个确切的数字（不能填区间）")
    if _QUALIFIED.search(folded):
        return Unconvertible("cell.inexact", "确切的数字（报送须填准确数，不能写“约”“余”“近”“以上”等约数）")
    if "," in folded and re.fullmatch(r"[-+]?[0-9.,]+[^0-9,]*", folded):
        return Unconvertible("cell.number", "数字（千分位逗号应每三位一个，如 1,234）")
    return Unconvertible("cell.number", "数字")


def why_not_computed(text: str, wanted: str) -> Unconvertible | None:
    """The refusal of a text that is an error of Excel or a formula that nobody computed; None for any other text."""
    stripped = text.strip()
    if ERROR_TEXT.fullmatch(stripped):
        return Unconvertible("cell.error", f"{wanted}（“{stripped[:20]}”是公式出错或列宽不够时的显示，不是数据）")
    if stripped.startswith(("=", "＝")):
        return Unconvertible("cell.formula", f"{wanted}（格内是没有算出的公式，请改填结果）")
    return None


def fold_number(text: str, notes: list[str]) -> str:
    """The text with ordinary digits and signs and without white space; says in `notes` what that took.

    White space between digits stays, unless it parts them in threes: “12 34” may be two numbers.
    """
    folded = ZERO_WIDTH.sub("", text).strip()
    if folded[:1] in APOSTROPHES and len(folded) > 1:
        folded = folded[1:].strip()
        notes.append("去掉开头的撇号")
    ordinary = folded.translate(_WIDTH)
    if ordinary != folded:
        notes.append("全角改半角")
    if _SPACED_GROUPS.search(ordinary):
        ordinary = _SPACED_GROUPS.sub(lambda found: _SPACES.sub("", found[0]), ordinary)
    kept = _SPACE_IN_DIGITS.sub("\0", ordinary)
    bare = _SPACES.sub("", kept).replace("\0", " ")
    if bare != folded.translate(_WIDTH) or (folded != text.strip(" ") and "去掉开头的撇号" not in notes):
        notes.append("去掉空白")
    return bare


def _sign(text: str, notes: list[str]) -> tuple[bool, bool, str]:
    """Whether a minus and a sign for money stand before the text, and the rest; (…) is a minus too, as accountants write it.

    Two signs are none: the rest then begins with one and is refused as a number.
    """
    found = _SIGNED.fullmatch(text)
    if found is None:
        return False, False, text
    before, money, after, body = found.groups()
    sign = before or after
    if before and after:
        return False, False, text
    if not sign and (bracketed := _BRACKETED.fullmatch(body)):
        sign, body = "()", bracketed[1]
    if sign not in ("", "-"):
        notes.append("去掉“+”" if sign == "+" else f"“{sign}”改为负号")
    if money:
        notes.append(f"去掉“{money}”")
    return sign not in ("", "+"), money is not None, body


@lru_cache(maxsize=64)
def _units_behind(other_units: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted({*BASES, "圆", *other_units}, key=len, reverse=True)
    return re.compile(rf"(.*?)({'|'.join(map(re.escape, names))})[整正]?", re.DOTALL)


def _split_unit(text: str, other_units: tuple[str, ...]) -> tuple[str, str | None]:
    """The text before its unit, and the unit: 12.5万元 -> 12.5万, 元."""
    if text.startswith("百分之"):
        return text.removeprefix("百分之"), "%"
    found = _units_behind(other_units).fullmatch(text)
    if found is None or not found[1]:
        return text, None
    return found[1], "元" if found[2] == "圆" else found[2]


def _unsigned(text: str, notes: list[str]) -> tuple[Decimal, str | None] | None:
    """The number and its multiplier (see `Written`); None when the text is no exact number."""
    number = _digits(text, notes)
    if number is not None:
        return number, None
    found = _MULTIPLIED.fullmatch(text)
    if found is not None:
        number = _digits(found[1], notes)
        return None if number is None else (_times(number, found[2]), found[2])
    if _CHAIN.fullmatch(text):
        number = _chained(text, notes)
        return None if number is None else (number, "")
    return _chinese(text, notes)


def _digits(text: str, notes: list[str]) -> Decimal | None:
    """Plain digits, digits in groups of three, or scientific writing."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        notes.append("去掉千分位逗号")
        return Decimal(text.replace(",", ""))
    if _SCIENTIFIC.fullmatch(text):
        notes.append("科学计数法改为普通数字")
        return Decimal(text)
    return None


def _times(number: Decimal, multiplier: str) -> Decimal:
    return EXACT.multiply(number, Decimal(10 ** _ZEROS[multiplier]))


def _chained(text: str, notes: list[str]) -> Decimal | None:
    """1万2千 or 3亿5000万: each part smaller than the multiplier before it.

    A last part without a multiplier fills all places (1万2000): 1万2 may be 12000 or 10002, and is refused.
    """
    total, room = 0, None
    for digits, multiplier in _LINKS.findall(text):
        value = int(digits) * 10 ** _ZEROS[multiplier] if multiplier else int(digits)
        if room is not None and (value >= 10**room or (not multiplier and len(digits) != room)):
            return None
        total += value
        room = _ZEROS[multiplier] if multiplier else 0
    notes.append("按“万”“千”等换算")
    return Decimal(total)


def _chinese(text: str, notes: list[str]) -> tuple[Decimal, str | None] | None:
    """A Chinese numeral; 三万二千 and 三点二万 count as multiplied (see `Written`), 三千二百 does not."""
    found = _CHINESE.fullmatch(text.translate(_LOW).replace("廿", "二十").replace("卅", "三十"))
    if found is None:
        return None
    whole, decimals, multiplier = found.groups()
    value = read_chinese_whole(whole)
    if value is None:
        return None
    notes.append("中文数字改为阿拉伯数字")
    number = Decimal(value)
    if decimals is not None:
        number = Decimal(f"{value}.{''.join(_DIGITS[digit] for digit in decimals)}")
    if multiplier:
        return _times(number, multiplier), multiplier
    return number, "" if "万" in whole or "亿" in whole else None


@lru_cache(maxsize=1000)
def read_chinese_whole(text: str) -> int | None:
    """A whole number in the ordinary Chinese numerals (零一二…十百千万亿两); None when it is none or not a clear one.

    Digits in a row are read as such (二〇二二), but two of them are refused: 三五 means “three to five”.
    cn2an reads the others. It also reads 一百二 as 120 and much that nobody writes, so that what it has read is written out
    again, and must be what stood there but for 零 and the 一 of 一十.
    """
    if all(letter in _DIGITS for letter in text):
        if len(text) == 2 or (len(text) > 1 and (text.startswith("零") or "两" in text)):
            return None
        return int("".join(_DIGITS[letter] for letter in text))
    if _STRAY_TWO.search(text):
        return None
    import cn2an  # 0.4 s, and hardly ever needed

    text = text.replace("两", "二")
    try:
        value = cn2an.cn2an(text, "normal")
        again = cn2an.an2cn(value, "low") if isinstance(value, int) else ""
    except (ValueError, KeyError, IndexError):
        return None
    return value if _without_fillers(again) == _without_fillers(text) else None


def _without_fillers(text: str) -> str:
    return re.sub(r"(?<![二三四五六七八九])一十", "十", text.replace("零", ""))
