"""Assumptions, their findings, and the checks that both providers share. Pure functions.

A finding holds numbers and names of members, never a value from the provider: that can be a secret or private data.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from kolay_invoice.cli.doctor.recorder import Exchange, Observations, ReadAttempt
from kolay_invoice.errors import InvalidRequestError, NotFoundError, RefusedError, UnexpectedReplyError
from kolay_invoice.messages import N_

_ASSUMPTIONS: Final = {
    "readable": N_("Every reply to a read has the form that the package reads."),
    "framed": N_("Every reply says where it ends (Content-Length or chunks)."),
    "no_redirect": N_("No call is answered with a redirect."),
    "retry_after": N_("A 429 comes with Retry-After."),
    "token_is_text": N_("The reply to the api key holds the token as a plain text in `data`."),
    "token_has_no_end": N_("That reply says no time at which the token ends."),
    "headers_accepted": N_("Calls with a Bearer token and the Channel are let in."),
    "envelope": N_("An accepted call is answered with `data`, and with `success: true` or without `success`."),
    "error_envelope": N_("A refusal has `success`, `code` and `message`."),
    "error_code": N_("The `code` of a refusal is 10000 and the HTTP status."),
    "refused_with_200": N_("A refusal comes with a failing HTTP status, not with 200."),
    "wrong_channel": N_("A Channel that is not known is answered with 404."),
    "company_members": N_("A company has the members of the provider's page."),
    "resendable_spelling": N_(
        "Whether a company may resend stands in `is_invoice_resendble`, spelt like this, as a truth value."
    ),
    "row_members": N_("An invoice of the list has the members of the provider's page, under the page's names."),
    "sets_are_texts": N_("Status, scenario, type and direction are texts, not objects."),
    "amounts_are_numbers": N_("Amounts are JSON numbers."),
    "currencies": N_("Currencies are codes of three letters."),
    "official_has_ettn": N_("An invoice that has a number has a uuid (ETTN) too."),
    "paging": N_("The list announces further pages in a way that the package knows, or none."),
    "next_page": N_("A further page that is announced can be fetched with `page`."),
    "filter_document": N_("The filter `document_id` leaves only that document."),
    "filter_date": N_("The filter `min_issue_date` is heeded: from next year on there are no invoices."),
    "missing_document": N_("A document that does not exist gives an empty list, or 404."),
    "token_lives_a_day": N_("A token lives for 24 hours. (A visit is too short to see it.)"),
    "effects_of_kolaybi": N_(
        "The replies to create-e-document, resend and proceed. (They have an effect, so they are never called here.)"
    ),
    "auth_token": N_("The reply to user name and password holds `token` and `expire_date`."),
    "expire_date": N_("`expire_date` is ISO 8601 with an offset."),
    "token_accepted": N_("Calls with `Authorization: Token` are let in, and signed XML is asked for with GET."),
    "error_shape": N_("A refusal is JSON with `detail`, or with lists of texts by field."),
    "missing_sale": N_("A sale that does not exist gives 404."),
    "signed_is_raw": N_("The signed XML comes as it is, in no container."),
    "signed_is_whole": N_("It is one whole UBL document that the package finds."),
    "signature_place": N_("The signature stands in the first extension of the document."),
    "signature_method": N_("It is RSA with SHA-256 or ECDSA with SHA-256 or SHA-384."),
    "ubl_tr": N_("The document is UBL-TR 1.2."),
    "filter_sent": N_(
        "The filter `invoice_sent` is heeded, and every sale of the list says whether its invoice was sent."
    ),
    "sale_invoice_official": N_("The invoice of a sale that was sent shows its uuid (ETTN) and its number."),
    "ettn": N_("The document has a UUID (ETTN)."),
    "effects_of_propars": N_(
        "The replies to send, html, cancel and save-sale. (They have an effect, so they are never called here.)"
    ),
}

_GUESS_TEXTS: Final = {
    "duplicates": N_("A second send of the same document or sale is refused."),
    "first_send": N_("A first send is not refused as already sent."),
    "list_filter": N_("The list's filter `document_id` means the document's id."),
    "list_lag": N_("The list shows a send at once."),
    "list_rows": N_("A document has one row in the list."),
    "detail": N_("The detail of an official document shows its uuid (ETTN), its number and its status."),
    "movements_listed": N_("The movements of a vault can be read, and a collection is one of them."),
    "associate_duplicates": N_("A second associate with the same identity number is refused."),
    "order_shown": N_("The detail of an invoice shows its order number."),
    "undone": N_("`undo_proceed` takes back every collection of the invoice."),
    "view_container": N_("The file of an official document comes in `data.src`, as base64."),
    "xml_container": N_("The signed XML comes as it is, in no container."),
    "xml_lag": N_("A sale that was sent has its signed XML at once."),
    "xml_after_cancel": N_("After a cancellation the signed XML is found by its invoice's id only."),
    "char_code": N_("`invoice_char_code` is the prefix of the number: three of A-Z and 0-9."),
    "preview": N_("Only an invoice is answered to `invoice_html_for_sale` with status 200."),
}


OK: Final = 200
NOT_FOUND: Final = 404

_FORBIDDEN: Final = 403
_FIRST_REDIRECT: Final = 300
_RATE_LIMITED: Final = 429
_SERVER_ERROR: Final = 500
_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Status(enum.Enum):
    """Whether an assumption held."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_OBSERVED = "not seen"

    @property
    def word(self) -> str:
        """The last part of the names of its texts."""
        return self.value.replace(" ", "_")


@frozen
class Finding:
    """The result of a check. `facts` are numbers and names of members."""

    status: Status
    facts: Mapping[str, int | str]


Check: TypeAlias = Callable[[Observations], Finding]


@frozen
class Assumption:
    """An assumption about a provider.

    Attributes:
        name: Its name in the report. A guess has the name of its switch in the emulator.
        text: The name of its text.
        check: The function that checks it against the observations.
        is_guess: Whether it is a guess.
    """

    name: str
    text: str
    check: Check
    is_guess: bool = False


def assumption(name: str, check: Check) -> Assumption:
    """Return an assumption that a page of the provider documents."""
    return Assumption(name, _ASSUMPTIONS[name], check)


def guess(name: str, check: Check) -> Assumption:
    """Return a guess: no page documents it, or it is documented and unproven."""
    return Assumption(name, _GUESS_TEXTS[name], check, is_guess=True)


NOTHING: Final = Finding(Status.NOT_OBSERVED, {})


def not_observable(_seen: Observations) -> Finding:
    """Return NOT_OBSERVED: the doctor makes no call with an effect and does not wait for a day."""
    return NOTHING


def all_of(values: Iterable[bool], **facts: int | str) -> Finding:
    """Return HELD if all checks are true, NOT_OBSERVED if there are none."""
    judged = list(values)
    if not judged:
        return NOTHING
    wrong = judged.count(False)
    counted = {"seen": len(judged), **({"against": wrong} if wrong else {}), **facts}
    return Finding(Status.NOT_HELD if wrong else Status.HELD, counted)


def failed(**facts: int | str) -> Finding:
    """Return a failed finding."""
    return Finding(Status.NOT_HELD, facts)


def names(members: Iterable[object]) -> str:
    """Return the names of members that look like identifiers, and no other text."""
    shown = sorted(member for member in members if isinstance(member, str) and _IDENTIFIER.fullmatch(member))
    return ", ".join(shown[:20]) or "-"


def member_facts(**members: Iterable[object]) -> dict[str, int | str]:
    """Return facts with the names of members, without the empty ones."""
    found = {name: list(given) for name, given in members.items()}
    return {name: names(given) for name, given in found.items() if given}


def objects(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Return the JSON objects among some replies."""
    return [exchange.content for exchange in exchanges if isinstance(exchange.content, dict)]


def refusals(seen: Observations) -> list[Exchange]:
    """Return the provider's refusals. A 5xx can come from a gateway, so its form is not the provider's."""
    return [one for one in seen.exchanges if one.is_failure and one.answer.status < _SERVER_ERROR]


def is_readable(attempt: ReadAttempt) -> bool | None:
    """Whether a read got a readable reply. None if the error leaves that open."""
    match attempt.error:
        case None:
            return True
        case UnexpectedReplyError(status=status):
            return False if status == OK else None
        case InvalidRequestError() | NotFoundError():
            return False
    return None


def answered(attempt: ReadAttempt | None) -> Finding:
    """Check that a read got a readable reply."""
    is_good = None if attempt is None else is_readable(attempt)
    return NOTHING if is_good is None else all_of([is_good])


def missing(attempt: ReadAttempt | None) -> Finding:
    """Check that the reply to a missing id is an empty list or 404."""
    if attempt is not None and isinstance(attempt.error, NotFoundError):
        return all_of([True], status=NOT_FOUND)
    return answered(attempt)


def refused(attempt: ReadAttempt) -> Finding:
    """Return the finding of a read without a reply: a refusal fails, a network error proves nothing."""
    status = None if attempt.error is None else attempt.error.status
    is_forbidden = isinstance(attempt.error, RefusedError) and status == _FORBIDDEN
    if is_forbidden or is_readable(attempt) is False:
        return failed(**({} if status is None else {"status": status}))
    return NOTHING


# Checks of both providers


def framed(seen: Observations) -> Finding:
    """Whether the length of each reply is known."""
    return all_of(exchange.answer.length_known for exchange in seen.exchanges)


def no_redirect(seen: Observations) -> Finding:
    """Whether no reply is a redirect."""
    statuses = [exchange.answer.status for exchange in seen.exchanges]
    return all_of(not _FIRST_REDIRECT <= status < _FIRST_REDIRECT + 100 for status in statuses)


def readable(seen: Observations) -> Finding:
    """Whether each reply has the form that the package reads. A refusal that was understood has it."""
    judged = [isinstance(one.error, RefusedError) or is_readable(one) for one in seen.attempts]
    return all_of(one for one in judged if one is not None)


def retry_after(seen: Observations) -> Finding:
    """Whether a 429 has a Retry-After."""
    limited = [exchange for exchange in seen.exchanges if exchange.answer.status == _RATE_LIMITED]
    return all_of("Retry-After" in exchange.answer.headers for exchange in limited)


SHARED: Final = (
    assumption("readable", readable),
    assumption("framed", framed),
    assumption("no_redirect", no_redirect),
    assumption("retry_after", retry_after),
)
"""The assumptions about both providers."""
