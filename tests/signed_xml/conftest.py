"""What the tests of signed documents share: who is trusted, and what every refusal has to look like."""

from __future__ import annotations

import shutil
import subprocess
import traceback
from collections.abc import Callable

import pytest

from kolay_invoice.messages import Message
from kolay_invoice.signed_xml import SignedXmlError, Verified, verify

from .documents import CUSTOMER, CUSTOMER_NUMBER, ITEM, STREET, SUPPLIER, SUPPLIER_NUMBER, invoice
from .signer import Seal, Signing, own_seal

PRIVATE = (*CUSTOMER, CUSTOMER_NUMBER, STREET, SUPPLIER, SUPPLIER_NUMBER, ITEM)


@pytest.fixture(scope="session")
def signed() -> bytes:
    """An invoice of two lines, signed as an integrator with an EC P-384 seal signs it."""
    return Signing().sign(invoice())


@pytest.fixture
def proven() -> Callable[..., Verified]:
    """Verify with the seal of the tests pinned."""
    return lambda content, **options: verify(content, **{"certificate": own_seal().pem, **options})


@pytest.fixture
def refused(proven: Callable[..., Verified]) -> Callable[..., str]:
    """Demand that a document is refused with exactly this error, which shows nothing of it; return what it says."""

    def refused(error: type[SignedXmlError], content: bytes, how: Callable[..., object] = proven, **options: object):
        with pytest.raises(error) as raised:
            how(content, **options)
        assert raised.type is error
        assert isinstance(raised.value.args[0], Message), "no other language can say it"
        shown = "".join(traceback.format_exception(raised.value))
        assert [private for private in PRIVATE if private in str(raised.value) + shown] == []
        return str(raised.value)

    return refused


@pytest.fixture
def is_valid_elsewhere(tmp_path):
    """Ask xmlsec1, which shares no code with signxml, whether a signature holds."""
    if shutil.which("xmlsec1") is None:
        pytest.skip("xmlsec1 is not installed")

    def is_valid(document: bytes, seal: Seal) -> bool:
        path, certificate = tmp_path / "signed.xml", tmp_path / "seal.pem"
        path.write_bytes(document)
        certificate.write_bytes(seal.pem)
        options = ("--enabled-key-data", "x509", "--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties")
        command = ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, *options, path]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    return is_valid
