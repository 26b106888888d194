"""Outcomes, their findings, and the gate's decision on them. Every value is made up for the test."""

from __future__ import annotations

import pytest

from pipelines.release.gate import LINE_LENGTH, SCREEN_LINES, GateContext, decide
from pipelines.release.outcomes import CheckOutcome, findings_of, read_outcomes, write_outcomes
from pipelines.settings import Settings

FULL = GateContext(month="2022-10", accepted=3)


def outcome(**given: object) -> CheckOutcome:
    usual = {
        "tool": "expectations",
        "check_id": "test.one",
        "suite": "test",
        "title": "测试：某事成立",
        "table_name": "observations",
        "severity": "critical",
        "level": 3,
        "outcome": "holds",
    }
    return CheckOutcome(**(usual | given))


@pytest.mark.parametrize(
    ("tool", "severity", "result", "passes"),
    [
        ("expectations", "critical", "holds", True),
        ("expectations", "critical", "failed", False),
        ("expectations", "critical", "could_not_verify", False),
        ("expectations", "warning", "failed", True),
        ("expectations", "warning", "could_not_verify", True),
        ("dbt", "error", "failed", False),
        ("dbt", "error", "could_not_verify", False),
        ("dbt", "warning", "failed", True),
    ],
)
def test_what_stops_a_release(tool: str, severity: str, result: str, passes: bool) -> None:
    others = [outcome(tool="dbt", severity="error"), outcome(check_id="test.two")]
    gate = decide([outcome(tool=tool, severity=severity, outcome=result), *others], FULL)
    assert gate.passed is passes
    assert bool(gate.reasons) is not passes


def test_no_accepted_submission_stops_even_if_all_checks_hold() -> None:
    [reason] = decide([outcome()], GateContext(month="2022-10", accepted=0)).reasons
    assert reason.startswith("没有任何已接受的 2022-10 报送，不发布")


@pytest.mark.parametrize(("ran", "idle"), [("dbt", "发布前核查"), ("expectations", "数据仓库检验")])
def test_a_tool_that_has_not_run_is_no_pass(ran: str, idle: str) -> None:
    [reason] = decide([outcome(tool=ran, severity="error" if ran == "dbt" else "critical")], FULL).reasons
    assert reason.startswith(f"{idle}没有运行")


def test_reasons_fit_one_screen() -> None:
    many = [outcome(check_id=f"test.n{n}", outcome="failed", message="很长的说明\n" * 100) for n in range(40)]
    reasons = decide(many, FULL).reasons
    assert len(reasons) == SCREEN_LINES
    assert reasons[-1] == "……另有 26 项未通过，见核查发现"
    assert all(len(reason) <= LINE_LENGTH and "\n" not in reason for reason in reasons)


def test_failed_and_unverified_become_findings_and_holding_does_not() -> None:
    outcomes = [
        outcome(check_id="test.a"),
        outcome(check_id="test.b", outcome="failed", unexpected_count=2, message="两行不符"),
        outcome(check_id="test.c", outcome="could_not_verify", severity="warning"),
        outcome(check_id="test.c", outcome="could_not_verify", severity="warning"),
    ]
    found = findings_of(outcomes, month="2022-10", is_practice=True)
    assert [(one.rule_id, one.severity, one.value, one.is_practice) for one in found] == [
        ("test.b", "error", "2", True),
        ("test.c", "warning", None, True),
    ]
    assert "未能核查不等于通过" in found[1].advice


def test_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match="passed"):
        outcome(outcome="passed")


@pytest.mark.parametrize("count", [0, 3])
def test_outcomes_survive_their_file(tmp_path, count: int) -> None:
    settings = Settings(tmp_path)
    written = [outcome(check_id=f"test.n{n}", sample='[{"行": 1}]', unexpected_count=n or None) for n in range(count)]
    write_outcomes(settings, reversed(written))
    assert read_outcomes(settings) == written


def test_no_outcomes_is_no_pass(tmp_path) -> None:
    with pytest.raises(FileNotFoundError):
        read_outcomes(Settings(tmp_path))
