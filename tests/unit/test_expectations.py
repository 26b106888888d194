"""The suites' model, and what the runner makes of good, bad, absent and unreadable marts. Table contents are made up."""

from __future__ import annotations

import importlib
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
    importlib.import_module("great_expectations.expectations.core")  # registers the expectations by name
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


# A synthetic month in which everything is as it should be, in the columns of the marts that the shipped suites look at.
SOUND_MARTS = """
    create schema marts;
    create table marts.observations as
        select indicator_id, hierarchy, area_id, '2022-' || lpad(month::varchar, 2, '0') as period_id, window_kind,
            level * if(window_kind = 'ytd', month * (month + 1) / 2, month) * if(hierarchy = 'city', 2, 1) as exact,
            exact::decimal(20,6) as value,
            'A' as obs_status,
            '各单位所报' as basis,
            '亿元' as unit,
            1 as submission_count
        from (values ('tech_contract_turnover', 40), ('tech_transaction_value', 30),
                ('science_popularisation_events', 2), ('science_popularisation_attendances', 500)) as i(indicator_id, level),
            (values ('reported', '合成甲'), ('reported', '合成乙'), ('city', '合成市')) as a(hierarchy, area_id),
            range(1, 4) as m(month), (values ('month'), ('ytd')) as w(window_kind);
    insert into marts.observations by name
        select 'above_scale_rd_expenditure' as indicator_id, hierarchy, area_id, '2021' as period_id, 'year' as window_kind,
            value, 'A' as obs_status, basis, 1 as submission_count
        from (values ('city', '合成市', 30, '部门报的全市数'), ('statutory', '合成甲', 10, '各单位所报'),
                ('statutory', '合成乙', 20, '各单位所报')) as y(hierarchy, area_id, value, basis);
    create table marts.dim_indicator as
        select distinct indicator_id, 'flow' as measure, 'all' as areas, null::varchar as numerator_id,
            case
                when indicator_id like 'tech_%' then 'technical_contracts'
                when indicator_id like 'science_%' then 'popular_science_events'
                else 'rd_statistics'
            end as source_form
        from marts.observations;
    create table marts.dim_period as
        select distinct period_id, period_id = '2022-03' as is_release_month from marts.observations;
    create table marts.revisions as
        select indicator_id, hierarchy, area_id, period_id, window_kind, value as previous_value, value * 1.05 as value,
            0.05 as relative_difference, timestamp '2022-04-11' as known_from
        from marts.observations where hierarchy = 'city';
    create table marts.observation_vintages as select timestamp '2022-04-11' as known_from;
    create table marts.submission_status as
        select '合成报表' as form, '2022-03' as month, true as is_owed, 'accepted' as state from range(10);
    create table marts.fct_high_tech_enterprises as
        select 'GR' || n as certificate_no, date '2021-11-01' as issued_on, date '2024-10-31' as valid_until
        from range(3) as t(n);
"""
REPORTED = "indicator_id = 'tech_contract_turnover' and area_id = '合成甲' and period_id = '2022-03' and window_kind = 'month'"

# Check -> what makes it fail, and it alone or with others.
HARM = {
    "totals.not_negative": f"update marts.observations set value = -1 where {REPORTED}",
    "totals.reported_has_value": f"update marts.observations set value = null where {REPORTED}",
    "totals.missing_is_not_zero": f"update marts.observations set submission_count = 0 where {REPORTED}",
    "totals.areas_add_up_to_city": f"update marts.observations set value = value + 0.000001 where {REPORTED}",
    "history.ytd_never_falls": "update marts.observations set value = 1 where window_kind = 'ytd' and period_id = '2022-03'",
    "history.month_not_repeated": "update marts.observations set value = 7 where window_kind = 'month' and hierarchy = 'city'",
    "history.near_same_month_last_year": (
        "insert into marts.observations select * replace ('2021-03' as period_id, value / 5 as value) from marts.observations"
        " where hierarchy = 'city' and window_kind = 'month' and period_id = '2022-03'"
    ),
    "history.near_median_of_months_before": (
        "insert into marts.observations select o.* replace ('2021-0' || month as period_id, value / 3 as value)"
        " from marts.observations as o, range(4, 10) as m(month)"
        " where hierarchy = 'city' and window_kind = 'month' and period_id = '2022-03'"
    ),
    "history.revisions_are_small": "update marts.revisions set relative_difference = -0.3",
    "mirrors.contracts_where_enterprises_are": (
        "insert into marts.observations by name select 'tech_smes' as indicator_id, 'reported' as hierarchy, '合成甲' as area_id,"
        " '2022-03' as period_id, 'point' as window_kind, 0 as value, 'A' as obs_status, 1 as submission_count"
    ),
    "certificates.valid_about_three_years": "update marts.fct_high_tech_enterprises set valid_until = date '2022-10-31'",
    "completeness.obligations_accepted": (
        "insert into marts.submission_status select '合成报表', '2022-03', true, 'missing' from range(3)"
    ),
    "completeness.share_of_zeros": (
        "update marts.observations set value = 0 where hierarchy = 'reported' and window_kind = 'month'"
    ),
    "mirrors.technology_within_turnover": f"update marts.observations set value = 1 where {REPORTED}",
    "mirrors.attendances_not_below_events": (
        "update marts.observations set value = 1 where indicator_id = 'science_popularisation_attendances'"
    ),
    "mirrors.department_figure_near_sum_of_counties": (
        "update marts.observations set value = 30.4 where hierarchy = 'city' and window_kind = 'year'"
    ),
}


@pytest.fixture
def sound(tmp_path: Path) -> Settings:
    made = Settings(tmp_path)
    made.var.mkdir()
    with duckdb.connect(str(made.build_database)) as connection:
        connection.execute(SOUND_MARTS)
    return made


def test_sound_marts_hold_all_shipped_checks(sound: Settings) -> None:
    outcomes = run_expectations(sound)
    assert [(one.check_id, one.message) for one in outcomes if one.outcome != "holds"] == []
    assert {one.check_id for one in outcomes} == set(HARM)


@pytest.mark.parametrize("check_id", sorted(HARM))
def test_each_shipped_check_finds_what_it_is_for(sound: Settings, check_id: str) -> None:
    with duckdb.connect(str(sound.build_database)) as connection:
        connection.execute(HARM[check_id])
    suites = [suite for suite in SHIPPED if check_id.startswith(f"{suite.suite}.")]
    outcome = {one.check_id: one for one in run_expectations(sound, suites)}[check_id]
    assert outcome.outcome == "failed", outcome.message
    assert outcome.unexpected_count and json.loads(outcome.sample)


def test_marts_with_nothing_in_them_are_not_verified(sound: Settings) -> None:
    with duckdb.connect(str(sound.build_database)) as connection:
        connection.execute("delete from marts.observations; delete from marts.submission_status")
    outcomes = {one.check_id: one for one in run_expectations(sound)}
    assert outcomes["totals.not_negative"].outcome == "could_not_verify"
    assert outcomes["completeness.obligations_accepted"].outcome == "could_not_verify"
