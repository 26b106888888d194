"""The solver against brute force: every minimal conflicting set, none else, each once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.intervals import Interval
from pipelines.figures.solver import Statement, components, minimal_conflicts, within

numbers = st.integers(min_value=0, max_value=6).map(Fraction)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted([draw(numbers), draw(numbers)])
    if low == high:
        return Interval.point(low)
    ends = (draw(st.sampled_from([low, low, None])), draw(st.sampled_from([high, high, None])))
    return Interval(*ends, draw(st.booleans()), draw(st.booleans()))


said = st.lists(st.tuples(st.sampled_from("xyz"), intervals()), max_size=6)


def statements_of(pairs: Sequence[tuple[str, Interval]]) -> list[Statement]:
    return [Statement(f"S{index}", (name,), within(interval)) for index, (name, interval) in enumerate(pairs)]


def minimal(conflicting: set[frozenset[str]]) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(one)) for one in conflicting if not any(other < one for other in conflicting))


@given(said)
@settings(deadline=None, max_examples=40)
def test_intervals_against_brute_force(pairs: list[tuple[str, Interval]]) -> None:
    """Intervals can be tried on the points where anything changes; statements are solved in any order."""
    steps = [Fraction(step, 2) for step in range(-2, 15)]
    conflicting = set()
    for size in range(1, len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            by_name = {name: [pairs[index][1] for index in chosen if pairs[index][0] == name] for name in "xyz"}
            if not all(any(all(step in part for part in parts) for step in steps) for parts in by_name.values()):
                conflicting.add(frozenset(f"S{index}" for index in chosen))
    expected = minimal(conflicting)
    assert minimal_conflicts(statements_of(pairs)) == expected
    assert minimal_conflicts(reversed(statements_of(pairs))) == expected


RELATIONS = {
    "x <= y": (("x", "y"), lambda x, y: x <= y),
    "y <= z": (("y", "z"), lambda y, z: y <= z),
    "z <= x": (("x", "z"), lambda x, z: z <= x),
    "y = x + 1": (("x", "y"), lambda x, y: y == x + 1),
    "z = y + 2": (("y", "z"), lambda y, z: z == y + 2),
}


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), max_size=4),
    st.lists(st.sampled_from(sorted(RELATIONS)), max_size=4, unique=True),
)
@settings(deadline=None, max_examples=40)
def test_relations_against_brute_force(values: list[tuple[str, int]], relations: list[str]) -> None:
    """Relations over several quantities beside points; differences of whole numbers hold in whole numbers or nowhere."""
    tests = [((name,), lambda got, value=value: got == value) for name, value in values]
    tests += [RELATIONS[name] for name in relations]
    statements = [Statement(f"S{index}", *test) for index, test in enumerate(tests)]
    worlds = [{"x": x, "y": y, "z": z} for x in range(-4, 8) for y in range(-4, 8) for z in range(-4, 8)]
    holding = {
        frozenset(f"S{index}" for index, (names, test) in enumerate(tests) if test(*(world[name] for name in names)))
        for world in worlds
    }
    conflicting = {
        frozenset(chosen)
        for size in range(1, len(tests) + 1)
        for chosen in combinations([statement.statement_id for statement in statements], size)
        if not any(set(chosen) <= one for one in holding)
    }
    assert minimal_conflicts(statements) == minimal(conflicting)


def test_quantities_without_a_common_statement_are_solved_apart() -> None:
    statements = [
        Statement("a", ("x",), lambda x: x > 0),
        Statement("b", ("y",), lambda y: y > 0),
        Statement("c", ("z", "x"), lambda z, x: z > x),
    ]
    assert [[one.statement_id for one in group] for group in components(statements)] == [["a", "c"], ["b"]]


def test_statement_that_cannot_hold_is_a_conflict_of_its_own() -> None:
    assert minimal_conflicts([Statement("a", ("x",), lambda x: x < x)]) == [("a",)]


def test_exact_where_floats_are_not() -> None:
    third = Fraction(1, 3)
    said = [Statement("a", ("x",), within(Interval.point(third))), Statement("b", ("x", "y"), lambda x, y: x * 3 == y)]
    assert minimal_conflicts([*said, Statement("c", ("y",), within(Interval.point(Fraction(1))))]) == []
    just_below = Interval(upper=Fraction(1), upper_closed=False)
    assert minimal_conflicts([*said, Statement("c", ("y",), within(just_below))]) == [("a", "b", "c")]


def test_two_statements_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="unique"):
        minimal_conflicts([Statement("a", ("x",), lambda x: x > 0)] * 2)
