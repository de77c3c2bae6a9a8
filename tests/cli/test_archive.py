"""`kolay-invoice archive`: the report, the exit codes, and what is said when something is missing."""

from __future__ import annotations

import json

import pytest

from kolay_invoice import Propars
from kolay_invoice.cli import archiving, output


@pytest.fixture
def sent(emulated):
    """Send the invoice of a sale; return it."""
    with Propars(token=emulated.propars_token, base_url=emulated.propars_url) as client:
        client.send_invoice(sale_code="abc123")
    return emulated.sale("abc123").invoice


def test_documents_are_archived_with_a_report_and_found_there_again(kolay, emulated, sent, tmp_path):
    folder = tmp_path / "archive"
    command = ("archive", "propars", folder, "--since", "2020-01-01")

    code, out, _ = kolay(*command)
    assert code == 0
    assert "1 document was saved in" in out
    assert "1  intact, signer not checked" in out
    assert (folder / str(sent.issued_at.year) / f"{sent.uuid}.xml").read_bytes() == sent.signed_xml

    code, out, _ = kolay(*command, "--json")
    document = json.loads(out)
    assert (code, document["present"], document["saved"], document["complete"]) == (0, 1, [], True)
    assert "1 were there already, whole" in kolay(*command)[1]
    assert emulated.executions("get_signed_xml") == 1


def test_what_is_not_fetched_or_not_what_was_signed_ends_with_1(kolay, emulated, sent, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(emulated.signing_certificate)
    emulated.add_sale("forged")
    with Propars(token=emulated.propars_token, base_url=emulated.propars_url) as client:
        client.send_invoice(sale_code="forged")
    codes = [part for code in ("abc123", "nowhere") for part in ("--sale-code", code)]

    code, out, _ = kolay("archive", "propars", tmp_path / "a", *codes, "--certificate", other)
    assert code == 1
    assert "1  verified by a trusted signer" in out
    assert "1 are not in the archive as they should be; run it again later:" in out
    assert "nowhere" not in out

    code, out, _ = kolay("archive", "propars", tmp_path / "b", "--sale-id", 1001, "--trust-store", other, "--json")
    document = json.loads(out)
    assert (code, document["verdicts"]["refuted"], document["complete"]) == (1, 1, True)
    code, out, _ = kolay("archive", "propars", tmp_path / "c", "--sale-id", 1001, "--trust-store", other)
    assert (code, f"  {sent.uuid}: Nobody in the trust store" in out) == (1, True)


def test_the_sends_of_a_journal_are_archived_by_the_command_too(kolay, emulated, place, tmp_path):
    (place / "sends.csv").write_text("operation,document_id\ncreate-e-document,1\n")
    assert kolay("batch", "run", "sends.csv", "--journal", "sqlite:///sends.db", "--yes")[0] == 0

    code, out, _ = kolay("archive", "kolaybi", tmp_path / "archive", "--journal", "sqlite:///sends.db")

    assert code == 0
    assert "1 document was saved" in out
    assert sorted(path.suffix for path in (tmp_path / "archive").rglob("*.*")) == ["", ".json", ".pdf", ".xml"]


def test_the_trust_store_of_the_profile_judges_the_archive(kolay, emulated, sent, tmp_path):
    store = tmp_path / "trusted.pem"
    store.write_bytes(emulated.signing_certificate)
    assert kolay("config", "set", "xml.trust_store", store)[0] == 0

    code, out, _ = kolay("archive", "propars", tmp_path / "a", "--sale-id", 1001, "--json")
    assert (code, json.loads(out)["verdicts"]["refuted"]) == (1, 1)
    named = ("--certificate", store)
    code, out, _ = kolay("archive", "propars", tmp_path / "b", "--sale-id", 1001, *named, "--json")
    assert (code, json.loads(out)["verdicts"]["verified"]) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "Give exactly one of since, sales, ettns, rows."),
        (("--ettn", "5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20"), "has no meaning for propars"),
        (("--since", "2026-13-01"), "must be an existing day"),
        (("--since", "2026-01-01", "--trust-store", "none.pem"), "none.pem"),
        (("--journal", "sqlite:///none.db"), "none.db"),
        (("--sale-code", "x", "--concurrency", "65"), "must be a whole number from 1 to 64"),
    ],
)
def test_a_wrong_argument_is_told_and_nothing_is_fetched(kolay, emulated, tmp_path, monkeypatch, arguments, named):
    monkeypatch.chdir(tmp_path)

    code, _, err = kolay("archive", "propars", tmp_path / "archive", *arguments)

    assert code != 0
    assert named in err
    assert "Nothing was" in err
    assert emulated.requests == []


def test_a_manifest_that_cannot_be_read_is_told(kolay, emulated, tmp_path):
    (tmp_path / "manifest.json").write_text("{")

    code, _, err = kolay("archive", "propars", tmp_path, "--since", "2026-01-01")

    assert (code, "it is no manifest, or is cut" in err) == (2, True)


def test_an_interruption_says_that_the_archive_keeps_what_was_fetched(kolay, emulated, tmp_path, monkeypatch):
    async def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(archiving, "archive", interrupted)

    code, _, err = kolay("archive", "kolaybi", tmp_path / "a", "--since", "2026-01-01", "--inbound")

    assert (code, "What was fetched is in the archive" in err) == (130, True)


def test_on_a_terminal_it_counts_and_many_failures_are_shortened(kolay, emulated, tmp_path, monkeypatch):
    terminal = output.stderr()
    monkeypatch.setattr(terminal, "_force_terminal", True)
    monkeypatch.setattr(output, "stderr", lambda: terminal)
    ids = [part for number in range(70_000, 70_022) for part in ("--sale-id", number)]

    code, out, err = kolay("archive", "propars", tmp_path / "archive", *ids)

    assert code == 1
    assert "and 2 more" in out
    assert "22 not fetched" in err
