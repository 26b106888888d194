"""One monthly load as a row of stages, each a method that reads what the stage before it left on disk.

Belongs here: the order of the stages, what a load amounted to, and whether there is anything new to load. Does not belong
here: what a stage does (collect, land, warehouse, figures, estimates, cards, release), Dagster, or printing.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines import warehouse
from pipelines.cards.indicator_cards import make_cards
from pipelines.collect.inbox import find_files
from pipelines.collect.intake import Intake, Progress, collect, read_intake
from pipelines.collect.reader import Reader
from pipelines.collect.terms import load_terms
from pipelines.estimates import methods
from pipelines.estimates.full_year import estimate_full_year
from pipelines.figures import conflicts as figure_conflicts
from pipelines.figures.ledger import land_ledger, load_ledger
from pipelines.figures.observed import observed_figures
from pipelines.figures.rulings import land_rulings
from pipelines.files import digest_of, digest_of_tree, write_whole
from pipelines.forms.model import load_forms
from pipelines.land import landing
from pipelines.land.context import LoadContext, land_context
from pipelines.land.corrections import Corrections, load_corrections
from pipelines.land.unapplied import count_corrections, land_unapplied
from pipelines.refusals import Refusal
from pipelines.release import catalog, gate, history
from pipelines.release.build import (
    PublishedRelease,
    Rehearsal,
    ReleaseRequest,
    ReleaseStopped,
    publish,
    rehearse,
    reschedule,
)
from pipelines.release.expectations import run_expectations, start_checker
from pipelines.release.outcomes import CheckOutcome, read_outcomes, write_outcomes
from pipelines.release.record import standing_restoring
from pipelines.release.switch import repair, sha256_of, when
from pipelines.settings import CHECKOUT, OFFICE_TIME, Settings
from pipelines.summary import FileOutcome, LoadSummary, accounted, outcomes_of
from pipelines.validate.obligations import load_calendar
from pipelines.validate.reopenings import Reopening, read_reopenings, record_reopening, reopening
from pipelines.warehouse import Build

STAGES = ("collect", "land", "build", "reconcile", "estimate", "check", "cards", "release")


class CannotLoad(Refusal):
    """A load cannot start: another one holds the workspace, or the month cannot be loaded; the message is Chinese."""


@dataclass
class Load:
    """A load of one month in one workspace.

    Attributes:
        seconds: time spent in each stage so far.
        published: what `release` published, once it has.
        rehearsal: what `rehearse` says it would publish, once it has.
        reader: reads files in a process of its own until everything is landed.
        checker: the process that makes the estimates and runs the expectations, started with the build.
        submissions, files: what became of the inbox's files, fixed when the load is remembered.
        rulings: digest of the office's decisions as they were when the load began; what is changed meanwhile is new to the next.
    """

    settings: Settings
    month: str
    progress: Progress
    seconds: dict[str, float] = field(default_factory=dict)
    published: PublishedRelease | None = None
    rehearsal: Rehearsal | None = None
    reader: Reader = field(init=False)
    checker: ProcessPoolExecutor | None = None
    submissions: dict[str, int] | None = None
    files: tuple[FileOutcome, ...] | None = None
    rulings: str = field(init=False)

    def __post_init__(self) -> None:
        self.rulings = digest_of_tree(self.settings.rulings, ".csv")
        self.reader = Reader(load_terms(self.settings.seeds))

    def reopen(self, reason: str) -> Reopening:
        """Let the month change again for what has been received up to now, what lies in the inbox included; recorded for good.

        Raises:
            CannotLoad: nothing is kept out by a lock.
        """
        intake = self.collect()
        self.reader.close()
        folder = self.settings.archive
        calendar = load_calendar(self.settings.seeds)
        before = read_reopenings(folder, is_practice=intake.is_practice)
        months = {form: intake.submissions(form).get(self.month, []) for form in load_forms()}
        if not any(calendar.locked(form, self.month, received, before) for form, received in months.items()):
            raise CannotLoad(f"{self.month} 没有因锁定而不计的报送，不需要重新开放；没有装载")
        last = max(each.sequence for each in intake.received)
        now = datetime.now(OFFICE_TIME)
        reopened = reopening(self.month, reason, at=now, up_to=last, is_practice=intake.is_practice)
        record_reopening(folder, reopened)
        return reopened

    def collect(self) -> Intake:
        with self._timed("collect"):
            return collect(self.settings, self.reader, self.progress)

    def land_form(self, form: str) -> landing.LandedForm:
        with self._timed("land"):
            intake = read_intake(self.settings)
            decided = self.corrections.records
            return landing.land_form(self.settings, load_forms()[form], intake, self.reader, self.progress, decided)

    @cached_property
    def corrections(self) -> Corrections:
        """The office's corrections, read once, so that all forms are landed by the same ones."""
        is_practice = read_intake(self.settings).is_practice
        return load_corrections(self.settings.rulings, self.reader.terms, self.month, is_practice=is_practice)

    def land_figures(self) -> int:
        """Land the ledger of published figures and the rulings on it; returns how many figures it holds."""
        with self._timed("land"):
            ledger = load_ledger(self.settings)
            found = figure_conflicts.reconcile(self.settings, ledger)
            land_ledger(ledger, self.settings)
            land_rulings(found.rulings, ledger, self.settings)
            # The ledger itself is never practice data, but a release says of each of its rows which kind it is.
            is_practice = read_intake(self.settings).is_practice
            stamped = [replace(finding, is_practice=is_practice) for finding in (*ledger.findings, *found.findings)]
            landing.land_findings(self.settings, "published_figures", stamped)
            return len(ledger.figures)

    def land_context(self) -> bool:
        """Land what belongs to no form; returns whether the load is one of practice data."""
        with self._timed("land"):
            intake = read_intake(self.settings)
            self.reader.close()
            landing.land_inbox(self.settings, intake)
            history.keep(self.settings)  # dbt reads it, and a load that died may have left its release out
            context = LoadContext(
                release_month=self.month,
                is_practice=intake.is_practice,
                release_id=f"{self.month}-r{catalog.next_revision(self.settings, self.month)}",
                loaded_at=history.time_of_load(self.settings),
                method=self._code_digest(),
            )
            reopenings = read_reopenings(self.settings.archive, is_practice=intake.is_practice)
            land_context(self.settings, context, reopenings)
            terms, is_practice = self.reader.terms, intake.is_practice
            land_unapplied(self.settings, self.corrections, terms, self.month, is_practice=is_practice)
            return intake.is_practice

    def build(self) -> Build:
        with self._timed("build"):
            self.checker = start_checker()
            self.checker.submit(methods.prepare)
            built = warehouse.build(self.settings, self.progress)
            write_outcomes(self.settings, built.outcomes)
            return built

    def reconcile(self) -> figure_conflicts.Reconciliation:
        with self._timed("reconcile"):
            ledger = load_ledger(self.settings)
            found = figure_conflicts.reconcile(self.settings, ledger, observed_figures(self.settings, ledger.figures))
            figure_conflicts.write_results(found, self.settings)
            return found

    def estimate(self) -> list[dict[str, object]]:
        """Estimate the full year of the city's flows; returns the rows of `full_year_estimates`."""
        with self._timed("estimate"):
            self.checker = self.checker or start_checker()
            return self.checker.submit(estimate_full_year, self.settings, self.month).result()

    def check(self) -> list[CheckOutcome]:
        """Run the expectations; their outcomes join those of dbt."""
        with self._timed("check"):
            with self.checker or start_checker() as checker:
                expectations = checker.submit(run_expectations, self.settings).result()
            self.checker = None
            of_dbt = [outcome for outcome in read_outcomes(self.settings) if outcome.tool == "dbt"]
            write_outcomes(self.settings, [*of_dbt, *expectations])
            return expectations

    def make_cards(self) -> list[dict[str, object]]:
        """Make the cards of the city's latest figures; returns the rows of `indicator_cards`."""
        with self._timed("cards"):
            return make_cards(self.settings)

    def decide(self) -> gate.Gate:
        """Whether what has been built so far may be released."""
        submissions = landing.read_submissions(self.settings)
        accepted = submissions.filter(submissions["state"] == "accepted", submissions["month"] == self.month).height
        context = gate.GateContext(self.month, accepted, are_corrections_known=not self.corrections.could_not_be_read)
        return gate.decide(read_outcomes(self.settings), context)

    def release(self, not_before: datetime | None = None) -> PublishedRelease:
        """Publish, if the gate lets it; readers are given it at once, or not before a time.

        Raises:
            ReleaseStopped: it does not; the last release stays.
            ReleaseError: it could not be made, or would put practice data in the place of real ones.
        """
        with self._timed("release"):
            self.published = publish(self.settings, self._request(not_before), self.decide())
        self._remember()
        return self.published

    def rehearse(self) -> Rehearsal:
        """Tell what `release` would publish, and publish nothing; the load is not remembered, so that the next one is whole.

        Raises:
            ReleaseStopped: the gate would not let it out; `rehearsal` says what it would have been.
            ReleaseError: it could not be made.
        """
        with self._timed("release"):
            decided = self.decide()
            self.rehearsal = rehearse(self.settings, self._request(), decided)
        if not decided.passed:
            raise ReleaseStopped(decided.reasons)
        return self.rehearsal

    def _request(self, not_before: datetime | None = None) -> ReleaseRequest:
        intake = read_intake(self.settings)
        return ReleaseRequest(
            month=self.month,
            is_practice=intake.is_practice,
            inputs_digest=self._inputs_digest(),
            counts=self._account(intake),
            not_before=not_before,
        )

    def summary(self, stopped_by: Sequence[str] = ()) -> LoadSummary:
        """What this load has amounted to so far."""
        published = self.published
        intake = read_intake(self.settings)
        return LoadSummary(
            release=published.release_id if published else None,
            month=self.month,
            is_practice=intake.is_practice,
            is_new=published.is_new if published else False,
            submissions=self.submissions if self.submissions is not None else self._account(intake),
            findings=self._findings(),
            conflicts=sum(published.manifest.counts["conflicts"].values()) if published else 0,
            seconds={stage: round(self.seconds[stage], 2) for stage in STAGES if stage in self.seconds},
            stopped_by=tuple(stopped_by),
            notes=(published.note, *published.warnings) if published else (),
            not_before=published.not_before.isoformat() if published and published.not_before else None,
            rehearsal=self.rehearsal,
            files=self.files if self.files is not None else self._files(intake),
            corrections=count_corrections(self.settings, self.month),
        )

    def _remember(self) -> None:
        """Keep what this load came to, so that the next one knows which files are new and whether it has anything to do."""
        # Of the inbox as it was collected: a file that came while the load ran is new to the next one.
        intake = read_intake(self.settings)
        self.submissions, self.files = self._account(intake), self._files(intake)
        left_alone = [str(finding.file_name) for finding in intake.left_alone]
        summary = self.summary().as_json() | {"files": []}  # what was new is not new the next time
        told = {"fingerprint": self._fingerprint(intake.present, left_alone), "summary": summary}
        loads = self._remembered().get("loads", {}) | {self.month: told}
        write_whole(self._memory, json.dumps({"states": self._states(), "loads": loads}, ensure_ascii=False, indent=1))

    def _account(self, intake: Intake) -> dict[str, int]:
        return accounted(intake.present, self._states(), self._remembered().get("states", {}))

    def _files(self, intake: Intake) -> tuple[FileOutcome, ...]:
        submissions = landing.read_submissions(self.settings)
        return outcomes_of(intake, submissions, self._remembered().get("states", {}))

    def _states(self) -> dict[str, str]:
        """State by file: "sha256 name" -> accepted, returned, superseded, locked or unidentified."""
        submissions = landing.read_submissions(self.settings).sort("file_name", "file_sha256")
        rows = submissions.select("file_sha256", "file_name", "state").iter_rows()
        return {f"{sha256} {file_name}": state for sha256, file_name, state in rows}

    def _findings(self) -> dict[str, int]:
        """Findings by severity: of the release, or of the landing where there is none."""
        counts = {"error": 0, "warning": 0, "info": 0}
        if self.published:
            return counts | self.published.manifest.counts["findings"]
        return counts | dict(landing.read_findings(self.settings).group_by("severity").len().iter_rows())

    def nothing_new(self, not_before: datetime | None = None) -> LoadSummary | None:
        """The summary of the last load of this month, if a load now could only repeat it; else None.

        Readers keep what they have, a restored release too; only a release that waits can be given another time.
        """
        told = repair(self.settings)  # a switch that a dead run left half done is finished before anything else is said
        last = self._remembered().get("loads", {}).get(self.month)
        if not last or last["summary"]["release"] not in (one.release_id for one in catalog.list_releases(self.settings)):
            return None
        if last["fingerprint"] != self._fingerprint(*self._inbox_now()):
            return None
        counts = last["summary"]["submissions"]
        repeated = {**dict.fromkeys(counts, 0), "unchanged": sum(counts.values())}
        release_id = last["summary"]["release"]
        if not_before is not None:
            told += reschedule(self.settings, release_id, not_before)
        waits = next((each.not_before for each in catalog.read_pending(self.settings) if each.release_id == release_id), None)
        if waits is not None:
            told.append(f"{release_id} {when(waits)} 起为当前发布。")
        if (restored := standing_restoring(self.settings)) is not None and restored.release_id != release_id and not waits:
            told.append(
                f"当前发布仍是 {restored.who} 恢复的 {restored.release_id}（{restored.reason}）；"
                f"要换回，用 wanstat release restore {release_id} --reason 原因。"
            )
        now = {"is_new": False, "submissions": repeated, "seconds": {}, "stopped_by": (), "files": (), "rehearsal": None}
        waiting = {"not_before": waits.isoformat() if waits else None, "notes": ("没有新的内容，不另发布。", *told)}
        return LoadSummary(**last["summary"] | now | waiting)

    def _fingerprint(self, present: Iterable[tuple[str, str]], left_alone: Iterable[str]) -> str:
        """Changes whenever a load of this month could come out differently: files, ledger, code, tools."""
        archived = sorted(path.name for path in self.settings.archive.glob("??/*"))
        figures = digest_of_tree(self.settings.figures, ".csv", ".xlsx")
        reopened = [read_reopenings(self.settings.archive, is_practice=each) for each in (True, False)]
        decided = (figures, self.rulings, reopened)
        return digest_of(self.month, sorted(present), sorted(left_alone), archived, self._code_digest(), *decided)

    def _inbox_now(self) -> tuple[list[tuple[str, str]], list[str]]:
        """What `collect` would find: (SHA-256, name) of the files, and the names of those it would leave alone."""
        present, left_alone = [], []
        for folder in self._inboxes():
            files, skipped = find_files(folder, self.settings.raw)
            present += [(sha256_of(file.path), file.name) for file in files]
            left_alone += [str(finding.file_name) for finding in skipped]
        return present, left_alone

    def _inboxes(self) -> list[Path]:
        is_practice = read_intake(self.settings).is_practice
        return [self.settings.submissions, self.settings.practice] if is_practice else [self.settings.submissions]

    def _inputs_digest(self) -> str:
        """What the content of the release follows from; what was released before is no news by itself."""
        return digest_of(landing.landing_digest(self.settings), self._code_digest())

    def _code_digest(self) -> str:
        tools = [version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb", "great-expectations", "statsmodels", "z3-solver")]
        return digest_of(
            *tools,
            digest_of_tree(CHECKOUT / "pipelines", ".py", ".yml"),
            warehouse.project_digest(self.settings),
            digest_of_tree(self.settings.expectations, ".yml"),
        )

    @property
    def _memory(self) -> Path:
        return self.settings.var / "loads.json"

    def _remembered(self) -> dict[str, dict]:
        return json.loads(self._memory.read_text(encoding="utf-8")) if self._memory.exists() else {}

    @contextlib.contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


@contextlib.contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the workspace for one load; the lock goes with the process that holds it.

    Raises:
        CannotLoad: another process is loading.
    """
    settings.var.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.var / "load.lock", timeout=0):
            yield
    except Timeout as error:
        raise CannotLoad("另一次装载正在进行，请等它结束后再试") from error
