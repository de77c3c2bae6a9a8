"""SQLite without threads, below the real SQLAlchemy and aiosqlite: statements run in the loop, and can fail."""

from __future__ import annotations

import sqlite3
from collections import deque

from .loop import worker_of

BUSY_SECONDS = 10.0
_BUSY_PAUSE = 0.05


def failure(code, text):
    """Return an error of SQLite's with a result code."""
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    error.sqlite_errorname = text
    return error


class NoThread:
    """Stands in for the thread of a connection."""

    daemon = True

    def __init__(self, target=None, args=()):
        pass

    def start(self):
        """Do nothing."""


class Driver:
    """What aiosqlite gets instead of threads and queues. `connections` are those of each worker."""

    def __init__(self, loop, chance, faults, note):
        self.loop = loop
        self.chance = chance
        self.faults = faults
        self.note = note
        self.connections = {}

    def make_queue(self):
        """Return the queue of one connection."""
        return StatementQueue(self)

    def connecting(self, real):
        """Return `aiosqlite.connect`, for connections that never block the loop."""

        def connect(path, **options):
            connection = real(path, **{**options, "timeout": 0.0})
            self.connections.setdefault(worker_of.get(), []).append(connection)
            return connection

        return connect

    def kill(self, worker):
        """Close the connections of a killed worker, as its system does. What is not committed is lost."""
        for one in self.connections.pop(worker, []):
            if one._connection is not None:
                # Closing alone would leave the lock with a statement that is not finalized.
                one._connection.rollback()
                one._connection.close()
                one._connection = None


class StatementQueue:
    """The statements of one connection, one after the other."""

    def __init__(self, driver):
        self._driver = driver
        self._waiting = deque()
        self._is_running = False

    def put_nowait(self, item):
        """Queue a statement."""
        self._waiting.append((*item, self._driver.loop.time()))
        if not self._is_running:
            self._is_running = True
            self._schedule(0.002 * self._driver.chance.random())

    def _schedule(self, delay):
        self._driver.loop.call_later(delay, self._run)

    def _run(self):
        future, function, began = self._waiting[0]
        try:
            result = self._execute(function)
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY and not hasattr(error, "planted")
            # SQLite's own busy handler, without its sleep.
            if is_busy and self._driver.loop.time() - began < BUSY_SECONDS:
                self._schedule(_BUSY_PAUSE * (0.5 + self._driver.chance.random()))
                return
            self._end(future, error=error)
        except BaseException as error:  # noqa: BLE001 - as aiosqlite's own thread does.
            self._end(future, error=error)
        else:
            self._end(future, result)

    def _end(self, future, result=None, error=None):
        self._waiting.popleft()
        if future is not None and not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
        self._is_running = bool(self._waiting)
        if self._is_running:
            self._schedule(0.0)

    def _execute(self, function):
        called = getattr(function, "func", function)
        if getattr(called, "__name__", "") != "commit":
            return function()
        fault = self._driver.faults.draw("commit")
        if fault is None:
            return function()
        self._driver.note(f"worker {worker_of.get()}: commit {fault}")
        if fault == "full":
            called.__self__.rollback()
            raise failure(sqlite3.SQLITE_FULL, "SQLITE_FULL")
        function()
        if fault == "lost":
            raise failure(sqlite3.SQLITE_IOERR, "SQLITE_IOERR")
        error = failure(sqlite3.SQLITE_PROTOCOL, "SQLITE_PROTOCOL")
        error.planted = True
        raise error
