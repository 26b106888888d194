"""Releases after their making: compared, restored, verified, rehearsed, put off, removed; and dying in the midst of it."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from released import OPEN, Killed, content, make_workspace, prepare, publish, request
from typer.testing import CliRunner

from pipelines import files
from pipelines.asked import CannotRun, time_of
from pipelines.cli import app
from pipelines.load import Load
from pipelines.release import build, retention, switch
from pipelines.release.catalog import (
    ReleaseError,
    current_file,
    current_release,
    list_releases,
    next_revision,
    pending_file,
    read_pending,
    release_folder,
    releases_folder,
    stable_database,
    switching_file,
)
from pipelines.release.diff import compare
from pipelines.release.gate import Gate
from pipelines.release.listing import listed_releases, pair_to_compare, restorings
from pipelines.release.record import read_record
from pipelines.release.restore import restore
from pipelines.release.switch import is_due, repair
from pipelines.release.verify import every_release, verify
from pipelines.settings import Settings

TOMORROW = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
AFTERWARDS = TOMORROW + timedelta(minutes=1)
YESTERDAY = TOMORROW - timedelta(days=2)


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Workspaces: nothing published; 2022-10-r1 of the value 1 and -r2 of the value 2; and with them -r3 of 3, which waits."""
    folder = tmp_path_factory.mktemp("stages")
    made = make_workspace(folder / "unpublished")
    shutil.copytree(made.home, folder / "published")
    made = Settings(folder / "published")
    publish(made, request("d1"), OPEN)
    load(made, 2)
    shutil.copytree(made.home, folder / "waiting")
    load(Settings(folder / "waiting"), 3, not_before=TOMORROW)
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture
def unpublished(stages: dict[str, Path], tmp_path: Path) -> Settings:
    """A copy that the test may change, as those that follow."""
    return Settings(shutil.copytree(stages["unpublished"], tmp_path / "home"))


@pytest.fixture
def settings(stages: dict[str, Path], tmp_path: Path) -> Settings:
    return Settings(shutil.copytree(stages["published"], tmp_path / "home"))


@pytest.fixture
def waiting(stages: dict[str, Path], tmp_path: Path) -> Settings:
    return Settings(shutil.copytree(stages["waiting"], tmp_path / "home"))


def read_by_all(settings: Settings) -> tuple[str, list[tuple]]:
    """What is current by `current.json`, and the value in the stable file, which must be that release's."""
    release_id, _, values = content(settings)
    assert verify(settings, []) == []
    return release_id, values


def load(settings: Settings, value: int, *, not_before: datetime | None = None, month: str = "2022-10", practice: bool = False):
    prepare(settings, value, practice=practice)
    asked = replace(request(f"d{value}", month=month, practice=practice), not_before=not_before)
    return publish(settings, asked, OPEN)


# Restoring


def test_a_restored_release_is_given_to_all_readers_and_recorded(settings: Settings) -> None:
    restored = restore(settings, "2022-10-r1", reason="核定数未下", who="office")
    assert (restored.before, restored.warnings) == ("2022-10-r2", ())
    assert read_by_all(settings) == ("2022-10-r1", [(1,)])
    [act] = restorings(settings)
    assert (act.number, act.release_id, act.before, act.who, act.reason) == (
        3, "2022-10-r1", "2022-10-r2", "office", "核定数未下",
    )  # fmt: skip
    assert [row.release_id for row in listed_releases(settings) if row.is_current] == ["2022-10-r1"]
    assert repair(settings) == []
    assert pair_to_compare(settings, None, None) is None  # nothing before the current one
    restore(settings, "2022-10-r2", reason="已核定", who="office")
    assert read_by_all(settings)[0] == "2022-10-r2" and len(restorings(settings)) == 2


def test_a_load_with_nothing_new_leaves_the_restored_release_and_one_with_news_follows_it(settings: Settings) -> None:
    restore(settings, "2022-10-r1", reason="试", who="office")
    same_inputs = publish(settings, request("d2"), OPEN)
    assert (same_inputs.release_id, same_inputs.is_new, same_inputs.is_current) == ("2022-10-r2", False, False)
    assert "当前发布仍是 office 恢复的 2022-10-r1" in same_inputs.warnings[0]
    prepare(settings, 2)
    same_content = publish(settings, request("other"), OPEN)
    assert (same_content.release_id, same_content.is_new) == ("2022-10-r2", False)
    assert read_by_all(settings)[0] == "2022-10-r1"
    assert load(settings, 3).is_current
    assert read_by_all(settings) == ("2022-10-r3", [(3,)])


def test_what_cannot_be_restored_says_why(waiting: Settings) -> None:
    refused = {"2022-10-r2": "已经是当前发布", "2022-10-r9": "没有发布"}
    refused["2022-10-r3"] = "时间还没有到"
    (releases_folder(waiting) / "2022-10-r1" / "parquet" / "keyless.parquet").write_bytes(b"damaged")
    refused["2022-10-r1"] = "已损坏"
    for release_id, why in refused.items():
        with pytest.raises(ReleaseError, match=why):
            restore(waiting, release_id, reason="试", who="office")
    assert restorings(waiting) == []


def test_practice_is_not_restored_over_real_data(unpublished: Settings) -> None:
    made = unpublished
    load(made, 5, practice=True)
    load(made, 6)
    with pytest.raises(ReleaseError, match="练习数据，不能替换"):
        restore(made, "2022-10-r1", reason="试", who="office")
    assert read_by_all(made) == ("2022-10-r2", [(6,)])


def replace_dying_at(nth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, true_replace = [], os.replace

    def dying(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == nth:
            raise Killed
        true_replace(source, target)

    monkeypatch.setattr(files.os, "replace", dying)


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_dying_in_a_restoring(settings: Settings, monkeypatch, nth: int) -> None:
    """switching.json, the archive's record, current.json, the database: after the first of them all is done."""
    with monkeypatch.context() as patched:
        replace_dying_at(nth, patched)
        with pytest.raises(Killed):
            restore(settings, "2022-10-r1", reason="试", who="office")
    assert is_due(settings) == (nth > 1)
    repair(settings)
    assert repair(settings) == [] and not switching_file(settings).exists()
    assert read_by_all(settings)[0] == ("2022-10-r2" if nth == 1 else "2022-10-r1")
    assert [act.number for act in read_record(settings)] == ([1, 2] if nth == 1 else [1, 2, 3])


def test_a_lost_pointer_is_mended_to_what_was_restored(settings: Settings) -> None:
    restore(settings, "2022-10-r1", reason="试", who="office")
    current_file(settings).unlink()
    assert "当前发布改为 2022-10-r1" in repair(settings)[0]
    assert read_by_all(settings)[0] == "2022-10-r1"


# Embargoes


def test_a_release_under_embargo_is_complete_and_becomes_current_at_its_time(settings: Settings) -> None:
    made = load(settings, 3, not_before=TOMORROW)
    assert (made.is_new, made.is_current, made.not_before) == (True, False, TOMORROW)
    assert verify(settings, ["2022-10-r3"]) == []
    assert read_by_all(settings) == ("2022-10-r2", [(2,)])
    [listed] = [row for row in listed_releases(settings) if row.not_before]
    assert (listed.release_id, listed.not_before) == ("2022-10-r3", TOMORROW.isoformat())
    assert repair(settings) == [] and not is_due(settings)
    assert is_due(settings, AFTERWARDS)
    assert repair(settings, AFTERWARDS) == ["定时发布 2022-10-r3 的时间已到，现为当前发布。"]
    assert read_by_all(settings) == ("2022-10-r3", [(3,)])
    assert not pending_file(settings).exists() and read_record(settings)[-1].kind == "embargo"
    assert repair(settings, YESTERDAY) == []  # a clock set back takes nothing away
    assert read_by_all(settings)[0] == "2022-10-r3"


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_dying_while_an_embargo_is_lifted(waiting: Settings, monkeypatch, nth: int) -> None:
    with monkeypatch.context() as patched:
        replace_dying_at(nth, patched)
        with pytest.raises(Killed):
            repair(waiting, AFTERWARDS)
    repair(waiting, AFTERWARDS)
    assert repair(waiting, AFTERWARDS) == []
    assert read_by_all(waiting) == ("2022-10-r3", [(3,)])
    assert [act.number for act in read_record(waiting)] == [1, 2, 3] and not pending_file(waiting).exists()


def test_dying_after_the_switch_and_before_the_list_is_shortened(waiting: Settings, monkeypatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(switch, "write_pending", lambda *args: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            repair(waiting, AFTERWARDS)
    assert repair(waiting, AFTERWARDS) == [] and not pending_file(waiting).exists()
    assert [act.number for act in read_record(waiting)] == [1, 2, 3]


@pytest.mark.parametrize("nth", [2, 3])
def test_dying_while_a_release_is_put_off_never_gives_it_to_readers(settings: Settings, monkeypatch, nth: int) -> None:
    """pending.json, then the archive: whenever the folder is there, its embargo is."""
    with monkeypatch.context() as patched:
        replace_dying_at(nth, patched)
        patched.setattr(shutil, "rmtree", lambda *args, **kwargs: None)
        with pytest.raises(Killed):
            load(settings, 3, not_before=TOMORROW)
    repair(settings)
    current_file(settings).unlink()  # not even where it has to be guessed what was current
    repair(settings)
    assert read_by_all(settings) == ("2022-10-r2", [(2,)])
    assert [each.release_id for each in read_pending(settings)] == (["2022-10-r3"] if nth == 3 else [])


def test_a_later_load_of_the_month_waits_in_the_place_of_the_former_unless_it_is_given_another_time(waiting: Settings) -> None:
    later = load(waiting, 4)
    assert (later.release_id, later.is_current, later.not_before) == ("2022-10-r4", False, TOMORROW)
    assert [each.release_id for each in read_pending(waiting)] == ["2022-10-r4"]
    assert load(waiting, 4, not_before=AFTERWARDS).not_before == AFTERWARDS  # nothing new but the time
    assert repair(waiting, TOMORROW) == []
    assert load(waiting, 5, not_before=YESTERDAY).is_current
    assert read_by_all(waiting) == ("2022-10-r5", [(5,)])
    assert read_pending(waiting) == [] and repair(waiting, AFTERWARDS) == []


def test_a_waiting_release_can_be_brought_forward_and_a_public_one_cannot_be_taken_back(waiting: Settings) -> None:
    assert build.reschedule(waiting, "2022-10-r3", YESTERDAY) == ["定时发布 2022-10-r3 的时间已到，现为当前发布。"]
    assert build.reschedule(waiting, "2022-10-r3", TOMORROW) == ["2022-10-r3 已经公布，不能再定时。"]
    assert read_by_all(waiting)[0] == "2022-10-r3"


def test_a_waiting_release_of_an_older_month_does_not_take_the_newer_from_the_readers(waiting: Settings) -> None:
    load(waiting, 4, month="2022-11")
    assert "当前发布仍是 2022-11-r1" in repair(waiting, AFTERWARDS)[0]
    assert read_by_all(waiting) == ("2022-11-r1", [(4,)]) and not pending_file(waiting).exists()


def test_the_first_release_of_all_can_wait(unpublished: Settings) -> None:
    made = unpublished
    load(made, 1, not_before=TOMORROW)
    load(made, 2)
    assert repair(made) == [] and current_release(made) is None and not stable_database(made).exists()
    repair(made, AFTERWARDS)
    assert read_by_all(made) == ("2022-10-r2", [(2,)])


def test_a_list_of_embargoes_that_cannot_be_read_lets_nothing_out_and_says_so(waiting: Settings) -> None:
    pending_file(waiting).write_text('{"releases": [')
    assert any("定时发布的时间读不出" in line for line in repair(waiting, AFTERWARDS))
    assert content(waiting)[0] == "2022-10-r2"
    with pytest.raises(ReleaseError, match="请删去"):
        load(waiting, 4)


def test_times_are_the_office_s() -> None:
    assert time_of("2022-11-25").isoformat() == "2022-11-25T00:00:00+08:00"
    assert time_of("2022-11-25T09:00") == time_of("2022-11-25T01:00+00:00")
    with pytest.raises(CannotRun, match="不是时间"):
        time_of("下周五")


# Rehearsing


def rehearse(settings: Settings, digest: str, gate: Gate = OPEN) -> build.Rehearsal:
    release_id = f"2022-10-r{next_revision(settings, '2022-10')}"
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("delete from core.core_releases")
        connection.execute("insert into core.core_releases (release_id, is_kept) values (?, false)", [release_id])
    return build.rehearse(settings, request(digest), gate)


def all_files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_rehearsal_tells_what_would_be_published_and_publishes_nothing(settings: Settings) -> None:
    prepare(settings, 3)
    before = all_files(settings.published), all_files(settings.archive)
    told = rehearse(settings, "d3")
    assert (told.release_id, told.is_new, told.stopped_by) == ("2022-10-r3", True, ())
    assert (told.difference.before, told.difference.after) == ("2022-10-r2", "2022-10-r3")
    stopped = rehearse(settings, "d3", Gate(passed=False, reasons=["某项未通过"]))
    assert stopped.stopped_by == ("某项未通过",) and "会被拦下" in stopped.note and stopped.difference is not None
    assert (all_files(settings.published), all_files(settings.archive)) == before
    released = publish(settings, request("d3"), OPEN)
    of_table = {one.table: one for one in told.difference.tables}
    real = compare(*(release_folder(settings, one) / "wanstat.duckdb" for one in ("2022-10-r2", "2022-10-r3")), "a", "b")
    assert released.release_id == told.release_id and {one.table: one for one in real.tables} == of_table
    assert json.loads(json.dumps(told.as_json(), default=str))["gate"] == {"passed": True, "reasons": []}


def test_a_rehearsal_of_the_same_says_so(settings: Settings) -> None:
    told = rehearse(settings, "other")
    assert (told.release_id, told.is_new, told.difference) == ("2022-10-r2", False, None)


# Comparing


def database(path: Path, sql: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; use marts;" + sql)
    return path


WORDED = """
    create table dim_indicator (indicator_id varchar primary key, indicator_label varchar);
    insert into dim_indicator values ('turnover', '合成成交额');
    create table dim_area (area_id varchar primary key, area_name varchar); insert into dim_area values ('01', '合成区');
    create table form_fields (form varchar, field varchar, form_title varchar, primary key (form, field));
    insert into form_fields values ('f', 'a', '合成月报'), ('f', 'b', '合成月报');
    create table dim_reporting_unit (reporting_unit_id varchar primary key, reporting_unit_name varchar);
    insert into dim_reporting_unit values ('u', '合成单位');
    create table submission_status (form varchar, reporting_unit_id varchar, month varchar, state varchar,
        primary key (form, reporting_unit_id, month));
    create table observations (indicator_id varchar, hierarchy varchar, area_id varchar, period_id varchar, window_kind varchar,
        value decimal(20,6), value_low decimal(20,6), value_high decimal(20,6), unit varchar, obs_status varchar, basis varchar,
        primary key (indicator_id, hierarchy, area_id, period_id, window_kind));
"""


def test_figures_and_states_are_told_by_their_names(tmp_path: Path, capsys, monkeypatch) -> None:
    from rich.console import Console

    from pipelines import console

    old = database(tmp_path / "old", WORDED + """
        insert into submission_status values ('f', 'u', '2022-09', 'returned');
        insert into observations values
            ('turnover', 'reported', '01', '2022-09', 'month', 0.3, 0.3, 0.3, '亿元', 'A', '甲'),
            ('turnover', 'reported', '01', '2022-08', 'month', 1, 1, 1, '亿元', 'A', '甲'),
            ('turnover', 'reported', '01', '2022-07', 'month', 1, 1, 1, '亿元', 'A', '甲'),
            ('turnover', 'reported', '01', '2022-06', 'month', 1, 1, 1, '亿元', 'P', '甲')""")
    new = database(tmp_path / "new", WORDED + """
        insert into submission_status values ('f', 'u', '2022-09', 'accepted');
        insert into observations values
            ('turnover', 'reported', '01', '2022-09', 'month', 0.4, 0.4, 0.4, '亿元', 'A', '甲'),
            ('turnover', 'reported', '01', '2022-08', 'month', 1, 1, 1, '亿元', 'A', '乙'),
            ('turnover', 'reported', '01', '2022-06', 'month', 1, 1, 1, '亿元', 'A', '甲'),
            ('turnover', 'zone', '01', '2022-09', 'month', null, 2, 3, '亿元', 'E', '甲')""")
    found = compare(old, new, "2022-09-r1", "2022-09-r2")
    assert found.figure_count == 4  # that only the basis changed is in the table, not in the words
    monkeypatch.setattr(console, "out", Console(width=100, highlight=False))
    console.show_difference(found)
    told = capsys.readouterr().out
    for line in (
        "· 合成成交额 合成区 2022-09 当月 0.3 → 0.4 亿元\n",
        "· 合成成交额 合成区 2022-06 当月 1 亿元（暂定 → 正式）\n",
        "· 合成成交额 合成区 2022-07 当月 1 → （无） 亿元\n",
        "· 合成成交额 合成区 2022-09 当月（功能区，含县区也报了的） （无） → 2 至 3 亿元\n",
        "· 合成月报 合成单位 2022-09：退回 → 已接受\n",
        "observations 改 turnover reported 01 2022-08 month：basis 甲 → 乙\n",
    ):
        assert line in told
    [observations] = [one for one in found.tables if one.table == "observations"]
    assert (observations.added, observations.removed, observations.changed) == (1, 1, 3)
    assert dict(observations.changed_columns) == {
        "value": 1, "value_low": 1, "value_high": 1, "obs_status": 1, "basis": 1,
    }  # fmt: skip


def test_every_kind_of_change_is_counted_and_nothing_else(tmp_path: Path) -> None:
    old = database(tmp_path / "old", """
        create table gone (a int primary key); create table same (a int primary key, b double);
        insert into same select n, 'nan' from range(9) t(n);
        create table keyed (a int primary key, "b c" varchar, d int, e int);
        insert into keyed select n, 'x', n, n from range(100) t(n);
        create table bag (a varchar, b int); insert into bag values ('p', 1), ('p', 1), ('q', null);
        create table release (release_id varchar primary key, revision int, error_count int);
        insert into release values ('r1', 1, 5);
        create table observation_vintages (indicator_id varchar, vintage int, known_from timestamp, value int,
            primary key (indicator_id, vintage));
        insert into observation_vintages values ('i', 1, '2022-01-01', 7)""")
    new = database(tmp_path / "new", """
        create table come (a int primary key); create table same (a int primary key, b double);
        insert into same select 8 - n, 'nan' from range(9) t(n);
        create table keyed (a int primary key, "b c" varchar, d bigint, f int);
        insert into keyed select n, case when n < 10 then 'y' else 'x' end, n, n from range(2, 103) t(n);
        comment on column keyed.d is '另一种说法';
        create table bag (a varchar, b int); insert into bag values ('p', 1), ('q', null), ('q', null), ('r', 2);
        create table release (release_id varchar primary key, revision int, error_count int);
        insert into release values ('r2', 2, 6);
        create table observation_vintages (indicator_id varchar, vintage int, known_from timestamp, value int,
            primary key (indicator_id, vintage));
        insert into observation_vintages values ('i', 1, '2023-01-01', 7)""")
    found = {one.table: one for one in compare(old, new, "r1", "r2").tables}
    assert {name: one.exists for name, one in found.items() if one.exists != "both"} == {"gone": "removed", "come": "added"}
    assert not found["same"].is_different and not found["observation_vintages"].is_different
    keyed = found["keyed"]
    assert (keyed.rows_before, keyed.rows_after, keyed.added, keyed.removed, keyed.changed) == (100, 101, 3, 2, 8)
    assert (keyed.columns_added, keyed.columns_removed, keyed.columns_retyped) == (("f",), ("e",), ("d",))
    assert (keyed.columns_redescribed, dict(keyed.changed_columns), len(keyed.rows)) == (("d",), {"b c": 8}, 5)
    assert (keyed.rows[0].change, keyed.rows[0].key, keyed.rows[0].values) == ("changed", {"a": 2}, {"b c": ("x", "y")})
    assert (found["bag"].added, found["bag"].removed, found["bag"].changed) == (2, 1, 0)
    assert (found["release"].changed, found["release"].rows[0].values) == (1, {"error_count": (5, 6)})
    [every] = [one for one in compare(old, new, "r1", "r2", all_rows_of="keyed").tables if one.table == "keyed"]
    assert [row.change for row in every.rows] == ["changed"] * 8 + ["removed"] * 2 + ["added"] * 3
    assert compare(old, old, "r1", "r1").is_empty
    with pytest.raises(ReleaseError, match="没有 nothing 这张表"):
        compare(old, new, "r1", "r2", all_rows_of="nothing")


def test_the_pair_compared_without_names_is_the_current_one_and_the_one_before(settings: Settings) -> None:
    assert pair_to_compare(settings, None, None) == ("2022-10-r1", "2022-10-r2")
    assert pair_to_compare(settings, "2022-10-r2", "2022-10-r1") == ("2022-10-r2", "2022-10-r1")
    [table] = [
        one for one in compare(*(release_folder(settings, f"2022-10-r{n}") / "wanstat.duckdb" for n in (1, 2)), "a", "b").tables
        if one.is_different
    ]  # fmt: skip
    assert (table.table, table.changed, dict(table.changed_columns)) == ("observations", 200, {"value": 200})


# Verifying


def test_a_release_as_it_was_made_is_found_so(settings: Settings) -> None:
    assert verify(settings, every_release(settings)) == []


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda one: (one / "parquet" / "keyless.parquet").unlink(), "缺少 parquet/keyless.parquet"),
        (lambda one: (one / "parquet" / "keyless.parquet").write_bytes(b"x"), "有 1 字节，应为"),
        (lambda one: (one / "notes.txt").write_text("x"), "多出文件 notes.txt"),
        (lambda one: (one / "manifest.json").write_text("{"), "manifest.json 读不出"),
        (lambda one: flip(one / "history" / "releases.parquet"), "内容被改动过"),
        (lambda one: rewrite(one), "表 observations 的内容与说明文件不符"),
    ],
)
def test_what_was_done_to_a_release_is_named(settings: Settings, harm, says: str) -> None:
    harm(releases_folder(settings) / "2022-10-r1")
    problems = verify(settings, every_release(settings))
    assert [one.release_id for one in problems] == ["2022-10-r1"] and says in problems[0].what and problems[0].advice


def flip(path: Path) -> None:
    written = bytearray(path.read_bytes())
    written[len(written) // 2] ^= 1
    path.write_bytes(written)


def rewrite(folder: Path) -> None:
    """Change a value in the database and make the manifest's size and SHA-256 fit it: only the table's digest tells."""
    database = folder / "wanstat.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.observations set value = 9 where area_id = '合成007'")
    said = json.loads((folder / "manifest.json").read_text())
    said["files"]["wanstat.duckdb"] = {"bytes": database.stat().st_size, "sha256": switch.sha256_of(database)}
    (folder / "manifest.json").write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda one: shutil.copy(release_folder(one, "2022-10-r1") / "wanstat.duckdb", stable_database(one)), "不是当前发布"),
        (lambda one: stable_database(one).unlink(), "没有 wanstat.duckdb"),
        (lambda one: current_file(one).write_text("{"), "current.json 已损坏"),
        (lambda one: (one.archive / "releases/revisions/2022-10-r2.parquet").unlink(), "归档里没有它的 revisions"),
        (lambda one: flip(one.archive / "releases/revisions/2022-10-r2.parquet"), "归档里它的 revisions 变动与发布时不符"),
        (lambda one: (one.archive / "switches" / "000001.json").unlink(), "编号不连续"),
    ],
)
def test_readers_and_archive_that_do_not_fit_the_releases_are_named(settings: Settings, harm, says: str) -> None:
    harm(settings)
    assert [says in one.what for one in verify(settings, ["2022-10-r2"])] == [True]


# Retention


def test_old_revisions_go_and_what_readers_or_people_hold_to_stays(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(retention, "NEWEST_KEPT", 2)
    restore(settings, "2022-10-r1", reason="试", who="office")
    assert load(settings, 3).warnings == ()  # r1 is old, and a person restored it
    assert [one.release_id for one in list_releases(settings)] == ["2022-10-r1", "2022-10-r2", "2022-10-r3"]
    told = load(settings, 4).warnings
    assert told == ("按每月保留最近 2 号的规定，删去了旧发布 2022-10-r2；其版次仍在归档里。",)
    assert [one.release_id for one in list_releases(settings)] == ["2022-10-r1", "2022-10-r3", "2022-10-r4"]
    assert (settings.archive / "releases" / "releases" / "2022-10-r2.parquet").exists()
    assert next_revision(settings, "2022-10") == 5
    assert verify(settings, every_release(settings)) == []


def test_dying_while_an_old_release_is_removed(settings: Settings, monkeypatch) -> None:
    monkeypatch.setattr(retention, "NEWEST_KEPT", 2)
    with monkeypatch.context() as patched:
        patched.setattr(retention.shutil, "rmtree", lambda *args: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            load(settings, 3)
    assert read_by_all(settings) == ("2022-10-r3", [(3,)])
    assert every_release(settings) == ["2022-10-r2", "2022-10-r3"]
    repair(settings)
    assert sorted(path.name for path in releases_folder(settings).iterdir()) == ["2022-10-r2", "2022-10-r3"]


def test_the_rule_counts_each_month_and_kind_for_itself() -> None:
    made = {}
    for month, practice in (("2022-09", False), ("2022-10", False), ("2022-10", True)):
        for revision in range(1, retention.NEWEST_KEPT + 3):
            made[f"{month}-{practice}-{revision:02d}"] = (month, practice)
    releases = [Stub(name, month, practice) for name, (month, practice) in made.items()]
    assert retention.to_remove(releases, {"2022-10-False-02"}) == [
        "2022-09-False-01", "2022-09-False-02", "2022-10-False-01", "2022-10-True-01", "2022-10-True-02",
    ]  # fmt: skip


class Stub:
    """As much of a manifest as the rule looks at."""

    def __init__(self, release_id: str, month: str, is_practice: bool) -> None:
        self.release_id, self.month, self.is_practice = release_id, month, is_practice


# What the clerk types


def wanstat(settings: Settings, *words: str) -> tuple[int, str, str]:
    settings.raw.mkdir(exist_ok=True)
    result = CliRunner().invoke(app, ["--home", str(settings.home), *words])
    return result.exit_code, result.stdout, result.stderr


def test_the_commands_tell_machines_and_people(settings: Settings) -> None:
    status, told, _ = wanstat(settings, "release", "list", "--json")
    assert (status, [row["release_id"] for row in json.loads(told)["releases"]]) == (0, ["2022-10-r1", "2022-10-r2"])
    status, told, _ = wanstat(settings, "release", "diff", "--json")
    said = json.loads(told)
    assert (status, said["before"], said["after"], said["is_empty"]) == (0, "2022-10-r1", "2022-10-r2", False)
    assert "没有任何变化" in wanstat(settings, "release", "diff", "2022-10-r2")[1]
    status, told, _ = wanstat(settings, "release", "diff", "--table", "observations")
    assert status == 0 and told.count("observations 改") == 200 and "value 1 → 2" in told
    assert wanstat(settings, "release", "verify", "--all")[0] == 0
    status, told, _ = wanstat(settings, "release", "restore", "2022-10-r1", "--reason", "核定[数]未下")
    assert status == 0 and "已恢复为 2022-10-r1（原为 2022-10-r2）" in told
    listed = wanstat(settings, "release", "list")[1]
    assert "恢复了 2022-10-r1（原为 2022-10-r2）：核定[数]未下" in listed.replace("\n", "")
    for words in (("restore", "2022-10-r1", "--reason", " "), ("restore", "2022-10-r7", "--reason", "试"), ("diff", "甲")):
        assert wanstat(settings, "release", *words)[0] == 2
    (releases_folder(settings) / "2022-10-r1" / "manifest.json").write_text("{")
    assert wanstat(settings, "release", "list")[0] == 1
    status, told, _ = wanstat(settings, "release", "verify", "--all", "--json")
    assert status == 1 and any("manifest.json 读不出" in one["what"] for one in json.loads(told)["problems"])


def test_any_command_lifts_an_embargo_that_is_over(waiting: Settings) -> None:
    assert "定时" in wanstat(waiting, "release", "list")[1]
    text = pending_file(waiting).read_text()
    pending_file(waiting).write_text(text.replace(TOMORROW.isoformat().replace("+00:00", "Z"), YESTERDAY.isoformat()))
    status, _, said = wanstat(waiting, "release", "list")
    assert (status, said) == (0, "定时发布 2022-10-r3 的时间已到，现为当前发布。\n")
    assert read_by_all(waiting) == ("2022-10-r3", [(3,)])


def test_a_load_with_nothing_new_says_what_readers_have(settings: Settings, monkeypatch) -> None:
    last = {"release": "2022-10-r2", "month": "2022-10", "is_practice": False, "is_new": True, "submissions": {"accepted": 1},
            "findings": {}, "conflicts": 0}  # fmt: skip
    monkeypatch.setattr(Load, "_inbox_now", lambda self: ((), ()))
    monkeypatch.setattr(Load, "_fingerprint", lambda self, *args: "same")
    told = {"states": {}, "loads": {"2022-10": {"fingerprint": "same", "summary": last}}}
    (settings.var / "loads.json").write_text(json.dumps(told))
    restore(settings, "2022-10-r1", reason="试", who="office")
    said = Load(settings, "2022-10", lambda *args: None).nothing_new()
    assert "当前发布仍是 office 恢复的 2022-10-r1（试）" in said.notes[1]
    assert read_by_all(settings)[0] == "2022-10-r1"
    load(settings, 3, not_before=TOMORROW)
    (settings.var / "loads.json").write_text(json.dumps(told).replace("2022-10-r2", "2022-10-r3"))
    assert Load(settings, "2022-10", lambda *args: None).nothing_new().not_before == TOMORROW.isoformat()
    said = Load(settings, "2022-10", lambda *args: None).nothing_new(YESTERDAY)
    assert said.not_before is None and "现为当前发布" in said.notes[1]
    assert read_by_all(settings)[0] == "2022-10-r3"
