"""Prints how long a first load of the practice month takes, a second one with nothing new, and one more file.

Run with `make bench`. Nothing here asserts a time: machines differ and this one is noisy, so every figure stands beside
references taken in the same run.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from pipelines.settings import CHECKOUT

MONTH = "2022-10"
BUDGETS = {"first load": 40.0, "nothing new": 15.0}
WANSTAT = Path(sys.executable).with_name("wanstat")


def timed(*command: object) -> tuple[float, str]:
    """Wall-clock seconds of a process, and what it printed."""
    start = time.perf_counter()
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(run.stderr)
    return time.perf_counter() - start, run.stdout


def main() -> None:
    """Measure in a fresh workspace and print the table."""
    print(f"{date.today()}  Python {platform.python_version()}  {platform.machine()}  practice month {MONTH}\n")
    imports, _ = timed(sys.executable, "-c", "import dagster_dbt, great_expectations, pandera.polars")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        shutil.copytree(CHECKOUT / "raw" / "practice", home / "raw" / "practice")
        first, told = timed(WANSTAT, "load", MONTH, "--home", home, "--json")
        again, _ = timed(WANSTAT, "load", MONTH, "--home", home, "--json")
        source = next((home / "raw" / "practice").glob("*/科普活动月报_411329_2022-09*"))
        source.with_name("科普活动月报_411329_2022-10_练习_第2次.csv").write_bytes(source.read_bytes())
        one_more, told_more = timed(WANSTAT, "load", MONTH, "--home", home, "--json")
    print(f"{'what':<34}{'seconds':>9}{'share':>8}")
    print(f"{'reference: import of the tools':<34}{imports:>9.1f}")
    for name, wall, output in (("first load", first, told), ("one more file", one_more, told_more), ("nothing new", again, "{}")):
        budget = BUDGETS.get(name)
        verdict = "" if budget is None else f"  budget {budget:.0f} s: {'met' if wall <= budget else 'OVER'}"
        print(f"{name:<34}{wall:>9.1f}{'':>8}{verdict}")
        stages = json.loads(output).get("seconds", {})
        for stage, seconds in stages.items():
            print(f"{'  ' + stage:<34}{seconds:>9.1f}{seconds / wall:>8.0%}")
        if stages:
            rest = wall - sum(stages.values())
            print(f"{'  start-up, dbt parse, Dagster':<34}{rest:>9.1f}{rest / wall:>8.0%}")
    print(f"\nfirst load / import of the tools: {first / imports:.1f}×;  nothing new / first load: {again / first:.2f}×")


if __name__ == "__main__":
    main()
