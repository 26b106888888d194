"""Without child processes: the same work where the bytes are the test's own and a new process costs half a second."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pipelines.collect.containers import Unreadable
from pipelines.collect.examine import examine
from pipelines.collect.reader import Outcome, Reader
from pipelines.collect.terms import ArchivedFile, load_terms
from pipelines.settings import Settings

TERMS = load_terms(Settings().seeds)


class InProcess(Reader):
    def __init__(self) -> None:
        super().__init__(TERMS)

    def examine(self, files: Iterable[ArchivedFile]) -> Iterator[tuple[ArchivedFile, Outcome]]:
        for file in files:
            try:
                outcome: Outcome = examine(file, self.terms)
            except Unreadable as error:
                outcome = error
            self._keep(file, outcome)
            yield file, outcome


class NoChildren:
    """Takes the place of `Children` where no file is hostile."""

    def __init__(self, task: Callable[[Any, Any], Any], give: Callable[[], object], **limits: float) -> None:
        self._task, self._give = task, give

    def each(self, files: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        for file in files:
            yield file, self._task(file, self._give())

    def close(self) -> None:
        """Nothing is open."""


def quiet(what: str, done: int, total: int) -> None:
    """Show no progress."""
