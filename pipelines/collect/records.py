"""The rows of a CSV that the office keeps, with the cell of every field, so that what is wrong can be shown where it stands.

Belongs here: reading such a file and the checks any of its fields may need. Does not belong here: what the fields mean (the
ledger of figures, corrections), or what units submit.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from pipelines.collect.cells import column_letters
from pipelines.collect.dates import read_day
from pipelines.collect.numerals import Unconvertible
from pipelines.findings import Finding, Severity

LARGEST = Decimal("1e20")
_NUMBER = re.compile(r"-?\d+(?:\.\d{1,9})?")
_MONTH = r"\d{4}(?:-(?:0[1-9]|1[0-2]))?"
_PERIOD = re.compile(rf"(?:(?P<first>{_MONTH})?(?P<dots>\.\.))?(?P<last>{_MONTH})")
Known = TypeVar("Known")


@dataclass
class SheetFindings:
    """Findings of one file, in the order they were made.

    Attributes:
        folder: below raw/, which also begins the ids of the rules.
        form: what the findings name as their form.
        sheet_name: of a workbook; None of a CSV.
        labels: what a column is called in the sheet, where not by its name.
    """

    folder: str
    file_name: str
    form: str
    findings: list[Finding] = field(default_factory=list)
    sheet_name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    def report(
        self,
        rule: str,
        message: str,
        advice: str,
        *,
        level: int = 1,
        severity: Severity = "error",
        cell: str | None = None,
        column: str | None = None,
        value: str | None = None,
    ) -> None:
        name = f"{self.file_name} 的“{self.sheet_name}”表" if self.sheet_name else self.file_name
        where = f"{name} 的 {cell} 单元格：" if cell else f"{name}："
        self.findings.append(
            Finding(
                rule_id=f"{self.folder}.{rule}",
                level=level,
                severity=severity,
                message=where + message,
                advice=advice,
                form=self.form,
                file_name=f"{self.folder}/{self.file_name}",
                sheet=self.sheet_name,
                cell=cell,
                field=column,
                value=value or None,
            )
        )


@dataclass
class Row:
    """One row: its texts by column, and the means to report a field of it.

    Attributes:
        row_number: as a spreadsheet counts, the header being row 1.
        is_bad: an error was reported, so the row is not to be used.
    """

    row_number: int
    texts: Mapping[str, str]
    positions: Mapping[str, int]
    sheet: SheetFindings
    is_bad: bool = False

    def __getitem__(self, column: str) -> str:
        return self.texts[column]

    def report(self, rule: str, column: str, message: str, advice: str, severity: Severity = "error") -> None:
        self.is_bad = self.is_bad or severity == "error"
        cell = f"{column_letters(self.positions[column])}{self.row_number}"
        self.sheet.report(rule, message, advice, severity=severity, cell=cell, column=column, value=self.texts[column])

    def required(self, column: str) -> str:
        """The text, which must not be blank."""
        if not self[column]:
            self.report("value_missing", column, f"“{self.sheet.labels.get(column, column)}”不能为空", "补填后重新装载")
        return self[column]

    def one_of(self, column: str, allowed: Sequence[str]) -> None:
        if self[column] and self[column] not in allowed:
            expected = "、".join(allowed)
            self.report("code_unknown", column, f"“{self[column]}”不在允许的取值之内", f"改为下列之一：{expected}")

    def known(self, column: str, catalogue: Mapping[str, Known], message: str, advice: str) -> Known | None:
        """What `catalogue` holds under the text."""
        found = catalogue.get(self[column])
        if found is None and self[column]:
            rule = f"{column.removesuffix('_id')}_unknown"
            self.report(rule, column, f"{message}：“{self[column]}”", advice)
        return found

    def repeats(self, column: str, seen: Container[str]) -> bool:
        """Whether an earlier row has the same id; reported if so."""
        repeated = self[column] in seen
        if repeated:
            self.report(
                "duplicate_id", column, f"编号“{self[column]}”前面已经用过，本行未装载", "给本行另编一个号，或删去重复的行"
            )
        return repeated

    def number(self, column: str) -> Decimal | None:
        """The exact decimal, None for a blank."""
        text = unicodedata.normalize("NFKC", self[column]).replace(",", "")
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or abs(Decimal(text)) >= LARGEST:
            self.report(
                "number_unreadable", column, f"“{self[column]}”不是可用的数", "只填数字，不带单位，小数不超过九位"
            )
            return None
        return Decimal(text)

    def day(self, column: str) -> date | None:
        """The day, None for a blank or, with a warning, for what is none: a document is not lost for its date."""
        if not self[column]:
            return None
        try:
            return read_day(self[column])[0]
        except Unconvertible:
            self.report("date_unreadable", column, f"“{self[column]}”不是日期，按空处理", "写成 2022-11-14 的样子", "warning")
            return None

    def period(self, column: str) -> None:
        match = _PERIOD.fullmatch(self[column])
        if self[column] and (not match or (match["first"] and match["first"] > match["last"])):
            advice = "写成 2020、2022-11、2021..2025 或 ..2024-03 的样子"
            self.report("period_unreadable", column, f"“{self[column]}”不是可读的时期", advice)


def read_rows(path: Path, columns: Sequence[str], sheet: SheetFindings) -> Iterator[Row]:
    """The rows of a CSV in UTF-8 or GB18030 (as Excel saves it); none, with a finding, if the file is unusable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        advice = f"把文件放回 raw/{sheet.folder} 后重新装载；本来没有内容的，放一个只有表头的：{','.join(columns)}"
        sheet.report("file_unreadable", f"读不到文件（{error.strerror}）", advice, level=0)
        return
    try:
        records = list(csv.reader(io.StringIO(_decoded(content), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        sheet.report("file_unreadable", f"不是可读的 CSV 文件（{error}）", "用“CSV UTF-8”格式另存后重新装载", level=0)
        return
    yield from rows_of(records, columns, sheet)


def rows_of(records: Sequence[Sequence[str]], columns: Sequence[str], sheet: SheetFindings) -> Iterator[Row]:
    """The rows below a header that has these columns; none, with a finding each, if some are missing."""
    header = [text.strip() for text in records[0]] if records else []
    missing = [column for column in columns if column not in header]
    for column in missing:
        name = sheet.labels.get(column, column)
        sheet.report("column_missing", f"缺少“{name}”列，整张表未装载", "补上这一列", level=0, column=column)
    if missing:
        return
    positions = {column: header.index(column) for column in columns}
    for number, record in enumerate(records[1:], start=2):
        if not any(text.strip() for text in record):
            continue
        if len(record) != len(header):
            message = f"本行有 {len(record)} 栏，表头有 {len(header)} 栏，未装载"
            sheet.report("row_shape", message, "含逗号的文字要放在英文双引号里", cell=f"A{number}")
            continue
        yield Row(number, {column: record[place].strip() for column, place in positions.items()}, positions, sheet)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
