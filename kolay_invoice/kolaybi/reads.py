"""The reads of the asyncio client around a send: the account, invoices, associates, products and files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from kolay_invoice.client import BaseClient
from kolay_invoice.kolaybi.models import (
    Associate,
    Company,
    Document,
    EDocumentFile,
    GetEDocument,
    GetInvoice,
    InvoiceDetail,
    ListAssociates,
    ListCompanies,
    ListDocuments,
    ListProducts,
    ListVaults,
    ListVaultTransactions,
    Product,
    Vault,
    VaultTransactions,
)
from kolay_invoice.kolaybi.models.vocabulary import DirectionName
from kolay_invoice.kolaybi.pagination import ListPages
from kolay_invoice.propars.models import SignedXml


class AsyncReads(BaseClient):
    """The reads of `AsyncKolayBi`. None of them changes anything."""

    async def list_companies(self) -> list[Company]:
        """List the companies of the account, and which of them may use `resend`. Changes nothing.

        Returns:
            The companies.

        Raises:
            ConfigurationError: KolayBi does not know the Channel.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: "e-Fatura Yeniden Gönderim" names it.
        """
        return list(await self.call(ListCompanies()))

    async def get_invoice(self, document_id: int) -> InvoiceDetail:
        """Look at one invoice: its ETTN, number, status and what is still owed. Changes nothing.

        Args:
            document_id: The invoice's id in KolayBi.

        Returns:
            The invoice; every field may be None. It is official if `.is_official` is True; False proves nothing.

        Raises:
            NotFoundError: There is no such invoice.
            UnexpectedReplyError: No usable reply came, or it is about another document.
            KolayInvoiceError: See `kolay_invoice.errors`.

        No page of it was seen; working clients call it. Its fields are their word, read leniently.
        """
        return await self.call(GetInvoice(document_id))

    async def list_vaults(self, *, currency: str | None = None, type: str | None = None) -> list[Vault]:  # noqa: A002 - the provider's name.
        """List the vaults (kasa/banka: cash desks and bank accounts) of the account. Changes nothing.

        Args:
            currency: Only vaults of this currency, such as "try".
            type: Only vaults of this type: "bank_account" or "safe_deposit".

        Returns:
            The vaults.

        Raises:
            UnexpectedReplyError: No usable reply came, or it holds vaults that were not asked for.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: vaults/list of developer.kolaybi.com (path and arguments). Its reply's fields are the word of clients.
        """
        return list(await self.call(ListVaults(currency=currency, type=type)))

    async def vault_transactions(self, vault_id: int) -> VaultTransactions:
        """List the movements of a vault. They are evidence of a collection, not proof. Changes nothing.

        Args:
            vault_id: The vault (kasa/banka) whose movements are asked for.

        Returns:
            The movements and what they come to. Nothing that is known of a movement names its document.

        Raises:
            NotFoundError: There is no such vault.
            UnexpectedReplyError: No usable reply came, or it announces more movements than it holds.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: vaults/transactions of developer.kolaybi.com (path). The fields of its reply are one client's word.
        """
        return await self.call(ListVaultTransactions(vault_id))

    async def list_documents(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the provider's name.
        associate_id: int | None = None,
        has_products: bool | None = None,
    ) -> list[Document]:
        """List the invoices that KolayBi keeps, drafts included. Changes nothing.

        Further pages that a reply announces are fetched too, each with a `timeout` of its own.

        Args:
            type: Only this kind of document; the provider's default is "sale_invoice".
            associate_id: Only those of this buyer or supplier (cari).
            has_products: Only those with product lines, or only those without.

        Returns:
            The rows, in the provider's order.

        Raises:
            UnexpectedReplyError: No usable reply came, or its rows do not fit what was asked for.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: invoices/list of developer.kolaybi.com. The filters and pages are the word of clients.
        """
        request = ListDocuments(type=type, associate_id=associate_id, has_products=has_products)
        return await self._all_rows(ListPages(request, "list_documents"))

    def iter_documents(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the provider's name.
        associate_id: int | None = None,
        has_products: bool | None = None,
    ) -> AsyncIterator[Document]:
        """Iterate over the same rows as `list_documents`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of documents; an error can come after the rows of earlier pages.

        Page: invoices/list of developer.kolaybi.com.
        """
        request = ListDocuments(type=type, associate_id=associate_id, has_products=has_products)
        return self._each_row(ListPages(request, "list_documents"))

    async def list_associates(
        self,
        *,
        code: str | None = None,
        name: str | None = None,
        surname: str | None = None,
        identity_no: str | None = None,
        email: str | None = None,
        group: str | None = None,
    ) -> list[Associate]:
        """List buyers and suppliers (cari). Changes nothing.

        Further pages that a reply announces are fetched too, each with a `timeout` of its own.

        Args:
            code: Only those with this code, which the caller gave them.
            name: Only those with this name.
            surname: Only those with this surname.
            identity_no: Only those with this tax number (VKN) or identity number (TCKN).
            email: Only those with this e-mail address.
            group: Only this group: "employee", "partner", "trader" or "other_associate".

        Returns:
            The rows, in the provider's order. A filter may compare a part of a text, so look at each row.

        Raises:
            UnexpectedReplyError: No usable reply came, or its rows do not fit what was asked for.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: associates/list of developer.kolaybi.com. The fields of its reply are the word of clients.
        """
        request = ListAssociates(
            code=code, name=name, surname=surname, identity_no=identity_no, email=email, group=group
        )
        return await self._all_rows(ListPages(request, "list_associates"))

    def iter_associates(
        self,
        *,
        code: str | None = None,
        name: str | None = None,
        surname: str | None = None,
        identity_no: str | None = None,
        email: str | None = None,
        group: str | None = None,
    ) -> AsyncIterator[Associate]:
        """Iterate over the same rows as `list_associates`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of associates; an error can come after the rows of earlier pages.

        Page: associates/list of developer.kolaybi.com.
        """
        request = ListAssociates(
            code=code, name=name, surname=surname, identity_no=identity_no, email=email, group=group
        )
        return self._each_row(ListPages(request, "list_associates"))

    async def list_products(
        self,
        *,
        barcode: str | None = None,
        code: str | None = None,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's name.
        group: str | None = None,
        full_text_search: str | None = None,
    ) -> list[Product]:
        """List products and services. Changes nothing.

        Further pages that a reply announces are fetched too, each with a `timeout` of its own.

        Args:
            barcode: Only those with this barcode.
            code: Only those with this code, which the caller gave them.
            name: Only those with this name.
            type: Only "good" or "service".
            group: Only those of this group.
            full_text_search: Only those in which this text stands.

        Returns:
            The rows, in the provider's order. A filter may compare a part of a text, so look at each row.

        Raises:
            UnexpectedReplyError: No usable reply came, or its rows do not fit what was asked for.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: products/list of developer.kolaybi.com. The fields of its reply are the word of clients.
        """
        request = ListProducts(
            barcode=barcode, code=code, name=name, type=type, group=group, full_text_search=full_text_search
        )
        return await self._all_rows(ListPages(request, "list_products"))

    def iter_products(
        self,
        *,
        barcode: str | None = None,
        code: str | None = None,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's name.
        group: str | None = None,
        full_text_search: str | None = None,
    ) -> AsyncIterator[Product]:
        """Iterate over the same rows as `list_products`, page by page. Changes nothing.

        One page is held at a time. Close the iterator if you stop early (`aclosing`).

        Returns:
            An iterator of products; an error can come after the rows of earlier pages.

        Page: products/list of developer.kolaybi.com.
        """
        request = ListProducts(
            barcode=barcode, code=code, name=name, type=type, group=group, full_text_search=full_text_search
        )
        return self._each_row(ListPages(request, "list_products"))

    async def get_e_document(self, uuid: UUID | str, *, direction: DirectionName | None = None) -> EDocumentFile:
        """Fetch the file of an official document, usually its PDF. Changes nothing.

        Args:
            uuid: The ETTN of the document.
            direction: "inbound" for a document that was received. Undocumented: working clients send it.

        Returns:
            The file, byte for byte, with its media type.

        Raises:
            NotFoundError: There is no such document.
            UnexpectedReplyError: No file came, or only a part of one, or its address.
            KolayInvoiceError: See `kolay_invoice.errors`.

        Page: invoices/e-document-view of developer.kolaybi.com (path and `uuid`). Its reply is the word of clients.
        """
        return await self.call(GetEDocument(uuid, direction=direction))

    async def get_e_document_xml(self, uuid: UUID | str, *, direction: DirectionName | None = None) -> SignedXml:
        """Fetch the signed XML of an official document. Undocumented. Changes nothing.

        One client sends `output_type=xml` for it; no page says so, and it may end without notice.

        Args:
            uuid: The ETTN of the document.
            direction: "inbound" for a document that was received. Undocumented as well.

        Returns:
            The signed XML, byte for byte. `kolay_invoice.signed_xml.verify` proves its signature.

        Raises:
            NotFoundError: There is no such document.
            UnexpectedReplyError: No whole UBL document came.
            KolayInvoiceError: See `kolay_invoice.errors`.
        """
        return SignedXml((await self.call(GetEDocument(uuid, direction=direction, output_type="xml"))).content)
