"""Where credentials may go: the provider's origin, an HTTP proxy, and the TLS on the way.

The errors name the argument and show no value, which can hold a password.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from kolay_invoice.messages import Message
from kolay_invoice.redact import kind_of
from kolay_invoice.validators import CONTROL

if TYPE_CHECKING:
    from attrs import Attribute

_OLD_TLS_IS_OFF: Final = ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1


def parse_origin(base_url: object, known: Collection[str], *, allow_custom_host: bool) -> str:
    """Return scheme, host and port of a base URL to which requests with credentials may go.

    Known hosts require https. Loopback may use http. Any other host requires `allow_custom_host=True` and https.
    """
    if not isinstance(base_url, str):
        msg = f"base_url must be a str, not {kind_of(base_url)}"
        raise TypeError(msg)
    origin, problem = _read_origin(base_url, known, allow_custom_host=allow_custom_host)
    if problem is not None:
        raise ValueError(problem)
    return origin


def _read_origin(base_url: str, known: Collection[str], *, allow_custom_host: bool) -> tuple[str, str | None]:
    """Return the origin and what is wrong with it. It raises nothing, because its locals can hold a password."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return "", Message("base_url is not a URL")
    host = parts.hostname or ""
    loopback = is_loopback(host)
    problem = None
    if port == 0:
        problem = Message("base_url must not name port 0")
    elif CONTROL.search(base_url) or not re.fullmatch(r"[A-Za-z0-9.:-]+", host) or "@" in parts.netloc:
        problem = Message("base_url must be an origin such as https://host, without user name or password")
    elif parts.path not in {"", "/"} or parts.query or parts.fragment or "?" in base_url or "#" in base_url:
        problem = Message("base_url must be an origin such as https://host: the paths are the provider's")
    elif parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        problem = Message("base_url must use https (http is for loopback addresses only)")
    elif not (loopback or allow_custom_host or any(urlsplit(url).hostname == host for url in known)):
        problem = Message(
            "base_url names a host that is not the provider's: pass allow_custom_host=True if you mean it"
        )
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}" + (f":{port}" if port else ""), problem


def is_loopback(host: str) -> bool:
    """Whether a host name is `localhost` or a loopback address. No name is resolved."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def verifying_context(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept an SSL context that verifies the server. Without verification any server could receive the token."""
    if not isinstance(value, ssl.SSLContext):
        msg = f"{attribute.name} must be an ssl.SSLContext, not {type(value).__name__}"
        raise TypeError(msg)
    problem = find_weakness(value)
    if problem is None and any("Au=None" in cipher["description"] for cipher in value.get_ciphers()):
        problem = Message("must not allow ciphers that authenticate no server")
    if problem is not None:
        msg = Message("{name} {reason}", name=attribute.name, reason=problem)
        raise ValueError(msg)


def find_weakness(context: ssl.SSLContext) -> str | None:
    """Return what a context must not be like; None if it may be used."""
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        return Message("must verify the certificate and the host name of the server")
    if context.minimum_version < ssl.TLSVersion.TLSv1_2 and _OLD_TLS_IS_OFF & ~context.options:
        return Message("must not allow TLS below 1.2: set its minimum_version")
    return None


def proxy_url(_instance: object, attribute: Attribute[Any], value: object) -> None:
    """Accept the URL of an HTTP proxy."""
    if not isinstance(value, str):
        msg = Message("{name} must be a str, not {kind}", name=attribute.name, kind=kind_of(value))
        raise TypeError(msg)
    if not _is_proxy_url(value):
        example = "http://host:3128 or http://user:password@host:3128"
        raise ValueError(f"{attribute.name} must be the URL of an HTTP proxy, such as {example}")


def _is_proxy_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        # A user name and a password are sent in a header, where RFC 7617 allows only Latin-1.
        unquote(f"{parts.username}{parts.password}").encode("latin-1")
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and not CONTROL.search(text)


def check_proxied(origin: str, proxy: str | None) -> None:
    """Refuse a proxy where the connection to the provider is not encrypted: it would see the credentials.

    Raises:
        ValueError: There is a proxy, and `origin` uses http.
    """
    if proxy is not None and origin.startswith("http:"):
        msg = Message("proxy must not be given together with an http base_url: the token would pass it in plain")
        raise ValueError(msg)
