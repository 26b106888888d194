"""The practice city: deterministic, of the planned size, plainly made up, valid where it is meant to be, spoilt where said."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineError, CalamineWorkbook

from pipelines.forms.columns import FIELD_TYPES
from pipelines.forms.identity import METADATA_SHEET
from pipelines.forms.model import Form, load_forms
from pipelines.forms.schema import structure_schema, value_schema
from pipelines.forms.seeds import load_code_lists
from pipelines.forms.template import FIRST_INPUT_ROW
from pipelines.practice import certificates, contracts, events, facilities, smes
from pipelines.practice.city import City, apportion, uscc, uscc_check
from pipelines.practice.generate import FORMS, RECORD, GeneratedSummary, default_months, generate, rows_of
from pipelines.practice.shape import load_shape
from pipelines.settings import Settings
from pipelines.validate.obligations import load_calendar

SEEDS = Settings().seeds
CODES = load_code_lists(SEEDS)
OWES = load_calendar(SEEDS).owes
QUARTERS = ["2022-03", "2022-06", "2022-09"]
PLAIN_NAMES = {
    "enterprise_name": r"练习·.+第\d{3,}号科技公司",
    "seller_name": r"练习·.+",
    "buyer_name": r"练习·.+",
    "contract_name": r"练习项目\d{4,}",
    **dict.fromkeys(("platform_name", "carrier_name", "host_name", "operator_name"), r"练习·.+"),
    **dict.fromkeys(("bank_name", "project_name", "undertaker_name", "survey_basis"), r"练习·.+"),
}
NAMED_BY_USCC = ("enterprise_name", "host_name", "operator_name", "undertaker_name")
TYPES = {"text": str, "code": str, "integer": int, "decimal": Decimal, "date": date}


@pytest.fixture(scope="module")
def city() -> City:
    return City.from_seeds(SEEDS, 2022)


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> GeneratedSummary:
    return generate(tmp_path_factory.mktemp("practice"), owes=OWES)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sent_rows(folder: Path, form: Form) -> Iterator[dict[str, object]]:
    """The rows of the form as a reader with no knowledge of the generator sees them, the last file of a unit and month only."""
    last: dict[str, Path] = {}
    for path in sorted(folder.glob(f"*/{form.title}_*")):
        last["_".join(path.name.split("_")[:3])] = path
    for path in last.values():
        if path.suffix == ".csv":
            content = path.read_bytes()
            text = content.decode("utf-8-sig") if content.startswith(b"\xef\xbb\xbf") else content.decode("gb18030")
            header, *lines = csv.reader(io.StringIO(text))
            assert header == [field.label for field in form.fields]
        else:
            sheet = CalamineWorkbook.from_path(path).get_sheet_by_name(form.versions[0].sheet)
            lines = [line for line in sheet.to_python(skip_empty_area=False)[FIRST_INPUT_ROW - 1 :] if any(line)]
        for line in lines:
            yield dict(zip(form.by_name, line, strict=True))


def test_same_seed_same_files_whichever_other_months_are_asked_for(summary: GeneratedSummary, tmp_path: Path) -> None:
    fewer = generate(tmp_path, owes=OWES, months=["2022-09", "2022-10"])
    kept = {name: content for name, content in tree(fewer.folder).items() if name not in (RECORD, "README.md")}
    assert len(kept) == fewer.file_count
    assert kept.items() <= tree(summary.folder).items()


def test_another_seed_other_rows_of_the_same_size(city: City) -> None:
    other = contracts.contract_rows(City.from_seeds(SEEDS, 1), "2022-10", 1.0)
    assert other != contracts.contract_rows(city, "2022-10", 1.0)
    assert sum({row["contract_no"]: row["contract_value"] for rows in other.values() for row in rows}.values()) == 69_000


def test_an_earlier_run_leaves_nothing_behind_and_own_files_stay(tmp_path: Path) -> None:
    generate(tmp_path, owes=OWES, months=["2022-01", "2022-02"], rows=0.05)
    assert [name for name in tree(tmp_path) if "2022-02" in name]
    (tmp_path / "notes.txt").write_text("mine")
    generate(tmp_path, owes=OWES, months=["2022-01"], rows=0.05)
    assert not [name for name in tree(tmp_path) if "2022-02" in name]
    assert (tmp_path / "notes.txt").exists()


def test_the_checked_in_practice_data_is_what_the_generator_writes(summary: GeneratedSummary) -> None:
    checked_in, made = tree(Settings().practice), tree(summary.folder)
    assert checked_in.keys() == made.keys()
    # Workbooks are left out: another build of zlib may pack the same content into other bytes.
    assert [name for name in made if not name.endswith(".xlsx") and made[name] != checked_in[name]] == []


def test_turnover_read_from_the_files_is_the_published_size(summary: GeneratedSummary) -> None:
    values = {
        row["contract_no"]: Decimal(str(row["contract_value"])) for row in sent_rows(summary.folder, load_forms()[contracts.FORM])
    }
    assert sum(values.values()) / 10_000 == Decimal("62.3")
    expected = summary.expected["tech_contract_turnover"]
    assert expected["2022-10"]["ytd"] == Decimal("62.3")
    assert [expected[month]["month"] for month in summary.months] == list(load_shape().contracts.turnover[:10])
    assert summary.expected["tech_contract_count"]["2022-10"]["ytd"] == len(values)


@pytest.mark.parametrize("scale", [0.3, 4.0])
def test_turnover_holds_at_any_scale(city: City, scale: float) -> None:
    units = contracts.contract_rows(city, "2022-12", scale)
    values = {row["contract_no"]: row["contract_value"] for rows in units.values() for row in rows}
    assert sum(values.values()) == Decimal("76000")
    assert min(values.values()) > 0


def test_the_year_goes_on_towards_the_forecast() -> None:
    assert sum(load_shape().contracts.turnover) > 75


def test_certificates_read_from_the_files_are_of_the_published_size(summary: GeneratedSummary) -> None:
    files = summary.folder.glob("*/高新技术企业证书名册_*_2022-10_练习.xlsx")
    valid = set()
    for path in files:
        for line in CalamineWorkbook.from_path(path).get_sheet_by_name("高新技术企业").to_python()[FIRST_INPUT_ROW - 1 :]:
            uscc_read, issued_on, valid_until, revoked_on = line[2], *line[5:8]
            if uscc_read and issued_on <= date(2022, 12, 31) <= valid_until and not revoked_on:
                valid.add(uscc_read)
    assert len(valid) == 490
    assert summary.valid_on == {"2022-12-31": 490}
    assert summary.expected["high_tech_enterprises"]["2022-01"]["point"] == 353


def test_cohorts(city: City) -> None:
    everyone = certificates.all_certificates(city)
    assert Counter(one.issued_on.year for one in everyone) == {2019: 63, 2020: 137, 2021: 153, 2022: 200}
    assert all(date(2022, 7, 1) <= one.valid_until <= date(2022, 12, 31) for one in everyone if one.issued_on.year == 2019)
    held = Counter((one.unit_id, one.enterprise) for one in everyone)
    renewed = [one for one in everyone if one.issued_on.year == 2022 and one.kind == "renewed"]
    assert len(renewed) == 31 == sum(count > 1 for count in held.values())
    assert all(held[one.unit_id, one.enterprise] == 2 for one in renewed)
    assert sum(one.revoked_on is not None for one in everyone) == 1


def test_stock_moves_by_what_is_issued_expires_and_is_revoked(city: City, summary: GeneratedSummary) -> None:
    everyone = certificates.all_certificates(city)
    for month, day in (("2022-04", date(2022, 4, 30)), ("2022-06", date(2022, 6, 30)), ("2022-10", date(2022, 10, 31))):
        in_force = {
            (one.unit_id, one.enterprise)
            for one in everyone
            if one.issued_on <= day <= one.valid_until and not (one.revoked_on and one.revoked_on <= day)
        }
        assert summary.expected["high_tech_enterprises"][month]["point"] == len(in_force)
    assert summary.expected["high_tech_enterprises_new"]["2022-10"]["ytd"] == 200


@pytest.mark.parametrize("form_id", FORMS)
def test_every_row_keeps_to_the_form(city: City, form_id: str) -> None:
    form = load_forms()[form_id]
    sent = [
        {"submission_id": f"{unit_id}/{month}"} | row
        for month in default_months()
        for unit_id, rows in rows_of(city, form_id, month).items()
        if OWES(form_id, unit_id, month)
        for row in rows
    ]
    assert sent
    for row in sent:
        assert list(row) == ["submission_id", *form.by_name]
        for field in form.fields:
            value = row[field.name]
            assert value is None or type(value) is TYPES[field.type]
            assert value is None or field.name not in PLAIN_NAMES or re.fullmatch(PLAIN_NAMES[field.name], value)
    types = {"submission_id": pl.String} | {field.name: FIELD_TYPES[field.type][0] for field in form.fields}
    frame = pl.DataFrame(sent, schema=types)
    structure_schema(form).validate(frame, lazy=True)
    value_schema(form, CODES).validate(frame, lazy=True)


def test_nobody_who_owes_a_form_sends_an_empty_one(city: City) -> None:
    for form_id in FORMS:
        for month in default_months():
            rows = rows_of(city, form_id, month)
            owing = [
                unit.reporting_unit_id
                for unit in (*city.units, *city.departments)
                if OWES(form_id, unit.reporting_unit_id, month)
            ]
            assert [unit_id for unit_id in owing if not rows[unit_id]] == [], (form_id, month)


def test_rows_make_sense(city: City) -> None:
    for month in default_months():
        for rows in rows_of(city, contracts.FORM, month).values():
            assert rows
            for row in rows:
                assert row["technology_value"] <= row["contract_value"]
                assert row["signed_on"] <= row["registered_on"]
                assert row["registered_on"].strftime("%Y-%m") == month
                assert len(row["contract_no"]) == 16
        for rows in rows_of(city, events.FORM, month).values():
            assert rows
            assert all(row["attendance"] >= row["event_count"] for row in rows)
        assert sum(map(len, rows_of(city, events.FORM, month).values())) < 14 * len(city.units)  # some combinations are absent


def test_counts_of_events_grow_with_the_scale(city: City) -> None:
    small, large = (
        sum(row["event_count"] for rows in events.event_rows(city, "2022-10", scale).values() for row in rows)
        for scale in (1, 10)
    )
    assert 8 * small < large < 12 * small


def test_check_characters_against_known_codes() -> None:
    for known in ("91350100M000100Y43", "11320000MB151840XJ", "91110000802100433B"):
        assert uscc(known[:8], known[8:16]) == known
    assert uscc_check("91350100M000100Y4") == "3"


def test_every_credit_code_is_valid_and_belongs_to_one_enterprise(city: City) -> None:
    named: dict[str, str] = {}
    for form_id in FORMS:
        names = [name for name in load_forms()[form_id].by_name if name in NAMED_BY_USCC]
        if "uscc" in load_forms()[form_id].by_name:
            for rows in rows_of(city, form_id, "2022-09").values():
                for row in rows:
                    assert uscc_check(row["uscc"][:17]) == row["uscc"][17]
                    assert row["uscc"][8:10] == "LX"
                    assert named.setdefault(row["uscc"], row[names[0]]) == row[names[0]]
    assert len(set(named.values())) == len(named) > 2_000


def test_repeats_between_county_and_zone_are_planted_and_recorded(city: City, summary: GeneratedSummary) -> None:
    pairs = {frozenset(pair) for pair in city.overlaps}
    by_form = Counter(overlap["form"] for overlap in summary.overlaps)
    assert by_form == {
        contracts.FORM: len(summary.months),
        certificates.FORM: 1,
        smes.FORM: len(pairs),
        facilities.PLATFORMS: 3,
        facilities.CARRIERS: 2,
    }
    for overlap in summary.overlaps:
        assert frozenset(overlap["reporting_unit_ids"]) in pairs
        key = load_forms()[overlap["form"]].register_key
        for month in overlap["months"]:
            rows = rows_of(city, overlap["form"], month)
            reported = [row for unit in overlap["reporting_unit_ids"] for row in rows[unit]]
            found = [row for row in reported if " / ".join(row[name] for name in key) == overlap["key"]]
            assert len(found) == 2 and found[0] == found[1]


def test_apportion_adds_up() -> None:
    assert apportion(10, [1, 1, 1]) == [4, 3, 3]
    assert sum(apportion(62_300_001, [0.1, 2.7, 3.3, 0.0001])) == 62_300_001


def test_planted_faults_are_where_the_record_says(summary: GeneratedSummary) -> None:
    record = json.loads((summary.folder / RECORD).read_text(encoding="utf-8"))
    planted = {one["fault"]: one for one in record["planted"]}
    assert set(planted) == {"lock_file", "wrong_cells", "duplicate_keys", "truncated", "unknown_form", "column_missing"}
    assert len({one["reporting_unit_id"] for one in planted.values()}) == len(planted)
    for one in planted.values():
        assert (summary.folder / one["file"]).exists()
        assert one["in_force_file"] is None or (summary.folder / one["in_force_file"]).exists()
    for fault in ("wrong_cells", "duplicate_keys"):
        book = CalamineWorkbook.from_path(summary.folder / planted[fault]["file"])
        for cell in planted[fault]["cells"]:
            column, row = ord(cell["cell"][0]) - ord("A"), int(cell["cell"][1:])
            lines = book.get_sheet_by_name(cell["sheet"]).to_python(skip_empty_area=False)
            assert lines[row - 1][column] == cell["value"]
            assert lines[2][column] == cell["column"]
    wrong = planted["wrong_cells"]
    assert sorted([wrong["in_force_file"], wrong["file"]]) == [wrong["file"], wrong["in_force_file"]]
    with pytest.raises(CalamineError):
        CalamineWorkbook.from_path(summary.folder / planted["truncated"]["file"])
    assert "参加人次" not in (summary.folder / planted["column_missing"]["file"]).read_text(encoding="gb18030")


def test_missing_months_are_left_out_of_the_expected_figures(city: City, summary: GeneratedSummary) -> None:
    missing = {one.reporting_unit_id for one in summary.planted if one.form == events.FORM}
    assert len(missing) == 2
    accepted = [row for unit, rows in rows_of(city, events.FORM, "2022-10").items() if unit not in missing for row in rows]
    october = summary.expected["science_popularisation_events"]["2022-10"]
    assert october["month"] == sum(row["event_count"] for row in accepted)
    assert october["ytd"] == sum(figures["month"] for figures in summary.expected["science_popularisation_events"].values())


def test_states_and_sizes(summary: GeneratedSummary) -> None:
    assert summary.submissions == {"accepted": 949, "returned": 4, "unidentified": 1, "skipped": 1}
    assert summary.file_count == sum(summary.submissions.values())
    assert summary.file_count < 1000 and summary.byte_count < 4_500_000


def test_each_month_has_what_is_due_and_nothing_else(summary: GeneratedSummary) -> None:
    due: dict[str, set[tuple[str, str]]] = {month: set() for month in summary.months}
    titles = {form.title: form_id for form_id, form in load_forms().items()}
    for path in summary.folder.glob("*/[!~]*"):
        title, unit_id, month, *_ = path.stem.split("_")
        if title in titles:
            due[month].add((titles[title], unit_id))
    assert all(OWES(form_id, unit_id, month) for month, reports in due.items() for form_id, unit_id in reports)
    assert {month: len(reports) for month, reports in due.items()} == {
        month: 138 if month in QUARTERS else 93 if month == "2022-10" else 74 for month in summary.months
    }


def test_without_faults_nothing_is_planted(tmp_path: Path) -> None:
    clean = generate(tmp_path, owes=OWES, months=["2022-10"], faulty=False)
    assert clean.planted == () and clean.submissions["accepted"] == clean.file_count == 93


def test_workbooks_say_when_they_were_prepared(summary: GeneratedSummary) -> None:
    days = {}
    for path in summary.folder.glob("*/[!~]*_2022-10_练习.xlsx"):
        identity = dict(CalamineWorkbook.from_path(path).get_sheet_by_name(METADATA_SHEET).to_python())
        assert identity["is_practice"] == "1"
        days[identity["form"], identity["reporting_unit_id"]] = date.fromisoformat(identity["prepared_on"])
    assert all(date(2022, 11, 3) <= day <= date(2022, 11, 12) for day in days.values())
    late = {(one["form"], one["reporting_unit_id"]): one["days_late"] for one in summary.late}
    assert late and all((days[key] - date(2022, 11, 10)).days == by for key, by in late.items())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"months": ["2022-13"]}, "not a month"), ({"months": ["2021-12"]}, "no version in force"), ({"rows": 0}, "above 0")],
)
def test_impossible_wishes_are_refused(tmp_path: Path, arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(tmp_path, owes=OWES, **arguments)
    assert not list(tmp_path.iterdir())
