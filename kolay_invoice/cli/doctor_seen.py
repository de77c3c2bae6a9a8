"""What the doctor saw: whole replies to reads, and how each read ended. Its clients know no other call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import define, evolve, field, frozen

from kolay_invoice.codec import decode_json
from kolay_invoice.endpoint import Effect, Endpoint, Request
from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.kolaybi.models import InvoicePage
from kolay_invoice.outcome import Answer, Verdict
from kolay_invoice.provider import Provider

FIRST_ERROR: Final = 400


@frozen
class Exchange:
    """One reply to a read, exactly as it came. It holds private data and is shown to nobody."""

    operation: str
    answer: Answer = field(repr=False)
    content: Any = field(repr=False)
    """The body's JSON, or None where it is none."""

    @property
    def is_failure(self) -> bool:
        """Whether the reply says no, by its status or by its envelope."""
        said = isinstance(self.content, dict) and self.content.get("success") is False
        return said or self.answer.status >= FIRST_ERROR


@frozen
class Tried:
    """How one read ended."""

    purpose: str
    operation: str
    error: KolayInvoiceError | None = field(default=None, repr=False)
    rows: int | None = None
    """How many rows a list brought."""
    request: Any = field(default=None, repr=False)
    reply: Any = field(default=None, repr=False)
    """What the client made of it; None where it brought nothing."""
    exchanges: Sequence[Exchange] = field(default=(), repr=False)
    """The replies to this read, exactly as they came."""
    listed: Any = field(default=None, repr=False)
    """The row of a list that made it worth reading."""


@define
class Seen:
    """Everything that was seen of one provider."""

    provider: str
    exchanges: list[Exchange] = field(factory=list)
    tried: list[Tried] = field(factory=list)

    def replies(self, *operations: str) -> list[Exchange]:
        """Return the replies to some operations."""
        return [exchange for exchange in self.exchanges if exchange.operation in operations]

    def accepted(self, *operations: str) -> list[Exchange]:
        """Return the replies to some operations that say yes."""
        return [exchange for exchange in self.replies(*operations) if not exchange.is_failure]

    def of(self, purpose: str) -> Tried | None:
        """Return how the read for a purpose ended, if it was tried."""
        return next(iter(self.all_of(purpose)), None)

    def all_of(self, purpose: str) -> list[Tried]:
        """Return how the reads for a purpose ended."""
        return [tried for tried in self.tried if tried.purpose == purpose]

    def rows(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the rows of every accepted list, as they came."""
        return [row for exchange in self.accepted(operation) for row in rows_of(exchange.content)]


def rows_of(content: Any) -> Iterator[Mapping[str, Any]]:
    """Iterate over the rows that a list's reply holds."""
    data = content.get("data") if isinstance(content, dict) else None
    rows = data.get("data") if isinstance(data, dict) else data
    return (row for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


def record_reads(client: Provider, exchanges: list[Exchange]) -> None:
    """Let a client make reads and no other call, and record its replies."""
    interpret = client.profile.interpret

    def interpret_and_record(endpoint: Endpoint[Any, Any], answer: Answer) -> Verdict:
        try:
            content = decode_json(answer.body)
        except ValueError:
            content = None
        exchanges.append(Exchange(endpoint.operation, answer, content))
        return interpret(endpoint, answer)

    reads = {request: one for request, one in client.endpoints.items() if one.effect is Effect.READ}
    client.profile = evolve(client.profile, endpoints=reads, interpret=interpret_and_record)


async def tried(
    seen: Seen,
    client: Provider,
    purpose: str,
    request: Request[Any],
    *,
    listed: object = None,
) -> Any | None:
    """Make one read and note how it ended; None where it brought nothing.

    Args:
        seen: Where it is noted.
        client: Who reads.
        purpose: What for.
        request: What is asked.
        listed: The row of a list that made it worth asking.
    """
    operation = client.endpoints[type(request)].operation
    before = len(seen.exchanges)
    reply, failure = None, None
    try:
        reply = await client.call(request)
    except KolayInvoiceError as error:
        failure = error
    rows = len(reply.invoices) if isinstance(reply, InvoicePage) else None
    exchanges = tuple(seen.exchanges[before:])
    seen.tried.append(Tried(purpose, operation, failure, rows, request, reply, exchanges, listed))
    return reply
