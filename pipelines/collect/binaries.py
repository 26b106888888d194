"""OLE containers (.xls of Excel 5 to 2003, .et, encrypted workbooks): whether they hold together.

Belongs here: the directory and sector chains, key derivation, the workbook stream, a container for a bare one. Does not belong
here: what its records say (`layouts_binary`), or cells (`workbooks`).

olefile takes the container apart; what it tolerates (chains without end, sizes beyond the file) kills calamine, and is refused.
"""

from __future__ import annotations

import io
import re
import struct

import olefile

from pipelines.collect.containers import OLE
from pipelines.collect.limits import ENTITIES, FALSE_CLAIM, MAX_COUNT_DIGITS, MAX_KEY_ROUNDS, TOO_MANY_KEY_ROUNDS

STREAMS = ("Workbook", "Book")  # of Excel 97 and 5; where both are, calamine too reads the first
SECTOR_BYTES, SMALLEST_STREAM = 512, 4096
UNUSED, END, TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD  # what a sector table says beside the number of the next sector
MAX_TABLES = 109  # those that fit into the header: some 7 MB
_STREAM, _ROOT = 2, 5
_KEY_ROUNDS = re.compile(rb'spinCount="(\d+)"')


class NoContainer(Exception):
    """olefile makes nothing of the bytes."""


class OleContainer:
    """An OLE container that has passed the limits.

    Raises:
        Unreadable: it claims more than it holds.
        NoContainer: it cannot be taken apart.
    """

    def __init__(self, content: bytes) -> None:
        _check_header(content)
        try:
            self._ole = olefile.OleFileIO(io.BytesIO(content))
        except Exception as error:  # olefile meets damage with whatever Python raises at that point
            raise NoContainer from error
        _check_directory(self._ole, len(content))

    def workbook(self) -> bytes | None:
        """The stream that holds the workbook."""
        name = next((name for name in STREAMS if self._ole.exists(name)), None)
        if name is None:
            return None
        try:
            return self._ole.openstream(name).read()
        except Exception as error:
            raise NoContainer from error

    def check_encryption(self) -> None:
        """Refuse an encryption that is meant to keep its reader busy.

        Raises:
            Unreadable: too many rounds, or entities in its description.
            NoContainer: its description cannot be read.
        """
        if not self._ole.exists("EncryptionInfo"):
            return
        try:
            description = self._ole.openstream("EncryptionInfo").read()
        except Exception as error:
            raise NoContainer from error
        if b"<!DOCTYPE" in description or b"<!ENTITY" in description:
            raise ENTITIES
        if any(len(found[1]) > MAX_COUNT_DIGITS or int(found[1]) > MAX_KEY_ROUNDS for found in _KEY_ROUNDS.finditer(description)):
            raise TOO_MANY_KEY_ROUNDS


def contained(stream: bytes) -> bytes:
    """A bare workbook stream in the container that calamine asks for.

    Raises:
        NoContainer: larger than such streams ever were.
    """
    stream = stream.ljust(SMALLEST_STREAM, b"\x00")
    sectors = -(-len(stream) // SECTOR_BYTES)
    tables = next((count for count in range(1, MAX_TABLES + 1) if count * 128 >= sectors + 1 + count), None)
    if tables is None:
        raise NoContainer
    # The stream's sectors one after the other, then the directory's, then the table's own.
    table = [*range(1, sectors), END, END, *[TABLE] * tables]
    table += [UNUSED] * (tables * 128 - len(table))
    first = range(sectors + 1, sectors + 1 + tables)
    header = struct.pack(
        f"<8s16x5H6x9I{tables}II",
        *(OLE, 62, 3, 0xFFFE, 9, 6),
        *(0, tables, sectors, 0, SMALLEST_STREAM, END, 0, END, 0),
        *first,
        UNUSED,
    )
    directory = _entry("Root Entry", _ROOT, 1, END, 0) + _entry("Workbook", _STREAM, UNUSED, 0, len(stream))
    return (
        header.ljust(SECTOR_BYTES, b"\xff")
        + stream.ljust(sectors * SECTOR_BYTES, b"\x00")
        + directory.ljust(SECTOR_BYTES, b"\x00")
        + struct.pack(f"<{len(table)}I", *table)
    )


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    written = f"{name}\0".encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", written, len(written), kind, 1, UNUSED, UNUSED, child, start, size)


def _check_header(content: bytes) -> None:
    """Refuse counts that are larger than the file: readers reserve memory by them."""
    if len(content) < 512:
        raise NoContainer
    sectors = len(content) // 512 + 1
    tables, mini_tables, more_tables = (struct.unpack_from("<I", content, at)[0] for at in (44, 64, 72))
    if max(tables, mini_tables, more_tables) > sectors:
        raise FALSE_CLAIM


def _check_directory(ole: olefile.OleFileIO, size: int) -> None:
    for start in (ole.first_dir_sector, ole.first_mini_fat_sector):
        _check_chain(ole.fat, start)
    for entry in ole.direntries:
        if entry is None or entry.entry_type not in (_STREAM, _ROOT):
            continue
        # Both halves: olefile ignores the upper one, other readers reserve memory by it. Some writers fill it with ones.
        upper = 0 if entry.sizeHigh == UNUSED else entry.sizeHigh
        if entry.sizeLow + (upper << 32) > size:
            raise FALSE_CLAIM
        if entry.entry_type == _ROOT or entry.size >= ole.minisectorcutoff:
            _check_chain(ole.fat, entry.isectStart)


def _check_chain(fat, sector: int) -> None:
    for _ in range(len(fat) + 1):
        if sector >= len(fat):  # the end, or beyond the file: then the stream is short, and its reader says so
            return
        sector = fat[sector]
    raise FALSE_CLAIM
