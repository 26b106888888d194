"""A check that does not hold stops the release, says why and where, and leaves the last release as it was."""

import shutil

import pytest
import yaml
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


def test_a_failing_test_and_a_model_that_cannot_be_built_stop_the_release(settings):
    before = content(settings.home)
    broken_test = "select indicator_id from {{ ref('stg_submissions') }}, {{ ref('dim_indicator') }}"
    (settings.dbt_project / "tests" / "broken.sql").write_text(broken_test)
    model = settings.dbt_project / "models" / "core" / "generated" / "core_technical_contracts.sql"
    model.write_text(model.read_text(encoding="utf-8") + "\nthis is not sql\n", encoding="utf-8")
    load = Load(settings, MONTH, quiet)
    outcomes = load.build().outcomes
    [broken] = [outcome for outcome in outcomes if outcome.outcome == "failed"]
    assert (broken.check_id, broken.severity) == ("broken", "error")
    assert "indicator_id" in broken.sample and broken.unexpected_count > 0
    unverified = {outcome.check_id for outcome in outcomes if outcome.outcome == "could_not_verify"}
    assert "core_technical_contracts" in unverified and len(unverified) > 1  # the tests that depend on it did not run either
    assert all(outcome.stops_release for outcome in outcomes if outcome.check_id in ("broken", "core_technical_contracts"))
    load.check()
    with pytest.raises(ReleaseStopped) as stopped:
        load.release()
    assert any("broken" in reason for reason in stopped.value.reasons)
    assert any("core_technical_contracts" in reason for reason in stopped.value.reasons)
    assert content(settings.home) == before


def test_the_dbt_unit_tests_hold_and_a_broken_one_is_seen(settings):
    folder = settings.dbt_project / "models" / "core"
    shipped = yaml.safe_load((folder / "_plan_unit_tests.yml").read_text(encoding="utf-8"))["unit_tests"]
    broken = next(each for each in shipped if each["name"] == "two_baselines") | {"name": "broken"}
    broken["expect"]["rows"][0]["start_value"] += 1
    text = yaml.safe_dump({"version": 2, "unit_tests": [broken]}, allow_unicode=True)
    (folder / "_broken_unit_tests.yml").write_text(text, encoding="utf-8")
    [told] = warehouse.run_unit_tests(settings)
    assert told.startswith("broken: ")
