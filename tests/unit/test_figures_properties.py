"""What must hold of the conflicts of any ledger, tried on small ones drawn at random.

`built` is left out where figures are added: it holds where nothing is said of how many there were, so it goes when that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product

import exact
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.figures.conflicts import contradictions_of
from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Document, Figure, Indicator
from pipelines.figures.network import Network, network_of
from pipelines.figures.relations import Relation
from pipelines.figures.solver import Statement

CITY, COUNTY = "某某市", "练习县"
DOCUMENT = Document("1", "练习文件", CITY, "", None, None, "", "")
INDICATORS = {
    "turnover": Indicator("turnover", "练习成交额", "亿元", "increase", "money"),
    "export": Indicator("export", "练习出口额", "亿元", "neutral", "money"),
    "growth": Indicator("growth", "练习成交额增长", "%", "neutral", "growth_rate"),
    "firms": Indicator("firms", "练习企业数", "家", "increase", "stock"),
    "new_firms": Indicator("new_firms", "练习新增企业数", "家", "neutral", "flow"),
    "visits": Indicator("visits", "练习人次", "人次", "neutral", "flow"),
}
LINKS = (
    Link("part_of", "export", "", "turnover", ""),
    Link("growth_of", "growth", "", "turnover", ""),
    Link("increment_of", "new_firms", "", "firms", ""),
    Link("per_head", "visits", "", "new_firms", "", Fraction(1), Fraction(2)),
)
CATALOGUE = Catalogue(INDICATORS, LINKS, {COUNTY: frozenset({CITY})})
FLOW_TIMES = [
    ("2020", "year"), ("2021", "year"), ("2022", "year"), ("2021..2022", "cumulative"), ("2021..2025", "plan_period"),
    ("2021-01..2021-06", "ytd"), ("2021-06", "month"), ("2021", "unstated"), ("2021", "cumulative"),
]  # fmt: skip
STOCK_TIMES = [("2020", "year_end"), ("2021", "year_end"), ("2021-12", "point"), ("2025", "year_end")]
FAMILIES = (("turnover", "export", "growth"), ("firms", "new_firms", "visits"), ("turnover",), ("growth", "turnover"), ("firms",))
NATURES = ("actual", "actual", "baseline", "forecast", "target")


@dataclass(frozen=True)
class Small:
    """A small ledger."""

    figures: tuple[Figure, ...]
    relations: tuple[Relation, ...] = ()

    @property
    def network(self) -> Network:
        return network_of(self.figures, self.relations, CATALOGUE)


def figure(figure_id: str, indicator_id: str, interval: Interval, **more: str) -> Figure:
    known = INDICATORS[indicator_id]
    number = interval.lower if interval.lower is not None else interval.upper
    value = Decimal(number.numerator) / number.denominator if number is not None else Decimal(0)
    made = Figure(
        figure_id=figure_id, document_id="1", locator=figure_id, indicator_id=indicator_id, indicator_label=known.label, scope="",
        area=CITY, period="2021", window="year", period_basis="stated", nature="actual", measure=known.measure,
        as_printed=f"{value}", qualifier="exact", value=value, value_max=None, unit=known.unit, document=DOCUMENT,
        indicator=known, interval=interval,
    )  # fmt: skip
    return replace(made, **more)


def at(number: int) -> Interval:
    return Interval.point(Fraction(number))


def relation(relation_id: str, kind: str, subject: Figure, *others: Figure, **more: object) -> Relation:
    made = Relation(relation_id, "1", "练习", kind, subject, others, None, "", "", "", "stated", "如此等等")
    return replace(made, **more)


@st.composite
def intervals(draw: st.DrawFn, scale: int = 1, is_open: bool = True) -> Interval:
    low, high = (Fraction(end * scale) for end in sorted([draw(st.integers(0, 5)), draw(st.integers(0, 5))]))
    if low == high:
        return Interval.point(low)
    shapes = [(low, high), (low, high), *([(low, None), (None, high)] if is_open else [])]
    return Interval(*draw(st.sampled_from(shapes)), draw(st.booleans()), draw(st.booleans()))


@st.composite
def figures(draw: st.DrawFn, figure_id: str, family: Sequence[str]) -> Figure:
    """Growth is drawn from 0 to 500 percent; of amounts with a growth no end is open, see the example below."""
    indicator_id = draw(st.sampled_from(family))
    period, window = draw(st.sampled_from(STOCK_TIMES if indicator_id == "firms" else FLOW_TIMES))
    interval = draw(intervals(100 if indicator_id == "growth" else 1, not (indicator_id == "turnover" and "growth" in family)))
    area = draw(st.sampled_from([CITY, CITY, CITY, COUNTY]))
    basis = draw(st.sampled_from(["stated", "stated", "inferred"]))
    where = {"period": period, "window": window, "area": area, "period_basis": basis}
    return figure(figure_id, indicator_id, interval, nature=draw(st.sampled_from(NATURES)), **where)


@st.composite
def relations(draw: st.DrawFn, relation_id: str, known: Sequence[Figure]) -> Relation | None:
    """Between figures of one unit, so that it can be stated; None where there are none for it."""
    kind = draw(st.sampled_from(["sum", "part", "rise", "growth", "goal_multiple"]))
    subject, *others = draw(st.permutations([one for one in known if one.indicator_id != "growth"])) or [None]
    others = [one for one in others if one.indicator.unit == subject.indicator.unit]
    rates = [one for one in known if one.indicator_id == "growth"]
    basis = draw(st.sampled_from(["stated", "inferred"]))
    if kind == "growth" and subject and rates:
        rate, period = draw(st.sampled_from(rates)), draw(st.sampled_from(["2019", "2020", "2021"]))
        return relation(relation_id, kind, subject, coefficient=rate, base_period=period, basis=basis)
    if kind == "goal_multiple" and others and rates:
        return relation(relation_id, kind, subject, others[0], coefficient=draw(st.sampled_from(rates)), basis=basis)
    needed = {"sum": 2, "part": 1, "rise": 1}.get(kind, 99)
    return relation(relation_id, kind, subject, *others[:needed], basis=basis) if len(others) >= needed else None


@st.composite
def ledgers(draw: st.DrawFn, least: int = 2, most: int = 7) -> Small:
    family = draw(st.sampled_from(FAMILIES))
    numbers = draw(st.permutations(range(draw(st.integers(least, most)))))
    made = tuple(draw(figures(f"F{number}", family)) for number in numbers)
    stated = [draw(relations(f"R{number}", made)) for number in range(draw(st.integers(0, 2)))]
    return Small(made, tuple(one for one in stated if one))


def found_in(network: Network) -> list[set[frozenset[str]]]:
    """Each conflict as the set of its members, a member being all figures that say the same."""
    return [
        {frozenset(network.members[figure_id].figure_ids) for figure_id in conflict.statements}
        for conflict in network.minimal_conflicts()
    ]


def statements_of(network: Network) -> list[Statement]:
    return [Statement(figure_id, member.constraints) for figure_id, member in network.members.items()]


@given(ledgers())
@settings(deadline=None, max_examples=150)
def test_every_set_is_real_and_minimal_and_none_is_missed(small: Small) -> None:
    """By trying every set of figures with all rules, and by elimination of one quantity after the other instead of z3."""
    network = small.network
    expected = exact.minimal_sets(statements_of(network), [rule.statement for rule in network.rules])
    assert [conflict.statements for conflict in network.minimal_conflicts()] == expected


@given(ledgers())
@settings(deadline=None, max_examples=100)
def test_without_one_of_its_members_a_set_holds(small: Small) -> None:
    """Also when the figure, with all that repeats it, is struck from the ledger and everything is put together again."""
    network = small.network
    for members in found_in(network):
        for gone in members:
            kept = frozenset().union(*members) - gone
            rest = replace(small, figures=tuple(one for one in small.figures if one.figure_id in kept))
            assert found_in(rest.network) == []


@given(ledgers(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_rows_does_not_matter(small: Small, order: object) -> None:
    told = [conflict.as_json() for conflict in contradictions_of(small.network)]
    rows, stated, links = list(small.figures), list(small.relations), list(LINKS)
    for each in (rows, stated, links):
        order.shuffle(each)
    again = network_of(rows, stated, replace(CATALOGUE, links=tuple(links)))
    assert [conflict.as_json() for conflict in contradictions_of(again)] == told


def test_the_order_of_two_relations_of_one_rate_does_not_matter() -> None:
    before, after = figure("A", "turnover", at(2), period="2020"), figure("B", "turnover", at(3))
    rate = figure("G", "growth", at(100))
    growth = relation("R1", "growth", after, before, coefficient=rate)
    goal = relation("R0", "goal_multiple", after, before, coefficient=rate)
    one, other = (contradictions_of(Small((before, after, rate), stated).network) for stated in ((growth, goal), (goal, growth)))
    assert [conflict.as_json() for conflict in one] == [conflict.as_json() for conflict in other]


@pytest.mark.parametrize("kind", ["part", "rise", "same_rate", "goal_multiple"])
def test_a_relation_of_two_figures_of_one_quantity_asks_nothing_of_its_size(kind: str) -> None:
    """A number is within itself, no less than itself, the same as itself; and once itself."""
    one, other, once = figure("A", "turnover", at(5)), figure("B", "turnover", at(5)), figure("G", "visits", at(1))
    said = relation("R", kind, one, other, coefficient=once if kind == "goal_multiple" else None)
    assert network_of([one, other, once], [said], CATALOGUE).minimal_conflicts() == []


@given(ledgers(), st.data())
@settings(deadline=None, max_examples=200)
def test_a_figure_more_removes_no_conflict(small: Small, data: st.DataObject) -> None:
    """Each set is still there, or a smaller one within it: what the new figure speaks of may show that fewer are enough."""
    family = sorted({one.indicator_id for one in small.figures})
    if {"turnover", "export"} & set(family):
        family = [*family, "growth"] if all(not _is_open(one) for one in small.figures) else family
    more = replace(data.draw(figures("F", family)), figure_id=data.draw(st.sampled_from(["A", "Z"])))
    after = found_in(replace(small, figures=(*small.figures, more)).network)
    for before in found_in(small.network):
        assert any(_is_within(members, before) for members in after)


def _is_within(members: set[frozenset[str]], others: set[frozenset[str]]) -> bool:
    """Whether each of the one is among the others, whoever repeats it."""
    return all(any(one & other for other in others) for one in members)


def _is_open(one: Figure) -> bool:
    return one.interval.lower is None or one.interval.upper is None


@given(ledgers(), st.data())
@settings(deadline=None, max_examples=100)
def test_a_statement_said_again_changes_no_conflict(small: Small, data: st.DataObject) -> None:
    """In another document, with an id before or after; not of what a stated relation names, which says more than its number."""
    named = {other for each in small.relations for other in (each.subject, each.coefficient, *each.others)}
    free = [one for one in small.figures if one not in named]
    if not free:
        return
    said = data.draw(st.sampled_from(free))
    again = replace(said, figure_id=data.draw(st.sampled_from(["A", "Z"])), locator="别处")
    more = found_in(replace(small, figures=(*small.figures, again)).network)
    without = [{one - {again.figure_id} for one in members} for members in more]
    assert sorted(map(_sorted, without)) == sorted(map(_sorted, found_in(small.network)))


def _sorted(members: set[frozenset[str]]) -> list[list[str]]:
    return sorted(sorted(one) for one in members)


@given(ledgers(), st.data())
@settings(deadline=None, max_examples=100)
def test_a_wider_interval_makes_no_conflict(small: Small, data: st.DataObject) -> None:
    """And a narrower one removes none; of coefficients and amounts alike."""
    place = data.draw(st.integers(0, len(small.figures) - 1))
    chosen = small.figures[place]
    if chosen.indicator_id == "turnover" and any(one.indicator_id == "growth" for one in small.figures):
        return
    wide = replace(chosen, interval=Interval())
    relations = tuple(each for each in small.relations if chosen not in (each.subject, each.coefficient, *each.others))
    narrow = Small(small.figures, relations)
    wider = replace(narrow, figures=tuple(wide if one is chosen else one for one in small.figures))
    after = found_in(narrow.network)
    for before in found_in(wider.network):
        assert any(_is_within(members, before) for members in after)


def in_unit(small: Small, unit: str, factor: int, chosen: Callable[[Figure], bool]) -> tuple[Small, Catalogue]:
    """The same ledger with the indicators of some figures in another unit, the catalogue with it."""
    ids = {one.indicator_id for one in small.figures if chosen(one)}
    known = {key: replace(one, unit=unit) if key in ids else one for key, one in INDICATORS.items()}
    scaled = {
        one: replace(
            one, indicator=known[one.indicator_id], unit=unit, interval=one.interval.scaled(Fraction(factor)),
            value=one.value * factor,
        ) if chosen(one) else one
        for one in small.figures
    }  # fmt: skip
    stated = tuple(
        replace(
            each, subject=scaled[each.subject], others=tuple(scaled[other] for other in each.others),
            coefficient=each.coefficient and scaled[each.coefficient],
        )
        for each in small.relations
    )  # fmt: skip
    return Small(tuple(scaled.values()), stated), replace(CATALOGUE, indicators=known)


@given(ledgers(), st.sampled_from([("万元", 10**4), ("元", 10**8)]))
@settings(deadline=None, max_examples=80)
def test_the_unit_of_all_amounts_does_not_matter(small: Small, unit: tuple[str, int]) -> None:
    other, catalogue = in_unit(small, *unit, lambda one: one.indicator.unit == "亿元")
    assert network_of(other.figures, other.relations, catalogue).minimal_conflicts() == small.network.minimal_conflicts()


@given(ledgers(), st.sampled_from(["turnover", "export"]))
@settings(deadline=None, max_examples=150)
def test_the_unit_of_one_indicator_does_not_matter(small: Small, indicator_id: str) -> None:
    """Links of the catalogue, and relations that documents state, convert between the units of the two indicators."""
    other, catalogue = in_unit(small, "万元", 10**4, lambda one: one.indicator_id == indicator_id)
    found, expected = network_of(other.figures, other.relations, catalogue).minimal_conflicts(), small.network.minimal_conflicts()
    assert [one.statements for one in found] == [one.statements for one in expected]


@pytest.mark.parametrize(
    ("kind", "fitting", "wrong"),
    [("part", 5000, 20000), ("rise", 5000, 20000), ("sum", 10000, 10001), ("growth", 5000, 10000), ("goal_multiple", 5000, 5001)],
)
def test_a_relation_between_units_converts(kind: str, fitting: int, wrong: int) -> None:
    """1亿元 against so many 万元: 其中 5000万元; 从 5000万元 提高到 1亿元; the one part of a sum; growth of 100%; the double."""
    thousands = replace(INDICATORS["export"], unit="万元")
    catalogue = replace(CATALOGUE, indicators=INDICATORS | {"export": thousands}, links=())
    subject, nothing = figure("A", "turnover", at(1)), figure("N", "turnover", at(0), scope="其他")
    rate = figure("G", "growth", at(2 if kind == "goal_multiple" else 100))
    for number, is_wrong in ((fitting, False), (wrong, True)):
        other = replace(figure("B", "export", at(number)), unit="万元", indicator=thousands)
        others = (other, nothing) if kind == "sum" else (other,)
        said = relation("R", kind, subject, *others, coefficient=rate if kind in ("growth", "goal_multiple") else None)
        assert bool(network_of([subject, rate, *others], [said], catalogue).minimal_conflicts()) == is_wrong


# Against worlds: a turnover and an export of two years and of both together, with nothing taken from the program's own rules.


AMOUNTS = [Fraction(half, 2) for half in range(11)]
WORLDS = [
    {
        ("turnover", "2021"): first, ("turnover", "2022"): second, ("turnover", "2021..2022"): first + second,
        ("export", "2021"): part, ("export", "2022"): other, ("export", "2021..2022"): part + other,
    }
    for first, second in product(AMOUNTS, repeat=2)
    for part, other in product(AMOUNTS, repeat=2)
    if part <= first and other <= second
]  # fmt: skip
whole_intervals = st.tuples(st.integers(0, 5), st.integers(0, 3)).map(
    lambda ends: Interval(Fraction(ends[0]), Fraction(sum(ends)))
)


@given(st.lists(st.tuples(st.sampled_from(sorted(WORLDS[0])), whole_intervals), min_size=2, max_size=6))
@settings(deadline=None, max_examples=60)
def test_against_worlds_of_two_years(said: list[tuple[tuple[str, str], Interval]]) -> None:
    """Every set that is found is true in no world, and all are found where each of the six amounts is mentioned."""
    made = [
        figure(f"F{place}", indicator_id, interval, period=period, window="cumulative" if ".." in period else "year")
        for place, ((indicator_id, period), interval) in enumerate(said)
    ]
    mentioned = [
        figure(f"M{place}", indicator_id, Interval(), period=period, window="cumulative" if ".." in period else "year")
        for place, (indicator_id, period) in enumerate(sorted(WORLDS[0]))
    ]
    network = network_of([*made, *mentioned], (), CATALOGUE)
    leaders = [place for place in range(len(said)) if f"F{place}" in network.members]
    holding = {frozenset(f"F{place}" for place in leaders if world[said[place][0]] in said[place][1]) for world in WORLDS}
    expected: list[frozenset[str]] = []
    for size in range(1, len(leaders) + 1):
        for chosen in map(frozenset, combinations([f"F{place}" for place in leaders], size)):
            if not any(one <= chosen for one in expected) and not any(chosen <= one for one in holding):
                expected.append(chosen)
    assert {frozenset(one.statements) for one in network.minimal_conflicts()} == set(expected)
    for one in network_of(made, (), CATALOGUE).minimal_conflicts():
        assert not any(frozenset(one.statements) <= world for world in holding)


@pytest.mark.parametrize("later", ["2021-01..2021-12", "2021"])
def test_a_year_that_came_out_above_its_forecast_is_no_conflict(later: str) -> None:
    """Only what part of the year has measured bounds what was foreseen of the whole."""
    foreseen = figure("A", "turnover", at(3), nature="forecast")
    outcome = figure("B", "turnover", at(5), period=later, window="ytd" if ".." in later else "year")
    assert network_of([foreseen, outcome], (), CATALOGUE).minimal_conflicts() == []
    half = figure("C", "turnover", at(5), period="2021-01..2021-06", window="ytd")
    assert [one.statements for one in network_of([foreseen, half], (), CATALOGUE).minimal_conflicts()] == [("A", "C")]
