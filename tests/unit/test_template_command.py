"""`wanstat template`: a month's workbooks, sent out, filled in as people do, sent back and taken without a word."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest
from inprocess import InProcess, quiet
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.collect.intake import collect, read_intake
from pipelines.forms.columns import landing_schema
from pipelines.forms.identity import GUIDE_SHEET, METADATA_SHEET
from pipelines.forms.model import Form, load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.template import FIRST_INPUT_ROW, HEADER_ROW, column_title, render_template
from pipelines.land import landing
from pipelines.land.carried import carried_rows, rows_where
from pipelines.practice.city import uscc
from pipelines.practice.generate import generate
from pipelines.settings import Settings
from pipelines.templates import unit_named
from pipelines.validate.obligations import load_calendar

FORMS = load_forms()
CONTRACTS, ROSTER, EVENTS = (FORMS[name] for name in ("technical_contracts", "high_tech_enterprises", "popular_science_events"))
UNIT = load_reporting_units(Settings().seeds)["411302"]
MONTH = "2022-11"
MONTHLY = 4 * 18 + 2  # four forms of counties and zones, 市科协's events and 市科技局's loans; the others are not due


def template(home: Path, *arguments: str):
    return CliRunner().invoke(app, ["template", *arguments, "--home", str(home)])


def written(home: Path, *arguments: str) -> list[dict]:
    run = template(home, *arguments, "--json")
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def land(settings: Settings) -> None:
    reader = InProcess()
    intake = collect(settings, reader, quiet)
    for form in FORMS.values():
        landing.land_form(settings, form, intake, reader, quiet)
    landing.land_inbox(settings, read_intake(settings))


def type_in(path: Path, form: Form, rows: list[dict[str, object]]) -> None:
    """Type rows below what stands in a workbook, and save it as Excel would; labels, not codes."""
    book = openpyxl.load_workbook(path)
    sheet = book[form.versions[0].sheet]
    titles = [cell.value for cell in sheet[HEADER_ROW]]
    assert titles == [column_title(field) for field in form.fields]
    first = FIRST_INPUT_ROW
    while sheet.cell(first, 1).value is not None:
        first += 1
    for place, row in enumerate(rows):
        for column, field in enumerate(form.fields, start=1):
            cell = sheet.cell(first + place, column)
            assert not cell.protection.locked
            cell.value = row.get(field.name)
    book.save(path)


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Settings:
    """A practice city with two months landed."""
    settings = Settings(tmp_path_factory.mktemp("office"))
    owes = load_calendar(settings.seeds).owes
    generate(settings.practice, owes=owes, months=["2022-09", "2022-10"], seed=7, rows=0.05, faulty=False)
    land(settings)
    return settings


def test_a_months_set_filled_in_by_hand_is_taken_without_a_word(office):
    sent = written(office.home, "--all", "--month", MONTH)
    assert len(sent) == MONTHLY and len({Path(each["path"]).parent for each in sent}) == 20
    for place, each in enumerate(sent):
        path, form = Path(each["path"]), FORMS[each["form"]]
        type_in(path, form, ROWS[each["form"]](place))
        inbox = office.submissions / path.parent.name / path.name
        inbox.parent.mkdir(parents=True, exist_ok=True)
        path.rename(inbox)
    land(office)
    submissions = landing.read_submissions(office).filter(pl.col("month") == MONTH)
    assert submissions.height == MONTHLY and set(submissions["state"]) == {"accepted"}
    findings = landing.read_findings(office).filter(pl.col("month") == MONTH, pl.col("severity") != "info")
    assert findings.select("rule_id", "reporting_unit_id", "cell", "message").rows() == []
    roster = pl.read_parquet(office.landing / ROSTER.form / f"{MONTH}.parquet")
    carried = sum(each["carried"] for each in sent if each["form"] == ROSTER.form)
    assert carried > 200 and roster.height == carried
    again = written(office.home, "--unit", "宛城", "--month", "2022-12")
    assert {each["form"]: each["carried_from"] for each in again}[ROSTER.form] == MONTH


def contracts(place: int) -> list[dict[str, object]]:
    common = {
        "contract_type": "技术开发", "technology_field": "电子信息", "signed_on": date(2022, 11, 1),
        "registered_on": date(2022, 11, 15), "seller_division_code": "411302", "buyer_division_code": "411303",
        "contract_value": 1205.5, "technology_value": 100,
    }  # fmt: skip
    return [
        common | {"contract_no": f"2022413399{place:04d}{number:02d}", "contract_name": f"合成项目{place}之{number}",
                  "seller_name": f"合成卖方{place}", "buyer_name": f"合成买方{number}"}
        for number in range(3)
    ]  # fmt: skip


def events(place: int) -> list[dict[str, object]]:
    return [{"activity_type": "科普讲座", "channel": "线下", "event_count": 5, "attendance": 400 + place}]


def enterprises(place: int) -> list[dict[str, object]]:
    code = uscc("91411302", f"HC{place:02d}0001")
    about = {"uscc": code, "enterprise_name": f"合成企业{place}", "publicised_year": "2022", "publicised_on": date(2022, 11, 9)}
    return [about]


def loans(place: int) -> list[dict[str, object]]:
    return [
        {
            "loan_no": f"KJD-2022-{place}", "loan_product": "省科技贷", "enterprise_name": "合成借款", "division_code": "411302",
            "uscc": uscc("91411302", "HC990001"), "bank_name": "合成银行", "granted_on": date(2022, 11, 9),
            "matures_on": date(2023, 11, 9), "loan_amount": 300,
        }
    ]  # fmt: skip


ROWS = {
    CONTRACTS.form: contracts,
    EVENTS.form: events,
    ROSTER.form: lambda place: [],
    "tech_smes": enterprises,
    "sci_tech_loans": loans,
}


def test_what_is_still_valid_stands_in_the_workbook_with_its_number_locked(office):
    before = pl.read_parquet(office.landing / ROSTER.form / "2022-10.parquet").filter(pl.col("reporting_unit_id") == "411303")
    [sent] = written(office.home, ROSTER.title, "--unit", "卧龙", "--month", MONTH)
    valid = before.filter(pl.col("valid_until") >= date(2022, 11, 1), pl.col("revoked_on").is_null()).sort("row_number")
    assert (sent["carried"], sent["carried_from"]) == (valid.height, "2022-10") and valid.height > 0
    book = openpyxl.load_workbook(sent["path"])
    sheet = book[ROSTER.versions[0].sheet]
    rows = sheet.iter_rows(min_row=FIRST_INPUT_ROW, max_row=FIRST_INPUT_ROW + valid.height, max_col=len(ROSTER.fields))
    *filled, blank = list(rows)
    assert [cells[0].value for cells in filled] == valid["certificate_no"].to_list()
    assert {cells[3].value for cells in filled} <= set(InProcess().terms.code_lists["high_tech_field"])  # labels, not codes
    assert all(cells[0].protection.locked and not cells[1].protection.locked for cells in filled)
    assert blank[0].value is None and not blank[0].protection.locked
    guide = [str(row[0].value) for row in book[GUIDE_SHEET].iter_rows(max_row=6)]
    assert any(f"已带入 2022-10 报送的 {valid.height} 行" in line and "证书编号" in line for line in guide)
    assert dict(row[:2] for row in book[METADATA_SHEET].values)["is_practice"] == "1" and "练习" in sent["path"]


def test_practice_never_stands_in_a_real_workbook(office):
    [sent] = written(office.home, ROSTER.form, "--unit", "411303", "--month", MONTH, "--real")
    assert sent["carried"] == 0 and "练习" not in sent["path"]
    book = openpyxl.load_workbook(sent["path"])
    assert dict(row[:2] for row in book[METADATA_SHEET].values)["is_practice"] == "0"


def test_before_the_first_load_workbooks_are_blank_and_real(tmp_path):
    (tmp_path / "raw").mkdir()
    out = tmp_path / "发出"
    sent = written(tmp_path, "--unit", "宛城区", "--month", MONTH, "--out", str(out))
    assert {each["form"] for each in sent} == {CONTRACTS.form, ROSTER.form, EVENTS.form, "tech_smes"}
    assert {each["carried"] for each in sent} == {0}
    assert all(Path(each["path"]).parent == out / "宛城区" and Path(each["path"]).exists() for each in sent)
    marked = written(tmp_path, EVENTS.title, "--unit", "宛城区", "--month", MONTH, "--practice")
    assert "练习" in marked[0]["path"]
    shown = template(tmp_path, "--all", "--month", MONTH)
    assert shown.exit_code == 0 and f"已写 {MONTHLY} 个 2022-11 的填报模板（正式模板）" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["甲表", "--unit", "宛城区", "--month", MONTH], "没有名为“甲表”的报表；有：科协工作季报"),
        (["--unit", "某某县", "--month", MONTH], "没有名为“某某县”的填报单位；有：宛城区、"),
        (["科协工作季报", "--unit", "宛城区", "--month", MONTH], "“科协工作季报”是季报，只在 3、6、9、12 月报，没有 2022-11 的"),
        (["科普活动月报", "--month", "2021-12"], "“科普活动月报”自 2022-01 起报送，没有 2021-12 的模板"),
        (["--unit", "市统计局", "--month", MONTH], "市统计局 2022-11 不用报任何报表"),
        (["--all", "--month", "2021-12"], "各单位 2021-12 不用报任何报表"),
        (["--all", "--month", "2022年11月"], "不是月份"),
        (["--all"], "请写明月份"),
        (["--month", MONTH], "只写 --all"),
        (["科普活动月报", "--all", "--month", MONTH], "只写 --all"),
    ],
)
def test_what_cannot_be_written_is_said_in_chinese(tmp_path, arguments, said):
    (tmp_path / "raw").mkdir()
    run = template(tmp_path, *arguments)
    assert run.exit_code == 2 and said in run.stderr and not (tmp_path / "var" / "templates").exists()


def test_a_unit_answers_to_what_a_load_understands():
    assert unit_named("高新区", MONTH, Settings()).reporting_unit_id == "411371"
    assert unit_named("411300-KX", MONTH, Settings()).reporting_unit_name == "市科协"


@pytest.mark.parametrize("form", [form for form in FORMS.values() if form.prefill], ids=lambda form: form.form)
def test_every_prefill_is_sql_over_its_form(form):
    assert rows_where(pl.DataFrame(schema=landing_schema(form)), str(form.prefill), MONTH) == []


MADE_UP = Form.model_validate({
    "form": "made_up", "title": "合成累计表", "owner": "市科技局", "submitters": ["county"], "frequency": "monthly",
    "due_day": 10, "grain": ["item_no"], "rows": "entries", "prefill": "not is_closed = '是'",
    "versions": [{"id": "1", "from": "2022-01", "sheet": "合成"}],
    "fields": [
        {"name": "item_no", "label": "编号", "type": "text", "required": True, "definition": "编号"},
        {"name": "is_closed", "label": "是否结束", "type": "text", "definition": "是否结束"},
        {"name": "spent", "label": "本年累计支出", "type": "decimal", "unit": "万元", "flow": "ytd", "definition": "本年累计"},
        {"name": "staff", "label": "人数", "type": "integer", "flow": "month", "definition": "当月人数"},
    ],
})  # fmt: skip


def landed(settings: Settings, form: Form, month: str, rows: list[dict], state: str = "accepted") -> pl.DataFrame:
    """A month of 宛城区 in the landing, and its line among the submissions."""
    about = {"reporting_unit_id": "411302", "month": month}
    path = settings.landing / form.form / f"{month}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    numbered = [about | {"row_number": number} | row for number, row in enumerate(rows, start=4)]
    pl.DataFrame(numbered, schema=landing_schema(form)).write_parquet(path)
    return pl.DataFrame([about | {"form": form.form, "state": state}], schema=landing.SUBMISSION_SCHEMA)


def test_what_is_counted_from_january_stands_beside_its_cell_until_the_year_is_over(tmp_path):
    settings = Settings(tmp_path)
    rows = [
        {"item_no": "甲", "is_closed": "否", "spent": Decimal("12.50"), "staff": 3},
        {"item_no": "乙", "is_closed": "是", "spent": Decimal(1), "staff": 3},
        {"item_no": "丙", "is_closed": "否", "spent": None, "staff": 3},
        {"item_no": "丁", "is_closed": None, "spent": Decimal(1), "staff": 3},  # whether it is closed cannot be told
    ]
    submissions = landed(settings, MADE_UP, "2022-10", rows)
    carried, told = carried_rows(settings, MADE_UP, "411302", MONTH, submissions)
    assert carried == [{"item_no": "甲", "is_closed": "否"}, {"item_no": "丙", "is_closed": "否"}]
    assert told.month == "2022-10" and told.notes == [{"spent": "2022-10 年初累计：12.5 万元"}, {}]
    content = render_template(MADE_UP, UNIT, MONTH, rows=carried, codes={}, carried=told)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["合成"]
    assert sheet["C4"].value is None and sheet["C4"].comment.text == "2022-10 年初累计：12.5 万元" and sheet["C5"].comment is None

    next_year, told = carried_rows(settings, MADE_UP, "411302", "2023-01", submissions)
    assert len(next_year) == 2 and told.notes == [{}, {}]


def test_only_the_last_month_in_force_is_carried_over(tmp_path):
    settings = Settings(tmp_path)
    row = {"item_no": "甲", "is_closed": "否"}
    months = [
        landed(settings, MADE_UP, "2022-08", [row]),
        landed(settings, MADE_UP, "2022-09", []),  # accepted, and without a row
        landed(settings, MADE_UP, "2022-10", [row], state="returned"),
        landed(settings, MADE_UP, "2022-12", [row]),
    ]
    carried, told = carried_rows(settings, MADE_UP, "411302", MONTH, pl.concat(months))
    assert carried == [] and told.month == "2022-09"
    assert carried_rows(settings, MADE_UP, "411303", MONTH, pl.concat(months)) == ([], None)
    assert carried_rows(settings, CONTRACTS, "411302", MONTH, pl.concat(months)) == ([], None)


def test_any_number_of_rows_fits(tmp_path):
    settings = Settings(tmp_path)
    rows = [{"item_no": f"{number:05d}", "is_closed": "否"} for number in range(5000)]
    carried, told = carried_rows(settings, MADE_UP, "411302", MONTH, landed(settings, MADE_UP, "2022-10", rows))
    content = render_template(MADE_UP, UNIT, MONTH, rows=carried, codes={}, carried=told)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["合成"]
    last = FIRST_INPUT_ROW + 4999
    assert (sheet.cell(last, 1).value, sheet.cell(last + 1, 1).value) == ("04999", None)
    assert not sheet.cell(last + 1, 1).protection.locked
    assert all(f"A{last + 1000}" in rule.sqref for rule in sheet.data_validations.dataValidation if "A4" in rule.sqref)


def test_a_condition_reads_nothing_but_its_rows(tmp_path):
    secret = tmp_path / "x.csv"
    secret.write_text("a\n1\n")
    frame = pl.DataFrame(schema=landing_schema(MADE_UP))
    with pytest.raises(duckdb.Error):
        rows_where(frame, f"exists (select * from read_csv('{secret}'))", MONTH)
