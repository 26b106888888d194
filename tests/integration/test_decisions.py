"""What the office decides through a whole load: a correction and a ruling, both with their guards.

A correction changes the figure and keeps both values; a ruling closes a conflict among published figures. Both lapse with what
they were about.
"""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import MONTH, query, wanstat

from pipelines.figures.rulings import RULING_COLUMNS
from pipelines.land.corrections import COLUMNS
from pipelines.settings import CHECKOUT

CITY = (
    "select value from marts.observations where indicator_id = 'tech_contract_turnover' and hierarchy = 'city'"
    " and period_id = '2022-10' and window_kind = 'ytd'"
)
REVISED = (
    "select distinct reason_code, sender_names from marts.revisions where release_id = '2022-10-r2' and indicator_id in"
    " ('tech_contract_turnover', 'average_contract_value') order by all"
)
PUBLISHED = "select received_value, corrected_value, state, submission_id, is_practice from marts.corrections"


def baselines(home: Path) -> list[tuple]:
    """Of each target of contract turnover the baseline, its figure, the ruling, and whether the verdict is contested."""
    return query(
        home,
        "select target_id, baseline_value, baseline_figure_id, ruling_conflict_id, verdict_depends_on"
        " from marts.plan_progress where indicator_id = 'tech_contract_turnover' order by 1",
    )


def turnover(home: Path) -> dict:
    """The conflict of 13 and 27.9, as `wanstat conflicts --json` tells it."""
    found = wanstat(home, "conflicts", "--indicator", "tech_contract_turnover", "--json").json
    (conflict,) = [each for each in found if {member["figure_id"] for member in each["members"]} == {"S4-011", "S4-044"}]
    return conflict


def write_rows(path: Path, columns: tuple[str, ...], row: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerow(row)


@pytest.fixture(scope="module")
def decided(loaded, tmp_path_factory) -> SimpleNamespace:
    """The workspace after the load of a correction of one contract and of a ruling on the baselines of the plan."""
    home = shutil.copytree(loaded.home, tmp_path_factory.mktemp("decided") / "home")
    sent = next((home / "raw" / "practice" / "宛城区").glob("技术合同登记月报_411302_2022-09*"))
    _, first, *_ = sent.read_text(encoding="gb18030").splitlines()
    contract_no, *_, received, _ = first.split(",")
    corrected = Decimal(received) - 10
    correction = {
        "correction_id": "C1", "form": "技术合同登记月报", "reporting_unit": "宛城区", "month": "2022-09",
        "key": f"合同登记编号={contract_no}", "field": "合同成交额", "action": "override", "value": f"{corrected}万元",
        "expect": received, "reason": "与合同原件不符", "by": "张三", "on": "2022-11-14", "expires": "", "practice": "是",
    }  # fmt: skip
    conflict = turnover(home)
    ruling = {
        "conflict_id": conflict["id"], "decision": "hypothesis", "figure_id": "S4-011", "hypothesis": "cumulative",
        "reason": "练习：查过年报", "by": "练习·某人", "on": "2022-11-20", "guard": conflict["guard"],
    }  # fmt: skip
    write_rows(home / "raw" / "rulings" / "corrections.csv", COLUMNS, correction)
    write_rows(home / "raw" / "rulings" / "rulings.csv", RULING_COLUMNS, ruling)
    run = wanstat(home, "load", MONTH, "--json")
    return SimpleNamespace(home=home, run=run, sent=sent, received=received, corrected=corrected, conflict=conflict)


def test_a_correction_changes_the_figure_until_the_county_sends_the_right_value_itself(loaded, decided):
    home, applied, received, corrected = decided.home, decided.run, decided.received, decided.corrected
    [(before,)] = query(loaded.home, CITY)
    assert (applied.status, applied.json["release"]) == (0, "2022-10-r2"), applied.err
    assert applied.json["corrections"] == {"applied": 1, "expired": 0, "failed": 0}
    assert query(home, CITY) == [(before - Decimal("0.001"),)]  # 10万元, in 亿元
    assert query(home, REVISED) == [("C", "宛城区")]
    submission = "technical_contracts/411302/2022-09/r1"
    assert query(home, PUBLISHED) == [(received, str(corrected), "applied", submission, True)]
    traced = wanstat(home, "trace", "技术合同成交额", "--area", "宛城区", "--period", "2022-09", "--json")
    [cell] = [each for each in traced.json["origins"] if each["correction_reason"]]
    assert (cell["written"], cell["received"], cell["stored"]) == (received, received, str(corrected))
    assert (cell["corrected_by"], cell["corrected_on"]) == ("张三", "2022-11-14")
    shown = wanstat(home, "trace", "技术合同成交额", "--area", "宛城区", "--period", "2022-09", "--all").out
    assert f"收到{received}→更正为{corrected}（张三2022-11-14：与合同原件不符）" in "".join(shown.split())

    copied = shutil.copytree(home, home.with_name("sent_again"))
    sent = copied / decided.sent.relative_to(home)
    again = sent.with_name("技术合同登记月报_411302_2022-09_练习_第2次.csv")
    again.write_text(sent.read_text(encoding="gb18030").replace(f",{received},", f",{corrected},", 1), encoding="utf-8")
    failed = wanstat(copied, "load", MONTH, "--json")
    assert (failed.status, failed.json["corrections"]["failed"]) == (1, 1), failed.err
    assert query(copied, CITY) == [(before - Decimal("0.001"),)]  # now by what the county reports
    assert [row[:3] for row in query(copied, PUBLISHED)] == [(str(corrected), None, "guard_failed")]
    found = wanstat(copied, "findings", MONTH, "--json").json
    [finding] = [each for each in found if each["rule_id"] == "rulings.guard_failed"]
    assert (finding["file_name"], finding["cell"]) == ("rulings/corrections.csv", "I2")
    assert received in finding["message"] and str(corrected) in finding["message"]
    repeated = wanstat(copied, "load", MONTH, "--json")
    assert (repeated.status, repeated.json["is_new"]) == (1, False)  # it stands until somebody deals with it


def test_a_ruling_is_applied_in_the_next_release_and_reopened_when_a_figure_changes(loaded, decided):
    before, home, conflict = baselines(loaded.home), decided.home, decided.conflict
    assert [row[1] for row in before] == [13, Decimal("27.9")] and all(row[3] is None and row[4] for row in before)
    assert conflict["state"] == "open" and conflict["explanations"][0]["hypothesis"] == "cumulative"
    assert query(home, "select conflict_id, state, decided_by from marts.rulings") == [(conflict["id"], "ruled", "练习·某人")]
    states = dict(query(home, "select conflict_id, state from marts.conflicts where category = 'contradiction'"))
    assert states[conflict["id"]] == "ruled"
    # What the ruling settles besides: the 2021 that follows from the growth no longer falls.
    dissolved = conflict["explanations"][0]["dissolves"]
    assert len(dissolved) == 1 and states[dissolved[0]] == "ruled"
    assert [row[1:] for row in baselines(home)] == [(13, "S4-044", conflict["id"], None)] * 2
    (reason,) = query(home, "select class_reason from marts.plan_progress where target_id = 'T24'")[0]
    assert "练习·某人" in reason and "27.9" not in reason

    copied = shutil.copytree(home, home.with_name("reopened"))
    shutil.copytree(CHECKOUT / "raw" / "figures", copied / "raw" / "figures")
    ledger = copied / "raw" / "figures" / "figures.csv"
    printed = ledger.read_text(encoding="utf-8")
    assert "达到,27.9," in printed
    ledger.write_text(printed.replace(",27.9 亿元,达到,27.9,", ",28.9 亿元,达到,28.9,"), encoding="utf-8")
    again = turnover(copied)
    assert again["id"] == conflict["id"] and again["state"] == "reopened"
    assert "S4-011" in again["state_reason"] and "28.9" in again["state_reason"]
