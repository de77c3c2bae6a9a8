"""A document is shown by its own design, which may do nothing else and not for long."""

from __future__ import annotations

import resource
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kolay_invoice.propars import preview
from kolay_invoice.signed_xml import (
    ApplicationResponse,
    RenderingError,
    RenderingLimitError,
    RenderLimits,
    TamperedError,
    UblInvoice,
    design_process,
    render,
    rendering,
)

from .designs import PLAIN, as_bytes, design, hostile, nested_loops, with_design, with_doctype
from .documents import CUSTOMER, NUMBER, SUPPLIER, invoice
from .kinds import application_response
from .signer import Signing, own_seal

SMALL = RenderLimits(cpu_seconds=1, wall_seconds=4, memory=400 << 20, page=1 << 20)


@pytest.fixture(scope="module")
def shown() -> rendering.Rendering:
    return render(Signing().sign(with_design(PLAIN)), certificate=own_seal().pem)


def apply(text: str | bytes, limits: RenderLimits = SMALL) -> str:
    return render(with_design(text).encode(), unverified=True, limits=limits).html


def test_a_document_is_shown_by_its_own_design_once_it_is_verified(shown):
    assert "<p>Ödenecek: 72.72</p>" in shown.html
    assert shown.verified is not None
    assert shown.document is shown.verified.document
    assert "Ödenecek" not in repr(shown)


def test_a_document_that_was_changed_is_not_shown():
    signed = Signing().sign(with_design(PLAIN)).replace(b">72.72<", b">72.73<")

    with pytest.raises(TamperedError):
        render(signed, certificate=own_seal().pem)
    with pytest.raises(TamperedError):
        render(signed, trust_store=own_seal().pem)
    assert "72.73" in render(signed, unverified=True).html


@pytest.mark.parametrize(
    "given", [{}, {"unverified": True, "certificate": b""}, {"certificate": b"", "trust_store": b""}]
)
def test_it_has_to_be_said_who_may_have_signed(given):
    with pytest.raises(ValueError, match="exactly one of certificate, trust_store, unverified"):
        render(b"", **given)


def test_the_facts_of_the_document_stand_beside_the_page(shown, tmp_path):
    facts = dict(shown.facts)

    assert facts["Belge no"] == NUMBER
    assert facts["Ödenecek"] == "72.72 TRY"
    assert (facts["Düzenleyen"], facts["Mühür"]) == (SUPPLIER, SUPPLIER)
    page = shown.save(tmp_path / "a.html").read_text("ascii")
    assert page.index(NUMBER) < page.index("<iframe")
    assert "Fatura No" not in page, "the design's page is in the frame"
    opened = []
    assert shown.show(tmp_path / "b.html", open_address=lambda address: opened.append(address) or True).exists()
    assert len(opened) == 1


def test_the_facts_say_what_was_not_verified_and_what_does_not_add_up():
    text = with_design(PLAIN).replace(">72.72</cbc:PayableAmount>", ">99.99</cbc:PayableAmount>")

    facts = dict(render(text.encode(), unverified=True).facts)

    assert (facts["İmza"], facts["Uymayan tutar"]) == ("doğrulanmadı", "totals.payable")
    assert "Mühür" not in facts


def test_a_response_is_shown_between_its_sender_and_receiver():
    shown = rendering.Rendering(html="", document=rendering.read(application_response().encode()), verified=None)

    assert isinstance(shown.document, ApplicationResponse)
    assert dict(shown.facts)["Gönderen"] == "Alıcı Ltd."


def test_a_pdf_has_the_facts_too(shown, tmp_path, monkeypatch):
    printed = []
    monkeypatch.setattr(preview, "find_program", lambda _: "chromium")
    monkeypatch.setattr(
        preview, "_print", lambda _, source, target, __: printed.append(source.read_text("utf-8-sig")) or target.touch()
    )

    shown.write_pdf(tmp_path / "a.pdf")

    assert printed[0].startswith('<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"')
    assert printed[0].index(CUSTOMER[0]) < printed[0].index("Fatura No")


@pytest.mark.parametrize("designs", [(), (PLAIN, PLAIN)], ids=["none", "two"])
def test_a_document_without_one_design_is_not_shown(designs, refused):
    said = refused(RenderingError, with_design(*designs).encode(), render, unverified=True)

    assert ("no design" if not designs else "more than one") in said


def test_a_design_that_cannot_be_decoded_is_none(refused):
    text = with_design(PLAIN).replace('filename="tasarim.xslt">', 'filename="tasarim.xslt">?')

    refused(RenderingError, text.encode(), render, unverified=True)


def test_entities_of_the_design_itself_and_its_character_set_are_known():
    text = with_doctype('<!DOCTYPE xsl:stylesheet [<!ENTITY lira "&#8378;">]>', "<p>Şirket &lira;</p>")

    assert "<p>Şirket ₺</p>" in apply(text)
    assert "<p>Şirket</p>" in apply(design("<p>Şirket</p>").replace("UTF-8", "windows-1254").encode("cp1254"))


@pytest.fixture
def children(monkeypatch):
    """Every process that is started, with what it inherits."""
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *given, **options):
            super().__init__(*given, **options)
            started.append((self, options))

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return started


def test_no_hostile_design_reads_writes_asks_or_stays(tmp_path, children, monkeypatch):
    monkeypatch.setenv("KOLAYBI_API_KEY", "TOP-SECRET-KEY")
    secret, new = tmp_path / "secret.xml", tmp_path / "new"
    secret.write_text("<s>TOP-SECRET</s>")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        designs = hostile(secret.as_uri(), f"http://127.0.0.1:{server.getsockname()[1]}/x.xml", new.as_uri())

        def outcome(text):
            try:
                return rendering._apply(as_bytes(text), invoice().encode(), SMALL)
            except RenderingError as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            outcomes = dict(zip(designs, pool.map(outcome, designs.values()), strict=True))
        with pytest.raises(BlockingIOError):
            server.accept()

    assert len(designs) >= 40
    assert [name for name, told in outcomes.items() if "TOP-SECRET" in str(told)] == []
    assert [path.name for path in tmp_path.iterdir()] == ["secret.xml"]
    assert all(child.returncode is not None and "KOLAYBI_API_KEY" not in options["env"] for child, options in children)
    assert len(children) == len(designs)
    harmless = {"XInclude of a file", "XInclude of a host", "xalan:write", "dyn:evaluate", "a text that is padded"}
    harmless |= {"a number format without end"}
    assert {name for name, told in outcomes.items() if isinstance(told, str)} <= harmless


LIMITS = {
    "bytes": (nested_loops(1), RenderLimits(page=10), "larger than"),
    "CPU": (nested_loops(6), RenderLimits(cpu_seconds=1), "did not end within 1 seconds"),
    "time": (nested_loops(6), RenderLimits(wall_seconds=0.6), "did not end"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_design_that_uses_too_much_is_ended(name, children):
    inside, limits, said = LIMITS[name]

    with pytest.raises(RenderingLimitError, match=said):
        apply(design(inside), limits)

    ((child, _),) = children
    assert child.returncode is not None
    assert (child.returncode == -signal.SIGKILL) or name in {"bytes", "CPU"}


def test_where_a_process_cannot_be_limited_nothing_is_rendered(monkeypatch):
    monkeypatch.setitem(sys.modules, "kolay_invoice.signed_xml.design_process", None)
    monkeypatch.delattr("kolay_invoice.signed_xml.design_process")

    with pytest.raises(RenderingError, match="only where the system can limit a process"):
        apply(PLAIN)


def test_a_process_without_memory_says_so():
    assert "more memory than 768 MiB" in str(rendering._to_error(design_process.OUT_OF_MEMORY, RenderLimits()))


def test_the_process_bounds_itself_before_the_design_runs(monkeypatch):
    bounds = {}
    monkeypatch.setattr(resource, "setrlimit", lambda which, pair: bounds.update({which: pair}))
    lower = {resource.RLIMIT_AS: 2}
    monkeypatch.setattr(resource, "getrlimit", lambda which: (0, lower.get(which, resource.RLIM_INFINITY)))

    design_process.limit(2, 3)
    design_process.close()

    assert bounds == {
        resource.RLIMIT_CPU: (2, 2),
        resource.RLIMIT_AS: (2, 2),
        **dict.fromkeys((resource.RLIMIT_CORE, resource.RLIMIT_FSIZE), (0, 0)),
        **dict.fromkeys((resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC), (0, 0)),
    }


def test_the_page_is_in_utf8_whatever_the_design_asks_for():
    trees = design_process.parse(design("<p>ş</p>", encoding="iso-8859-9").encode(), invoice().encode())

    assert "<p>ş</p>" in design_process.transform(*trees).decode()
    assert isinstance(rendering.read(with_design(PLAIN).encode()), UblInvoice)
    assert Path(rendering._PROGRAM) == Path(design_process.__file__)
