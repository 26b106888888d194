"""The suites' model, and what the runner makes of good, bad, absent and unreadable marts. Table contents are made up."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from pydantic import ValidationError

from pipelines.release.expectations import run_expectations
from pipelines.release.suites import Suite, load_suites
from pipelines.settings import Settings

SHIPPED = load_suites(Settings().expectations)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(tmp_path)
    made.var.mkdir()
    with duckdb.connect(str(made.build_database)) as connection:
        connection.execute("""
            create schema marts;
            create table marts.observations (area_id varchar, value decimal(20,6), seen_on date);
            insert into marts.observations values
                ('合成甲', 1.5, '2022-10-31'), ('合成乙', -2, '2022-10-31'), ('合成丙', null, null);
            create table marts.nobody (area_id varchar, value decimal(20,6));
        """)
    return made


def run(settings: Settings, **check: object):
    usual = {
        "name": "one",
        "title": "测试",
        "table": "observations",
        "key": ["area_id"],
        "expectation": "expect_column_values_to_be_between",
        "arguments": {"column": "value", "min_value": 0},
        "severity": "critical",
        "level": 1,
    }
    suite = Suite.model_validate({"suite": "test", "title": "测试", "checks": [usual | check]})
    (outcome,) = run_expectations(settings, [suite])
    return outcome


def test_holds(settings: Settings) -> None:
    outcome = run(settings, arguments={"column": "value", "min_value": -2})
    assert (outcome.check_id, outcome.tool, outcome.outcome, outcome.unexpected_count) == ("test.one", "expectations", "holds", 0)


def test_failed_names_the_rows(settings: Settings) -> None:
    outcome = run(settings)
    assert (outcome.outcome, outcome.unexpected_count) == ("failed", 1)
    assert json.loads(outcome.sample) == [{"value": -2.0, "area_id": "合成乙"}]
    assert "3 行中 1 行不符" in outcome.message and "合成乙" in outcome.message


def test_failed_about_the_whole_table(settings: Settings) -> None:
    outcome = run(settings, expectation="expect_column_mean_to_be_between", arguments={"column": "value", "min_value": 5})
    assert (outcome.outcome, outcome.unexpected_count) == ("failed", None)
    assert "-0.25" in outcome.message


@pytest.mark.parametrize(
    ("check", "says"),
    [
        ({"table": "absent"}, "所查的表不存在"),
        ({"query": "select nothing from marts.observations"}, "查询无法执行"),
        ({"query": "select * from read_csv('/etc/hostname')"}, "查询无法执行"),
        ({"arguments": {"column": "absent", "min_value": 0}}, "缺少列 absent"),
        ({"key": ["absent"]}, "缺少列 absent"),
        ({"arguments": {"column": "area_id", "min_value": 0}}, "核查工具出错"),
        ({"arguments": {"column": "value", "min_value": 9, "max_value": 1}}, "核查工具出错"),
        ({"arguments": {"column": "value", "nonsense": 0}}, "核查工具出错"),
        ({"expectation": "expect_nonsense"}, "核查工具出错"),
        ({"table": "nobody"}, "没有可核查的数据"),
        ({"query": "select * from marts.observations where value is null"}, "没有可核查的数据"),
        (
            {
                "query": "select * from marts.observations where value is null",
                "expectation": "expect_column_max_to_be_between",
            },
            "没有可核查的数据",
        ),
    ],
)
def test_could_not_verify(settings: Settings, check: dict[str, object], says: str) -> None:
    outcome = run(settings, **check)
    assert outcome.outcome == "could_not_verify", outcome.message
    assert says in outcome.message
    assert outcome.stops_release


def test_nothing_to_look_at_can_be_declared_fine(settings: Settings) -> None:
    assert run(settings, table="nobody", when_empty="holds").outcome == "holds"


def test_the_same_content_gives_the_same_message_whatever_its_order(settings: Settings) -> None:
    before = run(settings, arguments={"column": "value", "min_value": 100})
    with duckdb.connect(str(settings.build_database)) as connection:
        connection.execute("create or replace table marts.observations as select * from marts.observations order by area_id desc")
    assert run(settings, arguments={"column": "value", "min_value": 100}) == before


def test_runner_leaves_the_build_database_as_it_was(settings: Settings) -> None:
    before = settings.build_database.read_bytes()
    run(settings)
    assert settings.build_database.read_bytes() == before


def test_shipped_suites_name_real_expectations_with_arguments_they_take() -> None:
    import great_expectations.expectations.core  # noqa: F401 - registers the expectations by name
    from great_expectations.expectations.registry import get_expectation_impl

    for suite in SHIPPED:
        for check in suite.checks:
            get_expectation_impl(check.expectation)(**check.arguments)


def test_shipped_suites_have_something_to_stop_a_release() -> None:
    assert any(check.severity == "critical" for suite in SHIPPED for check in suite.checks)


def test_a_suite_is_strict(tmp_path: Path) -> None:
    check = "{name: a, title: 甲, table: t, expectation: expect_x, severity: info, level: 0, typo: 1}"
    (tmp_path / "s.yml").write_text(f"suite: s\ntitle: 甲\nchecks: [{check}]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"s\.yml.*\n.*typo"):
        load_suites(tmp_path)
    twice = {"name": "a", "title": "甲", "table": "t", "expectation": "expect_x", "severity": "info", "level": 0}
    with pytest.raises(ValidationError, match="more than one check"):
        Suite.model_validate({"suite": "s", "title": "甲", "checks": [twice, twice]})


def test_a_suite_is_found_under_its_name(tmp_path: Path) -> None:
    check = "{name: a, title: 甲, table: t, expectation: expect_x, severity: info, level: 0}"
    (tmp_path / "other.yml").write_text(f"suite: s\ntitle: 甲\nchecks: [{check}]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"name the file s\.yml"):
        load_suites(tmp_path)
