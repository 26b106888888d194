"""Whether a release may go out, and in one screen of Chinese why not.

Belongs here: the decision, as a pure function of outcomes and counts. Does not belong here: running checks or publishing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.release.outcomes import CheckOutcome

SCREEN_LINES = 15
LINE_LENGTH = 160
SOURCES = {"dbt": "数据仓库检验", "expectations": "发布前核查"}


@dataclass(frozen=True)
class GateContext:
    """What the gate must know beside the checks.

    Attributes:
        month: 'YYYY-MM' of the release.
        accepted: submissions in force of that month; a mistyped month has none.
        are_corrections_known: whether the office's corrections could be read.
    """

    month: str
    accepted: int
    are_corrections_known: bool = True


@dataclass(frozen=True)
class Gate:
    """The decision; `reasons` (Chinese, one line each) is empty if and only if it passed."""

    passed: bool
    reasons: list[str]


def decide(outcomes: Sequence[CheckOutcome], context: GateContext) -> Gate:
    """Stop at an error-severity dbt test or a critical expectation that failed or could not be verified, with no data at all,
    without the office's corrections (figures once put right would be wrong again), or where a tool has not run.

    Warnings, conflicts and missing submissions don't stop a release: they travel with it.
    """
    reasons = []
    if context.accepted == 0:
        reasons.append(f"没有任何已接受的 {context.month} 报送，不发布；请核对月份，或先处理退回和无法识别的文件")
    if not context.are_corrections_known:
        reasons.append("更正表 raw/rulings/corrections.csv 读不出，不发布，以免更正过的数又按原报的计；见核查发现")
    stopping = sorted(
        (one for one in outcomes if one.stops_release), key=lambda one: (one.outcome != "failed", one.tool, one.check_id)
    )
    reasons += [_reason(one) for one in stopping]
    ran = {one.tool for one in outcomes}
    if not reasons and (idle := [name for tool, name in SOURCES.items() if tool not in ran]):
        reasons.append(f"{'、'.join(idle)}没有运行；没有核查过的不能当作通过")
    if len(reasons) > SCREEN_LINES:
        kept = SCREEN_LINES - 1
        reasons = [*reasons[:kept], f"……另有 {len(reasons) - kept} 项未通过，见核查发现"]
    return Gate(passed=not reasons, reasons=reasons)


def _reason(outcome: CheckOutcome) -> str:
    source = SOURCES[outcome.tool]
    verdict = {"failed": "未通过", "could_not_verify": "未能核查"}[outcome.outcome]
    detail = " ".join((outcome.message or outcome.title).split())
    line = f"{source}{verdict}〔{outcome.check_id}〕{detail}"
    return line if len(line) <= LINE_LENGTH else line[: LINE_LENGTH - 1] + "…"
