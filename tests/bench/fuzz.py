"""Reads mutated workbooks, texts and sheets until the time is up, and prints what became of them.

Run as `python tests/bench/fuzz.py --minutes 60 --seed 1`. A find is anything that our own code trips over, anything read that
is not what the file says, anything slow; its bytes and what is wrong with them are left in a temporary folder, and
`--only N` does one case of the seed again in this process.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import mutate
from inprocess import TERMS

from pipelines.collect.containers import Unreadable
from pipelines.collect.examine import examine
from pipelines.collect.reader import Reader
from pipelines.collect.terms import ArchivedFile

ROUND_FILES, ROUND_SHEETS = 128, 12
READER_CASES = 5_000  # then its children are ended and others started, and the tables it keeps are forgotten
CELLS_SECONDS = 5.0


@dataclass
class Tally:
    """What has been done and found so far."""

    folder: Path
    made_from: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    finds: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def find(self, label: str, what: str, content: bytes | None = None) -> None:
        """Count a find by its last line and the place it comes from; the first three of a kind are kept."""
        lines = [line.strip() for line in what.strip().splitlines()]
        places = [line.split(", in ")[0].rsplit("/", 1)[-1] for line in lines if line.startswith("File ")]
        kind = f"{lines[-1][:100]}  [{' < '.join(reversed(places[-3:]))}]"
        self.finds[kind] += 1
        if self.finds[kind] <= 3:
            print(f"\nFIND {label}: {kind}", flush=True)
            (self.folder / f"{label}.txt").write_text(what)
            if content is not None:
                (self.folder / f"{label}.bin").write_bytes(content)


def read_files(reader: Reader, seed: str, numbers: range, filed: Path, tally: Tally) -> None:
    """Read a round of damaged files as a load does."""
    shutil.rmtree(filed, ignore_errors=True)
    filed.mkdir()
    cases = {}
    files = []
    for number in numbers:
        case = mutate.case(seed, number)
        path = filed / hashlib.sha256(case.content).hexdigest()
        if path in cases:
            continue
        path.write_bytes(case.content)
        cases[path] = (number, case)
        files.append(ArchivedFile(path, len(case.content), (case.name,), mutate.WANTED))
    for file, outcome in reader.examine(files):
        number, case = cases[file.path]
        kind = mutate.kind_of(outcome)
        tally.made_from[case.made_from] += 1
        tally.outcomes[kind] += 1
        label = f"{seed}-{number}"
        if wrong := mutate.what_is_wrong(file, outcome):
            tally.find(label, wrong, case.content)
        elif mutate.is_tolerated(outcome):
            tally.deaths[kind] += 1
            (tally.folder / f"death-{label}.bin").write_bytes(case.content)
            print(f"\ndeath {label}: {kind}", flush=True)


def look_at_sheets(seed: str, numbers: range, tally: Tally) -> None:
    """Go through random sheets in this process."""
    for number in numbers:
        found = mutate.container(seed, number)
        start = time.process_time()
        try:
            with mutate.alarm(CELLS_SECONDS):
                mutate.look_at(found, TERMS)
        except (Exception, mutate.Slow):
            tally.find(f"{seed}-cells-{number}", traceback.format_exc())
        tally.slowest = max(tally.slowest, time.process_time() - start)
        tally.made_from["cells"] += 1


def only(seed: str, number: str) -> None:
    """One case in this process, with its traceback."""
    if number.startswith("cells-"):
        mutate.look_at(mutate.container(seed, int(number.removeprefix("cells-"))), TERMS)
        return
    case = mutate.case(seed, int(number))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / hashlib.sha256(case.content).hexdigest()
        path.write_bytes(case.content)
        print(case.made_from, case.name, len(case.content), "bytes")
        try:
            examined = examine(ArchivedFile(path, len(case.content), (case.name,), mutate.WANTED), TERMS)
        except Unreadable as refused:
            print(*refused.args)
            return
        print(mutate.kind_of(examined), *mutate.misread(case.content, examined, TERMS), sep="\n")


def main() -> None:
    """Fuzz until the time is up and print the summary."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", metavar="N")
    given = parser.parse_args()
    if given.only:
        only(given.seed, given.only)
        return
    folder = Path(tempfile.mkdtemp(prefix="wanstat-fuzz-"))
    tally = Tally(folder)
    start = time.monotonic()
    until = start + 60 * given.minutes
    print(f"seed {given.seed}, {given.minutes:g} minutes, finds go to {folder}", flush=True)
    reader = Reader(TERMS, mutate.probed)
    for turn in count():
        if time.monotonic() >= until:
            break
        numbers = range(turn * ROUND_FILES, (turn + 1) * ROUND_FILES)
        read_files(reader, given.seed, numbers, folder / "round", tally)
        look_at_sheets(given.seed, range(turn * ROUND_SHEETS, (turn + 1) * ROUND_SHEETS), tally)
        if numbers.stop % READER_CASES < ROUND_FILES:
            reader.close()
        seconds = time.monotonic() - start
        cases, memory = tally.made_from.total(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"\r{seconds:5.0f} s  {cases} cases  {tally.finds.total()} finds  parent {memory} MB", end="", flush=True)
    reader.close()
    shutil.rmtree(folder / "round", ignore_errors=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"\n\n{tally.made_from.total()} cases in {time.monotonic() - start:.0f} s, parent at most {memory} MB")
    print(f"slowest sheet in this process {tally.slowest:.2f} s")
    for title, counted in (
        ("made from", tally.made_from),
        ("outcomes of files", tally.outcomes),
        ("died with their reader, refused in words", tally.deaths),
        ("finds", tally.finds),
    ):
        print(f"\n{title}: {counted.total()}")
        for kind, number in counted.most_common():
            print(f"  {number:>7}  {kind}")
    sys.exit(1 if tally.finds else 0)


if __name__ == "__main__":
    main()
