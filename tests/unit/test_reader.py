"""Readers that die, hang or eat all memory: each costs its file and nothing else."""

import hashlib
import os
import resource
import time

import pytest
from inprocess import TERMS

from pipelines.collect.children import BATCH_FILES, CRASHED, TOO_LARGE, TOO_MUCH_MEMORY, TOO_SLOW
from pipelines.collect.examine import examine
from pipelines.collect.reader import Reader
from pipelines.collect.terms import ArchivedFile, Examined, Terms

EVENTS = "popular_science_events"
NAME = "submissions/科普活动月报_宛城区_2022-10.csv"
GOOD = "活动类别,活动方式,活动次数,参加人次\n科普讲座,线下,{},10\n"


# What hostile files do to readers, done by hand: these run in the child.
def aborts(file: ArchivedFile, terms: Terms) -> Examined:
    os.abort()


def hangs(file: ArchivedFile, terms: Terms) -> Examined:
    time.sleep(600)
    return Examined()


def eats(file: ArchivedFile, terms: Terms) -> Examined:
    bytearray(3 << 30)
    return Examined()


def panics(file: ArchivedFile, terms: Terms) -> Examined:
    raise BaseException("as a Rust panic does")


def dies_of_a_bad_one(file: ArchivedFile, terms: Terms) -> Examined:
    if file.path.read_bytes() == b"bad":
        os.abort()
    return examine(file, terms)


@pytest.fixture
def filed(tmp_path):
    """Puts bytes where the archive would."""

    def put(content: bytes, *names: str) -> ArchivedFile:
        path = tmp_path / hashlib.sha256(content).hexdigest()
        path.write_bytes(content)
        return ArchivedFile(path, len(content), names)

    return put


@pytest.mark.parametrize(
    ("task", "said"),
    [(aborts, CRASHED.message), (hangs, TOO_SLOW.message), (eats, TOO_MUCH_MEMORY.message), (panics, "Rust panic")],
)
def test_whatever_a_file_does_to_its_reader_becomes_words(task, said, filed):
    reader = Reader(TERMS, task, seconds_a_file=3)
    start = time.monotonic()
    [(_, outcome)] = reader.examine([filed(b"x")])
    reader.close()
    assert said in outcome.message and outcome.advice
    assert time.monotonic() - start < 20


def test_the_files_in_the_batch_of_a_deadly_one_are_read_and_the_parent_stays_small(filed):
    reader = Reader(TERMS, dies_of_a_bad_one)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = [filed(GOOD.format(count).encode(), NAME) for count in range(2 * BATCH_FILES)]
    files.insert(3, filed(b"bad", NAME))
    outcomes = list(reader.examine(files))
    reader.close()
    assert [file for file, _ in outcomes] == files
    assert [place for place, (_, outcome) in enumerate(outcomes) if not isinstance(outcome, Examined)] == [3]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


def test_a_table_is_read_once_and_kept_until_it_is_asked_for(filed):
    reader = Reader(TERMS)
    file = filed(GOOD.format(7).encode(), NAME)
    list(reader.examine([file]))
    file.path.unlink()  # what is kept needs no file
    [reading] = reader.tables([file], EVENTS, "2022-10")
    reader.close()
    assert reading.table.columns["event_count"] == [7]


def test_a_file_beyond_the_limit_is_not_even_opened(filed):
    reader = Reader(TERMS)
    file = ArchivedFile(filed(b"x").path, 1 << 40, (NAME,))
    assert list(reader.examine([file])) == [(file, TOO_LARGE)]
    reader.close()


def test_children_are_reused(filed):
    reader = Reader(TERMS, seconds_a_file=10)
    list(reader.examine([filed(GOOD.format(0).encode(), NAME)]))
    start = time.monotonic()
    list(reader.examine([filed(GOOD.format(count).encode(), NAME) for count in range(1, 200)]))
    reader.close()
    assert time.monotonic() - start < 20  # a process each would take far longer
