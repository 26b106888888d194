"""How a number, a period or a name is written on the pages and in their CSV files.

Belongs here: formatting of single values. Does not belong here: which values a page shows (`facts`, `render`).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

STATUS_LABELS = {"A": "正式", "P": "暂定", "E": "只知道范围", "M": "缺"}
WINDOW_LABELS = {"month": "当月", "quarter": "当季", "point": "期末", "ytd": "年初累计", "year": "全年"}
# What the kinds of zones are called for short everywhere in China.
_SHORT = {
    "高新技术产业开发区": "高新区",
    "经济技术开发区": "经开区",
    "城乡一体化示范区": "示范区",
    "综合保税区": "综保区",
    "产业集聚区": "集聚区",
}
# Controls but for the new line, soft hyphens, joiners, marks of direction, halves of pairs.
_UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def number(value: Decimal | float | int | None, decimals: int) -> str:
    """A number with its decimals, halves away from zero, and commas between thousands; "" for None."""
    if value is None:
        return ""
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded if rounded else abs(rounded):,}"


def plain(value: Decimal | None) -> str:
    """A number with the decimals it has and no more; "" for None."""
    if value is None:
        return ""
    return f"{value.normalize():,f}" if value else "0"


def observed(row: Mapping[str, Any] | None, decimals: int) -> str:
    """An observation's value; its range where only that is known; 缺 where nothing was reported; "" where none is due."""
    if row is None:
        return ""
    if row["value"] is not None:
        return number(row["value"], decimals)
    low, high = row["value_low"], row["value_high"]
    if low is None and high is None:
        return "缺"
    return f"{number(low, decimals)}—{number(high, decimals)}"


def period(period_id: str, window: str = "month") -> str:
    """A period as people say it: 2022年10月, 2022年1—10月, 2022年10月末, 2022年三季度, 2021年."""
    year, _, month = period_id.partition("-")
    if not month:
        return f"{year}年" + ("末" if window == "point" else "")
    number_of_month = int(month)
    if window == "quarter":
        return f"{year}年{'一二三四'[(number_of_month - 1) // 3]}季度"
    if window == "ytd" and number_of_month > 1:
        return f"{year}年1—{number_of_month}月"
    return f"{year}年{number_of_month}月" + ("末" if window == "point" else "")


def short_area(name: str, city: str) -> str:
    """A county's or zone's name without the city's in front, and a zone's kind in its usual short form."""
    for prefix in (city, city.removesuffix("市")):
        if prefix and name.startswith(prefix) and len(name) > len(prefix) + 2:
            name = name.removeprefix(prefix)
            break
    for long, short in _SHORT.items():
        name = name.replace(long, short)
    return name


def inert(text: str) -> str:
    """Text of others for a page: without control characters and marks that turn the direction of reading around."""
    return _UNSEEN.sub(" ", text)


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file that Excel opens as UTF-8 and in which no text is a formula; numbers stay numbers."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_STARTS_FORMULA):
        return f"'{value}"
    if isinstance(value, Decimal):
        return plain(value).replace(",", "")
    return "" if value is None else value
