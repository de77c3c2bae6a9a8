"""The data that a fresh emulator starts with.

Documents 1 and 18, vault 1 and company 5 are those of the example programs in KolayBi's pages, and sale abc123 is that
of Propars': all of them succeed. The others are there to be refused, filtered and looked at.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from kolay_invoice.emulator.kolaybi import FAILED, SENT_TO_RECEIVER, KolayBiAccount
from kolay_invoice.emulator.kolaybi_documents import Company, Document
from kolay_invoice.emulator.order_book import Address, Associate, Product
from kolay_invoice.emulator.propars import ProparsAccount
from kolay_invoice.emulator.propars_sales import Sale

EXAMPLE_COMPANY: Final = 5
"""The company of most of the documents, which a reader of the examples lists."""

_COMPANIES = (
    Company(company_id=EXAMPLE_COMPANY),
    Company(
        company_id=6,
        company_name="Yeniden Gönderemeyen Ltd. Şti.",
        identity_no="9876543217",
        tax_office="Çankaya",
        city="Ankara",
        district="Çankaya",
        is_invoice_resendable=False,
    ),
)

_VAULTS = {1: "Merkez Kasa", 2: "Banka Hesabı"}

_ASSOCIATES = (
    Associate(
        associate_id=11,
        name="Deneme",
        surname="Alıcı",
        identity_no="11111111111",
        code="M-11",
        email="muhasebe@alici.example",
        addresses=(Address(address_id=21, address="Moda Cad. 1"),),
    ),
    Associate(
        associate_id=12,
        name="Kayıtlı Alıcı",
        surname="A.Ş.",
        identity_no="1234567803",
        is_corporate=True,
        tax_office="Kadıköy",
        code="M-12",
        addresses=(Address(address_id=22, city="Ankara", district="Çankaya"),),
    ),
)

_PRODUCTS = (
    Product(product_id=31, name="Seramik vazo", code="VAZO-1", price=Decimal("100.00")),
    Product(product_id=32, name="Kargo", code="KARGO", product_type="service", price=Decimal("49.90")),
)

_DOCUMENTS = (
    Document(document_id=1, issue_date=date(2024, 3, 1), associate_id=11),
    Document(document_id=2, issue_date=date(2024, 3, 2), receiver_email=None, party_name="E-postasız Alıcı"),
    Document(document_id=3, issue_date=date(2024, 3, 3), status="draft"),
    Document(
        document_id=4,
        issue_date=date(2024, 3, 4),
        direction="inbound",
        status="approved",
        scenario="TICARIFATURA",
        uuid=UUID("0f5e9a52-6f0b-4a3e-9d3c-2f8f2b6f1c04"),
        no="TDR2024000000004",
        party_name="Tedarikçi A.Ş.",
        grand_total=Decimal("1180.50"),
    ),
    Document(
        document_id=18,
        issue_date=date(2021, 11, 15),
        status=FAILED,
        uuid=UUID("f46d5a8d-7726-4b37-bba4-973c7ab50a5b"),
        no="HDB2021000008464",
        grand_total=Decimal(20),
    ),
    Document(
        document_id=20,
        issue_date=date(2024, 6, 15),
        status=SENT_TO_RECEIVER,
        scenario="IHRACAT",
        type="ISTISNA",
        uuid=UUID("5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20"),
        no="HDB2024000000020",
        party_name="KolayBi Yazılım A.Ş.",
        grand_total=Decimal("250.10"),
        grand_currency="eur",
        exchange_grand_total=Decimal("8753.50"),
    ),
    Document(document_id=21, issue_date=date(2024, 6, 16), status="cancelled"),
    Document(document_id=30, issue_date=date(2024, 7, 1), company_id=6, status=FAILED),
)

_SALES = (
    Sale(sale_id=1001, sale_code="abc123"),
    Sale(sale_id=1002, sale_code="abc124", buyer="Mehmet Öztürk", item="Bakır cezve", total=Decimal("349.90")),
    Sale(
        sale_id=1003,
        sale_code="TOPTAN-7",
        buyer="Kayıtlı Alıcı A.Ş.",
        buyer_identity="1234567803",
        item="Çini tabak",
        total=Decimal("12500.00"),
        e_invoice=True,
    ),
)


def fill_kolaybi(account: KolayBiAccount) -> None:
    """Put the example companies, vaults, associates, products and documents into an account."""
    account.companies.update({company.company_id: company for company in _COMPANIES})
    account.vaults.update(_VAULTS)
    account.orders.associates.update({associate.associate_id: associate for associate in _ASSOCIATES})
    account.orders.products.update({product.product_id: product for product in _PRODUCTS})
    account.documents.update({document.document_id: document for document in _DOCUMENTS})


def fill_propars(account: ProparsAccount) -> None:
    """Put the example sales into an account."""
    for sale in _SALES:
        account.put(sale)
