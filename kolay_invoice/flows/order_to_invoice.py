"""An order becomes an official, collected invoice at KolayBi, each step an operation of a journal.

async with AsyncKolayBi.from_env() as kolaybi, Journal.open("sqlite:///orders.db") as journal:
results = await OrderToInvoice(journal, kolaybi).run(orders)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import asdict, define, evolve, field, frozen

from kolay_invoice.errors import KolayInvoiceError
from kolay_invoice.flows.orders import COLLECTED, CREATED, OFFICIAL, Order, OrderResult
from kolay_invoice.journal import Journal, JournalConflictError, Row, State
from kolay_invoice.journal.journal import PATIENCE, QUIET_PERIOD
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.models import (
    Address,
    CreatedInvoice,
    CreateEDocument,
    EDocument,
    NewAddress,
    NewAssociate,
    NewProduct,
    Proceed,
)
from kolay_invoice.kolaybi.order_readback import find_associates, find_products
from kolay_invoice.messages import Message
from kolay_invoice.operations import JournaledRequest

_ASKER: Final = "OrderToInvoice"
"""For one requester, a step is always the same operation, also after a collection was undone."""

_New: TypeAlias = NewAssociate | NewProduct


@frozen
class _Known:
    """A buyer or product: what was found, or what is to be created, or why neither."""

    found: Any = None
    request: JournaledRequest | None = None
    row: Row | None = None
    why: str | None = None


@define
class _Progress:
    """One order on its way."""

    result: OrderResult
    contact_id: int | None = None
    address_id: int | None = None
    product_ids: list[int] = field(factory=list)

    @property
    def order(self) -> Order:
        return self.result.order

    @property
    def is_going_on(self) -> bool:
        return self.result.waits_for is None

    def wait(self, operation: str, row: Row | None = None, why: str | None = None) -> None:
        """Stop the order at this call."""
        if row is not None:
            operation = f"{operation}: {row.state}"
            why = row.note if row.refusal is None else row.refusal.detail or row.refusal.error
        self.result = evolve(self.result, waits_for=operation, why=why)


@frozen
class OrderToInvoice:
    """Carries orders out: buyer, products, invoice, e-document, collection. Each step is done at most once.

    A buyer or product that is there is used. One that is not is created through the journal, which knows it by its
    identity number or code, so that any number of workers create one.

    Attributes:
        journal: The open journal. All workers share it.
        client: The open client.
        quiet_period: Seconds; see `Journal.run`.
        patience: Seconds, for each step; see `Journal.run`.
        concurrency: How many calls may be in flight at once.
    """

    journal: Journal
    client: AsyncKolayBi
    quiet_period: float = QUIET_PERIOD
    patience: float = PATIENCE
    concurrency: int = 8

    async def run(self, orders: Iterable[Order]) -> list[OrderResult]:
        """Carry orders out, as far as they go now. What was sent cannot be undone.

        Args:
            orders: The orders; one that is there twice, by its order number, is carried out once.

        Returns:
            How far each order came, in their order. One that waits goes on when it is run again, or when its operation
            has been settled in the journal.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        each = {order.order_reference: _Progress(OrderResult(order=order)) for order in orders}
        going = list(each.values())
        for step in (
            self._find_buyers,
            self._find_addresses,
            self._find_products,
            self._create_invoices,
            self._send,
            self._collect,
        ):
            await step([one for one in going if one.is_going_on])
        return [one.result for one in going]

    async def _find_buyers(self, orders: Sequence[_Progress]) -> None:
        buyers = {one.order.associate.identity_no: one.order.associate for one in reversed(orders)}
        known = await self._find_or_create(buyers, lambda request: request.identity_no)
        for one in orders:
            buyer = known[one.order.associate.identity_no]
            if buyer.found is None or buyer.found.associate_id is None:
                one.wait("create_associate", buyer.row, buyer.why)
                continue
            one.contact_id = buyer.found.associate_id
            ids = (address.address_id for address in buyer.found.addresses)
            one.address_id = next((number for number in ids if number is not None), None)

    async def _find_addresses(self, orders: Sequence[_Progress]) -> None:
        """Create an address for each buyer who has none."""
        homeless = [one for one in orders if one.address_id is None]
        requests = {one.contact_id: _address_of(one) for one in reversed(homeless)}
        rows = await self._run(requests.values(), lambda request: request.associate_id)
        for one in homeless:
            row = rows.get(one.contact_id)
            address = None if row is None or row.state is not State.DONE else row.result
            if isinstance(address, Address):
                one.address_id = address.address_id
            else:
                one.wait("create_address", row)

    async def _find_products(self, orders: Sequence[_Progress]) -> None:
        products = {str(line.product.code): line.product for one in reversed(orders) for line in one.order.lines}
        known = await self._find_or_create(products, lambda request: request.code)
        for one in orders:
            for line in one.order.lines:
                product = known[str(line.product.code)]
                if product.found is None or product.found.product_id is None:
                    one.wait("create_product", product.row, product.why)
                    break
                one.product_ids.append(product.found.product_id)

    async def _find_or_create(self, new: Mapping[str, _New], name: Callable[[Any], Any]) -> dict[str, _Known]:
        """Return the buyers or products by their number or code."""
        known = {number: await self._look(request) for number, request in new.items()}
        rows = await self._run([one.request for one in known.values() if one.request is not None], name)
        created = {
            number: _Known(row.result if row.state is State.DONE else None, row.request, row)
            for number, row in rows.items()
        }
        return {**known, **created}

    async def _look(self, request: _New) -> _Known:
        """Look for a buyer or product: in the journal first, then at the provider."""
        row = await self.journal.find(self.client, request)
        if row is not None:
            # Another order may have described it otherwise.
            return _Known(request=row.request)
        try:
            there = (
                await find_associates(self.client, request.identity_no)
                if isinstance(request, NewAssociate)
                else await find_products(self.client, request.code)
            )
        except KolayInvoiceError as error:
            return _Known(why=str(error))
        if len(there) > 1:
            return _Known(why=Message("it is there more than once"))
        return _Known(there[0]) if there else _Known(request=request)

    async def _create_invoices(self, orders: Sequence[_Progress]) -> None:
        requests: list[JournaledRequest] = []
        for one in orders:
            new = one.order.invoice(one.contact_id or 0, one.address_id or 0, one.product_ids)
            # An invoice that was planned stays as it was planned, whatever the buyer's first address is now.
            row = await self.journal.find(self.client, new)
            requests.append(new if row is None else row.request)
        rows = await self._run(requests, lambda request: str(request.order_reference))
        for one in orders:
            row = rows.get(one.order.order_reference)
            created = None if row is None or row.state is not State.DONE else row.result
            if isinstance(created, CreatedInvoice):
                one.result = evolve(one.result, step=CREATED, document_id=created.document_id)
            else:
                one.wait("create_invoice", row)

    async def _send(self, orders: Sequence[_Progress]) -> None:
        rows = await self._run(
            [CreateEDocument(one.result.document_id or 0) for one in orders], lambda request: request.document_id
        )
        for one in orders:
            row = rows.get(one.result.document_id)
            if row is None or row.state is not State.DONE:
                one.wait("create_e_document", row)
            else:
                uuid = row.result.uuid if isinstance(row.result, EDocument) else None
                one.result = evolve(one.result, step=OFFICIAL, uuid=uuid)

    async def _collect(self, orders: Sequence[_Progress]) -> None:
        paid = [one for one in orders if one.order.vault_id is not None]
        rows = await self._run(
            [Proceed(one.result.document_id or 0, one.order.vault_id or 0) for one in paid],
            lambda request: request.document_id,
        )
        for one in paid:
            row = rows.get(one.result.document_id)
            if row is None or row.state is not State.DONE:
                one.wait("proceed", row)
            else:
                one.result = evolve(one.result, step=COLLECTED)

    async def _run(self, requests: Iterable[JournaledRequest], name: Callable[[Any], Any]) -> dict[Any, Row]:
        """Run a step of all orders; return its operations by what names them."""
        wanted = list(requests)
        if not wanted:
            return {}
        try:
            report = await self.journal.run(
                self.client,
                wanted,
                concurrency=self.concurrency,
                quiet_period=self.quiet_period,
                patience=self.patience,
                asked_by=_ASKER,
            )
        except JournalConflictError as conflict:
            # Another worker has just planned one of them with other fields. The next run takes those.
            if conflict.report is None:
                raise
            report = conflict.report
        return {name(row.request): row async for row in report.rows}


def _address_of(one: _Progress) -> NewAddress:
    return NewAddress(associate_id=one.contact_id or 0, **asdict(one.order.associate.addresses[0]))
