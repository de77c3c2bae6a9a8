"""The emulator against its own OpenAPI description: no 5xx, and no reply that the description does not promise.

Schemathesis makes the calls: such as the description allows, and such as it forbids. Without it the generated cases are
skipped, and say so; what the description says of the routes is tested all the same.
"""

from __future__ import annotations

import gzip

import pytest
import requests
from hypothesis import given, settings

from kolay_invoice.emulator import OPERATIONS, Emulator
from kolay_invoice.emulator.routes import ROUTES

from .effort import EXAMPLES, FUZZ
from .openapi import description

CREDENTIALS = {
    "kolaybi": {"Channel": Emulator.kolaybi_channel, "Authorization": f"Bearer {Emulator.kolaybi_access_token}"},
    "propars": {"Authorization": f"Token {Emulator.propars_token}"},
}

# What succeeds on a fresh emulator, so that no promise about a success goes unseen.
SUCCESSES = {
    "access_token": {"body": {"api_key": Emulator.kolaybi_api_key}},
    "resend": {"path_parameters": {"document_id": 18}},
    "create_e_document": {"body": {"document_id": 1}},
    "proceed": {"body": {"document_id": 1, "vault_id": 1}},
    "list_invoices": {"query": {"company_id": 5, "direction": "outbound"}},
    "list_companies": {},
    "get_invoice": {"path_parameters": {"document_id": 18}},
    "list_vaults": {"query": {"currency": "try"}},
    "vault_transactions": {"path_parameters": {"vault_id": 1}},
    "undo_proceed": {"path_parameters": {"document_id": 1}},
    "cancel_e_document": {"body": {"document_id": 1}},
    "delete_invoice": {"path_parameters": {"document_id": 1}},
    "create_associate": {"body": {"name": "Ay", "surname": "Öz", "identity_no": "22222222222"}},
    "create_address": {"body": {"associate_id": 11, "city": "a", "district": "b", "country": "c"}},
    "create_product": {"body": {"name": "Vazo", "vat_rate": 20}},
    "create_invoice": {
        "body": {
            "contact_id": 11,
            "address_id": 21,
            "order_date": "2026-05-02",
            "currency": "TRY",
            "items[0][product_id]": 31,
            "items[0][quantity]": "1.00",
            "items[0][unit_price]": "100.00",
            "items[0][vat_rate]": 20,
        }
    },
    "list_documents": {"query": {"associate_id": 11}},
    "list_associates": {"query": {"identity_no": "11111111111"}},
    "list_products": {},
    "get_e_document": {"query": {"uuid": "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20"}},
    "save_sale": {
        "body": {
            "sale_code": "S-1",
            "order_date": "2026-05-02T09:00:00+0300",
            "customer_detail": {"name": "Ayşe Yılmaz"},
            "items": [{"product_name": "Vazo", "quantity": "2", "unit_price": "10.50"}],
        }
    },
    "list_sales": {"query": {"invoiced": "false", "limit": 2}},
    "get_sale": {"path_parameters": {"sale_id": 1001}},
    "get_sale_invoice": {"path_parameters": {"invoice_id": 900_000_001}},
    "api_token_auth": {"body": {"username": Emulator.propars_username, "password": Emulator.propars_password}},
    "invoice_html_for_sale": {"query": {"sale_code": "abc123", "invoice_date": "2026-05-02T09:00:00+0300"}},
    "send_invoice": {"query": {"sale_id": 1001, "invoice_number": "ABC2026000000001"}},
    "send_invoice_2": {"path_parameters": {"invoice_id": 900_000_001}},
    "get_signed_xml": {"query": {"sale_code": "abc123"}},
    "get_signed_xml_2": {"path_parameters": {"invoice_id": 900_000_001}},
    "cancel_invoice": {"path_parameters": {"sale_id": 1001}},
    "cancel_invoice_2": {"query": {"sale_code": "abc123"}},
}
CONTENT_TYPES = {
    "create_e_document": "application/x-www-form-urlencoded",
    "proceed": "application/x-www-form-urlencoded",
    **dict.fromkeys(
        ("cancel_e_document", "create_associate", "create_address", "create_product", "create_invoice"),
        "application/x-www-form-urlencoded",
    ),
}
WANTS = {
    "vault_transactions": ("proceed",),
    "undo_proceed": ("proceed",),
    "cancel_e_document": ("create_e_document",),
    "get_sale_invoice": ("invoice_html_for_sale",),
    "send_invoice_2": ("invoice_html_for_sale",),
    "get_signed_xml": ("send_invoice",),
    "get_signed_xml_2": ("send_invoice",),
    "cancel_invoice": ("send_invoice",),
    "cancel_invoice_2": ("send_invoice",),
}
"""Which successes have to come before one."""

OPERATION_IDS = tuple(SUCCESSES)


@pytest.fixture
def http():
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def api():
    """The description as Schemathesis reads it."""
    schemathesis = pytest.importorskip("schemathesis", reason="pip install schemathesis: no case is generated without")
    loaded = schemathesis.openapi.from_dict(description())
    return {one.definition.raw["operationId"]: one for one in (result.ok() for result in loaded.get_all_operations())}


@pytest.fixture(scope="module")
def promises(api):
    """The checks of what the issue asks for: no 5xx, and nothing outside the description."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    return [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]


@pytest.fixture
def send(http, emulator, promises):
    """Make a generated call, with this account's credentials or without, and judge the reply."""

    def send(case, *, with_credentials=True):
        headers = CREDENTIALS[case.operation.tags[0]] if with_credentials else {}
        response = case.call(base_url=emulator.kolaybi_url, session=http, headers=headers, timeout=10)
        case.validate_response(response, checks=promises)
        return response

    return send


def test_every_route_is_described_and_nothing_else_is():
    describe_signer = {(method, path) for path, methods in description()["paths"].items() for method in methods}

    assert describe_signer == {(route.method.lower(), route.path) for route in ROUTES}
    assert {name.removesuffix("_2") for name in OPERATION_IDS} == set(OPERATIONS)


@pytest.mark.parametrize("operation_id", OPERATION_IDS)
def test_a_success_is_what_the_description_promises(operation_id, api, send):
    for name in (*WANTS.get(operation_id, ()), operation_id):
        response = send(api[name].Case(media_type=CONTENT_TYPES.get(name), **SUCCESSES[name]))

        assert response.status_code == (201 if name == "save_sale" else 200)


@pytest.mark.parametrize("operation_id", OPERATION_IDS)
@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_no_call_is_answered_with_5xx_or_outside_the_description(mode, operation_id, api, send):
    from schemathesis import GenerationMode

    @settings(FUZZ, max_examples=max(10, EXAMPLES // 10))
    @given(case=api[operation_id].as_strategy(generation_mode=GenerationMode(mode)))
    def every(case):
        send(case)

    every()


@pytest.mark.parametrize("operation_id", OPERATION_IDS)
def test_a_call_without_credentials_is_refused_as_described(operation_id, api, send):
    case = api[operation_id].Case(media_type=CONTENT_TYPES.get(operation_id), **SUCCESSES[operation_id])

    response = send(case, with_credentials=False)

    is_public = operation_id == "api_token_auth"
    assert response.status_code == (200 if is_public else 404 if case.operation.tags == ["kolaybi"] else 401)


BAD_BODIES = {
    "compressed and damaged": ({"Content-Encoding": "gzip"}, b"no gzip at all", 400),
    "compressed": ({"Content-Encoding": "gzip"}, gzip.compress(b'{"api_key": "x"}'), 400),
    "in an unknown encoding": ({"Content-Encoding": "br"}, b"\x8b\x02\x80", 400),
    "of an impossible type": ({"Content-Type": "\xff/; ;"}, b"\x00", 400),
    "too large": ({}, b" " * (2 << 20), 413),
    "too deep": ({}, b"[" * 100_000, 400),
}


@pytest.mark.parametrize("path", ["/kolaybi/v1/access_token", "/api/v1/api-token-auth/"])
@pytest.mark.parametrize("bad", BAD_BODIES)
def test_a_bad_body_is_refused_in_the_providers_own_words(bad, path, emulator, http):
    headers, body, status = BAD_BODIES[bad]

    answer = http.post(
        emulator.kolaybi_url + path, data=body, headers={**CREDENTIALS["kolaybi"], **headers}, timeout=10
    )

    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+0300", "0001-01-01T00:00:00-2300", "9999-12-31T23:59:59-2359"])
def test_a_date_that_no_invoice_number_can_hold_is_refused(when, emulator, http):
    url = f"{emulator.propars_url}/api/v1/finance/saleinvoice/invoice_html_for_sale/"

    answer = http.get(
        url, params={"sale_code": "abc123", "invoice_date": when}, headers=CREDENTIALS["propars"], timeout=10
    )

    assert (answer.status_code, list(answer.json())) == (400, ["invoice_date"])
