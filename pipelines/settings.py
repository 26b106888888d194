"""Where a workspace's files lie and the few switches there are, as one object; the office's time zone.

Belongs here: paths, environment variables, the zone. Does not belong here: anything that reads or writes those files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

CHECKOUT = Path(__file__).resolve().parent.parent
OFFICE_TIME = ZoneInfo("Asia/Shanghai")  # of every time and date that people read or write, whatever the machine's


@dataclass(frozen=True)
class Settings:
    """The paths of one workspace: `home` holds `raw/` and `var/`; code, dbt project and suites come from the checkout.

    Args:
        home: folder of the workspace; the checkout unless `--home` or `WANSTAT_HOME` says otherwise.
    """

    home: Path = CHECKOUT

    @classmethod
    def from_environment(cls, home: Path | str | None = None) -> Settings:
        """The settings named by `home`, else by `WANSTAT_HOME`, else the checkout's own."""
        return cls(Path(home or os.environ.get("WANSTAT_HOME") or CHECKOUT).resolve())

    # What people put in.
    @cached_property
    def raw(self) -> Path:
        return self.home / "raw"

    @cached_property
    def submissions(self) -> Path:
        return self.raw / "submissions"

    @cached_property
    def practice(self) -> Path:
        return self.raw / "practice"

    @cached_property
    def figures(self) -> Path:
        """The ledger of published figures; a workspace without one uses the checkout's."""
        own = self.raw / "figures"
        return own if (own / "figures.csv").exists() else CHECKOUT / "raw" / "figures"

    @cached_property
    def rulings(self) -> Path:
        """Decisions of the office: corrections of what was reported."""
        return self.raw / "rulings"

    # What the program writes.
    @cached_property
    def var(self) -> Path:
        return self.home / "var"

    @cached_property
    def archive(self) -> Path:
        return self.var / "archive"

    @cached_property
    def landing(self) -> Path:
        return self.var / "landing"

    @cached_property
    def sources(self) -> str:
        """The folders in which dbt's sources lie, as DuckDB's `file_search_path`."""
        return f"{self.landing},{self.archive}"

    @cached_property
    def receipts(self) -> Path:
        """What goes back to the senders; a folder a month."""
        return self.var / "receipts"

    @cached_property
    def results(self) -> Path:
        """Parquet written by the Python stages that come after dbt: conflicts, checks."""
        return self.var / "results"

    @cached_property
    def reminders(self) -> Path:
        """Lists of who has still to do what, one folder a month."""
        return self.var / "reminders"

    @cached_property
    def templates(self) -> Path:
        """Workbooks to send out, one folder a month."""
        return self.var / "templates"

    @cached_property
    def conflict_pages(self) -> Path:
        """A page for each conflict among published figures."""
        return self.var / "conflict_pages"

    @cached_property
    def build_database(self) -> Path:
        return self.var / "build.duckdb"

    @cached_property
    def published(self) -> Path:
        return self.var / "published"

    @cached_property
    def dagster_home(self) -> Path:
        return self.var / "dagster"

    @cached_property
    def dbt_target(self) -> Path:
        return self.var / "dbt"

    # What comes with the program.
    @cached_property
    def dbt_project(self) -> Path:
        return CHECKOUT / "dbt_project"

    @cached_property
    def seeds(self) -> Path:
        return self.dbt_project / "seeds"

    @cached_property
    def expectations(self) -> Path:
        return CHECKOUT / "expectations"
