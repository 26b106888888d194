"""Workbooks of every kind, through python-calamine, after decryption where Excel itself would open them without asking.

Belongs here: sheets, merged ranges, visibility, errors, properties, Excel's default password. Does not belong here: text and
HTML (`texts`), or what is checked before calamine sees a file (`packages`, `binaries`, `layouts_xml`, `layouts_binary`).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from pipelines.collect.containers import OLE, ZIP, Cell, CellRange, Container, Sheet, Unreadable
from pipelines.collect.layouts import Layout, check_area
from pipelines.collect.layouts_binary import biff_layouts
from pipelines.collect.limits import MAX_CELLS, MAX_MERGED, MAX_SHEETS, TOO_MANY_CELLS, TOO_MANY_MERGED, TOO_MANY_SHEETS
from pipelines.collect.packages import Damaged, Package

# Excel encrypts a workbook whose structure alone is protected with this, and opens it without asking.
EXCEL_DEFAULT_PASSWORD = "VelvetSweatshop"
ASKS_PASSWORD = Unreadable("工作簿设有打开密码", "请在 Excel 或 WPS 中打开，取消密码（文件—信息—保护工作簿）后重新发送")
DAMAGED = Unreadable("工作簿打不开，文件可能不完整或已损坏", "请在 Excel 中打开确认后另存一份，重新发送")
NOT_A_WORKBOOK = Unreadable("这是 Office 文件，但不是工作簿", "请发送 Excel 或 WPS 表格文件，或另存为 CSV")
BARE_BIFF = (b"\x09\x08\x10\x00\x00\x05", b"\x09\x08\x10\x00\x00\x06", b"\x09\x08\x08\x00\x00\x05")  # a stream without OLE
LARGE_MERGED_CELLS = 10_000  # a range of more cells (a whole row or column) is cut to the used area


def is_bare_biff(content: bytes) -> bool:
    """Whether the bytes are an Excel 5 stream saved without its container, as some exporters do."""
    return content.startswith(BARE_BIFF)


def read_workbook(content: bytes) -> Container:
    """Read all sheets.

    Raises:
        Unreadable: damaged, asks for a password, no workbook, or beyond the limits.
    """
    remarks: list[str] = []
    stream = None
    if content.startswith(OLE):
        content, stream = _opened(content, remarks)
    elif not content.startswith(ZIP):
        stream, content = content, _contained(content)
    package = None
    if content.startswith(ZIP):
        try:
            package = Package(content)
        except Damaged as error:
            raise DAMAGED from error
        if not package.looks_like_workbook:
            raise NOT_A_WORKBOOK
    find_layouts: Callable[[], Mapping[str, Layout] | list[Layout]] = (
        package.layouts if package is not None else lambda: biff_layouts(stream or b"")
    )
    layouts = _tolerated(find_layouts, [], "隐藏的行列、错误值和带单位的数字格式未能识别", remarks)
    properties = _tolerated(package.properties, {}, "文档属性未能读取", remarks) if package else {}
    sheets = _sheets(content, layouts, remarks)
    return Container(package.kind if package else "xls", sheets, tuple(remarks), properties)


def _opened(content: bytes, remarks: list[str]) -> tuple[bytes, bytes | None]:
    """The content in the clear, and its workbook stream where it is no zip container by then."""
    from pipelines.collect.binaries import NoContainer, OleContainer  # few workbooks are OLE, and olefile takes time to load

    try:
        ole = OleContainer(content)
        ole.check_encryption()
        content = _decrypted(content, remarks)
        if content.startswith(ZIP):
            return content, None
        stream = (OleContainer(content) if remarks else ole).workbook()
    except NoContainer as error:
        raise (DAMAGED if _names_workbook(content) else NOT_A_WORKBOOK) from error
    if stream is None:
        raise NOT_A_WORKBOOK
    return content, stream


def _contained(stream: bytes) -> bytes:
    from pipelines.collect.binaries import NoContainer, contained

    try:
        return contained(stream)
    except NoContainer as error:
        raise DAMAGED from error


def _decrypted(content: bytes, remarks: list[str]) -> bytes:
    import msoffcrypto  # 0.2 s, and only old and protected workbooks need it

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not file.is_encrypted():
            return content
        clear = io.BytesIO()
        file.load_key(password=EXCEL_DEFAULT_PASSWORD)
        file.decrypt(clear)
    except msoffcrypto.exceptions.InvalidKeyError as error:
        raise ASKS_PASSWORD from error
    except Exception:
        # Not a format msoffcrypto knows, or damaged: calamine says which.
        return content
    remarks.append("工作簿用 Excel 的默认口令加密，已自动打开")
    return clear.getvalue()


def _tolerated(find: Callable[[], Any], otherwise: Any, failed: str, remarks: list[str]) -> Any:
    """What `find` finds; what it trips over costs a remark and not the file."""
    try:
        return find()
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # a broken part can raise anything that zipfile, lxml and struct know
        remarks.append(f"{failed}（{type(error).__name__}）")
        return otherwise


def _sheets(content: bytes, layouts: Mapping[str, Layout] | list[Layout], remarks: list[str]) -> list[Sheet]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        if len(workbook.sheet_names) > MAX_SHEETS:
            raise TOO_MANY_SHEETS
        sheets: list[Sheet] = []
        cells = 0
        for index, name in enumerate(workbook.sheet_names):
            sheet = _sheet(workbook, index, _layout_of(layouts, index, name, len(workbook.sheet_names)), remarks)
            sheets.append(sheet)
            cells += sum(map(len, sheet.rows))
            if cells > MAX_CELLS:  # a thousand sheets can be one and the same part
                raise TOO_MANY_CELLS
    except PasswordError as error:
        raise ASKS_PASSWORD from error
    except (CalamineError, OSError, ValueError, struct.error) as error:
        raise DAMAGED from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of Rust; the class cannot be imported and is no Exception
            raise DAMAGED from error
        raise
    return sheets


def _layout_of(layouts: Mapping[str, Layout] | list[Layout], index: int, name: str, count: int) -> Layout:
    if isinstance(layouts, list):
        return layouts[index] if len(layouts) == count else Layout()
    return layouts.get(name) or Layout()


def _sheet(workbook: CalamineWorkbook, index: int, layout: Layout, remarks: list[str]) -> Sheet:
    source = workbook.get_sheet_by_index(index)
    if source.end is not None:
        check_area(source.end[0] + 1, source.end[1] + 1)
    # The empty area before the first cell is kept, so that row and column numbers are the sheet's own.
    rows: list[list[Cell]] = source.to_python(skip_empty_area=False)
    for number, row in enumerate(rows):
        if "" in row:
            rows[number] = [None if cell == "" else cell for cell in row]
    _place_errors(rows, layout.errors)
    width = _trim(rows)
    if layout.unplaced_errors:
        remarks.append(f"工作表“{source.name}”有 {layout.unplaced_errors} 处错误值未能定位，读作空格")
    ranges = layout.merged or [(*first, *last) for first, last in source.merged_cell_ranges or ()]
    if len(ranges) > MAX_MERGED:
        raise TOO_MANY_MERGED
    merged = tuple(_cut(found, len(rows), width) for found in ranges)
    return Sheet(
        source.name,
        rows,
        merged,
        workbook.sheets_metadata[index].visible != SheetVisibleEnum.Visible,
        frozenset(row for row in layout.hidden_rows if row < len(rows)),
        frozenset(column for column in layout.hidden_columns if column < width),
        _of_numbers(layout.formats, rows),
    )


def _of_numbers(formats: Mapping[tuple[int, int], str], rows: list[list[Cell]]) -> dict[tuple[int, int], str]:
    """The formats of numbers alone: dates and texts are shown as they were read."""
    return {
        place: code
        for place, code in formats.items()
        if place[0] < len(rows) and place[1] < len(rows[place[0]]) and type(rows[place[0]][place[1]]) in (int, float)
    }


def _place_errors(rows: list[list[Cell]], errors: Mapping[tuple[int, int], str]) -> None:
    """Write #REF! and its like where they stand: calamine gives them as empty cells, and a missing value is no error.

    An error in the last row or column may lie beyond what calamine gave.
    """
    if not errors:
        return
    check_area(max(row for row, _ in errors) + 1, max(max(column for _, column in errors) + 1, len(rows[0]) if rows else 0))
    for (row, column), text in errors.items():
        while len(rows) <= row:
            rows.append([])
        rows[row] += [None] * (column + 1 - len(rows[row]))
        if rows[row][column] is None:
            rows[row][column] = text


def _trim(rows: list[list[Cell]]) -> int:
    """Drop empty rows below and empty columns right of the last value; return the width left."""
    while rows and rows[-1].count(None) == len(rows[-1]):
        rows.pop()
    widest = width = max(map(len, rows), default=0)
    while width and all(len(row) < width or row[width - 1] is None for row in rows):
        width -= 1
    if width < widest:
        for row in rows:
            del row[width:]
    return width


def _cut(merged: CellRange, height: int, width: int) -> CellRange:
    top, left, bottom, right = merged
    if (bottom - top + 1) * (right - left + 1) <= LARGE_MERGED_CELLS:
        return merged
    return (top, left, max(top, min(bottom, height - 1)), max(left, min(right, width - 1)))


def _names_workbook(content: bytes) -> bool:
    """Whether an OLE container that does not hold together has a workbook's stream by its name."""
    return "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content
