"""How conflicts read: who says what, why it cannot all hold, the arithmetic.

Belongs here: Chinese sentences from members, ties and rules. Does not belong here: finding anything out but what the arithmetic
line needs of the solver (network.bounds).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure
from pipelines.figures.network import Member, Network
from pipelines.figures.quantities import FORECAST, TARGET, when
from pipelines.figures.relations import Tie
from pipelines.figures.rules import Rule
from pipelines.figures.storage import amount

KIND_LABELS = {
    "same_quantity": "同一个数有两种说法",
    "growth": "与所写的增长对不上",
    "multiple": "与所写的倍数对不上",
    "goal_multiple": "目标数与倍增的说法对不上",
    "sum": "与合计对不上",
    "part": "部分大于整体",
    "rise": "与“提高”的说法相反",
    "same_rate": "同一变化有两种幅度",
    "rank_of": "位次不对",
    "within": "短时期的数大于长时期的数",
    "add_up": "各期相加超过合计",
    "per_head": "平均数不合常理",
    "stock": "期末数大于期初数加新增数",
    "not_negative": "数小于零",
    "target_ahead": "目标不如现状",
    "built": "部分目标大于整体目标",
    "stock_kept": "现状加新增与目标对不上",
    "no_fall": "推算下来突然下降",
}


def summary_of(members: Sequence[Member], rules: Sequence[Rule], ties: Sequence[Tie], network: Network) -> str:
    """The conflict in a few sentences: what is said where, why it cannot hold together, the arithmetic, what is our reading."""
    parts = [_compared(members) if not (rules or ties) else _together(members, rules, ties, network)]
    for member, tie in _taken_as_printed(members, ties):
        as_printed = f"{quoted(member.figure)}（{range_text(member.figure.level)} {member.figure.indicator.unit}）"
        parts.append(f"其中{tie.coefficient.as_printed}是按写出的数{as_printed}推算的；若是按别的数算的，则不矛盾。")
    unstated = [member for member in members if not member.is_stated]
    if unstated:
        names = "、".join(quoted(member.figure) for member in unstated)
        times = "、".join(dict.fromkeys(when(member.figure.quantity) for member in unstated))
        parts.append(f"其中{names}的时期原文没有印出，{times}是推断的读法；若时期另有所指，则不矛盾。")
    return "".join(parts)


def _taken_as_printed(members: Sequence[Member], ties: Sequence[Tie]) -> Iterator[tuple[Member, Tie]]:
    """Of 突破75 the printed 75, where a growth or a multiple is worked out from it; each member once."""
    for member in members:
        tie = next((each for each in ties if each.is_of_printed_number and each.subject.figure_id in member.figure_ids), None)
        if tie is not None:
            yield member, tie


def _compared(members: Sequence[Member]) -> str:
    """Of two intervals on one quantity that lie apart."""
    one, other = members
    smaller, larger = (one, other) if one.interval.lies_below(other.interval) else (other, one)
    figure = smaller.figure
    scope = f"，{figure.scope}" if figure.scope else ""
    said = "；".join(said_by(member) for member in (smaller, larger))
    low, high = smaller.interval.upper, larger.interval.lower
    nature = {FORECAST: "（预计）", TARGET: "（目标）"}.get(figure.quantity.nature, "")
    text = f"{figure.indicator.label}{nature}，{figure.area}{scope}，{when(figure.quantity)}：{said}。两个范围没有共同的值"
    apart = f"，至少相差 {plain(high)} − {plain(low)} = {plain(high - low)} {figure.indicator.unit}" if high > low else ""
    return f"{text}{apart}。"


def _together(members: Sequence[Member], rules: Sequence[Rule], ties: Sequence[Tie], network: Network) -> str:
    said = "；".join(f"{member.figure.indicator_label}，{said_by(member)}" for member in members)
    because = [tie_text(tie, network) for tie in ties] + [rule.text for rule in rules if rule.kind != "not_negative"]
    text = f"{said}。{len(members)} 处不能同时成立" if len(members) > 1 else f"{said}，不能成立"
    text += f"：{'；'.join(dict.fromkeys(because))}。" if because else "。"
    return text + arithmetic(members, rules, ties, network)


def tie_text(tie: Tie, network: Network) -> str:
    """What a growth or a multiple says of two quantities."""
    subject, base = network.catalogue.said(tie.subject.quantity), network.catalogue.said(tie.base)
    printed = tie.coefficient.as_printed
    if tie.is_growth:
        return f"{subject}比{base}增长{printed}"
    return f"{subject}{'至少' if tie.is_at_least else ''}是{base}的{_times(tie)}"


def _times(tie: Tie) -> str:
    printed = tie.coefficient.as_printed
    return printed if any(letter.isdigit() for letter in printed) else f"{plain(tie.coefficient.interval.lower)} 倍（{printed}）"


def arithmetic(members: Sequence[Member], rules: Sequence[Rule], ties: Sequence[Tie], network: Network) -> str:
    """What the others leave for one of the members, and what stands between: with all numbers."""
    target = told_last(members, ties)
    spoken = next((tie.taken for member, tie in _taken_as_printed([target], ties)), target.figure.quantity)
    others = [member.figure.figure_id for member in members if member is not target]
    rule_ids = [rule.rule_id for rule in rules]
    unit = target.figure.indicator.unit
    steps = []
    known = {member.figure.quantity for member in members}
    between = {one for rule in rules for one in rule.quantities} | {tie.base for tie in ties}
    for one in sorted(between - known):
        left = network.bounds(one, others, rule_ids)
        if left.lower is not None and left.upper is not None and left.lower > 0:
            steps.append(f"{network.catalogue.said(one)}在 {plain(left.lower)} 与 {plain(left.upper)} 之间")
    left = network.bounds(spoken, others, rule_ids)
    steps.append(f"{network.catalogue.said(target.figure.quantity)}应{range_text(left)} {unit}")
    return f"由其余各数推算，{'，'.join(steps)}，而原文写{quoted(target.figure)}。"


def told_last(members: Sequence[Member], ties: Sequence[Tie]) -> Member:
    """The member that the others are held against: no coefficient if there is another, nor what a coefficient was worked out
    from; a target, or what rests on our reading."""
    coefficients = {tie.coefficient.figure_id for tie in ties}
    amounts = [member for member in members if not coefficients & set(member.figure_ids)] or list(members)
    taken = {member.figure.figure_id for member, _ in _taken_as_printed(members, ties)}
    amounts = [member for member in amounts if member.figure.figure_id not in taken] or amounts
    return min(amounts, key=lambda member: (member.figure.nature != "target", member.is_stated, member.figure.figure_id))


def said_by(member: Member) -> str:
    """Where a member stands, what is printed, and what that means."""
    figure = member.figure
    repeated = f"（另有 {len(member.repeats)} 处相同）" if member.repeats else ""
    where = f"《{figure.document.title}》{figure.locator}"
    return f"{where}写{quoted(figure)}{repeated}，即{meaning(member)}"


def meaning(member: Member) -> str:
    """What a member's print is taken to mean; a target is a decision, so 100个以上 aims at 100 and is no measured 100."""
    interval, unit = member.interval, member.figure.indicator.unit
    if member.figure.quantity.nature == TARGET and interval.is_point:
        return f"目标定在 {plain(interval.lower)} {unit}"
    return f"{range_text(interval)} {unit}"


def quoted(figure: Figure) -> str:
    """What is printed, in quotation marks; marks within become single ones."""
    return f"“{figure.as_printed.replace('“', '‘').replace('”', '’')}”"


def range_text(interval: Interval) -> str:
    """An interval in words: 恰为 264; 不小于 12.5、小于 13.5."""
    if interval.is_point:
        return f"恰为 {plain(interval.lower)}"
    parts = []
    if interval.lower is not None:
        parts.append(f"{'不小于' if interval.lower_closed else '大于'} {plain(interval.lower)}")
    if interval.upper is not None:
        parts.append(f"{'不大于' if interval.upper_closed else '小于'} {plain(interval.upper)}")
    return "、".join(parts) or "可为任何数"


def plain(value: Fraction) -> str:
    """A number with as many digits as it needs, four behind the point at most where it has no end."""
    text = f"{amount(value):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if len(text.partition(".")[2]) <= 4 else f"{float(value):.4f}".rstrip("0").rstrip(".")
