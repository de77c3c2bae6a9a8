"""The registry of every operation of every provider, by request, by name and by batch name.

It imports the providers; they do not import it. What is known of an operation is in its `Endpoint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.kolaybi.endpoints import ENDPOINTS as _KOLAYBI
from kolay_invoice.kolaybi.models import (
    Address,
    Associate,
    CancelEDocument,
    CancelledEDocument,
    Collection,
    CreatedInvoice,
    CreateEDocument,
    DeletedInvoice,
    DeleteInvoice,
    EDocument,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Proceed,
    Product,
    Resend,
    ResentInvoice,
    UndoneCollection,
    UndoProceed,
)
from kolay_invoice.propars.endpoints import ENDPOINTS as _PROPARS
from kolay_invoice.propars.models import CancelInvoice, CancelledInvoice, NewSale, Sale, SendInvoice, SentInvoice

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (*_KOLAYBI, *_PROPARS)

JournaledRequest: TypeAlias = (
    CreateEDocument
    | Resend
    | Proceed
    | UndoProceed
    | CancelEDocument
    | DeleteInvoice
    | NewInvoice
    | NewAssociate
    | NewAddress
    | NewProduct
    | SendInvoice
    | CancelInvoice
    | NewSale
)
"""A request that a journal holds."""

JournaledReply: TypeAlias = (
    EDocument
    | ResentInvoice
    | Collection
    | UndoneCollection
    | CancelledEDocument
    | DeletedInvoice
    | CreatedInvoice
    | Associate
    | Address
    | Product
    | SentInvoice
    | CancelledInvoice
    | Sale
)
"""The reply of such a request."""

BY_REQUEST: Final[Mapping[type[Request[Any]], Endpoint[Any, Any]]] = {one.request: one for one in ENDPOINTS}

BY_NAME: Final[Mapping[tuple[str, str], Endpoint[Any, Any]]] = {(one.provider, one.operation): one for one in ENDPOINTS}
"""By provider and operation, because both providers have a `get_invoice`."""

BY_BATCH_NAME: Final[Mapping[str, Endpoint[Any, Any]]] = {one.batch_name: one for one in ENDPOINTS if one.is_journaled}
"""The operations that a journal holds, by their names in files and queues."""


def ends(endpoint: Endpoint[Any, Any]) -> str:
    """Return the operation that this one undoes; empty if it undoes none."""
    return next(
        (one.operation for one in ENDPOINTS if (one.provider, one.ended_by) == (endpoint.provider, endpoint.operation)),
        "",
    )
