"""Collect: finding, archiving, identifying and reading files."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from pipelines.collect.archive import Archive
from pipelines.collect.containers import Container, Sheet, Unreadable, open_container
from pipelines.collect.identify import identify
from pipelines.collect.inbox import InboxFile, find_files
from pipelines.collect.intake import OFFICE_TIME, collect, read_intake
from pipelines.collect.quantities import Unconvertible, convert
from pipelines.collect.table import column_letters, read_table
from pipelines.forms.model import FormField, load_code_lists, load_forms, load_reporting_units
from pipelines.forms.template import METADATA_SHEET
from pipelines.settings import Settings

SEEDS = Settings().seeds
FORMS = load_forms()
UNITS = load_reporting_units(SEEDS)
CODES = load_code_lists(SEEDS)
EVENTS = FORMS["popular_science_events"]


def quiet(what: str, done: int, total: int) -> None:
    """Show no progress."""


def field(kind: str, **more) -> FormField:
    return FormField(name="x", label="某列", type=kind, definition="某列", **more)


def workbook(rows, metadata=None) -> bytes:
    content = BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet("科普活动")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        if metadata:
            hidden = book.add_worksheet(METADATA_SHEET)
            for number, pair in enumerate(metadata.items()):
                hidden.write_row(number, 0, pair)
    return content.getvalue()


class TestQuantities:
    @given(st.decimals(min_value=-(10**9), max_value=10**9, places=4))
    def test_a_decimal_is_exact_whether_typed_as_number_or_text(self, number):
        assert convert(str(number), field("decimal"), {}) == number
        assert round(convert(float(number), field("decimal"), {}), 4) == number

    @pytest.mark.parametrize("written", ["1,234.5", "1，234.5", "１２３４．５", " 1234.5 ", 1234.5])
    def test_numbers_as_people_write_them(self, written):
        assert convert(written, field("decimal"), {}) == Decimal("1234.5")

    @pytest.mark.parametrize(
        "written", ["2022-10-31", "2022.10.31", "2022年10月31日", "20221031", 44865, 44865.0, date(2022, 10, 31)]
    )
    def test_dates_as_people_write_them(self, written):
        assert convert(written, field("date"), {}) == date(2022, 10, 31)

    @pytest.mark.parametrize(
        ("kind", "cell", "rule"),
        [
            ("integer", 1.5, "cell.integer"),
            ("integer", "若干", "cell.number"),
            ("decimal", True, "cell.number"),
            ("decimal", "nan", "cell.number"),
            ("decimal", 1e30, "cell.number"),
            ("date", "2022-02-30", "cell.date"),
            ("date", 12, "cell.date"),
            ("text", 9.14113e17, "cell.number_for_text"),
        ],
    )
    def test_what_is_not_a_value_is_refused(self, kind, cell, rule):
        with pytest.raises(Unconvertible) as refused:
            convert(cell, field(kind), {})
        assert refused.value.rule_id == rule

    def test_blank_is_nothing_and_zero_is_zero(self):
        assert convert("  ", field("integer"), {}) is None
        assert convert(0, field("integer"), {}) == 0

    def test_a_code_is_stored_whether_label_or_code_was_written(self):
        channel = field("code", codes="channel")
        assert convert("线上", channel, CODES["channel"]) == convert("online", channel, CODES["channel"]) == "online"


class TestContainers:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
    def test_csv_in_the_encodings_that_offices_use(self, encoding):
        sheet = open_container("活动类别,人次\n科普讲座,\n".encode(encoding)).sheets[0]
        assert sheet.rows == [["活动类别", "人次"], ["科普讲座", None]]

    def test_cells_keep_their_place_when_a_sheet_starts_lower_right(self):
        content = BytesIO()
        with xlsxwriter.Workbook(content) as book:
            book.add_worksheet("S").write("C4", "这里")
        assert open_container(content.getvalue()).sheets[0].rows[3][2] == "这里"

    @pytest.mark.parametrize("content", [b"PK\x03\x04 not a zip", b"\xd0\xcf\x11\xe0old", b"\x00\x01\x02", b"\xff\xff\xff\x80"])
    def test_what_cannot_be_read_says_why_and_what_to_do(self, content):
        with pytest.raises(Unreadable) as refused:
            open_container(content)
        assert refused.value.message and refused.value.advice


class TestIdentify:
    @pytest.mark.parametrize(
        "name",
        [
            "submissions/宛城区/科普活动月报_411302_2022-10.csv",
            "submissions/popular_science_events_宛城_2022年10月.csv",
            "submissions/2022-10/宛城区_科普活动月报.csv",
            "submissions/宛城区2022年10月/宛城区 科普活动月报 202210.csv",
        ],
    )
    def test_folder_and_file_name_tell(self, name):
        found = identify(None, name, FORMS, UNITS)
        assert (found.form, found.reporting_unit_id, found.month, found.problem) == (
            "popular_science_events", "411302", "2022-10", None,
        )  # fmt: skip

    def test_metadata_and_name_that_disagree_are_not_guessed(self):
        stated = {"form": EVENTS.form, "reporting_unit_id": "411302", "month": "2022-10"}
        inside = open_container(workbook([["a"]], stated))
        found = identify(inside, "submissions/科普活动月报_411303_2022-10.xlsx", FORMS, UNITS)
        assert found.problem and "宛城区" in found.problem and "卧龙区" in found.problem

    @pytest.mark.parametrize(
        ("name", "missing"),
        [("submissions/报表.csv", "报表、填报单位、月份"), ("submissions/科普活动月报_411302.csv", "月份")],
    )
    def test_what_is_missing_is_named(self, name, missing):
        found = identify(None, name, FORMS, UNITS)
        assert found.problem == f"认不出{missing}" and "科普活动月报" in found.advice

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("submissions/宛城区/科普活动月报_南阳县_2022-10.csv", "没有名为“南阳县”的填报单位"),
            ("submissions/社旗县/科普活动月报_唐河县_2022-10.csv", "不一致"),
        ],
    )
    def test_a_folder_does_not_cover_up_what_the_file_name_says(self, name, said):
        assert said in identify(None, name, FORMS, UNITS).problem

    def test_practice_is_known_by_folder_name_or_metadata(self):
        assert identify(None, "practice/x.csv", FORMS, UNITS).is_practice
        assert identify(None, "submissions/科普活动月报_411302_2022-10_练习.csv", FORMS, UNITS).is_practice
        assert not identify(None, "submissions/科普活动月报_411302_2022-10.csv", FORMS, UNITS).is_practice
        marked = open_container(workbook([["a"]], {"is_practice": "1"}))
        assert identify(marked, "submissions/科普活动月报_411302_2022-10.xlsx", FORMS, UNITS).is_practice


class TestTable:
    HEADER = ("活动方式", "活动类别", "参加人次（人次）", "活 动 次 数")

    def read(self, *rows):
        return read_table(Container("csv", [Sheet("CSV", [list(row) for row in rows])]), EVENTS, "2022-10", CODES)

    def test_columns_match_by_label_wherever_they_stand(self):
        table = self.read(("科普活动月报",), (), self.HEADER, ("线下", "科普讲座", "1200", 3), ("合计", None, 1200, 3))
        assert table.problems == []
        assert table.columns == {
            "activity_type": ["lecture"], "channel": ["offline"], "event_count": [3], "attendance": [1200],
        }  # fmt: skip
        assert table.row_numbers == [4]
        assert table.letters["attendance"] == "C"

    def test_a_cell_of_another_kind_is_named_with_its_address(self):
        table = self.read(self.HEADER, ("线下", "科普讲座", "很多", 3))
        [problem] = table.problems
        assert (problem.cell, problem.field, problem.value, problem.rule_id) == ("C2", "attendance", "很多", "cell.number")

    def test_a_missing_column_and_a_doubled_one_are_refused(self):
        assert [each.rule_id for each in self.read(self.HEADER[:3], ("线下", "科普讲座", 1)).problems] == ["table.column_missing"]
        doubled = self.read((*self.HEADER, "场次"), ("线下", "科普讲座", 1, 2, 3))
        assert [(each.rule_id, each.cell) for each in doubled.problems] == [("table.column_twice", "E1")]
        assert doubled.columns == {}

    def test_no_header_is_said_in_words(self):
        [problem] = self.read(("a", "b"), (1, 2)).problems
        assert problem.rule_id == "table.header_missing" and "活动类别" in problem.advice

    @pytest.mark.parametrize(("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
    def test_column_letters(self, index, letters):
        assert column_letters(index) == letters


class TestArchive:
    def test_bytes_are_kept_once_under_every_name(self, tmp_path):
        first, second = tmp_path / "a.csv", tmp_path / "b.csv"
        first.write_bytes(b"same")
        second.write_bytes(b"same")
        archive = Archive(tmp_path / "archive")
        archive.keep(InboxFile(first, "a.csv"), datetime(2022, 11, 1))
        record = archive.keep(InboxFile(second, "b.csv"), datetime(2022, 11, 2))
        assert [(arrival.sequence, arrival.file_name) for arrival in record.arrivals] == [(1, "a.csv"), (2, "b.csv")]
        assert Archive(tmp_path / "archive").records == archive.records
        assert archive.content(record.sha256) == b"same"

    def test_damaged_bytes_are_never_handed_out(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"good")
        archive = Archive(tmp_path / "archive")
        record = archive.keep(InboxFile(path, "a.csv"), datetime(2022, 11, 1))
        (tmp_path / "archive" / record.sha256[:2] / record.sha256).write_bytes(b"bad!")
        with pytest.raises(ValueError, match="损坏"):
            archive.content(record.sha256)


class TestInbox:
    def test_what_is_left_alone_is_named(self, tmp_path):
        inbox = tmp_path / "submissions"
        inbox.mkdir()
        (inbox / "~$open.xlsx").write_bytes(b"x")
        (inbox / "empty.csv").touch()
        (inbox / "good.csv").write_bytes(b"x")
        (inbox / "outside.csv").symlink_to("/etc/hostname")
        files, left_alone = find_files(inbox, tmp_path)
        assert [file.name for file in files] == ["submissions/good.csv"]
        assert {finding.file_name: finding.rule_id for finding in left_alone} == {
            "submissions/~$open.xlsx": "file.lock",
            "submissions/empty.csv": "file.empty",
            "submissions/outside.csv": "file.link",
        }


class TestIntake:
    GOOD = "活动类别,活动方式,活动次数,参加人次\n科普讲座,线下,1,{}\n"

    def send(self, home, name, attendance=10):
        path = home / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.GOOD.format(attendance), encoding="utf-8")

    def test_practice_counts_until_something_real_has_come_and_never_after(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "practice/科普活动月报_411302_2022-10_练习.csv")
        assert collect(settings, open_container, quiet).is_practice
        self.send(tmp_path, "submissions/科普活动月报_411303_2022-10.csv", 20)
        intake = collect(settings, open_container, quiet)
        assert not intake.is_practice
        assert [each.identity.reporting_unit_id for each in intake.submissions(EVENTS.form)["2022-10"]] == ["411303"]
        (settings.submissions / "科普活动月报_411303_2022-10.csv").unlink()
        assert not collect(settings, open_container, quiet).is_practice
        assert read_intake(settings) == collect(settings, open_container, quiet)

    def test_a_file_nobody_could_identify_is_identified_once_renamed(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/新建文件.csv")
        assert len(collect(settings, open_container, quiet).unidentified) == 1
        (settings.submissions / "新建文件.csv").rename(settings.submissions / "科普活动月报_411302_2022-10.csv")
        intake = collect(settings, open_container, quiet)
        assert intake.unidentified == [] and list(intake.submissions(EVENTS.form)) == ["2022-10"]

    def test_the_same_bytes_from_two_units_are_two_submissions_and_from_one_unit_one(self, tmp_path):
        settings = Settings(tmp_path)
        for unit in ("411302", "411303", "宛城"):
            self.send(tmp_path, f"submissions/科普活动月报_{unit}_2022-10.csv")
        received = collect(settings, open_container, quiet).submissions(EVENTS.form)["2022-10"]
        units = [each.identity.reporting_unit_id for each in received]
        assert units == ["411302", "411303"]

    def test_what_was_sent_stays_when_the_inbox_is_emptied(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv")
        collect(settings, open_container, quiet)
        (settings.submissions / "科普活动月报_411302_2022-10.csv").unlink()
        assert list(collect(settings, open_container, quiet).submissions(EVENTS.form)) == ["2022-10"]

    def test_going_back_to_an_earlier_file_in_a_later_load_is_a_new_revision(self, tmp_path):
        settings = Settings(tmp_path)
        day = datetime(2022, 11, 3, tzinfo=OFFICE_TIME)

        def attendances(now):
            received = collect(settings, open_container, quiet, now).submissions(EVENTS.form)["2022-10"]
            return [each.file_name.removeprefix("submissions/") for each in received]

        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv", 10)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_副本.csv", 10)
        assert len(attendances(day)) == 1
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_第2次.csv", 99)
        assert len(attendances(day + timedelta(days=1))) == 2
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_第3次.csv", 10)
        assert attendances(day + timedelta(days=2))[-1] == "科普活动月报_411302_2022-10_第3次.csv"
        assert len(attendances(day + timedelta(days=3))) == 3

    def test_a_month_that_has_not_come_is_named(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-12.csv")
        [found] = collect(settings, open_container, quiet, datetime(2022, 11, 3, tzinfo=OFFICE_TIME)).unidentified
        assert "2022-12" in found.identity.problem

    def test_a_practice_file_among_real_submissions_is_named(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv")
        self.send(tmp_path, "submissions/科普活动月报_411303_2022-10_练习.csv", 20)
        [found] = collect(settings, open_container, quiet).unidentified
        assert "练习文件" in found.identity.problem and "411303" in found.file_name
