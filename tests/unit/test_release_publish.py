"""Releases made from a tiny build database: what they hold, when there is a new one, and that dying anywhere loses nothing.

Every row is made up for the test; areas are called 合成… so that nobody takes them for real.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from released import OPEN, Killed, ask, content, make_workspace, prepare, publish, request

from pipelines import files
from pipelines.figures.conflicts import CONFLICT_TABLES
from pipelines.release import build, database, history, switch
from pipelines.release.build import PublishedRelease, ReleaseStopped
from pipelines.release.catalog import (
    ReleaseError,
    current_file,
    current_release,
    kept_folder,
    list_releases,
    next_revision,
    read_manifest,
    releases_folder,
    stable_database,
    switching_file,
)
from pipelines.release.gate import Gate
from pipelines.release.switch import repair, sha256_of
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which everything before the release has run."""
    return make_workspace(tmp_path_factory.mktemp("workspace")).home


@pytest.fixture
def settings(workspace: Path, tmp_path: Path) -> Settings:
    """A copy of the workspace that the test may change."""
    shutil.copytree(workspace, tmp_path, dirs_exist_ok=True)
    return Settings(tmp_path)


def test_a_release_is_complete(settings: Settings) -> None:
    released = publish(settings, request(), OPEN)
    assert (released.release_id, released.is_new, released.is_current, released.warnings) == ("2022-10-r1", True, True, ())
    assert released.note == "已发布 2022-10-r1。"
    results = {*CONFLICT_TABLES, "full_year_estimates", "indicator_cards"}
    tables = {"observations", "submission_status", "findings", "keyless", "release"} | results
    assert {path.stem for path in (released.folder / "parquet").iterdir()} == tables
    assert {path.stem for path in (released.folder / "csv").glob("*.csv")} == tables
    assert {"dictionary.xlsx", "contract.odcs.yaml"} <= set(released.manifest.files)
    stable = stable_database(settings)
    assert {name for (name,) in ask(stable, "select table_name from duckdb_tables() where schema_name = 'marts'")} == tables
    assert sha256_of(stable) == released.manifest.files["wanstat.duckdb"].sha256
    assert sorted(path.name for path in settings.published.iterdir() if not path.name.startswith(".")) == [
        "current.json", "releases", "wanstat.duckdb",
    ]  # fmt: skip
    assert current_release(settings) == read_manifest(settings, "2022-10-r1") == released.manifest
    assert list_releases(settings) == [released.manifest]
    assert json.loads(current_file(settings).read_text())["database"] == "releases/2022-10-r1/wanstat.duckdb"


def test_tables_are_declared_with_comments_keys_and_the_pinned_format(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    stable = stable_database(settings)
    assert ask(stable, "select comment from duckdb_tables() where table_name = 'observations'") == [("测试表 observations",)]
    assert ask(
        stable,
        """select column_name, data_type, comment, is_nullable from duckdb_columns()
            where table_name = 'observations' order by column_index""",
    ) == [
        ("area_id", "VARCHAR", "地区；it's 'quoted'", False), ("value", "DECIMAL(20,6)", "值", True),
        ("zones", "VARCHAR[]", "含哪些区", True), ("is_practice", "BOOLEAN", "是否练习", False),
    ]  # fmt: skip
    keys = dict(
        ask(stable, "select table_name, constraint_column_names from duckdb_constraints() where constraint_type = 'PRIMARY KEY'")
    )
    assert keys["observations"] == ["area_id"]
    assert keys["submission_status"] == ["form", "reporting_unit_id", "month"]
    assert keys["keyless"] == ["note"]
    assert ask(stable, "select tags['storage_version'] from duckdb_databases() where not internal") == [("v1.0.0+",)]
    assert all(
        comment for (comment,) in ask(stable, "select comment from duckdb_columns() where table_name in ('release', 'conflicts')")
    )


def test_manifest_says_what_is_there_and_what_is_missing(settings: Settings) -> None:
    manifest = publish(settings, request(), OPEN).manifest
    assert manifest.tables["observations"].rows == 200
    assert manifest.counts == {
        "submissions": {"accepted": 1, "returned": 1},
        "obligations": {"accepted": 1, "missing": 1, "returned": 1},
        "findings": {"error": 1, "warning": 1},
        "conflicts": {},
    }
    assert [(one.reporting_unit_id, one.state) for one in manifest.missing] == [("合成001", "returned"), ("合成002", "missing")]
    assert "built_at" in manifest.digest_leaves_out["release"]
    assert set(manifest.versions) == {"wanstat", "duckdb", "dbt", "storage"}
    for name, entry in manifest.files.items():
        path = releases_folder(settings) / manifest.release_id / name
        assert (path.stat().st_size, sha256_of(path)) == (entry.bytes, entry.sha256)


def test_findings_of_checks_join_the_others(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    found = ask(stable_database(settings), "select rule_id, severity, month from marts.findings order by rule_id")
    assert found == [("test", "error", None), ("test.warned", "warning", "2022-10")]


def test_parquet_holds_the_same_rows_in_order_of_the_key(settings: Settings) -> None:
    prepare(settings, 1, descending=True)
    released = publish(settings, request(), OPEN)
    query = "select area_id, value, zones from {}"
    rows = ask(stable_database(settings), query.format("marts.observations"))
    assert rows == sorted(rows)
    parquet = released.folder / "parquet" / "observations.parquet"
    assert duckdb.sql(query.format(f"read_parquet('{parquet}')")).fetchall() == rows
    told = {key.decode(): value.decode() for _, key, value in duckdb.sql(f"from parquet_kv_metadata('{parquet}')").fetchall()}
    assert told["description"] == "测试表 observations"
    comments = {"area_id": "地区；it's 'quoted'", "value": "值", "zones": "含哪些区", "is_practice": "是否练习"}
    assert json.loads(told["columns"]) == comments


def test_the_same_inputs_make_no_new_release(settings: Settings) -> None:
    first = publish(settings, request(), OPEN)
    again = publish(settings, request(), OPEN)
    assert (again.is_new, again.is_current, again.manifest) == (False, True, first.manifest)
    assert again.note == "输入没有变化，不另发布，仍为 2022-10-r1。"


def test_other_inputs_of_the_same_content_make_no_new_release(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    prepare(settings, 1, descending=True)  # the same rows, inserted the other way round
    again = publish(settings, request("d2"), OPEN)
    assert (again.is_new, again.note) == (False, "输入有变化而内容相同，不另发布，仍为 2022-10-r1。")
    assert [path.name for path in releases_folder(settings).iterdir()] == ["2022-10-r1"]


@pytest.mark.parametrize("change", ["value", "comment"])
def test_other_content_makes_the_next_revision(settings: Settings, change: str) -> None:
    publish(settings, request(), OPEN)
    if change == "value":
        prepare(settings, 2)
    else:
        path = settings.dbt_target / "manifest.json"
        path.write_text(path.read_text().replace(json.dumps("值"), json.dumps("值，口径有变")))
    again = publish(settings, request("d2"), OPEN)
    assert (again.release_id, again.is_new) == ("2022-10-r2", True)
    assert [one.release_id for one in list_releases(settings)] == ["2022-10-r1", "2022-10-r2"]
    assert next_revision(settings, "2022-10") == 3


def test_an_older_month_does_not_take_the_newer_from_the_readers(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    older = publish(settings, request("d2", month="2022-09"), OPEN)
    assert (older.release_id, older.is_new, older.is_current) == ("2022-09-r1", True, False)
    assert current_release(settings).release_id == "2022-10-r1"
    assert repair(settings) == []
    assert publish(settings, request("d2", month="2022-09"), OPEN).is_new is False


def test_the_gate_stops_and_the_last_release_stays(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    prepare(settings, 2)
    with pytest.raises(ReleaseStopped, match="某项未通过"):
        publish(settings, request("d2"), Gate(passed=False, reasons=["某项未通过"]))
    assert current_release(settings).release_id == "2022-10-r1"


def test_practice_never_replaces_a_real_release_but_real_replaces_practice(settings: Settings) -> None:
    prepare(settings, 1, practice=True)
    assert publish(settings, request(practice=True), OPEN).manifest.is_practice
    prepare(settings, 1)
    assert publish(settings, request("d2", month="2022-09"), OPEN).is_current
    prepare(settings, 3, practice=True)
    with pytest.raises(ReleaseError, match="练习数据不能替换"):
        publish(settings, request("d3", practice=True), OPEN)
    assert current_release(settings).release_id == "2022-09-r1"


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("update marts.observations set is_practice = true where area_id = '合成007'", "混有练习数据"),
        ("insert into marts.observations select * from marts.observations limit 1", "observations 的内容不合其声明"),
        ("update marts.submission_status set state = null", "submission_status 的内容不合其声明"),
        ("drop table marts.keyless", "没有公开表 keyless"),
        ("alter table marts.observations drop column value", "observations 的内容不合其声明"),
    ],
)
def test_a_build_that_does_not_fit_makes_no_release(settings: Settings, damage: str, says: str) -> None:
    publish(settings, request(), OPEN)
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute(damage)
    with pytest.raises(ReleaseError, match=says):
        publish(settings, request("d2"), OPEN)
    assert [path.name for path in releases_folder(settings).iterdir()] == ["2022-10-r1"]


def test_a_stage_that_did_not_run_makes_no_release(settings: Settings) -> None:
    (settings.results / "conflicts.parquet").unlink()
    with pytest.raises(ReleaseError, match=r"缺少 results/conflicts\.parquet"):
        publish(settings, request(), OPEN)
    (settings.dbt_target / "manifest.json").write_text('{"nodes": ')
    with pytest.raises(ReleaseError, match=r"manifest\.json 不完整"):
        publish(settings, request(), OPEN)


def test_copies_that_differ_make_no_release(settings: Settings, monkeypatch) -> None:
    true_export = database._export

    def lossy(connection, table, path: Path) -> None:
        true_export(connection, table, path)
        if table.name == "observations":
            duckdb.sql(f"select area_id, value + 1 as value, zones, is_practice from '{path}'").write_parquet(f"{path}.new")
            Path(f"{path}.new").rename(path)

    monkeypatch.setattr(database, "_export", lossy)
    with pytest.raises(ReleaseError, match="observations 的数据库与 Parquet 内容不一致"):
        publish(settings, request(), OPEN)


def test_a_digest_tells_rows_apart_and_not_their_order() -> None:
    table = ResultTable("t", "测试", (Column("a", "VARCHAR", "甲"), Column("b", "VARCHAR", "乙")), ())

    def digest(rows: str, described: ResultTable = table) -> str:
        return database.digest_table(duckdb.connect(), f"(values {rows}) as t(a, b)", described).digest

    base = digest("('x', 'y'), ('z', null)")
    assert base == digest("('z', null), ('x', 'y')")
    others = [
        "('x', 'y'), ('z', '')",
        "('x', 'y'), (null, 'z')",
        "('xy', ''), ('z', null)",
        "('x', 'y'), ('z', null), ('z', null)",
    ]
    assert len({base, *map(digest, others)}) == 5
    assert base != digest(
        "('x', 'y'), ('z', null)", ResultTable("t", "测试", (*table.columns[:1], Column("b", "VARCHAR", "丙")), ())
    )


# Calls during a publish at which the process dies. Dying after one is dying before the next; the deaths inside the writing of
# single files are those of `test_dying_in_any_replace`.
DEATHS = [
    (build, "write_tables", "before"), (build, "verify_tables", "before"), (build, "write_formats", "before"),
    (switch, "sync_tree", "before"), (Path, "rename", "before"), (switch, "keep", "before"), (switch, "_switch", "before"),
    (switch, "_place_stable_database", "before"), (switch.shutil, "copyfile", "before"),
    (switch, "_place_stable_database", "after"),
]  # fmt: skip
OF_THE_FIRST_RELEASE = [(Path, "rename", "before"), (switch, "_switch", "before")]


@pytest.mark.parametrize(
    ("module", "name", "when", "first"),
    [(*death, False) for death in DEATHS] + [(*death, True) for death in OF_THE_FIRST_RELEASE],
    ids=lambda value: str(value) if isinstance(value, (str, bool)) else "",
)
def test_dying_at_a_step_then_loading_again(settings: Settings, monkeypatch, module, name, when, first) -> None:
    if not first:
        publish(settings, request(), OPEN)
        before = content(settings)
    prepare(settings, 2)
    with monkeypatch.context() as patched:
        die_at(patched, module, name, when)
        with pytest.raises(Killed):
            publish(settings, request("d2"), OPEN)
    if stable_database(settings).exists():
        assert ask(stable_database(settings), "select count(*) from marts.observations") == [(200,)]  # readable at every moment

    repair(settings)
    assert repair(settings) == []
    assert not list(settings.published.glob("**/.building-*")) and not list(settings.published.glob("**/*.part"))
    assert not switching_file(settings).exists()
    assert_kept_as_released(settings)
    if not first and current_release(settings).release_id == "2022-10-r1":
        assert content(settings) == before
    publish(settings, request("d2"), OPEN)
    undisturbed = "2022-10-r1" if first else "2022-10-r2"
    assert content(settings)[0] == undisturbed
    assert content(settings)[2] == [(2,)]
    assert [one.release_id for one in list_releases(settings)] == ["2022-10-r1", "2022-10-r2"][: 1 if first else 2]


@pytest.mark.parametrize("nth", range(1, 11))
def test_dying_in_any_replace(settings: Settings, monkeypatch, nth: int) -> None:
    """`os.replace` makes each file whole: manifest, switching.json, five of the archive, the record, current.json, database."""
    publish(settings, request(), OPEN)
    prepare(settings, 2)
    calls = []
    true_replace = os.replace

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == nth:
            raise Killed
        true_replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "replace", replace)
        patched.setattr(shutil, "rmtree", lambda *args, **kwargs: None)
        with pytest.raises(Killed):
            publish(settings, request("d2"), OPEN)
    mended = repair(settings)
    assert mended and repair(settings) == []
    assert_kept_as_released(settings)
    publish(settings, request("d2"), OPEN)
    assert (content(settings)[0], content(settings)[2]) == ("2022-10-r2", [(2,)])


def assert_kept_as_released(settings: Settings) -> None:
    """The archive says of every release what its folder says, and of no other."""
    released = {path.parent.parent.name: path.parent for path in releases_folder(settings).glob("2*/history/releases.parquet")}
    for table in history.KEPT:
        kept = {path.stem: path.read_bytes() for path in kept_folder(settings, table).glob("2*.parquet")}
        assert kept == {name: (folder / f"{table}.parquet").read_bytes() for name, folder in released.items()}


def kept(settings: Settings, table: str, columns: str) -> list[tuple]:
    """What the archive holds of all releases."""
    return duckdb.sql(f"select {columns} from read_parquet('{kept_folder(settings, table)}/*.parquet') order by all").fetchall()


def test_what_a_release_changed_is_kept_and_nothing_else(settings: Settings) -> None:
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("""
            insert into core.core_observation_vintages (release_id, area_id, value, is_kept)
                values ('2022-09-r1', '合成000', 1, true), ('2022-10-r1', '合成000', 1.5, false)
        """)
    publish(settings, request(), OPEN)
    assert kept(settings, "observations", "release_id, area_id, value::varchar") == [("2022-10-r1", "合成000", "1.500000")]
    assert kept(settings, "submissions", "*") == []
    publish(settings, request("d2", month="2022-09"), OPEN)
    assert kept(settings, "releases", "release_id") == [("2022-09-r1",), ("2022-10-r1",)]
    assert_kept_as_released(settings)


def test_a_number_is_not_given_again_when_the_releases_are_deleted(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    shutil.rmtree(settings.published)
    assert publish(settings, request(), OPEN).release_id == "2022-10-r2"


def test_a_build_for_another_release_is_not_published(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    with pytest.raises(ReleaseError, match="不是为 2022-10-r2 建的"):
        build.publish(settings, request("d2"), OPEN)
    assert [path.name for path in releases_folder(settings).iterdir()] == ["2022-10-r1"]


def test_a_clock_set_back_does_not_put_the_new_before_the_old(settings: Settings) -> None:
    assert abs(history.time_of_load(settings) - datetime.now(UTC).replace(tzinfo=None)) < timedelta(seconds=5)
    with duckdb.connect() as connection:
        ahead = kept_folder(settings, "releases") / "2022-10-r1.parquet"
        connection.execute(f"copy (select '2022-10-r1' as release_id, timestamp '2099-01-01' as known_from) to '{ahead}'")
    assert history.time_of_load(settings) == datetime(2099, 1, 1, 0, 0, 1)


def die_at(patched: pytest.MonkeyPatch, module, name: str, when: str) -> None:
    true = getattr(module, name)

    def dying(*args, **kwargs):
        if when == "after":
            true(*args, **kwargs)
        raise Killed

    patched.setattr(module, name, dying)
    patched.setattr(shutil, "rmtree", lambda *args, **kwargs: None)  # the dead don't clean up


def test_repair_of_lost_and_damaged_pointers(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    whole = content(settings)
    for harm in (
        lambda: current_file(settings).unlink(),
        lambda: current_file(settings).write_text('{"release_id"'),
        lambda: stable_database(settings).unlink(),
        lambda: stable_database(settings).write_bytes(b"not a database"),
    ):
        harm()
        assert len(repair(settings)) == 1
        assert repair(settings) == []
        assert content(settings) == whole


def test_repair_when_the_current_release_was_deleted(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    prepare(settings, 2)
    publish(settings, request("d2"), OPEN)
    shutil.rmtree(releases_folder(settings) / "2022-10-r2")
    mended = repair(settings)
    assert "2022-10-r1" in mended[0] and "2022-10-r1" in mended[1]
    assert content(settings)[2] == [(1,)]
    assert repair(settings) == []


def test_a_damaged_manifest_of_an_old_release_blocks_nothing(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    (releases_folder(settings) / "2022-10-r1" / "manifest.json").write_text("{")
    prepare(settings, 2)
    released = publish(settings, request("d2"), OPEN)
    assert released.release_id == "2022-10-r2"
    assert any("2022-10-r1" in warning for warning in released.warnings)


def test_repair_without_anything_published(tmp_path: Path) -> None:
    assert repair(Settings(tmp_path)) == []
    assert not Settings(tmp_path).published.exists()


def test_repair_leaves_the_work_of_a_living_process_alone(settings: Settings) -> None:
    (releases_folder(settings) / ".building-2022-10-r1").mkdir(parents=True)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(settings.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        assert repair(settings) == []
        assert (releases_folder(settings) / ".building-2022-10-r1").exists()
    finally:
        holder.kill()
        holder.communicate()
    assert repair(settings) == ["清除了上次中断留下的半成品 2022-10-r1。"]  # the lock died with its process


HOLD_LOCK = """
import sys
from pipelines.release.switch import publishing_lock
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable
with publishing_lock(Settings(__import__("pathlib").Path(sys.argv[1]))):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_where_an_open_file_cannot_be_replaced_the_numbered_release_still_comes(settings: Settings, monkeypatch) -> None:
    publish(settings, request(), OPEN)
    prepare(settings, 2)
    true_replace = os.replace

    def as_on_windows(source: Path, target: Path) -> None:
        if Path(target) == stable_database(settings):
            raise PermissionError(13, "in use")
        true_replace(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(files.os, "replace", as_on_windows)
        released = publish(settings, request("d2"), OPEN)
        assert released.is_new and len(released.warnings) == 1 and "正被其他程序打开" in released.warnings[0]
        assert current_release(settings).release_id == "2022-10-r2"
    assert repair(settings) == ["把 wanstat.duckdb 换成了当前发布 2022-10-r2。"]
    assert content(settings)[2] == [(2,)]


READER = """
import json, pathlib, sys, time
import duckdb
published, seen, reads = pathlib.Path(sys.argv[1]), [], 0
stop = published / "stop"
query = "select (select revision from marts.release), count(*), min(value)::int, max(value)::int from marts.observations"
while not stop.exists():
    pointed = published / json.loads((published / "current.json").read_text())["database"]
    for path in (published / "wanstat.duckdb", pointed):
        with duckdb.connect(str(path), read_only=True) as connection:
            seen.append(connection.execute(query).fetchall()[0])
        reads += 1
    time.sleep(0.05)  # leaves the other core to the publisher
print(json.dumps({"reads": reads, "seen": sorted(set(seen))}))
"""


def test_readers_see_only_whole_releases_while_others_are_published(settings: Settings) -> None:
    publish(settings, request(), OPEN)
    reader = subprocess.Popen([sys.executable, "-c", READER, str(settings.published)], stdout=subprocess.PIPE, text=True)
    published: list[PublishedRelease] = []
    for revision in range(2, 12):
        prepare(settings, revision)
        published.append(publish(settings, request(f"d{revision}"), OPEN))
        time.sleep(0.02)
    (settings.published / "stop").touch()
    said, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    report = json.loads(said)
    assert report["reads"] > 10 and len(report["seen"]) > 2
    assert all(row == [row[0], 200, row[0], row[0]] for row in report["seen"])  # revision n holds 200 rows of the value n
    assert [one.release_id for one in published] == [f"2022-10-r{n}" for n in range(2, 12)]
