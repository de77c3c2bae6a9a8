"""What the storms share: their documents, the workers in them, looks into the journal, and the count at the end."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import time
from contextlib import asynccontextmanager, closing, suppress

import psycopg
from attrs import Factory, define, frozen

from kolay_invoice.journal import Journal, State
from kolay_invoice.journal.tables import operations, owners
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed

from .storm_provider import COLLECT, SEND, StormProvider
from .support import Process, rows_of

SENDS = list(range(1, 301))
COLLECTIONS = list(range(301, 601))
EVERYTHING = len(SENDS) + len(COLLECTIONS)
LIMIT = 15.0
"""Seconds for which others may wait for a worker that stands still."""
LONGEST_LOOK = 0.2
"""Seconds that a look into a journal, and the pause after it, take at most on a machine that is not busy."""
LEASE = 1.0
QUIET = 3.0
BOUND = 120.0
"""Seconds after which a test gives up; nothing is measured with it."""


LOOKED_FIRST = "looked up first, because the journal may not hold what was sent before"
OFFICIAL = re.compile(r"status sent_to_receiver, uuid (?!none)\S+, number RAW\d+")
UNSENT = re.compile(r"status ready_to_send, uuid none, number none")


def requests_of(sends, collections):
    """Requests to send documents, and to collect on others."""
    return [*map(CreateEDocument, sends), *(Proceed(number, 1) for number in collections)]


def rounds(usual):
    """How often something is done to the workers: as usual, or as often as the environment says."""
    return int(os.environ.get("STORM_ROUNDS", usual))


@frozen
class Outcome:
    """What was executed at the provider against what the journal says."""

    twice: list[tuple[str, int]]
    """What was executed more than once."""
    not_done: list[str]
    """What is done, and was not executed; or was answered with another document's answer."""
    waiting: list[str]
    """What is neither settled nor with a person, or is not in the journal."""
    bare: list[str]
    """Operations that need a person, but whose row has no note, attempt or evidence."""
    unproven: list[str]
    """What was found by reading back, or sent again, without the evidence that decided it."""
    done: int
    persons: int

    @property
    def is_even(self):
        """Whether nothing went wrong."""
        return not (self.twice or self.not_done or self.waiting or self.bare or self.unproven)


def is_bare(row):
    """Whether a person is not told why, or neither what was tried nor what was seen."""
    if not row.note:
        return True
    # Nothing was tried, as far as this journal knows, and nothing can be seen: that is what the note says.
    return not (row.attempts or row.evidence or row.note.startswith(LOOKED_FIRST))


def is_unproven(row):
    """Whether a row lacks the evidence that decided it.

    What is done without an answer was seen official, under the ETTN that the row gives. What may have left before its
    last try was seen unsent each time.
    """
    seen = [one.seen for one in row.evidence]
    tries = [one for one in row.attempts if one.left]
    is_answered = bool(tries) and tries[-1].outcome == "done"
    if not is_answered and not any(OFFICIAL.fullmatch(one) and str(row.result.uuid) in one for one in seen):
        return True
    looks = sum(UNSENT.fullmatch(one) is not None for one in seen)
    return looks < len(tries) - 1


def judge(rows, provider, sends=SENDS, collections=COLLECTIONS):
    """Hold the rows of a journal against what a provider has executed."""
    paths = {"create_e_document": SEND, "proceed": COLLECT}
    places = {(paths[row.operation], row.request.document_id): row for row in rows}
    wanted = {(SEND, number) for number in sends} | {(COLLECT, number) for number in collections}
    done = {place: row for place, row in places.items() if row.state is State.DONE}
    persons = {place: row for place, row in places.items() if row.state is State.NEEDS_PERSON}
    return Outcome(
        twice=provider.twice,
        not_done=[
            row.key
            for (path, number), row in done.items()
            if not provider.executions.get((path, number))
            or (path == SEND and row.result.uuid != provider.uuid_of(number))
        ],
        waiting=sorted(map(str, wanted - done.keys() - persons.keys())),
        bare=[row.key for row in persons.values() if is_bare(row)],
        unproven=[row.key for row in done.values() if is_unproven(row)],
        done=len(done),
        persons=len(persons),
    )


async def outcome_of(url, provider, **wanted):
    """Read a journal, and hold it against the provider."""
    await provider.come_to_rest()
    async with Journal.open(url, create=False) as journal:
        return judge((await rows_of(journal)).values(), provider, **wanted)


def ask(url, query):
    """Look into a journal, without it."""
    if url.startswith("sqlite:///"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10.0)) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def can_be_written(url):
    """Whether the file's write lock is free. A server ends the transaction of a stopped worker by itself."""
    if not url.startswith("sqlite:///"):
        return True
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=1.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
    return True


def owners_of(url, pid):
    """The owners that a process is in the journal, once there is one."""
    with suppress(sqlite3.OperationalError, psycopg.errors.UndefinedTable):
        return {name for (name,) in ask(url, f"SELECT owner FROM {owners.name} WHERE pid = {pid}")}
    return set()


def has_claimed(url, names):
    """Whether owners have claimed operations, sent or not."""
    listed = ", ".join(f"'{name}'" for name in names) or "''"
    return bool(ask(url, f"SELECT 1 FROM {operations.name} WHERE owner IN ({listed}) LIMIT 1"))


def held_by(url, names):
    """The operations that owners hold and have not sent."""
    listed = ", ".join(f"'{name}'" for name in names)
    claimed = f"SELECT id FROM {operations.name} WHERE owner IN ({listed}) AND state = 'claimed'"
    return {number for (number,) in ask(url, claimed)}


def count_open(url, ids):
    """How many of these operations are neither settled nor need a person."""
    listed = ", ".join(map(str, ids)) or "0"
    ended = "('done', 'refused', 'needs_person')"
    query = f"SELECT count(*) FROM {operations.name} WHERE id IN ({listed}) AND state NOT IN {ended}"
    return ask(url, query)[0][0]


async def until(condition, *arguments, seconds=BOUND):
    """Wait for something in a journal or of a process, for which there is no event.

    A look that takes long because the machine is busy counts as a short one: the workers had no more of it than we.
    """
    waited, before = 0.0, time.monotonic()
    while not await asyncio.to_thread(condition, *arguments):
        assert waited < seconds, f"it has not come to that in {waited:.0f} seconds"
        await asyncio.sleep(0.05)
        now = time.monotonic()
        waited, before = waited + min(now - before, LONGEST_LOOK), now


@define
class Storm:
    """Workers on one journal, and the provider that they send to."""

    journal: str
    provider: StormProvider
    settings: dict[str, object]
    workers: list[Process] = Factory(list)

    def start(self, **settings):
        """Start one more worker."""
        given = {"journal": self.journal, "provider": self.provider.url, "lease": LEASE, "quiet": QUIET}
        wanted = {"sends": SENDS, "collections": COLLECTIONS}
        self.workers.append(Process.of("storm_worker.py", {**given, **wanted, **self.settings, **settings}))
        return self.workers[-1]

    def has_ended(self):
        """Whether all workers have ended."""
        return all(one.popen.poll() is not None for one in self.workers)

    async def twice(self):
        """Wait until something was executed twice, or all workers have ended. Returns what was executed twice."""
        await until(lambda: self.provider.twice or self.has_ended(), seconds=2 * BOUND)
        await self.provider.come_to_rest()
        return self.provider.twice

    async def ended(self, seconds=2 * BOUND):
        """Wait for the end of all workers; return what the journal's errors have said to them."""
        said = []
        for one in self.workers:
            out, err = await asyncio.to_thread(one.popen.communicate, timeout=seconds)
            assert one.popen.returncode == 0, err
            assert "Traceback" not in err
            said.append(out)
        assert "sqlalchemy" not in "".join(said).lower()
        return said

    def kill(self):
        """Let no worker outlive its test."""
        for one in self.workers:
            one.kill()


@asynccontextmanager
async def storm(journal, *, faults=None, late_by=0.8, keep_back_for=0.6, **settings):
    """Begin a storm on a journal."""
    provider = StormProvider(faults=faults or {}, late_by=late_by, keep_back_for=keep_back_for)
    async with provider.serving():
        begun = Storm(journal, provider, settings)
        try:
            yield begun
        finally:
            begun.kill()
