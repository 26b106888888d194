"""The one Dagster entry point: every asset, the job, its resource and the sensor. Nothing else belongs here."""

import dagster as dg

from pipelines.defs.landing import LANDING_ASSETS, MONTHS
from pipelines.defs.release import RELEASE_ASSETS, embargo
from pipelines.defs.resources import LoadResource
from pipelines.defs.warehouse import warehouse

monthly_load = dg.define_asset_job(
    "monthly_load",
    selection=dg.AssetSelection.all(),
    partitions_def=MONTHS,
    executor_def=dg.in_process_executor,
    description="装载一个月：收集、落地、建库、对账、全年预计、核查、指标卡、发布",
)

defs = dg.Definitions(
    assets=[*LANDING_ASSETS, warehouse, *RELEASE_ASSETS],
    jobs=[monthly_load],
    sensors=[embargo],
    resources={"load": LoadResource()},
)
