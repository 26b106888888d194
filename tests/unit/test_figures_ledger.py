"""The ledger that comes with the program is whole and readable; a bad row is found, named by its cell and left out."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from pipelines.collect.cells import column_letters
from pipelines.figures.intervals import Interval
from pipelines.figures.ledger import FIGURE_COLUMNS, Ledger, land_ledger, load_ledger
from pipelines.settings import CHECKOUT, Settings

Rows = list[list[str]]


@pytest.fixture(scope="module")
def real() -> Ledger:
    return load_ledger(Settings())


@pytest.fixture
def workspace(tmp_path: Path) -> Settings:
    """A workspace with its own copy of the ledger."""
    shutil.copytree(CHECKOUT / "raw" / "figures", tmp_path / "raw" / "figures")
    return Settings(tmp_path)


def edit(settings: Settings, name: str, change: Callable[[Rows], object], encoding: str = "utf-8") -> None:
    path = settings.figures / name
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    change(rows)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)


def put(column: str, number: int, text: str) -> Callable[[Rows], object]:
    """A change of one cell; `number` counts as a spreadsheet does."""

    def change(rows: Rows) -> None:
        rows[number - 1][rows[0].index(column)] = text

    return change


def test_all_figures_of_the_five_documents(real: Ledger) -> None:
    assert real.findings == ()
    assert [document.document_id for document in real.documents] == ["000", "001", "002", "003", "004"]
    expected = {"S0": 35, "S1": 3, "S2": 26, "S3": 91, "S4": 96}
    ids = [f"{prefix}-{number:03d}" for prefix, count in expected.items() for number in range(1, count + 1)]
    assert [figure.figure_id for figure in real.figures] == ids
    assert len(ids) == 251
    assert all(figure.document_id == f"00{figure.figure_id[1]}" for figure in real.figures)


def test_every_number_has_an_interval_and_only_relative_targets_have_none(real: Ledger) -> None:
    without = [figure for figure in real.figures if figure.interval is None]
    assert [(figure.figure_id, figure.nature, figure.value) for figure in without] == [
        ("S4-019", "target", None), ("S4-020", "target", None),
    ]  # fmt: skip


def test_figures_whose_reading_is_easily_got_wrong(real: Ledger) -> None:
    figures = {figure.figure_id: figure for figure in real.figures}
    assert (figures["S4-011"].as_printed, figures["S4-011"].period_basis) == ("27.9 亿元", "inferred")
    for figure_id, expected in {
        "S4-011": Interval(Fraction("27.85"), Fraction("27.95"), upper_closed=False),
        "S4-044": Interval(Fraction("12.5"), Fraction("13.5"), upper_closed=False),
        "S2-024": Interval(Fraction(800_000), Fraction(900_000), lower_closed=False, upper_closed=False),  # 80余万人次 in 人次
        "S3-008": Interval(Fraction(75), None, lower_closed=False),  # a forecast that 突破
        "S4-039": Interval.point(Fraction(500)),
        "S4-024": Interval.point(Fraction(500)),  # a target that 突破 is the same level
        "S4-023": Interval.point(Fraction(100)),  # 全覆盖
        "S4-094": Interval(Fraction(2), Fraction(3)),
    }.items():
        assert figures[figure_id].interval == expected, figure_id


def test_two_funds_of_one_programme_are_told_apart(real: Ledger) -> None:
    figures = {figure.figure_id: figure for figure in real.figures}
    assert figures["S3-042"].scope != figures["S3-043"].scope


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("document_id", "4", "figures.document_unknown"),
        ("indicator_id", "turnover", "figures.indicator_unknown"),
        ("value", "二十七", "figures.number_unreadable"),
        ("value", "2.79E+05", "figures.number_unreadable"),
        ("value", "NaN", "figures.number_unreadable"),
        ("value", "", "figures.value_missing"),
        ("value_max", "1", "figures.interval_empty"),
        ("unit", "家", "figures.unit_inconvertible"),
        ("unit", "亿钱", "figures.unit_unknown"),
        ("period", "2020年", "figures.period_unreadable"),
        ("period", "2022-13", "figures.period_unreadable"),
        ("period", "2025..2021", "figures.period_unreadable"),
        ("window", "annual", "figures.code_unknown"),
        ("nature", "", "figures.value_missing"),
        ("qualifier", "大概", "figures.code_unknown"),
        ("locator", " ", "figures.value_missing"),
        ("figure_id", "S4-010", "figures.duplicate_id"),
    ],
)
def test_a_bad_cell_is_found_and_only_its_row_left_out(workspace: Settings, column: str, text: str, rule: str) -> None:
    edit(workspace, "figures.csv", put(column, 167, text))
    ledger = load_ledger(workspace)
    (finding,) = ledger.findings
    letters = column_letters(FIGURE_COLUMNS.index(column))
    assert (finding.rule_id, finding.cell, finding.severity) == (rule, f"{letters}167", "error")
    assert (finding.form, finding.file_name, finding.sheet) == ("published_figures", "figures/figures.csv", None)
    assert finding.field == column and finding.advice and f"{letters}167" in finding.message
    assert len(ledger.figures) == 250
    assert "S4-011" not in {figure.figure_id for figure in ledger.figures}


def test_all_that_is_wrong_in_a_row_is_found_at_once(workspace: Settings) -> None:
    edit(workspace, "figures.csv", put("unit", 2, ""))
    edit(workspace, "figures.csv", put("period", 2, "去年"))
    assert [finding.cell for finding in load_ledger(workspace).findings] == ["Q2", "H2"]


def test_row_of_the_wrong_length(workspace: Settings) -> None:
    edit(workspace, "figures.csv", lambda rows: rows[4].append("多出的一栏"))
    ledger = load_ledger(workspace)
    assert [(finding.rule_id, finding.cell) for finding in ledger.findings] == [("figures.row_shape", "A5")]
    assert len(ledger.figures) == 250


def test_missing_column_loses_the_sheet_but_not_the_load(workspace: Settings) -> None:
    edit(workspace, "figures.csv", lambda rows: [row.pop(rows_column) for rows_column in [9] for row in rows])
    ledger = load_ledger(workspace)
    assert [(finding.rule_id, finding.field, finding.level) for finding in ledger.findings] == [
        ("figures.column_missing", FIGURE_COLUMNS[9], 0)
    ]
    assert len(ledger.documents) == 5 and ledger.figures == ()


def test_unreadable_files_are_findings(workspace: Settings) -> None:
    (workspace.figures / "documents.csv").unlink()
    (workspace.figures / "figures.csv").write_bytes(b"\xff\xff\x00figure")
    ledger = load_ledger(workspace)
    assert [finding.rule_id for finding in ledger.findings] == ["figures.file_unreadable"] * 2
    assert (ledger.documents, ledger.figures) == ((), ())


def test_bad_date_is_a_warning_and_keeps_the_document(workspace: Settings) -> None:
    edit(workspace, "documents.csv", put("signed_on", 5, "2022年1114日"))
    ledger = load_ledger(workspace)
    assert [(finding.severity, finding.cell) for finding in ledger.findings] == [("warning", "E5")]
    assert len(ledger.figures) == 251 and ledger.documents[3].signed_on is None


def test_saved_by_excel_in_gb18030_with_columns_moved(workspace: Settings, real: Ledger) -> None:
    edit(workspace, "figures.csv", lambda rows: [row.reverse() for row in rows], encoding="gb18030")
    edit_blank = workspace.figures / "figures.csv"
    edit_blank.write_bytes(edit_blank.read_bytes() + b"," * (len(FIGURE_COLUMNS) - 1) + b"\r\n")
    assert load_ledger(workspace) == real


def test_landing_holds_every_figure_with_its_bounds(workspace: Settings, real: Ledger) -> None:
    land_ledger(real, workspace)
    figures = pl.read_parquet(workspace.landing / "published_figures" / "*.parquet")
    documents = pl.read_parquet(workspace.landing / "figure_documents" / "*.parquet")
    assert (figures.height, documents.height) == (251, 5)
    assert set(FIGURE_COLUMNS) < set(figures.columns)
    (row,) = figures.filter(pl.col("figure_id") == "S4-011").to_dicts()
    assert (row["lower"], row["upper"]) == (Decimal("27.85"), Decimal("27.95"))
    assert (row["lower_closed"], row["upper_closed"], row["interval_unit"]) == (True, False, "亿元")
    assert row["document_title"] == real.documents[4].title and row["scope"] is None
    assert figures.schema["lower"] == pl.Decimal(38, 9)
    (relative,) = figures.filter(pl.col("figure_id") == "S4-019").to_dicts()
    assert (relative["lower"], relative["interval_unit"], relative["indicator_unit"]) == (None, None, "%")
    schema = pl.read_parquet(workspace.landing / "published_figures" / "_schema.parquet")
    assert schema.height == 0 and schema.schema == figures.schema
    assert Counter(documents.schema.dtypes())[pl.Date] == 2


def test_targets_point_to_figures_and_the_plan_has_eleven_rows(real: Ledger) -> None:
    with (Settings().seeds / "plan_targets.csv").open(encoding="utf-8", newline="") as seed:
        targets = list(csv.DictReader(seed))
    figures = {figure.figure_id: figure for figure in real.figures}
    assert sorted(int(target["plan_row"]) for target in targets if target["plan_row"]) == list(range(1, 12))
    for target in targets:
        for figure_id in target["figure_ids"].split():
            figure = figures[figure_id]
            assert figure.nature == "target", figure_id
            expected = (target["indicator_id"], target["document_id"])
            assert (figure.indicator_id, figure.document_id) == expected, figure_id
        if target["baseline_figure_id"]:
            assert figures[target["baseline_figure_id"]].value == Decimal(target["baseline_value"]), target["target_id"]
