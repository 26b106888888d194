"""What holds between quantities without being printed: by arithmetic, by the catalogue's links, by default.

Belongs here: the kinds of rules and where each applies, for any ledger. Does not belong here: single cases, or what documents
state (relations).

    ==================  =========  =====================================================================================
    not_negative        certain    amounts, counts and ratios are not below zero
    within              certain    a flow of some months is at most that of months around them; a forecast year is at
                                   least what its first months have measured
    add_up              certain    years within a period add up to at most the period, and to the period if none is left out
    part                certain    a part (catalogue: part_of) is at most the whole; of the county at most the city's
    per_head            certain    at least the catalogue's lower bound: entries to participants, attendances to events
    per_head            plausible  and at most its upper
    stock               certain    a stock is at most the stock before and what is new (catalogue: increment_of)
    stock_kept          default    and at least that, since nothing is said to have left
    target_ahead        default    a target is no worse than what was there when the plan began
    built               default    where a plan says how many there shall be, and nothing of how many there were or are new,
                                   all are to be built in it
    no_fall             plausible  what a plan wants to grow does not fall by more than a tenth in a year unsaid
    ==================  =========  =====================================================================================

Rules are made between quantities that some figure, or a relation's base, is of; what would follow by way of a quantity that
nobody mentions (a whole of which only parts are printed) is not seen.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from pathlib import Path

from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure, Indicator
from pipelines.figures.quantities import (
    ADDITIVE,
    FORECAST,
    MEASURED,
    PRACTICE,
    TARGET,
    Quantity,
    month_before,
    month_number,
    plan_start,
    when,
)
from pipelines.figures.relations import Tie, not_negative, previous_year
from pipelines.figures.rules import Rule, at_most
from pipelines.figures.solver import Linear
from pipelines.units import read_unit

KEPT_IN_A_YEAR = Fraction(9, 10)
LINKS = ("part_of", "increment_of", "growth_of", "step_before", "per_head")


@dataclass(frozen=True)
class Link:
    """How two indicators (with a scope) hang together, by the catalogue; `lower`, `upper` bound the one per the other."""

    link: str
    indicator_id: str
    scope: str
    other_id: str
    other_scope: str
    lower: Fraction | None = None
    upper: Fraction | None = None


def read_links(path: Path) -> tuple[Link, ...]:
    """The catalogue's links, from the seed that dbt loads too.

    Raises:
        OSError, KeyError, ValueError: the seed, which comes with the program, is missing or lacks a column.
    """
    with path.open(encoding="utf-8", newline="") as seed:
        return tuple(
            Link(
                row["link"],
                row["indicator_id"],
                row["scope"],
                row["other_id"],
                row["other_scope"],
                Fraction(row["lower"]) if row["lower"] else None,
                Fraction(row["upper"]) if row["upper"] else None,
            )
            for row in csv.DictReader(seed)
        )


@dataclass(frozen=True)
class Catalogue:
    """What the rules need of indicators and areas.

    Attributes:
        areas_within: name of an area -> names of the areas it lies in.
    """

    indicators: Mapping[str, Indicator]
    links: tuple[Link, ...]
    areas_within: Mapping[str, frozenset[str]]

    @cached_property
    def links_from(self) -> Mapping[tuple[str, str], tuple[Link, ...]]:
        """(kind of link, indicator) -> its links."""
        found: dict[tuple[str, str], list[Link]] = defaultdict(list)
        for link in self.links:
            found[(link.link, link.indicator_id)].append(link)
        return {key: tuple(links) for key, links in found.items()}

    def label(self, one: Quantity) -> str:
        known = self.indicators.get(one.indicator_id)
        return (known.label if known else one.indicator_id) + (f"（{one.scope}）" if one.scope else "")

    def said(self, one: Quantity) -> str:
        """A quantity in Chinese: 2025年末的科技创新平台数（目标）."""
        nature = {FORECAST: "（预计）", TARGET: "（目标）"}.get(one.nature.removesuffix(" as computed"), "")
        return f"{when(one)}的{self.label(one)}{nature}"


def implied_ties(figures: Sequence[Figure], stated: Iterable[Tie], catalogue: Catalogue) -> list[Tie]:
    """The ties that growth figures and ratios have by the catalogue, where the document states no base of them."""
    has_base = {(tie.coefficient.quantity, str(tie.coefficient.interval)) for tie in stated}
    levels: dict[tuple[str, str, str, str], list[tuple[Quantity, Figure]]] = defaultdict(list)
    for figure in figures:
        if figure.interval is not None:
            one = figure.quantity
            levels[one.indicator_id, one.scope, one.area, one.last].append((one, figure))
    ties = []
    for figure in figures:
        if figure.interval is None or (figure.quantity, str(figure.interval)) in has_base or figure.nature == "target":
            continue
        one = figure.quantity
        is_of_a_year = one.kind == "span" and bool(one.first) and one.months <= 12
        for link in catalogue.links_from.get(("growth_of", one.indicator_id), ()) if is_of_a_year else ():
            found = levels[link.other_id, one.scope, one.area, one.last]
            for level, subject in found:
                # Of a forecast only where it is forecast itself, or the document says so: an actual may yet follow.
                if level.nature == one.nature and (level.kind == "level" or level.first == one.first):
                    rule_id = f"growth_of:{one}"
                    ties.append(Tie(rule_id, figure, subject, previous_year(level), is_growth=True, is_inferred=True))
        known = catalogue.indicators.get(one.indicator_id)
        if known is None or not (known.numerator_id and known.denominator_id):
            continue
        for above, subject in levels[known.numerator_id, one.scope, one.area, one.last]:
            for below, _ in levels[known.denominator_id, one.scope, one.area, one.last]:
                if above.nature == below.nature == one.nature and (above.first, below.first) in ((one.first,) * 2, ("", "")):
                    rule_id = f"ratio:{one}"
                    ties.append(Tie(rule_id, figure, subject, below, is_growth=False, is_inferred=True, scale=known.factor))
    return ties


def implied_rules(figures: Sequence[Figure], quantities: Iterable[Quantity], catalogue: Catalogue) -> list[Rule]:
    """All rules that hold between these quantities."""
    known = sorted({one for one in quantities if one.kind != "unstated"})
    measures = {figure.quantity: figure.measure for figure in figures}
    by_subject: dict[tuple[str, str], list[Quantity]] = defaultdict(list)
    for one in known:
        by_subject[one.indicator_id, one.scope].append(one)
    rates = {one for one in known if _measure(one, measures, catalogue) == "growth_rate"}
    rules = not_negative(one for one in known if one not in rates)
    for subject, same in sorted(by_subject.items()):
        measure = _measure(same[0], measures, catalogue)
        for area in sorted({one.area for one in same}):
            there = [one for one in same if one.area == area]
            if measure not in ("growth_rate", "ratio", "rank"):
                rules += _within(there, catalogue)
                if measure in ADDITIVE:
                    rules += _add_up(there, catalogue)
            if measure != "growth_rate":
                rules += _ahead(there, catalogue)
                rules += _no_fall(there, catalogue)
        if measure not in ("growth_rate", "ratio", "rank"):
            rules += _areas(same, catalogue)
        rules += _linked(subject, same, by_subject, catalogue)
    # Stocks that only a rule speaks of.
    between = {one for rule in rules for one in rule.quantities}
    return [*rules, *not_negative(sorted(between - set(known)))]


def _measure(one: Quantity, measures: Mapping[Quantity, str], catalogue: Catalogue) -> str:
    known = catalogue.indicators.get(one.indicator_id)
    return measures.get(one) or (known.measure if known else "flow")


def _within(there: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Rule]:
    spans = [one for one in there if one.kind == "span"]
    for part in spans:
        for whole in spans:
            same_nature = part.nature == whole.nature
            foreseen = (part.nature, whole.nature) == (MEASURED, FORECAST) and part.first == whole.first
            foreseen = foreseen and part.last < whole.last
            if part != whole and (same_nature or foreseen) and _covers(whole, part):
                text = f"{catalogue.said(part)}包括在{catalogue.said(whole)}内"
                yield Rule(f"within:{part}:{whole}", "within", "certain", (at_most(part, whole),), (part, whole), text)


def _covers(whole: Quantity, part: Quantity) -> bool:
    if not part.first:
        return not whole.first and part.last <= whole.last
    return whole.first <= part.first and part.last <= whole.last


def _add_up(there: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Rule]:
    """Years, or months, within a longer span; pieces of other lengths are bounded by `_within` alone."""
    spans = [one for one in there if one.kind == "span" and one.first]
    for whole in (one for one in there if one.kind == "span"):
        for length in (1, 12):
            parts = [
                one
                for one in spans
                if one.months == length and one.nature == whole.nature and one != whole and _covers(whole, one)
                and (length == 1 or one.last.endswith("-12"))
            ]  # fmt: skip
            if len(parts) < 2:
                continue
            is_whole = bool(whole.first) and len(parts) * length == whole.months
            summands = [(one, -1) for one in parts]
            interval = Interval.point(Fraction(0)) if is_whole else Interval(lower=Fraction(0))
            text = f"{'、'.join(when(one) for one in parts)}相加{'等于' if is_whole else '不超过'}{catalogue.said(whole)}"
            rule_id = f"add_up:{length}:{whole}"
            yield Rule(rule_id, "add_up", "certain", (Linear.of(interval, (whole, 1), *summands),), (*parts, whole), text)


def _areas(same: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Rule]:
    by_rest: dict[Quantity, list[Quantity]] = defaultdict(list)
    for one in same:
        by_rest[replace(one, area="")].append(one)
    for there in by_rest.values():
        for part in there:
            name = part.area.removesuffix(PRACTICE)
            wholes = {f"{area}{part.area[len(name):]}" for area in catalogue.areas_within.get(name, ())}
            for whole in there:
                if whole.area in wholes:
                    text = f"{part.area}包括在{whole.area}内"
                    yield Rule(f"part:{part}:{whole}", "part", "certain", (at_most(part, whole),), (part, whole), text)


def _ahead(there: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Rule]:
    """Of a target and what was measured up to the year before its plan began."""
    direction = _direction(there, catalogue)
    if direction == "neutral":
        return
    for target in (one for one in there if one.nature == TARGET and _is_level_like(one)):
        began = f"{plan_start(target.last) - 1}-12"
        for base in there:
            if base.nature == MEASURED and base.last <= began and _comparable(base, target):
                smaller, larger = (base, target) if direction == "increase" else (target, base)
                worse = "低" if direction == "increase" else "高"
                text = f"规划期末的目标应不比规划开始时的{catalogue.said(base)}{worse}"
                rule_id = f"target_ahead:{base}:{target}"
                yield Rule(rule_id, "target_ahead", "default", (at_most(smaller, larger),), (base, target), text)


def _no_fall(there: Sequence[Quantity], catalogue: Catalogue) -> Iterator[Rule]:
    """Of all pairs of times, so that a time between two says nothing new of them."""
    targets = [one for one in there if one.nature == TARGET and _is_level_like(one)]
    if not targets or _direction(there, catalogue) != "increase":
        return
    known = catalogue.indicators.get(there[0].indicator_id)
    if known is None or known.measure == "growth_rate":
        return
    restarts = known.measure == "year_stock"
    times = [one for one in there if one.nature.removesuffix(" as computed") in (MEASURED, FORECAST) and _is_level_like(one)]
    for before, after in combinations(sorted(times, key=lambda one: (one.last, one)), 2):
        if before.last >= after.last or before.nature != MEASURED or not _comparable(before, after):
            continue
        if restarts and before.last[5:] != after.last[5:]:
            continue
        years = -((month_number(before.last) - month_number(after.last)) // 12)
        fall = "一成以上" if years == 1 else f"{_percent(1 - KEPT_IN_A_YEAR**years)}以上"
        text = f"{catalogue.label(after)}在规划期内要增长，{when(after)}不会比{when(before)}少{fall}"
        constraint = at_most(before, after, KEPT_IN_A_YEAR**years)
        yield Rule(f"no_fall:{before}:{after}", "no_fall", "plausible", (constraint,), (before, after), text)


def _percent(share: Fraction) -> str:
    return f"{float(share) * 100:.0f}%"


def _is_level_like(one: Quantity) -> bool:
    """A level, or a flow of a whole calendar year: what a path through the years is made of."""
    return one.kind == "level" or (one.first[5:] == "01" and one.last[5:] == "12" and one.first[:4] == one.last[:4])


def _comparable(one: Quantity, other: Quantity) -> bool:
    return _is_level_like(one) and _is_level_like(other) and (one.kind == other.kind or "level" in (one.kind, other.kind))


def _direction(there: Sequence[Quantity], catalogue: Catalogue) -> str:
    known = catalogue.indicators.get(there[0].indicator_id)
    return known.direction if known else "neutral"


def _linked(
    subject: tuple[str, str],
    same: Sequence[Quantity],
    by_subject: Mapping[tuple[str, str], Sequence[Quantity]],
    catalogue: Catalogue,
) -> Iterator[Rule]:
    indicator_id, scope = subject
    for kind, made in (("part_of", _part), ("increment_of", _increment), ("per_head", _per_head)):
        for link in catalogue.links_from.get((kind, indicator_id), ()):
            if link.scope == scope:
                yield from made(same, by_subject.get((link.other_id, link.other_scope), ()), link, by_subject, catalogue)


def _scale(one: Quantity, in_unit_of: Quantity, catalogue: Catalogue) -> Fraction:
    """What an amount of the one is multiplied by to be in the other's multiple (万, 亿)."""
    units = [catalogue.indicators[each.indicator_id].unit for each in (one, in_unit_of)]
    own, other = (read_unit(unit).multiplier for unit in units)
    return Fraction(own, other)


def _part(
    parts: Sequence[Quantity],
    wholes: Sequence[Quantity],
    link: Link,
    by_subject: Mapping[tuple[str, str], Sequence[Quantity]],
    catalogue: Catalogue,
) -> Iterator[Rule]:
    for part in parts:
        for whole in wholes:
            if part.area != whole.area or part.nature != whole.nature:
                continue
            constraint = at_most(part, whole, _scale(part, whole, catalogue))
            if (part.kind, part.first, part.last) == (whole.kind, whole.first, whole.last):
                text = f"{catalogue.label(part)}包括在{catalogue.label(whole)}内"
                yield Rule(f"part:{part}:{whole}", "part", "certain", (constraint,), (part, whole), text)
            elif _is_built(part, whole, parts, by_subject, catalogue):
                text = (
                    f"{catalogue.said(part)}没有写明已有多少、新增多少，按规划期内建成读，"
                    f"又包括在{catalogue.said(whole)}内"
                )
                yield Rule(f"built:{part}:{whole}", "built", "default", (constraint,), (part, whole), text)


def _is_built(
    part: Quantity,
    whole: Quantity,
    parts: Sequence[Quantity],
    by_subject: Mapping[tuple[str, str], Sequence[Quantity]],
    catalogue: Catalogue,
) -> bool:
    """Whether the part is to be there at the end of the time the whole is to be built in, with nothing said of before."""
    if not (part.nature == TARGET and part.kind == "level" and whole.kind == "span" and part.last == whole.last):
        return False
    has_increment = any(
        link.link == "increment_of" and link.other_id == part.indicator_id and by_subject.get((link.indicator_id, link.scope))
        for link in catalogue.links
    )
    return not has_increment and not any(one.nature == MEASURED and one.area == part.area for one in parts)


def _increment(
    increments: Sequence[Quantity],
    stocks: Sequence[Quantity],
    link: Link,
    by_subject: Mapping[tuple[str, str], Sequence[Quantity]],
    catalogue: Catalogue,
) -> Iterator[Rule]:
    """Of a stock at the end of the months in which there were so many new ones, and the stock before them."""
    for new in (one for one in increments if one.kind == "span" and one.first):
        for after in stocks:
            if after.kind != "level" or (after.area, after.last, after.nature) != (new.area, new.last, new.nature):
                continue
            before = replace(after.at_end_of(month_before(new.first)), nature=MEASURED)
            scale = _scale(new, after, catalogue)
            terms = ((after, 1), (before, -1), (new, -scale))
            names = (before, new, after)
            told = f"{catalogue.said(before)}＋{catalogue.said(new)}"
            most = Linear.of(Interval(upper=Fraction(0)), *terms)
            yield Rule(f"stock:{new}:{after}", "stock", "certain", (most,), names, f"{catalogue.said(after)}不超过{told}")
            least = Linear.of(Interval(lower=Fraction(0)), *terms)
            text = f"{told}＝{catalogue.said(after)}（没有写明有减少的）"
            yield Rule(f"stock_kept:{new}:{after}", "stock_kept", "default", (least,), names, text)


def _per_head(
    ones: Sequence[Quantity],
    others: Sequence[Quantity],
    link: Link,
    by_subject: Mapping[tuple[str, str], Sequence[Quantity]],
    catalogue: Catalogue,
) -> Iterator[Rule]:
    for one in ones:
        for other in others:
            if replace(one, indicator_id="", scope="") != replace(other, indicator_id="", scope=""):
                continue
            scale = _scale(one, other, catalogue)
            told = f"{catalogue.label(one)}与{catalogue.label(other)}之比"
            for bound, word, strength, interval in (
                (link.lower, "不会小于", "certain", Interval(lower=Fraction(0))),
                (link.upper, "一般不会大于", "plausible", Interval(upper=Fraction(0))),
            ):
                if bound is not None:
                    constraint = Linear.of(interval, (one, scale), (other, -bound))
                    text = f"{told}{word} {bound}"
                    yield Rule(f"per_head:{strength}:{one}:{other}", "per_head", strength, (constraint,), (other, one), text)
