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

# SQLite numbers rows by itself only in a column that is called INTEGER.
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
    # How many cancellations of the resource were done before it, and the caller's word for doing it once more.
    Column("generation", Integer, nullable=False, server_default=text("0")),
    Column("occasion", Text, nullable=False, server_default=text("''")),
    Column("given", Text, nullable=False),
    Column("frozen", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", String(64)),
    # How often the operation was taken in hand. A mark, a look or an answer belongs to the claim it was made under.
    Column("claim", Integer, nullable=False, server_default=text("0")),
    # Names the transaction that took it in hand, so that a commit whose answer was lost finds what it has taken.
    Column("ticket", String(32)),
    # The run in which it was last tried: a run tries each operation once. And the last run that asked for it, and who.
    Column("tried_in", _RowId),
    Column("asked_in", _RowId),
    Column("asked_by", Text),
    # From when on an unknown operation waits, by which clock, and for how long if that is not the quiet period.
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
# The database itself keeps two things from being done to one document or sale at a time.
_BUSY_STATES = text("state IN ({})".format(", ".join(f"'{state}'" for state in BUSY)))
Index(
    "kolay_invoice_one_at_a_time",
    operations.c.subject,
    unique=True,
    sqlite_where=_BUSY_STATES,
    postgresql_where=_BUSY_STATES,
)

# What the processes of one machine agree on until it is started again, whatever is done to its clock meanwhile.
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
    # When the process started, in the kernel's own words: a pid alone is used again.
    Column("started", Text, nullable=False),
    # For people. Nothing is decided by it: a lease has run out when `beats` stood still for `seconds` of its observer.
    Column("lease_until", Float, nullable=False),
    Column("beats", BigInteger, nullable=False, server_default=text("0")),
    Column("seconds", Float),
)

# A run is never deleted: its id means something in other rows, and SQLite gives the highest free id out again.
runs = Table(
    "kolay_invoice_runs",
    metadata,
    Column("id", _RowId, primary_key=True, autoincrement=True),
    Column("owner", String(64), nullable=False),
    Column("started_at", Float, nullable=False),
    # When it had read all its requests and tried them; NULL where it was cut short. By the wall clock: for people.
    Column("ended_at", Float),
    # Which end of a run that was, and how many ends there had been when it began: what ended first.
    Column("ended_as", Integer),
    Column("began_after", Integer, nullable=False, server_default=text("0")),
)

run_operations = Table(
    "kolay_invoice_run_operations",
    metadata,
    Column("run_id", _RowId, ForeignKey("kolay_invoice_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("operation_id", _RowId, ForeignKey("kolay_invoice_operations.id"), primary_key=True),
)
