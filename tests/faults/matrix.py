"""The words in which the tables of the matrix are written: calls, forms, cells and lines.

A line is one row of the matrix with one fault; it unfolds into a test for each call and each form. Adding a row to the
suite is adding a line to a table.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from attrs import evolve, field, frozen

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    ConfigurationError,
    KolayBi,
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    Propars,
    RateLimitedError,
    RefusedError,
    UnexpectedReplyError,
)

from .rows import RowNumber
from .server import Fault

CANARIES = {
    "token": "canary-token-5d1f0c",
    "channel": "canary-channel-83be77",
    "api_key": "canary-api-key-09ad62",
    "password": "canary-password-f7713e",
    "sale_code": "canary-sale-2b9e41",
    "proxy_password": "canary-proxy-c4770a",
}
"""Secrets that no message, log record, traceback or pickle may ever show."""

READY_TOKEN = {
    "kolaybi": {"channel": CANARIES["channel"], "access_token": CANARIES["token"]},
    "propars": {"token": CANARIES["token"]},
}
ANOTHER_ACCOUNT = {
    "kolaybi": {"channel": "another-channel", "access_token": "another-token"},
    "propars": {"token": "another-token"},
}
FETCHED_TOKEN = {
    "kolaybi": {"channel": CANARIES["channel"], "api_key": CANARIES["api_key"]},
    "propars": {"username": "somebody@example.com", "password": CANARIES["password"]},
}
"""Credentials of three kinds, by provider."""

TOKEN_OPERATION = {"kolaybi": "access_token", "propars": "api_token_auth"}

OUR_UUID = UUID("0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11")

PATIENCE = 5.0
"""Seconds after which something hangs. No case waits for it."""


class Column(enum.Enum):
    """The columns of the matrix."""

    READS = "R"
    CREATES_BY_GET = "G"
    SENDS = "S"
    MOVES_MONEY = "M"
    CANCELS = "C"


@frozen
class Call:
    """One of the eight calls, with arguments."""

    provider: str
    name: str
    column: Column
    arguments: Mapping[str, Any]
    answered: Callable[[Any, Mapping[str, Any]], bool] = field(repr=False)
    """Whether a value is the answer to a call with these arguments."""

    @property
    def has_effect(self) -> bool:
        """Whether this call changes anything at the provider."""
        return self.column is not Column.READS

    def about_another(self) -> Call:
        """Return the same call about another document or sale."""
        other = {"document_id": 19, "sale_code": "another-sale", "invoice_uuid": UUID(int=OUR_UUID.int + 1)}
        return evolve(self, arguments={name: other.get(name, value) for name, value in self.arguments.items()})

    def with_argument(self, name: str, value: object) -> Call:
        """Return the same call with one argument changed."""
        return evolve(self, arguments={**self.arguments, name: value})

    def by_sale_id(self, sale_id: object) -> Call:
        """Return the same call, with the sale named by this id and nothing else."""
        return evolve(self, arguments={"sale_id": sale_id})

    def __str__(self) -> str:
        return self.name


_SALE = {"sale_code": CANARIES["sale_code"]}
_SALE_WITH_UUID = {**_SALE, "invoice_uuid": OUR_UUID}

CALLS = (
    Call(
        "kolaybi",
        "resend",
        Column.SENDS,
        {"document_id": 18},
        lambda reply, asked: reply.document_id == asked["document_id"],
    ),
    Call(
        "kolaybi",
        "create_e_document",
        Column.SENDS,
        {"document_id": 18},
        lambda reply, asked: reply.document_id == asked["document_id"],
    ),
    Call(
        "kolaybi",
        "proceed",
        Column.MOVES_MONEY,
        {"document_id": 18, "vault_id": 1},
        lambda reply, _: reply.remaining_amount == 0,
    ),
    Call(
        "kolaybi",
        "list_invoices",
        Column.READS,
        {"company_id": 5, "direction": "outbound", "document_id": 18},
        lambda reply, asked: [row.document_id for row in reply] == [asked["document_id"]],
    ),
    Call(
        "propars",
        "invoice_html_for_sale",
        Column.CREATES_BY_GET,
        _SALE_WITH_UUID,
        lambda reply, asked: str(asked["invoice_uuid"]) in reply.html,
    ),
    Call(
        "propars",
        "send_invoice",
        Column.SENDS,
        _SALE_WITH_UUID,
        lambda reply, asked: reply.uuid == asked["invoice_uuid"],
    ),
    Call(
        "propars",
        "get_signed_xml",
        Column.READS,
        _SALE,
        lambda reply, asked: asked["sale_code"].encode() in reply.content,
    ),
    Call(
        "propars",
        "cancel_invoice",
        Column.CANCELS,
        _SALE,
        lambda reply, asked: reply.sale_code == asked["sale_code"],
    ),
)


@frozen
class Outcome:
    """What a caller was given: a value or an error."""

    value: object = None
    error: BaseException | None = None


Ask: TypeAlias = Callable[[Call], Awaitable[Outcome]]


class Form(enum.Enum):
    """How a call is made: with `await`, or by the blocking twin in a thread of its own."""

    ASYNC = "async"
    BLOCKING = "blocking"

    @contextlib.asynccontextmanager
    async def client(
        self, provider: str, credentials: Mapping[str, Mapping[str, str]] = READY_TOKEN, **options: Any
    ) -> AsyncIterator[Ask]:
        """Open a client and yield what makes a call on it."""
        opened = _CLIENTS[self, provider](**credentials[provider], **options)

        async def ask(call: Call) -> Outcome:
            method = getattr(opened, call.name)
            try:
                if self is Form.ASYNC:
                    return Outcome(await method(**call.arguments))
                return Outcome(await asyncio.to_thread(method, **call.arguments))
            except Exception as error:  # noqa: BLE001 (whatever it is: it is judged)
                return Outcome(error=error)

        try:
            yield ask
        finally:
            await (opened.aclose() if self is Form.ASYNC else asyncio.to_thread(opened.close))


_CLIENTS: Mapping[tuple[Form, str], Callable[..., Any]] = {
    (Form.ASYNC, "kolaybi"): AsyncKolayBi,
    (Form.ASYNC, "propars"): AsyncPropars,
    (Form.BLOCKING, "kolaybi"): KolayBi,
    (Form.BLOCKING, "propars"): Propars,
}

BOTH = (Form.ASYNC, Form.BLOCKING)
ONLY_ASYNC = (Form.ASYNC,)


@frozen
class Cell:
    """What a caller must be told, and how often the server may have been asked."""

    name: str
    error: type[KolayInvoiceError] | None = None
    attempts: int | None = 1
    """None where the number does not matter: a call that has no effect, until its deadline."""


OK = Cell("ok")
RETRIED = Cell("retry", attempts=2)
RETRIED_IN_VAIN = Cell("retry", UnexpectedReplyError, attempts=None)
ERROR = Cell("error", UnexpectedReplyError)
UNKNOWN = Cell("unknown", OutcomeUnknownError)
REFUSED = Cell("refused", RefusedError)
RATE_LIMITED = Cell("rate limited", RateLimitedError)
NOT_SENT = Cell("not sent", NotSentError, attempts=None)
MISCONFIGURED = Cell("config", ConfigurationError, attempts=0)


@frozen
class Line:
    """One row of the matrix with one fault, and the cell of each column."""

    row: RowNumber
    fault: Fault
    reads: Cell
    effects: Cell
    but: Mapping[str, Cell | str] = field(factory=dict)
    """The calls whose cell is another one; or that cannot have one, and why."""
    times: int | None = 1
    timeout: float = PATIENCE
    forms: tuple[Form, ...] = BOTH
    options: Mapping[str, Any] = field(factory=dict)
    """Further arguments of the client."""

    def cell(self, call: Call) -> Cell | str:
        """Return what holds for this call."""
        return self.but.get(call.name, self.effects if call.has_effect else self.reads)


def each_case_of(lines: Iterable[Line]) -> pytest.MarkDecorator:
    """Run a test for each line of a table, for each call in each of its forms."""
    cases = [
        pytest.param(line, call, form, id=f"{line.row!s:0>2}-{line.fault}-{call}-{form.value}", marks=in_row(line.row))
        for line in lines
        for call in CALLS
        for form in line.forms
        if isinstance(line.cell(call), Cell)
    ]
    return pytest.mark.parametrize(("line", "call", "form"), cases)


def each_call_in(*forms: Form, calls: Iterable[Call] = CALLS) -> pytest.MarkDecorator:
    """Run a test for each call in each of these forms."""
    cases = [pytest.param(call, form, id=f"{call}-{form.value}") for call in calls for form in forms]
    return pytest.mark.parametrize(("call", "form"), cases)


def in_row(number: RowNumber) -> pytest.MarkDecorator:
    """Mark a test as belonging to a row of the matrix."""
    return pytest.mark.row(number)
