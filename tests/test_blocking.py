"""The blocking facade within one process: threads, running loops, interruptions, iterators, and its loop's own life."""

from __future__ import annotations

import asyncio
import contextvars
import copy
import dis
import gc
import pickle
import signal
import socket
import sys
import threading
import time
import traceback
import types
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Self
from uuid import UUID

import pytest

import kolay_invoice
from kolay_invoice import (
    InvalidRequestError,
    KolayBi,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    Propars,
    UnexpectedReplyError,
)
from kolay_invoice.blocking import base
from kolay_invoice.blocking import loop_thread as loop_threads
from kolay_invoice.blocking.loop_thread import LoopThread, loop_thread
from kolay_invoice.emulator import Emulator
from kolay_invoice.kolaybi import CreateEDocument
from kolay_invoice.transport import Transport

LONG = 60.0
"""Seconds that a fault lasts which is to be still there when the test looks."""

PATIENCE = 20.0
"""Seconds after which something that should happen at once counts as hanging."""


def until(condition: Callable[[], object]) -> None:
    """Wait until something holds; fail where it does not come to hold."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.002)


def kolaybi_of(emulator: Emulator, **options: Any) -> KolayBi:
    account = {"channel": emulator.kolaybi_channel, "base_url": emulator.kolaybi_url}
    if "api_key" not in options:
        account["access_token"] = emulator.kolaybi_access_token
    return KolayBi(**account, **options)


def propars_of(emulator: Emulator, **options: Any) -> Propars:
    return Propars(token=emulator.propars_token, base_url=emulator.propars_url, **options)


@pytest.fixture
def client(emulator: Emulator) -> Iterator[KolayBi]:
    with kolaybi_of(emulator) as client:
        yield client


@pytest.fixture
def home() -> Iterator[LoopThread]:
    """A loop thread that no client uses; each test may start and end it."""
    home = LoopThread()
    yield home
    if not home.is_ending:
        home.end(nothing)


@pytest.fixture
def own_loop_thread(monkeypatch: pytest.MonkeyPatch, home: LoopThread) -> LoopThread:
    """Clients run on a loop thread of this test's own."""
    monkeypatch.setattr(base, "loop_thread", home)
    monkeypatch.setattr(base, "_open_cores", set())
    return home


async def nothing() -> None:
    pass


async def answer() -> str:
    return "answer"


def tasks_left() -> set[asyncio.Task[Any]]:
    async def others() -> set[asyncio.Task[Any]]:
        return asyncio.all_tasks() - {asyncio.current_task()}

    return loop_thread.run(others)


# Calls


CALLS = {
    "kolaybi": [
        ("create_e_document", {"document_id": 1}, 1, lambda reply: isinstance(reply.uuid, UUID)),
        ("resend", {"document_id": 18}, 18, lambda reply: reply.document_id == 18),
        ("proceed", {"document_id": 1, "vault_id": 1}, 1, lambda reply: reply.remaining_amount == 0),
        (
            "list_invoices",
            {"company_id": 5, "direction": "outbound", "document_id": 20},
            20,
            lambda rows: len(rows) == 1,
        ),
        ("list_companies", {}, None, lambda reply: reply[0].is_invoice_resendable),
    ],
    "propars": [
        ("invoice_html_for_sale", {"sale_code": "abc123"}, "abc123", lambda reply: "<html" in reply.html),
        ("send_invoice", {"sale_code": "abc123"}, "abc123", lambda reply: reply.uuid is not None),
        ("get_signed_xml", {"sale_code": "abc123"}, "abc123", lambda reply: reply.content.startswith(b"<")),
        ("cancel_invoice", {"sale_code": "abc123"}, "abc123", lambda reply: True),
    ],
}


@pytest.mark.parametrize(("make", "calls"), [(kolaybi_of, CALLS["kolaybi"]), (propars_of, CALLS["propars"])])
def test_every_call_works_from_plain_code_and_happens_once(emulator: Emulator, make: Any, calls: Any) -> None:
    with make(emulator) as client:
        for operation, arguments, key, fits in calls:
            assert fits(getattr(client, operation)(**arguments))
            assert emulator.executions(operation, key) == 1
    until(lambda: emulator.connections_open == 0)


def test_clients_can_be_made_from_the_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "PROPARS_USERNAME": emulator.propars_username,
        "PROPARS_PASSWORD": emulator.propars_password,
        "PROPARS_BASE_URL": emulator.propars_url,
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("KOLAYBI_ACCESS_TOKEN", "PROPARS_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with KolayBi.from_env() as kolaybi, Propars.from_env() as propars:
        assert type(kolaybi) is KolayBi
        assert type(propars) is Propars
        kolaybi.call(CreateEDocument(1))
        propars.send_invoice(sale_id=1001)
    assert emulator.executions("create_e_document", 1) == emulator.executions("send_invoice", 1001) == 1


def test_32_threads_share_a_client_and_each_document_happens_once(
    own_loop_thread: LoopThread, emulator: Emulator
) -> None:
    documents = [emulator.add_document().document_id for _ in range(64)]
    starting = threading.Barrier(32)

    def send(document_id: int) -> int:
        if document_id in documents[:32]:
            starting.wait(PATIENCE)  # The very first call, which starts the loop, is made by all of them at once.
        return client.create_e_document(document_id).document_id

    with kolaybi_of(emulator, api_key=emulator.kolaybi_api_key) as client, ThreadPoolExecutor(32) as threads:
        assert list(threads.map(send, documents)) == documents
    assert [emulator.executions("create_e_document", document_id) for document_id in documents] == [1] * 64
    assert emulator.connections_peak <= 8 + 1, "the limiter holds for all threads; the token has a connection too"
    assert [thread.name for thread in threading.enumerate()].count("kolay_invoice") <= 2


async def test_it_works_inside_a_running_loop_as_in_a_notebook(client: KolayBi, emulator: Emulator) -> None:
    assert client.create_e_document(1).document_id == 1
    assert emulator.executions("create_e_document", 1) == 1


def test_the_call_sees_the_context_variables_of_its_caller(client: KolayBi, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = contextvars.ContextVar("tenant", default="nobody")
    seen = []
    send = Transport.send

    async def recording(*args: Any, **options: Any) -> Any:
        seen.append(tenant.get())
        tenant.set("changed by the call")
        return await send(*args, **options)

    monkeypatch.setattr(Transport, "send", recording)
    tenant.set("first")
    client.list_companies()
    contextvars.copy_context().run(lambda: [tenant.set("second"), client.list_companies()])
    client.list_invoices(5, "outbound")
    assert seen == ["first", "second", "first"]
    assert tenant.get() == "first"


def test_errors_are_those_of_the_asyncio_client_and_lead_to_the_line_that_called(
    client: KolayBi, emulator: Emulator
) -> None:
    emulator.fault("create_e_document", "drop-after")
    emulator.fault("list_companies", 302)
    for call, kind, may_have_happened in [
        (lambda: client.create_e_document(1), OutcomeUnknownError, True),
        (lambda: client.create_e_document(404_404), NotFoundError, False),
        (lambda: client.create_e_document(2), InvalidRequestError, False),
        (client.list_companies, UnexpectedReplyError, False),
    ]:
        with pytest.raises(kind) as caught:
            call()
        assert caught.value.may_have_happened is may_have_happened
        functions = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert functions[0] == test_errors_are_those_of_the_asyncio_client_and_lead_to_the_line_that_called.__name__
        assert functions[-1] == "_run", "the last line is the one of the road that raised it"
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None
    assert emulator.executions("create_e_document", 1) == 1


def test_bad_arguments_are_refused_at_the_call_and_before_anything_is_sent(client: KolayBi, emulator: Emulator) -> None:
    for call in (
        lambda: client.create_e_document(True),
        lambda: client.iter_invoices(5, ""),
        lambda: client.call("resend"),
    ):
        with pytest.raises((TypeError, ValueError)):
            call()
    assert emulator.requests == []


def test_another_thread_that_closes_the_client_ends_a_call_with_the_error_of_its_phase(emulator: Emulator) -> None:
    emulator.fault("create_e_document", "slow", seconds=LONG)
    client = kolaybi_of(emulator, max_concurrency=1)
    with ThreadPoolExecutor(2) as threads:
        sent = threads.submit(client.create_e_document, 1)
        until(lambda: emulator.requests)
        queued = threads.submit(client.create_e_document, 2)
        until(lambda: client._core._limiter.waiting)
        client.close()
        assert isinstance(sent.exception(PATIENCE), OutcomeUnknownError)
        assert isinstance(queued.exception(PATIENCE), NotSentError)
    assert len(emulator.requests) == 1


# Opening and closing


def test_close_can_be_repeated_and_every_use_after_it_says_so(emulator: Emulator) -> None:
    client = kolaybi_of(emulator)
    client.list_companies()
    client.close()
    client.close()
    with client:
        pass
    for call in (
        client.list_companies,
        lambda: client.list_invoices(5, "outbound"),
        lambda: list(client.iter_invoices(5, "outbound")),
    ):
        with pytest.raises(RuntimeError, match="is closed: make a new one"):
            call()
    assert len(emulator.requests) == 1


def test_a_client_that_is_dropped_closes_its_connections(emulator: Emulator) -> None:
    client = kolaybi_of(emulator)
    client.list_companies()
    core = weakref.ref(client._core)
    del client
    gc.collect()
    until(lambda: emulator.connections_open == 0)
    until(lambda: gc.collect() or core() is None)


def test_a_client_that_is_dropped_in_the_loops_own_thread_closes_its_connections(emulator: Emulator) -> None:
    box = [kolaybi_of(emulator)]
    box[0].list_companies()

    async def drop() -> None:
        box.clear()

    loop_thread.run(drop)
    until(lambda: emulator.connections_open == 0)


def test_an_unused_client_that_is_dropped_starts_no_loop(own_loop_thread: LoopThread, emulator: Emulator) -> None:
    kolaybi_of(emulator)
    gc.collect()
    assert own_loop_thread._loop is None
    assert not base._open_cores


def test_neither_repr_nor_pickle_nor_copy_give_a_secret_away(emulator: Emulator) -> None:
    with kolaybi_of(emulator) as kolaybi, propars_of(emulator) as propars:
        for client in (kolaybi, propars):
            assert repr(client).startswith("<blocking <Async")
            assert str(client) == repr(client)
            for secret in (emulator.kolaybi_channel, emulator.kolaybi_access_token, emulator.propars_token):
                assert secret not in repr(client)
            for duplicate in (pickle.dumps, copy.copy, copy.deepcopy):
                with pytest.raises(TypeError, match="make one per process"):
                    duplicate(client)


# Interruptions


class Interruption(Exception):  # noqa: N818 - it is no error; an ordinary Exception, as a signal handler may raise one.
    """What the signal handler of these tests raises."""


def interrupt() -> None:
    signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)


@contextmanager
def handler(function: Callable[..., object]) -> Iterator[None]:
    before = signal.signal(signal.SIGUSR1, function)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def raise_interruption(*_: object) -> None:
    raise Interruption


@contextmanager
def interrupted_when(condition: Callable[[], object]) -> Iterator[Any]:
    """Expect the block to be interrupted, by a signal that comes as soon as something holds."""

    def watch() -> None:
        until(condition)
        interrupt()

    watching = threading.Thread(target=watch)
    with handler(raise_interruption):
        watching.start()
        try:
            with pytest.raises(Interruption) as caught:
                yield caught
        finally:
            watching.join()


def notes(caught: Any) -> str:
    return "\n".join(getattr(caught.value, "__notes__", ()))


def test_a_call_that_is_interrupted_in_the_queue_is_never_sent(emulator: Emulator) -> None:
    emulator.fault("create_e_document", "slow", seconds=0.5)
    with kolaybi_of(emulator, max_concurrency=1) as client, ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.create_e_document, 1)
        until(lambda: emulator.requests)
        with interrupted_when(lambda: client._core._limiter.waiting) as caught:
            client.resend(18)
        assert first.result(PATIENCE).document_id == 1
        client.list_companies()  # The queue moves on, and the interrupted call is not in it.
    assert notes(caught) == loop_threads._NOT_SENT
    assert [request.operation for request in emulator.requests] == ["create_e_document", "list_companies"]


def test_a_call_that_is_interrupted_while_it_waits_for_a_token_is_never_sent(emulator: Emulator) -> None:
    emulator.fault("access_token", "slow", seconds=0.5)
    with kolaybi_of(emulator, api_key=emulator.kolaybi_api_key) as client:
        with interrupted_when(lambda: emulator.requests) as caught:
            client.create_e_document(1)
        client.list_companies()
    assert notes(caught) == loop_threads._NOT_SENT
    assert emulator.executions("create_e_document") == 0
    assert [request.operation for request in emulator.requests] == ["access_token", "list_companies"]


def test_a_call_that_is_interrupted_while_it_connects_sends_nothing() -> None:
    """The server takes the connection and never answers the handshake of TLS."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        came = threading.Event()
        arrived: list[bytes] = []

        def accept() -> None:
            connection, _ = listening.accept()
            with connection, suppress(ConnectionError):
                connection.settimeout(PATIENCE)
                while data := connection.recv(65536):
                    arrived.append(data)
                    came.set()

        accepting = threading.Thread(target=accept)
        accepting.start()
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        client = KolayBi(channel="c", access_token="t", base_url=url, allow_custom_host=True)
        with client, interrupted_when(came.is_set) as caught:
            client.create_e_document(1)
        accepting.join(PATIENCE)
    assert notes(caught) == loop_threads._NOT_SENT
    assert b"".join(arrived).startswith(b"\x16\x03"), "the greeting of TLS, and nothing after it"
    assert len(arrived) == 1


def test_a_read_that_is_interrupted_between_two_attempts_makes_no_further_one(emulator: Emulator) -> None:
    emulator.fault("list_companies", 429, retry_after=LONG // 3)
    with kolaybi_of(emulator) as client:
        with interrupted_when(lambda: emulator.requests and not client._core._limiter.in_use):
            client.list_companies()
        client.list_invoices(5, "outbound")
    assert [request.operation for request in emulator.requests] == ["list_companies", "list_invoices"]


@pytest.mark.parametrize(
    ("make", "operation", "arguments", "key"),
    [
        (kolaybi_of, "create_e_document", {"document_id": 1}, 1),
        (kolaybi_of, "resend", {"document_id": 18}, 18),
        (kolaybi_of, "proceed", {"document_id": 1, "vault_id": 1}, 1),
        (propars_of, "invoice_html_for_sale", {"sale_code": "abc123"}, "abc123"),
        (propars_of, "send_invoice", {"sale_code": "abc123"}, "abc123"),
    ],
)
def test_a_call_that_is_interrupted_after_it_left_may_have_happened_and_does_not_go_on(
    emulator: Emulator, make: Any, operation: str, arguments: dict[str, Any], key: int | str
) -> None:
    emulator.fault(operation, "slow", seconds=LONG)
    with make(emulator) as client:
        with interrupted_when(lambda: emulator.executions(operation, key)) as caught:
            getattr(client, operation)(**arguments)
        until(lambda: emulator.connections_open == 0)
        assert f"{operation} was interrupted after it left, so it may have happened" in notes(caught)
        assert not tasks_left()
    assert emulator.executions(operation, key) == 1
    assert len(emulator.requests) == 1


def test_an_answer_that_comes_in_the_same_moment_as_the_interruption_is_in_its_note() -> None:
    async def interrupted_and_done() -> str:
        interrupt()
        return "the one answer " + "x" * 5000

    with handler(raise_interruption), pytest.raises(Interruption) as caught:
        loop_thread.run(interrupted_and_done)
    assert notes(caught).startswith("The call had ended with its answer: 'the one answer x")
    assert len(notes(caught)) < 2500


def test_an_error_that_comes_in_the_same_moment_as_the_interruption_is_in_its_note() -> None:
    async def interrupted_and_failed() -> None:
        interrupt()
        raise LookupError("the one error")

    with handler(raise_interruption), pytest.raises(Interruption) as caught:
        loop_thread.run(interrupted_and_failed)
    assert notes(caught) == "The call had ended with LookupError: the one error"


def test_nothing_needs_a_note_when_there_was_no_answer_to_lose() -> None:
    async def interrupted() -> None:
        interrupt()

    with handler(raise_interruption), pytest.raises(Interruption) as caught:
        loop_thread.run(interrupted)
    assert notes(caught) == ""


@pytest.mark.parametrize("step", ["wait", "result"])
def test_an_interruption_when_the_answer_is_already_there_keeps_it_and_does_not_wait(
    monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The signal is handled at the very end of a step, when the lock has been taken or the answer fetched."""
    original = getattr(loop_threads._Crossing, step)

    def interrupted_at_its_end(crossing: Any, *args: Any) -> Any:
        original(crossing, *args)
        monkeypatch.undo()
        raise Interruption

    monkeypatch.setattr(loop_threads._Crossing, step, interrupted_at_its_end)
    began = time.monotonic()
    with pytest.raises(Interruption) as caught:
        loop_thread.run(answer)
    assert notes(caught) == "The call had ended with its answer: 'answer'"
    assert time.monotonic() - began < loop_threads.LAST_WAIT


def test_an_interruption_before_the_call_has_begun_keeps_it_from_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    began = []

    async def begin() -> None:
        began.append(True)

    loop = loop_thread._started()

    class Interrupting:
        """A loop whose caller is interrupted before it takes the first thing that it is handed."""

        def __init__(self) -> None:
            self.handed = 0

        def call_soon_threadsafe(self, callback: Callable[[], object]) -> None:
            self.handed += 1
            if self.handed == 1:
                raise Interruption
            loop.call_soon_threadsafe(callback)

    interrupting = Interrupting()
    with monkeypatch.context() as patch:
        patch.setattr(loop_thread, "_loop", interrupting)
        with pytest.raises(Interruption) as caught:
            loop_thread.run(begin)
    assert loop_thread.run(answer) == "answer"
    assert interrupting.handed == 2
    assert not began
    assert notes(caught) == loop_threads._NOT_SENT


def test_a_call_that_does_not_end_when_it_is_cancelled_is_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_threads, "LAST_WAIT", 0.05)
    end = threading.Event()

    async def stubborn() -> None:
        interrupt()
        while not end.is_set():
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0.005)

    with handler(raise_interruption), pytest.raises(Interruption) as caught:
        loop_thread.run(stubborn)
    end.set()
    assert notes(caught) == "The call did not end when it was cancelled: its outcome is unknown."
    until(lambda: not tasks_left())


def test_a_second_interruption_ends_the_wait_and_both_have_their_note(monkeypatch: pytest.MonkeyPatch) -> None:
    end = threading.Event()

    async def stubborn() -> None:
        interrupt()
        while not end.is_set():
            try:
                await asyncio.sleep(0.005)
            except asyncio.CancelledError:
                interrupt()

    with handler(raise_interruption), pytest.raises(Interruption) as caught:
        loop_thread.run(stubborn)
    end.set()
    assert isinstance(caught.value.__context__, Interruption)
    for interruption in (caught.value, caught.value.__context__):
        assert interruption.__notes__ == ["The call did not end when it was cancelled: its outcome is unknown."]
    until(lambda: not tasks_left())


OUR_CODE = str(Path(kolay_invoice.__file__).parent)


def traces_bytecodes() -> bool:
    seen = []

    def stepped(frame: FrameType, event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = True
        seen.append(event)
        return stepped

    before = sys.gettrace()
    sys.settrace(stepped)
    copy.copy(seen)
    sys.settrace(before)
    return "opcode" in seen


class Pressing:
    """Interrupts our code in this thread at one of its bytecodes.

    The bytecode that returns what a function has is left out: no signal is heard at it, and nothing could be said.
    """

    def __init__(self, point: int) -> None:
        self.point = point
        self.passed = 0

    def __enter__(self) -> Self:
        self.before = sys.gettrace()
        sys.settrace(self.entered)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self.before)

    def entered(self, frame: FrameType, _event: str, _argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(OUR_CODE):
            return None
        return self.stepped

    def stepped(self, frame: FrameType, event: str, _argument: object) -> Any:
        frame.f_trace_opcodes = True  # Not before: Python 3.13 wants a frame to be traced already.
        name = dis.opname[frame.f_code.co_code[frame.f_lasti]]
        if event == "opcode" and not name.startswith("RETURN"):
            self.passed += 1
            if self.passed == self.point:
                raise Interruption
        return self.stepped


def said_when_interrupted(client: KolayBi, document_id: int, pressing: Pressing) -> str | None:
    """Make a call that is interrupted, and return what that said; None where it was not interrupted."""
    try:
        with pressing:
            client.create_e_document(document_id)
    except Interruption as interruption:
        return "\n".join(getattr(interruption, "__notes__", ()))
    return None


def is_true(said: str | None, document_id: int, executed: int) -> bool:
    if said is None or f"had ended with its answer: EDocument(document_id={document_id}" in said:
        return executed == 1
    if said in {"", loop_threads._NOT_SENT}:  # There is nothing to say where the call has not even reached the loop.
        return executed == 0
    return executed <= 1 and "may have happened" in said


@pytest.mark.skipif(not traces_bytecodes(), reason="this Python does not trace single bytecodes")
def test_ctrl_c_at_any_bytecode_of_a_call_says_what_is_true_of_its_execution(
    client: KolayBi, emulator: Emulator
) -> None:
    client.create_e_document(emulator.add_document().document_id)
    said, passed = {}, 0
    while passed == len(said):
        document_id = emulator.add_document().document_id
        pressing = Pressing(len(said) + 1)
        said[document_id] = said_when_interrupted(client, document_id, pressing)
        passed = pressing.passed
    until(lambda: not tasks_left() and emulator.connections_open == 0)
    assert len(said) > 80
    executed = {document_id: emulator.executions("create_e_document", document_id) for document_id in said}
    false = {(executed[number], text) for number, text in said.items() if not is_true(text, number, executed[number])}
    assert false == set()


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", ["ended_with", "wait", "tell", "_known"])
def test_ctrl_c_pressed_twice_is_never_silent_about_an_execution(
    client: KolayBi, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, step: str, moment: str
) -> None:
    """The second one comes just before or after a step of what the first one has led to."""
    original = getattr(loop_threads._Crossing, step)

    def pressed_again(crossing: Any, *args: Any) -> Any:
        if step == "wait" and not args:
            return original(crossing)
        monkeypatch.setattr(loop_threads._Crossing, step, original)
        if moment == "after":
            original(crossing, *args)
        raise Interruption("again")

    monkeypatch.setattr(loop_threads._Crossing, step, pressed_again)
    emulator.fault("create_e_document", "slow", seconds=LONG)
    with interrupted_when(lambda: emulator.executions("create_e_document", 1)) as caught:
        client.create_e_document(1)
    assert str(caught.value) == "again"
    assert "may have happened" in notes(caught) or "its outcome is unknown" in notes(caught)
    until(lambda: not tasks_left())
    assert emulator.executions("create_e_document", 1) == len(emulator.requests) == 1


def test_a_call_that_something_else_has_cancelled_says_so() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        loop_thread.run(cancelled)


def test_an_error_of_the_call_itself_needs_no_note_when_ctrl_c_comes_on_top_of_it(
    client: KolayBi, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = loop_threads._Crossing.ended_with

    def pressed(crossing: Any, error: BaseException) -> bool:
        monkeypatch.setattr(loop_threads._Crossing, "ended_with", original)
        raise Interruption

    monkeypatch.setattr(loop_threads._Crossing, "ended_with", pressed)
    emulator.fault("create_e_document", "drop-after")
    with pytest.raises(Interruption) as caught:
        client.create_e_document(1)
    assert notes(caught).startswith("The call had ended with OutcomeUnknownError: ")
    assert not hasattr(caught.value.__context__, "__notes__")
    assert emulator.executions("create_e_document", 1) == 1


def test_a_signal_handler_may_make_a_call_while_its_thread_makes_one(client: KolayBi, emulator: Emulator) -> None:
    emulator.fault("create_e_document", "slow", seconds=0.3)
    answers = []
    with handler(lambda *_: answers.append(client.resend(18))):
        watching = threading.Thread(target=lambda: [until(lambda: emulator.requests), interrupt()])
        watching.start()
        answers.append(client.create_e_document(1))
        watching.join()
    assert [one.document_id for one in answers] == [18, 1]
    assert emulator.executions("resend", 18) == emulator.executions("create_e_document", 1) == 1


def test_an_interrupted_close_goes_on_closing(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()
    waiting = threading.Event()
    aclose = Transport.aclose

    async def slow(transport: Transport) -> None:
        waiting.set()
        await asyncio.to_thread(go_on.wait, PATIENCE)
        await aclose(transport)

    monkeypatch.setattr(Transport, "aclose", slow)
    client = kolaybi_of(emulator)
    client.list_companies()
    with interrupted_when(waiting.is_set) as caught:
        client.close()
    assert notes(caught) == loop_threads._NOT_SENT
    go_on.set()
    until(lambda: emulator.connections_open == 0)
    client.close()


# Iterators


def lists(emulator: Emulator) -> int:
    return sum(request.operation == "list_invoices" for request in emulator.requests)


@pytest.fixture
def paged() -> Iterator[Emulator]:
    with Emulator(page_size=10) as emulator:
        emulator.add_company(7)
        for _ in range(100):
            emulator.add_document(company_id=7)
        yield emulator


def test_iter_invoices_gives_the_rows_of_list_invoices_page_by_page(paged: Emulator) -> None:
    with kolaybi_of(paged) as client:
        rows = client.iter_invoices(7, "outbound")
        assert lists(paged) == 0, "nothing is asked before the first row is wanted"
        first = next(rows)
        assert lists(paged) == 1, "the first row needs the first page alone"
        everything = [first, *rows]
        assert lists(paged) == 10
        assert everything == client.list_invoices(7, "outbound")
        assert len(everything) == 100
        assert next(rows, None) is None


def test_hardly_more_is_fetched_than_is_used(paged: Emulator) -> None:
    with kolaybi_of(paged) as client:
        rows = client.iter_invoices(7, "outbound")
        for used in range(1, 41):
            next(rows)
            assert lists(paged) <= 1 + 2 * used // 10


def test_an_error_comes_after_the_rows_that_came_before_it(paged: Emulator) -> None:
    with kolaybi_of(paged, max_attempts=1) as client:
        rows = client.iter_invoices(7, "outbound")
        seen = [next(rows).document_id]
        paged.fault("list_invoices", "garbage")
        with pytest.raises(UnexpectedReplyError) as caught:
            seen.extend(row.document_id for row in rows)
        assert len(seen) == len(set(seen)) == 10
        assert caught.value.operation == "list_invoices"
        assert next(rows, None) is None


def test_an_iterator_that_is_abandoned_half_way_leaves_nothing_behind(paged: Emulator) -> None:
    async def generators() -> int:
        return len(asyncio.get_running_loop()._asyncgens)

    with kolaybi_of(paged) as client:
        for _ in client.iter_invoices(7, "outbound"):
            break
        rows = client.iter_invoices(7, "outbound")
        next(rows)
        rows.close()
        client.iter_invoices(7, "outbound")
        del rows
        gc.collect()
        until(lambda: not tasks_left() and loop_thread.run(generators) == 0)
        assert client._core._limiter.in_use == 0
        assert paged.connections_open == 1, "the pool's"
    until(lambda: paged.connections_open == 0)


def test_an_interrupted_iterator_is_at_its_end(paged: Emulator) -> None:
    with kolaybi_of(paged) as client:
        rows = client.iter_invoices(7, "outbound")
        next(rows)
        paged.fault("list_invoices", "slow", seconds=LONG)
        with interrupted_when(lambda: lists(paged) == 2):
            list(rows)
        assert list(rows) == []
        assert len(client.list_invoices(7, "outbound")) == 100


# The loop's thread


def test_a_call_from_its_own_loop_is_refused_instead_of_waiting_for_itself(client: KolayBi) -> None:
    async def blocking_within() -> None:
        client.list_companies()

    with pytest.raises(RuntimeError, match="await the async client"):
        loop_thread.run(blocking_within)
    client.list_companies()


def test_threads_that_gevent_has_replaced_are_refused(
    own_loop_thread: LoopThread, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkey = types.ModuleType("gevent.monkey")
    monkey.is_module_patched = {"threading": True}.get
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)
    client = kolaybi_of(emulator)
    with pytest.raises(RuntimeError, match="gevent has replaced"):
        client.list_companies()
    monkey.is_module_patched = {"threading": False}.get
    client.list_companies()
    client.close()


def test_a_process_exit_that_a_call_asks_for_is_its_callers_and_all_others_go_on(home: LoopThread) -> None:
    go_on = threading.Event()

    async def leave() -> None:
        raise SystemExit(3)

    async def other() -> str:
        await asyncio.to_thread(go_on.wait, PATIENCE)
        return "unharmed"

    with ThreadPoolExecutor(1) as threads:
        unharmed = threads.submit(home.run, other)
        with pytest.raises(SystemExit):
            home.run(leave)
        go_on.set()
        assert unharmed.result(PATIENCE) == "unharmed"


def test_a_loop_that_cannot_be_made_is_the_callers_error_and_the_next_call_tries_again(
    home: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more_files() -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(asyncio, "new_event_loop", no_more_files)
        with pytest.raises(OSError, match="Too many open files"):
            home.run(answer)
    assert home.run(answer) == "answer"


def test_an_interruption_while_the_thread_starts_leaves_one_loop_that_the_next_call_uses(
    home: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = threading.Thread.start

    def interrupted_start(thread: threading.Thread) -> None:
        start(thread)
        raise Interruption

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted_start)
        for _ in range(3):
            with suppress(Interruption):
                home.run(answer)
    assert home.run(answer) == "answer"
    until(lambda: sum(thread._target == home._serve for thread in threading.enumerate()) == 1)


def test_the_end_closes_what_is_open_and_refuses_further_calls(own_loop_thread: LoopThread, emulator: Emulator) -> None:
    client, unused = kolaybi_of(emulator), kolaybi_of(emulator)
    client.list_companies()
    loop = own_loop_thread._loop
    base._end()
    assert loop.is_closed()
    until(lambda: emulator.connections_open == 0)
    client.close()
    unused.close()
    with pytest.raises(RuntimeError, match="the interpreter is ending"):
        unused.list_companies()
    late = kolaybi_of(emulator)
    del late
    assert not base._open_cores


@pytest.mark.parametrize("is_started", [False, True])
def test_the_end_comes_without_a_loop_or_a_client_too(own_loop_thread: LoopThread, is_started: bool) -> None:
    if is_started:
        own_loop_thread.run(answer)
    base._end()
    assert own_loop_thread._loop is None or own_loop_thread._loop.is_closed()


def test_the_end_waits_for_calls_that_end_cancels_those_that_do_not_and_wakes_nobody(
    home: LoopThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop_threads, "GRACE", 0.05)
    ended = []

    async def ending() -> None:
        ended.append("by itself")

    async def hanging() -> None:
        try:
            await asyncio.sleep(LONG)
        finally:
            ended.append("cancelled")

    loop = home._started()
    crossings = [loop_threads._Crossing(home, function) for function in (hanging, ending)]

    async def last() -> None:
        for crossing in crossings:
            crossing.start()

    home.end(last)
    assert loop.is_closed()
    assert ended == ["by itself", "cancelled"]
    assert not any(crossing._ended for crossing in crossings)


def test_a_fork_waits_for_a_start_that_is_under_way(home: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    making, go_on = threading.Event(), threading.Event()
    new_event_loop = asyncio.new_event_loop

    def slow() -> asyncio.AbstractEventLoop:
        making.set()
        go_on.wait(PATIENCE)
        return new_event_loop()

    monkeypatch.setattr(asyncio, "new_event_loop", slow)
    with ThreadPoolExecutor(2) as threads:
        calling = threads.submit(home.run, answer)
        making.wait(PATIENCE)
        forking = threads.submit(home.hold)
        assert not forking.done()
        go_on.set()
        forking.result(PATIENCE)
        home.let_go()
        assert calling.result(PATIENCE) == "answer"


def test_a_forked_child_starts_a_loop_of_its_own_and_never_finalizes_the_parents(
    own_loop_thread: LoopThread, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the hook does in a child, done here; the children themselves are in test_blocking_processes.py."""
    kept = []
    for room in (loop_threads, base):
        monkeypatch.setattr(room, "leak_in_child", kept.append)
    own_loop_thread.hold()
    base._after_fork_in_child()
    assert kept == [], "where no loop was started, no client has opened anything"
    client = kolaybi_of(emulator)
    client.list_companies()
    loop, thread = own_loop_thread._loop, own_loop_thread._thread
    base._after_fork_in_child()
    assert kept == [(loop, set(), set()), client._core]
    assert own_loop_thread.run(answer) == "answer"
    assert own_loop_thread._loop is not loop
    asyncio.run_coroutine_threadsafe(base._closed(client._core, client._core.aclose), loop).result(PATIENCE)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE)
    assert loop.is_closed()
