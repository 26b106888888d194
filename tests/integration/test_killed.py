"""Loads that are killed in the middle: the next one ends where they would have ended, and nothing waits for the dead."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import MONTH, content, practice_home, wanstat

from pipelines.settings import Settings


@pytest.mark.parametrize("share", [0.15, 0.4, 0.7, 0.95])
def test_a_load_killed_in_the_middle_and_repeated_ends_in_the_same_release(loaded, tmp_path, share):
    home = practice_home(tmp_path / "home")
    took = sum(loaded.run.json["seconds"].values())
    command = [str(Path(sys.executable).with_name("wanstat")), "--home", str(home), "load", MONTH]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    time.sleep(took * share + 2)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = wanstat(home, "load", MONTH, "--json")
    assert again.json is not None, again.err
    assert again.json["release"] == "2022-10-r1"
    assert content(home) == content(loaded.home)


def test_a_run_killed_while_it_builds_is_marked_and_does_not_keep_the_next_one_waiting(tmp_path):
    home = practice_home(tmp_path / "home")
    command = [str(Path(sys.executable).with_name("wanstat")), "--home", str(home), "load", MONTH]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 200
    while not Settings(home).build_database.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)  # dbt is at work and holds the pool's only slot
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    again = wanstat(home, "load", MONTH, "--json")
    assert again.json and again.json["release"] == "2022-10-r1", again.err
    with sqlite3.connect(Settings(home).dagster_home / "storage" / "runs.db") as connection:
        states = [status for (status,) in connection.execute("select status from runs order by id")]
    assert states == ["FAILURE", "SUCCESS"]
