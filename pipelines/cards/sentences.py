"""What is said of a figure of the city: the sentence to be quoted, what to beware of, and how it stands against the plan.

Belongs here: the words, made from a `Figure` that holds all there is to say. Does not belong here: where that comes from, or the
table the words are published in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

PRACTICE_MARK = "【练习数据】"
STATUS_LABELS = {"A": "正式", "P": "暂定", "E": "只知道范围", "M": "缺"}

_QUARTERS = {"03": "一", "06": "二", "09": "三", "12": "四"}
# What a label ends with that the number and its unit say again: 企业数 512 家, 合同项数 12 项 (but 专项数 6 个), 活动场次 3 场次.
_COUNTED = re.compile(r"(人|次|期|(?<!专)项)?数(?=（|$)|(场|人)次$")
# Between a Chinese character or sign and a number or a sign of arithmetic; English words keep theirs.
_SPACED = re.compile(r"(?<=[\u2010-\uffef%=]) +| +(?=[\u2010-\uffef%=])")
# How the catalogue's definitions word what must not be done with a figure.
_WARNING = re.compile("不能|不可|不宜|只宜|不作|不是|随之")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of the city and all that is known of it.

    Attributes:
        quoted_as: what stands before the value in a sentence, area included; None where the label does.
        month: the period's last month, YYYY-MM; a year goes by its December.
        decimals: of a published value.
        latest_break: the last month, up to this one, in which the definition changed.
        other_definitions: labels of what measures the same by another definition, joined by 、.
        is_city_figure: whether it is a department's figure of the whole city, not a sum.
        separate_areas: names of the areas that other tables list apart from the city, joined by 、.
        includes_separate_areas: None where nothing is asked of them on their own.
        zones_included: area ids joined by commas.
        missing_count, stale_count, open_count: submissions that are missing, of these the ones whose last roster stands in, and
            submissions in which something has still to be explained.
        open_warnings: how many findings those are.
        growth: on the same period of last year, in `growth_unit` (% or 百分点).
        is_growth_provisional: this figure is provisional, or last year's is.
        targets: of the plans; `document_title`, `target_year`, `target_value`, `unit`, `comparator_as_written` and
            `class_reason` of each.
        estimate: the note of the full-year estimate.
    """

    indicator_id: str
    indicator_label: str
    area_id: str
    period_id: str
    window_kind: str
    month: str
    value: Decimal | None
    value_low: Decimal | None
    value_high: Decimal | None
    unit: str
    decimals: int
    obs_status: str
    measure: str
    definition: str
    responsible_unit: str
    form_title: str
    basis: str
    quoted_as: str | None = None
    latest_break: str | None = None
    other_definitions: str | None = None
    is_city_figure: bool = False
    separate_areas: str | None = None
    includes_separate_areas: bool | None = None
    zones_included: str | None = None
    submission_count: int
    expected_submission_count: int
    missing_count: int = 0
    stale_count: int = 0
    open_count: int = 0
    missing_units: str | None = None
    units_to_ask: str | None = None
    open_warnings: int = 0
    growth: Decimal | None = None
    growth_unit: str | None = None
    is_growth_provisional: bool = False
    vintage: int
    known_from: datetime
    previous_value: Decimal | None = None
    revision_reason: str | None = None
    conflict_ids: str | None = None
    conflicts: int = 0
    targets: Sequence[Mapping[str, object]] = ()
    estimate: str | None = None
    is_practice: bool = False


def text_of(figure: Figure) -> str:
    """The sentence to be quoted: period, area, value with its unit, status, growth, and what of the city is in it."""
    said = [_period(figure), _statement(figure), _growth(figure), _coverage(figure)]
    return marked("，".join(part for part in said if part) + "。", figure)


def caution_of(figure: Figure) -> str | None:
    """What to beware of when quoting; None where there is nothing."""
    cautions = "；".join(_cautions(figure))
    return f"{cautions}。" if cautions else None


def plan_text_of(figure: Figure) -> str | None:
    """How the indicator stands against the plan's targets, each verdict once; None where it has none."""
    said = dict.fromkeys(f"{_target(target)}{target['class_reason']}" for target in figure.targets)
    return marked(_read_out("".join(said)).replace("R=", "R（实际与应有之比）=", 1), figure) if said else None


def estimate_text_of(figure: Figure) -> str | None:
    """The full-year estimate in a sentence; None where there is none."""
    return marked(_read_out(figure.estimate), figure) if figure.estimate else None


def marked(sentence: str, figure: Figure) -> str:
    """A sentence that nobody can take for a real one if the data are made up."""
    return f"{PRACTICE_MARK}{sentence}" if figure.is_practice else sentence


def _period(figure: Figure) -> str:
    year, month = figure.month[:4], int(figure.month[5:])
    if figure.window_kind == "year":
        return f"{year}年末" if figure.measure == "stock" else f"{year}年"
    if figure.window_kind == "quarter":
        return f"{year}年第{_QUARTERS[figure.month[5:]]}季度"
    if figure.window_kind == "ytd" and month > 1:
        return f"{year}年1—{month}月"
    return f"{year}年{month}月" + ("末" if figure.window_kind == "point" else "")


def _statement(figure: Figure) -> str:
    noun = _COUNTED.sub("", figure.indicator_label)
    subject = figure.quoted_as or (noun if noun.startswith(("本市", "市级")) else f"全市{noun}")
    remarks = "，".join(_remarks(figure))
    beside = f"（{remarks}）" if remarks else ""
    if figure.value is not None and figure.measure == "growth_rate":
        changed = "下降" if figure.value < 0 else "增长"
        return f"{subject.removesuffix('增长')}{changed}{_quantity(abs(figure.value), figure)}{beside}"
    if figure.value is not None:
        return f"{subject}{'为' if figure.unit == '%' else ''}{_quantity(figure.value, figure)}{beside}"
    if figure.value_high is not None:
        return f"{subject}在{_amount(figure.value_low, figure.decimals)}至{_quantity(figure.value_high, figure)}之间{beside}"
    return f"{subject}的数暂缺，不能引用{beside}"


def _remarks(figure: Figure) -> Iterator[str]:
    """What stands in brackets behind the value: of what kind the figure is, then its status and why."""
    if figure.value_high is not None and figure.measure == "year_stock":
        yield "当年累计"
    if figure.definition.startswith("抽样调查"):
        yield "抽样调查"
    if figure.is_city_figure:
        yield f"按{figure.responsible_unit}提供的数计算" if figure.measure == "ratio" else f"{figure.responsible_unit}提供"
    reasons = "，".join(_reasons(figure))
    if figure.obs_status == "P":
        yield f"暂定数：{reasons}" if reasons else "暂定数"
    elif figure.obs_status == "E":
        yield "重叠多少不清楚，只知道范围"
    if figure.obs_status in ("E", "M") and reasons:
        yield reasons


def _reasons(figure: Figure) -> Iterator[str]:
    if figure.missing_count:
        yield f"还有{figure.missing_count}份报送未报或被退回"
    if figure.stale_count:
        yield f"其中{figure.stale_count}份沿用以前的名册"
    if figure.open_count:
        yield f"还有{figure.open_count}份报送有待说明"


def _growth(figure: Figure) -> str:
    if figure.growth is None:
        return ""
    before = "上年" if figure.window_kind == "year" else "上年同期"
    subject = "增幅" if figure.measure == "growth_rate" else ""
    # A figure that is provisional itself says so already.
    beside = f"（{before}数为暂定数）" if figure.is_growth_provisional and figure.obs_status == "A" else ""
    if figure.growth_unit == "%":
        digits, change, unit = 1, "增长" if figure.growth > 0 else "下降", "%"
    else:
        digits, change, unit = max(figure.decimals, 1), "增加" if figure.growth > 0 else "减少", "个百分点"
    if not _rounded(figure.growth, digits):
        return f"{subject}与{before}{'基本' if figure.growth else ''}持平{beside}"
    return f"{subject}比{before}{change}{_amount(abs(figure.growth), digits)}{unit}{beside}"


def _coverage(figure: Figure) -> str:
    if figure.value_high is None:
        return ""
    zones = f"{len(figure.zones_included.split(','))}个功能区" if figure.zones_included else ""
    if figure.includes_separate_areas is None:
        return f"含{zones}" if zones else ""
    if figure.includes_separate_areas:
        return "含" + "和".join(part for part in (figure.separate_areas, zones) if part)
    return "，".join(part for part in (f"含{zones}" if zones else "", f"不含{figure.separate_areas}") if part)


def _cautions(figure: Figure) -> Iterator[str]:
    yield from (clause for clause in figure.definition.split("；") if _WARNING.search(clause))
    if figure.latest_break:
        year, month = figure.latest_break.split("-")
        yield f"{year}年{int(month)}月起口径有变，与此前的数不可比"
    if figure.other_definitions:
        yield f"另有口径“{figure.other_definitions}”，引用时须写明是哪一种"
    if figure.window_kind == "ytd" and figure.measure != "ratio" and not figure.month.endswith("-12"):
        yield "是当年累计，不是全年数"
    if figure.conflicts:
        yield f"各文件公布的数有{figure.conflicts}处矛盾，还没有裁定，见 wanstat conflicts"


def _target(target: Mapping[str, object]) -> str:
    """Which target of which document; several documents, and several places of one, may have one for the same indicator."""
    year = f"{target['target_year']}年" if target["target_year"] else ""
    if target["target_value"] is None:  # in words, which the verdict repeats
        return f"《{target['document_title']}》{year}："
    written = target["comparator_as_written"].replace("“", "‘").replace("”", "’")
    beside = "" if written.startswith("表列") else f"（原文“{written}”）"
    return f"《{target['document_title']}》{year}目标{target['target_value'].normalize():f}{target['unit']}{beside}："


def _read_out(written: str) -> str:
    """What tables write with spaces between words and numbers, as a card writes it: without."""
    return _SPACED.sub("", written)


def _quantity(value: Decimal, figure: Figure) -> str:
    return f"{_amount(value, figure.decimals)}{figure.unit}"


def _amount(value: Decimal, decimals: int) -> str:
    """With as many decimals as the catalogue says; what would read as nothing though it is something is said to be less."""
    rounded = _rounded(value, decimals)
    return f"{rounded:f}" if rounded or not value else f"不足{Decimal(1).scaleb(-decimals):f}"


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
