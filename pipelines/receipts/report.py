"""A receipt for machines: the validation report of the European Statistical System.

Belongs here: the shape. Does not belong here: files, or what a person reads.

The shape is the JSON schema 1.0.1 of the ESSnet ValidatIntegration (M. van der Loo and O. ten Bosch, "Design of a generic
machine-readable validation report structure", 2017; data-cleaning/ValidatReport, read by the R package `validatereport`): an
array of validations, each with `id`, `type`, `event`, `rule`, `data` and `value`. As the schema allows, `rule.id`,
`rule.status`, `answer_key`, `advice` and `explanation` are added.

A validation is here a finding. The expression of a rule that a form carries is its SQL condition, else the name of the check
in this program. `value` is "0" where the rule does not hold and "NA" where that could not be found out; what holds is not
reported, so "1" does not come. `data.target` names what was looked at by keys of four parts, as the structure asks for:
population (form), period, unit (reporting unit and row), variable. The time of the event is that of the arrival of the file:
the time of writing would make a new report of an old verdict.
"""

from __future__ import annotations

from pipelines.findings import Finding
from pipelines.forms.model import load_forms
from pipelines.receipts.receipt import Receipt

WHO, SQL = "wanstat", "DuckDB SQL"
SEVERITIES = {"error": "error", "warning": "warning", "info": "information"}


def validation_report(receipt: Receipt) -> list[dict[str, object]]:
    """The findings of a receipt as an ESS validation report."""
    return [_validation(receipt, finding) for finding in receipt.findings]


def _expression(finding: Finding) -> dict[str, object]:
    """How the rule is written, and in which language."""
    form = load_forms().get(finding.form or "")
    conditions = {rule.id: rule.holds for rule in form.rules} if form else {}
    if finding.rule_id in conditions:
        return {"language": SQL, "expression": conditions[finding.rule_id], "id": finding.rule_id}
    return {"language": WHO, "expression": finding.rule_id, "id": finding.rule_id}


def _validation(receipt: Receipt, finding: Finding) -> dict[str, object]:
    unit = "/".join(part for part in (finding.reporting_unit_id, finding.subject) if part)
    keys = [[finding.form or "", finding.month or "", unit, finding.field or ""]]
    where = "!".join(part for part in (finding.sheet, finding.cell) if part)
    return {
        "id": finding.finding_id,
        "type": "validation",
        "event": {
            "time": receipt.received_at,
            "actor": WHO,
            "agent": WHO,
            "trigger": f"{receipt.file_name} (sha256 {receipt.sha256})",
        },
        "rule": _expression(finding)
        | {
            "severity": SEVERITIES[finding.severity],
            "description": finding.expected or "",
            "status": finding.state,
        },
        "data": {"source": keys, "target": keys, "description": f"{where} {finding.message}".strip()},
        "value": "NA" if finding.is_unverified else "0",
        "answer_key": finding.answer_key,
        "advice": finding.advice,
        "explanation": finding.explanation,
    }
