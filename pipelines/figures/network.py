"""A ledger as the solver takes it: the statements of its figures, and the rules between what they speak of.

Belongs here: putting figures, relations and rules together, and what a set of statements leaves open for a quantity. Does not
belong here: what a conflict means or how it reads (conflicts, telling).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby

from pipelines.figures.implied import Catalogue, implied_rules, implied_ties, read_links
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure, read_indicators
from pipelines.figures.quantities import Quantity
from pipelines.figures.relations import Relation, Tie, constraints_of, rules_of, ties_of
from pipelines.figures.rules import Rule, by_strength
from pipelines.figures.solver import Linear, MinimalConflict, Statement, bounds_of, minimal_conflicts
from pipelines.forms.seeds import read_seed
from pipelines.settings import Settings

_DIGITS = re.compile(r"([0-9]+)")


@dataclass(frozen=True)
class Member:
    """One statement: a figure with what it says of others, and the other figures that say exactly the same."""

    figure: Figure
    constraints: tuple[Linear, ...]
    repeats: tuple[Figure, ...] = ()

    @property
    def interval(self) -> Interval:
        return self.figure.interval

    @property
    def is_stated(self) -> bool:
        """Whether at least one of the figures has its period printed, so that nothing rests on our reading."""
        printed = [figure for figure in (self.figure, *self.repeats) if not figure.is_observed] or [self.figure]
        return any(figure.period_basis == "stated" for figure in printed)

    @property
    def repeat_ids(self) -> list[str]:
        return [figure.figure_id for figure in self.repeats]

    @property
    def figure_ids(self) -> list[str]:
        return [self.figure.figure_id, *self.repeat_ids]


@dataclass(frozen=True)
class Network:
    """The figures that have an interval, with all that ties them together.

    Attributes:
        members: by figure id of the statement, sorted.
        ties, rules: stated and implied; rules by falling strength.
    """

    members: dict[str, Member]
    ties: tuple[Tie, ...]
    rules: tuple[Rule, ...]
    catalogue: Catalogue = field(repr=False)

    @cached_property
    def rule_by_id(self) -> dict[str, Rule]:
        return {rule.rule_id: rule for rule in self.rules}

    def minimal_conflicts(self) -> list[MinimalConflict]:
        """Every minimal set of statements that the rules do not allow together."""
        statements = [Statement(figure_id, member.constraints) for figure_id, member in self.members.items()]
        return minimal_conflicts(statements, [rule.statement for rule in self.rules])

    def bounds(self, one: Quantity, figure_ids: Iterable[str], rule_ids: Iterable[str]) -> Interval:
        """What some statements and rules that hold together leave for a quantity."""
        statements = [Statement(figure_id, self.members[figure_id].constraints) for figure_id in figure_ids]
        statements += [self.rule_by_id[rule_id].statement for rule_id in rule_ids]
        return bounds_of(str(one), statements)


def read_catalogue(settings: Settings) -> Catalogue:
    """Indicators, their links and the areas, from the seeds that come with the program."""
    areas = read_seed(settings.seeds / "areas.csv")
    cities = frozenset(area["area_name"] for area in areas if area["area_kind"] == "city")
    within = {area["area_name"]: cities for area in areas if area["area_kind"] != "city"}
    return Catalogue(
        read_indicators(settings.seeds / "indicators.csv"), read_links(settings.seeds / "indicator_relations.csv"), within
    )


def network_of(figures: Sequence[Figure], relations: Sequence[Relation], catalogue: Catalogue) -> Network:
    """The network of some figures; relations that name another figure are left out."""
    used = sorted((figure for figure in figures if figure.interval is not None), key=_place)
    by_id = {figure.figure_id: figure for figure in used}
    stated = [relation for relation in (_with(each, by_id) for each in relations) if relation is not None]
    ties = ties_of(stated)
    ties = sorted([*ties, *implied_ties(used, ties, catalogue)], key=lambda tie: (tie.coefficient.figure_id, tie.rule_id))
    extra = constraints_of(ties)
    quantities = {figure.quantity for figure in used} | {one for tie in ties for one in (tie.base, tie.taken)}
    rules = by_strength([*rules_of(stated), *implied_rules(used, quantities, catalogue)])
    said = [
        (figure, (Linear.of(figure.interval, (figure.quantity, 1)), *extra.get(figure.figure_id, ()))) for figure in used
    ]
    said.sort(key=lambda one: (_key(one[1]), _place(one[0])))
    members = []
    for _, same in groupby(said, key=lambda one: _key(one[1])):
        (first, constraints), *others = same
        members.append(Member(first, constraints, tuple(figure for figure, _ in others)))
    members.sort(key=lambda member: member.figure.figure_id)
    return Network({member.figure.figure_id: member for member in members}, tuple(ties), tuple(rules), catalogue)


def _place(figure: Figure) -> tuple[bool, list[tuple[bool, int, str]]]:
    """Printed figures before what the warehouse has; then by id."""
    return (figure.is_observed, by_number(figure.figure_id))


def by_number(figure_id: str) -> list[tuple[bool, int, str]]:
    """To sort ids by, numbers as numbers: what a later document (S10) repeats keeps its name (S4)."""
    parts = _DIGITS.split(figure_id)
    return [(not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _key(constraints: tuple[Linear, ...]) -> tuple[str, ...]:
    return tuple(sorted(str(constraint) for constraint in constraints))


def _with(relation: Relation, figures: dict[str, Figure]) -> Relation | None:
    """The relation between these figures, which may differ from those it was read with; None if one is not among them."""
    named = (relation.subject, *relation.others, *([relation.coefficient] if relation.coefficient else []))
    if any(figure.figure_id not in figures for figure in named):
        return None
    return replace(
        relation,
        subject=figures[relation.subject.figure_id],
        others=tuple(figures[other.figure_id] for other in relation.others),
        coefficient=figures[relation.coefficient.figure_id] if relation.coefficient else None,
    )


def middle(interval: Interval) -> Fraction | None:
    """A number to stand for an interval in a picture or a residual: its middle, or its only end."""
    if interval.lower is None or interval.upper is None:
        return interval.lower if interval.upper is None else interval.upper
    return (interval.lower + interval.upper) / 2
