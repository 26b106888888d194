"""Units that printed figures come in, and exact factors between those that measure the same kind of thing.

Belongs here: reading a unit as multiplier and base (万元 = 10⁴ 元), and converting. Does not belong here: values and intervals.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from fractions import Fraction

MULTIPLIERS = {"千": 10**3, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}

# What is counted is settled by the indicator, so 家, 个 and 项 of one indicator compare (the same 41 loans are 项 in one
# paragraph and 笔 in another). Attendances (人次) count one person twice and are never persons (人).
_COUNTERS = "家 个 项 件 份 场 场次 期 次 人 名 位 人(项) 笔 篇 户 户次 所 处 座 台 支 条 批 种 款 部 只 辆 对 届 门 类 县 方阵"
BASES = (
    dict.fromkeys(_COUNTERS.split(), "count")
    | dict.fromkeys(("%", "百分比"), "percent")
    | {"元": "money", "人次": "attendance", "倍": "multiple", "人年": "person_years", "百分点": "percentage_points"}
    | {"个百分点": "percentage_points", "平方米": "area"}
)


class UnknownUnit(ValueError):
    """A unit that is not in the list; `args[0]` is the unit as written."""


class Inconvertible(ValueError):
    """Two units that measure different things; `args` are both as written."""


@dataclass(frozen=True)
class Unit:
    """A unit taken apart: one of it is `multiplier` of its base, and the base is of a `kind`."""

    multiplier: int
    base: str
    kind: str


def read_unit(text: str) -> Unit:
    """The unit written as `text`, e.g. 万人次.

    Raises:
        UnknownUnit: nothing in the list reads so.
    """
    text = unicodedata.normalize("NFKC", text)
    if text in BASES:
        return Unit(1, text, BASES[text])
    for letters in (2, 1):
        multiplier, base = MULTIPLIERS.get(text[:letters]), text[letters:]
        if multiplier and base in BASES:
            return Unit(multiplier, base, BASES[base])
    raise UnknownUnit(text)


def conversion_factor(written: str, wanted: str) -> Fraction:
    """What a value in `written` is multiplied by to be one in `wanted`; exact.

    Raises:
        UnknownUnit: one of them is not in the list.
        Inconvertible: they measure different things (元 and 家, 人 and 人次, % and 百分点).
    """
    source, target = read_unit(written), read_unit(wanted)
    if source.kind != target.kind:
        raise Inconvertible(written, wanted)
    return Fraction(source.multiplier, target.multiplier)
