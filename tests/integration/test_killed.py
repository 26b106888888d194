"""A load that is killed in every stage: it ends where it would have ended, and nothing waits for the dead."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from conftest import MONTH, content, practice_home, wanstat, with_parsed_project

from pipelines.release.catalog import BUILDING
from pipelines.settings import Settings

# What a load writes first in the stage it is to be killed in. The late stages come before the build, so that the last load
# finds at once half an archive and landing, half a build and half a release.
FIRST_WRITTEN = {
    "collect": "archive/??/*",
    "land": "landing/submissions/*.parquet",
    "release": f"published/releases/{BUILDING}*",
    "build": "build.duckdb",
}
PATIENCE = 200  # seconds


def load_and_kill(home: Path, written: str) -> bool:
    """Start a load and kill it, children and all, once it has written what matches; returns whether it came to that."""
    started = time.time()
    command = [str(Path(sys.executable).with_name("wanstat")), "--home", str(home), "load", MONTH]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    reached = False
    while not reached and process.poll() is None and time.time() < started + PATIENCE:
        time.sleep(0.05)
        with contextlib.suppress(FileNotFoundError):  # a temporary name, gone again
            reached = any(path.stat().st_mtime > started for path in Settings(home).var.glob(written))
    if reached:
        time.sleep(0.5)  # in the midst of it: of the build, dbt is at work and holds the pool's only slot
    is_alive = process.poll() is None
    if is_alive:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return reached and is_alive


def test_a_load_killed_in_every_stage_and_repeated_ends_in_the_same_release(loaded, tmp_path):
    home = with_parsed_project(practice_home(tmp_path / "home"), loaded)
    for stage, written in FIRST_WRITTEN.items():
        assert load_and_kill(home, written), stage
    again = wanstat(home, "load", MONTH, "--json")
    assert again.json is not None, again.err
    assert again.json["release"] == "2022-10-r1"
    assert content(home) == content(loaded.home)
    with sqlite3.connect(Settings(home).dagster_home / "storage" / "runs.db") as connection:
        states = [status for (status,) in connection.execute("select status from runs order by id")]
    assert states == ["FAILURE"] * len(FIRST_WRITTEN) + ["SUCCESS"]
