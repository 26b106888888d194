"""Explanations of conflicts: named hypotheses, each tried by reading one figure otherwise and solving again.

Belongs here: the ways to read a figure otherwise, trying them, scoring. Does not belong here: the names, words and priors of the
hypotheses (expectations/hypotheses.yml), or which conflicts there are (conflicts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import yaml

from pipelines.figures.implied import Catalogue
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure
from pipelines.figures.network import Member, Network, by_number, middle, network_of
from pipelines.figures.quantities import FLOWS, MEASURED, TARGET, Quantity, month_before, plan_start, when
from pipelines.figures.relations import Relation
from pipelines.figures.rules import KINDS, Rule
from pipelines.figures.solver import MinimalConflict
from pipelines.figures.telling import plain, quoted

SUPPORTED = Fraction(1, 20)  # a residual up to here counts as a support
WORST_RESIDUAL = Fraction(1, 2)
LARGEST_REVISION = Fraction(1, 5)  # of one vintage to the next
LARGEST_SHARE_LEFT_OUT = Fraction(1, 4)  # of one county in the city


@dataclass(frozen=True)
class Hypothesis:
    """A kind of explanation, as `hypotheses.yml` has it; either `rewrite` or `without` is set."""

    id: str
    title: str
    prior: float
    evidence: str
    rewrite: str = ""
    without: str = ""


@dataclass(frozen=True)
class Explanation:
    """One hypothesis on one conflict, after solving again.

    Attributes:
        figure_id: the figure read otherwise; None where a default is taken not to hold.
        dissolves: the other conflicts, as sets of figure ids, that go with it.
        creates: sets of figure ids that could hold before and cannot any more.
        supports: ids of other figures that say the same of what the figure is now read as.
        residual: how far what can be worked out is from what is printed, as a share; None where nothing can be worked out.
        arithmetic: one line in Chinese.
        figures, left_out: the figures as they are read then, by id, and ids of those that are not read at all.
        path: years and values that the arithmetic goes through; empty where it goes through none.
    """

    hypothesis: Hypothesis
    figure_id: str | None
    score: float
    dissolves: tuple[tuple[str, ...], ...]
    creates: tuple[tuple[str, ...], ...]
    supports: tuple[str, ...]
    residual: Fraction | None
    arithmetic: str
    figures: Mapping[str, Figure] = field(default_factory=dict, repr=False, compare=False)
    left_out: frozenset[str] = field(default=frozenset(), repr=False, compare=False)
    path: tuple[tuple[int, float], ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class _Reading:
    """Figures read otherwise, and how well that fits."""

    figures: Mapping[str, Figure]
    arithmetic: str
    residual: Fraction | None = None
    left_out: frozenset[str] = frozenset()
    contradicts_print: bool = False
    path: tuple[tuple[int, float], ...] = ()


def read_hypotheses(path: Path) -> tuple[Hypothesis, ...]:
    """The hypotheses in the order of the file.

    Raises:
        OSError, ValueError: the file, which comes with the program, is missing or names a way of reading there is none of.
    """
    found = tuple(Hypothesis(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["hypotheses"])
    for each in found:
        is_known = each.rewrite in READINGS if each.rewrite else each.without in KINDS
        if bool(each.rewrite) == bool(each.without) or not is_known:
            raise ValueError(f"{path.name}: {each.id}")
    return found


def explain(
    conflict: MinimalConflict,
    network: Network,
    figures: Sequence[Figure],
    relations: Sequence[Relation],
    hypotheses: Sequence[Hypothesis],
) -> list[Explanation]:
    """The hypotheses that make a conflict go, the best first.

    Args:
        figures, relations: all that may have to do with it; no harm if there are more.
    """
    trial = _Trial(conflict, network, figures, relations)
    found = []
    for hypothesis in hypotheses:
        if hypothesis.without:
            found += trial.without(hypothesis)
            continue
        for figure_id in conflict.statements:
            if network.members[figure_id].figure.is_observed:
                continue  # what was added up from reports is not misprinted
            for reading in READINGS[hypothesis.rewrite](network.members[figure_id], trial):
                found += trial.read(hypothesis, figure_id, reading)
    best: dict[tuple[str, str | None], Explanation] = {}
    for each in found:  # of several readings of one kind the best: of a unit slip the factor that fits
        key = (each.hypothesis.id, each.figure_id)
        if key not in best or each.score > best[key].score:
            best[key] = each
    return sorted(best.values(), key=lambda each: (-each.score, each.hypothesis.id, each.figure_id or ""))


class _Trial:
    """One conflict, with the figures around it solved once as they are, to be solved again as they may be meant."""

    def __init__(
        self, conflict: MinimalConflict, network: Network, figures: Sequence[Figure], relations: Sequence[Relation]
    ) -> None:
        self.conflict, self.network, self.figures, self.relations = conflict, network, figures, relations
        self.members = [network.members[figure_id] for figure_id in conflict.statements]
        self.before = [_ids(one, network) for one in network.minimal_conflicts()]
        self.own = _ids(conflict, network)

    @property
    def catalogue(self) -> Catalogue:
        return self.network.catalogue

    def read(self, hypothesis: Hypothesis, figure_id: str, reading: _Reading) -> list[Explanation]:
        figures = [reading.figures.get(each.figure_id, each) for each in self.figures if each.figure_id not in reading.left_out]
        again = network_of(figures, self.relations, self.catalogue)
        member = self.network.members[figure_id]
        read_as = reading.figures[figure_id].quantity if figure_id in reading.figures else None
        supports = [
            each.figure_id
            for each in figures
            if each.figure_id not in member.figure_ids and each.interval is not None and each.quantity == read_as
            and read_as != member.figure.quantity and each.interval.meets(reading.figures[figure_id].interval)
        ]  # fmt: skip
        rival = _rival(member, self)
        if rival is not None and read_as != member.figure.quantity:
            # Who else says what the rival says leaves less room for this one.
            supports += [
                each.figure_id
                for each in figures
                if each.figure_id not in (*member.figure_ids, *rival.figure_ids) and each.interval is not None
                and each.quantity == rival.figure.quantity and each.interval.meets(rival.interval)
            ]  # fmt: skip
        against = [
            each.figure_id
            for each in figures
            if each.figure_id not in member.figure_ids and each.interval is not None and each.period_basis == "stated"
            and each.quantity == member.figure.quantity != read_as and each.interval.meets(member.interval)
        ]  # fmt: skip
        return self._explanation(hypothesis, figure_id, again, supports, reading, len(against))

    def is_of_the_same(self, ids: frozenset[frozenset[str]]) -> bool:
        """Whether a conflict is one more of numbers for the very quantity this one is about: the same question once more."""
        about = {one.figure.quantity for one in self.members}
        named = {min(each, key=by_number) for each in ids}
        return len(about) == 1 and {figure.quantity for figure in self.figures if figure.figure_id in named} == about

    def left_for(self, member: Member) -> Interval:
        """What the other members of the conflict leave for the quantity of one."""
        others = [other.figure.figure_id for other in self.members if other is not member]
        return self.network.bounds(member.figure.quantity, others, self.conflict.rules)

    def without(self, hypothesis: Hypothesis) -> list[Explanation]:
        rules = [self.network.rule_by_id[rule_id] for rule_id in self.conflict.rules]
        weak = [rule for rule in rules if rule.kind == hypothesis.without and rule.strength != "certain"]
        if not weak:
            return []
        # All of its kind about these quantities: one default is not given up for another that says the same.
        indicators = {one.indicator_id for rule in weak for one in rule.quantities}
        kept = tuple(
            rule
            for rule in self.network.rules
            if rule.kind != hypothesis.without or not {one.indicator_id for one in rule.quantities} <= indicators
        )
        again = replace(self.network, rules=kept)
        text = self._loss(weak[0]) if hypothesis.without == "stock_kept" else f"不再认为：{weak[0].text}"
        return self._explanation(hypothesis, None, again, [], _Reading({}, f"{text}。"))

    def _loss(self, rule: Rule) -> str:
        """How many must have left for a stock, what is new and the stock before to fit."""
        amounts = [_known(one, self) for one in rule.quantities]
        if None in amounts:
            return f"不再认为：{rule.text}"
        before, new, after = amounts
        unit = self.catalogue.indicators[rule.quantities[-1].indicator_id].unit
        left = before + new - after
        return f"若期间减少 {plain(left)} {unit}：{plain(before)}＋{plain(new)}－{plain(left)}＝{plain(after)}"

    def _explanation(
        self,
        hypothesis: Hypothesis,
        figure_id: str | None,
        again: Network,
        supports: Sequence[str],
        reading: _Reading,
        against: int = 0,
    ) -> list[Explanation]:
        after = [_ids(one, again) for one in again.minimal_conflicts()]
        if any(_same(self.own, one) for one in after):
            return []
        gone = [one for one in self.before if one != self.own and not any(_same(one, other) for other in after)]
        created = [one for one in after if not any(_same(one, other) for other in self.before)]
        residual = reading.residual
        points = len(supports) + (residual is not None and residual <= SUPPORTED)
        others = [one for one in gone if not self.is_of_the_same(one)]
        score = hypothesis.prior + len(others) - len(created) + (1 - 0.5**points) - (1 - 0.5**against)
        if residual is not None:
            score -= float(min(Fraction(1), residual / WORST_RESIDUAL))
        score -= reading.contradicts_print
        return [
            Explanation(
                hypothesis,
                figure_id,
                round(score, 3),
                tuple(_names(one) for one in gone),
                tuple(_names(one) for one in created),
                tuple(sorted(supports)),
                residual,
                reading.arithmetic,
                reading.figures,
                reading.left_out,
                reading.path,
            )
        ]


def _ids(conflict: MinimalConflict, network: Network) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(network.members[figure_id].figure_ids) for figure_id in conflict.statements)


def _same(one: frozenset[frozenset[str]], other: frozenset[frozenset[str]]) -> bool:
    """Whether two conflicts are of the same statements; which figures repeat which may have changed with a reading."""
    return len(one) == len(other) and all(any(member & each for each in other) for member in one)


def _names(conflict: frozenset[frozenset[str]]) -> tuple[str, ...]:
    return tuple(sorted(min(member, key=by_number) for member in conflict))


def _each(member: Member, **changes: object) -> dict[str, Figure]:
    """The member's figure, and those that repeat it, changed alike."""
    # What the warehouse has of it is not read otherwise.
    printed = [figure for figure in (member.figure, *member.repeats) if not figure.is_observed]
    return {figure.figure_id: replace(figure, **changes) for figure in printed}


# The ways to read a figure otherwise. Each yields readings of one member, none where it makes no sense.


def _cumulative(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """A year's flow as that of all years of the plan so far."""
    figure, one = member.figure, member.figure.quantity
    is_year = one.kind == "span" and one.first == f"{one.last[:4]}-01" and one.last.endswith("-12")
    first_year, last_year = plan_start(one.last), int(one.last[:4])
    if not (is_year and one.nature == MEASURED and figure.measure in FLOWS and first_year < last_year):
        return
    printed, unit = middle(member.interval), figure.indicator.unit
    if not printed:
        return
    years = last_year - first_year + 1
    total = middle(figure.level) if figure.level else printed
    text = f"若为{first_year}—{last_year}年累计 {plain(total)} {unit}"
    base, worked_out = _base_of(member, trial, f"{first_year - 1}")
    annual = _annual_of(member, trial)
    residual, path = None, ()
    if base and base > 0 and annual and annual > 0:
        known = {first_year - 1: base, **_years_between(member, trial, first_year, last_year), last_year: annual}
        path = _path(known)
        added = sum(height for _, height in path[1:])
        residual = abs(Fraction(added) - total) / total
        steps = "，".join(f"{year}年为 {plain(value)}" for year, value in known.items()).replace("，", f"{worked_out}，", 1)
        even = "平均每年为上年的" if len(known) == 2 else "其间各年按同样的倍数递增，平均每年为上年的"
        rate = (path[-1][1] / path[0][1]) ** (1 / years)
        text += f"：{steps}，{even} {rate:.2f} 倍，{years} 年相加约 {added:.1f} {unit}，"
        text += f"与 {plain(total)} 相差 {float(residual) * 100:.1f}%"
    else:
        text += f"，平均每年 {plain(total / years)} {unit}"
        if annual and annual > 0:
            text += "" if base else f"，{last_year}年为 {plain(annual)} {unit}"
            if not base and not annual <= printed <= annual * years:
                # A growing flow adds up to no less than its last year and no more than so many of them.
                residual = min(abs(printed - annual), abs(printed - annual * years)) / printed
    now = _each(member, period=f"{first_year}..{last_year}", window="cumulative")
    yield _Reading(now, f"{text}。", residual, contradicts_print=member.is_stated, path=path)


def _annual_of(member: Member, trial: _Trial) -> Fraction | None:
    """What else is said of the year, in the conflict or beside it; None if nothing that differs."""
    rivals = [other.figure for other in trial.members if other is not member]
    for figure in (*rivals, *trial.figures):
        is_other = figure.figure_id not in member.figure_ids and figure.interval is not None
        if is_other and figure.quantity == member.figure.quantity and not figure.interval.meets(member.interval):
            return middle(figure.interval)
    return None


def _years_between(member: Member, trial: _Trial, first: int, last: int) -> dict[int, Fraction]:
    """What is known of the years of a plan before its last one."""
    found = {}
    for year in range(first, last):
        value = _known(member.figure.quantity.over(f"{year}-01", f"{year}-12"), trial)
        if value and value > 0:
            found[year] = value
    return found


def _path(known: Mapping[int, Fraction]) -> tuple[tuple[int, float], ...]:
    """A value for every year from the first known to the last, growing by the same factor from one known year to the next."""
    path = [(year, float(value)) for year, value in list(known.items())[:1]]
    for (year, value), (next_year, next_value) in pairwise(known.items()):
        rate = (float(next_value) / float(value)) ** (1 / (next_year - year))
        path += [(year + step, float(value) * rate**step) for step in range(1, next_year - year + 1)]
    return tuple(path)


def _base_of(member: Member, trial: _Trial, year: str) -> tuple[Fraction | None, str]:
    """What the year before the plan was, printed or worked out from a multiple of it; and in words how it was worked out."""
    one = member.figure.quantity
    for tie in trial.network.ties:
        if tie.subject.figure_id in member.figure_ids and tie.base.last == f"{year}-12" and not tie.is_growth:
            times = middle(tie.factors)
            printed = middle(member.interval)
            return (printed / times, f"（{plain(printed)}÷{plain(times)}）") if times else (None, "")
    for figure in trial.figures:
        if figure.quantity == one.over(f"{year}-01", f"{year}-12") and figure.interval is not None:
            return middle(figure.interval), ""
    return None, ""


def _increment(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """The target of a stock as what is new in the plan."""
    if member.figure.quantity.nature == TARGET:
        yield from _as_new(member, trial)


def _built_in_period(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """A stock that was counted as what was new in the plan so far."""
    if member.figure.quantity.nature != TARGET:
        yield from _as_new(member, trial)


def _as_new(member: Member, trial: _Trial) -> Iterator[_Reading]:
    figure, one = member.figure, member.figure.quantity
    if one.kind != "level" or figure.measure != "stock":
        return
    for link in trial.catalogue.links:
        if link.link == "increment_of" and (link.other_id, link.other_scope) == (one.indicator_id, one.scope):
            known = trial.catalogue.indicators[link.indicator_id]
            period = f"{plan_start(one.last)}..{one.last[:4]}"
            changes = {"indicator_id": known.indicator_id, "indicator": known, "scope": link.scope, "measure": "flow"}
            now = _each(member, period=period, window="plan_period", **changes)
            began = one.at_end_of(month_before(f"{plan_start(one.last)}-01"))
            base = _known(replace(began, nature=MEASURED), trial)
            added = middle(member.interval)
            unit = figure.indicator.unit
            text = f"若为新增 {plain(added)} {unit}"
            if base is not None:
                text += f"，则期末为 {plain(base)}＋{plain(added)}＝{plain(base + added)} {unit}"
            same = [each for each in trial.figures if each.quantity == now[figure.figure_id].quantity and each.interval]
            if same and same[0].interval.meets(figure.interval):
                text += f"，与 {same[0].figure_id} {quoted(same[0])}一致"
            yield _Reading(now, f"{text}。")


def _level(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """What is said to be new as the stock at the end."""
    figure, one = member.figure, member.figure.quantity
    for link in trial.catalogue.links_from.get(("increment_of", one.indicator_id), ()):
        if one.kind == "span" and link.scope == one.scope:
            known = trial.catalogue.indicators[link.other_id]
            changes = {"indicator_id": known.indicator_id, "indicator": known, "scope": link.other_scope, "measure": "stock"}
            now = _each(member, period=one.last[:4], window="year_end", **changes)
            total = plain(middle(figure.level or figure.interval))
            text = f"若为{when(now[figure.figure_id].quantity)}的总量 {total} {figure.indicator.unit}"
            yield _Reading(now, f"{text}。")


def _known(one: Quantity, trial: _Trial) -> Fraction | None:
    found = [each for each in trial.figures if each.quantity == one and each.interval is not None]
    return middle(found[0].interval) if found else None


def _goal_as_minimum(member: Member, trial: _Trial) -> Iterator[_Reading]:
    interval = member.interval
    known = trial.catalogue.indicators.get(member.figure.indicator_id)
    if member.figure.quantity.nature != TARGET or interval.lower is None or known is None or known.direction == "neutral":
        return
    least = Interval(lower=interval.lower) if known.direction == "increase" else Interval(upper=interval.upper)
    word = "不少于" if known.direction == "increase" else "不多于"
    text = f"若目标为{word} {plain(interval.lower)} {member.figure.indicator.unit}，超过也算达到"
    yield _Reading(_each(member, interval=least), f"{text}。")


def _other_definition(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """As another definition of the same: another indicator of the family, or another scope that the ledger knows."""
    figure = member.figure
    indicators = trial.catalogue.indicators
    own = indicators.get(figure.indicator_id)
    if own is None:
        return
    family = own.variant_of or own.indicator_id
    for known in indicators.values():
        same_family = known.indicator_id != own.indicator_id and (known.variant_of or known.indicator_id) == family
        if same_family and known.unit == own.unit:
            now = _each(member, indicator_id=known.indicator_id, indicator=known)
            yield _Reading(now, f"若为“{known.label}”的 {figure.as_printed}，则与另一口径的数不比。")
    scopes = {each.scope for each in trial.figures if each.indicator_id == figure.indicator_id} - {figure.scope}
    for scope in sorted(scopes):
        now = _each(member, scope=scope)
        yield _Reading(now, f"若为“{scope or '不分范围'}”的 {figure.as_printed}，则与另一范围的数不比。")


def _growth_to(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """增长280% as 增长到280%, which is 180 % more."""
    figure = member.figure
    interval = member.interval
    if figure.measure != "growth_rate" or interval.lower is None or interval.upper is None or interval.lower <= 100:
        return
    less = Interval(interval.lower - 100, interval.upper - 100, interval.lower_closed, interval.upper_closed)
    ties = [tie for tie in trial.network.ties if tie.coefficient.figure_id in member.figure_ids]
    text = f"若为增长到 {plain(middle(interval))}%，即增长 {plain(middle(less))}%"
    if ties and ties[0].subject.level is not None:
        level, times = middle(ties[0].subject.level), middle(interval) / 100
        unit = ties[0].subject.indicator.unit
        text += f"，则{when(ties[0].base)}为 {plain(level)}÷{plain(times)}＝{plain(level / times)} {unit}"
    yield _Reading(_each(member, interval=less), f"{text}。")


def _forecast(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """An actual of a time that was not over when the document was signed."""
    figure = member.figure
    signed = figure.document.signed_on or figure.document.published_on
    if figure.nature != "actual" or signed is None or f"{signed:%Y-%m}" > figure.quantity.last:
        return
    text = f"文件成于 {signed:%Y-%m-%d}，{when(figure.quantity)}还没有结束，{figure.as_printed}只能是预计数"
    yield _Reading(_each(member, nature="forecast"), f"{text}。")


def _rival(member: Member, trial: _Trial) -> Member | None:
    """The other member of a conflict of two figures of one quantity."""
    others = [other for other in trial.members if other is not member]
    if len(others) == 1 and others[0].figure.quantity == member.figure.quantity:
        return others[0]
    return None


def _difference(member: Member, rival: Member) -> Fraction | None:
    one, other = middle(member.interval), middle(rival.interval)
    return abs(one - other) / max(abs(one), abs(other)) if one or other else None


def _stale_vintage(member: Member, trial: _Trial) -> Iterator[_Reading]:
    rival = _rival(member, trial)
    if rival is None or member.figure.quantity.nature != MEASURED:
        return
    days = [each.figure.document.signed_on or each.figure.document.published_on for each in (member, rival)]
    if None not in days and days[0] >= days[1] and member.figure.document_id != rival.figure.document_id:
        return
    apart = _difference(member, rival)
    if apart is not None and apart <= LARGEST_REVISION:
        text = f"两数相差 {float(apart) * 100:.1f}%，在修订常有的幅度以内"
        yield _Reading({}, f"{text}。", apart, frozenset(_each(member)))


def _unit_left_out(member: Member, trial: _Trial) -> Iterator[_Reading]:
    rival = _rival(member, trial)
    if rival is None or member.figure.quantity.nature != MEASURED or member.figure.measure in ("ratio", "growth_rate", "rank"):
        return
    apart = _difference(member, rival)
    if apart is not None and apart <= LARGEST_SHARE_LEFT_OUT and middle(member.interval) < middle(rival.interval):
        less = plain(middle(rival.interval) - middle(member.interval))
        text = f"少 {less} {member.figure.indicator.unit}，占 {float(apart) * 100:.1f}%"
        yield _Reading(_each(member, scope="不含单列地区"), f"{text}。", apart)


def _unit_slip(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """Where the others leave a range that a power of ten less or more is in, or all but in."""
    if member.figure.measure in ("growth_rate", "ratio", "rank"):
        return
    left, own = trial.left_for(member), middle(member.interval)
    if left.lower is None or left.upper is None or not middle(left):
        return
    for power in (4, 3, 1):
        for factor, word in ((Fraction(10**power), "乘以"), (Fraction(1, 10**power), "除以")):
            residual = abs(own * factor - middle(left)) / middle(left)
            if residual <= LARGEST_REVISION:
                now = _each(member, interval=member.interval.scaled(factor))
                unit = member.figure.indicator.unit
                text = f"{member.figure.as_printed} {word} {10**power}，为 {plain(own * factor)} {unit}"
                text += f"，由其余各数推算约为 {plain(middle(left))}"
                yield _Reading(now, f"{text}。", residual)


def _digit_slip(member: Member, trial: _Trial) -> Iterator[_Reading]:
    """The printed number with two neighbouring digits exchanged, or with one digit less."""
    figure = member.figure
    if figure.value is None:
        return
    whole, _, decimals = f"{figure.value:f}".partition(".")
    digits = whole + decimals
    slipped = {digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :] for place in range(len(digits) - 1)}
    meant = {_pointed(text, len(decimals)) for text in slipped}
    meant |= {_pointed(digits[:place] + digits[place + 1 :], len(decimals)) for place in range(len(digits))}
    meant |= {_pointed(digits[:place] + digits[place + 1 :], len(decimals) - 1) for place in range(len(digits)) if decimals}
    factor = middle(member.interval) / Fraction(figure.value) if figure.value else None
    rival = _rival(member, trial)
    if rival is None or factor is None:
        return
    if member.interval.lower is None or member.interval.upper is None:
        return
    for text in sorted(meant - {"", f"{figure.value:f}"}):
        value = Decimal(text)
        if value != figure.value:
            shift = (Fraction(value) - Fraction(figure.value)) * factor
            moved = replace(member.interval, lower=member.interval.lower + shift, upper=member.interval.upper + shift)
            if moved.meets(rival.interval):
                yield _Reading(_each(member, interval=moved), f"若 {figure.value:f} 本为 {text}，则两处一致。")


def _pointed(digits: str, decimals: int) -> str:
    """Digits with so many of them behind the point; empty where too few are left."""
    if len(digits) <= decimals:
        return ""
    return f"{digits[: len(digits) - decimals]}.{digits[len(digits) - decimals :]}" if decimals else digits


READINGS: dict[str, Callable[[Member, _Trial], Iterable[_Reading]]] = {
    "cumulative": _cumulative,
    "increment": _increment,
    "built_in_period": _built_in_period,
    "level": _level,
    "goal_as_minimum": _goal_as_minimum,
    "other_definition": _other_definition,
    "growth_to": _growth_to,
    "forecast": _forecast,
    "stale_vintage": _stale_vintage,
    "unit_left_out": _unit_left_out,
    "unit_slip": _unit_slip,
    "digit_slip": _digit_slip,
}
