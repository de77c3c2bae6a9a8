"""What the asyncio client does to an invoice: send, resend, collect, and undo each of them."""

from __future__ import annotations

from decimal import Decimal

from kolay_invoice.client import BaseClient
from kolay_invoice.kolaybi.models import (
    CancelEDocument,
    CancelledEDocument,
    Collection,
    CreateEDocument,
    DeletedInvoice,
    DeleteInvoice,
    EDocument,
    Proceed,
    Resend,
    ResentInvoice,
    UndoneCollection,
    UndoProceed,
)


class AsyncSends(BaseClient):
    """The calls of `AsyncKolayBi` on an invoice. None of them may simply be repeated."""

    async def resend(self, document_id: int) -> ResentInvoice:
        """Send a failed e-invoice again. Cannot be undone.

        Only for companies whose `is_invoice_resendable` is true.

        Args:
            document_id: The invoice's id in KolayBi.

        Returns:
            The invoice with its ETTN and status, if the reply has them.

        Raises:
            OutcomeUnknownError: It may have been sent: look it up before calling again.
            KolayInvoiceError: Nothing was sent; see `kolay_invoice.errors`.

        Page: "e-Fatura Yeniden Gönderim".
        """
        return await self.call(Resend(document_id))

    async def create_e_document(self, document_id: int, *, prefix: str | None = None) -> EDocument:
        """Send an invoice to the tax authority (GİB) and make it official. Cannot be undone.

        The invoice must be `ready_to_send` and its receiver must have an e-mail address.

        Args:
            document_id: The invoice's id in KolayBi.
            prefix: The series that its number begins with. Undocumented: two clients send it.

        Returns:
            The document with the UUID (ETTN) that it got.

        Raises:
            OutcomeUnknownError: It may have been sent: look it up before calling again.
            KolayInvoiceError: Nothing was sent; see `kolay_invoice.errors`.

        Page: "e-Fatura Gönderimi".
        """
        return await self.call(CreateEDocument(document_id, prefix=prefix))

    async def cancel_e_document(self, document_id: int) -> CancelledEDocument:
        """Cancel an e-Arşiv document at GİB, which also removes its sale invoice. Cannot be undone.

        Only for e-Arşiv; an e-Fatura is cancelled through the provider's support.

        Args:
            document_id: The invoice's id in KolayBi.

        Returns:
            What came, under `.extra`: the reply is unpublished.

        Raises:
            OutcomeUnknownError: It may have been cancelled: look at it before cancelling again.
            KolayInvoiceError: Nothing was cancelled; see `kolay_invoice.errors`.

        Page: invoices/e-document-cancel of developer.kolaybi.com.
        """
        return await self.call(CancelEDocument(document_id))

    async def delete_invoice(self, document_id: int) -> DeletedInvoice:
        """Delete an invoice that is not official. Cannot be undone.

        Args:
            document_id: The invoice's id in KolayBi.

        Returns:
            What came, under `.extra`: the reply is unpublished.

        Raises:
            OutcomeUnknownError: It may have been deleted: look for it before deleting again.
            KolayInvoiceError: Nothing was deleted; see `kolay_invoice.errors`.

        No page of it was seen; working clients call it.
        """
        return await self.call(DeleteInvoice(document_id))

    async def proceed(
        self, document_id: int, vault_id: int, *, amount: Decimal | int | str | None = None
    ) -> Collection:
        """Collect an invoice, in full or in part, and book the movement. Moves money.

        The movements of the vault can be read afterwards with `vault_transactions`. They are evidence and no proof:
        nothing that is known of them names the document.

        Args:
            document_id: The invoice's id in KolayBi; it may be in any status.
            vault_id: The vault (kasa/banka: cash desk or bank account) that gets the money.
            amount: What to collect; exact, so never a float. None: all that remains. The page names no currency:
                presumably it is that of `remaining_amount`.

        Returns:
            The status of the transaction and what is still owed.

        Raises:
            OutcomeUnknownError: It may have been booked: look at the vault before calling again.
            KolayInvoiceError: Nothing was booked; see `kolay_invoice.errors`.

        Page: "Fatura Tahsilat"; its newer version has `amount`.
        """
        return await self.call(Proceed(document_id, vault_id, amount))

    async def undo_proceed(self, document_id: int) -> UndoneCollection:
        """Take back the collection of an invoice. Moves money.

        Of several collections it is unknown which one goes: look at the vault with `vault_transactions` afterwards.

        Args:
            document_id: The invoice's id in KolayBi.

        Returns:
            What came, under `.extra`: the reply is unpublished.

        Raises:
            OutcomeUnknownError: It may have been taken back: look at the invoice and the vault before undoing again.
            KolayInvoiceError: Nothing was taken back; see `kolay_invoice.errors`.

        Page: invoices/proceed-delete of developer.kolaybi.com.
        """
        return await self.call(UndoProceed(document_id))
