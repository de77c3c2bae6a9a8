"""No secret is ever shown: not in a repr, a text, a log record at DEBUG, a chain of errors or a pickle."""

from __future__ import annotations

import asyncio
import base64
import copy
import html
import json
import logging
import pickle
import re
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    CancelInvoice,
    GetSignedXml,
    InvoiceHtmlForSale,
    KolayInvoiceError,
    ListInvoices,
    SendInvoice,
)
from kolay_invoice.kolaybi.models import FetchAccessToken
from kolay_invoice.propars.models import CancelledInvoice, FetchAuthToken, SentInvoice
from kolay_invoice.redact import LONGEST_DETAIL, LONGEST_READ, Secret, log_attempt, masked, sentences

CANARY = "canary-secret"


# Secrets


def test_a_secret_goes_onto_the_wire_and_prints_as_stars():
    secret = Secret(CANARY)

    assert secret == CANARY
    assert repr(secret) == repr([secret])[1:-1] == "'***'"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_refuses_to_be_pickled(protocol):
    with pytest.raises(TypeError, match="credentials cannot be pickled"):
        pickle.dumps(Secret(CANARY), protocol)
    with pytest.raises(TypeError, match="credentials cannot be pickled"):
        copy.copy(Secret(CANARY))


@pytest.mark.parametrize(
    "request_",
    [
        FetchAccessToken(Secret(CANARY)),
        FetchAuthToken(username=Secret(CANARY), password=Secret(CANARY)),
        InvoiceHtmlForSale(sale_code=CANARY),
        SendInvoice(sale_code=CANARY),
        GetSignedXml(sale_code=CANARY),
        CancelInvoice(sale_code=CANARY),
        ListInvoices(5, "outbound", party_name=CANARY),
        SentInvoice(sale_code=CANARY, extra={"a": CANARY}),
        CancelledInvoice(sale_code=CANARY, extra={"a": CANARY}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_request_or_reply_shows_none_of_its_secrets(request_):
    assert CANARY not in repr(request_) + str(request_) + f"{request_}"


@pytest.mark.parametrize(
    "client",
    [
        AsyncKolayBi(channel=CANARY, access_token=CANARY, api_key=CANARY, proxy=f"http://u:{CANARY}@proxy"),
        AsyncPropars(token=CANARY, username=CANARY, password=CANARY, proxy=f"http://u:{CANARY}@proxy"),
    ],
    ids=lambda client: client.name,
)
def test_a_client_shows_none_of_its_secrets(client):
    shown = [
        repr(client),
        repr(vars(client)),
        repr(client._options),
        repr(client._tokens),
        repr(client._tokens.current),
    ]

    assert CANARY not in "".join(shown)


# Sentences of the provider


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fatura bulunamadı.", "Fatura bulunamadı."),
        (f"{CANARY} geçersiz, {CANARY}!", "*** geçersiz, ***!"),
        (f"Bearer {CANARY}-and-more", "Bearer ***-and-more"),
        ("no ab here", "no ab here"),
        ("a@b.com.tr ve ş.ö+x@örnek.com", "*** ve ***"),
        # A number at the end of a sentence is a number all the same.
        ("VKN 1234567803, TCKN 11111111111.", "VKN ***, TCKN ***."),
        ("TCKN 12345678901 ve 123456789012", "TCKN *** ve 123456789012"),
        ("VKN 1234567803.Lütfen", "VKN ***.Lütfen"),
        ("TCKN12345678901 No:1234567803-ABC", "TCKN*** No:***-ABC"),
        ("alici_12345678901'e, x1234567803/ABC tax=1234567803,ok", "alici_***'e, x***/ABC tax=***,ok"),
        ("１２３４５６７８０３ 3.1234567803 1700000000.123", "*** 3.*** ***.123"),
        # What has as many digits and is none of them.
        ("1234567890.50 12345678901,5 TL", "1234567890.50 12345678901,5 TL"),
        ("0B1234F5-5f0e-4a7d-9a57-a1234567803b", "0B1234F5-5f0e-4a7d-9a57-a1234567803b"),
        ("12345678-1234-1234-1234-123456789012", "12345678-1234-1234-1234-123456789012"),
        ("ABC2026000000001", "ABC2026000000001"),
        ("0b1234f5-5f0e-4a7d-9a57-a1234567803b@ornek.com", "***"),
        ("a\r\nb\x00c\u2028d", "a b c d"),
        ("a\u202eb\u2066c\u200fd\u061ce", "a b c d e"),
        ("  x  ", "x"),
        ("x" * 600, "x" * (LONGEST_DETAIL - 1) + "…"),
        ("x" * LONGEST_DETAIL, "x" * LONGEST_DETAIL),
    ],
)
def test_a_sentence_is_shown_without_secrets_and_private_data(text, shown):
    assert masked(text, [CANARY, "ab", ""]) == shown


LONG = 'kQ7/x+Z9"\\ü-abc_DEF.0123456789'


@pytest.mark.parametrize(
    "echo",
    [
        json.dumps(LONG)[1:-1],
        json.dumps(LONG, ensure_ascii=False)[1:-1].replace("/", "\\/"),
        json.dumps(LONG)[1:-1].replace("\\u00fc", "\\u00FC"),
        html.escape(LONG),
        quote(LONG),
        re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote(LONG, safe="")),
        quote_plus(LONG),
        LONG.encode().hex(),
        *(base64.b64encode(f"{user}:{LONG}!".encode()).decode() for user in ("a", "ab", "abc")),
        base64.urlsafe_b64encode(f"{LONG}??".encode()).decode().rstrip("="),
        LONG[:12],
        f"{LONG[:12]}{'*' * 8}",
        LONG[-14:],
        LONG[3:20],
    ],
)
def test_an_echo_of_a_secret_in_any_encoding_or_in_part_is_masked(echo):
    shown = masked(f"Geçersiz: {echo} (belirteç)", [LONG, "another-secret"])

    assert shown.startswith("Geçersiz: ***")
    assert set(shown.removeprefix("Geçersiz: ").removesuffix(" (belirteç)")) == {"*"}


@pytest.mark.parametrize("secret", ["12345678", "SIP-1", "abc"])
def test_a_short_secret_is_masked_in_its_encodings_and_hides_nothing_else(secret):
    assert masked(f"x {secret} {quote(secret)} {secret.encode().hex()} y", [secret]) == "x *** *** *** y"
    assert masked(f"x {secret[:-1]} y", [secret]) == f"x {secret[:-1]} y"


def test_a_secret_that_holds_another_is_masked_whole():
    assert masked("token-and-more", ["token", "token-and-more"]) == "***"


@pytest.mark.parametrize(
    "secret", [CANARY, f"{CANARY}-" * 100, f"{CANARY}-" * 10_000, "kim@ornek.com.tr", "1234567803"]
)
@pytest.mark.parametrize("shift", range(0, 60, 7))
def test_a_text_beyond_all_measure_is_cut_and_shows_no_half_of_a_secret(secret, shift):
    text = "x" * shift + f"{secret} " * (LONGEST_READ // len(secret) + 2)

    shown = masked(text, [CANARY, secret])

    assert len(shown) <= LONGEST_DETAIL
    assert shown.endswith("…")
    assert set(shown) <= set("x* …")


def test_of_long_sentences_as_much_is_read_as_can_be_shown():
    long = "x" * (LONGEST_READ * 4)

    assert len(sentences({"detail": long})) == LONGEST_READ + 1
    assert sentences({"n" * 1000: "Olmaz."}) == "n" * 200 + ": Olmaz."
    assert masked(sentences({"detail": long, "message": long}), []) == "x" * (LONGEST_DETAIL - 1) + "…"


@given(st.text(min_size=3), st.text(), st.text())
def test_no_secret_survives_the_masking(secret, before, after):
    assert "canary" not in masked(f"{before}canary{after}", ["canary", secret])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (" Olmaz. ", "Olmaz."),
        (7, None),
        ({"detail": "Olmaz."}, "Olmaz."),
        ({"message": "Olmaz.", "description": "Olmaz."}, "Olmaz."),
        ({"message": None, "errors": {"a": ["x", "y"], "b": "z"}}, "a: x a: y b: z"),
        ({"a": [{"b": ["x"]}]}, "a: b: x"),
        ([["x"], 7, True], "x"),
        ([[[[["too deep"]]]]], None),
        ({"a": {"b": {"c": {"d": {"e": "too deep"}}}}}, None),
        ({}, None),
    ],
)
def test_every_text_of_an_error_body_is_told_once(value, text):
    assert sentences(value) == text


# The log


def test_the_log_holds_five_things_and_nothing_else(caplog):
    with caplog.at_level(logging.DEBUG, "kolay_invoice"):
        log_attempt(logging.DEBUG, call="kolaybi.resend", attempt=2, result="Done", status=200, seconds=0.0125)

    assert caplog.messages == ["kolaybi.resend attempt=2 Done status=200 in 0.013s"]


def test_a_level_that_nobody_listens_to_costs_nothing(caplog):
    with caplog.at_level(logging.WARNING, "kolay_invoice"):
        log_attempt(logging.DEBUG, call="x", attempt=1, result="Done", status=None, seconds=0)

    assert caplog.messages == []


@pytest.fixture
def broken_log():
    """A log of the program that cannot be written to, which it says by raising."""

    class Full(logging.Filter):
        def filter(self, _record):
            raise OSError

    full = Full()
    logger = logging.getLogger("kolay_invoice")
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addFilter(full)
    yield
    logger.removeFilter(full)
    logger.setLevel(before)


async def test_a_log_that_raises_loses_no_answer(broken_log, emulated_kolaybi, emulator):
    created = await emulated_kolaybi.create_e_document(1)

    assert created.document_id == 1
    assert emulator.executions("create_e_document", 1) == 1


async def test_a_log_that_raises_replaces_no_cancellation(broken_log, kolaybi, server):
    never = asyncio.Event()
    server.does(lambda _: never.wait())
    call = asyncio.create_task(kolaybi.create_e_document(18))
    await server.arrived.wait()
    call.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await call

    assert "may have happened" in caught.value.__notes__[0]
    assert call.cancelled()


async def test_a_log_that_raises_loses_no_answer_to_a_listener_that_raises_too(broken_log, opened, server):
    def listener(_event):
        raise ValueError

    server.answers({"data": []})
    client = await opened(AsyncKolayBi, channel="c", access_token="t", base_url=server.url, on_event=listener)

    assert await client.list_companies() == []


# Canaries, through both clients and over every kind of trouble


def echoed(canaries):
    """Return an error body that repeats everything that it could have been told."""
    said = " ".join(canaries.values())
    return {
        "success": False,
        "code": 10400,
        "message": said,
        "description": said,
        "detail": said,
        "errors": {said: [said]},
        "data": [],
    }


def answering(status=200, *, reason="Scripted", code=None, **headers):
    """Return a trouble: an answer with all canaries in status line, headers and body."""

    def trouble(server, canaries):
        content = echoed(canaries)
        if code:
            content["code"] = code.format(**canaries)
        body = json.dumps(content).encode()
        told = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
        lines = [f"HTTP/1.1 {status} {reason.format(**canaries)}"]
        lines += [f"{name}: {value.format(**canaries)}" for name, value in told.items()]
        server.does("\r\n".join([*lines, "", ""]).encode() + body, times=20)

    return trouble


def breaking(raw):
    """Return a trouble: bytes that are no answer, and the end of the connection."""

    def trouble(server, canaries):
        async def write_and_close(writer):
            writer.write(raw.format(**canaries).encode())
            writer.close()

        server.does(write_and_close, times=20)

    return trouble


def hanging(server, _):
    """Never answer."""
    never = asyncio.Event()
    server.does(lambda _: never.wait(), times=20)


TROUBLES = {
    **{str(status): answering(status) for status in (200, 201, 204, 400, 401, 403, 404, 409, 412, 422, 429, 500, 504)},
    "code": answering(400, code="{token} {channel}"),
    "reason": answering(400, reason="{token} {channel}"),
    "retry-after": answering(429, **{"Retry-After": "{token}"}),
    "redirect": answering(307, Location="http://{token}.example.com/{channel}"),
    "encoding": answering(200, **{"Content-Encoding": "{token}"}),
    "charset": answering(200, **{"Content-Type": "text/html; charset={token}"}),
    "cut": breaking("HTTP/1.1 200 {token}\r\nContent-Length: 999\r\nX: {channel}\r\n\r\n{password}"),
    "garbage": breaking("{token} {channel} {password} {sale_code}\r\n\r\n"),
    "bad chunk": breaking("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{token}\r\n"),
    "bad header": breaking("HTTP/1.1 200 OK\r\n{token}\x00: {channel}\r\n\r\n"),
    "misfit": breaking(
        'HTTP/1.1 200 OK\r\nContent-Length: 999\r\nConnection: close\r\n\r\n{{"data": {{"document_id": "{token}"}}}}'
    ),
    "nothing": breaking(""),
    "hanging": hanging,
}
CALLS = [
    ("kolaybi", "resend", {"document_id": 18}),
    ("kolaybi", "proceed", {"document_id": 18, "vault_id": 1}),
    ("kolaybi", "list_invoices", {"company_id": 5, "direction": "outbound", "party_name": "{sale_code}"}),
    ("propars", "invoice_html_for_sale", {"sale_code": "{sale_code}"}),
    ("propars", "send_invoice", {"sale_code": "{sale_code}"}),
    ("propars", "get_signed_xml", {"sale_code": "{sale_code}"}),
    ("propars", "cancel_invoice", {"sale_code": "{sale_code}"}),
]


@pytest.fixture
def shown(canaries, every_record):
    """Return which secrets an error, or anything that was logged until now, shows."""

    def shown(error):
        chain, texts = error, []
        while chain is not None:
            texts += [str(chain), repr(chain), repr(chain.args), repr(vars(chain))]
            chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
        texts += traceback.format_exception(error)
        texts += [record.getMessage() + repr(vars(record)) for record in every_record.records]
        if isinstance(error, KolayInvoiceError):
            texts.append(pickle.dumps(error).decode("latin-1"))
        return [name for name, secret in canaries.items() if any(secret in text for text in texts)]

    return shown


@pytest.fixture
def clients(opened, server, canaries):
    """Make both clients, with ready tokens or with what fetches them."""

    async def clients(name, *, ready):
        options = {"base_url": server.url, "max_attempts": 2, "timeout": 0.2}
        if name == "kolaybi":
            credential = {"access_token": canaries["token"]} if ready else {"api_key": canaries["api_key"]}
            return await opened(AsyncKolayBi, channel=canaries["channel"], **credential, **options)
        login = {"username": canaries["username"], "password": canaries["password"]}
        return await opened(AsyncPropars, **({"token": canaries["token"]} if ready else login), **options)

    return clients


@pytest.mark.parametrize("ready", [True, False], ids=["ready", "fetching"])
@pytest.mark.parametrize(("name", "operation", "arguments"), CALLS, ids=[call[1] for call in CALLS])
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
async def test_no_trouble_shows_a_secret_of_this_call(
    trouble, name, operation, arguments, ready, clients, server, canaries, shown, no_waits
):
    client = await clients(name, ready=ready)
    # Only what this client and call know can be kept back: a provider that tells another account's token tells it.
    known = {
        "kolaybi": {"channel", "token" if ready else "api_key"},
        "propars": {"token"} if ready else {"username", "password"},
    }[name]
    if ready and "{sale_code}" in arguments.values():
        known = known | {"sale_code"}
    trouble(server, {name: canaries[name] for name in known} | {n: "x" for n in canaries if n not in known})
    given = {key: value.format(**canaries) if isinstance(value, str) else value for key, value in arguments.items()}

    with pytest.raises(KolayInvoiceError) as caught:
        await getattr(client, operation)(**given)

    assert shown(caught.value) == []


@pytest.mark.parametrize("status", [400, 401, 404])
async def test_a_token_is_masked_even_when_it_has_ended_meanwhile(status, clients, server, canaries, shown):
    client = await clients("propars", ready=False)
    # A token that ends within minutes is used for this call, and is not kept.
    fetched = {"token": canaries["token"], "expire_date": "2020-01-01T00:00:00+0300"}
    for _ in range(2):
        server.answers(fetched).answers({"detail": f"Token {canaries['token']} olmaz."}, status)

    with pytest.raises(KolayInvoiceError) as caught:
        await client.send_invoice(sale_id=1)

    assert shown(caught.value) == []


async def test_a_cancelled_call_shows_no_secret(clients, server, canaries, shown):
    client = await clients("propars", ready=True)
    hanging(server, canaries)
    call = asyncio.create_task(client.send_invoice(sale_code=canaries["sale_code"]))
    await server.arrived.wait()
    call.cancel()

    with pytest.raises(asyncio.CancelledError) as caught:
        await call

    assert shown(caught.value) == []


async def test_a_proxy_that_cannot_be_reached_shows_no_secret(opened, canaries, shown, unused_tcp_port):
    proxy = f"http://user:{canaries['proxy']}@127.0.0.1:{unused_tcp_port}"
    client = await opened(AsyncPropars, token=canaries["token"], proxy=proxy)

    with pytest.raises(KolayInvoiceError) as caught:
        await client.send_invoice(sale_code=canaries["sale_code"])

    assert shown(caught.value) == []


async def test_a_good_call_logs_no_secret(emulated_kolaybi, emulated_propars, emulator, every_record):
    await emulated_kolaybi.create_e_document(1)
    await emulated_propars.send_invoice(sale_code="abc123")
    secrets = [emulator.kolaybi_access_token, emulator.kolaybi_channel, emulator.propars_token, "abc123"]
    ours = [record for record in every_record.records if record.name == "kolay_invoice"]

    assert len(ours) == 2
    assert not [record for record in ours for secret in secrets if secret in record.getMessage() + repr(record.args)]
