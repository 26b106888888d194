"""Assets of the first two stages: the intake, and the landing tables with their checks.

Belongs here: one landing asset a form, made from the specifications, and what the clerk sees of it in the UI. Does not
belong here: how files are read and judged (collect, validate, land).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.resources import LoadResource
from pipelines.forms.model import Form, load_forms
from pipelines.land import landing

MONTHS = dg.MonthlyPartitionsDefinition(start_date="2022-01", fmt="%Y-%m", timezone="Asia/Shanghai", end_offset=1)
INTAKE = dg.AssetKey(["collect", "intake"])
ALL_RETURNED_FIXED = "no_returned_submissions"
SHOWN_ROWS = 10


def landing_key(table: str) -> dg.AssetKey:
    """Key of a landing table; dbt's sources map to the same."""
    return dg.AssetKey(["landing", table])


def markdown_table(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """The first rows of a frame as a table for the UI."""
    rows = [frame.columns, ["---"] * frame.width, *frame.head(SHOWN_ROWS).rows()]
    shown = ["| " + " | ".join("" if cell is None else str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    if frame.height > SHOWN_ROWS:
        shown.append(f"\n另有 {frame.height - SHOWN_ROWS} 行")
    return dg.MetadataValue.md("\n".join(shown))


@dg.asset(key=INTAKE, partitions_def=MONTHS, group_name="collect", description="收到的全部文件：归档、识别报表、单位和月份")
def intake(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
    """Archive and identify what has arrived."""
    collected = load.of(context).collect()
    return dg.MaterializeResult(
        metadata={
            "收件夹内文件": len(collected.present),
            "已归档文件": len(collected.received),
            "无法识别": len(collected.unidentified),
            "练习数据": collected.is_practice,
        }
    )


def landing_asset(form: Form) -> dg.AssetsDefinition:
    """The landing asset of one form, with a check that no submission of it stands returned."""
    key = landing_key(form.form)

    @dg.asset(
        key=key,
        deps=[INTAKE],
        partitions_def=MONTHS,
        group_name="landing",
        description=f"{form.title}：已接受的报送（本月及以前有变化的月份）",
        check_specs=[dg.AssetCheckSpec(ALL_RETURNED_FIXED, asset=key, description="没有被退回而未重报的报送")],
    )
    def land(context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]) -> dg.MaterializeResult:
        this_load = load.of(context)
        landed = this_load.land_form(form.form)
        for month in landed.written:
            if month != context.partition_key and month in MONTHS.get_partition_keys():
                # Earlier months that changed are landed in the same run; the UI shows them on their own months.
                context.log_event(dg.AssetMaterialization(asset_key=key, partition=month))
        return dg.MaterializeResult(
            metadata={"写入的月份": "、".join(landed.written) or "无", "未变的月份": len(landed.unchanged)},
            check_results=[_returned_check(this_load.settings, form)],
        )

    return land


def _returned_check(settings, form: Form) -> dg.AssetCheckResult:
    submissions = landing.read_submissions(settings).filter(pl.col("form") == form.form)
    accepted = submissions.filter(pl.col("state") == "accepted").select("reporting_unit_id", "month")
    standing = submissions.filter(pl.col("state") == "returned").join(accepted, on=["reporting_unit_id", "month"], how="anti")
    shown = standing.select("reporting_unit_id", "month", "revision", "file_name", "reason")
    return dg.AssetCheckResult(
        check_name=ALL_RETURNED_FIXED,
        passed=standing.is_empty(),
        severity=dg.AssetCheckSeverity.WARN,
        description=f"{standing.height} 份报送被退回，尚未重报" if standing.height else "没有被退回而未重报的报送",
        metadata={"被退回的报送": markdown_table(shown)} if standing.height else {},
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(landing_key(table), deps=list(map(landing_key, load_forms())), group_name="landing", description=what)
        for table, what in (
            ("submissions", "每个收到的文件及其状态"),
            ("findings", "核查发现"),
            ("load_context", "本次装载的月份与性质"),
            ("reopenings", "锁定后重新开放的月份"),
            ("corrections", "市里对报送数的更正"),
        )
    ],
    partitions_def=MONTHS,
)
def landing_system(
    context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]
) -> Iterator[dg.MaterializeResult]:
    """Land what belongs to no form, once all forms are landed."""
    this_load = load.of(context)
    is_practice = this_load.land_context()
    findings = landing.read_findings(this_load.settings)
    errors = findings.filter(pl.col("severity") == "error").select("file_name", "sheet", "cell", "message", "advice")
    yield dg.MaterializeResult(landing_key("submissions"), metadata={"文件": landing.read_submissions(this_load.settings).height})
    yield dg.MaterializeResult(landing_key("findings"), metadata={"核查发现": findings.height, "错误": markdown_table(errors)})
    yield dg.MaterializeResult(landing_key("load_context"), metadata={"月份": this_load.month, "练习数据": is_practice})
    yield dg.MaterializeResult(landing_key("reopenings"))
    yield dg.MaterializeResult(landing_key("corrections"))


@dg.multi_asset(
    specs=[
        dg.AssetSpec(landing_key("published_figures"), deps=[INTAKE], group_name="figures", description="公布数台账"),
        dg.AssetSpec(landing_key("figure_documents"), deps=[INTAKE], group_name="figures", description="公布数的来源文件"),
        dg.AssetSpec(landing_key("figure_rulings"), deps=[INTAKE], group_name="figures", description="对公布数矛盾的裁定"),
    ],
)
def figures_ledger(
    context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]
) -> Iterator[dg.MaterializeResult]:
    """Check and land the ledger of published figures."""
    count = load.of(context).land_figures()
    yield dg.MaterializeResult(landing_key("published_figures"), metadata={"公布数": count})
    yield dg.MaterializeResult(landing_key("figure_documents"))
    yield dg.MaterializeResult(landing_key("figure_rulings"))


LANDING_ASSETS = [intake, *(landing_asset(form) for form in load_forms().values()), landing_system, figures_ledger]
