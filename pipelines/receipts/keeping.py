"""A copy of the sender's own .xlsx to be marked: what of it can be kept, and that it says the same afterwards.

Belongs here: opening and saving such a copy, and finding out what would be lost. Does not belong here: the marks themselves.

openpyxl writes anew what it understood and drops the rest without a word, and it drops what formulas last came to. So parts
it cannot keep are looked for by name, the results are put back, and the cells of the copy are held against the original's.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from datetime import date, time, timedelta

import lxml.etree
import openpyxl
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook import Workbook

from pipelines.collect.containers import Container, Sheet, open_container
from pipelines.forms.identity import RECEIPT_SHEET
from pipelines.receipts.inert import keep_digits, saved, with_parts_changed

EXTENSION_LOST = "有的下拉列表或条件格式是新版 Excel 的，没能保留，数据不受影响。"
# Parts that openpyxl keeps, or that nobody misses.
_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/.*|docProps/.*|customXml/.*|xl/_rels/.*|xl/(?:workbook|styles|sharedStrings|calcChain)\.xml"
    r"|xl/theme/.*|xl/worksheets/(?:sheet\d+\.xml|_rels/.*)|xl/tables/[^/]*|xl/printerSettings/.*|xl/comments[^/]*|xl/comments/.*"
    r"|xl/drawings/(?:vmlDrawing|commentsDrawing|_rels/)[^/]*|xl/persons/.*|docMetadata/.*",
    re.IGNORECASE,
)
_LOST = (
    (re.compile(r"vbaProject|macrosheets", re.IGNORECASE), "宏"),
    (re.compile(r"xl/charts/"), "图表"),
    (re.compile(r"xl/pivot"), "数据透视表"),
    (re.compile(r"xl/externalLinks/"), "到其他文件的链接"),
    (re.compile(r"xl/(?:activeX|ctrlProps)/"), "控件"),
    (re.compile(r"xl/(?:media|drawings|diagrams)/|cellimages", re.IGNORECASE), "图片或图形"),
)
_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class CannotKeep(Exception):
    """The workbook cannot be copied without loss; the message is in Chinese, what of it stands in the way."""


def marked_copy(content: bytes, original: Container, change: Callable[[Workbook, str | None], None]) -> bytes:
    """A copy of an .xlsx with `change` done to it, and its data as they were.

    Args:
        original: the same bytes as our own reader takes them.
        change: marks the workbook; is told, in Chinese, what small thing could not be kept, if any.

    Raises:
        CannotKeep: something would be lost.
    """
    _refuse_loss(content)
    try:
        book, is_extended = _loaded(content)
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
        results = _results(content) if any(cell.data_type == "f" for cell in cells) else {}
        for cell in cells:
            keep_digits(cell)
        change(book, EXTENSION_LOST if is_extended else None)
        copy = _with_results(saved(book), book, results)
        is_same = _data(open_container(copy)) == _data(original)
    except (CannotKeep, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever a strange style or part makes it stumble over
        raise CannotKeep("写法特殊的内容") from error
    if not is_same:
        raise CannotKeep("写法特殊的内容")
    return copy


def _refuse_loss(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lost = [name for name in archive.namelist() if not name.endswith("/") and not _KEPT.fullmatch(name)]
    if lost:
        found = dict.fromkeys(words for pattern, words in _LOST for name in lost if pattern.search(name))
        raise CannotKeep("、".join(found) or "写法特殊的内容")


def _loaded(content: bytes) -> tuple[Workbook, bool]:
    """The workbook, and whether it had extensions that openpyxl drops.

    Raises:
        CannotKeep: openpyxl had to change something to open it.
    """
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        book = openpyxl.load_workbook(io.BytesIO(content), rich_text=True)
    told = [str(each.message) for each in warned if issubclass(each.category, UserWarning)]
    if any("date" in each and "serial" in each for each in told):
        raise CannotKeep("超出范围的日期")
    return book, any("extension" in each for each in told)


def _results(content: bytes) -> dict[str, dict[str, object]]:
    """What the cells held when the workbook was last saved: by sheet and cell."""
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    return {
        sheet.title: {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}
        for sheet in book.worksheets
    }


def _with_results(content: bytes, book: Workbook, results: dict[str, dict[str, object]]) -> bytes:
    """The workbook with the results of its formulas: without them a preview or Protected View shows blanks."""
    if not results:
        return content
    changed = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for number, sheet in enumerate(book.worksheets, start=1):
            name = f"xl/worksheets/sheet{number}.xml"
            root = lxml.etree.fromstring(archive.read(name))
            known = results.get(sheet.title, {})
            cells = [formula.getparent() for formula in root.iter(f"{_MAIN}f")]
            for cell in cells:
                _set_result(cell, known.get(cell.get("r")), book.epoch)
            if cells:
                changed[name] = lxml.etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return with_parts_changed(content, changed)


def _set_result(cell: lxml.etree._Element, result: object, epoch: object) -> None:
    for old in cell.findall(f"{_MAIN}v"):
        cell.remove(old)
    match result:
        case None:
            return
        case bool():
            kind, text = "b", str(int(result))
        case str():
            kind, text = ("e" if result in _ERRORS else "str"), result
        case date() | time() | timedelta():
            kind, text = "n", repr(to_excel(result, epoch))
        case _:
            kind, text = "n", repr(result)
    cell.set("t", kind)
    lxml.etree.SubElement(cell, f"{_MAIN}v").text = text


def _data(container: Container) -> list[tuple[object, ...]]:
    """All that is read of a workbook's sheets, the receipt's own left out."""
    return [_all_of(sheet) for sheet in container.sheets if sheet.name != RECEIPT_SHEET]


def _all_of(sheet: Sheet) -> tuple[object, ...]:
    return (
        sheet.name,
        list(sheet.rows),
        sorted(sheet.merged),
        sheet.is_hidden,
        sheet.hidden_rows,
        sheet.hidden_columns,
        dict(sheet.formats),
    )
