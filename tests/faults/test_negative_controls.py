"""The judge must be able to say no: clients with the usual mistakes, each of which must turn it red."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import aiohttp
import pytest

from kolay_invoice import AsyncPropars, OutcomeUnknownError, RefusedError
from kolay_invoice.propars import containers

from . import contents, faults
from .matrix import CALLS, CANARIES, OK, PATIENCE, READY_TOKEN, REFUSED, UNKNOWN, Outcome, in_row
from .replies import UUID_OF_THE_SERVER

RESEND = next(call for call in CALLS if call.name == "resend")


@pytest.fixture
def resend_with(server):
    """Resend document 18 with a client as one writes it in a hurry."""

    async def resend_with(**options):
        headers = {"Authorization": f"Bearer {CANARIES['token']}", "Channel": CANARIES["channel"]}
        url = f"{server.url}/kolaybi/v1/invoices/resend/18"
        async with aiohttp.ClientSession() as session, session.post(url, headers=headers, **options) as response:
            reply = await response.json()
            return Outcome(SimpleNamespace(**reply["data"]))

    return resend_with


def refused(message="refused"):
    return Outcome(error=RefusedError(message, provider="kolaybi", operation="resend"))


async def test_a_client_that_retries_everything_is_caught(server, resend_with, judge):
    server.fault("resend", faults.executed_then_closed)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(aiohttp.ClientError):
            await resend_with()
        outcome = await resend_with()

    with pytest.raises(AssertionError, match="I1: it was executed more than once"):
        judge(RESEND, OK, outcome, server)


async def test_a_client_that_takes_the_parsers_400_for_a_refusal_is_caught(server, resend_with, judge):
    server.fault("resend", faults.garbage)

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(aiohttp.ClientResponseError) as invented:
            await resend_with()

    assert invented.value.status == 400
    with pytest.raises(AssertionError, match="I2: it was executed, and that is denied"):
        judge(RESEND, REFUSED, refused(), server)


async def test_a_client_that_calls_every_failure_unknown_is_caught(server, judge):
    unknown = OutcomeUnknownError("unknown", provider="kolaybi", operation="resend")

    with pytest.raises(AssertionError, match="I3: "):
        judge(RESEND, REFUSED, Outcome(error=unknown), server)


async def test_a_client_that_shows_the_token_in_its_error_is_caught(server, judge):
    server.fault("resend", contents.refused(401))

    with pytest.raises(AssertionError, match="I4: the token is shown"):
        judge(RESEND, REFUSED, refused(f"refused: Bearer {CANARIES['token']}"), server)


async def test_a_client_whose_error_drags_the_token_along_is_caught(server, judge):
    outcome = refused()
    outcome.error.__cause__ = ValueError(f"Bearer {CANARIES['token']}")

    with pytest.raises(AssertionError, match="I4: the token is shown"):
        judge(RESEND, REFUSED, outcome, server)


async def test_a_client_that_follows_redirects_is_caught(server, resend_with, judge):
    server.fault("resend", contents.redirected(307, elsewhere=True))

    async with asyncio.timeout(PATIENCE):
        outcome = await resend_with()

    with pytest.raises(AssertionError, match="I6: another origin was touched"):
        judge(RESEND, OK, outcome, server)


async def test_a_client_that_takes_any_page_for_success_is_caught(server, judge):
    with pytest.raises(AssertionError, match="I3: "):
        judge(RESEND, UNKNOWN, Outcome(SimpleNamespace(document_id=18)), server)


async def test_a_client_that_takes_any_200_with_data_for_success_is_caught(server, resend_with, judge):
    server.fault("resend", contents.denied("status", status="error"))

    async with asyncio.timeout(PATIENCE):
        outcome = await resend_with()

    assert outcome.value.document_id == 18
    with pytest.raises(AssertionError, match="I3: "):
        judge(RESEND, UNKNOWN, outcome, server)


async def test_a_client_that_takes_a_gateways_404_for_the_providers_is_caught(server, resend_with, judge):
    server.fault("resend", contents.said_by_nobody(404, "page"))

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await resend_with(raise_for_status=True)

    assert caught.value.status == 404
    with pytest.raises(AssertionError, match="I2: it was executed, and that is denied"):
        judge(RESEND, REFUSED, refused(), server)


async def test_a_client_that_repeats_a_call_after_any_401_is_caught(server, resend_with, judge):
    server.fault("resend", contents.said_by_nobody(401, "nothing"))

    async with asyncio.timeout(PATIENCE):
        with pytest.raises(aiohttp.ClientResponseError):
            await resend_with(raise_for_status=True)
        outcome = await resend_with()

    with pytest.raises(AssertionError, match="I1: it was executed more than once"):
        judge(RESEND, OK, outcome, server)


@in_row(47)
async def test_a_client_that_takes_any_uuid_for_an_invoice_is_caught(server, judge, monkeypatch):
    """Row 47: so it was once."""
    monkeypatch.setattr(containers, "has_invoice_field", lambda page: UUID_OF_THE_SERVER.encode() in page)
    server.fault("invoice_html_for_sale", contents.error_page_with_a_uuid)
    preview = next(call for call in CALLS if call.name == "invoice_html_for_sale")

    async with asyncio.timeout(PATIENCE), AsyncPropars(**READY_TOKEN["propars"], base_url=server.url) as propars:
        outcome = Outcome(await propars.invoice_html_for_sale(sale_id=5))

    with pytest.raises(AssertionError, match="I3: "):
        judge(preview, UNKNOWN, outcome, server)
