"""What the assets are given: the load they are a step of.

Belongs here: making a `Load` for a run. Does not belong here: assets.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field

import dagster as dg

from pipelines.collect.intake import Progress
from pipelines.load import Load, only_one
from pipelines.settings import Settings


@dataclass
class LoadResource:
    """Makes the `Load` of a run's month, one for all steps of a process, so that its times add up.

    Attributes:
        progress: shows progress on a terminal; without one (runs from the UI) progress goes to the run's log.
    """

    settings: Settings = field(default_factory=Settings.from_environment)
    progress: Progress | None = None
    loads: dict[str, Load] = field(default_factory=dict)
    held: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def of(self, context: dg.AssetExecutionContext) -> Load:
        """The load of the run's partition."""
        # In a run of mixed assets the unpartitioned ones have no partition of their own, but the run has.
        month = context.run.tags["dagster/partition"]
        if month not in self.loads:
            # The command line holds the lock already; a run from the UI takes it for as long as its process lives.
            self.held.enter_context(only_one(self.settings))
            self.loads[month] = Load(self.settings, month, self.progress or _log_of(context))
        return self.loads[month]


def _log_of(context: dg.AssetExecutionContext) -> Progress:
    def log(what: str, done: int, total: int) -> None:
        if done == total:
            context.log.info("%s %d/%d", what, done, total)

    return log
