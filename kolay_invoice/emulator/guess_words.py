"""What is written down about each guess. The usual position comes first."""

from __future__ import annotations

from typing import Final

from kolay_invoice.emulator.guessing import About, Word
from kolay_invoice.messages import N_

DUPLICATES: Final = About(
    question=N_("A second send or collection of the same document or sale"),
    positions={
        "refuse": N_("is refused in the provider's words"),
        "execute": N_("is carried out again"),
    },
    word=Word.GUESS,
    source=N_("no page says; third-party clients know a refusal (412)"),
)

FIRST_SEND: Final = About(
    question=N_("The first send of a document or sale"),
    positions={
        "accept": N_("is carried out"),
        "refuse": N_("is refused as already sent: it was made official elsewhere before, and no execution is counted"),
    },
    word=Word.PROVIDER,
    source=N_("the page of e-document/create; that a user can have sent it in the provider's own screens is ours"),
)

LIST_FILTER: Final = About(
    question=N_("The filter `document_id` of KolayBi's list"),
    positions={
        "id": N_("compares the document's id"),
        "number": N_("compares the invoice number"),
        "ignored": N_("is ignored: every row comes"),
    },
    word=Word.GUESS,
    source=N_(
        "the page e-documents/list calls it “Fatura numarası”; it is an integer, and a row's id has the same name"
    ),
)

LIST_LAG: Final = About(
    question=N_("Seconds for which KolayBi's e-document list and Propars' sale list do not show a send"),
    word=Word.GUESS,
    source=N_("nobody has published a time"),
)

LIST_ROWS: Final = About(
    question=N_("An official document has, in KolayBi's list,"),
    positions={
        "one": N_("one row"),
        "two": N_("two rows: `ready_to_send` without a number, then `sent` with one"),
    },
    word=Word.GUESS,
    source=N_("the page e-documents/list shows one row; that there is never a second is ours"),
)

DETAIL: Final = About(
    question=N_("The detail of an invoice, `GET /invoices/{id}`,"),
    positions={
        "full": N_("shows the invoice as it is"),
        "missing": N_("is 404"),
        "forbidden": N_("is 403"),
        "html": N_("is an HTML page with status 200"),
        "without_number": N_("has no number"),
        "without_uuid": N_("has no uuid"),
        "without_status": N_("has no status"),
        "draft_with_uuid": N_("says draft, with a uuid and without a number"),
        "other_document": N_("names another document's id"),
    },
    word=Word.GUESS,
    source=N_("working clients read it; its page was not seen"),
)

MOVEMENTS_LISTED: Final = About(
    question=N_("Each collection has, in its vault's list,"),
    positions={
        "one": N_("one movement"),
        "none": N_("none"),
        "two": N_("two movements of the amount"),
    },
    word=Word.GUESS,
    source=N_("the page vaults/transactions has the path only; the reply is known from one client's mock"),
)

ASSOCIATE_DUPLICATES: Final = About(
    question=N_("A second associate with the same identity number"),
    positions={
        "refuse": N_("is refused (412)"),
        "execute": N_("is created as well"),
    },
    word=Word.GUESS,
    source=N_("the page associates/create says nothing; two clients know a refusal (412)"),
)

ORDER_SHOWN: Final = About(
    question=N_("The order number of an invoice, `order_reference`,"),
    positions={
        "detail": N_("is in its detail"),
        "nowhere": N_("is shown nowhere"),
    },
    word=Word.GUESS,
    source=N_("the page invoices/create is cut above it, and that of the detail was not seen"),
)

UNDONE: Final = About(
    question=N_("`DELETE /invoices/proceed/{id}` takes back"),
    positions={
        "all": N_("every collection of the invoice"),
        "last": N_("its last collection"),
    },
    word=Word.GUESS,
    source=N_("the page invoices/proceed-delete says nothing of several collections"),
)

VIEW_CONTAINER: Final = About(
    question=N_("The file of an official document, `GET /invoices/e-document/view`, comes"),
    positions={
        "base64": N_("in `data.src`, as base64"),
        "data_uri": N_("in `data.src`, as a data URI"),
        "raw": N_("as the whole body"),
        "address": N_("as an address, which is refused"),
    },
    word=Word.GUESS,
    source=N_("the page invoices/e-document-view shows no reply; clients read `data.src`"),
)

XML_CONTAINER: Final = About(
    question=N_("The signed XML of Propars comes"),
    positions={
        "raw": N_("as it is"),
        "json_text": N_("as a JSON text"),
        "json_base64": N_("in a member of a JSON object, as base64"),
        "json_xml": N_("in a member of a JSON object, as text"),
        "zip": N_("in a ZIP"),
    },
    word=Word.GUESS,
    source=N_("the page get_signed_xml names no container"),
)

XML_LAG: Final = About(
    question=N_("Seconds after a send for which there is no signed XML yet: 404 in the provider's words"),
    word=Word.GUESS,
    source=N_("nothing says that send waits for the signature"),
)

XML_AFTER_CANCEL: Final = About(
    question=N_("After a cancellation the old signed XML"),
    positions={
        "by_invoice": N_("is found by its invoice's id, no longer by the sale"),
        "stays": N_("is found by the sale too, until a new one is there"),
        "goes": N_("is found by neither"),
    },
    word=Word.GUESS,
    source=N_("the page cancel_invoice says nothing of it"),
)

CHAR_CODE: Final = About(
    question=N_("The form of `invoice_char_code`"),
    positions={
        "three": N_("three of A-Z and 0-9, the number's prefix"),
        "two": N_("two of A-Z and 0-9"),
        "any": N_("any text"),
        "ignored": N_("it is ignored"),
    },
    word=Word.GUESS,
    source=N_("its page describes it as “??”"),
)

PREVIEW: Final = About(
    question=N_("`invoice_html_for_sale` answers"),
    positions={
        "page": N_("the invoice as a page"),
        "error_page": N_("with status 200 a page of an error with a request id (a UUID); no invoice is created"),
        "error_page_after": N_("with status 200 the same page after the invoice was created"),
    },
    word=Word.PROVIDER,
    source=N_("the page invoice_html_for_sale; that an error always has another status is ours"),
)
