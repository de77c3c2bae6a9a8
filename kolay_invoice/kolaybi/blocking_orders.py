"""The blocking twins of what is created before a send."""

from __future__ import annotations

from kolay_invoice.blocking.base import BlockingClient
from kolay_invoice.kolaybi.client import AsyncKolayBi
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


class BlockingOrders(BlockingClient[AsyncKolayBi]):
    """The calls of `KolayBi` that create. A second call creates a second one; nothing here is official."""

    def create_associate(self, associate: NewAssociate) -> Associate:
        """Create a buyer or supplier (cari). No call takes it back.

        The blocking twin of `AsyncKolayBi.create_associate`: same arguments, reply and errors.
        """
        return self.call(associate)

    def create_address(self, address: NewAddress) -> Address:
        """Create an address of a buyer or supplier (cari). No call takes it back.

        The blocking twin of `AsyncKolayBi.create_address`: same arguments, reply and errors.
        """
        return self.call(address)

    def create_product(self, product: NewProduct) -> Product:
        """Create a product or service. No call takes it back.

        The blocking twin of `AsyncKolayBi.create_product`: same arguments, reply and errors.
        """
        return self.call(product)

    def create_invoice(self, invoice: NewInvoice) -> CreatedInvoice:
        """Create a sale invoice that is not yet official. `delete_invoice` takes it back.

        The blocking twin of `AsyncKolayBi.create_invoice`: same arguments, reply and errors.
        """
        return self.call(invoice)
