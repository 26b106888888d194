"""Sentences about made-up figures, as somebody would read them out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from pipelines.cards.indicator_cards import CARD_TABLE, card_of
from pipelines.cards.sentences import Figure, caution_of, estimate_text_of, plan_text_of, text_of

KNOWN_FROM = datetime(2022, 11, 15)


def figure(value: object = "62.3", **more: object) -> Figure:
    """A figure of October 2022 as all reports make it."""
    known = {
        "indicator_id": "k", "indicator_label": "技术合同成交额", "area_id": "C", "period_id": "2022-10", "window_kind": "ytd",
        "month": "2022-10", "unit": "亿元", "decimals": 2, "obs_status": "A", "measure": "flow", "definition": "登记的成交总额",
        "responsible_unit": "市科技局", "form_title": "技术合同登记月报", "basis": "按登记号去重后相加",
        "submission_count": 18, "expected_submission_count": 18, "vintage": 1, "known_from": KNOWN_FROM,
    }  # fmt: skip
    there = None if value is None else Decimal(str(value))
    return Figure(**known | {"value": there, "value_low": there, "value_high": there} | more)


@pytest.mark.parametrize(
    ("more", "period"),
    [
        ({"window_kind": "month"}, "2022年10月"),
        ({"window_kind": "quarter", "month": "2022-09"}, "2022年第三季度"),
        ({"window_kind": "ytd"}, "2022年1—10月"),
        ({"window_kind": "ytd", "month": "2022-01"}, "2022年1月"),
        ({"window_kind": "point", "measure": "stock"}, "2022年10月末"),
        ({"window_kind": "year", "month": "2021-12"}, "2021年"),
        ({"window_kind": "year", "month": "2021-12", "measure": "stock"}, "2021年末"),
    ],
)
def test_the_period_is_named_as_people_name_it(more, period) -> None:
    assert text_of(figure(**more)) == f"{period}，全市技术合同成交额62.30亿元。"


@pytest.mark.parametrize(
    ("label", "unit", "decimals", "value", "read"),
    [
        ("高新技术企业数", "家", 0, 512, "全市高新技术企业512家"),
        ("科技型中小企业数（入库＋公示）", "家", 0, 2671, "全市科技型中小企业（入库＋公示）2671家"),
        ("技术合同项数", "项", 0, 1499, "全市技术合同1499项"),
        ("新立项市级重大科技专项数", "个", 0, 6, "全市新立项市级重大科技专项6个"),
        ("科技特派员服务农户数", "户", 0, 9854, "全市科技特派员服务农户9854户"),
        ("市级科技特派员人数", "名", 0, 180, "市级科技特派员180名"),
        ("科普活动场次", "场次", 0, 351, "全市科普活动351场次"),
        ("平均每场科普活动参加人次", "人次", 1, "535.934473", "全市平均每场科普活动参加535.9人次"),
        ("科技进步贡献率", "%", 1, 61, "全市科技进步贡献率为61.0%"),
        ("本市吸纳的技术合同成交额", "亿元", 2, "4.235", "本市吸纳的技术合同成交额4.24亿元"),
        ("省“科技贷”贷款发放额", "亿元", 2, "0.004", "全市省“科技贷”贷款发放额不足0.01亿元"),
        ("省级科技奖励数", "项", 0, 0, "全市省级科技奖励0项"),
    ],
)
def test_nothing_is_said_twice_and_nothing_is_rounded_away(label, unit, decimals, value, read) -> None:
    said = figure(value, indicator_label=label, unit=unit, decimals=decimals, window_kind="month")
    assert text_of(said) == f"2022年10月，{read}。"


def test_a_catalogue_may_say_better_what_is_counted() -> None:
    said = figure(351, indicator_label="科普活动场次", unit="场次", decimals=0, quoted_as="全市举办科普活动")
    assert text_of(said) == "2022年1—10月，全市举办科普活动351场次。"


@pytest.mark.parametrize(
    ("value", "read"),
    [("14.6", "研发经费投入增长14.6%"), ("-2.04", "研发经费投入下降2.0%"), ("-0.04", "研发经费投入下降不足0.1%")],
)
def test_a_growth_rate_has_its_sign_in_the_verb(value, read) -> None:
    rate = {"indicator_label": "研发经费投入增长", "unit": "%", "decimals": 1, "measure": "growth_rate"}
    assert text_of(figure(value, window_kind="year", month="2021-12", **rate)) == f"2021年，全市{read}。"


@pytest.mark.parametrize(
    ("more", "read"),
    [
        ({"obs_status": "P", "missing_count": 2, "open_count": 1}, "（暂定数：还有2份报送未报或被退回，还有1份报送有待说明）"),
        ({"obs_status": "P", "missing_count": 3, "stale_count": 2}, "（暂定数：还有3份报送未报或被退回，其中2份沿用以前的名册）"),
        ({"obs_status": "P"}, "（暂定数）"),
        ({"is_city_figure": True}, "（市科技局提供）"),
        ({"is_city_figure": True, "definition": "抽样调查所得的百分比；不能由县区汇总"}, "（抽样调查，市科技局提供）"),
        ({"measure": "year_stock", "obs_status": "P", "open_count": 1}, "（当年累计，暂定数：还有1份报送有待说明）"),
    ],
)
def test_what_kind_of_figure_it_is_stands_beside_it(more, read) -> None:
    assert text_of(figure(**more)) == f"2022年1—10月，全市技术合同成交额62.30亿元{read}。"


def test_of_a_range_both_ends_are_given_and_no_value() -> None:
    known = {"value": None, "value_low": Decimal("60"), "value_high": Decimal("62.3"), "obs_status": "E", "missing_count": 1}
    assert text_of(figure(**known)) == (
        "2022年1—10月，全市技术合同成交额在60.00至62.30亿元之间（重叠多少不清楚，只知道范围，还有1份报送未报或被退回）。"
    )


def test_a_missing_figure_cannot_be_quoted() -> None:
    missing = figure(None, indicator_label="高新技术企业数", obs_status="M", missing_count=18, includes_separate_areas=False)
    assert text_of(missing) == "2022年1—10月，全市高新技术企业的数暂缺，不能引用（还有18份报送未报或被退回）。"
    assert card_of(missing)["status_label"] == "缺"


@pytest.mark.parametrize(
    ("growth", "more", "read"),
    [
        ("12.34", {}, "比上年同期增长12.3%"),
        ("-3.25", {}, "比上年同期下降3.3%"),
        ("0", {}, "与上年同期持平"),
        ("-0.04", {}, "与上年同期基本持平"),
        ("12.34", {"window_kind": "year"}, "比上年增长12.3%"),
        ("12.34", {"is_growth_provisional": True}, "比上年同期增长12.3%（上年同期数为暂定数）"),
        ("0.17", {"growth_unit": "百分点"}, "比上年同期增加0.17个百分点"),
        ("-1.2", {"growth_unit": "百分点", "decimals": 0}, "比上年同期减少1.2个百分点"),
        ("1.2", {"growth_unit": "百分点", "decimals": 1, "measure": "growth_rate"}, "增幅比上年同期增加1.2个百分点"),
    ],
)
def test_growth_is_put_in_words(growth, more, read) -> None:
    grown = figure(**{"growth": Decimal(growth), "growth_unit": "%"} | more)
    assert text_of(grown).split("，", 2)[2] == f"{read}。"


@pytest.mark.parametrize(
    ("includes", "zones", "read"),
    [
        (True, "Z1,Z2", "，含单列市和2个功能区。"),
        (True, None, "，含单列市。"),
        (False, "Z1,Z2", "，含2个功能区，不含单列市。"),
        (False, None, "，不含单列市。"),
        (None, "Z1", "，含1个功能区。"),
        (None, None, "。"),
    ],
)
def test_it_says_what_of_the_city_is_in_it(includes, zones, read) -> None:
    told = figure(separate_areas="单列市", includes_separate_areas=includes, zones_included=zones)
    assert text_of(told).removeprefix("2022年1—10月，全市技术合同成交额62.30亿元") == read


def test_nothing_made_up_can_be_quoted_as_real() -> None:
    target = {
        "document_title": "某规划",
        "target_year": 2025,
        "target_value": Decimal("75.000000"),
        "unit": "亿元",
        "comparator_as_written": "达75亿元以上",
        "class_reason": "有望达标。",
    }
    made_up = figure(targets=[target], estimate="全年预计 76 亿元。", is_practice=True)
    for said in (text_of(made_up), plan_text_of(made_up), estimate_text_of(made_up)):
        assert said.startswith("【练习数据】")
    real = figure()
    assert text_of(real).startswith("2022年") and plan_text_of(real) is None and estimate_text_of(real) is None


def test_each_verdict_of_the_plan_is_given_once_with_its_target() -> None:
    reason = {"document_title": "某规划", "unit": "%", "comparator_as_written": "表列数值", "class_reason": "已达到。"}
    dated = reason | {"target_year": 2025, "target_value": Decimal("3.460000")}
    undated = reason | {"target_year": None, "target_value": Decimal("100.000000"), "comparator_as_written": "全覆盖"}
    in_words = reason | {"target_year": 2025, "target_value": None, "class_reason": "目标是“达到全省平均水平”。"}
    assert plan_text_of(figure(targets=[dated, dated, undated, in_words])) == (
        "《某规划》2025年目标3.46%：已达到。《某规划》目标100%（原文“全覆盖”）：已达到。"
        "《某规划》2025年：目标是“达到全省平均水平”。"
    )


def test_what_tables_write_with_spaces_is_written_as_the_sentence_beside_it_and_r_is_explained_once() -> None:
    target = {
        "document_title": "某规划", "target_year": 2025, "target_value": Decimal("75"), "unit": "亿元",
        "comparator_as_written": "表列数值",
        "class_reason": "2022 年 1—10 月累计：62.3 亿元；R = 2.83，有望达标。若基期取 27.9 亿元，R = 2.26，结论相同。",
    }  # fmt: skip
    assert plan_text_of(figure(targets=[target])) == (
        "《某规划》2025年目标75亿元：2022年1—10月累计：62.3亿元；R（实际与应有之比）=2.83，有望达标。"
        "若基期取27.9亿元，R=2.26，结论相同。"
    )
    assert estimate_text_of(figure(estimate="1—10 月 50 亿元（R&D 经费 3 项，见 wanstat conflicts）。")) == (
        "1—10月50亿元（R&D经费3项，见wanstat conflicts）。"
    )


def test_what_to_beware_of_comes_from_the_catalogue() -> None:
    assert caution_of(figure(window_kind="month")) is None
    assert caution_of(figure()) == "是当年累计，不是全年数。"
    assert caution_of(figure(month="2022-12")) is None
    assert caution_of(figure(measure="ratio")) is None
    assert caution_of(figure(window_kind="month", conflicts=1)) == "各文件公布的数有1处矛盾，还没有裁定，见 wanstat conflicts。"
    broken = figure(
        window_kind="month", definition="买方在本市的；与输出额有重复，两者不能相加；按登记日期", latest_break="2021-01",
        other_definitions="另一种数",
    )  # fmt: skip
    assert caution_of(broken) == (
        "与输出额有重复，两者不能相加；2021年1月起口径有变，与此前的数不可比；另有口径“另一种数”，引用时须写明是哪一种。"
    )


def test_a_card_fills_every_column_that_may_not_be_empty() -> None:
    card = card_of(figure())
    assert [column.name for column in CARD_TABLE.columns if column.name not in card] == []
    assert [column.name for column in CARD_TABLE.columns if not column.nullable and card[column.name] is None] == []
    assert (card["source"], card["status_label"]) == ("技术合同登记月报，按登记号去重后相加", "正式")
