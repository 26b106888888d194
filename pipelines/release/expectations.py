"""Runs the suites of `expectations/` on the marts in an ephemeral Great Expectations context and says what each found.

Belongs here: frames in, `CheckOutcome`s out. Does not belong here: what is expected (YAML), or what follows from it (`gate`).
"""

from __future__ import annotations

import importlib
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb

from pipelines.release.outcomes import CheckOutcome, Outcome
from pipelines.release.suites import Check, Suite, load_suites
from pipelines.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS = 5
DETAIL_LENGTH = 300
OFFLINE = {"enable_external_access": "false", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

# Judges one frame: the expectation's result as Great Expectations gives it.
Validate = Callable[["pd.DataFrame", Check], Any]


class _Verdict(NamedTuple):
    outcome: Outcome
    message: str
    unexpected_count: int | None = None
    sample: Sequence[dict[str, Any]] = ()


def run_expectations(settings: Settings, suites: Sequence[Suite] | None = None) -> list[CheckOutcome]:
    """Check the marts in the build database against `suites`, or all of `expectations/`; nothing is written.

    Returns:
        One outcome a check, in the order of the suites. An exception inside Great Expectations, a missing table or column,
        or nothing to look at is `could_not_verify`, never a pass.

    Raises:
        ValueError: a suite file is malformed.
        duckdb.Error: the build database cannot be opened at all.
    """
    suites = load_suites(settings.expectations) if suites is None else suites
    if not suites:
        return []
    validate = _great_expectations()
    # External access is off, so a suite can read the marts and no file of the machine.
    with duckdb.connect(str(settings.build_database), read_only=True, config=OFFLINE) as connection:
        return [_outcome(suite, check, _judge(connection, check, validate)) for suite in suites for check in suite.checks]


def start_checker() -> ProcessPoolExecutor:
    """A process of its own that imports Great Expectations (4 s) while this one builds the warehouse.

    Submit `run_expectations` to it. Two cores are then both at work; a thread would only take turns with dbt.
    """
    checker = ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn"), initializer=_without_threads)
    checker.submit(importlib.import_module, "great_expectations.expectations.core")
    return checker


def _without_threads() -> None:
    """Keep numpy to one thread: on series of a few numbers the others only wait for it, on the core that builds."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _great_expectations() -> Validate:
    """Great Expectations behind one function; imported here because the import alone takes seconds."""
    import great_expectations as gx
    import great_expectations.expectations.core  # registers the expectations by name
    from great_expectations.expectations.registry import get_expectation_impl

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = {"globally": False}
    source = context.data_sources.add_pandas("marts")

    def validate(frame: pd.DataFrame, check: Check) -> Any:
        name = f"{check.table}_{len(source.assets)}"
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        expectation = get_expectation_impl(check.expectation)(**check.arguments)
        wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": list(check.key), "include_unexpected_rows": False}
        return batch.validate(expectation, result_format=wanted)

    return validate


def _judge(connection: duckdb.DuckDBPyConnection, check: Check, validate: Validate) -> _Verdict:
    try:
        # Not by way of Arrow: pyarrow would be a dependency of its own for frames of a few thousand rows.
        frame = connection.sql(check.sql).df()
    except duckdb.CatalogException as error:
        return _unverified(check, "所查的表不存在", error)
    except duckdb.Error as error:
        return _unverified(check, "查询无法执行（列缺失或数据类型已变）", error)
    absent = [name for name in (*check.key, *_columns_named(check)) if name not in frame.columns]
    if absent:
        return _unverified(check, f"缺少列 {'、'.join(absent)}")
    if frame.empty:
        return _nothing_to_see(check)
    try:
        result = validate(frame, check)
    except Exception as error:  # whatever the tool raises, the check has not been made
        return _unverified(check, "核查工具出错", error)
    if raised := list(_exceptions(result.exception_info)):
        return _unverified(check, "核查工具出错", raised[0])
    return _verdict(check, bool(result.success), result.result)


def _verdict(check: Check, success: bool, result: dict[str, Any]) -> _Verdict:
    """The verdict on a result that came without an exception.

    An expectation about values passes vacuously when every value is missing; that is nothing verified.
    """
    elements = result.get("element_count")
    if elements is not None and result.get("missing_count") == elements:
        return _nothing_to_see(check)
    if elements is None and "observed_value" in result and _plain(result["observed_value"]) is None:
        return _nothing_to_see(check)
    if success:
        return _Verdict("holds", f"{check.title}：成立", result.get("unexpected_count"))
    if elements is None:
        observed = _plain(result.get("observed_value"))
        return _Verdict("failed", f"{check.title}：不成立，实际为 {observed}", None, [{"observed_value": observed}])
    count = int(result["unexpected_count"])
    rows = result.get("unexpected_index_list") if check.key else [{"value": one} for one in result["partial_unexpected_list"]]
    sample = [{name: _plain(value) for name, value in row.items()} for row in (rows or [])[:SAMPLE_ROWS]]
    example = "，".join(f"{name}={value}" for name, value in sample[0].items()) if sample else "无"
    return _Verdict("failed", f"不成立：{check.title}。{elements} 行中 {count} 行不符，如 {example}", count, sample)


def _unverified(check: Check, why: str, error: object = "") -> _Verdict:
    detail = " ".join(str(error).split())[:DETAIL_LENGTH]
    return _Verdict("could_not_verify", f"{check.title}：未能核查，{why}" + (f"（{detail}）" if detail else ""))


def _nothing_to_see(check: Check) -> _Verdict:
    if check.when_empty == "holds":
        return _Verdict("holds", f"{check.title}：没有可核查的数据，视为成立", 0)
    return _unverified(check, "没有可核查的数据")


def _columns_named(check: Check) -> Iterator[str]:
    for argument, value in check.arguments.items():
        if argument in ("column", "column_A", "column_B"):
            yield str(value)
        elif argument == "column_list":
            yield from value


def _exceptions(info: dict[str, Any]) -> Iterator[str]:
    """The messages of the exceptions in a result: the dictionary is flat, or holds one such dictionary a metric."""
    entries = [info] if "raised_exception" in info else list(info.values())
    yield from (str(entry.get("exception_message")) for entry in entries if entry.get("raised_exception"))


def _plain(value: Any) -> Any:
    """A value as JSON holds it; what a frame uses for missing (NaN, NaT, NA) becomes None."""
    if hasattr(value, "item"):
        value = value.item()  # numpy scalars
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, (list, dict)):
        return json.loads(json.dumps(value, default=str))
    return None if str(value) in ("NaT", "<NA>") else str(value).removesuffix(" 00:00:00")


def _outcome(suite: Suite, check: Check, verdict: _Verdict) -> CheckOutcome:
    return CheckOutcome(
        tool="expectations",
        check_id=f"{suite.suite}.{check.name}",
        suite=suite.suite,
        title=check.title,
        table_name=check.table,
        severity=check.severity,
        level=check.level,
        outcome=verdict.outcome,
        unexpected_count=verdict.unexpected_count,
        sample=json.dumps(list(verdict.sample), ensure_ascii=False),
        message=verdict.message,
    )
