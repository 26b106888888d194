"""The solver against brute force that knows nothing of z3: every minimal conflicting set, none else, each once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

import exact
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.figures.intervals import Interval
from pipelines.figures.solver import Linear, MinimalConflict, Statement, Undecided, bounds_of, components, minimal_conflicts

numbers = st.integers(min_value=0, max_value=6).map(Fraction)
factors = st.sampled_from([Fraction(-2), Fraction(-1), Fraction(1), Fraction(1), Fraction(1, 2), Fraction(3)])
NOUGHT = Interval.point(Fraction(0))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    low, high = sorted([draw(numbers), draw(numbers)])
    if low == high:
        return Interval.point(low)
    ends = (draw(st.sampled_from([low, low, None])), draw(st.sampled_from([high, high, None])))
    return Interval(*ends, draw(st.booleans()), draw(st.booleans()))


@st.composite
def linears(draw: st.DrawFn) -> Linear:
    names = draw(st.lists(st.sampled_from("xyz"), min_size=1, max_size=3, unique=True))
    return Linear.of(draw(intervals()), *((name, draw(factors)) for name in names))


statements = st.lists(st.lists(linears(), min_size=1, max_size=2), max_size=6).map(
    lambda said: [Statement(f"S{index}", tuple(one)) for index, one in enumerate(said)]
)


@st.composite
def rules_with_a_world(draw: st.DrawFn) -> list[Statement]:
    """Rules that some world obeys, so that they are no conflict among themselves."""
    world = {name: draw(numbers) for name in "xyz"}
    made = []
    for index in range(draw(st.integers(0, 4))):
        linear = draw(linears())
        value = sum(factor * world[name] for name, factor in linear.terms)
        around = Interval(*draw(st.sampled_from([(value, value), (value, None), (None, value), (value - 1, value + 1)])))
        made.append(Statement(f"R{index}", (Linear(linear.terms, around),)))
    return made


def says(statement_id: str, interval: Interval, **factors: Fraction | int) -> Statement:
    return Statement(statement_id, (Linear.of(interval, *factors.items()),))


def at(value: int) -> Interval:
    return Interval.point(Fraction(value))


def sets(found: Sequence[MinimalConflict]) -> list[tuple[str, ...]]:
    return [one.statements for one in found]


def minimal(conflicting: set[frozenset[str]]) -> list[tuple[str, ...]]:
    return sorted(tuple(sorted(one)) for one in conflicting if not any(other < one for other in conflicting))


@given(st.lists(st.tuples(st.sampled_from("xyz"), intervals()), max_size=6))
@settings(deadline=None, max_examples=60)
def test_intervals_against_brute_force(pairs: list[tuple[str, Interval]]) -> None:
    """Intervals can be tried on the points where anything changes; statements are solved in any order."""
    steps = [Fraction(step, 2) for step in range(-2, 15)]
    conflicting = set()
    for size in range(1, len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            by_name = {name: [pairs[index][1] for index in chosen if pairs[index][0] == name] for name in "xyz"}
            if not all(any(all(step in part for part in parts) for step in steps) for parts in by_name.values()):
                conflicting.add(frozenset(f"S{index}" for index in chosen))
    said = [says(f"S{index}", interval, **{name: 1}) for index, (name, interval) in enumerate(pairs)]
    expected = [MinimalConflict(one, ()) for one in minimal(conflicting)]
    assert minimal_conflicts(said) == expected
    assert minimal_conflicts(reversed(said)) == expected


RELATIONS = {
    "x <= y": (says("", Interval(lower=Fraction(0)), x=-1, y=1), lambda x, y, z: x <= y),
    "y <= z": (says("", Interval(lower=Fraction(0)), y=-1, z=1), lambda x, y, z: y <= z),
    "z <= x": (says("", Interval(lower=Fraction(0)), z=-1, x=1), lambda x, y, z: z <= x),
    "y = x + 1": (says("", at(1), x=-1, y=1), lambda x, y, z: y == x + 1),
    "z = y + 2": (says("", at(2), y=-1, z=1), lambda x, y, z: z == y + 2),
    "0 < z - x < 2": (
        says("", Interval(Fraction(0), Fraction(2), False, False), z=1, x=-1),
        lambda x, y, z: 0 < z - x < 2,
    ),
}


@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 3)), max_size=4),
    st.lists(st.sampled_from(sorted(RELATIONS)), max_size=4, unique=True),
)
@settings(deadline=None, max_examples=40)
def test_relations_against_worlds(values: list[tuple[str, int]], relations: list[str]) -> None:
    """Relations over several quantities beside points; differences bounded by whole numbers hold in thirds or nowhere."""
    tests = [lambda x, y, z, name=name, value=value: {"x": x, "y": y, "z": z}[name] == value for name, value in values]
    tests += [RELATIONS[name][1] for name in relations]
    said = [says(f"S{index}", at(value), **{name: 1}) for index, (name, value) in enumerate(values)]
    said += [Statement(f"S{len(values) + index}", RELATIONS[name][0].constraints) for index, name in enumerate(relations)]
    steps = [Fraction(step, 3) for step in range(-9, 19)] if "0 < z - x < 2" in relations else range(-4, 8)
    whole = range(-4, 8)
    holding = {
        frozenset(f"S{index}" for index, test in enumerate(tests) if test(x, y, z)) for x in whole for y in steps for z in steps
    }
    conflicting = {
        frozenset(chosen)
        for size in range(1, len(tests) + 1)
        for chosen in combinations([one.statement_id for one in said], size)
        if not any(set(chosen) <= one for one in holding)
    }
    assert sets(minimal_conflicts(said)) == minimal(conflicting)


@given(statements, rules_with_a_world())
@settings(deadline=None, max_examples=150)
def test_sums_of_multiples_against_elimination(said: list[Statement], rules: list[Statement]) -> None:
    found = minimal_conflicts(said, rules)
    assert sets(found) == exact.minimal_sets(said, rules)
    assert minimal_conflicts(reversed(said), rules) == found


@given(statements, rules_with_a_world())
@settings(deadline=None, max_examples=150)
def test_the_rules_of_a_conflict_are_enough_and_none_can_be_left_out(said: list[Statement], rules: list[Statement]) -> None:
    by_id = {one.statement_id: one for one in (*said, *rules)}
    for conflict in minimal_conflicts(said, rules):
        members, used = ([by_id[one] for one in ids] for ids in (conflict.statements, conflict.rules))
        assert used == [rule for rule in rules if rule in used], "in the order given"
        assert not exact.hold_together(members, used)
        for rule in used:
            assert exact.hold_together(members, [one for one in used if one is not rule])
        if used:
            stronger = rules[: rules.index(used[-1])]
            assert exact.hold_together(members, stronger), "a weak rule is used only where all that are stronger allow it"


@given(rules_with_a_world())
@settings(deadline=None, max_examples=20)
def test_rules_without_a_statement_are_no_conflict(rules: list[Statement]) -> None:
    assert minimal_conflicts([], rules) == []
    assert minimal_conflicts([says("a", Interval(), x=1)], rules) == []


def test_of_two_ways_to_show_a_conflict_the_stronger_is_told() -> None:
    low, high = says("low", at(1), x=1), says("high", at(9), y=1)
    strong = says("strong", Interval(lower=Fraction(0)), x=1, y=-1)
    weak = says("weak", NOUGHT, x=1, y=-1)
    assert minimal_conflicts([low, high], [strong, weak]) == [MinimalConflict(("high", "low"), ("strong",))]
    assert minimal_conflicts([low, high], [weak, strong]) == [MinimalConflict(("high", "low"), ("weak",))]
    assert minimal_conflicts([low, high], [weak]) == [MinimalConflict(("high", "low"), ("weak",))]
    assert minimal_conflicts([low, high]) == []


def test_a_weak_rule_shows_a_smaller_conflict_that_strong_ones_do_not() -> None:
    said = [says("a", at(1), x=1), says("b", at(1), y=1), says("c", at(9), z=1)]
    strong = says("strong", NOUGHT, x=1, y=1, z=-1)
    weak = says("weak", Interval(upper=Fraction(0)), z=1, x=-2)
    assert minimal_conflicts(said, [strong]) == [MinimalConflict(("a", "b", "c"), ("strong",))]
    assert minimal_conflicts(said, [strong, weak]) == [MinimalConflict(("a", "c"), ("weak",))]


def test_rules_chain_quantities_that_nothing_is_stated_of() -> None:
    steps = [says(f"R{index}", Interval(lower=Fraction(1)), **{f"q{index + 1}": 1, f"q{index}": -1}) for index in range(5)]
    said = [says("first", at(0), q0=1), says("last", Interval(upper=Fraction(5), upper_closed=False), q5=1)]
    assert minimal_conflicts(said, steps) == [MinimalConflict(("first", "last"), ("R0", "R1", "R2", "R3", "R4"))]
    assert minimal_conflicts(said, steps[1:]) == []


def test_one_statement_that_a_rule_forbids() -> None:
    rule = says("R", Interval(lower=Fraction(0)), x=1)
    assert minimal_conflicts([says("a", at(-1), x=1), says("b", at(-1), y=1)], [rule]) == [MinimalConflict(("a",), ("R",))]


def test_quantities_without_a_common_statement_are_solved_apart() -> None:
    said = [says("a", at(0), x=1), says("b", at(0), y=1), says("c", at(0), z=1, x=-1)]
    rules = [says("r", at(0), y=1, u=1), says("nobody", at(0), v=1)]
    groups = [[[one.statement_id for one in part] for part in group] for group in components(said, rules)]
    assert groups == [[["a", "c"], []], [["b"], ["r"]]]


def test_a_rule_joins_what_statements_leave_apart() -> None:
    said, rules = [says("a", at(0), x=1), says("b", at(1), y=1)], [says("r", NOUGHT, x=1, y=-1)]
    assert [[one.statement_id for one in group] for group, _ in components(said, rules)] == [["a", "b"]]
    assert [[one.statement_id for one in group] for group, _ in components(said)] == [["a"], ["b"]]


def test_statement_that_cannot_hold_is_a_conflict_of_its_own() -> None:
    never = Statement("a", (Linear.of(at(1), ("x", 1)), Linear.of(at(2), ("x", 1))))
    assert minimal_conflicts([never, says("b", at(1), x=1)]) == [MinimalConflict(("a",), ())]


def test_exact_where_floats_are_not() -> None:
    said = [says("a", at(Fraction(1, 3)), x=1), says("b", NOUGHT, x=3, y=-1)]
    assert minimal_conflicts([*said, says("c", at(1), y=1)]) == []
    just_below = Interval(upper=Fraction(1), upper_closed=False)
    assert minimal_conflicts([*said, says("c", just_below, y=1)]) == [MinimalConflict(("a", "b", "c"), ())]


@pytest.mark.parametrize("twice", [{"statements": 2, "rules": 0}, {"statements": 0, "rules": 2}])
def test_two_statements_or_rules_of_one_id_are_refused(twice: dict[str, int]) -> None:
    one = says("a", at(0), x=1)
    with pytest.raises(ValueError, match="unique"):
        minimal_conflicts([one] * twice["statements"], [one] * twice["rules"])


@given(statements, st.sampled_from("xyzu"))
@settings(deadline=None, max_examples=150)
def test_what_is_left_for_a_quantity_against_elimination(said: list[Statement], name: str) -> None:
    left = exact.bounds([constraint for one in said for constraint in one.constraints], name)
    assume(left is not None)
    assert bounds_of(name, said) == left


def test_nothing_is_left_where_statements_do_not_hold_together() -> None:
    with pytest.raises(Undecided):
        bounds_of("x", [says("a", at(0), x=1), says("b", at(1), x=1)])


def test_elimination_itself() -> None:
    """What the solver is held against, on systems whose answer is plain."""
    chain = [Linear.of(Interval(upper=Fraction(0)), ("x", 1), ("y", -1)), Linear.of(Interval(upper=Fraction(3)), ("y", 1))]
    assert exact.bounds(chain, "x") == Interval(upper=Fraction(3))
    assert exact.can_hold([*chain, Linear.of(at(6), ("x", 2))])
    assert not exact.can_hold([*chain, Linear.of(at(7), ("x", 2))])
    open_end = Linear.of(Interval(Fraction(3), None, lower_closed=False), ("x", 1))
    assert not exact.can_hold([*chain, open_end]) and exact.bounds([*chain, open_end], "x") is None
