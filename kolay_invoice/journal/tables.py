"""The journal's tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from kolay_invoice.journal.models import BUSY

SCHEMA_VERSION: Final = 2

metadata = MetaData()

# SQLite generates ids only in a column of type INTEGER.
_RowId = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "kolay_invoice_journal",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

operations = Table(
    "kolay_invoice_operations",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("provider", String(16), nullable=False),
    Column("account", Text, nullable=False),
    Column("operation", String(32), nullable=False),
    # How many cancellations of the resource were done before it, and the caller's label for doing it once more.
    Column("generation", Integer, nullable=False, server_default=text("0")),
    Column("occasion", Text, nullable=False, server_default=text("''")),
    Column("given", Text, nullable=False),
    Column("frozen", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", String(64)),
    # How often the operation was claimed. A mark, a read-back or a reply belongs to one claim.
    Column("claim", Integer, nullable=False, server_default=text("0")),
    # The transaction that claimed it, so that a retry after a lost commit reply finds its rows.
    Column("ticket", String(32)),
    # The run that last tried it, because a run tries each operation once; the run and the job that last requested it.
    Column("tried_in", _RowId),
    Column("asked_in", _RowId),
    Column("asked_by", Text),
    # Since when an unknown operation waits, by which clock, and for how long if that is not the quiet period.
    Column("since", Float),
    Column("clock", Text),
    Column("pause", Float),
    Column("looks", Integer, nullable=False, server_default=text("0")),
    Column("doubt_since", Float),
    Column("attempts", Text, nullable=False, server_default=text("'[]'")),
    Column("evidence", Text, nullable=False, server_default=text("'[]'")),
    Column("history", Text, nullable=False, server_default=text("'[]'")),
    Column("result", Text),
    Column("refusal", Text),
    Column("note", Text),
    Column("settled_at", Float),
    Column("settled_in", _RowId),
    Column("may_change", Integer, nullable=False, server_default=text("0")),
    Column("proven_unsent", Integer, nullable=False, server_default=text("0")),
)
Index("kolay_invoice_operations_by_state", operations.c.state)
Index("kolay_invoice_operations_by_subject", operations.c.subject)
Index("kolay_invoice_operations_by_asking_run", operations.c.asked_in)
# The database enforces one operation at a time on a document or sale.
_BUSY_STATES = text("state IN ({})".format(", ".join(f"'{state}'" for state in BUSY)))
Index(
    "kolay_invoice_one_at_a_time",
    operations.c.subject,
    unique=True,
    sqlite_where=_BUSY_STATES,
    postgresql_where=_BUSY_STATES,
)

# The epoch of each boot's clock, which the processes of one machine share, whatever happens to its wall clock.
boots = Table(
    "kolay_invoice_boots",
    metadata,
    Column("boot", Text, primary_key=True),
    Column("zero", Float, nullable=False),
)

owners = Table(
    "kolay_invoice_owners",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    # The process's start time as the kernel writes it, because pids are reused.
    Column("started", Text, nullable=False),
    # For display only. A lease has expired when `beats` did not change for `seconds` of the observer's clock.
    Column("lease_until", Float, nullable=False),
    Column("beats", BigInteger, nullable=False, server_default=text("0")),
    Column("seconds", Float),
)

# Runs are never deleted: other rows refer to their ids, and SQLite reuses the highest free id.
runs = Table(
    "kolay_invoice_runs",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("owner", String(64), nullable=False),
    Column("started_at", Float, nullable=False),
    # When it had read and tried all its requests; NULL if it was interrupted. By the wall clock, for display only.
    Column("ended_at", Float),
    # The number of this end among all ends of runs, and how many ends there were when the run began.
    Column("ended_as", Integer),
    Column("began_after", Integer, nullable=False, server_default=text("0")),
)

run_operations = Table(
    "kolay_invoice_run_operations",
    metadata,
    Column("run_id", _RowId, ForeignKey("kolay_invoice_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("operation_id", _RowId, ForeignKey("kolay_invoice_operations.id"), primary_key=True),
)
