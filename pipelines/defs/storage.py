"""Dagster's SQLite event log with its connections kept, named in `dagster.yaml`.

Belongs here: connection keeping only. Does not belong here: anything about events; the schema and every query are Dagster's.

Dagster's own class makes a new SQLAlchemy engine for each of some 500 events of a load, so that every statement is
compiled anew and every close writes the log back: a fifth of the load's time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection, Engine

KEPT_ENGINES = 8  # the index and the latest runs; a server that shows old runs must not keep them all open


class KeptSqliteEventLogStorage(SqliteEventLogStorage):
    """`SqliteEventLogStorage` whose engines live as long as the storage."""

    def __init__(self, *arguments: object, **options: object) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(*arguments, **options)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: dict[str, str]
    ) -> KeptSqliteEventLogStorage:
        """Dagster's way of making the class that `dagster.yaml` names."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).connect() as connection, connection.begin():
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = create_engine(
                self.conn_string_for_shard(shard), connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
            )
            if shard not in self._initialized_dbs:
                self._initdb(self._engines[shard])
                self._initialized_dbs.add(shard)
            if len(self._engines) > KEPT_ENGINES:
                self._engines.popitem(last=False)[1].dispose()
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def dispose(self) -> None:
        """Close every connection."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()
