"""What is assumed of Propars' reads, as pure checks. What each assumes is worded in `words.doctor`."""
# ruff: noqa: D103 - a docstring would say once more what the words say.

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kolay_invoice import arguments
from kolay_invoice.cli.doctor_findings import (
    ACCEPTED,
    NOT_FOUND,
    NOT_SEEN,
    Finding,
    all_of,
    answered,
    missing,
    names,
    objects,
    refusals,
)
from kolay_invoice.cli.doctor_seen import Seen, Tried
from kolay_invoice.errors import NotFoundError
from kolay_invoice.propars.models import Sale
from kolay_invoice.propars.outline import outline

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ALGORITHMS: Final = (b"xmldsig-more#rsa-sha256", b"xmldsig-more#ecdsa-sha256", b"xmldsig-more#ecdsa-sha384")


def auth_token(seen: Seen) -> Finding:
    contents = objects(seen.accepted("api_token_auth"))
    return all_of({"token", "expire_date"} <= content.keys() for content in contents)


def expire_date(seen: Seen) -> Finding:
    contents = objects(seen.accepted("api_token_auth"))
    return all_of(_is_moment(content["expire_date"]) for content in contents if "expire_date" in content)


def _is_moment(value: object) -> bool:
    try:
        arguments.moment("expire_date", value)
    except (TypeError, ValueError):
        return False
    return True


def token_accepted(seen: Seen) -> Finding:
    # Whoever is told that there is no such sale has been let in.
    statuses = [one.answer.status for one in seen.replies("get_signed_xml")]
    return all_of(True for status in statuses if status in {ACCEPTED, NOT_FOUND})


def error_shape(seen: Seen) -> Finding:
    return all_of(isinstance(one.content, dict) and _is_framework_error(one.content) for one in refusals(seen))


def _is_framework_error(content: Mapping[str, Any]) -> bool:
    return isinstance(content.get("detail"), str) or all(isinstance(texts, list) for texts in content.values())


def missing_sale(seen: Seen) -> Finding:
    return missing(seen.of("missing sale"))


def filter_sent(seen: Seen) -> Finding:
    """Whether a sale stands in one of the two lists only, and its row says the same as the list that it is in."""
    sent, unsent = (_sales(seen.of(purpose)) for purpose in ("sent sales", "unsent sales"))
    in_both = {sale.sale_id for sale in sent} & {sale.sale_id for sale in unsent} - {None}
    return all_of(sale.sale_id not in in_both and sale.invoice_sent is not None for sale in (*sent, *unsent))


def _sales(tried: Tried | None) -> Sequence[Sale]:
    return () if tried is None or tried.reply is None else tried.reply.sales


def sale_invoice_official(seen: Seen) -> Finding:
    tried = seen.of("invoice of a sale")
    if tried is None or tried.reply is None:
        return answered(tried)
    lacking = [name for name in ("uuid", "number") if getattr(tried.reply, name) is None]
    return all_of([not lacking], **({"missing": names(lacking)} if lacking else {}))


def signed_is_raw(seen: Seen) -> Finding:
    bodies = _bodies(seen)
    return all_of(
        (outline(body) is not None for body in bodies), **({"container": _containers(bodies)} if bodies else {})
    )


def _bodies(seen: Seen) -> list[bytes]:
    return [one.answer.body for one in seen.accepted("get_signed_xml")]


def _containers(bodies: Sequence[bytes]) -> str:
    return ", ".join(sorted({_container_of(body) for body in bodies}))


def _container_of(body: bytes) -> str:
    if outline(body) is not None:
        return "xml"
    return "zip" if body.startswith(b"PK") else "json" if body[:1] in {b"{", b"[", b'"'} else "other"


def signed_is_whole(seen: Seen) -> Finding:
    tried = seen.of("signed document")
    # A sale whose invoice was not sent yet says nothing of the documents of those that were.
    return NOT_SEEN if tried is None or isinstance(tried.error, NotFoundError) else answered(tried)


def signature_method(seen: Seen) -> Finding:
    return all_of(any(method in body for method in _ALGORITHMS) for body in _raw(seen))


def signature_place(seen: Seen) -> Finding:
    return all_of(
        0 <= body.find(b"ExtensionContent") < body.find(b"SignatureValue") < body.find(b"AccountingSupplierParty")
        for body in _raw(seen)
    )


def ubl_tr(seen: Seen) -> Finding:
    return all_of(re.search(rb">\s*TR1\.2(\.1)?\s*<", body) is not None for body in _raw(seen))


def ettn(seen: Seen) -> Finding:
    return all_of(_UUID.search(body.decode("utf-8", "replace")) is not None for body in _raw(seen))


def _raw(seen: Seen) -> list[bytes]:
    return [body for body in _bodies(seen) if outline(body) is not None]
