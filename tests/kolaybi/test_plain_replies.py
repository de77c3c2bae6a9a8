"""Replies in their documented form are read in one step, to the same values as by the careful reader."""

from __future__ import annotations

import json
from contextlib import nullcontext
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from kolay_invoice import CreateEDocument, InvoicePage, ListInvoices, Resend, UnexpectedReplyError
from kolay_invoice.kolaybi.endpoints import CREATE_E_DOCUMENT, LIST_INVOICES, RESEND
from kolay_invoice.kolaybi.replies import interpret
from kolay_invoice.result import Accepted, HttpResponse

ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
REQUESTS = {CREATE_E_DOCUMENT: CreateEDocument(18), RESEND: Resend(18), LIST_INVOICES: ListInvoices(5, "outbound")}

# Each as it stands in JSON.
VALUES = st.sampled_from(
    [
        *("18", "18.0", "1e1", "-0", "null", "true", "false", "[]", "{}", "1e39", "1e41", "0e-50", "20.10", "1" * 45),
        *('""', '"18"', '"sent"', '"rejected"', '"sent_to_receiver"', '"1e2"', '"NaN"', '"\\u015f\\n"', '"ş"'),
        *(f'"{ETTN}"', f'"{ETTN.upper()}"', f'"{ETTN.replace("-", "")}"', '{"key":"sent"}', '"outbound"', '"inbound"'),
    ]
)
NAMES = st.sampled_from(
    [
        *("document_id", "id", "uuid", "ettn", "no", "status", "document_status", "direction", "grand_total", "extra"),
        *("error", "success", "new", "statu\\u0073"),
    ]
)
MEMBERS = {
    "document_id": st.sampled_from(["18", "18", "19"]),
    "uuid": st.just(f'"{ETTN}"') | VALUES,
    "status": st.sampled_from(['"sent_to_receiver"', '"sent"']) | VALUES,
    "direction": st.just('"outbound"') | VALUES,
    "grand_total": st.sampled_from(["20", "20.10"]) | VALUES,
}
BLANKS = st.sampled_from(["", "", "", "", " ", "\n\t"])


@st.composite
def objects(draw):
    """Return the text of an object: fields as they are documented, and others, in any order, some of them twice."""
    known = draw(st.sets(st.sampled_from([*MEMBERS]), max_size=len(MEMBERS)))
    members = [(name, draw(MEMBERS[name])) for name in ("document_id", "uuid", *known - {"document_id", "uuid"})]
    members += draw(st.lists(st.tuples(NAMES, VALUES), max_size=draw(st.sampled_from([0, 0, 2]))))
    return written(draw, draw(st.permutations(members)))


def written(draw, members):
    """Write the members of an object."""
    blank = draw(BLANKS)
    return "{" + ",".join(f'{blank}"{name}"{blank}:{blank}{value}' for name, value in members) + "}"


@st.composite
def bodies(draw):
    """Return the text of an envelope."""
    data = draw(objects() | st.lists(objects(), max_size=4).map(lambda rows: f"[{','.join(rows)}]") | VALUES)
    others = st.sampled_from(["success", "data", "code", "message", "meta", "error"])
    members = [("data", data), *draw(st.sampled_from([[], [("success", "true")], [("success", "false")]]))]
    members += draw(st.lists(st.tuples(others, VALUES), max_size=draw(st.sampled_from([0, 0, 0, 2]))))
    return written(draw, draw(st.permutations(members))).encode()


def careful(endpoint, body):
    """Return the reply, the text of the error or the verdict of the careful reader."""
    verdict = interpret(endpoint, HttpResponse(200, {}, body))
    if not isinstance(verdict, Accepted):
        return verdict
    try:
        return endpoint.decode(REQUESTS[endpoint], verdict.content)
    except ValueError as error:
        return str(error)


def plain(endpoint, body):
    """Return the reply that is read in one step, the text of the error, or None."""
    try:
        return endpoint.decode_plain(REQUESTS[endpoint], body)
    except ValueError as error:
        return str(error)


def shown(reply):
    """Return what tells equal values apart: the digits of amounts, the class of the unknown fields."""
    rows = reply.invoices if isinstance(reply, InvoicePage) else [reply]
    return repr(reply), [(type(row), type(row.extra), dict(row.extra)) for row in rows if hasattr(row, "extra")]


def body_of(data, **more):
    return json.dumps({"success": True, "data": data, **more}, separators=(",", ":")).encode()


DOCUMENT = {"document_id": 18, "uuid": ETTN}
ROW = DOCUMENT | {"no": "ABC2026000000018", "status": "sent", "direction": "outbound", "grand_total": 20.5}


@given(bodies())
@example(body_of(DOCUMENT))
@example(body_of([ROW, ROW | {"uuid": None}]))
@example(b'{"success":false,' + body_of(DOCUMENT)[1:])
@example(body_of(DOCUMENT)[:-1] + b',"success":true}')
@example(b'{"success":true,"data":{"document_id":19,"document_id":18,"uuid":"%b"}}' % ETTN.encode())
@example(b'{"data":{"document_id":18,"uuid":"%b","uuid":null}}' % ETTN.replace("-", "").encode())
def test_a_reply_that_is_read_in_one_step_is_what_the_careful_reader_reads(body):
    for endpoint in REQUESTS:
        reply = plain(endpoint, body)
        if reply is not None:
            expected = careful(endpoint, body)
            assert reply == expected
            assert shown(reply) == shown(expected)


DOCUMENTED = {
    CREATE_E_DOCUMENT: [body_of(DOCUMENT), body_of({"uuid": ETTN, "document_id": 18})],
    RESEND: [
        json.dumps({"data": DOCUMENT | {"status": "sent_to_receiver"}}, separators=(",", ":")).encode(),
        body_of({"status": "sent"} | DOCUMENT),
    ],
    LIST_INVOICES: [body_of([]), body_of([ROW]), body_of([ROW, ROW | {"uuid": None, "no": None}] * 10)],
}


@pytest.mark.parametrize("endpoint", DOCUMENTED, ids=lambda endpoint: endpoint.operation)
def test_the_documented_form_is_read_in_one_step(endpoint):
    for body in DOCUMENTED[endpoint]:
        assert plain(endpoint, body) == careful(endpoint, body)
        assert not isinstance(careful(endpoint, body), str)


OTHER_FORMS = {
    "a field that comes twice": b'{"success":true,"data":{"document_id":19,"document_id":18,"uuid":"%b"}}'
    % ETTN.encode(),
    "an envelope's field that comes twice": b'{"success":false,' + body_of(DOCUMENT)[1:],
    "an unknown field": body_of(DOCUMENT | {"new": 1}),
    "an unknown field of the envelope": body_of(DOCUMENT, code=10504),
    "another name": body_of({"document_id": 18, "ettn": ETTN}),
    "white space": json.dumps({"success": True, "data": DOCUMENT}).encode(),
    "a refusal": json.dumps({"success": False, "data": DOCUMENT}, separators=(",", ":")).encode(),
    "another document": body_of({"document_id": 19, "uuid": ETTN}),
    "a failure in its status": body_of(DOCUMENT | {"status": "rejected"}),
    "no JSON": b"<html>",
}


@pytest.mark.parametrize("body", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_any_other_form_is_left_to_the_careful_reader(body):
    assert plain(CREATE_E_DOCUMENT, body) is None
    assert plain(RESEND, body) is None


@pytest.mark.parametrize(
    "body",
    [
        body_of([ROW | {"new": 1}]),
        body_of([ROW], meta={}),
        body_of([ROW | {"grand_total": "1"}]),
    ],
    ids=["an unknown field", "pages", "an amount as a text"],
)
def test_any_other_list_is_left_to_the_careful_reader(body):
    assert plain(LIST_INVOICES, body) is None


@pytest.mark.parametrize(("status", "readings"), [(200, 0), (201, 0), (202, 1)])
async def test_only_an_accepting_status_is_read_in_one_step(status, readings, kolaybi, server):
    seen = []

    def note(endpoint, answer):
        seen.append(answer)
        return interpret(endpoint, answer)

    kolaybi.profile = evolve(kolaybi.profile, interpret=note)
    server.answers(body_of([ROW]), status=status)
    with nullcontext() if status in {200, 201} else pytest.raises(UnexpectedReplyError):
        assert [invoice.grand_total for invoice in await kolaybi.list_invoices(5, "outbound")] == [Decimal("20.5")]

    assert len(seen) == readings
