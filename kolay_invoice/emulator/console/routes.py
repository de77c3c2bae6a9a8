"""The routes of the console and who may use them. All other paths go to the providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources import files
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from kolay_invoice.catalogue import LANGUAGES, catalogue
from kolay_invoice.emulator.app import EmulatorApp
from kolay_invoice.emulator.console import page
from kolay_invoice.emulator.faults import Fault, parse_kind
from kolay_invoice.emulator.messages import whole_number
from kolay_invoice.messages import N_

_OWN: Final = "/console/"
_PREVIEW: Final = "/console/preview/"
_FILES: Final = {"/console/console.css": "text/css", "/console/console.js": "text/javascript"}

_IMPOSSIBLE: Final = N_("That cannot be done. Choose another operation, fault, count or position.")

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class ConsoleRoutes:
    """Serves the console's paths and passes all other requests to the emulated providers."""

    def __init__(self, app: EmulatorApp) -> None:
        self._app = app
        self._switches: Mapping[str, Callable[[Mapping[str, str]], None]] = {
            "/console/fault": self._fault,
            "/console/clear": self._clear,
            "/console/guesses": self._guesses,
            "/console/reset": self._reset,
        }

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request for the console or for a provider."""
        if not request.path.startswith(_OWN) and (request.method, request.path) != ("GET", "/"):
            return await self._app.handle(request)
        if not _is_local(request):
            return _plain_response(403, "The console is shown on this machine only, by a loopback address.")
        if request.method == "POST":
            return await self._switch(request)
        return self._show_page(request) if request.method == "GET" else _plain_response(405, "GET and POST.")

    def _show_page(self, request: web.BaseRequest) -> web.Response:
        language = _language(request)
        if request.path == "/":
            return _html_response(page.console_page(self._app, language))
        if content_type := _FILES.get(request.path):
            file = files("kolay_invoice.emulator.console") / request.path.removeprefix(_OWN)
            return web.Response(text=file.read_text(encoding="utf-8"), content_type=content_type, headers=_HEADERS)
        number = whole_number(request.path.removeprefix(_PREVIEW))
        html = None if number is None else page.preview_page(self._app, number, language)
        if html is None:
            return _plain_response(404, "There is no such page.")
        # The frame inherits this policy; an invoice brings inline styles.
        policy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'"
        return _html_response(
            html, {"Content-Security-Policy": f"{policy}; form-action 'none'; frame-ancestors 'none'"}
        )

    async def _switch(self, request: web.BaseRequest) -> web.Response:
        # A browser sends the form's origin with each POST, and no page can change that header.
        if request.headers.get("Origin") != f"http://{request.headers.get('Host')}":
            return _plain_response(403, "Only the console's own page may turn its switches.")
        switch = self._switches.get(request.path)
        if switch is None:
            return _plain_response(404, "There is no such switch.")
        language = _language(request)
        try:
            switch(dict(parse_qsl((await request.read()).decode("utf-8", "replace"))))
        except ValueError:
            problem = catalogue(language).gettext(_IMPOSSIBLE)
            return _html_response(page.console_page(self._app, language, problem=problem), status=400)
        section = "guesses" if switch == self._guesses else "switches"
        return web.Response(status=303, headers={**_HEADERS, "Location": f"/?lang={language}#{section}"})

    def _fault(self, fields: Mapping[str, str]) -> None:
        fault = Fault.of(parse_kind(fields.get("kind", "")))
        with self._app.lock:
            self._app.plan.schedule(fields.get("operation", ""), fault, whole_number(fields.get("times")) or 0)

    def _clear(self, _: Mapping[str, str]) -> None:
        with self._app.lock:
            self._app.plan.clear()

    def _guesses(self, fields: Mapping[str, str]) -> None:
        self._app.turn(fields)

    def _reset(self, _: Mapping[str, str]) -> None:
        self._app.reset()


def _language(request: web.BaseRequest) -> str:
    return language_of(request.query.get("lang"), request.headers.get("Accept-Language", ""))


def language_of(asked: str | None, accepted: str) -> str:
    """Return the language that was asked for, or else the first that the browser accepts and the console has.

    Args:
        asked: The language of the page's own link, if it was followed.
        accepted: The header Accept-Language, whose first language is the one that a browser likes best.
    """
    likes = (part.partition(";")[0].partition("-")[0].strip().lower() for part in accepted.split(","))
    return next((language for language in (asked or "", *likes) if language in LANGUAGES), "en")


def _is_local(request: web.BaseRequest) -> bool:
    """Whether the request comes from this machine and its Host is a loopback name (against DNS rebinding)."""
    try:
        name = urlsplit(f"//{request.headers.get('Host')}").hostname
    except ValueError:
        return False
    return _is_loopback(request.remote) and (name == "localhost" or _is_loopback(name))


def _is_loopback(text: str | None) -> bool:
    try:
        address = ip_address(text or "")
    except ValueError:
        return False
    # A server on `::` sees IPv4 callers as mapped addresses.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _html_response(text: str, headers: Mapping[str, str] | None = None, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers={**_HEADERS, **(headers or {})})


def _plain_response(status: int, sentence: str) -> web.Response:
    return web.Response(text=f"{sentence}\n", status=status, headers=_HEADERS)
