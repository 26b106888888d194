"""What linear statements leave open, worked out without a solver: elimination by Fourier and Motzkin over exact fractions.

Slow and simple on purpose: the solver is held against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from pipelines.figures.intervals import Interval
from pipelines.figures.solver import Linear, Statement


@dataclass(frozen=True)
class AtMost:
    """That a sum of multiples is at most `bound`, or less if `strict`; each factor by name, none of them 0."""

    factors: tuple[tuple[str, Fraction], ...]
    bound: Fraction
    strict: bool

    @classmethod
    def of(cls, factors: Mapping[str, Fraction], bound: Fraction, strict: bool) -> AtMost:
        """Brought to one size, so that what says the same is the same."""
        kept = sorted((name, factor) for name, factor in factors.items() if factor)
        size = abs(kept[0][1]) if kept else Fraction(1)
        return cls(tuple((name, factor / size) for name, factor in kept), bound / size, strict)

    def factor(self, name: str) -> Fraction:
        return dict(self.factors).get(name, Fraction(0))

    def plus(self, other: AtMost, times: Fraction) -> AtMost:
        factors = dict(self.factors)
        for name, factor in other.factors:
            factors[name] = factors.get(name, Fraction(0)) + times * factor
        return AtMost.of(factors, self.bound + times * other.bound, self.strict or other.strict)

    @property
    def is_false(self) -> bool:
        return not self.factors and (self.bound < 0 or (self.strict and self.bound == 0))


def can_hold(constraints: Iterable[Linear]) -> bool:
    """Whether some values fit all constraints."""
    return _left_of(constraints, None) is not None


def bounds(constraints: Iterable[Linear], name: str) -> Interval | None:
    """What the constraints leave for one quantity; None where they cannot hold."""
    constraints = list(constraints)
    if not can_hold(constraints):
        return None
    rows = _left_of(constraints, name) or ()
    below = [(row.bound / row.factor(name), not row.strict) for row in rows if row.factor(name) > 0]
    above = [(row.bound / row.factor(name), not row.strict) for row in rows if row.factor(name) < 0]
    lower, lower_closed = max(above, key=lambda end: (end[0], not end[1]), default=(None, False))
    upper, upper_closed = min(below, default=(None, False))
    return Interval(lower, upper, lower_closed, upper_closed)


def _left_of(constraints: Iterable[Linear], kept: str | None) -> set[AtMost] | None:
    """What is said of one name alone when all others are eliminated; None if already without it they cannot hold."""
    rows = {row for constraint in constraints for row in _rows(constraint)}
    while names := sorted({name for row in rows for name, _ in row.factors} - {kept}):
        name = min(names, key=lambda one: _pairs(rows, one))
        below = [row for row in rows if row.factor(name) > 0]
        above = [row for row in rows if row.factor(name) < 0]
        rows = {row for row in rows if not row.factor(name)}
        rows |= {one.plus(other, -one.factor(name) / other.factor(name)) for one in below for other in above}
        if any(row.is_false for row in rows):
            return None
        rows = _strongest(rows)
    if any(row.is_false for row in rows):
        return None
    return rows


def _rows(constraint: Linear) -> list[AtMost]:
    factors, interval, rows = dict(constraint.terms), constraint.interval, []
    if interval.upper is not None:
        rows.append(AtMost.of(factors, interval.upper, not interval.upper_closed))
    if interval.lower is not None:
        rows.append(AtMost.of({name: -factor for name, factor in factors.items()}, -interval.lower, not interval.lower_closed))
    return rows


def _pairs(rows: Iterable[AtMost], name: str) -> int:
    signs = [row.factor(name) > 0 for row in rows if row.factor(name)]
    return sum(signs) * (len(signs) - sum(signs))


def _strongest(rows: Iterable[AtMost]) -> set[AtMost]:
    """Of what bounds the same sum the least."""
    best: dict[tuple[tuple[str, Fraction], ...], AtMost] = {}
    for row in rows:
        known = best.get(row.factors)
        if known is None or (row.bound, not row.strict) < (known.bound, not known.strict):
            best[row.factors] = row
    return set(best.values())


def hold_together(statements: Iterable[Statement], rules: Iterable[Statement] = ()) -> bool:
    return can_hold(constraint for statement in (*statements, *rules) for constraint in statement.constraints)


def minimal_sets(statements: Sequence[Statement], rules: Sequence[Statement] = ()) -> list[tuple[str, ...]]:
    """The ids of every smallest set that cannot hold, found by trying all sets, the small ones first."""
    found: list[set[str]] = []
    for size in range(1, len(statements) + 1):
        for chosen in combinations(statements, size):
            ids = {statement.statement_id for statement in chosen}
            if not any(one <= ids for one in found) and not hold_together(chosen, rules):
                found.append(ids)
    return sorted(tuple(sorted(ids)) for ids in found)
