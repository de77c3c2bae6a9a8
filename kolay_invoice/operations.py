"""The registry of every operation of every provider, by request, by name and by batch name.

It imports the providers; they do not import it. What is known of an operation is in its `Endpoint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.kolaybi.endpoints import ENDPOINTS as _KOLAYBI
from kolay_invoice.propars.endpoints import ENDPOINTS as _PROPARS

ENDPOINTS: Final[tuple[Endpoint[Any, Any], ...]] = (*_KOLAYBI, *_PROPARS)

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
