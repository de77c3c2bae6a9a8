"""No frame of an error holds a credential in plain, whichever argument of a client is wrong and whichever call fails.

A reporter of errors may record the locals of every frame, of causes and contexts too. The caller's own frames, which
are those of the tests here, are not ours.
"""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import inspect
import traceback

import pytest

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    AuthenticationError,
    ConfigurationError,
    InvalidRequestError,
    KolayBi,
    NotFoundError,
    NotSentError,
    OutcomeUnknownError,
    Propars,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
)
from kolay_invoice.config import ClientOptions

from ..faults import contents, faults
from ..faults.matrix import CALLS, TOKEN_OPERATION
from .support import CANARIES, CREDENTIALS, error_of, request_of

WRONG = (ConfigurationError, TypeError, ValueError)
KINDS = (AsyncKolayBi, KolayBi, AsyncPropars, Propars)
ENVIRONMENT = {
    "KOLAYBI_CHANNEL": CANARIES["channel"],
    "KOLAYBI_ACCESS_TOKEN": CANARIES["token"],
    "KOLAYBI_API_KEY": CANARIES["api_key"],
    "PROPARS_TOKEN": CANARIES["token"],
    "PROPARS_USERNAME": CANARIES["username"],
    "PROPARS_PASSWORD": CANARIES["password"],
}
PASSWORD = CANARIES["proxy_password"]


def locals_of(error):
    """Return the locals of every frame but the tests' own, of the error and of all causes and contexts."""
    told, seen, waiting = [], set(), [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        waiting += [one.__cause__, one.__context__]
        told.append(repr(one))
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                told += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
    return "\n".join(told)


def assert_no_credential_in(error, known=()):
    told = locals_of(error)
    shown = [name for name, canary in CANARIES.items() if canary in told and name not in known]
    assert not shown, told


def provider_of(kind):
    return "kolaybi" if "Kolay" in kind.__name__ else "propars"


def wrong_values(name):
    """Return values of an argument that no client takes; those of a credential hold it."""
    secret = {"access_token": "token"}.get(name, name)
    if secret in CANARIES:
        canary = CANARIES[secret]
        return [f"{canary}\0", canary.encode(), [canary]]
    return {
        "base_url": [f"https://user:{PASSWORD}@host", f"https://user:{PASSWORD}@host:x", PASSWORD.encode()],
        "proxy": [f"ftp://user:{PASSWORD}@host", f"http://user:{PASSWORD}@host:x", PASSWORD.encode()],
        "timeout": [-1],
        "account": [""],
    }.get(name, [object()])


def wrong_arguments():
    """Iterate over each argument of each constructor, wrong once."""
    for kind in KINDS:
        named = [name for name in inspect.signature(kind).parameters if name != "options"]
        for name in (*named, *ClientOptions.__annotations__):
            for value in wrong_values(name):
                yield pytest.param(kind, {name: value}, id=f"{kind.__name__}-{name}-{type(value).__name__}")
        yield pytest.param(kind, {"acces_token": CANARIES["token"]}, id=f"{kind.__name__}-mistyped")


@pytest.mark.parametrize(("kind", "wrong"), tuple(wrong_arguments()))
def test_a_client_that_is_made_wrongly_leaves_no_credential_in_a_frame(kind, wrong, monkeypatch):
    with pytest.raises(WRONG) as refusal:
        kind(**{**CREDENTIALS[provider_of(kind)], **wrong})
    assert_no_credential_in(refusal.value)

    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    options = {name: value for name, value in wrong.items() if name not in ENVIRONMENT}
    taken = inspect.signature(kind.from_env).parameters.keys() | ClientOptions.__annotations__.keys() | {"acces_token"}
    if options.keys() <= taken:
        with pytest.raises(WRONG) as refusal:
            kind.from_env(**options)
        assert_no_credential_in(refusal.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_variable_that_is_wrong_or_missing_leaves_no_credential_in_a_frame(kind, monkeypatch):
    prefix = provider_of(kind).upper()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for name, value in {
        f"{prefix}_BASE_URL": f"https://user:{PASSWORD}@host",
        "KOLAYBI_CHANNEL": "",
        "PROPARS_USERNAME": "",
    }.items():
        if name.startswith(prefix):
            with monkeypatch.context() as changed:
                changed.setenv(name, value)
                with pytest.raises(
                    (ConfigurationError, ValueError), match=r"base_url|KOLAYBI_CHANNEL|username"
                ) as refusal:
                    kind.from_env()
            assert_no_credential_in(refusal.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_could_not_be_made_has_a_repr(kind):
    with pytest.raises(ValueError, match="timeout") as refusal:
        kind(**CREDENTIALS[provider_of(kind)], timeout=-1)

    frames = [frame for frame, _ in traceback.walk_tb(refusal.value.__traceback__)]
    made = {repr(frame.f_locals["self"]) for frame in frames if isinstance(frame.f_locals.get("self"), kind)}
    assert made == {f"<{kind.__name__} that could not be made>"}


def refuse():
    return "the operator said no"


FAILURES = {
    InvalidRequestError: contents.refused(400),
    AuthenticationError: contents.refused(403),
    NotFoundError: contents.refused(404),
    RefusedError: contents.refused(412),
    RateLimitedError: contents.rate_limited("for_thirty_years", "1000000000"),
    UnexpectedReplyError: contents.json_null,
    OutcomeUnknownError: faults.executed_then_closed,
}
READS = [call for call in CALLS if not call.has_effect]
SENDS = [call for call in CALLS if call.name in {"create_e_document", "send_invoice"}]


def made(kind, server, **options):
    return kind(**CREDENTIALS[provider_of(kind)], base_url=server.url, max_attempts=1, **options)


async def failed(client, request, **options):
    """Return the error of a call of an async or a blocking client."""
    if isinstance(client, AsyncKolayBi | AsyncPropars):
        return await error_of(client, request, **options)

    def call():
        try:
            with client:
                client.call(request)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at.
            return error
        return None

    return await asyncio.to_thread(call)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error.__name__)
async def test_a_call_that_fails_leaves_no_credential_in_a_frame(error, kind, server):
    calls = SENDS if error is OutcomeUnknownError else READS
    call = next(call for call in calls if call.provider == provider_of(kind))
    server.fault(call.name, FAILURES[error], times=None)

    caught = await failed(made(kind, server), request_of(call))

    assert type(caught) is error
    assert_no_credential_in(caught)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", [contents.refused(401), contents.json_null, faults.executed_then_closed], ids=str)
async def test_a_token_that_cannot_be_fetched_leaves_no_credential_in_a_frame(fault, kind, server):
    provider = provider_of(kind)
    call = next(call for call in READS if call.provider == provider)
    server.fault(TOKEN_OPERATION[provider], fault, times=None)
    credentials = {name: value for name, value in CREDENTIALS[provider].items() if "token" not in name}

    caught = await failed(kind(**credentials, base_url=server.url, max_attempts=1), request_of(call))

    assert isinstance(caught, AuthenticationError | NotSentError)
    assert_no_credential_in(caught)


@pytest.mark.parametrize("kind", [AsyncKolayBi, AsyncPropars])
async def test_a_call_that_does_not_leave_leaves_no_credential_in_a_frame(kind, server, unused_tcp_port):
    call = next(call for call in SENDS if call.provider == provider_of(kind))
    async with made(kind, server) as client:
        with pytest.raises(NotSentError) as refusal:
            await client.call(request_of(call), permit=refuse)
    assert_no_credential_in(refusal.value)

    proxied = kind(
        **CREDENTIALS[provider_of(kind)],
        base_url="https://localhost",
        proxy=f"http://user:{PASSWORD}@127.0.0.1:{unused_tcp_port}",
    )
    caught = await error_of(proxied, request_of(call))
    assert isinstance(caught, ConfigurationError)
    assert_no_credential_in(caught)
