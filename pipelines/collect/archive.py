"""The archive: every file that arrived, kept under the SHA-256 of its bytes before anything reads it.

Belongs here: keeping bytes and the small record of when and under what name they came. Does not belong here: what the
bytes mean; records hold no interpretation, so everything else can be rebuilt from them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from pipelines.collect.inbox import InboxFile
from pipelines.files import write_whole


@dataclass(frozen=True)
class ArchiveRecord:
    """What is known of archived bytes without reading them.

    Attributes:
        sequence: order of arrival, from 1; a clock set back cannot change it.
        received_at: local time of first arrival, ISO 8601.
        file_names: every name (relative to `raw/`) under which the same bytes came, first one first.
    """

    sha256: str
    sequence: int
    received_at: str
    file_size: int
    file_names: tuple[str, ...]

    @property
    def file_name(self) -> str:
        return self.file_names[0]


class Archive:
    """The folder of archived bytes: `<2 digits>/<sha256>` and, beside it, `<sha256>.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = {record.sha256: record for record in map(_read_record, sorted(folder.glob("??/*.json")))}

    def keep(self, file: InboxFile, now: datetime) -> tuple[ArchiveRecord, bool]:
        """Archive a file; returns its record and whether the bytes are new.

        Raises:
            OSError: the file cannot be read or the archive cannot be written.
        """
        content = file.path.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        record = self.records.get(sha256)
        if record is not None:
            if file.name not in record.file_names:
                self._write(replace(record, file_names=(*record.file_names, file.name)))
            return self.records[sha256], False
        # Bytes first: a record always has its bytes, while bytes without a record are simply archived again.
        write_whole(self._path(sha256), content)
        sequence = max((record.sequence for record in self.records.values()), default=0) + 1
        self._write(ArchiveRecord(sha256, sequence, now.isoformat(timespec="seconds"), len(content), (file.name,)))
        return self.records[sha256], True

    def content(self, sha256: str) -> bytes:
        """The archived bytes.

        Raises:
            ValueError: the bytes on disk no longer have this digest.
        """
        content = self._path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"归档文件已损坏：{self._path(sha256).name}；请从备份恢复")
        return content

    def _write(self, record: ArchiveRecord) -> None:
        self.records[record.sha256] = record
        write_whole(self._path(record.sha256).with_suffix(".json"), json.dumps(asdict(record), ensure_ascii=False, indent=1))

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256


def _read_record(path: Path) -> ArchiveRecord:
    record = json.loads(path.read_text(encoding="utf-8"))
    return ArchiveRecord(**record | {"file_names": tuple(record["file_names"])})
