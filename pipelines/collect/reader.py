"""Examining archived files in child processes, and keeping the tables they hand back until they are asked for.

Belongs here: which files are read, and what is kept of them. Does not belong here: what is done with a file (`examine`), or
how a process is kept from harm (`children`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.collect.children import MEMORY_BYTES, SECONDS_A_FILE, WORKERS, Children
from pipelines.collect.containers import Unreadable
from pipelines.collect.terms import ArchivedFile, Examined, Terms

if TYPE_CHECKING:
    from pipelines.collect.values import ReadTable

KEPT_BYTES = 1 << 20  # of a file whose table is kept in memory until it is asked for; a larger one is read again

Outcome = Examined | Unreadable


def _warm() -> None:
    """Import in a child what this process does without."""
    import_module("pipelines.collect.examine")


def _examine(file: ArchivedFile, terms: Terms) -> Examined:
    from pipelines.collect.examine import examine

    return examine(file, terms)


@dataclass(frozen=True)
class Reading:
    """The table of one file, with what was remarked on reading it and what its sender answers to earlier findings."""

    table: ReadTable
    remarks: tuple[str, ...]
    answers: dict[str, str]


class Reader:
    """Examines archived files in reused child processes."""

    def __init__(
        self,
        terms: Terms,
        task: Callable[[ArchivedFile, Terms], Examined] | None = None,
        memory_bytes: int = MEMORY_BYTES,
        seconds_a_file: float = SECONDS_A_FILE,
        workers: int = WORKERS,
    ) -> None:
        self.terms = terms
        self._children: Children[ArchivedFile, Examined] = Children(
            task or _examine, self._given, memory_bytes, seconds_a_file, workers, warm=_warm
        )
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._kept: dict[tuple[str, str, str], Reading] = {}

    def start(self) -> None:
        """Start the child processes already, to do something else meanwhile."""
        self._children.start()

    def close(self) -> None:
        """End the child processes and forget kept tables, those of long files too; examining again starts others."""
        self._kept.clear()
        self._children.close()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def examine(self, files: Iterable[ArchivedFile]) -> Iterator[tuple[ArchivedFile, Outcome]]:
        """Each file with what it is, in the order of the files."""
        for file, outcome in self._children.each(files):
            self._keep(file, outcome)
            yield file, outcome

    def tables(self, files: Sequence[ArchivedFile], form: str, month: str) -> Iterator[Reading | Unreadable]:
        """The table of each file as that of a form and month; read already where `examine` has found it to be that."""
        missing = [file for file in files if (file.path.name, form, month) not in self._kept]
        asked = {file.path: ArchivedFile(file.path, file.size, (), ((form, month),)) for file in missing}
        found: dict[str, Reading | Unreadable] = {}
        for file, outcome in self.examine(asked.values()):
            found[file.path.name] = outcome if isinstance(outcome, Unreadable) else _reading(outcome, form, month)
        for file in files:
            yield found.get(file.path.name) or self._kept[file.path.name, form, month]

    def _keep(self, file: ArchivedFile, outcome: Outcome) -> None:
        if not isinstance(outcome, Unreadable) and file.size <= KEPT_BYTES:
            for form, month in outcome.tables:
                self._kept[file.path.name, form, month] = _reading(outcome, form, month)

    def _given(self) -> Terms:
        """The terms with a folder for long tables, which lasts until the reader is closed."""
        self._scratch = self._scratch or tempfile.TemporaryDirectory(prefix="wanstat-")
        return replace(self.terms, scratch=Path(self._scratch.name))


def _reading(examined: Examined, form: str, month: str) -> Reading:
    return Reading(examined.tables[form, month], examined.remarks, examined.answers)
