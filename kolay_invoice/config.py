"""The settings of a client: its options, and those from environment variables."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final, TypedDict, cast
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

from attrs import evolve, field, frozen
from attrs.validators import optional

from kolay_invoice import origin, validators
from kolay_invoice.errors import ConfigurationError
from kolay_invoice.events import OnEvent
from kolay_invoice.limiter import Limiter
from kolay_invoice.messages import Message
from kolay_invoice.redact import hide

DEFAULT_ACCOUNT: Final = "default"


class ClientOptions(TypedDict, total=False):
    """The optional settings of a client, as keyword arguments."""

    connect_timeout: float
    """Seconds for one connection: look-up, TCP, TLS and proxy. Default 5."""
    queue_timeout: float | None
    """Seconds that a call may wait for the limiter, in addition to `timeout`. Default None: no limit."""
    limiter: Limiter | None
    """A limiter shared with other clients of the same loop, instead of one made from `max_concurrency`."""
    max_attempts: int
    """The largest number of attempts of a call that may be repeated. Default 4."""
    max_reply_bytes: int
    """The largest size of a reply in bytes, compressed and decoded. Default 32 MiB."""
    proxy: str | None
    """The URL of an HTTP proxy; only together with an https `base_url`, so that it sees no token. The environment's
    is used with `trust_env` only, and `.netrc` never is."""
    trust_env: bool
    """Whether HTTPS_PROXY and NO_PROXY of the environment apply where no `proxy` is given. Default False."""
    ssl_context: ssl.SSLContext | None
    """An SSL context, for a private certificate authority. It must verify the certificate and the host name, and allow
    no TLS below 1.2; each call checks it again."""
    account: str
    """The name of the account in journals. Default "default"; "sandbox" at KolayBi's sandbox and "loopback" on this
    machine, so that a journal keeps their operations apart from the real account's."""
    on_event: OnEvent | None
    """A function that is called with each `kolay_invoice.events.Event`; it must not block, and cannot affect a call."""
    allow_custom_host: bool
    """Whether `base_url` may name a host that is not the provider's."""


def hide_credentials(options: ClientOptions) -> ClientOptions:
    """Return options that show no credential: neither the proxy's password nor one that was passed by a wrong name."""
    shown = ClientOptions.__annotations__.keys() - {"proxy"}
    return cast("ClientOptions", {name: value if name in shown else hide(value) for name, value in options.items()})


class CallOptions(TypedDict, total=False):
    """The options that `with_options` changes, as keyword arguments."""

    timeout: float
    """Seconds for one call: all its attempts and the whole reply."""
    max_attempts: int
    """The largest number of attempts of a call that may be repeated."""
    queue_timeout: float | None
    """Seconds that a call may wait for the limiter, in addition to `timeout`. None: no limit."""


@frozen(kw_only=True)
class Options:
    """Validated settings."""

    max_concurrency: int = field(default=8, validator=validators.positive_id)
    timeout: float = field(default=30.0, validator=validators.seconds)
    connect_timeout: float = field(default=5.0, validator=validators.seconds)
    queue_timeout: float | None = field(default=None, validator=optional(validators.seconds))
    limiter: Limiter | None = field(default=None, validator=optional(validators.is_limiter))
    max_attempts: int = field(default=4, validator=validators.positive_id)
    max_reply_bytes: int = field(default=32 * 1024 * 1024, validator=validators.positive_id)
    proxy: str | None = field(default=None, repr=False, validator=optional(origin.proxy_url))
    ssl_context: ssl.SSLContext | None = field(default=None, validator=optional(origin.verifying_context))
    account: str = field(default=DEFAULT_ACCOUNT, validator=validators.plain_text)
    on_event: OnEvent | None = field(default=None, repr=False, validator=optional(validators.is_sync_callable))
    allow_custom_host: bool = field(default=False, validator=validators.is_bool)
    trust_env: bool = field(default=False, validator=validators.is_bool)

    def for_origin(self, url: str) -> Options:
        """Return these settings with the proxy that the environment names for an origin, if it is asked for.

        Raises:
            ConfigurationError: The environment's proxy is no URL of an HTTP proxy.
        """
        host = urlsplit(url).hostname or ""
        if not self.trust_env or self.proxy is not None or origin.is_loopback(host) or proxy_bypass(host):
            return self
        proxy = hide(getproxies_environment().get("https"))
        try:
            return self if proxy is None else evolve(self, proxy=proxy)
        except ValueError:
            msg = "HTTPS_PROXY must be the URL of an HTTP proxy, such as http://host:3128"
        raise ConfigurationError(msg)

    def changed(self, options: CallOptions) -> Options:
        """Return these settings with other options for calls.

        Raises:
            TypeError: An option is no `CallOptions`; the text names the nearest one.
            ValueError: An option has an impossible value.
        """
        check_names("with_options", options, CallOptions.__annotations__)
        return evolve(self, **options)


def make_options(client: type, max_concurrency: int, timeout: float, options: ClientOptions) -> Options:
    """Return validated settings of a client.

    Raises:
        TypeError: An option is unknown, and the text names the nearest one; or a value has a wrong type.
        ValueError: An option has an impossible value.
    """
    check_names(client.__name__, options, ClientOptions.__annotations__)
    return Options(max_concurrency=max_concurrency, timeout=timeout, **options)


def check_names(function: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse keyword arguments that a function does not have.

    Raises:
        TypeError: There is one; the text names it and the nearest known one.
    """
    known = list(known)
    for name in given:
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            hint = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(known)}"
            msg = f"{function} has no option {name}: {hint}"
            raise TypeError(msg)


def required_variable(name: str) -> str:
    """Return the value of a required environment variable.

    Raises:
        ConfigurationError: The variable is missing or empty; the text names it.
    """
    value = optional_variable(name)
    if value is None:
        msg = Message("the environment variable {name} is not set", name=name)
        raise ConfigurationError(msg)
    return value


def optional_variable(name: str) -> str | None:
    """Return the value of an environment variable; None if it is missing or empty."""
    return os.environ.get(name) or None
