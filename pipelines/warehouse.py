"""Running the dbt project over the landing: the only writer of `build.duckdb`.

Belongs here: parsing once, building in this process, what came of every node. Does not belong here: SQL (dbt_project),
or what a failed check means for the release (release.gate).

dbt is imported late (2 s), and the parsed manifest is kept in `var/dbt` and reused while the project is unchanged.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from pipelines.collect.intake import Progress
from pipelines.files import digest_of, digest_of_tree, write_whole
from pipelines.release.outcomes import CheckOutcome
from pipelines.settings import Settings

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

SAMPLE_ROWS = 5
_OUTCOMES = {"pass": "holds", "fail": "failed", "warn": "failed"}


@dataclass(frozen=True)
class BuiltNode:
    """What came of one dbt node.

    Attributes:
        status: as dbt says it: success, error, skipped, pass, fail, warn.
    """

    unique_id: str
    resource_type: str
    status: str
    seconds: float
    message: str


@dataclass(frozen=True)
class Build:
    """What came of a dbt build: every node, and an outcome for every test and for every model that could not be built."""

    nodes: tuple[BuiltNode, ...]
    outcomes: tuple[CheckOutcome, ...]


class BuildFailed(RuntimeError):
    """dbt could not start or could not parse; the message is for developers."""


def ensure_manifest(settings: Settings) -> Path:
    """Parse the project if it has changed since the last parse; returns the path of `manifest.json`.

    Raises:
        BuildFailed: the project does not parse.
    """
    manifest = settings.dbt_target / "manifest.json"
    stamp = settings.dbt_target / "parsed.txt"
    if not (manifest.exists() and _says(stamp, _project_stamp(settings))):
        stamp.unlink(missing_ok=True)
        _invoke(settings, ["parse"])
        write_whole(stamp, _project_stamp(settings))
    return manifest


def _project_stamp(settings: Settings) -> str:
    return digest_of(*(version(one) for one in ("dbt-core", "dbt-duckdb", "duckdb")), project_digest(settings))


def _says(stamp: Path, text: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="utf-8") == text


def project_digest(settings: Settings) -> str:
    """Changes whenever the dbt project could build something else from the same landing."""
    return digest_of_tree(settings.dbt_project, ".sql", ".yml", ".csv")


def build(settings: Settings, progress: Progress) -> Build:
    """Build the warehouse from landing and seeds, and run all dbt tests.

    Totals of years in which nothing has changed since the last build stay (dbt_project/macros/years.sql). They are only as
    good as the build they come from: after one that was killed or left a model unbuilt, and whenever the project or the tools
    are others, everything is built in a new file.

    Raises:
        BuildFailed: dbt did not run at all. A failing node or test is no exception but part of the result.
    """
    manifest = _load_manifest(settings)
    total = sum(node.resource_type in ("model", "seed", "test") for node in manifest.nodes.values())
    done = 0

    def on_event(event: Any) -> None:
        nonlocal done
        if event.info.name in ("LogModelResult", "LogSeedResult", "LogTestResult", "SkippingDetails"):
            done += 1
            progress("建库与核查", min(done, total), total)

    stamp = _begin(settings)
    # Unit tests hold the SQL, not the data: they belong to `make test`, not to every load.
    results = _invoke(settings, ["build", "--exclude-resource-type", "unit_test"], manifest, on_event)
    nodes = tuple(
        BuiltNode(
            result.node.unique_id,
            str(result.node.resource_type),
            str(result.status),
            result.execution_time,
            result.message or "",
        )
        for result in results
    )
    if all(node.status == "success" for node in nodes if node.resource_type in ("model", "seed")):
        write_whole(stamp, _project_stamp(settings))
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        connection.execute("set file_search_path = ?", [settings.sources])  # staging views read the sources
        outcomes = tuple(
            _outcome(result, connection) if str(result.node.resource_type) == "test" else _unbuilt(result)
            for result in results
            if str(result.node.resource_type) == "test" or str(result.status) == "error"
        )
    return Build(nodes, outcomes)


def _begin(settings: Settings) -> Path:
    """Put the file to build in into its place; returns where to note that the build is one to go on from."""
    database, stamp = settings.build_database, settings.build_database.with_name("built.txt")
    log = database.with_name(database.name + ".wal")
    if database.exists() and not log.exists() and _says(stamp, _project_stamp(settings)):
        # In a copy: whoever reads the last build goes on reading it.
        copy = database.with_name("build.next")
        shutil.copyfile(database, copy)
        copy.replace(database)
    else:
        database.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
    stamp.unlink(missing_ok=True)
    return stamp


def run_unit_tests(settings: Settings) -> list[str]:
    """Run dbt's unit tests on a built warehouse; returns the messages of those that do not pass.

    Raises:
        BuildFailed: dbt did not run at all.
    """
    results = _invoke(settings, ["test", "--select", "test_type:unit"], _load_manifest(settings))
    if not results:
        raise BuildFailed("the project has no unit tests")
    return [f"{result.node.name}: {result.message}" for result in results if str(result.status) != "pass"]


def _load_manifest(settings: Settings) -> Manifest:
    ensure_manifest(settings)
    from dbt.contracts.graph.manifest import Manifest

    manifest = Manifest.from_msgpack((settings.dbt_target / "partial_parse.msgpack").read_bytes())
    manifest.build_flat_graph()  # the `graph` of macros, which dbt itself fills only where it parses
    return manifest


def _invoke(
    settings: Settings, command: list[str], manifest: Manifest | None = None, on_event: Callable[[Any], None] | None = None
) -> list[Any]:
    """Run a dbt command in this process; returns its node results.

    Raises:
        BuildFailed: dbt raised, or could not start.
    """
    os.environ |= {
        # The profile reads these two; nothing in the manifest depends on the workspace.
        "WANSTAT_SOURCES": settings.sources,
        "WANSTAT_BUILD_DATABASE": str(settings.build_database),
        "DO_NOT_TRACK": "1",
    }
    settings.var.mkdir(parents=True, exist_ok=True)
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", settings.dbt_project, "--profiles-dir", settings.dbt_project]
    outputs = ["--target-path", settings.dbt_target, "--log-path", settings.dbt_target / "logs"]
    # dbt's own two logs of every event take a fifth of the build's time; what goes wrong is told by the results.
    quiet = ["--log-level", "none", "--log-level-file", "none", "--no-version-check", "--no-send-anonymous-usage-stats"]
    runner = dbtRunner(manifest=manifest, callbacks=[on_event] if on_event else [])
    try:
        result = runner.invoke([*quiet, *command, *map(str, folders + outputs)])
    finally:
        # dbt keeps its DuckDB handle for the process; the stages that follow open the file themselves.
        DuckDBConnectionManager.close_all_connections()
    if result.exception is not None:
        raise BuildFailed(str(result.exception)) from result.exception
    return list(getattr(result.result, "results", []))


def _outcome(result: Any, connection: duckdb.DuckDBPyConnection) -> CheckOutcome:
    node = result.node
    status = str(result.status)
    outcome = _OUTCOMES.get(status, "could_not_verify")
    sample = _failing_rows(node, connection) if outcome == "failed" else []
    title = node.description or _title(node)
    messages = {
        "holds": "",
        "failed": f"{title}：不成立，{result.failures} 行",
        "could_not_verify": f"{title}：未能核查（{(result.message or status).strip()}）",
    }
    return CheckOutcome(
        tool="dbt",
        check_id=check_id(node.unique_id),
        suite=str(node.resource_type),
        title=title,
        table_name=_tested_table(node),
        severity="error" if str(getattr(node.config, "severity", "error")).lower() == "error" else "warning",
        level=1,
        outcome=outcome,
        unexpected_count=result.failures,
        sample=json.dumps(sample, ensure_ascii=False, default=str),
        message=messages[outcome],
    )


def check_id(unique_id: str) -> str:
    """The stable name of a check from dbt's id of its node."""
    return unique_id.split(".", 2)[2]


def _unbuilt(result: Any) -> CheckOutcome:
    name = result.node.name
    return CheckOutcome(
        tool="dbt",
        check_id=check_id(result.node.unique_id),
        suite=str(result.node.resource_type),
        title=f"{name} 建成",
        table_name=name,
        severity="error",
        level=1,
        outcome="could_not_verify",
        message=f"{name} 没有建成：{' '.join((result.message or '').split())}",
    )


def _failing_rows(node: Any, connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """The first rows a failed test found."""
    cursor = connection.execute(f"select * from ({node.compiled_code}) limit {SAMPLE_ROWS}")
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _title(node: Any) -> str:
    metadata = getattr(node, "test_metadata", None)
    if metadata is None:
        return node.name
    column = metadata.kwargs.get("column_name")
    return f"{_tested_table(node)}{'.' + column if column else ''} {metadata.name}"


def _tested_table(node: Any) -> str:
    attached = getattr(node, "attached_node", None) or getattr(node, "tested_node_unique_id", None)
    if attached is None:
        attached = next(iter(node.depends_on.nodes), "")
    return str(attached).rsplit(".", 1)[-1]
