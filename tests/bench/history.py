"""Building the warehouse: of the practice year, and of a month on top of 12 and of 120 months of history.

Run by `make bench`. Prints; asserts nothing about time.

The history is the landed practice months again and again, a calendar month from the same month of the practice year, with other
keys and dates; it is landed directly, since reading it is not what is measured here.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipelines import warehouse
from pipelines.forms.model import Form, load_forms
from pipelines.settings import CHECKOUT, Settings

PRACTICE_MONTHS, LAST = 10, "2022-10"
SHORT, LONG, RATIO = 12, 120, 1.2
YEAR_SECONDS = 20.0
# What names a thing that must not be the same in every year, and the SQL that makes it another one; `ago` is in years.
OTHER_KEYS = {
    "technical_contracts": "(left(contract_no, 4)::int - ago) || substr(contract_no, 5) as contract_no",
    "sci_tech_loans": "loan_no || '-' || ago as loan_no",
    "sci_tech_projects": "project_no || '-' || ago as project_no",
    "high_tech_enterprises": "'GR' || (substr(certificate_no, 3, 4)::int - ago) || substr(certificate_no, 7) as certificate_no",
    "tech_smes": "(publicised_year::int - ago)::varchar as publicised_year",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "practice"
        shutil.copytree(CHECKOUT / "raw" / "practice", home / "raw" / "practice")
        command = [str(Path(sys.executable).with_name("wanstat")), "--home", str(home), "load", LAST]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for kept in (home / "var" / "archive" / "releases").glob(f"*/{LAST}-*.parquet"):
            kept.unlink()  # each build is the first of its history; the files that only name the columns stay
        seconds = {months: month_seconds(home, Path(folder) / str(months), months) for months in (SHORT, LONG)}
        warehouse.ensure_manifest(Settings(home))
        (home / "var" / "build.duckdb").unlink()
        year = build_seconds(Settings(home))
    over = "" if year <= YEAR_SECONDS else "  OVER"
    print(f"dbt build with tests of the practice year: {year:.1f} s (budget {YEAR_SECONDS:.0f}){over}")
    ratio = seconds[LONG] / seconds[SHORT]
    over = "" if ratio <= RATIO else "  OVER"
    told = ", ".join(f"{months} months {taken:.1f} s" for months, taken in seconds.items())
    print(f"dbt build with tests: {told}; ratio {ratio:.2f} (budget {RATIO}){over}")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def month_seconds(practice: Path, home: Path, months: int) -> float:
    """Seconds of a build of the last month on top of one of all months before it; better of two."""
    settings = Settings(home)
    shutil.copytree(practice / "var", home / "var", ignore=shutil.ignore_patterns("published", "dagster"))
    for form in load_forms().values():
        stretch(form, settings, months)
    whole, landing = home / "whole", settings.landing
    shutil.copytree(landing, whole)
    for landed in landing.glob(f"**/*{LAST}.parquet"):
        landed.unlink()
    before_last = f"{LAST[:4]}-{int(LAST[5:]) - 1:02d}"
    context = "load_context/load_context.parquet"
    with duckdb.connect() as connection:
        before = f"select * replace ('{before_last}' as release_month) from '{whole / context}'"
        connection.execute(f"copy ({before}) to '{landing / context}' (format parquet)")
    warehouse.ensure_manifest(settings)
    build_seconds(settings)
    shutil.rmtree(landing)
    whole.rename(landing)
    base = shutil.copytree(home / "var", home / "base", ignore=shutil.ignore_patterns("landing", "archive"))
    best = float("inf")
    for _ in range(2):
        shutil.copytree(base, home / "var", dirs_exist_ok=True)
        best = min(best, build_seconds(settings))
    return best


def build_seconds(settings: Settings) -> float:
    """Seconds of a build of what is landed."""
    start = time.perf_counter()
    built = warehouse.build(settings, lambda what, done, total: None)
    seconds = time.perf_counter() - start
    if wrong := [each.message for each in built.outcomes if each.outcome != "holds"]:
        print("  did not hold:", *wrong, sep="\n    ")
    return seconds


def stretch(form: Form, settings: Settings, months: int) -> None:
    """Land the form for as many months up to the last practice month."""
    last = int(LAST[:4]) * 12 + int(LAST[5:]) - 1
    with duckdb.connect() as connection:
        for number in range(last - months + 1, last + 1):
            year, month = divmod(number, 12)
            template = month + 1 if month < PRACTICE_MONTHS else PRACTICE_MONTHS
            if month + 1 == 12 and form.frequency == "quarterly":
                template = 9
            source = settings.landing / form.form / f"{LAST[:4]}-{template:02d}.parquet"
            ago = int(LAST[:4]) - year
            is_due = month < PRACTICE_MONTHS or form.frequency == "monthly" or (form.frequency == "quarterly" and month == 11)
            if source.exists() and is_due and (ago or month >= PRACTICE_MONTHS):
                write_month(connection, form, settings, source.stem, f"{year}-{month + 1:02d}", ago)


def write_month(
    connection: duckdb.DuckDBPyConnection, form: Form, settings: Settings, template: str, month: str, ago: int
) -> None:
    """Land a month like another, `ago` years before it."""
    dates = [f"({each.name} - to_years({ago}))::date as {each.name}" for each in form.fields if each.type == "date"]
    keys = [OTHER_KEYS[form.form].replace("ago", str(ago))] if form.form in OTHER_KEYS else []
    if month[5:] > f"{PRACTICE_MONTHS:02d}" and form.form in OTHER_KEYS and form.rows == "entries":
        [key] = form.grain
        keys = [f"{keys[0].removesuffix(f' as {key}')} || '{month[5:]}' as {key}"]
    same = [f"'{month}' as month", f"replace(submission_id, '{template}', '{month}') as submission_id", *dates, *keys]
    rows = settings.landing / form.form
    changed = f"select * replace ({', '.join(same)}) from '{rows / template}.parquet'"
    connection.execute(f"copy ({changed}) to '{rows / month}.parquet' (format parquet)")
    submissions = settings.landing / "submissions" / form.form
    connection.execute(
        f"""
        copy (
            select * replace (
                '{month}' as month, replace(submission_id, '{template}', '{month}') as submission_id,
                (received_on - to_years({ago}))::date as received_on
            )
            from '{submissions}-{template}.parquet'
        ) to '{submissions}-{month}.parquet' (format parquet)
        """
    )


if __name__ == "__main__":
    main()
