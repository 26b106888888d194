"""Which statements cannot all hold: every minimal conflicting set, each once, with z3 over exact rationals.

Belongs here: statements about named quantities and the search. Does not belong here: where statements come from or what a
conflict means; a relation between several figures is one more statement over several quantities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from pipelines.figures.intervals import Interval

if TYPE_CHECKING:
    import z3

# Takes one real variable for each of the statement's quantities, in their order.
Constraint = Callable[..., "z3.BoolRef"]


class Undecided(RuntimeError):
    """z3 could not tell whether a set of statements can hold; with linear constraints this does not happen."""


@dataclass(frozen=True)
class Statement:
    """Something said of quantities that may be true or not.

    Attributes:
        statement_id: unique among the statements solved together.
        quantities: names of the quantities it speaks of; statements that share one are solved together.
        constraint: makes the z3 formula from the quantities' variables, in the order of `quantities`.
    """

    statement_id: str
    quantities: tuple[str, ...]
    constraint: Constraint


def within(interval: Interval) -> Constraint:
    """The constraint that one quantity lies in `interval`."""

    def formula(quantity: z3.ArithRef) -> z3.BoolRef:
        import z3  # here and not above: `wanstat check` and `status` import figures without solving anything

        bounds = []
        if interval.lower is not None:
            lower = exact(interval.lower)
            bounds.append(quantity >= lower if interval.lower_closed else quantity > lower)
        if interval.upper is not None:
            upper = exact(interval.upper)
            bounds.append(quantity <= upper if interval.upper_closed else quantity < upper)
        return z3.And(*bounds)

    return formula


def exact(value: Fraction) -> z3.RatNumRef:
    """`value` as z3's exact rational."""
    import z3

    return z3.RealVal(f"{value.numerator}/{value.denominator}")


def minimal_conflicts(statements: Iterable[Statement]) -> list[tuple[str, ...]]:
    """All sets of statements that cannot hold together although every proper subset can.

    Args:
        statements: in any order; the answer does not depend on it.

    Returns:
        The sets as sorted tuples of statement ids, themselves sorted.

    Raises:
        ValueError: two statements have one id.
        Undecided: z3 gave up on a set.
    """
    ordered = sorted(statements, key=lambda statement: statement.statement_id)
    ids = [statement.statement_id for statement in ordered]
    if len(set(ids)) < len(ids):
        raise ValueError(f"statement ids must be unique: {sorted({one for one in ids if ids.count(one) > 1})}")
    found = [conflict for component in components(ordered) for conflict in _Component(component).minimal_conflicts()]
    return sorted(found)


def components(statements: Sequence[Statement]) -> list[list[Statement]]:
    """The statements in groups that share no quantity, order kept."""
    leader: dict[str, str] = {}

    def find(quantity: str) -> str:
        leader.setdefault(quantity, quantity)
        while leader[quantity] != quantity:
            leader[quantity] = leader[leader[quantity]]
            quantity = leader[quantity]
        return quantity

    for statement in statements:
        for quantity in statement.quantities:
            leader[find(quantity)] = find(statement.quantities[0])
    groups: dict[str, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(find(statement.quantities[0]), []).append(statement)
    return list(groups.values())


class _Component:
    """Enumerates the minimal conflicting sets of connected statements (MARCO: Liffiton et al., Constraints 21, 2016).

    Statement i is switched on by Boolean i. `map` knows which sets are still unexplored: each turn takes one, grows it to a
    largest set that holds or shrinks it to a smallest that does not, and rules out everything that this settles.
    """

    def __init__(self, statements: Sequence[Statement]) -> None:
        import z3

        self.z3 = z3
        self.ids = [statement.statement_id for statement in statements]
        self.flags = [z3.Bool(f"statement {index}") for index in range(len(statements))]
        self.by_name = {str(flag): index for index, flag in enumerate(self.flags)}
        self.solver = z3.SimpleSolver()
        variables: dict[str, z3.ArithRef] = {}
        for flag, statement in zip(self.flags, statements, strict=True):
            spoken_of = [variables.setdefault(name, z3.Real(f"quantity {name}")) for name in statement.quantities]
            self.solver.add(z3.Implies(flag, statement.constraint(*spoken_of)))

    def minimal_conflicts(self) -> list[tuple[str, ...]]:
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
                found.append(tuple(self.ids[index] for index in sorted(smallest)))
                unexplored.add(self.z3.Or([self.z3.Not(self.flags[index]) for index in sorted(smallest)]))
        return found

    def holds(self, chosen: set[int]) -> bool:
        return self.decide(self.solver, *(self.flags[index] for index in sorted(chosen))) == self.z3.sat

    def shrunk(self, conflicting: set[int]) -> set[int]:
        """A minimal conflicting subset: each member is tried without, starting from z3's own unsatisfiable core."""
        self.holds(conflicting)
        smallest = self.core()
        for index in sorted(smallest):
            if index in smallest and not self.holds(smallest - {index}):
                smallest = self.core()
        return smallest

    def core(self) -> set[int]:
        """The members z3 used in its last refusal."""
        return {self.by_name[str(flag)] for flag in self.solver.unsat_core()}

    def decide(self, solver: z3.Solver, *assumptions: z3.BoolRef) -> z3.CheckSatResult:
        answer = solver.check(*assumptions)
        if answer == self.z3.unknown:
            raise Undecided(solver.reason_unknown())
        return answer
