"""What a clerk is told who asks for what there is not: `wanstat trace` by argument, `findings` before the first release."""

import json
from typing import ClassVar

import duckdb
import polars as pl
import pytest
from inprocess import TERMS
from typer.testing import CliRunner

from pipelines.asked import CannotRun, area_named, month_of
from pipelines.cli import app
from pipelines.findings import Finding
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import load_forms
from pipelines.land import landing
from pipelines.settings import Settings
from pipelines.trace import Asked, _why_none
from pipelines.validate.checks import Checks

AMOUNT, COUNT = "技术合同成交额", "高新技术企业数"


@pytest.fixture(scope="module")
def marts():
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(
            f"create table marts.dim_indicator as from (values ('amount', '{AMOUNT}'), ('count', '{COUNT}'), ('none', '无数'))"
            " as t(indicator_id, indicator_label)"
        )
        connection.execute(
            "create table marts.dim_area as from (values ('411300', '南阳市'), ('411302', '宛城区'), ('411303', '卧龙区'))"
            " as t(area_id, area_name)"
        )
        connection.execute(
            "create table marts.observations as from (values"
            " ('amount', 'city', '411300', '2022-10', 'month'), ('amount', 'city', '411300', '2022-10', 'ytd'),"
            " ('amount', 'statutory', '411302', '2022-09', 'month'), ('count', 'city', '411300', '2022-10', 'point'))"
            " as t(indicator_id, hierarchy, area_id, period_id, window_kind)"
        )
        yield connection


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("成交额", None, "2022-10", None), f"没有名为“成交额”的指标；是不是：{AMOUNT}"),
        (("合同成交金额", None, "2022-10", None), f"没有名为“合同成交金额”的指标；是不是：{AMOUNT}"),
        (("专利", None, "2022-10", None), f"没有名为“专利”的指标；有观测值的指标：{AMOUNT}、{COUNT}"),
        (("无数", None, "2022-10", None), f"指标“无数”没有观测值；有观测值的指标：{AMOUNT}、{COUNT}"),
        ((AMOUNT, "南都县", "2022-10", None), f"没有名为“南都县”的地区；有“{AMOUNT}”的地区：南阳市、宛城区"),
        ((AMOUNT, "411303", "2022-10", None), f"“{AMOUNT}”没有卧龙区的观测值；有“{AMOUNT}”的地区：南阳市、宛城区"),
        ((AMOUNT, None, "2022-10", "point"), f"“{AMOUNT}”没有“point”这种时段；有的时段：month 当月、ytd 年初至当月累计"),
        (("count", None, "2022-10", "month"), "“count”没有“month”这种时段；有的时段：point 期末"),
        ((AMOUNT, "宛城区", "2022-10", None), f"“{AMOUNT}”没有 2022-10 的观测值；有的月份：2022-09"),
        (
            (AMOUNT, "宛城区", "2022-09", None, "zone"),
            f"“{AMOUNT}”没有“zone”这种层级体系的观测值；有的层级体系：statutory 县（市、区），含功能区",
        ),
    ],
)
def test_the_wrong_argument_is_named_with_the_choices(marts, arguments, said):
    assert _why_none(marts, Asked(*arguments)) == said


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("高新区", "411371"), ("宛城", "411302"), ("宛城区", "411302"), ("南阳市宛城区", "411302"), ("职教园区", "4113Z2"),
        ("411302", "411302"), ("411300", "411300"), (None, None), ("全市", None), ("南阳市", None), ("南都县", "南都县"),
        ("市科技局", "市科技局"),
    ],
)  # fmt: skip
def test_an_area_answers_to_the_names_that_a_load_accepts(name, area):
    assert area_named(name, "2022-10", Settings()) == area


@pytest.mark.parametrize("written", ["2022年10月", "202210", "2022-13"])
def test_a_period_that_is_no_month_is_shown_how_to_write_it(written):
    with pytest.raises(CannotRun, match="请写成 2022-10"):
        month_of(written, Settings())


def findings(home, *arguments):
    return CliRunner().invoke(app, ["findings", *arguments, "--json", "--home", str(home)])


def test_findings_before_the_first_release_are_those_that_were_landed(tmp_path):
    settings = Settings(tmp_path)
    settings.submissions.mkdir(parents=True)
    empty = findings(tmp_path)
    assert empty.exit_code == 2 and "还没有装载过" in empty.stderr

    about = {"form": "popular_science_events", "reporting_unit_id": "411302"}
    landing.land_findings(
        settings,
        "x",
        [
            Finding(rule_id="r", level=1, severity="warning", message="提醒", month="2022-10", revision=2, **about),
            Finding(rule_id="r", level=1, severity="error", message="已改正", month="2022-10", revision=1, **about),
            Finding(rule_id="r", level=1, severity="error", message="上月", month="2022-09", revision=1, **about),
            Finding(rule_id="r", level=0, severity="error", message="认不出", file_name="报表.csv"),
        ],
    )
    accepted = about | {"month": "2022-10", "state": "accepted", "revision": 2}
    path = settings.landing / "submissions" / "x.parquet"
    path.parent.mkdir(parents=True)
    pl.DataFrame([accepted], schema=landing.SUBMISSION_SCHEMA).write_parquet(path)

    def messages(*arguments):
        return [row["message"] for row in json.loads(findings(tmp_path, *arguments).stdout)]

    assert messages() == messages("2022-10") == ["认不出", "提醒"]
    assert messages("2022-09") == ["认不出", "上月"] and findings(tmp_path).exit_code == 1


@pytest.mark.parametrize(
    ("form", "advice"),
    [
        ("popular_science_events", "如确有几条，请合并成一行，各数相加；重复的，删去一行"),
        ("technical_contracts", "请删去重复的一行，或改正其合同登记编号"),
    ],
)
def test_rows_of_sums_are_to_be_added_up_and_not_deleted(form, advice):
    spec = load_forms()[form]
    row = {name: "1" for name in spec.by_name if spec.by_name[name].type in ("text", "code")}
    frame = pl.DataFrame([row | {"submission_id": "s", "row_number": number} for number in (2, 3)], schema=landing_schema(spec))

    class Table:
        letters = dict.fromkeys(spec.grain, "A")
        unconverted: ClassVar = {(number, name) for number in (2, 3) for name in spec.by_name}

    [problem] = Checks(spec, "2022-10", frame, {"s": Table()}, TERMS).structure()["s"]
    assert problem.advice == advice
