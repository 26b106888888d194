"""The dbt project as assets: its models and tests become assets and checks, built in this process.

Belongs here: the mapping from dbt's nodes to Dagster's keys and events. Does not belong here: how dbt is run
(pipelines.warehouse); `DbtCliResource` would start a process that parses the project anew, five times the build itself.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import polars as pl
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.asset_utils import get_asset_check_key_for_test

from pipelines.defs.landing import landing_key, markdown_table
from pipelines.defs.resources import LoadResource
from pipelines.settings import Settings
from pipelines.warehouse import check_id, ensure_manifest


class Translator(DagsterDbtTranslator):
    """Sources are the landing assets, or what is kept of earlier releases; groups are the layers."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source" and dbt_resource_props["source_name"] == "archive":
            return dg.AssetKey(["archive", dbt_resource_props["name"]])  # no asset of this job: it is of the releases before
        if dbt_resource_props["resource_type"] == "source":
            return landing_key(dbt_resource_props["name"])
        layer = "seeds" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1]
        return dg.AssetKey([layer, dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return "seeds" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1]


TRANSLATOR = Translator()
MANIFEST = json.loads(ensure_manifest(Settings.from_environment()).read_text(encoding="utf-8"))


@dbt_assets(manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, name="warehouse", pool="build_database")
def warehouse(
    context: dg.AssetExecutionContext, load: dg.ResourceParam[LoadResource]
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build models and run tests; fails, after reporting every outcome, if one of them must stop the release."""
    built = load.of(context).build()
    for node in built.nodes:
        if node.status == "success" and node.resource_type in ("model", "seed"):
            key = TRANSLATOR.get_asset_spec(MANIFEST, node.unique_id, None).key
            yield dg.MaterializeResult(asset_key=key, metadata={"seconds": round(node.seconds, 3)})
    outcomes = {outcome.check_id: outcome for outcome in built.outcomes}
    for unique_id in MANIFEST["nodes"]:
        key = get_asset_check_key_for_test(MANIFEST, TRANSLATOR, unique_id, None)
        outcome = outcomes.get(check_id(unique_id))
        if key is None or outcome is None:
            continue
        sample = json.loads(outcome.sample)
        yield dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=outcome.outcome == "holds",
            severity=dg.AssetCheckSeverity.ERROR if outcome.severity == "error" else dg.AssetCheckSeverity.WARN,
            description=outcome.message or outcome.title,
            metadata={"不符合的行": markdown_table(pl.DataFrame(sample, infer_schema_length=None))} if sample else {},
        )
    if stopping := [outcome.message for outcome in built.outcomes if outcome.stops_release]:
        # Failing here keeps the release from starting: this is the gate's first half.
        raise dg.Failure(description="数据仓库检验未通过，不发布；上一次发布保持不变：\n" + "\n".join(stopping[:15]))
