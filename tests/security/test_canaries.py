"""Invariant I4 with the lights on: no fault shows a secret, not even where the locals of every frame are printed."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import copy
import pickle
import re

import pytest
from attrs import evolve

from kolay_invoice import AsyncKolayBi, AsyncPropars, ConfigurationError, KolayBi, KolayInvoiceError, Propars
from kolay_invoice.redact import Secret

from ..faults import contents, faults, listeners
from ..faults.matrix import CALLS, PATIENCE, TOKEN_OPERATION
from ..faults.replies import good_reply
from ..faults.test_matrix_replies import MATRIX
from .heartbeat import served_meanwhile
from .support import CANARIES, CLIENTS, CREDENTIALS, REQUESTS, client_of, error_of, request_of, told, with_locals

# Each fault of the matrix once, with the calls taking turns.
FAULTS = tuple((line.fault, CALLS[number % len(CALLS)]) for number, line in enumerate(MATRIX))


@pytest.mark.parametrize(("fault", "call"), FAULTS, ids=str)
async def test_no_fault_shows_a_secret_or_stalls_the_loop(fault, call, server, spans, no_secret_shown):
    server.fault(call.name, fault, times=None)
    events = []

    async with served_meanwhile():
        error = await error_of(
            client_of(call.provider, base_url=server.url, timeout=0.5, max_reply_bytes=1 << 20, on_event=events.append),
            request_of(call),
        )

    assert events
    no_secret_shown(*spans(), repr(events))

    if error is not None:
        assert isinstance(error, KolayInvoiceError)
        no_secret_shown(told(error), with_locals(error))
    no_secret_shown()


@pytest.mark.parametrize("provider", CLIENTS)
@pytest.mark.parametrize(
    "fault",
    [contents.refused_quoting_the_request, contents.refused(401), faults.executed_then_closed, contents.login_page],
    ids=str,
)
async def test_fetching_a_token_shows_no_secret(fault, provider, server, no_secret_shown):
    call = next(one for one in CALLS if one.provider == provider)
    server.fault(call.name, contents.refused(401))
    server.fault(TOKEN_OPERATION[provider], fault, times=None)

    error = await error_of(client_of(provider, base_url=server.url, max_attempts=1), request_of(call))

    assert isinstance(error, KolayInvoiceError)
    no_secret_shown(told(error), with_locals(error))


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("answer", [listeners.REFUSES_WITH_407, listeners.CLOSES], ids=["407", "closes"])
async def test_a_proxy_that_refuses_shows_no_secret(answer, call, certificates, no_secret_shown):
    async with listeners.proxy(answer) as proxy:
        url = f"http://user:{CANARIES['proxy_password']}@127.0.0.1:{proxy.port}"
        error = await error_of(
            client_of(
                call.provider,
                base_url="https://localhost",
                proxy=url,
                ssl_context=certificates.client,
                max_attempts=1,
            ),
            request_of(call),
        )

    assert isinstance(error, KolayInvoiceError)
    no_secret_shown(told(error), with_locals(error))


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_a_call_that_its_caller_gives_up_shows_no_secret(call, server, no_secret_shown):
    server.fault(call.name, faults.never_answered)

    error = await error_of(client_of(call.provider, base_url=server.url), request_of(call), seconds=0.3)

    assert isinstance(error, TimeoutError)
    no_secret_shown(told(error), with_locals(error))


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_only_the_arguments_of_a_method_show_in_its_own_frame(call, server, no_secret_shown):
    """A method's arguments are locals of its frame: SECURITY.md says so, and that a value hides them."""
    server.fault(call.name, contents.refused(400))
    client = client_of(call.provider, base_url=server.url)
    method, arguments = getattr(client, call.name), call.arguments

    error = None
    async with client:
        try:
            await method(**arguments)
        except KolayInvoiceError as refusal:
            error = refusal.with_traceback(refusal.__traceback__.tb_next)

    no_secret_shown(told(error))
    no_secret_shown(with_locals(error), known={"sale_code", "party_name"})


@pytest.mark.parametrize("kind", [AsyncKolayBi, AsyncPropars, KolayBi, Propars])
def test_a_client_shows_no_secret_and_is_never_copied_to_another_process(kind, no_secret_shown):
    client = kind(**CREDENTIALS["kolaybi" if "Kolay" in kind.__name__ else "propars"])

    no_secret_shown(repr(client), str(client), f"{client}")
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled") as refusal:
            leave(client)
        no_secret_shown(told(refusal.value))
    if kind in {KolayBi, Propars}:
        client.close()


def test_a_credential_prints_as_stars_and_is_never_pickled(no_secret_shown):
    secret = Secret(CANARIES["token"])

    no_secret_shown(repr(secret), repr([secret]), repr({"token": secret}))
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)


WRONG = {
    "kolaybi": ({"channel": f"{CANARIES['channel']}\r\nX: y"}, {"api_key": f"{CANARIES['api_key']} "}),
    "propars": ({"token": f"{CANARIES['token']}\n"}, {"password": f"{CANARIES['password']}\0"}),
}


@pytest.mark.parametrize(("provider", "wrong"), [(provider, wrong) for provider in WRONG for wrong in WRONG[provider]])
def test_a_credential_of_an_impossible_shape_is_refused_without_being_shown(provider, wrong, no_secret_shown):
    with pytest.raises(ConfigurationError) as refusal:
        CLIENTS[provider](**{**CREDENTIALS[provider], **wrong})

    no_secret_shown(told(refusal.value))


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_a_reply_prints_no_buyer_and_no_document(call, server, no_secret_shown):
    def with_a_buyer(asked):
        """The good reply with a buyer in it: as a field more, or inside the document."""
        reply = good_reply(asked)
        buyer = CANARIES["buyer"].encode()
        if reply.content_type == "application/json":
            return evolve(
                reply,
                body=re.sub(rb'{("(?:id|document_id|transaction_status)")', rb'{"buyer": "%s", \1' % buyer, reply.body),
            )
        return evolve(reply, body=reply.body.replace(b"</", buyer + b"</", 1))

    server.fault(call.name, contents.reply_instead("with_a_buyer", with_a_buyer))

    async with asyncio.timeout(PATIENCE), client_of(call.provider, base_url=server.url) as client:
        reply = await client.call(REQUESTS[call.name](**call.arguments))

    no_secret_shown(repr(reply), str(reply))


def test_what_is_looked_at_would_show_a_secret_if_there_were_one(no_secret_shown):
    def careless():
        token = {"deep": [{"Authorization": "x" * 300 + CANARIES["token"] + "y" * 300}]}
        raise ValueError(len(token))

    try:
        careless()
    except ValueError as error:
        shown = with_locals(error)

    with pytest.raises(AssertionError, match="the token is shown"):
        no_secret_shown(shown)
