"""The doctor's observations: replies to reads and the result of each read. Its clients only read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from kolay_invoice.client import BaseClient
from kolay_invoice.codec import decode_json
from kolay_invoice.endpoint import Effect, Endpoint, Request
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.kolaybi.models import InvoicePage
from kolay_invoice.result import HttpResponse, Verdict

_FIRST_ERROR: Final = 400

MISSING_ID: Final = 2**53 - 1
"""An id that no account has. It is exact in readers that parse JSON numbers as doubles."""


@frozen
class Exchange:
    """One raw reply to a read. It contains private data and is never printed."""

    operation: str
    answer: HttpResponse = field(repr=False)
    content: Any = field(repr=False)
    """The parsed JSON of the body, or None."""

    @property
    def is_failure(self) -> bool:
        """Whether the reply is a refusal, by its status or by its envelope."""
        is_refused = isinstance(self.content, dict) and self.content.get("success") is False
        return is_refused or self.answer.status >= _FIRST_ERROR


@frozen
class ReadAttempt:
    """The result of one read."""

    purpose: str
    operation: str
    error: KolayInvoiceError | None = field(default=None, repr=False)
    rows: int | None = None
    """The number of rows of a list."""
    request: Any = field(default=None, repr=False)
    reply: Any = field(default=None, repr=False)
    exchanges: Sequence[Exchange] = field(default=(), repr=False)
    listed: Any = field(default=None, repr=False)
    """The row of a list that led to the read."""


@define
class Observations:
    """All observations of one provider."""

    provider: str
    exchanges: list[Exchange] = field(factory=list)
    attempts: list[ReadAttempt] = field(factory=list)

    def replies(self, *operations: str) -> list[Exchange]:
        """Return the replies to some operations."""
        return [exchange for exchange in self.exchanges if exchange.operation in operations]

    def accepted(self, *operations: str) -> list[Exchange]:
        """Return the replies to some operations that are no refusals."""
        return [exchange for exchange in self.replies(*operations) if not exchange.is_failure]

    def first(self, purpose: str) -> ReadAttempt | None:
        """Return the first read for a purpose, or None."""
        return next(iter(self.all_of(purpose)), None)

    def all_of(self, purpose: str) -> list[ReadAttempt]:
        """Return the reads for a purpose."""
        return [attempt for attempt in self.attempts if attempt.purpose == purpose]

    def rows(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the rows of every accepted list, as they came."""
        return [row for exchange in self.accepted(operation) for row in rows_of(exchange.content)]


def rows_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """Iterate over the rows in the reply to a list."""
    data = content.get("data") if isinstance(content, dict) else None
    rows = data.get("data") if isinstance(data, dict) else data
    return (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def record_reads(client: BaseClient, exchanges: list[Exchange]) -> None:
    """Restrict a client to reads, and record its replies."""
    interpret = client.profile.interpret

    def interpret_and_record(endpoint: Endpoint[Any, Any], answer: HttpResponse) -> Verdict:
        try:
            content = decode_json(answer.body)
        except ValueError:
            content = None
        exchanges.append(Exchange(endpoint.operation, answer, content))
        return interpret(endpoint, answer)

    # Decoded in one step, a reply would not be interpreted.
    reads = {
        request: evolve(one, decode_plain=None)
        for request, one in client.endpoints.items()
        if one.effect is Effect.READ
    }
    client.profile = evolve(client.profile, endpoints=reads, interpret=interpret_and_record)


@frozen
class Reader:
    """Makes reads with one client and records each result."""

    client: BaseClient
    seen: Observations

    async def try_read(self, purpose: str, request: Request[Any], *, listed: object = None) -> Any | None:
        """Make one read; return the reply, or None after an error.

        Args:
            purpose: The name of the read in the report.
            request: The request.
            listed: The row of a list because of which the read is made.
        """
        operation = self.client.endpoints[type(request)].operation
        before = len(self.seen.exchanges)
        reply, failure = None, None
        try:
            reply = await self.client.call(request)
        except KolayInvoiceError as error:
            failure = error
        rows = len(reply.invoices) if isinstance(reply, InvoicePage) else None
        exchanges = tuple(self.seen.exchanges[before:])
        self.seen.attempts.append(ReadAttempt(purpose, operation, failure, rows, request, reply, exchanges, listed))
        return reply
