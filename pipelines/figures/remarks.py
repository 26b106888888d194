"""What is not a contradiction and yet ought not to stand as it is printed: found on the ledger by rules of its own.

Belongs here: comparing unlike times, false precision, targets that are met already or by one definition only, dates that are
none. Does not belong here: what cannot hold together (conflicts).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import permutations

from pipelines.figures.implied import Catalogue
from pipelines.figures.intervals import has_digits
from pipelines.figures.ledger import Document, Figure
from pipelines.figures.network import Network, middle
from pipelines.figures.quantities import MEASURED, TARGET, Quantity, plan_start, when
from pipelines.figures.relations import Relation
from pipelines.figures.telling import plain, quoted
from pipelines.findings import Severity

FINER_THAN_ALLOWED = 50  # times finer than the numbers it is made of allow
REPEATED_DIGITS = 3
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_NUMBER = re.compile(r"\d[\d.,]*")
_DOUBLED = re.compile(r"([次家个项件份场期人名位笔元年月])\1")
_BESIDE = re.compile(r"（[^）]*）|\([^)]*\)|\d{4}年")

REMARK_LABELS = {
    "part_year_compared": "不满一年的数与全年比",
    "too_precise": "位数比所依据的数还细",
    "target_met": "目标提前达到",
    "target_by_definition": "换一种口径就达到目标",
    "relative_growth_of_ratio": "比率说成了增长百分之几",
    "one_year_against_mean": "基期是一年的数，目标是各年平均",
    "target_twice": "同一目标说法不一",
    "steps_added": "同一手续的前后两步相加",
    "impossible_date": "日期不存在或前后矛盾",
    "misprint": "疑似印错",
    "repeated_digits": "两个数末几位相同",
    "name_variant": "同一指标名称不一",
}


@dataclass(frozen=True)
class Remark:
    """Something to be put right in how figures are printed.

    Attributes:
        figures: those it is about; empty where it is about a document alone.
        relations: ids of the relations it is about.
    """

    kind: str
    severity: Severity
    figures: tuple[Figure, ...]
    relations: tuple[str, ...]
    text: str
    document: Document | None = None


def find_remarks(
    figures: Sequence[Figure], documents: Sequence[Document], relations: Sequence[Relation], network: Network
) -> list[Remark]:
    """All remarks, each once, in an order that does not depend on the ledger's."""
    found: list[Remark] = []
    for look in (_ties, _steps, _references):
        found += look(relations, network)
    found += [*_targets(network, relations), *_means(network), *_dates(documents), *_prints(figures, network.catalogue)]

    def key(remark: Remark) -> tuple[object, ...]:
        about = remark.document.document_id if remark.document else ""
        return (remark.kind, about, tuple(figure.figure_id for figure in remark.figures), remark.text)

    return sorted(found, key=key)


def _ties(relations: Sequence[Relation], network: Network) -> Iterator[Remark]:
    """Of growth and multiples: unlike times, digits that nothing bears, percent of percent."""
    leading = {figure_id: member for member in network.members.values() for figure_id in member.figure_ids}
    seen = set()
    for tie in sorted(network.ties, key=lambda tie: (tie.coefficient.figure_id, tie.rule_id)):
        coefficient, subject = leading[tie.coefficient.figure_id].figure, leading[tie.subject.figure_id].figure
        if not tie.is_growth or (coefficient, subject, tie.base) in seen:
            continue
        seen.add((coefficient, subject, tie.base))
        both, ids = (coefficient, subject), (tie.rule_id,)
        # A document compares with 2021, also where that is the end of the year.
        base = f"{tie.base.last[:4]}年" if tie.base.kind == "level" and tie.base.last.endswith("-12") else when(tie.base)
        said = f"{subject.indicator.label}{quoted(subject)}，比{base}增长{quoted(coefficient)}"
        until = subject.quantity.last[5:]
        is_of_year = tie.base.last.endswith("-12") and (tie.base.kind == "level" or tie.base.first.endswith("-01"))
        if subject.window in ("ytd", "month") and until != "12" and is_of_year:
            text = f"{said}：前者只到{int(until)}月，后者是全年，不能直接相比；应与上年同期比，或等全年的数。"
            yield Remark("part_year_compared", "warning", both, ids, text)
        if subject.measure == "ratio":
            text = f"{said}：{subject.indicator.label}本身是比率，应说提高多少个百分点，增长百分之几容易误读。"
            yield Remark("relative_growth_of_ratio", "warning", both, ids, text)
        slack = _slack(subject)
        if slack is not None and tie.factors.lower is not None and tie.factors.upper is not None:
            width = tie.factors.upper - tie.factors.lower
            if 0 < width * FINER_THAN_ALLOWED <= slack * middle(tie.factors):
                text = (
                    f"{said}：{quoted(subject)}只准到上下 {_rough(slack / 2 * 100)}%，推出来的增长至多准到"
                    f" {_rough(slack * middle(tie.factors) / 2 * 100)} 个百分点左右，写不出{quoted(coefficient)}这样的位数"
                )
                text += "；而且前者只是预计数。" if subject.nature == "forecast" else "。"
                yield Remark("too_precise", "warning", both, ids, text)


def _rough(value: Fraction) -> str:
    """To one digit that counts: an order of magnitude needs no more."""
    return plain(Fraction(f"{float(value):.1g}"))


def _slack(figure: Figure) -> Fraction | None:
    """How wide the printed number is, as a share of it."""
    level = figure.level
    if level is None or level.lower is None or not middle(level):
        return None
    return (level.upper - level.lower) / middle(level)


def _steps(relations: Sequence[Relation], network: Network) -> Iterator[Remark]:
    seen = set()
    for relation in relations:
        if relation.kind != "sum":
            continue
        parts = {figure.indicator_id for figure in relation.others}
        for link in network.catalogue.links:
            if link.link == "step_before" and {link.indicator_id, link.other_id} <= parts:
                whole = relation.subject
                key = (whole.quantity, str(whole.interval), link)
                if key in seen:
                    continue
                seen.add(key)
                names = "和".join(f"{figure.indicator.label}{quoted(figure)}" for figure in relation.others)
                text = f"{names}相加得{quoted(whole)}：两者是同一手续的前后两步，同一家可能先后计入，相加会有重复，不宜作总数。"
                yield Remark("steps_added", "warning", (whole, *relation.others), (relation.relation_id,), text)


def _references(relations: Sequence[Relation], network: Network) -> Iterator[Remark]:
    """The same target, compared in two ways with the same number that is not printed."""
    by_target: dict[tuple[str, str, str], list[Relation]] = defaultdict(list)
    for relation in relations:
        if relation.kind == "reference":
            by_target[str(relation.subject.quantity), relation.reference, relation.document_id].append(relation)
    for (_, reference, _), same in by_target.items():
        same = sorted(same, key=lambda relation: (relation.subject.figure_id, relation.relation_id))
        if len({relation.comparator for relation in same}) > 1:
            subjects = tuple(dict.fromkeys(relation.subject for relation in same))
            said = "，又写".join(quoted(relation.subject) for relation in same)
            about = f"{same[0].subject.indicator.label}{when(same[0].subject.quantity)}的目标"
            text = f"{about}写{said}：对同一个“{reference}”，达到与超过不是一回事。"
            yield Remark("target_twice", "warning", subjects, tuple(relation.relation_id for relation in same), text)


def _targets(network: Network, relations: Sequence[Relation]) -> Iterator[Remark]:
    """Targets that were met before their year: by their own definition, or by a wider one only."""
    by_indicator: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for member in network.members.values():
        by_indicator[member.figure.indicator_id, member.figure.area].append(member.figure)
    parts = {relation.subject.figure_id: relation.others for relation in relations if relation.kind == "sum"}
    for member in network.members.values():
        target = member.figure
        aim = target.quantity
        known = network.catalogue.indicators.get(target.indicator_id)
        if aim.nature != TARGET or target.interval is None or known is None or known.direction != "increase":
            continue
        if aim.kind == "span" and not _is_one_year(aim):
            continue  # what is new in a plan is met by its sum
        began = f"{plan_start(aim.last)}-01"
        for figure in by_indicator[target.indicator_id, target.area]:
            now = figure.quantity
            if now.nature == TARGET or not began <= now.last < aim.last or figure.interval is None:
                continue
            if now.kind != aim.kind or (now.kind == "span" and not now.first) or not _reaches(figure, target):
                continue
            said = f"{when(now)}的{figure.indicator_label}{quoted(figure)}"
            goal = f"{when(aim)}的目标{quoted(target)}"
            if now.scope == aim.scope:
                met = "按预计将提前达到" if figure.nature == "forecast" else "已提前达到"
                text = f"{said}{met}{goal}，或者目标定得偏低，宜请起草单位说明。"
                yield Remark("target_met", "info", (target, figure), (), text)
            else:
                less = [part for part in parts.get(figure.figure_id, ()) if part.interval and not _reaches(part, target)]
                text = f"{said}是另一种口径（{now.scope or '不分范围'}），按它已达到{goal}"
                text += f"，而其中{'、'.join(part.indicator_label + quoted(part) for part in less)}没有达到" if less else ""
                text += "；对照目标前须写明用哪一种。"
                yield Remark("target_by_definition", "warning", (target, figure, *less), (), text)


def _is_one_year(one: Quantity) -> bool:
    return one.kind == "span" and bool(one.first) and one.months == 12


def _reaches(figure: Figure, target: Figure) -> bool:
    """Whether the figure is at least the target, whatever it is within its interval."""
    lower, goal = figure.interval.lower, target.interval.lower
    return lower is not None and goal is not None and lower >= goal


def _means(network: Network) -> Iterator[Remark]:
    """A yearly mean as the target of what the baseline is one year's of."""
    rates = [member.figure for member in network.members.values() if member.figure.measure == "growth_rate"]
    for target in rates:
        aim = target.quantity
        if aim.nature != TARGET or aim.kind != "span" or not aim.first or aim.months <= 12:
            continue
        for base in rates:
            one = base.quantity
            same = (one.indicator_id, one.scope, one.area) == (aim.indicator_id, aim.scope, aim.area)
            if same and one.nature == MEASURED and _is_one_year(one):
                text = (
                    f"{target.indicator.label}的基期{quoted(base)}是{when(one)}一年的，目标{quoted(target)}是{when(aim)}各年平均："
                    "两者不是同一个量，不能相减，也不能用一年的数判断是否达标。"
                )
                yield Remark("one_year_against_mean", "info", (base, target), (), text)


def _dates(documents: Sequence[Document]) -> Iterator[Remark]:
    for document in documents:
        problems = [f"写作“{text}”，不是日期" for text in document.dates_as_printed.split("；") if text and not _is_date(text)]
        if document.signed_on and document.published_on and document.published_on < document.signed_on:
            problems.append(f"公布于 {document.published_on}，却成文于 {document.signed_on}")
        if problems:
            text = f"《{document.title}》的日期{'；'.join(problems)}。"
            yield Remark("impossible_date", "warning", (), (), text, document)


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(re.sub(r"\s", "", text))
    try:
        return bool(match and date(*map(int, match.groups())))
    except ValueError:
        return False


def _prints(figures: Sequence[Figure], catalogue: Catalogue) -> Iterator[Remark]:
    for figure in figures:
        numbers = _NUMBER.findall(_BESIDE.sub("", figure.as_printed))
        if _DOUBLED.search(figure.as_printed):
            yield Remark("misprint", "info", (figure,), (), f"{figure.indicator_label}写{quoted(figure)}：有重复的字。")
        elif len(numbers) > 1 and figure.value_max is None and figure.nature != "target":
            text = f"{figure.indicator_label}写{quoted(figure)}：有两个数，多出的一个疑是误印。"
            yield Remark("misprint", "info", (figure,), (), text)
    yield from _repeated_digits(figures)
    names: dict[str, dict[str, Figure]] = defaultdict(dict)
    for figure in sorted(figures, key=lambda figure: figure.figure_id):
        label = re.sub(r"（[^）]*）|\([^)]*\)", "", figure.indicator_label)
        names[figure.indicator_id, figure.scope].setdefault(label, figure)
    for (indicator_id, _), labels in sorted(names.items()):
        if len(labels) > 1 and indicator_id in catalogue.indicators:
            told = "、".join(f"“{label}”（{figure.figure_id}）" for label, figure in labels.items())
            text = f"同一指标登记的名称有几种：{told}；本系统统称“{catalogue.indicators[indicator_id].label}”。"
            yield Remark("name_variant", "info", tuple(labels.values()), (), text)


def _repeated_digits(figures: Sequence[Figure]) -> Iterator[Remark]:
    """Of two numbers printed in one place the longer ends in all the digits of the other, three or more and none a round one."""
    by_place: dict[tuple[str, str], list[tuple[str, Figure]]] = defaultdict(list)
    for figure in sorted(figures, key=lambda each: each.figure_id):
        if figure.value is not None and figure.value == int(figure.value) and has_digits(figure.as_printed):
            by_place[figure.document_id, figure.locator].append((f"{figure.value:.0f}", figure))
    for same in by_place.values():
        for (shorter, one), (longer, other) in permutations(same, 2):
            is_round = shorter.endswith("0")
            if len(longer) > len(shorter) >= REPEATED_DIGITS and longer.endswith(shorter) and not is_round:
                text = (
                    f"{one.indicator_label}写{quoted(one)}，同处的{other.indicator_label}写{quoted(other)}："
                    f"末 {len(shorter)} 位数字相同，可能是巧合，也可能有一处误抄，宜核对原始记录。"
                )
                yield Remark("repeated_digits", "info", (one, other), (), text)
