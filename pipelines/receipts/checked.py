"""Receipts on files that were checked before being sent.

Belongs here: what a receipt says of such a file. Does not belong here: checking (validate), or writing (`written`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pipelines.findings import Finding
from pipelines.forms.model import Form
from pipelines.forms.reporting_units import ReportingUnit
from pipelines.receipts.receipt import Receipt, in_order
from pipelines.validate.check import Checked


def receipts_of(checked: Iterable[Checked], forms: Mapping[str, Form], units: Mapping[str, ReportingUnit]) -> Iterable[Receipt]:
    """A receipt for each file that its sender has to do something about."""
    for each in checked:
        if not each.has_open:
            continue
        identity = each.received.identity
        form, unit = forms.get(identity.form or ""), units.get(identity.reporting_unit_id or "")
        findings = each.findings or (_on_the_file(each),)
        yield Receipt(
            path=each.path,
            sha256=each.received.sha256,
            size=each.received.file_size,
            file_name=each.path.name,
            received_at=each.received.received_at,
            state=each.state,
            reason=each.reason,
            is_practice=identity.is_practice,
            findings=in_order(replace(finding, file_name=each.path.name) for finding in findings),
            form=identity.form,
            form_title=form.title if form else None,
            reporting_unit_id=identity.reporting_unit_id,
            reporting_unit_name=unit.reporting_unit_name if unit else None,
            month=identity.month,
            revision=1,
        )


def _on_the_file(checked: Checked) -> Finding:
    identity = checked.received.identity
    return Finding(
        rule_id="file.unidentified",
        level=0,
        severity="error",
        message=str(checked.reason),
        advice=checked.advice,
        form=identity.form,
        reporting_unit_id=identity.reporting_unit_id,
        month=identity.month,
        file_name=checked.path.name,
        is_practice=identity.is_practice,
    )
