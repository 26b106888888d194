"""The workbook of a receipt: by which way it is made, and what is said of it.

Belongs here: choosing between a marked copy, the cells rewritten, and the front sheet alone. Does not belong here: any of
these three. `render` opens files of others, so it runs in a child process (`pipelines.collect.children`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from openpyxl.workbook import Workbook

from pipelines.collect.containers import ZIP, Container, Unreadable, open_container
from pipelines.receipts.front_sheet import write_front_sheet
from pipelines.receipts.inert import saved
from pipelines.receipts.keeping import CannotKeep, marked_copy
from pipelines.receipts.marks import mark, unmark
from pipelines.receipts.receipt import Receipt
from pipelines.receipts.rewriting import rewrite

MAX_CELLS = 600_000  # 600 MB and 40 s of openpyxl; who sends more has the file, and the front sheet names the cells
KINDS = {"csv": "文本", "html": "网页表格", "xls": "旧版 Excel 文件", "ods": "OpenDocument 文件", "xlsb": "二进制 Excel 文件"}
BACK_WITHOUT_IT = "请在原文件中改正，须说明的写在本表，再把本表复制到原文件里一并发回。"
TOO_MUCH_TO_MARK = f"原文件行数太多，没有附上：{BACK_WITHOUT_IT}"
NOT_MARKED = f"原文件没能标注，没有附上：{BACK_WITHOUT_IT}"


@dataclass(frozen=True)
class Rendered:
    """The bytes of a receipt, and how they came about: `kept`, `rewritten` or `front_only`."""

    content: bytes
    how: str


def render(receipt: Receipt, given: object = None) -> Rendered:
    """The workbook of a receipt.

    Args:
        given: nothing; a task of child processes is given something.

    Raises:
        OSError: the archive cannot be read.
    """
    if not receipt.is_identified:
        return front_only(receipt)
    content = receipt.path.read_bytes()
    try:
        container = open_container(content)
    except Unreadable:  # the findings say so
        return front_only(receipt)
    if sum(len(row) for sheet in container.sheets for row in islice(sheet.rows, MAX_CELLS)) > MAX_CELLS:
        return front_only(receipt, TOO_MUCH_TO_MARK)
    if container.kind != "xlsx" or not content.startswith(ZIP):
        what = KINDS.get(container.kind, "加密的工作簿")
        return _rewritten(receipt, container, f"原文件是{what}，不能直接标注：后面各表是读到的内容，可在其中改正。")
    try:
        return Rendered(marked_copy(content, container, lambda book, note: _change(book, receipt, note)), "kept")
    except CannotKeep as error:
        note = f"原文件里有{error}，标注后不能保留：后面各表是读到的内容，可在其中改正；要保留的，请在原文件中改。"
        return _rewritten(receipt, container, note)


def front_only(receipt: Receipt, note: str | None = None) -> Rendered:
    """A receipt without the sender's sheets; opens no file."""
    book = _empty()
    write_front_sheet(book, receipt, {}, note)
    return Rendered(saved(book), "front_only")


def _change(book: Workbook, receipt: Receipt, note: str | None) -> None:
    unmark(book)
    sheets = {name: name for name in book.sheetnames}
    mark(book, receipt, sheets)
    write_front_sheet(book, receipt, sheets, note)


def _rewritten(receipt: Receipt, container: Container, note: str) -> Rendered:
    book = _empty()
    sheets = rewrite(book, container)
    mark(book, receipt, sheets)
    write_front_sheet(book, receipt, sheets, note)
    return Rendered(saved(book), "rewritten")


def _empty() -> Workbook:
    book = Workbook()
    book.remove(book.active)
    return book
