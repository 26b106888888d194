"""Conflicts of the ledger: figures of one quantity that no value satisfies, found by the solver, told in plain Chinese.

Belongs here: which figures speak of the same quantity, and what a conflict is called, how grave it is and how it reads.
Does not belong here: intervals of figures (ledger, intervals), the search (solver).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import Figure, Ledger, bounds
from pipelines.figures.solver import Statement, minimal_conflicts, within
from pipelines.figures.storage import AMOUNT, amount
from pipelines.files import digest_of
from pipelines.findings import Severity
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

# A baseline is an actual of an earlier year; a forecast or a target is neither, and never contradicts one.
NATURE_CLASSES = {"actual": "measured", "baseline": "measured", "forecast": "forecast", "target": "target"}
_WINDOW_WORDS = {
    "month": "{}当月", "ytd": "{}累计", "year": "{}全年", "cumulative": "{}累计", "year_end": "{}年末",
    "point": "{}时点", "plan_period": "{}规划期", "unstated": "{}",
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One statement in a conflict: a figure, and the other figures that say exactly the same of the same quantity."""

    figure: Figure
    interval: Interval
    repeats: tuple[Figure, ...] = ()

    @property
    def is_stated(self) -> bool:
        """Whether at least one of the figures has its period printed, so that nothing rests on our reading."""
        return any(figure.period_basis == "stated" for figure in (self.figure, *self.repeats))

    @property
    def repeat_ids(self) -> list[str]:
        return [figure.figure_id for figure in self.repeats]

    def as_json(self) -> dict[str, object]:
        """The member for machines; a bound is null where there is none."""
        return {
            "figure_id": self.figure.figure_id,
            "document_id": self.figure.document_id,
            "locator": self.figure.locator,
            "as_printed": self.figure.as_printed,
            "lower": _number(self.interval.lower),
            "upper": _number(self.interval.upper),
            "unit": self.figure.indicator.unit,
            "lower_closed": self.interval.lower_closed,
            "upper_closed": self.interval.upper_closed,
            "repeats": self.repeat_ids,
        }


@dataclass(frozen=True)
class Conflict:
    """A minimal set of figures that cannot all hold.

    Attributes:
        conflict_id: fingerprint of the members' figure ids; the same set has the same id in every load.
        severity: `error`, or `warning` where it rests on a default that the document does not print.
    """

    conflict_id: str
    severity: Severity
    kind: str
    state: str
    indicator_id: str
    summary: str
    members: tuple[Member, ...]

    def as_json(self) -> dict[str, object]:
        """The conflict for machines, in the shape `wanstat conflicts --json` promises."""
        return {
            "id": self.conflict_id,
            "severity": self.severity,
            "kind": self.kind,
            "state": self.state,
            "indicator_id": self.indicator_id,
            "summary": self.summary,
            "members": [member.as_json() for member in self.members],
        }


def find_conflicts(ledger: Ledger) -> list[Conflict]:
    """All conflicts between figures of the same quantity, by indicator, then id; independent of the order of the rows."""
    members = statements_of(ledger.figures)
    by_id = {member.figure.figure_id: member for member in members}
    statements = [
        Statement(figure_id, (str(quantity_of(member.figure)),), within(member.interval)) for figure_id, member in by_id.items()
    ]
    found = [_same_quantity([by_id[figure_id] for figure_id in ids]) for ids in minimal_conflicts(statements)]
    return sorted(found, key=lambda conflict: (conflict.indicator_id, conflict.conflict_id))


def quantity_of(figure: Figure) -> tuple[str, ...]:
    """What must be equal for two figures to measure the same thing."""
    nature = NATURE_CLASSES[figure.nature]
    return (figure.indicator_id, figure.scope, figure.area, figure.period, figure.window, nature)


def statements_of(figures: Iterable[Figure]) -> list[Member]:
    """The figures with an interval; those that say the same of the same quantity as one, under the smallest figure id."""

    def said(figure: Figure) -> tuple[object, ...]:
        return (*quantity_of(figure), *map(str, vars(figure.interval).values()))

    ordered = sorted((figure for figure in figures if figure.interval), key=lambda figure: (said(figure), figure.figure_id))
    return [Member(first, first.interval, tuple(repeats)) for _, (first, *repeats) in groupby(ordered, key=said)]


def write_results(conflicts: Sequence[Conflict], settings: Settings) -> None:
    """Write `conflicts.parquet` and `conflict_members.parquet` under results, as `CONFLICT_TABLES` describes them.

    Raises:
        OSError: what the disk answered.
    """
    rows = {
        "conflicts": [
            {
                "conflict_id": conflict.conflict_id,
                "severity": conflict.severity,
                "kind": conflict.kind,
                "state": conflict.state,
                "indicator_id": conflict.indicator_id,
                "summary": conflict.summary,
            }
            for conflict in conflicts
        ],
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
            | bounds(member.interval)
            for conflict in conflicts
            for member in conflict.members
        ],
    }
    for name, table in CONFLICT_TABLES.items():
        columns = {column.name: column.type for column in table.columns}
        write_rows(settings.results / f"{name}.parquet", columns, rows[name])


CONFLICT_TABLES: dict[str, ResultTable] = {
    "conflicts": ResultTable(
        "conflicts",
        "公布数之间的矛盾，一行一个：不能同时成立的最小一组",
        (
            Column("conflict_id", "VARCHAR", "矛盾编号，由所含公布数的编号算出，每次装载不变", nullable=False),
            Column(
                "severity", "VARCHAR", "error：按原文怎么读都不能同时成立；warning：取决于原文没有印出的默认读法", nullable=False
            ),
            Column("kind", "VARCHAR", "种类：same_quantity 为同一数量的几个公布数没有共同的值", nullable=False),
            Column("state", "VARCHAR", "状态：open 为尚未裁定", nullable=False),
            Column("indicator_id", "VARCHAR", "指标编号", nullable=False),
            Column("summary", "VARCHAR", "说明，含算式", nullable=False),
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
}


def _same_quantity(members: Sequence[Member]) -> Conflict:
    """A conflict of intervals on one quantity: always two that lie apart (Helly's theorem on a line)."""
    one, other = members
    smaller, larger = (one, other) if one.interval.lies_below(other.interval) else (other, one)
    return Conflict(
        conflict_id=digest_of(*(member.figure.figure_id for member in members))[:16],
        severity="error" if all(member.is_stated for member in members) else "warning",
        kind="same_quantity",
        state="open",
        indicator_id=members[0].figure.indicator_id,
        summary=_summary(smaller, larger),
        members=tuple(members),
    )


def _summary(smaller: Member, larger: Member) -> str:
    figure = smaller.figure
    unit = figure.indicator.unit
    scope = f"，{figure.scope}" if figure.scope else ""
    when = _WINDOW_WORDS[figure.window].format(figure.period.replace("..", "至"))
    said = "；".join(_said(member) for member in (smaller, larger))
    low, high = smaller.interval.upper, larger.interval.lower
    nature = {"forecast": "（预计）", "target": "（目标）"}.get(figure.nature, "")
    text = f"{figure.indicator.label}{nature}，{figure.area}{scope}，{when}：{said}。两个范围没有共同的值"
    text += f"，至少相差 {_plain(high)} − {_plain(low)} = {_plain(high - low)} {unit}。" if high > low else "。"
    unstated = [member for member in (smaller, larger) if not member.is_stated]
    if unstated:
        names = "、".join(f"“{member.figure.as_printed}”" for member in unstated)
        text += f"其中{names}的时期原文没有印出，{when}是推断的读法；若时期另有所指，则不矛盾。"
    return text


def _said(member: Member) -> str:
    figure = member.figure
    repeated = f"（另有 {len(member.repeats)} 处相同）" if member.repeats else ""
    where = f"文件 {figure.document_id} {figure.locator}"
    return f"{where}写“{figure.as_printed}”{repeated}，即{_range(member.interval)} {figure.indicator.unit}"


def _range(interval: Interval) -> str:
    if interval.is_point:
        return f"恰为 {_plain(interval.lower)}"
    parts = []
    if interval.lower is not None:
        parts.append(f"{'不小于' if interval.lower_closed else '大于'} {_plain(interval.lower)}")
    if interval.upper is not None:
        parts.append(f"{'不大于' if interval.upper_closed else '小于'} {_plain(interval.upper)}")
    return "、".join(parts)


def _plain(value: Fraction) -> str:
    text = f"{amount(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
