"""PostgreSQL as people have it: behind PgBouncer, set to wait for no disk, serializable, stopped in mid-transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

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

_WARNED: Final = "kolay_invoice_warned"

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


def create_server_engine(url: URL) -> AsyncEngine:
    """Return an engine of connections to a server.

    Raises:
        ModuleNotFoundError: A library is not installed.
    """
    # What the URL says of a connection counts more than what we do.
    given = {name: value for name, value in _CONNECTION.items() if name not in url.query}
    engine = create_async_engine(
        url,
        connect_args=given,
        pool_pre_ping=True,
        hide_parameters=True,
        use_native_hstore=False,
        isolation_level="READ COMMITTED",
    )
    event.listen(engine.sync_engine, "connect", _heed_warnings)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


async def commit_durably(connection: AsyncConnection) -> bool:
    """Commit. Returns whether the server promised that the commit is where its settings say."""
    info = (await connection.get_raw_connection()).info
    info[_WARNED] = False
    await connection.commit()
    # Its text is in the server's language; no other warning comes with a commit.
    return not info[_WARNED]


async def write_again(connection: AsyncConnection) -> None:
    """Write something, so that this commit waits for the replica.

    Where a commit's answer was lost, or its wait was cancelled, the work finds everything written already, and a
    transaction that writes nothing waits for nobody. One that writes waits for all that was written before it, too.
    """
    await connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'kolay_invoice', '')")


def _heed_warnings(connection: Any, record: Any) -> None:
    def heed(notice: Any) -> None:
        if notice.severity_nonlocalized == "WARNING":
            record.info[_WARNED] = True

    connection.add_notice_handler(heed)


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(_SETTINGS)
