"""A check that does not hold stops the release, says why and where, and leaves the last release as it was."""

import shutil

import pytest
from conftest import MONTH, content

from pipelines import warehouse
from pipelines.load import Load
from pipelines.release.build import ReleaseStopped
from pipelines.settings import Settings


def quiet(what: str, done: int, total: int) -> None:
    """Show no progress."""


@pytest.fixture
def settings(copied, tmp_path):
    """The loaded workspace over a copy of the dbt project, to break."""
    settings = Settings(copied)
    settings.__dict__["dbt_project"] = shutil.copytree(settings.dbt_project, tmp_path / "dbt_project")
    return settings


def test_a_failing_dbt_test_stops_the_release_and_shows_its_rows(settings):
    before = content(settings.home)
    broken_test = "select indicator_id from {{ ref('stg_submissions') }}, {{ ref('dim_indicator') }}"
    (settings.dbt_project / "tests" / "broken.sql").write_text(broken_test)
    load = Load(settings, MONTH, quiet)
    built = load.build()
    [broken] = [outcome for outcome in built.outcomes if outcome.outcome != "holds"]
    assert (broken.check_id, broken.outcome, broken.severity) == ("broken", "failed", "error")
    assert "indicator_id" in broken.sample and broken.unexpected_count > 0
    load.check()
    with pytest.raises(ReleaseStopped) as stopped:
        load.release()
    assert any("broken" in reason for reason in stopped.value.reasons)
    assert content(settings.home) == before


def test_a_model_that_cannot_be_built_could_not_be_verified(settings):
    model = settings.dbt_project / "models" / "core" / "generated" / "core_technical_contracts.sql"
    model.write_text(model.read_text(encoding="utf-8") + "\nthis is not sql\n", encoding="utf-8")
    built = Load(settings, MONTH, quiet).build()
    unverified = {outcome.check_id for outcome in built.outcomes if outcome.outcome == "could_not_verify"}
    assert "core_technical_contracts" in unverified and len(unverified) > 1  # the tests that depend on it did not run either
    assert all(outcome.stops_release for outcome in built.outcomes if outcome.check_id == "core_technical_contracts")


def test_the_dbt_unit_tests_hold(copied):
    assert warehouse.run_unit_tests(Settings(copied)) == []


def test_a_broken_dbt_unit_test_is_seen(settings):
    unit_tests = settings.dbt_project / "models" / "core" / "_plan_unit_tests.yml"
    text = unit_tests.read_text(encoding="utf-8")
    assert "on_track" in text
    unit_tests.write_text(text.replace("on_track", "off_track"), encoding="utf-8")
    assert warehouse.run_unit_tests(settings) != []
