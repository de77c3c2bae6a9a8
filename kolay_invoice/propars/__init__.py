"""Propars: the client and its blocking twin, requests and replies."""

from kolay_invoice.propars.blocking import Propars
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.propars.endpoints import ENDPOINTS, PRODUCTION_URL
from kolay_invoice.propars.models import (
    CancelInvoice,
    CancelledInvoice,
    GetSale,
    GetSaleInvoice,
    GetSignedXml,
    InvoiceHtml,
    InvoiceHtmlForSale,
    ListSales,
    Sale,
    SaleInvoice,
    SalePage,
    SendInvoice,
    SentInvoice,
    SignedXml,
)

__all__ = [
    "ENDPOINTS",
    "PRODUCTION_URL",
    "AsyncPropars",
    "CancelInvoice",
    "CancelledInvoice",
    "GetSale",
    "GetSaleInvoice",
    "GetSignedXml",
    "InvoiceHtml",
    "InvoiceHtmlForSale",
    "ListSales",
    "Propars",
    "Sale",
    "SaleInvoice",
    "SalePage",
    "SendInvoice",
    "SentInvoice",
    "SignedXml",
]
