"""What senders have said to findings, put to the findings they are about.

Belongs here: which finding an answer closes. Does not belong here: reading answers from a receipt (collect), or which
findings must be explained (the checks that make them).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.validate.submissions import Submission


def take_answers(submissions: Iterable[Submission]) -> None:
    """Give findings that must be explained what their unit has said to them, in this revision or an earlier one.

    An answer belongs to a finding with its value: once the value changes the finding has another key, and is open again.

    Args:
        submissions: of one form and month, in the order of arrival.
    """
    said: dict[str | None, dict[str, str]] = {}
    for submission in submissions:
        answers = said.setdefault(submission.received.identity.reporting_unit_id, {})
        answers |= submission.answers
        submission.findings = [finding.answered(answers) for finding in submission.findings]
