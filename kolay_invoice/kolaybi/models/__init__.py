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
from kolay_invoice.kolaybi.models.associates import (
    Address,
    Associate,
    ListAssociates,
    NewAddress,
    NewAssociate,
    PostalAddress,
)
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
from kolay_invoice.kolaybi.models.orders import (
    CreatedInvoice,
    InvoiceItem,
    InvoiceReference,
    NewInvoice,
    OrderReference,
)
from kolay_invoice.kolaybi.models.page import ListPage
from kolay_invoice.kolaybi.models.products import ListProducts, NewProduct, Product
from kolay_invoice.kolaybi.models.sends import (
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
from kolay_invoice.kolaybi.models.vocabulary import KNOWN_DIRECTIONS as KNOWN_DIRECTIONS
from kolay_invoice.kolaybi.models.vocabulary import Direction, InvoiceType, Scenario, Status

__all__: list[str] = [
    "Address",
    "Associate",
    "CancelEDocument",
    "CancelledEDocument",
    "Collection",
    "Company",
    "CreateEDocument",
    "CreatedInvoice",
    "DeleteInvoice",
    "DeletedInvoice",
    "Direction",
    "Document",
    "EDocument",
    "EDocumentFile",
    "GetEDocument",
    "GetInvoice",
    "Invoice",
    "InvoiceDetail",
    "InvoiceItem",
    "InvoicePage",
    "InvoiceReference",
    "InvoiceType",
    "ListAssociates",
    "ListCompanies",
    "ListDocuments",
    "ListInvoices",
    "ListPage",
    "ListProducts",
    "ListVaultTransactions",
    "ListVaults",
    "NewAddress",
    "NewAssociate",
    "NewInvoice",
    "NewProduct",
    "OrderReference",
    "PostalAddress",
    "Proceed",
    "Product",
    "Resend",
    "ResentInvoice",
    "Scenario",
    "Status",
    "UndoProceed",
    "UndoneCollection",
    "Vault",
    "VaultMovement",
    "VaultTotal",
    "VaultTransactions",
]
