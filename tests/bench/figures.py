"""How long the ledger of published figures takes to be held against itself: as it is, and forty cities' side by side."""

from __future__ import annotations

import time
from dataclasses import replace

import z3  # noqa: F401 - imported once a process, not once a load

from pipelines.figures.conflicts import contradictions_of, explained, reconcile
from pipelines.figures.hypotheses import read_hypotheses
from pipelines.figures.ledger import Figure, load_ledger
from pipelines.figures.network import network_of, read_catalogue
from pipelines.figures.relations import Relation, load_relations
from pipelines.settings import Settings

CITIES = 40
SMALL_BUDGET, LARGE_BUDGET = 2, 60  # seconds


def elsewhere(relation: Relation, figures: dict[str, Figure], city: int) -> Relation:
    """The relation between the figures of another city."""
    coefficient = relation.coefficient and figures[relation.coefficient.figure_id]
    others = tuple(figures[other.figure_id] for other in relation.others)
    subject = figures[relation.subject.figure_id]
    name = f"{relation.relation_id}@{city}"
    return replace(relation, relation_id=name, subject=subject, others=others, coefficient=coefficient)


def main() -> None:
    """Print both, and what is over its budget."""
    settings = Settings()
    started = time.perf_counter()
    found = reconcile(settings)
    told("ledger", len(load_ledger(settings).figures), len(found.contradictions), time.perf_counter() - started, SMALL_BUDGET)

    ledger = load_ledger(settings)
    relations, _ = load_relations(settings, ledger)
    figures: list[Figure] = []
    stated: list[Relation] = []
    for city in range(CITIES):
        own = {
            one.figure_id: replace(one, figure_id=f"{one.figure_id}@{city}", area=f"{one.area}{city}") for one in ledger.figures
        }
        figures += own.values()
        stated += [elsewhere(relation, own, city) for relation in relations]
    started = time.perf_counter()
    network = network_of(figures, stated, read_catalogue(settings))
    hypotheses = read_hypotheses(settings.expectations / "hypotheses.yml")
    conflicts = explained(contradictions_of(network), network, figures, stated, hypotheses)
    told(f"{CITIES} cities", len(figures), len(conflicts), time.perf_counter() - started, LARGE_BUDGET)


def told(what: str, figures: int, conflicts: int, seconds: float, budget: float) -> None:
    """Print one measure."""
    verdict = "OVER" if seconds > budget else "within"
    print(f"{what}: {figures} figures, {conflicts} contradictions explained in {seconds:.1f} s ({verdict} {budget} s)")


if __name__ == "__main__":
    main()
