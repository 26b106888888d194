"""A tiny build database that takes the place of a load, and releases made from it. Every row is made up for the tests; areas are
called 合成… so that nobody takes them for real."""

from __future__ import annotations

import json
from pathlib import Path
from unittest import mock

import duckdb

from pipelines import files
from pipelines.cards.indicator_cards import CARD_TABLE
from pipelines.estimates.full_year import FULL_YEAR_TABLE
from pipelines.figures.conflicts import CONFLICT_TABLES
from pipelines.findings import FINDING_COLUMNS
from pipelines.release import build, history
from pipelines.release.build import PublishedRelease, ReleaseRequest
from pipelines.release.catalog import current_release, kept_folder, next_revision, stable_database
from pipelines.release.gate import Gate
from pipelines.release.outcomes import CheckOutcome, write_outcomes
from pipelines.settings import Settings

OPEN = Gate(passed=True, reasons=[])
FAILED = CheckOutcome(
    tool="expectations", check_id="test.warned", suite="test", title="测试", table_name="observations", severity="warning",
    level=2, outcome="failed", unexpected_count=1, message="一行不符",
)  # fmt: skip


def column(data_type: str, description: str, *constraints: str) -> dict:
    return {"data_type": data_type, "description": description, "constraints": [{"type": kind} for kind in constraints]}


def model(name: str, columns: dict, key: list[str], **more: object) -> dict:
    node = {
        "resource_type": "model", "name": name, "alias": name, "schema": "marts", "access": "public",
        "description": f"测试表 {name}", "columns": columns,
        "constraints": [{"type": "primary_key", "columns": key}] if key else [],
    }  # fmt: skip
    return node | more


MODELS = [
    model("observations", {
        "area_id": column("varchar", "地区；it's 'quoted'", "not_null"),
        "value": column("decimal(20,6)", "值"),
        "zones": column("varchar[]", "含哪些区"),
        "is_practice": column("boolean", "是否练习", "not_null"),
    }, ["area_id"]),
    model("submission_status", {
        "form": column("varchar", "报表"), "reporting_unit_id": column("varchar", "填报单位"),
        "month": column("varchar", "月份"), "state": column("varchar", "状态", "not_null"),
    }, ["form", "reporting_unit_id", "month"]),
    model("findings", {name: column(kind.lower(), name) for name, kind in FINDING_COLUMNS.items()}, ["finding_id"]),
    model("keyless", {"note": column("varchar", "说明", "primary_key")}, []),
    model("hidden", {"note": column("varchar", "说明")}, [], access="protected"),
    model("staged", {"note": column("varchar", "说明")}, [], schema="staging"),
]  # fmt: skip


def make_workspace(folder: Path) -> Settings:
    """A workspace in which everything before the release has run."""
    made = Settings(folder)
    prepare(made, 1)
    manifest = {"metadata": {"dbt_version": "1.11.16"}, "nodes": {f"model.wanstat.{one['name']}": one for one in MODELS}}
    files.write_whole(made.dbt_target / "manifest.json", json.dumps(manifest))
    made.results.mkdir(parents=True)
    for table in (*CONFLICT_TABLES.values(), FULL_YEAR_TABLE, CARD_TABLE):
        with duckdb.connect() as connection:
            connection.execute(f"create table t ({', '.join(f'{one.name} {one.type}' for one in table.columns)})")
            connection.table("t").write_parquet(str(made.results / f"{table.name}.parquet"))
    write_outcomes(made, [FAILED])
    return made


def prepare(settings: Settings, value: int, *, practice: bool = False, descending: bool = False) -> None:
    """The build database of a load in which every area has the value `value`."""
    settings.var.mkdir(parents=True, exist_ok=True)
    settings.build_database.unlink(missing_ok=True)
    columns = ", ".join(f"{name} {kind}" for name, kind in FINDING_COLUMNS.items())
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.observations as
                select '合成' || lpad(n::varchar, 3, '0') as area_id, {value}::decimal(20,6) as value, ['甲', '乙'] as zones,
                    {practice} as is_practice
                from range(200) as t(n) order by n {"desc" if descending else ""};
            create table marts.submission_status as select * from (values
                ('合成报表', '合成000', '2022-10', 'accepted'), ('合成报表', '合成001', '2022-10', 'returned'),
                ('合成报表', '合成002', '2022-10', 'missing')) as t(form, reporting_unit_id, month, state);
            create table marts.findings ({columns});
            insert into marts.findings (finding_id, rule_id, level, severity, message, is_practice)
                values ('f1', 'test', 1, 'error', '合成的发现', false);
            create table marts.keyless as select '合成' as note;
            create schema core;
        """)
        history.keep(settings)
        for table, (name, _) in history.KEPT.items():
            empty = kept_folder(settings, table) / "_schema.parquet"
            connection.execute(f"create table core.{name} as select *, false as is_kept from read_parquet('{empty}')")


def publish(settings: Settings, request: ReleaseRequest, gate: Gate) -> PublishedRelease:
    """Publish what was built, as if it had been built for the release that is next.

    One page stands for all: the made-up database lacks most of what they tell, and they have tests of their own.
    """
    release_id = f"{request.month}-r{next_revision(settings, request.month)}"
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("delete from core.core_releases")
        connection.execute("insert into core.core_releases (release_id, is_kept) values (?, false)", [release_id])
    with mock.patch.object(build, "write_site", lambda folder, **told: (folder / "index.html").write_text("合成")):
        return build.publish(settings, request, gate)


def request(digest: str = "d1", *, month: str = "2022-10", practice: bool = False) -> ReleaseRequest:
    return ReleaseRequest(month=month, is_practice=practice, inputs_digest=digest, counts={"accepted": 1, "returned": 1})


def ask(path: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def content(settings: Settings) -> tuple[str, dict[str, str], list[tuple]]:
    """What readers get: the current release, its digests, and the value in the stable file."""
    current = current_release(settings)
    return current.release_id, current.content, ask(stable_database(settings), "select distinct value from marts.observations")


class Killed(BaseException):
    """Stands for SIGKILL: the code after it does not run, not even what cleans up."""
