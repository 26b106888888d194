"""What a check of the warehouse said: one record for dbt tests and expectations alike, its Parquet file and its findings.

Belongs here: `CheckOutcome`, writing and reading `results/check_outcomes.parquet`, turning what does not hold into findings.
Does not belong here: running checks, or deciding whether the release may go out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import duckdb

from pipelines import files
from pipelines.findings import Finding
from pipelines.findings import Severity as FindingSeverity
from pipelines.settings import Settings

Tool = Literal["dbt", "expectations"]
CheckSeverity = Literal["critical", "error", "warning", "info"]
Outcome = Literal["holds", "failed", "could_not_verify"]

OUTCOME_COLUMNS = {
    "tool": "VARCHAR",
    "check_id": "VARCHAR",
    "suite": "VARCHAR",
    "title": "VARCHAR",
    "table_name": "VARCHAR",
    "severity": "VARCHAR",
    "level": "INTEGER",
    "outcome": "VARCHAR",
    "unexpected_count": "BIGINT",
    "sample": "VARCHAR",
    "message": "VARCHAR",
}

# A finding knows three severities; what stops a release is an error there.
FINDING_SEVERITY: dict[CheckSeverity, FindingSeverity] = {
    "critical": "error",
    "error": "error",
    "warning": "warning",
    "info": "info",
}


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """The outcome of one check; the third one, `could_not_verify`, never counts as a pass.

    Attributes:
        tool: who ran it.
        check_id: stable name, unique within a load, e.g. `totals.not_negative`; becomes the rule id of its finding.
        suite: YAML suite of an expectation, or the dbt test's kind.
        title: in Chinese, what should hold.
        table_name: the mart it looks at, for people.
        severity: `critical` (expectations) and `error` (dbt tests) stop the release.
        level: 0–5 as in `Finding`.
        unexpected_count: how many rows are against it; None where the check is about the whole table or did not run.
        sample: the first rows against it as a JSON list, `[]` if there are none to show.
        message: in Chinese, what was found.
    """

    tool: Tool
    check_id: str
    suite: str
    title: str
    table_name: str
    severity: CheckSeverity
    level: int
    outcome: Outcome
    unexpected_count: int | None = None
    sample: str = "[]"
    message: str = ""

    def __post_init__(self) -> None:
        for value, allowed in ((self.tool, Tool), (self.severity, CheckSeverity), (self.outcome, Outcome)):
            if value not in get_args(allowed):
                raise ValueError(f"{self.check_id}: {value!r} is none of {get_args(allowed)}")

    @property
    def stops_release(self) -> bool:
        """Whether the release must not go out because of it."""
        return self.outcome != "holds" and self.severity in ("critical", "error")


def findings_of(outcomes: Iterable[CheckOutcome], *, month: str, is_practice: bool) -> list[Finding]:
    """One finding for every outcome that does not hold, each finding once."""
    found: dict[str, Finding] = {}
    for outcome in outcomes:
        if outcome.outcome == "holds":
            continue
        unverified = outcome.outcome == "could_not_verify"
        finding = Finding(
            rule_id=outcome.check_id,
            level=outcome.level,
            severity=FINDING_SEVERITY[outcome.severity],
            message=outcome.message or outcome.title,
            advice="未能核查不等于通过：请先排除上述原因，再重新加载。"
            if unverified
            else "请对照所列各行核实来源报送；确有原因的，随发布说明。",
            month=month,
            value=None if outcome.unexpected_count is None else str(outcome.unexpected_count),
            expected=outcome.title,
            is_practice=is_practice,
        )
        found.setdefault(finding.finding_id, finding)
    return list(found.values())


def write_outcomes(settings: Settings, outcomes: Iterable[CheckOutcome]) -> None:
    """Write all outcomes of this load, dbt's and the expectations', to `results/check_outcomes.parquet` in order of their ids."""
    rows = sorted((asdict(outcome) for outcome in outcomes), key=lambda row: (row["tool"], row["check_id"]))
    columns = ", ".join(f"{name} {kind}" for name, kind in OUTCOME_COLUMNS.items())
    with duckdb.connect() as connection, files.whole(settings.results / "check_outcomes.parquet") as beside:
        connection.execute(f"create table outcomes ({columns})")
        if rows:
            marks = ", ".join("?" for _ in OUTCOME_COLUMNS)
            values = [[row[name] for name in OUTCOME_COLUMNS] for row in rows]
            connection.executemany(f"insert into outcomes values ({marks})", values)
        connection.table("outcomes").write_parquet(str(beside))


def read_outcomes(settings: Settings) -> list[CheckOutcome]:
    """What `write_outcomes` wrote last.

    Raises:
        FileNotFoundError: no check has run in this workspace; that is no pass, so callers let it through.
    """
    path = settings.results / "check_outcomes.parquet"
    if not path.exists():
        raise FileNotFoundError(f"no check outcomes at {path}: run the checks before the release")
    with duckdb.connect() as connection:
        rows = connection.execute(f"select {', '.join(OUTCOME_COLUMNS)} from read_parquet(?)", [str(path)]).fetchall()
    return [CheckOutcome(**dict(zip(OUTCOME_COLUMNS, row, strict=True))) for row in rows]
