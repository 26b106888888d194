"""Full-year estimates of made-up flows whose year is known beforehand: right, or absent with the reason."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from pipelines.estimates.backtest import estimate_by_methods
from pipelines.estimates.full_year import FULL_YEAR_TABLE, NO_METHOD, Flow, Period, estimate_full_year, rows_of
from pipelines.estimates.methods import METHODS, History
from pipelines.settings import Settings

SEASON = (2, 1, 4, 3, 3, 6, 2, 2, 5, 4, 6, 10)


def months(year: int, values, **last) -> list[Period]:
    """Periods from January on; `last` says something of the last one."""
    made = [Period(f"{year}-{number:02}", None if value is None else Decimal(value)) for number, value in enumerate(values, 1)]
    return [*made[:-1], made[-1]._replace(**last)]


def flow(*periods: Period, **more: object) -> Flow:
    known = {"unit": "亿元", "decimals": 2, "since": None, "is_practice": True, "months_each": 1}
    return Flow(indicator_id="k", area_id="C", periods=periods, **known | more)


def by_method(rows: list[dict[str, object]]) -> dict[object, dict[str, object]]:
    return {row["method"]: row for row in rows}


def reason(made: Flow, month: str) -> str:
    (row,) = rows_of(made, month)
    assert (row["method"], row["is_chosen"], row["obs_status"], row.get("estimate")) == (NO_METHOD, False, "M", None)
    return str(row["note"])


def test_a_constant_flow_goes_on_exactly() -> None:
    rows = rows_of(flow(*months(2022, [5] * 10)), "2022-10")
    chosen = rows[0]
    assert (chosen["method"], chosen["is_chosen"], chosen["obs_status"]) == ("level", True, "F")
    assert (chosen["months_known"], chosen["actual_ytd"], chosen["n_origins"]) == (10, Decimal(50), 5)
    assert chosen["estimate"] == chosen["lower"] == chosen["upper"] == Decimal(60) and chosen["backtest_error"] == 0
    assert chosen["note"] == (
        "按“今年各期平均”推算：1—10 月 50 亿元，2022 年全年预计 60 亿元（八成可能在 60 至 60 之间），"
        "本年内按同样办法估计累计数平均相差 0.0%（检验 5 次，年末的起落没有检验）。"
    )
    assert [row["is_chosen"] for row in rows] == [True, *[False] * (len(rows) - 1)]


def test_a_flow_that_grows_by_the_same_every_month_is_seen_to_grow() -> None:
    chosen = rows_of(flow(*months(2022, range(1, 11))), "2022-10")[0]
    assert chosen["method"] == "damped_trend"
    assert abs(chosen["estimate"] - sum(range(1, 13))) < Decimal("0.2")


def test_a_season_is_taken_from_the_year_before() -> None:
    doubled = months(2022, [2 * value for value in SEASON[:10]])
    rows = by_method(rows_of(flow(*months(2021, SEASON), *doubled), "2022-10"))
    share, naive = rows["same_share"], rows["seasonal_naive"]
    assert share["is_chosen"] and share["estimate"] == 2 * sum(SEASON) and share["backtest_basis"] == "within_year"
    assert naive["estimate"] == 2 * sum(SEASON[:10]) + 16 and naive["backtest_error"] > 0


def test_years_of_history_are_tested_from_the_same_months() -> None:
    years = [period for year in range(2015, 2022) for period in months(year, [value * (year - 2014) for value in SEASON])]
    chosen = rows_of(flow(*years, *months(2022, [8 * value for value in SEASON[:6]])), "2022-06")[0]
    assert (chosen["method"], chosen["estimate"], chosen["backtest_error"]) == ("same_share", 8 * sum(SEASON), 0)
    assert (chosen["backtest_basis"], chosen["n_origins"]) == ("same_period", 6)
    assert "以往按同样办法估计平均相差 0.0%（检验 6 次）" in chosen["note"]


def test_the_error_and_the_interval_are_those_worked_out_by_hand() -> None:
    """Ten months of 4 and one of 8, one month ahead from April to October: only from October off, by 4 of 48."""
    known = (4.0,) * 10 + (8.0,)
    level = next(one for one in estimate_by_methods(History(known, (), 12), 48.0) if one.method.name == "level")
    assert (level.origins, level.basis) == (7, "within_year")
    assert level.error == pytest.approx(4 / 48 / 7)
    assert level.total == pytest.approx(48 + 48 / 11)
    assert (level.lower, level.upper) == pytest.approx((level.total / (1 + 4 / 48), level.total / (1 - 4 / 48)))


def test_fewer_than_four_origins_give_no_interval() -> None:
    chosen = rows_of(flow(*months(2022, [5] * 9)), "2022-09")[0]
    assert (chosen["estimate"], chosen["n_origins"]) == (60, 3)
    assert chosen["lower"] is chosen["upper"] is None and "检验只有 3 次，不给范围" in chosen["note"]


def test_few_origins_do_not_choose_the_method_that_was_lucky_once() -> None:
    rows = rows_of(flow(*months(2022, range(1, 10))), "2022-09")
    assert (rows[0]["method"], rows[0]["is_chosen"], rows[0]["n_origins"]) == ("level", True, 3)
    assert min(rows, key=lambda row: row["backtest_error"])["method"] == "damped_trend"


def test_a_method_that_was_off_by_half_and_more_is_shown_and_not_chosen() -> None:
    lumps = rows_of(flow(*months(2022, [0, 0, 0, 1, 0, 0, 30, 0, 0, 400])), "2022-10")
    assert not any(row["is_chosen"] for row in lumps) and all("误差过半，不采用" in row["note"] for row in lumps)


def test_an_estimate_is_never_negative_nor_below_what_is_there() -> None:
    falling = estimate_by_methods(History((90, 80, 70, 60, 50, 40, 30, 20, 10, 0), (), 12), 450.0)
    assert falling and all(one.total >= 450 and (one.lower is None or one.lower >= 450) for one in falling)


def test_a_gap_gives_no_estimate_but_its_name() -> None:
    assert reason(flow(*months(2022, [5, 5, None, 5, 5, 5, 5, None, 5, 5])), "2022-10") == "3、8 月缺数，不推算全年。"


def test_a_first_month_that_is_not_there_is_a_gap() -> None:
    assert reason(flow(*months(2022, [5] * 10)[2:]), "2022-10") == "1、2 月缺数，不推算全年。"


@pytest.mark.parametrize(
    ("values", "month", "said"),
    [
        ([5, 5, 5], "2022-03", "只有 3 个月的完整数据，不足四个月"),
        ([None] * 3, "2022-03", "本年还没有一期报齐"),
        ([0] * 10, "2022-10", "已有各期合计为零"),
        ([5] * 6, "2022-06", "本年 6 个月也不够检验推算 6 个月的误差"),
        ([5] * 12, "2022-12", "全年各期都有数"),
    ],
)
def test_where_nothing_can_be_estimated_the_reason_is_said(values, month, said) -> None:
    assert said in reason(flow(*months(2022, values)), month)


def test_a_last_month_not_yet_complete_is_unknown_but_a_floor() -> None:
    (chosen, *_) = rows_of(flow(*months(2022, [5] * 9 + [1], lacks_submissions=True, is_provisional=True)), "2022-10")
    assert (chosen["months_known"], chosen["actual_ytd"], chosen["estimate"]) == (9, 46, 60)
    assert "10 月报送不齐" in chosen["note"]
    (full, *_) = rows_of(flow(*months(2022, [5] * 9 + [40], lacks_submissions=True)), "2022-10")
    assert full["estimate"] == full["actual_ytd"] == 85


def test_a_year_that_is_over_is_estimated_only_where_submissions_are_missing() -> None:
    chosen = rows_of(flow(*months(2022, [5] * 11 + [1], lacks_submissions=True)), "2022-12")[0]
    assert (chosen["obs_status"], chosen["estimate"]) == ("E", 60)


def test_missing_and_provisional_months_are_named() -> None:
    known = months(2022, [5] * 9 + [None])
    known[1] = known[1]._replace(is_provisional=True)
    note = rows_of(flow(*known), "2022-10")[0]["note"]
    assert "10 月还没有数，按未知推算。" in note and "2 月为暂定数。" in note and "1—9 月 45 亿元" in note


def test_what_is_older_than_the_definition_in_force_does_not_count() -> None:
    last_year, this_year = months(2021, [100] * 12), months(2022, [5] * 10)
    chosen = rows_of(flow(*last_year, *this_year, since="2022-01"), "2022-10")
    assert chosen[0]["estimate"] == 60 and "same_share" not in by_method(chosen)
    assert "3 月起口径有变" in reason(flow(*last_year, *this_year, since="2022-03"), "2022-10")


def test_quarters_make_a_year_too() -> None:
    quarters = [Period(month, Decimal(7)) for month in ("2022-03", "2022-06", "2022-09")]
    (chosen,) = rows_of(flow(*quarters, months_each=3), "2022-10")  # two quarters at the origin are too few to smooth
    assert (chosen["months_known"], chosen["estimate"], chosen["n_origins"]) == (9, 28, 1)
    assert "4—6 月缺数" in reason(flow(quarters[0], quarters[2], months_each=3), "2022-10")


def test_the_unit_does_not_change_the_estimate() -> None:
    def of(factor: float) -> dict[str, float]:
        known = tuple(value * factor for value in (14.6, 16.6, 16.9, 15.0, 15.6, 21.4, 15.8, 14.3, 15.5, 18.3))
        return {one.method.name: one.total / factor for one in estimate_by_methods(History(known, (), 12), 0.0)}

    small, large = of(1), of(10_000)
    assert small == pytest.approx(large) and len(small) == 3


def test_only_the_citys_flows_are_read_and_the_table_is_as_described(tmp_path) -> None:
    home = Settings(tmp_path)
    home.var.mkdir()
    with duckdb.connect(str(home.build_database)) as database:
        database.execute("create schema core")
        database.execute(
            "create table core.core_indicators as select * from (values"
            " ('flow', 1, null::varchar), ('broken', 0, '2020-05 2022-03'), ('share', 1, null), ('households', 0, null))"
            " as t (indicator_id, decimals, breaks)"
        )
        database.execute(  # a ratio is measured by no form itself
            "create table core.core_measures as select * from (values"
            " ('flow', true), ('broken', true), ('households', false)) as t (indicator_id, adds_over_months)"
        )
        database.execute(
            "create table core.core_observations as"
            " select indicator_id, hierarchy, 'C' as area_id, '亿元' as unit, true as is_practice, window_kind,"
            " strftime(month, '%Y-%m') as month, 0.1::decimal(20,6) as value, 'A' as obs_status,"
            " 1 as submission_count, 1 as expected_submission_count"
            " from (values ('flow'), ('broken'), ('share'), ('households')) i(indicator_id),"
            " (values ('city'), ('statutory')) h(hierarchy),"
            " (values ('month'), ('ytd')) w(window_kind), range(date '2022-01-01', date '2022-11-01', interval 1 month) m(month)"
        )
    rows = estimate_full_year(home, "2022-10")
    assert {row["indicator_id"]: row["method"] for row in reversed(rows)} == {"flow": "level", "broken": NO_METHOD}
    with duckdb.connect() as database:
        written = database.read_parquet(str(home.results / "full_year_estimates.parquet"))
        assert dict(zip(written.columns, map(str, written.types), strict=True)) == {
            column.name: column.type for column in FULL_YEAR_TABLE.columns
        }
        required = [column.name for column in FULL_YEAR_TABLE.columns if not column.nullable]
        assert written.filter(" or ".join(f"{name} is null" for name in required)).fetchall() == []
        chosen = written.filter("is_chosen").project("indicator_id, actual_ytd, estimate").fetchall()
    assert chosen == [("flow", Decimal(1), Decimal("1.2"))]


def test_the_table_names_every_method_and_no_model_reads_an_estimate() -> None:
    (described,) = [column.comment for column in FULL_YEAR_TABLE.columns if column.name == "method"]
    assert all(f"{method.name} {method.label}" in described for method in METHODS)
    models = Settings().dbt_project.rglob("*.sql")
    assert [path.name for path in models if FULL_YEAR_TABLE.name in path.read_text(encoding="utf-8")] == []
