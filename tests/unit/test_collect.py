"""Collect: finding, archiving, identifying and reading files."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from inprocess import TERMS, InProcess, quiet

from pipelines.collect.archive import Archive
from pipelines.collect.containers import Unreadable, open_container
from pipelines.collect.examine import examine
from pipelines.collect.inbox import InboxFile, find_files
from pipelines.collect.intake import OFFICE_TIME, collect, read_intake
from pipelines.collect.terms import ArchivedFile
from pipelines.settings import Settings

EVENTS = TERMS.forms["popular_science_events"]


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


class TestArchive:
    def test_bytes_are_kept_once_under_every_name(self, tmp_path):
        first, second = tmp_path / "a.csv", tmp_path / "b.csv"
        first.write_bytes(b"same")
        second.write_bytes(b"same")
        archive = Archive(tmp_path / "archive")
        list(archive.keep([InboxFile(first, "a.csv")], datetime(2022, 11, 1)))
        [(_, record)] = archive.keep([InboxFile(second, "b.csv")], datetime(2022, 11, 2))
        assert [(arrival.sequence, arrival.file_name) for arrival in record.arrivals] == [(1, "a.csv"), (2, "b.csv")]
        assert Archive(tmp_path / "archive").records == archive.records
        assert archive.path(record.sha256).read_bytes() == b"same"

    def test_of_many_files_each_is_kept_in_its_turn_or_said_why_not(self, tmp_path):
        files = [InboxFile(tmp_path / f"{number}.csv", f"{number}.csv") for number in range(40)]
        for number, file in enumerate(files):
            file.path.write_bytes(b"%d" % (number % 30))  # the last ten are the first ones once more
        files[7].path.unlink()
        archive = Archive(tmp_path / "archive")
        kept = list(archive.keep(files, datetime(2022, 11, 1)))
        assert [file for file, _ in kept] == files
        assert isinstance(kept[7][1], FileNotFoundError)
        arrivals = [(record.arrivals[-1].sequence, file.name) for file, record in kept if file != files[7]]
        assert arrivals == [(place, file.name) for place, file in enumerate((file for file in files if file != files[7]), 1)]
        assert Archive(tmp_path / "archive").records == archive.records
        assert all(archive.path(sha256).stat().st_size == record.file_size for sha256, record in archive.records.items())

    def test_damaged_bytes_are_never_read(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_bytes(b"good")
        archive = Archive(tmp_path / "archive")
        [(_, record)] = archive.keep([InboxFile(path, "a.csv")], datetime(2022, 11, 1))
        archive.path(record.sha256).write_bytes(b"bad!")
        with pytest.raises(Unreadable, match="损坏"):
            examine(ArchivedFile(archive.path(record.sha256), 4, ("a.csv",)), TERMS)


class TestInbox:
    def test_what_is_left_alone_is_named(self, tmp_path):
        inbox = tmp_path / "submissions"
        inbox.mkdir()
        (inbox / "~$open.xlsx").write_bytes(b"x")
        (inbox / "empty.csv").touch()
        (inbox / "good.csv").write_bytes(b"x")
        (inbox / "coming.xlsx.crdownload").write_bytes(b"PK")
        (inbox / "outside.csv").symlink_to("/etc/hostname")
        (inbox / "elsewhere").symlink_to(tmp_path)
        files, left_alone = find_files(inbox, tmp_path)
        assert [file.name for file in files] == ["submissions/good.csv"]
        assert {finding.file_name: finding.rule_id for finding in left_alone} == {
            "submissions/~$open.xlsx": "file.lock",
            "submissions/empty.csv": "file.empty",
            "submissions/outside.csv": "file.link",
            "submissions/elsewhere": "file.link",
            "submissions/coming.xlsx.crdownload": "file.unfinished",
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
        assert collect(settings, InProcess(), quiet).is_practice
        self.send(tmp_path, "submissions/科普活动月报_411303_2022-10.csv", 20)
        intake = collect(settings, InProcess(), quiet)
        assert not intake.is_practice
        assert [each.identity.reporting_unit_id for each in intake.submissions(EVENTS.form)["2022-10"]] == ["411303"]
        (settings.submissions / "科普活动月报_411303_2022-10.csv").unlink()
        assert not collect(settings, InProcess(), quiet).is_practice
        assert read_intake(settings) == collect(settings, InProcess(), quiet)

    def test_a_file_nobody_could_identify_is_identified_once_renamed(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/新建文件.csv")
        assert len(collect(settings, InProcess(), quiet).unidentified) == 1
        (settings.submissions / "新建文件.csv").rename(settings.submissions / "科普活动月报_411302_2022-10.csv")
        intake = collect(settings, InProcess(), quiet)
        assert intake.unidentified == [] and list(intake.submissions(EVENTS.form)) == ["2022-10"]

    def test_the_same_bytes_from_two_units_are_two_submissions_and_from_one_unit_one(self, tmp_path):
        settings = Settings(tmp_path)
        for unit in ("411302", "411303", "宛城"):
            self.send(tmp_path, f"submissions/科普活动月报_{unit}_2022-10.csv")
        received = collect(settings, InProcess(), quiet).submissions(EVENTS.form)["2022-10"]
        units = [each.identity.reporting_unit_id for each in received]
        assert units == ["411302", "411303"]

    def test_what_was_sent_stays_when_the_inbox_is_emptied(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv")
        collect(settings, InProcess(), quiet)
        (settings.submissions / "科普活动月报_411302_2022-10.csv").unlink()
        assert list(collect(settings, InProcess(), quiet).submissions(EVENTS.form)) == ["2022-10"]

    def test_going_back_to_an_earlier_file_in_a_later_load_is_a_new_revision(self, tmp_path):
        settings = Settings(tmp_path)
        day = datetime(2022, 11, 3, tzinfo=OFFICE_TIME)

        def attendances(now):
            received = collect(settings, InProcess(), quiet, now).submissions(EVENTS.form)["2022-10"]
            return [each.file_name.removeprefix("submissions/") for each in received]

        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv", 10)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_副本.csv", 10)
        assert len(attendances(day)) == 1
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_第2次.csv", 99)
        assert len(attendances(day + timedelta(days=1))) == 2
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10_第3次.csv", 10)
        assert attendances(day + timedelta(days=2))[-1] == "科普活动月报_411302_2022-10_第3次.csv"
        assert len(attendances(day + timedelta(days=3))) == 3

    def test_a_file_that_grows_while_it_is_read_is_left_for_the_next_load(self, tmp_path, monkeypatch):
        settings = Settings(tmp_path)
        name = "submissions/科普活动月报_411302_2022-10.csv"
        self.send(tmp_path, name)
        path, read_bytes = tmp_path / "raw" / name, Path.read_bytes

        def read_while_written(self):
            content = read_bytes(self)
            if self == path:
                with path.open("a", encoding="utf-8") as file:
                    file.write("专题展览,线下,1,5\n")
            return content

        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", read_while_written)
            intake = collect(settings, InProcess(), quiet)
        assert [finding.rule_id for finding in intake.left_alone] == ["file.unfinished"] and intake.received == ()
        [received] = collect(settings, InProcess(), quiet).received
        assert received.file_size == path.stat().st_size

    def test_a_month_that_has_not_come_is_named(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-12.csv")
        [found] = collect(settings, InProcess(), quiet, datetime(2022, 11, 3, tzinfo=OFFICE_TIME)).unidentified
        assert "2022-12" in found.identity.problem

    def test_a_practice_file_among_real_submissions_is_named(self, tmp_path):
        settings = Settings(tmp_path)
        self.send(tmp_path, "submissions/科普活动月报_411302_2022-10.csv")
        self.send(tmp_path, "submissions/科普活动月报_411303_2022-10_练习.csv", 20)
        [found] = collect(settings, InProcess(), quiet).unidentified
        assert "练习文件" in found.identity.problem and "411303" in found.file_name
