"""Column titles and other labels as they compare: without what people vary from month to month.

Belongs here: normalising a label, the unit in its brackets, the words that mark total rows, notes and footers. Does not
belong here: where on a sheet they stand (`tables`), or converting between units (`pipelines.units`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from itertools import takewhile
from typing import TypeVar

from pipelines.units import UnknownUnit, read_unit

_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(][一二三四五六七八九十\d]{1,3}[)]|\d{1,2}(?:、|\.(?!\d)))")
_OF_WHICH = re.compile(r"^其中[::,、]?|^#(?=[\u4e00-\u9fff])")  # and no #N/A
_PUNCTUATION = re.compile(r"[、，,。.;；:：·'\"“”‘’*＊_/\\|?？!！-]+")
_REMARKS = {"必填", "选填", "可不填", "可选", "文本", "日期"}
_UNIT_LINE = re.compile(r"单\s*位(?:\s*:\s*|\s+|为)(?:人民币)?([^():;。]+)")
_MONEY = "(?:千|万|十万|百万|千万|亿)?元"
# 合同成交额/元, 合同成交额 元, 合同成交额(line break)单位：元. Only money: 参加 人次 is a label with a space in it.
_UNIT_AT_END = re.compile(rf"(?<![\s/|:,、])[\s/|:,、]+(?:单位\s*:?\s*)?(?:人民币)?({_MONEY})\s*$")
_BEFORE_UNIT = re.compile(r"^(?:计量单位|金额单位|单位|金额)[:为]?(?:人民币)?|^人民币")
_BETWEEN_UNITS = re.compile(r"[\s、,/及和]+")
_TOTAL = re.compile(
    r"^(?:本页|本月|累计|全市|全县|全区)?(?:合计|总计|小计|共计|总和|计)$|^全[国省市县区]$|^(?:sub)?total$|^grandtotal$"
)
_COMPARISON = re.compile(
    r"^(?:(?:20\d\d年)?\d{1,2}[-—~至]\d{1,2}月(?:份)?(?:累计)?|(?:本年|今年|全年)?累计|(?:上年|去年|上月|上期)(?:同期|同月|累计)?数?"
    r"|(?:比|同|较)(?:上年|去年|上月|同期)|同比|环比|增长|增减)"
)
_NOTHING = re.compile(r"^(?:(?:本月|当月|本期|\d{1,2}月份?)(?:暂?无|没有|未).{0,12}|无|零报告)$")
_ORDINAL = "[一二三四五六七八九十]{1,3}"
_SECTION = re.compile(f"^(?:{_ORDINAL}、|[(]{_ORDINAL}[)]|第{_ORDINAL}[部分章类])")
_NOTE = re.compile(
    r"^(?:注\d*[:：.、]|(?:备注|说明|注释)[:：]|填表说明|数据来源|资料来源|摘编自|notes?[:：]|source[:：]|[*※])", re.IGNORECASE
)
_SIGNED = "负责人|审核人|填报人|填表人|制表人|制表|复核人|经办人|联系人|联系电话|电话|填报日期|填报时间|报出日期|审核|分管领导"
_FOOTER = re.compile(rf"^(?:单位|部门|统计|财务|项目)?(?:{_SIGNED})(?:[(][^)]*[)])?:")


KEPT_ANSWERS, LONGEST_KEPT = 50_000, 200  # of each function; characters of a text
KEPT_OF_LONG = 16
Answer = TypeVar("Answer")


def _kept(function: Callable[[str], Answer]) -> Callable[[str], Answer]:
    """The function with its answers kept; of long texts only the last, since a process reads file after file."""
    kept, of_long = lru_cache(maxsize=KEPT_ANSWERS)(function), lru_cache(maxsize=KEPT_OF_LONG)(function)

    @wraps(function)
    def answer(text: str) -> Answer:
        return kept(text) if len(text) <= LONGEST_KEPT else of_long(text)

    return answer


def plain(text: str) -> str:
    """The text with full-width letters, digits and signs made ordinary and without any white space."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


@_kept
def normalised_label(text: str) -> str:
    """A label as it compares: without white space, width differences, numbering, 其中, punctuation, units in brackets.

    Brackets that hold anything else are kept: 金额（含税） and 金额（不含税） are different columns.
    """
    text = plain(_UNIT_AT_END.sub("", unicodedata.normalize("NFKC", text)))
    text = _BRACKETS.sub(lambda found: "" if is_unit(_bare_unit(found[1])) or found[1] in _REMARKS else found[0], text)
    text = _NUMBERING.sub("", _OF_WHICH.sub("", _NUMBERING.sub("", text.lstrip("*"))))
    return _PUNCTUATION.sub("", text).lower() or text


@_kept
def unit_of_label(text: str) -> str | None:
    """The unit that a label carries, 合同成交额（千元） or 合同成交额/千元 -> 千元; None when it carries none."""
    for found in _BRACKETS.finditer(plain(text)):
        unit = _bare_unit(found[1])
        if is_unit(unit):
            return unit
    at_end = _UNIT_AT_END.search(unicodedata.normalize("NFKC", text))
    return at_end[1] if at_end else None


def _bare_unit(text: str) -> str:
    return _BEFORE_UNIT.sub("", text)


def units_stated(text: str) -> list[str]:
    """The units that a line above a table states; [] when it states none.

    So do 单位：万元、项, 填报单位：宛城区　计量单位：千元, a title with （千元）, and 元 at the end of a line.
    """
    for found in _UNIT_LINE.finditer(unicodedata.normalize("NFKC", text)):
        if units := list(takewhile(is_unit, _BETWEEN_UNITS.split(found[1].strip()))):
            return units
    unit = unit_of_label(text)
    return [unit] if unit and unit.endswith("元") else []


@_kept
def is_unit(text: str) -> bool:
    """Whether the text is a unit of the list."""
    try:
        read_unit(text)
    except UnknownUnit:
        return False
    return True


@_kept
def is_total(text: str) -> bool:
    """Whether a row with this label is a total and not data: 合计, 小 计, 合计：, Total."""
    text = plain(text).lower()
    return any(_TOTAL.match(re.sub(left_out, "", text)) for left_out in (r"[:()]", r":|[(][^)]*[)]"))


@_kept
def is_of_which(text: str) -> bool:
    """Whether a row with this label is a part of the row above it: 其中, 其中：技术开发."""
    return _OF_WHICH.match(plain(text)) is not None


@_kept
def is_comparison(text: str) -> bool:
    """Whether a row with this label holds other figures than the month's: 1-9月累计, 上年同期, 同比增长（%）, 同上月比."""
    return _COMPARISON.match(plain(text)) is not None


@_kept
def says_nothing_happened(text: str) -> bool:
    """Whether a text alone in its row reports that there is nothing to report: 本月无活动, 无."""
    return _NOTHING.match(plain(text)) is not None


@_kept
def is_section(text: str) -> bool:
    """Whether a text alone in its row heads a section: 一、宛城区, （二）技术服务."""
    return _SECTION.match(plain(text)) is not None


@_kept
def is_note(text: str) -> bool:
    """Whether a row that starts so is a note on the table: 注：…, 数据来源：…."""
    return _NOTE.match(text.strip()) is not None


@_kept
def is_footer(text: str) -> bool:
    """Whether a cell that starts so belongs to the lines people sign: 填报人：, 单位负责人：."""
    return _FOOTER.match(plain(text)) is not None
