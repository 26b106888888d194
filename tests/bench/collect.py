"""Reading, identifying and archiving, each as a ratio to the bare library doing nothing but reading the same cells.

Run by `make bench`. Prints; asserts nothing about time.
"""

from __future__ import annotations

import csv
import hashlib
import io
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

from python_calamine import CalamineWorkbook

from pipelines.collect.containers import Unreadable
from pipelines.collect.reader import Reader
from pipelines.collect.terms import ArchivedFile, Terms, load_terms
from pipelines.settings import Settings

SMALL_FILES, SMALL_ROWS, SMALL_BUDGET = 150, 60, 1.5
XLSX_ROWS, CSV_ROWS, LARGE_BUDGET = 200_000, 1_000_000, 3.0
CONTRACTS = "technical_contracts"


def main() -> None:
    terms = load_terms(Settings().seeds)
    print(f"{'what':44} {'bare':>8} {'wanstat':>8} {'ratio':>6} {'budget':>6}")
    with tempfile.TemporaryDirectory() as folder:
        small_workbooks(Path(folder), terms)
        large(Path(folder) / "large.xlsx", "xlsx", XLSX_ROWS, terms)
        large(Path(folder) / "large.csv", "GB18030 CSV", CSV_ROWS, terms)


def small_workbooks(folder: Path, terms: Terms) -> None:
    """Workbooks of the template, a new workspace each time; starting the child processes counts."""
    # Imported here, since a child process imports this module too.
    from pipelines.collect.intake import collect
    from pipelines.forms.template import render_template

    inbox = folder / "inbox" / "raw" / "submissions"
    inbox.mkdir(parents=True)
    units = [unit for unit in terms.units.values() if unit.unit_kind in ("county", "zone")]
    wanted = [(terms.forms[form_id], unit, f"2022-{month:02d}") for month in range(1, 4) for form_id in ROWS_OF for unit in units]
    for form, unit, month in wanted[:SMALL_FILES]:
        rows = ROWS_OF[form.form](terms)
        content = render_template(form, unit, month, rows=rows, codes=terms.code_lists)
        (inbox / f"{form.title}_{unit.reporting_unit_name}_{month}.xlsx").write_bytes(content)
    paths = sorted(inbox.iterdir())

    def bare() -> None:
        for path in paths:
            read_bare(path)

    def ours(turn: int) -> None:
        home = folder / f"small{turn}"
        (home / "raw").mkdir(parents=True)
        (home / "raw" / "submissions").symlink_to(inbox)
        reader = Reader(terms)
        intake = collect(Settings(home), reader, lambda what, done, total: None)
        reader.close()
        assert len(intake.received) == len(paths) and not intake.unidentified

    times = [(timed(bare), timed(ours, turn)) for turn in range(5)]
    show(f"{len(paths)} small workbooks", min(one for one, _ in times), min(one for _, one in times), SMALL_BUDGET)


def large(path: Path, kind: str, rows: int, terms: Terms) -> None:
    """One register: read to typed values in a child process of bounded memory, handed over to this one."""
    write_large(path, rows, terms)
    filed = path.rename(path.with_name(hashlib.sha256(path.read_bytes()).hexdigest()))
    read = read_bare if kind == "xlsx" else read_bare_csv
    reader = Reader(terms)
    start = time.perf_counter()
    [reading] = reader.tables([ArchivedFile(filed, filed.stat().st_size)], CONTRACTS, "2022-10")
    if isinstance(reading, Unreadable):
        sys.exit(f"{kind}: {reading.message}")
    height = reading.table.frame(terms.forms[CONTRACTS]).height
    seconds = time.perf_counter() - start
    reader.close()
    assert height == rows, (height, reading.table.problems[:3])
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024  # before the bare read
    # In a process of its own: what this one grows to would be counted as the next reader's when that starts.
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        bare = apart.submit(timed, read, filed).result()
    show(f"{rows:,} × 12 {kind}, {filed.stat().st_size >> 20} MB (child {child} MB)", bare, seconds, LARGE_BUDGET)


def write_large(path: Path, rows: int, terms: Terms) -> None:
    import xlsxwriter

    from pipelines.forms.template import column_title

    labels = [column_title(field) for field in terms.forms[CONTRACTS].fields]
    lists = terms.code_lists
    kinds, fields = list(lists["contract_type"]), list(lists["technology_field"])
    random.seed(1)
    if path.suffix == ".csv":
        with path.open("w", encoding="gb18030", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(labels)
            for number in range(rows):
                row = contract_row(number)
                row |= {"contract_type": kinds[number % len(kinds)], "technology_field": fields[number % len(fields)]}
                writer.writerow(row.values())
        return
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("技术合同")
        sheet.write_row(0, 0, labels)
        for number in range(rows):
            row = contract_row(number)
            row |= {"contract_type": kinds[number % len(kinds)], "technology_field": fields[number % len(fields)]}
            sheet.write_row(number + 1, 0, row.values())


def certificate_row(number: int) -> dict[str, object]:
    issued = date(2020, 1, 1) + timedelta(days=number % 900)
    return {
        "certificate_no": f"GR202041{number:06d}",
        "enterprise_name": f"练习企业{number}有限公司",
        "uscc": f"91411300MA{number:07d}X",
        "high_tech_field": "1",
        "recognition_kind": "1",
        "issued_on": issued,
        "valid_until": issued + timedelta(days=1095),
    }


def event_rows(terms: Terms) -> list[dict[str, object]]:
    lists = terms.code_lists
    pairs = [(kind, channel) for kind in lists["activity_type"].values() for channel in lists["channel"].values()]
    return [
        {"activity_type": kind, "channel": channel, "event_count": place, "attendance": 50 * place}
        for place, (kind, channel) in enumerate(pairs)
    ]


ROWS_OF: dict[str, Callable[[Terms], list[dict[str, object]]]] = {
    CONTRACTS: lambda terms: [contract_row(number) for number in range(SMALL_ROWS)],
    "high_tech_enterprises": lambda terms: [certificate_row(number) for number in range(SMALL_ROWS)],
    "popular_science_events": event_rows,
}


def contract_row(number: int) -> dict[str, object]:
    signed = date(2022, 1, 1) + timedelta(days=number % 300)
    value = random.randrange(1, 10**7) / 100
    return {
        "contract_no": f"{2022411302000000 + number}",
        "contract_name": f"练习项目{number}",
        "contract_type": "1",
        "technology_field": "1",
        "signed_on": signed,
        "registered_on": signed + timedelta(days=3),
        "seller_name": f"练习卖方{number % 997}有限公司",
        "seller_division_code": "411302",
        "buyer_name": f"练习买方{number % 991}有限公司",
        "buyer_division_code": "411303",
        "contract_value": value,
        "technology_value": round(value / 2, 2),
    }


def read_bare(path: Path) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(path.read_bytes()))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def read_bare_csv(path: Path) -> None:
    list(csv.reader(io.StringIO(path.read_bytes().decode("gb18030"), newline="")))


def timed(work: Callable[..., None], *arguments: object) -> float:
    start = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - start


def show(what: str, bare: float, seconds: float, budget: float) -> None:
    over = "  OVER" if seconds > bare * budget else ""
    print(f"{what:44} {bare:7.2f}s {seconds:7.2f}s {seconds / bare:6.2f} {budget:6.2f}{over}", flush=True)


if __name__ == "__main__":
    main()
