"""The clients that a user would pick instead, doing the same calls.

Each client is used as its own pages show, does the same work and is checked to have done it: the status, the JSON, the
echoed number. It gets the same token and Channel. A write has a connection of its own in every client. Libraries are
imported inside functions, so that a contestant's process holds only its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from benchmarks.setting import CHANNEL, TOKEN, Setting, context, in_tasks, in_threads, run

READ = "/kolaybi/v1/e_document/invoices?company_id=1&direction=outbound"
WRITE = "/kolaybi/v1/invoices/e-document/create"
HEADERS = {"Authorization": f"Bearer {TOKEN}", "Channel": CHANNEL}
CLOSE = {"Connection": "close"}


def _check_list(envelope: Any) -> None:
    assert envelope["success"]
    assert envelope["data"][0]["document_id"] == 1


def _check_document(envelope: Any, number: int) -> None:
    assert envelope["data"]["document_id"] == number


# requests and niquests


def _requests(library: str, setting: Setting, calls: int, *, writes: bool, in_session: bool) -> None:
    from importlib import import_module

    module: Any = import_module(library)
    verify = setting.authorities or True

    def worker(share: range) -> None:
        if not in_session:
            for number in share:
                call(partial(module.get, headers=HEADERS), partial(module.post, headers=HEADERS | CLOSE), number)
            return
        with module.Session() as session:
            session.headers.update(HEADERS | CLOSE if writes else HEADERS)
            for number in share:
                call(session.get, session.post, number)

    def call(get: Callable[..., Any], post: Callable[..., Any], number: int) -> None:
        if writes:
            reply = post(setting.url + WRITE, data={"document_id": number}, timeout=30, verify=verify)
            reply.raise_for_status()
            _check_document(reply.json(), number)
        else:
            reply = get(setting.url + READ, timeout=30, verify=verify)
            reply.raise_for_status()
            _check_list(reply.json())

    in_threads(worker, calls, setting.at_once)


def requests_reads(setting: Setting, calls: int) -> None:
    """Read with a `requests.Session` for each thread."""
    _requests("requests", setting, calls, writes=False, in_session=True)


def requests_writes(setting: Setting, calls: int) -> None:
    """Write with a `requests.Session` for each thread."""
    _requests("requests", setting, calls, writes=True, in_session=True)


def bare_requests_reads(setting: Setting, calls: int) -> None:
    """Read with `requests.get`."""
    _requests("requests", setting, calls, writes=False, in_session=False)


def bare_requests_writes(setting: Setting, calls: int) -> None:
    """Write with `requests.post`, as the providers' pages show."""
    _requests("requests", setting, calls, writes=True, in_session=False)


def niquests_reads(setting: Setting, calls: int) -> None:
    """Read with a `niquests.Session` for each thread."""
    _requests("niquests", setting, calls, writes=False, in_session=True)


def niquests_writes(setting: Setting, calls: int) -> None:
    """Write with a `niquests.Session` for each thread."""
    _requests("niquests", setting, calls, writes=True, in_session=True)


# urllib3


def _urllib3(setting: Setting, calls: int, *, writes: bool) -> None:
    import urllib3

    verifying: dict[str, Any] = {"ssl_context": context(setting.authorities)} if setting.authorities else {}
    with urllib3.PoolManager(
        maxsize=setting.at_once, timeout=30, retries=False, headers=HEADERS | CLOSE if writes else HEADERS, **verifying
    ) as pool:

        def worker(share: range) -> None:
            for number in share:
                if writes:
                    fields = {"document_id": str(number)}
                    reply = pool.request("POST", setting.url + WRITE, fields=fields, encode_multipart=False)
                else:
                    reply = pool.request("GET", setting.url + READ)
                assert reply.status == 200
                _check_document(reply.json(), number) if writes else _check_list(reply.json())

        in_threads(worker, calls, setting.at_once)


def urllib3_reads(setting: Setting, calls: int) -> None:
    """Read with urllib3's pool."""
    _urllib3(setting, calls, writes=False)


def urllib3_writes(setting: Setting, calls: int) -> None:
    """Write with urllib3's pool."""
    _urllib3(setting, calls, writes=True)


# httpx


def _httpx(setting: Setting, calls: int, *, writes: bool) -> None:
    import httpx

    async def work() -> None:
        async with httpx.AsyncClient(
            headers=HEADERS | CLOSE if writes else HEADERS,
            timeout=30,
            verify=context(setting.authorities) if setting.authorities else True,
            limits=httpx.Limits(max_connections=setting.at_once, max_keepalive_connections=setting.at_once),
        ) as client:

            async def call(number: int) -> None:
                if writes:
                    reply = await client.post(setting.url + WRITE, data={"document_id": str(number)})
                    _check_document(reply.raise_for_status().json(), number)
                else:
                    reply = await client.get(setting.url + READ)
                    _check_list(reply.raise_for_status().json())

            await in_tasks(call, calls, setting.at_once)

    run(setting, work())


def httpx_reads(setting: Setting, calls: int) -> None:
    """Read with `httpx.AsyncClient`."""
    _httpx(setting, calls, writes=False)


def httpx_writes(setting: Setting, calls: int) -> None:
    """Write with `httpx.AsyncClient`."""
    _httpx(setting, calls, writes=True)


# openai


def _openai(setting: Setting, calls: int, *, writes: bool) -> None:
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    from openai import BaseModel as Model

    class Invoice(Model):
        document_id: int
        uuid: UUID | None = None
        no: str | None = None
        status: str | None = None
        scenario: str | None = None
        type: str | None = None
        direction: str | None = None
        exchange_grand_total: Decimal | None = None
        exchange_grand_currency: str | None = None
        grand_total: Decimal | None = None
        grand_currency: str | None = None

    class Invoices(Model):
        success: bool
        data: list[Invoice]

    class Document(Model):
        document_id: int
        uuid: str

    class EDocument(Model):
        success: bool
        data: Document

    # Annotations that are texts are looked up in the module, where these classes are not.
    for model in (Invoice, Invoices, Document, EDocument):
        model.model_rebuild(
            _types_namespace={"UUID": UUID, "Decimal": Decimal, "Invoice": Invoice, "Document": Document}
        )

    async def work() -> None:
        verifying: dict[str, Any] = {"verify": context(setting.authorities)} if setting.authorities else {}
        async with AsyncOpenAI(
            api_key=TOKEN,
            base_url=setting.url,
            timeout=30,
            max_retries=0,
            default_headers={"Channel": CHANNEL} | (CLOSE if writes else {}),
            http_client=DefaultAsyncHttpxClient(**verifying),
        ) as client:

            async def call(number: int) -> None:
                if writes:
                    sent = await client.post(WRITE, cast_to=EDocument, body={"document_id": number})
                    assert sent.data.document_id == number
                else:
                    assert (await client.get(READ, cast_to=Invoices)).data[0].document_id == 1

            await in_tasks(call, calls, setting.at_once)

    run(setting, work())


def openai_reads(setting: Setting, calls: int) -> None:
    """Read with the machinery of openai."""
    _openai(setting, calls, writes=False)


def openai_writes(setting: Setting, calls: int) -> None:
    """Write with the machinery of openai, which sends JSON."""
    _openai(setting, calls, writes=True)


# stripe


def _stripe_client(setting: Setting, http_client: Any) -> Any:
    import stripe

    # It would gather facts of the machine for a header; without them it has less to do.
    stripe.enable_telemetry = False
    return stripe.StripeClient(
        TOKEN, base_addresses={"api": setting.url}, http_client=http_client, max_network_retries=0
    )


def _stripe_async(setting: Setting, calls: int, *, writes: bool) -> None:
    async def work() -> None:
        import aiohttp
        import stripe

        connector = aiohttp.TCPConnector(
            limit=setting.at_once,
            force_close=writes,
            ssl=context(setting.authorities) if setting.authorities else True,
        )
        http_client = stripe.AIOHTTPClient(connector=connector)
        client = _stripe_client(setting, http_client)
        try:
            await in_tasks(_stripe_call(client, writes=writes), calls, setting.at_once)
        finally:
            await http_client.close_async()  # type: ignore[no-untyped-call] # stripe has not typed it.

    run(setting, work())


def _stripe_call(client: Any, *, writes: bool) -> Callable[[int], Awaitable[None]]:
    options = {"headers": {"Channel": CHANNEL}}

    async def read(_: int) -> None:
        reply = await client.raw_request_async("get", READ, **options)
        assert client.deserialize(reply, api_mode="V1").data[0].document_id == 1

    async def write(number: int) -> None:
        reply = await client.raw_request_async("post", WRITE, document_id=number, **options)
        assert client.deserialize(reply, api_mode="V1").data.document_id == number

    return write if writes else read


def stripe_reads(setting: Setting, calls: int) -> None:
    """Read with the machinery of stripe on aiohttp."""
    _stripe_async(setting, calls, writes=False)


def stripe_writes(setting: Setting, calls: int) -> None:
    """Write with the machinery of stripe on aiohttp."""
    _stripe_async(setting, calls, writes=True)


def _stripe_blocking(setting: Setting, calls: int, *, writes: bool) -> None:
    import stripe

    if setting.authorities:
        stripe.ca_bundle_path = setting.authorities
    # Its client on requests keeps a session for each thread by itself.
    client = _stripe_client(setting, stripe.RequestsClient())
    options = {"headers": {"Channel": CHANNEL} | (CLOSE if writes else {})}

    def worker(share: range) -> None:
        for number in share:
            if writes:
                reply = client.raw_request("post", WRITE, document_id=number, **options)
                assert client.deserialize(reply, api_mode="V1").data.document_id == number
            else:
                reply = client.raw_request("get", READ, **options)
                assert client.deserialize(reply, api_mode="V1").data[0].document_id == 1

    in_threads(worker, calls, setting.at_once)


def stripe_blocking_reads(setting: Setting, calls: int) -> None:
    """Read with the machinery of stripe on requests, its default."""
    _stripe_blocking(setting, calls, writes=False)


def stripe_blocking_writes(setting: Setting, calls: int) -> None:
    """Write with the machinery of stripe on requests, its default."""
    _stripe_blocking(setting, calls, writes=True)
