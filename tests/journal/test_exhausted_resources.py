"""Row 65: a process without memory, file size, descriptors or threads sends nothing twice and loses nothing."""

from __future__ import annotations

import asyncio
import json
import subprocess

import pytest

from kolay_invoice import AsyncKolayBi
from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.journal.sender import Sender
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument

from .storm_provider import SEND, StormProvider
from .support import D, creates, finish, sent, some_documents

pytestmark = [pytest.mark.row(65), pytest.mark.long]

IDS = list(range(1, 41))
AT_EIGHT = 8
"""When so many are written down, nothing more is to be had."""
NO_MEMORY = "this process has no memory left"
PATIENCE = 25.0
"""Seconds after which a process without memory is ended, as a system does it."""


@pytest.fixture
async def provider():
    """A server that counts what it carries out."""
    async with StormProvider().serving() as serving:
        yield serving


@pytest.fixture
def exhausted(start, url, provider):
    """Run in a process until it ends; return what it said, or None where it was killed, or gave up without memory."""

    async def exhausted(what):
        process = start(
            "exhausted_run.py", journal=url, provider=provider.url, ids=IDS, exhausted=what, written=AT_EIGHT
        )
        try:
            out, err = await asyncio.to_thread(process.popen.communicate, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
        if what == "memory" and process.popen.returncode:
            # Crashes and SystemErrors of what Python is extended with. That our own error is said is tested below.
            return None
        assert process.popen.returncode == 0, err[-3500:]
        return json.loads(out)

    return exhausted


async def test_without_memory_nothing_is_sent_twice_and_no_reply_is_lost(exhausted, url, provider):
    said = await exhausted("memory")
    assert provider.executed() >= AT_EIGHT
    if said is not None and "error" in said:
        assert said["error"] == "JournalError"
        assert NO_MEMORY in said["text"]
    await finish(url, provider, IDS)


async def test_a_file_size_limit_ends_the_run_with_the_replies_in_the_error(exhausted, url, provider):
    said = await exhausted("file size")
    if url.startswith("sqlite"):
        assert said["error"] == "JournalError"
        assert "has no room left" in said["text"]
        assert AT_EIGHT <= provider.executed() < len(IDS)
    else:
        # Its files are the server's.
        assert said["is_settled"]
    await finish(url, provider, IDS)


async def test_without_descriptors_the_rest_waits_and_the_run_says_why(exhausted, url, provider):
    said = await exhausted("descriptors")
    if "error" in said:
        # It was a further connection to the database that could not be opened first.
        assert said["error"] == "JournalError"
    else:
        assert not said["is_settled"]
        assert "Too many open files" in said["text"]
    assert AT_EIGHT <= provider.executed() < len(IDS)
    await finish(url, provider, IDS)


async def test_a_run_starts_no_thread_in_its_middle(exhausted, url, provider):
    assert (await exhausted("threads"))["is_settled"]
    assert provider.executions == {(SEND, number): 1 for number in IDS}


# What the process itself cannot choose: where the memory ends


async def test_a_source_without_memory_ends_the_run_with_a_sentence(journal, emulator, kolaybi):
    first, second = some_documents(emulator, 2)

    def requests():
        yield CreateEDocument(first)
        raise MemoryError

    with pytest.raises(JournalError, match=f"the run was ended: {NO_MEMORY}. Run it again") as caught:
        await journal.run(kolaybi, requests(), concurrency=1)
    assert isinstance(caught.value.__cause__, MemoryError)
    report = await journal.run(kolaybi, creates([first, second]))
    assert report.is_settled
    assert [emulator.executions("create_e_document", number) for number in (first, second)] == [1, 1]


@pytest.mark.parametrize("place", ["in the call", "before it"])
async def test_a_memory_error_inside_a_run_ends_with_a_sentence(place, sqlite_url, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 20)
    owner, name = {"in the call": (AsyncKolayBi, "call"), "before it": (Sender, "send")}[place]
    real = getattr(owner, name)
    calls = []

    async def torn(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 5:
            raise MemoryError
        return await real(*arguments, **options)

    async with Journal.open(sqlite_url) as journal:
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, torn)
            with pytest.raises(JournalError, match=NO_MEMORY):
                await journal.run(kolaybi, creates(ids), concurrency=1)
    assert len(sent(emulator, "create_e_document")) == 4
    async with Journal.open(sqlite_url) as journal:
        assert (await journal.run(kolaybi, creates(ids))).is_settled
    assert len(sent(emulator, "create_e_document")) == len(ids)


async def test_a_journal_without_memory_keeps_the_replies_in_its_error(sqlite_url, emulator, kolaybi, monkeypatch):
    ids = some_documents(emulator, 6)
    real = Store.advance.__wrapped__

    async with Journal.open(sqlite_url) as journal:
        database = journal._require_open().database
        with monkeypatch.context() as patched:

            async def no_memory(*_):
                raise MemoryError

            async def advance(store, finished, marks):
                if finished:
                    patched.setattr(database, "_write_once", no_memory)
                return await real(store, finished, marks)

            patched.setattr(Store, "advance", advance)
            with pytest.raises(JournalError, match=f"cannot be written: {NO_MEMORY}") as caught:
                await journal.run(kolaybi, creates(ids), concurrency=1)
        assert [row.state for row in caught.value.unrecorded] == [D]
        assert caught.value.may_have_happened
        assert (await journal.run(kolaybi, creates(ids))).is_settled
    assert len(sent(emulator, "create_e_document")) == len(ids)


async def test_an_error_on_closing_hides_no_earlier_error(sqlite_url, monkeypatch):
    async def dispose(_engine):
        raise MemoryError

    for error, seen in ((None, JournalError), (LookupError("line 9"), LookupError)):
        with monkeypatch.context() as patched, pytest.raises(seen) as caught:  # noqa: PT012 - the end of the block counts.
            async with Journal.open(sqlite_url) as journal:
                engine = journal._require_open().database._engine
                patched.setattr(type(engine), "dispose", dispose)
                if error is not None:
                    raise error
        await engine.dispose()
        assert error in (None, caught.value)
