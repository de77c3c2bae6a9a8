"""What surrounds a call must not steer it: proxies and `.netrc` of the environment, redirects, cookies, hostile ids."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio

import pytest

from ..faults import contents
from ..faults.matrix import BOTH, CALLS, CANARIES, FETCHED_TOKEN, PATIENCE, TOKEN_OPERATION, each_call_in

PROXIES = [name for plain in ("http_proxy", "https_proxy", "all_proxy") for name in (plain, plain.upper())]


@pytest.fixture
def hostile_environment(monkeypatch, tmp_path, elsewhere):
    """Proxies and passwords that another program of the same user may have set."""
    for name in PROXIES:
        monkeypatch.setenv(name, elsewhere.url)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password canary-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))


@each_call_in(*BOTH)
async def test_no_proxy_and_no_password_of_the_environment_is_used(
    call, form, server, elsewhere, hostile_environment, no_secret_shown
):
    async with asyncio.timeout(PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        outcome = await ask(call)

    assert outcome.error is None
    assert elsewhere.connections == 0
    (asked,) = server.requests
    scheme = "Bearer" if call.provider == "kolaybi" else "Token"
    assert asked.header("authorization") == f"{scheme} {CANARIES['token']}"
    assert b"netrc" not in server.raw
    assert b"c29tZWJvZHk" not in server.raw, "no Basic credentials either"
    no_secret_shown()


@each_call_in(*BOTH)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirected_token_request_takes_no_credential_anywhere(status, call, form, server, elsewhere):
    operation = TOKEN_OPERATION[call.provider]
    server.fault(operation, contents.redirected(status, elsewhere=True), times=None)

    async with (
        asyncio.timeout(PATIENCE),
        form.client(call.provider, FETCHED_TOKEN, base_url=server.url, max_attempts=1) as ask,
    ):
        outcome = await ask(call)

    assert not outcome.error.may_have_happened
    assert elsewhere.connections == 0
    assert server.received == {operation: 1}


@each_call_in(*BOTH)
async def test_a_cookie_of_the_token_request_is_not_kept(call, form, server):
    operation = TOKEN_OPERATION[call.provider]
    server.fault(operation, contents.answered_with_cookies, times=None)

    async with asyncio.timeout(PATIENCE), form.client(call.provider, FETCHED_TOKEN, base_url=server.url) as ask:
        outcome = await ask(call)

    assert outcome.error is None
    assert [asked.header("cookie") for asked in server.requests] == [None, None]


# Every one of these is a sale code that a shop may have; none may become another path, another argument or a header.
CODES = (
    "a/b",
    "a\\b",
    "a&sale_id=7",
    "a;sale_id=7",
    "a=b",
    "a%2F..%2Fb",
    "%2e%2e",
    "%0d%0aX-Injected:%20y",
    "a+b c",
    "sipariş-ığüşöçİ",
    "\u202etxt.exe",
    "١٢٣",
    "{sale_id}",
    "%s%n",
    "a@b:c",
    "'; DROP TABLE sales; --",
    "<script>",
)
BY_CODE = [call for call in CALLS if "sale_code" in call.arguments]


@each_call_in(*BOTH, calls=BY_CODE)
async def test_a_code_full_of_signs_travels_as_it_is_in_one_argument(call, form, server):
    async with asyncio.timeout(2 * PATIENCE), form.client(call.provider, base_url=server.url) as ask:
        for code in CODES:
            await ask(call.with_argument("sale_code", code))

    assert [asked.asked.arguments["sale_code"] for asked in server.requests] == list(CODES)
    assert {asked.operation for asked in server.requests} == {call.name}
    assert {frozenset(asked.asked.arguments) for asked in server.requests} == {frozenset(call.arguments)}
    assert not [asked for asked in server.requests if asked.header("x-injected")]
    assert {asked.target.partition("?")[0] for asked in server.requests} == {
        server.requests[0].target.partition("?")[0]
    }
