"""Documents that the office adds in a workbook: read as if they stood in the CSVs, and found fault with cell by cell."""

from __future__ import annotations

import io
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from pipelines.figures.conflicts import reconcile
from pipelines.figures.ledger import DOCUMENT_COLUMNS, FIGURE_COLUMNS, MEASURES, NATURES, PERIOD_BASES, WINDOWS, load_ledger
from pipelines.figures.relations import KINDS, RELATION_COLUMNS, load_relations
from pipelines.figures.workbook import SHEETS, render_template
from pipelines.settings import CHECKOUT, Settings

FIGURE = {
    "公布数编号": "S10-001", "文件编号": "010", "位置": "一/1", "指标": "技术合同成交额", "原文名称": "成交额", "地区": "南阳市",
    "时期": "2020", "时期口径": "全年", "时期依据": "原文写明", "性质": "实际", "计量类型": "流量", "原文写法": "30.1亿元",
    "修饰词": "（没有）", "数值": 30.1, "单位": "亿元",
}  # fmt: skip
DOCUMENT = {"文件编号": "010", "标题": "某公报", "成文日期": datetime(2021, 3, 1)}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    shutil.copytree(CHECKOUT / "raw" / "figures", tmp_path / "raw" / "figures")
    return tmp_path


def fill(home: Path, name: str = "新文件.xlsx", **sheets: list[dict[str, object]]) -> Settings:
    """The template with these rows below the hints, saved where the ledger is."""
    book = openpyxl.load_workbook(io.BytesIO(render_template({"tech_contract_turnover": "技术合同成交额"})))
    for sheet, rows in sheets.items():
        header = [cell.value for cell in book[sheet][1]]
        for row in rows:
            assert not set(row) - set(header)
            book[sheet].append([row.get(label) for label in header])
    book.save(home / "raw" / "figures" / name)
    return Settings(home)


def test_every_column_and_code_of_the_ledger_can_be_filled_in() -> None:
    assert {name: [entry.name for entry in entries] for name, entries in SHEETS.items()} == {
        "文件": list(DOCUMENT_COLUMNS), "公布数": list(FIGURE_COLUMNS), "关系": list(RELATION_COLUMNS),
    }  # fmt: skip
    choices = {entry.name: set(entry.choices.values()) for entries in SHEETS.values() for entry in entries if entry.choices}
    assert (choices["window"], choices["nature"], choices["measure"]) == (set(WINDOWS), set(NATURES), set(MEASURES))
    assert (choices["kind"], choices["period_basis"]) == (set(KINDS), set(PERIOD_BASES))


def test_what_is_filled_in_is_held_against_the_rest(home: Path) -> None:
    settings = fill(home, 文件=[DOCUMENT], 公布数=[FIGURE])
    ledger = load_ledger(settings)
    added = next(figure for figure in ledger.figures if figure.figure_id == "S10-001")
    assert ledger.findings == ()
    assert (added.indicator_id, added.window, added.nature) == ("tech_contract_turnover", "year", "actual")
    assert (added.value, added.document.title, str(added.document.signed_on)) == (Decimal("30.1"), "某公报", "2021-03-01")
    together = [{member.figure.figure_id for member in conflict.members} for conflict in reconcile(settings).contradictions]
    assert {"S10-001", "S4-011"} in together and {"S10-001", "S4-044"} in together


def test_a_relation_may_be_filled_in(home: Path) -> None:
    growth = FIGURE | {"公布数编号": "S10-002", "计量类型": "增长率", "指标": "tech_contract_turnover_growth", "单位": "%"}
    growth |= {"原文写法": "10%", "数值": 10}
    tie = {"关系编号": "R10-1", "文件编号": "010", "位置": "一/1", "种类": "比基期增长", "说的是哪个数": "S10-001"}
    tie |= {"增长率或倍数": "S10-002", "基期": 2019, "依据": "原文写明", "原文": "比2019年增长10%"}
    settings = fill(home, 文件=[DOCUMENT], 公布数=[FIGURE, growth], 关系=[tie])
    relations, findings = load_relations(settings, load_ledger(settings))
    (added,) = [relation for relation in relations if relation.relation_id == "R10-1"]
    assert findings == () and (added.kind, added.base_period, added.coefficient.figure_id) == ("growth", "2019", "S10-002")


def test_a_bad_cell_is_named_and_costs_only_its_row(home: Path) -> None:
    settings = fill(home, 文件=[DOCUMENT], 公布数=[FIGURE | {"指标": "没有的指标"}, FIGURE | {"公布数编号": "S10-002"}])
    ledger = load_ledger(settings)
    (finding,) = ledger.findings
    assert (finding.file_name, finding.sheet, finding.cell) == ("figures/新文件.xlsx", "公布数", "D3")
    assert "没有的指标" in finding.message and finding.advice
    assert "S10-002" in {figure.figure_id for figure in ledger.figures}


def test_an_empty_template_says_nothing(home: Path) -> None:
    assert load_ledger(fill(home)).figures == load_ledger(Settings()).figures


def test_a_workbook_that_is_none_costs_only_itself(home: Path) -> None:
    (home / "raw" / "figures" / "坏.xlsx").write_bytes(b"not a workbook")
    ledger = load_ledger(Settings(home))
    assert ledger.figures == load_ledger(Settings()).figures
    assert {finding.file_name for finding in ledger.findings} == {"figures/坏.xlsx"}


def test_a_sheet_that_was_deleted_is_said(home: Path) -> None:
    settings = fill(home, 文件=[DOCUMENT], 公布数=[FIGURE])
    book = openpyxl.load_workbook(home / "raw" / "figures" / "新文件.xlsx")
    del book["公布数"]
    book.save(home / "raw" / "figures" / "新文件.xlsx")
    (finding,) = load_ledger(settings).findings
    assert "“公布数”" in finding.message and "模板" in finding.advice
