"""What changed between two releases: every table row by row under its declared key, and in few words what matters to people.

Belongs here: comparing two databases and the record of it. Does not belong here: how it is shown (console), or why a figure
changed (`revisions` in the release itself).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import duckdb

from pipelines.release.catalog import ReleaseError
from pipelines.release.database import NO_EXTENSIONS, read_declarations
from pipelines.release.schema import PUBLIC_SCHEMA, VOLATILE_COLUMNS, literal, quoted
from pipelines.tables import ResultTable

EXAMPLE_ROWS = 5  # of each table, where not all are asked for
TOLD_FIGURES = 40  # figures told one by one

Change = Literal["changed", "removed", "added"]


@dataclass(frozen=True)
class RowChange:
    """A row that one of the releases lacks or that differs between them.

    Attributes:
        key: values of the key by column; empty in a table without one.
        values: column -> (before, after); of a changed row only what changed, of an added or removed one all columns.
    """

    change: Change
    key: dict[str, Any]
    values: dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class TableDifference:
    """What changed in one table.

    Attributes:
        columns_redescribed: with another comment, or required where they were not; the table's own name if its comment or key is
            another.
        changed_columns: column -> in how many rows it changed.
        rows: the first of the changed rows, or all if they were asked for.
    """

    table: str
    exists: Literal["both", "added", "removed"]
    rows_before: int
    rows_after: int
    added: int = 0
    removed: int = 0
    changed: int = 0
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    columns_retyped: tuple[str, ...] = ()
    columns_redescribed: tuple[str, ...] = ()
    changed_columns: Mapping[str, int] | None = None
    rows: tuple[RowChange, ...] = ()

    @property
    def is_different(self) -> bool:
        declared = self.columns_added + self.columns_removed + self.columns_retyped + self.columns_redescribed
        return self.exists != "both" or bool(declared or self.added + self.removed + self.changed)


@dataclass(frozen=True)
class FigureChange:
    """An observation that changed; bounds where it has no value, None where the release has no such observation at all."""

    change: Change
    indicator_label: str
    area_name: str
    period_id: str
    window_kind: str
    hierarchy: str
    unit: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


@dataclass(frozen=True)
class StateChange:
    """An obligation or a plan target whose state changed: `subject` in Chinese, states as the table has them."""

    table: str
    subject: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """All that changed from one release to another.

    Attributes:
        tables: every table of either release, in order of their names, unchanged ones too.
        figures: the first observations whose value, range, unit or status changed; `figure_count` is how many there are.
    """

    before: str
    after: str
    tables: tuple[TableDifference, ...]
    figures: tuple[FigureChange, ...]
    figure_count: int
    states: tuple[StateChange, ...]

    @property
    def is_empty(self) -> bool:
        return not any(table.is_different for table in self.tables)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"is_empty": self.is_empty}


def compare(before: Path, after: Path, before_id: str, after_id: str, *, all_rows_of: str | None = None) -> Difference:
    """Compare the databases of two releases.

    Columns of `VOLATILE_COLUMNS` are passed over, as in a table's digest. A table is compared by its declared key; without one,
    or under another key than before, as a bag of rows, where a changed row is one removed and one added.

    Args:
        all_rows_of: the table of which all changed rows are wanted; else `EXAMPLE_ROWS` of each.

    Raises:
        ReleaseError: a database cannot be read, or neither has the table `all_rows_of`.
    """
    try:
        with _both(before, after) as connection:
            old, new = ({one.name: one for one in read_declarations(connection, name)} for name in ("before", "after"))
            names = sorted(old.keys() | new.keys())
            if all_rows_of is not None and all_rows_of not in names:
                raise ReleaseError(f"没有 {all_rows_of} 这张表；有的表：{'、'.join(names)}")
            tables = tuple(
                _table(connection, name, old.get(name), new.get(name), None if name == all_rows_of else EXAMPLE_ROWS)
                for name in names
            )
            shared = {name: _compared(old[name], new[name]) for name in names if name in old and name in new}
            figures, count = _figures(connection) if _knows(shared, "observations", FIGURE_COLUMNS) else ((), 0)
            return Difference(before_id, after_id, tables, figures, count, _states(connection, shared))
    except duckdb.Error as error:
        raise ReleaseError(
            f"{before_id} 与 {after_id} 比不了：{str(error).splitlines()[0]}；请用 wanstat release verify 查看"
        ) from error


@contextmanager
def _both(before: Path, after: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config=NO_EXTENSIONS) as connection:
        for name, path in (("before", before), ("after", after)):
            connection.execute(f"ATTACH {literal(str(path))} AS {name} (READ_ONLY)")
        yield connection


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, old: ResultTable | None, new: ResultTable | None, limit: int | None
) -> TableDifference:
    sides = {side: one for side, one in (("before", old), ("after", new)) if one is not None}
    counts = {side: connection.execute(f"SELECT count(*) FROM {_place(side, name)}").fetchall()[0][0] for side in sides}
    rows_before, rows_after = counts.get("before", 0), counts.get("after", 0)
    if old is None or new is None:
        return TableDifference(name, "added" if old is None else "removed", rows_before, rows_after)
    was, now = ({column.name: column for column in one.columns} for one in (old, new))
    shared = [one for one in was if one in now]
    redescribed = [one for one in shared if (was[one].comment, was[one].nullable) != (now[one].comment, now[one].nullable)]
    if (old.comment, old.primary_key) != (new.comment, new.primary_key):
        redescribed.append(name)
    _collect_changes(connection, old, new)
    compared = _compared(old, new)
    columns = [one for one in compared if one not in _key(old, new)]
    per_column = [f"count(*) FILTER (WHERE {_differs(one)})" for one in columns]
    kinds = [f"count(*) FILTER (WHERE _change = '{kind}')" for kind in ("added", "removed", "changed")]
    found = connection.execute(f"SELECT {', '.join(kinds + per_column)} FROM changes").fetchall()[0]
    return TableDifference(
        name,
        "both",
        rows_before,
        rows_after,
        *found[:3],
        columns_added=tuple(one for one in now if one not in was),
        columns_removed=tuple(one for one in was if one not in now),
        columns_retyped=tuple(one for one in shared if was[one].type != now[one].type),
        columns_redescribed=tuple(redescribed),
        changed_columns={one: count for one, count in zip(columns, found[3:], strict=True) if count},
        rows=tuple(_rows(connection, _key(old, new), columns, limit)),
    )


def _collect_changes(connection: duckdb.DuckDBPyConnection, old: ResultTable, new: ResultTable) -> None:
    """Temporary table `changes`: key columns, `_change`, and the other compared columns as structs `_old` and `_new`."""
    key, compared = _key(old, new), _compared(old, new)
    columns = [one for one in compared if one not in key]
    kinds = {one.name: one.type for one in old.columns}
    same = {one.name for one in new.columns if kinds.get(one.name) == one.type}

    def shown(column: str) -> str:
        return quoted(column) if column in same else f"{quoted(column)}::VARCHAR"

    packed = ", ".join(f"{quoted(one)} := {shown(one)}" for one in columns) or "_none := NULL"
    keys = ", ".join(f"{shown(one)} AS {quoted(one)}" for one in key)
    row = f"struct_pack({packed}) AS _row"
    if old.primary_key and old.primary_key == new.primary_key:
        # A key of nothing but volatile columns is that of a table with one row.
        condition = " AND ".join(f"b.{quoted(one)} = a.{quoted(one)}" for one in key) or "true"
        coalesced = "".join(f"coalesce(b.{quoted(one)}, a.{quoted(one)}) AS {quoted(one)}, " for one in key)
        selected = ", ".join(filter(None, ["true AS _there", keys, row]))
        source = f"""
            SELECT {coalesced} b._row AS _old, a._row AS _new,
                CASE WHEN b._there IS NULL THEN 'added' WHEN a._there IS NULL THEN 'removed' ELSE 'changed' END AS _change
            FROM (SELECT {selected} FROM {_place("before", old.name)}) AS b
            FULL JOIN (SELECT {selected} FROM {_place("after", new.name)}) AS a ON {condition}
            WHERE b._there IS NULL OR a._there IS NULL OR b._row IS DISTINCT FROM a._row
        """
    else:
        rows = {side: f"SELECT {row} FROM {_place(side, old.name)}" for side in ("before", "after")}
        source = f"""
            SELECT 'removed' AS _change, _row AS _old, NULL AS _new FROM ({rows["before"]} EXCEPT ALL {rows["after"]})
            UNION ALL SELECT 'added', NULL, _row FROM ({rows["after"]} EXCEPT ALL {rows["before"]})
        """
    connection.execute(f"CREATE OR REPLACE TEMP TABLE changes AS {source}")


def _rows(
    connection: duckdb.DuckDBPyConnection, key: tuple[str, ...], columns: list[str], limit: int | None
) -> Iterator[RowChange]:
    order = ", ".join(["list_position(['changed', 'removed', 'added'], _change)", *map(quoted, key), "_old", "_new"])
    listed = ", ".join([*map(quoted, key), "_change", "_old", "_new"])
    cut = "" if limit is None else f"LIMIT {limit}"
    for *values, change, old, new in connection.execute(f"SELECT {listed} FROM changes ORDER BY {order} {cut}").fetchall():
        pairs = {one: (old[one] if old else None, new[one] if new else None) for one in columns}
        if change == "changed":
            pairs = {one: pair for one, pair in pairs.items() if pair[0] != pair[1]}
        yield RowChange(change, dict(zip(key, values, strict=True)), pairs)


def _key(old: ResultTable, new: ResultTable) -> tuple[str, ...]:
    """The columns that name a row in both; none where they are declared differently."""
    if old.primary_key != new.primary_key:
        return ()
    return tuple(one for one in new.primary_key if one not in VOLATILE_COLUMNS.get(new.name, ()))


def _compared(old: ResultTable, new: ResultTable) -> list[str]:
    there = {one.name for one in old.columns}
    return [one.name for one in new.columns if one.name in there and one.name not in VOLATILE_COLUMNS.get(new.name, ())]


def _place(side: str, table: str) -> str:
    return f"{side}.{PUBLIC_SCHEMA}.{quoted(table)}"


def _differs(column: str) -> str:
    return f"_change = 'changed' AND _old.{quoted(column)} IS DISTINCT FROM _new.{quoted(column)}"


# What is told in words, where both releases have the columns it takes.

OBSERVATION_KEY = ("indicator_id", "hierarchy", "area_id", "period_id", "window_kind")
FIGURE_COLUMNS = {
    "observations": (*OBSERVATION_KEY, "value", "value_low", "value_high", "unit", "obs_status"),
    "dim_indicator": ("indicator_id", "indicator_label"),
    "dim_area": ("area_id", "area_name"),
}
STATUS_COLUMNS = {
    "submission_status": ("form", "reporting_unit_id", "month", "state"),
    "form_fields": ("form", "form_title"),
    "dim_reporting_unit": ("reporting_unit_id", "reporting_unit_name"),
}
TARGET_COLUMNS = {"plan_progress": ("target_id", "indicator_label", "target_year", "class_label")}
TOLD = ("value", "value_low", "value_high", "unit", "obs_status")


def _knows(shared: Mapping[str, list[str]], table: str, needed: Mapping[str, tuple[str, ...]]) -> bool:
    return table in shared and all(set(columns) <= set(shared.get(name, ())) for name, columns in needed.items())


def _names(table: str, key: str, name: str) -> str:
    """Names by their key from both releases, the later one's where they differ."""
    rows = [f"SELECT {key}, {name}, '{side}' AS side FROM {_place(side, table)}" for side in ("before", "after")]
    return f"(SELECT {key}, arg_min({name}, side) AS {name} FROM ({' UNION ALL '.join(rows)}) GROUP BY {key})"


def _figures(connection: duckdb.DuckDBPyConnection) -> tuple[tuple[FigureChange, ...], int]:
    """Observations whose value, range, unit or status changed: the city's first, the latest first; changes before new ones."""
    keys = ", ".join(OBSERVATION_KEY)
    row = "{" + ", ".join(f"'{one}': {one}" for one in TOLD) + "}"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE told AS
        WITH old AS (SELECT {keys}, {row} AS before FROM {_place("before", "observations")}),
            new AS (SELECT {keys}, {row} AS after FROM {_place("after", "observations")})
        SELECT *, CASE WHEN before IS NULL THEN 'added' WHEN after IS NULL THEN 'removed' ELSE 'changed' END AS change
        FROM old FULL JOIN new USING ({keys}) WHERE before IS DISTINCT FROM after
    """)
    [(count,)] = connection.execute("SELECT count(*) FROM told").fetchall()
    rows = connection.execute(f"""
        SELECT change, coalesce(indicator_label, indicator_id), coalesce(area_name, area_id), period_id, window_kind, hierarchy,
            coalesce(after.unit, before.unit), before, after
        FROM told LEFT JOIN {_names("dim_indicator", "indicator_id", "indicator_label")} USING (indicator_id)
            LEFT JOIN {_names("dim_area", "area_id", "area_name")} USING (area_id)
        ORDER BY list_position(['changed', 'removed', 'added'], change),
            list_position(['city', 'reported'], hierarchy) NULLS LAST,
            period_id DESC, indicator_id, hierarchy, area_id, window_kind
        LIMIT {TOLD_FIGURES}
    """).fetchall()
    return tuple(FigureChange(*row) for row in rows), count


def _states(connection: duckdb.DuckDBPyConnection, shared: Mapping[str, list[str]]) -> tuple[StateChange, ...]:
    """Obligations and plan targets whose state is another."""
    found: list[tuple] = []
    if _knows(shared, "submission_status", STATUS_COLUMNS):
        found += connection.execute(f"""
            SELECT 'submission_status', concat_ws(' ', coalesce(form_title, form),
                coalesce(reporting_unit_name, reporting_unit_id), month), b.state, a.state
            FROM {_place("before", "submission_status")} AS b
                FULL JOIN {_place("after", "submission_status")} AS a USING (form, reporting_unit_id, month)
                LEFT JOIN {_names("form_fields", "form", "form_title")} USING (form)
                LEFT JOIN {_names("dim_reporting_unit", "reporting_unit_id", "reporting_unit_name")} USING (reporting_unit_id)
            WHERE b.state IS DISTINCT FROM a.state ORDER BY month DESC, form, reporting_unit_id
        """).fetchall()
    if _knows(shared, "plan_progress", TARGET_COLUMNS):
        found += connection.execute(f"""
            SELECT 'plan_progress', concat_ws(' ', coalesce(a.indicator_label, b.indicator_label),
                coalesce(a.target_year, b.target_year) || ' 年目标'), b.class_label, a.class_label
            FROM {_place("before", "plan_progress")} AS b FULL JOIN {_place("after", "plan_progress")} AS a USING (target_id)
            WHERE b.class_label IS DISTINCT FROM a.class_label ORDER BY target_id
        """).fetchall()
    return tuple(StateChange(*row) for row in found)
