"""What the journal's tests share: clients of the emulator, operations by the dozen, worker processes, and the count."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from attrs import define, frozen

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.emulator import credentials
from kolay_invoice.journal import Journal, State
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.kolaybi.models import CreateEDocument

from .storm_provider import SEND

D, P, U, R, N = State.DONE, State.PLANNED, State.UNKNOWN, State.REFUSED, State.NEEDS_PERSON
HERE = Path(__file__).parent
QUIET = 0.3
"""Longer than any late execution that these tests ask the emulator for."""
LATER = 1_000.0
"""A quiet period that no test outlives."""
HANG = 30.0
"""A bound against hanging; nothing is measured with it."""


def kolaybi_of(emulator, **options):
    """A client of the emulated KolayBi."""
    given = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token, **options}
    return AsyncKolayBi(base_url=emulator.kolaybi_url, **given)


def propars_of(emulator, **options):
    """A client of the emulated Propars."""
    return AsyncPropars(base_url=emulator.propars_url, **{"token": emulator.propars_token, **options})


def some_documents(emulator, count):
    """Add documents that are ready to be sent; return their ids."""
    return [emulator.add_document().document_id for _ in range(count)]


def creates(ids):
    """Requests to send documents."""
    return [CreateEDocument(number) for number in ids]


def plans(*requests):
    """What requests are called in the journal of KolayBi's default account."""
    return [plan_operation(one, "kolaybi", "default") for one in requests]


def sent(emulator, operation):
    """The calls of an operation that have come to an emulator."""
    return [one for one in emulator.requests if one.operation == operation]


async def only_row(journal):
    """The one operation that a journal holds."""
    (row,) = (await rows_of(journal)).values()
    return row


async def mark(store, rows):
    """Mark operations as being sent; return the ids of those that are."""
    return (await store.advance([], rows)).marked


async def record(store, rows):
    """Write answers down; return those that come too late."""
    return (await store.advance(rows, [])).late


async def take_over(store, *gone):
    """Let one owner find that others are gone, as if it had watched their leases run out."""
    names = {one.owner.name for one in gone}
    await store.release_expired(lambda found: found.owner in names)
    async with asyncio.timeout(HANG):
        # A look skips an owner whose row is locked, by its own renewal or by another look.
        while any([await store.find_owner(name) for name in names]):
            await store.release_expired(lambda found: found.owner in names)


async def finish(url, provider, ids):
    """Let another process's run bring all documents of a storm's provider to their end: each is done, and sent once."""
    given = {"channel": credentials.KOLAYBI_CHANNEL, "access_token": credentials.KOLAYBI_ACCESS_TOKEN}
    async with AsyncKolayBi(base_url=provider.url, **given) as client, Journal.open(url) as journal:
        async with asyncio.timeout(HANG):
            while not (await journal.run(client, creates(ids), quiet_period=1.0, patience=5.0)).is_settled:
                continue
        assert await states_of(journal) == {D: len(ids)}
    assert provider.executions == {(SEND, number): 1 for number in ids}


async def states_of(journal):
    """The journal's counts without the zeros."""
    return {state: count for state, count in (await journal.counts()).items() if count}


async def rows_of(source):
    """All rows of a report or a journal, by their keys."""
    rows = source.rows
    return {row.key: row async for row in (rows() if callable(rows) else rows)}


async def until(condition):
    """Let the loop run until something holds for which there is no event."""
    async with asyncio.timeout(HANG):
        while not condition():  # noqa: ASYNC110 - see above.
            await asyncio.sleep(0.005)


def eventually(condition):
    """Wait for something in another process, for which there is no event."""
    end = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.005)


@frozen
class Balance:
    """What was executed at the provider against what the journal knows."""

    wanted: int
    executed: int
    twice: list[int]
    lost: list[str]
    unsettled: dict[str, str]

    @property
    def is_even(self):
        """Whether every operation was executed once, and every answer is there."""
        return self.executed == self.wanted and not (self.twice or self.lost or self.unsettled)


async def balance(url, ids, executions, uuids):
    """Hold the journal against the provider. `executions` and `uuids` are what the provider knows, by document."""
    async with Journal.open(url, create=False) as journal:
        rows = await rows_of(journal)
    by_id = {row.request.document_id: row for row in rows.values()}
    assert by_id.keys() <= set(ids)
    done = {number: row for number, row in by_id.items() if row.state is State.DONE}
    return Balance(
        wanted=len(ids),
        executed=sum(bool(executions.get(number)) for number in ids),
        twice=[number for number in ids if executions.get(number, 0) > 1],
        lost=[str(n) for n in ids if executions.get(n) and (n not in done or done[n].result.uuid != uuids.get(n))],
        unsettled=dict(Counter(str(row.state) for row in by_id.values() if not row.state.is_settled)),
    )


async def balance_of(url, ids, emulator):
    """Hold the journal against an emulator of this process."""
    executions = {number: emulator.executions("create_e_document", number) for number in ids}
    return await balance(url, ids, executions, {number: emulator.documents[number].uuid for number in ids})


@define
class Process:
    """A Python process of a script in this directory."""

    popen: subprocess.Popen

    @classmethod
    def of(cls, script, settings, *, before=(), **options):
        """Start one, by another program perhaps. Its settings travel as JSON."""
        command = [*before, sys.executable, "-W", "default", "-W", "ignore::DeprecationWarning", str(HERE / script)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return cls(subprocess.Popen([*command, json.dumps(settings)], text=True, **pipes, **options))

    def line(self):
        """The next line that it prints, as JSON."""
        text = self.popen.stdout.readline()
        assert text, self.popen.communicate(timeout=HANG)
        return json.loads(text)

    def ask(self, question):
        """Say a line and return what it answers."""
        self.popen.stdin.write(json.dumps(question) + "\n")
        self.popen.stdin.flush()
        return self.line()

    def ended(self, timeout=HANG):
        """Wait for its end; return its exit code, the last line that it printed, and its errors."""
        out, err = self.popen.communicate(timeout=timeout)
        lines = out.strip().splitlines()
        return self.popen.returncode, json.loads(lines[-1]) if lines else None, err

    def kill(self):
        """Kill it, wait until it is gone, and close its pipes, which a later test would be blamed for."""
        self.popen.kill()
        if self.popen.returncode is None:
            self.popen.communicate(timeout=HANG)
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            with suppress(BrokenPipeError):
                pipe.close()

    def signal(self, number):
        """Send it a signal."""
        self.popen.send_signal(number)

    @property
    def is_stopped(self):
        """Whether it stands still after SIGSTOP."""
        return os.waitid(os.P_PID, self.popen.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is not None
