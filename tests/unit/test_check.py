"""`wanstat check`: the verdict of a load before sending, and nothing kept or imported that it does not need."""

import json
import subprocess
import sys

import openpyxl
import pytest
from inprocess import TERMS, InProcess, quiet
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.collect.inbox import files_below
from pipelines.collect.intake import collect
from pipelines.land import landing
from pipelines.settings import Settings
from pipelines.validate.check import check_files

EVENTS = "popular_science_events"
HEADER = "活动类别,活动方式,活动次数,参加人次"


def write(folder, name, *rows, header=HEADER):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def checked(settings, *paths):
    return check_files(paths, settings, InProcess(), quiet)


def test_the_verdict_is_that_of_a_load_and_nothing_is_kept(tmp_path):
    settings = Settings(tmp_path / "home")
    good = write(settings.submissions, "科普活动月报_宛城区_2022-10.csv", "科普讲座,线下,3,1200")
    bad = write(settings.submissions, "科普活动月报_卧龙区_2022-10.csv", "科普讲座,线下,0,1200")
    strange = write(settings.submissions, "通讯录.csv", "张三,1", header="姓名,电话")
    [of_good, of_bad, of_strange], has_history = checked(settings, good, bad, strange)
    assert (of_good.state, of_bad.state, of_strange.state) == ("accepted", "returned", "unidentified")
    assert [(finding.rule_id, finding.cell) for finding in of_bad.findings] == [("PS01", "D2")]
    assert of_strange.reason and of_strange.advice
    assert not has_history and not settings.var.exists()

    reader = InProcess()
    landing.land_form(settings, TERMS.forms[EVENTS], collect(settings, reader, quiet), reader, quiet)
    landed = landing.read_findings(settings).rows(named=True)
    assert [(row["rule_id"], row["cell"], row["message"]) for row in landed] == [
        (finding.rule_id, finding.cell, finding.message) for finding in of_bad.findings
    ]


def test_it_is_held_against_the_months_that_were_accepted(tmp_path):
    settings = Settings(tmp_path / "home")
    rows = ("科普讲座,线下,3,1200", "专题展览,线下,2,400", "科普讲座,线上,5,900")
    write(settings.submissions, "科普活动月报_宛城区_2022-09.csv", *rows)
    reader = InProcess()
    landing.land_form(settings, TERMS.forms[EVENTS], collect(settings, reader, quiet), reader, quiet)
    [same], has_history = checked(settings, write(tmp_path, "科普活动月报_宛城区_2022-10.csv", *rows))
    assert has_history and same.state == "accepted" and same.has_open
    assert [finding.rule_id for finding in same.findings] == ["PS14"]
    [other], _ = checked(settings, write(tmp_path, "科普活动月报_卧龙区_2022-10.csv", *rows))
    assert not other.findings


def test_practice_data_say_nothing_of_real_ones(tmp_path):
    settings = Settings(tmp_path / "home")
    rows = ("科普讲座,线下,3,1200", "科普竞赛,线下,2,400", "科普讲座,线上,5,900")
    write(settings.practice, "科普活动月报_宛城区_2022-09_练习.csv", *rows)
    reader = InProcess()
    landing.land_form(settings, TERMS.forms[EVENTS], collect(settings, reader, quiet), reader, quiet)
    [real], has_history = checked(settings, write(tmp_path, "科普活动月报_宛城区_2022-10.csv", *rows))
    assert not has_history and not real.findings
    [practice], has_history = checked(settings, write(tmp_path, "科普活动月报_宛城区_2022-10_练习.csv", *rows))
    assert has_history and [finding.rule_id for finding in practice.findings] == ["PS14"]


def test_a_folder_stands_for_its_files(tmp_path):
    write(tmp_path / "a", "一.csv", "x")
    write(tmp_path / "a", "~$二.csv", "x")
    assert [path.name for path in files_below([tmp_path / "a", tmp_path / "三.csv"])] == ["一.csv", "三.csv"]


@pytest.mark.parametrize(("name", "status"), [("科普活动月报_宛城区_2022-10.csv", 0), ("别的.csv", 1)])
def test_the_command_says_it_by_its_status_and_as_json(tmp_path, name, status):
    (tmp_path / "raw").mkdir()
    path = write(tmp_path, name, "科普讲座,线下,3,1200")
    told = CliRunner().invoke(app, ["--home", str(tmp_path), "check", str(path), "--json"])
    assert told.exit_code == status, told.output
    [row] = json.loads(told.stdout)
    assert row["state"] == ("unidentified" if status else "accepted")


def test_a_receipt_goes_beside_what_has_to_be_mended(tmp_path):
    (tmp_path / "raw").mkdir()
    bad = write(tmp_path, "科普活动月报_宛城区_2022-10.csv", "科普讲座,线下,0,1200")
    write(tmp_path, "科普活动月报_卧龙区_2022-10.csv", "科普讲座,线下,3,1200")
    told = CliRunner().invoke(
        app, ["--home", str(tmp_path), "check", str(tmp_path), "--receipt", str(tmp_path / "回执"), "--json"]
    )
    receipts = {row["file"]: row["receipt"] for row in json.loads(told.stdout)}
    assert [path for path, receipt in receipts.items() if receipt] == [str(bad)]
    sheet = openpyxl.load_workbook(receipts[str(bad)])["核查回执"]
    assert any("D2" in str(cell.value) for row in sheet for cell in row)


def test_a_file_that_is_not_there_is_named(tmp_path):
    (tmp_path / "raw").mkdir()
    told = CliRunner().invoke(app, ["--home", str(tmp_path), "check", "没有.xlsx"])
    assert told.exit_code == 2 and "没有这个文件" in told.output


def test_neither_dagster_nor_dbt_nor_great_expectations_is_imported(tmp_path):
    path = write(tmp_path, "科普活动月报_宛城区_2022-10.csv", "科普讲座,线下,0,1200")
    code = (
        "import sys\nfrom pipelines.cli import app\n"
        f"try:\n    app(['check', {str(path)!r}])\nexcept SystemExit as end:\n    assert end.code == 1, end.code\n"
        "loaded = {name.split('.')[0] for name in sys.modules}\n"
        "assert 'pandera' in loaded\n"
        "print(sorted(loaded & {'dagster', 'dbt', 'great_expectations', 'z3', 'hypothesis'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
