"""The doctor's report, as Markdown and as one JSON document: no credential, and nothing that names anybody."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from kolay_invoice import __version__
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.doctor_findings import Finding, Verdict
from kolay_invoice.cli.doctor_seen import Seen, Tried
from kolay_invoice.cli.endings import Exit
from kolay_invoice.cli.error_texts import NAMES, translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.profiles import Account
from kolay_invoice.errors import NotSentError
from kolay_invoice.messages import N_

_ASSUMPTIONS: Final = {
    "not_let_in": N_("The provider did not let the reads in, so hardly anything could be seen: check the credentials."),
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
        "The replies to send, html and cancel. (They have an effect, so they are never called here.)"
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
    "xml_container": N_("The signed XML comes as it is, in no container."),
    "xml_lag": N_("A sale that was sent has its signed XML at once."),
    "xml_after_cancel": N_("After a cancellation the signed XML is found by its invoice's id only."),
    "char_code": N_("`invoice_char_code` is the prefix of the number: three of A-Z and 0-9."),
    "preview": N_("Only an invoice is answered to `invoice_html_for_sale` with status 200."),
}

_VERDICTS: Final = {
    "held": N_("Held"),
    "not_held": N_("Did not hold: please report"),
    "not_seen": N_("Could not be seen"),
}

_HOW_A_GUESS_STANDS: Final = {
    "held": N_("seen to hold"),
    "not_held": N_("seen to fail"),
    "not_seen": N_("assumed"),
}


GUESSED: Final = {
    Verdict.HELD: "seen to hold",
    Verdict.NOT_HELD: "seen to fail",
    Verdict.NOT_SEEN: "assumed",
}
"""What is said of a guess. What could not be seen of it stays assumed."""


_WORDS: Final = (
    N_("companies"),
    N_("vaults"),
    N_("movements"),
    N_("invoices"),
    N_("next page"),
    N_("filter by document"),
    N_("filter by date"),
    N_("missing document"),
    N_("detail of a document"),
    N_("detail of an unsent document"),
    N_("invoices again"),
    N_("missing sale"),
    N_("sent sales"),
    N_("unsent sales"),
    N_("unsent sale"),
    N_("unsent sales again"),
    N_("invoice of a sale"),
    N_("signed document"),
    N_("done"),
    N_("seen"),
    N_("against"),
    N_("missing"),
    N_("others"),
    N_("status"),
    N_("rows"),
    N_("largest page"),
    N_("members"),
    N_("values without a name"),
    N_("with uuid and without no"),
)
"""The words of reads and of what was counted, which the checks name in English."""


@frozen
class Examined:
    """One provider, as it was found."""

    account: Account
    seen: Seen
    findings: Mapping[str, Finding]
    guesses: Mapping[str, Finding]

    @property
    def was_not_let_in(self) -> bool:
        """Whether no read at all came to an answer that says something."""
        return not any(finding.verdict is not Verdict.NOT_SEEN for finding in self.findings.values()) or all(
            type(read.error).__name__ in {"AuthenticationError", "ConfigurationError"} for read in self.seen.tried
        )

    @property
    def was_not_reached(self) -> bool:
        """Whether no read left this machine."""
        return {type(read.error) for read in self.seen.tried} == {NotSentError}


def as_document(examined: Sequence[Examined], code: Exit) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "kolay_invoice": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "providers": [
            {
                "provider": one.account.provider,
                "host": one.account.kind,
                "reads": [_read(read) for read in one.seen.tried],
                "checks": [
                    {
                        "name": name,
                        "assumption": _(_ASSUMPTIONS[name]),
                        "verdict": finding.verdict.value,
                        "facts": dict(finding.facts),
                    }
                    for name, finding in one.findings.items()
                ],
                "guesses": [
                    {
                        "name": name,
                        "guess": _(_GUESS_TEXTS[name]),
                        "verdict": GUESSED[finding.verdict],
                        "facts": dict(finding.facts),
                    }
                    for name, finding in one.guesses.items()
                ],
            }
            for one in examined
        ],
        "exit_code": int(code),
    }


def _read(read: Tried) -> dict[str, Any]:
    error = read.error
    # A code that is a text is the provider's own, and could hold anything.
    code = error.code if error is not None and isinstance(error.code, int) else None
    return {
        "purpose": read.purpose,
        "operation": read.operation,
        "result": "done" if error is None else type(error).__name__,
        "status": None if error is None else error.status,
        "code": code,
    }


def as_markdown(examined: Sequence[Examined]) -> str:
    """Return the report for a bug report."""
    lines = [
        "# kolay-invoice doctor",
        "",
        _(
            "What this package assumes of the providers, and what was seen of it. Only reads were "
            "made. The report holds no credential and no data of buyers: numbers, and names of "
            "members, are all that came from the provider."
        ),
        "",
    ]
    lines += [f"kolay-invoice {__version__}, Python {platform.python_version()}, {sys.platform}"]
    for one in examined:
        lines += ["", f"## {NAMES[one.account.provider]} ({host_kind(one.account)})", ""]
        counted = {verdict: sum(f.verdict is verdict for f in one.findings.values()) for verdict in Verdict}
        lines += [
            _(
                "{held} held, {not_held} did not, {not_seen} could not be seen.",
                **{verdict.name.lower(): counted[verdict] for verdict in Verdict},
            ),
            "",
        ]
        if one.was_not_let_in:
            lines += [
                _(
                    N_(
                        "The provider could not be reached, so nothing could be seen: check the address and the "
                        "network."
                    )
                    if one.was_not_reached
                    else N_(
                        "The provider did not let the reads in, so hardly anything could be seen: check the "
                        "credentials."
                    )
                ),
                "",
            ]
        lines += [f"- {_line(_read(read))}" for read in one.seen.tried]
        for verdict in (Verdict.NOT_HELD, Verdict.HELD, Verdict.NOT_SEEN):
            chosen = {name: finding for name, finding in one.findings.items() if finding.verdict is verdict}
            if chosen:
                lines += ["", ("### " + _(_VERDICTS[verdict.name.lower()])), ""]
                lines += [
                    ("- " + _(_ASSUMPTIONS[name]) + f" (`{name}`{_facts(found)})") for name, found in chosen.items()
                ]
        lines += [
            "",
            ("### " + _("Guesses")),
            "",
            _(
                "What no page says, or what is said and unproven. Most of it no read can prove: then it "
                "is assumed. Each can be tried the other way with the emulator's switch of the same name."
            ),
            "",
        ]
        for name, found in one.guesses.items():
            how = _(_HOW_A_GUESS_STANDS[found.verdict.name.lower()])
            lines += [(f"- **{how}**: " + _(_GUESS_TEXTS[name]) + f" (`{name}`{_facts(found)})")]
    return "\n".join(lines)


def _line(read: Mapping[str, Any]) -> str:
    answer = [f"HTTP {read['status']}"] if read["status"] is not None else []
    answer += [f"{read['code']}"] if read["code"] is not None else []
    return f"{read['operation']}, {translate(read['purpose'])}: {translate(read['result'])}" + (
        f" ({', '.join(answer)})" if answer else ""
    )


def _facts(finding: Finding) -> str:
    return "".join(f"; {translate(name)}: {value}" for name, value in finding.facts.items())
