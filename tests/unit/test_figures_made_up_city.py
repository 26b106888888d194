"""A hundred made-up cities: every planted contradiction is found, nothing else is, and the order of the files does not matter.

Run as a program this prints how long ten thousand figures take.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from time import process_time

import pytest
from made_up_city import ALIKE, LOOK_ALIKES, PLANTED, PLANTS, MadeUpCity, made_up_city

from pipelines.figures.conflicts import contradictions_of
from pipelines.figures.implied import Catalogue
from pipelines.figures.network import Network, network_of
from pipelines.figures.telling import KIND_LABELS

SEEDS = range(100)
TOLD_SEEDS = range(5)  # the words of a conflict take as long as finding it


def network(city: MadeUpCity) -> Network:
    return network_of(city.ledger.figures, city.relations, city.catalogue)


def sets_of(found: Network) -> Counter[frozenset[str]]:
    return Counter(frozenset(conflict.statements) for conflict in found.minimal_conflicts())


def side_by_side(cities: Sequence[MadeUpCity]) -> Network:
    """Several cities as one ledger."""
    indicators = {key: known for city in cities for key, known in city.catalogue.indicators.items()}
    links = tuple(link for city in cities for link in city.catalogue.links)
    figures = [figure for city in cities for figure in city.ledger.figures]
    relations = [relation for city in cities for relation in city.relations]
    return network_of(figures, relations, Catalogue(indicators, links, cities[0].catalogue.areas_within))


@pytest.mark.parametrize("seed", SEEDS)
def test_all_that_is_planted_is_found_and_nothing_else(seed: int) -> None:
    city = made_up_city(seed)
    assert sets_of(network(city)) == Counter(city.planted.keys())


@pytest.mark.parametrize("seed", TOLD_SEEDS)
def test_each_is_told_with_its_kind_its_members_and_all_that_repeats_them(seed: int) -> None:
    city = made_up_city(seed)
    found = contradictions_of(network(city))
    kinds = {frozenset(member.figure.figure_id for member in one.members): one.kind for one in found}
    assert kinds == city.planted
    figures = {figure.figure_id: figure for figure in city.ledger.figures}
    for conflict in found:
        for member in conflict.members:
            assert member.figure.as_printed in conflict.summary and member.figure.locator in conflict.summary
            same = {(figures[one].indicator_id, figures[one].as_printed, figures[one].period) for one in member.figure_ids}
            assert len(same) == 1


def test_what_is_certain_is_an_error_and_what_rests_on_our_reading_a_warning() -> None:
    certain = {"same_quantity", "sum", "part", "within", "add_up", "stock", "rank_of", "not_negative", "rise"}
    readings = {"goal_multiple", "stock_kept", "target_ahead", "no_fall", "built"}
    severities = {(one.kind, one.severity) for one in contradictions_of(network(made_up_city(0)))}
    assert {kind for kind, severity in severities if severity == "error"} >= certain
    assert {kind for kind, severity in severities if severity == "warning"} >= readings
    assert not {kind for kind, severity in severities if severity == "error"} & readings


def test_a_city_holds_forty_contradictions_of_every_kind_and_sixty_look_alikes() -> None:
    assert (len(PLANTS), len(ALIKE)) == (PLANTED, LOOK_ALIKES)
    city = made_up_city(0)
    assert len(city.planted) == PLANTED and set(city.planted.values()) == set(KIND_LABELS)
    assert len(city.look_alikes) == LOOK_ALIKES and len(set(city.look_alikes)) > LOOK_ALIKES // 2
    members = {figure_id for members in city.planted for figure_id in members}
    assert members <= {figure.figure_id for figure in city.ledger.figures if figure.interval is not None}
    assert sum(map(len, city.planted)) == len(members), "no figure is in two contradictions"


def test_a_city_is_the_same_each_time_and_another_with_another_seed() -> None:
    one, again, other = made_up_city(3), made_up_city(3), made_up_city(4)
    assert (one.ledger, one.relations, one.planted) == (again.ledger, again.relations, again.planted)
    assert not {figure.figure_id for figure in one.ledger.figures} & {figure.figure_id for figure in other.ledger.figures}
    assert not set(one.catalogue.indicators) & set(other.catalogue.indicators)


def test_the_order_of_all_three_files_does_not_matter() -> None:
    city = made_up_city(1)
    order, rows = random.Random(1), (city.ledger.figures, city.relations, city.catalogue.links)
    figures, relations, links = (order.sample(each, len(each)) for each in rows)
    shuffled = network_of(figures, relations, Catalogue(city.catalogue.indicators, tuple(links), city.catalogue.areas_within))
    told = [conflict.as_json() for conflict in contradictions_of(network(city))]
    assert [conflict.as_json() for conflict in contradictions_of(shuffled)] == told


def test_cities_side_by_side_do_not_disturb_one_another() -> None:
    cities = [made_up_city(seed) for seed in range(3)]
    alone = [conflict for city in cities for conflict in network(city).minimal_conflicts()]
    assert side_by_side(cities).minimal_conflicts() == sorted(alone)


def print_speed(figures: int = 10_000) -> None:
    """How many seconds of one core a ledger of many cities takes."""
    cities: list[MadeUpCity] = []
    while sum(len(city.ledger.figures) for city in cities) < figures:
        cities.append(made_up_city(len(cities)))
    begun = process_time()
    together = side_by_side(cities)
    put_together = process_time()
    found = together.minimal_conflicts()
    solved = process_time()
    contradictions_of(together)
    told = process_time()
    print(f"{sum(len(city.ledger.figures) for city in cities)} figures, {len(together.rules)} rules, {len(found)} conflicts")
    print(f"network {put_together - begun:.1f} s, found {solved - put_together:.1f} s, found and told {told - solved:.1f} s")


if __name__ == "__main__":
    print_speed()
