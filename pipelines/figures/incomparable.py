"""Pairs of figures that look like a contradiction and are none, with the reason, so that nobody raises them again.

Belongs here: figures of one indicator, area and year that differ and yet measure different things. Does not belong here: what
cannot hold together (conflicts).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from pipelines.figures.implied import Catalogue
from pipelines.figures.network import Member, Network
from pipelines.figures.quantities import when
from pipelines.figures.telling import quoted
from pipelines.tables import Column, ResultTable

NATURE_WORDS = {"measured": "实际数", "forecast": "预计数", "target": "目标"}
MOST_OF_ONE = 200  # pairs of one indicator; a ledger of thousands has that many only of what is printed every month

NOT_COMPARABLE_TABLE = ResultTable(
    "not_comparable",
    "看似矛盾而不是矛盾的两个公布数，一行一对：同一指标、同一年，数不一样，但说的不是同一件事",
    (
        Column("figure_id", "VARCHAR", "公布数编号", nullable=False),
        Column("other_figure_id", "VARCHAR", "另一个公布数编号", nullable=False),
        Column("indicator_id", "VARCHAR", "指标编号", nullable=False),
        Column(
            "differs_in",
            "VARCHAR",
            "差在何处：definition 口径，scope 范围，nature 实际、预计或目标，window 时期，stock_flow 时点数与时期数",
            nullable=False,
        ),
        Column("reason", "VARCHAR", "为何不能相比", nullable=False),
    ),
    ("figure_id", "other_figure_id"),
)


@dataclass(frozen=True)
class NotComparable:
    """Two figures that differ in value and in what they measure."""

    figure_id: str
    other_figure_id: str
    indicator_id: str
    differs_in: str
    reason: str


def find_not_comparable(network: Network, conflicts: Iterable[Sequence[str]]) -> list[NotComparable]:
    """The pairs, sorted; those that are in one conflict together are left to it.

    Args:
        conflicts: the figure ids of each.
    """
    together = {frozenset(pair) for members in conflicts for pair in combinations(members, 2)}
    by_indicator: dict[tuple[str, str, str], list[Member]] = defaultdict(list)
    for member in sorted(network.members.values(), key=lambda member: member.figure.figure_id):
        one = member.figure.quantity
        by_indicator[one.indicator_id, one.area, one.last[:4]].append(member)
    near = _near(network.catalogue)
    found = {}
    for (indicator_id, area, year), same in sorted(by_indicator.items()):
        others = [each for other in sorted(near[indicator_id]) for each in by_indicator.get((other, area, year), ())]
        pairs = [*combinations(same, 2), *product(same, others)]
        told = 0
        for one, other in pairs:
            key = frozenset((one.figure.figure_id, other.figure.figure_id))
            pair = None if key in together or key in found else _pair(one, other, network.catalogue)
            if pair is not None and told < MOST_OF_ONE:
                found[key] = pair
                told += 1
    return sorted(found.values(), key=lambda pair: (pair.indicator_id, pair.figure_id, pair.other_figure_id))


def _near(catalogue: Catalogue) -> Mapping[str, set[str]]:
    """Indicators that are easily taken for one another: definitions of one thing, part and whole, stock and new, steps."""
    near: dict[str, set[str]] = defaultdict(set)
    for link in catalogue.links:
        if link.link in ("part_of", "increment_of", "step_before") and link.indicator_id != link.other_id:
            near[link.indicator_id].add(link.other_id)
    for known in catalogue.indicators.values():
        if known.variant_of:
            near[known.indicator_id].add(known.variant_of)
    return near


def _pair(one: Member, other: Member, catalogue: Catalogue) -> NotComparable | None:
    one, other = sorted((one, other), key=lambda member: member.figure.figure_id)
    first, second = one.figure.quantity, other.figure.quantity
    if first == second or one.interval.meets(other.interval):
        return None
    said = f"{quoted(one.figure)}与{quoted(other.figure)}"
    if first.indicator_id != second.indicator_id:
        differs, reason = "definition", f"前者是“{catalogue.label(first)}”，后者是“{catalogue.label(second)}”，口径不同"
    elif first.scope != second.scope:
        differs, reason = "scope", f"前者的范围是“{first.scope or '不分范围'}”，后者是“{second.scope or '不分范围'}”"
    elif first.nature != second.nature:
        differs, reason = "nature", f"前者是{NATURE_WORDS[first.nature]}，后者是{NATURE_WORDS[second.nature]}"
    elif "unstated" in (first.kind, second.kind):
        differs, reason = "window", "有一处没有印出是什么时期的"
    elif first.kind != second.kind:
        differs, reason = "stock_flow", f"前者是{when(first)}的数，后者是{when(second)}的数：一个是时点数，一个是时期数"
    else:
        differs, reason = "window", f"前者是{when(first)}的，后者是{when(second)}的"
    return NotComparable(one.figure.figure_id, other.figure.figure_id, first.indicator_id, differs, f"{said}：{reason}。")
