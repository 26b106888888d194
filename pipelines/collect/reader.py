"""Reading a file in a process of its own, so that no file can take the load down.

Belongs here: limits of time and memory, and what a reader's death means in words. Does not belong here: reading itself
(`containers`), which runs in the child.

A Rust reader can abort its whole process or raise something that is no Exception, and a small file can ask for all memory.
Pebble keeps the child alive between files, ends it when a file takes too long, and starts another after a death.
"""

from __future__ import annotations

import contextlib
import os
from concurrent.futures import TimeoutError as TimedOut
from multiprocessing import get_context

from pebble import ProcessExpired, ProcessPool

from pipelines.collect.containers import Container, Read, Unreadable, open_container

MEMORY_BYTES = 1 << 30
SECONDS_A_FILE = 10.0
SECONDS_A_MEGABYTE = 2.0  # large honest files get more: reading a million rows of CSV takes seconds
MAX_FILE_BYTES = 512 << 20
TOO_LARGE = Unreadable("文件超过 512 MB，未读取", "请拆分后重新发送，或与维护人员联系")
TOO_SLOW = Unreadable("读取超时，文件可能被做了手脚或已损坏", "请在 Excel 中打开，把数据复制到下发的模板后重新发送")
CRASHED = Unreadable("读取程序被这个文件弄崩溃，已隔离", "请在 Excel 中打开，把数据复制到下发的模板后重新发送")
TOO_MUCH_MEMORY = Unreadable("读取这个文件要用的内存超过 1 GB，未读取", "请删去多余的空行空列或图片，或拆分后重新发送")


class Reader:
    """Reads bytes into a `Container` in a reused child process, started with the first file."""

    def __init__(
        self, opener: Read = open_container, memory_bytes: int = MEMORY_BYTES, seconds_a_file: float = SECONDS_A_FILE
    ) -> None:
        self._opener = opener
        self._memory_bytes = memory_bytes
        self._seconds_a_file = seconds_a_file
        self._pool: ProcessPool | None = None

    def close(self) -> None:
        """End the child process; reading again starts another."""
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def read(self, content: bytes) -> Container:
        """Read a file.

        Raises:
            Unreadable: for any reason at all: damaged, protected, too large, too slow, too greedy, or the reader died of it.
        """
        if len(content) > MAX_FILE_BYTES:
            raise TOO_LARGE
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1, initializer=_limit_memory, initargs=(self._memory_bytes,), context=get_context("spawn")
            )
        seconds = self._seconds_a_file + SECONDS_A_MEGABYTE * len(content) / (1 << 20)
        try:
            return self._pool.schedule(_open, args=[self._opener, content], timeout=seconds).result()
        except Unreadable:
            raise
        except TimedOut as error:
            raise TOO_SLOW from error
        except MemoryError as error:
            raise TOO_MUCH_MEMORY from error
        except ProcessExpired as error:
            raise CRASHED from error


def _open(opener: Read, content: bytes) -> Container:
    try:
        return opener(content)
    except (Unreadable, MemoryError):
        raise
    except BaseException as error:  # a panic of a Rust library is no Exception
        raise CRASHED from error


def _limit_memory(memory_bytes: int) -> None:
    """Limit the address space of this process; Windows has no such limit, and there only the time limit holds."""
    # What a dying Rust library prints is no news to a clerk: the parent says it in words.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
