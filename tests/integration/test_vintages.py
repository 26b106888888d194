"""What was released stays: a figure as of the day before it was corrected, who corrected it, and what came late."""

import shutil
import subprocess
import sys
import time
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from conftest import MONTH, content, query, wanstat

from pipelines.load import Load
from pipelines.settings import Settings

TURNOVER = "tech_contract_turnover"
REVISED = "2022-09"  # the month of which 宛城区 sends another revision
MORE = Decimal("0.1")  # 亿元 by which it is higher
OBSERVED = (
    "indicator_id, hierarchy, area_id, period_id, window_kind, value, value_low, value_high, unit, obs_status, is_practice"
)


READER = """
import pathlib, sys, time, duckdb
path, stop, anew = sys.argv[1], sys.argv[2], sys.argv[3] == "anew"
kept = None if anew else duckdb.connect(path, read_only=True)
seen, count = set(), 0
while not pathlib.Path(stop).exists():
    con = duckdb.connect(path, read_only=True) if anew else kept
    [release] = con.execute("select release_id from marts.release").fetchone()
    [tables] = con.execute("select count(*) from duckdb_tables() where schema_name = 'marts'").fetchone()
    rows = con.execute("select count(*) from marts.observations").fetchone()[0]
    assert tables >= 18 and rows > 0, (tables, rows)
    seen.add(release); count += 1
    if anew: con.close()
    time.sleep(0.02)
print(count, *sorted(seen))
"""


@pytest.fixture(scope="module")
def revised(loaded, tmp_path_factory) -> SimpleNamespace:
    """A county's changed file of an earlier month after the first release, then one that was missing after the second."""
    home = shutil.copytree(loaded.home, tmp_path_factory.mktemp("revised") / "home")
    sent = home / "raw" / "practice" / "宛城区" / f"技术合同登记月报_411302_{REVISED}_练习.csv"
    text = sent.read_bytes().decode("gb18030")
    assert text.count(",350.12,227.73") == 1
    again = sent.with_name(f"技术合同登记月报_411302_{REVISED}_练习_第2次.csv")
    again.write_bytes(text.replace(",350.12,227.73", ",1350.12,227.73").encode("gb18030"))
    second = wanstat(home, "load", MONTH, "--json")
    unchanged = wanstat(home, "load", MONTH, "--json")

    events = home / "raw" / "practice" / "新野县" / "科普活动月报_411329_2022-09_练习.csv"
    shutil.copy(events, events.with_name(f"科普活动月报_411329_{MONTH}_练习_第2次.csv"))
    before = content(home)
    # Meanwhile one process keeps the published file open and another opens it anew each time.
    stop = home / "stop"
    database = str(Settings(home).published / "wanstat.duckdb")
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, database, str(stop), how], stdout=subprocess.PIPE, text=True)
        for how in ("kept", "anew")
    ]
    time.sleep(1)
    third = wanstat(home, "load", MONTH, "--json")
    time.sleep(1)
    stop.touch()
    told = [process.communicate(timeout=60)[0].split() for process in readers]
    ended = [process.returncode for process in readers]
    return SimpleNamespace(home=home, second=second, unchanged=unchanged, before=before, third=third, readers=told, ended=ended)


def of_release(home: Path, release_id: str, sql: str) -> list[tuple]:
    database = Settings(home).published / "releases" / release_id / "wanstat.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def known_from(home: Path, release_id: str) -> datetime:
    archive = Settings(home).archive / "releases" / "releases" / f"{release_id}.parquet"
    [(moment,)] = duckdb.sql(f"select known_from from '{archive}'").fetchall()
    return moment


def test_each_change_makes_a_release_and_nothing_new_makes_none(revised):
    assert revised.second.json["release"] == "2022-10-r2", revised.second.err
    assert (revised.unchanged.json["release"], revised.unchanged.json["is_new"]) == ("2022-10-r2", False)
    assert revised.third.json["release"] == "2022-10-r3", revised.third.err


def test_a_corrected_workbook_makes_the_next_release_and_names_only_itself(revised):
    run, before, after = revised.third, revised.before, content(revised.home)
    assert run.status == 0, run.err
    assert run.json["submissions"]["accepted"] == 1
    changed = {name for name in after if after[name] != before[name]}
    assert "submission_status" in changed and "fct_popular_science_events" in changed
    assert "fct_technical_contracts" not in changed and "published_figures" not in changed


def test_readers_never_see_an_error_or_a_half(revised):
    assert revised.ended == [0, 0]
    kept, anew = revised.readers
    assert kept[1:] == ["2022-10-r2"]  # a connection opened before keeps its snapshot
    assert anew[1:] == ["2022-10-r2", "2022-10-r3"]
    assert int(kept[0]) > 50 and int(anew[0]) > 50


@pytest.mark.parametrize("release_id", ["2022-10-r1", "2022-10-r2", "2022-10-r3"])
def test_as_of_any_release_the_vintages_are_what_it_said(revised, release_id):
    as_of = f"select {OBSERVED} from marts.observation_vintages where known_from <= $1 and (known_to is null or known_to > $1)"
    moment = known_from(revised.home, release_id)
    told = query(revised.home, f"{as_of} order by all", moment)
    assert told == of_release(revised.home, release_id, f"select {OBSERVED} from marts.observations order by all")
    assert len(told) > 2000


def test_the_first_figure_is_still_there_and_the_revision_names_the_county(revised):
    vintages = query(
        revised.home,
        "select area_id, vintage, release_id, known_from, known_to, value from marts.observation_vintages"
        " where indicator_id = ? and period_id = ? and window_kind = 'month'"
        " and (hierarchy = 'city' or hierarchy = 'reported' and area_id = '411302') order by all",
        TURNOVER,
        REVISED,
    )
    first, second = known_from(revised.home, "2022-10-r1"), known_from(revised.home, "2022-10-r2")
    assert [row[:5] for row in vintages] == [
        (area, *each)
        for area in ("411300", "411302")
        for each in ((1, "2022-10-r1", first, second), (2, "2022-10-r2", second, None))
    ]
    assert [row[5] for row in vintages] == [
        Decimal("7.1"), Decimal("7.1") + MORE, Decimal("0.301917"), Decimal("0.301917") + MORE
    ]  # fmt: skip

    revisions = query(
        revised.home,
        "select area_id, period_id, window_kind, previous_release_id, difference, reason_code, sender_ids, sender_names,"
        " is_method_changed from marts.revisions where release_id = '2022-10-r2' and difference <> 0 and indicator_id = ?",
        TURNOVER,
    )
    expected = {(REVISED, "month"), (REVISED, "ytd"), (MONTH, "ytd")}
    assert {row[:3] for row in revisions} == {(area, *each) for area in ("411300", "411302") for each in expected}
    assert {row[3:] for row in revisions} == {("2022-10-r1", MORE, "R1", "411302", "宛城区", False)}
    others = query(revised.home, "select distinct indicator_id from marts.revisions where release_id = '2022-10-r2'")
    assert set(others) == {(TURNOVER,), ("average_contract_value",), ("tech_contract_absorbed",)}


def test_what_was_missing_and_came_in_is_a_routine_revision(revised):
    revisions = query(
        revised.home,
        "select hierarchy, window_kind, previous_status, obs_status, previous_value, value, reason_code, sender_names"
        " from marts.revisions where release_id = '2022-10-r3' and indicator_id = 'science_popularisation_events' order by all",
    )
    by_key = {row[:2]: row[2:] for row in revisions}
    hierarchies = ("city", "reported", "statistical", "statutory")
    assert by_key.keys() == {(hierarchy, window) for hierarchy in hierarchies for window in ("month", "ytd")}
    assert {row[4:] for row in by_key.values()} == {("R2", "新野县")}
    status, now, before, value = by_key["reported", "month"][:4]
    assert (status, before) == ("M", None) and now in ("A", "P") and value > 0
    city = by_key["city", "month"]
    assert city[3] - city[2] == value
    reasons = query(revised.home, "select distinct reason_code from marts.revisions where release_id = '2022-10-r3'")
    assert reasons == [("R2",)]


def test_the_triangle_has_the_estimates_in_their_order(revised):
    rows = query(
        revised.home,
        "select estimate, release_id, value, revision_to_first, first_value, latest_value from marts.revision_triangle"
        " where indicator_id = ? and area_id = '411300' and period_id = ? and window_kind = 'ytd' order by estimate",
        TURNOVER,
        MONTH,
    )
    first = Decimal("62.3")
    assert rows == [
        (1, "2022-10-r1", first, 0, first, first + MORE),
        (2, "2022-10-r2", first + MORE, MORE, first, first + MORE),
    ]
    assert query(
        revised.home,
        "select observation_count, revised_count, mean_absolute_revision from marts.revision_summary"
        " where indicator_id = ? and hierarchy = 'city' and window_kind = 'month'",
        TURNOVER,
    ) == [(10, 1, MORE / 10)]


def test_the_same_content_from_a_changed_program_makes_no_release(revised, tmp_path):
    settings = Settings(revised.home)
    settings.__dict__["dbt_project"] = shutil.copytree(settings.dbt_project, tmp_path / "dbt_project")
    model = settings.dbt_project / "models" / "core" / "core_observations.sql"
    model.write_text("-- Says the same in other words.\n" + model.read_text(encoding="utf-8"), encoding="utf-8")
    load = Load(settings, MONTH, lambda what, done, total: None)
    load.land_context()
    load.build()
    load.reconcile()
    load.check()
    published = load.release()
    assert (published.release_id, published.is_new) == ("2022-10-r3", False)
    assert "内容相同" in published.note
    kept = Settings(revised.home).archive / "releases" / "releases"
    assert sorted(path.stem for path in kept.glob("2*")) == ["2022-10-r1", "2022-10-r2", "2022-10-r3"]
