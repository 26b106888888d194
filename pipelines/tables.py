"""What a table the program writes looks like to others: its columns, their meaning and its key, as plain data.

Belongs here: the description a stage gives of its result tables. Does not belong here: their rows, or SQL made from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a result table.

    Attributes:
        name: as in the Parquet file and in the release.
        type: DuckDB type, e.g. `VARCHAR` or `DECIMAL(38,9)`.
        comment: meaning in Chinese, published as the column's comment.
        nullable: whether the column may be empty.
    """

    name: str
    type: str
    comment: str
    nullable: bool = True


@dataclass(frozen=True)
class ResultTable:
    """One table a Python stage writes as Parquet and the release publishes.

    Attributes:
        name: of the Parquet file (without ending) and of the released table.
        comment: what one row is, in Chinese.
        columns: in the order of the file.
        primary_key: the columns whose values name a row.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
