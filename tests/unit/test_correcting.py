"""The office's corrections: what a row of the file says, what it does to the landed rows, and how it fails."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from inprocess import TERMS, InProcess, quiet

from pipelines.collect.intake import collect, read_intake
from pipelines.findings import Finding
from pipelines.forms.model import load_forms
from pipelines.land import landing
from pipelines.land.corrections import COLUMNS, load_corrections
from pipelines.land.unapplied import count_corrections, land_unapplied
from pipelines.release.gate import GateContext, decide
from pipelines.settings import Settings

FORMS = load_forms()
CONTRACTS, EVENTS = FORMS["technical_contracts"], FORMS["popular_science_events"]
RELEASE = "2022-10"
FIRST, SECOND = "2022411302000001", "2022411302000002"
RULED = {
    "correction_id": "C1", "form": "技术合同登记月报", "reporting_unit": "宛城区", "month": "2022-10",
    "key": f"合同登记编号={FIRST}", "field": "合同成交额", "action": "override", "value": "12.5", "expect": "100",
    "reason": "与合同原件不符", "by": "张三", "on": "2022-11-14", "expires": "", "practice": "",
}  # fmt: skip


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path)


def send(settings, *amounts, month="2022-10", revision=1, practice=False):
    """A file of 宛城区 with one contract for each (turnover, technology value), numbered from 1 on."""
    lines = [",".join(each.label for each in CONTRACTS.fields)]
    for number, (contract_value, technology_value) in enumerate(amounts, start=1):
        known = f"2022411302{number:06d},示例,技术开发,电子信息,{month}-01,{month}-02,甲,411302,乙,411303"
        lines.append(f"{known},{contract_value},{technology_value}")
    folder, mark = (settings.practice, "_练习") if practice else (settings.submissions, "")
    path = folder / f"技术合同登记月报_411302_{month}_第{revision}次{mark}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")


def rule(settings, *rows, encoding="utf-8-sig"):
    """Write the file of corrections, each row as `RULED` with the given differences."""
    written = [",".join(COLUMNS), *(",".join((RULED | row)[name] for name in COLUMNS) for row in rows)]
    settings.rulings.mkdir(parents=True, exist_ok=True)
    (settings.rulings / "corrections.csv").write_text("\n".join(written) + "\n", encoding=encoding)


def land(settings, release=RELEASE):
    """The landing as a load of the month `release` leaves it; returns the months of contracts that were landed anew."""
    reader = InProcess()
    intake = collect(settings, reader, quiet)
    corrections = load_corrections(settings.rulings, TERMS, release, is_practice=intake.is_practice)
    landed = landing.land_form(settings, CONTRACTS, intake, reader, quiet, corrections.records)
    landing.land_inbox(settings, read_intake(settings))
    land_unapplied(settings, corrections, TERMS, release, is_practice=intake.is_practice)
    return landed.written


def values(settings, field="contract_value"):
    rows = pl.read_parquet(settings.landing / CONTRACTS.form / "*.parquet").sort("month", "contract_no")
    return [float(each) if isinstance(each, Decimal) else each for each in rows[field]]


def outcomes(settings):
    rows = pl.read_parquet(settings.landing / "corrections" / "*.parquet").rows(named=True)
    return {row["correction_id"]: row for row in rows}


def said(settings) -> list[Finding]:
    """Findings on the file of corrections."""
    rows = pl.read_parquet(settings.landing / "findings" / "corrections.parquet").rows(named=True)
    return [Finding.from_row(row) for row in rows]


def test_an_override_lands_the_corrected_value_with_the_received_one_beside_it(settings):
    send(settings, (100, 10), (200, 20))
    rule(settings, {})
    land(settings)
    assert values(settings) == [12.5, 200] and said(settings) == []
    told = outcomes(settings)["C1"]
    assert (told["received_value"], told["corrected_value"], told["state"]) == ("100", "12.5", "applied")
    assert (told["submission_id"], told["row_number"], told["field"]) == (
        "technical_contracts/411302/2022-10/r1", 2, "contract_value",
    )  # fmt: skip
    assert (told["corrected_by"], told["corrected_on"], told["reason"]) == ("张三", date(2022, 11, 14), "与合同原件不符")
    assert told["row_key"] == f"合同登记编号={FIRST}" and told["is_practice"] is False


@pytest.mark.parametrize(
    "words",
    [
        {"form": "technical_contracts", "reporting_unit": "411302", "key": f"contract_no={FIRST}", "field": "contract_value"},
        {"reporting_unit": "南阳市宛城区", "key": f"登记编号＝{FIRST}；", "month": "2022年10月", "on": "2022/11/14"},
        {"value": "125000元", "expect": "0.01亿元"},
        {"value": "１２．５", "expect": "100万元"},
    ],
)
def test_a_row_is_read_with_the_words_that_submissions_are_read_with(settings, words):
    send(settings, (100, 10))
    rule(settings, words, encoding="gb18030")
    land(settings)
    assert (values(settings), said(settings)) == ([12.5], [])


def test_a_code_goes_by_its_label_and_a_blank_by_a_dash(settings):
    send(settings, (100, 10))
    wanted = {"field": "合同类别", "value": "技术转让", "expect": "技术开发"}
    rule(settings, wanted)
    land(settings)
    assert values(settings, "contract_type") == ["transfer"]
    assert outcomes(settings)["C1"]["received_value"] == "development"


def test_a_key_of_several_columns_is_written_in_any_order(settings):
    settings.submissions.mkdir(parents=True)
    path = settings.submissions / "科普活动月报_411302_2022-10.csv"
    path.write_text("活动类别,活动方式,活动次数,参加人次\n科普讲座,线下,3,1200\n科普讲座,线上,4,90\n", encoding="utf-8")
    about = {"form": "科普活动月报", "key": "活动方式=线上;活动类别=lecture", "field": "参加人次", "value": "80", "expect": "90"}
    rule(settings, about)
    corrections = load_corrections(settings.rulings, TERMS, RELEASE, is_practice=False)
    reader = InProcess()
    landing.land_form(settings, EVENTS, collect(settings, reader, quiet), reader, quiet, corrections.records)
    rows = pl.read_parquet(settings.landing / EVENTS.form / "*.parquet").sort("row_number")
    assert rows["attendance"].to_list() == [1200, 80]


def test_scale_drop_and_flag(settings):
    send(settings, (123456.78, 10), (200, 20), (300, 30))
    rule(
        settings,
        {"action": "scale", "value": "0.0001", "expect": "123456.78"},
        {"correction_id": "C2", "action": "drop", "key": f"合同登记编号={SECOND}", "field": "", "value": "", "expect": ""},
        {"correction_id": "C3", "action": "flag", "key": "合同登记编号=2022411302000003", "value": "", "expect": ""},
    )
    land(settings)
    assert values(settings) == [12.345678, 300]
    told = outcomes(settings)
    assert {name: row["state"] for name, row in told.items()} == dict.fromkeys(("C1", "C2", "C3"), "applied")
    assert (told["C1"]["received_value"], told["C1"]["corrected_value"]) == ("123456.78", "12.345678")
    assert (told["C2"]["received_value"], told["C2"]["corrected_value"], told["C2"]["row_number"]) == (None, None, 3)
    [doubt] = landing.read_findings(settings).filter(pl.col("rule_id") == "value.doubted").rows(named=True)
    assert (doubt["severity"], doubt["state"], doubt["cell"], doubt["value"]) == ("warning", "open", "K4", "300")
    assert doubt["submission_id"] == "technical_contracts/411302/2022-10/r1" and "与合同原件不符" in doubt["message"]
    warnings = landing.read_findings(settings).filter(pl.col("severity") == "warning").height
    assert landing.read_submissions(settings)["warning_count"].to_list() == [warnings]
    assert count_corrections(settings, RELEASE) == {"applied": 3, "expired": 0, "failed": 0}


def test_a_guard_that_no_longer_holds_fails_loudly_and_the_received_value_counts(settings):
    send(settings, (100, 10))
    rule(settings, {})
    land(settings)
    send(settings, (12, 10), revision=2)
    assert land(settings) == ("2022-10",)
    assert values(settings) == [12]
    told = outcomes(settings)["C1"]
    assert (told["state"], told["received_value"], told["corrected_value"]) == ("guard_failed", "12", None)
    [finding] = said(settings)
    assert (finding.rule_id, finding.severity, finding.state) == ("rulings.guard_failed", "error", "open")
    assert (finding.file_name, finding.cell, finding.field) == ("rulings/corrections.csv", "I2", "expect")
    for word in ("C1", "宛城区", FIRST, "合同成交额", "张三", "100万元", "第 2 次", "12万元"):
        assert word in finding.message
    assert finding.advice and finding.month is None  # listed whatever month is asked about
    assert count_corrections(settings, RELEASE)["failed"] == 1


def test_a_revision_that_is_returned_leaves_the_correction_in_force(settings):
    send(settings, (100, 10))
    rule(settings, {})
    land(settings)
    send(settings, (12, 20), revision=2)  # more technology than turnover
    land(settings)
    assert values(settings) == [12.5] and said(settings) == []


def test_an_expired_correction_lets_the_received_value_count_again_with_a_warning(settings):
    send(settings, (100, 10))
    rule(settings, {"expires": "2022-10-31"})
    land(settings, "2022-10")
    assert values(settings) == [12.5]
    assert land(settings, "2022-11") == ("2022-10",)
    assert values(settings) == [100]
    [finding] = said(settings)
    assert (finding.rule_id, finding.severity, finding.cell) == ("rulings.expired", "warning", "M2")
    assert outcomes(settings)["C1"]["state"] == "expired"
    assert count_corrections(settings, "2022-11") == {"applied": 0, "expired": 1, "failed": 0}


def test_an_expired_correction_does_not_contradict_its_successor(settings):
    send(settings, (100, 10))
    rule(settings, {"expires": "2022-09"}, {"correction_id": "C2", "value": "13"})
    land(settings)
    assert values(settings) == [13]
    assert [finding.severity for finding in said(settings)] == ["warning"]


@pytest.mark.parametrize(
    "other",
    [
        {"value": "13"},
        {"action": "scale", "value": "0.1"},
        {"action": "drop", "field": "", "value": "", "expect": ""},
    ],
)
def test_two_that_contradict_each_other_are_both_left_out(settings, other):
    send(settings, (100, 10), (200, 20))
    elsewhere = {"correction_id": "C3", "key": f"合同登记编号={SECOND}", "value": "150", "expect": "200"}
    rule(settings, {}, {"correction_id": "C2"} | other, elsewhere)
    land(settings)
    assert values(settings) == [100, 150]
    assert [(finding.rule_id, finding.cell) for finding in said(settings)] == [
        ("rulings.contradiction", "A2"), ("rulings.contradiction", "A3"),
    ]  # fmt: skip
    assert set(outcomes(settings)) == {"C3"}


@pytest.mark.parametrize(
    ("wrong", "rule_id", "cell"),
    [
        ({"form": "技术合同年报"}, "form_unknown", "B2"),
        ({"reporting_unit": "宛东县"}, "unit_unknown", "C2"),
        ({"month": "Oct-22"}, "month_unreadable", "D2"),
        ({"key": f"项目名称={FIRST}"}, "key_unreadable", "E2"),
        ({"key": f"合同登记编号={FIRST}；项目名称=示例"}, "key_unreadable", "E2"),
        ({"key": "合同登记编号=2.02241E+15"}, "value_unreadable", "E2"),
        ({"field": "成交价"}, "field_unknown", "F2"),
        ({"field": ""}, "value_missing", "F2"),
        ({"action": "delete"}, "code_unknown", "G2"),
        ({"value": "十几"}, "value_unreadable", "H2"),
        ({"value": "5人次"}, "value_unreadable", "H2"),
        ({"value": ""}, "value_missing", "H2"),
        ({"action": "flag"}, "value_unused", "H2"),
        ({"action": "scale", "value": "0"}, "scale_zero", "H2"),
        ({"action": "scale", "value": "1/10"}, "number_unreadable", "H2"),
        ({"action": "scale", "field": "项目名称", "expect": "示例"}, "scale_no_number", "F2"),
        ({"field": "合同类别", "value": "技术买卖", "expect": "技术开发"}, "value_unreadable", "H2"),
        ({"expect": ""}, "value_missing", "I2"),
        ({"reason": ""}, "value_missing", "J2"),
        ({"by": ""}, "value_missing", "K2"),
        ({"on": "11月"}, "date_unreadable", "L2"),
        ({"expires": "年底"}, "month_unreadable", "M2"),
        ({"practice": "否"}, "code_unknown", "N2"),
    ],
)
def test_an_unclear_row_is_left_out_and_shown_where_it_stands_while_the_rest_goes_on(settings, wrong, rule_id, cell):
    rule(settings, wrong, {"correction_id": "C2", "key": f"合同登记编号={SECOND}", "value": "150", "expect": "200"})
    corrections = load_corrections(settings.rulings, TERMS, RELEASE, is_practice=False)
    assert [each.correction_id for each in corrections.records] == ["C2"]
    [finding] = corrections.sheet.findings
    assert (finding.rule_id, finding.cell, finding.severity) == (f"rulings.{rule_id}", cell, "error")
    assert finding.file_name == "rulings/corrections.csv" and cell in finding.message and finding.advice


def test_a_number_used_twice_is_an_error_of_the_later_row(settings):
    send(settings, (100, 10), (200, 20))
    rule(settings, {}, {"key": f"合同登记编号={SECOND}", "value": "150", "expect": "200"})
    land(settings)
    assert values(settings) == [12.5, 200]
    assert [(finding.rule_id, finding.cell) for finding in said(settings)] == [("rulings.duplicate_id", "A3")]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"key": "合同登记编号=2022411302000099"}, "没有这一行"),
        ({"reporting_unit": "卧龙区"}, "没有已接受的报送"),
        ({"month": "2022-09"}, "没有已接受的报送"),
    ],
)
def test_what_names_nothing_that_was_received_is_an_error(settings, about, words):
    send(settings, (100, 10))
    rule(settings, about)
    land(settings)
    [finding] = said(settings)
    assert (finding.rule_id, finding.cell, finding.severity) == ("rulings.unmatched", "E2", "error")
    assert words in finding.message and outcomes(settings)["C1"]["state"] == "unmatched"
    assert values(settings) == [100]


def test_of_months_after_the_release_nothing_is_said_yet(settings):
    send(settings, (100, 10), month="2022-09")
    rule(settings, {"month": "2022-10"})
    land(settings, "2022-09")
    assert said(settings) == []


@pytest.mark.parametrize(
    ("correction", "words"),
    [
        ({"value": "-3"}, "不小于 0"),
        ({"value": "5"}, "技术交易额"),  # below the technology value of 10
        ({"action": "scale", "value": "0.000000001"}, "小数"),
        ({"field": "登记编号", "value": "20224113", "expect": FIRST}, "登记编号"),
        ({"field": "登记编号", "value": SECOND, "expect": FIRST}, "相同"),
        ({"field": "合同成交额", "value": "-"}, ""),
    ],
)
def test_a_corrected_value_has_to_fit_the_form_too(settings, correction, words):
    send(settings, (100, 10), (200, 20))
    rule(settings, correction)
    land(settings)
    assert values(settings) == [100, 200] and values(settings, "contract_no") == [FIRST, SECOND]
    [finding] = said(settings)
    assert finding.severity == "error" and words in finding.message


def test_two_cells_corrected_together_are_judged_together(settings):
    send(settings, (100, 10))
    rule(settings, {"value": "5"}, {"correction_id": "C2", "field": "技术交易额", "value": "4", "expect": "10"})
    land(settings)
    assert (values(settings), values(settings, "technology_value"), said(settings)) == ([5], [4], [])


def test_a_correction_lands_its_own_month_anew_and_nothing_else(settings):
    send(settings, (100, 10))
    send(settings, (100, 10), month="2022-09")
    assert land(settings) == ("2022-09", "2022-10")
    rule(settings, {})
    assert land(settings) == ("2022-10",)
    rule(settings, {"correction_id": "C0", "month": "2022-08"}, {})  # moved down a row
    assert land(settings) == ()
    rule(settings)
    assert land(settings) == ("2022-10",)
    assert values(settings) == [100, 100] and outcomes(settings) == {}


def test_corrections_of_practice_and_of_real_data_leave_each_other_alone(settings):
    send(settings, (100, 10), practice=True)
    rule(settings, {}, {"correction_id": "P1", "practice": "是", "value": "30"})
    land(settings)
    assert values(settings) == [30] and set(outcomes(settings)) == {"P1"} and outcomes(settings)["P1"]["is_practice"]
    send(settings, (100, 10))
    land(settings)
    assert values(settings) == [12.5] and set(outcomes(settings)) == {"C1"} and said(settings) == []


def test_an_answer_to_a_flag_closes_it_until_the_value_changes(settings):
    send(settings, (100, 10))
    rule(settings, {"action": "flag", "value": "", "expect": ""})
    land(settings)
    [doubt] = landing.read_findings(settings).rows(named=True)
    key = Finding.from_row(doubt).answer_key
    assert Finding.from_row(doubt | {"value": "99"}).answer_key != key
    assert Finding.from_row(doubt).answered({key: "合同原件如此"}).state == "answered"


def test_a_workspace_without_the_folder_has_no_corrections_and_one_without_the_file_makes_no_release(settings):
    send(settings, (100, 10))
    land(settings)
    assert said(settings) == []
    settings.rulings.mkdir()  # the file may have been saved as corrections.xlsx
    land(settings)
    [finding] = said(settings)
    assert (finding.rule_id, finding.level) == ("rulings.file_unreadable", 0) and "raw/rulings" in finding.advice
    corrections = load_corrections(settings.rulings, TERMS, RELEASE, is_practice=False)
    assert corrections.could_not_be_read
    assert not decide([], GateContext(RELEASE, 1, are_corrections_known=False)).passed


def test_the_file_that_is_shipped_is_empty_and_right():
    corrections = load_corrections(Settings().rulings, TERMS, RELEASE, is_practice=True)
    assert (corrections.records, corrections.sheet.findings) == ((), [])
