"""A workspace with the practice city, and one load of it that many tests look at."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from filelock import FileLock

from pipelines.settings import CHECKOUT, Settings

MONTH = "2022-10"


def wanstat(home: Path, *arguments: str, **options) -> SimpleNamespace:
    """Run the installed command in its own process; `json` is its standard output, read, where asked for."""
    environment = {key: value for key, value in os.environ.items() if key not in ("WANSTAT_HOME", "DAGSTER_HOME")}
    command = [str(Path(sys.executable).with_name("wanstat")), "--home", str(home), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600, check=False, **options)
    told = json.loads(run.stdout) if "--json" in arguments and run.stdout else None
    return SimpleNamespace(status=run.returncode, out=run.stdout, err=run.stderr, json=told)


def query(home: Path, sql: str, *parameters: object) -> list[tuple]:
    """Rows from the published database, opened as any reader would."""
    with duckdb.connect(str(Settings(home).published / "wanstat.duckdb"), read_only=True) as connection:
        return connection.execute(sql, list(parameters)).fetchall()


def content(home: Path) -> dict[str, str]:
    """Table -> digest of the current release."""
    current = json.loads((Settings(home).published / "current.json").read_text(encoding="utf-8"))
    manifest = Settings(home).published / "releases" / current["release_id"] / "manifest.json"
    return {name: table["digest"] for name, table in json.loads(manifest.read_text(encoding="utf-8"))["tables"].items()}


def practice_home(folder: Path) -> Path:
    shutil.copytree(CHECKOUT / "raw" / "practice", folder / "raw" / "practice")
    return folder


def with_parsed_project(home: Path, loaded: SimpleNamespace) -> Path:
    """A new workspace that needs not parse the dbt project once more (15 s): what dbt read of it holds for every workspace."""
    folder = Settings(home).dbt_target
    folder.mkdir(parents=True)
    for name in ("manifest.json", "partial_parse.msgpack", "parsed.txt"):
        shutil.copy(Settings(loaded.home).dbt_target / name, folder / name)
    return home


@pytest.fixture(scope="session")
def planted() -> dict:
    """What the practice generator planted and expects: the oracle."""
    return json.loads((CHECKOUT / "raw" / "practice" / "planted.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory, worker_id) -> SimpleNamespace:
    """The practice city loaded once, however many workers run the tests. Tests that change anything copy it first."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home, told = shared / "loaded", shared / "loaded.json"
    with FileLock(shared / "loaded.lock"):
        if not told.exists():
            run = wanstat(practice_home(home), "load", MONTH, "--json")
            told.write_text(json.dumps(vars(run)), encoding="utf-8")
    return SimpleNamespace(home=home, run=SimpleNamespace(**json.loads(told.read_text(encoding="utf-8"))))


@pytest.fixture
def copied(loaded, tmp_path) -> Path:
    """A copy of the loaded workspace to change."""
    return shutil.copytree(loaded.home, tmp_path / "home")
