"""What the storms share: their documents, the workers in them, looks into the journal, and the count at the end."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from contextlib import asynccontextmanager, closing

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
LEASE = 1.0
QUIET = 2.0


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
    """What is with a person who is told nothing."""
    done: int
    persons: int

    @property
    def is_even(self):
        """Whether nothing went wrong."""
        return not (self.twice or self.not_done or self.waiting or self.bare)


def judge(rows, provider, sends=SENDS, collections=COLLECTIONS):
    """Hold the rows of a journal against what a provider has executed."""
    paths = {"create_e_document": SEND, "proceed": COLLECT}
    places = {(paths[row.operation], row.request.document_id): row for row in rows}
    wanted = {(SEND, number) for number in sends} | {(COLLECT, number) for number in collections}
    done = {place: row for place, row in places.items() if row.state is State.DONE}
    persons = {place: row for place, row in places.items() if row.state is State.NEEDS_PERSON}
    return Outcome(
        twice=[place for place, times in provider.executions.items() if times > 1],
        not_done=[
            row.key
            for (path, number), row in done.items()
            if not provider.executions.get((path, number))
            or (path == SEND and row.result.uuid != provider.uuid_of(number))
        ],
        waiting=sorted(map(str, wanted - done.keys() - persons.keys())),
        bare=[row.key for row in persons.values() if not row.note],
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
    """Whether whoever stands still has not the file's only lock in its hands. A server takes it from them by itself."""
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
    """The owners that a process is in the journal."""
    return {name for (name,) in ask(url, f"SELECT owner FROM {owners.name} WHERE pid = {pid}")}  # noqa: S608 - ours.


def held_by(url, names):
    """The operations that owners hold and have not sent."""
    listed = ", ".join(f"'{name}'" for name in names)
    claimed = f"SELECT id FROM {operations.name} WHERE owner IN ({listed}) AND state = 'claimed'"  # noqa: S608 - ours.
    return {number for (number,) in ask(url, claimed)}


def count_open(url, ids):
    """How many of these operations are not settled and with nobody's person."""
    listed = ", ".join(map(str, ids)) or "0"
    ended = "('done', 'refused', 'needs_person')"
    query = f"SELECT count(*) FROM {operations.name} WHERE id IN ({listed}) AND state NOT IN {ended}"  # noqa: S608
    return ask(url, query)[0][0]


async def until(condition, *arguments, seconds=LIMIT):
    """Wait for something in a journal, for which there is no event; no longer than anybody may wait."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(condition, *arguments):  # noqa: ASYNC110 - see above.
            await asyncio.sleep(0.03)


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

    async def ended(self, seconds=90.0):
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
            for pipe in (one.popen.stdin, one.popen.stdout, one.popen.stderr):
                pipe.close()


@asynccontextmanager
async def storm(journal, *, faults=None, late_by=0.8, **settings):
    """Begin a storm on a journal."""
    async with StormProvider(faults=faults or {}, late_by=late_by).serving() as provider:
        begun = Storm(journal, provider, settings)
        try:
            yield begun
        finally:
            begun.kill()
