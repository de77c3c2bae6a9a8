"""The calls of KolayBi around a send: associates, products and new invoices before it, lists and files after it.

Pages: associates, address, products, invoices/create, invoices/list and invoices/e-document-view of
developer.kolaybi.com. They show the requests; the fields of most replies are the word of clients. All paths stand under
`/kolaybi/v1`. A form spells lists and objects out as PHP reads them: `items[0][product_id]=7`.
"""

from __future__ import annotations

from typing import Final

from kolay_invoice.endpoint import Effect, Endpoint
from kolay_invoice.kolaybi import creating, files, lists, order_readback
from kolay_invoice.kolaybi.models import (
    GetEDocument,
    ListAssociates,
    ListDocuments,
    ListProducts,
    NewAddress,
    NewAssociate,
    NewInvoice,
    NewProduct,
)
from kolay_invoice.messages import Message

CREATE_ASSOCIATE: Final = Endpoint(
    "kolaybi",
    "create_associate",
    "POST",
    "/kolaybi/v1/associates",
    Effect.CREATES,
    NewAssociate,
    creating.decode_associate,
    Message("Look for its number with {call} before creating it again.", call="list_associates(...)"),
    sent_before=Message("If there is one with this number already, {call} shows it.", call="list_associates(...)"),
    body_encoding="form",
    spells_out=True,
    summary="Create a buyer or supplier",
    batch_name="create-associate",
    resource=("identity_no",),
    read_back=order_readback.read_back_associate,
)
CREATE_ADDRESS: Final = Endpoint(
    "kolaybi",
    "create_address",
    "POST",
    "/kolaybi/v1/address/create",
    Effect.CREATES,
    NewAddress,
    creating.decode_address,
    Message(
        "Look at the addresses of the associate with {call} before creating it again.", call="list_associates(...)"
    ),
    body_encoding="form",
    spells_out=True,
    summary="Create an address of a buyer or supplier",
    batch_name="create-address",
    resource=("associate_id",),
)
CREATE_PRODUCT: Final = Endpoint(
    "kolaybi",
    "create_product",
    "POST",
    "/kolaybi/v1/products",
    Effect.CREATES,
    NewProduct,
    creating.decode_product,
    Message("Look for its code with {call} before creating it again.", call="list_products(...)"),
    sent_before=Message("If there is one with this code already, {call} shows it.", call="list_products(...)"),
    body_encoding="form",
    spells_out=True,
    summary="Create a product or service",
    batch_name="create-product",
    resource=("code",),
    read_back=order_readback.read_back_product,
)
CREATE_INVOICE: Final = Endpoint(
    "kolaybi",
    "create_invoice",
    "POST",
    "/kolaybi/v1/invoices",
    Effect.CREATES,
    NewInvoice,
    creating.decode_invoice,
    Message(
        "Look for its order number in the invoices of the associate with {call} before creating it again.",
        call="list_documents(...)",
    ),
    body_encoding="form",
    spells_out=True,
    summary="Create a sale invoice that is not yet official",
    batch_name="create-invoice",
    resource=("order_reference",),
    read_back=order_readback.read_back_invoice,
)
LIST_DOCUMENTS: Final = Endpoint(
    "kolaybi",
    "list_documents",
    "GET",
    "/kolaybi/v1/invoices",
    Effect.READ,
    ListDocuments,
    lists.decode_document_page,
    spells_out=True,
    summary="List the invoices of the account, drafts included",
    command="documents",
)
LIST_ASSOCIATES: Final = Endpoint(
    "kolaybi",
    "list_associates",
    "GET",
    "/kolaybi/v1/associates",
    Effect.READ,
    ListAssociates,
    lists.decode_associate_page,
    summary="List buyers and suppliers",
    command="associates",
)
LIST_PRODUCTS: Final = Endpoint(
    "kolaybi",
    "list_products",
    "GET",
    "/kolaybi/v1/products",
    Effect.READ,
    ListProducts,
    lists.decode_product_page,
    summary="List products and services",
    command="products",
)
GET_E_DOCUMENT: Final = Endpoint(
    "kolaybi",
    "get_e_document",
    "GET",
    "/kolaybi/v1/invoices/e-document/view",
    Effect.READ,
    GetEDocument,
    files.decode_e_document,
    raw_starts=files.RAW_STARTS,
    summary="Fetch the file of an official document",
    command="document",
)

ENDPOINTS: Final = (
    CREATE_ASSOCIATE,
    CREATE_ADDRESS,
    CREATE_PRODUCT,
    CREATE_INVOICE,
    LIST_DOCUMENTS,
    LIST_ASSOCIATES,
    LIST_PRODUCTS,
    GET_E_DOCUMENT,
)
