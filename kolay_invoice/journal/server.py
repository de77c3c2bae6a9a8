"""PostgreSQL as people have it: behind PgBouncer, set to wait for no disk, serializable, failed over in mid-run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import define, frozen
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from kolay_invoice.journal.tables import meta
from kolay_invoice.messages import Message

LOCK_SECONDS: Final = 10
"""For how long a statement waits for another worker's lock."""
IDLE_SECONDS: Final = 5
"""After how long the server ends a transaction whose worker stands still: the others wait no longer than that."""

_CONNECTION: Final[Mapping[str, object]] = {
    # A server-side statement lives in a session, and behind PgBouncer the next statement can meet another session.
    "prepare_threshold": None,
    # A server that is gone without a word is noticed within 15 seconds, whether we wait for it or it for us.
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

# One statement, and all of it ends with the transaction: nothing lives in a session that others may get. A commit waits
# for the disk, and for the replicas that the server waits for, whatever the role or the database is set to; only
# `remote_apply` waits for more.
_SETTINGS: Final = f"""
SELECT
  set_config('synchronous_commit', CASE current_setting('synchronous_commit')
    WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),
  set_config('lock_timeout', '{LOCK_SECONDS}s', true),
  set_config('idle_in_transaction_session_timeout', '{IDLE_SECONDS}s', true)
"""
# Asked in the same statement: behind PgBouncer nobody can know when a transaction meets another server.
_IDENTITY: Final = {
    "system": "(SELECT system_identifier::text FROM pg_control_system())",
    # The control file learns of a new timeline at the next checkpoint; the name of the log's file knows it at once.
    "timeline": "CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_lsn()), 8) END",
    # A dump that is restored in the same cluster makes the table anew.
    "table": f"to_regclass('{meta.name}')::oid::text",
}

_WARNED: Final = "kolay_invoice_warned"
_CLUSTER: Final = "kolay_invoice_cluster"


@frozen
class Cluster:
    """Which server a journal is on. What the server does not tell this user is empty."""

    system: str = ""
    timeline: str = ""
    table: str = ""

    def describe_difference(self, other: Cluster) -> str | None:
        """Return in a sentence how another server differs from this one; None where it does not."""
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
            ModuleNotFoundError: A library is not installed.
        """
        from kolay_invoice.journal.psycopg_cursor import OneByOneCursor

        engine = create_async_engine(
            url,
            # What the URL says of a connection counts more than what we do.
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
        """Return which server it is, and ask that again in each transaction. The journal's tables must be there."""
        parts: dict[str, str] = {}
        for name, expression in _IDENTITY.items():
            try:
                async with connection.begin_nested():
                    parts[name] = await connection.scalar(text(f"SELECT {expression}")) or ""
            except DBAPIError as error:
                if error.connection_invalidated:
                    raise
                # Not every server tells it to every user, nor is each of them a PostgreSQL of PostgreSQL's own making.
        asked = (expression if name in parts else "NULL" for name, expression in _IDENTITY.items())
        self._statement = ", ".join((_SETTINGS, *asked))
        return Cluster(**parts)


def get_cluster(connection: AsyncConnection) -> Cluster:
    """Return the server that the transaction of a connection is on."""
    cluster: Cluster = connection.sync_connection.info[_CLUSTER]  # type: ignore[union-attr]
    return cluster


async def commit_durably(connection: AsyncConnection) -> bool:
    """Commit. Returns whether the server promised that the commit is where its settings say."""
    info = connection.sync_connection.info  # type: ignore[union-attr]
    info[_WARNED] = False
    await connection.commit()
    # Its text is in the server's language; no other warning comes with a commit.
    return not info[_WARNED]


async def force_write(connection: AsyncConnection) -> None:
    """Write something, so that this commit waits for the replica.

    Where a commit's answer was lost, or its wait was cancelled, the work finds everything written already, and a
    transaction that writes nothing waits for nobody. One that writes waits for all that was written before it, too.
    """
    await connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'kolay_invoice', '')")


def _watch_warnings(connection: Any, record: Any) -> None:
    def on_notice(notice: Any) -> None:
        if notice.severity_nonlocalized == "WARNING":
            record.info[_WARNED] = True

    connection.add_notice_handler(on_notice)
