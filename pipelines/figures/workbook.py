"""The workbook in which the office adds documents to the ledger: its template, and reading it back.

Belongs here: three sheets in Chinese (文件, 公布数, 关系) with lists to choose from, and turning what is chosen into the ledger's
codes. Does not belong here: checking rows (ledger, relations).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import python_calamine
import xlsxwriter

from pipelines.collect.records import Row, SheetFindings, read_rows, rows_of
from pipelines.figures.intervals import QUALIFIERS
from pipelines.figures.storage import FOLDER, FORM

CREATED = datetime(2022, 1, 1)  # fixed, so that the same catalogue gives the same bytes
BLANK_ROWS = 500
GUIDE, CATALOGUE = "说明", "指标目录"


@dataclass(frozen=True)
class Entry:
    """A column of a sheet: its label, a hint, and what may be chosen (label -> code) where not anything may be written."""

    name: str
    label: str
    hint: str
    choices: Mapping[str, str] | None = None


WINDOWS = {
    "当月": "month", "年初至当月累计": "ytd", "全年": "year", "累计": "cumulative", "年末": "year_end", "某一时点": "point",
    "规划期": "plan_period", "没有印出": "unstated",
}  # fmt: skip
NATURES = {"实际": "actual", "基期": "baseline", "预计": "forecast", "目标": "target"}
MEASURES = {
    "存量": "stock", "流量": "flow", "比率": "ratio", "增长率": "growth_rate", "位次": "rank", "人数或人次": "participants",
    "活动次数": "count_of_events", "金额": "money",
}  # fmt: skip
BASES = {"原文写明": "stated", "按上下文推断": "inferred"}
RELATION_KINDS = {
    "比基期增长": "growth", "是基期的若干倍": "multiple", "目标为基期的若干倍": "goal_multiple", "等于各部分之和": "sum",
    "其中": "part", "提高到": "rise", "同一变化的两种说法": "same_rate", "位次": "rank_of", "与没有印出的数比": "reference",
}  # fmt: skip
WORDS = {"（没有）": "exact"} | {word: word for word in QUALIFIERS if word != "exact"}

SHEETS: dict[str, tuple[Entry, ...]] = {
    "文件": (
        Entry("document_id", "文件编号", "自定，不与已有的重复，如 010"),
        Entry("title", "标题", "照原文"),
        Entry("issuer", "发文单位", "照原文"),
        Entry("document_no", "文号", "没有则空"),
        Entry("signed_on", "成文日期", "如 2022-11-14；没有则空"),
        Entry("published_on", "公布日期", "如 2022-11-18；没有则空"),
        Entry("period_covered", "所述时期", "如 2022年"),
        Entry("source_file", "来源文件", "保存在何处"),
        Entry("dates_as_printed", "日期原文", "原文怎么写就怎么抄，几个日期用；分开"),
    ),
    "公布数": (
        Entry("figure_id", "公布数编号", "自定，不与已有的重复，如 S10-001"),
        Entry("document_id", "文件编号", "“文件”表里的编号"),
        Entry("locator", "位置", "第几部分第几段"),
        Entry("indicator_id", "指标", "从“指标目录”选名称，或写编号", {}),
        Entry("indicator_label", "原文名称", "照原文"),
        Entry("scope", "范围", "与指标本身的范围不同时写，如 入库+公示"),
        Entry("area", "地区", "照原文，写全称"),
        Entry("period", "时期", "如 2020、2022-11、2021..2025、2022-01..2022-10"),
        Entry("window", "时期口径", "原文没有写就选“没有印出”，或选默认读法并在下一栏选“按上下文推断”", WINDOWS),
        Entry("period_basis", "时期依据", "时期是原文写明的，还是推断的", BASES),
        Entry("nature", "性质", "", NATURES),
        Entry("measure", "计量类型", "", MEASURES),
        Entry("as_printed", "原文写法", "一字不改，连同单位，如 80余万人次"),
        Entry("qualifier", "修饰词", "余、近、以上、突破等；没有则选（没有）", WORDS),
        Entry("value", "数值", "只写数字，如 80"),
        Entry("value_max", "数值上限", "原文是范围（2—3家）时写上限"),
        Entry("unit", "单位", "如 万人次"),
    ),
    "关系": (
        Entry("relation_id", "关系编号", "自定，如 R10-01"),
        Entry("document_id", "文件编号", "“文件”表里的编号"),
        Entry("locator", "位置", "第几部分第几段"),
        Entry("kind", "种类", "", RELATION_KINDS),
        Entry("subject", "说的是哪个数", "公布数编号"),
        Entry("others", "与哪些数比", "公布数编号，空格分开：各部分、基期的数"),
        Entry("coefficient", "增长率或倍数", "它也登记为公布数，这里写编号"),
        Entry("base_period", "基期", "台账里没有基期的数时写时期，如 2021"),
        Entry("comparator", "怎样算达到", "与没有印出的数比时写：>=、>、<=、<"),
        Entry("reference", "与什么比", "与没有印出的数比时写，如 全省平均水平"),
        Entry("basis", "依据", "两个数的关系是原文写明的，还是推断的", BASES),
        Entry("as_printed", "原文", "一字不改"),
    ),
}


def render_template(indicators: Mapping[str, str]) -> bytes:
    """The empty workbook; `indicators` are labels by id."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": CREATED})
    bold = book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True, "valign": "top"})
    hint = book.add_format({"italic": True, "font_color": "#595959", "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    guide = book.add_worksheet(GUIDE)
    guide.set_column(0, 0, 100)
    for row, line in enumerate(
        (
            "公布数台账：登记文件里印出的每一个数，系统核对它们能不能同时成立。",
            "1. 在“文件”表登记文件，在“公布数”表一个数一行照抄，在“关系”表登记原文写明的关系（增长、倍数、合计、其中……）。",
            "2. 第二行是填写说明，从第三行起填写；带箭头的格子只能从列表里选。",
            "3. 填好后存到 raw/figures 文件夹，文件名自定，扩展名 .xlsx；下次装载时读取，不必改动已有的文件。",
            "4. 有问题的行不采用，其余照常；wanstat conflicts 逐条说明哪一格、怎么改。",
        )
    ):
        guide.write_string(row, 0, line)
    for name, entries in SHEETS.items():
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(2, 1)
        sheet.set_row(1, 45)
        for place, entry in enumerate(entries):
            sheet.set_column(place, place, max(14, 2 * len(entry.label) + 2), text)
            sheet.write_string(0, place, entry.label, bold)
            sheet.write_string(1, place, entry.hint, hint)
            if entry.name == "indicator_id":
                source: object = f"={CATALOGUE}!$B$2:$B${len(indicators) + 1}"
            elif entry.choices:
                source = list(entry.choices)
            else:
                continue
            options = {"validate": "list", "source": source, "error_title": entry.label, "error_message": "请从列表里选"}
            sheet.data_validation(2, place, BLANK_ROWS, place, options)
    known = book.add_worksheet(CATALOGUE)
    known.set_column(0, 1, 50)
    known.write_row(0, 0, ("指标编号", "指标名称"), bold)
    for row, (indicator_id, label) in enumerate(indicators.items(), start=1):
        known.write_row(row, 0, (indicator_id, label))
    book.close()
    return content.getvalue()


def ledger_rows(
    folder: Path, csv_name: str, sheet_name: str, columns: Sequence[str], labels: Mapping[str, str], findings: list[SheetFindings]
) -> Iterator[Row]:
    """The rows of one table of the ledger: of its CSV, then of the workbooks beside it, by file name.

    Args:
        labels: indicator ids by label, which a workbook may give in place of an id.
        findings: gets the findings of each file, one more a file.
    """
    findings.append(SheetFindings(FOLDER, csv_name, FORM))
    yield from read_rows(folder / csv_name, columns, findings[-1])
    names = {entry.name: entry.label for entry in SHEETS[sheet_name]}
    for path in sorted(folder.glob("*.xlsx")):
        if path.name.startswith("~$"):
            continue  # what Excel leaves while the workbook is open
        findings.append(SheetFindings(FOLDER, path.name, FORM, sheet_name=sheet_name, labels=names))
        records = _records(path, sheet_name, labels, findings[-1])
        if records is not None:
            yield from rows_of(records, columns, findings[-1])


def _records(path: Path, sheet_name: str, labels: Mapping[str, str], sheet: SheetFindings) -> list[list[str]] | None:
    """The sheet with column names and codes in place of what people read; None, with a finding, if it cannot be read."""
    try:
        cells = _sheets(path, path.stat().st_mtime_ns).get(sheet_name)
    except (OSError, python_calamine.CalamineError) as error:
        sheet.report("file_unreadable", f"工作簿打不开（{error}）", "请在 Excel 中打开确认后另存一份", level=0)
        return None
    if cells is None:
        sheet.report("sheet_missing", "没有这张表", "从 wanstat template --figures 写出的模板复制这张表", level=0)
        return None
    entries = {entry.label: entry for entry in SHEETS[sheet_name]}
    header = [str(text).strip() for text in cells[0]] if cells else []
    chosen = [entries.get(label) for label in header]
    rows = [[entry.name if entry else label for entry, label in zip(chosen, header, strict=True)]]
    for record in cells[1:]:
        texts = [_text(cell) for cell in record]
        if texts == [entry.hint if entry else "" for entry in chosen]:
            texts = [""] * len(texts)  # the hints of the template; a blank row keeps the numbers of those below
        rows.append([_code(entry, text, labels) for entry, text in zip(chosen, texts, strict=True)])
    return rows


def _code(entry: Entry | None, text: str, labels: Mapping[str, str]) -> str:
    if entry is None:
        return text
    if entry.name == "indicator_id":
        return labels.get(text, text)
    return entry.choices.get(text, text) if entry.choices else text


def _text(cell: object) -> str:
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return f"{int(cell)}" if cell.is_integer() else repr(cell)
    return str(cell).strip()


@cache
def _sheets(path: Path, _: int) -> dict[str, list[list[object]]]:
    """The cells of every sheet, from the first row on."""
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
