"""The blocking twins of the reads around a send."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from kolay_invoice.blocking.base import BlockingClient
from kolay_invoice.kolaybi.client import AsyncKolayBi
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


class BlockingReads(BlockingClient[AsyncKolayBi]):
    """The reads of `KolayBi`. None of them changes anything."""

    def list_companies(self) -> list[Company]:
        """List the companies of the account, and which of them may use `resend`. Changes nothing.

        The blocking twin of `AsyncKolayBi.list_companies`: same arguments, reply and errors.
        """
        return list(self.call(ListCompanies()))

    def get_invoice(self, document_id: int) -> InvoiceDetail:
        """Look at one invoice: its ETTN, number, status and what is still owed. Changes nothing.

        The blocking twin of `AsyncKolayBi.get_invoice`: same arguments, reply and errors.
        """
        return self.call(GetInvoice(document_id))

    def list_vaults(self, *, currency: str | None = None, type: str | None = None) -> list[Vault]:  # noqa: A002 - the provider's name.
        """List the vaults (kasa/banka: cash desks and bank accounts) of the account. Changes nothing.

        The blocking twin of `AsyncKolayBi.list_vaults`: same arguments, reply and errors.
        """
        return list(self.call(ListVaults(currency=currency, type=type)))

    def vault_transactions(self, vault_id: int) -> VaultTransactions:
        """List the movements of a vault. They are evidence of a collection, not proof. Changes nothing.

        The blocking twin of `AsyncKolayBi.vault_transactions`: same arguments, reply and errors.
        """
        return self.call(ListVaultTransactions(vault_id))

    def list_documents(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the provider's name.
        associate_id: int | None = None,
        has_products: bool | None = None,
    ) -> list[Document]:
        """List the invoices that KolayBi keeps, drafts included. Changes nothing.

        The blocking twin of `AsyncKolayBi.list_documents`: same arguments, reply and errors.
        """
        request = ListDocuments(type=type, associate_id=associate_id, has_products=has_products)
        return self._all_rows(ListPages(request, "list_documents"))

    def iter_documents(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the provider's name.
        associate_id: int | None = None,
        has_products: bool | None = None,
    ) -> Iterator[Document]:
        """Iterate over the same rows as `list_documents`, page by page. Changes nothing.

        The blocking twin of `AsyncKolayBi.iter_documents`: same arguments, reply and errors.
        """
        request = ListDocuments(type=type, associate_id=associate_id, has_products=has_products)
        return self._each_row(ListPages(request, "list_documents"))

    def list_associates(
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

        The blocking twin of `AsyncKolayBi.list_associates`: same arguments, reply and errors.
        """
        request = ListAssociates(
            code=code, name=name, surname=surname, identity_no=identity_no, email=email, group=group
        )
        return self._all_rows(ListPages(request, "list_associates"))

    def iter_associates(
        self,
        *,
        code: str | None = None,
        name: str | None = None,
        surname: str | None = None,
        identity_no: str | None = None,
        email: str | None = None,
        group: str | None = None,
    ) -> Iterator[Associate]:
        """Iterate over the same rows as `list_associates`, page by page. Changes nothing.

        The blocking twin of `AsyncKolayBi.iter_associates`: same arguments, reply and errors.
        """
        request = ListAssociates(
            code=code, name=name, surname=surname, identity_no=identity_no, email=email, group=group
        )
        return self._each_row(ListPages(request, "list_associates"))

    def list_products(
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

        The blocking twin of `AsyncKolayBi.list_products`: same arguments, reply and errors.
        """
        request = ListProducts(
            barcode=barcode, code=code, name=name, type=type, group=group, full_text_search=full_text_search
        )
        return self._all_rows(ListPages(request, "list_products"))

    def iter_products(
        self,
        *,
        barcode: str | None = None,
        code: str | None = None,
        name: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's name.
        group: str | None = None,
        full_text_search: str | None = None,
    ) -> Iterator[Product]:
        """Iterate over the same rows as `list_products`, page by page. Changes nothing.

        The blocking twin of `AsyncKolayBi.iter_products`: same arguments, reply and errors.
        """
        request = ListProducts(
            barcode=barcode, code=code, name=name, type=type, group=group, full_text_search=full_text_search
        )
        return self._each_row(ListPages(request, "list_products"))

    def get_e_document(self, uuid: UUID | str, *, direction: DirectionName | None = None) -> EDocumentFile:
        """Fetch the file of an official document, usually its PDF. Changes nothing.

        The blocking twin of `AsyncKolayBi.get_e_document`: same arguments, reply and errors.
        """
        return self.call(GetEDocument(uuid, direction=direction))

    def get_e_document_xml(self, uuid: UUID | str, *, direction: DirectionName | None = None) -> SignedXml:
        """Fetch the signed XML of an official document. Undocumented. Changes nothing.

        The blocking twin of `AsyncKolayBi.get_e_document_xml`: same arguments, reply and errors.
        """
        return SignedXml(self.call(GetEDocument(uuid, direction=direction, output_type="xml")).content)
