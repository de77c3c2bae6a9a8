"""What a type checker must see: every public method of the four clients, and the calls that it must refuse.

This file is never run. `mypy --strict` and `pyright` read it; an `ignore` that is not needed any more is an error, so a
wrong call that a checker begins to accept is found.
"""

from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import assert_type
from uuid import UUID

from kolay_invoice import (
    Address,
    Associate,
    AsyncKolayBi,
    AsyncPropars,
    CancelInvoice,
    CancelledEDocument,
    CancelledInvoice,
    ClientOptions,
    Collection,
    Company,
    CreatedInvoice,
    CreateEDocument,
    DeletedInvoice,
    Direction,
    Document,
    EDocument,
    EDocumentFile,
    GetEDocument,
    GetInvoice,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    Invoice,
    InvoiceDetail,
    InvoiceHtml,
    InvoiceHtmlForSale,
    InvoiceItem,
    InvoicePage,
    KolayBi,
    KolayInvoiceError,
    Limiter,
    ListCompanies,
    ListDocuments,
    ListInvoices,
    ListPage,
    ListSales,
    ListVaults,
    ListVaultTransactions,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Proceed,
    Product,
    Propars,
    RateLimitedError,
    Resend,
    ResentInvoice,
    Sale,
    SaleInvoice,
    SalePage,
    SendInvoice,
    SentInvoice,
    SignedXml,
    UndoneCollection,
    Vault,
    VaultMovement,
    VaultTotal,
    VaultTransactions,
    to_dict,
    to_json,
)
from kolay_invoice.contrib.opentelemetry import OpenTelemetry
from kolay_invoice.kolaybi import readback as kolaybi_readback
from kolay_invoice.propars import readback as propars_readback
from kolay_invoice.signed_xml import TaxTotal, UblDocument, UblInvoice, Verified, read, verify


async def kolaybi_for_asyncio(day: date, total: Decimal) -> None:
    async with AsyncKolayBi(channel="c", access_token="t", max_concurrency=4, timeout=10, proxy=None) as client:
        assert_type(client, AsyncKolayBi)
        AsyncKolayBi(channel="c", access_token="t", on_event=print)
        AsyncKolayBi(channel="c", access_token="t", on_event=OpenTelemetry())
        assert_type(await client.resend(18), ResentInvoice)
        assert_type(await client.create_e_document(18), EDocument)
        assert_type(await client.proceed(18, 1), Collection)
        assert_type(await client.proceed(document_id=18, vault_id=1), Collection)
        assert_type(await client.list_invoices(5, Direction.OUTBOUND), list[Invoice])
        assert_type(
            await client.list_invoices(
                5,
                "outbound",
                document_id=18,
                min_issue_date=day,
                max_issue_date="2026-12-31",
                min_total_amount=total,
                max_total_amount="100.10",
                party_name="A",
            ),
            list[Invoice],
        )
        assert_type(client.iter_invoices(5, "inbound", min_total_amount=100), AsyncIterator[Invoice])
        async for invoice in client.iter_invoices(5, "inbound"):
            assert_type(invoice, Invoice)
        assert_type(await client.list_companies(), list[Company])
        assert_type(await client.proceed(18, 1, amount="100.50"), Collection)
        assert_type(await client.proceed(18, 1, amount=total), Collection)
        assert_type(await client.get_invoice(18), InvoiceDetail)
        assert_type(await client.list_vaults(), list[Vault])
        assert_type(await client.list_vaults(currency="try", type="bank_account"), list[Vault])
        assert_type(await client.vault_transactions(1), VaultTransactions)
        assert_type(await client.list_documents(associate_id=7, has_products=True), list[Document])
        assert_type(client.iter_documents(type="sale_invoice"), AsyncIterator[Document])
        assert_type(await client.list_associates(identity_no="1234567803"), list[Associate])
        assert_type(client.iter_associates(group="trader"), AsyncIterator[Associate])
        assert_type(await client.list_products(code="V-1"), list[Product])
        assert_type(client.iter_products(type="good"), AsyncIterator[Product])
        assert_type(await client.get_e_document("f46d5a8d-7726-4b37-bba4-973c7ab50a5b"), EDocumentFile)
        assert_type(await client.get_e_document_xml(UUID(int=1), direction="inbound"), SignedXml)
        assert_type(await client.call(ListDocuments()), ListPage[Document])
        assert_type(await client.call(GetEDocument(UUID(int=1))), EDocumentFile)
        assert_type(await client.call(GetInvoice(18)), InvoiceDetail)
        assert_type(await client.call(ListVaults(currency="try")), tuple[Vault, ...])
        assert_type(await client.call(ListVaultTransactions(1)), VaultTransactions)
        assert_type(await client.call(Resend(18)), ResentInvoice)
        assert_type(await client.call(CreateEDocument(18)), EDocument)
        assert_type(await client.call(Proceed(18, 1)), Collection)
        assert_type(await client.call(ListInvoices(5, "outbound")), InvoicePage)
        assert_type(await client.call(ListCompanies()), tuple[Company, ...])
        assert_type(client.with_options(timeout=5, max_attempts=1, queue_timeout=None), AsyncKolayBi)
        assert_type(await client.aclose(grace=5), None)
    assert_type(AsyncKolayBi.from_env(max_attempts=1), AsyncKolayBi)


async def kolaybi_orders(client: AsyncKolayBi, day: date) -> None:
    assert_type(await client.create_e_document(18, prefix="ABC"), EDocument)
    assert_type(await client.undo_proceed(18), UndoneCollection)
    assert_type(await client.cancel_e_document(18), CancelledEDocument)
    assert_type(await client.delete_invoice(18), DeletedInvoice)
    person = NewAssociate(name="Ayşe", surname="Öz", identity_no="11111111111")
    assert_type(await client.create_associate(person), Associate)
    place = NewAddress(associate_id=7, city="İzmir", district="Konak", country="Türkiye")
    assert_type(await client.create_address(place), Address)
    assert_type(await client.create_product(NewProduct(name="Vazo", price="1.50")), Product)
    item = InvoiceItem(product_id=31, quantity=1, unit_price="100.00", vat_rate=20)
    new = NewInvoice(contact_id=7, address_id=21, order_date=day, currency="TRY", items=[item], order_reference="S-1")
    assert_type(await client.create_invoice(new), CreatedInvoice)
    assert_type(new.items, tuple[InvoiceItem, ...])


def kolaybi_for_code_that_does_not_await(day: date, total: Decimal) -> None:
    with KolayBi(channel="c", api_key="k", limiter=Limiter(4, adaptive=True)) as client:
        assert_type(client, KolayBi)
        assert_type(client.resend(18), ResentInvoice)
        assert_type(client.create_e_document(18), EDocument)
        assert_type(client.proceed(18, 1), Collection)
        assert_type(
            client.list_invoices(5, "outbound", document_id=18, min_issue_date=day, max_total_amount=total),
            list[Invoice],
        )
        assert_type(client.iter_invoices(5, "outbound", party_name="A"), Iterator[Invoice])
        assert_type(client.list_companies(), list[Company])
        assert_type(client.proceed(18, 1, amount=100), Collection)
        assert_type(client.get_invoice(18), InvoiceDetail)
        assert_type(client.list_vaults(type="safe_deposit"), list[Vault])
        assert_type(client.vault_transactions(1), VaultTransactions)
        assert_type(client.undo_proceed(18), UndoneCollection)
        assert_type(client.create_product(NewProduct(name="Vazo")), Product)
        assert_type(client.list_documents(), list[Document])
        assert_type(client.iter_documents(associate_id=7), Iterator[Document])
        assert_type(client.list_associates(name="A"), list[Associate])
        assert_type(client.iter_products(barcode="869"), Iterator[Product])
        assert_type(client.get_e_document(UUID(int=1)), EDocumentFile)
        assert_type(client.get_e_document_xml(UUID(int=1)), SignedXml)
        assert_type(client.call(Resend(18)), ResentInvoice)
        assert_type(client.call(ListInvoices(5, "outbound")), InvoicePage)
        assert_type(client.close(), None)
    assert_type(KolayBi.from_env(timeout=5), KolayBi)


async def propars_for_asyncio(moment: datetime, ettn: UUID) -> None:
    async with AsyncPropars(username="u", password="p") as client:
        assert_type(client, AsyncPropars)
        assert_type(await client.invoice_html_for_sale(sale_code="a"), InvoiceHtml)
        assert_type(
            await client.invoice_html_for_sale(
                sale_id=1,
                invoice_date=moment,
                invoice_uuid=ettn,
                invoice_number="ABC2026000000001",
                invoice_char_code="ABC",
            ),
            InvoiceHtml,
        )
        assert_type(await client.send_invoice(sale_code="a", invoice_date="2026-05-02T09:00:00+0300"), SentInvoice)
        assert_type(await client.send_invoice(sale_id=1, invoice_uuid=str(ettn)), SentInvoice)
        assert_type(await client.send_invoice(invoice_id=1), SentInvoice)
        assert_type(await client.get_signed_xml(sale_code="a"), SignedXml)
        assert_type(await client.get_signed_xml(sale_id=1), SignedXml)
        assert_type(await client.get_signed_xml(invoice_id=1), SignedXml)
        assert_type(await client.cancel_invoice(sale_id=1), CancelledInvoice)
        assert_type(await client.cancel_invoice(sale_code="a"), CancelledInvoice)
        assert_type(
            await client.list_sales(
                order_start_date=moment,
                order_end_date="2026-12-31",
                invoiced=True,
                invoice_sent=False,
                invoice_number="ABC2026000000001",
                common_status="a",
                status="b",
                source="store",
                search="c",
                ordering="-id",
            ),
            list[Sale],
        )
        assert_type(client.iter_sales(invoiced=False), AsyncIterator[Sale])
        assert_type(await client.get_sale(1), Sale)
        assert_type(await client.get_invoice(1), SaleInvoice)
        assert_type(await client.call(ListSales(limit=10, offset=20)), SalePage)
        assert_type(await client.call(GetSale(1)), Sale)
        assert_type(await client.call(GetSaleInvoice(1)), SaleInvoice)
        assert_type(await client.call(InvoiceHtmlForSale(sale_id=1)), InvoiceHtml)
        assert_type(await client.call(SendInvoice(invoice_id=1)), SentInvoice)
        assert_type(await client.call(GetSignedXml(sale_code="a")), SignedXml)
        assert_type(await client.call(CancelInvoice(sale_id=1)), CancelledInvoice)
        assert_type(await client.aclose(), None)
    assert_type(AsyncPropars.from_env(), AsyncPropars)


def propars_for_code_that_does_not_await(moment: datetime, ettn: UUID) -> None:
    with Propars(token="t") as client:
        assert_type(client, Propars)
        assert_type(client.invoice_html_for_sale(sale_code="a", invoice_date=moment), InvoiceHtml)
        assert_type(client.invoice_html_for_sale(sale_id=1, invoice_uuid=ettn), InvoiceHtml)
        assert_type(client.send_invoice(sale_code="a"), SentInvoice)
        assert_type(client.send_invoice(sale_id=1), SentInvoice)
        assert_type(client.send_invoice(invoice_id=1), SentInvoice)
        assert_type(client.get_signed_xml(sale_code="a"), SignedXml)
        assert_type(client.get_signed_xml(sale_id=1), SignedXml)
        assert_type(client.get_signed_xml(invoice_id=1), SignedXml)
        assert_type(client.cancel_invoice(sale_id=1), CancelledInvoice)
        assert_type(client.cancel_invoice(sale_code="a"), CancelledInvoice)
        assert_type(client.list_sales(invoice_sent=True), list[Sale])
        assert_type(client.iter_sales(search="a"), Iterator[Sale])
        assert_type(client.get_sale(1), Sale)
        assert_type(client.get_invoice(1), SaleInvoice)
        assert_type(client.call(SendInvoice(sale_id=1)), SentInvoice)
        assert_type(client.with_options(timeout=5).send_invoice(sale_id=1), SentInvoice)
        assert_type(client.close(grace=5), None)
    assert_type(Propars.from_env(), Propars)


def replies(invoice: Invoice, resent: ResentInvoice, sent: SentInvoice, company: Company, xml: SignedXml) -> None:
    assert_type(invoice.document_id, int)
    assert_type(invoice.uuid, UUID | None)
    assert_type(invoice.grand_total, Decimal | None)
    assert_type(resent.status, str | None)
    assert_type(sent.number, str | None)
    assert_type(company.is_invoice_resendable, bool | None)
    assert_type(company.address, Address | None)
    assert_type(xml.content, bytes)
    assert_type(to_dict(invoice), dict[str, object])
    assert_type(to_dict([invoice]), list[object])
    assert_type(to_json([invoice]), str)
    to_dict(object())  # type: ignore[call-overload]
    to_json(5)  # type: ignore[arg-type]


def evidence(detail: InvoiceDetail, vault: Vault, found: VaultTransactions, sale: Sale, invoice: SaleInvoice) -> None:
    assert_type(detail.is_official, bool)
    assert_type(detail.document_id, int | None)
    assert_type(detail.issue_date, date | None)
    assert_type(detail.remaining_amount, Decimal | None)
    assert_type(vault.balance, Decimal | None)
    assert_type(found.movements, tuple[VaultMovement, ...])
    assert_type(found.totals, tuple[VaultTotal, ...])
    assert_type(found.movements[0].booked_on, date | None)
    assert_type(sale.invoice_sent, bool | None)
    assert_type(sale.order_date, datetime | None)
    assert_type(invoice.uuid, UUID | None)


def documents(xml: SignedXml, pem: bytes, path: Path) -> None:
    assert_type(xml.save(path), str)
    assert_type(xml.save("a.xml"), str)
    assert_type(xml.sha256, str)
    assert_type(read(path, ettn="0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"), UblDocument)
    assert_type(verify(xml, certificate=pem), Verified)
    assert_type(verify(xml.content, trust_store=path, ettn=UUID(int=0)), Verified)
    verified = verify(path, certificate=path)
    assert_type(verified.document, UblDocument)
    assert_type(verified.invoice, UblInvoice)
    assert_type(verified.invoice.totals.payable, Decimal)
    assert_type(verified.invoice.lines[0].tax, TaxTotal | None)
    assert_type(verified.signing_time, datetime | None)
    assert_type(verified.signer.tax_number, str | None)
    verify(xml)  # type: ignore[call-overload]
    verify(xml, certificate=pem, trust_store=pem)  # type: ignore[call-overload]
    verify(xml, certificate="seal.pem")  # type: ignore[call-overload]
    read("invoice.xml")  # type: ignore[arg-type]


def errors(error: KolayInvoiceError, limited: RateLimitedError) -> None:
    assert_type(error.may_have_happened, bool)
    assert_type(error.detail, str | None)
    assert_type(error.code, int | str | None)
    assert_type(limited.retry_after, float | None)
    assert_type(to_dict(error), dict[str, object])


def options(given: ClientOptions) -> None:
    AsyncKolayBi(channel="c", access_token="t", **given)
    Propars(token="t", **given)


async def wrong_calls(kolaybi: AsyncKolayBi, propars: AsyncPropars) -> None:
    AsyncKolayBi("c")  # type: ignore[call-arg]
    AsyncPropars(token="t", retries=3)  # type: ignore[call-arg]
    kolaybi.with_options(channel="c")  # type: ignore[call-arg]
    kolaybi.with_options(timeout="5")  # type: ignore[arg-type]
    await kolaybi.resend("18")  # type: ignore[arg-type]
    await kolaybi.proceed(18)  # type: ignore[call-arg]
    await kolaybi.proceed(18, 1, amount=100.5)  # type: ignore[arg-type]
    await kolaybi.get_invoice("18")  # type: ignore[arg-type]
    await kolaybi.list_vaults("try")  # type: ignore[call-arg]
    await propars.list_sales(invoiced="yes")  # type: ignore[arg-type]
    await kolaybi.list_invoices(5)  # type: ignore[call-arg]
    await kolaybi.list_invoices(5, "outbound", 18)  # type: ignore[call-arg]
    await kolaybi.list_invoices(5, "outbound", min_total_amount=20.1)  # type: ignore[arg-type]
    await propars.invoice_html_for_sale()  # type: ignore[call-overload]
    await propars.invoice_html_for_sale(sale_code="a", sale_id=1)  # type: ignore[call-overload]
    await propars.invoice_html_for_sale(invoice_id=1)  # type: ignore[call-overload]
    await propars.send_invoice()  # type: ignore[call-overload]
    await propars.send_invoice(sale_id=1, invoice_id=1)  # type: ignore[call-overload]
    await propars.send_invoice(invoice_id=1, invoice_number="ABC2026000000001")  # type: ignore[call-overload]
    await propars.get_signed_xml()  # type: ignore[call-overload]
    await propars.get_signed_xml(sale_code=1)  # type: ignore[call-overload]
    await propars.cancel_invoice(invoice_id=1)  # type: ignore[call-overload]
    await propars.cancel_invoice(sale_id=1, sale_code="a")  # type: ignore[call-overload]


def wrong_calls_that_block(kolaybi: KolayBi, propars: Propars) -> None:
    kolaybi.create_e_document("18")  # type: ignore[arg-type]
    kolaybi.iter_invoices(5)  # type: ignore[call-arg]
    propars.send_invoice()  # type: ignore[call-overload]
    propars.send_invoice(sale_code="a", sale_id=1)  # type: ignore[call-overload]
    propars.get_signed_xml(sale_id="1")  # type: ignore[call-overload]
    propars.cancel_invoice()  # type: ignore[call-overload]


def read_backs_read_through_the_clients(kolaybi: AsyncKolayBi, propars: AsyncPropars) -> None:
    _: tuple[kolaybi_readback.Reader, propars_readback.Reader] = (kolaybi, propars)
