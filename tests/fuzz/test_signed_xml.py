"""Signed documents that something happened to: they prove the same facts as before, or are refused by a typed error."""
# ruff: noqa: TID252 - the documents and the signer are those of the tests of signed XML.

from __future__ import annotations

import contextlib
import re
from functools import cache

from hypothesis import example, given
from hypothesis import strategies as st

from kolay_invoice.signed_xml import SignatureError, SignedXmlError, UblInvoice, parsing, read, verify

from ..signed_xml.documents import invoice
from ..signed_xml.signer import Signing, foreign_seal, own_seal
from .effort import FUZZ
from .strategies import XML, spoiled


@cache
def signed() -> bytes:
    return Signing(key_info=(own_seal().der, foreign_seal().der)).sign(invoice())


@cache
def pieces() -> tuple[bytes, ...]:
    """Return the signed document cut before every tag."""
    return tuple(re.split(rb"(?=<)", signed()))


@cache
def facts() -> UblInvoice:
    return read(signed())


def holds_or_is_refused(content: bytes) -> bool:
    """Hold a document to what is promised of every document; return whether it was proven."""
    with contextlib.suppress(SignedXmlError):
        assert isinstance(read(content), UblInvoice)
    proven = []
    # A store that holds the signer's own certificate vouches for it, so that the way through the chain is gone as well.
    for trusting in ({"certificate": own_seal().pem}, {"trust_store": own_seal().pem}):
        with contextlib.suppress(SignedXmlError):
            proven.append(verify(content, **trusting).invoice)
    assert all(invoice == facts() for invoice in proven)
    return bool(proven)


@st.composite
def rearranged(draw: st.DrawFn) -> bytes:
    """Return the document with some of its elements and texts left out, doubled or moved."""
    parts = list(pieces())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(parts) - 1))
        end = draw(st.integers(start, min(start + 60, len(parts))))
        moved = parts[start:end]
        if draw(st.booleans()):
            del parts[start:end]
        at = draw(st.integers(0, len(parts)))
        parts[at:at] = moved * draw(st.integers(0, 2))
    return b"".join(parts)


WORDS = st.sampled_from(
    b'Id ID URI "" sha384 sha1 ecdsa rsa hmac ds: xades: cbc:ID 2026 Invoice Signature Reference Algorithm 72.72 '
    b"enveloped-signature #Signed-Properties-1 &lt; <!----> <?x?> <!DOCTYPE \xef\xbb\xbf \0 &#0; &#x10FFFF; ]]>".split()
)


@FUZZ
@given(data=spoiled(st.just(None).map(lambda _: signed())))
def test_a_document_with_changed_bytes_proves_the_same_or_nothing(data):
    holds_or_is_refused(data)


@FUZZ
@given(data=rearranged())
def test_a_document_with_moved_elements_proves_the_same_or_nothing(data):
    holds_or_is_refused(data)


@FUZZ
@given(word=WORDS, instead=st.one_of(WORDS, st.binary(max_size=8)), times=st.integers(1, 4))
@example(word=b"&lt;", instead=b"<", times=1)
@example(word=b"cbc:ID", instead=b"cbc:UUID", times=4)
def test_a_document_with_other_words_proves_the_same_or_nothing(word, instead, times):
    holds_or_is_refused(signed().replace(word, instead, times))


@FUZZ
@given(
    base=st.sampled_from([b"MII", b"</ds:SignatureValue>", b"</ds:DigestValue>"]),
    noise=st.binary(min_size=1, max_size=6),
)
def test_a_signature_with_changed_values_proves_the_same_or_nothing(base, noise):
    holds_or_is_refused(signed().replace(base, noise.hex().encode() + base))


@FUZZ
@given(data=st.one_of(XML, st.binary()))
def test_what_is_no_signed_document_is_refused(data):
    assert not holds_or_is_refused(data)


def test_the_document_that_is_fuzzed_is_a_good_one():
    assert holds_or_is_refused(signed())


def test_the_most_elements_in_the_most_namespaces_take_time_in_proportion(bounded):
    """Canonical XML looks at every namespace at every element; the bounds are what keeps that small."""
    namespaces = "".join(f' xmlns:n{n}="urn:{n}"' for n in range(parsing.MOST_NAMESPACES - 8))
    crowd = f"<x{namespaces}>{'<x/>' * 50_000}</x>"
    content = signed().replace(b"<cbc:UBLVersionID>", crowd.encode() + b"<cbc:UBLVersionID>")

    with bounded(seconds=20, mebibytes=100), contextlib.suppress(SignatureError):
        verify(content, certificate=own_seal().pem)
