"""The READMEs' examples run, and both languages show the same ones."""

import asyncio
import re
from hashlib import sha256
from pathlib import Path

import pytest

from kolay_invoice import OutcomeUnknownError, Propars

ROOT = Path(__file__).resolve().parent.parent
READMES = ["README.md", "README.tr.md"]

# The wheel is tested away from the sources, where there is nothing to read.
pytestmark = pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="the READMEs are not beside these tests")


def blocks(readme, language):
    return re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / readme).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


@pytest.fixture
def environment(emulator, monkeypatch):
    monkeypatch.setenv("KOLAYBI_CHANNEL", emulator.kolaybi_channel)
    monkeypatch.setenv("KOLAYBI_API_KEY", emulator.kolaybi_api_key)
    monkeypatch.setenv("KOLAYBI_BASE_URL", emulator.kolaybi_url)
    monkeypatch.delenv("KOLAYBI_ACCESS_TOKEN", raising=False)


@pytest.mark.parametrize("readme", READMES)
def test_the_web_service_example_sends_once_and_says_so(readme, environment, emulator):
    example: dict = {}
    exec(blocks(readme, "python")[0], example)

    async def served():
        try:
            return [await example["send"](1), await example["send"](1)]
        finally:
            await example["kolaybi"].aclose()

    first, second = asyncio.run(served())
    uuid = str(emulator.documents[1].uuid)
    assert uuid in first
    # A refusal names where to look, and no ETTN.
    assert uuid not in second
    assert emulator.executions("create_e_document", 1) == 1


@pytest.mark.parametrize("readme", READMES)
def test_the_worker_example_prints_every_answer_though_one_fails(readme, environment, emulator, capsys):
    example: dict = {}
    exec(blocks(readme, "python")[1], example)
    emulator.fault("create_e_document", "drop-after")
    numbers = [emulator.add_document().document_id for _ in range(20)]
    asyncio.run(example["send_all"](numbers))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(numbers)
    assert sum("may have happened" in line for line in lines) == 1
    assert sum("ETTN" in line for line in lines) == len(numbers) - 1
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * len(numbers)


@pytest.mark.parametrize("readme", READMES)
def test_the_batch_example_goes_on_where_it_stopped(readme, environment, emulator, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    example: dict = {}
    exec(blocks(readme, "python")[2], example)
    numbers = [emulator.add_document().document_id for _ in range(5)]
    for _ in range(2):
        asyncio.run(example["send_night"](numbers))
    assert capsys.readouterr().out.splitlines() == ["{'done': 5}", "{'done': 5}"]
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 5


@pytest.mark.parametrize("readme", READMES)
def test_the_blocking_example_lists_invoices(readme, environment, emulator, capsys):
    exec(blocks(readme, "python")[3], {})
    assert "HDB2024000000020 5b2f7f0e-0c55-4f0e-8a51-6a3d5f7f7d20 250.10 eur" in capsys.readouterr().out


@pytest.mark.parametrize("page", ["docs/observing.md", "docs/observing.tr.md"])
def test_the_example_of_events_tells_what_is_unknown(page, environment, emulator, capsys):
    example: dict = {}
    exec(next(block for block in blocks(page, "python") if "on_event=watch" in block), example)
    emulator.fault("create_e_document", "drop-after")

    async def sent():
        async with example["kolaybi"] as kolaybi:
            with pytest.raises(OutcomeUnknownError):
                await kolaybi.create_e_document(1)
            await kolaybi.create_e_document(emulator.add_document().document_id)

    asyncio.run(sent())
    (line,) = capsys.readouterr().out.splitlines()
    assert "kolaybi.create_e_document" in line


@pytest.mark.parametrize("page", ["docs/documents.md", "docs/documents.tr.md"])
def test_the_signed_document_example_proves_and_keeps_it(page, emulator, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROPARS_TOKEN", emulator.propars_token)
    monkeypatch.setenv("PROPARS_BASE_URL", emulator.propars_url)
    Path("seal.pem").write_bytes(emulator.signing_certificate)
    with Propars.from_env() as propars:
        propars.send_invoice(sale_code="abc123")
    example = next(block for block in blocks(page, "python") if "signed_xml" in block)
    exec(example, {})
    facts, digest = capsys.readouterr().out.splitlines()
    invoice = emulator.sale("abc123").invoice
    assert facts.startswith(f"{invoice.number} 120.00 ")
    assert sha256(Path(f"{invoice.uuid}.xml").read_bytes()).hexdigest() == digest


def test_both_readmes_give_the_same_lines_to_copy():
    english, turkish = (blocks(readme, "sh") for readme in READMES)
    assert sorted(english) == sorted(turkish)
    assert sorted(block.count("\n") for block in english) == [1, 1, 3]


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_fits_into_200_lines_and_its_links_lead_to_files(readme):
    text = (ROOT / readme).read_text(encoding="utf-8")
    assert text.count("\n") <= 200
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / link).exists()] == []
    assert len(links) > 20
