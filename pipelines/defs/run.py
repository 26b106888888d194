"""Running the monthly load in this process, recorded in the same Dagster instance that the UI shows.

Belongs here: the instance's home and `run_monthly_load`. Does not belong here: printing, or what the stages do.
"""

from __future__ import annotations

import contextlib
import os
import shutil

import dagster as dg

from pipelines.collect.intake import Progress
from pipelines.defs.resources import LoadResource
from pipelines.load import CannotLoad, Load, only_one
from pipelines.settings import CHECKOUT, Settings
from pipelines.summary import LoadSummary


def prepare_instance(settings: Settings) -> None:
    """Point Dagster at the workspace: `DAGSTER_HOME` is `var/dagster`, with the checkout's `dagster.yaml` in it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(CHECKOUT / "dagster.yaml", settings.dagster_home / "dagster.yaml")
    os.environ |= {
        "DAGSTER_HOME": str(settings.dagster_home),
        "WANSTAT_DAGSTER_STORAGE": str(settings.dagster_home / "storage"),
        "WANSTAT_HOME": str(settings.home),
    }


def run_monthly_load(
    settings: Settings, month: str, progress: Progress, *, dry_run: bool = False, not_before: str | None = None
) -> LoadSummary:
    """Run the job `monthly_load` for a month; the run appears in the UI like one started there.

    Args:
        dry_run, not_before: how the load ends, see `ReleaseConfig`.

    Raises:
        CannotLoad: the month is not one of the job's.
        RuntimeError: what a stage raised that is neither bad data nor a closed gate.
    """
    prepare_instance(settings)
    from pipelines.definitions import MONTHS, defs

    months = MONTHS.get_partition_keys()
    if month not in months:
        raise CannotLoad(f"不能装载 {month}：只能装载 {months[0]} 至 {months[-1]}")

    load = Load(settings, month, progress)
    resource = LoadResource(settings, progress, {month: load})
    with dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)
        result = defs.resolve_job_def("monthly_load").execute_in_process(
            instance=instance,
            partition_key=month,
            resources={"load": resource},
            run_config={
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},  # the events go to the instance
                "ops": {"release__release": {"config": {"dry_run": dry_run, "not_before": not_before}}},
            },
            raise_on_error=False,
        )
    if result.success:
        return load.summary()
    stopped_by = load.decide().reasons if "build" in load.seconds else []
    if not stopped_by:
        raise RuntimeError(_first_failure(result))
    return load.summary(stopped_by)


def end_dead_runs(instance: dg.DagsterInstance) -> list[str]:
    """Mark runs as failed whose process is gone, and free their pool slots; the caller holds the workspace's lock.

    A run that is killed stays "started" for good: its slot would keep the next one waiting and the queue closed. Whoever
    holds the lock knows that no other run is at work.

    Returns:
        The ids of the runs that were ended.
    """
    unfinished = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    dead = instance.get_runs(dg.RunsFilter(statuses=unfinished))
    for run in dead:
        instance.report_run_failed(run, "进程已不在（断电或被中止），由下一次装载记为失败")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in dead]


def tidy_instance(settings: Settings) -> None:
    """End dead runs before the UI opens, unless a load is at work."""
    with contextlib.suppress(CannotLoad), only_one(settings), dg.DagsterInstance.get() as instance:
        end_dead_runs(instance)


def _first_failure(result: dg.ExecuteInProcessResult) -> str:
    failures = [event for event in result.all_node_events if event.is_step_failure]
    failure = failures[0].step_failure_data if failures else None
    return failure.error.to_string() if failure and failure.error else "the run failed without a step failure"
