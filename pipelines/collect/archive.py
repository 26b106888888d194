"""The archive: every file that arrived, kept under the SHA-256 of its bytes before anything reads it.

Belongs here: keeping bytes and the small record of when and under what name they came. Does not belong here: what the
bytes mean; records hold no interpretation, so everything else can be rebuilt from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pipelines.collect.inbox import InboxFile
from pipelines.files import write_whole

WRITERS = 4


@dataclass(frozen=True)
class Arrival:
    """Bytes coming under a name for the first time.

    Attributes:
        sequence: order of arrival over the whole archive, from 1; a clock set back cannot change it.
        received_at: local time, ISO 8601.
        file_name: relative to `raw/`.
    """

    sequence: int
    received_at: str
    file_name: str


@dataclass(frozen=True)
class ArchiveRecord:
    """What is known of archived bytes without reading them: their arrivals, one a name, first one first."""

    sha256: str
    file_size: int
    arrivals: tuple[Arrival, ...]


class StillWritten(Exception):
    """A file is being written just now."""


Kept = ArchiveRecord | OSError | StillWritten


class Archive:
    """The folder of archived bytes: `<2 digits>/<sha256>` and, beside it, `<sha256>.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = {record.sha256: record for record in map(_read_record, sorted(folder.glob("??/*.json")))}
        self._last = max((arrival.sequence for record in self.records.values() for arrival in record.arrivals), default=0)

    def keep(self, files: Sequence[InboxFile], now: datetime) -> Iterator[tuple[InboxFile, Kept]]:
        """Archive files, and yield each in its turn with its record, or with why there is none: it changed while it was read,
        cannot be read, or the archive cannot be written.

        The same bytes again only add their name, if it is a new one, to the record.
        """
        # Several at a time, since what takes long is the disk's word that it has written.
        with ThreadPoolExecutor(WRITERS) as pool:
            for file, stored in zip(files, [pool.submit(self._store, file.path) for file in files], strict=True):
                try:
                    yield file, self._record(file.name, *stored.result(), now)
                except (OSError, StillWritten) as error:
                    yield file, error

    def _store(self, path: Path) -> tuple[str, int]:
        """Keep the bytes of a file; their SHA-256 and how many they are."""
        before = path.stat()
        content = path.read_bytes()
        after = path.stat()
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(content) != after.st_size:
            raise StillWritten  # half of it is nobody's submission
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 not in self.records:
            # Bytes first: a record always has its bytes, while bytes without a record are simply archived again.
            write_whole(self.path(sha256), content)
        return sha256, len(content)

    def _record(self, file_name: str, sha256: str, file_size: int, now: datetime) -> ArchiveRecord:
        record = self.records.get(sha256)
        if record is not None and file_name in (arrival.file_name for arrival in record.arrivals):
            return record
        self._last += 1
        arrival = Arrival(self._last, now.isoformat(timespec="seconds"), file_name)
        kept = ArchiveRecord(sha256, file_size, (*(record.arrivals if record else ()), arrival))
        write_whole(self.path(sha256).with_suffix(".json"), json.dumps(asdict(kept), ensure_ascii=False, indent=1))
        self.records[sha256] = kept
        return kept

    def path(self, sha256: str) -> Path:
        """Where the bytes are, or would be."""
        return self.folder / sha256[:2] / sha256


def _read_record(path: Path) -> ArchiveRecord:
    record = json.loads(path.read_text(encoding="utf-8"))
    arrivals = tuple(Arrival(**arrival) for arrival in record["arrivals"])
    return ArchiveRecord(record["sha256"], record["file_size"], arrivals)
