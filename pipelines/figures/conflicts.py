"""Conflicts of the ledger: figures that cannot all hold, found by the solver, told in plain Chinese, explained, ruled on.

Belongs here: what a conflict is called, how grave it is, its state, and the tables of it. Does not belong here: what figures say
(ledger, relations, implied), the search (solver), the words (telling), the ways to explain one (hypotheses).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from pipelines.figures.hypotheses import Explanation, Hypothesis, explain, read_hypotheses
from pipelines.figures.implied import Catalogue
from pipelines.figures.incomparable import NOT_COMPARABLE_TABLE, NotComparable, find_not_comparable
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Document, Figure, Ledger, bounds, load_ledger
from pipelines.figures.network import Member, Network, network_of, read_catalogue
from pipelines.figures.relations import Relation, Tie, load_relations
from pipelines.figures.remarks import REMARK_LABELS, find_remarks
from pipelines.figures.rules import KINDS, STRENGTHS, Rule
from pipelines.figures.rulings import (
    RULING_TABLE,
    Ruling,
    conflict_id_of,
    guard_of,
    is_on,
    lapsed,
    load_rulings,
    rejected,
    rulings_sheet,
    unknown,
)
from pipelines.figures.solver import MinimalConflict
from pipelines.figures.storage import AMOUNT
from pipelines.figures.telling import KIND_LABELS, summary_of
from pipelines.files import digest_of
from pipelines.findings import Finding, Severity
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

STATE_LABELS = {"open": "未裁定", "ruled": "已裁定", "reopened": "裁定后所据的数变了，须重新裁定"}


@dataclass(frozen=True)
class Conflict:
    """A minimal set of figures that cannot all hold, or a remark on how figures are printed.

    Attributes:
        conflict_id: fingerprint of the members' figure ids, of a remark with its kind; the same in every load.
        category: `contradiction` or `remark`.
        severity: `error`; `warning` where it rests on a default that is not printed, or on what is possible but hardly so;
            `info`.
        state: `open`, `ruled` or `reopened`; of remarks `open`.
        relations: ids of the stated relations, and of the rules, by which the members cannot all hold.
        guard: the members as printed, for a ruling to hold on to.
    """

    conflict_id: str
    category: str
    severity: Severity
    kind: str
    state: str
    indicator_id: str
    summary: str
    members: tuple[Member, ...]
    relations: tuple[str, ...] = ()
    guard: str = ""
    explanations: tuple[Explanation, ...] = ()
    ruling: Ruling | None = None
    state_reason: str | None = None
    found: MinimalConflict | None = field(default=None, repr=False)

    @property
    def all_ids(self) -> list[list[str]]:
        """Of each member the ids of all figures that say it."""
        return [member.figure_ids for member in self.members]

    @property
    def title(self) -> str:
        """What it is about and what is at odds, in a few words."""
        own = [member.figure.indicator.label for member in self.members if member.figure.indicator_id == self.indicator_id]
        return f"{(own or [self.indicator_id])[0]}：{self.kind_label}"

    @property
    def kind_label(self) -> str:
        """The kind in Chinese."""
        return (KIND_LABELS | REMARK_LABELS)[self.kind]

    def is_about(self, indicator: str) -> bool:
        """Whether it, or one of its figures, is of an indicator of that id or label."""
        figures = [member.figure for member in self.members]
        names = {name for each in figures for name in (each.indicator_id, each.indicator_label, each.indicator.label)}
        return indicator in names | {self.indicator_id}

    def as_json(self) -> dict[str, object]:
        """The conflict for machines, in the shape `wanstat conflicts --json` promises."""
        return {
            "id": self.conflict_id,
            "category": self.category,
            "severity": self.severity,
            "kind": self.kind,
            "state": self.state,
            "state_reason": self.state_reason,
            "indicator_id": self.indicator_id,
            "summary": self.summary,
            "members": [_member_json(member) for member in self.members],
            "relations": list(self.relations),
            "guard": self.guard,
            "explanations": [_explanation_json(each) for each in self.explanations],
            "ruling": None if self.ruling is None else vars(self.ruling) | {"on": str(self.ruling.on or "")},
        }


@dataclass(frozen=True)
class Reconciliation:
    """All that was found on a ledger.

    Attributes:
        conflicts: contradictions, then remarks, by indicator and id.
        findings: what is wrong with rows of relations and rulings.
    """

    conflicts: tuple[Conflict, ...]
    not_comparable: tuple[NotComparable, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    findings: tuple[Finding, ...] = ()
    network: Network | None = field(default=None, repr=False)

    def knows(self, indicator: str) -> bool:
        """Whether the ledger has a figure of an indicator of that id or label."""
        figures = [member.figure for member in self.network.members.values()] if self.network else []
        return any(indicator in (each.indicator_id, each.indicator_label, each.indicator.label) for each in figures)

    @property
    def contradictions(self) -> list[Conflict]:
        return [conflict for conflict in self.conflicts if conflict.category == "contradiction"]


def reconcile(settings: Settings, ledger: Ledger | None = None, observed: Sequence[Figure] = ()) -> Reconciliation:
    """Hold the ledger of a workspace against itself, explain what does not fit, and apply the rulings.

    Args:
        observed: what the warehouse has of the same quantities, to be held against the ledger too.
    """
    ledger = ledger or load_ledger(settings)
    relations, wrong_relations = load_relations(settings, ledger)
    rulings, wrong_rulings = load_rulings(settings)
    catalogue = read_catalogue(settings)
    all_figures = (*ledger.figures, *observed)
    network = network_of(all_figures, relations, catalogue)
    conflicts = contradictions_of(network)
    hypotheses = read_hypotheses(settings.expectations / "hypotheses.yml")
    conflicts = explained(conflicts, network, all_figures, relations, hypotheses)
    rulings, inapplicable_rulings = applicable(rulings, conflicts)
    figures = {figure.figure_id: figure for figure in all_figures}
    conflicts = ruled(conflicts, rulings, figures)
    alike = find_not_comparable(network, [[member.figure.figure_id for member in conflict.members] for conflict in conflicts])
    remarks = remarks_of(ledger.figures, ledger.documents, relations, network)
    wrong_rulings = (*wrong_rulings, *inapplicable_rulings, *unknown(rulings, [one.all_ids for one in conflicts], figures))
    findings = (*wrong_relations, *wrong_rulings)
    return Reconciliation((*conflicts, *remarks), tuple(alike), rulings, findings, network)


def find_conflicts(ledger: Ledger, relations: Sequence[Relation] = (), catalogue: Catalogue | None = None) -> list[Conflict]:
    """The contradictions of a ledger, not yet explained; independent of the order of the rows."""
    catalogue = catalogue or Catalogue({figure.indicator_id: figure.indicator for figure in ledger.figures}, (), {})
    return contradictions_of(network_of(ledger.figures, relations, catalogue))


def contradictions_of(network: Network) -> list[Conflict]:
    """Every minimal conflicting set of a network, by indicator, then id."""
    found = [_contradiction(one, network) for one in network.minimal_conflicts()]
    return sorted(found, key=lambda conflict: (conflict.indicator_id, conflict.conflict_id))


def _contradiction(found: MinimalConflict, network: Network) -> Conflict:
    members = tuple(network.members[figure_id] for figure_id in found.statements)
    rules = [network.rule_by_id[rule_id] for rule_id in found.rules]
    ties = _ties_among(members, rules, network)
    # That a growth of 突破75 was worked out from 75 is likely, and not printed.
    is_our_reading = any(tie.is_inferred or tie.is_of_printed_number for tie in ties)
    is_certain = all(member.is_stated for member in members) and not is_our_reading
    is_certain = is_certain and all(rule.strength == "certain" for rule in rules)
    return Conflict(
        conflict_id=conflict_id_of(found.statements),
        category="contradiction",
        severity="error" if is_certain else "warning",
        kind=_kind(rules, ties),
        state="open",
        indicator_id=_indicator(members, ties),
        summary=summary_of(members, rules, ties, network),
        members=members,
        relations=(*dict.fromkeys(tie.rule_id for tie in ties), *(rule.rule_id for rule in rules)),
        guard=guard_of([member.figure for member in members]),
        found=found,
    )


def _ties_among(members: Sequence[Member], rules: Sequence[Rule], network: Network) -> list[Tie]:
    """The ties by which these members hang together: of a coefficient, to another member or to what a rule speaks of."""
    leaders = {member.figure.figure_id for member in members}
    spoken = {member.figure.quantity for member in members} | {one for rule in rules for one in rule.quantities}
    ties = [tie for tie in network.ties if tie.coefficient.figure_id in leaders]
    return [tie for tie in ties if {tie.subject.quantity, tie.taken} & spoken and len(members) > 1] or ties


def _kind(rules: Sequence[Rule], ties: Sequence[Tie]) -> str:
    """What is at odds, by the weakest rule; a growth or multiple before what always holds."""
    weakest = max(rules, key=lambda rule: (STRENGTHS.index(rule.strength), KINDS.index(rule.kind)), default=None)
    if weakest is not None and weakest.kind != "not_negative" and (weakest.strength != "certain" or not ties):
        return weakest.kind
    if ties:
        tie = ties[0]
        return "growth" if tie.is_growth else "goal_multiple" if tie.is_at_least else "multiple"
    return weakest.kind if weakest is not None else "same_quantity"


def _indicator(members: Sequence[Member], ties: Sequence[Tie]) -> str:
    """The indicator that is spoken of: not that of a growth or multiple, if there is another; the whole rather than a part."""
    coefficients = {tie.coefficient.figure_id for tie in ties}
    amounts = [member for member in members if member.figure.figure_id not in coefficients] or list(members)

    def place(member: Member) -> tuple[bool, bool, str]:
        return (member.figure.quantity.kind == "level", member.figure.nature == "target", member.figure.figure_id)

    return max(amounts, key=place).figure.indicator_id


def explained(
    conflicts: Sequence[Conflict],
    network: Network,
    figures: Sequence[Figure],
    relations: Sequence[Relation],
    hypotheses: Sequence[Hypothesis],
) -> list[Conflict]:
    """The conflicts with their explanations; each is tried on the figures that have to do with it."""
    family_of = _families(network, relations)
    by_family: dict[tuple[str, str], list[Figure]] = defaultdict(list)
    for figure in figures:
        if figure.interval is not None:
            by_family[family_of.get(figure.indicator_id, figure.indicator_id), figure.area].append(figure)
    networks: dict[tuple[tuple[str, str], ...], tuple[Network, list[Figure], list[Relation]]] = {}
    done = []
    for conflict in conflicts:
        keys = tuple(
            sorted({(family_of[member.figure.indicator_id], member.figure.area) for member in conflict.members})
        )
        if keys not in networks:
            around = [figure for key in keys for figure in by_family[key]]
            known = {figure.figure_id for figure in around}
            between = [relation for relation in relations if relation.subject.figure_id in known]
            networks[keys] = (network_of(around, between, network.catalogue), around, between)
        local, around, between = networks[keys]
        found = next((one for one in local.minimal_conflicts() if one.statements == conflict.found.statements), None)
        explanations = explain(found, local, around, between, hypotheses) if found else []
        done.append(replace(conflict, explanations=tuple(explanations)))
    return done


def _families(network: Network, relations: Sequence[Relation]) -> dict[str, str]:
    """Indicator -> one name for all that it hangs together with, by the catalogue or by what documents state."""
    leader: dict[str, str] = {}

    def find(one: str) -> str:
        leader.setdefault(one, one)
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for member in network.members.values():
        find(member.figure.indicator_id)
    for link in network.catalogue.links:
        leader[find(link.indicator_id)] = find(link.other_id)
    for known in network.catalogue.indicators.values():
        for other in (known.variant_of, known.numerator_id, known.denominator_id):
            if other:
                leader[find(known.indicator_id)] = find(other)
    for relation in relations:
        for other in (*relation.others, *([relation.coefficient] if relation.coefficient else [])):
            leader[find(relation.subject.indicator_id)] = find(other.indicator_id)
    return {one: find(one) for one in list(leader)}


def applicable(rulings: Sequence[Ruling], conflicts: Sequence[Conflict]) -> tuple[tuple[Ruling, ...], list[Finding]]:
    """The rulings without those by a hypothesis that does not make their conflict go; of these a finding each.

    One whose figures have changed stays, to be told as reopened.
    """
    kept, sheet = [], rulings_sheet()
    for ruling in rulings:
        conflict = next((each for each in conflicts if is_on(ruling, each.all_ids)), None)
        is_as_printed = conflict is not None and conflict.guard == ruling.guard
        if ruling.decision != "hypothesis" or not is_as_printed or _explanation_of(ruling, conflict):
            kept.append(ruling)
            continue
        offered = "；".join(f"{each.hypothesis.id} {each.figure_id or ''}".strip() for each in conflict.explanations) or "没有"
        message = f"照“{ruling.hypothesis}”读{ruling.figure_id}，矛盾 {conflict.conflict_id} 仍在，裁定没有采用"
        advice = f"改为能消除它的读法（{offered}）；都不对的，decision 写 figure 并写明以哪个数为准，或写 no_action"
        sheet.report("hypothesis_inapplicable", message, advice, column="hypothesis", value=ruling.hypothesis)
    return tuple(kept), sheet.findings


def _explanation_of(ruling: Ruling, conflict: Conflict) -> Explanation | None:
    """The explanation of the conflict that a ruling takes, of whichever of the figures that say the same; None if none."""
    for each in conflict.explanations:
        read = next((member.figure_ids for member in conflict.members if member.figure.figure_id == each.figure_id), [""])
        if each.hypothesis.id == ruling.hypothesis and ruling.figure_id in read:
            return each
    return None


def ruled(conflicts: Sequence[Conflict], rulings: Sequence[Ruling], figures: Mapping[str, Figure]) -> list[Conflict]:
    """The conflicts with the rulings on them; what a ruling that holds settles besides is ruled with it."""
    by_id = {
        conflict.conflict_id: ruling for conflict in conflicts for ruling in rulings if is_on(ruling, conflict.all_ids)
    }
    settled: dict[str, Ruling] = {}
    for conflict in conflicts:
        ruling = by_id.get(conflict.conflict_id)
        if ruling is None or lapsed(ruling, figures):
            continue
        out = {figure_id for figure_id, _ in rejected(ruling, figures)} if ruling.decision == "figure" else set()
        for other in conflicts:
            if out & {figure_id for member in other.members for figure_id in member.figure_ids}:
                settled.setdefault(other.conflict_id, ruling)
        taken = _explanation_of(ruling, conflict)
        for members in taken.dissolves if taken else ():
            settled.setdefault(conflict_id_of(members), ruling)
    done = []
    for conflict in conflicts:
        own, other = by_id.get(conflict.conflict_id), settled.get(conflict.conflict_id)
        if own is not None:
            why = lapsed(own, figures)
            done.append(replace(conflict, state="reopened" if why else "ruled", ruling=own, state_reason=why))
        elif other is not None:
            why = f"随矛盾 {other.conflict_id} 的裁定一并解决"
            done.append(replace(conflict, state="ruled", ruling=other, state_reason=why))
        else:
            done.append(conflict)
    return done


def remarks_of(
    figures: Sequence[Figure], documents: Sequence[Document], relations: Sequence[Relation], network: Network
) -> list[Conflict]:
    """The remarks, in the shape of conflicts."""
    made = []
    for remark in find_remarks(figures, documents, relations, network):
        about = [figure.figure_id for figure in remark.figures] or [remark.document.document_id]
        members = tuple(Member(figure, ()) for figure in remark.figures)
        made.append(
            Conflict(
                conflict_id=digest_of(remark.kind, *sorted(about))[:16],
                category="remark",
                severity=remark.severity,
                kind=remark.kind,
                state="open",
                indicator_id=remark.figures[0].indicator_id if remark.figures else "",
                summary=remark.text,
                members=members,
                relations=remark.relations,
            )
        )
    return made


def _member_json(member: Member) -> dict[str, object]:
    """A member for machines; a bound is null where there is none."""
    interval = member.interval or Interval()
    return {
        "figure_id": member.figure.figure_id,
        "document_id": member.figure.document_id,
        "locator": member.figure.locator,
        "as_printed": member.figure.as_printed,
        "lower": None if interval.lower is None else float(interval.lower),
        "upper": None if interval.upper is None else float(interval.upper),
        "unit": member.figure.indicator.unit,
        "lower_closed": interval.lower_closed,
        "upper_closed": interval.upper_closed,
        "repeats": member.repeat_ids,
    }


def _explanation_json(each: Explanation) -> dict[str, object]:
    return {
        "hypothesis": each.hypothesis.id,
        "title": each.hypothesis.title,
        "figure_id": each.figure_id,
        "score": each.score,
        "dissolves": [conflict_id_of(members) for members in each.dissolves],
        "creates": [list(members) for members in each.creates],
        "supports": list(each.supports),
        "residual": None if each.residual is None else round(float(each.residual), 4),
        "arithmetic": each.arithmetic,
        "evidence": each.hypothesis.evidence,
    }


def write_results(found: Reconciliation, settings: Settings) -> None:
    """Write the tables of `CONFLICT_TABLES` under results.

    Raises:
        OSError: what the disk answered.
    """
    rows: dict[str, Iterable[dict[str, object]]] = {
        "conflicts": [_conflict_row(conflict) for conflict in found.conflicts],
        "conflict_members": [
            {
                "conflict_id": conflict.conflict_id,
                "figure_id": member.figure.figure_id,
                "document_id": member.figure.document_id,
                "locator": member.figure.locator,
                "as_printed": member.figure.as_printed,
                "unit": member.figure.indicator.unit,
                "repeats": " ".join(member.repeat_ids) or None,
            }
            | bounds(member.interval or Interval())
            for conflict in found.conflicts
            for member in conflict.members
        ],
        "conflict_explanations": [
            {
                "conflict_id": conflict.conflict_id,
                "place": place,
                "hypothesis": each.hypothesis.id,
                "title": each.hypothesis.title,
                "figure_id": each.figure_id,
                "score": Decimal(f"{each.score:.3f}"),
                "dissolves": " ".join(conflict_id_of(members) for members in each.dissolves) or None,
                "creates": "；".join("、".join(members) for members in each.creates) or None,
                "supports": " ".join(each.supports) or None,
                "residual": None if each.residual is None else Decimal(f"{float(each.residual):.6f}"),
                "arithmetic": each.arithmetic,
                "evidence": each.hypothesis.evidence,
            }
            for conflict in found.conflicts
            for place, each in enumerate(conflict.explanations, start=1)
        ],
        "not_comparable": [vars(pair) for pair in found.not_comparable],
        "rulings": [_ruling_row(ruling, found) for ruling in found.rulings],
    }
    for name, table in CONFLICT_TABLES.items():
        columns = {column.name: column.type for column in table.columns}
        write_rows(settings.results / f"{name}.parquet", columns, list(rows[name]))


def _conflict_row(conflict: Conflict) -> dict[str, object]:
    return {
        "conflict_id": conflict.conflict_id,
        "category": conflict.category,
        "severity": conflict.severity,
        "kind": conflict.kind,
        "kind_label": conflict.kind_label,
        "state": conflict.state,
        "state_reason": conflict.state_reason,
        "indicator_id": conflict.indicator_id or None,
        "summary": conflict.summary,
        "relations": " ".join(conflict.relations) or None,
        "guard": conflict.guard or None,
    }


def _ruling_row(ruling: Ruling, found: Reconciliation) -> dict[str, object]:
    conflict = next((one for one in found.conflicts if one.members and is_on(ruling, one.all_ids)), None)
    return {
        "conflict_id": ruling.conflict_id,
        "decision": ruling.decision,
        "figure_id": ruling.figure_id or None,
        "hypothesis": ruling.hypothesis or None,
        "reason": ruling.reason,
        "decided_by": ruling.by,
        "decided_on": ruling.on,
        "state": conflict.state if conflict else "unknown",
        "state_reason": conflict.state_reason if conflict else "现在的台账里没有这个矛盾，可能已随公布数的更正消失",
    }


CONFLICT_TABLES: dict[str, ResultTable] = {
    "conflicts": ResultTable(
        "conflicts",
        "公布数之间的矛盾，一行一个：不能同时成立的最小一组；以及写法上应当改正的地方",
        (
            Column("conflict_id", "VARCHAR", "编号，由所含公布数的编号算出，每次装载不变", nullable=False),
            Column("category", "VARCHAR", "contradiction 不能同时成立；remark 不是矛盾，但写法不妥", nullable=False),
            Column(
                "severity",
                "VARCHAR",
                "error：按原文怎么读都不能同时成立；warning：取决于原文没有印出的默认读法，或可能而不像；info：提请注意",
                nullable=False,
            ),
            Column("kind", "VARCHAR", "种类的代码", nullable=False),
            Column("kind_label", "VARCHAR", "种类", nullable=False),
            Column("state", "VARCHAR", "状态：open 未裁定，ruled 已裁定，reopened 裁定后所据的数变了", nullable=False),
            Column("state_reason", "VARCHAR", "为何要重新裁定，或随哪个矛盾的裁定解决；否则空"),
            Column("indicator_id", "VARCHAR", "指标编号；只关文件本身的为空"),
            Column("summary", "VARCHAR", "说明，含算式", nullable=False),
            Column("relations", "VARCHAR", "据以判断的关系和规则的编号，空格分隔；没有则空"),
            Column("guard", "VARCHAR", "各数现在的写法，裁定时原样抄入裁定表；写法不妥的为空"),
        ),
        ("conflict_id",),
    ),
    "conflict_members": ResultTable(
        "conflict_members",
        "矛盾所含的公布数，一行一个",
        (
            Column("conflict_id", "VARCHAR", "矛盾编号", nullable=False),
            Column("figure_id", "VARCHAR", "公布数编号", nullable=False),
            Column("document_id", "VARCHAR", "文件编号", nullable=False),
            Column("locator", "VARCHAR", "在文件中的位置", nullable=False),
            Column("as_printed", "VARCHAR", "原文写法", nullable=False),
            Column("lower", AMOUNT, "区间下限，空为无下限"),
            Column("upper", AMOUNT, "区间上限，空为无上限"),
            Column("lower_closed", "BOOLEAN", "下限本身是否在内", nullable=False),
            Column("upper_closed", "BOOLEAN", "上限本身是否在内", nullable=False),
            Column("unit", "VARCHAR", "区间的单位", nullable=False),
            Column("repeats", "VARCHAR", "说法完全相同的其他公布数编号，空格分隔；没有则空"),
        ),
        ("conflict_id", "figure_id"),
    ),
    "conflict_explanations": ResultTable(
        "conflict_explanations",
        "对矛盾的可能解释，一行一个：换一种读法再算一遍，矛盾就消失；按得分先后",
        (
            Column("conflict_id", "VARCHAR", "矛盾编号", nullable=False),
            Column("place", "INTEGER", "先后，1 最可能", nullable=False),
            Column("hypothesis", "VARCHAR", "读法的代码，见 expectations/hypotheses.yml", nullable=False),
            Column("title", "VARCHAR", "读法", nullable=False),
            Column("figure_id", "VARCHAR", "另作读法的公布数编号；认为一条默认规则不成立的为空"),
            Column("score", "DECIMAL(9,3)", "得分，算法写在 expectations/hypotheses.yml", nullable=False),
            Column("dissolves", "VARCHAR", "随之消失的其他矛盾编号，空格分隔；没有则空"),
            Column("creates", "VARCHAR", "随之产生的矛盾，各由哪些公布数组成；没有则空"),
            Column("supports", "VARCHAR", "支持这一读法的其他公布数编号，空格分隔；没有则空"),
            Column("residual", "DECIMAL(12,6)", "按这一读法算出的数与原文相差的比例；算不出则空"),
            Column("arithmetic", "VARCHAR", "算式", nullable=False),
            Column("evidence", "VARCHAR", "查什么可以定下来", nullable=False),
        ),
        ("conflict_id", "place"),
    ),
    "not_comparable": NOT_COMPARABLE_TABLE,
    "rulings": RULING_TABLE,
}
