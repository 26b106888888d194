"""Assets of the last stages: conflicts among published figures, full-year estimates, expectations, indicator cards, the
release.

Belongs here: what these stages show in the UI. Does not belong here: solver, methods, suites, gate and publication themselves.
"""

import dagster as dg
import polars as pl

from pipelines.asked import time_of
from pipelines.defs.landing import MONTHS, landing_key, markdown_table
from pipelines.defs.resources import LoadResource
from pipelines.defs.warehouse import warehouse
from pipelines.release.build import ReleaseStopped
from pipelines.release.switch import repair
from pipelines.settings import Settings

CONFLICTS = dg.AssetKey(["results", "conflicts"])
ESTIMATES = dg.AssetKey(["results", "full_year_estimates"])
EXPECTATIONS = dg.AssetKey(["results", "expectations"])
CARDS = dg.AssetKey(["results", "indicator_cards"])
RELEASE = dg.AssetKey(["release", "release"])
MARTS = [key for key in warehouse.keys if key.path[0] == "marts"]


@dg.asset(
    key=CONFLICTS,
    deps=[landing_key("published_figures"), *MARTS],
    group_name="results",
    description="公布数之间的矛盾",
    check_specs=[dg.AssetCheckSpec("no_open_conflicts", asset=CONFLICTS, description="公布数之间没有未裁定的矛盾")],
)
def conflicts(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
    """Find the sets of published figures that cannot all hold."""
    found = load.of(context).reconcile()
    still_open = [conflict for conflict in found.contradictions if conflict.state != "ruled"]
    shown = pl.DataFrame(
        [
            {
                "指标": each.indicator_id,
                "严重程度": each.severity,
                "说明": each.summary,
                "最可能的解释": each.explanations[0].hypothesis.title if each.explanations else "",
                "算式": each.explanations[0].arithmetic if each.explanations else "",
            }
            for each in still_open
        ]
    )
    return dg.MaterializeResult(
        metadata={
            "矛盾": len(found.contradictions),
            "写法不妥": len(found.conflicts) - len(found.contradictions),
            "不能相比": len(found.not_comparable),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="no_open_conflicts",
                passed=not still_open,
                severity=dg.AssetCheckSeverity.WARN,
                description=f"{len(still_open)} 组公布数相互矛盾，尚未裁定" if still_open else "没有未裁定的矛盾",
                metadata={"矛盾": markdown_table(shown)} if still_open else {},
            )
        ],
    )


@dg.asset(key=ESTIMATES, deps=MARTS, group_name="results", description="时期数指标的全年预计及其以往误差")
def full_year_estimates(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
    """Estimate the full year of the city's flows."""
    rows = load.of(context).estimate()
    shown = pl.DataFrame([{"指标": row["indicator_id"], "说明": row["note"]} for row in rows if row["is_chosen"]])
    return dg.MaterializeResult(metadata={"指标": shown.height} | ({"预计": markdown_table(shown)} if shown.height else {}))


@dg.asset(
    key=EXPECTATIONS,
    deps=[ESTIMATES, *MARTS],  # the process that makes the estimates ends with the expectations
    group_name="results",
    description="发布前核查（Great Expectations）",
    check_specs=[dg.AssetCheckSpec("all_hold", asset=EXPECTATIONS, description="发布前核查全部成立")],
)
def expectations(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
    """Run the expectations over the marts."""
    outcomes = load.of(context).check()
    against = [outcome for outcome in outcomes if outcome.outcome != "holds"]
    shown = pl.DataFrame(
        [{"核查": each.title, "结果": each.outcome, "说明": each.message, "首批行": each.sample} for each in against]
    )
    stops = any(outcome.stops_release for outcome in against)
    return dg.MaterializeResult(
        metadata={"核查": len(outcomes), "不成立或未能核查": len(against)},
        check_results=[
            dg.AssetCheckResult(
                check_name="all_hold",
                passed=not against,
                severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
                description=f"{len(against)} 项不成立或未能核查" if against else "全部成立",
                metadata={"不成立": markdown_table(shown)} if against else {},
            )
        ],
    )


@dg.asset(
    key=CARDS,
    deps=[CONFLICTS, ESTIMATES, EXPECTATIONS, *MARTS],  # after the expectations, as the stages of a load stand
    group_name="results",
    description="指标卡：引用一个数所需要知道的",
)
def indicator_cards(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
    """Put in words what is known of the city's latest figures."""
    cards = load.of(context).make_cards()
    shown = pl.DataFrame([{"指标": card["indicator_label"], "可以引用的话": card["text"]} for card in cards])
    return dg.MaterializeResult(metadata={"指标卡": len(cards)} | ({"内容": markdown_table(shown)} if cards else {}))


class ReleaseConfig(dg.Config):
    """How a load is to end, as `wanstat load` has it: `--dry-run`; `--not-before`, in the office's time."""

    dry_run: bool = False
    not_before: str | None = None


@dg.asset(
    key=RELEASE,
    deps=[CONFLICTS, ESTIMATES, EXPECTATIONS, CARDS, *MARTS],
    partitions_def=MONTHS,
    group_name="release",
    description="发布：完整、编号、一次换上",
)
def release(
    context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource], config: ReleaseConfig
) -> dg.MaterializeResult:
    """Publish what the gate lets through, or only tell what would be published."""
    this_load = load.of(context)
    try:
        if config.dry_run:
            rehearsal = this_load.rehearse()
            changed = [table.table for table in rehearsal.difference.tables if table.is_different] if rehearsal.difference else []
            return dg.MaterializeResult(metadata={"说明": rehearsal.note, "有变化的表": "、".join(changed) or "无"})
        published = this_load.release(time_of(config.not_before) if config.not_before else None)
    except ReleaseStopped as stopped:
        raise dg.Failure(description="不发布；上一次发布保持不变：\n" + "\n".join(stopped.reasons)) from stopped
    return dg.MaterializeResult(
        metadata={
            "发布": published.release_id,
            "是否新发布": published.is_new,
            "说明": published.note,
            "文件夹": dg.MetadataValue.path(str(published.folder)),
        }
    )


@dg.sensor(minimum_interval_seconds=60, description="到时间的定时发布换为当前发布（默认不开；不开时由下一个 wanstat 命令换上）")
def embargo() -> dg.SkipReason:
    """Lift embargoes that are over. Off by default: an office machine is seldom on all night, and every command does the same."""
    told = repair(Settings.from_environment())
    return dg.SkipReason("\n".join(told) or "没有到时间的定时发布")


RELEASE_ASSETS = [conflicts, full_year_estimates, expectations, indicator_cards, release]
