"""Replies of any shape through real calls: each ends with its value or with a `KolayInvoiceError`, whatever came."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolay_invoice import AsyncKolayBi, AsyncPropars, KolayInvoiceError, OutcomeUnknownError

from .effort import FUZZ
from .strategies import REPLIES, spoiled

CLIENTS = {
    "kolaybi": (AsyncKolayBi, {"channel": "channel-of-the-test", "access_token": "token-of-the-test"}),
    "propars": (AsyncPropars, {"token": "token-of-the-test"}),
}
CALLS = (
    ("kolaybi", "resend", {"document_id": 18}, True),
    ("kolaybi", "list_invoices", {"company_id": 5, "direction": "outbound"}, False),
    ("propars", "invoice_html_for_sale", {"sale_code": "abc123"}, True),
    ("propars", "get_signed_xml", {"sale_code": "abc123"}, False),
)

HEADERS = st.lists(
    st.tuples(
        st.sampled_from(["Content-Type", "Content-Encoding", "Retry-After", "Location", "Set-Cookie", "X-Any"]),
        st.one_of(
            st.sampled_from(["gzip", "br", "identity", "0", "-1", "text/html; charset=iso-8859-9", "//elsewhere/"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f")),
        ),
    ),
    max_size=3,
)


def as_http(status: int, headers: list[tuple[str, str]], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Any", f"Content-Length: {len(body)}", *(f"{name}: {text}" for name, text in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


PROPER = st.builds(as_http, st.integers(100, 999), HEADERS, REPLIES)
BYTES = st.one_of(PROPER, spoiled(PROPER), st.binary())


async def called(provider: str, name: str, arguments: dict[str, object], reply: bytes) -> object:
    """Make one call on a server that answers everything with these bytes and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        writer.close()

    kind, credentials = CLIENTS[provider]
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with asyncio.timeout(20), listening:
        options = {"max_attempts": 1, "timeout": 5.0, "max_reply_bytes": 1 << 20}
        async with kind(base_url=url, **credentials, **options) as client:
            return await getattr(client, name)(**arguments)


@pytest.mark.parametrize(("provider", "name", "arguments", "has_effect"), CALLS, ids=lambda part: str(part)[:25])
def test_a_call_that_is_answered_with_anything_ends_typed(provider, name, arguments, has_effect):
    @settings(FUZZ, max_examples=FUZZ.max_examples // 2)
    @given(reply=BYTES)
    def whatever_comes(reply):
        try:
            asyncio.run(called(provider, name, arguments, reply))
        except OutcomeUnknownError:
            assert has_effect
        except KolayInvoiceError as error:
            assert (error.provider, error.operation) == (provider, name)  # noqa: PT017 - the error is what is tested.

    whatever_comes()
