"""Workbooks of every kind, through python-calamine, after decryption where Excel itself would open them without asking.

Belongs here: sheets, merged ranges, visibility, Excel's default password. Does not belong here: text and HTML (`texts`).
"""

from __future__ import annotations

import io
import zipfile

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from pipelines.collect.containers import OLE, ZIP, Cell, CellRange, Container, Sheet, Unreadable

# Excel encrypts a workbook whose structure alone is protected with this, and opens it without asking.
EXCEL_DEFAULT_PASSWORD = "VelvetSweatshop"
ASKS_PASSWORD = Unreadable("工作簿设有打开密码", "请在 Excel 或 WPS 中打开，取消密码（文件—信息—保护工作簿）后重新发送")
DAMAGED = Unreadable("工作簿打不开，文件可能不完整或已损坏", "请在 Excel 中打开确认后另存一份，重新发送")
NOT_A_WORKBOOK = Unreadable("这是 Office 文件，但不是工作簿", "请发送 Excel 或 WPS 表格文件，或另存为 CSV")
BARE_BIFF = (b"\x09\x08\x10\x00\x00\x05", b"\x09\x08\x10\x00\x00\x06", b"\x09\x08\x08\x00\x00\x05")  # a stream without OLE


def is_bare_biff(content: bytes) -> bool:
    """Whether the bytes are an Excel 5 stream saved without its container, as some exporters do."""
    return content.startswith(BARE_BIFF)


def read_workbook(content: bytes) -> Container:
    """Read all sheets.

    Raises:
        Unreadable: damaged, asks for a password, or no workbook.
    """
    remarks: tuple[str, ...] = ()
    if content.startswith(OLE):
        content, remarks = _decrypted(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [_sheet(workbook, index) for index in range(len(workbook.sheet_names))]
    except PasswordError as error:
        raise ASKS_PASSWORD from error
    except (CalamineError, OSError, ValueError) as error:
        raise (DAMAGED if _looks_like_workbook(content) else NOT_A_WORKBOOK) from error
    return Container("xls" if content.startswith(OLE) else _zip_kind(content), sheets, remarks)


def _decrypted(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The content in the clear, and what was done."""
    import msoffcrypto  # 0.2 s, and only old and protected workbooks need it

    try:
        file = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not file.is_encrypted():
            return content, ()
        clear = io.BytesIO()
        file.load_key(password=EXCEL_DEFAULT_PASSWORD)
        file.decrypt(clear)
    except msoffcrypto.exceptions.InvalidKeyError as error:
        raise ASKS_PASSWORD from error
    except Exception:
        # Not a format msoffcrypto knows, or damaged: calamine says which.
        return content, ()
    return clear.getvalue(), ("工作簿用 Excel 的默认口令加密，已自动打开",)


def _sheet(workbook: CalamineWorkbook, index: int) -> Sheet:
    source = workbook.get_sheet_by_index(index)
    # The empty area before the first cell is kept, so that row and column numbers are the sheet's own.
    rows: list[list[Cell]] = [[None if cell == "" else cell for cell in row] for row in source.to_python(skip_empty_area=False)]
    merged: tuple[CellRange, ...] = tuple((*first, *last) for first, last in source.merged_cell_ranges or ())
    hidden = workbook.sheets_metadata[index].visible != SheetVisibleEnum.Visible
    return Sheet(source.name, rows, merged, hidden)


def _looks_like_workbook(content: bytes) -> bool:
    """Whether a container that calamine refused claims to hold a workbook (else: a Word file, a picture …)."""
    if content.startswith(ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError):
            return True
        return any(name.startswith("xl/") or name == "content.xml" for name in names)
    return b"W\x00o\x00r\x00k\x00b\x00o\x00o\x00k\x00" in content or b"B\x00o\x00o\x00k\x00" in content


def _zip_kind(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
    if "content.xml" in names:
        return "ods"
    return "xlsb" if "xl/workbook.bin" in names else "xlsx"
