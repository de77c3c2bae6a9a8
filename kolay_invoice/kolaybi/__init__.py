"""KolayBi: the client and its blocking twin, requests, replies and the names of known values."""

from kolay_invoice.kolaybi.blocking import KolayBi
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.kolaybi.endpoints import ENDPOINTS, PRODUCTION_URL, SANDBOX_URL
from kolay_invoice.kolaybi.models import (
    Address,
    Collection,
    Company,
    CreateEDocument,
    Direction,
    EDocument,
    Invoice,
    InvoicePage,
    InvoiceType,
    ListCompanies,
    ListInvoices,
    Proceed,
    Resend,
    ResentInvoice,
    Scenario,
    Status,
)

__all__ = [
    "ENDPOINTS",
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "Address",
    "AsyncKolayBi",
    "Collection",
    "Company",
    "CreateEDocument",
    "Direction",
    "EDocument",
    "Invoice",
    "InvoicePage",
    "InvoiceType",
    "KolayBi",
    "ListCompanies",
    "ListInvoices",
    "Proceed",
    "Resend",
    "ResentInvoice",
    "Scenario",
    "Status",
]
