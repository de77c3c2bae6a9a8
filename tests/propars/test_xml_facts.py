"""What a read-back may decide by: the invoice's own ETTN and number, and nothing that only looks like them."""

from __future__ import annotations

import re
import threading
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from kolay_invoice.propars import xml_facts
from kolay_invoice.propars.ubl import LARGEST_DOCUMENT, MOST_NODES, NAMESPACES
from kolay_invoice.propars.xml_facts import SignedInvoiceFacts, read_signed_invoice, read_signed_invoice_async

ETTN = "0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11"
OTHER_ETTN = "f46d5a8d-7726-4b37-bba4-973c7ab50a5b"
NUMBER = "ABC2026000000042"
OTHER_NUMBER = "XYZ2026000000099"

SIGNATURE = (
    "<ds:Signature><ds:SignedInfo><ds:Reference URI=''/></ds:SignedInfo>"
    "<ds:SignatureValue>\nc2lnbmVk\n</ds:SignatureValue></ds:Signature>"
)
EXTENSION = f"<ext:UBLExtension><ext:ExtensionContent>{SIGNATURE}</ext:ExtensionContent></ext:UBLExtension>"
CUSTOMIZATION = "<cbc:CustomizationID>TR1.2</cbc:CustomizationID>"
OWN_NUMBER = f"<cbc:ID>{NUMBER}</cbc:ID>"
OWN_ETTN = f'<cbc:UUID schemeID="x">\n {ETTN} </cbc:UUID>'
ISSUE_DATE = "<cbc:IssueDate>2026-05-02</cbc:IssueDate>"
BUYER = "Ayşe Yılmaz-Öğüt"
LINE = f"<cac:InvoiceLine><cbc:ID>1</cbc:ID><cbc:Note>{BUYER}</cbc:Note></cac:InvoiceLine>"

DECLARED = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in NAMESPACES.items() if prefix != "ubl")
OPENING = f'<Invoice xmlns="{NAMESPACES["ubl"]}"{DECLARED}>'


def invoice(*more: str, extensions: str = EXTENSION, opening: str = OPENING, **changed: str) -> str:
    """Return a signed invoice with more elements in it, or with some of its own changed."""
    parts = {"customization": CUSTOMIZATION, "number": OWN_NUMBER, "ettn": OWN_ETTN, "issue_date": ISSUE_DATE} | changed
    return (
        f"{opening}<ext:UBLExtensions>{extensions}</ext:UBLExtensions>"
        f"{''.join(parts.values())}{''.join(more)}{LINE}</Invoice>"
    )


FACTS = SignedInvoiceFacts(
    root="Invoice", ettn=UUID(ETTN), number=NUMBER, customization_id="TR1.2", issue_date=date(2026, 5, 2)
)


def refusal(content: str | bytes) -> str:
    with pytest.raises(ValueError, match=r"^the ") as raised:
        read_signed_invoice(content if isinstance(content, bytes) else content.encode())
    told = str(raised.value)
    assert BUYER not in told
    assert raised.value.__cause__ is None
    return told


# What it reads


def test_the_facts_of_a_signed_invoice_are_read():
    facts = read_signed_invoice(invoice().encode())

    assert facts == FACTS
    assert facts.is_signed


@pytest.mark.parametrize("version", ["TR1.0", "TR1.2", "TR1.2.1", "TR2.0"])
def test_every_customization_of_ubl_tr_is_taken(version):
    content = invoice(customization=f"<cbc:CustomizationID> {version}\n</cbc:CustomizationID>")

    assert read_signed_invoice(content.encode()).customization_id == version


def test_namespaces_are_compared_and_prefixes_are_not():
    content = (
        invoice()
        .replace("cbc:", "b:")
        .replace("xmlns:cbc", "xmlns:b")
        .replace("ds:", "")
        .replace("xmlns:ds", "xmlns:s")
    )
    content = content.replace("<Signature>", f'<Signature xmlns="{NAMESPACES["ds"]}">')
    content = content.replace("<Invoice xmlns=", "<i:Invoice xmlns:i=").replace("</Invoice>", "</i:Invoice>")

    assert read_signed_invoice(content.encode()) == FACTS


@pytest.mark.parametrize(
    "text", [f"<![CDATA[{ETTN}]]>", f"{ETTN[:8]}<![CDATA[-]]>{ETTN[9:]}", ETTN.replace("-", "&#45;")]
)
def test_the_text_of_a_fact_may_be_written_in_any_way_that_all_readers_read_alike(text):
    assert read_signed_invoice(invoice(ettn=f"<cbc:UUID>{text}</cbc:UUID>").encode()) == FACTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-05-02+03:00", date(2026, 5, 2)), ("", None), ("2 Mayıs 2026", None), ("2026-13-01", None)],
)
def test_a_date_that_cannot_be_read_is_none_and_loses_nothing_else(text, expected):
    facts = read_signed_invoice(invoice(issue_date=f"<cbc:IssueDate>{text}</cbc:IssueDate>").encode())

    assert (facts.issue_date, facts.ettn) == (expected, UUID(ETTN))


def test_a_document_without_a_date_is_read():
    assert read_signed_invoice(invoice(issue_date="").encode()).issue_date is None


def test_the_signature_may_stand_in_any_extension():
    first = "<ext:UBLExtension><ext:ExtensionContent><x/></ext:ExtensionContent></ext:UBLExtension>"

    assert read_signed_invoice(invoice(extensions=first + EXTENSION + first).encode()) == FACTS


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        (None, "utf-8"),
        (None, "utf-8-sig"),
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        (None, "utf-16-be"),
        ("ISO-8859-9", "iso8859-9"),
        ("windows-1254", "cp1254"),
    ],
)
def test_every_encoding_that_turkish_programs_write_is_read(declared, encoding):
    declaration = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>\n'

    assert read_signed_invoice((declaration + invoice()).encode(encoding)) == FACTS


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<?xml version="1.0" encoding="ISO-2022-JP"?>' + invoice(), "unexpected encoding"),
        ('<?xml version="1.0" encoding="UTF-16"?>' + invoice(), "unexpected encoding"),
        (invoice().encode("cp1254"), "not in the encoding"),
        ('<?xml version="1.0" encoding="us-ascii"?>' + invoice(), "not in the encoding"),
        (invoice().encode("utf-16")[:-1], "not in the encoding"),
        (invoice().encode("utf-16-le") + b"\0\xd8", "not in the encoding"),
        (invoice().encode("utf-32"), "no XML"),
    ],
)
def test_no_other_encoding_is_guessed_at(content, said):
    assert said in refusal(content)


# What is none of it


@pytest.mark.row(60)
@pytest.mark.parametrize("kind", ["ApplicationResponse", "CreditNote", "DespatchAdvice", "ReceiptAdvice"])
def test_a_document_of_another_kind_is_named_and_not_taken(kind):
    content = invoice().replace("Invoice", kind)

    assert re.search(f"no UBL invoice but an? {kind[:5].lower()}", refusal(content).replace("A", "a"))


@pytest.mark.row(60)
@pytest.mark.parametrize(
    "opening",
    [
        "<Invoice>",
        '<Invoice xmlns="urn:x">',
        OPENING.replace('xsd:Invoice-2"', 'xsd:Invoice-3"'),
        OPENING.replace("<Invoice", "<Invoıce"),
        OPENING.replace("<Invoice", "<ubl:Invoice"),
    ],
)
def test_a_root_of_another_namespace_is_no_invoice(opening):
    content = invoice(opening=opening).replace("</Invoice>", f"</{opening[1:].split(' ')[0].rstrip('>')}>")

    assert re.search("no UBL invoice|no XML", refusal(content))


@pytest.mark.row(60)
def test_an_invoice_within_an_envelope_is_not_taken():
    assert "an envelope" in refusal(f"<StandardBusinessDocument>{invoice()}</StandardBusinessDocument>")


DRAFTS = {
    "without extensions": "",
    "with an empty extension": "<ext:UBLExtension><ext:ExtensionContent/></ext:UBLExtension>",
    "with a place for a signature": EXTENSION.replace(SIGNATURE, "<ds:Signature Id='placeholder'/>"),
    "with a signature without its value": EXTENSION.replace("c2lnbmVk", ""),
    "with a value that signs nothing": re.sub("<ds:SignedInfo>.*</ds:SignedInfo>", "", EXTENSION),
    "with a signature of another namespace": EXTENSION.replace("ds:", "cac:"),
    "with a signature beside the extension": SIGNATURE,
    "with a signature in a comment": EXTENSION.replace(SIGNATURE, f"<!--{SIGNATURE}-->"),
    "with a signature as text": EXTENSION.replace(SIGNATURE, f"<![CDATA[{SIGNATURE}]]>"),
    "with a signature one element too deep": EXTENSION.replace(
        SIGNATURE, f"<cac:Signature>{SIGNATURE}</cac:Signature>"
    ),
    "with the halves of two signatures": EXTENSION.replace(
        SIGNATURE,
        "<ds:Signature><ds:SignedInfo/></ds:Signature><ds:Signature><ds:SignatureValue>x</ds:SignatureValue></ds:Signature>",
    ),
}


@pytest.mark.row(60)
@pytest.mark.parametrize("draft", DRAFTS)
def test_an_unsigned_draft_is_not_taken(draft):
    assert "not signed" in refusal(invoice(extensions=DRAFTS[draft]))


@pytest.mark.row(60)
def test_a_signature_anywhere_else_signs_nothing():
    assert "not signed" in refusal(invoice(SIGNATURE, EXTENSION, extensions=""))


OTHER = f"<cbc:UUID>{OTHER_ETTN}</cbc:UUID><cbc:ID>{OTHER_NUMBER}</cbc:ID>"
ELSEWHERE = {
    "a comment": f"<!-- {OTHER} -->",
    "text": f"<cbc:Note><![CDATA[{OTHER}]]></cbc:Note>",
    "an instruction": f"<?xml-stylesheet {OTHER}?>",
    "an attribute": f"<cbc:Note x='{OTHER.replace('<', '&lt;')}'/>",
    "a reference": (
        "<cac:BillingReference><cac:InvoiceDocumentReference>"
        f"{OTHER}</cac:InvoiceDocumentReference></cac:BillingReference>"
    ),
    "a line": f"<cac:InvoiceLine>{OTHER}</cac:InvoiceLine>",
    "another namespace": f"<x xmlns:cbc='urn:x'>{OTHER}</x>" + OTHER.replace("cbc:", "cac:"),
    "an invoice within": invoice().replace(ETTN, OTHER_ETTN).replace(NUMBER, OTHER_NUMBER),
}


@pytest.mark.row(60)
@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize("where", ["before", "after", "in an extension"])
def test_an_ettn_and_a_number_elsewhere_are_not_the_invoices(place, where):
    foreign = ELSEWHERE[place]
    extension = f"<ext:UBLExtension><ext:ExtensionContent>{foreign}</ext:ExtensionContent></ext:UBLExtension>"
    content = {
        "before": invoice(customization=foreign + CUSTOMIZATION),
        "after": invoice(foreign),
        "in an extension": invoice(extensions=extension + EXTENSION),
    }[where]

    assert read_signed_invoice(content.encode()) == FACTS


@pytest.mark.row(60)
@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.parametrize(("fact", "name"), [("ettn", "UUID"), ("number", "ID")])
def test_what_stands_elsewhere_never_fills_a_gap(place, fact, name):
    assert f"has no {name} of its own" in refusal(invoice(ELSEWHERE[place], **{fact: ""}))


@pytest.mark.row(60)
@pytest.mark.parametrize(
    ("part", "name"),
    [("ettn", "UUID"), ("number", "ID"), ("customization", "CustomizationID"), ("issue_date", "IssueDate")],
)
def test_a_repeated_fact_is_refused(part, name):
    twice = {"ettn": OWN_ETTN, "number": OWN_NUMBER, "customization": CUSTOMIZATION, "issue_date": ISSUE_DATE}[part] * 2

    assert f"two elements {name}" in refusal(invoice(**{part: twice}))


def test_a_signature_with_two_values_is_none():
    twice = EXTENSION.replace("</ds:Signature>", "<ds:SignatureValue>x</ds:SignatureValue></ds:Signature>")

    assert "two elements SignatureValue" in refusal(invoice(extensions=twice))


@pytest.mark.parametrize(
    "inside", ["<!-- -->", "<?x?>", "<x/>", "<cbc:UUID/>"], ids=["comment", "instruction", "element", "another"]
)
@pytest.mark.parametrize("name", ["UUID", "ID"])
def test_a_fact_that_two_readers_could_read_in_two_ways_is_not_read(name, inside):
    text = {"UUID": OTHER_ETTN, "ID": OTHER_NUMBER}[name]
    mixed = f"<cbc:{name}>{text}{inside}0</cbc:{name}>"
    changed = {"ettn": mixed} if name == "UUID" else {"number": mixed}

    assert f"{name} holds more than its text" in refusal(invoice(**changed))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ettn": "<cbc:UUID/>"}, "ETTN is no UUID"),
        ({"ettn": f"<cbc:UUID>{ETTN.replace('-', '')}</cbc:UUID>"}, "ETTN is no UUID"),
        ({"ettn": f"<cbc:UUID>{{{ETTN}}}</cbc:UUID>"}, "ETTN is no UUID"),
        ({"number": "<cbc:ID> </cbc:ID>"}, "number is not of the form"),
        ({"number": "<cbc:ID>TASLAK</cbc:ID>"}, "number is not of the form"),
        ({"number": f"<cbc:ID>{NUMBER.lower()}</cbc:ID>"}, "number is not of the form"),
        ({"number": f"<cbc:ID>{NUMBER}٣</cbc:ID>"}, "number is not of the form"),
        ({"customization": "<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>"}, "UBL-TR"),
        ({"customization": ""}, "no CustomizationID"),
        ({"number": f"<cbc:ID>{' ' * 5000}</cbc:ID>"}, "longer than any"),
    ],
)
def test_a_fact_of_another_form_is_refused(changed, said):
    assert said in refusal(invoice(**changed))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no XML"),
        ("{}", "no XML"),
        ("<html></html>", "no UBL invoice"),
        (invoice()[:-5], "not well-formed"),
        (invoice() + invoice(), "not well-formed"),
        (invoice().replace("<cbc:Note>", "<cbc:Note>&x;"), "not well-formed"),
        ("<!DOCTYPE Invoice>" + invoice(), "DTD"),
        ('<!DOCTYPE Invoice [<!ENTITY x "y">]>' + invoice("&x;"), "DTD"),
        ('\ufeff<!DOCTYPE Invoice [<!ENTITY x "y">]>' + invoice("&x;"), "DTD"),
        (f'<!DOCTYPE Invoice [<!ENTITY x "{ETTN}">]>{invoice("&x;")}'.encode("utf-16"), "DTD"),
        ("<?x?>" * 5000 + invoice(), "no XML"),
        (invoice("<!DOCTYPE x>"), "not well-formed"),
        (invoice("<x>" * 100 + "</x>" * 100), "deeper"),
        (invoice("<x/>" * MOST_NODES), "more elements"),
        (invoice(opening=OPENING[:-1] + "".join(f' a{n}=""' for n in range(500)) + ">"), "more elements"),
        (invoice(opening=OPENING[:-1] + "".join(f' xmlns:n{n}="urn:n"' for n in range(40)) + ">"), "namespaces"),
    ],
)
def test_what_is_beyond_an_invoice_is_refused(content, said):
    assert said in refusal(content)


def test_a_document_larger_than_any_is_refused_unread():
    assert "larger than 16 MiB" in refusal(b" " * (LARGEST_DOCUMENT + 1))


# However it is written


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_whatever_comes_is_refused_with_a_reason_or_read(content):
    refusal(content)
    refusal(OPENING.encode() + content)


PIECES = [
    OTHER,
    *ELSEWHERE.values(),
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<cbc:UUID>",
    "</cbc:UUID>",
    "<x>",
    "\0",
    "&lt;",
    " ",
]
SIGNED = invoice()


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, len(SIGNED)), st.sampled_from(PIECES), st.integers(0, 30)), min_size=1, max_size=3
    )
)
def test_what_is_read_of_a_changed_document_is_what_another_parser_reads(changes):
    content = SIGNED
    for position, piece, cut in changes:
        content = content[:position] + piece + content[position + cut :]
    try:
        facts = read_signed_invoice(content.encode())
    except ValueError:
        return
    # A namespace that is no address is an error to lxml in a part that nobody reads here.
    root = etree.fromstring(content.encode(), etree.XMLParser(recover=True))
    assert root.tag == f"{{{NAMESPACES['ubl']}}}Invoice"
    assert [text.strip() for text in root.xpath("cbc:UUID/text()", namespaces=dict(NAMESPACES))] == [str(facts.ettn)]
    assert [text.strip() for text in root.xpath("cbc:ID/text()", namespaces=dict(NAMESPACES))] == [facts.number]
    assert root.xpath(
        "ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent/ds:Signature", namespaces=dict(NAMESPACES)
    )


# Beside the event loop


async def test_a_large_document_is_read_in_a_thread_and_a_small_one_at_once(monkeypatch):
    readers = []

    def read(content):
        readers.append(threading.current_thread())
        return read_signed_invoice(content)

    monkeypatch.setattr(xml_facts, "read_signed_invoice", read)

    assert await read_signed_invoice_async(SIGNED.encode()) == FACTS
    assert await read_signed_invoice_async(SIGNED.encode() + b" " * xml_facts.LARGEST_IN_LOOP) == FACTS
    assert [reader is threading.main_thread() for reader in readers] == [True, False]


async def test_a_large_document_that_is_refused_in_a_thread_has_a_reason():
    with pytest.raises(ValueError, match="not well-formed"):
        await read_signed_invoice_async(SIGNED.encode() + b"x" * xml_facts.LARGEST_IN_LOOP)
