"""A warehouse built on top of the last one is the warehouse built from nothing."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from pipelines import warehouse
from pipelines.settings import Settings

# They tell one build from another, and so are never the same.
OF_THE_BUILD = {"core_year_fingerprints", "core_changed_years"}


def build(settings: Settings) -> None:
    outcome = warehouse.build(settings, lambda what, done, total: None)
    assert [each.message for each in outcome.outcomes if each.outcome != "holds"] == []


def change(landed: Path, what: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"create table landed as select * replace ({what}) from '{landed}'")
        connection.execute(f"copy landed to '{landed}' (format parquet)")


@pytest.fixture(scope="module")
def compared(loaded, tmp_path_factory) -> SimpleNamespace:
    """The years made anew on top of the last build, those there are, and by table what a build from nothing has otherwise."""
    home = tmp_path_factory.mktemp("changed")
    shutil.copytree(loaded.home / "var", home / "var")
    settings = Settings(home)
    # A load a day later, with another value in every contract of one month.
    change(settings.landing / "load_context" / "load_context.parquet", "loaded_at + interval 1 day as loaded_at")
    change(settings.landing / "technical_contracts" / "2022-05.parquet", "contract_value * 3 as contract_value")
    build(settings)
    shutil.move(settings.build_database, home / "on_top.duckdb")
    build(settings)
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        connection.execute(f"attach '{home / 'on_top.duckdb'}' as on_top (read_only)")
        listed = "select schema_name, table_name from duckdb_tables() where database_name = 'build'"
        tables = connection.execute(listed).fetchall()
        both = "from ({0} except all {1}) union all from ({1} except all {0}) limit 5"
        differing = {
            name: connection.execute(both.format(f"from build.{schema}.{name}", f"from on_top.{schema}.{name}")).fetchall()
            for schema, name in tables
        }
        anew = connection.execute("select made, year from on_top.core.core_changed_years order by all").fetchall()
        years = connection.execute("select distinct substring(month, 1, 4) from core.core_observations order by all").fetchall()
    return SimpleNamespace(anew=anew, years=[year for (year,) in years], differing=differing)


def test_only_what_changed_is_made_anew(compared):
    assert compared.years == ["2021", "2022"]
    assert [year for made, year in compared.anew if made == "totals"] == ["2022"]
    assert [year for made, year in compared.anew if made == "growth"] == ["2022", "2023"]


def test_what_stays_and_what_is_made_anew_is_what_a_build_from_nothing_makes(compared):
    assert {"core_observations", "core_growth", "category_observations", "observations"} <= compared.differing.keys()
    assert {name: rows for name, rows in compared.differing.items() if rows and name not in OF_THE_BUILD} == {}
