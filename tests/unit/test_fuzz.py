"""Damaged files and random sheets for a minute, the same ones each time; `tests/bench/fuzz.py` does it for an hour.

Below them, each as small as it could be made, are the inputs that ever made our own code trip or take its time.
"""

import hashlib
import struct
import time
import tracemalloc
from itertools import count
from random import Random

import mutate
import pytest
import writers
from inprocess import TERMS

from pipelines.collect import labels
from pipelines.collect.binaries import OleContainer, contained
from pipelines.collect.containers import Container, Sheet, Unreadable, open_container
from pipelines.collect.layouts_binary import biff_layouts
from pipelines.collect.packages import Package
from pipelines.collect.reader import Reader
from pipelines.collect.table import read_table
from pipelines.collect.terms import ArchivedFile

SEED = "1"
FILES_SECONDS, SHEETS_SECONDS = 22, 10  # about 1,500 files and 500 sheets on a small machine; how many is not what is tested
ROUND_FILES = 64
QUICK_SECONDS = 5  # for what takes some hundredths of a second; a slow machine is no fault of the code
EVENTS, CONTRACTS = "popular_science_events", "technical_contracts"
HEADER = ["活动类别", "活动方式", "活动次数", "参加人次"]
ROW, SUBTOTAL = ["科普讲座", "线下", 3, 10], ["小计", None, 30, 100]


def test_damaged_files_are_read_as_they_are_or_refused_in_words(tmp_path):
    reader = Reader(TERMS, mutate.probed)
    wrong, done, end = [], 0, time.monotonic() + FILES_SECONDS
    for turn in count():
        if time.monotonic() > end or wrong:
            break
        cases = {}
        for number in range(turn * ROUND_FILES, (turn + 1) * ROUND_FILES):
            case = mutate.case(SEED, number)
            path = tmp_path / hashlib.sha256(case.content).hexdigest()
            path.write_bytes(case.content)
            cases[path] = number, ArchivedFile(path, len(case.content), (case.name,), mutate.WANTED)
        outcomes = list(reader.examine(file for _, file in cases.values()))
        assert [file for file, _ in outcomes] == [file for _, file in cases.values()]
        for file, outcome in outcomes:
            if what := mutate.what_is_wrong(file, outcome):
                wrong.append(f"python tests/bench/fuzz.py --seed {SEED} --only {cases[file.path][0]}\n{what}")
        done += len(outcomes)
    reader.close()
    print(f"{done} damaged files")
    assert not wrong, "\n".join(wrong)


def test_random_sheets_are_read_without_a_trip():
    end = time.monotonic() + SHEETS_SECONDS
    for number in count():
        if time.monotonic() > end:
            break
        try:
            with mutate.alarm(QUICK_SECONDS):
                mutate.look_at(mutate.container(SEED, number), TERMS)
        except (Exception, mutate.Slow) as error:
            pytest.fail(f"python tests/bench/fuzz.py --seed {SEED} --only cells-{number}: {error!r}")
    print(f"{number} random sheets")


def contract(**cells):
    """A contract with some cells of its own."""
    fields = TERMS.forms[CONTRACTS].fields
    usual = [mutate.value_of(TERMS.forms[CONTRACTS], field.name, Random(2), 1) for field in fields]
    return [
        [field.label for field in fields],
        usual,
        [cells.get(field.name, cell) for field, cell in zip(fields, usual, strict=True)],
    ]


def in_words(content: bytes) -> bool:
    try:
        return bool(open_container(content).sheets)
    except Unreadable as refused:
        return mutate.is_chinese(refused.message)


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td colspan='²'>1</td></tr></table>",  # a digit to isdigit() and none to int()
        f"<table><tr><td rowspan='{'9' * 5_000}'>1</td></tr></table>",  # more digits than int() takes
        "<table><tr>" + "<td rowspan=999 colspan=999>1</td>" * 2 + "</tr></table>",  # a million cells under each
        "<table><tr>" + "<td>" * 1_000_000,
        "<html",  # nothing that lxml could make a document of
        "<!-- <table> -->",
    ],
    ids=["superscript", "5,000 digits", "spans", "columns", "cut short", "comment"],
)
def test_odd_pages(page):
    with mutate.alarm(QUICK_SECONDS):
        assert in_words(page.encode())


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("contract_name", "x\ty" + " " * 100_000 + "z"),  # spaces, of which one is odd: by the square of their number
        ("contract_no", "x\ty" + " " * 100_000 + "z"),
        ("signed_on", "T" * 100_000),  # where a time of day may begin
        ("signed_on", "2022-10-31" + " T" * 50_000),
        ("contract_value", "123 " * 40_000 + "1234"),  # digits parted in threes
        ("contract_value", "0e999"),  # zero in a way that no column of Polars holds
    ],
)
def test_cells(field, text):
    with mutate.alarm(QUICK_SECONDS):
        mutate.look_at(Container("csv", [Sheet("CSV", contract(**{field: text}))]), TERMS)


OVERLAPPING = ((1, 0, 60, 160),) * 4_000
HEADED = [(0, 4, 0, 4_003), *((0, column, 1, column) for column in range(4))]
SHEETS = {
    "a subtotal every ten rows": Sheet("表", [HEADER, *[*[ROW] * 10, SUBTOTAL] * 2_000]),
    "thousands of sections": Sheet(
        "表", [HEADER, *[["某某"], ROW] * 10_000], tuple((1 + 2 * place, 0, 1 + 2 * place, 3) for place in range(10_000))
    ),
    "ranges over one another": Sheet("表", [[*HEADER, *["栏"] * 200], *[[*ROW, *["值"] * 200]] * 200], OVERLAPPING),
    "a long label over thousands of columns": Sheet(
        "表", [[*HEADER, "题" * 30_000], [None] * 4 + ["子"] * 4_000, ROW], tuple(HEADED)
    ),
    "a value far below": Sheet("表", [HEADER, ROW, *[[None] * 4] * 1_000_000, ROW]),
    "a sheet's name of spaces": Sheet(" " * 30_000, [["2022年10月"], HEADER, ROW]),
}


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_that_took_time_by_the_square_of_their_size(name):
    container = Container("xlsx", [SHEETS[name]])
    with mutate.alarm(QUICK_SECONDS):
        mutate.signals_of(container, TERMS.forms, TERMS.units)
        table = read_table(container, TERMS.forms[EVENTS], mutate.MONTH, TERMS.code_lists)
    assert sum(len(problem.message) for problem in table.problems) < 3_000_000


def test_a_part_without_a_name():
    content = writers.zipped([("xl/workbook.xml", b"<workbook/>"), ("x", b"")])
    start = content.rindex(b"PK\x01\x02")
    nameless = bytearray(content)
    nameless[start + 28 : start + 32] = b"\x00\x00\x01\x00"  # its one letter is an extra field
    assert in_words(bytes(nameless))


DIMENSIONS_TURNED = (0x200, struct.pack("<IIHHH", 0xFF00, 12, 0, 30, 0))


def test_a_description_of_an_encryption_that_is_a_folder():
    name = "EncryptionInfo".encode("utf-16-le").ljust(64, b"\0") + b"\x1e\0"
    sealed = mutate.whole_encrypted()
    assert name + b"\x02" in sealed
    assert in_words(sealed.replace(name + b"\x02", name + b"\x01"))


def directory_in_a_circle() -> bytes:
    content = bytearray(contained(b""))
    place = len(content) - 512 + 4 * 8  # in the sector table, what follows the directory's sector: the eighth
    content[place : place + 4] = b"\x08\x00\x00\x00"
    return bytes(content)


CELL_CUT_SHORT = (6, b"\x03\x4e\xaf\x73\x83\x58")


@pytest.mark.parametrize(
    "check",
    [
        lambda: biff_layouts(writers.old_stream(b"", writers.record(*DIMENSIONS_TURNED))),
        lambda: Package(
            writers.binary_workbook(
                writers.binary_part(writers.binary_book("表")), writers.binary_part([(0, bytes(17)), CELL_CUT_SHORT])
            )
        ).layouts(),
        lambda: OleContainer(directory_in_a_circle()),
    ],
    ids=["xls", "xlsb", "ole"],
)
def test_what_made_calamine_ask_for_memory_without_end(check):
    with pytest.raises(Unreadable):
        check()


def test_months_are_written_in_ordinary_digits():
    container = Container("xlsx", [Sheet("_wanstat", [["month", "20٢٢-10"]], is_hidden=True), Sheet("表", [HEADER, ROW])])
    signals = mutate.signals_of(container, TERMS.forms, TERMS.units)
    assert "不是“年-月”" in str(mutate.identify(signals, "科普活动月报_宛城区.xlsx", TERMS.forms, TERMS.units).problem)


def test_long_texts_are_not_kept_for_the_files_that_follow():
    tracemalloc.start()
    for number in range(500):
        for function in (labels.is_note, labels.is_total, labels.normalised_label, labels.is_footer):
            function(f"{number}" + "文" * 20_000)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 5 << 20  # 500 of them are 20 MB
