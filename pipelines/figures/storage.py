"""Writing the tables of this package as Parquet, whole, with the types their descriptions name.

Belongs here: column types and the write. Does not belong here: which rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from pathlib import Path

import polars as pl

from pipelines.files import whole

AMOUNT = "DECIMAL(38,9)"  # a bound half a unit below the last printed digit, in a unit 10⁸ larger, is still exact
TYPES = {"VARCHAR": pl.String, "DATE": pl.Date, "BOOLEAN": pl.Boolean, AMOUNT: pl.Decimal(38, 9)}
_PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)


def write_rows(path: Path, columns: Mapping[str, str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write `rows` to the Parquet file `path`.

    Args:
        columns: name -> DuckDB type, one of `TYPES`.
        rows: mappings by column name; a missing name is null.
    """
    schema = {name: TYPES[kind] for name, kind in columns.items()}
    frame = pl.DataFrame([[row.get(name) for name in schema] for row in rows], schema=schema, orient="row")
    with whole(path) as beside:
        frame.write_parquet(beside)


def amount(value: Fraction | Decimal | None) -> Decimal | None:
    """`value` as the tables keep it: nine decimals, rounded half to even."""
    if value is None:
        return None
    exact = Fraction(value)
    quotient = _PRECISE.divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return quotient.quantize(Decimal("1e-9"), context=_PRECISE)
