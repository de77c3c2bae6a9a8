"""Failures of a database: a sentence for each, and whether a retry can help."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kolay_invoice.journal.errors import JournalError
from kolay_invoice.messages import N_, Message

FAILURES: Final = (DBAPIError, sqlite3.Error, PoolTimeoutError, OSError, MemoryError)
"""What SQLAlchemy and the drivers raise when the database or this process fails."""


class Remedy(Enum):
    """What can help against a failure."""

    NOTHING = "nothing"
    """A retry would fail in the same way."""
    RETRY = "retry"
    """Another transaction conflicted; retry the whole work at once."""
    WAIT = "wait"
    """The database is lost or was replaced by another server; it may come back."""


class NotDurableError(Exception):
    """The server committed, but warned that a failover may lose the commit."""


NO_MEMORY: Final = Message("this process has no memory left")

_SQLITE_REASONS: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: Message("another program has locked it"),
    sqlite3.SQLITE_LOCKED: Message("another program has locked it"),
    sqlite3.SQLITE_PROTOCOL: Message("another program has locked it"),
    sqlite3.SQLITE_FULL: Message("the disk is full"),
    sqlite3.SQLITE_IOERR: Message("the disk cannot be read or written, or has no room left"),
    sqlite3.SQLITE_NOTADB: Message("the file is no database"),
    sqlite3.SQLITE_CORRUPT: Message("the file is damaged: restore it, or settle what it held by hand"),
    sqlite3.SQLITE_READONLY: Message("this user may only read it, or it was moved away"),
    sqlite3.SQLITE_PERM: Message("this user may not open it"),
    sqlite3.SQLITE_CANTOPEN: Message("it cannot be opened: it must be a file in a folder in which this user may write"),
    sqlite3.SQLITE_CONSTRAINT: Message("a row contradicts the others"),
    sqlite3.SQLITE_ERROR: Message("its tables are not those of a journal of this version"),
    sqlite3.SQLITE_NOMEM: NO_MEMORY,
}

_REASONS: Final[Mapping[str, str]] = {
    "08": Message("the connection to the server was lost"),
    "22": Message("a value does not fit into its column"),
    "23": Message("a row contradicts the others"),
    "25006": Message("the server may only be read: it is a replica"),
    "25P03": Message("a transaction stood still for too long, and the server ended it"),
    "28": Message("the server does not accept this user or password"),
    "3D000": Message("the server has no such database"),
    "40": Message("another worker was in the way"),
    "42501": Message("this user has no permission for it"),
    "42P": Message("its tables are not those of a journal of this version"),
    "42": Message("its tables are not those of a journal of this version"),
    "53100": Message("the disk is full"),
    "53300": Message("the server takes no more connections"),
    "53": Message("the server has no room or memory left"),
    "55P03": Message("another worker holds its rows for too long"),
    "57014": Message("the server cancelled the statement"),
    "57P": Message("the server is being stopped or started, or ended the connection"),
    "58": Message("the server cannot read or write its disk"),
    "XX": Message("the server found its data damaged"),
}
"""Keyed by the first characters of an SQLSTATE; the longest match wins."""

_WAIT: Final = ("08", "25006", "25P03", "57014", "57P", "53300")
_RETRY: Final = ("40", "55P03")

_LOST: Final = Message("the connection to the server was lost, or cannot be made")
_NOT_DURABLE: Final = Message("the server could not wait for its replica, so what was written may be lost with it")

_FAILURES: Final[Mapping[str, str]] = {
    "opened": N_("the journal {place} cannot be opened: {reason}. Nothing is sent without it."),
    "read": N_("the journal {place} cannot be read: {reason}. Nothing is sent without it."),
    "closed": N_("the journal {place} cannot be closed: {reason}. Nothing is sent without it."),
    "written": N_("the journal {place} cannot be written: {reason}. Nothing is sent without it."),
}


def find_remedy(error: BaseException) -> Remedy:
    """Return what can help against a failure of the database."""
    if isinstance(error, NotDurableError | PoolTimeoutError | OSError):
        return Remedy.WAIT
    # Direct calls of SQLite's driver raise its own errors, which SQLAlchemy does not wrap.
    if (code := _sqlite_code(error.orig if isinstance(error, DBAPIError) else error)) is not None:
        busy = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
        return Remedy.RETRY if code in busy else Remedy.NOTHING
    if not isinstance(error, DBAPIError):
        return Remedy.NOTHING
    state = getattr(error.orig, "sqlstate", None) or ""
    if state.startswith(_RETRY):
        return Remedy.RETRY
    if state.startswith(_WAIT) or (not state and _is_connection_error(error)):
        return Remedy.WAIT
    return Remedy.NOTHING


def describe_failure(error: BaseException) -> str:
    """Return a sentence that says what went wrong."""
    if isinstance(error, NotDurableError):
        return _NOT_DURABLE
    if isinstance(error, MemoryError):
        return NO_MEMORY
    orig = error.orig if isinstance(error, DBAPIError) else error
    code = _sqlite_code(orig)
    if code is not None:
        name = getattr(orig, "sqlite_errorname", type(orig).__name__)
        return _SQLITE_REASONS.get(code, Message("SQLite reports {name}", name=name))
    state = getattr(orig, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state and (reason := _REASONS.get(state[:length])) is not None:
            return reason
    if isinstance(error, DBAPIError) and _is_connection_error(error):
        return _LOST
    return Message("the database reports {name}", name=state or type(orig).__name__)


def is_locked(error: BaseException) -> bool:
    """Whether another process or connection holds the lock of the file."""
    return _sqlite_code(error.orig if isinstance(error, DBAPIError) else error) == sqlite3.SQLITE_BUSY


def to_journal_error(error: BaseException, shown: str, done: str, reason: str | None = None) -> JournalError:
    """Return the journal's error for a failure of the database.

    Its cause is the driver's error without the statement, the parameters, and the lines that quote rows.

    Args:
        error: What SQLAlchemy or a driver raised.
        shown: The journal's URL, without secrets.
        done: What was tried: opened, closed, read or written.
        reason: What went wrong, if the caller knows more than the error says.
    """
    if isinstance(error, PoolTimeoutError):
        journal_error = JournalError(Message("the journal {place} gave no connection in time", place=shown))
    elif isinstance(error, OSError):
        journal_error = JournalError(
            Message(
                "the journal {place} cannot be reached: {reason}",
                place=shown,
                reason=error.strerror or type(error).__name__,
            )
        )
    else:
        journal_error = JournalError(Message(_FAILURES[done], place=shown, reason=reason or describe_failure(error)))
    journal_error.__cause__ = _strip_parameters(error)
    return journal_error


def _strip_parameters(error: BaseException) -> BaseException:
    """Return the driver's error with its first line only. The other lines can quote values of rows."""
    orig: Any = error.orig if isinstance(error, DBAPIError) else error
    line = (str(orig).splitlines() or [""])[0]
    bare: BaseException
    try:
        bare = OSError(orig.errno, orig.strerror) if isinstance(orig, OSError) else type(orig)(line)
    except TypeError:
        bare = RuntimeError(f"{type(orig).__name__}: {line}")
    for name in ("sqlite_errorcode", "sqlite_errorname"):
        if hasattr(orig, name):
            setattr(bare, name, getattr(orig, name))
    return bare


def _sqlite_code(error: object) -> int | None:
    """Return SQLite's primary result code; None for errors of anything else."""
    if not isinstance(error, sqlite3.Error):
        return None
    # Errors that Python's sqlite3 module raises itself have no code.
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE)) & 0xFF


def _is_connection_error(error: DBAPIError) -> bool:
    # Without a reply from the server there is no SQLSTATE: the connection was never made, or it broke.
    return error.connection_invalidated or type(error.orig).__name__ in {
        "OperationalError",
        "InterfaceError",
        "ConnectionTimeout",
    }
