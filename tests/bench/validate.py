"""Validating, as rows a second and as a ratio to importing what it needs.

Run by `make bench`. Prints; asserts nothing about time.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipelines.collect.terms import load_terms
from pipelines.collect.values import Passport, ReadTable
from pipelines.forms.columns import landing_schema
from pipelines.forms.template import render_template
from pipelines.settings import Settings
from pipelines.validate.checks import Checks
from pipelines.validate.rules import Rules

ROWS, RATE = 1_000_000, 300_000
CHECK_ROWS, CHECK_RATIO, FOLDER_FILES, FOLDER_SECONDS = 300, 1.4, 150, 8.0
CONTRACTS, MONTH = "technical_contracts", "2022-10"


def main() -> None:
    terms = load_terms(Settings().seeds)
    with tempfile.TemporaryDirectory() as folder:
        check_one(Path(folder), terms)
        check_folder(Path(folder), terms)
    a_million_rows(terms)


def a_million_rows(terms) -> None:
    """All stages of one file's checks over a register of a million rows that is already read."""
    form = terms.forms[CONTRACTS]
    frame = register(form, ROWS)
    passports = {name: Passport(name, "A", name, None, None) for name in form.by_name}
    table = ReadTable("合同", form, passports=passports)
    [submission_id] = frame["submission_id"].unique()
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        checks = Checks(form, MONTH, frame, {submission_id: table}, terms)
        found = [checks.structure(), checks.values()]
        verdicts = Rules(form, frame, terms.units, terms.code_lists, {submission_id: table.letters}, {}).judge((1,))
        best = min(best, time.perf_counter() - start)
        assert not any(found) and not verdicts.broken and not verdicts.unverified, (found, verdicts)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    over = "" if ROWS / best >= RATE else "  UNDER"
    print(f"{ROWS:,} rows validated in {best:.2f} s: {ROWS / best:,.0f} rows/s (budget {RATE:,}), peak {peak} MB{over}")


def register(form, rows: int) -> pl.DataFrame:
    number = pl.int_range(rows, eager=True)
    value = (number % 100_000 + 1).cast(pl.Decimal(20, 6))
    return pl.DataFrame(
        {
            "submission_id": pl.repeat(f"{CONTRACTS}/411302/{MONTH}/r1", rows, eager=True),
            "reporting_unit_id": pl.repeat("411302", rows, eager=True),
            "month": pl.repeat(MONTH, rows, eager=True),
            "revision": pl.repeat(1, rows, eager=True, dtype=pl.Int32),
            "file_sha256": pl.repeat("0" * 64, rows, eager=True),
            "sheet": pl.repeat("合同", rows, eager=True),
            "row_number": number + 2,
            "is_practice": pl.repeat(True, rows, eager=True),
            "contract_no": (number + 2022411302000000).cast(pl.String),
            "contract_name": "练习项目" + number.cast(pl.String),
            "contract_type": pl.repeat("development", rows, eager=True),
            "technology_field": pl.repeat("electronics", rows, eager=True),
            "signed_on": pl.repeat(date(2022, 9, 1), rows, eager=True),
            "registered_on": pl.repeat(date(2022, 10, 8), rows, eager=True),
            "seller_name": "练习卖方" + (number % 997).cast(pl.String),
            "seller_division_code": pl.repeat("411302", rows, eager=True),
            "buyer_name": "练习买方" + (number % 991).cast(pl.String),
            "buyer_division_code": pl.repeat("411303", rows, eager=True),
            "contract_value": value,
            "technology_value": value,
        }
    ).cast(landing_schema(form))


def check_one(folder: Path, terms) -> None:
    """`wanstat check` of one workbook in a new process, beside a process that imports pandera and duckdb."""
    path = workbook(folder, terms, terms.units["411302"], MONTH, CHECK_ROWS)
    wanstat = Path(sys.executable).with_name("wanstat")
    bare = [sys.executable, "-c", "import pandera.polars, duckdb"]
    times = [(timed(bare), timed([wanstat, "check", path])) for _ in range(7)]
    base, ours = (min(column) for column in zip(*times, strict=True))
    over = "" if ours <= base * CHECK_RATIO else "  OVER"
    print(f"wanstat check, {CHECK_ROWS} rows: {ours:.2f} s, import {base:.2f} s: {ours / base:.2f} (budget {CHECK_RATIO}){over}")


def check_folder(folder: Path, terms) -> None:
    many = folder / "many"
    many.mkdir()
    units = [unit for unit in terms.units.values() if unit.unit_kind in ("county", "zone")]
    wanted = [(unit, f"2022-{month:02d}") for month in range(1, 10) for unit in units][:FOLDER_FILES]
    for unit, month in wanted:
        workbook(many, terms, unit, month, 60)
    seconds = timed([Path(sys.executable).with_name("wanstat"), "check", many])
    over = "" if seconds <= FOLDER_SECONDS else "  OVER"
    print(f"wanstat check, {FOLDER_FILES} workbooks: {seconds:.1f} s (budget {FOLDER_SECONDS}){over}")


def workbook(folder: Path, terms, unit, month: str, rows: int) -> Path:
    form = terms.forms[CONTRACTS]
    day = date(int(month[:4]), int(month[5:]), 8)
    made = [
        {
            "contract_no": f"{2022411302000000 + number}",
            "contract_name": f"练习项目{number}",
            "contract_type": "development",
            "technology_field": "electronics",
            "signed_on": day - timedelta(days=number % 50),
            "registered_on": day,
            "seller_name": f"练习卖方{number}",
            "seller_division_code": "411302",
            "buyer_name": f"练习买方{number}",
            "buyer_division_code": "411303",
            "contract_value": Decimal(number + 1),
            "technology_value": Decimal(number + 1) / 2,
        }
        for number in range(rows)
    ]
    path = folder / f"{form.title}_{unit.reporting_unit_name}_{month}.xlsx"
    path.write_bytes(render_template(form, unit, month, rows=made, codes=terms.code_lists))
    return path


def timed(command: list) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
