"""Each error of a database has a sentence and keeps the driver's error as its cause, without statement and values."""

from __future__ import annotations

import asyncio
import pickle
import sqlite3
import traceback
from contextlib import suppress

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kolay_invoice.journal import JournalError
from kolay_invoice.journal.database import Database
from kolay_invoice.journal.database_errors import (
    NotDurableError,
    Remedy,
    describe_failure,
    find_remedy,
    to_journal_error,
)

CANARY = "canary-sale-c61f37"


def of_sqlite(code, name="SQLITE_X"):
    error = sqlite3.OperationalError("database words")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return wrapped(error)


def wrapped(orig, *, lost=False):
    return DBAPIError(f"INSERT '{CANARY}'", {"key": CANARY}, orig, hide_parameters=True, connection_invalidated=lost)


SQLITE = [
    (sqlite3.SQLITE_BUSY, "another program has locked it", Remedy.RETRY),
    (sqlite3.SQLITE_BUSY_SNAPSHOT, "another program has locked it", Remedy.RETRY),
    (sqlite3.SQLITE_LOCKED, "another program has locked it", Remedy.RETRY),
    (sqlite3.SQLITE_PROTOCOL, "another program has locked it", Remedy.RETRY),
    (sqlite3.SQLITE_FULL, "the disk is full", Remedy.NOTHING),
    (sqlite3.SQLITE_IOERR_WRITE, "the disk cannot be read or written, or has no room left", Remedy.NOTHING),
    (sqlite3.SQLITE_NOTADB, "the file is no database", Remedy.NOTHING),
    (sqlite3.SQLITE_CORRUPT, "the file is damaged: restore it, or settle what it held by hand", Remedy.NOTHING),
    (sqlite3.SQLITE_READONLY_DBMOVED, "this user may only read it, or it was moved away", Remedy.NOTHING),
    (sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "a row contradicts the others", Remedy.NOTHING),
    (sqlite3.SQLITE_ERROR, "its tables are not those of a journal of this version", Remedy.NOTHING),
    (sqlite3.SQLITE_TOOBIG, "SQLite reports SQLITE_X", Remedy.NOTHING),
]

SERVER = [
    (errors.SerializationFailure, "another worker was in the way", Remedy.RETRY),
    (errors.DeadlockDetected, "another worker was in the way", Remedy.RETRY),
    (errors.LockNotAvailable, "another worker holds its rows for too long", Remedy.RETRY),
    (errors.AdminShutdown, "the server is being stopped or started, or ended the connection", Remedy.WAIT),
    (errors.CrashShutdown, "the server is being stopped or started, or ended the connection", Remedy.WAIT),
    (errors.CannotConnectNow, "the server is being stopped or started, or ended the connection", Remedy.WAIT),
    (
        errors.IdleInTransactionSessionTimeout,
        "a transaction stood still for too long, and the server ended it",
        Remedy.WAIT,
    ),
    (errors.QueryCanceled, "the server cancelled the statement", Remedy.WAIT),
    (errors.ConnectionFailure, "the connection to the server was lost", Remedy.WAIT),
    (errors.TooManyConnections, "the server takes no more connections", Remedy.WAIT),
    (errors.ReadOnlySqlTransaction, "the server may only be read: it is a replica", Remedy.WAIT),
    (errors.DiskFull, "the disk is full", Remedy.NOTHING),
    (errors.OutOfMemory, "the server has no room or memory left", Remedy.NOTHING),
    (errors.InsufficientPrivilege, "this user has no permission for it", Remedy.NOTHING),
    (errors.UndefinedTable, "its tables are not those of a journal of this version", Remedy.NOTHING),
    (errors.SyntaxError, "its tables are not those of a journal of this version", Remedy.NOTHING),
    (errors.UniqueViolation, "a row contradicts the others", Remedy.NOTHING),
    (errors.InvalidPassword, "the server does not accept this user or password", Remedy.NOTHING),
    (errors.InvalidCatalogName, "the server has no such database", Remedy.NOTHING),
    (errors.StringDataRightTruncation, "a value does not fit into its column", Remedy.NOTHING),
    (errors.IoError, "the server cannot read or write its disk", Remedy.NOTHING),
    (errors.DataCorrupted, "the server found its data damaged", Remedy.NOTHING),
    (errors.FdwError, "the database reports HV000", Remedy.NOTHING),
    (psycopg.OperationalError, "the connection to the server was lost, or cannot be made", Remedy.WAIT),
    (psycopg.InterfaceError, "the connection to the server was lost, or cannot be made", Remedy.WAIT),
    (psycopg.ProgrammingError, "the database reports ProgrammingError", Remedy.NOTHING),
]


@pytest.mark.parametrize(("code", "said", "remedy"), SQLITE)
def test_each_code_of_sqlite_has_a_sentence_and_a_remedy(code, said, remedy):
    assert describe_failure(of_sqlite(code)) == said
    assert find_remedy(of_sqlite(code)) is remedy
    # Also where it does not come through SQLAlchemy.
    assert describe_failure(of_sqlite(code).orig) == said
    assert find_remedy(of_sqlite(code).orig) is remedy


@pytest.mark.parametrize(("kind", "said", "remedy"), SERVER, ids=lambda value: getattr(value, "__name__", None))
def test_each_error_of_a_server_has_a_sentence_and_a_remedy(kind, said, remedy):
    assert describe_failure(wrapped(kind("server's words"))) == said
    assert find_remedy(wrapped(kind("server's words"))) is remedy


def test_errors_of_the_sqlite3_module_have_a_sentence():
    assert describe_failure(wrapped(sqlite3.ProgrammingError("closed"))) == "SQLite reports ProgrammingError"
    assert find_remedy(wrapped(sqlite3.ProgrammingError("closed"))) is Remedy.NOTHING


def test_an_invalidated_connection_counts_as_lost():
    assert find_remedy(wrapped(psycopg.DatabaseError("words"), lost=True)) is Remedy.WAIT
    assert "was lost" in describe_failure(wrapped(psycopg.DatabaseError("words"), lost=True))


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (NotDurableError(), Remedy.WAIT),
        (PoolTimeoutError(), Remedy.WAIT),
        (ConnectionResetError(104, "reset"), Remedy.WAIT),
        (KeyError("defect"), Remedy.NOTHING),
    ],
    ids=repr,
)
def test_other_failures_have_a_remedy(error, remedy):
    assert find_remedy(error) is remedy


FAILURES = [
    of_sqlite(sqlite3.SQLITE_BUSY).orig,
    of_sqlite(sqlite3.SQLITE_BUSY),
    wrapped(errors.UniqueViolation(f"duplicate key\nDETAIL:  Key (key)=({CANARY}) already exists.")),
    wrapped(psycopg.OperationalError(f"connection failed\n{CANARY}")),
    wrapped(psycopg.OperationalError("")),
    OperationalError(CANARY, {"key": CANARY}, UnicodeDecodeError("utf-8", b"x", 0, 1, "words"), hide_parameters=True),
    PoolTimeoutError("QueuePool limit"),
    ConnectionResetError(104, "Connection reset by peer"),
    NotDurableError(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_the_cause_is_the_drivers_error_without_statement_and_values(failure):
    error = to_journal_error(failure, "sends.db", "written")
    cause = error.__cause__
    orig = getattr(failure, "orig", failure)
    assert isinstance(cause, type(orig)) or type(orig).__name__ in str(cause)
    assert error.__context__ is None
    assert cause.__context__ is None
    seen = "".join(traceback.format_exception(error)) + repr((vars(error), vars(cause), cause.args))
    assert CANARY not in seen
    assert str(error).startswith("the journal sends.db ")
    assert str(orig) == "" or str(orig) not in str(error) or isinstance(orig, OSError | UnicodeDecodeError)
    with suppress(TypeError):
        assert CANARY.encode() not in pickle.dumps(error)


def test_the_cause_keeps_the_codes_of_sqlite():
    error = to_journal_error(of_sqlite(sqlite3.SQLITE_FULL, "SQLITE_FULL"), "sends.db", "written")
    assert error.__cause__.sqlite_errorname == "SQLITE_FULL"
    assert error.__cause__.sqlite_errorcode == sqlite3.SQLITE_FULL


async def test_a_busy_file_is_retried_for_as_long_as_a_lost_server(tmp_path, monkeypatch):
    monkeypatch.setattr("kolay_invoice.journal.sqlite_file.BUSY_SECONDS", 0.05)
    database = await Database.open(f"sqlite:///{tmp_path}/sends.db", create=True)
    database.max_outage = 30.0
    holder = sqlite3.connect(tmp_path / "sends.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    runs = []

    async def work(connection):
        runs.append(await connection.scalar(text("SELECT 1")))

    writing = asyncio.create_task(database.write(work))
    done, _ = await asyncio.wait([writing], timeout=0.5)
    assert not done
    holder.close()
    await writing
    assert runs == [1]
    await database.close()


async def test_a_defect_of_the_work_is_raised_unchanged_and_nothing_is_written(url):
    database = await Database.open(url, create=True)

    async def work(connection):
        await connection.execute(text("INSERT INTO kolay_invoice_journal VALUES ('row', 'x')"))
        raise KeyError("defect")

    with pytest.raises(KeyError, match="defect"):
        await database.write(work)

    async def count(connection):
        return await connection.scalar(text("SELECT count(*) FROM kolay_invoice_journal WHERE value = 'x'"))

    assert await database.read(count) == 0
    await database.close()


async def test_work_that_rolls_back_writes_nothing(url):
    database = await Database.open(url, create=True)

    async def work(connection):
        await connection.execute(text("INSERT INTO kolay_invoice_journal VALUES ('row', 'x')"))
        await connection.rollback()
        return "taken back"

    async def count(connection):
        return await connection.scalar(text("SELECT count(*) FROM kolay_invoice_journal WHERE value = 'x'"))

    assert await database.write(work) == "taken back"
    assert await database.read(count) == 0
    await database.close()


async def test_a_journal_that_cannot_be_closed_in_order_says_so(tmp_path, monkeypatch):
    database = await Database.open(f"sqlite:///{tmp_path}/sends.db", create=True)
    dispose = type(database._engine).dispose

    async def fail(engine):
        await dispose(engine)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(type(database._engine), "dispose", fail)

    with pytest.raises(JournalError, match="Input/output error"):
        await database.close()
