"""Conflicts of the real ledger and of made-up ones: found, none invented, told with their arithmetic, written whole."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.conflicts import CONFLICT_TABLES, find_conflicts, quantity_of, write_results
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Document, Figure, Indicator, Ledger, load_ledger
from pipelines.settings import Settings

DOCUMENT = Document("100", "某市计划", "某市", "", None, None, "", "")
INDICATOR = Indicator("turnover", "成交额", "亿元")


def figure(figure_id: str, interval: Interval | None, **more: object) -> Figure:
    made = Figure(
        figure_id=figure_id, document_id="100", locator="第一段", indicator_id="turnover", indicator_label="成交额", scope="",
        area="某市", period="2020", window="year", period_basis="stated", nature="actual", measure="flow", as_printed="10",
        qualifier="exact", value=Decimal(10), value_max=None, unit="亿元", document=DOCUMENT, indicator=INDICATOR,
        interval=interval,
    )  # fmt: skip
    return replace(made, **more)


def point(value: int) -> Interval:
    return Interval.point(Fraction(value))


def ledger(*figures: Figure) -> Ledger:
    return Ledger((DOCUMENT,), figures, ())


@pytest.fixture(scope="module")
def real() -> Ledger:
    return load_ledger(Settings())


def test_the_real_ledger_yields_13_against_27_9_with_both_intervals(real: Ledger) -> None:
    (found,) = [one for one in find_conflicts(real) if one.indicator_id == "tech_contract_turnover"]
    told = found.as_json()
    assert set(told) == {"id", "severity", "kind", "state", "indicator_id", "summary", "members"}
    assert (told["severity"], told["kind"], told["state"]) == ("warning", "same_quantity", "open")
    members = {member["figure_id"]: member for member in told["members"]}
    assert {one: (member["lower"], member["upper"]) for one, member in members.items()} == {
        "S4-011": (27.85, 27.95), "S4-044": (12.5, 13.5),
    }  # fmt: skip
    for member in members.values():
        assert member["unit"] == "亿元" and not member["upper_closed"]
        assert member["locator"] in told["summary"] and member["as_printed"] in told["summary"]
    assert "27.85 − 13.5 = 14.35" in told["summary"]
    assert "“27.9 亿元”的时期原文没有印出" in told["summary"]


def test_the_real_ledger_has_no_conflict_between_figures_that_meet(real: Ledger) -> None:
    """Every pair is tried: 264 twice and 450 twice are among those that meet, and each pair that does not is reported."""
    apart = {
        frozenset((one.figure_id, other.figure_id))
        for one, other in combinations([figure for figure in real.figures if figure.interval], 2)
        if quantity_of(one) == quantity_of(other) and not one.interval.meets(other.interval)
    }
    found = find_conflicts(real)
    assert {frozenset(member.figure.figure_id for member in conflict.members) for conflict in found} == apart
    twice = {figure.figure_id: figure for figure in real.figures}
    for one, other in (("S4-003", "S4-038"), ("S4-004", "S4-046")):
        assert quantity_of(twice[one]) == quantity_of(twice[other])


def test_order_of_rows_does_not_matter(real: Ledger) -> None:
    shuffled = list(real.figures)
    random.Random(7).shuffle(shuffled)
    assert [one.as_json() for one in find_conflicts(replace(real, figures=tuple(shuffled)))] == [
        one.as_json() for one in find_conflicts(real)
    ]


def test_repeats_are_one_statement_and_keep_the_id() -> None:
    once = find_conflicts(ledger(figure("A1", point(13)), figure("B1", point(28))))
    again = find_conflicts(
        ledger(figure("A1", point(13)), figure("B1", point(28)), figure("B2", point(28)), figure("A2", point(13)))
    )
    assert [one.conflict_id for one in once] == [one.conflict_id for one in again]
    assert [member["repeats"] for member in again[0].as_json()["members"]] == [["A2"], ["B2"]]
    assert "另有 1 处相同" in again[0].summary


@pytest.mark.parametrize(
    "difference",
    [
        {"scope": "省级"},
        {"area": "某县"},
        {"period": "2021"},
        {"window": "cumulative"},
        {"nature": "forecast"},
        {"nature": "target"},
    ],
)
def test_another_quantity_is_no_conflict(difference: dict[str, str]) -> None:
    assert find_conflicts(ledger(figure("A", point(13)), figure("B", point(28), **difference))) == []


def test_baseline_and_actual_are_one_measurement() -> None:
    (found,) = find_conflicts(ledger(figure("A", point(13), nature="baseline"), figure("B", point(28))))
    assert found.severity == "error" and "没有印出" not in found.summary


def test_severity_rests_on_statements_not_on_single_figures() -> None:
    """A period printed once covers the repeat that leaves it out."""
    inferred = {"period_basis": "inferred"}
    assert find_conflicts(ledger(figure("A", point(1), **inferred), figure("B", point(2))))[0].severity == "warning"
    covered = ledger(figure("A", point(1), **inferred), figure("A2", point(1)), figure("B", point(2)))
    assert find_conflicts(covered)[0].severity == "error"


def test_figures_without_interval_say_nothing_to_the_solver() -> None:
    assert find_conflicts(ledger(figure("A", None), figure("B", point(28)))) == []


def test_neighbours_that_touch_at_an_open_end_conflict_without_a_gap() -> None:
    below = Interval(Fraction(1), Fraction(2), upper_closed=False)
    (found,) = find_conflicts(ledger(figure("A", Interval(lower=Fraction(2))), figure("B", below)))
    assert "不小于 1、小于 2 亿元" in found.summary and "至少相差" not in found.summary


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.sampled_from(["2020", "2021"])), min_size=1, max_size=7))
@settings(deadline=None, max_examples=30)
def test_exactly_the_pairs_that_do_not_meet(rows: list[tuple[int, int, str]]) -> None:
    figures = [
        figure(f"F{index}", Interval(Fraction(low), Fraction(low + width)), period=period)
        for index, (low, width, period) in enumerate(rows)
    ]
    said = {(one.period, one.interval): one for one in reversed(figures)}
    apart = {
        frozenset((one.figure_id, other.figure_id))
        for one, other in combinations(said.values(), 2)
        if one.period == other.period and not one.interval.meets(other.interval)
    }
    found = find_conflicts(ledger(*figures))
    assert {frozenset(member.figure.figure_id for member in conflict.members) for conflict in found} == apart
    assert len({conflict.conflict_id for conflict in found}) == len(found) == len(apart)


def test_results_are_as_described(tmp_path: Path, real: Ledger) -> None:
    home = Settings(tmp_path)
    found = find_conflicts(real)
    write_results(found, home)
    with duckdb.connect() as database:
        for name, table in CONFLICT_TABLES.items():
            relation = database.read_parquet(str(home.results / f"{name}.parquet"))
            assert relation.columns == [column.name for column in table.columns]
            assert [str(kind) for kind in relation.types] == [column.type for column in table.columns]
            keys = [tuple(row[relation.columns.index(key)] for key in table.primary_key) for row in relation.fetchall()]
            assert len(set(keys)) == len(keys) == (len(found) if name == "conflicts" else sum(len(one.members) for one in found))


def test_no_conflict_writes_empty_tables(tmp_path: Path) -> None:
    home = Settings(tmp_path)
    write_results([], home)
    with duckdb.connect() as database:
        assert database.read_parquet(str(home.results / "conflicts.parquet")).fetchall() == []


def test_the_solver_is_imported_only_to_solve() -> None:
    code = "import sys, pipelines.figures.conflicts; sys.exit('z3' in sys.modules or 'dagster' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
