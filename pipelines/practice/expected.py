"""What the warehouse must find in the practice data, computed straight from the generated rows.

Belongs here: the plain-Python oracle that integration tests compare released figures with. Does not belong here: anything
shared with the pipeline that is being tested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipelines.practice import certificates, contracts, events
from pipelines.practice.city import Row, month_bounds

Figure = Decimal | int
WAN_IN_YI = 10_000
FLOWS = (
    "tech_contract_turnover",
    "tech_transaction_value",
    "tech_contract_count",
    "high_tech_enterprises_new",
    "science_popularisation_events",
    "science_popularisation_attendances",
)
STOCK = "high_tech_enterprises"


def month_figures(month: str, accepted: Mapping[str, Iterable[Row]]) -> dict[str, Figure]:
    """The city's figures of one month, by indicator.

    Args:
        accepted: by form, the accepted rows of all units, repeats between units still in it.
    """
    first, last = month_bounds(month)
    signed = {row["contract_no"]: row for row in accepted[contracts.FORM]}.values()
    held = {row["certificate_no"]: row for row in accepted[certificates.FORM]}.values()
    held_events = list(accepted[events.FORM])
    return {
        "tech_contract_turnover": sum((row["contract_value"] for row in signed), Decimal(0)) / WAN_IN_YI,
        "tech_transaction_value": sum((row["technology_value"] for row in signed), Decimal(0)) / WAN_IN_YI,
        "tech_contract_count": len(signed),
        "high_tech_enterprises_new": sum(first <= row["issued_on"] <= last for row in held),
        "science_popularisation_events": sum(row["event_count"] for row in held_events),
        "science_popularisation_attendances": sum(row["attendance"] for row in held_events),
        STOCK: enterprises_valid_on(last, held),
    }


def enterprises_valid_on(day: date, rows: Iterable[Row]) -> int:
    """Enterprises with a certificate in force on `day`; one with two certificates counts once."""
    return len(
        {
            row["uscc"]
            for row in rows
            if row["issued_on"] <= day <= row["valid_until"] and not (row["revoked_on"] and row["revoked_on"] <= day)
        }
    )


def with_year_to_date(
    months: Sequence[str], figures: Mapping[str, Mapping[str, Figure]]
) -> dict[str, dict[str, dict[str, Figure]]]:
    """Indicator -> month -> `month` and `ytd` for flows, `point` for the stock; ytd from the first month generated of a year."""
    result: dict[str, dict[str, dict[str, Figure]]] = {
        flow: {
            month: {
                "month": figures[month][flow],
                "ytd": sum(figures[other][flow] for other in months if other[:4] == month[:4] and other <= month),
            }
            for month in months
        }
        for flow in FLOWS
    }
    result[STOCK] = {month: {"point": figures[month][STOCK]} for month in months}
    return result
