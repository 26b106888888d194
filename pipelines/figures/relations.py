"""The relations that documents state between figures: `relations.csv` read and checked, and what each says as arithmetic.

Belongs here: growth on a base, multiples, sums, parts, doublings, as printed. Does not belong here: what holds of all figures of
a kind without being printed (implied), or the search (solver).

A relation's number (280.57%, 50倍) is itself a figure of the ledger, its coefficient. So the relation is no statement of its own:
it says of which quantities the coefficient speaks, and with the coefficient it stands or falls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction

from pipelines.collect.records import Row, SheetFindings
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure, Ledger
from pipelines.figures.quantities import Quantity, month_before, span_of
from pipelines.figures.rules import NOT_NEGATIVE, Rule, at_most
from pipelines.figures.solver import Linear
from pipelines.figures.workbook import ledger_rows
from pipelines.findings import Finding
from pipelines.settings import Settings
from pipelines.units import read_unit

# Kind -> (name in Chinese, what it needs: others at least, others at most, a coefficient, a base)
KINDS: dict[str, tuple[str, int, int, bool, bool]] = {
    "growth": ("比基期增长", 0, 1, True, True),
    "multiple": ("是基期的若干倍", 0, 1, True, True),
    "goal_multiple": ("目标为基期的若干倍", 1, 1, True, False),
    "sum": ("等于各部分之和", 2, 99, False, False),
    "part": ("其中", 1, 99, False, False),
    "rise": ("从一个数提高到另一个数", 1, 1, False, False),
    "same_rate": ("同一变化的两种说法", 1, 1, False, False),
    "rank_of": ("在同类地区中的位次", 1, 9, False, False),
    "reference": ("与一个没有印出的数相比", 0, 0, False, False),
}
COMPARATORS = ("", "=", ">=", ">", "<=", "<")
BASES = ("stated", "inferred")


@dataclass(frozen=True)
class Relation:
    """What a document states between figures.

    Attributes:
        subject: the figure that is spoken of.
        others: figures it is put in relation to: parts of a sum, the base of a growth, what a rank is of.
        coefficient: the figure that is the growth or the multiple; None where the kind needs none.
        base_period: period of the base where no figure of the ledger is it; empty otherwise.
        comparator, reference: of a comparison with what is not printed as a number (达到全省平均水平).
        basis: `inferred` where that the two belong together is our reading.
    """

    relation_id: str
    document_id: str
    locator: str
    kind: str
    subject: Figure
    others: tuple[Figure, ...]
    coefficient: Figure | None
    base_period: str
    comparator: str
    reference: str
    basis: str
    as_printed: str


RELATION_COLUMNS = tuple(field.name for field in fields(Relation))


def load_relations(settings: Settings, ledger: Ledger) -> tuple[tuple[Relation, ...], tuple[Finding, ...]]:
    """The usable relations in the order of the file, and what is wrong with the others."""
    sheets: list[SheetFindings] = []
    figures = {figure.figure_id: figure for figure in ledger.figures}
    documents = {document.document_id for document in ledger.documents}
    relations: dict[str, Relation] = {}
    for row in ledger_rows(settings.figures, "relations.csv", "关系", RELATION_COLUMNS, {}, sheets):
        relation = _relation(row, figures, documents)
        if relation and not row.repeats("relation_id", relations):
            relations[relation.relation_id] = relation
    return tuple(relations.values()), tuple(finding for sheet in sheets for finding in sheet.findings)


def _relation(row: Row, figures: Mapping[str, Figure], documents: set[str]) -> Relation | None:
    for name in ("relation_id", "document_id", "locator", "kind", "subject", "basis", "as_printed"):
        row.required(name)
    row.one_of("kind", tuple(KINDS))
    row.one_of("basis", BASES)
    row.one_of("comparator", COMPARATORS[1:])
    if row["document_id"] and row["document_id"] not in documents:
        message = f"文件目录中没有这个文件编号：“{row['document_id']}”"
        row.report("document_unknown", "document_id", message, "先在 documents.csv 登记文件")
    if row["base_period"]:
        row.period("base_period")
    named = {column: _figures(row, column, figures) for column in ("subject", "others", "coefficient")}
    if row.is_bad:
        return None
    kind, others = row["kind"], named["others"]
    name, least, most, needs_coefficient, needs_base = KINDS[kind]
    if not least <= len(others) <= most:
        message = f"“{name}”要写 {least} 到 {most} 个公布数编号，写了 {len(others)} 个"
        row.report("others_count", "others", message, "补齐或改用别的种类")
    if needs_coefficient != bool(named["coefficient"]):
        advice = "写出增长率或倍数的公布数编号" if needs_coefficient else "此处留空"
        message = f"“{name}”{'没有写' if needs_coefficient else '不该有'}增长率或倍数"
        row.report("coefficient", "coefficient", message, advice)
    if needs_base and bool(others) == bool(row["base_period"]):
        message = "基期要写一次：或写基期的公布数编号，或写基期的时期"
        row.report("base", "base_period", message, "在 others 与 base_period 中填一个")
    if kind == "reference" and not (row["comparator"] and row["reference"]):
        advice = "填 comparator（如 >=）和 reference（如 全省平均水平）"
        row.report("reference", "reference", "没有写明与什么相比、怎样算达到", advice)
    for column in ("subject", "coefficient"):
        if len(named[column]) > 1:
            row.report("one_figure", column, "只能写一个公布数编号", "删去多余的")
    _check_units(row, kind, named["subject"], others)
    _check_coefficient(row, kind, named["coefficient"])
    if not row.is_bad and set(row["coefficient"].split()) & {*row["subject"].split(), *row["others"].split()}:
        row.report("others_repeated", "coefficient", "增长率或倍数不能就是所比的数", "核对编号")
    _check_base(row, named["subject"])
    if row.is_bad:
        return None
    texts = {column: row[column] for column in RELATION_COLUMNS}
    coefficient = named["coefficient"][0] if named["coefficient"] else None
    return Relation(**texts | {"subject": named["subject"][0], "others": tuple(others), "coefficient": coefficient})


def _figures(row: Row, column: str, figures: Mapping[str, Figure]) -> list[Figure]:
    found = []
    for figure_id in row[column].split():
        if figure_id not in figures:
            advice = "核对编号；先把这个数登记在 figures.csv 或模板的“公布数”表里"
            row.report("figure_unknown", column, f"公布数台账中没有“{figure_id}”", advice)
        else:
            found.append(figures[figure_id])
    return found


def _check_units(row: Row, kind: str, subjects: Sequence[Figure], others: Sequence[Figure]) -> None:
    if row.is_bad or kind in ("rank_of", "reference"):
        return
    subject = subjects[0]
    unit = subject.indicator.unit
    if subject in others or len({other.figure_id for other in others}) < len(others):
        row.report("others_repeated", "others", "同一个数写了两次", "删去重复的编号")
    for other in others:
        if read_unit(other.indicator.unit).kind != read_unit(unit).kind:
            message = f"{other.figure_id} 的单位“{other.indicator.unit}”与 {subjects[0].figure_id} 的“{unit}”不同类"
            row.report("unit_inconvertible", "others", message, "核对编号")


def _check_coefficient(row: Row, kind: str, coefficients: Sequence[Figure]) -> None:
    wanted = {"growth": "percent", "multiple": "multiple", "goal_multiple": "multiple"}.get(kind)
    for coefficient in coefficients if wanted else ():
        if read_unit(coefficient.indicator.unit).kind != wanted:
            word = "%" if wanted == "percent" else "倍"
            message = f"{coefficient.figure_id} 的单位是“{coefficient.indicator.unit}”，不是“{word}”"
            row.report("unit_inconvertible", "coefficient", message, "核对编号")


def _check_base(row: Row, subjects: Sequence[Figure]) -> None:
    if row.is_bad or not row["base_period"]:
        return
    first, last = span_of(row["base_period"])
    if not first or last >= subjects[0].quantity.last:
        row.report("base", "base_period", f"“{row['base_period']}”不能作基期", "写早于所说的数的时期，如 2021")


@dataclass(frozen=True)
class Tie:
    """That a coefficient figure ties a quantity to its base: subject = (1 + growth) × base, or multiple × base.

    Attributes:
        rule_id: the relation's id, or of the catalogue's link that implies it.
        is_at_least: a goal, which may be more.
        is_inferred: the base is our reading.
        scale: what the factor is divided by: 100 where a ratio is printed in percent, 1/10⁴ where the base is in 亿元 and the
            subject in 万元.
    """

    rule_id: str
    coefficient: Figure
    subject: Figure
    base: Quantity
    is_growth: bool
    is_at_least: bool = False
    is_inferred: bool = False
    scale: Fraction = Fraction(1)

    @property
    def factors(self) -> Interval:
        return factors_of(self.coefficient.interval, is_growth=self.is_growth).scaled(1 / self.scale)

    @property
    def taken(self) -> Quantity:
        """The quantity the factor was worked out from: of an open-ended figure (突破75) its printed number."""
        return computed(self.subject) if self.is_of_printed_number else self.subject.quantity

    @property
    def is_of_printed_number(self) -> bool:
        return is_open(self.subject) and not self.is_at_least


def factors_of(interval: Interval, *, is_growth: bool) -> Interval:
    """What the base is multiplied by: of a growth in percent 1 + x/100."""
    if not is_growth:
        return interval
    lower, upper = (None if bound is None else 1 + bound / 100 for bound in (interval.lower, interval.upper))
    return Interval(lower, upper, interval.lower_closed, interval.upper_closed)


def is_open(figure: Figure) -> bool:
    """Whether the document says no more than that the value is above or below the printed number."""
    return figure.interval is not None and (figure.interval.lower is None or figure.interval.upper is None)


def computed(figure: Figure) -> Quantity:
    """The quantity that a growth of the figure was worked out from."""
    return replace(figure.quantity, nature=f"{figure.quantity.nature} as computed") if is_open(figure) else figure.quantity


def ties_of(relations: Iterable[Relation]) -> list[Tie]:
    """The ties that relations state."""
    ties = []
    for relation in relations:
        if relation.coefficient is None or relation.coefficient.interval is None:
            continue
        subject = relation.subject
        base = relation.others[0].quantity if relation.others else _base(subject.quantity, relation.base_period)
        scale = _scale(subject, relation.others[0]) if relation.others else Fraction(1)
        ties.append(
            Tie(
                relation.relation_id,
                relation.coefficient,
                subject,
                base,
                is_growth=relation.kind == "growth",
                is_at_least=relation.kind == "goal_multiple",
                is_inferred=relation.basis == "inferred",
                scale=scale,
            )
        )
    return ties


def _scale(one: Figure, other: Figure) -> Fraction:
    """What an amount of the one is multiplied by to be in the other's multiple (万, 亿)."""
    own, wanted = (read_unit(figure.indicator.unit).multiplier for figure in (one, other))
    return Fraction(own, wanted)


def _base(of: Quantity, period: str) -> Quantity:
    """The same thing at another time, as it was measured."""
    first, last = span_of(period)
    base = replace(of, nature="measured")
    return base.at_end_of(last) if of.kind == "level" else base.over(first, last)


def previous_year(of: Quantity) -> Quantity:
    """The same thing twelve months earlier, as it was measured: what a growth is on where nothing else is said."""
    base = replace(of, nature="measured", last=month_before(of.last, 12))
    return replace(base, first=month_before(of.first, 12)) if of.first else base


def constraints_of(ties: Iterable[Tie]) -> dict[str, tuple[Linear, ...]]:
    """What each coefficient figure says of the quantities it ties, and each open-ended subject of its printed number."""
    said: dict[str, list[Linear]] = defaultdict(list)
    for tie in ties:
        factors, subject, base = tie.factors, tie.taken, tie.base
        if factors.lower is not None:
            bound = Interval(lower=Fraction(0), lower_closed=factors.lower_closed)
            said[tie.coefficient.figure_id].append(Linear.of(bound, (subject, 1), (base, -factors.lower)))
        if factors.upper is not None and not tie.is_at_least:
            bound = Interval(upper=Fraction(0), upper_closed=factors.upper_closed)
            said[tie.coefficient.figure_id].append(Linear.of(bound, (subject, 1), (base, -factors.upper)))
        if tie.is_of_printed_number:
            said[tie.subject.figure_id].append(Linear.of(tie.subject.level, (subject, 1)))
    return {
        figure_id: tuple(constraint for constraint in dict.fromkeys(constraints) if not constraint.is_empty)
        for figure_id, constraints in said.items()
    }


def rules_of(relations: Iterable[Relation]) -> list[Rule]:
    """The relations without a coefficient, as rules."""
    rules = []
    for relation in relations:
        subject, others = relation.subject.quantity, [other.quantity for other in relation.others]
        strength = "certain" if relation.basis == "stated" else "default"
        if relation.kind == "sum":
            summands = [(other.quantity, -_scale(other, relation.subject)) for other in relation.others]
            constraints = (Linear.of(Interval.point(Fraction(0)), (subject, 1), *summands),)
            parts = "、".join(other.indicator_label for other in relation.others)
            text = f"{relation.subject.indicator_label}为{parts}之和"
        elif relation.kind == "part":
            constraints = tuple(at_most(other.quantity, subject, _scale(other, relation.subject)) for other in relation.others)
            parts = "、".join(other.indicator_label for other in relation.others)
            text = f"{parts}在{relation.subject.indicator_label}之内"
        elif relation.kind == "rise":
            constraints = (at_most(others[0], subject, _scale(relation.others[0], relation.subject)),)
            text = f"{relation.subject.indicator_label}{relation.as_printed}"
        elif relation.kind == "same_rate":
            constraints = (Linear.of(Interval.point(Fraction(0)), (subject, 1), (others[0], -1)),)
            names = f"{relation.subject.indicator_label}与{relation.others[0].indicator_label}"
            text = f"{names}说的是同一变化（{relation.as_printed}）"
        elif relation.kind == "rank_of":
            constraints = (Linear.of(Interval(lower=Fraction(1)), (subject, 1)),)
            text = "位次最小是 1"
        else:
            continue
        rules.append(Rule(relation.relation_id, relation.kind, strength, constraints, (*others, subject), text))
    return rules


def not_negative(quantities: Iterable[Quantity]) -> list[Rule]:
    """That amounts and counts are not below zero; of growth nothing of the kind holds."""
    return [
        Rule(f"not_negative:{one}", "not_negative", "certain", (Linear.of(NOT_NEGATIVE, (one, 1)),), (one,), "数不会小于零")
        for one in quantities
    ]
