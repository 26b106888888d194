"""Made-up rows of the form `sci_tech_loans`, adding up to the planned loans of a month.

Belongs here: borrowers, banks, days and amounts. Does not belong here: files.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pipelines.practice.city import SCIENCE_OFFICE, City, Row, apportion_one_each, month_bounds
from pipelines.practice.shape import load_shape

FORM = "sci_tech_loans"
STEP = 10  # 万元
BORROWERS = 80  # enterprises of a unit that borrow
BANKS, TERMS = 9, (365, 730)


def loan_rows(city: City, month: str) -> dict[str, list[Row]]:
    """The loans granted in the month, all registered by one department."""
    first, last = month_bounds(month)
    chance = city.chance(FORM, month)
    rows: list[Row] = []
    for product, shape in load_shape().loans.items():
        count, total = shape.loans[last.month - 1], shape.amount[last.month - 1] // STEP
        for steps in apportion_one_each(total, [chance.lognormvariate(0, 0.5) for _ in range(count)]):
            [unit_id] = chance.choices(list(city.weights), list(city.weights.values()))
            borrower = chance.randint(1, BORROWERS)
            granted_on = first + timedelta(days=chance.randrange(last.day))
            rows.append(
                {
                    "loan_no": f"LX-{last:%Y%m}-{len(rows) + 1:03d}",
                    "loan_product": product,
                    "enterprise_name": city.enterprise_name(unit_id, borrower),
                    "uscc": city.enterprise_uscc(unit_id, borrower),
                    "division_code": city.division_code(unit_id),
                    "bank_name": f"练习·第{chance.randint(1, BANKS)}银行{city.short_name(unit_id)}支行",
                    "granted_on": granted_on,
                    "matures_on": granted_on + timedelta(days=chance.choice(TERMS)),
                    "loan_amount": Decimal(steps * STEP),
                }
            )
    return {SCIENCE_OFFICE: rows}
