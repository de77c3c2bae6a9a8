"""What a caller may not pass: each refusal names the argument, shows no value, and comes before any byte is sent."""

from __future__ import annotations

import ssl
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID, uuid1, uuid3, uuid4, uuid5

import pytest

from kolay_invoice import (
    KOLAYBI_PRODUCTION_URL,
    KOLAYBI_SANDBOX_URL,
    PROPARS_URL,
    AsyncKolayBi,
    AsyncPropars,
    ConfigurationError,
    Limiter,
    validators,
)
from kolay_invoice.origin import parse_origin

NUMBER = 987_654_321
"""A number that is looked for in the refusals: no argument is shown."""
TEXT = "unshown"

BAD_IDS = [
    (True, TypeError),
    (1.0, TypeError),
    (float(NUMBER), TypeError),
    (str(NUMBER), TypeError),
    (Decimal(NUMBER), TypeError),
    (b"18", TypeError),
    ([NUMBER], TypeError),
    ("../../core/sale/5/cancel_invoice", TypeError),
    (0, ValueError),
    (-NUMBER, ValueError),
    (2**63, ValueError),
    (10**400, ValueError),
]
BAD_TEXTS = [
    (NUMBER, TypeError),
    (True, TypeError),
    (TEXT.encode(), TypeError),
    ([TEXT], TypeError),
    ("", ValueError),
    (" ", ValueError),
    (f" {TEXT}", ValueError),
    (f"{TEXT}\n", ValueError),
    (f"a\r\nX-Header: {TEXT}", ValueError),
    (f"a\x00{TEXT}", ValueError),
    (f"a\x7f{TEXT}", ValueError),
    (f"a\x85{TEXT}", ValueError),
    (f"a\u2028{TEXT}", ValueError),
    (f"a\ud800{TEXT}", ValueError),
    (TEXT * 100, ValueError),
]
BAD_CODES = [
    *BAD_TEXTS,
    ("..", ValueError),
    (".", ValueError),
    (f"../{TEXT}", ValueError),
    (f"{TEXT}/..", ValueError),
    (f"{TEXT}/./x", ValueError),
    (f"..\\{TEXT}", ValueError),
    (f"{TEXT}#x", ValueError),
    (f"{TEXT}?x=1", ValueError),
]
BAD_DAYS = [
    (NUMBER, TypeError),
    (True, TypeError),
    (1.5, TypeError),
    (b"2024-01-01", TypeError),
    ("", ValueError),
    (TEXT, ValueError),
    ("2024-02-30", ValueError),
    ("20240101", ValueError),
    ("2024-W01-1", ValueError),
    ("01.02.2024", ValueError),
    ("2024-01-01T00:00:00", ValueError),
    ("２０２４-01-01", ValueError),
    (datetime(2024, 1, 1), ValueError),  # noqa: DTZ001 - it is refused for being naive.
]
BAD_AMOUNTS = [
    (20.1, TypeError),
    (float("nan"), TypeError),
    (True, TypeError),
    (b"20", TypeError),
    ([NUMBER], TypeError),
    ("", ValueError),
    (TEXT, ValueError),
    ("20,10", ValueError),
    ("nan", ValueError),
    ("-Infinity", ValueError),
    (Decimal("sNaN"), ValueError),
    ("1e31", ValueError),
    ("1e-31", ValueError),
    (10**5000, ValueError),
]
BAD_MOMENTS = [
    (NUMBER, TypeError),
    (True, TypeError),
    (date(2024, 1, 1), TypeError),
    (b"2024-01-01T00:00:00+0300", TypeError),
    ("", ValueError),
    (TEXT, ValueError),
    ("2024-01-01", ValueError),
    ("2024-01-01T00:00:00", ValueError),
    ("2024-02-30T00:00:00+0300", ValueError),
    (datetime(2024, 1, 1), ValueError),  # noqa: DTZ001 - it is refused for being naive.
    (datetime.max.replace(tzinfo=UTC), ValueError),
    (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), ValueError),
]
BAD_UUIDS = [
    (NUMBER, TypeError),
    (True, TypeError),
    (uuid4().bytes, TypeError),
    ("", ValueError),
    (TEXT, ValueError),
    (f"{uuid4()}0", ValueError),
    (uuid1(), ValueError),
    (str(uuid1()), ValueError),
    (uuid3(UUID(int=0), TEXT), ValueError),
    (uuid5(UUID(int=0), TEXT), ValueError),
    (UUID(int=0), ValueError),
    # The digit of the version is 4, and the variant is not that of RFC 9562.
    ("00000000-0000-4000-0000-000000000000", ValueError),
]
BAD_NUMBERS = [
    (NUMBER, TypeError),
    (True, TypeError),
    (b"ABC2026000000001", TypeError),
    ("", ValueError),
    ("ABC202600000001", ValueError),
    ("ABC20260000000011", ValueError),
    ("abc2026000000001", ValueError),
    ("AB-2026000000001", ValueError),
    ("ABC1926000000001", ValueError),
    ("ÇBC2026000000001", ValueError),
    ("ABC20२6000000001", ValueError),
    ("ABC2026000000001\n", ValueError),
    (" ABC2026000000001", ValueError),
]

ID, TEXT_, CODE, DAY, AMOUNT = BAD_IDS, BAD_TEXTS, BAD_CODES, BAD_DAYS, BAD_AMOUNTS
LIST_FILTERS = {
    "document_id": ID,
    "min_issue_date": DAY,
    "max_issue_date": DAY,
    "min_total_amount": AMOUNT,
    "max_total_amount": AMOUNT,
    "party_name": TEXT_,
}
INVOICE_OPTIONS = {
    "invoice_date": BAD_MOMENTS,
    "invoice_uuid": BAD_UUIDS,
    "invoice_number": BAD_NUMBERS,
    "invoice_char_code": TEXT_,
}

# Client, operation, arguments that are good, and the bad ones of each argument.
TABLE = [
    ("kolaybi", "resend", {}, {"document_id": ID}),
    ("kolaybi", "create_e_document", {}, {"document_id": ID}),
    ("kolaybi", "proceed", {"vault_id": 1}, {"document_id": ID}),
    ("kolaybi", "proceed", {"document_id": 1}, {"vault_id": ID}),
    ("kolaybi", "list_invoices", {"direction": "outbound"}, {"company_id": ID}),
    ("kolaybi", "list_invoices", {"company_id": 5}, {"direction": TEXT_}),
    ("kolaybi", "list_invoices", {"company_id": 5, "direction": "outbound"}, LIST_FILTERS),
    ("kolaybi", "iter_invoices", {"company_id": 5, "direction": "outbound"}, LIST_FILTERS),
    ("propars", "invoice_html_for_sale", {}, {"sale_code": CODE, "sale_id": ID}),
    ("propars", "invoice_html_for_sale", {"sale_id": 1}, INVOICE_OPTIONS),
    ("propars", "send_invoice", {}, {"sale_code": CODE, "sale_id": ID, "invoice_id": ID}),
    ("propars", "send_invoice", {"sale_code": "a"}, INVOICE_OPTIONS),
    ("propars", "get_signed_xml", {}, {"sale_code": CODE, "sale_id": ID, "invoice_id": ID}),
    ("propars", "cancel_invoice", {}, {"sale_code": CODE, "sale_id": ID}),
]
CASES = [
    pytest.param(client, operation, good, name, value, error, id=f"{operation}-{name}-{number}")
    for client, operation, good, bad in TABLE
    for name, values in bad.items()
    for number, (value, error) in enumerate(values)
]


@pytest.fixture
async def call(kolaybi, propars):
    """Make a call by its name on one of both clients."""

    async def call(client, operation, arguments):
        made = getattr({"kolaybi": kolaybi, "propars": propars}[client], operation)(**arguments)
        if operation == "iter_invoices":
            return [row async for row in made]
        return await made

    return call


@pytest.mark.parametrize(("client", "operation", "good", "name", "value", "error"), CASES)
async def test_a_bad_argument_is_named_and_not_shown_and_nothing_is_sent(
    client, operation, good, name, value, error, call, server
):
    with pytest.raises(error) as caught:
        await call(client, operation, {**good, name: value})

    assert type(caught.value) is error
    assert str(caught.value).startswith(f"{name} ")
    shown = str(caught.value) + repr(caught.value.args)
    assert str(NUMBER) not in shown
    assert TEXT not in shown
    assert not caught.value.__cause__
    assert caught.value.__suppress_context__ or not caught.value.__context__
    assert server.connections == 0


SALE, INVOICE = {"sale_code": "a", "sale_id": 1}, {"invoice_id": 1}
OPTION_VALUES = {
    "invoice_date": "2024-01-01T00:00:00+0300",
    "invoice_uuid": uuid4(),
    "invoice_number": "ABC2026000000001",
    "invoice_char_code": "ABC",
}


@pytest.mark.parametrize(
    ("client", "operation", "given", "sentence"),
    [
        ("propars", "invoice_html_for_sale", {}, "exactly one of sale_code, sale_id"),
        ("propars", "invoice_html_for_sale", SALE, "exactly one of sale_code, sale_id"),
        ("propars", "send_invoice", {}, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "send_invoice", SALE, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "send_invoice", {"sale_id": 1, **INVOICE}, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "send_invoice", {"sale_code": "a", **INVOICE}, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "get_signed_xml", {}, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "get_signed_xml", {**SALE, **INVOICE}, "exactly one of sale_code, sale_id, invoice_id"),
        ("propars", "cancel_invoice", {}, "exactly one of sale_id, sale_code"),
        ("propars", "cancel_invoice", SALE, "exactly one of sale_id, sale_code"),
        *(
            ("propars", "send_invoice", {**INVOICE, name: value}, f"{name} has no meaning together with invoice_id")
            for name, value in OPTION_VALUES.items()
        ),
        *(
            (
                "kolaybi",
                "list_invoices",
                {"company_id": 5, "direction": "outbound", f"min_{what}": most, f"max_{what}": least},
                f"min_{what} must not be greater than max_{what}",
            )
            for what, least, most in [("issue_date", "2024-01-01", "2024-01-02"), ("total_amount", "9.99", 10)]
        ),
    ],
)
async def test_arguments_that_contradict_each_other_are_named_and_nothing_is_sent(
    client, operation, given, sentence, call, server
):
    with pytest.raises(ValueError, match=sentence):
        await call(client, operation, given)

    assert server.connections == 0


@pytest.mark.parametrize(
    ("name", "value", "taken"),
    [
        ("min_issue_date", date(2024, 1, 1), date(2024, 1, 1)),
        ("min_issue_date", "2024-02-29", date(2024, 2, 29)),
        ("min_issue_date", datetime(2024, 1, 1, 21, tzinfo=UTC), date(2024, 1, 2)),
        ("min_issue_date", None, None),
    ],
)
def test_a_day_is_taken_in_any_good_form(name, value, taken):
    assert validators.to_date(name, value) == taken


@pytest.mark.parametrize("value", [Decimal("20.10"), 20, "20.10", "1e2", 0, "-5", None])
def test_an_amount_is_taken_exactly(value):
    assert validators.to_decimal("x", value) == (None if value is None else Decimal(value))


@pytest.mark.parametrize("code", ["a", "abc123", "A/B-1", "a b", "ş%2e%2e", "...", "a..b", "x" * 200, "😀"])
def test_a_sale_code_may_hold_anything_else(code):
    assert validators.sale_code(None, type("Attribute", (), {"name": "x"}), code) is None


# Credentials and clients

BAD_CREDENTIALS = [
    ("", ConfigurationError),
    (" ", ConfigurationError),
    (f"{TEXT} x", ConfigurationError),
    (f"{TEXT}\n", ConfigurationError),
    (f"{TEXT}\r\nX: y", ConfigurationError),
    (f"ş{TEXT}", ConfigurationError),
    (NUMBER, TypeError),
    (TEXT.encode(), TypeError),
]
BAD_LOGINS = [
    ("", ConfigurationError),
    (f"{TEXT}\x00", ConfigurationError),
    (f"{TEXT}\n", ConfigurationError),
    (NUMBER, TypeError),
    (TEXT.encode(), TypeError),
]
BAD_SECONDS = [
    (0, ValueError),
    (-1, ValueError),
    (float("nan"), ValueError),
    (float("inf"), ValueError),
    (10**400, ValueError),
    ("30", TypeError),
    (True, TypeError),
    (None, TypeError),
]
BAD_URLS = [
    (None, TypeError),
    (TEXT.encode(), TypeError),
    ("", ValueError),
    (TEXT, ValueError),
    ("https://", ValueError),
    (f"https://{TEXT}.example.com", ValueError),
    ("https://ofis-api.kolaybi.com.example.com", ValueError),
    ("http://ofis-sandbox-api.kolaybi.com", ValueError),
    ("http://api.propars.net", ValueError),
    ("http://192.168.1.1", ValueError),
    ("http://localhost.example.com", ValueError),
    ("http://0.0.0.0", ValueError),
    ("http://2130706433", ValueError),
    ("ftp://localhost", ValueError),
    ("//localhost", ValueError),
    ("localhost:8080", ValueError),
    (f"https://{TEXT}:{TEXT}@ofis-api.kolaybi.com", ValueError),
    ("https://ofis-api.kolaybi.com@localhost", ValueError),
    ("https://localhost/kolaybi/v1", ValueError),
    ("https://localhost//", ValueError),
    ("https://localhost?x=1", ValueError),
    ("https://localhost?", ValueError),
    ("https://localhost#", ValueError),
    ("https://localhost:port", ValueError),
    ("https://localhost:99999", ValueError),
    ("https://localhost:0", ValueError),
    ("https://[::1", ValueError),
    ("https://local\nhost", ValueError),
    ("https://local host", ValueError),
    ("https://löcalhost", ValueError),
    ("https://localhost\\@example.com", ValueError),
]
OPTIONS = {
    "timeout": BAD_SECONDS,
    "connect_timeout": BAD_SECONDS,
    "queue_timeout": BAD_SECONDS[:-1],
    "max_concurrency": BAD_IDS,
    "max_attempts": [(0, ValueError), (-1, ValueError), (1.5, TypeError), ("4", TypeError), (True, TypeError)],
    "max_reply_bytes": [(0, ValueError), (-1, ValueError), (1.5, TypeError), (None, TypeError), (True, TypeError)],
    "limiter": [(8, TypeError), (TEXT, TypeError)],
    "proxy": [
        (NUMBER, TypeError),
        (f"http://user:{TEXT}@proxy".encode(), TypeError),
        ("", ValueError),
        ("proxy", ValueError),
        (f"socks5://user:{TEXT}@proxy:1", ValueError),
        (f"http://user:{TEXT}@proxy:99999", ValueError),
        ("http://user:ş@proxy:1", ValueError),
        ("http://%C5%9F:word@proxy:1", ValueError),
        (f"http://[{TEXT}", ValueError),
    ],
    "ssl_context": [(True, TypeError), (False, TypeError), (TEXT, TypeError)],
    "allow_custom_host": [(1, TypeError), (TEXT, TypeError)],
    "account": BAD_TEXTS,
    "base_url": BAD_URLS,
}
CLIENTS = [
    (
        AsyncKolayBi,
        {"channel": "c", "access_token": "t"},
        {"channel": BAD_CREDENTIALS, "access_token": BAD_CREDENTIALS},
    ),
    (AsyncKolayBi, {"channel": "c"}, {"api_key": BAD_CREDENTIALS}),
    (AsyncPropars, {}, {"token": BAD_CREDENTIALS}),
    (AsyncPropars, {"password": "p"}, {"username": BAD_LOGINS}),
    (AsyncPropars, {"username": "u"}, {"password": BAD_LOGINS}),
    (AsyncKolayBi, {"channel": "c", "access_token": "t"}, OPTIONS),
    (AsyncPropars, {"token": "t"}, OPTIONS),
]


@pytest.mark.parametrize(
    ("kind", "good", "name", "value", "error"),
    [
        pytest.param(kind, good, name, value, error, id=f"{kind.__name__}-{name}-{number}")
        for kind, good, bad in CLIENTS
        for name, values in bad.items()
        for number, (value, error) in enumerate(values)
    ],
)
def test_a_bad_setting_of_a_client_is_named_and_not_shown(kind, good, name, value, error):
    with pytest.raises(error) as caught:
        kind(**{**good, name: value})

    shown = str(caught.value) + repr(caught.value.args)
    assert name in str(caught.value)
    assert str(NUMBER) not in shown
    assert TEXT not in shown


def test_an_ssl_context_must_verify_the_server():
    unverified = ssl.create_default_context()
    unverified.check_hostname = False
    with pytest.raises(ValueError, match="ssl_context must verify the certificate and the host name"):
        AsyncKolayBi(channel="c", access_token="t", ssl_context=unverified)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (AsyncKolayBi, {"channel": "c"}),
        (AsyncPropars, {}),
        (AsyncPropars, {"username": "u"}),
        (AsyncPropars, {"password": "p"}),
        (AsyncPropars, {"token": "t", "username": "u"}),
    ],
)
def test_missing_credentials_are_a_configuration_error(kind, given):
    with pytest.raises(ConfigurationError, match=kind.__name__.removeprefix("Async")):
        kind(**given)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        (KOLAYBI_SANDBOX_URL, KOLAYBI_SANDBOX_URL),
        (KOLAYBI_PRODUCTION_URL + "/", KOLAYBI_PRODUCTION_URL),
        ("HTTPS://OFIS-API.KOLAYBI.COM", KOLAYBI_PRODUCTION_URL),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.1.2.3", "http://127.1.2.3"),
        ("http://localhost:1/", "http://localhost:1"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_a_good_base_url_becomes_an_origin(url, origin):
    assert parse_origin(url, (KOLAYBI_SANDBOX_URL, KOLAYBI_PRODUCTION_URL), allow_custom_host=False) == origin


def test_another_host_needs_https_and_an_express_wish():
    assert parse_origin("https://proxy.example.com", (PROPARS_URL,), allow_custom_host=True)
    with pytest.raises(ValueError, match="https"):
        parse_origin("http://proxy.example.com", (PROPARS_URL,), allow_custom_host=True)


def test_every_good_setting_is_taken():
    limiter = Limiter(2)
    client = AsyncKolayBi(
        channel="c",
        access_token="t",
        timeout=1,
        connect_timeout=0.5,
        queue_timeout=2,
        limiter=limiter,
        max_attempts=1,
        max_reply_bytes=1,
        proxy="http://user:p%40ss@proxy.example.com:3128",
        ssl_context=ssl.create_default_context(),
        base_url="https://kolaybi.example.com",
        allow_custom_host=True,
    )

    assert repr(client) == "<AsyncKolayBi https://kolaybi.example.com not yet open>"
    assert "p%40ss" not in repr(client._options)
