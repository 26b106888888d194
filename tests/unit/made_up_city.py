"""A made-up city whose documents hold 40 planted contradictions and 60 look-alikes, for tests of what is found in a ledger.

Whatever is printed is worked out from numbers drawn at random, then rounded as documents round; a plant makes one of the numbers
impossible. Each plant and each look-alike has indicators of its own, so that it is known which figures belong together. The city
is written as the office keeps a ledger and as the program keeps its catalogue, and read back by the program's own readers.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.figures.implied import Catalogue, Link
from pipelines.figures.ledger import DOCUMENT_COLUMNS, FIGURE_COLUMNS, Ledger, load_ledger
from pipelines.figures.network import read_catalogue
from pipelines.figures.relations import RELATION_COLUMNS, Relation, load_relations
from pipelines.settings import Settings

CITY, COUNTY, OTHER_COUNTY = "某某市", "练习甲县", "练习乙县"
PLANTED, LOOK_ALIKES = 40, 60
Entries = Mapping[str, str]
# How documents word their time, as the ledger has it.
YEAR_BEFORE_PLAN = {"period": "2020", "window": "year"}
FIRST_YEAR = {"period": "2021", "window": "year"}
SECOND_YEAR = {"period": "2022", "window": "year"}
TEN_MONTHS = {"period": "2022-01..2022-10", "window": "ytd"}
OCTOBER = {"period": "2022-10", "window": "month"}
BEFORE_PLAN = {"period": "2020", "window": "year_end", "measure": "stock"}
END_OF_FIRST_YEAR = {"period": "2021", "window": "year_end", "measure": "stock"}
END_OF_PLAN = {"period": "2025", "window": "year_end", "measure": "stock", "nature": "target"}
BUILT_IN_PLAN = {"period": "2021..2025", "window": "plan_period", "nature": "target"}
LAST_YEAR_OF_PLAN = {"period": "2025", "window": "year", "nature": "target"}


@dataclass(frozen=True)
class MadeUpCity:
    """What the documents of a made-up city say, and what is known to be wrong with it.

    Attributes:
        planted: the contradictions as sets of figure ids, of figures that say the same the first; each with its kind.
        look_alikes: what each look-alike is, in the order they were made.
    """

    ledger: Ledger
    relations: tuple[Relation, ...]
    catalogue: Catalogue
    planted: Mapping[frozenset[str], str]
    look_alikes: tuple[str, ...]


class _Workspace(Settings):
    """A workspace that brings its own catalogue."""

    @cached_property
    def seeds(self) -> Path:
        return self.home / "seeds"


def made_up_city(seed: int) -> MadeUpCity:
    """The city of a seed; indicators and figures of two seeds have no id in common."""
    city = _Writer(seed)
    for make in city.random.sample([*PLANTS, *ALIKE], PLANTED + LOOK_ALIKES):
        make(city)
    with TemporaryDirectory() as folder:
        settings = _Workspace(Path(folder))
        city.write(settings)
        ledger = load_ledger(settings)
        relations, wrong = load_relations(settings, ledger)
        catalogue = read_catalogue(settings)
    assert not (ledger.findings or wrong), [finding.message for finding in (*ledger.findings, *wrong)]
    assert len(ledger.figures) == len(city.figures) and len(relations) == len(city.relations)
    return MadeUpCity(ledger, relations, catalogue, city.planted, tuple(city.look_alikes))


class _Writer:
    """Takes down figures and relations row by row."""

    def __init__(self, seed: int) -> None:
        self.seed, self.random = seed, random.Random(seed)
        self.documents = [f"{seed}d{number}" for number in range(5)]
        self.indicators: list[Entries] = []
        self.links: list[Entries] = []
        self.figures: dict[str, Entries] = {}
        self.relations: list[Entries] = []
        self.planted: dict[frozenset[str], str] = {}
        self.look_alikes: list[str] = []

    def whole(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def indicator(self, unit: str = "家", measure: str = "flow", **more: str) -> str:
        """A new indicator's id."""
        number = len(self.indicators)
        indicator_id = f"practice_{self.seed}_{number}"
        row = {"indicator_id": indicator_id, "indicator_label": f"练习指标{number}", "unit": unit, "measure": measure}
        blank = dict.fromkeys(("numerator_id", "denominator_id", "factor", "variant_of"), "")
        self.indicators.append(blank | row | {"direction": "neutral"} | more)
        return indicator_id

    def link(self, kind: str, indicator_id: str, other_id: str, lower: object = "", upper: object = "") -> None:
        row = {"link": kind, "indicator_id": indicator_id, "other_id": other_id, "lower": str(lower), "upper": str(upper)}
        self.links.append(row | {"scope": "", "other_scope": ""})

    def figure(self, indicator_id: str, number: object, printed: str = "{} {}", **entries: str) -> str:
        """A new figure's id; in the indicator's unit, of the year before the plan, as it was measured, unless said otherwise."""
        known = next(row for row in reversed(self.indicators) if row["indicator_id"] == indicator_id)
        document_id = entries.pop("document_id", None) or self.random.choice(self.documents)
        row = dict.fromkeys(FIGURE_COLUMNS, "") | YEAR_BEFORE_PLAN | {
            "figure_id": f"{document_id}-{len(self.figures):04d}", "document_id": document_id,
            "locator": f"练习第{len(self.figures)}段", "indicator_id": indicator_id,
            "indicator_label": known["indicator_label"], "area": CITY, "period_basis": "stated",
            "nature": "actual", "measure": known["measure"], "qualifier": "exact", "value": f"{number}", "unit": known["unit"],
        } | entries  # fmt: skip
        row["as_printed"] = printed.format(number, row["unit"])
        self.figures[row["figure_id"]] = row
        return row["figure_id"]

    def repeat(self, figure_id: str) -> str:
        """The same said in another document."""
        row = dict(self.figures[figure_id])
        row["document_id"] = self.random.choice([one for one in self.documents if one != row["document_id"]])
        row |= {"figure_id": f"{row['document_id']}-{len(self.figures):04d}", "locator": f"练习第{len(self.figures)}段"}
        self.figures[row["figure_id"]] = row
        return row["figure_id"]

    def relation(self, kind: str, subject: str, *others: str, **entries: str) -> None:
        row = dict.fromkeys(RELATION_COLUMNS, "") | {
            "relation_id": f"{self.seed}r{len(self.relations):03d}", "document_id": self.figures[subject]["document_id"],
            "locator": "练习", "kind": kind, "subject": subject, "others": " ".join(others), "basis": "stated",
            "as_printed": "如此等等",
        } | entries  # fmt: skip
        self.relations.append(row)

    def plant(self, kind: str, *members: str) -> None:
        """Note a contradiction; now and then a member that stands in no relation is said once more elsewhere."""
        first = set(members)
        named = {name for row in self.relations for name in (*row["others"].split(), row["subject"], row["coefficient"])}
        free = sorted(first - named)
        if free and not self.random.randrange(3):
            said = self.random.choice(free)
            first = first - {said} | {min(said, self.repeat(said))}
        self.planted[frozenset(first)] = kind

    def alike(self, what: str) -> None:
        self.look_alikes.append(what)

    def write(self, settings: Settings) -> None:
        """All tables, the rows in any order."""
        ledger, seeds = settings.raw / "figures", settings.seeds
        titles = [
            dict.fromkeys(DOCUMENT_COLUMNS, "") | {"document_id": one, "title": f"{CITY}练习文件{one}"} for one in self.documents
        ]
        areas = [{"area_name": CITY, "area_kind": "city"}]
        areas += [{"area_name": one, "area_kind": "county"} for one in (COUNTY, OTHER_COUNTY)]
        links = [field.name for field in fields(Link)]
        for folder, name, columns, rows in (
            (ledger, "documents", DOCUMENT_COLUMNS, titles),
            (ledger, "figures", FIGURE_COLUMNS, list(self.figures.values())),
            (ledger, "relations", RELATION_COLUMNS, self.relations),
            (seeds, "indicators", tuple(self.indicators[0]), self.indicators),
            (seeds, "indicator_relations", links, self.links),
            (seeds, "areas", tuple(areas[0]), areas),
        ):
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{name}.csv", columns, self.random.sample(rows, len(rows)))


def _write(path: Path, columns: Sequence[str], rows: Iterable[Entries]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows(rows)


def rounded(value: Fraction, decimals: int) -> str:
    """A number as a document prints it: halves go up, as the convention of intervals has it."""
    steps = (value * 10**decimals + Fraction(1, 2)).__floor__()
    sign, digits = "-" * (steps < 0), str(abs(steps)).rjust(decimals + 1, "0")
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def growth_of(after: Fraction | int, before: Fraction | int) -> Fraction:
    """In percent."""
    return (Fraction(after) / before - 1) * 100


Make = Callable[[_Writer], None]
PLANTS: list[Make] = []
ALIKE: list[Make] = []


def times(number: int, into: list[Make]) -> Callable[[Make], Make]:
    """Enter what makes a plant or a look-alike, to be made so many times in each city."""

    def enter(make: Make) -> Make:
        into.extend([make] * number)
        return make

    return enter


# Plants: 40


@times(2, PLANTS)
def two_counts(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    other = city.figure(one, count + city.whole(1, 9), nature=city.random.choice(["actual", "baseline"]))
    city.plant("same_quantity", city.figure(one, count), other)


@times(1, PLANTS)
def two_amounts_beyond_rounding(city: _Writer) -> None:
    one, tenths = city.indicator("亿元", "money"), city.whole(100, 900)
    city.plant("same_quantity", city.figure(one, rounded(Fraction(tenths, 10), 1)), city.figure(one, tenths // 10 + 2))


@times(1, PLANTS)
def two_units_that_do_not_convert_to_one_value(city: _Writer) -> None:
    one, hundreds = city.indicator("亿元", "money"), city.whole(11, 99)
    said = city.figure(one, hundreds * 100, unit="万元")
    city.plant("same_quantity", said, city.figure(one, rounded(Fraction(hundreds, 100) + Fraction(1, 10), 2)))


@times(1, PLANTS)
def word_that_does_not_meet(city: _Writer) -> None:
    one, tens = city.indicator(), city.whole(2, 8) * 10
    qualifier, other = city.random.choice([("余", tens), ("近", tens), ("超", tens), ("以上", tens - 1), ("约", tens * 2)])
    city.plant("same_quantity", city.figure(one, tens, "{}" + qualifier + "{}", qualifier=qualifier), city.figure(one, other))


@times(1, PLANTS)
def stock_of_december_and_of_the_year(city: _Writer) -> None:
    one, count = city.indicator(measure="stock"), city.whole(20, 900)
    december = city.figure(one, count + 1, period="2020-12", window="point")
    city.plant("same_quantity", city.figure(one, count, **BEFORE_PLAN), december)


@times(2, PLANTS)
def growth_on_a_base_that_is_said(city: _Writer) -> None:
    one, rate, before = city.indicator(), city.indicator("%", "growth_rate"), city.whole(100, 900)
    after = before + city.whole(-50, 500)
    base, subject = city.figure(one, before), city.figure(one, after, **FIRST_YEAR)
    wrong = rounded(growth_of(after, before) + city.random.choice([-1, 1]) * Fraction(city.whole(2, 90), 10), 1)
    said = city.figure(rate, wrong, **FIRST_YEAR)
    city.relation("growth", subject, base, coefficient=said)
    city.plant("growth", base, subject, said)


@times(1, PLANTS)
def growth_on_a_period(city: _Writer) -> None:
    one, rate, before = city.indicator("亿元", "money"), city.indicator("%", "growth_rate"), city.whole(20, 90)
    base = city.figure(one, before, **FIRST_YEAR)
    subject = city.figure(one, before * 2, "突破{}{}", qualifier="突破", nature="forecast", **SECOND_YEAR)
    said = city.figure(rate, city.whole(120, 300), nature="forecast", **SECOND_YEAR)
    city.relation("growth", subject, coefficient=said, base_period="2021")
    city.plant("growth", base, subject, said)


@times(1, PLANTS)
def growth_by_the_catalogue(city: _Writer) -> None:
    one, rate, before = city.indicator(), city.indicator("%", "growth_rate"), city.whole(100, 900)
    city.link("growth_of", rate, one)
    base, subject = city.figure(one, before, **FIRST_YEAR), city.figure(one, before * 2, **SECOND_YEAR)
    city.plant("growth", base, subject, city.figure(rate, rounded(Fraction(city.whole(300, 980), 10), 1), **SECOND_YEAR))


@times(2, PLANTS)
def multiple_of_a_base(city: _Writer) -> None:
    one, ratio, before, factor = city.indicator(), city.indicator("倍", "ratio"), city.whole(10, 90), city.whole(2, 50)
    base = city.figure(one, before, period="2015", window="year")
    subject = city.figure(one, before * factor)
    said = city.figure(ratio, factor + city.random.choice([-1, 1]))
    if city.random.randrange(2):
        city.relation("multiple", subject, base, coefficient=said)
    else:
        city.relation("multiple", subject, coefficient=said, base_period="2015")
    city.plant("multiple", base, subject, said)


@times(1, PLANTS)
def ratio_of_two_that_are_said(city: _Writer) -> None:
    above, below, whole = city.indicator(measure="stock"), city.indicator(measure="stock"), city.whole(100, 900)
    ratio = city.indicator("%", "ratio", numerator_id=above, denominator_id=below, factor="100")
    part = city.whole(10, whole // 2)
    said = city.figure(ratio, rounded(Fraction(100 * part, whole) + 2, 1), window="year_end")
    city.plant("multiple", city.figure(above, part, **BEFORE_PLAN), city.figure(below, whole, **BEFORE_PLAN), said)


@times(2, PLANTS)
def goal_below_the_multiple_promised(city: _Writer) -> None:
    one, ratio, before = city.indicator(measure="stock"), city.indicator("倍", "ratio"), city.whole(50, 400)
    base = city.figure(one, before, **BEFORE_PLAN)
    target = city.figure(one, before * 2 - city.whole(1, before // 2), **END_OF_PLAN)
    doubled = city.figure(ratio, 2, "“双倍增”", **BUILT_IN_PLAN)
    city.relation("goal_multiple", target, base, coefficient=doubled, basis="inferred")
    city.plant("goal_multiple", base, target, doubled)


@times(1, PLANTS)
def sum_that_is_not_the_total(city: _Writer) -> None:
    total, numbers = city.indicator(), [city.whole(10, 900) for _ in range(city.whole(2, 4))]
    parts = [city.figure(city.indicator(), number) for number in numbers]
    subject = city.figure(total, sum(numbers) + city.random.choice([-1, 1]) * city.whole(1, 9))
    city.relation("sum", subject, *parts)
    city.plant("sum", subject, *parts)


@times(1, PLANTS)
def sum_of_amounts_beyond_rounding(city: _Writer) -> None:
    total, numbers = city.indicator("亿元", "money"), [Fraction(city.whole(100, 9000), 100) for _ in range(2)]
    parts = [city.figure(city.indicator("亿元", "money"), rounded(number, 1)) for number in numbers]
    subject = city.figure(total, rounded(sum(numbers) + Fraction(1, 2), 1))
    city.relation("sum", subject, *parts)
    city.plant("sum", subject, *parts)


@times(1, PLANTS)
def part_greater_than_the_whole_as_stated(city: _Writer) -> None:
    one, other, count = city.indicator(), city.indicator(), city.whole(10, 900)
    whole, part = city.figure(one, count), city.figure(other, count + city.whole(1, 20))
    city.relation("part", whole, part)
    city.plant("part", whole, part)


@times(1, PLANTS)
def part_greater_than_the_whole_by_the_catalogue(city: _Writer) -> None:
    """In units of their own."""
    whole, part, hundreds = city.indicator("亿元", "money"), city.indicator("万元", "money"), city.whole(11, 99)
    city.link("part_of", part, whole)
    more = city.figure(part, hundreds * 100 + city.whole(60, 99))
    city.plant("part", city.figure(whole, rounded(Fraction(hundreds, 100), 2)), more)


@times(1, PLANTS)
def county_greater_than_the_city(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(10, 900)
    city.plant("part", city.figure(one, count), city.figure(one, count + city.whole(1, 20), area=COUNTY))


@times(1, PLANTS)
def month_greater_than_the_year_to_date(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(10, 900)
    city.plant("within", city.figure(one, count, **TEN_MONTHS), city.figure(one, count + city.whole(1, 20), **OCTOBER))


@times(1, PLANTS)
def months_so_far_greater_than_the_year(city: _Writer) -> None:
    """The year as it was measured, or as it was foreseen."""
    one, count = city.indicator("万元", "money"), city.whole(10, 900)
    year = city.figure(one, count, nature=city.random.choice(["actual", "forecast"]), **SECOND_YEAR)
    city.plant("within", year, city.figure(one, count + city.whole(2, 20), **TEN_MONTHS))


@times(2, PLANTS)
def years_that_do_not_add_up(city: _Writer) -> None:
    """All years of a period, which add up to more or less than the period."""
    one, numbers, first = city.indicator(), [city.whole(100, 200) for _ in range(city.whole(2, 4))], 2019
    years = [city.figure(one, number, period=str(first + place)) for place, number in enumerate(numbers)]
    total = sum(numbers) + city.random.choice([-1, 1]) * city.whole(1, 50)
    period = f"{first}..{first + len(numbers) - 1}"
    city.plant("add_up", *years, city.figure(one, total, period=period, window="cumulative"))


@times(1, PLANTS)
def some_years_add_up_to_more_than_the_plan(city: _Writer) -> None:
    one, number = city.indicator(), city.whole(100, 200)
    years = [city.figure(one, number + place, period=str(2021 + place)) for place in range(3)]
    total = city.figure(one, number * 3 - city.whole(1, 50), period="2021..2025", window="plan_period")
    city.plant("add_up", *years, total)


@times(2, PLANTS)
def number_for_each_that_cannot_be(city: _Writer) -> None:
    """Fewer entries than those who entered; more than anybody can make."""
    entries, heads, count = city.indicator("人次"), city.indicator("人", "participants"), city.whole(100, 900)
    city.link("per_head", entries, heads, 1, 100)
    said = city.random.choice([count - city.whole(1, 50), count * 100 + 1])
    city.plant("per_head", city.figure(heads, count), city.figure(entries, said))


@times(2, PLANTS)
def stock_greater_than_base_and_new(city: _Writer) -> None:
    stock, new, before, added = city.indicator(measure="stock"), city.indicator(), city.whole(50, 400), city.whole(10, 99)
    city.link("increment_of", new, stock)
    members = (city.figure(stock, before, **BEFORE_PLAN), city.figure(new, added, **FIRST_YEAR))
    city.plant("stock", *members, city.figure(stock, before + added + city.whole(1, 30), **END_OF_FIRST_YEAR))


@times(2, PLANTS)
def base_and_new_greater_than_the_target(city: _Writer) -> None:
    stock, new, before, added = city.indicator(measure="stock"), city.indicator(), city.whole(50, 400), city.whole(50, 99)
    city.link("increment_of", new, stock)
    members = (city.figure(stock, before, nature="baseline", **BEFORE_PLAN), city.figure(new, added, **BUILT_IN_PLAN))
    city.plant("stock_kept", *members, city.figure(stock, before + added - city.whole(1, 30), **END_OF_PLAN))


@times(1, PLANTS)
def target_behind_the_base(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(50, 900)
    target = city.figure(one, count - city.whole(1, 40), **END_OF_PLAN)
    city.plant("target_ahead", city.figure(one, count, **BEFORE_PLAN), target)


@times(1, PLANTS)
def rank_that_is_to_fall_behind(city: _Writer) -> None:
    one, place = city.indicator("位", "rank", direction="decrease"), city.whole(2, 9)
    city.plant("target_ahead", city.figure(one, place), city.figure(one, place + city.whole(1, 9), **LAST_YEAR_OF_PLAN))


@times(1, PLANTS)
def fall_that_nobody_speaks_of(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(100, 900)
    city.figure(one, count * 2, **END_OF_PLAN)
    after = city.figure(one, count * 9 // 10 - city.whole(1, 50), **END_OF_FIRST_YEAR)
    city.plant("no_fall", city.figure(one, count, **BEFORE_PLAN), after)


@times(1, PLANTS)
def fall_that_follows_from_a_growth(city: _Writer) -> None:
    one, rate = city.indicator("亿元", direction="increase"), city.indicator("%", "growth_rate")
    tenths, target = city.whole(250, 300), city.whole(70, 80)
    before = city.figure(one, rounded(Fraction(tenths, 10), 1))
    city.figure(one, target, **LAST_YEAR_OF_PLAN)
    subject = city.figure(one, target, "突破{}{}", qualifier="突破", nature="forecast", **SECOND_YEAR)
    said = city.figure(rate, rounded(growth_of(target, Fraction(tenths, 14)), 2), nature="forecast", **SECOND_YEAR)
    city.relation("growth", subject, coefficient=said, base_period="2021")
    city.plant("no_fall", before, subject, said)


@times(1, PLANTS)
def two_rates_of_one_change(city: _Writer) -> None:
    one, other, rate = city.indicator("%", "growth_rate"), city.indicator("%", "growth_rate"), city.whole(110, 300)
    subject, doubled = city.figure(one, 100, "翻一番"), city.figure(other, rate)
    city.relation("same_rate", subject, doubled, basis=city.random.choice(["stated", "inferred"]))
    city.plant("same_rate", subject, doubled)


@times(1, PLANTS)
def rise_that_is_a_fall(city: _Writer) -> None:
    one, tenths = city.indicator("%", "ratio"), city.whole(200, 900)
    before = city.figure(one, rounded(Fraction(tenths, 10), 1), period="2015")
    after = city.figure(one, rounded(Fraction(tenths - city.whole(1, 50), 10), 1))
    city.relation("rise", after, before)
    city.plant("rise", before, after)


@times(1, PLANTS)
def rank_of_nought(city: _Writer) -> None:
    rank = city.figure(city.indicator("位", "rank"), 0)
    city.relation("rank_of", rank, city.figure(city.indicator(), city.whole(10, 90)))
    city.plant("rank_of", rank)


@times(1, PLANTS)
def count_below_nought(city: _Writer) -> None:
    city.plant("not_negative", city.figure(city.indicator(), -city.whole(1, 90)))


@times(1, PLANTS)
def part_to_be_built_greater_than_the_whole(city: _Writer) -> None:
    part, whole, count = city.indicator(measure="stock"), city.indicator(), city.whole(5, 50)
    city.link("part_of", part, whole)
    city.plant("built", city.figure(part, count + city.whole(1, 20), **END_OF_PLAN), city.figure(whole, count, **BUILT_IN_PLAN))


# Look-alikes: 60


@times(1, ALIKE)
def another_scope(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count)
    city.figure(one, count + city.whole(-9, 9), scope="练习口径")
    city.alike("other scope")


@times(1, ALIKE)
def another_county(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count, area=COUNTY)
    city.figure(one, count + city.whole(1, 9), area=OTHER_COUNTY)
    city.alike("other area")


@times(1, ALIKE)
def county_of_the_city(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count)
    city.figure(one, count - city.whole(0, 9), area=COUNTY)
    city.alike("area within")


@times(1, ALIKE)
def at_the_end_of_the_year_and_in_the_year(city: _Writer) -> None:
    one, count = city.indicator(measure="stock"), city.whole(20, 900)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count + city.whole(1, 900), measure="flow")
    city.alike("other window")


@times(1, ALIKE)
def time_that_is_not_printed(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count)
    city.figure(one, count + city.whole(1, 9), window="unstated")
    city.alike("time not printed")


@times(1, ALIKE)
def two_years(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count)
    city.figure(one, count + city.whole(1, 9), **FIRST_YEAR)
    city.alike("other year")


@times(1, ALIKE)
def year_and_plan(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count, **FIRST_YEAR)
    city.figure(one, count * 4, period="2021..2025", window="plan_period")
    city.alike("a period longer than the year")


@times(2, ALIKE)
def units_that_convert_to_one_value(city: _Writer) -> None:
    one, hundreds = city.indicator("亿元", "money"), city.whole(11, 99)
    city.figure(one, hundreds * 100, unit="万元")
    city.figure(one, rounded(Fraction(hundreds, 100), 2))
    city.figure(one, hundreds * 1000000, unit="元")
    city.alike("other unit")


@times(1, ALIKE)
def forecast_and_outcome(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(20, 900)
    city.figure(one, count, **SECOND_YEAR)
    city.figure(one, count + city.whole(-9, 9), nature="forecast", **SECOND_YEAR)
    city.alike("forecast against actual")


@times(1, ALIKE)
def target_and_outcome(city: _Writer) -> None:
    one, count = city.indicator(direction="increase"), city.whole(20, 900)
    city.figure(one, count, **LAST_YEAR_OF_PLAN)
    city.figure(one, count + city.whole(1, 90), period="2025")
    city.alike("target against actual")


@times(2, ALIKE)
def rounding_that_just_meets(city: _Writer) -> None:
    one, hundredths = city.indicator("亿元", "money"), Fraction(city.whole(1000, 9000), 100)
    for decimals in (0, 1, 2):
        city.figure(one, rounded(hundredths, decimals))
    city.alike("rounding")


@times(1, ALIKE)
def share_and_at_least_that(city: _Writer) -> None:
    one, percent = city.indicator("%", "ratio"), city.whole(20, 80)
    city.figure(one, percent)
    city.figure(one, percent, "{}{}以上", qualifier="以上")
    city.alike("50% against 50%以上")


@times(2, ALIKE)
def said_in_two_documents(city: _Writer) -> None:
    said = city.figure(city.indicator(), city.whole(20, 900))
    city.repeat(city.repeat(said))
    city.alike("repeats")


@times(1, ALIKE)
def baseline_and_outcome_that_agree(city: _Writer) -> None:
    one, count = city.indicator(measure="stock"), city.whole(20, 900)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count, nature="baseline", **BEFORE_PLAN)
    city.figure(one, count, period="2020-12", window="point")
    city.alike("baseline and actual that agree")


@times(3, ALIKE)
def words_that_meet(city: _Writer) -> None:
    one, tens = city.indicator(), city.whole(2, 8) * 10
    qualifier, other = city.random.choice(
        [("余", tens + 9), ("多", tens + 1), ("近", tens - 1), ("近", tens * 9 // 10), ("超", tens + 1), ("突破", tens * 3),
         ("以上", tens), ("不低于", tens + 5), ("左右", tens + 1), ("约", tens - 1), ("以下", tens), ("不超过", tens - 4)]
    )  # fmt: skip
    city.figure(one, tens, "{}" + qualifier + "{}", qualifier=qualifier)
    city.figure(one, other)
    city.alike("words that meet")


@times(1, ALIKE)
def range_that_holds_the_number(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(2, 9)
    city.figure(one, count, f"{{}}—{count + 2}{{}}", value_max=str(count + 2))
    city.figure(one, count + city.whole(0, 2))
    city.alike("a range")


@times(3, ALIKE)
def growth_that_fits_within_rounding(city: _Writer) -> None:
    one, rate = city.indicator("亿元", "money"), city.indicator("%", "growth_rate")
    before, after = (Fraction(city.whole(1000, 9000), 100) for _ in range(2))
    base = city.figure(one, rounded(before, 1))
    subject = city.figure(one, rounded(after, city.whole(0, 2)), **FIRST_YEAR)
    said = city.figure(rate, rounded(growth_of(after, before), city.whole(0, 2)), **FIRST_YEAR)
    base_is_said = city.random.randrange(2)
    city.relation("growth", subject, *[base] * base_is_said, coefficient=said, base_period="" if base_is_said else "2020")
    city.alike("growth that fits")


@times(1, ALIKE)
def growth_that_fits_by_the_catalogue(city: _Writer) -> None:
    one, rate = city.indicator(), city.indicator("%", "growth_rate")
    city.link("growth_of", rate, one)
    before, after = city.whole(100, 900), city.whole(100, 900)
    city.figure(one, before, **TEN_MONTHS | {"period": "2021-01..2021-10"})
    city.figure(one, after, **TEN_MONTHS)
    city.figure(rate, rounded(growth_of(after, before), 1), **TEN_MONTHS)
    city.figure(one, before + city.whole(0, 90), **FIRST_YEAR)
    city.alike("growth that fits")


@times(1, ALIKE)
def growth_of_the_printed_number(city: _Writer) -> None:
    """Of 突破75 the growth was worked out from 75, however much more it came to be."""
    one, rate, before = city.indicator("亿元", "money"), city.indicator("%", "growth_rate"), city.whole(20, 60)
    city.figure(one, before, **FIRST_YEAR)
    subject = city.figure(one, before + 15, "突破{}{}", qualifier="突破", nature="forecast", **SECOND_YEAR)
    said = city.figure(rate, rounded(growth_of(before + 15, before), 2), nature="forecast", **SECOND_YEAR)
    city.relation("growth", subject, coefficient=said, base_period="2021")
    city.figure(one, before * 2 + 20, nature="forecast", **SECOND_YEAR)
    city.alike("growth of the printed number")


@times(2, ALIKE)
def multiple_that_fits_within_rounding(city: _Writer) -> None:
    one, ratio, before, factor = city.indicator(), city.indicator("倍", "ratio"), city.whole(10, 90), city.whole(2, 50)
    base = city.figure(one, before, period="2015")
    subject = city.figure(one, before * factor + city.whole(-(before // 2), (before - 1) // 2))
    city.relation("multiple", subject, base, coefficient=city.figure(ratio, factor))
    city.alike("multiple that fits")


@times(1, ALIKE)
def ratio_that_fits_within_rounding(city: _Writer) -> None:
    above, below, whole = city.indicator(measure="stock"), city.indicator(measure="stock"), city.whole(100, 900)
    ratio = city.indicator("%", "ratio", numerator_id=above, denominator_id=below, factor="100")
    part = city.whole(10, whole)
    city.figure(above, part, **BEFORE_PLAN)
    city.figure(below, whole, **BEFORE_PLAN)
    city.figure(ratio, rounded(Fraction(100 * part, whole), city.whole(0, 2)), window="year_end")
    city.alike("ratio that fits")


@times(1, ALIKE)
def goal_of_more_than_the_multiple_promised(city: _Writer) -> None:
    one, ratio, before = city.indicator(measure="stock"), city.indicator("倍", "ratio"), city.whole(50, 400)
    base, target = city.figure(one, before, **BEFORE_PLAN), city.figure(one, before * 2 + city.whole(0, 900), **END_OF_PLAN)
    city.relation("goal_multiple", target, base, coefficient=city.figure(ratio, 2, "“双倍增”", **BUILT_IN_PLAN))
    city.alike("more than the goal")


@times(3, ALIKE)
def sum_that_fits_within_rounding(city: _Writer) -> None:
    total, numbers = city.indicator("亿元", "money"), [Fraction(city.whole(100, 9000), 100) for _ in range(city.whole(2, 5))]
    parts = [city.figure(city.indicator("亿元", "money"), rounded(number, 1)) for number in numbers]
    city.relation("sum", city.figure(total, rounded(sum(numbers), 1)), *parts)
    city.alike("sum that fits")


@times(1, ALIKE)
def part_that_is_the_whole(city: _Writer) -> None:
    one, other, count = city.indicator(), city.indicator(), city.whole(10, 900)
    city.relation("part", city.figure(one, count), city.figure(other, count))
    city.alike("part that is all")


@times(2, ALIKE)
def part_within_rounding_of_the_whole(city: _Writer) -> None:
    whole, part, hundreds = city.indicator("亿元", "money"), city.indicator("万元", "money"), city.whole(11, 99)
    city.link("part_of", part, whole)
    city.figure(whole, rounded(Fraction(hundreds, 100), 2))
    city.figure(part, hundreds * 100 + city.whole(-50, 49))
    city.alike("part within rounding of the whole")


@times(1, ALIKE)
def part_of_another_nature(city: _Writer) -> None:
    whole, part, count = city.indicator(), city.indicator(), city.whole(10, 900)
    city.link("part_of", part, whole)
    city.figure(whole, count, **SECOND_YEAR)
    city.figure(part, count + city.whole(1, 90), nature="target", **SECOND_YEAR)
    city.alike("part of another nature")


@times(1, ALIKE)
def first_month_is_the_year_to_date(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(10, 900)
    city.figure(one, count, period="2022-01..2022-02", window="ytd")
    city.figure(one, count, period="2022-01", window="month")
    city.alike("month of all of the year to date")


@times(1, ALIKE)
def cumulative_greater_than_a_year(city: _Writer) -> None:
    one, count = city.indicator(), city.whole(10, 900)
    city.figure(one, count, **SECOND_YEAR)
    city.figure(one, count * 2, period="2022", window="cumulative")
    city.figure(one, count * 3, period="..2024-03", window="cumulative")
    city.alike("cumulative greater than a year")


@times(2, ALIKE)
def years_that_add_up_within_rounding(city: _Writer) -> None:
    one, numbers = city.indicator("亿元", "money"), [Fraction(city.whole(100, 9000), 100) for _ in range(city.whole(2, 5))]
    for place, number in enumerate(numbers):
        city.figure(one, rounded(number, 1), period=str(2016 + place))
    city.figure(one, rounded(sum(numbers), 1), period=f"2016..{2015 + len(numbers)}", window="cumulative")
    city.alike("years that add up")


@times(1, ALIKE)
def people_who_come_again(city: _Writer) -> None:
    """Those who take part in two years are counted once in both together."""
    one, heads = city.indicator("人", "participants"), city.whole(100, 900)
    city.figure(one, heads)
    city.figure(one, heads, **FIRST_YEAR)
    city.figure(one, heads + city.whole(0, 50), period="2020..2021", window="cumulative")
    city.alike("participants do not add up")


@times(1, ALIKE)
def number_for_each_at_its_bounds(city: _Writer) -> None:
    entries, heads, count = city.indicator("人次"), city.indicator("人", "participants"), city.whole(100, 900)
    city.link("per_head", entries, heads, 1, 100)
    city.figure(heads, count)
    city.figure(entries, city.random.choice([count, count * 100]))
    city.alike("number for each that can be")


@times(2, ALIKE)
def increments_that_fit(city: _Writer) -> None:
    stock, new, before, added = city.indicator(measure="stock"), city.indicator(), city.whole(50, 400), city.whole(10, 99)
    city.link("increment_of", new, stock)
    nature = city.random.choice([{}, {"nature": "target"}])
    city.figure(stock, before, **BEFORE_PLAN)
    city.figure(new, added, **FIRST_YEAR | nature)
    city.figure(stock, before + added, **END_OF_FIRST_YEAR | nature)
    city.alike("increments that fit")


@times(1, ALIKE)
def target_of_the_base(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(50, 900)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count + city.random.choice([0, 1, count]), **END_OF_PLAN)
    city.alike("target of no less than the base")


@times(1, ALIKE)
def rank_that_is_to_get_better(city: _Writer) -> None:
    one, place = city.indicator("位", "rank", direction="decrease"), city.whole(2, 90)
    city.figure(one, place)
    city.figure(one, city.whole(1, place), **LAST_YEAR_OF_PLAN)
    city.alike("a rank whose target is smaller")


@times(1, ALIKE)
def less_that_is_neither_better_nor_worse(city: _Writer) -> None:
    one, count = city.indicator(measure="stock"), city.whole(50, 900)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count // 2, **END_OF_PLAN)
    city.figure(one, count // 3, **END_OF_FIRST_YEAR)
    city.alike("neither better nor worse")


@times(1, ALIKE)
def achieved_in_the_plan_and_more_than_its_target(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(50, 900)
    city.figure(one, count + 1, **END_OF_FIRST_YEAR)
    city.figure(one, count, **END_OF_PLAN)
    city.alike("more than the target, within the plan")


@times(2, ALIKE)
def fall_of_less_than_a_tenth(city: _Writer) -> None:
    one, tens = city.indicator(measure="stock", direction="increase"), city.whole(10, 90)
    city.figure(one, tens * 20, **END_OF_PLAN)
    city.figure(one, tens * 10, **BEFORE_PLAN)
    city.figure(one, tens * 10 - city.whole(1, tens), **END_OF_FIRST_YEAR)
    city.alike("a fall of less than a tenth")


@times(1, ALIKE)
def falls_over_three_years(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(10, 90)
    city.figure(one, count * 2000, **END_OF_PLAN)
    for place in range(4):
        city.figure(one, count * 1000 * 9**place // 10**place, **END_OF_PLAN | {"period": str(2019 + place), "nature": "actual"})
    city.alike("a tenth less in each of three years")


@times(1, ALIKE)
def fall_where_nothing_is_aimed_at(city: _Writer) -> None:
    one, count = city.indicator(measure="stock", direction="increase"), city.whole(50, 900)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count // 3, **END_OF_FIRST_YEAR)
    city.alike("a fall without a target")


@times(1, ALIKE)
def count_that_begins_anew_in_january(city: _Writer) -> None:
    one, count = city.indicator(measure="year_stock", direction="increase"), city.whole(50, 900)
    city.figure(one, count * 2, **END_OF_PLAN)
    city.figure(one, count, **BEFORE_PLAN)
    city.figure(one, count // 9, period="2021-02", window="point", measure="stock")
    city.alike("a count that begins anew each year")


@times(1, ALIKE)
def two_rates_of_one_change_that_agree(city: _Writer) -> None:
    one, other = city.indicator("%", "growth_rate"), city.indicator("%", "growth_rate")
    tenths = Fraction(city.whole(300, 3000), 10)
    city.relation("same_rate", city.figure(one, rounded(tenths, 0)), city.figure(other, rounded(tenths, 1)))
    city.alike("two rates that agree")


@times(1, ALIKE)
def growth_below_nought(city: _Writer) -> None:
    one, rate, after = city.indicator(), city.indicator("%", "growth_rate"), city.whole(50, 90)
    subject = city.figure(one, after, **FIRST_YEAR)
    said = city.figure(rate, rounded(growth_of(after, 100), 1), **FIRST_YEAR)
    city.relation("growth", subject, city.figure(one, 100), coefficient=said)
    city.alike("growth below nought")


@times(1, ALIKE)
def first_rank(city: _Writer) -> None:
    rank = city.figure(city.indicator("位", "rank"), 1, "第一位")
    city.relation("rank_of", rank, city.figure(city.indicator(), city.whole(10, 90)))
    city.alike("the first rank")


@times(1, ALIKE)
def part_to_be_built_that_fits(city: _Writer) -> None:
    part, whole, count = city.indicator(measure="stock"), city.indicator(), city.whole(5, 50)
    city.link("part_of", part, whole)
    city.figure(part, city.whole(1, count), **END_OF_PLAN)
    city.figure(whole, count, **BUILT_IN_PLAN)
    city.alike("part to be built that fits")


@times(1, ALIKE)
def part_of_which_most_is_there(city: _Writer) -> None:
    """How many there were, or how many are new, is said: so not all are to be built."""
    part, whole, new, count = city.indicator(measure="stock"), city.indicator(), city.indicator(), city.whole(5, 50)
    city.link("part_of", part, whole)
    city.link("increment_of", new, part)
    city.figure(part, count + 3, **END_OF_PLAN)
    city.figure(whole, count, **BUILT_IN_PLAN)
    if city.random.randrange(2):
        city.figure(part, city.whole(count, count + 3), **BEFORE_PLAN)
    else:
        city.figure(new, city.whole(1, count), **BUILT_IN_PLAN)
    city.alike("part that is there already")


@times(1, ALIKE)
def target_without_a_number(city: _Writer) -> None:
    one = city.indicator("%", "ratio", direction="increase")
    city.figure(one, city.whole(1, 9))
    target = city.figure(one, "", "达到全省平均水平", qualifier="达到", **LAST_YEAR_OF_PLAN)
    city.relation("reference", target, comparator=">=", reference="全省平均水平")
    city.alike("a target without a number")
