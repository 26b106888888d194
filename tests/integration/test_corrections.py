"""A correction of the office through a whole load: the figure, both values side by side, the guard once the county resends."""

from decimal import Decimal

from conftest import MONTH, query, wanstat

from pipelines.land.corrections import COLUMNS

CITY = (
    "select value from marts.observations where indicator_id = 'tech_contract_turnover' and hierarchy = 'city'"
    " and period_id = '2022-10' and window_kind = 'ytd'"
)
REVISED = (
    "select distinct reason_code, sender_names from marts.revisions where release_id = '2022-10-r2' and indicator_id in"
    " ('tech_contract_turnover', 'average_contract_value') order by all"
)
PUBLISHED = "select received_value, corrected_value, state, submission_id, is_practice from marts.corrections"


def test_a_correction_changes_the_figure_until_the_county_sends_the_right_value_itself(copied):
    sent = next((copied / "raw" / "practice" / "宛城区").glob("技术合同登记月报_411302_2022-09*"))
    _, first, *_ = sent.read_text(encoding="gb18030").splitlines()
    contract_no, *_, received, _ = first.split(",")
    [(before,)] = query(copied, CITY)
    corrected = Decimal(received) - 10
    correction = {
        "correction_id": "C1", "form": "技术合同登记月报", "reporting_unit": "宛城区", "month": "2022-09",
        "key": f"合同登记编号={contract_no}", "field": "合同成交额", "action": "override", "value": f"{corrected}万元",
        "expect": received, "reason": "与合同原件不符", "by": "张三", "on": "2022-11-14", "expires": "", "practice": "是",
    }  # fmt: skip
    rulings = copied / "raw" / "rulings" / "corrections.csv"
    rulings.parent.mkdir()
    lines = [",".join(COLUMNS), ",".join(correction[name] for name in COLUMNS)]
    rulings.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")

    applied = wanstat(copied, "load", MONTH, "--json")
    assert (applied.status, applied.json["release"]) == (0, "2022-10-r2"), applied.err
    assert applied.json["corrections"] == {"applied": 1, "expired": 0, "failed": 0}
    assert query(copied, CITY) == [(before - Decimal("0.001"),)]  # 10万元, in 亿元
    assert query(copied, REVISED) == [("C", "宛城区")]
    submission = "technical_contracts/411302/2022-09/r1"
    assert query(copied, PUBLISHED) == [(received, str(corrected), "applied", submission, True)]
    traced = wanstat(copied, "trace", "技术合同成交额", "--area", "宛城区", "--period", "2022-09", "--json")
    [cell] = [each for each in traced.json["origins"] if each["correction_reason"]]
    assert (cell["written"], cell["received"], cell["stored"]) == (received, received, str(corrected))
    assert (cell["corrected_by"], cell["corrected_on"]) == ("张三", "2022-11-14")
    shown = wanstat(copied, "trace", "技术合同成交额", "--area", "宛城区", "--period", "2022-09", "--all").out
    assert f"收到{received}→更正为{corrected}（张三2022-11-14：与合同原件不符）" in "".join(shown.split())

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
