"""OpenTelemetry sees our calls, whatever its settings: a span for each attempt, and no secret in any."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from ..faults import contents, faults
from ..faults.matrix import CALLS, PATIENCE, TOKEN_OPERATION
from .support import CANARIES, client_of, error_of, request_of

# Nothing wrong; a refusal that repeats the request; and what makes an exception of aiohttp that holds the address.
FAULTS = (None, contents.refused_quoting_the_request, faults.executed_then_closed, faults.garbage)


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_span_describes_the_call_and_shows_no_secret(fault, call, server, spans, no_secret_shown):
    if fault is not None:
        server.fault(call.name, fault)

    await error_of(client_of(call.provider, base_url=server.url, max_attempts=1), request_of(call))

    # A 401 has a token fetched and the call made once more, each with a span of its own.
    span, *_ = spans.spans()
    assert span.name == f"{call.provider}.{call.name}"
    no_secret_shown(*spans())


@pytest.mark.parametrize("provider", TOKEN_OPERATION)
async def test_a_span_of_fetching_a_token_shows_no_secret(provider, server, spans, no_secret_shown):
    call = next(one for one in CALLS if one.provider == provider)
    server.fault(call.name, contents.refused(401))

    async with asyncio.timeout(PATIENCE):
        await error_of(client_of(provider, base_url=server.url), request_of(call))

    names = [span.name for span in spans.spans()]
    operation = f"{provider}.{call.name}"
    assert names == [operation, f"{provider}.{TOKEN_OPERATION[provider]}", operation]
    no_secret_shown(*spans())


async def test_the_settings_of_these_tests_would_show_a_secret(server, spans):
    """The negative control: another session of the same process is traced with everything in it."""
    url, secrets = f"{server.url}/elsewhere", {"sale_code": CANARIES["sale_code"]}
    async with (
        aiohttp.ClientSession(headers={"Channel": CANARIES["channel"]}) as session,
        session.get(url, params=secrets),
    ):
        pass

    (text,) = (text for text in spans() if "elsewhere" in text)
    assert CANARIES["channel"] in text
    assert CANARIES["sale_code"] in text
