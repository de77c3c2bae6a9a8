"""What a simulated night replaces around the package: clocks, chance, identities, sockets and threads."""

from __future__ import annotations

import random
import socket
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from unittest.mock import patch
from uuid import UUID

import aiohttp.connector
import aiosqlite
import aiosqlite.core

from kolay_invoice import deadline
from kolay_invoice.journal import owner

from .database import NoThread
from .loop import worker_of

_EPOCH = 1_796_000_000.0


class OrderedSet(dict):
    """A set whose order is that of insertion, and not that of addresses in memory."""

    def add(self, one):
        """Add one."""
        self[one] = None

    def discard(self, one):
        """Remove one, if it is there."""
        self.pop(one, None)


class OpenOwners(set):
    """The owners with an open journal, which a killed worker leaves."""

    def __init__(self):
        super().__init__()
        self.workers = {}

    def add(self, name):
        """Note an owner and its worker."""
        super().add(name)
        self.workers[name] = worker_of.get()

    def kill(self, worker):
        """Forget the owners of a killed worker, as if its process were gone."""
        self.difference_update([name for name, its in self.workers.items() if its == worker])


def _refuse(*args, **options):
    raise AssertionError("a simulated night uses no thread and no socket")


@contextmanager
def replaced(loop, chance, driver, network, wall):
    """Replace everything that is not part of the seed. Yields the open owners."""
    owners = OpenOwners()
    began = deadline.DeadlineClock.__init__

    def begin(self, *args):
        began(self, *args)
        self._running = OrderedSet()

    replacements = {
        "boottime": loop.time,
        "awake_time": loop.time,
        "monotonic": loop.time,
        "uuid4": lambda: UUID(int=chance.getrandbits(128), version=4),
    }
    state = random.getstate()
    with ExitStack() as stack:
        for name, module in sorted(sys.modules.items()):
            if name.startswith("kolay_invoice") and ".emulator" not in name and module is not None:
                for what, instead in replacements.items():
                    if callable(vars(module).get(what)):
                        stack.enter_context(patch.object(module, what, instead))
        for module, what, instead in (
            (time, "time", lambda: _EPOCH + loop.time() + wall.ahead),
            (time, "monotonic", loop.time),
            (owner, "_open_owners", owners),
            (deadline.DeadlineClock, "__init__", begin),
            (aiosqlite.core, "Thread", NoThread),
            (aiosqlite.core, "SimpleQueue", driver.make_queue),
            (aiosqlite, "connect", driver.connecting(aiosqlite.connect)),
            (aiohttp.connector.aiohappyeyeballs, "start_connection", network.start_connection),
            (loop, "create_connection", network.create_connection),
            (threading.Thread, "start", _refuse),
            (socket.socket, "__init__", _refuse),
        ):
            stack.enter_context(patch.object(module, what, instead))
        random.seed(chance.getrandbits(64))
        try:
            yield owners
        finally:
            random.setstate(state)
