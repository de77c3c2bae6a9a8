"""What the creation of an associate, address, product or invoice answers. Read leniently; its id has to be there.

A reply without the id of what was created leaves the outcome unknown: it is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kolay_invoice import codec
from kolay_invoice.kolaybi.lists import to_associate
from kolay_invoice.kolaybi.models import (
    Address,
    Associate,
    CreatedInvoice,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
    Product,
)
from kolay_invoice.messages import Message


def decode_associate(request: NewAssociate, envelope: Mapping[str, Any]) -> Associate:
    """Return the new associate; one with another number is refused."""
    associate = to_associate(envelope["data"])
    _require(associate.associate_id, "id")
    _check_echo("identity_no", request.identity_no, associate.identity_no)
    return associate


def decode_address(_request: NewAddress, envelope: Mapping[str, Any]) -> Address:
    """Return the new address."""
    address = codec.structure_leniently(envelope["data"], Address)
    _require(address.address_id, "id")
    return address


def decode_product(request: NewProduct, envelope: Mapping[str, Any]) -> Product:
    """Return the new product; one with another code is refused."""
    product = codec.structure_leniently(envelope["data"], Product)
    _require(product.product_id, "id")
    _check_echo("code", request.code, product.code)
    return product


def decode_invoice(_request: NewInvoice, envelope: Mapping[str, Any]) -> CreatedInvoice:
    """Return the new invoice."""
    invoice = codec.structure_leniently(envelope["data"], CreatedInvoice)
    _require(invoice.document_id, "document_id")
    return invoice


def _require(found: int | None, name: str) -> None:
    if found is None:
        msg = Message("{reason} @ {path}", reason=Message("required field missing"), path=f"$.data.{name}")
        raise ValueError(msg)


def _check_echo(name: str, asked: str | None, echoed: str | None) -> None:
    # A late reply to an earlier request can reach the wrong call.
    if asked is not None and echoed is not None and asked != echoed:
        msg = Message("it is for another {name}", name=name)
        raise ValueError(msg)
