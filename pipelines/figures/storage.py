"""What the tables and files of this package have in common: names in findings, amounts.

Belongs here: the column type of a bound and the rounding to it. Does not belong here: which rows, or writing them.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

FOLDER, FORM = "figures", "published_figures"  # as findings name the ledger
AMOUNT = "DECIMAL(38,9)"  # a bound half a unit below the last printed digit, in a unit 10⁸ larger, is still exact
_PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def amount(value: Fraction | Decimal | None) -> Decimal | None:
    """`value` as the tables keep it: nine decimals, rounded half to even."""
    if value is None:
        return None
    exact = Fraction(value)
    quotient = _PRECISE.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return quotient.quantize(Decimal("1e-9"), context=_PRECISE)
