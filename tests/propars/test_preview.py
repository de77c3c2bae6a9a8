"""Foreign HTML is shown, and does nothing: in a real Chromium, and beside a page that is not held back."""
# ruff: noqa: TID252 - the browser is everybody's.

from __future__ import annotations

import asyncio
import io
import os
import sys
import tempfile
from contextlib import AsyncExitStack

import pypdf
import pytest
import pytest_asyncio

from kolay_invoice import InvoiceHtml
from kolay_invoice.propars import preview

from ..browser import needs_chromium, running, sink

PATIENCE = 20

in_browser = pytest.mark.asyncio(loop_scope="module")

PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

# What a page may try by itself. Each is told where to send; a page that is not held back does.
TRIES = {
    "script": '<script>fetch("TO")</script>',
    "script from elsewhere": '<script src="TO"></script>',
    "onerror": """<img src="data:," onerror="fetch('TO')">""",
    "onload": """<body onload="fetch('TO')">""",
    "svg onload": """<svg onload="fetch('TO')"></svg>""",
    "javascript: frame": """<iframe src="javascript:fetch('TO')"></iframe>""",
    "image": '<img src="TO">',
    "image behind a broken comment": '<!--><img src="TO"><!-- -->',
    "background": '<div style="background: url(TO)">x</div>',
    "style sheet": '<link rel="stylesheet" href="TO">',
    "style sheet in capitals": '<LINK/REL="stylesheet" HREF="TO">',
    "imported style": '<style>@import "TO";</style>',
    "font": "<style>@font-face { font-family: x; src: url(TO) } p { font-family: x }</style><p>x</p>",
    "form": '<form action="TO" method="post"><input name="a"></form><script>document.forms[0].submit()</script>',
    "refresh": '<meta http-equiv="refresh" content="0; url=TO">',
    "refresh behind a base": '<base href="TO"><meta http-equiv="refresh" content="0; url=x">',
    "frame": '<iframe src="TO"></iframe>',
    "frame in a frame": '<iframe srcdoc="&lt;iframe src=TO&gt;&lt;/iframe&gt;"></iframe>',
    "frameset": '<frameset><frame src="TO"></frameset>',
    "object": '<object data="TO"></object>',
    "embed": '<embed src="TO">',
    "video": '<video src="TO" autoplay></video>',
    "svg image": '<svg><image href="TO"/></svg>',
    "prefetch": '<link rel="prefetch" href="TO">',
    "preconnect": '<link rel="preconnect" href="TO">',
    "preload": '<link rel="preload" as="image" href="TO">',
    "speculation": '<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["TO"], '
    '"eagerness": "immediate"}]}</script>',
}

# What a page may want to be clicked for.
BAITS = {
    "link": '<a href="TO">click</a>',
    "link to the whole window": '<a href="TO" target="_top">click</a>',
    "link to a new window": '<a href="TO" target="_blank">click</a>',
    "javascript: link": """<a href="javascript:location = 'TO'">click</a>""",
    "link on a map": '<img src="data:," width="90" height="90" usemap="#m" alt="click"><map name="m">'
    '<area href="TO" coords="0,0,90,90" alt="x"></map>',
    "link in a drawing": '<svg width="90" height="90"><a href="TO"><text y="50">click</text></a></svg>',
    "ping": '<a href="#x" ping="TO">click</a>',
    "download": '<a href="TO" download>click</a>',
    "form": '<form action="TO" method="post"><button>click</button></form>',
    "onclick": """<p onclick="fetch('TO')">click</p>""",
}

# Ways out of the place where the foreign text stands, and ways to have it read as something else.
ESCAPES = {
    "quotes": "\"'></iframe>BAD",
    "references": "&quot;&gt;&lt;/iframe&gt;BAD",
    "comment": "--></iframe>BAD<!--",
    "raw text": "</style></title></textarea></script></iframe>BAD",
    "policy": '<meta http-equiv="Content-Security-Policy" content="script-src *">BAD',
    "byte order marks": "\ufeff\ufffe\ufeffBAD",
    "another encoding": '<meta charset="utf-16"><meta charset="utf-7">+ADw-script+AD4-BAD',
    "escape sequences": "\x1b$BBAD\x1b(BBAD",
    "nul and half a pair": "\x00<\x00script>\ud800BAD\udfff",
    "plain text": "<plaintext>BAD",
}
BAD = """<script>fetch("TO")</script><img src="TO" onerror="fetch('TO')">"""
TRIES |= {f"escape by {name}": text.replace("BAD", BAD) for name, text in ESCAPES.items()}
# Bare, one shows its text and the other does nothing in a Chromium that is driven from outside: something else is their
# control.
WITHOUT_CONTROL = {"escape by plain text", "preconnect"}

INVOICE = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<html><head><title>EMU2026000000001</title><meta charset="windows-1254">
<style>h1 {{ color: rgb(200, 0, 0) }}</style><link rel="stylesheet" href="https://cdn.example/x.css"></head>
<body bgcolor="#eeeeff"><h1 style="margin: 30px">Şişli Ğıdâ &amp; Çay €</h1><img id="logo" src="{PIXEL}" width="40"
height="20"><script>document.write("RAN")</script><noscript>quiet</noscript><table border="1"><tr><td>1.234,50 TL
</table></body></html>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    async with running() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def tab(browser):
    """A function that opens a file in a tab of its own, with nothing of another one's."""
    async with AsyncExitStack() as stack:

        async def opened(path):
            context = await browser.new_context()
            stack.push_async_callback(context.close)
            page = await context.new_page()
            await page.goto(path.as_uri())
            return page

        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def sinks():
    """Where the held page would send, and where the other one does."""
    async with sink() as held, sink() as bare:
        yield held, bare


def bait_in(page):
    return page.get_by_text("click").or_(page.get_by_alt_text("click"))


@needs_chromium
@in_browser
@pytest.mark.parametrize("name", TRIES)
async def test_a_preview_runs_nothing_and_sends_nothing(name, tab, sinks, tmp_path):
    held, bare = sinks
    await tab(InvoiceHtml(TRIES[name].replace("TO", held.url)).save(tmp_path / "held.html"))
    control = tmp_path / "bare.html"
    text = BAD if name in WITHOUT_CONTROL else TRIES[name]
    control.write_text(text.replace("TO", bare.url), encoding="utf-8", errors="replace")
    await tab(control)

    # What the held page was going to send, it would have sent before the one that was opened after it.
    async with asyncio.timeout(PATIENCE):
        await bare.reached.wait()
    assert (held.connections, held.requests) == (0, [])


@needs_chromium
@in_browser
@pytest.mark.parametrize("name", BAITS)
async def test_clicking_in_a_preview_sends_nothing(name, tab, sinks, tmp_path):
    held, bare = sinks
    page = await tab(InvoiceHtml(BAITS[name].replace("TO", held.url)).save(tmp_path / "held.html"))
    await bait_in(page.frame_locator("iframe")).click(no_wait_after=True)
    control = tmp_path / "bare.html"
    control.write_text(BAITS[name].replace("TO", bare.url), encoding="utf-8")
    await bait_in(await tab(control)).click(no_wait_after=True)

    async with asyncio.timeout(PATIENCE):
        await bare.reached.wait()
    assert (held.connections, held.requests) == (0, [])


@needs_chromium
@in_browser
async def test_a_real_invoice_looks_as_it_should(tab, tmp_path):
    page = await tab(InvoiceHtml(INVOICE).save(tmp_path / "invoice.html"))
    frame = page.frame_locator("iframe")

    heading = frame.locator("h1")
    assert await heading.inner_text() == "Şişli Ğıdâ & Çay €"
    assert await heading.evaluate("it => getComputedStyle(it).color") == "rgb(200, 0, 0)"
    assert await heading.evaluate("it => getComputedStyle(it).marginTop") == "30px"
    assert await frame.locator("body").evaluate("it => getComputedStyle(it).backgroundColor") == "rgb(238, 238, 255)"
    assert await frame.locator("#logo").evaluate("it => it.naturalWidth") == 1
    assert await frame.locator("table").inner_text() == "1.234,50 TL"
    assert await frame.get_by_text("RAN").count() == 0
    assert await frame.locator("html").evaluate("() => self.origin") == "null"


MODES = {
    "": "BackCompat",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">': "BackCompat",
    "<!DOCTYPE html>": "CSS1Compat",
}


@needs_chromium
@in_browser
async def test_a_page_is_in_the_mode_that_it_asks_for(tab, tmp_path):
    for number, (doctype, mode) in enumerate(MODES.items()):
        page = await tab(preview.save(f"{doctype}<html><p>x</p></html>", tmp_path / f"{number}.html"))

        assert await page.frame_locator("iframe").locator("html").evaluate("() => document.compatMode") == mode


@needs_chromium
@in_browser
async def test_facts_stand_outside_of_the_frame_and_a_code_is_drawn_in_it(tab, sinks, tmp_path):
    held, bare = sinks
    hostile = (
        '<style>aside, body, iframe { display: none !important }</style><div id="qrvalue" hidden>{"no":"A"}</div>'
        f'<div id="qrcode"></div><script>top.document.body.innerHTML = ""; fetch("{held.url}")</script>'
        f'<img src="{held.url}"><iframe src="data:text/html,<img src={held.url}>"></iframe>'
    )

    page = await tab(
        preview.save(f"<html>{hostile}</html>", tmp_path / "a.html", facts=[("Ödenecek", "72.72 <b> TRY")])
    )

    assert await page.locator("aside").is_visible()
    assert "72.72 <b> TRY" in await page.locator("aside").inner_text()
    code = page.frame_locator("iframe").get_by_alt_text("QR")
    assert await code.evaluate("it => it.naturalWidth") > 20
    control = tmp_path / "bare.html"
    control.write_text(f'<img src="{bare.url}">', encoding="utf-8")
    await tab(control)
    async with asyncio.timeout(PATIENCE):
        await bare.reached.wait()
    assert (held.connections, held.requests) == (0, [])


def test_a_page_is_opened_from_a_file_that_only_its_owner_can_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    opened = []

    saved = preview.show("<p>ETTN</p>", open_address=lambda address: opened.append(address) or True)

    assert opened == [saved.as_uri()]
    assert saved.read_bytes() == preview.sandboxed_page("<p>ETTN</p>")
    assert saved.parent.parent == tmp_path
    assert (saved.stat().st_mode & 0o777, saved.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_page_is_opened_from_the_file_that_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    opened = []

    saved = preview.show("<p>", "a.html", open_address=lambda address: opened.append(address) or True)

    assert opened == [(tmp_path / "a.html").as_uri()]
    assert saved.read_bytes() == preview.sandboxed_page("<p>")
    with pytest.raises(FileExistsError):
        preview.show("<p>", saved, open_address=opened.append)
    assert len(opened) == 1


def test_without_a_browser_the_error_says_what_to_do_and_only_a_named_file_remains(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for path in (None, tmp_path / "a.html"):
        with pytest.raises(preview.PreviewError, match="no browser could be opened here: save the page"):
            preview.show("<p>", path, open_address=lambda _: False)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.html"]


def test_a_saved_page_replaces_no_file_and_is_plain_ascii_without_controls(tmp_path):
    saved = InvoiceHtml("<p>Şişli \ud800 \x00\x1b]0;x\x07\x7f\x9b\u202e\r\r\n</p>").save(tmp_path / "a.html")

    assert saved == tmp_path / "a.html"
    assert saved.read_bytes().isascii()
    assert saved.read_text().replace("\n", "").isprintable()
    assert saved.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        InvoiceHtml("<p>").save(saved)


@pytest.mark.parametrize(
    ("foreign", "held"),
    [
        ("<link rel=preconnect>", "<basefont rel=preconnect>"),
        ("<META\nname=x>", "<basefont\nname=x>"),
        ("<iframe/srcdoc=x></iframe >", "<x-iframe/srcdoc=x></x-iframe >"),
        ("<frameset><frame></frameset>", "<frameset><basefont></frameset>"),
        ("<ObJect></oBJECT>", "<x-ObJect></x-oBJECT>"),
        ("<embed>", "<basefont>"),
        ("<a href=x>x</a><abbr></abbr>", "<g href=x>x</g><abbr></abbr>"),
        ("<linked><metal><p title=link>", "<linked><metal><p title=link>"),
        ("<\u017fcript><lin\u212a >", "<\u017fcript><lin\u212a >"),
    ],
)
def test_what_makes_a_browser_connect_ahead_loses_its_name(foreign, held):
    assert preview.neutralise(foreign) == held


@needs_chromium
@in_browser
async def test_a_pdf_shows_the_invoice_runs_nothing_and_sends_nothing(sinks, tmp_path):
    held, _ = sinks
    hostile = INVOICE + "".join(TRIES[name] for name in TRIES if name not in WITHOUT_CONTROL).replace("TO", held.url)

    written = await asyncio.to_thread(preview.write_pdf, hostile, tmp_path / "invoice.pdf")

    document = pypdf.PdfReader(io.BytesIO(written.read_bytes()))
    text = document.pages[0].extract_text()
    assert "Şişli Ğıdâ & Çay €" in text
    assert "1.234,50 TL" in text
    assert "quiet" in text
    assert "RAN" not in text
    assert document.metadata.title == "EMU2026000000001"
    assert held.connections == 0


@needs_chromium
@in_browser
async def test_a_pdf_is_held_back_by_each_layer_alone(sinks, tmp_path, monkeypatch):
    """Without the policy, scripts are still off and the network is still cut."""
    held, _ = sinks
    monkeypatch.setattr(preview, "_PRINTED", "{html}")
    monkeypatch.setattr(preview, "neutralise", lambda html: html)
    tries = ("script", "image", "frame", "style sheet", "object")
    hostile = INVOICE + "".join(TRIES[name] for name in tries).replace("TO", held.url)

    written = await asyncio.to_thread(preview.write_pdf, hostile, tmp_path / "invoice.pdf")

    assert "RAN" not in pypdf.PdfReader(io.BytesIO(written.read_bytes())).pages[0].extract_text()
    assert held.connections == 0


def test_a_pdf_replaces_no_file(tmp_path):
    taken = tmp_path / "taken.pdf"
    taken.write_bytes(b"kept")
    with pytest.raises(FileExistsError, match=r"taken\.pdf"):
        preview.write_pdf("<p>", taken)
    assert taken.read_bytes() == b"kept"


def test_without_chromium_the_error_says_what_to_do(tmp_path, monkeypatch):
    with pytest.raises(preview.ChromiumNotFoundError, match="'no-such-program' is not installed here"):
        preview.write_pdf("<p>", tmp_path / "a.pdf", chromium="no-such-program")
    monkeypatch.setattr(preview.shutil, "which", lambda _: None)
    with pytest.raises(preview.ChromiumNotFoundError, match="apt-get install chromium"):
        preview.write_pdf("<p>", tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def program(tmp_path):
    """A function that makes a program which only pretends to be Chromium."""

    def written(text):
        path = tmp_path / "pretender"
        path.write_text(text, encoding="utf-8")
        path.chmod(0o700)
        return path

    return written


@pytest.mark.skipif(sys.platform == "win32", reason="the pretender is a shell script")
@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("#!/bin/sh\nexit 3\n", "ended with code 3 and wrote no PDF"),
        ("#!/bin/sh\nexec sleep 600\n", r"did not print within 0\.2 seconds"),
        ("#!/no/such/shell\n", "cannot be run: No such file"),
    ],
)
def test_a_program_that_prints_nothing_is_a_clear_error(text, sentence, program, tmp_path):
    with pytest.raises(preview.PreviewError, match=sentence):
        preview.write_pdf("<p>", tmp_path / "a.pdf", chromium=program(text), seconds=0.2 if "sleep" in text else 20)
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the pretender is a shell script")
def test_a_pdf_is_for_its_owner_only(program, tmp_path):
    prints = 'for option; do case $option in --print-to-pdf=*) echo x > "${option#*=}";; esac; done'

    written = preview.write_pdf("<p>", tmp_path / "a.pdf", chromium=program(f"#!/bin/sh\n{prints}\n"))

    assert written.read_bytes() == b"x\n"
    assert written.stat().st_mode & 0o777 == 0o600


CREDENTIALS = {
    "KOLAYBI_API_KEY": "canary-key",
    "KOLAYBI_CHANNEL": "canary-channel",
    "PROPARS_PASSWORD": "canary-password",
    "PROPARS_TOKEN": "canary-token",
    "KOLAY_INVOICE_JOURNAL": "postgresql://u:canary@host/db",
    "PGPASSWORD": "canary-pg",
    "AWS_SECRET_ACCESS_KEY": "canary-aws",
    "DATABASE_URL": "canary-url",
    "SSLKEYLOGFILE": "canary-keys",
    "SHELL_TOKEN": "canary-shell",
}


@pytest.mark.skipif(sys.platform == "win32", reason="the pretender is a shell script")
def test_the_program_for_pdfs_inherits_no_credential(program, tmp_path, monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LC_TIME", "tr_TR.UTF-8")
    prints = 'for option; do case $option in --print-to-pdf=*) env > "${option#*=}";; esac; done'

    inherited = preview.write_pdf("<p>", tmp_path / "a.pdf", chromium=program(f"#!/bin/sh\n{prints}\n")).read_text()

    assert "PATH=" in inherited
    assert "LC_TIME=tr_TR.UTF-8" in inherited
    assert "canary" not in inherited


@pytest.mark.skipif(sys.platform == "win32", reason="the pretender is a shell script")
@pytest.mark.timeout(60)
def test_the_browser_inherits_no_credential(program, tmp_path, monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    told = tmp_path / "told"
    os.mkfifo(told)
    monkeypatch.setenv("BROWSER", str(program(f'#!/bin/sh\n(echo "$1"; env) > {told}\n')) + " %s &")

    shown = preview.show("<p>", tmp_path / "a.html")

    inherited = told.read_text()
    assert shown.as_uri() in inherited
    assert "canary" not in inherited


def test_without_any_browser_nothing_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(preview, "_OPEN", "import sys; sys.exit(1)")
    assert preview.open_in_browser("file:///a.html") is False
    monkeypatch.setattr(preview.sys, "executable", str(tmp_path / "none"))
    assert preview.open_in_browser("file:///a.html") is False


def test_the_reason_for_no_sandbox_is_said_as_root_only(monkeypatch):
    monkeypatch.setattr(preview.os, "geteuid", lambda: 0, raising=False)
    assert "because it refuses to run with one as root" in preview.why_no_sandbox()
    monkeypatch.setattr(preview.os, "geteuid", lambda: 1000, raising=False)
    assert preview.why_no_sandbox() is None


@pytest.mark.parametrize(("user", "options"), [(0, ("--no-sandbox",)), (1000, ())])
def test_the_browsers_own_sandbox_is_only_given_up_for_root(user, options, monkeypatch):
    monkeypatch.setattr(preview.os, "geteuid", lambda: user, raising=False)
    assert preview._sandbox_options() == options
