"""Who owes what by when, what the lock keeps out, and that a reopening is remembered when all else is lost."""

import json
import re
import shutil
from datetime import date, datetime

import duckdb
import pytest
from inprocess import InProcess, quiet

from pipelines.collect.intake import OFFICE_TIME, Received, collect, read_intake
from pipelines.collect.terms import Identity
from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import write_template
from pipelines.land import landing
from pipelines.load import CannotLoad, Load
from pipelines.settings import CHECKOUT, Settings
from pipelines.validate.check import check_files
from pipelines.validate.obligations import Calendar, Dates, Exemption, Obligation, load_calendar
from pipelines.validate.reopenings import Reopening, read_reopenings, record_reopening

SEEDS = Settings().seeds
UNITS = load_reporting_units(SEEDS)
EVENTS = load_forms()["popular_science_events"]
MONTH = "2022-10"


def calendar(*obligations: Obligation, exemptions: tuple[Exemption, ...] = ()) -> Calendar:
    return Calendar(obligations, exemptions, UNITS)


def obligation(**more) -> Obligation:
    return Obligation(**{"form": "f", "unit_kind": "county", "frequency": "monthly", "due_day": 10} | more)


def received(sequence: int, unit: str, on: str | None) -> Received:
    """A practice file that says when it was prepared."""
    prepared_on = date.fromisoformat(on) if on else None
    identity = Identity("f", unit, MONTH, is_practice=True, prepared_on=prepared_on)
    return Received("0" * 64, sequence, "2026-01-01T00:00:00+08:00", 1, f"{sequence}.csv", identity)


def test_days_are_counted_from_the_end_of_the_month():
    owed = calendar(obligation(late_day=20, lock_day=40))
    assert owed.dates("f", "411302", "2022-11") == Dates(date(2022, 12, 10), date(2022, 12, 20), date(2023, 1, 9))
    assert owed.dates("f", "4113Z2", "2022-11") is None  # a zone, of which nobody asks it
    assert owed.dates("f", "999999", "2022-11") is None


def test_a_rule_that_changes_is_two_rows_with_their_dates():
    owed = calendar(obligation(valid_to="2022-11-30"), obligation(due_day=5, valid_from="2022-12-01"))
    assert owed.dates("f", "411302", "2022-11").due_on == date(2022, 12, 10)
    assert owed.dates("f", "411302", "2022-12").due_on == date(2023, 1, 5)


@pytest.mark.parametrize(("frequency", "months"), [("quarterly", [3, 6, 9, 12]), ("annual", [12]), ("monthly", range(1, 13))])
def test_a_form_is_owed_in_its_months_only(frequency, months):
    owed = calendar(obligation(frequency=frequency))
    assert [month for month in range(1, 13) if owed.owes("f", "411302", f"2022-{month:02d}")] == list(months)


def test_an_obligation_may_be_one_units_and_name_its_months():
    owed = calendar(obligation(unit_kind="department", reporting_unit_id="411300-TJJ", frequency="annual", due_months="2 10"))
    assert [month for month in range(1, 13) if owed.owes("f", "411300-TJJ", f"2022-{month:02d}")] == [2, 10]
    assert not owed.owes("f", "411300-KX", "2022-10") and not owed.owes("f", "411302", "2022-10")


@pytest.mark.parametrize(
    ("form", "months", "said"),
    [
        ("association_work", [3, 6, 9, 12], "“科协工作季报”是季报，只在 3、6、9、12 月报，没有 2022-10 的"),
        ("department_indicators", [10], "“部门指标年报”是年报，只在 10 月报，没有 2022-11 的"),
        ("popular_science_events", range(1, 13), None),
    ],
)
def test_a_form_can_be_reported_for_its_months_only(form, months, said):
    owed, of = load_calendar(SEEDS), load_forms()[form]
    wrong = {number: owed.out_of_turn(of, f"2022-{number:02d}") for number in range(1, 13)}
    assert [number for number, words in wrong.items() if words is None] == list(months)
    assert said is None or said in wrong.values()


def test_nobody_is_out_of_turn_before_his_obligation_or_let_off_or_unasked():
    form = EVENTS
    dated = obligation(form=form.form, frequency="quarterly", valid_from="2022-07-01")
    let_off = Exemption(form=form.form, reporting_unit_id="411302", reason="试行")
    owed = calendar(dated, exemptions=(let_off,))
    assert [owed.out_of_turn(form, month) is None for month in ("2022-03", "2022-04", "2022-09", "2022-10")] == [True, False] * 2
    assert calendar().out_of_turn(form, "2022-10") is None
    changed = calendar(obligation(form=form.form, frequency="quarterly", valid_to="2022-09-30"), dated.model_copy(
        update={"frequency": "monthly", "valid_from": date(2022, 10, 1)}
    ))  # fmt: skip
    assert [changed.out_of_turn(form, month) is None for month in ("2022-08", "2022-09", "2022-11")] == [False, True, True]


def test_what_is_sent_for_another_month_is_returned_unread(tmp_path):
    settings = Settings(tmp_path)
    form = load_forms()["association_work"]
    for month in ("2022-09", "2022-10"):
        row = {"work_item": "volunteer", "item_count": 3, "item_count_ytd": 9, "item_total": 90}
        path = settings.submissions / f"{form.title}_411302_{month}_练习.xlsx"
        write_template(form, UNITS["411302"], month, path, rows=[row], is_practice=True, codes=load_code_lists(SEEDS))
    reader = InProcess()
    landing.land_form(settings, form, collect(settings, reader, quiet), reader, quiet)
    states = dict(landing.read_submissions(settings).select("month", "state").iter_rows())
    assert states == {"2022-09": "accepted", "2022-10": "returned"}
    [finding] = [row for row in landing.read_findings(settings).rows(named=True) if row["severity"] == "error"]
    assert (finding["rule_id"], finding["level"], finding["month"]) == ("file.month", 0, "2022-10")
    [checked], _ = check_files([path], settings, InProcess(), quiet)
    assert (checked.state, [each.rule_id for each in checked.findings]) == ("returned", ["file.month"])


def test_a_unit_that_is_let_off_owes_nothing_for_so_long():
    let_off = Exemption(form="f", reporting_unit_id="411302", from_month="2022-10", to_month="2022-11", reason="试行")
    owed = calendar(obligation(), exemptions=(let_off,))
    assert [owed.owes("f", "411302", f"2022-{month:02d}") for month in (9, 10, 11, 12)] == [True, False, False, True]
    assert owed.exemption("f", "411302", "2022-10") == "试行" and owed.owes("f", "411303", "2022-10")


def test_the_lock_keeps_out_what_came_after_it():
    owed = calendar(obligation(lock_day=40))
    came = [received(1, "411302", "2022-12-10"), received(2, "411302", "2022-12-11"), received(3, "411303", None)]
    assert owed.locked("f", MONTH, came, []) == {2: date(2022, 12, 10)}
    assert calendar(obligation()).locked("f", MONTH, came, []) == {}


def test_a_month_of_which_nothing_had_come_by_its_lock_is_being_entered_afterwards():
    owed = calendar(obligation(lock_day=40))
    came = [received(1, "411302", "2026-01-01"), received(2, "411303", "2026-02-01"), received(3, "4113Z2", None)]
    assert owed.locked("f", MONTH, came, []) == {}


def test_a_reopened_month_takes_what_had_come_by_then_and_nothing_later():
    owed = calendar(obligation(lock_day=40))
    came = [received(1, "411302", None), received(2, "411302", "2022-12-11"), received(3, "411302", "2022-12-12")]
    opened = Reopening(MONTH, "更正", "office", "2023-01-01T00:00:00+08:00", 2, True)
    assert list(owed.locked("f", MONTH, came, [opened])) == [3]
    other = Reopening("2022-09", "更正", "office", "2023-01-01T00:00:00+08:00", 9, True)
    assert list(owed.locked("f", MONTH, came, [other])) == [2, 3]


def test_the_seeds_fit_and_ask_for_forms_that_there_are():
    owed, forms = load_calendar(SEEDS), load_forms()
    assert {each.form for each in owed.obligations} == set(forms)
    for each in owed.obligations:
        form = forms[each.form]
        assert each.frequency == form.frequency and each.unit_kind in form.submitters and each.due_day == form.due_day
        assert each.reporting_unit_id is None or UNITS[each.reporting_unit_id].unit_kind == each.unit_kind
    assert {each.reporting_unit_id for each in owed.exemptions} <= set(UNITS)


def test_the_sql_of_the_warehouse_and_the_calendar_agree(tmp_path):
    """The model as it is written, with dbt's few words put into DuckDB's."""
    sql = (CHECKOUT / "dbt_project/models/intermediate/int_obligations.sql").read_text(encoding="utf-8")
    sql = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", r"\1", sql)
    sql = re.sub(r"\{\{ dbt.dateadd\('day', '([\w.]+)', '([\w.]+)'\) \}\}", r"(\2 + to_days(cast(\1 as integer)))", sql)
    with duckdb.connect() as connection:
        dated = "types={'valid_from': 'date', 'valid_to': 'date'}"
        for seed, types in (("obligations", dated), ("reporting_units", dated), ("exemptions", "all_varchar=true")):
            connection.execute(f"create table {seed} as from read_csv('{SEEDS / seed}.csv', header=true, {types})")
        connection.execute(
            "create table int_months as select strftime(first_on, '%Y-%m') as month, first_on, last_day(first_on) as last_on,"
            " month(first_on) as month_of_year from (select cast(unnest(generate_series(date '2022-01-01', date '2024-12-01',"
            " interval 1 month)) as date) as first_on)"
        )
        rows = connection.execute(
            f"select form, reporting_unit_id, month, due_on, late_on, locked_on, exemption_reason from ({sql})"
        ).fetchall()
    owed = load_calendar(SEEDS)
    found = {(form, unit, month): (Dates(*days), reason) for form, unit, month, *days, reason in rows}
    assert len(found) == len(rows) > 0
    months = [f"{year}-{number:02d}" for year in (2022, 2023, 2024) for number in range(1, 13)]
    for form in load_forms():
        for unit in UNITS:
            for month in months:
                dates = owed.dates(form, unit, month)
                expected = None if dates is None else (dates, owed.exemption(form, unit, month))
                assert found.get((form, unit, month)) == expected, (form, unit, month)


def test_reopenings_are_kept_a_line_each_and_practice_apart(tmp_path):
    first = Reopening(MONTH, "更正", "office", "2023-01-01T00:00:00+08:00", 2, True)
    second = Reopening(MONTH, "又更正", "office", "2023-01-02T00:00:00+08:00", 3, False)
    assert read_reopenings(tmp_path, is_practice=True) == []
    record_reopening(tmp_path, first)
    record_reopening(tmp_path, second)
    assert read_reopenings(tmp_path, is_practice=True) == [first] and read_reopenings(tmp_path, is_practice=False) == [second]
    lines = (tmp_path / "reopened.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reason"] for line in lines] == ["更正", "又更正"]


def send(settings: Settings, number: int, count: int, on: date) -> None:
    """A practice workbook of 宛城区 as it was prepared on a day."""
    row = {"activity_type": "lecture", "channel": "offline", "event_count": count, "attendance": 100 * count}
    path = settings.submissions / f"科普活动月报_411302_{MONTH}_练习_第{number}次.xlsx"
    codes = load_code_lists(SEEDS)
    write_template(EVENTS, UNITS["411302"], MONTH, path, rows=[row], is_practice=True, prepared_on=on, codes=codes)


def land(settings: Settings) -> dict[int, tuple[str, str | None]]:
    reader = InProcess()
    landing.land_form(settings, EVENTS, collect(settings, reader, quiet), reader, quiet)
    landing.land_inbox(settings, read_intake(settings))
    rows = landing.read_submissions(settings).sort("revision").rows(named=True)
    return {row["revision"]: (row["state"], row["reason"]) for row in rows}


def counted(settings: Settings) -> list[int]:
    return landing.pl.read_parquet(settings.landing / EVENTS.form / f"{MONTH}.parquet")["event_count"].to_list()


def reopen(settings: Settings, reason: str) -> None:
    load = Load(settings, MONTH, quiet)
    load.reader = InProcess()
    load.reopen(reason)


def test_a_locked_revision_counts_once_the_month_is_reopened_and_for_good(tmp_path):
    settings = Settings(tmp_path)
    send(settings, 1, 3, date(2022, 11, 5))
    assert land(settings) == {1: ("accepted", None)}
    with pytest.raises(CannotLoad, match="不需要重新开放"):
        reopen(settings, "试一试")

    send(settings, 2, 4, date(2022, 12, 11))
    states = land(settings)
    assert states[1] == ("accepted", None) and states[2][0] == "locked"
    assert states[2][1] == (
        "2022-10 已于 2022-12-10 锁定，2022-12-11 才收到，不计入；确需计入的，请与统计员联系，说明原因后重新开放该月"
    )
    assert counted(settings) == [3]

    reopen(settings, "县里更正漏报")
    assert [state for state, _ in land(settings).values()] == ["superseded", "accepted"] and counted(settings) == [4]
    send(settings, 3, 5, date(2022, 12, 20))
    assert [state for state, _ in land(settings).values()] == ["superseded", "accepted", "locked"]

    [kept] = read_reopenings(settings.archive, is_practice=True)
    assert (kept.month, kept.reason, kept.up_to) == (MONTH, "县里更正漏报", 2) and kept.who
    assert datetime.fromisoformat(kept.at).utcoffset() == datetime.now(OFFICE_TIME).utcoffset()

    before = landing.read_submissions(settings).sort("revision").rows()
    for path in settings.var.iterdir():
        if path != settings.archive:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.rmtree(settings.raw)
    land(settings)
    assert landing.read_submissions(settings).sort("revision").rows() == before and counted(settings) == [4]


def test_a_faulty_or_empty_file_after_the_lock_is_locked_out_too(tmp_path):
    settings = Settings(tmp_path)
    send(settings, 1, 3, date(2022, 11, 5))
    send(settings, 2, -1, date(2022, 12, 11))
    assert [state for state, _ in land(settings).values()] == ["accepted", "locked"] and counted(settings) == [3]
