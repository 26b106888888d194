"""The workbook sent out reads back as what was put in, and carries its identity."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import openpyxl
import pytest
from python_calamine import CalamineWorkbook, SheetVisibleEnum

from pipelines.forms.identity import CODES_SHEET, GUIDE_SHEET, METADATA_KEYS, METADATA_SHEET, PRACTICE_BANNER, PROPERTY_PREFIX
from pipelines.forms.model import Form, load_forms
from pipelines.forms.reporting_units import ReportingUnit, load_reporting_units
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import BLANK_ROWS, FIRST_INPUT_ROW, HEADER_ROW, column_title, render_template, write_template
from pipelines.settings import Settings

SEEDS = Settings().seeds
CODES = load_code_lists(SEEDS)
MONTH = "2022-10"
CONTRACT = {
    "contract_no": "2022413302000010",
    "contract_name": "=1+1",
    "contract_type": "licence",
    "technology_field": "materials",
    "signed_on": date(2022, 9, 30),
    "registered_on": date(2022, 10, 31),
    "seller_name": "练习甲",
    "seller_division_code": "411302",
    "buyer_name": "练习乙",
    "buyer_division_code": "410105",
    "contract_value": Decimal("1234.56"),
    "technology_value": Decimal("1000.10"),
}


@pytest.fixture(scope="module")
def form() -> Form:
    return load_forms()["technical_contracts"]


@pytest.fixture(scope="module")
def unit() -> ReportingUnit:
    return load_reporting_units(SEEDS)["411302"]


@pytest.fixture(scope="module")
def filled(form: Form, unit: ReportingUnit) -> bytes:
    prepared_on = date(2022, 11, 5)
    return render_template(form, unit, MONTH, rows=[CONTRACT], is_practice=True, prepared_on=prepared_on, codes=CODES)


def sheet_rows(content: bytes, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def test_values_read_back(form: Form, filled: bytes) -> None:
    rows = sheet_rows(filled, "技术合同")
    assert rows[HEADER_ROW - 1] == [column_title(field) for field in form.fields]
    read = dict(zip(form.by_name, rows[FIRST_INPUT_ROW - 1], strict=True))
    labels = {
        "contract_type": "技术许可",
        "technology_field": "新材料及其应用",
        "contract_value": 1234.56,
        "technology_value": 1000.1,
    }
    assert read == CONTRACT | labels
    assert not any(value for row in rows[FIRST_INPUT_ROW:] for value in row)


def test_heading_says_who_when_and_that_it_is_practice(filled: bytes) -> None:
    title, line = (row[0] for row in sheet_rows(filled, "技术合同")[:2])
    assert title == f"技术合同登记月报（{PRACTICE_BANNER}）"
    assert line == "填报单位：宛城区　　月份：2022年10月　　填报日期：2022年11月5日　　单位：万元"


@pytest.mark.parametrize(
    ("name", "month", "said"),
    [
        ("rd_statistics", "2022-10", "月份：2022年10月（报上年全年的数）"),
        ("innovation_platforms", "2022-09", "月份：2022年9月（报第三季度的数）"),
    ],
)
def test_heading_of_what_is_not_monthly_says_of_which_time_it_is(unit: ReportingUnit, name: str, month: str, said: str) -> None:
    form = load_forms()[name]
    book = render_template(form, unit, month, codes=CODES)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names[0]
    assert said in sheet_rows(book, sheet)[1][0]


def test_column_titles_carry_units(form: Form) -> None:
    assert column_title(form.by_name["contract_value"]) == "合同成交额（万元）"
    assert column_title(form.by_name["contract_no"]) == "合同登记编号"


def test_identity_is_in_the_hidden_sheet_and_in_the_properties(form: Form, filled: bytes) -> None:
    values = ("technical_contracts", "2022.1", "411302", MONTH, "1", "2022-11-05")
    identity = dict(zip(METADATA_KEYS, values, strict=True))
    assert dict(sheet_rows(filled, METADATA_SHEET)) == identity
    with zipfile.ZipFile(io.BytesIO(filled)) as parts:
        root = ElementTree.fromstring(parts.read("docProps/custom.xml"))
    properties = {element.attrib["name"]: "".join(element.itertext()) for element in root}
    assert properties == {PROPERTY_PREFIX + key: value for key, value in identity.items()}


def test_identity_of_a_blank_template_has_no_date(form: Form, unit: ReportingUnit) -> None:
    blank = render_template(form, unit, MONTH, codes=CODES)
    identity = dict(sheet_rows(blank, METADATA_SHEET))
    assert identity["is_practice"] == "0"
    assert "prepared_on" not in identity
    assert PRACTICE_BANNER not in str(sheet_rows(blank, "技术合同"))


def test_sheets_and_their_visibility(filled: bytes) -> None:
    sheets = {sheet.name: sheet.visible for sheet in CalamineWorkbook.from_filelike(io.BytesIO(filled)).sheets_metadata}
    assert sheets == {
        "技术合同": SheetVisibleEnum.Visible,
        GUIDE_SHEET: SheetVisibleEnum.Visible,
        CODES_SHEET: SheetVisibleEnum.Hidden,
        METADATA_SHEET: SheetVisibleEnum.VeryHidden,
    }


@pytest.mark.parametrize("form_id", sorted(load_forms()))
def test_input_cells_are_open_and_checked_and_the_rest_is_locked(form_id: str, unit: ReportingUnit) -> None:
    form = load_forms()[form_id]
    book = openpyxl.load_workbook(io.BytesIO(render_template(form, unit, MONTH, codes=CODES)))
    sheet = book[form.versions[0].sheet]
    last = FIRST_INPUT_ROW + BLANK_ROWS - 1
    assert sheet.protection.sheet and not sheet.protection.password
    assert sheet.cell(1, 1).protection.locked and sheet.cell(HEADER_ROW, 1).protection.locked
    assert sheet.freeze_panes == f"B{FIRST_INPUT_ROW}"
    assert sheet.page_setup.orientation == "landscape" and sheet.print_title_rows == f"$1:${HEADER_ROW}"
    kinds = {"code": "list", "date": "date", "integer": "whole", "decimal": "decimal"}
    for column, field in enumerate(form.fields, 1):
        for row in (FIRST_INPUT_ROW, last):
            cell = sheet.cell(row, column)
            assert not cell.protection.locked
            assert field.type != "text" or cell.number_format == "@"
            (rule,) = [rule for rule in sheet.data_validations.dataValidation if cell.coordinate in rule.sqref]
            assert rule.promptTitle == field.label and field.definition in rule.prompt
            if field.type in kinds:
                assert rule.type == kinds[field.type]
            if field.type == "code":
                source = book[CODES_SHEET][rule.formula1.split("!")[1].replace("$", "")]
                assert [entry.value for (entry,) in source] == list(CODES[field.codes])


def test_guide_lists_every_field(form: Form, filled: bytes) -> None:
    rows = sheet_rows(filled, GUIDE_SHEET)
    listed = {row[0]: row[1:] for row in rows[5:]}
    assert list(listed) == [field.label for field in form.fields]
    assert listed["合同类别"][3] == "、".join(CODES["contract_type"])
    assert listed["合同成交额"] == ["万元", "是", form.by_name["contract_value"].definition, "数字，可带小数，不小于 0"]


def test_what_does_not_fit_is_written_as_text(form: Form, unit: ReportingUnit) -> None:
    odd = CONTRACT | {"contract_type": "技术合作", "contract_value": "面议", "signed_on": "2022年9月", "buyer_name": None}
    row = sheet_rows(render_template(form, unit, MONTH, rows=[odd], codes=CODES), "技术合同")[FIRST_INPUT_ROW - 1]
    read = dict(zip(form.by_name, row, strict=True))
    assert {name: read[name] for name in ("contract_type", "contract_value", "signed_on", "buyer_name")} == {
        "contract_type": "技术合作",
        "contract_value": "面议",
        "signed_on": "2022年9月",
        "buyer_name": "",
    }


def test_same_input_same_bytes_without_a_clock(form: Form, unit: ReportingUnit, filled: bytes, tmp_path) -> None:
    write_template(
        form, unit, MONTH, tmp_path / "a.xlsx", rows=[CONTRACT], is_practice=True, prepared_on=date(2022, 11, 5), codes=CODES
    )
    assert (tmp_path / "a.xlsx").read_bytes() == filled
    with zipfile.ZipFile(io.BytesIO(filled)) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = parts.read("docProps/core.xml").decode()
    assert core.count("2022-01-01T00:00:00Z") == 2  # created and modified


def test_a_month_before_the_first_version_is_refused(form: Form, unit: ReportingUnit) -> None:
    with pytest.raises(ValueError, match="no version in force in 2021-12"):
        render_template(form, unit, "2021-12", codes=CODES)
