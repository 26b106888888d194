"""The drawings of the conflict pages: intervals on one line, and paths through the years under each reading, as SVG.

Belongs here: what a drawing shows, scales, marks, labels that keep clear of one another. Does not belong here: the words and
tables around it (pages).

Two kinds of drawing. The number line is a strip per figure in which places are percentages, so that it fills any width with
letters of one size; what a strip is about stands beside it in HTML, which wraps. The years are small panels of a fixed width.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from html import escape
from itertools import pairwise, product
from math import ceil, floor, log10

from pipelines.figures.conflicts import Conflict
from pipelines.figures.hypotheses import Explanation
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure
from pipelines.figures.network import Member, Network, middle
from pipelines.figures.quantities import FORECAST, MEASURED, TARGET, Quantity, plan_start, when
from pipelines.figures.relations import Tie, constraints_of
from pipelines.figures.rules import Rule
from pipelines.figures.solver import Linear, Statement, Undecided, bounds_of
from pipelines.figures.telling import plain, quoted, range_text, told_last
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor

DRAWN_EXPLANATIONS = 2
NATURES = {MEASURED: "", FORECAST: "（预计）", TARGET: "（目标）"}
_UNPRINTED = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F], "\ufffd")


def nature_word(figure: Figure) -> str:
    """（预计）, （目标） or nothing."""
    return "" if "（" in figure.indicator_label else NATURES.get(figure.quantity.nature, "")


def spoken_of(member: Member) -> str:
    """A member's quantity in words: 2020年的技术合同成交额."""
    figure = member.figure
    return f"{when(figure.quantity)}的{figure.indicator.label}{nature_word(figure)}"


def rules_of_conflict(conflict: Conflict, network: Network) -> list[Rule]:
    """The rules by which its members cannot all hold."""
    return [network.rule_by_id[one] for one in conflict.relations if one in network.rule_by_id]


def reading_name(each: Explanation, conflict: Conflict) -> str:
    """The hypothesis with the figure it is about: “27.9 亿元”：是规划期累计数，不是当年数."""
    whose = [member.figure for member in conflict.members if member.figure.figure_id == each.figure_id]
    return f"{quoted(whose[0])}：{each.hypothesis.title}" if whose else each.hypothesis.title


def ties_of_conflict(conflict: Conflict, network: Network) -> list[Tie]:
    """The growths and multiples by which its members hang together."""
    members = {figure_id for member in conflict.members for figure_id in member.figure_ids}
    return [tie for tie in network.ties if tie.rule_id in conflict.relations and tie.coefficient.figure_id in members]


def inert(words: object) -> str:
    """Text of whatever origin as HTML shows it: nothing in it is markup, hides, or turns the order of the letters round."""
    shown = str(words).translate(_UNPRINTED)
    return escape("".join("\ufffd" if _is_control(letter) else letter for letter in shown))


def _is_control(letter: str) -> bool:
    return letter not in "\n\t" and (unicodedata.category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff")


def figures_of(network: Network | None) -> dict[str, Figure]:
    """All figures of a network by id, the repeats too."""
    members = network.members.values() if network else ()
    return {figure.figure_id: figure for member in members for figure in (member.figure, *member.repeats)}


# What the pictures show.


class Story:
    """A conflict with the ledger around it, and what follows where one figure is read otherwise."""

    def __init__(self, conflict: Conflict, network: Network) -> None:
        self.conflict, self.network = conflict, network
        self.ties, self.rules = ties_of_conflict(conflict, network), rules_of_conflict(conflict, network)
        self.told = told_last(conflict.members, self.ties)
        self.unit = self.told.figure.indicator.unit

    @property
    def members(self) -> tuple[Member, ...]:
        return self.conflict.members

    @cached_property
    def as_printed(self) -> _Version:
        return _Version(self.network, {})

    def factor(self, figure: Figure) -> Fraction | None:
        """What its values are multiplied by to stand beside those of the figure told last; None where they cannot."""
        try:
            return conversion_factor(figure.indicator.unit, self.unit)
        except (UnknownUnit, Inconvertible):
            return Fraction(1) if figure.indicator.unit == self.unit else None

    def reading(self, each: Explanation) -> _Version:
        """The ledger as an explanation reads it."""
        return _Version(self.network, each.figures, each.left_out, without=each.hypothesis.without)


class _Version:
    """The statements of a ledger with some figures read otherwise; the rules stay, but for a kind that is doubted."""

    def __init__(self, network: Network, now: Mapping[str, Figure], left_out: Iterable[str] = (), without: str = "") -> None:
        self.now, self.left_out, self.without = now, set(left_out), without
        self.leader = {one: member.figure.figure_id for member in network.members.values() for one in member.figure_ids}
        self.figures = {one: now.get(one, member.figure) for one, member in network.members.items() if one not in self.left_out}
        self.ties = [
            replace(
                tie,
                coefficient=now.get(tie.coefficient.figure_id, tie.coefficient),
                subject=now.get(tie.subject.figure_id, tie.subject),
            )
            for tie in network.ties
        ]
        self.extra = constraints_of(self.ties)

    def bounds(self, one: Quantity, figure_ids: Iterable[str], rules: Iterable = ()) -> Interval | None:
        """What some figures and rules leave for a quantity; None where that is nothing, or everything."""
        chosen = [figure_id for figure_id in figure_ids if figure_id in self.figures]
        statements = [Statement(figure_id, self._said(figure_id)) for figure_id in chosen]
        statements += [rule.statement for rule in rules if rule.kind != self.without]
        try:
            left = bounds_of(str(one), statements)
        except Undecided:
            return None
        if left.upper is None and left.lower == 0:
            return None  # that it is not negative goes without saying
        return None if left.lower is None and left.upper is None else left

    def _said(self, figure_id: str) -> tuple[Linear, ...]:
        figure = self.figures[figure_id]
        return (Linear.of(figure.interval, (figure.quantity, 1)), *self.extra.get(figure_id, ()))


# Numbers on axes.


_LONG = ((10**16, "亿亿"), (10**12, "万亿"), (10**8, "亿"), (10**4, "万"))


def _short(value: Fraction | float) -> str:
    """A number of four digits or so, in 万 or 亿 where it is long."""
    value = Fraction(value)
    for size, word in _LONG:
        if abs(value) >= max(size, 10**5):
            return f"{_four_digits(value / size)}{word}"
    return _four_digits(value)


def _four_digits(value: Fraction) -> str:
    if value and abs(value) < Fraction(1, 1000):
        return f"{float(value):.3g}"
    return plain(round(value, max(0, (3 if abs(value) >= 1 else 2) - floor(log10(abs(value))))) if value else value)


def _range(interval: Interval, number: Callable[[Fraction], str] = _short) -> str:
    """An interval in a few letters for a picture: 12.5—13.5, 1264 以上, 不到 22.04."""
    lower, upper = interval.lower, interval.upper
    if interval.is_point:
        return number(lower)
    if lower is not None and upper is not None:
        one, other = number(lower), number(upper)
        return f"{one}—{other}" if one != other else f"约 {one}"
    if lower is not None:
        return f"{number(lower)} 以上" if interval.lower_closed else f"超过 {number(lower)}"
    if upper is not None:
        return f"至多 {number(upper)}" if interval.upper_closed else f"不到 {number(upper)}"
    return "不限"


def _ought(interval: Interval) -> str:
    """The same of what a value ought to be: 应不小于 1264."""
    if interval.lower is None or interval.upper is None:
        return f"应{range_text(Interval(*_rounded(interval), interval.lower_closed, interval.upper_closed))}"
    return f"应为 {_range(interval)}"


def _rounded(interval: Interval) -> tuple[Fraction | None, Fraction | None]:
    ends = (interval.lower, interval.upper)
    return tuple(None if end is None else round(end, 2) for end in ends)


@dataclass(frozen=True)
class _Scale:
    """The part of a number line that is drawn."""

    lower: float
    upper: float

    @classmethod
    def around(cls, intervals: Iterable[Interval], *, from_zero: bool = False) -> _Scale | None:
        """Room for all ends; from nothing on, unless that would leave the differences too small to see."""
        intervals = list(intervals)
        ends = [float(end) for one in intervals for end in (one.lower, one.upper) if end is not None]
        if not ends:
            return None
        least, most = min(ends), max(ends)
        room = (most - least) * 0.25 or abs(most) * 0.25 or 1.0
        if least >= 0 and (from_zero or least <= 0.7 * most or least == most):
            is_open = any(one.upper is None for one in intervals)
            return cls(0.0, most * (1.25 if is_open else 1.1) or 1.0)
        return cls(least - room, most + room)

    def share(self, value: Fraction | float) -> float:
        """Where a value lies, from 0 to 1; beyond for what is not drawn."""
        return (float(value) - self.lower) / (self.upper - self.lower)

    def ticks(self, most: int) -> dict[float, str]:
        """Round values, no more than so many, and how they are written."""
        step = 10.0 ** floor(log10((self.upper - self.lower) / max(1, most)))
        while (self.upper - self.lower) / step > most:
            step *= 2.5 if f"{step:e}".startswith("2") else 2
        first = ceil(self.lower / step - 1e-9)
        ticks = [place * step for place in range(first, floor(self.upper / step + 1e-9) + 1)]
        is_near = step * 1000 < max(abs(self.lower), abs(self.upper))  # four digits would not tell one from the next
        fine = max(0, 1 - floor(log10(step)))
        return {tick: plain(round(Fraction(tick), fine)) if is_near else _short(round(Fraction(tick), fine)) for tick in ticks}

    @property
    def begins_at_zero(self) -> bool:
        return self.lower == 0


def _width(words: str, size: float) -> float:
    """About how wide text of a letter size is, rather too much than too little."""
    return sum(size * (1.02 if unicodedata.east_asian_width(letter) in "WFA" else 0.6) for letter in words)


def _cut(words: str, letters: int) -> str:
    words = " ".join(words.split())
    return words if len(words) <= letters else f"{words[: letters - 1]}…"


# The number line.


def number_line(story: Story) -> str:
    """The members on one line of their unit, and the range that the others leave for the one told last; empty if none fits."""
    drawn, apart = [], []
    for member in story.members:
        factor = story.factor(member.figure)
        if factor is None:
            apart.append(member)
        else:
            drawn.append((member, member.interval.scaled(factor)))
    drawn.sort(key=lambda one: one[0] is story.told)
    others = [member.figure.figure_id for member in story.members if member is not story.told]
    # Of two numbers for one thing neither is what the other leaves.
    are_rivals = len({member.figure.quantity for member in story.members}) == 1
    left = None if are_rivals else story.as_printed.bounds(story.told.figure.quantity, others, story.rules)
    scale = _Scale.around([*(interval for _, interval in drawn), *([left] if left else [])])
    if scale is None:
        return ""
    rows = []
    for member, interval in drawn:
        band = left if member is story.told else None
        words = f"{inert(spoken_of(member))}<br>{inert(_source(member.figure))}"
        words = f"<b>{inert(quoted(member.figure))}</b><small>{words}</small>"
        rows.append(_row(words, _strip(scale, interval, band, f"{quoted(member.figure)}：{range_text(interval)} {story.unit}")))
    if left:
        words = f"{inert(spoken_of(story.told))}<br>应{inert(range_text(left))} {inert(story.unit)}"
        words = f"<b>由其余各数推算</b><small>{words}</small>"
        rows.append(_row(words, _strip(scale, None, left, f"由其余各数推算：{range_text(left)} {story.unit}")))
    rows.append(_row("", _axis(scale, story.unit), "axis"))
    notes = ["粗横条是真实的数可以在的范围，圆点是恰好这个数，箭头表示往那一边没有尽头。"]
    if left:
        notes.append("虚线框是其余各数留给这个数的范围：上面那个数不在框内，所以对不上。")
    if not scale.begins_at_zero:
        notes.append("横轴不从 0 起。")
    for figure in (member.figure for member in apart):
        notes.append(f"{quoted(figure)}的单位是 {figure.indicator.unit}，与 {story.unit} 不能相比，没有画上。")
    caption = f"<figcaption>{inert(''.join(notes))}</figcaption>"
    return f"<h2>画在一条线上</h2><figure class='line'>{''.join(rows)}{caption}</figure>"


def _source(figure: Figure) -> str:
    return f"《{_cut(figure.document.title, 40)}》{_cut(figure.locator, 40)}"


def _row(words: str, strip: str, kind: str = "") -> str:
    return f'<div class="row {kind}"><div class="words">{words}</div><div class="strip">{strip}</div></div>'


def _percent(share: float) -> str:
    """A place on a strip; a margin at either side leaves room for arrows and half a label."""
    return f"{5 + 88 * min(1.05, max(-0.05, share)):.2f}%"


def _strip(scale: _Scale, interval: Interval | None, band: Interval | None, told: str) -> str:
    parts = []
    if band is not None:
        start, end = _ends(scale, band)
        parts.append(f'<rect class="band" x="{start:.2f}%" y="27" width="{max(0.5, end - start):.2f}%" height="27"/>')
    shown = interval or band
    start, end = _ends(scale, shown)
    if interval is not None:
        if interval.is_point:
            parts.append(f'<circle class="solid" cx="{start:.2f}%" cy="40" r="6"/>')
        else:
            parts.append(f'<line class="bar" x1="{start:.2f}%" x2="{end:.2f}%" y1="40" y2="40"/>')
    for bound, place, turn in ((shown.lower, start, -1), (shown.upper, end, 1)):
        if bound is None and turn < 0 and scale.begins_at_zero:
            continue  # of amounts the line ends at nothing
        if bound is None:
            parts.append(_at(place, f'<path class="solid" d="M0 33L{10 * turn} 40L0 47Z"/>'))
        elif interval is not None and not interval.is_point:
            parts.append(f'<line class="end" x1="{place:.2f}%" x2="{place:.2f}%" y1="31" y2="49"/>')
    centre = (start + end) / 2
    anchor = "start" if centre < 35 else "end" if centre > 65 else "middle"
    centre = start if anchor == "start" else end if anchor == "end" else centre
    exact = _range(shown, plain)
    words = exact if len(exact) <= 20 else _range(shown)
    parts.append(f'<text x="{centre:.2f}%" y="22" text-anchor="{anchor}">{inert(words)}</text>')
    return f'<svg role="img" aria-label="{inert(told)}">{"".join(parts)}</svg>'


def _ends(scale: _Scale, interval: Interval) -> tuple[float, float]:
    """Where an interval begins and ends, in percent; an open end at the edge."""
    nothing = 5.0 if scale.begins_at_zero else 3.0
    start = nothing if interval.lower is None else 5 + 88 * scale.share(interval.lower)
    end = 96.0 if interval.upper is None else 5 + 88 * scale.share(interval.upper)
    return start, end


def _at(percent: float, shape: str) -> str:
    """A shape in pixels at a place in percent."""
    return f'<svg x="{percent:.2f}%" overflow="visible">{shape}</svg>'


def _axis(scale: _Scale, unit: str) -> str:
    ticks = scale.ticks(6)
    if max(_width(words, 12) for words in ticks.values()) > 44:
        ticks = scale.ticks(2)
    parts = [f'<line class="thin" x1="{_percent(0)}" x2="{_percent(1)}" y1="4" y2="4"/>']
    for tick, words in ticks.items():
        place = _percent(scale.share(tick))
        parts.append(f'<line class="thin" x1="{place}" x2="{place}" y1="4" y2="9"/>')
        parts.append(f'<text x="{place}" y="22" text-anchor="middle">{inert(words)}</text>')
    parts.append(f'<text x="{_percent(1)}" y="38" text-anchor="end">单位：{inert(_cut(unit, 8))}</text>')
    return f'<svg role="img" aria-label="刻度">{"".join(parts)}</svg>'


# The years.


@dataclass(frozen=True)
class _Mark:
    """A value at a time.

    Attributes:
        look: `member` of the conflict, `other` of the ledger, `implied`, `band` that the others leave, `moved` elsewhere by a
            reading.
    """

    year: Fraction
    time: str
    interval: Interval
    words: str
    look: str
    is_target: bool = False


@dataclass(frozen=True)
class _Panel:
    """The years in one reading.

    Attributes:
        path: years and values that are worked out between two marks, both included.
        stack: year, height of the base, height of what is new on it.
        block: first and last year and height of a rectangle whose area is a sum.
    """

    title: str
    caption: str
    marks: tuple[_Mark, ...]
    path: tuple[tuple[int, float], ...] = ()
    stack: tuple[int, Fraction, Fraction] | None = None
    block: tuple[int, int, Fraction] | None = None

    @property
    def extent(self) -> Iterator[Interval]:
        yield from (mark.interval for mark in self.marks)
        if self.stack:
            yield Interval.point(self.stack[1] + self.stack[2])
        if self.block:
            yield Interval.point(self.block[2])

    @property
    def years(self) -> set[Fraction]:
        found = {mark.year for mark in self.marks} | {Fraction(year) for year, _ in self.path}
        found |= {Fraction(self.stack[0])} if self.stack else set()
        return found | {Fraction(year) for year in (self.block or ())[:2]}


def years_picture(story: Story) -> str:
    """The panels side by side: as printed, and under the first explanations that can be drawn; empty for a single time."""
    printed = _Panel("照原文", "", tuple(_marks(story, story.as_printed)))
    if len(printed.years) < 2 or not any(mark.look == "member" for mark in printed.marks):
        return ""
    panels = [printed]
    undrawn = []
    for place, each in enumerate(story.conflict.explanations[:DRAWN_EXPLANATIONS], start=1):
        version = story.reading(each)
        panel = _panel(story, version, each) if version else None
        if panel:
            title = f"读法 {place}：{reading_name(each, story.conflict)}"
            panels.append(replace(panel, title=title, caption=f"{each.arithmetic}{panel.caption}"))
        else:
            undrawn.append(f"读法 {place}（{reading_name(each, story.conflict)}）缺少画图要用的别的数，没有画。")
    from_zero = any(panel.stack or panel.block or panel.path for panel in panels)
    scale = _Scale.around([one for panel in panels for one in panel.extent], from_zero=from_zero)
    years = sorted(set().union(*(panel.years for panel in panels)))
    looks = {mark.look for panel in panels for mark in panel.marks}
    drawn = "".join(
        f"<figure><figcaption><b>{inert(panel.title)}</b></figcaption>{_draw(panel, scale, years, story.unit)}"
        f"<p class='small'>{inert(panel.caption)}</p></figure>"
        for panel in panels
    )
    kind = "（年末数）" if story.told.figure.quantity.kind == "level" else ""
    about = f"{story.told.figure.area}，{story.told.figure.indicator.label}{kind}"
    axis = "" if scale.begins_at_zero else "竖轴不从 0 起。"
    return (
        f"<h2>各年连起来看</h2><p>{inert(about)}。各图的竖轴相同。{axis}</p><div class='panels'>{drawn}</div>"
        f"<p class='legend'>{_legend(looks, panels)}</p>" + (f"<p class='small'>{inert(''.join(undrawn))}</p>" if undrawn else "")
    )


def _year_of(one: Quantity) -> Fraction | None:
    """Where a quantity stands among the years: a year's flow or level at its year; None for longer and shorter spans."""
    year, month = int(one.last[:4]), int(one.last[5:])
    if one.kind == "level":
        return year + Fraction(month - 12, 12)
    return Fraction(year) if one.kind == "span" and one.first == f"{year}-01" and month == 12 else None


def _is_in(one: Quantity, series: Quantity) -> bool:
    return (one.indicator_id, one.scope, one.area) == (series.indicator_id, series.scope, series.area)


def _marks(story: Story, version: _Version) -> Iterator[_Mark]:
    """The figures of the indicator that is told of, year by year, and what follows for years without one."""
    series = story.told.figure.quantity
    own = {figure_id for member in story.members for figure_id in member.figure_ids}
    known: set[Quantity] = set()
    for figure_id, figure in version.figures.items():
        one, year = figure.quantity, _year_of(figure.quantity)
        if _is_in(one, series) and year is not None:
            known.add(one)
            words = f"{_cut(figure.as_printed, 9)}{NATURES.get(one.nature, '')}"
            yield _Mark(year, when(one), figure.interval, words, "member" if figure_id in own else "other", one.nature == TARGET)
    for tie in version.ties:
        ids = [version.leader.get(figure.figure_id) for figure in (tie.coefficient, tie.subject)]
        year = _year_of(tie.base)
        if _is_in(tie.base, series) and year is not None and tie.base not in known and None not in ids:
            left = version.bounds(tie.base, ids)
            if left:
                known.add(tie.base)
                yield _Mark(year, when(tie.base), left, f"推算 {_range(left)}", "implied")
    year = _year_of(series)
    others = [member.figure.figure_id for member in story.members if member is not story.told]
    left = version.bounds(series, others, story.rules)
    if (
        left
        and year is not None
        and not any(figure.quantity == series and figure.interval == left for figure in version.figures.values())
    ):
        yield _Mark(year, when(series), left, _ought(left), "band", series.nature == TARGET)
    for member in story.members:
        figure, year = member.figure, _year_of(member.figure.quantity)
        moved = figure.figure_id in version.left_out or (
            figure.figure_id in version.now and _year_of(version.now[figure.figure_id].quantity) != year
        )
        moved = moved or (figure.figure_id in version.now and not _is_in(version.now[figure.figure_id].quantity, series))
        if moved and year is not None and _is_in(figure.quantity, series):
            yield _Mark(year, when(figure.quantity), figure.interval, _cut(figure.as_printed, 9), "moved")


def _panel(story: Story, version: _Version, each: Explanation) -> _Panel | None:
    """What an explanation makes of the years; None where that cannot be shown."""
    panel = _Panel("", "", tuple(_marks(story, version)))
    if each.hypothesis.rewrite not in ("cumulative", "increment"):
        return panel
    figure = next(member.figure for member in story.members if member.figure.figure_id == each.figure_id)
    if not _is_in(figure.quantity, story.told.figure.quantity):
        return None
    last, first = int(figure.quantity.last[:4]), plan_start(figure.quantity.last)
    value, base = middle(figure.interval), _at_year(panel, first - 1)
    if each.hypothesis.rewrite == "increment":
        if base is None:
            return None
        caption = f"图中{last}年是在{first - 1}年的 {_short(base)} 之上加 {_short(value)}。"
        # What is read otherwise is the upper part of the stack: no cross where it stood as a level.
        marks = tuple(mark for mark in panel.marks if mark.look != "moved")
        return replace(panel, marks=marks, stack=(last, base, value), caption=caption)
    if not each.path:
        average = value / (last - first + 1)
        return replace(panel, block=(first, last, average), caption=f"图中的虚线框是 {last - first + 1} 年平均。")
    return replace(panel, path=each.path, caption="图中的小圆圈是这样算出的各年的数。")


def _at_year(panel: _Panel, year: int) -> Fraction | None:
    """The value measured in a year, printed or worked out; None where there is none, or more than one."""
    found = [
        middle(mark.interval)
        for mark in panel.marks
        if mark.year == year and not mark.is_target and mark.look in ("member", "other", "implied")
    ]
    return found[0] if len(found) == 1 else None


# Panels, in pixels.

_WIDE, _HIGH = 320, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 26, 26
_LETTER = 11.0
_Box = tuple[float, float, float, float]


def _draw(panel: _Panel, scale: _Scale, years: Sequence[Fraction], unit: str) -> str:
    first, last = floor(years[0]), ceil(years[-1])
    step_wide = (_WIDE - _LEFT - _RIGHT) / (last - first + 1.4)

    def across(year: Fraction | float) -> float:
        return _LEFT + (float(year) - first + 0.7) * step_wide

    def down(value: Fraction | float) -> float:
        return _HIGH - _BOTTOM - min(1.0, max(0.0, scale.share(value))) * (_HIGH - _TOP - _BOTTOM)

    parts = [*_frame(scale, range(first, last + 1), across, down, step_wide, unit)]
    taken: list[_Box] = []
    if panel.block:
        start, end = across(panel.block[0] - 0.45), across(panel.block[1] + 0.45)
        top = down(panel.block[2])
        parts.append(_rect("band", start, top, end, _HIGH - _BOTTOM))
        taken.append((start, top - 2, end, top + 2))
    marks = sorted(panel.marks, key=lambda mark: mark.look != "band")
    for mark in marks:
        if mark.look == "band":
            parts += _band(mark, across(mark.year), down, taken)
    if panel.stack:
        parts += _stack(panel.stack, across, down, taken)
    parts += _lines(panel, across, down)
    for mark in marks:
        if mark.look != "band":
            parts += _spot(mark, across(mark.year), down, taken)
    for year, height in panel.path[1:-1]:
        parts.append(f'<circle class="hollow" cx="{across(year):.1f}" cy="{down(height):.1f}" r="3.5"/>')
        taken.append(_around(across(year), down(height), 4))
    told = [(across(mark.year), down(middle(mark.interval)), mark.words) for mark in marks]
    if panel.stack:
        year, base, new = panel.stack
        told.append((across(year), down(base + new), f"{_short(base)}＋{_short(new)}＝{_short(base + new)}"))
    if panel.block:
        told.append(((start + end) / 2, down(panel.block[2]), f"平均每年 {_short(panel.block[2])}"))
    for x, y, words in told:
        parts.append(_label(x, y, words, taken))
    aloud = f"{panel.title}：{'；'.join(f'{mark.time} {mark.words}' for mark in panel.marks)}"
    return f'<svg class="panel" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{inert(aloud)}">{"".join(parts)}</svg>'


def _frame(
    scale: _Scale,
    years: range,
    across: Callable[[float], float],
    down: Callable[[float], float],
    step_wide: float,
    unit: str,
) -> Iterator[str]:
    """Axes with their numbers."""
    ticks = scale.ticks(5)
    for tick, words in ticks.items():
        y = down(tick)
        words = words if _width(words, _LETTER) < _LEFT - 5 else _short(tick)
        yield f'<line class="grid" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{inert(words)}</text>'
    yield f'<line class="thin" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{_HIGH - _BOTTOM}" y2="{_HIGH - _BOTTOM}"/>'
    every = ceil(_width("2020 ", _LETTER) / step_wide)
    for year in years[::every]:
        yield f'<text x="{across(year):.1f}" y="{_HIGH - 9}" text-anchor="middle">{year}</text>'
    yield f'<text x="4" y="14">单位：{inert(_cut(unit, 8))}</text>'


def _around(x: float, y: float, half: float) -> _Box:
    return x - half, y - half, x + half, y + half


def _stack(
    stack: tuple[int, Fraction, Fraction], across: Callable[[float], float], down: Callable[[float], float], taken: list[_Box]
) -> Iterator[str]:
    """A base and what is new on it, one on the other."""
    year, base, new = stack
    x, floor_, middle_, top = across(year), down(0), down(base), down(base + new)
    for class_, upper, lower in (("base", middle_, floor_), ("new", top, middle_)):
        yield _rect(class_, x - 8, upper, x + 8, lower)
    taken.append((x - 9, top, x + 9, floor_))


def _band(mark: _Mark, x: float, down: Callable[[float], float], taken: list[_Box]) -> Iterator[str]:
    """Where a value ought to lie: a dashed frame, without an edge where it has no end."""
    top = _TOP if mark.interval.upper is None else down(mark.interval.upper)
    bottom = _HIGH - _BOTTOM if mark.interval.lower is None else down(mark.interval.lower)
    bottom = max(bottom, top + 4)
    yield _rect("band", x - 12, top, x + 12, bottom)
    if mark.interval.upper is None:
        yield f'<path class="solid" d="M{x - 4:.1f} {_TOP}L{x:.1f} {_TOP - 8}L{x + 4:.1f} {_TOP}Z"/>'
    taken.append((x - 13, top, x + 13, bottom))


def _lines(panel: _Panel, across: Callable[[float], float], down: Callable[[float], float]) -> Iterator[str]:
    """From each value to those of the next time; to a target dashed."""
    times: dict[Fraction, list[_Mark]] = {}
    for mark in sorted(panel.marks, key=lambda mark: mark.year):
        if mark.look in ("member", "other", "implied"):
            times.setdefault(mark.year, []).append(mark)
    grown = panel.path and (panel.path[0][0], panel.path[-1][0])
    for (one, before), (other, after) in pairwise(times.items()):
        if grown and one >= grown[0] and other <= grown[1]:
            continue
        for start, end in product(before, after):
            class_ = "goal" if end.is_target or start.is_target else "way"
            yield _line(class_, across(one), down(middle(start.interval)), across(other), down(middle(end.interval)))
    for (year, height), (next_year, next_height) in pairwise(panel.path):
        yield _line("way", across(year), down(height), across(next_year), down(next_height))


def _rect(class_: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<rect class="{class_}" x="{x1:.1f}" y="{y1:.1f}" width="{x2 - x1:.1f}" height="{y2 - y1:.1f}"/>'


def _line(class_: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{class_}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _spot(mark: _Mark, x: float, down: Callable[[float], float], taken: list[_Box]) -> Iterator[str]:
    """A value: a dot, square, circle or cross by its kind, with a bar where it is a wide range and an arrow where it is open."""
    interval, y = mark.interval, down(middle(mark.interval))
    high = _TOP if interval.upper is None else down(interval.upper)
    low = _HIGH - _BOTTOM if interval.lower is None else down(interval.lower)
    if low - high > 8:
        yield _line("range", x, low, x, high)
        taken.append((x - 3, high, x + 3, low))
    if interval.upper is None:
        yield f'<path class="solid" d="M{x - 4:.1f} {_TOP}L{x:.1f} {_TOP - 8}L{x + 4:.1f} {_TOP}Z"/>'
    taken.append(_around(x, y, 6))
    yield _shape(mark.look, x, y)


def _shape(look: str, x: float, y: float) -> str:
    if look == "moved":
        return f'<path class="cross" d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10"/>'
    if look == "other":
        return _rect("solid", x - 4, y - 4, x + 4, y + 4)
    class_ = "hollow" if look == "implied" else "solid"
    return f'<circle class="{class_}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>'


def _label(x: float, y: float, words: str, taken: list[_Box]) -> str:
    """The words of a mark where nothing else stands, as near as can be; nothing where the panel is full: it is read aloud too."""
    wide, high = _width(words, _LETTER), _LETTER + 4
    free = None
    for away in range(8, 130, 7):
        for dx, dy in ((0, -1), (1, 0), (-1, 0), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            left = x + dx * (away + wide / 2) - wide / 2
            top = y + dy * (away + high / 2) - high / 2
            left = min(max(left, _LEFT + 2), _WIDE - 4 - wide)
            box = (left, top, left + wide, top + high)
            if top >= 18 and top + high <= _HIGH - _BOTTOM - 1 and not any(_overlap(box, other) for other in taken):
                free = box
                break
        if free:
            break
    if free is None:
        return ""
    taken.append(free)
    left, top, right, bottom = free
    text = f'<text class="label" x="{left:.1f}" y="{bottom - 4:.1f}">{inert(words)}</text>'
    near_x, near_y = min(max(x, left), right), min(max(y, top), bottom)
    far = abs(near_x - x) + abs(near_y - y) > 16
    return (_line("leader", x, y, near_x, near_y) if far else "") + text


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _legend(looks: set[str], panels: Sequence[_Panel]) -> str:
    words = {
        "member": "本矛盾所含的数",
        "other": "台账里同一指标的其他数",
        "implied": "没有印出，由增长率或倍数推算的",
        "moved": "换了读法，不再算作这一年这个指标的数",
    }
    shown = [
        f'<span><svg width="14" height="14" aria-hidden="true">{_shape(look, 7, 7)}</svg> {text}</span>'
        for look, text in words.items()
        if look in looks
    ]
    boxes = [("band", "由其余各数推算，应在的范围")] if "band" in looks else []
    boxes += [("base", "原有的"), ("new", "新增的")] if any(panel.stack for panel in panels) else []
    for class_, text in boxes:
        shape = _rect(class_, 2, 1, 12, 13)
        shown.append(f'<span><svg width="14" height="14" aria-hidden="true">{shape}</svg> {text}</span>')
    if any(mark.interval.upper is None for panel in panels for mark in panel.marks):
        shown.append("<span>箭头：往上没有尽头</span>")
    return " ".join(shown)
