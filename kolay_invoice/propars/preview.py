"""Shows the preview of an invoice, which is untrusted HTML, as a file, in the browser or as a PDF.

The page of the provider is foreign HTML. Three layers hold it, and each would do for most of what it could try:

- It stands, as base64, in the `data:` address of a frame, and everything else on the page is ours. So nothing of it is
  read before our policy, and nothing in it can end the place where it stands.
- The frame is sandboxed with no permission at all: no script, no form, no pop-up, no refresh, an origin of its own.
  The page's Content-Security-Policy is inherited by the frame and allows inline styles, and images and fonts out of
  `data:` addresses. Nothing is fetched and no other page is opened in the frame.
- A browser gets ready for what it will then not be allowed to do: it opens a connection for a frame that the policy
  forbids, for a link that is clicked in vain, and for a `<link rel=preconnect>`. So these elements lose their names.

What a page draws by script is therefore missing in all three, but for the QR code of an invoice, which is drawn here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from errno import EEXIST
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Final, TypeAlias

from kolay_invoice.messages import Message
from kolay_invoice.private_file import open_private
from kolay_invoice.propars.qr_codes import draw_codes

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-src data:; "
    "form-action 'none'; base-uri 'none'"
)
"""What the page and the frame in it may do."""

# A tag's name stands literally in the text, whatever the letters' case, or it is another tag's name: so replacing texts
# misses none. The first group are void elements and become one that is void, allowed in the head, and does nothing.
_VOID: Final = re.compile(r"<(?:link|meta|base|embed|frame|area)(?=[\s/>])", re.IGNORECASE | re.ASCII)
_PAIRED: Final = re.compile(r"<(/?)(iframe|object|fencedframe|portal)(?=[\s/>])", re.IGNORECASE | re.ASCII)
# A link becomes a group, which is drawn in a picture as the link was, and is no more than its text elsewhere.
_LINK: Final = re.compile(r"<(/?)a(?=[\s/>])", re.IGNORECASE | re.ASCII)

# Line ends are one line feed for a browser. The others it does not draw, and a terminal that shows the file obeys them.
_LINE_END: Final = re.compile("\r\n?")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")

_PAGE: Final = """<!DOCTYPE html>
<html lang="tr">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>Fatura önizlemesi</title>
<link rel="icon" href="data:,">
<style>
html, body {{ height: 100%; margin: 0 }}
body {{ display: flex; flex-direction: column }}
iframe {{ border: 0; flex: 1; width: 100% }}
aside {{ background: #eef3f8; border-bottom: 1px solid #9ab; color: #123; font: 14px/1.5 sans-serif }}
dl {{ display: flex; flex-wrap: wrap; gap: 0 2em; margin: .5em 1em }}
dt, dd {{ display: inline; margin: 0 }} dt {{ font-weight: bold }}
</style>
</head>
<body>{facts}<iframe title="Fatura" sandbox="" referrerpolicy="no-referrer" src="{address}"></iframe></body>
</html>
"""
_FACTS: Final = (
    '<aside aria-label="İmzalı XML\'deki bilgiler"><dl>{facts}</dl></aside>',
    "<div><dt>{name}:</dt> <dd>{value}</dd></div>",
)

_PRINTED: Final = """{doctype}
<html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
{facts}{html}"""
_PRINTED_FACTS: Final = (
    '<div style="all:initial!important;display:block!important;border-bottom:1px solid #9ab!important">{facts}</div>',
    "<span style='all:initial!important;font:12px sans-serif!important'><b>{name}:</b> {value} &#160; </span>",
)
_DOCTYPE: Final = re.compile(r"\A[\s\ufeff]*+(<!DOCTYPE[^<>]{0,300}>)", re.IGNORECASE)

_PROGRAMS: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

_OFFLINE: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    # The proxy is the discard port, where no server listens; no name resolves; loopback is not exempt.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)

# Scripts are disabled in the profile's settings: the command line's option for it also stops the printing.
_NO_SCRIPTS: Final = '{"profile": {"default_content_setting_values": {"javascript": 2}}}'


_ENVIRONMENT: Final = re.compile(
    r"PATH|HOME|USER|LOGNAME|SHELL|TERM|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|BROWSER|DESKTOP_SESSION|DISPLAY|XAUTHORITY"
    r"|WAYLAND_DISPLAY|DBUS_SESSION_BUS_ADDRESS|XDG_\w+|GNOME_DESKTOP_SESSION_ID|KDE_\w+|FONTCONFIG_\w+|WSL\w*"
    r"|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|PROGRAMFILES.*"
)
"""The variables that a browser gets. All others, such as the credentials of the providers, stay here."""
# The module takes no environment of its own for the browser, and so gets a process that has no other.
_OPEN: Final = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


Facts: TypeAlias = Sequence[tuple[str, str]]
"""Names and values that stand beside a foreign page."""


class PreviewError(RuntimeError):
    """The preview could not be shown or printed on this machine. The invoice at the provider is what it was."""


class ChromiumNotFoundError(PreviewError):
    """There is no Chromium here to print with."""


def neutralise(html: str) -> str:
    """Return foreign HTML in which nothing makes a browser connect ahead of what a policy then forbids.

    It is meant for a sandboxed frame under `POLICY`, and is not safe without one.
    """
    return _LINK.sub(r"<\1g", _PAIRED.sub(r"<\1x-\2", _VOID.sub("<basefont", html)))


def sandboxed_page(html: str, *, facts: Facts = ()) -> bytes:
    """Return a page of our own that holds foreign HTML in a sandboxed frame, and facts above it.

    It is plain ASCII without control characters, so that no guess at its encoding can read anything else in it.
    """
    text = _CONTROL.sub("\ufffd", _LINE_END.sub("\n", html))
    # Not by srcdoc, where every page is in standards mode: designs for older modes have lines too far apart there.
    encoded = b64encode(neutralise(draw_codes(text)).encode("utf-8", "replace")).decode("ascii")
    address = f"data:text/html;charset=utf-8;base64,{encoded}"
    text = _PAGE.format(policy=escape(POLICY), facts=_format_facts(_FACTS, facts), address=address)
    return text.encode("ascii", "xmlcharrefreplace")


def _format_facts(templates: tuple[str, str], facts: Facts) -> str:
    if not facts:
        return ""
    around, each = templates
    return around.format(facts="".join(each.format(name=escape(name), value=escape(value)) for name, value in facts))


def save(html: str, path: str | Path, *, facts: Facts = ()) -> Path:
    """Write foreign HTML as a page that is safe to open, to a new file of its owner, and return its path.

    Args:
        html: The foreign page.
        path: The new file.
        facts: Names and values that stand above it, where the foreign page cannot reach them.

    Raises:
        FileExistsError: There is a file of this name.
    """
    return _write_new(path, sandboxed_page(html, facts=facts))


def minimal_environment() -> dict[str, str]:
    """Return the variables of this process that a browser needs; none of them holds a credential."""
    return {name: value for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name.upper())}


def open_in_browser(address: str) -> bool:
    """Open an address in the browser, which inherits only `minimal_environment`, and return whether that worked."""
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; this very interpreter.
            [sys.executable, "-I", "-c", _OPEN, address], env=minimal_environment(), check=False
        )
    except OSError:
        return False
    return done.returncode == 0


def show(
    html: str,
    path: str | Path | None = None,
    *,
    facts: Facts = (),
    open_address: Callable[[str], object] = open_in_browser,
) -> Path:
    """Save foreign HTML as a page that is safe to open, open it in the browser, and return its path.

    Args:
        html: The provider's page.
        path: The new file. None makes one in a new temporary directory of its owner; it stays there, because the
            browser reads it later. A browser from snap or flatpak may not read temporary files: then name a file.
        facts: Names and values that stand above it.
        open_address: What opens the address in a browser, and answers false where it cannot.

    Raises:
        FileExistsError: There is a file of this name.
        PreviewError: There is no browser.
    """
    saved = save(html, Path(mkdtemp(prefix="kolay-invoice-"), "invoice.html") if path is None else path, facts=facts)
    if not open_address(saved.resolve().as_uri()):
        if path is None:
            shutil.rmtree(saved.parent)
        raise PreviewError(Message("no browser could be opened here: save the page and open the file, or write a PDF"))
    return saved


def write_pdf(
    html: str,
    path: str | Path,
    *,
    facts: Facts = (),
    chromium: str | Path | None = None,
    seconds: float = 60.0,
) -> Path:
    """Print foreign HTML to a new PDF file of its owner, by a Chromium without scripts or a network; return its path.

    The program inherits only `minimal_environment`. As root it runs without its own sandbox; see `why_no_sandbox`.

    Args:
        html: The provider's page.
        path: The file to write.
        facts: Names and values that stand above it. The foreign page is in the same document, and could cover them.
        chromium: The program; None looks for an installed Chromium, Chrome or Edge.
        seconds: How long the printing may take.

    Raises:
        FileExistsError: There is a file of this name.
        ChromiumNotFoundError: No such program is installed.
        PreviewError: It wrote no PDF, or not in time.
    """
    if Path(path).exists():
        raise FileExistsError(EEXIST, os.strerror(EEXIST), str(path))
    program = find_program(chromium)
    with TemporaryDirectory(prefix="kolay-invoice-", ignore_cleanup_errors=True) as room:
        # A byte order mark outranks every other word on the encoding.
        doctype = _DOCTYPE.match(html)
        foreign = _PRINTED.format(
            doctype=doctype[1] if doctype else "",
            policy=escape(POLICY),
            facts=_format_facts(_PRINTED_FACTS, facts),
            html=neutralise(draw_codes(html)),
        )
        source, printed = Path(room, "invoice.html"), Path(room, "invoice.pdf")
        source.write_bytes(foreign.encode("utf-8-sig", "replace"))
        settings = Path(room, "profile", "Default", "Preferences")
        settings.parent.mkdir(parents=True)
        settings.write_text(_NO_SCRIPTS, encoding="ascii")
        _print([program, *_OFFLINE, *_sandbox_options(), f"--user-data-dir={room}/profile"], source, printed, seconds)
        return _write_new(path, printed.read_bytes())


def _write_new(path: str | Path, content: bytes) -> Path:
    target = Path(path)
    with open(target, "xb", opener=open_private) as file:
        file.write(content)
    return target


def find_program(chosen: str | Path | None = None) -> str:
    """Return the path of an installed Chromium, Chrome or Edge, or of the program that was chosen.

    Raises:
        ChromiumNotFoundError: No such program is installed.
    """
    for name in _PROGRAMS if chosen is None else (str(chosen),):
        if found := shutil.which(name):
            return found
    raise ChromiumNotFoundError(
        Message(
            "{name} is not installed here, and a PDF needs it (Debian: apt-get install chromium): "
            "install it, name the program, or save the page as HTML",
            name="Chromium, Chrome or Edge" if chosen is None else repr(str(chosen)),
        )
    )


def why_no_sandbox() -> Message | None:
    """Return why Chromium prints without its own sandbox; None if it has one."""
    if getattr(os, "geteuid", lambda: 1)() != 0:
        return None
    return Message(
        "Chromium prints without its own sandbox, because it refuses to run with one as root; scripts and the network "
        "stay off. Run this as another user to have the sandbox"
    )


def _sandbox_options() -> tuple[str, ...]:
    return ("--no-sandbox",) if why_no_sandbox() else ()


def _print(command: list[str], source: Path, printed: Path, seconds: float) -> None:
    command = [*command, f"--print-to-pdf={printed}", source.as_uri()]
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(  # noqa: S603 - a list, no shell; the program was found or named by the caller.
            command,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
            timeout=seconds,
            check=False,
            env=minimal_environment(),
        )
    except subprocess.TimeoutExpired:
        raise PreviewError(
            Message(
                "{name} did not print within {number} seconds: save the page as HTML",
                name=command[0],
                number=f"{seconds:g}",
            )
        ) from None
    except OSError as error:
        raise PreviewError(Message("{name} cannot be run: {reason}", name=command[0], reason=error.strerror)) from None
    if not printed.exists():
        raise PreviewError(
            Message(
                "{name} ended with code {number} and wrote no PDF (one from snap cannot read temporary files): "
                "name another program, or save the page as HTML",
                name=command[0],
                number=done.returncode,
            )
        )
