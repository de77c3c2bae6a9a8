"""What is to be archived: the invoices of a range of days, a list of them, or the operations of a journal."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterable, AsyncIterator, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from uuid import UUID

from attrs import field, fields, frozen

from kolay_invoice import validators
from kolay_invoice.archive.manifest import ArchiveError
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import Direction
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.messages import Message
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.models import GetSignedXml, Sale

if TYPE_CHECKING:
    # A journal is not needed for an archive, nor its extra.
    from kolay_invoice.journal.models import Row

Client: TypeAlias = AsyncKolayBi | AsyncPropars
Rows: TypeAlias = AsyncIterable["Row"] | Iterable["Row"]

_DONE: Final = "done"

_SHOWN_DIGITS: Final = 16
_SENDS: Final = {"propars": ("send_invoice",), "kolaybi": ("create_e_document", "resend")}
"""The operations of a journal after which there is an official document."""


@frozen
class Wanted:
    """One invoice that is to be archived. `selector` is what it is asked for by."""

    selector: GetSignedXml | UUID = field(repr=False)
    ettn: UUID | None = None
    number: str | None = None

    @property
    def source(self) -> str:
        """A digest of the selector: a sale code stands in no file and no report."""
        if isinstance(self.selector, UUID):
            text = f"kolaybi:uuid={self.selector}"
        else:
            given = {one.name: getattr(self.selector, one.name) for one in fields(GetSignedXml)}
            text = "propars:" + "".join(f"{name}={value}" for name, value in given.items() if value is not None)
        return hashlib.sha256(text.encode()).hexdigest()[:_SHOWN_DIGITS]

    @property
    def label(self) -> str:
        """How a report names it."""
        return str(self.ettn or self.number or f"#{self.source}")


def _since(value: date | str | None) -> date | None:
    return validators.to_date("since", value)


def _until(value: date | str | None) -> date | None:
    return validators.to_date("until", value)


def _sales(value: Iterable[str | int] | None) -> tuple[str | int, ...] | None:
    return None if value is None else _to_tuple("sales", value)


def _ettns(value: Iterable[UUID | str] | None) -> tuple[UUID, ...] | None:
    return None if value is None else tuple(validators.to_uuid("ettns", one) for one in _to_tuple("ettns", value))


def _to_tuple(name: str, value: object) -> tuple[Any, ...]:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        msg = Message("{name} must be a list, not {kind}", name=name, kind=type(value).__name__)
        raise TypeError(msg)
    return tuple(value)


@frozen(kw_only=True)
class Selection:
    """Which invoices are archived: of a range of days, those of some sales or ETTNs, or those of a journal's rows."""

    since: date | None = field(default=None, converter=_since)
    until: date | None = field(default=None, converter=_until)
    sales: tuple[str | int, ...] | None = field(default=None, converter=_sales)
    ettns: tuple[UUID, ...] | None = field(default=None, converter=_ettns)
    rows: Rows | None = None
    company_id: int | None = None
    direction: DirectionName = Direction.OUTBOUND

    def check(self, client: Client) -> None:
        """Refuse a selection that is not one, or not of this provider.

        Raises:
            ValueError: Not exactly one selection is given, or one that the provider does not have.
        """
        given = [name for name in ("since", "sales", "ettns", "rows") if getattr(self, name) is not None]
        if len(given) != 1:
            msg = Message("give exactly one of {names}", names="since, sales, ettns, rows")
            raise ValueError(msg)
        validators.check_range(self, "since", "until")
        wrong = "sales" if client.name == "kolaybi" else "ettns"
        if getattr(self, wrong) is not None:
            msg = Message("{name} has no meaning for {provider}", name=wrong, provider=client.name)
            raise ValueError(msg)
        for sale in self.sales or ():
            _of_sale(sale)

    async def wanted(self, client: Client) -> AsyncIterator[Wanted]:
        """Iterate over the invoices."""
        if self.rows is not None:
            async for row in _each(self.rows):
                if (found := _of_row(row, client)) is not None:
                    yield found
        elif isinstance(client, AsyncPropars):
            for sale_name in self.sales or ():
                yield _of_sale(sale_name)
            if self.since is not None:
                async for sale in client.iter_sales(
                    order_start_date=self.since, order_end_date=self.until, invoice_sent=True
                ):
                    if sale.invoice_sent is not False:
                        yield _of_listed_sale(sale)
        else:
            for ettn in self.ettns or ():
                yield Wanted(ettn, ettn)
            if self.since is not None:
                async for wanted in self._of_companies(client):
                    yield wanted

    async def _of_companies(self, client: AsyncKolayBi) -> AsyncIterator[Wanted]:
        companies = [self.company_id]
        if self.company_id is None:
            companies = [company.company_id for company in await client.list_companies()]
        for company in companies:
            assert company is not None  # noqa: S101 - every company has an id.
            rows = client.iter_invoices(company, self.direction, min_issue_date=self.since, max_issue_date=self.until)
            async for row in rows:
                # A draft can have a uuid. What was received is official.
                if row.uuid is not None and (row.no or self.direction == Direction.INBOUND):
                    yield Wanted(row.uuid, row.uuid, row.no)


async def _each(rows: Rows) -> AsyncIterator[Row]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row


def _of_row(row: Row, client: Client) -> Wanted | None:
    """Return the invoice of an operation of a journal; None for one of another account, or that sent none."""
    sent = row.operation in _SENDS[client.name] and row.state == _DONE
    if not sent or (row.provider, row.account) != (client.name, client.account):
        return None
    ettn = row.ettn
    if client.name == "kolaybi":
        return None if ettn is None else Wanted(ettn, ettn, row.number)
    request: Any = row.request
    invoice_id = request.invoice_id or getattr(row.result, "invoice_id", None)
    if invoice_id is not None:
        # A sale can have another invoice since.
        return Wanted(GetSignedXml(invoice_id=invoice_id), ettn, row.number)
    return Wanted(GetSignedXml(sale_code=request.sale_code, sale_id=request.sale_id), ettn, row.number)


def _of_sale(sale: str | int) -> Wanted:
    return Wanted(GetSignedXml(sale_code=sale) if isinstance(sale, str) else GetSignedXml(sale_id=sale))


def _of_listed_sale(sale: Sale) -> Wanted:
    for name in ("sale_id", "sale_code", "invoice_id"):
        if (value := getattr(sale, name)) is not None:
            named: dict[str, Any] = {name: value}
            return Wanted(GetSignedXml(**named), sale.invoice_uuid, sale.invoice_number)
    msg = Message("the list of sales has a row that names no sale, so its invoice cannot be asked for")
    raise ArchiveError(msg)
