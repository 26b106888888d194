"""Which statements cannot all hold: every minimal conflicting set, each once, with z3 over exact rationals.

Belongs here: statements about named quantities, rules that always hold, and the search. Does not belong here: where they come
from or what a conflict means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from pipelines.figures.intervals import Interval

if TYPE_CHECKING:
    import z3


class Undecided(RuntimeError):
    """z3 could not tell whether a set of statements can hold; with linear constraints this does not happen."""


@dataclass(frozen=True)
class Linear:
    """That a sum of multiples of quantities lies in an interval.

    Attributes:
        terms: each quantity once, with its factor, by name.
    """

    terms: tuple[tuple[str, Fraction], ...]
    interval: Interval

    @classmethod
    def of(cls, interval: Interval, *terms: tuple[object, Fraction | int]) -> Linear:
        """Of quantities by what `str` makes of them, each with its factor; what is named twice is added up."""
        factors: dict[str, Fraction] = {}
        for one, factor in terms:
            factors[str(one)] = factors.get(str(one), Fraction(0)) + factor
        return cls(tuple(sorted((name, factor) for name, factor in factors.items() if factor)), interval)

    @property
    def is_empty(self) -> bool:
        """Whether it speaks of nothing: a quantity held against itself."""
        return not self.terms

    @property
    def quantities(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.terms)


@dataclass(frozen=True)
class Statement:
    """Something said of quantities, all of it true or not.

    Attributes:
        statement_id: unique among the statements, and among the rules, that are solved together.
    """

    statement_id: str
    constraints: tuple[Linear, ...]

    @property
    def quantities(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for constraint in self.constraints for name in constraint.quantities))


@dataclass(frozen=True, order=True)
class MinimalConflict:
    """Statements that cannot hold together although every proper subset can.

    Attributes:
        statements: their ids, sorted.
        rules: ids of rules with which already they cannot, none of which can be left out, in the order given.
    """

    statements: tuple[str, ...]
    rules: tuple[str, ...]


def minimal_conflicts(statements: Iterable[Statement], rules: Iterable[Statement] = ()) -> list[MinimalConflict]:
    """All sets of statements that the rules do not allow together although they allow every proper subset.

    Args:
        statements: in any order; the answer does not depend on it.
        rules: what always holds, by falling strength: of several ways to show a conflict the one without the weakest is told.
            A rule speaks of several quantities and allows any value of each that nothing is stated of.

    Returns:
        The sets, sorted.

    Raises:
        ValueError: two statements, or two rules, have one id.
        Undecided: z3 gave up on a set.
    """
    ordered, background = sorted(statements, key=lambda statement: statement.statement_id), list(rules)
    for ids in ([one.statement_id for one in ordered], [one.statement_id for one in background]):
        if len(set(ids)) < len(ids):
            raise ValueError(f"statement ids must be unique: {sorted({one for one in ids if ids.count(one) > 1})}")
    return sorted(
        conflict for said, ruled in components(ordered, background) for conflict in _solved(tuple(said), tuple(ruled))
    )


# Reading one figure otherwise leaves most of a ledger as it was.
@lru_cache(maxsize=2**14)
def _solved(statements: tuple[Statement, ...], rules: tuple[Statement, ...]) -> tuple[MinimalConflict, ...]:
    return tuple(_Component(statements, rules).minimal_conflicts())


def components(statements: Sequence[Statement], rules: Sequence[Statement] = ()) -> list[tuple[list[Statement], list[Statement]]]:
    """The statements, and the rules with them, in groups that share no quantity, order kept; none without a statement."""
    leader: dict[str, str] = {}

    def find(quantity: str) -> str:
        leader.setdefault(quantity, quantity)
        while leader[quantity] != quantity:
            leader[quantity] = leader[leader[quantity]]
            quantity = leader[quantity]
        return quantity

    for statement in (*statements, *rules):
        for quantity in statement.quantities:
            leader[find(quantity)] = find(statement.quantities[0])
    groups: dict[str, tuple[list[Statement], list[Statement]]] = {}
    for statement in statements:
        groups.setdefault(find(statement.quantities[0]), ([], []))[0].append(statement)
    for rule in rules:
        group = groups.get(find(rule.quantities[0]))
        if group:
            group[1].append(rule)
    return list(groups.values())


class _Component:
    """Enumerates the minimal conflicting sets of connected statements (MARCO: Liffiton et al., Constraints 21, 2016).

    Statement i is switched on by Boolean i, and so is every rule. `map` knows which sets are still unexplored: each turn takes
    one, grows it to a largest set that holds or shrinks it to a smallest that does not, and rules out everything that this
    settles.
    """

    def __init__(self, statements: Sequence[Statement], rules: Sequence[Statement]) -> None:
        self.statements, self.rules = statements, rules

    def minimal_conflicts(self) -> list[MinimalConflict]:
        if self.has_common_value():
            return []
        self.start()
        everything = set(range(len(self.flags)))
        if self.holds(everything):
            return []
        found = []
        unexplored = self.z3.SimpleSolver()
        while self.decide(unexplored) == self.z3.sat:
            model = unexplored.model()
            seed = {index for index, flag in enumerate(self.flags) if not self.z3.is_false(model[flag])}
            if self.holds(seed):
                for index in sorted(everything - seed):
                    if self.holds(seed | {index}):
                        seed = seed | {index}
                unexplored.add(self.z3.Or([self.flags[index] for index in sorted(everything - seed)]))
            else:
                smallest = self.shrunk(seed)
                ids = tuple(self.statements[index].statement_id for index in sorted(smallest))
                found.append(MinimalConflict(ids, self.needed_rules(smallest)))
                unexplored.add(self.z3.Or([self.z3.Not(self.flags[index]) for index in sorted(smallest)]))
        return found

    def has_common_value(self) -> bool:
        """Whether all is said of one quantity, in intervals that meet: most components, and no work for z3."""
        said = (*self.statements, *self.rules)
        if len({name for statement in said for name in statement.quantities}) > 1:
            return False
        intervals = []
        for statement in said:
            for constraint in statement.constraints:
                ((_, factor),) = constraint.terms
                if factor != 1:
                    return False
                intervals.append(constraint.interval)
        # On a line, what meets pairwise has a common value (Helly).
        return all(one.meets(other) for place, one in enumerate(intervals) for other in intervals[:place])

    def start(self) -> None:
        import z3  # here and not above: `wanstat check` and `status` import figures without solving anything

        self.z3 = z3
        self.flags = [z3.Bool(f"statement_{index}") for index in range(len(self.statements))]
        self.rule_flags = [z3.Bool(f"rule_{index}") for index in range(len(self.rules))]
        self.by_name = {f"statement_{index}": index for index in range(len(self.statements))}
        self.solver = z3.SimpleSolver()
        names: dict[str, str] = {}
        script = [f"(assert (=> statement_{place} {_formula(each, names)}))" for place, each in enumerate(self.statements)]
        script += [f"(assert (=> rule_{place} {_formula(each, names)}))" for place, each in enumerate(self.rules)]
        flags = [*self.by_name, *(f"rule_{index}" for index in range(len(self.rules)))]
        self.solver.from_string("\n".join([*_declared(names.values(), "Real"), *_declared(flags, "Bool"), *script]))

    def holds(self, chosen: set[int], rules: set[int] | None = None) -> bool:
        flags = [self.flags[index] for index in sorted(chosen)]
        flags += self.rule_flags if rules is None else [self.rule_flags[index] for index in sorted(rules)]
        return self.decide(self.solver, *flags) == self.z3.sat

    def shrunk(self, conflicting: set[int]) -> set[int]:
        """A minimal conflicting subset: each member is tried without, starting from z3's own unsatisfiable core."""
        self.holds(conflicting)
        smallest = self.core()
        for index in sorted(smallest):
            if index in smallest and not self.holds(smallest - {index}):
                smallest = self.core()
        return smallest

    def needed_rules(self, conflicting: set[int]) -> tuple[str, ...]:
        """Rules that already refuse the set, none of which can be left out; the weakest are tried without first."""
        needed = set(range(len(self.rules)))
        for index in sorted(needed, reverse=True):
            # Not z3's core of the rest: it may keep a weak rule where strong ones do.
            if not self.holds(conflicting, needed - {index}):
                needed.remove(index)
        return tuple(self.rules[index].statement_id for index in sorted(needed))

    def core(self) -> set[int]:
        """The statements that z3 used in its last refusal."""
        return {self.by_name[str(flag)] for flag in self.solver.unsat_core() if str(flag) in self.by_name}

    def decide(self, solver: z3.Solver, *assumptions: z3.BoolRef) -> z3.CheckSatResult:
        answer = solver.check(*assumptions)
        if answer == self.z3.unknown:
            raise Undecided(solver.reason_unknown())
        return answer


def bounds_of(quantity: str, statements: Sequence[Statement]) -> Interval:
    """What statements that hold together leave for one quantity.

    Raises:
        Undecided: they do not hold together, or z3 gave up.
    """
    import z3

    names = {quantity: "q0"}
    script = [f"(assert {_formula(statement, names)})" for statement in statements]
    text = "\n".join([*_declared(names.values(), "Real"), *script])
    ends: list[tuple[Fraction | None, bool]] = []
    for is_upper in (False, True):
        optimizer = z3.Optimize()
        optimizer.from_string(text)
        variable = z3.Real(names[quantity])
        goal = optimizer.maximize(variable) if is_upper else optimizer.minimize(variable)
        if optimizer.check() != z3.sat:
            raise Undecided(optimizer.reason_unknown())
        infinite, value, beside = optimizer.upper_values(goal) if is_upper else optimizer.lower_values(goal)
        if _fraction(infinite) != 0:
            ends.append((None, False))
        else:
            # An end that is only approached comes with a multiple of an infinitely small number.
            ends.append((_fraction(value), _fraction(beside) == 0))
    (lower, lower_closed), (upper, upper_closed) = ends
    return Interval(lower, upper, lower_closed, upper_closed)


def _fraction(value: z3.ExprRef) -> Fraction:
    """A number of z3, whether it is whole or not."""
    return Fraction(value.as_string())


def _declared(names: Iterable[str], sort: str) -> list[str]:
    return [f"(declare-const {name} {sort})" for name in names]


def _formula(statement: Statement, names: dict[str, str]) -> str:
    """A statement in SMT-LIB, which z3 reads several times as fast as its Python objects are made.

    Args:
        names: what quantities are called in it; those that are new are added.
    """
    parts = []
    for constraint in statement.constraints:
        terms = []
        for quantity, factor in constraint.terms:
            name = names.setdefault(quantity, f"q{len(names)}")
            terms.append(name if factor == 1 else f"(* {_numeral(factor)} {name})")
        total = terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"
        interval = constraint.interval
        if interval.lower is not None:
            parts.append(f"({'>=' if interval.lower_closed else '>'} {total} {_numeral(interval.lower)})")
        if interval.upper is not None:
            parts.append(f"({'<=' if interval.upper_closed else '<'} {total} {_numeral(interval.upper)})")
    return f"(and true {' '.join(parts)})"


def _numeral(value: Fraction) -> str:
    text = f"(/ {abs(value.numerator)}.0 {value.denominator}.0)"
    return f"(- {text})" if value < 0 else text
