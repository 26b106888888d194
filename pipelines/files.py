"""Writing files so that a reader, or the next start after a crash, finds each one whole or absent.

Belongs here: write-beside-then-rename. Does not belong here: what is written.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it is synced and renamed into place, on error removed.

    Raises:
        OSError: what the disk answered (full, read-only); `path` is then as it was before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as written:
            os.fsync(written.fileno())
        beside.chmod(0o644)  # mkstemp makes it private; readers are other accounts
        beside.replace(path)
        sync_folder(path.parent)
    finally:
        beside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes | str) -> None:
    """Write `content` (text as UTF-8) to `path`, whole or not at all."""
    with whole(path) as beside:
        beside.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut, where the system can (Windows cannot open folders)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def digest_of(*parts: object) -> str:
    """SHA-256 (hex) of `parts`, bytes as they are and anything else as its text, each kept apart from the next."""
    summed = hashlib.sha256()
    for part in parts:
        content = part if isinstance(part, bytes) else str(part).encode("utf-8")
        summed.update(str(len(content)).encode() + b":" + content)
    return summed.hexdigest()


def digest_of_tree(folder: Path, *endings: str) -> str:
    """SHA-256 over the names and bytes of the files below `folder` that end in one of `endings`."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(endings))
    return digest_of(*(part for path in found for part in (path.relative_to(folder).as_posix(), path.read_bytes())))
