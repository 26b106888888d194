"""The whole load of the practice month, as the clerk, the analyst and a BI tool see it."""

import json
import shutil
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import MONTH, content, query, wanstat

from pipelines.forms.model import load_forms
from pipelines.forms.reporting_units import load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import write_template
from pipelines.settings import CHECKOUT, Settings
from pipelines.validate.obligations import load_calendar

MARTS = {
    "dim_area", "dim_indicator", "dim_period", "dim_reporting_unit", *(f"fct_{form}" for form in load_forms()),
    "form_fields", "form_rules",
    "observations", "category_observations", "overlaps", "city_indicators", "county_indicators", "plan_progress", "plan_tasks",
    "submission_status", "findings", "corrections", "published_figures", "release",
    "lineage", "conflicts", "conflict_members", "conflict_explanations", "not_comparable", "rulings", "indicator_links",
    "indicator_growth", "full_year_estimates", "indicator_cards",
    "observation_vintages", "revisions", "revision_triangle", "revision_summary",
}  # fmt: skip


def test_the_load_says_what_became_of_every_file(loaded, planted):
    assert loaded.run.status == 1, loaded.run.err  # the practice month has faulty files
    told = loaded.run.json
    assert (told["release"], told["month"], told["is_practice"]) == ("2022-10-r1", MONTH, True)
    expected = planted["submissions"]
    assert told["submissions"] == {
        "accepted": expected["accepted"], "returned": expected["returned"],
        "locked": 0, "unidentified": expected["unidentified"], "unchanged": 0,
    }  # fmt: skip
    assert set(told["findings"]) == {"error", "warning", "info"} and told["conflicts"] >= 1
    assert set(told["seconds"]) == {"collect", "land", "build", "reconcile", "estimate", "check", "cards", "release"}


def test_every_planted_fault_is_found_where_it_was_planted(loaded, planted):
    found = query(loaded.home, "select file_name, sheet, cell, severity, message, advice from marts.findings")
    for fault in planted["planted"]:
        mine = [row for row in found if row[0] == f"practice/{fault['file']}"]
        assert mine, fault
        assert all(row[4] and row[5] for row in mine)
        found_cells = {row[2] for row in mine}
        planted_cells = {each["cell"] for each in fault["cells"]}
        if fault["fault"] == "wrong_cells":
            assert found_cells == planted_cells
        if fault["fault"] == "duplicate_keys":
            assert found_cells <= planted_cells and found_cells


def test_city_totals_are_those_the_generator_computed_on_its_own(loaded, planted):
    rows = query(
        loaded.home,
        "select indicator_id, period_id, window_kind, value from marts.observations"
        " where hierarchy = 'city' and value is not null",
    )
    computed = {(indicator, period, window): value for indicator, period, window, value in rows}
    compared = 0
    for indicator, months in planted["expected"].items():
        for month, windows in months.items():
            for window, value in windows.items():
                if (key := (indicator, month, window)) in computed:
                    assert computed[key] == Decimal(str(value)), key
                    compared += 1
    assert compared >= 100
    assert computed["tech_contract_turnover", MONTH, "ytd"] == Decimal("62.3")


def test_about_490_certificates_are_valid_at_the_end_of_the_year(loaded, planted):
    [(count,)] = query(
        loaded.home,
        "select count(distinct uscc) from marts.fct_high_tech_enterprises"
        " where issued_on <= date '2022-12-31' and valid_until >= date '2022-12-31' and revoked_on is null",
    )
    assert count == planted["valid_on"]["2022-12-31"] == 490


def test_all_marts_are_there_with_comments_and_keys(loaded):
    tables = dict(query(loaded.home, "select table_name, comment from duckdb_tables() where schema_name = 'marts'"))
    assert set(tables) >= MARTS
    assert [name for name, comment in tables.items() if not comment] == []
    uncommented = query(
        loaded.home, "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null"
    )
    assert uncommented == []
    keys = query(loaded.home, "select table_name from duckdb_constraints() where constraint_type = 'PRIMARY KEY'")
    assert {name for (name,) in keys} == set(tables)
    schemas = query(loaded.home, "select distinct schema_name from duckdb_tables()")
    assert schemas == [("marts",)]


def test_plan_progress_has_the_eleven_indicators_and_both_baselines(loaded):
    rows = query(
        loaded.home,
        "select plan_row, indicator_id, baseline_value, target_value, class, class_reason, verdict_depends_on,"
        " alternative_baseline_value from marts.plan_progress where plan_row is not null order by plan_row",
    )
    assert [row[0] for row in rows] == list(range(1, 12))
    assert all(row[3] is not None and row[4] and row[5] for row in rows)
    turnover = next(row for row in rows if row[1] == "tech_contract_turnover")
    assert {turnover[2], turnover[7]} == {Decimal("13"), Decimal("27.9")}
    assert "S4-011" in turnover[6] and "S4-044" in turnover[6]


def test_every_target_of_the_documents_has_a_verdict_with_its_reason(loaded):
    rows = query(
        loaded.home,
        "select target_id, class, class_reason, expected_year, expected_year_reason, undetermined_because"
        " from marts.plan_progress",
    )
    assert len(rows) == len({row[0] for row in rows}) == 57
    for _, verdict, reason, year, no_year, because in rows:
        assert reason.endswith("。") and (year is None) != (no_year is None)
        assert (because is not None) == (verdict == "undetermined")
    verdicts = {row[0]: row[1:3] for row in rows}
    assert verdicts["T17"][0] == "achieved" and "已超过目标 500 家" in verdicts["T17"][1]
    assert verdicts["T09"][0] == verdicts["T24"][0] == "on_track"  # from 13 and from 27.9
    assert "没有可以对照的数" in verdicts["T12"][1]


def test_the_full_year_is_estimated_beside_the_actual_figures_and_never_among_them(loaded):
    [(year, ytd, estimate, lower, upper, status, note)] = query(
        loaded.home,
        "select year, actual_ytd, estimate, lower, upper, obs_status, note from marts.full_year_estimates"
        " where indicator_id = 'tech_contract_turnover' and is_chosen",
    )
    assert (year, ytd, status) == (2022, Decimal("62.3"), "F")
    assert ytd < lower <= estimate <= upper and "1—10 月 62.3 亿元" in note and "平均相差" in note
    summed = "select indicator_id from marts.observations inner join marts.dim_indicator using (indicator_id)"
    flows = f"{summed} where hierarchy = 'city' and window_kind = 'ytd' and numerator_id is null"
    estimated = "select indicator_id from marts.full_year_estimates"
    assert query(loaded.home, f"{flows} except {estimated}") == query(loaded.home, f"{estimated} except ({flows})") == []
    among = "obs_status = 'F' or (indicator_id = 'tech_contract_turnover' and window_kind = 'year' and period_id = '2022')"
    assert query(loaded.home, f"select * from marts.observations where {among}") == []


def test_every_latest_figure_of_the_city_has_a_card_that_can_be_read_out(loaded):
    columns = "indicator_id, window_kind, text, units_to_ask, conflicts, caution"
    cards = query(loaded.home, f"select {columns} from marts.indicator_cards")
    latest = (
        "select indicator_id, window_kind from marts.observations where hierarchy = 'city' qualify left(period_id || '-12', 7)"
        " = max(left(period_id || '-12', 7)) over (partition by indicator_id)"
    )
    assert {card[:2] for card in cards} == set(query(loaded.home, latest)) and len(cards) > 100
    assert all(text.startswith("【练习数据】20") and text.endswith("。") for _, _, text, *_ in cards)
    (turnover,) = (card[2:] for card in cards if card[:2] == ("tech_contract_turnover", "ytd"))
    assert turnover[0].startswith("【练习数据】2022年1—10月，全市技术合同成交额62.30亿元（暂定数：还有4份报送有待说明）")
    # 13 against 27.9, and against the 2021 that the growth implies.
    assert "社旗县" in turnover[1] and turnover[2] == 2 and "不是全年数" in turnover[3]


def test_practice_is_marked_in_every_table_that_could_pass_for_real(loaded):
    for table in sorted(MARTS):
        columns = query(loaded.home, "select column_name from duckdb_columns() where table_name = ?", table)
        if ("is_practice",) in columns:
            assert query(loaded.home, f"select count(*) from marts.{table} where not is_practice") == [(0,)], table
    assert query(loaded.home, "select is_practice from marts.release") == [(True,)]
    manifest = json.loads((Settings(loaded.home).published / "releases" / "2022-10-r1" / "manifest.json").read_text())
    assert manifest["is_practice"] is True and manifest["missing"]


def test_the_parquet_beside_the_database_holds_the_same(loaded):
    folder = Settings(loaded.home).published / "releases" / "2022-10-r1" / "parquet"
    for table in sorted(MARTS):
        [(inside,)] = query(loaded.home, f"select count(*) from marts.{table}")
        [(beside,)] = query(loaded.home, f"select count(*) from read_parquet('{folder / table}.parquet')")
        assert inside == beside, table


def test_status_and_findings_and_conflicts_for_people_and_machines(loaded):
    status = wanstat(loaded.home, "status", MONTH, "--json")
    assert status.status == 1
    states = {(row["form"], row["reporting_unit_id"]): row["state"] for row in status.json["rows"]}
    assert states["popular_science_events", "411323"] == "returned"
    assert states["technical_contracts", "411321"] == "accepted"
    everything = status.json["rates"][-1]
    assert everything["owed"] == len(status.json["rows"]) and 0.9 < everything["completeness"] < 1
    shown = wanstat(loaded.home, "status", MONTH)
    assert "练习数据" in shown.out and "退回" in shown.out
    assert "A9" in wanstat(loaded.home, "findings", MONTH).out
    found = wanstat(loaded.home, "conflicts", "--json").json
    [conflict] = [
        each for each in found if (each["indicator_id"], each["kind"]) == ("tech_contract_turnover", "same_quantity")
    ]
    assert {"id", "severity", "kind", "state", "indicator_id", "summary", "members", "explanations"} <= set(conflict)
    assert conflict["explanations"][0]["hypothesis"] == "cumulative"
    told = wanstat(loaded.home, "conflicts", "--indicator", "技术合同成交额", "--open")
    assert told.status == 1 and "五" not in told.err and "27.9" in told.out and "解释1" in told.out
    bounds = {member["figure_id"]: (member["lower"], member["upper"], member["unit"]) for member in conflict["members"]}
    assert bounds == {"S4-011": (27.85, 27.95, "亿元"), "S4-044": (12.5, 13.5, "亿元")}
    assert all(member["locator"] and member["as_printed"] for member in conflict["members"])


def test_the_warehouse_and_the_calendar_agree_on_what_is_owed_and_by_when(loaded):
    calendar = load_calendar(Settings().seeds)
    rows = query(
        loaded.home,
        "select form, reporting_unit_id, month, is_owed, due_on, late_on, locked_on, exemption_reason"
        " from marts.submission_status",
    )
    assert len(rows) == 74 * 6 + 138 * 3 + 93  # monthly forms; with the quarterly ones; with those of the year, in October
    for form, unit, month, is_owed, *days, exemption in rows:
        dates = calendar.dates(form, unit, month)
        assert is_owed == calendar.owes(form, unit, month) and exemption == calendar.exemption(form, unit, month)
        assert days == ([None] * 3 if dates is None else [dates.due_on, dates.late_on, dates.locked_on])


@pytest.fixture(scope="module")
def troubled(loaded, tmp_path_factory) -> SimpleNamespace:
    """A load of a correction prepared in the new year, and of files that nobody can read."""
    home = shutil.copytree(loaded.home, tmp_path_factory.mktemp("troubled") / "home")
    sent = home / "raw" / "practice" / "新野县" / f"科普活动月报_411329_{MONTH}_练习_更正.xlsx"
    row = {"activity_type": "lecture", "channel": "offline", "event_count": 77, "attendance": 777}
    unit = load_reporting_units(Settings().seeds)["411329"]
    form = load_forms()["popular_science_events"]
    codes = load_code_lists(Settings().seeds)
    write_template(form, unit, MONTH, sent, rows=[row], is_practice=True, prepared_on=date(2023, 1, 5), codes=codes)
    inbox = home / "raw" / "practice" / "方城县"
    (inbox / "技术合同登记月报_411322_2022-10_练习_第3次.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (inbox / "不知何物_练习.bin").write_bytes(bytes(range(256)) * 40)
    (inbox / "空文件.xlsx").touch()
    return SimpleNamespace(home=home, run=wanstat(home, "load", MONTH, "--json"))


def test_bad_files_cost_only_themselves(troubled):
    home, run = troubled.home, troubled.run
    assert run.status == 1, run.err
    assert (run.json["submissions"]["returned"], run.json["submissions"]["unidentified"]) == (1, 1)
    found = dict(query(home, "select file_name, rule_id from marts.findings where file_name like '%方城县%'"))
    assert found["practice/方城县/技术合同登记月报_411322_2022-10_练习_第3次.xlsx"] == "file.unreadable"
    assert found["practice/方城县/不知何物_练习.bin"] == "file.unidentified"
    assert found["practice/方城县/空文件.xlsx"] == "file.empty"
    [(state,)] = query(
        home,
        "select state from marts.submission_status"
        " where form = 'technical_contracts' and reporting_unit_id = '411322' and month = ?",
        MONTH,
    )
    assert state == "accepted"  # the last accepted revision stays in force


def test_a_revision_after_the_lock_counts_only_once_the_month_is_reopened(troubled):
    """Kept and named, then let in with a reason that stays visible."""
    home, locked = troubled.home, troubled.run
    assert (locked.status, locked.json["submissions"]["locked"]) == (1, 1), locked.err
    [reason] = [file["reason"] for file in locked.json["files"] if file["state"] == "locked"]
    assert "2022-12-10 锁定" in reason
    counted = "select count(*) from marts.fct_popular_science_events where event_count = 77"
    state = (
        "select state, is_owed, reopened_reason from marts.submission_status"
        " where form = 'popular_science_events' and reporting_unit_id = '411329' and month = ?"
    )
    assert query(home, state, MONTH) == [("locked", True, None)] and query(home, counted) == [(0,)]

    without_month = wanstat(home, "load", "--reopen", "更正")
    assert (without_month.status, "要写明月份" in without_month.err) == (2, True)
    opened = wanstat(home, "load", MONTH, "--reopen", "县里更正漏报", "--json")
    assert opened.json["submissions"]["accepted"] == 1, opened.err
    [(now, _, reason)] = query(home, state, MONTH)
    assert now in ("accepted", "open") and reason == "县里更正漏报" and query(home, counted) == [(1,)]
    [record] = wanstat(home, "status", MONTH, "--json").json["reopened"]
    assert (record["month"], record["reason"]) == (MONTH, "县里更正漏报") and record["who"]


def test_a_second_load_with_nothing_new_makes_no_release(copied):
    again = wanstat(copied, "load", MONTH, "--json")
    assert again.status == 0, again.err
    assert (again.json["release"], again.json["is_new"]) == ("2022-10-r1", False)
    counts = again.json["submissions"]
    assert counts["unchanged"] > 500 and counts["accepted"] == counts["returned"] == counts["unidentified"] == 0
    assert [path.name for path in (Settings(copied).published / "releases").iterdir() if path.is_dir()] == ["2022-10-r1"]


def test_a_mistyped_month_publishes_nothing(copied):
    before = content(copied)
    run = wanstat(copied, "load", "2023-05", "--json")
    assert (run.status, run.json["release"]) == (1, None), run.err
    assert any("没有任何已接受的 2023-05 报送" in reason for reason in run.json["stopped_by"])
    assert content(copied) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("load", "2022-13"), "不是月份"), (("status",), "还没有发布"), (("load",), "还没有收到"), (("load", "2019-01"), "2022-01")],
)
def test_what_cannot_run_says_why_and_ends_with_2(tmp_path, arguments, said):
    (tmp_path / "raw").mkdir()
    run = wanstat(tmp_path, *arguments)
    assert run.status == 2
    assert said in run.err


def test_a_mistyped_home_is_said_and_nothing_is_made_there(tmp_path):
    run = wanstat(tmp_path / "nowhere", "load", MONTH)
    assert run.status == 2 and "raw" in run.err
    assert not (tmp_path / "nowhere").exists()


def test_the_two_ends_of_home_are_the_same(loaded):
    after = subprocess.run(
        [str(Path(sys.executable).with_name("wanstat")), "status", MONTH, "--home", str(loaded.home), "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(after.stdout) == wanstat(loaded.home, "status", MONTH, "--json").json


def test_the_checkout_names_the_city_in_data_files_only():
    naming = []
    for path in (CHECKOUT / "pipelines").rglob("*.py"):
        if "南阳" in path.read_text(encoding="utf-8") or "4113" in path.read_text(encoding="utf-8"):
            naming.append(path.relative_to(CHECKOUT).as_posix())
    assert naming == []
