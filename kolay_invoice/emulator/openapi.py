"""The calls that the emulator answers, as an OpenAPI 3.1 description, made from its routes and its models.

What a call is, where it stands and what its rows hold come from the same objects that answer it. Which statuses a call
may be refused with is written down here, and a test that calls whatever the description allows keeps it honest. Faults
that were asked for are not in it: they are there to break what it promises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs
import msgspec

from kolay_invoice.emulator.kolaybi import Collection, Company, Document, Filters, Movement, Vault
from kolay_invoice.emulator.operations import ROUTES, Provider, Route
from kolay_invoice.emulator.propars import Particulars, SaleFilters
from kolay_invoice.emulator.wire import Answer

Schema: TypeAlias = dict[str, Any]

PATH: Final = "/openapi.json"

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

    summary: str
    answers: Schema | None = None
    """None where the answer is a document and not JSON."""
    content_type: str = _JSON
    refused_with: Sequence[int] = ()


_CONTRACTS: Mapping[str, _Contract] = {
    "access_token": _Contract(
        summary="Exchange the api key for a token",
        answers=_data({"type": "string"}, success=_TRUE),
        refused_with=(400, 401),
    ),
    "resend": _Contract(
        summary="Send a failed e-invoice again",
        answers=_data(_object(_fields(Document, "document_id", "uuid", "status"))),
        refused_with=(400, 412),
    ),
    "create_e_document": _Contract(
        summary="Send an invoice to GİB",
        answers=_data(_object(_fields(Document, "document_id", "uuid")), success=_TRUE),
        refused_with=(400, 412),
    ),
    "proceed": _Contract(
        summary="Collect an invoice, in full or in part",
        answers=_data(_object(_fields(Collection)), success=_TRUE),
        refused_with=(400, 412),
    ),
    "list_invoices": _Contract(
        summary="List a company's invoices",
        answers={
            "anyOf": [
                _data({"type": "array", "items": _ROW}),
                _data({"type": "array", "items": _ROW}, pagination=_PAGINATION),
            ]
        },
        refused_with=(400,),
    ),
    "list_companies": _Contract(
        summary="List the companies of the account",
        answers=_data({"type": "array", "items": _COMPANY}, success=_TRUE),
    ),
    "get_invoice": _Contract(
        summary="Look at one invoice",
        answers=_data(_DETAIL, success=_TRUE),
        refused_with=(400,),
    ),
    "list_vaults": _Contract(
        summary="List the vaults of the account",
        answers=_data({"type": "array", "items": _VAULT}, success=_TRUE),
    ),
    "vault_transactions": _Contract(
        summary="List the movements of a vault",
        answers=_data(_TRANSACTIONS, success=_TRUE),
        refused_with=(400,),
    ),
    "list_sales": _Contract(
        summary="List sales",
        answers=_object(
            {
                "count": {"type": "integer", "minimum": 0},
                "page_context": _object({"limit": _ID, "offset": {"type": "integer", "minimum": 0}}),
                "results": {"type": "array", "items": _SALE_OBJECT},
            }
        ),
        refused_with=(400,),
    ),
    "get_sale": _Contract(summary="Look at one sale", answers=_SALE_OBJECT, refused_with=(404,)),
    "get_sale_invoice": _Contract(
        summary="Look at one invoice of a sale", answers=_INVOICE_OBJECT, refused_with=(404,)
    ),
    "api_token_auth": _Contract(
        summary="Exchange user name and password for a token",
        answers=_object({"token": {"type": "string"}, "expire_date": _TYPES[datetime]}),
        refused_with=(400,),
    ),
    "invoice_html_for_sale": _Contract(
        summary="Show the invoice of a sale, and create it when there is none",
        content_type="text/html",
        refused_with=(400, 404),
    ),
    "send_invoice": _Contract(
        summary="Send the invoice of a sale to GİB", answers=_INVOICE_OBJECT, refused_with=(400, 404, 412)
    ),
    "get_signed_xml": _Contract(
        summary="Read the signed XML of an invoice", content_type="application/xml", refused_with=(400, 404)
    ),
    "cancel_invoice": _Contract(
        summary="Cancel the invoice that a sale has now", answers=_INVOICE_OBJECT, refused_with=(400, 404)
    ),
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

# What a form, a query or a JSON body holds, with the values that succeed on a fresh emulator.
_DOCUMENT_ID: Mapping[str, Schema] = {"document_id": {**_ID, "examples": [1]}}
_FORMS: Mapping[str, Mapping[str, Schema]] = {
    "create_e_document": _DOCUMENT_ID,
    "proceed": {
        **_DOCUMENT_ID,
        "vault_id": {**_ID, "examples": [1]},
        "amount": {"type": "number", "exclusiveMinimum": 0, "examples": ["100.50"]},
    },
}
_OPTIONAL_IN_FORM: Mapping[str, frozenset[str]] = {"proceed": frozenset({"amount"})}
_JSON_BODIES: Mapping[str, Mapping[str, Schema]] = {
    "access_token": {"api_key": {"type": "string", "minLength": 1}},
    "api_token_auth": {
        "username": {"type": "string", "minLength": 1},
        "password": {"type": "string", "minLength": 1},
    },
}
_SALE: Mapping[str, Schema] = {
    "sale_code": {"type": "string", "examples": ["abc123"]},
    "sale_id": {**_ID, "examples": [1001]},
}
_PARTICULARS: Mapping[str, Schema] = {
    **{f"invoice_{'date' if name == 'issued_at' else name}": kind for name, kind in _fields(Particulars).items()},
    "invoice_number": _NUMBER,
    "invoice_char_code": {"type": "string", "pattern": "^[A-Z0-9]{3}$"},
}
_QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "list_invoices": {**_fields(Filters), "page": _ID},
    "invoice_html_for_sale": {**_SALE, **_PARTICULARS},
    "send_invoice": {**_SALE, **_PARTICULARS},
    "get_signed_xml": _SALE,
    "cancel_invoice": {"sale_code": _SALE["sale_code"]},
    "list_vaults": {"currency": {"type": "string"}, "type": {"type": "string"}},
    "list_sales": {
        **_fields(SaleFilters),
        "ordering": {"type": "string"},
        "limit": _ID,
        "offset": {"type": "integer", "minimum": 0},
    },
}
_REQUIRED_IN_QUERY: Mapping[str, frozenset[str]] = {
    "list_invoices": frozenset({"company_id", "direction"}),
    "cancel_invoice": frozenset({"sale_code"}),
}


@cache
def published() -> Answer:
    """Return the description as it is answered."""
    return Answer(body=msgspec.json.encode(description()))


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
        "summary": contract.summary,
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
        return () if route.public else ("propars_token",)
    return ("kolaybi_channel",) if route.public else ("kolaybi_channel", "kolaybi_token")


def _parameters(route: Route) -> list[Schema]:
    in_path = re.findall(r"{(\w+)}", route.path)
    parameters = [_parameter(name, "path", _ID, required=True) for name in in_path]
    # A call that names its subject in the path asks for nothing else.
    for name, schema in () if in_path else _QUERIES.get(route.operation, {}).items():
        required = name in _REQUIRED_IN_QUERY.get(route.operation, ())
        parameters.append(_parameter(name, "query", _not_null(schema), required=required))
    return parameters


def _parameter(name: str, place: Literal["path", "query"], schema: Schema, *, required: bool) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _not_null(schema: Schema) -> Schema:
    kinds = schema["type"]
    return schema if isinstance(kinds, str) else {**schema, "type": kinds[0]}


def _body(route: Route) -> Schema | None:
    for content_type, bodies in (("application/x-www-form-urlencoded", _FORMS), (_JSON, _JSON_BODIES)):
        if route.operation in bodies:
            schema = _object(bodies[route.operation])
            optional = _OPTIONAL_IN_FORM.get(route.operation, frozenset())
            schema["required"] = [name for name in schema["required"] if name not in optional]
            return {"required": True, "content": {content_type: {"schema": schema}}}
    return None


def _responses(route: Route, contract: _Contract) -> Schema:
    schema = contract.answers or {"type": "string"}
    responses: Schema = {
        "200": {"description": "It was done", "content": {contract.content_type: {"schema": schema}}},
    }
    refusal = {"$ref": f"#/components/schemas/{route.provider.value}_refusal"}
    for status in sorted(_statuses(route, contract)):
        responses[str(status)] = {"description": _REFUSED[status], "content": {_JSON: {"schema": refusal}}}
    return responses


def _statuses(route: Route, contract: _Contract) -> set[int]:
    statuses = {*contract.refused_with, 413}
    if not route.public:
        statuses.add(401)
    if route.provider is Provider.KOLAYBI:
        # A wrong Channel is answered like a missing document.
        statuses.add(404)
    return statuses
