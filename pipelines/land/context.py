"""What dbt must know of a load beside what was sent: what it is for, when it runs, and what people decided about its months.

Belongs here: those few rows. Does not belong here: where what they say comes from (load, release, validate).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import polars as pl

from pipelines.land.landing import CONTEXT
from pipelines.parquet import write_frame
from pipelines.settings import Settings
from pipelines.validate.reopenings import Reopening

CONTEXT_SCHEMA = {
    "release_month": pl.String,
    "is_practice": pl.Boolean,
    "release_id": pl.String,
    "loaded_at": pl.Datetime("us"),
    "method": pl.String,
}
REOPENING_SCHEMA = {"month": pl.String, "reason": pl.String, "reopened_by": pl.String, "reopened_at": pl.String}


@dataclass(frozen=True, kw_only=True)
class LoadContext:
    """A load as dbt sees it.

    Attributes:
        release_month: 'YYYY-MM'.
        release_id: of the release that the load makes if it makes one.
        loaded_at: UTC; from then on what the load finds is known.
        method: a digest of the program and its specifications; figures may change with it though nothing was sent.
    """

    release_month: str
    is_practice: bool
    release_id: str
    loaded_at: datetime
    method: str


def land_context(settings: Settings, context: LoadContext, reopenings: Iterable[Reopening]) -> None:
    """Land the load's own row, and the months reopened."""
    row = pl.DataFrame([asdict(context)], schema=CONTEXT_SCHEMA)
    write_frame(settings.landing / CONTEXT / f"{CONTEXT}.parquet", row)
    reopened = [(each.month, each.reason, each.who, each.at) for each in reopenings]
    frame = pl.DataFrame(reopened, schema=REOPENING_SCHEMA, orient="row")
    write_frame(settings.landing / "reopenings" / "reopenings.parquet", frame)
