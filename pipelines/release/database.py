"""The files of a release with rows in them: the DuckDB database and the Parquet copies, written, reopened and digested.

Belongs here: moving rows from the build database and the result files into declared tables, and checking what was written.
Does not belong here: which tables there are (`schema`), or where a finished release goes (`build`, `switch`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.files import digest_of
from pipelines.findings import FINDING_COLUMNS, Finding
from pipelines.release.catalog import DATABASE, ReleaseError, TableEntry
from pipelines.release.schema import PUBLIC_SCHEMA, RELEASE_TABLE, VOLATILE_COLUMNS, ddl, literal, quoted
from pipelines.settings import Settings
from pipelines.tables import Column, ResultTable

# The oldest format DuckDB 1.5 writes: every 1.x, Superset's and the browser's DuckDB-WASM open it. What the newer formats
# add is compression and write speed for large tables; marts are small.
STORAGE_VERSION = "v1.0.0"
NO_EXTENSIONS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def write_tables(
    settings: Settings,
    folder: Path,
    *,
    marts: Sequence[ResultTable],
    results: Sequence[ResultTable],
    check_findings: Sequence[Finding],
    release_row: Mapping[str, object],
) -> None:
    """Write `folder`/wanstat.duckdb and `folder`/parquet/<table>.parquet.

    Args:
        marts: tables copied from schema marts of the build database; one of them is `findings`.
        results: tables copied from `results/<table>.parquet`.
        check_findings: findings of the checks of this load; they join `findings`.
        release_row: what the caller knows of the one row of `release`; the counts are taken from the tables themselves.

    Raises:
        ReleaseError: a table is missing or does not fit its declaration, or practice and real data are mixed.
    """
    with duckdb.connect(config=NO_EXTENSIONS) as connection:
        _attach(connection, settings.build_database, "build", "READ_ONLY")
        _attach(connection, folder / DATABASE, "target", f"STORAGE_VERSION {literal(STORAGE_VERSION)}")
        connection.execute(f"CREATE SCHEMA target.{PUBLIC_SCHEMA}")
        connection.execute("BEGIN")  # one commit instead of one for each comment
        _stage_findings(connection, check_findings)
        for table in marts:
            source = f"build.{PUBLIC_SCHEMA}.{quoted(table.name)}"
            if table.name == "findings":
                source = f"(SELECT {_names(table)} FROM {source} UNION ALL BY NAME SELECT * FROM check_findings)"
            _copy(connection, table, source)
        for table in results:
            path = settings.results / f"{table.name}.parquet"
            if not path.exists():
                raise ReleaseError(f"缺少 results/{path.name}：前面的步骤没有完成，不能发布；请重新加载")
            _copy(connection, table, f"read_parquet({literal(str(path))})")
        _refuse_mixture(connection, [*marts, *results], practice=bool(release_row["is_practice"]))
        _write_release_row(connection, release_row)
        (folder / "parquet").mkdir()
        for table in (*marts, *results, RELEASE_TABLE):
            _export(connection, table, folder / "parquet" / f"{table.name}.parquet")
        connection.execute("COMMIT")
        connection.execute("CHECKPOINT target")
        connection.execute("DETACH target")
    if beside := [path.name for path in folder.glob("*.wal")]:
        raise ReleaseError(f"数据库文件没有写完（旁边留有 {beside[0]}），不发布；请重新加载")


def verify_tables(folder: Path, tables: Sequence[ResultTable]) -> dict[str, TableEntry]:
    """Reopen the written database as a reader does, query every table, and compare its rows with the Parquet copy.

    Raises:
        ReleaseError: a table cannot be read, or the two copies differ.
    """
    entries = {}
    with open_for_reading(folder / DATABASE) as database, duckdb.connect(config=NO_EXTENSIONS) as files:
        for table in tables:
            source, parquet = f"{PUBLIC_SCHEMA}.{quoted(table.name)}", folder / "parquet" / f"{table.name}.parquet"
            # DuckDB's own hash is no digest to keep (it may change with its version), but it compares two copies at once.
            rows_and_hash = f"SELECT count(*), sum(hash({_names(table)})) FROM "
            try:
                stored = database.execute(rows_and_hash + source).fetchall()
                copied = files.execute(f"{rows_and_hash} read_parquet({literal(str(parquet))})").fetchall()
                entries[table.name] = digest_table(database, source, table)
            except duckdb.Error as error:
                raise ReleaseError(f"新写的表 {table.name} 读不出来，不发布：{_first_line(error)}") from error
            if stored != copied:
                raise ReleaseError(
                    f"表 {table.name} 的数据库与 Parquet 内容不一致（{stored[0][0]} 行与 {copied[0][0]} 行），不发布"
                )
    return entries


def digest_table(
    connection: duckdb.DuckDBPyConnection, source: str, table: ResultTable, leaves_out: Sequence[str] | None = None
) -> TableEntry:
    """Rows of `source` and a digest of them that does not depend on their order.

    The digest covers the declaration (names, types, comments, key) and the rows, these as the sum of 64 bits of each one's MD5:
    the same in whatever order they were inserted, and computed by DuckDB in one scan. Columns of `leaves_out`, by default
    those of `VOLATILE_COLUMNS`, are passed over. It tells change from no change; it is no protection against forgery.
    """
    passed_over = VOLATILE_COLUMNS.get(table.name, ()) if leaves_out is None else leaves_out
    counted = [one for one in table.columns if one.name not in passed_over]
    # Unit and record separators between the values and for NULL: no cell of a workbook can hold them.
    texts = [f"coalesce({quoted(one.name)}::VARCHAR, chr(30))" for one in counted]
    lines = f"SELECT concat_ws(chr(31), {', '.join(texts)}) AS line FROM {source}"
    rows, total = connection.execute(f"SELECT count(*), sum(md5_number_lower(line)) FROM ({lines})").fetchall()[0]
    declared = [part for one in counted for part in (one.name, one.type.lower(), one.comment, one.nullable)]
    return TableEntry(rows=rows, digest=digest_of(table.name, table.comment, table.primary_key, *declared, rows, total))


def read_rows(folder: Path, queries: Mapping[str, str]) -> dict[str, list[tuple]]:
    """The rows of each query on a written release, opened as a reader opens it."""
    with open_for_reading(folder / DATABASE) as database:
        return {name: database.execute(query).fetchall() for name, query in queries.items()}


def read_declarations(connection: duckdb.DuckDBPyConnection, catalog: str) -> list[ResultTable]:
    """The tables of a written release as they were declared, from its database attached as `catalog`, in order of their names."""
    place = [catalog, PUBLIC_SCHEMA]
    keys = connection.execute(
        """SELECT table_name, constraint_column_names FROM duckdb_constraints()
            WHERE database_name = ? AND schema_name = ? AND constraint_type = 'PRIMARY KEY'""",
        place,
    ).fetchall()
    columns: dict[str, list[Column]] = {}
    for table, name, kind, comment, nullable in connection.execute(
        """SELECT table_name, column_name, data_type, comment, is_nullable FROM duckdb_columns()
            WHERE database_name = ? AND schema_name = ? ORDER BY table_name, column_index""",
        place,
    ).fetchall():
        columns.setdefault(table, []).append(Column(name, kind, comment, nullable=nullable))
    comments = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables() WHERE database_name = ? AND schema_name = ? ORDER BY table_name", place
    ).fetchall()
    return [
        ResultTable(table, comment, tuple(columns[table]), tuple(dict(keys).get(table, ()))) for table, comment in comments
    ]


@contextmanager
def open_for_reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A written database, opened as a careful reader opens it."""
    with duckdb.connect(str(path), read_only=True, config={**NO_EXTENSIONS, "enable_external_access": "false"}) as connection:
        yield connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, option: str) -> None:
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS {name} ({option})")
    except duckdb.Error as error:
        raise ReleaseError(f"打不开 {path.name}：{_first_line(error)}") from error


def _stage_findings(connection: duckdb.DuckDBPyConnection, findings: Sequence[Finding]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in FINDING_COLUMNS.items())
    connection.execute(f"CREATE TEMP TABLE check_findings ({columns})")
    if findings:
        marks = ", ".join("?" for _ in FINDING_COLUMNS)
        rows = [list(finding.as_row().values()) for finding in findings]
        connection.executemany(f"INSERT INTO check_findings VALUES ({marks})", rows)


def _first_line(error: duckdb.Error) -> str:
    """DuckDB's complaint without the candidates and the SQL it adds; those are in the chained exception."""
    return str(error).splitlines()[0]


def _names(table: ResultTable) -> str:
    return ", ".join(quoted(column.name) for column in table.columns)


def _order(table: ResultTable) -> str:
    return ", ".join(map(quoted, table.primary_key)) if table.primary_key else "ALL"


def _copy(connection: duckdb.DuckDBPyConnection, table: ResultTable, source: str) -> None:
    """Create the table and fill it in order of its key, so that the same content gives the same file."""
    target = f"target.{PUBLIC_SCHEMA}.{quoted(table.name)}"
    try:
        for statement in ddl(table, "target"):
            connection.execute(statement)
        connection.execute(
            f"INSERT INTO {target} ({_names(table)}) SELECT {_names(table)} FROM {source} ORDER BY {_order(table)}"
        )
    except duckdb.CatalogException as error:
        raise ReleaseError(f"数据仓库里没有公开表 {table.name}，不发布：{_first_line(error)}") from error
    except duckdb.Error as error:
        raise ReleaseError(f"表 {table.name} 的内容不合其声明，不发布：{_first_line(error)}") from error


def _export(connection: duckdb.DuckDBPyConnection, table: ResultTable, path: Path) -> None:
    # Filled in order of its key, the table is read in that order too: no second sort.
    source = f"SELECT {_names(table)} FROM target.{PUBLIC_SCHEMA}.{quoted(table.name)}"
    # Parquet has no comments: the file's own key-value metadata takes them, where DuckDB, Polars and pyarrow find them.
    comments = json.dumps({column.name: column.comment for column in table.columns}, ensure_ascii=False)
    told = f"{{description: {literal(table.comment)}, columns: {literal(comments)}}}"
    connection.execute(f"COPY ({source}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {told})")


def _refuse_mixture(connection: duckdb.DuckDBPyConnection, tables: Sequence[ResultTable], *, practice: bool) -> None:
    """Rows that say whether they are practice must all say what the release says.

    In a table of submissions' rows only those with a submission are asked: a finding about the ledger of published figures is
    of real documents in a practice release too.
    """
    for table in tables:
        names = {column.name for column in table.columns}
        if "is_practice" not in names:
            continue
        condition = " AND submission_id IS NOT NULL" if "submission_id" in names else ""
        found = connection.execute(
            f"SELECT count(*) FROM target.{PUBLIC_SCHEMA}.{quoted(table.name)} WHERE is_practice IS DISTINCT FROM ?{condition}",
            [practice],
        ).fetchall()[0][0]
        if found:
            kind, other = ("练习", "真实") if practice else ("真实", "练习")
            raise ReleaseError(f"{kind}数据的发布里混有{other}数据：表 {table.name} 有 {found} 行，不发布")


def _write_release_row(connection: duckdb.DuckDBPyConnection, known: Mapping[str, object]) -> None:
    counts = connection.execute(f"""
        SELECT
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.submission_status WHERE state IN ('accepted', 'open')) AS accepted_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.submission_status WHERE state = 'returned') AS returned_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.submission_status WHERE state = 'missing') AS missing_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.findings WHERE severity = 'error') AS error_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.findings WHERE severity = 'warning') AS warning_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.findings WHERE severity = 'info') AS info_count,
            (SELECT count(*) FROM target.{PUBLIC_SCHEMA}.conflicts WHERE category = 'contradiction') AS conflict_count
    """)
    names = [column[0] for column in counts.description]
    row = dict(known) | dict(zip(names, counts.fetchall()[0], strict=True))
    for statement in ddl(RELEASE_TABLE, "target"):
        connection.execute(statement)
    columns = [column.name for column in RELEASE_TABLE.columns]
    marks = ", ".join("?" for _ in columns)
    connection.execute(
        f"INSERT INTO target.{PUBLIC_SCHEMA}.{RELEASE_TABLE.name} ({', '.join(columns)}) VALUES ({marks})",
        [row[name] for name in columns],
    )
