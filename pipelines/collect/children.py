"""Doing a task for one file after the other in processes of their own, so that no file can take the program down.

Belongs here: limits of time and memory, batches, and what a process's death means in words. Does not belong here: what is
done with a file, which runs in the child (`examine` to read it; receipts to mark it).

A Rust reader can abort its whole process or raise something that is no Exception, and a small file can ask for all memory.
Pebble keeps children alive between files, ends one when a file takes too long, and starts another after a death. Small
files go in batches, since a round trip costs as much as reading one; a batch that dies is done again file by file, so that
only the one to blame is lost.
"""

from __future__ import annotations

import contextlib
import gc
import os
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TimedOut
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, Generic, Protocol, TypeVar

from pebble import CONSTS, ProcessExpired, ProcessPool

from pipelines.collect.containers import Unreadable

MEMORY_BYTES = 1 << 30
SECONDS_A_FILE = 10.0
SECONDS_A_MEGABYTE = 2.0  # large honest files get more: reading a million rows of CSV takes seconds
MAX_FILE_BYTES = 512 << 20
WORKERS = 2
BATCH_FILES, BATCH_BYTES = 16, 4 << 20
TOO_LARGE = Unreadable("文件超过 512 MB，未读取", "请拆分后重新发送，或与维护人员联系")
TOO_SLOW = Unreadable("读取超时，文件可能被做了手脚或已损坏", "请在 Excel 中打开，把数据复制到下发的模板后重新发送")
CRASHED = Unreadable("读取程序被这个文件弄崩溃，已隔离", "请在 Excel 中打开，把数据复制到下发的模板后重新发送")
TOO_MUCH_MEMORY = Unreadable("读取这个文件要用的内存超过 1 GB，未读取", "请删去多余的空行空列或图片，或拆分后重新发送")


CONSTS.sleep_unit = 0.02  # seconds; how long Pebble may take to notice that a pool is to end, 0.1 unless told


class Sized(Protocol):
    """A file with what is to be done with it; has the size of the file in bytes."""

    @property
    def size(self) -> int: ...


File = TypeVar("File", bound=Sized)
Result = TypeVar("Result")
Task = Callable[[File, Any], Result]


class Children(Generic[File, Result]):
    """Child processes for one task, reused from file to file.

    Args:
        task: what is done with each file, given what `give` returns; a function of a module, so that a child can find it.
        give: makes what a child is given once, when the children are started.
        warm: what a child does before its first file.
    """

    def __init__(
        self,
        task: Task[File, Result],
        give: Callable[[], object],
        memory_bytes: int = MEMORY_BYTES,
        seconds_a_file: float = SECONDS_A_FILE,
        workers: int = WORKERS,
        warm: Callable[[], None] | None = None,
    ) -> None:
        self._task = task
        self._give = give
        self._memory_bytes = memory_bytes
        self._seconds_a_file = seconds_a_file
        self._workers = workers
        self._warm = warm
        self._pool: ProcessPool | None = None

    def close(self) -> None:
        """End the processes; the next file starts others."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def each(self, files: Iterable[File]) -> Iterator[tuple[File, Result | Unreadable]]:
        """Each file with what came of it, in the order of the files; `Unreadable` for any reason at all: damaged, protected,
        too large, too slow, too greedy, or its process died of it.
        """
        waiting: list[tuple[Sequence[File], Future[list[Result | Unreadable]] | None]] = []
        for batch in _batches(files):
            waiting.append((batch, None if batch[0].size > MAX_FILE_BYTES else self._schedule(batch)))
        for batch, future in waiting:
            outcomes = [TOO_LARGE] if future is None else self._outcomes(batch, future)
            yield from zip(batch, outcomes, strict=True)

    def start(self) -> None:
        """Start the processes already; without it they start with the first file."""
        if self._pool is None:
            # Forking a process that has threads (Dagster's has) can hang the child; spawning cannot.
            self._pool = ProcessPool(
                max_workers=self._workers,
                initializer=_begin,
                initargs=(self._memory_bytes, self._task, self._give(), self._warm),
                context=get_context("spawn"),
            )
            self._pool.schedule(_do_nothing)  # a pool starts with its first task

    def _schedule(self, batch: Sequence[File]) -> Future[list[Result | Unreadable]]:
        self.start()
        size = sum(file.size for file in batch)
        seconds = self._seconds_a_file + SECONDS_A_MEGABYTE * size / (1 << 20)
        return self._pool.schedule(_do_batch, args=[list(batch)], timeout=seconds)

    def _outcomes(self, batch: Sequence[File], future: Future[list[Result | Unreadable]]) -> list[Result | Unreadable]:
        try:
            return future.result()
        except (TimedOut, ProcessExpired, MemoryError) as error:
            if len(batch) == 1:
                return [_in_words(error)]
        return [self._outcomes([file], self._schedule([file]))[0] for file in batch]


def _in_words(error: BaseException) -> Unreadable:
    match error:
        case Unreadable():
            return error
        case MemoryError():
            return TOO_MUCH_MEMORY
        case TimedOut():
            return TOO_SLOW
        case ProcessExpired():
            return CRASHED
    # The reason is for whoever mends it; a clerk can only send the file in another way.
    reason = traceback.format_exception_only(error)[-1].strip()[:200]
    return Unreadable(f"{CRASHED.message}（{reason}）", CRASHED.advice)


def _batches(files: Iterable[File]) -> Iterator[list[File]]:
    """The files in runs of not too many and not too large; a large one goes alone."""
    batch: list[File] = []
    size = 0
    for file in files:
        if batch and (len(batch) >= BATCH_FILES or size + file.size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(file)
        size += file.size
    if batch:
        yield batch


def _do_nothing() -> None:
    """The task of starting."""


def _do_batch(batch: list[Any]) -> list[Any]:
    return [_do(file) for file in batch]


def _do(file: Any) -> Any:
    try:
        return _given.task(file, _given.given)
    except MemoryError:
        raise  # the others of its batch may have wanted for memory because of it: they are done again one by one
    except BaseException as error:  # a panic of a Rust library is no Exception
        return _in_words(error)


@dataclass
class _Given:
    """What a child process is given once: set by `_begin`, before any file."""

    task: Task[Any, Any]
    given: object


_given: _Given


def _begin(memory_bytes: int, task: Task[Any, Any], given: object, warm: Callable[[], None] | None) -> None:
    """Limit the memory of this process; Windows has no such limit, and there only the time limit holds."""
    global _given
    _given = _Given(task, given)
    gc.set_threshold(100_000, 20, 100)  # rows are no garbage, and looking through them as they come doubles the time
    os.environ["POLARS_MAX_THREADS"] = "1"  # each thread reserves memory, and the other core is another child's
    # What a dying Rust library prints is no news to a clerk: the parent says it in words.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError):
        import resource

        # What is written to, not what is mapped: Polars maps half a gigabyte of itself and of space it never touches. The
        # limit on addresses is for kernels that do not count the other.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
        resource.setrlimit(resource.RLIMIT_AS, (2 * memory_bytes, 2 * memory_bytes))
    if warm is not None:
        warm()
