"""The existing instrumentation of aiohttp's client sees our calls: a span for each, and no secret in any."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio

import pytest

from ..faults import contents, faults
from ..faults.matrix import CALLS, PATIENCE, TOKEN_OPERATION
from .support import client_of, error_of, request_of

# Nothing wrong; a refusal that repeats the request; and what ends a span with an exception.
FAULTS = (None, contents.refused_quoting_the_request, faults.executed_then_closed, faults.garbage)

# The calls that carry a text in their query.
WITH_QUERY = {"list_invoices", "invoice_html_for_sale", "send_invoice", "get_signed_xml", "cancel_invoice"}


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_a_span_tells_of_the_call_and_shows_no_secret(fault, call, server, spans, no_secret_shown, request):
    if fault is faults.garbage and call.name in WITH_QUERY:
        reason = (
            "the instrumentation records the text of aiohttp's exception, and no filter of it reaches the address there"
        )
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    if fault is not None:
        server.fault(call.name, fault)

    await error_of(client_of(call.provider, base_url=server.url, max_attempts=1), request_of(call))

    finished = spans()
    assert finished, "the instrumentation works on our sessions"
    no_secret_shown(*(span.to_json() for span in finished))


@pytest.mark.parametrize("provider", TOKEN_OPERATION)
async def test_a_span_of_fetching_a_token_shows_no_secret(provider, server, spans, no_secret_shown):
    call = next(one for one in CALLS if one.provider == provider)
    server.fault(call.name, contents.refused(401))

    async with asyncio.timeout(PATIENCE):
        await error_of(client_of(provider, base_url=server.url), request_of(call))

    assert len(spans()) == 3
    no_secret_shown(*(span.to_json() for span in spans()))
