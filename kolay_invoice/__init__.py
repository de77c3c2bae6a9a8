"""Turkish e-invoicing through KolayBi and Propars: asyncio-native, with a blocking facade.

    from kolay_invoice import AsyncKolayBi, KolayBi, AsyncPropars, Propars

Everything here is loaded when it is first used, so that `import kolay_invoice` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kolay_invoice.batch import call_all
    from kolay_invoice.errors import (
        AuthenticationError,
        ConfigurationError,
        InvalidRequestError,
        KolayInvoiceError,
        NotFoundError,
        NotSentError,
        OutcomeUnknownError,
        RateLimitedError,
        RefusedError,
        UnexpectedReplyError,
    )
    from kolay_invoice.kolaybi import PRODUCTION_URL as KOLAYBI_PRODUCTION_URL
    from kolay_invoice.kolaybi import SANDBOX_URL as KOLAYBI_SANDBOX_URL
    from kolay_invoice.kolaybi import (
        Address,
        AsyncKolayBi,
        Collection,
        Company,
        CreateEDocument,
        Direction,
        EDocument,
        GetInvoice,
        Invoice,
        InvoiceDetail,
        InvoicePage,
        InvoiceType,
        KolayBi,
        ListCompanies,
        ListInvoices,
        ListVaults,
        ListVaultTransactions,
        Proceed,
        Resend,
        ResentInvoice,
        Scenario,
        Status,
        Vault,
        VaultMovement,
        VaultTotal,
        VaultTransactions,
    )
    from kolay_invoice.limiter import Limiter
    from kolay_invoice.options import ClientOptions
    from kolay_invoice.propars import PRODUCTION_URL as PROPARS_URL
    from kolay_invoice.propars import (
        AsyncPropars,
        CancelInvoice,
        CancelledInvoice,
        GetSale,
        GetSaleInvoice,
        GetSignedXml,
        InvoiceHtml,
        InvoiceHtmlForSale,
        ListSales,
        Propars,
        Sale,
        SaleInvoice,
        SalePage,
        SendInvoice,
        SentInvoice,
        SignedXml,
    )

__all__ = [
    "KOLAYBI_PRODUCTION_URL",
    "KOLAYBI_SANDBOX_URL",
    "PROPARS_URL",
    "Address",
    "AsyncKolayBi",
    "AsyncPropars",
    "AuthenticationError",
    "CancelInvoice",
    "CancelledInvoice",
    "ClientOptions",
    "Collection",
    "Company",
    "ConfigurationError",
    "CreateEDocument",
    "Direction",
    "EDocument",
    "GetInvoice",
    "GetSale",
    "GetSaleInvoice",
    "GetSignedXml",
    "InvalidRequestError",
    "Invoice",
    "InvoiceDetail",
    "InvoiceHtml",
    "InvoiceHtmlForSale",
    "InvoicePage",
    "InvoiceType",
    "KolayBi",
    "KolayInvoiceError",
    "Limiter",
    "ListCompanies",
    "ListInvoices",
    "ListSales",
    "ListVaultTransactions",
    "ListVaults",
    "NotFoundError",
    "NotSentError",
    "OutcomeUnknownError",
    "Proceed",
    "Propars",
    "RateLimitedError",
    "RefusedError",
    "Resend",
    "ResentInvoice",
    "Sale",
    "SaleInvoice",
    "SalePage",
    "Scenario",
    "SendInvoice",
    "SentInvoice",
    "SignedXml",
    "Status",
    "UnexpectedReplyError",
    "Vault",
    "VaultMovement",
    "VaultTotal",
    "VaultTransactions",
    "__version__",
    "call_all",
]

__version__ = "0.1.0"

# Where each public name lives; a name under which its room knows it follows where it is another.
_ROOMS = {
    "kolay_invoice.batch": ("call_all",),
    "kolay_invoice.errors": (
        "AuthenticationError",
        "ConfigurationError",
        "InvalidRequestError",
        "KolayInvoiceError",
        "NotFoundError",
        "NotSentError",
        "OutcomeUnknownError",
        "RateLimitedError",
        "RefusedError",
        "UnexpectedReplyError",
    ),
    "kolay_invoice.kolaybi": (
        "Address",
        "AsyncKolayBi",
        "Collection",
        "Company",
        "CreateEDocument",
        "Direction",
        "EDocument",
        "GetInvoice",
        "Invoice",
        "InvoiceDetail",
        "InvoicePage",
        "InvoiceType",
        "KolayBi",
        "ListCompanies",
        "ListInvoices",
        "ListVaultTransactions",
        "ListVaults",
        "Proceed",
        "Resend",
        "ResentInvoice",
        "Scenario",
        "Status",
        "Vault",
        "VaultMovement",
        "VaultTotal",
        "VaultTransactions",
    ),
    "kolay_invoice.limiter": ("Limiter",),
    "kolay_invoice.options": ("ClientOptions",),
    "kolay_invoice.propars": (
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
    ),
}
_HOMES = {name: (room, name) for room, names in _ROOMS.items() for name in names} | {
    "KOLAYBI_PRODUCTION_URL": ("kolay_invoice.kolaybi", "PRODUCTION_URL"),
    "KOLAYBI_SANDBOX_URL": ("kolay_invoice.kolaybi", "SANDBOX_URL"),
    "PROPARS_URL": ("kolay_invoice.propars", "PRODUCTION_URL"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    room, name_there = _HOMES[name]
    value: object = getattr(import_module(room), name_there)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
