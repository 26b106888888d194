"""The verdict on submissions, and the landing that dbt reads."""

from datetime import date
from io import BytesIO

import duckdb
import polars as pl
import pytest
import xlsxwriter
from inprocess import TERMS, InProcess, quiet
from msoffcrypto.format.ooxml import OOXMLFile

from pipelines import parquet
from pipelines.collect.intake import collect, read_intake
from pipelines.findings import FINDING_COLUMNS
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import write_template
from pipelines.land import landing
from pipelines.settings import Settings

FORMS = load_forms()
EVENTS, CONTRACTS = FORMS["popular_science_events"], FORMS["technical_contracts"]
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)


HEADER = "活动类别,活动方式,活动次数,参加人次"
GOOD = "科普讲座,线下,3,1200"


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path)


def send(settings, unit, *rows, month="2022-10", number="", header=HEADER):
    path = settings.submissions / f"科普活动月报_{unit}_{month}{number}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")


def land(settings, form=EVENTS):
    reader = InProcess()
    landed = landing.land_form(settings, form, collect(settings, reader, quiet), reader, quiet)
    landing.land_inbox(settings, read_intake(settings))
    return landed


def rows_of(settings, form=EVENTS):
    return pl.read_parquet(settings.landing / form.form / "*.parquet")


def findings_of(settings):
    return landing.read_findings(settings).sort("cell", "message").rows(named=True)


def states(settings):
    rows = landing.read_submissions(settings).sort("reporting_unit_id", "revision").rows(named=True)
    return {(row["reporting_unit_id"], row["revision"]): row["state"] for row in rows}


def test_a_good_submission_is_landed_with_its_origin(settings):
    send(settings, "411302", GOOD)
    land(settings)
    [row] = rows_of(settings).rows(named=True)
    assert row["submission_id"] == "popular_science_events/411302/2022-10/r1"
    assert (row["activity_type"], row["channel"], row["event_count"], row["attendance"]) == ("lecture", "offline", 3, 1200)
    assert (row["sheet"], row["row_number"], row["is_practice"], len(row["file_sha256"])) == ("CSV", 2, False, 64)


@pytest.mark.parametrize(
    ("row", "rule", "cell"),
    [
        ("科普大讲堂,线下,3,1200", "value.code", "A2"),
        ("科普讲座,线下,若干场,1200", "cell.number", "C2"),
        ("科普讲座,线下,-3,1200", "value.range", "C2"),
        ("科普讲座,,3,1200", "value.required", "B2"),
        ("科普讲座,线下,3.5,1200", "cell.integer", "C2"),
    ],
)
def test_an_error_returns_the_submission_and_names_the_cell(settings, row, rule, cell):
    send(settings, "411302", row)
    send(settings, "411303", GOOD)
    land(settings)
    [finding] = findings_of(settings)
    assert (finding["rule_id"], finding["cell"], finding["severity"], finding["sheet"]) == (rule, cell, "error", "CSV")
    assert finding["message"] and finding["advice"] and cell in finding["message"]
    assert states(settings) == {("411302", 1): "returned", ("411303", 1): "accepted"}
    assert rows_of(settings)["reporting_unit_id"].to_list() == ["411303"]


def test_a_key_twice_is_one_finding_naming_both_rows(settings):
    send(settings, "411302", GOOD, "专题展览,线下,1,10", "科普讲座,线下,1,5")
    land(settings)
    [finding] = findings_of(settings)
    assert (finding["rule_id"], finding["cell"]) == ("rows.duplicate", "A4")
    assert "第 4 行与第 2 行" in finding["message"]


def test_the_same_key_in_two_counties_is_no_error_of_either(settings):
    send(settings, "411302", GOOD)
    send(settings, "411303", GOOD)
    land(settings)
    assert findings_of(settings) == []


def test_all_failures_of_a_row_are_reported_at_once(settings):
    send(settings, "411302", "大讲堂,空中,x,-1")
    land(settings)
    assert [finding["cell"] for finding in findings_of(settings)] == ["A2", "B2", "C2", "D2"]


def test_an_error_on_a_later_revision_leaves_the_earlier_one_in_force(settings):
    send(settings, "411302", GOOD)
    land(settings)
    send(settings, "411302", "大讲堂,线下,1,1", number="_第2次")
    land(settings)
    assert states(settings) == {("411302", 1): "accepted", ("411302", 2): "returned"}
    assert rows_of(settings)["event_count"].to_list() == [3]


def test_a_later_good_revision_supersedes(settings):
    send(settings, "411302", GOOD)
    send(settings, "411302", "科普讲座,线下,4,1300", number="_第2次")
    land(settings)
    assert states(settings) == {("411302", 1): "superseded", ("411302", 2): "accepted"}
    assert rows_of(settings)["event_count"].to_list() == [4]


def test_a_file_without_rows_does_not_take_the_place_of_one_with_rows(settings):
    send(settings, "411302", GOOD)
    send(settings, "411302", number="_第2次")
    send(settings, "411303")
    land(settings)
    assert states(settings) == {("411302", 1): "accepted", ("411302", 2): "returned", ("411303", 1): "accepted"}
    assert rows_of(settings)["event_count"].to_list() == [3]


def test_only_months_whose_inputs_changed_are_landed_again(settings):
    send(settings, "411302", GOOD, month="2022-09")
    send(settings, "411302", GOOD)
    assert land(settings).written == ("2022-09", "2022-10")
    assert land(settings).written == ()
    send(settings, "411303", GOOD)
    landed = land(settings)
    assert (landed.written, landed.unchanged) == (("2022-10",), ("2022-09",))


def test_landing_is_the_same_whether_or_not_it_was_interrupted(settings, monkeypatch):
    send(settings, "411302", GOOD, month="2022-09")
    send(settings, "411302", GOOD)
    whole = parquet.whole

    def dies_at(limit):
        calls = iter(range(1000))

        def dying(path):
            if next(calls) == limit:
                raise KeyboardInterrupt
            return whole(path)

        return dying

    land(settings)
    undisturbed = landing.landing_digest(settings)
    for limit in range(8):
        for path in sorted(settings.landing.rglob("*.parquet")):
            path.unlink()
        monkeypatch.setattr(parquet, "whole", dies_at(limit))
        with pytest.raises(KeyboardInterrupt):
            land(settings)
        monkeypatch.setattr(parquet, "whole", whole)
        land(settings)
        assert landing.landing_digest(settings) == undisturbed, limit


def test_a_damaged_landing_file_is_written_anew(settings):
    send(settings, "411302", GOOD)
    land(settings)
    (settings.landing / EVENTS.form / "2022-10.parquet").write_bytes(b"PAR1 damaged PAR1")
    assert land(settings).written == ("2022-10",)


def test_practice_leaves_the_landing_once_real_data_have_come(settings):
    path = settings.practice / "科普活动月报_411302_2022-09_练习.csv"
    path.parent.mkdir(parents=True)
    path.write_text(f"{HEADER}\n{GOOD}\n", encoding="utf-8")
    land(settings)
    assert rows_of(settings)["is_practice"].to_list() == [True]
    send(settings, "411303", GOOD)
    land(settings)
    assert rows_of(settings)["is_practice"].to_list() == [False]
    assert states(settings) == {("411303", 1): "accepted"}


def test_a_workbook_from_the_template_lands_every_value(settings):
    row = {
        "contract_no": "2022411302000001", "contract_name": "练习项目", "contract_type": "技术服务", "technology_field": "农业",
        "signed_on": date(2022, 10, 1), "registered_on": date(2022, 10, 9), "seller_name": "练习企业甲",
        "seller_division_code": "411302", "buyer_name": "练习企业乙", "buyer_division_code": "410100",
        "contract_value": 123.4567, "technology_value": 100,
    }  # fmt: skip
    settings.submissions.mkdir(parents=True)
    path = settings.submissions / "来自宛城的文件.xlsx"
    write_template(CONTRACTS, UNITS["411302"], "2022-10", path, rows=[row], codes=CODES)
    land(settings, CONTRACTS)
    [landed] = rows_of(settings, CONTRACTS).rows(named=True)
    codes = {"contract_type": "service", "technology_field": "agriculture"}
    assert {name: landed[name] for name in row} == {
        **row, **codes, "contract_value": pl.Series(["123.4567"]).cast(pl.Decimal(20, 6))[0], "technology_value": 100,
    }  # fmt: skip
    assert findings_of(settings) == []


def test_an_unreadable_file_of_a_known_unit_is_returned_and_one_of_nobody_is_unidentified(settings):
    settings.submissions.mkdir(parents=True)
    (settings.submissions / "科普活动月报_411302_2022-10.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (settings.submissions / "某文件.xlsx").write_bytes(b"PK\x03\x04 cut off too")
    send(settings, "411303", GOOD)
    land(settings)
    assert {(finding["rule_id"], finding["file_name"]) for finding in findings_of(settings)} == {
        ("file.unreadable", "submissions/科普活动月报_411302_2022-10.xlsx"),
        ("file.unidentified", "submissions/某文件.xlsx"),
    }
    assert sorted(landing.read_submissions(settings)["state"]) == ["accepted", "returned", "unidentified"]


def test_a_month_before_the_form_existed_is_returned(settings):
    send(settings, "411302", GOOD, month="2021-12")
    land(settings)
    assert [finding["rule_id"] for finding in findings_of(settings)] == ["file.no_version"]


@pytest.mark.parametrize(
    ("code", "rule", "said"),
    [("412921", "value.division_expired", "411321"), ("411399", "value.division_unknown", "不是现行"), ("110108", None, "")],
)
def test_a_division_code_is_valid_for_its_years(settings, code, rule, said):
    labels = [field.label for field in CONTRACTS.fields]
    row = ["2022411302000001", "示例", "技术开发", "电子信息", "2022-10-01", "2022-10-02", "甲", "411302", "乙", code, "1", "1"]
    settings.submissions.mkdir(parents=True)
    path = settings.submissions / "技术合同登记月报_411302_2022-10.csv"
    path.write_text("\n".join(map(",".join, (labels, row))), encoding="utf-8")
    land(settings, CONTRACTS)
    found = findings_of(settings)
    assert [(each["rule_id"], each["cell"], each["severity"]) for each in found] == ([(rule, "J2", "warning")] if rule else [])
    assert all(said in each["message"] for each in found) and states(settings) == {("411302", 1): "accepted"}


def test_what_is_known_of_every_value_is_landed_beside_it(settings):
    header = "活动类别,活动方式,活动次数,参加人次"
    send(settings, "411302", "科普讲座,线下,三,1200", "合计,,3,1200", header=f"单位：次\n{header}")
    land(settings)
    [passport] = pl.read_parquet(settings.landing / "passports" / "*.parquet").filter(pl.col("field") == "event_count").rows()
    assert passport[1:] == ("event_count", "C", "活动次数", "次", "表上方的单位说明", "1")
    [change] = pl.read_parquet(settings.landing / "conversions" / "*.parquet").rows(named=True)
    assert (change["field"], change["row_number"], change["written"]) == ("event_count", 3, "三") and change["conversion"]
    totals = pl.read_parquet(settings.landing / "totals" / "*.parquet").select("cell", "stated", "added", "holds")
    assert totals.rows() == [("C4", "3", "3", True), ("D4", "1200", "1200", True)]


def test_many_errors_of_one_kind_are_counted_not_listed(settings):
    send(settings, "411302", *(f"第{number}讲,线下,1,1" for number in range(500)))
    land(settings)
    found = findings_of(settings)
    assert len(found) == 201 and any("还有 300 处" in finding["message"] for finding in found)


def test_landing_types_are_the_same_for_polars_and_duckdb(settings):
    send(settings, "411302", GOOD)
    for form in FORMS.values():
        land(settings, form)
    with duckdb.connect() as connection:
        for form in FORMS.values():
            path = settings.landing / form.form / "_schema.parquet"
            described = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
            assert [column[0] for column in described] == list(landing_schema(form))
        path = settings.landing / "findings" / "_schema.parquet"
        described = connection.execute(f"describe select * from read_parquet('{path}')").fetchall()
        assert {column[0]: column[1] for column in described} == FINDING_COLUMNS


def test_a_hidden_sheet_and_a_default_password_are_mentioned(settings):
    rows = [HEADER.split(","), ["科普讲座", "线下", 3, 1200]]
    clear, sealed = BytesIO(), BytesIO()
    with xlsxwriter.Workbook(clear) as book:
        book.add_worksheet("去年").hide()
        sheet = book.add_worksheet("本月")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.activate()
        sheet.set_first_sheet()
    OOXMLFile(clear).encrypt("VelvetSweatshop", sealed)
    settings.submissions.mkdir(parents=True)
    (settings.submissions / "科普活动月报_411302_2022-10.xls").write_bytes(sealed.getvalue())
    land(settings)
    assert states(settings) == {("411302", 1): "accepted"}
    said = [finding["message"] for finding in findings_of(settings)]
    assert any("默认口令" in message for message in said) and any("去年" in message for message in said)


def test_a_unit_that_does_not_owe_the_form_is_asked_why_it_reports(settings):
    send(settings, "411300-KJJ", GOOD)
    land(settings)
    [finding] = findings_of(settings)
    assert (finding["rule_id"], finding["severity"], finding["state"]) == ("file.submitter", "warning", "open")
    assert states(settings) == {("411300-KJJ", 1): "accepted"}


@pytest.mark.parametrize(("row", "rules"), [("本月无", {"table.nil": "noted"}), (",,,", {"table.no_rows": "open"})])
def test_that_there_was_nothing_has_to_be_said(settings, row, rules):
    send(settings, "411302", row)
    land(settings)
    assert {finding["rule_id"]: finding["state"] for finding in findings_of(settings)} == rules


def test_a_file_nobody_could_identify_is_listed_until_it_is_taken_away(settings):
    path = settings.submissions / "通讯录.csv"
    path.parent.mkdir(parents=True)
    path.write_text("姓名,电话\n张三,1\n", encoding="utf-8")
    land(settings)
    assert [finding["rule_id"] for finding in findings_of(settings)] == ["file.unidentified"]
    path.unlink()
    land(settings)
    assert findings_of(settings) == []
    assert len(list(settings.archive.glob("??/*.json"))) == 1


def test_last_months_workbook_under_this_months_name_is_no_repetition(settings):
    for month in ("2022-09", "2022-10"):
        path = settings.submissions / f"科普活动月报_宛城区_{month}.xlsx"
        row = {"activity_type": "lecture", "channel": "offline", "event_count": 3, "attendance": 300}
        write_template(EVENTS, UNITS["411302"], "2022-09", path, rows=[row], codes=CODES)
    land(settings)
    [finding] = findings_of(settings)
    assert finding["rule_id"] == "file.unidentified" and finding["file_name"].endswith("2022-10.xlsx")
    assert "2022-09" in finding["message"] and "2022-10" in finding["message"] and "模板" in finding["advice"]
    assert states(settings)["411302", 1] == "accepted"


@pytest.mark.parametrize(
    ("period", "rule", "said"),
    [
        ((date(2022, 11, 1), None), "value.code_not_yet", "自 2022-11-01 起才有"),
        ((None, date(2022, 9, 30)), "value.code_expired", "已于 2022-09-30 停用"),
        ((date(2022, 10, 15), date(2022, 10, 20)), None, None),
    ],
)
def test_a_code_is_taken_in_the_months_of_its_validity(settings, monkeypatch, period, rule, said):
    monkeypatch.setitem(TERMS.code_periods, ("activity_type", "lecture"), period)
    send(settings, "411302", GOOD)
    land(settings)
    found = {finding["rule_id"]: finding for finding in findings_of(settings)}
    assert set(found) == ({rule} if rule else set())
    if rule:
        assert said in found[rule]["message"] and found[rule]["cell"] == "A2" and states(settings)["411302", 1] == "returned"
