"""An archive of signed documents: fetched once, verified, found again, and never changed."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import json
import os
import stat
from datetime import date
from functools import partial
from unittest.mock import DEFAULT, Mock
from uuid import UUID

import pytest
from attrs import evolve

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    AuthenticationError,
    CreateEDocument,
    EDocumentFile,
    Propars,
    Resend,
    Sale,
    SendInvoice,
    blocking,
)
from kolay_invoice.archive import ArchiveError, Verdict, archive
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal, Row, State
from kolay_invoice.private_file import replace_private

MANIFEST = "manifest.json"


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


@pytest.fixture
async def propars(emulator):
    options = {"token": emulator.propars_token, "base_url": emulator.propars_url}
    async with AsyncPropars(max_attempts=1, **options) as client:
        yield client


@pytest.fixture
async def kolaybi(emulator):
    options = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    async with AsyncKolayBi(base_url=emulator.kolaybi_url, max_attempts=1, **options) as client:
        yield client


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


async def some_sent(emulator, propars, count=3):
    """Send the invoices of new sales; return them as the emulator has them."""
    codes = [emulator.add_sale(f"S-{number}").sale_code for number in range(count)]
    for code in codes:
        await propars.send_invoice(sale_code=code)
    return [emulator.sale(code).invoice for code in codes]


def fetched(emulator):
    return emulator.executions("get_signed_xml") + emulator.executions("get_e_document")


def manifest_of(folder):
    return {one["ettn"]: one for one in json.loads((folder / MANIFEST).read_bytes())["documents"]}


async def test_the_documents_of_a_range_of_days_are_saved_once_with_a_manifest(emulator, propars, folder):
    invoices = await some_sent(emulator, propars)
    since = date.today().isoformat()  # noqa: DTZ011 - the emulator's orders are of today.
    told = []

    report = await archive(propars, folder, since="2026-01-01" if since < "2026" else since, progress=told.append)
    again = await archive(propars, folder, since=since)

    year = str(invoices[0].issued_at.year)
    kept = manifest_of(folder)
    for invoice in invoices:
        content = (folder / year / f"{invoice.uuid}.xml").read_bytes()
        entry = kept[str(invoice.uuid)]
        assert content == invoice.signed_xml
        assert entry["files"]["xml"] == {
            "path": f"{year}/{invoice.uuid}.xml",
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
        }
        assert (entry["number"], entry["date"]) == (invoice.number, invoice.issued_at.date().isoformat())
        assert (entry["verdict"], entry["provider"]) == ("intact", "propars")
    assert (len(report.saved), report.present, report.is_complete, report.refuted) == (3, 0, True, ())
    assert (len(again.saved), again.present, again.is_complete) == (0, 3, True)
    assert fetched(emulator) == 3, "a second run fetches nothing"
    assert told[-1].saved == 3
    assert "Ayşe" not in (folder / MANIFEST).read_text(), "no buyer stands in the manifest"


async def test_files_and_folders_are_their_owners_alone(emulator, propars, folder):
    [invoice] = await some_sent(emulator, propars, 1)
    await archive(propars, folder, sales=["S-0"])

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
    assert modes == {
        "archive": 0o700,
        str(invoice.issued_at.year): 0o700,
        f"{invoice.uuid}.xml": 0o600,
        MANIFEST: 0o600,
        ".lock": 0o600,
    }


async def test_a_second_run_on_an_archive_ends_with_a_sentence_and_fetches_nothing(emulator, propars, folder):
    await some_sent(emulator, propars, 2)
    seconds = []

    async def second():
        with pytest.raises(ArchiveError, match=f"another run is writing to the archive {folder}"):
            await archive(propars, folder, sales=["S-1"])

    report = await archive(
        propars, folder, sales=["S-0"], progress=lambda _: seconds.append(asyncio.ensure_future(second()))
    )
    await asyncio.gather(*seconds)
    assert (len(report.saved), len(seconds), fetched(emulator)) == (1, 1, 1)
    assert (await archive(propars, folder, sales=["S-1"])).is_complete


async def test_an_archive_whose_file_system_has_no_locks_is_not_written_to(propars, folder, monkeypatch):
    def without_locks(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with pytest.raises(ArchiveError, match=r"\.lock cannot be written: No locks available"):
        await archive(propars, folder, sales=["S-0"])
    assert [path.name for path in folder.iterdir()] == [".lock"]


@pytest.mark.parametrize("named", ["sales", "ettn of the list"])
async def test_what_is_missing_is_fetched_again_and_what_was_changed_is_kept_and_told(emulator, propars, folder, named):
    gone, changed = await some_sent(emulator, propars, 2)
    asked = {"sales": ["S-0", "S-1"]} if named == "sales" else {"since": "2020-01-01"}
    await archive(propars, folder, **asked)
    paths = {one.uuid: folder / str(one.issued_at.year) / f"{one.uuid}.xml" for one in (gone, changed)}
    paths[gone.uuid].unlink()
    paths[changed.uuid].write_bytes(b"<other/>")

    report = await archive(propars, folder, **asked)

    assert [one.ettn for one in report.saved] == [gone.uuid]
    assert paths[gone.uuid].read_bytes() == gone.signed_xml
    [failure] = report.failures
    assert "was changed after it was archived" in failure.reason
    assert paths[changed.uuid].read_bytes() == b"<other/>"
    assert not report.is_complete


async def test_a_named_signer_verifies_and_another_signer_or_a_change_refutes(emulator, propars, folder, tmp_path):
    [invoice] = await some_sent(emulator, propars, 1)
    seal = tmp_path / "seal.pem"
    seal.write_bytes(emulator.signing_certificate)

    verified = await archive(propars, folder / "1", sales=["S-0"], certificate=seal)
    trusted = await archive(propars, folder / "2", sales=["S-0"], trust_store=emulator.signing_certificate)
    sale = emulator.sale("S-0")
    forged = invoice.signed_xml.replace("Ayşe".encode(), b"Fatma")
    emulator._app.propars.put(evolve(sale, invoice=evolve(invoice, signed_xml=forged)))
    refuted = await archive(propars, folder / "3", sales=["S-0"])

    assert [run.saved[0].verdict for run in (verified, trusted, refuted)] == [
        Verdict.VERIFIED,
        Verdict.REFUTED,
        Verdict.REFUTED,
    ]
    assert "nobody in the trust store" in trusted.saved[0].reason
    assert forged != invoice.signed_xml
    [kept] = refuted.refuted
    assert "not what was signed" in kept.reason
    assert (folder / "3" / kept.files["xml"].path).read_bytes() == forged, "it is evidence"


async def test_without_the_extra_nothing_is_checked_and_the_document_is_saved(emulator, propars, folder, monkeypatch):
    await some_sent(emulator, propars, 1)
    monkeypatch.setitem(__import__("sys").modules, "kolay_invoice.signed_xml.embedded", None)

    report = await archive(propars, folder, sales=["S-0"])

    assert [(one.verdict, "pip install" in one.reason) for one in report.saved] == [(Verdict.NOT_CHECKED, True)]


async def test_one_invoice_that_cannot_be_fetched_holds_up_no_other(emulator, propars, folder):
    await some_sent(emulator, propars, 2)
    emulator.add_sale("unsent")

    report = await archive(propars, folder, sales=["S-0", "unsent", "nowhere", "S-1"], concurrency=1)

    assert len(report.saved) == 2
    assert [failure.what[0] for failure in report.failures] == ["#", "#"], "a sale code stands in no report"
    assert "unsent" not in repr(report)
    assert set(manifest_of(folder)) == {str(one.ettn) for one in report.saved}


async def test_another_invoice_than_the_one_asked_for_is_not_saved(emulator, propars, folder):
    await some_sent(emulator, propars, 1)
    emulator.fault("get_signed_xml", "wrong-echo")

    report = await archive(propars, folder, since="2020-01-01")

    assert "the document that came is the invoice" in report.failures[0].reason
    assert list(folder.rglob("*.xml")) == []


async def test_after_a_cancellation_the_new_invoice_of_a_sale_is_fetched_too(emulator, propars, folder):
    [old] = await some_sent(emulator, propars, 1)
    await archive(propars, folder, since="2020-01-01")
    await propars.cancel_invoice(sale_code="S-0")
    await propars.send_invoice(sale_code="S-0")

    await archive(propars, folder, since="2020-01-01")

    assert set(manifest_of(folder)) == {str(old.uuid), str(emulator.sale("S-0").invoice.uuid)}


async def test_the_sends_of_a_journal_are_archived(emulator, propars, kolaybi, folder, tmp_path):
    emulator.add_sale("S-0")
    document = emulator.add_document().document_id
    async with Journal.open(f"sqlite:///{tmp_path}/sends.db") as journal:
        await journal.run(propars, [SendInvoice(sale_code="S-0")])
        await journal.run(kolaybi, [CreateEDocument(document)])
        of_propars = await archive(propars, folder, rows=journal.rows())
        of_kolaybi = await archive(kolaybi, folder, rows=[row async for row in journal.rows()])

    assert [one.ettn for one in of_propars.saved] == [emulator.sale("S-0").invoice.uuid]
    assert [one.ettn for one in of_kolaybi.saved] == [emulator.documents[document].uuid]
    assert {one["provider"] for one in manifest_of(folder).values()} == {"propars", "kolaybi"}


OFFICIAL = UUID("5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20")


async def test_kolaybi_gives_the_xml_and_the_pdf(emulator, kolaybi, folder):
    report = await archive(kolaybi, folder, ettns=[str(OFFICIAL)], certificate=emulator.signing_certificate)

    [kept] = report.saved
    assert (kept.ettn, kept.number, kept.verdict) == (OFFICIAL, "HDB2024000000020", Verdict.VERIFIED)
    assert sorted(kept.files) == ["pdf", "xml"]
    assert (folder / kept.files["pdf"].path).read_bytes().startswith(b"%PDF-")
    assert (await archive(kolaybi, folder, ettns=[OFFICIAL])).present == 1


async def test_without_the_undocumented_xml_the_pdf_of_kolaybi_is_kept(emulator, kolaybi, folder):
    emulator.fault("get_e_document", "500")

    report = await archive(kolaybi, folder, ettns=[OFFICIAL])

    [kept] = report.saved
    assert (kept.verdict, kept.date, list(kept.files)) == (Verdict.NOT_CHECKED, None, ["pdf"])
    assert kept.files["pdf"].path == f"undated/{OFFICIAL}.pdf", "nothing said its year"
    assert "500" in kept.reason


async def test_the_invoices_of_a_company_or_of_all_companies_are_listed(emulator, kolaybi, folder):
    one = await archive(kolaybi, folder, since="2020-01-01", until="2024-12-31", company_id=5)
    every = await archive(kolaybi, folder, since="2020-01-01", until="2024-12-31")

    official = [d for d in emulator.documents.values() if d.uuid and d.no and d.direction == "outbound"]
    told = {str(kept.ettn) for kept in one.saved} | {failure.what for failure in one.failures}
    assert told == {str(d.uuid) for d in official if d.company_id == 5}
    assert every.present == len(one.saved)


async def test_an_account_that_is_refused_ends_the_run_and_keeps_what_was_saved(emulator, propars, folder):
    await some_sent(emulator, propars, 2)

    def expire(_progress):
        emulator.expire_tokens()

    with pytest.raises(AuthenticationError):
        await archive(propars, folder, sales=["S-0", "S-1"], concurrency=1, progress=expire)

    assert len(manifest_of(folder)) == 1


async def test_an_interrupted_run_leaves_a_manifest_and_goes_on(emulator, propars, folder):
    await some_sent(emulator, propars, 3)
    first = asyncio.Event()
    run = asyncio.create_task(
        archive(propars, folder, since="2020-01-01", concurrency=1, progress=lambda _: first.set())
    )
    await first.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run

    kept = len(manifest_of(folder))
    report = await archive(propars, folder, since="2020-01-01")

    assert 1 <= kept < 3
    assert (report.present, len(report.saved)) == (kept, 3 - kept)


async def test_a_sale_that_is_asked_for_in_two_ways_is_fetched_once(emulator, propars, folder):
    await some_sent(emulator, propars, 1)
    sale_id = emulator.sale("S-0").sale_id

    assert len((await archive(propars, folder, sales=["S-0", "S-0"])).saved) == 1
    assert (await archive(propars, folder, since="2020-01-01")).present == 1
    assert (await archive(propars, folder, sales=[sale_id])).present == 1

    assert emulator.executions("get_signed_xml") == 1


async def rows_of(*sales):
    for sale in sales:
        yield sale


async def test_a_listed_sale_is_asked_for_by_what_it_shows(emulator, propars, folder, monkeypatch):
    [invoice] = await some_sent(emulator, propars, 1)
    rows = rows_of(Sale(sale_id=7, invoice_sent=False), Sale(sale_code="S-0"), Sale(invoice_id=invoice.id))
    monkeypatch.setattr(propars, "iter_sales", lambda **_filters: rows)

    report = await archive(propars, folder, since="2020-01-01", concurrency=1)

    assert (len(report.saved), report.failures) == (2, ())
    monkeypatch.setattr(propars, "iter_sales", lambda **_filters: rows_of(Sale()))
    with pytest.raises(ArchiveError, match="names no sale"):
        await archive(propars, folder, since="2020-01-01")


async def test_a_send_that_a_person_settled_is_asked_for_by_its_sale(emulator, propars, kolaybi, folder):
    await some_sent(emulator, propars, 1)
    row = Row(1, "key", "propars", propars.account, "send_invoice", SendInvoice(sale_code="S-0"), "{}", State.DONE, 1)
    of_kolaybi = evolve(row, provider="kolaybi", operation="resend", request=Resend(18))

    assert len((await archive(propars, folder, rows=[row, evolve(row, account="other")])).saved) == 1
    assert (await archive(kolaybi, folder, rows=[row, of_kolaybi])).saved == (), "its ETTN is not known"


async def test_what_comes_as_neither_xml_nor_pdf_is_not_saved(kolaybi, folder, monkeypatch):
    async def fetch(kind, _uuid, **_options):
        return EDocumentFile(b"<no-invoice/>", f"application/{kind}")

    monkeypatch.setattr(kolaybi, "get_e_document_xml", partial(fetch, "xml"))
    monkeypatch.setattr(kolaybi, "get_e_document", partial(fetch, "xml"))

    report = await archive(kolaybi, folder, ettns=[OFFICIAL])

    assert "no UBL invoice" in report.failures[0].reason


async def test_an_account_that_is_refused_ends_the_run_at_kolaybi_too(emulator, kolaybi, folder):
    emulator.expire_tokens()

    with pytest.raises(AuthenticationError):
        await archive(kolaybi, folder, ettns=[OFFICIAL])


async def test_another_document_under_the_name_is_kept(emulator, propars, folder):
    [invoice] = await some_sent(emulator, propars, 1)
    path = folder / str(invoice.issued_at.year) / f"{invoice.uuid}.xml"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"another")

    report = await archive(propars, folder, sales=["S-0"])

    assert "holds another document" in report.failures[0].reason
    assert path.read_bytes() == b"another"


@pytest.mark.parametrize("place", ["archiver.save_new", "manifest.replace_private"])
async def test_a_full_disk_ends_the_run(emulator, propars, folder, monkeypatch, place):
    await some_sent(emulator, propars, 2)
    monkeypatch.setattr("kolay_invoice.archive.archiver._SAVED_AT_ONCE", 1)
    monkeypatch.setattr(f"kolay_invoice.archive.{place}", Mock(side_effect=OSError(errno.ENOSPC, "No space left")))

    with pytest.raises(ArchiveError, match="cannot be written: No space left"):
        await archive(propars, folder, since="2020-01-01")


async def test_a_manifest_that_could_not_be_written_is_written_again_at_the_end(emulator, propars, folder, monkeypatch):
    await some_sent(emulator, propars, 1)
    monkeypatch.setattr("kolay_invoice.archive.archiver._SAVED_AT_ONCE", 1)
    write = Mock(side_effect=[OSError(errno.ENOSPC, "No space left"), DEFAULT], wraps=replace_private)
    monkeypatch.setattr("kolay_invoice.archive.manifest.replace_private", write)

    with pytest.raises(ArchiveError, match=f"{MANIFEST} cannot be written: No space left"):
        await archive(propars, folder, sales=["S-0"])

    assert len(manifest_of(folder)) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "it is no manifest, or is cut"),
        (b'{"format": "kolay-invoice archive 9", "documents": []}', "another version"),
        (None, "can be changed by others"),
    ],
)
async def test_a_manifest_that_cannot_be_read_ends_the_run_before_anything_is_fetched(
    emulator, propars, folder, content, reason
):
    folder.mkdir()
    (folder / MANIFEST).write_bytes(content or b"{}")
    (folder / MANIFEST).chmod(0o600 if content else 0o666)

    with pytest.raises(ArchiveError, match=reason):
        await archive(propars, folder, sales=["S-0"])
    assert emulator.requests == []


async def test_a_folder_that_cannot_be_written_is_told(emulator, propars, folder):
    await some_sent(emulator, propars, 1)
    folder.write_text("a file")

    with pytest.raises(ArchiveError, match="cannot be written"):
        await archive(propars, folder, sales=["S-0"])
    year = folder.with_name("other") / str(emulator.sale("S-0").invoice.issued_at.year)
    year.parent.mkdir()
    year.write_text("a file")
    with pytest.raises(ArchiveError, match="cannot be written"):
        await archive(propars, year.parent, sales=["S-0"])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "give exactly one of since, sales, ettns, rows"),
        ({"since": "2026-01-01", "sales": ["x"]}, "give exactly one of"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "since must not be greater than until"),
        ({"ettns": [OFFICIAL]}, "ettns has no meaning for propars"),
        ({"sales": "S-0"}, "sales must be a list"),
        ({"sales": [""]}, "sale_code"),
        ({"sales": ["x"], "concurrency": 0}, "concurrency must be a whole number from 1 to 64"),
        ({"sales": ["x"], "certificate": b"x", "trust_store": b"x"}, "give at most one of certificate, trust_store"),
        ({"sales": ["x"], "certificate": b"x"}, "certificate"),
        ({"sales": ["x"], "trust_store": b"x"}, "trust_store"),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_fetched(emulator, propars, folder, options, named):
    with pytest.raises((TypeError, ValueError), match=named):
        await archive(propars, folder, **options)
    assert emulator.requests == []
    assert not os.path.exists(folder)  # noqa: ASYNC240, PTH110 - a look at a local file.


def test_the_blocking_twin_archives_too(emulator, folder):
    emulator.add_sale("S-0")
    with Propars(token=emulator.propars_token, base_url=emulator.propars_url) as client:
        client.send_invoice(sale_code="S-0")
        report = blocking.archive(client, os.fspath(folder), sales=["S-0"])

    assert [one.verdict for one in report.saved] == [Verdict.INTACT]
    with pytest.raises(AttributeError, match="no attribute 'shelf'"):
        blocking.shelf  # noqa: B018
