"""The ledger of published figures: the two CSVs read and checked like a submission, each figure with its interval.

Belongs here: documents, figures, what makes a row unusable, landing them. Does not belong here: comparing figures (conflicts).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from pipelines.collect.records import Row, SheetFindings
from pipelines.figures.intervals import (
    QUALIFIERS,
    EmptyInterval,
    Interval,
    PrintedNumber,
    decided,
    has_digits,
    measured,
    printed_decimals,
)
from pipelines.figures.quantities import PRACTICE, Quantity, quantity
from pipelines.figures.storage import AMOUNT, amount
from pipelines.figures.wording import numbers_in
from pipelines.figures.workbook import ledger_rows
from pipelines.findings import Finding
from pipelines.parquet import write_rows
from pipelines.settings import Settings
from pipelines.units import Inconvertible, UnknownUnit, conversion_factor, read_unit

WINDOWS = ("month", "ytd", "year", "cumulative", "year_end", "point", "plan_period", "unstated")
PERIOD_BASES = ("stated", "inferred")
NATURES = ("actual", "baseline", "forecast", "target")
MEASURES = ("stock", "flow", "ratio", "growth_rate", "rank", "participants", "count_of_events", "money")
RATES = ("ratio", "growth_rate")
OBSERVED = "wanstat"  # stands for the document of what the warehouse has


@dataclass(frozen=True)
class Document:
    """A document that prints figures; days are None where the document or the ledger has none.

    Attributes:
        dates_as_printed: its dates letter by letter, with ； between, where they are worth a look; else empty.
    """

    document_id: str
    title: str
    issuer: str
    document_no: str
    signed_on: date | None
    published_on: date | None
    period_covered: str
    source_file: str
    dates_as_printed: str = ""

    @property
    def is_practice(self) -> bool:
        """Whether its figures are made up; they are held against practice data and against one another alone."""
        return self.title.startswith("【练习")


@dataclass(frozen=True)
class Indicator:
    """What the ledger needs of the catalogue: the name, the unit its figures are compared in, and what it is made of.

    Attributes:
        direction: `increase`, `decrease` or `neutral`.
        measure: as the catalogue has it; a figure of the ledger says its own.
        numerator_id, denominator_id, factor: of a ratio that the catalogue takes apart; empty otherwise.
        variant_of: the indicator that this is another definition of; empty if none.
    """

    indicator_id: str
    label: str
    unit: str
    direction: str = "neutral"
    measure: str = "flow"
    numerator_id: str = ""
    denominator_id: str = ""
    factor: Fraction = Fraction(1)
    variant_of: str = ""


@dataclass(frozen=True)
class Figure:
    """A printed number and what it is said of.

    Attributes:
        scope: what separates two figures of one indicator that are otherwise the same quantity; empty for the indicator's own.
        period: `2020`, `2022-11`, `2021..2025`, or `..2024-03` for all time up to a month.
        value: in `unit`; None for a target without a number (达到全省平均水平).
        interval: in the unit of `indicator`; None where `value` is None.
    """

    figure_id: str
    document_id: str
    locator: str
    indicator_id: str
    indicator_label: str
    scope: str
    area: str
    period: str
    window: str
    period_basis: str
    nature: str
    measure: str
    as_printed: str
    qualifier: str
    value: Decimal | None
    value_max: Decimal | None
    unit: str
    document: Document
    indicator: Indicator
    interval: Interval | None

    @property
    def quantity(self) -> Quantity:
        """What it measures."""
        area = f"{self.area}{PRACTICE}" if self.document.is_practice else self.area
        where = (self.indicator_id, self.scope, area)
        return quantity(*where, self.period, self.window, self.nature, self.measure)

    @property
    def is_observed(self) -> bool:
        """Whether it is no printed number but one of the warehouse (observed)."""
        return self.document_id == OBSERVED

    @property
    def level(self) -> Interval | None:
        """The printed number alone, rounded as printed, in the indicator's unit: what a growth on it is worked out from."""
        if self.value is None:
            return None
        number = replace(_printed_number(self), qualifier="exact", value_max=None)
        return measured(number).scaled(conversion_factor(self.unit, self.indicator.unit))


@dataclass(frozen=True)
class Ledger:
    """The usable documents and figures, in the order of the files, and what was found wrong with the others."""

    documents: tuple[Document, ...]
    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]


DOCUMENT_COLUMNS = tuple(field.name for field in fields(Document))
FIGURE_COLUMNS = tuple(field.name for field in fields(Figure) if field.name not in ("document", "indicator", "interval"))
_OPTIONAL = {"scope", "value", "value_max"}


def load_ledger(settings: Settings) -> Ledger:
    """Read and check the ledger of a workspace, its CSVs and the workbooks beside them.

    An unusable row becomes a finding and is left out, the rest loads.
    """
    sheets: list[SheetFindings] = []
    indicators = read_indicators(settings.seeds / "indicators.csv")
    labels = {indicator.label: indicator.indicator_id for indicator in indicators.values()}
    documents: dict[str, Document] = {}
    for row in ledger_rows(settings.figures, "documents.csv", "文件", DOCUMENT_COLUMNS, labels, sheets):
        document = _document(row)
        if document and not row.repeats("document_id", documents):
            documents[document.document_id] = document

    figures: dict[str, Figure] = {}
    for row in ledger_rows(settings.figures, "figures.csv", "公布数", FIGURE_COLUMNS, labels, sheets):
        figure = _figure(row, documents, indicators)
        if figure and not row.repeats("figure_id", figures):
            figures[figure.figure_id] = figure
    findings = tuple(finding for sheet in sheets for finding in sheet.findings)
    return Ledger(tuple(documents.values()), tuple(figures.values()), findings)


def read_indicators(path: Path) -> dict[str, Indicator]:
    """The catalogue of indicators by id, from the seed that dbt loads too.

    Raises:
        OSError, KeyError: the seed, which comes with the program, is missing or lacks a column.
    """
    with path.open(encoding="utf-8", newline="") as seed:
        return {
            row["indicator_id"]: Indicator(
                row["indicator_id"],
                row["indicator_label"],
                row["unit"],
                row["direction"],
                row["measure"],
                row["numerator_id"],
                row["denominator_id"],
                Fraction(row["factor"] or 1),
                row["variant_of"],
            )
            for row in csv.DictReader(seed)
        }


def _document(row: Row) -> Document | None:
    document_id, title = row.required("document_id"), row.required("title")
    if row.is_bad:
        return None
    return Document(
        document_id=document_id,
        title=title,
        issuer=row["issuer"],
        document_no=row["document_no"],
        signed_on=row.day("signed_on"),
        published_on=row.day("published_on"),
        period_covered=row["period_covered"],
        source_file=row["source_file"],
        dates_as_printed=row["dates_as_printed"],
    )


def _figure(row: Row, documents: dict[str, Document], indicators: dict[str, Indicator]) -> Figure | None:
    texts = {name: row[name] if name in _OPTIONAL else row.required(name) for name in FIGURE_COLUMNS}
    document = row.known(
        "document_id", documents, "文件目录 documents.csv 中没有这个文件编号", "先在 documents.csv 登记文件，编号以文本保存"
    )
    indicator = row.known("indicator_id", indicators, "指标目录中没有这个指标", "改用目录中的指标编号，或请管理员增补指标")
    for name, allowed in (
        ("window", WINDOWS),
        ("period_basis", PERIOD_BASES),
        ("nature", NATURES),
        ("measure", MEASURES),
        ("qualifier", tuple(QUALIFIERS)),
    ):
        row.one_of(name, allowed)
    row.period("period")
    value, value_max = row.number("value"), row.number("value_max")
    if row.is_bad or document is None or indicator is None:
        return None
    interval = None
    if value is not None:
        interval = _interval(row, value, value_max, indicator)
        _check_wording(row, value)
    elif value_max is not None or texts["nature"] != "target" or has_digits(texts["as_printed"]):
        row.report("value_missing", "value", "没有填数值", "按原文填写数值；只有“达到全省平均水平”一类没有数字的目标可以空着")
    if row.is_bad:
        return None
    return Figure(**texts | {"value": value, "value_max": value_max}, document=document, indicator=indicator, interval=interval)


def _printed_number(figure: Figure) -> PrintedNumber:
    return PrintedNumber(
        value=figure.value,
        decimals=printed_decimals(figure.as_printed, figure.value),
        unit=figure.unit,
        qualifier=figure.qualifier,
        value_max=figure.value_max,
        is_rate=figure.measure in RATES,
        in_digits=has_digits(figure.as_printed),
    )


def _check_wording(row: Row, value: Decimal) -> None:
    """Warn of a value that the phrase does not print; a slip in transcribing would be taken for a conflict."""
    printed = numbers_in(row["as_printed"])
    if row.is_bad or not printed:
        return
    own = abs(Fraction(value))  # a sign may be a word: 下降 22%
    if not {own, own * read_unit(row["unit"]).multiplier} & printed:
        message = f"“{row['as_printed']}”里没有 {value} 这个数"
        row.report("value_not_printed", "value", message, "核对原文写法和数值；确实如此的不必改", "warning")


def _interval(row: Row, value: Decimal, value_max: Decimal | None, indicator: Indicator) -> Interval | None:
    """The interval in the indicator's unit, or None with the reason reported."""
    number = PrintedNumber(
        value=value,
        decimals=printed_decimals(row["as_printed"], value),
        unit=row["unit"],
        qualifier=row["qualifier"],
        value_max=value_max,
        is_rate=row["measure"] in RATES,
        in_digits=has_digits(row["as_printed"]),
    )
    try:
        factor = conversion_factor(row["unit"], indicator.unit)
        printed = decided(number) if row["nature"] == "target" else measured(number)
    except UnknownUnit:
        row.report("unit_unknown", "unit", f"不认识的计量单位“{row['unit']}”", "改用常用单位，如 家、人次、万元、%")
    except Inconvertible:
        row.report("unit_inconvertible", "unit", f"“{row['unit']}”不能换算成该指标的单位“{indicator.unit}”", "核对单位或指标编号")
    except EmptyInterval:
        column = "value" if value_max is None else "value_max"
        message = "没有数值符合这样的写法（上限小于下限，或对零用了“余”“近”）"
        row.report("interval_empty", column, message, "核对数值、上限和限定词")
    else:
        return printed.scaled(factor)
    return None


# Column -> DuckDB type of the two landing tables.
PUBLISHED_FIGURES = {name: AMOUNT if name in ("value", "value_max") else "VARCHAR" for name in FIGURE_COLUMNS} | {
    "document_title": "VARCHAR",
    "indicator_unit": "VARCHAR",
    "lower": AMOUNT,
    "upper": AMOUNT,
    "lower_closed": "BOOLEAN",
    "upper_closed": "BOOLEAN",
    "interval_unit": "VARCHAR",  # the indicator's, null where there is no interval
}
FIGURE_DOCUMENTS = {name: "DATE" if name in ("signed_on", "published_on") else "VARCHAR" for name in DOCUMENT_COLUMNS}


def land_ledger(ledger: Ledger, settings: Settings) -> None:
    """Write the landing tables `published_figures` and `figure_documents`, replacing what was there.

    Raises:
        OSError: what the disk answered.
    """
    for table, columns, rows in (
        ("published_figures", PUBLISHED_FIGURES, [figure_row(figure) for figure in ledger.figures]),
        ("figure_documents", FIGURE_DOCUMENTS, [_without_blanks(vars(document)) for document in ledger.documents]),
    ):
        write_rows(settings.landing / table / "_schema.parquet", columns, [])
        write_rows(settings.landing / table / "ledger.parquet", columns, rows)


def figure_row(figure: Figure) -> dict[str, object]:
    """The row of `published_figures`; a blank is null."""
    row = {name: getattr(figure, name) for name in FIGURE_COLUMNS}
    row |= {"value": amount(figure.value), "value_max": amount(figure.value_max)}
    row |= {"document_title": figure.document.title, "indicator_unit": figure.indicator.unit}
    if figure.interval:
        row |= bounds(figure.interval) | {"interval_unit": figure.indicator.unit}
    return _without_blanks(row)


def bounds(interval: Interval) -> dict[str, object]:
    """The four columns every table describes an interval with."""
    return {
        "lower": amount(interval.lower),
        "upper": amount(interval.upper),
        "lower_closed": interval.lower_closed,
        "upper_closed": interval.upper_closed,
    }


def _without_blanks(row: dict[str, object]) -> dict[str, object]:
    return {name: None if value == "" else value for name, value in row.items()}
