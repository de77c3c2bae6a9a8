"""What hostile replies are made of: JSON of any shape that knows the fields' names, documents in containers."""

from __future__ import annotations

import base64
import io
import json
import zipfile

from attrs import fields
from hypothesis import strategies as st

from kolay_invoice.kolaybi import models as kolaybi
from kolay_invoice.propars import models as propars

MODELS = (
    kolaybi.ResentInvoice,
    kolaybi.EDocument,
    kolaybi.Collection,
    kolaybi.Invoice,
    kolaybi.Company,
    kolaybi.Address,
    propars.SentInvoice,
    propars.CancelledInvoice,
)

LENIENT = (
    kolaybi.InvoiceDetail,
    kolaybi.Vault,
    kolaybi.VaultMovement,
    kolaybi.VaultTotal,
    propars.Sale,
    propars.SaleInvoice,
)

NAMES = sorted(
    {
        part
        for model in (*MODELS, *LENIENT)
        for one in fields(model)
        for name in one.metadata.get("names", (one.name,))
        for part in name.split(".")
    }
    | {"transactionables", "calculations", "results", "count", "page_context", "next"}
    | {"success", "data", "code", "message", "description", "errors", "detail", "non_field_errors", "error"}
    | {"pagination", "meta", "current_page", "per_page", "total", "last_page", "token", "expire_date", "key", "xml"}
)

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, 18, -1, 200, 10_400, 10_401, 10_404, 10_429, 10_504, 2**63, 2**64, 10**400]),
    st.floats(),
    st.text(),
    st.sampled_from(
        ["", "18", "outbound", "inbound", "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11", "1e9999999", "2026-11-20", "\u0661"]
    ),
    st.uuids().map(str),
    st.decimals().map(str),
    st.datetimes().map(str),
)

JSON = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text()), inner, max_size=8)
    ),
    max_leaves=25,
)

ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "success": st.one_of(st.booleans(), VALUES),
        "data": st.one_of(
            JSON, st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=8), st.lists(JSON, max_size=3)
        ),
        "code": VALUES,
        "message": JSON,
        "errors": JSON,
        "detail": JSON,
        "pagination": st.dictionaries(st.sampled_from(["current_page", "per_page", "total", "last_page"]), VALUES),
    },
)


def as_json(value: object) -> bytes:
    """Return what a careless server would send: NaN and Infinity too."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


UUIDS = st.sampled_from(["0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11", "00000000-0000-4000-8000-000000000999", "no uuid"])

XML = st.builds(
    "{}<{}{}>{}{}</{}>{}".format,
    st.sampled_from(["", "\ufeff", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="iso-8859-9"?>', "<!---->"]),
    root := st.sampled_from(["Invoice", "ubl:Invoice", "CreditNote", "html", "!DOCTYPE x [", "error"]),
    st.sampled_from(["", ' xmlns="urn:x"', " a='>'", '/><x y="']),
    UUIDS,
    st.text(max_size=20),
    root,
    st.sampled_from(["", "\n", "<!-- end -->", "<Invoice/>", "<?pi", "</Invoice>"]),
).map(lambda text: text.encode("utf-8", "surrogatepass"))

HTML = st.builds(
    "{}<html>{}{}{}{}".format,
    st.sampled_from(["", "<!DOCTYPE html>\n", " " * 5000]),
    st.sampled_from(["", "ETTN", "ABC2026000000001", "<input type=password>", "<input name=q type = 'PASSWORD'>"]),
    UUIDS,
    st.text(max_size=20),
    st.sampled_from(["</html>", "</HTML >\n<!-- x -->", "</html><!--", "", "</html>x"]),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


def zipped(documents: list[tuple[str, bytes]], compression: int) -> bytes:
    """Put documents into a ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for number, (name, document) in enumerate(documents):
            archive.writestr(f"{number}{name}", document)
    return buffer.getvalue()


ZIPS = st.builds(
    zipped,
    st.lists(st.tuples(st.sampled_from([".xml", ".XML", ".txt", "/../x.xml"]), XML), max_size=3),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]),
)


@st.composite
def spoiled(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Return bytes that something happened to: cut, or a few of them changed, or something put in between."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 3))):
        if data:
            at = draw(st.integers(0, len(data) - 1))
            data[at : at + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


CONTAINERS = st.one_of(
    XML,
    ZIPS,
    st.one_of(XML, ZIPS).map(lambda data: as_json(base64.b64encode(data).decode())),
    st.one_of(XML, ZIPS).map(lambda data: as_json({"xml": base64.b64encode(data).decode(), "status": "ok"})),
    XML.map(lambda data: as_json({"content": data.decode("utf-8", "replace")})),
    JSON.map(as_json),
)
"""Signed XML in whatever way it may come."""

REPLIES = st.one_of(ENVELOPES.map(as_json), JSON.map(as_json), HTML, CONTAINERS, st.binary())
