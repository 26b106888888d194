"""Zip containers (.xlsx, .xlsb, .ods): what must be known of their parts before calamine, and what calamine leaves out.

Belongs here: the zip directory, one pass over the parts for what no honest workbook holds, the layouts of sheets, document
properties. Does not belong here: cells (`workbooks`), or what stands in a sheet (`layouts_xml`, `layouts_binary`).

Each part is inflated once in windows and searched as bytes; only a part in which something was found is looked at closer, so
that ordinary workbooks cost their inflation and no more.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from pipelines.collect.layouts import Layout
from pipelines.collect.layouts_binary import XLSB_SHEET, xlsb_layout, xlsb_records, xlsb_styles
from pipelines.collect.layouts_xml import check_xlsx_reach, ods_layouts, xlsx_formats, xlsx_layout, xlsx_styles
from pipelines.collect.limits import (
    ENTITIES,
    EXPANDS_TOO_MUCH,
    FALSE_CLAIM,
    MAX_COUNT_DIGITS,
    MAX_EXPANDED_BYTES,
    MAX_MERGED,
    MAX_PARTS,
    MAX_RATIO,
    OVERLAPPING,
    SMALL_BYTES,
    TOO_MANY_MERGED,
    TOO_MANY_PARTS,
)

WINDOW_BYTES, OVERLAP_BYTES = 4 << 20, 256  # what is searched for is shorter than the overlap
LOCAL_HEADER_BYTES = 30
STYLES, BINARY_STYLES = "xl/styles.xml", "xl/styles.bin"
NOT_READ = ("xl/media/", "xl/embeddings/", "Pictures/", "Thumbnails/", "Object")  # calamine leaves them shut too
# OpenOffice 2 and its Chinese descendants declare this, and nothing follows from it.
_HARMLESS_DOCTYPE = re.compile(rb'<!DOCTYPE manifest:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">')
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
# A schema kept in a workbook (XML maps) that fetches another one.
_OUTSIDE_SCHEMA = re.compile(rb"""<(?:\w+:)?(?:redefine|include|import)\s[^>]*schemaLocation\s*=""")
_COUNT = re.compile(rb'ount="\d{%d,}"' % (MAX_COUNT_DIGITS + 1))
# A row or column so far out that the area up to it has to be looked at: three letters, seven digits, or two and six.
_FAR = re.compile(rb' r="(?:[A-Za-z]{3,}\d|[A-Za-z]{0,2}\d{7}|[A-Za-z]{2}\d{6})')
_MAYBE_FAR = re.compile(rb' r="(?:[^"]{7}|[A-Za-z]{3})')  # twice as quick to rule out
_PROPERTY_NAME = "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name"


_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError, RuntimeError, NotImplementedError)


class Damaged(Exception):
    """The zip container does not hold together."""


class Package:
    """An opened zip container that has passed the limits.

    Raises:
        Unreadable: it holds what no honest workbook holds.
        Damaged: it cannot be taken apart.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            self.names = frozenset(self._archive.namelist())
            self._reaching: set[str] = set()  # worksheet parts with something for their layout
            self._formats: dict[bytes, str] = {}  # of xlsx, the number formats that show another number than is stored
            _check_directory(self._archive.infolist(), len(content))
            for info in self._archive.infolist():
                if not info.is_dir() and not info.filename.startswith(NOT_READ):
                    self._search(info)
        except _BROKEN as error:
            raise Damaged from error

    @property
    def kind(self) -> str:
        if "content.xml" in self.names:
            return "ods"
        return "xlsb" if "xl/workbook.bin" in self.names else "xlsx"

    @property
    def looks_like_workbook(self) -> bool:
        """Whether it claims to hold a workbook (else: a Word file, an ordinary archive …)."""
        return any(name.startswith("xl/") or name == "content.xml" for name in self.names)

    def layouts(self) -> dict[str, Layout] | list[Layout]:
        """The layouts of the sheets: by name, or of all in their order (ods); sheets without anything to tell are left out.

        Raises:
            Unreadable: cells outside the grid, or too many.
            Exception: whatever a broken part makes its reader raise; the cells may be read none the less.
        """
        if self.kind == "ods":
            return ods_layouts(self._archive.read("content.xml"))
        if self.kind == "xlsb":
            styles = xlsb_styles(self._archive.read(BINARY_STYLES)) if BINARY_STYLES in self.names else {}
            return {
                name: xlsb_layout(self._archive.read(part), styles)
                for name, part in (self._sheet_parts() if self._reaching else {}).items()
                if part in self._reaching
            }
        named = xlsx_styles(self._archive.read(STYLES), self._formats) if self._formats else {}
        return {
            name: xlsx_layout(self._archive.read(part), named)
            for name, part in (self._sheet_parts() if self._reaching or named else {}).items()
            if part in self._reaching or (named and part in self.names)
        }

    def properties(self) -> dict[str, str]:
        """The document properties that people and programs add of their own.

        Raises:
            Exception: whatever a broken part makes its reader raise.
        """
        part = "meta.xml" if self.kind == "ods" else "docProps/custom.xml"
        if part not in self.names:
            return {}
        root = _parsed(self._archive.read(part))
        found = root.iterfind(".//{*}user-defined") if self.kind == "ods" else root.iterfind("{*}property")
        name = _PROPERTY_NAME if self.kind == "ods" else "name"
        return {element.get(name, ""): "".join(element.itertext()) for element in found}

    def _search(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        is_sheet = reaches_far = is_schema = False
        merged = 0
        for number, window in enumerate(self._windows(info)):
            if number == 0:
                start = window[:64].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
                if start and not start.startswith(b"<"):
                    if name.endswith(".bin") and "worksheets/" in name:
                        self._reaching.add(name)
                    self._exhaust(info)
                    return
                if window.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
                    window = window.replace(b"\x00", b"")
                is_sheet = b"sheetData" in window
                is_schema = b"MapInfo" in window[:4096]
                if name == STYLES and b"numFmts" in window:
                    self._formats = xlsx_formats(window)  # they come first; only the styles that follow can be many
            declared = _DECLARATION.search(window)
            if declared and not (name == "META-INF/manifest.xml" and _HARMLESS_DOCTYPE.match(window, declared.start())):
                raise ENTITIES
            if is_schema and _OUTSIDE_SCHEMA.search(window):
                raise ENTITIES
            if b'ount="' in window and _COUNT.search(window):
                raise FALSE_CLAIM
            is_sheet = is_sheet or b"<sheetData" in window
            if is_sheet:
                far = None if reaches_far else _MAYBE_FAR.search(window)
                reaches_far = reaches_far or (far is not None and _FAR.search(window, far.start()) is not None)
                merged += window.count(b"mergeCell ")
                if b' hidden="' in window or b' t="e"' in window:
                    self._reaching.add(name)
        if merged > MAX_MERGED:
            raise TOO_MANY_MERGED
        if is_sheet and reaches_far:
            check_xlsx_reach(self._archive.read(info))

    def _windows(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """A part piece by piece, each beginning with the end of the one before."""
        if info.file_size < WINDOW_BYTES:
            yield self._inflated(info)
            return
        with self._archive.open(info) as part:
            end = b""
            while piece := part.read(WINDOW_BYTES):
                yield end + piece if end else piece
                end = piece[-OVERLAP_BYTES:]

    def _inflated(self, info: zipfile.ZipInfo) -> bytes:
        """A small part in one go; a workbook has a dozen, and zipfile's streams cost more than inflating them."""
        header = info.header_offset
        name, extra = struct.unpack_from("<HH", self._content, header + LOCAL_HEADER_BYTES - 4)
        start = header + LOCAL_HEADER_BYTES + name + extra
        packed = self._content[start : start + info.compress_size]
        if info.compress_type == zipfile.ZIP_STORED:
            return packed
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        part = inflate.decompress(packed, info.file_size + 1)
        if len(part) != info.file_size or not inflate.eof:
            raise zipfile.BadZipFile(info.filename)
        return part

    def _exhaust(self, info: zipfile.ZipInfo) -> None:
        """Read a part to its end, where zipfile finds out whether its size was told truly."""
        with self._archive.open(info) as part:
            while part.read(WINDOW_BYTES):
                pass

    def _sheet_parts(self) -> dict[str, str]:
        """Where each sheet of the workbook is kept."""
        if self.kind == "xlsb":
            relations = self._relations("xl/workbook.bin")
            sheets = _bundled(self._archive.read("xl/workbook.bin"))
        else:
            workbook = next((part for part in self._relations("").values() if posixpath.basename(part) == "workbook.xml"), None)
            workbook = workbook or "xl/workbook.xml"
            relations = self._relations(workbook)
            sheets = {
                sheet.get("name", ""): next((value for key, value in sheet.items() if key.endswith("}id")), "")
                for sheet in _parsed(self._archive.read(workbook)).iterfind(".//{*}sheets/{*}sheet")
            }
        return {name: relations[key] for name, key in sheets.items() if key in relations}

    def _relations(self, part: str) -> dict[str, str]:
        """The parts that a part names, by their keys; those of the container itself for ""."""
        folder, name = posixpath.split(part)
        root = _parsed(self._archive.read(posixpath.join(folder, "_rels", f"{name}.rels")))
        return {
            one.get("Id", ""): posixpath.normpath(posixpath.join("/", folder, one.get("Target", ""))).lstrip("/")
            for one in root.iterfind("{*}Relationship")
        }


def _check_directory(infos: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse what the zip directory alone gives away.

    Raises:
        Unreadable: too many parts, parts that lie over one another, or too much to expand.
    """
    if len(infos) > MAX_PARTS:
        raise TOO_MANY_PARTS
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise OVERLAPPING
        end = info.header_offset + LOCAL_HEADER_BYTES + info.compress_size
        if not info.filename or info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Damaged  # Excel writes none of these
    expanded = sum(info.file_size for info in infos)
    if expanded > MAX_EXPANDED_BYTES or (expanded > SMALL_BYTES and expanded > size * MAX_RATIO):
        raise EXPANDS_TOO_MUCH


def _parsed(xml: bytes):
    import lxml.etree  # what has nothing to look up does without

    return lxml.etree.fromstring(xml, lxml.etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))


def _bundled(part: bytes) -> dict[str, str]:
    """The sheets of an xlsb workbook part, [MS-XLSB] 2.4.304: name and key of each."""
    sheets = {}
    for kind, body in xlsb_records(part):
        if kind == XLSB_SHEET:
            strings, at = [], 8
            for _ in range(2):
                length = int.from_bytes(body[at : at + 4], "little")
                strings.append(body[at + 4 : at + 4 + 2 * length].decode("utf-16-le"))
                at += 4 + 2 * length
            sheets[strings[1]] = strings[0]
    return sheets
