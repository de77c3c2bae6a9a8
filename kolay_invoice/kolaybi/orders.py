"""What the asyncio client creates before a send: associates, addresses, products and invoices."""

from __future__ import annotations

from kolay_invoice.client import BaseClient
from kolay_invoice.kolaybi.models import (
    Address,
    Associate,
    CreatedInvoice,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Product,
)


class AsyncOrders(BaseClient):
    """The calls of `AsyncKolayBi` that create. A second call creates a second one; nothing here is official."""

    async def create_associate(self, associate: NewAssociate) -> Associate:
        """Create a buyer or supplier (cari). No call takes it back.

        Args:
            associate: The new associate. The provider refuses a number that it knows already (412, by two clients).

        Returns:
            The associate with its id, and its addresses with theirs.

        Raises:
            OutcomeUnknownError: It may have been created: look for its number with `list_associates` first.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Page: associates/create of developer.kolaybi.com. The fields of its reply are the word of clients.
        """
        return await self.call(associate)

    async def create_address(self, address: NewAddress) -> Address:
        """Create an address of a buyer or supplier (cari). No call takes it back.

        Args:
            address: The new address.

        Returns:
            The address with its id.

        Raises:
            OutcomeUnknownError: It may have been created: look at the associate with `list_associates` first.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Page: associates/addresses of developer.kolaybi.com. The fields of its reply are the word of clients.
        """
        return await self.call(address)

    async def create_product(self, product: NewProduct) -> Product:
        """Create a product or service. No call takes it back.

        Args:
            product: The new product.

        Returns:
            The product with its id.

        Raises:
            OutcomeUnknownError: It may have been created: look for its code with `list_products` first.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Page: products/create of developer.kolaybi.com. The fields of its reply are the word of clients.
        """
        return await self.call(product)

    async def create_invoice(self, invoice: NewInvoice) -> CreatedInvoice:
        """Create a sale invoice that is not yet official. `delete_invoice` takes it back.

        Args:
            invoice: The new invoice. Give it your own `order_reference`, by which a lost one can be found again.

        Returns:
            The invoice with its `document_id`, which `create_e_document` sends.

        Raises:
            OutcomeUnknownError: It may have been created: look for its order number first.
            KolayInvoiceError: Nothing was created; see `kolay_invoice.errors`.

        Page: invoices/create of developer.kolaybi.com. The page is cut: the fields from `document_scenario` on, and
        the reply, are the word of clients.
        """
        return await self.call(invoice)
