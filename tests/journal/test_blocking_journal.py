"""The blocking twin of the journal: the same methods, the same promise, and every way in which it is closed."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from functools import partial
from uuid import UUID

import pytest

from kolay_invoice import AsyncKolayBi, CreateEDocument, KolayBi, NotFoundError, Proceed, SendInvoice
from kolay_invoice.blocking import BlockingJournal, batch, call_all
from kolay_invoice.blocking.loop_thread import loop_thread
from kolay_invoice.journal import Journal, JournalConflictError, JournalError, State


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/sends.db"


@pytest.fixture
def kolaybi(emulator):
    with KolayBi(
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
    ) as client:
        yield client


@pytest.fixture
def journal(url):
    with BlockingJournal.open(url) as opened:
        yield opened


PUBLIC = sorted({name for name in dir(Journal) if not name.startswith("_")} - {"aclose"})


@pytest.mark.parametrize("name", PUBLIC)
def test_each_method_of_the_journal_has_its_twin(name):
    awaited, blocking = (inspect.getattr_static(kind, name) for kind in (Journal, BlockingJournal))

    assert type(awaited) is type(blocking)
    if isinstance(awaited, property):
        return
    awaited, blocking = (getattr(one, "__func__", one) for one in (awaited, blocking))
    assert [(one.name, one.kind, one.default) for one in inspect.signature(blocking).parameters.values()] == [
        (one.name, one.kind, one.default) for one in inspect.signature(awaited).parameters.values()
    ]
    assert not inspect.iscoroutinefunction(blocking)
    if name != "open":
        assert inspect.getdoc(blocking).partition("\n")[0] == inspect.getdoc(awaited).partition("\n")[0]


def test_the_twin_has_no_method_of_its_own():
    assert {name for name in dir(BlockingJournal) if not name.startswith("_")} == {*PUBLIC, "close"}


def test_a_run_sends_once_and_a_second_one_says_what_was_done_before(journal, kolaybi, emulator):
    requests = [CreateEDocument(number) for number in (1, emulator.add_document().document_id)]

    first = journal.run(kolaybi, iter(requests))
    second = journal.run(kolaybi, requests)

    assert (first.done_now, second.done_now, second.done_before) == (2, 0, 2)
    assert [row.request for row in first.rows] == requests
    assert [emulator.executions("create_e_document", one.document_id) for one in requests] == [1, 1]
    assert journal.counts()[State.DONE] == 2
    assert journal.identity.last_run == second.run_id


def test_what_is_in_doubt_is_found_and_settled(journal, kolaybi, emulator):
    emulator.fault("proceed", "drop-after")
    journal.run(kolaybi, [Proceed(20, 1)])

    (waiting,) = journal.rows(state="needs_person")
    settled = journal.settle(waiting, done=True, because="seen in the vault")

    assert settled == journal.find(kolaybi, Proceed(20, 1)) == journal.row(waiting.key)
    assert journal.counts_of(kolaybi, [Proceed(20, 1)])[State.DONE] == 1
    with pytest.raises(ValueError, match="exactly one"):
        journal.settle(waiting)
    assert emulator.executions("proceed", 20) == 1


def test_conflicts_are_told_and_the_other_rows_were_tried(journal, kolaybi):
    journal.run(kolaybi, [Proceed(20, 1)])

    assert len(journal.find_conflicts(kolaybi, [Proceed(20, 1, "5")])) == 1
    with pytest.raises(JournalConflictError) as raised:
        journal.run(kolaybi, [Proceed(20, 1, "5"), CreateEDocument(1)])

    assert raised.value.report.counts[State.DONE] == 1


def test_another_thread_stops_a_run(journal, kolaybi, emulator):
    stopped = []

    def stop(progress):
        if not stopped:
            stopper = threading.Thread(target=lambda: stopped.append(journal.stop()))
            stopper.start()

    numbers = [emulator.add_document().document_id for _ in range(300)]
    report = journal.run(kolaybi, map(CreateEDocument, numbers), concurrency=1, progress=stop)

    assert report.stopped == "stopped on request"
    assert 0 < report.counts[State.DONE] < len(numbers)


def test_the_rows_of_a_long_run_come_page_by_page(journal, kolaybi, emulator):
    numbers = [emulator.add_document(status="draft").document_id for _ in range(450)]
    journal.run(kolaybi, map(CreateEDocument, numbers), concurrency=50)

    assert [row.request.document_id for row in journal.rows()] == numbers


def test_a_closed_journal_says_so(url, kolaybi):
    journal = BlockingJournal.open(url)
    report = journal.run(kolaybi, [CreateEDocument(1)])
    journal.close()
    journal.close()

    with pytest.raises(RuntimeError, match="the journal is closed"):
        list(report.rows)
    with pytest.raises(RuntimeError, match="the journal is not open"):
        journal.counts()


def test_the_doubt_of_a_journal_can_be_ended(journal):
    journal.end_doubt(by="Ayşe", because="nothing is missing")

    assert journal.identity.doubt is None


def test_the_error_of_the_block_is_kept_where_closing_fails_too(url, monkeypatch):
    async def fail(self):
        raise JournalError("cannot be closed")

    with suppress(ZeroDivisionError), BlockingJournal.open(url) as journal:
        monkeypatch.setattr(journal._journal, "aclose", fail.__get__(journal._journal))
        raise ZeroDivisionError
    monkeypatch.undo()
    journal.close()

    with pytest.raises(JournalError, match="cannot be closed"), BlockingJournal.open(url) as journal:
        monkeypatch.setattr(journal._journal, "aclose", fail.__get__(journal._journal))
    monkeypatch.undo()
    journal.close()


def test_what_is_no_journal_is_not_opened(tmp_path):
    with pytest.raises(JournalError):
        BlockingJournal.open(f"sqlite:///{tmp_path}/none.db", create=False)


def test_a_client_of_asyncio_is_told_to_be_one(journal):
    client = AsyncKolayBi(channel="c", access_token="t")

    with pytest.raises(TypeError, match="BlockingJournal blocks, and AsyncKolayBi is a client of asyncio: give a"):
        journal.run(client, [CreateEDocument(1)])
    with pytest.raises(TypeError, match=r"call_all blocks, .* or use kolay_invoice.call_all"):
        call_all(client, [CreateEDocument(1)], print)
    with pytest.raises(TypeError, match="client: call_all takes a KolayBi or Propars, not int"):
        call_all(5, [CreateEDocument(1)], print)


NEVER_CLOSED = """
import sys
from kolay_invoice.blocking import BlockingJournal
journal = BlockingJournal.open(sys.argv[1])
print(sum(journal.counts().values()))
"""


def test_a_program_that_never_closes_its_journal_ends(url):
    command = [sys.executable, "-X", "dev", "-W", "error::ResourceWarning", "-c", NEVER_CLOSED, url]

    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    assert (ran.stdout, ran.stderr) == ("0\n", "")


# call_all


def test_call_all_passes_each_result_on_in_the_callers_thread(kolaybi, emulator):
    here, results = threading.get_ident(), {}
    another = emulator.add_document().document_id

    def requests():
        assert threading.get_ident() == here
        yield from map(CreateEDocument, (1, 999_999, another))

    def answered(request, outcome):
        assert threading.get_ident() == here
        results[request.document_id] = outcome

    call_all(kolaybi, requests(), answered, concurrency=2)

    assert results[1].uuid == emulator.documents[1].uuid
    assert isinstance(results[999_999], NotFoundError)
    assert isinstance(results[another].uuid, UUID)
    with pytest.raises(ValueError, match="concurrency must be"):
        call_all(kolaybi, [], answered, concurrency=0)


def test_an_error_of_the_caller_ends_it_after_the_calls_in_progress(kolaybi, emulator):
    numbers = [emulator.add_document().document_id for _ in range(20)]
    seen = []

    def answered(request, outcome):
        seen.append(request.document_id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        call_all(kolaybi, map(CreateEDocument, numbers), answered, concurrency=3)

    assert len(seen) == 3
    assert [emulator.executions("create_e_document", number) for number in seen] == [1, 1, 1]
    assert sum(emulator.executions("create_e_document", number) for number in numbers) == 3


def test_a_request_of_another_provider_ends_it(kolaybi):
    with pytest.raises(TypeError, match="SendInvoice is not a request of kolaybi"):
        call_all(kolaybi, [SendInvoice(sale_id=1)], print)


@pytest.mark.parametrize("last_wait", [batch.LAST_WAIT, 0.0])
def test_a_second_interruption_cancels_the_calls_in_progress(last_wait, kolaybi, emulator, monkeypatch):
    emulator.fault("create_e_document", "slow", times=2, seconds=30)
    outcomes = []

    def requests():
        yield from map(CreateEDocument, (1, 20))
        raise KeyboardInterrupt

    def interrupt(_self):
        raise SystemExit

    monkeypatch.setattr(batch, "LAST_WAIT", last_wait)
    monkeypatch.setattr(batch._Calls, "finish", interrupt)
    with pytest.raises(SystemExit):
        call_all(kolaybi, requests(), lambda _, outcome: outcomes.append(outcome), concurrency=3)

    assert outcomes == []
    loop_thread.run(partial(asyncio.sleep, 0))
    assert not loop_thread._calls


def test_an_interruption_before_a_call_is_submitted_ends_without_it(kolaybi, emulator, monkeypatch):
    submit = loop_thread.submit

    def interrupted(start):
        monkeypatch.setattr(loop_thread, "submit", submit)
        raise KeyboardInterrupt

    for step in ("finish", "cancel"):
        with monkeypatch.context() as patched:
            patched.setattr(loop_thread, "submit", interrupted)
            if step == "cancel":
                patched.setattr(batch._Calls, "finish", lambda _: None)
            with pytest.raises(KeyboardInterrupt):
                call_all(kolaybi, [CreateEDocument(1)], print)
    assert emulator.executions("create_e_document", 1) == 0


def test_an_interruption_when_the_journal_has_just_opened_closes_it(url, monkeypatch):
    run, opened = loop_thread.run, []

    def interrupted(function):
        monkeypatch.setattr(loop_thread, "run", run)
        opened.append(run(function))
        raise KeyboardInterrupt

    monkeypatch.setattr(loop_thread, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        BlockingJournal.open(url)

    assert opened[0]._open is None


@pytest.mark.timeout(300)
def test_an_interruption_at_any_instruction_loses_no_answer_and_waits_for_nothing(kolaybi, emulator):
    """The instructions of the caller's thread in `call_all` are counted, and each is interrupted once."""
    interrupted = 0
    with _interruption_at(1_000_000, batch.__file__):
        # Python 3.12 tells of the instructions of a function from its second call on.
        call_all(kolaybi, [], print)
        call_all(kolaybi, [CreateEDocument(1)], _ignore)
    for instruction in range(1, 5_000):
        numbers = [emulator.add_document().document_id for _ in range(3)]
        seen = set()
        answered = partial(_add_number, seen)
        with _interruption_at(instruction, batch.__file__) as was_not_reached:
            try:
                call_all(kolaybi, map(CreateEDocument, numbers), answered, concurrency=2)
            except KeyboardInterrupt:
                interrupted += 1
        executed = {one for one in numbers if emulator.executions("create_e_document", one)}
        assert seen == executed, f"interrupted at instruction {instruction}"
        assert sum(emulator.executions("create_e_document", one) for one in numbers) == len(executed)
        if was_not_reached():
            break
    assert interrupted > 100
    assert len(executed) == 3


def _ignore(_request, _outcome):
    pass


def _add_number(seen, request, _outcome):
    seen.add(request.document_id)


@contextmanager
def _interruption_at(instruction, path):
    """Raise KeyboardInterrupt before an instruction of a file in this thread; yields whether it was not reached."""
    left = instruction

    def trace(frame, event, _argument):
        nonlocal left
        if frame.f_code.co_filename != path:
            return None
        frame.f_trace_opcodes = True
        if event == "opcode":
            left -= 1
            if left == 0:
                raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield lambda: left > 0
    finally:
        sys.settrace(before)
