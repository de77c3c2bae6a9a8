"""What `on_event` is told, and that it can do nothing to a call."""

from __future__ import annotations

import asyncio
import sys

import pytest
from attrs import evolve

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    GetSignedXml,
    KolayBi,
    KolayInvoiceError,
    Limiter,
    NotSentError,
    OutcomeUnknownError,
)
from kolay_invoice.endpoint import Effect
from kolay_invoice.events import AttemptEnded, CallEnded, LimiterWaited, Outcome, Retrying


@pytest.fixture
def events():
    return []


@pytest.fixture
def make(opened, emulator, events):
    """Make a client of the emulated KolayBi whose events are kept."""

    async def make(**options):
        options.setdefault("on_event", events.append)
        options.setdefault("access_token", emulator.kolaybi_access_token)
        return await opened(
            AsyncKolayBi,
            channel=emulator.kolaybi_channel,
            api_key=emulator.kolaybi_api_key,
            base_url=emulator.kolaybi_url,
            **options,
        )

    return make


def kinds(events):
    return [type(event) for event in events]


async def test_a_call_that_is_answered_tells_of_its_attempt_and_of_its_end(make, emulator, events):
    await (await make()).create_e_document(1)

    attempt, call = events
    assert attempt == AttemptEnded(
        provider="kolaybi",
        operation="create_e_document",
        effect=Effect.IRREVERSIBLE,
        method="POST",
        origin=emulator.kolaybi_url,
        attempt=1,
        outcome=Outcome.DONE,
        error=None,
        status=200,
        seconds=attempt.seconds,
    )
    assert call == CallEnded(
        provider="kolaybi",
        operation="create_e_document",
        effect=Effect.IRREVERSIBLE,
        outcome=Outcome.DONE,
        error=None,
        attempts=1,
        seconds=call.seconds,
    )
    assert call.seconds >= attempt.seconds > 0


@pytest.mark.parametrize(
    ("fault", "document_id", "outcome", "error", "status"),
    [
        ("drop-after", 1, Outcome.UNKNOWN, "OutcomeUnknownError", None),
        (504, 1, Outcome.UNKNOWN, "OutcomeUnknownError", 504),
        (429, 1, Outcome.REFUSED, "RateLimitedError", 429),
        (None, 999_999, Outcome.REFUSED, "NotFoundError", 404),
    ],
)
async def test_a_call_that_fails_tells_what_became_of_it(
    make, emulator, events, fault, document_id, outcome, error, status
):
    if fault is not None:
        emulator.fault("create_e_document", fault)

    with pytest.raises(KolayInvoiceError):
        await (await make()).create_e_document(document_id)

    attempt, call = events
    assert (attempt.outcome, attempt.error, attempt.status) == (outcome, error, status)
    assert (call.outcome, call.error, call.attempts) == (outcome, error, 1)


async def test_a_read_that_gets_no_usable_answer_is_unusable(make, emulator, events):
    emulator.fault("list_companies", "drop-after")

    with pytest.raises(KolayInvoiceError):
        await (await make(max_attempts=1)).list_companies()

    assert [event.outcome for event in events] == [Outcome.UNUSABLE] * 2


async def test_a_wrong_channel_is_a_misconfiguration(opened, emulator, events):
    client = await opened(
        AsyncKolayBi, channel="wrong", access_token="t", base_url=emulator.kolaybi_url, on_event=events.append
    )

    with pytest.raises(KolayInvoiceError):
        await client.list_companies()

    assert events[-1].outcome is Outcome.MISCONFIGURED


@pytest.mark.usefixtures("no_waits")
async def test_a_read_that_is_repeated_tells_of_each_attempt_and_pause(make, emulator, events):
    emulator.fault("list_companies", "drop-before", times=2)

    await (await make()).list_companies()

    assert kinds(events) == [AttemptEnded, Retrying, AttemptEnded, Retrying, AttemptEnded, CallEnded]
    assert [event.attempt for event in events[:-1]] == [1, 1, 2, 2, 3]
    assert (events[-1].attempts, events[-1].outcome) == (3, Outcome.DONE)


async def test_a_new_token_is_a_call_of_its_own_and_a_retry_without_a_pause(make, emulator, events):
    emulator.expire_tokens()

    await (await make()).create_e_document(1)

    assert kinds(events) == [AttemptEnded, Retrying, AttemptEnded, CallEnded, AttemptEnded, CallEnded]
    assert events[0].status == 401
    assert events[1].pause == 0.0
    assert [event.operation for event in events[2:4]] == ["access_token"] * 2
    assert emulator.executions("create_e_document", 1) == 1


async def test_waiting_for_the_limiter_is_told_and_a_free_slot_is_not(make, emulator, events):
    client = await make(max_concurrency=1)

    await asyncio.gather(client.create_e_document(1), client.list_companies())

    (waited,) = (event for event in events if isinstance(event, LimiterWaited))
    assert (waited.provider, waited.operation) == ("kolaybi", "list_companies")
    assert waited.seconds > 0


async def test_a_queue_that_takes_too_long_is_a_call_without_an_attempt(make, events):
    limiter = Limiter(1)
    await limiter.acquire()

    with pytest.raises(NotSentError):
        await (await make(limiter=limiter, queue_timeout=0.01)).create_e_document(1)

    assert kinds(events) == [LimiterWaited, CallEnded]
    assert events[-1].outcome is Outcome.NOT_SENT


@pytest.mark.parametrize(
    ("operation", "arguments", "outcome"),
    [("create_e_document", (1,), Outcome.UNKNOWN), ("list_companies", (), Outcome.INTERRUPTED)],
)
async def test_a_call_that_is_given_up_tells_whether_it_may_have_happened(
    make, emulator, events, until, operation, arguments, outcome
):
    emulator.fault(operation, "slow", seconds=60)
    call = asyncio.create_task(getattr(await make(), operation)(*arguments))
    await until(lambda: emulator.executions(operation))

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert kinds(events) == [AttemptEnded, CallEnded]
    assert [(event.outcome, event.error) for event in events] == [(outcome, "CancelledError")] * 2


async def test_the_other_provider_and_the_blocking_twin_tell_as_well(opened, emulator, events):
    propars = await opened(
        AsyncPropars, token=emulator.propars_token, base_url=emulator.propars_url, on_event=events.append
    )
    await propars.send_invoice(sale_id=1001)

    def blocking():
        with KolayBi(
            channel=emulator.kolaybi_channel,
            access_token=emulator.kolaybi_access_token,
            base_url=emulator.kolaybi_url,
            on_event=events.append,
        ) as kolaybi:
            kolaybi.create_e_document(1)

    await asyncio.to_thread(blocking)

    ended = [(event.provider, event.operation) for event in events if isinstance(event, CallEnded)]
    assert ended == [("propars", "send_invoice"), ("kolaybi", "create_e_document")]


@pytest.mark.parametrize(
    "raised",
    [ValueError("secret-in-a-text"), asyncio.CancelledError(), SystemExit(3), KolayInvoiceError("not a call's own")],
    ids=lambda raised: type(raised).__name__,
)
async def test_what_on_event_raises_changes_nothing_and_is_logged_once_by_its_type(
    make, emulator, every_record, raised
):
    def on_event(event):
        raise raised

    client = await make(on_event=on_event, max_concurrency=1)
    documents = [emulator.add_document().document_id for _ in range(5)]
    emulator.expire_tokens()

    replies = await asyncio.gather(*map(client.create_e_document, documents))
    emulator.fault("create_e_document", "drop-after")
    with pytest.raises(OutcomeUnknownError):
        await client.create_e_document(1)

    assert [reply.document_id for reply in replies] == documents
    assert [emulator.executions("create_e_document", number) for number in [*documents, 1]] == [1] * 6
    (said,) = (record for record in every_record.records if "on_event" in record.getMessage())
    assert said.getMessage() == f"on_event raised {type(raised).__name__}: no call is affected; said once"


async def test_an_interrupt_from_the_keyboard_is_not_swallowed(make, emulator):
    def on_event(event):
        raise KeyboardInterrupt

    call = (await make(on_event=on_event)).create_e_document(1)
    with pytest.raises(KeyboardInterrupt):
        await call


async def test_nobody_who_listens_costs_nothing(make, monkeypatch):
    monkeypatch.delitem(sys.modules, "opentelemetry", raising=False)
    client = await make(on_event=None)

    await client.create_e_document(1)

    assert client._connections.report is None


@pytest.mark.parametrize("wrong", ["print", 1])
async def test_what_cannot_be_called_is_refused_before_anything_is_opened(make, wrong):
    with pytest.raises(TypeError, match="on_event must be a plain function"):
        await make(on_event=wrong)


async def test_a_coroutine_function_is_refused_because_nobody_would_await_it(make):
    async def on_event(event): ...

    with pytest.raises(TypeError, match="on_event must be a plain function"):
        await make(on_event=on_event)


@pytest.mark.usefixtures("no_waits")
async def test_every_event_of_a_call_carries_its_request_and_shows_nothing_of_it(opened, emulator, events):
    client = await opened(
        AsyncPropars,
        username=emulator.propars_username,
        password=emulator.propars_password,
        base_url=emulator.propars_url,
        on_event=events.append,
        max_concurrency=1,
    )
    emulator.fault("get_signed_xml", "drop-before")
    asked = GetSignedXml(sale_code="abc123")

    with pytest.raises(KolayInvoiceError) as caught:
        await asyncio.gather(client.call(asked), client.call(asked))

    assert caught.value.request == asked
    assert set(kinds(events)) == {AttemptEnded, CallEnded, LimiterWaited, Retrying}
    assert {event.operation: event.request for event in events} == {"get_signed_xml": asked, "api_token_auth": None}
    assert "abc123" not in repr(events)


async def test_a_defect_at_a_reply_is_told_as_what_it_is(make, events, monkeypatch):
    def explode(*_):
        raise AttributeError

    client = await make()
    monkeypatch.setattr(client, "profile", evolve(client.profile, interpret=explode))

    with pytest.raises(AttributeError):
        await client.list_companies()
    assert [(event.outcome, event.error) for event in events] == [(Outcome.UNUSABLE, "AttributeError")] * 2

    events.clear()
    with pytest.raises(OutcomeUnknownError):
        await client.proceed(1, vault_id=1)
    assert [(event.outcome, event.error) for event in events] == [(Outcome.UNKNOWN, "OutcomeUnknownError")] * 2
