"""The real files beside the project, where they are there: each folder behaves as its README asks."""

import hashlib
import json
import resource
import time
from datetime import date, datetime

import pytest
from inprocess import TERMS

from pipelines.collect.cells import address
from pipelines.collect.children import CRASHED, TOO_MUCH_MEMORY, TOO_SLOW
from pipelines.collect.containers import Unreadable, open_container
from pipelines.collect.headers import Head
from pipelines.collect.reader import Reader
from pipelines.collect.tables import NoTable, find_table
from pipelines.collect.terms import ArchivedFile
from pipelines.forms.divisions import Divisions, division_of, load_divisions
from pipelines.settings import CHECKOUT, Settings

REAL = CHECKOUT.parent / "shared" / "real-files"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not part of the project")


def names(folder, pattern="*"):
    return sorted(path.name for path in (REAL / folder).glob(pattern)) if REAL.is_dir() else []


def test_hostile_files_are_refused_in_words_and_the_parent_stays_small(tmp_path):
    files = []
    for path in sorted((REAL / "hostile").iterdir()):
        filed = tmp_path / hashlib.sha256(path.read_bytes()).hexdigest()
        filed.write_bytes(path.read_bytes())
        files.append(ArchivedFile(filed, path.stat().st_size, (f"submissions/{path.name}",)))
    reader = Reader(TERMS)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    outcomes = {file.file_names[0]: outcome for file, outcome in reader.examine(files)}
    seconds, grown = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    reader.close()
    assert {name for name, outcome in outcomes.items() if not isinstance(outcome, Unreadable)} == set()
    assert all(outcome.message and outcome.advice for outcome in outcomes.values())
    died = (CRASHED.args, TOO_SLOW.args, TOO_MUCH_MEMORY.args)
    assert {name for name, outcome in outcomes.items() if outcome.args in died} == set()
    assert "密码" in outcomes["submissions/pass_protected.xlsx"].message
    assert all("密码" not in outcome.message for name, outcome in outcomes.items() if "pass_protected" not in name)
    assert seconds < 30 and grown < 30_000  # KiB


@pytest.mark.parametrize("name", names("csv/csvs"))
def test_csv_spectrum(name):
    content = (REAL / "csv" / "csvs" / name).read_bytes()
    expected = json.loads((REAL / "csv" / "json" / name.replace(".csv", ".json")).read_text(encoding="utf-8"))
    header, *rows = open_container(content).sheets[0].rows
    read = [{label: cell or "" for label, cell in zip(header, row, strict=True)} for row in rows]
    if name == "newlines_crlf.csv" and b"\r\n" not in content:  # a copy that has lost its CRLFs
        expected = [{label: cell.replace("\r\n", "\n") for label, cell in row.items()} for row in expected]
    if isinstance(expected, dict):  # the one row of location_coordinates, whose telephone number differs there
        number = "Contact Phone Number"
        read, expected = [row | {number: ""} for row in read], [expected | {number: ""}]
    assert read == expected


def test_headers_have_the_depth_and_cells_that_people_marked_or_are_refused():
    expected = {each["file"]: each for each in json.loads((REAL / "headers" / "expected_headers.json").read_text())}
    wrong, read = {}, 0
    for path in sorted((REAL / "headers").glob("*.xlsx")):
        sheet = open_container(path.read_bytes()).sheets[0]
        found, marked = find_table(sheet), expected[path.name]
        if isinstance(found, NoTable):
            if path.name.startswith("hierarchical"):
                wrong[path.name] = found.reason
            continue
        head = Head(list(sheet.rows), sheet.merged)
        cells = {address(row, column) for row in range(found.header.last + 1) for column in head.filled(row)}
        read += 1
        if (found.header.last + 1, cells) != (marked["header_rows_from_top"], set(marked["column_attribute"])):
            wrong[path.name] = found.header
    assert wrong == {} and read >= 11


@pytest.mark.parametrize("folder", ["yearbook", "nbs"])
def test_yearbook_and_national_tables_read_to_the_same_kind_of_table(folder):
    for path in sorted((REAL / folder).iterdir()):
        found = find_table(open_container(path.read_bytes()).sheets[0])
        assert not isinstance(found, NoTable), path.name
        if path.name.startswith("raw-"):
            assert found.units[0] in ("项", "万元") and len(found.totals) == 1 and len(found.body) == 37
        if path.suffix == ".csv":
            assert found.units in (("亿元",), ("人",)) and len(found.body) == 31 and len(found.notes) == 2


def test_the_two_date_systems_read_alike():
    def dates(name):
        rows = open_container((REAL / "dates" / name).read_bytes()).sheets[0].rows
        return [[cell for cell in row if isinstance(cell, date | datetime)] for row in rows]

    assert dates("date.xlsx") == dates("date_1904.xlsx") == dates("date_1904.xls") != []


def test_an_area_code_is_valid_for_a_year_and_a_retired_one_is_expired_and_not_unknown():
    header, *rows = open_container((REAL / "area_codes_henan.csv").read_bytes()).sheets[0].rows
    there = [dict(zip(header, row, strict=True)) for row in rows]
    divisions = Divisions(
        division_of(
            {
                "division_code": row["代码"],
                "division_name": row["名称"],
                "since_year": row["启用时间"],
                "until_year": row["变更/弃用时间"] or "",
                "successors": row["新代码"] or "",
            }
        )
        for row in there
    )
    for row in there:
        since, until, code = int(row["启用时间"]), row["变更/弃用时间"], row["代码"]
        assert divisions.status(code, since) == "valid" and divisions.status(code, 1900) == "not_yet"
        if row["状态"] == "弃用":
            assert divisions.status(code, int(until)) == "valid" and divisions.status(code, 2022) in ("expired", "valid")
    assert divisions.status("412921", 2022) == "expired" and divisions.last("412921").successors == ("411321",)
    assert (divisions.status("411399", 2022), divisions.status("110101", 2022)) == ("unknown", "elsewhere")
    ours = load_divisions(Settings().seeds)
    assert all(
        ours.status(row["代码"], 2022) == divisions.status(row["代码"], 2022)
        for row in there
        if row["代码"][:4] in ("4113", "4129")
    )
