"""What each release changed, kept in the archive for good: observations, what counts in them, and why figures were revised.

Belongs here: which tables are kept, writing a release's changes, copying them into the archive, the time of a load. Does not
belong here: telling what has changed and why (dbt: the core models named in `KEPT`).

That a figure was released, and when, follows from nothing else: senders correct, definitions change, releases are deleted. So
each release carries its changes in its own folder, from which `keep` copies them to
`archive/releases/<table>/<release_id>.parquet`; dbt reads all of them and tells what is new against their sum.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from pipelines import files
from pipelines.parquet import write_empty
from pipelines.release.catalog import RELEASE_ID, ReleaseError, kept_folder, releases_folder
from pipelines.release.schema import literal
from pipelines.settings import Settings

HISTORY = "history"  # folder of a release with its changes
EMPTY = "_schema"  # a file without rows, so that dbt finds the columns before the first release, and those added later

_OBSERVATION = dict.fromkeys(("indicator_id", "hierarchy", "area_id", "month", "window_kind"), pl.String)

# Each table of the archive: the core model its rows come from, and the columns kept. The model says in `is_kept` which of its
# rows the archive holds already.
KEPT: dict[str, tuple[str, dict[str, pl.DataType | type[pl.DataType]]]] = {
    "observations": (
        "core_observation_vintages",
        {
            "release_id": pl.String,
            **_OBSERVATION,
            "value": pl.Decimal(20, 6),
            "value_low": pl.Decimal(20, 6),
            "value_high": pl.Decimal(20, 6),
            "unit": pl.String,
            "obs_status": pl.String,
            "is_withdrawn": pl.Boolean,
            "vintage": pl.Int32,
        },
    ),
    "revisions": (
        "core_revisions",
        {
            "release_id": pl.String,
            **_OBSERVATION,
            "vintage": pl.Int32,
            "previous_release_id": pl.String,
            "previous_value": pl.Decimal(20, 6),
            "previous_unit": pl.String,
            "previous_status": pl.String,
            "value": pl.Decimal(20, 6),
            "unit": pl.String,
            "obs_status": pl.String,
            "is_withdrawn": pl.Boolean,
            "reason_code": pl.String,
            "sender_ids": pl.String,
            "sender_names": pl.String,
            "is_method_changed": pl.Boolean,
        },
    ),
    "submissions": (
        "core_submission_vintages",
        {
            "release_id": pl.String,
            "form": pl.String,
            "reporting_unit_id": pl.String,
            "month": pl.String,
            "submission_id": pl.String,
            "revision": pl.Int32,
            "file_sha256": pl.String,
            "is_withdrawn": pl.Boolean,
            "vintage": pl.Int32,
        },
    ),
    "corrections": (
        "core_correction_vintages",
        {
            "release_id": pl.String,
            "correction_id": pl.String,
            "form": pl.String,
            "reporting_unit_id": pl.String,
            "month": pl.String,
            "row_key": pl.String,
            "field": pl.String,
            "action": pl.String,
            "received_value": pl.String,
            "corrected_value": pl.String,
            "is_withdrawn": pl.Boolean,
            "vintage": pl.Int32,
        },
    ),
    "releases": (
        "core_releases",
        {
            "release_id": pl.String,
            "release_month": pl.String,
            "known_from": pl.Datetime("us"),
            "method": pl.String,
            "is_practice": pl.Boolean,
        },
    ),
}


def write_changes(settings: Settings, folder: Path, release_id: str) -> None:
    """Write what the built release changes into `folder`/history.

    Raises:
        ReleaseError: the build database was built for another release.
    """
    (folder / HISTORY).mkdir()
    with duckdb.connect(str(settings.build_database), read_only=True) as connection:
        built_for = connection.execute("SELECT release_id FROM core.core_releases WHERE NOT is_kept").fetchall()
        if built_for != [(release_id,)]:
            raise ReleaseError(f"数据仓库不是为 {release_id} 建的，不能发布；请重新装载")
        for table, (model, columns) in KEPT.items():
            path = literal(str(folder / HISTORY / f"{table}.parquet"))
            connection.execute(f"COPY (SELECT {', '.join(columns)} FROM core.{model} WHERE NOT is_kept ORDER BY ALL) TO {path}")


def keep(settings: Settings) -> list[str]:
    """Copy into the archive what whole releases changed and it does not hold yet; doing it twice is doing it once.

    Returns:
        The ids of the releases of which something was copied.
    """
    for table, (_, columns) in KEPT.items():
        write_empty(kept_folder(settings, table) / f"{EMPTY}.parquet", columns)
    copied = set()
    for path in sorted(releases_folder(settings).glob(f"*/{HISTORY}/*.parquet")):
        release_id = path.parent.parent.name
        kept = kept_folder(settings, path.stem) / f"{release_id}.parquet"
        if RELEASE_ID.fullmatch(release_id) and not kept.exists():  # no other name: what is being built is no release yet
            with files.whole(kept) as beside:
                shutil.copyfile(path, beside)
            copied.add(release_id)
    return sorted(copied)


def time_of_load(settings: Settings) -> datetime:
    """From when on what a load finds is known (UTC, whole seconds): now, and after everything known before.

    A clock that was set back must not put the new before the old.
    """
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    kept = pl.scan_parquet(kept_folder(settings, "releases") / "*.parquet").select(pl.col("known_from").max())
    last = kept.collect().item()
    return now if last is None else max(now, last + timedelta(seconds=1))
