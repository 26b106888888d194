"""A rule: what holds between quantities, by arithmetic or by the catalogue's default reading.

Belongs here: the shape of a rule and how strong it is. Does not belong here: which rules there are (relations, implied).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from pipelines.figures.intervals import Interval
from pipelines.figures.quantities import Quantity
from pipelines.figures.solver import Linear, Statement

# certain: arithmetic, or printed in so many words; default: what is meant where nothing else is printed (nothing left the
# register; a target is above what it starts from); plausible: what hardly happens without being said.
Strength = Literal["certain", "default", "plausible"]
STRENGTHS: tuple[Strength, ...] = ("certain", "default", "plausible")
NOT_NEGATIVE = Interval(lower=Fraction(0))


@dataclass(frozen=True)
class Rule:
    """Something that holds whatever the figures say.

    Attributes:
        rule_id: the relation's id where a document states it, else made of the kind and the quantities.
        quantities: as they are to be named, the one that is told of last.
        text: in Chinese, one clause.
    """

    rule_id: str
    kind: str
    strength: Strength
    constraints: tuple[Linear, ...]
    quantities: tuple[Quantity, ...]
    text: str

    @property
    def statement(self) -> Statement:
        return Statement(self.rule_id, self.constraints)


def at_most(smaller: Quantity, larger: Quantity, factor: Fraction | int = 1) -> Linear:
    """`factor` × smaller ≤ larger."""
    return Linear.of(NOT_NEGATIVE, (larger, 1), (smaller, -Fraction(factor)))


# Of rules of one strength those that show a conflict more simply come first.
KINDS = (
    "not_negative", "sum", "part", "rise", "same_rate", "rank_of", "within", "add_up", "per_head", "stock",
    "target_ahead", "built", "stock_kept", "no_fall",
)  # fmt: skip


def by_strength(rules: list[Rule]) -> list[Rule]:
    """Each rule once, the strongest and simplest first, in an order that does not depend on the ledger's."""
    once = {}
    for rule in rules:
        # A quantity held against itself says nothing.
        constraints = tuple(constraint for constraint in rule.constraints if not constraint.is_empty)
        if constraints:
            once[rule.rule_id] = replace(rule, constraints=constraints)
    return sorted(once.values(), key=lambda rule: (STRENGTHS.index(rule.strength), KINDS.index(rule.kind), rule.rule_id))
