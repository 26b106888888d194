"""The conflicts as pages to read and print: an index, and one page a contradiction with pictures, offline and without scripts.

Belongs here: the pages' words, tables and drawings. Does not belong here: finding, explaining or ruling (conflicts, hypotheses,
rulings), or the sentences that the terminal shows too (telling).

Two kinds of drawing. The number line is a strip per figure in which places are percentages, so that it fills any width with
letters of one size; what a strip is about stands beside it in HTML, which wraps. The years are small panels of a fixed width.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from html import escape
from itertools import pairwise, product
from math import ceil, floor, log10
from pathlib import Path

from pipelines.console import PRACTICE_BANNER
from pipelines.figures.conflicts import STATE_LABELS, Conflict, Reconciliation
from pipelines.figures.hypotheses import READINGS, Explanation
from pipelines.figures.implied import Catalogue
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure
from pipelines.figures.network import Member, Network, middle
from pipelines.figures.quantities import FORECAST, MEASURED, TARGET, Quantity, plan_start, when
from pipelines.figures.relations import Tie, constraints_of
from pipelines.figures.rulings import RULING_COLUMNS, conflict_id_of
from pipelines.figures.solver import Linear, Statement, Undecided, bounds_of
from pipelines.figures.telling import arithmetic, plain, quoted, range_text, told_last
from pipelines.files import write_whole
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor

INDEX = "index.html"
DRAWN_EXPLANATIONS = 2
_PAGE = re.compile(r"[0-9a-f]{16}\.html")
_SEVERITIES = {"error": "错误", "warning": "警告", "info": "提示"}
_SEVERITY_MEANS = {
    "error": "按原文怎么读都不能同时成立",
    "warning": "取决于原文没有印出的默认读法，或可能而不像",
    "info": "提请注意",
}
_NATURES = {MEASURED: "", FORECAST: "（预计）", TARGET: "（目标）"}
_DIFFERS = {"definition": "口径不同", "scope": "范围不同", "nature": "实际、预计与目标之别", "window": "时期不同"}
_DIFFERS |= {"stock_flow": "时点数与时期数之别"}
_UNPRINTED = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F], "\ufffd")


def write_pages(found: Reconciliation, folder: Path, *, is_practice: bool = False) -> Path:
    """Write the index and a page a contradiction into `folder`, remove the pages of conflicts that are gone; the index's path.

    Raises:
        OSError: what the disk answered; each page is then whole, as it was or as it is now.
    """
    figures = _figures_of(found.network)
    pages = {f"{conflict.conflict_id}.html": _conflict_page(conflict, found, is_practice) for conflict in found.contradictions}
    for name, page in pages.items():
        write_whole(folder / name, page)
    write_whole(folder / INDEX, _index_page(found, figures, is_practice))
    for path in folder.iterdir():
        if _PAGE.fullmatch(path.name) and path.name not in pages and path.is_file():
            path.unlink()
    return folder / INDEX


def _figures_of(network: Network | None) -> dict[str, Figure]:
    members = network.members.values() if network else ()
    return {figure.figure_id: figure for member in members for figure in (member.figure, *member.repeats)}


# Pages.


def _index_page(found: Reconciliation, figures: Mapping[str, Figure], is_practice: bool) -> str:
    def place(conflict: Conflict) -> tuple[object, ...]:
        states, severities = ("reopened", "open", "ruled"), tuple(_SEVERITIES)
        return severities.index(conflict.severity), states.index(conflict.state), conflict.indicator_id, conflict.conflict_id

    contradictions = sorted(found.contradictions, key=place)
    remarks = sorted((one for one in found.conflicts if one.category != "contradiction"), key=place)
    parts = [
        "<h1>公布数的矛盾</h1>",
        f"<p class='lead'>不能同时成立的 {len(contradictions)} 组，写法不妥的 {len(remarks)} 处，"
        f"看似矛盾而不是矛盾的 {len(found.not_comparable)} 对。每组矛盾点开有图和可能的解释。</p>",
        "<h2>矛盾</h2>",
        "<ol class='list'>" if contradictions else "<p>没有找到矛盾。</p>",
        *(_index_entry(conflict, found.network) for conflict in contradictions),
        "</ol>" if contradictions else "",
        _severity_words({conflict.severity for conflict in contradictions}),
        "<h2>写法不妥</h2><p>以下不是矛盾，但照现在的写法容易读错，宜更正或说明。</p>",
        "<ol class='list'>" if remarks else "<p>没有。</p>",
        *(
            f"<li>{_badge(_SEVERITIES[remark.severity])} <b>{_text(remark.kind_label)}</b>"
            f"<p>{_text(remark.summary)}</p>{_places(remark.members)}</li>"
            for remark in remarks
        ),
        "</ol>" if remarks else "",
        "<h2>看似矛盾而不是矛盾的</h2><p>下面每一对数不一样，但说的不是同一件事，不必再作为矛盾提出。</p>",
    ]
    rows = []
    for pair in found.not_comparable:
        one = figures.get(pair.figure_id)
        about = one.indicator.label if one else pair.indicator_id
        ids = f"{pair.figure_id}、{pair.other_figure_id}"
        rows.append((_text(about), _text(_DIFFERS.get(pair.differs_in, pair.differs_in)), _text(pair.reason), _text(ids)))
    parts.append(_table(("指标", "差在何处", "为何不能相比", "公布数编号"), rows) if rows else "<p>没有。</p>")
    return _page("公布数的矛盾", "".join(parts), is_practice)


def _index_entry(conflict: Conflict, network: Network | None) -> str:
    return (
        f"<li>{_badge(_SEVERITIES[conflict.severity])} {_badge(STATE_LABELS[conflict.state])} "
        f'<a href="{conflict.conflict_id}.html">{_text(_title(conflict, network))}</a>'
        f"<p>{_text(_cannot(conflict, network))}</p><p>{_text(_likeliest(conflict))}</p></li>"
    )


def _severity_words(used: Iterable[str]) -> str:
    words = "；".join(f"{_SEVERITIES[one]}：{_SEVERITY_MEANS[one]}" for one in _SEVERITIES if one in used)
    return f"<p class='small'>{words}。</p>" if words else ""


def _conflict_page(conflict: Conflict, found: Reconciliation, is_practice: bool) -> str:
    story = _Story(conflict, found.network) if found.network else None
    title = _title(conflict, found.network)
    known = {one.conflict_id for one in found.contradictions}
    parts = [
        f'<p><a href="{INDEX}">← 全部矛盾</a></p>',
        f"<h1>{_text(title)}</h1>",
        f"<p>{_badge(_SEVERITIES[conflict.severity])} {_badge(STATE_LABELS[conflict.state])} "
        f"<span class='small'>{_SEVERITY_MEANS[conflict.severity]}</span></p>",
        f"<p class='answer'>{_text(_cannot(conflict, found.network))}{_text(_likeliest(conflict))}</p>",
        "<h2>谁说了什么</h2>",
        _who_says_what(conflict),
        f"<details open><summary>为什么不能同时成立</summary><p>{_text(conflict.summary)}</p></details>",
        _number_line(story) if story else "",
        _years(story) if story else "",
        "<h2>可能的解释</h2>",
        _explanations(conflict, found, known),
        "<h2>裁定</h2>",
        _ruling(conflict),
    ]
    return _page(title, "".join(parts), is_practice)


def _page(title: str, body: str, is_practice: bool) -> str:
    banner = f"<p class='banner' role='note'>{_text(PRACTICE_BANNER)}</p>" if is_practice else ""
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        # The pages need nothing from anywhere, and a document's text that slips through must not get anything either.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body><main>{banner}{body}"
        "<footer>来源：raw/figures 的 documents.csv（文件）、figures.csv（公布数）、relations.csv（原文写明的关系），裁定在 "
        "raw/rulings/rulings.csv。各种读法、它们平常有多常见和得分的算法，写在 expectations/hypotheses.yml。"
        "得分只排先后，不是证明；以查到的原始资料为准。本页由程序写成，每次重写，不要在上面改。</footer></main></body></html>\n"
    )


# Words.


def _text(words: object) -> str:
    """Text of whatever origin as HTML shows it: nothing in it is markup, hides, or turns the order of the letters round."""
    shown = str(words).translate(_UNPRINTED)
    return escape("".join("\ufffd" if _is_control(letter) else letter for letter in shown))


def _is_control(letter: str) -> bool:
    return letter not in "\n\t" and (unicodedata.category(letter) in ("Cc", "Cs") or letter in "\ufffe\uffff")


def _badge(words: str) -> str:
    return f"<span class='badge'>{_text(words)}</span>"


def _title(conflict: Conflict, network: Network | None) -> str:
    known = network.catalogue.indicators.get(conflict.indicator_id) if network else None
    own = [member.figure.indicator.label for member in conflict.members if member.figure.indicator_id == conflict.indicator_id]
    return f"{known.label if known else (own or [conflict.indicator_id])[0]}：{conflict.kind_label}"


def _cannot(conflict: Conflict, network: Network | None) -> str:
    """What cannot all be true, in one sentence."""
    said = "、".join(f"{_spoken_of(member)}{quoted(member.figure)}" for member in conflict.members)
    if len({member.figure.quantity for member in conflict.members}) == 1 and len(conflict.members) > 1:
        one = conflict.members[0].figure
        scope = f"（{one.scope}）" if one.scope else ""
        said = "与".join(quoted(member.figure) for member in conflict.members)
        return f"{said}说的都是{one.area}{when(one.quantity)}的{one.indicator.label}{scope}{_nature(one)}，不能都对。"
    text = f"{said}，{len(conflict.members)} 处不能都对" if len(conflict.members) > 1 else f"{said}不能成立"
    if network is None:
        return f"{text}。"
    ties, rules = _ties_of(conflict, network), _rules_of(conflict, network)
    return f"{text}：{arithmetic(conflict.members, rules, ties, network)}"


def _spoken_of(member: Member) -> str:
    figure = member.figure
    return f"{when(figure.quantity)}的{figure.indicator.label}{_nature(figure)}"


def _nature(figure: Figure) -> str:
    return "" if "（" in figure.indicator_label else _NATURES.get(figure.quantity.nature, "")


def _likeliest(conflict: Conflict) -> str:
    if conflict.ruling is not None and conflict.state == "ruled":
        return f"已裁定：{conflict.ruling.reason}"
    if not conflict.explanations:
        return "没有一种换读法能消除这个矛盾，须查原始资料。"
    best = conflict.explanations[0]
    return f"最可能的解释：{_reading_name(best, conflict)}。{best.arithmetic}"


def _reading_name(each: Explanation, conflict: Conflict) -> str:
    """The hypothesis with the figure it is about: “27.9 亿元”：是规划期累计数，不是当年数."""
    whose = [member.figure for member in conflict.members if member.figure.figure_id == each.figure_id]
    return f"{quoted(whose[0])}：{each.hypothesis.title}" if whose else each.hypothesis.title


def _ties_of(conflict: Conflict, network: Network) -> list[Tie]:
    members = {figure_id for member in conflict.members for figure_id in member.figure_ids}
    return [tie for tie in network.ties if tie.rule_id in conflict.relations and tie.coefficient.figure_id in members]


def _rules_of(conflict: Conflict, network: Network) -> list:
    return [network.rule_by_id[one] for one in conflict.relations if one in network.rule_by_id]


# Tables.


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already; on a narrow screen each cell says which column it is of."""
    head = "".join(f"<th scope='col'>{one}</th>" for one in heads)
    lines = []
    for row in rows:
        cells = (f'<td data-label="{name}"><div>{cell}</div></td>' for name, cell in zip(heads, row, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    body = "".join(lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _who_says_what(conflict: Conflict) -> str:
    rows = []
    for member in conflict.members:
        figure = member.figure
        scope = f"，{figure.scope}" if figure.scope else ""
        about = f"{figure.area}{scope}，{when(figure.quantity)}的{figure.indicator_label}{_nature(figure)}"
        unstated = "" if member.is_stated else "<br><small>时期原文没有印出，是推断的读法</small>"
        again = "".join(f"<br><small>又见{_text(_where(other, figure))}</small>" for other in member.repeats)
        where = f"{_text(figure.locator)}{again}"
        means = f"{range_text(member.interval)} {figure.indicator.unit}"
        if figure.quantity.nature == TARGET and member.interval.is_point:
            means = f"目标定在 {plain(member.interval.lower)} {figure.indicator.unit}"
        title = f"{_text(figure.document.title)}<br><small>{_text(figure.figure_id)}</small>"
        rows.append((title, where, f"<b>{_text(quoted(figure))}</b>", f"{_text(about)}{unstated}", _text(means)))
    return _table(("文件", "位置", "原文", "说的是什么", "意思是，这个数"), rows)


def _where(figure: Figure, beside: Figure) -> str:
    same = figure.document_id == beside.document_id
    return figure.locator if same else f"《{figure.document.title}》{figure.locator}"


def _places(members: Sequence[Member]) -> str:
    if not members:
        return ""
    places = "；".join(f"{one.figure.figure_id} 《{one.figure.document.title}》{one.figure.locator}" for one in members)
    return f"<p class='small'>{_text(places)}</p>"


def _explanations(conflict: Conflict, found: Reconciliation, known: set[str]) -> str:
    if not conflict.explanations:
        return "<p>试过的读法都不能消除这个矛盾，只能查原始资料。</p>"
    figures = _figures_of(found.network)
    rows = []
    for place, each in enumerate(conflict.explanations, start=1):
        rows.append(
            (
                f"{place}. {_text(_reading_name(each, conflict))}",
                _text(each.arithmetic),
                _effects(each, figures, known, found),
                "算不出" if each.residual is None else f"{float(each.residual) * 100:.1f}%",
                f"{each.score:.2f}",
                _text(each.hypothesis.evidence),
            )
        )
    heads = ("读法", "依据的算式", "还会消除、产生什么", "残差", "得分", "查什么可以定下来")
    told = (
        "<p class='small'>每种读法都换上再算过一遍：矛盾确实消失的才列出，得分高的在前。"
        "残差是按这种读法算出的数与原文相差多少。</p>"
    )
    return _table(heads, rows) + told


def _effects(each: Explanation, figures: Mapping[str, Figure], known: set[str], found: Reconciliation) -> str:
    lines = []
    for members in each.dissolves:
        other = conflict_id_of(members)
        about = next((_title(one, found.network) for one in found.contradictions if one.conflict_id == other), "另一组矛盾")
        words = f"{about}（{_named(members, figures)}）"
        lines.append(f'还消除：<a href="{other}.html">{_text(words)}</a>' if other in known else f"还消除：{_text(words)}")
    lines += [f"又产生新的矛盾：{_text(_named(members, figures))}" for members in each.creates]
    if each.supports:
        lines.append(f"旁证：{_text(_named(each.supports, figures))}")
    return "<br>".join(lines) or "没有别的影响"


def _named(figure_ids: Iterable[str], figures: Mapping[str, Figure]) -> str:
    return "与".join(f"{one} {quoted(figures[one])}" if one in figures else one for one in figure_ids)


def _ruling(conflict: Conflict) -> str:
    if conflict.ruling is None:
        return _how_to_rule(conflict, "还没有裁定。")
    ruling = conflict.ruling
    words = {"figure": f"以 {ruling.figure_id} 为准", "no_action": "不作处理"}
    titles = {each.hypothesis.id: each.hypothesis.title for each in conflict.explanations}
    words["hypothesis"] = f"{ruling.figure_id} 另有所指：{titles.get(ruling.hypothesis, ruling.hypothesis)}"
    rows = [("裁定", words.get(ruling.decision, ruling.decision)), ("理由", ruling.reason), ("裁定人", ruling.by)]
    rows += [("日期", ruling.on or "没有写")]
    told = _table(("项目", "内容"), [(_text(name), _text(value)) for name, value in rows])
    if conflict.state == "reopened":
        changed = f"<p><b>所据的数已经变了，这条裁定不再作数，须重新裁定。</b>{_text(conflict.state_reason or '')}</p>"
        return told + changed + _how_to_rule(conflict, "重新裁定：")
    return told


def _how_to_rule(conflict: Conflict, lead: str) -> str:
    best = next((each for each in conflict.explanations if each.figure_id), None)
    row = dict.fromkeys(RULING_COLUMNS, "") | {"conflict_id": conflict.conflict_id, "guard": conflict.guard}
    row |= {"reason": "（理由）", "by": "（裁定人）", "on": "（日期，如 2024-01-31）", "decision": "no_action"}
    if best:
        row |= {"decision": "hypothesis", "figure_id": best.figure_id, "hypothesis": best.hypothesis.id}
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerows([RULING_COLUMNS, [row[name] for name in RULING_COLUMNS]])
    ids = "、".join(member.figure.figure_id for member in conflict.members)
    named = [f"{each.hypothesis.id} {each.hypothesis.title}" for each in conflict.explanations if each.figure_id]
    codes = "；".join(dict.fromkeys(named))
    return (
        f"<p>{_text(lead)}查明以后，在 raw/rulings/rulings.csv 添一行，再装载一次。下面第一行是表头，已有的不用再抄；"
        f"conflict_id 和 guard 照抄，别的改成查明的。</p><pre>{_text(line.getvalue())}</pre>"
        "<p>decision 填下列之一：</p><ul>"
        f"<li><b>figure</b>：以一个数为准，figure_id 填它的编号（{_text(ids)} 之一），hypothesis 空着；</li>"
        "<li><b>hypothesis</b>：一个数另有所指，figure_id 填那个数，hypothesis 填读法的代码"
        f"{f'（{_text(codes)}）' if codes else ''}；</li>"
        "<li><b>no_action</b>：不作处理，figure_id 和 hypothesis 空着。</li></ul>"
        "<p>以后这些数改了写法，裁定自动作废，须重新裁定。</p>"
    )


# What the pictures show.


class _Story:
    """A conflict with the ledger around it, and what follows where one figure is read otherwise."""

    def __init__(self, conflict: Conflict, network: Network) -> None:
        self.conflict, self.network = conflict, network
        self.ties, self.rules = _ties_of(conflict, network), _rules_of(conflict, network)
        self.told = told_last(conflict.members, self.ties)
        self.unit = self.told.figure.indicator.unit

    @property
    def members(self) -> tuple[Member, ...]:
        return self.conflict.members

    @cached_property
    def figures(self) -> list[Figure]:
        return list(_figures_of(self.network).values())

    @property
    def catalogue(self) -> Catalogue:
        return self.network.catalogue

    def left_for(self, member: Member) -> Interval:
        """What the other members leave for one; the readings of hypotheses ask for it."""
        others = [other.figure.figure_id for other in self.members if other is not member]
        return self.network.bounds(member.figure.quantity, others, [rule.rule_id for rule in self.rules])

    @cached_property
    def as_printed(self) -> _Version:
        return _Version(self.network, {})

    def factor(self, figure: Figure) -> Fraction | None:
        """What its values are multiplied by to stand beside those of the figure told last; None where they cannot."""
        try:
            return conversion_factor(figure.indicator.unit, self.unit)
        except (UnknownUnit, Inconvertible):
            return Fraction(1) if figure.indicator.unit == self.unit else None

    def reading(self, each: Explanation) -> _Version | None:
        """The ledger as an explanation reads it; None where it cannot be told which figures it changes."""
        if each.figure_id is None:
            return _Version(self.network, {}, without=each.hypothesis.without)
        member = next((one for one in self.members if one.figure.figure_id == each.figure_id), None)
        if member is None or each.hypothesis.rewrite not in READINGS:
            return None
        readings = list(READINGS[each.hypothesis.rewrite](member, self))
        fitting = [one for one in readings if one.arithmetic == each.arithmetic] or (readings if len(readings) == 1 else [])
        return _Version(self.network, fitting[0].figures, fitting[0].left_out) if fitting else None


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


def _number_line(story: _Story) -> str:
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
    left = story.as_printed.bounds(story.told.figure.quantity, others, story.rules)
    scale = _Scale.around([*(interval for _, interval in drawn), *([left] if left else [])])
    if scale is None:
        return ""
    rows = []
    for member, interval in drawn:
        band = left if member is story.told else None
        words = f"{_text(_spoken_of(member))}<br>{_text(_source(member.figure))}"
        words = f"<b>{_text(quoted(member.figure))}</b><small>{words}</small>"
        rows.append(_row(words, _strip(scale, interval, band, f"{quoted(member.figure)}：{range_text(interval)} {story.unit}")))
    if left:
        words = f"{_text(_spoken_of(story.told))}<br>应{_text(range_text(left))} {_text(story.unit)}"
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
    caption = f"<figcaption>{_text(''.join(notes))}</figcaption>"
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
    parts.append(f'<text x="{centre:.2f}%" y="22" text-anchor="{anchor}">{_text(words)}</text>')
    return f'<svg role="img" aria-label="{_text(told)}">{"".join(parts)}</svg>'


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
        parts.append(f'<text x="{place}" y="22" text-anchor="middle">{_text(words)}</text>')
    parts.append(f'<text x="{_percent(1)}" y="38" text-anchor="end">单位：{_text(_cut(unit, 8))}</text>')
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


def _years(story: _Story) -> str:
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
            title = f"读法 {place}：{_reading_name(each, story.conflict)}"
            panels.append(replace(panel, title=title, caption=f"{each.arithmetic}{panel.caption}"))
        else:
            undrawn.append(f"读法 {place}（{_reading_name(each, story.conflict)}）缺少画图要用的别的数，没有画。")
    from_zero = any(panel.stack or panel.block or panel.path for panel in panels)
    scale = _Scale.around([one for panel in panels for one in panel.extent], from_zero=from_zero)
    years = sorted(set().union(*(panel.years for panel in panels)))
    looks = {mark.look for panel in panels for mark in panel.marks}
    drawn = "".join(
        f"<figure><figcaption><b>{_text(panel.title)}</b></figcaption>{_draw(panel, scale, years, story.unit)}"
        f"<p class='small'>{_text(panel.caption)}</p></figure>"
        for panel in panels
    )
    kind = "（年末数）" if story.told.figure.quantity.kind == "level" else ""
    about = f"{story.told.figure.area}，{story.told.figure.indicator.label}{kind}"
    axis = "" if scale.begins_at_zero else "竖轴不从 0 起。"
    return (
        f"<h2>各年连起来看</h2><p>{_text(about)}。各图的竖轴相同。{axis}</p><div class='panels'>{drawn}</div>"
        f"<p class='legend'>{_legend(looks, panels)}</p>" + (f"<p class='small'>{_text(''.join(undrawn))}</p>" if undrawn else "")
    )


def _year_of(one: Quantity) -> Fraction | None:
    """Where a quantity stands among the years: a year's flow or level at its year; None for longer and shorter spans."""
    year, month = int(one.last[:4]), int(one.last[5:])
    if one.kind == "level":
        return year + Fraction(month - 12, 12)
    return Fraction(year) if one.kind == "span" and one.first == f"{year}-01" and month == 12 else None


def _is_in(one: Quantity, series: Quantity) -> bool:
    return (one.indicator_id, one.scope, one.area) == (series.indicator_id, series.scope, series.area)


def _marks(story: _Story, version: _Version) -> Iterator[_Mark]:
    """The figures of the indicator that is told of, year by year, and what follows for years without one."""
    series = story.told.figure.quantity
    own = {figure_id for member in story.members for figure_id in member.figure_ids}
    known: set[Quantity] = set()
    for figure_id, figure in version.figures.items():
        one, year = figure.quantity, _year_of(figure.quantity)
        if _is_in(one, series) and year is not None:
            known.add(one)
            words = f"{_cut(figure.as_printed, 9)}{_NATURES.get(one.nature, '')}"
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


def _panel(story: _Story, version: _Version, each: Explanation) -> _Panel | None:
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
    annual = _at_year(panel, last)
    if base is None or annual is None or base <= 0 or annual <= 0:
        average = value / (last - first + 1)
        return replace(panel, block=(first, last, average), caption=f"图中的虚线框是 {last - first + 1} 年平均。")
    years = last - first + 1
    rate = (float(annual) / float(base)) ** (1 / years)
    path = tuple((first - 1 + step, float(base) * rate**step) for step in range(years + 1))
    total = sum(height for _, height in path[1:])
    caption = "图中的小圆圈是这样算出的各年的数。"
    if "相加" not in each.arithmetic:
        caption = (
            f"图中的小圆圈是从{first - 1}年的 {_short(base)} 按同样的倍数逐年升到{last}年的 {_short(annual)}，"
            f"{first}—{last}年相加约 {_short(total)} {story.unit}。"
        )
    return replace(panel, path=path, caption=caption)


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
    return f'<svg class="panel" viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-label="{_text(aloud)}">{"".join(parts)}</svg>'


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
        yield f'<text x="{_LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{_text(words)}</text>'
    yield f'<line class="thin" x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{_HIGH - _BOTTOM}" y2="{_HIGH - _BOTTOM}"/>'
    every = ceil(_width("2020 ", _LETTER) / step_wide)
    for year in years[::every]:
        yield f'<text x="{across(year):.1f}" y="{_HIGH - 9}" text-anchor="middle">{year}</text>'
    yield f'<text x="4" y="14">单位：{_text(_cut(unit, 8))}</text>'


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
    text = f'<text class="label" x="{left:.1f}" y="{bottom - 4:.1f}">{_text(words)}</text>'
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


_STYLE = """
*{box-sizing:border-box}
body{margin:0;background:#fff;color:#111;font:16px/1.65 sans-serif;
 font-family:"Noto Sans CJK SC","Source Han Sans SC","Microsoft YaHei","PingFang SC",SimSun,sans-serif}
main{max-width:1060px;margin:0 auto;padding:16px 20px 40px;overflow-wrap:anywhere}
h1{font-size:24px;line-height:1.35;margin:12px 0}
h2{font-size:19px;margin:30px 0 8px;border-bottom:1px solid #111;padding-bottom:3px}
p{margin:8px 0} a{color:#003a8c} small,.small,figcaption{font-size:14px} small{display:inline-block;color:#333}
.banner{border:3px double #111;padding:8px 12px;font-weight:700}
.badge{border:1px solid #111;border-radius:3px;padding:0 6px;font-size:14px;white-space:nowrap}
.answer{border-left:5px solid #111;padding:6px 14px;font-size:18px}
.list>li{margin:0 0 16px} .list a{font-weight:700}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{border:1px solid #666;padding:6px 8px;text-align:left;vertical-align:top} th{background:#eee}
td{min-width:4.5em} td b{display:inline-block;min-width:6em}
pre{white-space:pre-wrap;border:1px solid #666;padding:8px;font-size:14px;line-height:1.5}
summary{font-weight:700;cursor:pointer}
figure{margin:10px 0}
.row{display:grid;grid-template-columns:minmax(220px,38%) 1fr;border-top:1px solid #ccc}
.row .words{padding:6px 10px 6px 0} .row .words small{display:block}
.row .strip{position:relative;min-height:62px;border-left:1px solid #ccc}
.strip>svg{display:block;width:100%;height:60px;overflow:hidden}
.axis .strip{min-height:44px} .axis .strip>svg{height:44px} .axis{border-bottom:1px solid #ccc}
svg text{font-size:12px;fill:#111} .panel text{font-size:11px}
.panel .label{paint-order:stroke;stroke:#fff;stroke-width:3px}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:8px 20px;align-items:start}
.panels figure{max-width:400px;display:grid;grid-template-rows:subgrid;grid-row:span 3;gap:4px}
.panel{display:block;width:100%;height:auto}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:14px} .legend svg{vertical-align:-2px}
.solid{fill:#111;stroke:#111} .hollow{fill:#fff;stroke:#111;stroke-width:1.5} .cross{fill:none;stroke:#111;stroke-width:2}
.bar{stroke:#111;stroke-width:9} .end{stroke:#111;stroke-width:3} .range{stroke:#111;stroke-width:3}
.band{fill:#e4e4e4;stroke:#111;stroke-dasharray:4 3} .base{fill:#fff;stroke:#111} .new{fill:#999;stroke:#111}
.thin{stroke:#111} .grid{stroke:#ddd} .way{stroke:#555;stroke-width:1.3} .goal{stroke:#555;stroke-dasharray:2 4}
.leader{stroke:#888;stroke-width:.8}
footer{margin-top:36px;border-top:1px solid #111;padding-top:8px;font-size:14px}
@media (max-width:640px){
 main{padding:10px 12px 30px} h1{font-size:21px} .answer{font-size:17px}
 .row{grid-template-columns:1fr} .row .strip{border-left:0}
 .panels figure{max-width:none}
 thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
 table,tbody,tr,td{display:block;width:100%} tr{border:1px solid #666;margin:0 0 10px} td{border:0;border-bottom:1px solid #ddd}
 td>div{display:inline} td b{min-width:0}
 td::before{content:attr(data-label) "：";font-size:14px;font-weight:700}
}
@media print{
 body{font-size:11pt} main{max-width:none;padding:0} a{color:#111} tr,.panels figure,.row,li{break-inside:avoid}
 h2{break-after:avoid}
}
"""
