"""The calls that the emulator answers, as an OpenAPI 3.1 description, made from the registry and the emulator's models.

What a call is and what it takes come from its endpoint; what its rows hold, from the objects that answer it. Which
statuses a call may be refused with is written down here, and a test that calls whatever the description allows keeps it
honest. Faults that were asked for are not in it: they are there to break what it promises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from kolay_invoice.emulator.kolaybi_documents import Collection, Company, Document, Movement, Vault
from kolay_invoice.emulator.order_book import Address, Associate, Product
from kolay_invoice.emulator.routes import ROUTES, Provider, Route
from kolay_invoice.redact import Secret

Schema: TypeAlias = dict[str, Any]

_JSON: Final = "application/json"

_TYPES: Mapping[type, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    Decimal: {"type": "number"},
    UUID: {"type": "string", "format": "uuid"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}[+-]\d{2}:?\d{2}(:?\d{2}(\.\d+)?)?$"},
}

_ID: Schema = {"type": "integer", "minimum": 1}
_NUMBER: Schema = {"type": "string", "pattern": "^[A-Z0-9]{3}20[0-9]{11}$"}


def _schema_of(hint: Any) -> Schema:
    """Return the schema of a model's field, by its type."""
    if get_origin(hint) in {Union, UnionType}:
        (inner,) = (part for part in get_args(hint) if part is not NoneType)
        schema = _schema_of(inner)
        return {**schema, "type": [schema["type"], "null"]}
    return dict(_TYPES[hint])


def _object(properties: Mapping[str, Schema]) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _fields(model: type, *names: str) -> dict[str, Schema]:
    """Return the schemas of these fields of a model; of all of them when none is named."""
    hints = get_type_hints(model)
    return {name: _schema_of(hints[name]) for name in names or [field.name for field in attrs.fields(model)]}


def _data(schema: Schema, **others: Schema) -> Schema:
    return _object({**others, "data": schema})


_TRUE: Schema = {"const": True}


def _list_of(row: Schema) -> Schema:
    """Return the schema of a list, in one reply or in pages."""
    rows: Schema = {"type": "array", "items": row}
    return {"anyOf": [_data(rows, success=_TRUE), _data(rows, success=_TRUE, pagination=_PAGINATION)]}


_ROW = _object(
    _fields(
        Document,
        "document_id",
        "uuid",
        "no",
        "status",
        "scenario",
        "type",
        "direction",
        "exchange_grand_total",
        "exchange_grand_currency",
        "grand_total",
        "grand_currency",
    )
)

_PAGINATION = _object({"current_page": _ID, "per_page": _ID, "total": {"type": "integer", "minimum": 0}})

_COMPANY = _object(
    {
        **_fields(Company, "company_id", "company_name", "identity_no", "tax_office", "company_currency"),
        "address": _object(_fields(Company, "city", "district")),
        "is_invoice_resendble": _fields(Company, "is_invoice_resendable")["is_invoice_resendable"],
    }
)

_DETAIL = _object(
    {
        **_fields(Document, "document_id", "uuid", "no", "status"),
        "e_document": _object(
            {**_fields(Document, "uuid", "scenario"), "document_type": _fields(Document, "type")["type"]},
        ),
        "header": _object(_fields(Document, "issue_date")),
        "total": _object(
            {
                "grand_total": _fields(Document, "grand_total")["grand_total"],
                "currency": _fields(Document, "grand_currency")["grand_currency"],
            }
        ),
        "payment_plan": _object(
            {
                "payment_status_value": {"enum": ["paid", "partial", "unpaid"]},
                **_fields(Document, "remaining_amount"),
            }
        ),
        "cancelled_at": {"type": "null"},
    }
)

_VAULT = _object(
    {
        "id": _ID,
        **_fields(Vault, "name"),
        "type": {"enum": ["BANK_ACCOUNT", "SAFE_DEPOSIT"]},
        **_fields(Vault, "balance"),
        "currency": {"type": "string"},
    }
)

_TRANSACTIONS = _object(
    {
        "transactionables": {
            "type": "array",
            "items": _object(
                {
                    "id": _ID,
                    **_fields(Movement, "amount"),
                    "description": {"type": "string"},
                    "date": _TYPES[date],
                }
            ),
        },
        "calculations": {
            "type": "array",
            "items": _object({"amount": {"type": "number"}, "currency": {"type": "string"}}),
        },
    }
)

_DOCUMENT = _object(
    {
        "id": _ID,
        "serial_no": _fields(Document, "no")["no"],
        "order_date": _TYPES[date],
        "due_date": _TYPES[date],
        "total_amount": _TYPES[Decimal],
        "currency": _TYPES[str],
        "status": _TYPES[str],
        "type": {"const": "sale_invoice"},
        "contact": _object(
            {"id": _fields(Document, "associate_id")["associate_id"], "name": _TYPES[str], "surname": _TYPES[str]}
        ),
    }
)

_ADDRESS_FIELDS = ("address", "city", "district", "country", "address_type", "is_abroad")
_ADDRESS = _object({"id": _ID, **_fields(Address, *_ADDRESS_FIELDS)})

_ASSOCIATE = _object(
    {
        "id": _ID,
        **_fields(
            Associate, "name", "surname", "identity_no", "associate_type", "tax_office", "code", "phone", "email"
        ),
        "address": {"type": "array", "items": _ADDRESS},
    }
)

_PRODUCT = _object(
    {
        "id": _ID,
        **_fields(Product, "product_type", "name", "code", "barcode"),
        "vat_type": _TYPES[str],
        "vat_value": _TYPES[int],
        "sale_price": _TYPES[Decimal],
        "sale_unit": _TYPES[str],
        "sale_currency": _TYPES[str],
        "total_stock_quantity": _TYPES[Decimal],
    }
)

_SALE_OBJECT = _object(
    {
        "id": _ID,
        "sale_code": {"type": "string"},
        "order_date": _TYPES[datetime],
        "source": {"type": "string"},
        "status": {"enum": ["new", "invoiced"]},
        "common_status": {"enum": ["new", "invoiced"]},
        "invoiced": {"type": "boolean"},
        "invoice_sent": {"type": "boolean"},
        "invoice_id": {**_ID, "type": ["integer", "null"]},
        "invoice_number": {**_NUMBER, "type": ["string", "null"]},
        "invoice_uuid": {**_TYPES[UUID], "type": ["string", "null"]},
        "total_amount": {"type": "number"},
        "currency": {"type": "string"},
    }
)

_INVOICE_OBJECT = _object(
    {
        "id": _ID,
        "sale_id": _ID,
        "sale_code": {"type": "string"},
        "invoice_uuid": _TYPES[UUID],
        "invoice_number": _NUMBER,
        "invoice_date": _TYPES[datetime],
        "invoice_type": {"enum": ["e_invoice", "e_archive"]},
        "status": {"type": "string"},
        "total_amount": {"type": "number"},
        "currency": {"type": "string"},
    }
)


@attrs.frozen(kw_only=True)
class _Contract:
    """What an operation answers, and what it may be refused with once the caller is let in."""

    answers: Schema | None = None
    """None where the answer is a document and not JSON."""
    content_type: str = _JSON
    refused_with: Sequence[int] = ()
    body: Schema | None = None
    """The body where the request has parts; None where its fields say it."""
    creates: bool = False
    """Whether it also answers 201."""


_NEW_SALE: Schema = {
    "type": "object",
    "properties": {
        "sale_code": {"type": "string", "minLength": 1},
        "order_date": _TYPES[datetime],
        "customer_detail": {"type": "object", "properties": {"name": {"type": "string"}}},
        "items": {"type": "array", "items": {"type": "object", "properties": {"product_name": {"type": "string"}}}},
        "currency": _ID,
    },
    "required": ["sale_code", "order_date", "customer_detail", "items"],
}

_CONTRACTS: Mapping[str, _Contract] = {
    "access_token": _Contract(
        answers=_data({"type": "string"}, success=_TRUE),
        refused_with=(400, 401),
    ),
    "resend": _Contract(
        answers=_data(_object(_fields(Document, "document_id", "uuid", "status"))),
        refused_with=(400, 412),
    ),
    "create_e_document": _Contract(
        answers=_data(_object(_fields(Document, "document_id", "uuid")), success=_TRUE),
        refused_with=(400, 412),
    ),
    "proceed": _Contract(
        answers=_data(_object(_fields(Collection)), success=_TRUE),
        refused_with=(400, 412),
    ),
    "list_invoices": _Contract(
        answers={
            "anyOf": [
                _data({"type": "array", "items": _ROW}),
                _data({"type": "array", "items": _ROW}, pagination=_PAGINATION),
            ]
        },
        refused_with=(400,),
    ),
    "list_companies": _Contract(
        answers=_data({"type": "array", "items": _COMPANY}, success=_TRUE),
    ),
    "get_invoice": _Contract(
        answers=_data(_DETAIL, success=_TRUE),
        refused_with=(400,),
    ),
    "list_vaults": _Contract(
        answers=_data({"type": "array", "items": _VAULT}, success=_TRUE),
    ),
    "vault_transactions": _Contract(
        answers=_data(_TRANSACTIONS, success=_TRUE),
        refused_with=(400,),
    ),
    "undo_proceed": _Contract(answers=_data({"type": "array", "maxItems": 0}, success=_TRUE), refused_with=(400,)),
    "cancel_e_document": _Contract(answers=_data(_object({"cancelled": _TRUE}), success=_TRUE), refused_with=(400,)),
    "delete_invoice": _Contract(answers=_data({"type": "array", "maxItems": 0}, success=_TRUE), refused_with=(400,)),
    "create_associate": _Contract(answers=_data(_ASSOCIATE, success=_TRUE), refused_with=(400, 412)),
    "create_address": _Contract(answers=_data(_ADDRESS, success=_TRUE), refused_with=(400,)),
    "create_product": _Contract(answers=_data(_PRODUCT, success=_TRUE), refused_with=(400,)),
    "create_invoice": _Contract(
        answers=_data(
            _object(
                _fields(
                    Document,
                    "document_id",
                    "exchange_grand_total",
                    "exchange_grand_currency",
                    "grand_total",
                    "grand_currency",
                )
            ),
            success=_TRUE,
        ),
        refused_with=(400,),
    ),
    "list_documents": _Contract(answers=_list_of(_DOCUMENT), refused_with=(400,)),
    "list_associates": _Contract(answers=_list_of(_ASSOCIATE), refused_with=(400,)),
    "list_products": _Contract(answers=_list_of(_PRODUCT), refused_with=(400,)),
    "get_e_document": _Contract(
        answers=_data(_object({"src": {"type": "string"}, "output_type": {"enum": ["pdf", "xml"]}}), success=_TRUE),
        refused_with=(400,),
    ),
    "list_sales": _Contract(
        answers=_object(
            {
                "count": {"type": "integer", "minimum": 0},
                "page_context": _object({"limit": _ID, "offset": {"type": "integer", "minimum": 0}}),
                "results": {"type": "array", "items": _SALE_OBJECT},
            }
        ),
        refused_with=(400,),
    ),
    "save_sale": _Contract(answers=_SALE_OBJECT, refused_with=(400,), body=_NEW_SALE, creates=True),
    "get_sale": _Contract(answers=_SALE_OBJECT, refused_with=(404,)),
    "get_sale_invoice": _Contract(answers=_INVOICE_OBJECT, refused_with=(404,)),
    "api_token_auth": _Contract(
        answers=_object({"token": {"type": "string"}, "expire_date": _TYPES[datetime]}),
        refused_with=(400,),
    ),
    "invoice_html_for_sale": _Contract(
        content_type="text/html",
        refused_with=(400, 404),
    ),
    "send_invoice": _Contract(answers=_INVOICE_OBJECT, refused_with=(400, 404, 412)),
    "get_signed_xml": _Contract(content_type="application/xml", refused_with=(400, 404)),
    "cancel_invoice": _Contract(answers=_INVOICE_OBJECT, refused_with=(400, 404)),
}

_REFUSED: Mapping[int, str] = {
    400: "A field is missing or wrong, or the state of the document does not allow it",
    401: "The credentials are missing, wrong or expired",
    404: "There is no such thing, or no such Channel",
    412: "It was done before",
    413: "The body is larger than any real one",
}

_REFUSAL: Mapping[Provider, Schema] = {
    Provider.KOLAYBI: _object(
        {
            "success": {"const": False},
            "code": {"type": "integer", "minimum": 10_400, "maximum": 10_499},
            "message": {"type": "string"},
            "description": {"type": "string"},
            "data": {"type": "array", "maxItems": 0},
        }
    ),
    Provider.PROPARS: {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    },
}

_SECURITY_SCHEMES: Mapping[str, Schema] = {
    "kolaybi_channel": {"type": "apiKey", "in": "header", "name": "Channel"},
    "kolaybi_token": {"type": "http", "scheme": "bearer"},
    "propars_token": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The word Token, a blank, and the token",
    },
}


def description() -> dict[str, Any]:
    """Return the description: one operation for each route."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "The kolay_invoice emulator: KolayBi and Propars",
            "version": "1",
            "description": (
                "What the emulator answers while no fault is asked for and every guess is in its usual position. It is "
                "made from the providers' public pages; it is not the providers' own description, and they publish "
                "none."
            ),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": provider.value} for provider in Provider],
        "paths": paths,
        "components": {
            "securitySchemes": dict(_SECURITY_SCHEMES),
            "schemas": {f"{provider.value}_refusal": schema for provider, schema in _REFUSAL.items()},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    contract = _CONTRACTS[route.operation]
    operation = {
        "operationId": _operation_id(route),
        "tags": [route.provider.value],
        "summary": route.endpoint.summary,
        "security": [{name: [] for name in _security(route)}],
        "parameters": _parameters(route),
        "responses": _responses(route, contract),
    }
    body = _body(route)
    if body is not None:
        operation["requestBody"] = body
    return operation


def _operation_id(route: Route) -> str:
    paths = [other.path for other in ROUTES if other.operation == route.operation]
    return route.operation if paths[0] == route.path else f"{route.operation}_{paths.index(route.path) + 1}"


def _security(route: Route) -> Sequence[str]:
    if route.provider is Provider.PROPARS:
        return () if route.is_public else ("propars_token",)
    return ("kolaybi_channel",) if route.is_public else ("kolaybi_channel", "kolaybi_token")


def _parameters(route: Route) -> list[Schema]:
    in_path = re.findall(r"{(\w+)}", route.path)
    parameters = [_parameter(name, "path", _ID, required=True) for name in in_path]
    if route.endpoint.body_encoding == "query" and not in_path:
        fields = _request_fields(route)
        parameters += [_parameter(name, "query", schema, required=needed) for name, (schema, needed) in fields.items()]
    return parameters


def _parameter(name: str, place: Literal["path", "query"], schema: Schema, *, required: bool) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _request_fields(route: Route) -> dict[str, tuple[Schema, bool]]:
    """Return the schema of each field of the request that this path takes, and whether it is required."""
    endpoint = route.endpoint
    selectors = {} if isinstance(endpoint.path, str) else endpoint.path
    here = [name for name, path in selectors.items() if path == route.path]
    hints = get_type_hints(endpoint.request)
    return {
        name: (schema, field.default is attrs.NOTHING or here == [field.name])
        for field in attrs.fields(endpoint.request)
        if field.name not in selectors or field.name in here
        for name, schema in _spelled_out(field.name, hints[field.name])
    }


def _spelled_out(name: str, hint: Any) -> list[tuple[str, Schema]]:
    """Return the fields of a form that an argument becomes: one for each member of an object."""
    hint = next((part for part in get_args(hint) if part is not NoneType), hint) if _is_optional(hint) else hint
    if get_origin(hint) is tuple:
        return _spelled_out(f"{name}[0]", get_args(hint)[0])
    if attrs.has(hint):
        members = get_type_hints(hint)
        return [pair for one in attrs.fields(hint) for pair in _spelled_out(f"{name}[{one.name}]", members[one.name])]
    return [(name, _argument_schema(hint))]


def _is_optional(hint: Any) -> bool:
    return NoneType in get_args(hint)


def _argument_schema(hint: Any) -> Schema:
    hint = next((part for part in get_args(hint) if part is not NoneType), hint)
    if hint is Secret:
        return {"type": "string", "minLength": 1}
    return _ID if hint is int else _schema_of(hint)


def _body(route: Route) -> Schema | None:
    content_type = {"form": "application/x-www-form-urlencoded", "json": _JSON}.get(route.endpoint.body_encoding)
    if content_type is None:
        return None
    if (given := _CONTRACTS[route.operation].body) is not None:
        return {"required": True, "content": {content_type: {"schema": given}}}
    fields = _request_fields(route)
    schema = _object({name: schema for name, (schema, _) in fields.items()})
    schema["required"] = [name for name, (_, needed) in fields.items() if needed]
    return {"required": True, "content": {content_type: {"schema": schema}}}


def _responses(route: Route, contract: _Contract) -> Schema:
    schema = contract.answers or {"type": "string"}
    responses: Schema = {
        "200": {"description": "It was done", "content": {contract.content_type: {"schema": schema}}},
    }
    if contract.creates:
        responses["201"] = responses["200"]
    refusal = {"$ref": f"#/components/schemas/{route.provider.value}_refusal"}
    for status in sorted(_statuses(route, contract)):
        responses[str(status)] = {"description": _REFUSED[status], "content": {_JSON: {"schema": refusal}}}
    return responses


def _statuses(route: Route, contract: _Contract) -> set[int]:
    statuses = {*contract.refused_with, 413}
    if not route.is_public:
        statuses.add(401)
    if route.provider is Provider.KOLAYBI:
        # A wrong Channel is answered like a missing document.
        statuses.add(404)
    return statuses
