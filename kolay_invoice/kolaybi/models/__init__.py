"""KolayBi's requests and replies as values, and the values that its open sets are known to hold.

Status, scenario, type and direction are open sets: a value that is not named here is kept as it came.
"""

from kolay_invoice.kolaybi.models.account import (
    Company,
    ListCompanies,
    ListVaults,
    ListVaultTransactions,
    Vault,
    VaultMovement,
    VaultTotal,
    VaultTransactions,
)
from kolay_invoice.kolaybi.models.account import FetchAccessToken as FetchAccessToken
from kolay_invoice.kolaybi.models.associates import Address, Associate, ListAssociates
from kolay_invoice.kolaybi.models.files import EDocumentFile, GetEDocument
from kolay_invoice.kolaybi.models.invoices import (
    Document,
    GetInvoice,
    Invoice,
    InvoiceDetail,
    InvoicePage,
    ListDocuments,
    ListInvoices,
)
from kolay_invoice.kolaybi.models.page import ListPage
from kolay_invoice.kolaybi.models.products import ListProducts, Product
from kolay_invoice.kolaybi.models.sends import Collection, CreateEDocument, EDocument, Proceed, Resend, ResentInvoice
from kolay_invoice.kolaybi.models.vocabulary import KNOWN_DIRECTIONS as KNOWN_DIRECTIONS
from kolay_invoice.kolaybi.models.vocabulary import Direction, InvoiceType, Scenario, Status

__all__: list[str] = [
    "Address",
    "Associate",
    "Collection",
    "Company",
    "CreateEDocument",
    "Direction",
    "Document",
    "EDocument",
    "EDocumentFile",
    "GetEDocument",
    "GetInvoice",
    "Invoice",
    "InvoiceDetail",
    "InvoicePage",
    "InvoiceType",
    "ListAssociates",
    "ListCompanies",
    "ListDocuments",
    "ListInvoices",
    "ListPage",
    "ListProducts",
    "ListVaultTransactions",
    "ListVaults",
    "Proceed",
    "Product",
    "Resend",
    "ResentInvoice",
    "Scenario",
    "Status",
    "Vault",
    "VaultMovement",
    "VaultTotal",
    "VaultTransactions",
]
