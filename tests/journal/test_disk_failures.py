"""Journals that cannot be opened, read or written: a clear error, nothing sent, and no answer lost."""

from __future__ import annotations

import asyncio
import os
import resource
import sqlite3
import stat
import tempfile
import threading
from pathlib import Path

import pytest
from attrs import frozen
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, State
from kolay_invoice.journal.database_errors import to_journal_error
from kolay_invoice.journal.store import Store
from kolay_invoice.kolaybi.models import CreateEDocument, Proceed
from kolay_invoice.propars.models import SendInvoice

from .support import HANG, QUIET, creates, kolaybi_of, rows_of, some_documents, states_of, until

pytestmark = pytest.mark.long

LATER = 1_000.0


def file_of(sqlite_url):
    return Path(sqlite_url.removeprefix("sqlite:///"))


def sent(emulator):
    return [one for one in emulator.requests if one.operation == "create_e_document"]


@pytest.fixture(autouse=True)
async def no_thread_outlives_its_loop():
    """aiosqlite ends the thread of a connection that could not be opened a little later."""
    yield
    await until(lambda: not any("_connection_worker" in thread.name for thread in threading.enumerate()))


# It cannot be opened


def _a_directory(path):
    path.mkdir()


def _corrupt(path):
    path.write_bytes(b"this was never a database " * 1000)


def _half_corrupt(path):
    """A journal whose pages after the first are gone."""
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE kolay_invoice_journal (name, value); CREATE TABLE other (a);")
    connection.close()
    content = path.read_bytes()
    path.write_bytes(content[:100] + b"\xff" * (len(content) - 100))


def _in_a_missing_directory(path):
    path.parent.rmdir()


UNUSABLE = [
    (_a_directory, "it must be a file in a folder"),
    (_corrupt, "the file is no database"),
    (_half_corrupt, "the file is damaged|the file is no database"),
    (_in_a_missing_directory, "No such file or directory"),
]


@pytest.mark.row(35)
@pytest.mark.parametrize(("spoil", "match"), UNUSABLE, ids=lambda value: getattr(value, "__name__", ""))
async def test_an_unusable_place_is_a_clear_error(spoil, match, tmp_path, emulator):
    path = tmp_path / "journals" / "sends.db"
    path.parent.mkdir()
    spoil(path)
    with pytest.raises(JournalError, match=match) as caught:
        await Journal.open(f"sqlite:///{path}").__aenter__()
    assert str(path) in str(caught.value)
    assert not emulator.requests


async def test_a_missing_journal_is_not_created_if_it_must_exist(sqlite_url):
    with pytest.raises(JournalError, match="there is no journal in"):
        await Journal.open(sqlite_url, create=False).__aenter__()
    assert not file_of(sqlite_url).exists()


async def test_an_empty_file_becomes_a_journal_only_if_one_may_be_created(sqlite_url):
    file_of(sqlite_url).touch()
    with pytest.raises(JournalError, match="there is no journal in"):
        await Journal.open(sqlite_url, create=False).__aenter__()
    async with Journal.open(sqlite_url) as journal:
        assert await states_of(journal) == {}


async def test_a_file_that_another_process_creates_at_the_same_time_is_used(sqlite_url, monkeypatch):
    monkeypatch.setattr(Path, "exists", lambda path: False)
    async with Journal.open(sqlite_url), Journal.open(sqlite_url) as journal:
        assert await states_of(journal) == {}


async def test_a_journal_whose_lease_cannot_start_is_not_open(sqlite_url, monkeypatch):
    async def start_lease(self, seconds):
        raise JournalError("full")

    monkeypatch.setattr(Store, "start_lease", start_lease)
    journal = Journal.open(sqlite_url)
    with pytest.raises(JournalError, match="full"):
        await journal.__aenter__()
    with pytest.raises(RuntimeError, match="not open"):
        await journal.counts()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://journal:canary-password@/sends?host={folder}",
        "postgresql://journal@/sends?host={folder}&password=canary-password",
        "postgresql://journal:canary%40password@/sends?host={folder}",
    ],
)
async def test_no_server_is_a_clear_error_without_the_password(url, tmp_path):
    url = url.format(folder=tmp_path)
    with pytest.raises(JournalError) as caught:
        await Journal.open(url).__aenter__()
    assert type(caught.value.__cause__).__name__ == "OperationalError"
    for error in (caught.value, caught.value.__cause__):
        assert "canary" not in f"{error} {error!r} {error.args} {vars(error)}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PoolTimeoutError(), "gave no connection in time"),
        (ConnectionResetError(104, "Connection reset by peer"), "cannot be reached: Connection reset by peer"),
        (OSError(), "cannot be reached: OSError"),
    ],
    ids=repr,
)
def test_every_other_way_to_lose_a_database_is_a_clear_error_too(error, said):
    told = to_journal_error(error, "sends.db", "read")
    assert type(told) is JournalError
    assert str(told) == f"the journal sends.db {said}"


# It fails while a run is under way


@frozen
class Trouble:
    """A way to lose the journal, and to have it back."""

    begin: object
    end: object
    match: str


@pytest.fixture
def full(sqlite_url):
    """A disk without room for one more commit."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def begin(journal):
        size = os.stat(f"{file_of(sqlite_url)}-wal").st_size  # noqa: PTH116 - a moment, in a test.
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    async def end(journal):
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    yield Trouble(begin, end, "disk")
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def locked(sqlite_url, monkeypatch):
    """A file that another connection has locked for writing."""
    monkeypatch.setattr("kolay_invoice.journal.sqlite_file.BUSY_SECONDS", 0.1)
    held = []

    def hold():
        held.append(sqlite3.connect(file_of(sqlite_url), isolation_level=None, check_same_thread=False))
        held[0].execute("BEGIN IMMEDIATE")

    async def begin(journal):
        await asyncio.to_thread(hold)

    async def end(journal):
        held.pop().close()

    return Trouble(begin, end, "another program holds the write lock of its file")


@pytest.fixture
def gone(postgres, postgresql_url):
    """A server that is gone."""
    name = postgresql_url.split("@/")[1].split("?")[0]

    async def begin(journal):
        await asyncio.to_thread(postgres.vanish, name)

    async def end(journal):
        await asyncio.to_thread(postgres.execute, f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    return Trouble(begin, end, "cannot be (written|read)")


TROUBLES = ["full", "locked", "gone"]


@pytest.fixture
def place(request, sqlite_url):
    """The journal that a trouble is about."""
    trouble = request.getfixturevalue("trouble_name")
    return request.getfixturevalue("postgresql_url") if trouble == "gone" else sqlite_url


@pytest.fixture(params=TROUBLES)
def trouble_name(request):
    """Which trouble it is."""
    return request.param


@pytest.fixture
def trouble(request, trouble_name):
    """Each way to lose the journal."""
    return request.getfixturevalue(trouble_name)


@pytest.mark.row(35)
async def test_nothing_is_sent_when_the_journal_fails_before_the_mark(trouble, place, emulator, kolaybi):
    ids = some_documents(emulator, 40)
    failed = False
    # A lost database is ridden out for as long as the lease allows.
    async with Journal.open(place, lease_seconds=2.0) as journal:
        real = journal._require_open().store.advance

        async def advance(finished, marks):
            nonlocal failed
            if not failed:
                failed = True
                await trouble.begin(journal)
            return await real(finished, marks)

        journal._require_open().store.advance = advance
        async with asyncio.timeout(HANG):
            with pytest.raises(JournalError, match=trouble.match) as caught:
                await journal.run(kolaybi, creates(ids))
        assert not emulator.requests
        assert "Nothing is sent without it" in str(caught.value)
        with pytest.raises(JournalError):
            await journal.run(kolaybi, creates(ids))
        assert not emulator.requests
        await trouble.end(journal)
    async with Journal.open(place) as journal:
        report = await journal.run(kolaybi, creates(ids), quiet_period=QUIET)
    assert report.counts[State.DONE] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


@pytest.mark.row(36)
async def test_replies_that_cannot_be_recorded_reach_the_caller_and_are_read_back_and_never_resent(
    trouble, place, emulator, kolaybi
):
    ids = some_documents(emulator, 30)
    emulator.fault("create_e_document", "slow", times=30, seconds=0.3)
    # The journal stays lost when it is closed, too: that error must not stand before this one.
    with pytest.raises(JournalError, match=trouble.match) as caught:  # noqa: PT012 - what closing raises is the point.
        async with Journal.open(place, lease_seconds=2.0) as journal:
            run = asyncio.create_task(journal.run(kolaybi, creates(ids), concurrency=4))
            await until(lambda: len(sent(emulator)) >= 4)
            await trouble.begin(journal)
            async with asyncio.timeout(HANG):
                await run
    before = len(sent(emulator))
    unrecorded = caught.value.unrecorded
    done = {row.request.document_id: row for row in unrecorded if row.state is State.DONE}
    assert len(done) == before == emulator.executions("create_e_document")
    assert all(row.result.uuid == emulator.documents[number].uuid for number, row in done.items())
    await trouble.end(journal)

    emulator.clear_faults()
    async with Journal.open(place, lease_seconds=1000) as journal:
        # The first journal could not end its lease, but it is closed in this process, so no wait is needed.
        states = await states_of(journal)
        assert states.pop(State.UNKNOWN) == before
        assert set(states) <= {State.PLANNED}
        report = await journal.run(kolaybi, creates(done), quiet_period=QUIET)
        assert report.counts[State.DONE] == before
        rows = await rows_of(report)
        assert all(row.result.uuid == done[row.request.document_id].result.uuid for row in rows.values())
        assert len(sent(emulator)) == before
        assert (await journal.run(kolaybi, creates(ids))).counts[State.DONE] == len(ids)
    assert [emulator.executions("create_e_document", number) for number in ids] == [1] * len(ids)


async def test_a_journal_that_fails_to_close_raises(locked, sqlite_url):
    journal = await Journal.open(sqlite_url).__aenter__()
    await locked.begin(journal)
    with pytest.raises(JournalError, match=locked.match):
        await journal.__aexit__(None, None, None)
    await locked.end(journal)


@pytest.mark.row(36)
@pytest.mark.parametrize("first", [JournalConflictError("other parameters"), LookupError("line 9")], ids=repr)
async def test_unrecorded_replies_reach_the_caller_after_any_other_error(
    first, sqlite_url, emulator, kolaybi, monkeypatch
):
    ids = some_documents(emulator, 16)
    emulator.fault("create_e_document", "slow", times=16, seconds=1.0)
    real = Store.advance
    raised = []

    async def advance(self, finished, marks):
        if raised:
            raise JournalError("the disk is full")
        return await real(self, finished, marks)

    async def requests():
        for one in [*(Proceed(number, 1) for number in ids[:12]), *creates(ids[12:])]:
            yield one
        await until(lambda: len(sent(emulator)) == 4)
        raised.append(first)
        raise first

    with pytest.raises(JournalError) as caught:  # noqa: PT012 - what closing raises is the point.
        async with Journal.open(sqlite_url) as journal:
            monkeypatch.setattr(Store, "advance", advance)
            await journal.run(kolaybi, requests(), concurrency=4)
    monkeypatch.undo()
    done = [row for row in caught.value.unrecorded if row.state is State.DONE]
    # A payment that was answered while the iterable failed can be among them.
    assert {row.request.document_id for row in done} >= set(ids[12:])
    assert caught.value.__cause__ is first


@pytest.mark.row(36)
@pytest.mark.parametrize("reopened", [False, True], ids=["the same journal", "opened anew"])
async def test_unrecorded_replies_are_recorded_once_the_journal_works_again(
    reopened, sqlite_url, emulator, kolaybi, monkeypatch
):
    (document,) = some_documents(emulator, 1)
    real = Store.advance

    async def full(self, finished, marks):
        if finished:
            raise JournalError("the disk is full")
        return await real(self, finished, marks)

    async with Journal.open(sqlite_url) as journal:
        with monkeypatch.context() as patched:
            patched.setattr(Store, "advance", full)
            with pytest.raises(JournalError, match="full"):
                await journal.run(kolaybi, [Proceed(document, 1)])
            with pytest.raises(JournalError, match="full"):
                await journal.run(kolaybi, [Proceed(document, 1)])
        if not reopened:
            # Its owner lives, so it would never be released.
            report = await journal.run(kolaybi, [Proceed(document, 1)])
            assert (report.counts[State.DONE], report.done_before) == (1, 1)
    async with Journal.open(sqlite_url) as journal:
        assert await states_of(journal) == {State.DONE: 1}
    assert emulator.executions("proceed") == 1


@pytest.mark.row(35, 65)
async def test_nothing_is_sent_if_the_disk_is_full(sqlite_url, emulator, start):
    ids = some_documents(emulator, 50)
    async with Journal.open(sqlite_url):
        pass
    settings = {"emulator": emulator.kolaybi_url, "journal": sqlite_url, "ids": ids, "largest_file": 20_000}
    code, result, errors = start("worker.py", **settings).ended()
    assert (code, errors) == (0, "")
    assert "JournalError" in result["error"]
    assert not emulator.requests


NOBODY = 65534


@pytest.fixture
def read_only_url():
    """A journal that may only be read, below a directory that everybody may enter."""
    # Pytest's own directories are closed to everybody else.
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/sends.db"

        async def make():
            async with Journal.open(url):
                pass

        asyncio.run(make())
        if os.geteuid() == 0:
            # A journal of another user is refused for that, before anything is opened.
            for path in Path(directory).iterdir():
                os.chown(path, NOBODY, NOBODY)
        file_of(url).chmod(0o444)
        Path(directory).chmod(0o555)
        yield url
        Path(directory).chmod(0o755)


@pytest.mark.row(35)
def test_a_read_only_file_is_a_clear_error(emulator, start, read_only_url):
    ids = some_documents(emulator, 3)
    # Root may write everywhere, so root becomes nobody.
    settings = {"become": NOBODY} if os.geteuid() == 0 else {}
    code, result, errors = start(
        "worker.py", emulator=emulator.kolaybi_url, journal=read_only_url, ids=ids, **settings
    ).ended()
    assert (code, errors) == (0, "")
    assert "JournalError" in result["error"]
    assert "this user may only read it" in result["error"]
    assert not emulator.requests


# What may lie in the file


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
async def test_only_the_user_may_read_the_files(mask, sqlite_url, emulator, kolaybi):
    before = os.umask(mask)
    try:
        async with Journal.open(sqlite_url) as journal:
            await journal.run(kolaybi, [CreateEDocument(1)])
            files = [*file_of(sqlite_url).parent.iterdir()]
            assert {path.name for path in files} == {"sends.db", "sends.db-shm", "sends.db-wal", "sends.db.seen"}
            assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    finally:
        os.umask(before)


async def test_the_files_contain_no_secret_and_no_data_of_the_buyer(sqlite_url, emulator):
    emulator.fault("access_token", "500")
    emulator.fault("api_token_auth", "500")
    buyer = "Kanarya Alıcı"
    emulator.add_document(900, party_name=buyer, receiver_email="kanarya@alici.example")
    emulator.add_sale("KANARYA-1", buyer=buyer, buyer_identity="10000000146")
    for operation in ("create_e_document", "send_invoice"):
        emulator.fault(operation, "drop-after")
    requests = {
        "kolaybi": [CreateEDocument(900), CreateEDocument(2), Proceed(18, 1), CreateEDocument(1)],
        "propars": [SendInvoice(sale_code="KANARYA-1"), SendInvoice(sale_code="abc123")],
    }
    clients = (
        AsyncKolayBi(channel=emulator.kolaybi_channel, api_key=emulator.kolaybi_api_key, base_url=emulator.kolaybi_url),
        AsyncPropars(
            username=emulator.propars_username, password=emulator.propars_password, base_url=emulator.propars_url
        ),
        kolaybi_of(emulator, channel="canary-channel", access_token="canary-token"),
    )
    content = b""
    for client in clients:
        async with client, Journal.open(sqlite_url) as journal:
            for _ in range(2):
                await journal.run(client, requests[client.name], quiet_period=QUIET)
            content += b"".join(path.read_bytes() for path in file_of(sqlite_url).parent.iterdir())
        content += file_of(sqlite_url).read_bytes()
    secrets = [
        "canary-channel",
        "canary-token",
        emulator.kolaybi_channel,
        emulator.kolaybi_api_key,
        emulator.kolaybi_access_token,
        emulator.propars_password,
        emulator.propars_username,
        emulator.propars_token,
        *emulator._app.kolaybi.tokens._live,
        *emulator._app.propars.tokens._live,
        buyer,
        "kanarya@alici.example",
        "10000000146",
        "120.00",
    ]
    assert b"create_e_document" in content
    assert b'"remaining_amount":"0.0"' in content
    assert [secret for secret in secrets if secret.encode() in content] == []
