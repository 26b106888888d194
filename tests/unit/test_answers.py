"""What a sender says in a receipt that comes back: found, put to its finding, landed."""

from __future__ import annotations

import polars as pl
import pytest
from inprocess import InProcess, quiet
from writers import Grid, ods, xls, xlsx

from pipelines.collect.answers import LONGEST_ANSWER, answers_of
from pipelines.collect.containers import Container, Sheet, open_container
from pipelines.collect.identify import identify
from pipelines.collect.intake import Received, collect
from pipelines.collect.signals import signals_of
from pipelines.collect.table import read_table
from pipelines.findings import Finding
from pipelines.forms.identity import ANSWER_COLUMN, KEY_COLUMN, NOTHING_TO_ANSWER, RECEIPT_SHEET
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.land import landing
from pipelines.settings import Settings
from pipelines.validate.answers import take_answers
from pipelines.validate.submissions import Submission

FORMS = load_forms()
EVENTS = FORMS["popular_science_events"]
UNITS = load_reporting_units(Settings().seeds)
CODES = load_code_lists(Settings().seeds)
KEY, OTHER = "0123456789abcdef", "fedcba9876543210"
HEADER = [field.label for field in EVENTS.fields]
TABLE = Grid("科普活动", [HEADER, ["科普讲座", "线下", 3, 1200]])
# A front sheet that says the name of another county and month, and holds the labels of the form.
FRONT = Grid(
    RECEIPT_SHEET,
    [
        ["填报单位：卧龙区　　月份：2022年1月", None, None, None],
        HEADER,
        ["序号", "问题", ANSWER_COLUMN, KEY_COLUMN],
        ["1", "比上月多", " 承办了科技活动周 ", KEY],
        ["2", "缺", NOTHING_TO_ANSWER, OTHER],
        ["3", "缺", None, "1111111111111111"],
        ["4", "缺", "写在别处的", "第四条"],
    ],
)
NAME = "submissions/科普活动月报_411302_2022-10.xlsx"


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_answers_are_read_from_the_front_sheet_and_the_table_from_its_own(write):
    container = open_container(write([FRONT, TABLE]))
    assert answers_of(container) == {KEY: "承办了科技活动周"}
    identity = identify(signals_of(container, FORMS, UNITS), NAME, FORMS, UNITS)
    assert (identity.problem, identity.reporting_unit_id, identity.month) == (None, "411302", "2022-10")
    table = read_table(container, EVENTS, "2022-10", CODES)
    assert (table.sheet, table.problems, table.row_numbers) == ("科普活动", [], [2])


def test_columns_are_found_by_title_and_a_number_is_an_answer_too():
    rows = [["x"], [KEY_COLUMN, "新列", ANSWER_COLUMN], [KEY, None, 12.0], [OTHER, None, "长" * 9_000], [KEY]]
    assert answers_of(Container("xlsx", [Sheet(RECEIPT_SHEET, rows)])) == {KEY: "12", OTHER: "长" * LONGEST_ANSWER}


@pytest.mark.parametrize(
    "sheets",
    [[], [Sheet("说明", [[KEY_COLUMN, ANSWER_COLUMN], [KEY, "x"]])], [Sheet(RECEIPT_SHEET, [[KEY, "x"]])]],
)
def test_a_workbook_without_a_receipt_answers_nothing(sheets):
    assert answers_of(Container("xlsx", sheets)) == {}


def submission(revision, *values, unit="411302", **answers):
    identity = identify(None, f"submissions/科普活动月报_{unit}_2022-10_第{revision}次.csv", FORMS, UNITS)
    received = Received("", revision, "2022-11-01T00:00:00", 1, "f", identity)
    findings = [warning(value, unit) for value in values]
    return Submission(f"r{revision}", received, revision, findings=findings, answers=answers)


def warning(value, unit="411302", must_explain=True):
    where = {"form": EVENTS.form, "reporting_unit_id": unit, "month": "2022-10", "field": "attendance", "subject": "科普讲座"}
    return Finding(rule_id="PS07", level=2, severity="warning", message="多", value=value, must_explain=must_explain, **where)


def explained(submissions):
    take_answers(submissions)
    return [[finding.explanation for finding in each.findings] for each in submissions]


def test_an_answer_closes_the_finding_in_its_own_and_in_later_revisions_until_the_value_changes():
    key = warning("1200").answer_key
    revisions = [submission(1, "1200"), submission(2, "1200", **{key: "活动周"}), submission(3, "1200"), submission(4, "9999")]
    assert explained(revisions) == [[None], ["活动周"], ["活动周"], [None]]
    assert [each.findings[0].state for each in revisions] == ["open", "answered", "answered", "open"]


def test_the_last_answer_counts_and_one_of_another_unit_never():
    key = warning("1200").answer_key
    mine = [submission(1, "1200", **{key: "甲"}), submission(2, "1200", **{key: "乙"})]
    theirs = submission(3, "1200", unit="411303", **{key: "丙"})
    assert explained([*mine, theirs]) == [["甲"], ["乙"], [None]]


def test_what_needs_no_explanation_gets_none():
    finding = warning("1200", must_explain=False)
    asked = submission(1, **{finding.answer_key: "其实"})
    asked.findings = [finding]
    assert explained([asked]) == [[None]]


def test_answers_are_landed_and_kept_even_where_nothing_asks_for_them(tmp_path):
    settings = Settings(tmp_path)
    settings.submissions.mkdir(parents=True)
    assert landing.read_answers(settings) == {}
    for number, said in (("", "先这样说"), ("_第2次", "后来这样说")):
        front = Grid(RECEIPT_SHEET, [[ANSWER_COLUMN, KEY_COLUMN], [said, KEY], ["另一条" + number, OTHER]])
        (settings.submissions / f"科普活动月报_411302_2022-10{number}.xlsx").write_bytes(xlsx([TABLE, front]))
    reader = InProcess()
    landing.land_form(settings, EVENTS, collect(settings, reader, quiet), reader, quiet)
    [first, *_] = pl.read_parquet(settings.landing / "answers" / "*.parquet").rows(named=True)
    assert first == {
        "submission_id": "popular_science_events/411302/2022-10/r1", "form": EVENTS.form, "reporting_unit_id": "411302",
        "month": "2022-10", "answer_key": KEY, "explanation": "先这样说", "is_practice": False,
    }  # fmt: skip
    assert landing.read_answers(settings) == {KEY: "后来这样说", OTHER: "另一条_第2次"}
