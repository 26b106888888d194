"""Rulings: bad rows found by their cell, what a good one settles, when it lapses, and what is landed of it."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.collect.cells import column_letters
from pipelines.figures.conflicts import Conflict, Reconciliation, reconcile, write_results
from pipelines.figures.ledger import Figure, Ledger, load_ledger
from pipelines.figures.observed import observed
from pipelines.figures.rulings import (
    FIGURE_RULINGS,
    PLACEHOLDERS,
    RULING_COLUMNS,
    Ruling,
    conflict_id_of,
    guard_of,
    land_rulings,
    lapsed,
    load_rulings,
)
from pipelines.settings import CHECKOUT, Settings

PAIR = ("S4-011", "S4-044")  # 27.9 and 13 of one year
DROP = ("S3-008", "S3-009", "S4-011")  # with 27.9 the next year would have fallen
PLATFORMS = ("S4-001", "S4-021")  # 200 there are, 100 are the target
GUARD = "S4-011=27.9 亿元@2020/year；S4-044=13@2020/year"
KEPT = {*PAIR, *DROP, *PLATFORMS, "S4-045"}  # the last is the target that the turnover is to grow to


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lines of the real ledger that three of its conflicts are made of."""
    home = tmp_path_factory.mktemp("ledger")
    (home / "raw" / "figures").mkdir(parents=True)
    for name, keep in (
        ("documents.csv", lambda row: True),
        ("figures.csv", lambda row: row["figure_id"] in KEPT),
        ("relations.csv", lambda row: {row["subject"], *row["others"].split(), row["coefficient"]} - {""} <= KEPT),
    ):
        with (CHECKOUT / "raw" / "figures" / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        write(home / "raw" / "figures" / name, list(rows[0]), [row for row in rows if keep(row)])
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Settings:
    shutil.copytree(prepared / "raw", tmp_path / "raw")
    return Settings(tmp_path)


def write(path: Path, columns: list[str], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def change(home: Settings, figure_id: str, **changes: str) -> None:
    """Change a line of the ledger; without changes, delete it."""
    path = home.figures / "figures.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kept = [row | (changes if row["figure_id"] == figure_id else {}) for row in rows if changes or row["figure_id"] != figure_id]
    write(path, list(rows[0]), kept)


def add(home: Settings, like: str, **changes: str) -> None:
    """Add a line of the real ledger, or one that is otherwise like it."""
    with (CHECKOUT / "raw" / "figures" / "figures.csv").open(encoding="utf-8", newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["figure_id"] == like]
    with (home.figures / "figures.csv").open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, list(row)).writerow(row | changes)


def ruling(**changes: str) -> dict[str, str]:
    """A row of rulings.csv: 13 stands."""
    return {
        "conflict_id": conflict_id_of(PAIR), "decision": "figure", "figure_id": "S4-044", "hypothesis": "",
        "reason": "统计年报为 13 亿元", "by": "李某", "on": "2024-05-06", "guard": GUARD,
    } | changes  # fmt: skip


def rule(home: Settings, *rows: dict[str, str]) -> None:
    home.rulings.mkdir(parents=True, exist_ok=True)
    write(home.rulings / "rulings.csv", list(RULING_COLUMNS), rows)


GOOD = ruling(
    conflict_id=conflict_id_of(PLATFORMS), figure_id="S4-001",
    guard="S4-001=200 家@2020/year_end；S4-021=100个以上@2025/year_end",
)  # fmt: skip


def by_members(found: Reconciliation) -> dict[tuple[str, ...], Conflict]:
    return {tuple(member.figure.figure_id for member in conflict.members): conflict for conflict in found.contradictions}


def landed(home: Settings) -> list[tuple[str, str | None]]:
    """Figure that is out, figure that stands instead."""
    ledger = load_ledger(home)
    rulings, findings = load_rulings(home)
    assert findings == ()
    land_rulings(rulings, ledger, home)
    table = pl.read_parquet(home.landing / "figure_rulings" / "*.parquet")
    return sorted(table.select("figure_id", "standing_figure_id").rows(), key=str)


def test_the_lines_kept_for_these_tests_hold_three_conflicts(home: Settings) -> None:
    found = reconcile(home)
    assert set(by_members(found)) == {PAIR, DROP, PLATFORMS}
    assert {conflict.state for conflict in found.contradictions} == {"open"}
    assert by_members(found)[PAIR].guard == GUARD


def test_a_fingerprint_is_of_the_ids_alone_and_in_any_order() -> None:
    """SHA-256 of each id with its length before it, the first 16 digits."""
    expected = hashlib.sha256(b"6:S4-0116:S4-044").hexdigest()[:16]
    assert conflict_id_of(PAIR) == conflict_id_of(PAIR[::-1]) == expected
    others = (DROP, PLATFORMS, PAIR[:1], ("S4-011S4-044",), ("S4", "-011", "S4-044"))
    assert len({conflict_id_of(ids) for ids in (PAIR, *others)}) == 6


def test_a_guard_is_what_is_printed_and_when(home: Settings) -> None:
    figures = {figure.figure_id: figure for figure in load_ledger(home).figures}
    assert guard_of([figures["S4-044"], figures["S4-011"]]) == GUARD


def test_no_file_and_an_empty_one_are_no_rulings(home: Settings) -> None:
    assert load_rulings(home) == ((), ())
    rule(home)
    assert load_rulings(home) == ((), ())


def test_good_rows_are_read_whole(home: Settings) -> None:
    guard = "S4-001=200 家@2020/year_end；S4-021=100个以上@2025/year_end"
    more = {"conflict_id": conflict_id_of(PLATFORMS), "guard": guard}
    rule(
        home,
        ruling(),
        ruling(**more, decision="hypothesis", figure_id="S4-021", hypothesis="increment", on=""),
        ruling(
            conflict_id=conflict_id_of(DROP), decision="no_action", figure_id="",
            guard="S3-008=75亿元@2022/year；S3-009=280.57%@2022/year；S4-011=27.9 亿元@2020/year",
        ),
    )  # fmt: skip
    rulings, findings = load_rulings(home)
    assert findings == ()
    assert rulings[0] == Ruling(
        conflict_id_of(PAIR), "figure", "S4-044", "", "统计年报为 13 亿元", "李某", date(2024, 5, 6), GUARD
    )
    assert [(one.decision, one.figure_id, one.hypothesis, one.on) for one in rulings[1:]] == [
        ("hypothesis", "S4-021", "increment", None), ("no_action", "", "", date(2024, 5, 6)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "rule_id", "column"),
    [
        ({"conflict_id": ""}, "rulings.value_missing", "conflict_id"),
        ({"decision": ""}, "rulings.value_missing", "decision"),
        ({"decision": "maybe"}, "rulings.code_unknown", "decision"),
        ({"reason": " "}, "rulings.value_missing", "reason"),
        ({"by": ""}, "rulings.value_missing", "by"),
        ({"guard": ""}, "rulings.value_missing", "guard"),
        ({"figure_id": ""}, "rulings.figure", "figure_id"),  # which stands?
        ({"decision": "no_action"}, "rulings.figure", "figure_id"),  # nothing is done, to a figure?
        ({"figure_id": "S3-008"}, "rulings.figure", "figure_id"),  # none of this conflict
        ({"hypothesis": "cumulative"}, "rulings.hypothesis", "hypothesis"),
        ({"decision": "hypothesis"}, "rulings.hypothesis", "hypothesis"),
        ({"decision": "hypothesis", "hypothesis": "cumulated"}, "rulings.hypothesis", "hypothesis"),  # there is none
        ({"decision": "hypothesis", "hypothesis": "cumulated", "figure_id": ""}, "rulings.hypothesis", "hypothesis"),
        ({"decision": "hypothesis", "hypothesis": "cumulative", "figure_id": ""}, "rulings.figure", "figure_id"),  # which is?
        ({"decision": "hypothesis", "hypothesis": "real_fall"}, "rulings.figure", "figure_id"),  # that is of no one figure
        ({"guard": "S4-011=27.9 亿元@2020/year"}, "rulings.guard", "guard"),
        ({"guard": GUARD.replace("S4-044", "S4-045")}, "rulings.guard", "guard"),
        ({"conflict_id": conflict_id_of(DROP)}, "rulings.guard", "guard"),
    ],
)
def test_a_bad_row_is_one_finding_and_the_others_hold(home: Settings, changes: dict[str, str], rule_id: str, column: str) -> None:
    rule(home, ruling(**changes), GOOD)
    rulings, (finding,) = load_rulings(home)
    cell = f"{column_letters(RULING_COLUMNS.index(column))}2"
    assert (finding.rule_id, finding.cell, finding.field, finding.severity) == (rule_id, cell, column, "error")
    assert (finding.file_name, finding.form) == ("rulings/rulings.csv", "figure_rulings")
    assert cell in finding.message and finding.advice
    assert [one.conflict_id for one in rulings] == [conflict_id_of(PLATFORMS)]


def test_a_bad_row_leaves_its_conflict_open_and_is_told_with_all_that_was_found(home: Settings) -> None:
    rule(home, ruling(decision="maybe"), GOOD)
    found = reconcile(home)
    assert [finding.rule_id for finding in found.findings] == ["rulings.code_unknown"]
    assert {members: conflict.state for members, conflict in by_members(found).items()} == {
        PAIR: "open", DROP: "open", PLATFORMS: "ruled",
    }  # fmt: skip


def test_of_two_rulings_on_one_conflict_the_last_holds(home: Settings) -> None:
    """So whoever must decide anew adds a row, as the page of a lapsed ruling says."""
    rule(home, ruling(), ruling(figure_id="S4-011"))
    (one,), findings = load_rulings(home)
    assert (one.figure_id, findings) == ("S4-011", ())
    change(home, "S4-044", as_printed="14", value="14")
    assert by_members(reconcile(home))[PAIR].state == "reopened"
    rule(home, ruling(), ruling(guard=GUARD.replace("=13@", "=14@")))
    assert by_members(reconcile(home))[PAIR].state == "ruled"


@pytest.mark.parametrize(("column", "placeholder"), PLACEHOLDERS.items())
def test_the_line_to_copy_is_no_ruling_before_it_is_filled_in(home: Settings, column: str, placeholder: str) -> None:
    rule(home, ruling(**{column: placeholder}))
    rulings, (finding,) = load_rulings(home)
    assert (rulings, finding.rule_id) == ((), "rulings.placeholder")


def test_a_day_that_is_none_is_a_warning_and_the_ruling_holds(home: Settings) -> None:
    rule(home, ruling(on="上个月底"))
    (one,), (finding,) = load_rulings(home)
    assert (finding.severity, finding.cell, one.on) == ("warning", "G2", None)


@pytest.mark.parametrize("written", ["2024-05-06", "2024/5/6", "2024年5月6日"])  # the second is what Excel makes of the first
def test_a_day_is_read_as_people_and_excel_write_it(home: Settings, written: str) -> None:
    rule(home, ruling(on=written))
    (one,), findings = load_rulings(home)
    assert (findings, one.on) == ((), date(2024, 5, 6))


@pytest.mark.parametrize(
    ("figure_id", "hypothesis"),
    [
        ("S4-044", "goal_as_minimum"),  # 13 is no target
        ("S4-011", "growth_to"),
    ],
)
def test_a_reading_that_does_not_make_the_conflict_go_is_no_ruling(home: Settings, figure_id: str, hypothesis: str) -> None:
    """Else 27.9 would be the baseline of the plan because somebody wrote a reading that says nothing of it."""
    rule(home, ruling(decision="hypothesis", figure_id=figure_id, hypothesis=hypothesis))
    found = reconcile(home)
    (finding,) = [one for one in found.findings if one.rule_id == "rulings.hypothesis_inapplicable"]
    assert "cumulative S4-011" in finding.advice and hypothesis in finding.message
    assert found.rulings == () and by_members(found)[PAIR].state == "open"


def test_a_ruling_is_shown_with_its_conflict(home: Settings) -> None:
    rule(home, ruling())
    conflict = by_members(reconcile(home))[PAIR]
    assert (conflict.state, conflict.state_reason) == ("ruled", None)
    told = conflict.as_json()
    assert (told["ruling"]["by"], told["ruling"]["on"], told["ruling"]["figure_id"]) == ("李某", "2024-05-06", "S4-044")
    assert conflict.explanations  # what was thought of it stays to be read


def test_what_a_ruling_takes_away_is_settled_elsewhere_too(home: Settings) -> None:
    """With 27.9 out, the drop after it is gone; with 13 out, it is not."""
    rule(home, ruling())
    found = by_members(reconcile(home))
    assert found[DROP].state == "ruled" and conflict_id_of(PAIR) in found[DROP].state_reason
    assert found[PLATFORMS].state == "open"
    rule(home, ruling(figure_id="S4-011"))
    assert by_members(reconcile(home))[DROP].state == "open"
    rule(home, ruling(decision="no_action", figure_id=""))
    found = by_members(reconcile(home))
    assert (found[PAIR].state, found[DROP].state) == ("ruled", "open")


@pytest.mark.parametrize(
    ("figure_id", "changes", "now"),
    [
        ("S4-044", {"as_printed": "13.2", "value": "13.2"}, "S4-044=13.2@2020/year"),
        ("S4-011", {"as_printed": "27.8 亿元", "value": "27.8"}, "S4-011=27.8 亿元@2020/year"),
    ],
)
def test_a_ruling_lapses_when_a_figure_is_printed_otherwise(
    home: Settings, figure_id: str, changes: dict[str, str], now: str
) -> None:
    rule(home, ruling())
    change(home, figure_id, **changes)
    conflict = by_members(reconcile(home))[PAIR]
    assert conflict.state == "reopened"
    was = next(part for part in GUARD.split("；") if part.startswith(figure_id))
    before, after = (each.partition("=")[2] for each in (was, now))
    assert conflict.state_reason == f"{figure_id} 裁定时是“{before}”，现在是“{after}”"
    assert conflict.ruling.by == "李某"
    # And nothing is taken away any more: of what it had settled besides, nothing is.
    assert by_members(reconcile(home))[DROP].state == "open"
    assert landed(home) == []


def test_a_ruling_lapses_when_a_period_changes(home: Settings) -> None:
    """Both years put right, so that they are still at odds."""
    rule(home, ruling())
    for figure_id in PAIR:
        change(home, figure_id, period="2019")
    conflict = by_members(reconcile(home))[PAIR]
    assert conflict.state == "reopened"
    assert "S4-011 裁定时是“27.9 亿元@2020/year”，现在是“27.9 亿元@2019/year”" in conflict.state_reason
    assert "S4-044 裁定时是“13@2020/year”，现在是“13@2019/year”" in conflict.state_reason


def test_what_is_not_printed_may_change_and_the_ruling_holds(home: Settings) -> None:
    rule(home, ruling())
    change(home, "S4-044", locator="指标表 第九行", indicator_label="技术市场合同成交额")
    assert by_members(reconcile(home))[PAIR].state == "ruled"


def test_a_ruling_names_what_is_no_longer_in_the_ledger(home: Settings) -> None:
    (_, other) = (figure for figure in load_ledger(home).figures if figure.figure_id in PAIR)
    rule(home, ruling())
    ((one,), _) = load_rulings(home)
    assert lapsed(one, {other.figure_id: other}) == "S4-011 裁定时是“27.9 亿元@2020/year”，现在是“（已从台账删去）”"


def test_a_ruling_on_no_conflict_is_told_and_listed(home: Settings) -> None:
    """27.9 is taken out of the ledger, and the conflict with it."""
    rule(home, ruling())
    change(home, "S4-011")
    found = reconcile(home)
    assert PAIR not in by_members(found)
    told = [finding for finding in found.findings if finding.file_name == "rulings/rulings.csv"]
    assert [(finding.rule_id, finding.severity, finding.value) for finding in told] == [
        ("rulings.conflict_unknown", "warning", conflict_id_of(PAIR))
    ]
    write_results(found, home)
    with duckdb.connect() as database:
        (row,) = database.sql(f"select conflict_id, state, state_reason from '{home.results}/rulings.parquet'").fetchall()
    assert row[:2] == (conflict_id_of(PAIR), "unknown") and row[2]


def test_the_table_of_rulings_says_what_became_of_them(home: Settings) -> None:
    rule(home, ruling())
    write_results(reconcile(home), home)
    columns = "conflict_id, decision, figure_id, hypothesis, decided_by, decided_on, state, state_reason"
    with duckdb.connect() as database:
        assert database.sql(f"select {columns} from '{home.results}/rulings.parquet'").fetchall() == [
            (conflict_id_of(PAIR), "figure", "S4-044", None, "李某", date(2024, 5, 6), "ruled", None)
        ]


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ({"figure_id": "S4-044"}, [("S4-011", "S4-044")]),
        ({"figure_id": "S4-011"}, [("S4-044", "S4-011")]),
        # 27.9 is a sum of years: of 2020 then 13 is left.
        ({"decision": "hypothesis", "figure_id": "S4-011", "hypothesis": "cumulative"}, [("S4-011", "S4-044")]),
        ({"decision": "no_action", "figure_id": ""}, []),
    ],
)
def test_what_is_out_and_what_stands_is_landed(home: Settings, decision: dict[str, str], expected: list[tuple[str, str]]) -> None:
    rule(home, ruling(**decision))
    assert landed(home) == expected


def test_of_figures_of_different_quantities_only_the_one_read_otherwise_is_out(home: Settings) -> None:
    """100 platforms are those to be built; of how many there shall be nothing is left. 200 are no rival of it."""
    guard = "S4-001=200 家@2020/year_end；S4-021=100个以上@2025/year_end"
    own = {"conflict_id": conflict_id_of(PLATFORMS), "guard": guard}
    rule(home, ruling(**own, decision="hypothesis", figure_id="S4-021", hypothesis="increment"))
    assert landed(home) == [("S4-021", None)]
    rule(home, ruling(**own, decision="figure", figure_id="S4-001"))
    assert landed(home) == []


def test_three_of_one_quantity_leave_none_to_stand_for_one_read_otherwise(home: Settings) -> None:
    ledger = load_ledger(home)
    figures = {figure.figure_id: figure for figure in ledger.figures}
    third = replace(figures["S4-044"], figure_id="S4-900", as_printed="14")
    members = (figures["S4-011"], figures["S4-044"], third)
    ids = [figure.figure_id for figure in members]
    for decision, figure_id, expected in (
        ("hypothesis", "S4-011", [("S4-011", None)]),
        ("figure", "S4-044", [("S4-011", "S4-044"), ("S4-900", "S4-044")]),
    ):
        one = Ruling(conflict_id_of(ids), decision, figure_id, "", "如文", "李某", None, guard_of(members))
        land_rulings([one], Ledger(ledger.documents, members, ()), home)
        table = pl.read_parquet(home.landing / "figure_rulings" / "*.parquet")
        assert sorted(table.select("figure_id", "standing_figure_id").rows()) == expected


def test_the_landing_table_is_there_without_rulings_and_carries_who_decided(home: Settings) -> None:
    rule(home)
    assert landed(home) == []
    rule(home, ruling())
    assert landed(home) == [("S4-011", "S4-044")]
    with duckdb.connect() as database:
        relation = database.read_parquet(str(home.landing / "figure_rulings" / "ledger.parquet"))
        assert dict(zip(relation.columns, map(str, relation.types), strict=True)) == FIGURE_RULINGS
        (row,) = relation.project("conflict_id, decided_by, decided_on, reason").fetchall()
    assert row == (conflict_id_of(PAIR), "李某", date(2024, 5, 6), "统计年报为 13 亿元")


def test_some_may_have_left_without_any_figure_being_read_otherwise(home: Settings) -> None:
    """764 and 500 new are more than 1000; which of the three is off, nobody says."""
    kept = ("S4-030", "S4-031", "S4-066")
    for figure_id in kept:
        add(home, figure_id)
    conflict = by_members(reconcile(home))[kept]
    assert ("some_left", None) in {(each.hypothesis.id, each.figure_id) for each in conflict.explanations}
    left = {"decision": "hypothesis", "hypothesis": "some_left", "figure_id": ""}
    rule(home, ruling(conflict_id=conflict.conflict_id, guard=conflict.guard, **left))
    found = reconcile(home)
    assert found.findings == ()
    assert {members for members, each in by_members(found).items() if each.state == "ruled"} == {kept}
    assert landed(home) == []


@pytest.mark.parametrize(
    "decision", [{"figure_id": "S4-044"}, {"decision": "hypothesis", "figure_id": "S4-011", "hypothesis": "cumulative"}]
)
def test_what_repeats_a_figure_that_is_out_is_out_too(home: Settings, decision: dict[str, str]) -> None:
    """And what repeats the one that stands is not; nor is the same number of another year."""
    add(home, "S4-011", figure_id="S10-001", document_id="000", locator="第三段")
    add(home, "S4-011", figure_id="S10-002", document_id="000", period="2019")
    add(home, "S4-044", figure_id="S10-003", document_id="000")
    rule(home, ruling(**decision))
    assert landed(home) == [("S10-001", "S4-044"), ("S4-011", "S4-044")]


@pytest.mark.parametrize(
    ("repeat", "leader"),
    [
        ("S10-001", "S4-011"),  # the tenth document comes after the fourth
        ("S1-001", "S1-001"),  # sorts first, and gives the conflict another name
    ],
)
def test_a_ruling_stands_when_another_document_repeats_a_figure(home: Settings, repeat: str, leader: str) -> None:
    rule(home, ruling())
    add(home, "S4-011", figure_id=repeat, document_id="000", locator="第三段")
    found = reconcile(home)
    assert found.findings == ()
    conflict = by_members(found)[leader, "S4-044"]
    assert conflict.conflict_id == conflict_id_of((leader, "S4-044"))
    assert (conflict.state, conflict.state_reason, conflict.ruling.by) == ("ruled", None, "李某")
    assert {"S4-011", repeat} == set(conflict.members[0].figure_ids)
    # As before, the drop goes with it.
    drop = next(each for members, each in by_members(found).items() if {"S3-008", "S3-009"} <= set(members))
    assert drop.state == "ruled"
    write_results(found, home)
    with duckdb.connect() as database:
        assert database.sql(f"select state, state_reason from '{home.results}/rulings.parquet'").fetchall() == [("ruled", None)]


def test_a_ruling_on_two_figures_that_have_come_to_agree_is_on_no_conflict(home: Settings) -> None:
    """Also not on that of three of which the two are now one member."""
    rule(home, ruling())
    change(home, "S4-044", as_printed="27.9 亿元", value="27.9", qualifier="达到")
    found = reconcile(home)
    assert [finding.rule_id for finding in found.findings] == ["rulings.conflict_unknown"]
    assert by_members(found)[DROP].state == "open"


def test_a_semicolon_in_what_is_printed_does_not_part_the_guard(home: Settings) -> None:
    change(home, "S4-011", as_printed="27.9 亿元；创历史新高")
    conflict = by_members(reconcile(home))[PAIR]
    assert conflict.guard == "S4-011=27.9 亿元，创历史新高@2020/year；S4-044=13@2020/year"
    rule(home, ruling(guard=conflict.guard))
    found = reconcile(home)
    assert found.findings == () and by_members(found)[PAIR].state == "ruled"
    assert landed(home) == [("S4-011", "S4-044")]
    change(home, "S4-011", as_printed="27.9 亿元；创新高")
    assert by_members(reconcile(home))[PAIR].state == "reopened"


def measured_by_reports(home: Settings, value: str) -> Figure:
    """The turnover of 2020 as the warehouse would have it."""
    (printed,) = [figure for figure in load_ledger(home).figures if figure.figure_id == "S4-044"]
    return observed(printed.indicator, "南阳市", "2020", "year", Decimal(value), 2, "flow", False)


@pytest.mark.parametrize("standing", ["S4-044", "wanstat:tech_contract_turnover:2020:year"])
def test_a_ruling_against_what_was_observed_is_left_alone_by_the_ledger(home: Settings, standing: str) -> None:
    """The ledger is landed before anything is observed: it can tell neither whether the conflict is there nor that it is not."""
    seen = measured_by_reports(home, "20.5")
    pair = ("S4-044", seen.figure_id)
    conflict = by_members(reconcile(home, observed=[seen]))[pair]
    assert conflict.guard == "S4-044=13@2020/year；wanstat:tech_contract_turnover:2020:year=20.50亿元@2020/year"
    rule(home, ruling(conflict_id=conflict_id_of(pair), guard=conflict.guard, figure_id=standing))
    with_observed, alone = reconcile(home, observed=[seen]), reconcile(home)
    assert with_observed.findings == alone.findings == ()
    assert by_members(with_observed)[pair].state == "ruled"
    assert pair not in by_members(alone) and by_members(alone)[PAIR].state == "open"
    land_rulings(alone.rulings, load_ledger(home), home)
    assert pl.read_parquet(home.landing / "figure_rulings" / "*.parquet").is_empty()


def test_a_ruling_against_what_was_observed_lapses_when_that_changes(home: Settings) -> None:
    seen = measured_by_reports(home, "20.5")
    conflict = by_members(reconcile(home, observed=[seen]))["S4-044", seen.figure_id]
    rule(home, ruling(conflict_id=conflict.conflict_id, guard=conflict.guard))
    again = by_members(reconcile(home, observed=[measured_by_reports(home, "21")]))["S4-044", seen.figure_id]
    assert again.state == "reopened"
    assert "20.50亿元@2020/year”，现在是" in again.state_reason and "21.00亿元" in again.state_reason
