"""Everything that is assumed of the providers and can be checked, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kolay_invoice.cli import doctor_guesses as guesses
from kolay_invoice.cli import doctor_kolaybi as kolaybi
from kolay_invoice.cli import doctor_propars as propars
from kolay_invoice.cli.doctor_findings import Check, framed, no_redirect, readable, retry_after, unseen

CHECKS: Final[Mapping[str, Mapping[str, Check]]] = {
    "kolaybi": {
        "token_is_text": kolaybi.token_is_text,
        "token_has_no_end": kolaybi.token_has_no_end,
        "headers_accepted": kolaybi.headers_accepted,
        "envelope": kolaybi.envelope,
        "error_envelope": kolaybi.error_envelope,
        "error_code": kolaybi.error_code,
        "refused_with_200": kolaybi.refused_with_200,
        "wrong_channel": kolaybi.wrong_channel,
        "company_members": kolaybi.company_members,
        "resendable_spelling": kolaybi.resendable_spelling,
        "row_members": kolaybi.row_members,
        "sets_are_texts": kolaybi.sets_are_texts,
        "amounts_are_numbers": kolaybi.amounts_are_numbers,
        "currencies": kolaybi.currencies,
        "official_has_ettn": kolaybi.official_has_ettn,
        "paging": kolaybi.paging,
        "next_page": kolaybi.next_page,
        "filter_document": guesses.list_filter,
        "filter_date": kolaybi.filter_date,
        "missing_document": kolaybi.missing_document,
        "readable": readable,
        "framed": framed,
        "no_redirect": no_redirect,
        "retry_after": retry_after,
        "token_lives_a_day": unseen,
        "effects_of_kolaybi": unseen,
    },
    "propars": {
        "auth_token": propars.auth_token,
        "expire_date": propars.expire_date,
        "token_accepted": propars.token_accepted,
        "error_shape": propars.error_shape,
        "missing_sale": propars.missing_sale,
        "filter_sent": propars.filter_sent,
        "sale_invoice_official": propars.sale_invoice_official,
        "signed_is_raw": propars.signed_is_raw,
        "signed_is_whole": propars.signed_is_whole,
        "signature_place": propars.signature_place,
        "signature_method": propars.signature_method,
        "ubl_tr": propars.ubl_tr,
        "ettn": propars.ettn,
        "readable": readable,
        "framed": framed,
        "no_redirect": no_redirect,
        "retry_after": retry_after,
        "effects_of_propars": unseen,
    },
}
"""The assumptions about each provider, in the order of the report; their wording is in `words.doctor`."""
