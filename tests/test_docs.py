"""The documentation site builds strictly, alike in both languages; its code runs; reading it needs no other host."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from attrs import frozen
from lxml import html

import kolay_invoice
from kolay_invoice import Propars, archive, events, flows, journal, signed_xml
from kolay_invoice import emulator as emulated
from kolay_invoice.contrib import opentelemetry, procrastinate
from kolay_invoice.contrib import pytest as fixtures
from kolay_invoice.propars import preview

from . import browser

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PLUGIN = ("-p", "no:kolay_invoice", "-p", "kolay_invoice.contrib.pytest", "-p", "no:cacheprovider")

# The wheel is tested away from the sources, where there is nothing to read.
pytestmark = [
    pytest.mark.skipif(not (ROOT / "mkdocs.yml").exists(), reason="the documentation is not beside these tests"),
    pytest.mark.timeout(180),
]

ENGLISH = sorted(
    path.relative_to(DOCS).as_posix().removesuffix(".md")
    for path in DOCS.rglob("*.md")
    if not path.name.endswith(".tr.md")
)
LANGUAGES = ["en", "tr"]

# The rooms whose names are public.
ROOMS = [
    *(kolay_invoice, journal, flows, signed_xml, archive, emulated, events, preview),
    *(opentelemetry, procrastinate, fixtures),
]

# What the emulator of the environment has executed when a page's code has run. Pages that start an emulator of their
# own print its counts.
EXECUTED = {
    "use": {"create_e_document": 1, "invoice_html_for_sale": 1, "send_invoice": 1},
    "errors": {"create_e_document": 1},
    "at-most-once": {},
    "documents": {"send_invoice": 1, "get_signed_xml": 2, "invoice_html_for_sale": 1},
    "migration": {"create_e_document": 2, "resend": 1, "proceed": 2, "send_invoice": 2},
    "command": {"create_e_document": 1, "resend": 1, "send_invoice": 2},
}

# Lines of shell blocks that are not run here, by a part of them, and why.
NOT_RUN = {
    "python3 -m venv": "it installs; .ci/run runs this very line",
    "python -m pytest tests -n 0": "it writes the page; tests/faults/test_every_row.py runs it",
    "kolay-invoice emulator": "it serves until Ctrl-C; tests/cli starts it",
    "--open": "it opens a person's browser",
    "config set xml.trust_store": "a person has fetched the issuers' certificates; tests/cli runs it",
    "xml render invoice.xml": "the emulator's documents carry no design; tests/cli runs it",
    "batch run invoices.csv": "it asks a person; the page of the command runs a batch with --yes",
    "batch status --journal sqlite:///sends.db": "it follows the line above; the page of the command runs it",
    "batch settle KEY": "KEY stands for a key that a person has read",
}


@frozen
class Block:
    """A block of code as a reader sees it."""

    language: str
    title: str | None
    code: str


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, built so that any warning fails."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def page_of(site, language, name):
    folder = site if language == "en" else site / language
    return folder / re.sub(r"(^|/)index$", r"\1", name) / "index.html"


def blocks_of(page):
    """Return the blocks of a built page, with everything that it includes from elsewhere."""
    found = []
    for block in html.parse(page, html.HTMLParser(encoding="utf-8")).iterfind(".//div[@class]"):
        language = re.fullmatch(r"language-(\w+) highlight", block.get("class"))
        if language:
            code = "".join(part.text_content() for part in block.iter("code"))
            found.append(Block(language[1], block.findtext("span[@class='filename']"), code))
    return found


def is_an_example(block):
    return (block.title or "").startswith("examples/")


def without_words(code):
    """Return what a program does, without its comments, texts and names of tests: they differ between languages."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name.startswith("test_"):
            node.name = "test"
    return ast.dump(tree)


@pytest.fixture
def place(emulator, monkeypatch, tmp_path):
    """An empty directory to work in, the emulator's accounts in the environment, and what the pages take as given."""
    for name in [name for name in os.environ if name.startswith(("KOLAYBI_", "PROPARS_", "KOLAY_INVOICE_"))]:
        monkeypatch.delenv(name)
    variables = {
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_ACCESS_TOKEN": emulator.kolaybi_access_token,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "KOLAYBI_COMPANY_ID": "5",
        "PROPARS_TOKEN": emulator.propars_token,
        "PROPARS_BASE_URL": emulator.propars_url,
        "KOLAY_INVOICE_CONFIG": str(tmp_path / "config.toml"),
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def a_document_to_send(emulator):
    emulator.add_document(19)


def a_signed_document(emulator):
    Path("seal.pem").write_bytes(emulator.signing_certificate)
    with Propars.from_env() as propars:
        propars.send_invoice(sale_code="abc123")


# What a page's reader has before its first line.
GIVEN = {
    "migration": [a_document_to_send],
    "documents": [a_signed_document],
    "command": [a_signed_document],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ENGLISH)
def test_the_code_of_a_page_runs_from_top_to_bottom(site, place, emulator, capsys, name, language):
    for given in GIVEN.get(name, []):
        given(emulator)
    reader: dict = {"__name__": "__main__"}
    printed = None
    checked = 0
    blocks = blocks_of(page_of(site, language, name))
    for block in blocks:
        if block.language == "python" and not block.title:
            exec(compile(block.code, f"{name} in {language}", "exec"), reader)
            printed = capsys.readouterr().out
        elif block.language == "output":
            wanted = re.escape(block.code.strip()).replace("…", "[^\n]*")
            assert re.fullmatch(wanted, printed.strip()), f"{block.code}\nis not what was printed:\n{printed}"
            checked += 1
        elif block.language == "sh":
            run_lines(block.code, place)
    happened = {operation: emulator.executions(operation) for operation in EXECUTED.get(name, {})}
    assert happened == EXECUTED.get(name, {})
    assert checked or happened or not any(block.language == "python" for block in blocks if not is_an_example(block))


@pytest.mark.parametrize("part", NOT_RUN)
def test_what_is_not_run_is_still_on_a_page(site, part):
    blocks = [block for name in ENGLISH for block in blocks_of(page_of(site, "en", name))]
    assert any(part in block.code for block in blocks if block.language == "sh")


def run_lines(lines, place):
    """Run the lines of a shell block that can be run, with `kolay-invoice` on the path."""
    program = place / "bin" / "kolay-invoice"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kolay_invoice.cli "$@"\n')
    program.chmod(0o755)
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "PYTHONPATH": paths}
    for line in lines.splitlines():
        if not any(part in line for part in NOT_RUN):
            done = subprocess.run(line, shell=True, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_test_file_on_the_page_about_testing_passes(site, tmp_path, language):
    (block,) = (block for block in blocks_of(page_of(site, language, "testing")) if block.title)
    (tmp_path / block.title).write_text(block.code)
    (tmp_path / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n")
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": paths, "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "pytest", *PLUGIN, block.title]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert f"{block.code.count('def test_')} passed" in run.stdout, run.stdout


@pytest.mark.parametrize("name", ENGLISH)
def test_every_page_is_there_in_turkish_with_the_same_code(site, name):
    assert (DOCS / f"{name}.tr.md").exists()
    english, turkish = (blocks_of(page_of(site, language, name)) for language in LANGUAGES)
    assert [(block.language, block.title) for block in english] == [(block.language, block.title) for block in turkish]
    for ours, theirs in zip(english, turkish, strict=True):
        if ours.language == "python":
            assert without_words(ours.code) == without_words(theirs.code)
        elif ours.language == "sh":
            assert ours.code == theirs.code


def test_an_example_on_a_page_is_its_file_and_has_a_test(site):
    others = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "examples").glob("*.py")]
    texts = {path: path.read_text(encoding="utf-8") for path in others}
    shown = {block for name in ENGLISH for block in blocks_of(page_of(site, "en", name)) if is_an_example(block)}
    for block in shown:
        file = ROOT / block.title
        assert block.code.strip() == file.read_text(encoding="utf-8").strip()
        assert any(file.stem in text for path, text in texts.items() if path != file), f"{file.name} is in no test"
    assert {Path(block.title).name for block in shown} == {path.name for path in (ROOT / "examples").glob("*.py")}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_public_name_is_in_the_reference(site, language, room):
    pages = [page_of(site, language, name) for name in ENGLISH if name.startswith("reference/")]
    described = {found for page in pages for found in html.parse(page).xpath("//@id")}
    defined_here = [name for name, value in vars(room).items() if getattr(value, "__module__", None) == room.__name__]
    public = [name for name in getattr(room, "__all__", defined_here) if not name.startswith(("_", "pytest_"))]
    assert public
    assert {f"{room.__name__}.{name}" for name in public} <= described


def test_no_page_shows_an_include_that_went_wrong(site):
    pages = [html.parse(page, html.HTMLParser(encoding="utf-8")) for page in site.rglob("index.html")]
    assert not [page.docinfo.URL for page in pages if re.search("{%|%}", page.find(".//article").text_content())]


def test_no_page_asks_another_host_for_anything(site):
    asked = []
    for page in site.rglob("*.html"):
        tree = html.parse(page, html.HTMLParser(encoding="utf-8"))
        asked += tree.xpath("//*[not(self::a)]/@src | //*[not(self::a)]/@href | //@srcset | //form/@action")
        asked += re.findall(r"url\(([^)]+)\)", page.read_text(encoding="utf-8"))
    for sheet in site.rglob("*.css"):
        asked += re.findall(r"url\(([^)]+)\)|@import ([^;]+)", sheet.read_text(encoding="utf-8"))
    assert asked
    assert not [address for address in map(str, asked) if re.match(r"""['"(]*(https?:)?//""", address)]


@browser.needs_chromium
async def test_a_browser_that_reads_and_searches_asks_this_machine_only(site, tmp_path):
    quiet = type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *arguments: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    try:
        async with browser.running(tmp_path / "network.json") as chromium:
            page = await chromium.new_page()
            errors = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            asked = []
            page.on("request", lambda request: asked.append(urlsplit(request.url).hostname))
            for path in ("/", "/tr/", "/use/", "/tr/reference/clients/"):
                await page.goto(here + path, wait_until="networkidle")
            await page.locator("input[name=query]").press_sequentially("tahsilat")
            await page.wait_for_selector(".md-search-result__item")
    finally:
        server.shutdown()
        server.server_close()
    assert errors == []
    assert set(asked) == {"127.0.0.1"}
    assert browser.hosts_in(tmp_path / "network.json") == {"127.0.0.1"}
