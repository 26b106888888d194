"""The office's rulings on conflicts: `rulings.csv` read and checked, and which of them still hold.

Belongs here: what a ruling may say, and that it lapses when a figure under it changes. Does not belong here: finding conflicts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

import yaml

from pipelines.collect.records import SheetFindings, read_rows
from pipelines.figures.ledger import OBSERVED, Figure, Ledger
from pipelines.files import digest_of
from pipelines.findings import Finding
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

FOLDER, FORM = "rulings", "figure_rulings"
# What the line to copy from a conflict's page has where the office is to write.
PLACEHOLDERS = {"reason": "（理由）", "by": "（裁定人）"}
# What stands: one of the figures as printed; a figure, read as a hypothesis has it; or nothing is to be done.
DECISIONS = ("figure", "hypothesis", "no_action")


@dataclass(frozen=True)
class Ruling:
    """What was decided on a conflict.

    Attributes:
        figure_id: the figure that stands, or that is to be read otherwise; empty where nothing is to be done.
        hypothesis: how it is to be read; empty otherwise.
        guard: the members as they were printed when it was decided, as `guard_of` writes them.
    """

    conflict_id: str
    decision: str
    figure_id: str
    hypothesis: str
    reason: str
    by: str
    on: date | None
    guard: str


RULING_COLUMNS = tuple(field.name for field in fields(Ruling))
RULING_TABLE = ResultTable(
    "rulings",
    "对公布数矛盾的裁定，一行一个；所据的数变了就不再作数，要重新裁定",
    (
        Column("conflict_id", "VARCHAR", "所裁定的矛盾，见 conflicts", nullable=False),
        Column("decision", "VARCHAR", "figure 以某个公布数为准，hypothesis 某个数另有所指，no_action 不作处理", nullable=False),
        Column("figure_id", "VARCHAR", "为准的、或另有所指的公布数编号；不作处理则空"),
        Column("hypothesis", "VARCHAR", "另有所指的读法，见 conflict_explanations；没有则空"),
        Column("reason", "VARCHAR", "理由", nullable=False),
        Column("decided_by", "VARCHAR", "裁定人", nullable=False),
        Column("decided_on", "DATE", "裁定日期"),
        Column("state", "VARCHAR", "ruled 有效，reopened 所据的数已变，unknown 没有这个矛盾", nullable=False),
        Column("state_reason", "VARCHAR", "不再有效的原因；有效则空"),
    ),
    ("conflict_id",),
)


def rulings_sheet() -> SheetFindings:
    """Where findings about `rulings.csv` are collected."""
    return SheetFindings(FOLDER, "rulings.csv", FORM)


def guard_of(figures: Sequence[Figure]) -> str:
    """The figures as they are printed, for a ruling to hold on to: `S4-011=27.9 亿元@2020/year；S4-044=…`."""
    return "；".join(_printed(figure) for figure in sorted(figures, key=lambda figure: figure.figure_id))


def _printed(figure: Figure) -> str:
    return f"{figure.figure_id}={figure.as_printed.replace('；', '，')}@{figure.period}/{figure.window}"


def conflict_id_of(figure_ids: Sequence[str]) -> str:
    """The fingerprint of a set of members, the same in every load."""
    return digest_of(*sorted(figure_ids))[:16]


def load_rulings(settings: Settings) -> tuple[tuple[Ruling, ...], tuple[Finding, ...]]:
    """The usable rulings, the last of each conflict, and what is wrong with the others; none where there is no file."""
    sheet = rulings_sheet()
    path = settings.rulings / "rulings.csv"
    rulings: dict[str, Ruling] = {}
    entries = yaml.safe_load((settings.expectations / "hypotheses.yml").read_text(encoding="utf-8"))["hypotheses"]
    hypotheses = {entry["id"]: "rewrite" in entry for entry in entries}  # whether it is on a figure
    if not path.exists():
        return (), ()
    for row in read_rows(path, RULING_COLUMNS, sheet):
        for name in ("conflict_id", "decision", "reason", "by", "guard"):
            row.required(name)
        for name, placeholder in PLACEHOLDERS.items():
            if row[name] == placeholder:
                row.report("placeholder", name, f"“{placeholder}”还是照抄来的样子", "写上实际的内容")
        row.one_of("decision", DECISIONS)
        on = row.day("on")
        advice = f"填下列之一：{'、'.join(hypotheses)}；不是另有所指的删去"
        if not row.is_bad and (row["decision"] == "hypothesis") != bool(row["hypothesis"]):
            row.report("hypothesis", "hypothesis", "另有所指的要写明读法，别的不写", advice)
        elif not row.is_bad and row["hypothesis"] and row["hypothesis"] not in hypotheses:
            row.report("hypothesis", "hypothesis", f"没有“{row['hypothesis']}”这种读法", advice)
        needs_figure = row["decision"] == "figure" or hypotheses.get(row["hypothesis"], False)
        if not row.is_bad and needs_figure != bool(row["figure_id"]):
            message = "以某个数为准或另有所指的要写明是哪个数，别的不写"
            row.report("figure", "figure_id", message, "补填或删去公布数编号")
        members = _members(row["guard"])
        if not row.is_bad and conflict_id_of(members) != row["conflict_id"]:
            message = f"guard 里的公布数（{'、'.join(members)}）不是矛盾“{row['conflict_id']}”的"
            advice = f"这几个数的矛盾编号是 {conflict_id_of(members)}；编号和 guard 都从该矛盾的网页上照抄"
            row.report("guard", "guard", message, advice)
        if not row.is_bad and row["figure_id"] and row["figure_id"] not in members:
            row.report("figure", "figure_id", f"“{row['figure_id']}”不在这个矛盾之内", "改为所含公布数之一")
        if not row.is_bad:  # of several rows on a conflict the last one holds: who decides anew adds a row
            rulings[row["conflict_id"]] = Ruling(**{name: row[name] for name in RULING_COLUMNS} | {"on": on})
    return tuple(rulings.values()), tuple(sheet.findings)


def _members(guard: str) -> list[str]:
    return [part.split("=", 1)[0] for part in guard.split("；")]


def is_on(ruling: Ruling, members: Sequence[Collection[str]]) -> bool:
    """Whether a ruling is on the conflict of these members, each given by the ids of all figures that say it.

    Not by the conflict's id alone: a new document that repeats a member may have become its first.
    """
    ids = set(_members(ruling.guard))
    return len(ids) == len(members) and all(len(ids & set(member)) == 1 for member in members)


def unknown(
    rulings: Sequence[Ruling], conflicts: Sequence[Sequence[Collection[str]]], figures: Mapping[str, Figure]
) -> list[Finding]:
    """A finding for each ruling on a conflict that there is none of, with what has changed; `conflicts` as `is_on` takes them."""
    sheet = rulings_sheet()
    for ruling in rulings:
        is_with_observed = any(_is_observed(figure_id) for figure_id in _members(ruling.guard))
        if not is_with_observed and not any(is_on(ruling, members) for members in conflicts):
            why = lapsed(ruling, figures)
            message = f"裁定的矛盾“{ruling.conflict_id}”现在的台账里没有{f'，所据的数变了：{why}' if why else ''}"
            advice = "矛盾已随更正消失的，删去这一行；编号写错的，从 wanstat conflicts 所列的网页上照抄"
            sheet.report("conflict_unknown", message, advice, severity="warning", column="conflict_id", value=ruling.conflict_id)
    return sheet.findings


def lapsed(ruling: Ruling, figures: Mapping[str, Figure]) -> str | None:
    """Why a ruling holds no longer: which figure has changed since, from what to what; None where it still holds."""
    changes = []
    for part in ruling.guard.split("；"):
        figure_id = part.split("=", 1)[0]
        if _is_observed(figure_id) and figure_id not in figures:
            continue  # the ledger alone does not tell
        now = _printed(figures[figure_id]) if figure_id in figures else "（已从台账删去）"
        if now != part:
            changes.append(f"{figure_id} 裁定时是“{part.partition('=')[2]}”，现在是“{now.partition('=')[2] or now}”")
    return "；".join(changes) or None


def _is_observed(figure_id: str) -> bool:
    return figure_id.startswith(f"{OBSERVED}:")


# What dbt takes of the rulings that hold: figures that are not to be taken for what they seem to say, and what stands instead.
FIGURE_RULINGS = {
    "figure_id": "VARCHAR",
    "standing_figure_id": "VARCHAR",
    "conflict_id": "VARCHAR",
    "decided_by": "VARCHAR",
    "decided_on": "DATE",
    "reason": "VARCHAR",
}


def land_rulings(rulings: Sequence[Ruling], ledger: Ledger, settings: Settings) -> None:
    """Write the landing table `figure_rulings`, replacing what was there: of a figure that several rulings reject the first.

    Raises:
        OSError: what the disk answered.
    """
    figures = {figure.figure_id: figure for figure in ledger.figures}
    rows = {}
    for ruling in rulings:
        for rejected_id, standing in [] if lapsed(ruling, figures) else rejected(ruling, figures):
            row = {
                "figure_id": rejected_id,
                "standing_figure_id": standing,
                "conflict_id": ruling.conflict_id,
                "decided_by": ruling.by,
                "decided_on": ruling.on,
                "reason": ruling.reason,
            }
            rows.setdefault(rejected_id, row)
    write_rows(settings.landing / "figure_rulings" / "_schema.parquet", FIGURE_RULINGS, [])
    write_rows(settings.landing / "figure_rulings" / "ledger.parquet", FIGURE_RULINGS, rows.values())


def rejected(ruling: Ruling, figures: Mapping[str, Figure]) -> list[tuple[str, str | None]]:
    """Each figure of the conflict's quantity that is not to be taken, with the one that is, if one of them is."""
    own = figures.get(ruling.figure_id)
    if own is None:
        return []
    members = [figures[figure_id] for figure_id in _members(ruling.guard) if figure_id in figures]
    rivals = [each for each in members if each != own and each.quantity == own.quantity]
    if ruling.decision == "figure":
        out, standing = rivals, own.figure_id
    else:
        out, standing = [own], rivals[0].figure_id if len(rivals) == 1 else None
    said = {(each.quantity, each.interval) for each in out}
    alike = [each for each in figures.values() if (each.quantity, each.interval) in said]
    return [(each.figure_id, standing) for each in alike if each.figure_id != standing]
