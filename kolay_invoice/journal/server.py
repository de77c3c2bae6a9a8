"""PostgreSQL in real deployments: behind PgBouncer, with asynchronous commits, serializable, failed over in a run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from attrs import define, frozen
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kolay_invoice.event_loop import is_proactor
from kolay_invoice.journal.errors import JournalError
from kolay_invoice.journal.tables import meta
from kolay_invoice.messages import Message

LOCK_SECONDS: Final = 10
"""How long a statement waits for another worker's lock."""
IDLE_SECONDS: Final = 5
"""After how long the server ends the transaction of a stopped worker, for which others may wait."""

_CONNECTION: Final[Mapping[str, object]] = {
    # Prepared statements belong to a session, and PgBouncer can run the next statement in another session.
    "prepare_threshold": None,
    # A dead connection is noticed within 15 seconds, whether we are sending or receiving.
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

# One statement, and its settings end with the transaction: nothing stays in a session that PgBouncer gives to others. A
# commit waits for the disk and for the synchronous replicas, whatever the defaults of the role or the database are.
# `remote_apply` is kept, because it waits for even more.
_SETTINGS: Final = f"""
SELECT
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),
  set_config('lock_timeout', '{LOCK_SECONDS}s', true),
  set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', true)
"""
# Queried in the same statement: behind PgBouncer, any transaction can run on another server.
_IDENTITY: Final = {
    "system": "(SELECT system_identifier::text FROM pg_control_system())",
    # The control file has a new timeline only after the next checkpoint; the name of the WAL file has it at once.
    "timeline": "CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END",
    # Restoring a dump in the same cluster creates a new table.
    "table": f"to_regclass('{meta.name}')::oid::text",
}

_WARNED: Final = "kolay_invoice_warned"
_CLUSTER: Final = "kolay_invoice_cluster"


@frozen
class Cluster:
    """The identity of a journal's server. Values that this user may not read are empty."""

    system: str = ""
    timeline: str = ""
    table: str = ""

    def describe_difference(self, other: Cluster) -> str | None:
        """Return a sentence that says how another server differs from this one; None if it does not."""
        if self.system and other.system and self.system != other.system:
            return Message(
                "the database is in another PostgreSQL cluster than before: what was committed last may be missing"
            )
        if self.timeline and other.timeline and self.timeline != other.timeline:
            return Message(
                "the PostgreSQL server was failed over or restored: it is on another timeline than before, and "
                "what was committed last may be missing"
            )
        if self.table and other.table and self.table != other.table:
            return Message(
                "the journal's tables were made anew, as from a dump: what was committed last may be missing"
            )
        return None


@define
class Server:
    """Connections to a server."""

    engine: AsyncEngine
    _statement: str = _SETTINGS

    @classmethod
    def at(cls, url: URL) -> Server:
        """Return the server at a URL; no I/O.

        Raises:
            JournalError: The running loop is one on which psycopg cannot work.
            ModuleNotFoundError: A library is not installed.
        """
        if is_proactor(asyncio.get_running_loop()):
            msg = Message(
                "psycopg cannot work on the Proactor event loop of Windows: run the program on "
                "asyncio.SelectorEventLoop, or use BlockingJournal"
            )
            raise JournalError(msg)
        from kolay_invoice.journal.psycopg_cursor import OneByOneCursor

        engine = create_async_engine(
            url,
            # Parameters of the URL override these defaults.
            connect_args={
                **{name: value for name, value in _CONNECTION.items() if name not in url.query},
                "cursor_factory": OneByOneCursor,
            },
            pool_pre_ping=True,
            hide_parameters=True,
            use_native_hstore=False,
            isolation_level="READ COMMITTED",
        )
        server = cls(engine)
        event.listen(engine.sync_engine, "connect", _watch_warnings)
        event.listen(engine.sync_engine, "begin", server._begin)
        return server

    def _begin(self, connection: Connection) -> None:
        _, _, _, *cluster = connection.exec_driver_sql(self._statement).one()
        connection.info[_CLUSTER] = Cluster(*(value or "" for value in cluster))

    async def identify(self, connection: AsyncConnection) -> Cluster:
        """Return the server's identity, and query it in each transaction from now on. The tables must exist."""
        parts: dict[str, str] = {}
        for name, expression in _IDENTITY.items():
            try:
                async with connection.begin_nested():
                    parts[name] = await connection.scalar(text(f"SELECT {expression}")) or ""
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                # The user may lack the permission, or the server is only compatible with PostgreSQL.
        asked = (expression if name in parts else "NULL" for name, expression in _IDENTITY.items())
        self._statement = ", ".join((_SETTINGS, *asked))
        return Cluster(**parts)


def get_cluster(connection: AsyncConnection) -> Cluster:
    """Return the identity of the server that runs a connection's transaction."""
    cluster: Cluster = connection.sync_connection.info[_CLUSTER]  # type: ignore[union-attr]
    return cluster


async def commit_durably(connection: AsyncConnection) -> bool:
    """Commit. Returns whether the commit reached everything that the server has to wait for."""
    info = connection.sync_connection.info  # type: ignore[union-attr]
    info[_WARNED] = False
    await connection.commit()
    # The warning's text is localized, so any warning counts; a commit has no other.
    return not info[_WARNED]


async def force_write(connection: AsyncConnection) -> None:
    """Write a WAL record, so that this commit waits for the replicas.

    After a lost or cancelled commit, the repeated work may find everything written already, and a transaction without
    writes does not wait. One with a write also waits for everything that was written before it.
    """
    await connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'kolay_invoice', '')")


def _watch_warnings(connection: Any, record: Any) -> None:
    def on_notice(notice: Any) -> None:
        if notice.severity_nonlocalized == "WARNING":
            record.info[_WARNED] = True

    connection.add_notice_handler(on_notice)
