"""Days and months as people write them in a cell or a title.

Belongs here: the ways a day and a month are written, and what is ambiguous about them. Does not belong here: other numbers
(`numerals`), or whether a day is allowed (validate).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from pipelines.collect.containers import Cell
from pipelines.collect.numerals import APOSTROPHES, LONGEST, ZERO_WIDTH, Unconvertible, why_not_computed

EXCEL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 20000, 79999  # 1954 to 2119; other numbers are more likely something else
# Excel shows an empty cell or a time of day as a day of 1899 or 1900; nothing that is reported is that old.
FIRST_DAY, LAST_DAY = date(1901, 1, 1), date(2199, 12, 31)
EXPECTED = "日期，如 2022-10-31"

_FOLD = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {ord(dash): "-" for dash in "‐‑‒–—―−﹣"} | {0x3000: " "}
_DAY = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<separator>\s*[-./]\s*)(?P<month>[0-9]{1,2})(?:(?P=separator)|\s*[-./]\s*)(?P<day>[0-9]{1,2})"
    r"|\s*年\s*(?P<month2>[0-9]{1,2})\s*月\s*(?P<day2>[0-9]{1,2})\s*[日号]?)"
)
_COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"(?<![ T])[ T]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?Z?$")
_PLAIN_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH_ONLY = re.compile(r"[0-9]{4}\s*(?:[-./]\s*[0-9]{1,2}|年\s*[0-9]{1,2}\s*月份?)|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])")
_SHORT_YEAR = re.compile(r"['’]?[0-9]{2}\s*[-./年]\s*[0-9]{1,2}\s*[-./月]\s*[0-9]{1,2}\s*日?")

_ONES = "一二三四五六七八九"
_TENS = {"十": 10, "二十": 20, "廿": 20, "三十": 30, "卅": 30}
CHINESE_DAYS = (
    {digit: value for value, digit in enumerate(_ONES, 1)}
    | {f"{zero}{digit}": value for zero in "〇零" for value, digit in enumerate(_ONES, 1)}
    | {f"{ten}{digit}": value + ones for ten, value in _TENS.items() for ones, digit in enumerate(("", *_ONES))}
)
_CHINESE_YEAR = {digit: str(value) for value, digit in enumerate(_ONES, 1)} | dict.fromkeys("〇零○OoО0", "0")
_CHINESE_IN_TEXT = re.compile(r"([一二][〇零○OoО0一二三四五六七八九]{3})\s*年")
_CHINESE_PART = re.compile(
    r"([〇零一二三四五六七八九十廿卅]{1,3})(?=\s*(?:月|日|号|[-~至到]\s*[〇零一二三四五六七八九十0-9]{1,3}\s*月))"
)

_YEAR = r"(?<![0-9])((?:19|20)[0-9]{2})"
_MONTH = r"(1[0-2]|0?[1-9])"
_TO_DATE = re.compile(rf"{_YEAR}\s*年\s*0?1\s*月?\s*[-~至到]+\s*(?:\1\s*年\s*)?{_MONTH}\s*月")
_MONTHS = [
    re.compile(rf"{_YEAR}\s*年\s*{_MONTH}\s*月"),
    # 2022.1 may have been 2022.10 before Excel or a CSV dropped the zero.
    re.compile(rf"{_YEAR}\s*(?:[-/]\s*{_MONTH}|\.\s*(1[0-2]|0[1-9]|[2-9]))(?:\s*[-/.]\s*[0-9]{{1,2}})?(?![0-9])"),
    re.compile(r"(?<![0-9])(20[0-9]{2})(0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?(?![0-9])"),
]
_ANY_RANGE = re.compile(r"月?\s*[-~至到]+\s*(?:[0-9]{4}\s*年\s*)?[0-9]{1,2}\s*月")


def read_day(cell: Cell) -> tuple[date, str | None]:
    """The day a cell says and, in Chinese, what was not plain about it.

    Raises:
        Unconvertible: cell.date, cell.date_day (a month without its day), cell.date_month (2022.1), cell.error, cell.formula.
    """
    if isinstance(cell, bool):
        raise Unconvertible("cell.date", EXPECTED)
    if isinstance(cell, datetime):
        return _within(cell.date()), "去掉时刻" if cell.time() != datetime.min.time() else None
    if isinstance(cell, date):
        return _within(cell), None
    if isinstance(cell, int | float):
        return _day_of_number(cell)
    if isinstance(cell, str):
        return _day_of_text(cell)
    raise Unconvertible("cell.date", EXPECTED)


def read_month(cell: Cell) -> str | None:
    """The month a title or a cell names, as YYYY-MM; None when it names none, several, or an ambiguous one (the number 2022.1).

    Of a time from January on (2022年1—10月) it is the last month.
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, date):
        return f"{cell:%Y-%m}" if FIRST_DAY <= (cell.date() if isinstance(cell, datetime) else cell) <= LAST_DAY else None
    if isinstance(cell, int | float):
        return _month_of_number(cell)
    return _month_of_text(cell) if isinstance(cell, str) else None


def _within(day: date) -> date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unconvertible("cell.date", f"{EXPECTED}（年份在 {FIRST_DAY.year} 至 {LAST_DAY.year} 之间）")
    return day


def _day(year: str, month: str, day: str) -> date:
    try:
        return _within(date(int(year), int(month), int(day)))
    except ValueError as error:
        if isinstance(error, Unconvertible):
            raise
        raise Unconvertible("cell.date", f"{EXPECTED}（日历上没有这一天）") from error


def _day_of_number(number: float) -> tuple[date, str | None]:
    """A serial of Excel's, or 20221031; nothing else is a day."""
    if FIRST_SERIAL <= number <= LAST_SERIAL and number == int(number):
        return EXCEL_EPOCH + timedelta(days=int(number)), "日期序号改为日期"
    if 1000_00_00 <= number < 10000_00_00 and number == int(number):
        return _day(*_COMPACT_DAY.fullmatch(str(int(number))).groups()), "八位数字改为日期"
    if _is_month_with_lost_zero(number):
        year = int(number)
        raise Unconvertible("cell.date_month", f"{EXPECTED}（{year}.1 可能是 {year}年1月，也可能是 {year}年10月，须写到日）")
    if _month_of_number(number) is not None:
        raise Unconvertible("cell.date_day", f"{EXPECTED}（只写到月，须写到日）")
    raise Unconvertible("cell.date", EXPECTED)


def _is_month_with_lost_zero(number: float) -> bool:
    return isinstance(number, float) and 1900 < number < 2200 and repr(number).endswith(".1")


def _day_of_text(text: str) -> tuple[date, str | None]:
    if _PLAIN_DAY.fullmatch(text):
        return _day(text[:4], text[5:7], text[8:]), None
    if len(text.strip()) > LONGEST:
        raise why_not_computed(text, EXPECTED) or Unconvertible("cell.date", EXPECTED)
    folded = _fold(text)
    written = _chinese_to_digits(folded)
    timeless = _TIME.sub("", written)
    found = _DAY.fullmatch(timeless)
    if found:
        parts = (found["year"], found["month"] or found["month2"], found["day"] or found["day2"])
    elif compact := _COMPACT_DAY.fullmatch(timeless):
        parts = compact.groups()
    else:
        raise _why_no_day(text, written)
    if written != folded:
        change = "中文日期改为数字"
    elif timeless != written:
        change = "去掉时刻"
    elif folded != text.strip(" "):
        change = "去掉空白、撇号或全角"
    else:
        change = "日期写法统一"
    return _day(*parts), change


def _why_no_day(text: str, folded: str) -> Unconvertible:
    not_computed = why_not_computed(text, EXPECTED)
    if not_computed is not None:
        return not_computed
    if re.fullmatch(r"(?:19|20|21)[0-9]{2}\.1", folded):
        year = folded[:4]
        return Unconvertible("cell.date_month", f"{EXPECTED}（{year}.1 可能是 {year}年1月，也可能是 {year}年10月，须写到日）")
    if _MONTH_ONLY.fullmatch(folded):
        return Unconvertible("cell.date_day", f"{EXPECTED}（只写到月，须写到日）")
    if _SHORT_YEAR.fullmatch(folded):
        return Unconvertible("cell.date", f"{EXPECTED}（年份须写四位）")
    if re.fullmatch(r"[2-7][0-9]{4}(?:\.0)?", folded):
        return Unconvertible("cell.date", f"{EXPECTED}（“{folded}”像是日期序号变成的文本，无法确定）")
    return Unconvertible("cell.date", EXPECTED)


def _fold(text: str) -> str:
    """Ordinary digits and dashes, single spaces, no apostrophe before."""
    folded = re.sub(r"\s+", " ", ZERO_WIDTH.sub("", text).translate(_FOLD)).strip()
    return folded[1:].strip() if folded[:1] in APOSTROPHES and len(folded) > 1 else folded


def _chinese_to_digits(text: str) -> str:
    """二〇二二年十月三十一日 -> 2022年10月31日; other text as it is."""
    if "月" not in text:
        return text
    text = _CHINESE_IN_TEXT.sub(lambda found: "".join(_CHINESE_YEAR[digit] for digit in found[1]) + "年", text)
    return _CHINESE_PART.sub(lambda found: str(CHINESE_DAYS.get(found[1], found[1])), text)


def _month_of_number(number: float) -> str | None:
    """202210, 20221031 or 2022.11; not 2022.1, which was 2022.10 or 2022.1."""
    text = repr(int(number)) if 0 < number < 10**9 and number == int(number) else repr(number) if 0 < number < 10**9 else ""
    whole = _MONTHS[2].fullmatch(text)
    if whole:
        return f"{whole[1]}-{whole[2]}"
    fraction = re.fullmatch(r"((?:19|20)[0-9]{2})\.(0[1-9]|1[12]|[2-9])", text)
    # 2022.2 is how the number of 2022.20 looks too, which no month is.
    return f"{fraction[1]}-{fraction[2]:0>2}" if fraction else None


def _month_of_text(text: str) -> str | None:
    if len(text) > LONGEST:
        return None
    folded = _chinese_to_digits(_fold(text))
    found = {f"{to_date[1]}-{to_date[2]:0>2}" for to_date in _TO_DATE.finditer(folded)}
    rest = _TO_DATE.sub(" ", folded)
    for pattern in _MONTHS:
        for match in pattern.finditer(rest):
            if _ANY_RANGE.match(rest, match.end()):
                return None  # a time that begins in the midst of a year is no month
            year, *months = match.groups()
            found.add(f"{year}-{next(month for month in months if month):0>2}")
    return found.pop() if len(found) == 1 else None
