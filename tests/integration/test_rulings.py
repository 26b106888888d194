"""A ruling on a conflict among published figures: in the next release it is shown and applied, and it lapses with its figures."""

from __future__ import annotations

import csv
import shutil
from decimal import Decimal
from pathlib import Path

from conftest import MONTH, query, wanstat

from pipelines.figures.rulings import RULING_COLUMNS
from pipelines.settings import CHECKOUT


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


def test_a_ruling_is_applied_in_the_next_release_and_reopened_when_a_figure_changes(copied: Path) -> None:
    before = baselines(copied)
    assert [row[1] for row in before] == [13, Decimal("27.9")] and all(row[3] is None and row[4] for row in before)
    conflict = turnover(copied)
    assert conflict["state"] == "open"

    shutil.copytree(CHECKOUT / "raw" / "rulings", copied / "raw" / "rulings", dirs_exist_ok=True)
    row = {
        "conflict_id": conflict["id"], "decision": "hypothesis", "figure_id": "S4-011", "hypothesis": "cumulative",
        "reason": "练习：查过年报", "by": "练习·某人", "on": "2022-11-20", "guard": conflict["guard"],
    }  # fmt: skip
    with (copied / "raw" / "rulings" / "rulings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, RULING_COLUMNS)
        writer.writeheader()
        writer.writerow(row)
    run = wanstat(copied, "load", MONTH)
    assert run.status == 0 and "已发布" in run.out, run.err
    assert query(copied, "select conflict_id, state, decided_by from marts.rulings") == [(conflict["id"], "ruled", "练习·某人")]
    states = dict(query(copied, "select conflict_id, state from marts.conflicts where category = 'contradiction'"))
    assert states[conflict["id"]] == "ruled"
    # What the ruling settles besides: the 2021 that follows from the growth no longer falls.
    dissolved = conflict["explanations"][0]["dissolves"]
    assert len(dissolved) == 1 and states[dissolved[0]] == "ruled"
    assert [row[1:] for row in baselines(copied)] == [(13, "S4-044", conflict["id"], None)] * 2
    (reason,) = query(copied, "select class_reason from marts.plan_progress where target_id = 'T24'")[0]
    assert "练习·某人" in reason and "27.9" not in reason

    shutil.copytree(CHECKOUT / "raw" / "figures", copied / "raw" / "figures")
    ledger = copied / "raw" / "figures" / "figures.csv"
    printed = ledger.read_text(encoding="utf-8")
    assert "达到,27.9," in printed
    ledger.write_text(printed.replace(",27.9 亿元,达到,27.9,", ",28.9 亿元,达到,28.9,"), encoding="utf-8")
    again = turnover(copied)
    assert again["id"] == conflict["id"] and again["state"] == "reopened"
    assert "S4-011" in again["state_reason"] and "28.9" in again["state_reason"]
