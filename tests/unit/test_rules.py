"""The rules of the forms: each is SQL over its form, and is broken by what it is for and by nothing else."""

import re
from datetime import date

import polars as pl
import pytest

from pipelines.collect.problems import LISTED_A_RULE, Problems
from pipelines.forms.columns import landing_schema
from pipelines.forms.model import Form, load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.settings import CHECKOUT, Settings
from pipelines.validate.rules import Rules, unverified_finding
from pipelines.validate.titles import TITLES, title_of

FORMS = load_forms()
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)
RULES = [(form, rule) for form in FORMS.values() for rule in form.rules]


def rows_of(form: Form, *rows: dict, unit="411302", month="2022-10") -> pl.DataFrame:
    own = {"revision": 1, "file_sha256": "0" * 64, "sheet": "表", "is_practice": True}
    full = []
    for number, row in enumerate(rows, start=4):
        place = {"reporting_unit_id": unit, "month": month, "row_number": number} | own | row
        full.append({"submission_id": f"{form.form}/{place['reporting_unit_id']}/{place['month']}/r1"} | place)
    return pl.DataFrame(full, schema=landing_schema(form))


def rules_over(form: Form, frame: pl.DataFrame) -> Rules:
    places = {field.name: chr(65 + place) for place, field in enumerate(form.fields)}
    received = dict.fromkeys(frame["submission_id"], date(2022, 11, 8))
    return Rules(form, frame, UNITS, CODES, dict.fromkeys(frame["submission_id"], places), received)


@pytest.mark.parametrize(("form", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_every_rule_is_sql_over_its_form(form, rule):
    rules_over(form, rows_of(form)).compile(rule)


def test_rule_ids_are_unique_over_all_forms():
    ids = [rule.id for _, rule in RULES]
    assert len(ids) == len(set(ids))


def made_up(*rules: dict, frequency: str = "monthly") -> Form:
    """A form of a county's running total, with rules of its own."""
    numbers = (
        ("persons", "人数", "integer", "人", None),
        ("attendances", "人次", "integer", "人次", "month"),
        ("month_value", "本月数", "decimal", "万元", "month"),
        ("year_to_date", "累计数", "decimal", "万元", "ytd"),
    )
    item = {"name": "item", "label": "项目", "type": "text", "required": True, "definition": "项目"}
    keys = ("name", "label", "type", "unit", "flow")
    given = {"level": 1, "severity": "error", "title": "应如此", "message": "{cell} 不对", "advice": "请改"}
    return Form.model_validate(
        {
            "form": "made_up",
            "title": "练习报表",
            "owner": "市科技局",
            "submitters": ["county"],
            "frequency": frequency,
            "due_day": 10,
            "grain": ["item"],
            "rows": "counts",
            "versions": [{"id": "1", "from": "2022-01", "sheet": "表"}],
            "fields": [item, *(dict(zip(keys, each, strict=True)) | {"definition": each[1]} for each in numbers)],
            "rules": [given | rule for rule in rules],
        }
    )


def broken(form: Form, frame: pl.DataFrame, *levels: int):
    verdicts = rules_over(form, frame).judge(levels or (1, 2, 3))
    assert not verdicts.unverified
    return [each.problem for found in verdicts.broken.values() for each in found]


PERSONS = {"id": "XX01", "holds": "persons <= attendances", "at": ["persons", "attendances"]}


@pytest.mark.parametrize(
    ("missing", "found"), [("passes", []), ("fails", [("error", False)]), ("unverified", [("warning", True)])]
)
def test_a_missing_value_means_what_the_rule_says(missing, found):
    form = made_up(PERSONS | {"missing": missing})
    problems = broken(form, rows_of(form, {"item": "甲", "persons": 3}))
    assert [(each.severity, each.is_unverified) for each in problems] == found


def test_a_broken_rule_names_the_cell_what_stands_there_and_the_row():
    form = made_up(PERSONS | {"message": "{cell} 的人数 {persons} 多于 {at[attendances]} 的人次 {attendances}"})
    frame = rows_of(form, {"item": "甲", "persons": 3, "attendances": 9}, {"item": "乙", "persons": 8, "attendances": 5})
    [problem] = broken(form, frame)
    assert (problem.rule_id, problem.cell, problem.subject, problem.value) == ("XX01", "B5", "乙", "8 / 5")
    assert problem.message == "B5 的人数 8 多于 C5 的人次 5"


def test_a_running_total_is_held_against_the_month_before():
    form = made_up(
        {
            "id": "XX02", "level": 2, "severity": "warning", "explain": True, "at": ["year_to_date"],
            "holds": "month[6:] = '01' or year_to_date >= prev.year_to_date",
            "message": "{cell} 的累计数 {year_to_date} 小于 {last_month} 的 {prev[year_to_date]}，推出的当月数是 {implied}",
            "show": {"implied": "year_to_date - prev.year_to_date"},
        },
        {
            "id": "XX03", "level": 2, "severity": "warning", "at": ["year_to_date", "month_value"],
            "holds": "year_to_date = month_value + case when month[6:] = '01' then 0 else prev.year_to_date end",
        },
    )  # fmt: skip
    first = rows_of(form, {"item": "甲", "month_value": 4, "year_to_date": 10}, month="2022-09")
    second = rows_of(form, {"item": "甲", "month_value": 3, "year_to_date": 7.5}, month="2022-10")
    [falls, differs] = broken(form, pl.concat([first, second]))
    assert falls.message == "E4 的累计数 7.5 小于 2022-09 的 10，推出的当月数是 -2.5" and falls.must_explain
    assert differs.rule_id == "XX03" and differs.cell == "E4"
    # A year begins anew, and a unit without a month before has nothing to be held against.
    december = rows_of(form, {"item": "甲", "month_value": 10, "year_to_date": 10}, month="2022-12")
    january = rows_of(form, {"item": "甲", "month_value": 1, "year_to_date": 1}, month="2023-01")
    assert broken(form, pl.concat([december, january])) == []


@pytest.mark.parametrize(
    ("frequency", "last", "now"),
    [("monthly", "2022-07", "2022-10"), ("quarterly", "2022-03", "2022-09"), ("annual", "2020-10", "2022-10")],
)
def test_what_came_before_is_the_last_submission_however_long_ago(frequency, last, now):
    """Not the month before: a unit may have missed one, and a quarter has three."""
    same = {"id": "XX10", "level": 2, "severity": "warning", "at": ["persons"], "holds": "persons = prev.persons"}
    gone = {"id": "XX11", "level": 2, "severity": "warning", "each": "previous_row", "holds": "now.item is not null"}
    told = {"message": "{last_month} 的 {item}"}
    form = made_up(same | told, gone | told, frequency=frequency)
    frames = [
        rows_of(form, {"item": "甲", "persons": 1}, {"item": "丙", "persons": 1}, month="2019-10"),
        rows_of(form, {"item": "甲", "persons": 2}, {"item": "乙", "persons": 2}, month=last),
        rows_of(form, {"item": "甲", "persons": 3}, month=now),
    ]
    messages = [problem.message for problem in broken(form, pl.concat(frames))]
    assert messages == ["2019-10 的 甲", "2019-10 的 丙", f"{last} 的 甲", f"{last} 的 乙"]


@pytest.mark.parametrize(("frequency", "months"), [("monthly", 1), ("quarterly", 3), ("annual", 12)])
def test_history_goes_back_twelve_periods(frequency, months):
    rule = {"id": "XX12", "level": 2, "severity": "warning", "each": "submission", "measure": "sum(persons)"}
    shown = {"holds": "len(history) < 12", "message": "{periods}", "show": {"periods": "history"}}
    form = made_up(rule | shown, frequency=frequency)
    numbers = [2022 * 12 + 8 - months * back for back in range(15)]
    dated = [(f"{number // 12}-{number % 12 + 1:02d}", back) for back, number in enumerate(numbers)]
    frame = pl.concat([rows_of(form, {"item": "甲", "persons": back}, month=month) for month, back in dated])
    *_, now = [problem.message for problem in broken(form, frame)]
    assert now == "、".join(str(back) for back in range(12, 0, -1))


def test_the_department_that_answers_for_an_indicator_is_that_of_the_catalogue():
    assert asked("responsible_unit('scientific_literacy_rate')") == "市科协"
    assert asked("responsible_unit('no_such_indicator')") is None
    assert all(asked(f"responsible_unit('{code}')") for code in CODES["department_indicator"].values())


def test_a_rule_holds_from_its_first_to_its_last_month():
    form = made_up(PERSONS | {"since": "2022-05", "until": "2022-09"})
    frames = [rows_of(form, {"item": "甲", "persons": 9, "attendances": 1}, month=f"2022-{month:02d}") for month in (4, 5, 9, 10)]
    assert [len(broken(form, frame)) for frame in frames] == [0, 1, 1, 0]


def test_of_many_rows_that_break_a_rule_the_first_are_listed_and_all_are_counted():
    form = made_up(PERSONS)
    wrong = [{"item": f"项目{number}", "persons": 9, "attendances": 1} for number in range(1_000)]
    [broken] = rules_over(form, rows_of(form, *wrong)).judge((1,)).broken.values()
    problems = Problems()
    for each in broken:
        each.add_to(problems)
    *listed, rest = problems.all()
    assert len(listed) == LISTED_A_RULE and "800" in rest.message


def test_a_rule_that_cannot_be_done_is_no_pass():
    form = made_up({"id": "XX04", "holds": "cast(item as integer) > 0", "at": ["item"]})
    verdicts = rules_over(form, rows_of(form, {"item": "甲"})).judge((1,))
    [unverified] = verdicts.unverified
    finding = unverified_finding(form, unverified, "2022-10")
    assert finding.is_unverified and finding.state == "unverified" and "未能核验" in finding.message


@pytest.mark.parametrize("sql", ["(select count(*) from read_csv('/etc/passwd')) > 0", "getenv('HOME') is not null"])
def test_a_rule_reaches_no_file_and_no_environment(sql):
    form = made_up({"id": "XX05", "holds": sql, "at": ["item"]})
    assert rules_over(form, rows_of(form, {"item": "甲"})).judge((1,)).unverified


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"id": "XX06", "level": 2, "holds": "true", "at": ["item"]}, "can only warn"),
        ({"id": "XX07", "explain": True, "holds": "true", "at": ["item"]}, "only a warning is explained"),
        ({"id": "XX08", "holds": "true", "at": ["nothing"]}, "marks no field"),
        ({"id": "XX09", "holds": "true"}, "names no field to mark"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_form(rule, said):
    with pytest.raises(ValueError, match=said):
        made_up(rule)


def asked(sql: str):
    rules = rules_over(FORMS["technical_contracts"], rows_of(FORMS["technical_contracts"]))
    return rules.connection.execute(f"select {sql}").fetchone()[0]


# The first three are domain.md's test vectors, the fourth is wrong in its last place.
@pytest.mark.parametrize(
    ("code", "is_valid"),
    [
        ("91350100M000100Y43", True),
        ("11320000MB151840XJ", True),
        ("91110000802100433B", True),
        ("91350100M000100Y4Z", False),
        ("91350100M000100Y4", False),
    ],
)
def test_the_check_character_of_a_credit_code(code, is_valid):
    assert asked(f"uscc_is_valid('{code}')") is is_valid


def test_outliers_are_measured_against_the_median_and_never_from_too_few_months():
    assert asked("robust_z(100, [])") is None
    # Ninety times as much as in the one month there is: 0.6745 × ln 90 / 0.5 = 6.07.
    assert asked("robust_z(8999, [99])") == pytest.approx(6.07, abs=0.01)
    assert asked("robust_z(100, [90, 100, 110, 95, 105, 100])") < 0.1
    # By hand: spread counts as a tenth, ln(1000 / 100) = 2.30 and 0.6745 × 2.30 / 0.1 = 15.5.
    assert asked("robust_z(999, [99, 99, 99, 99, 99, 99])") == pytest.approx(15.53, abs=0.01)
    assert asked("poisson_z(0, [4, 4, 4, 4, 4, 4])") == pytest.approx(2 * (4.375**0.5 - 0.375**0.5), abs=1e-9)
    assert [asked(f"unit_slip({value}, [10, 12, 11])") for value in (120_000, 110, 0.012, 9)] == [10_000, None, 1_000, None]


def test_every_check_has_a_title_in_chinese_and_no_title_is_left_over():
    kinds = "cell|column|file|row|rows|table|value"
    code = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "pipelines").rglob("*.py") if path.stem != "titles")
    assert set(re.findall(rf'"((?:{kinds})\.[a-z_]+)"', code)) == set(TITLES)
    assert title_of("TC01") == "技术交易额不大于合同成交额"
