"""Credentials come from a profile of the configuration file or from the environment, never from an argument.

Each provider takes all its credentials from one source, so no call mixes the credentials of two accounts. The source is
the profile that `--profile` or KOLAY_INVOICE_PROFILE names; else the provider's environment variables, if any is set;
else the profile `default`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from urllib.parse import urlsplit

from attrs import field, frozen

from kolay_invoice.cli.config_file import config_path, read_config
from kolay_invoice.cli.error_texts import NAMES
from kolay_invoice.cli.errors import CommandError, ExitCode
from kolay_invoice.cli.i18n import _
from kolay_invoice.kolaybi import PRODUCTION_URL as KOLAYBI_PRODUCTION_URL
from kolay_invoice.kolaybi import SANDBOX_URL as KOLAYBI_SANDBOX_URL
from kolay_invoice.kolaybi.client import AsyncKolayBi
from kolay_invoice.messages import N_
from kolay_invoice.propars import PRODUCTION_URL as PROPARS_URL
from kolay_invoice.propars.client import AsyncPropars
from kolay_invoice.redact import Secret

_NO_ACCOUNT: Final = {
    "kolaybi": N_(
        "There are no credentials for KolayBi: set KOLAYBI_CHANNEL and KOLAYBI_API_KEY (or "
        "KOLAYBI_ACCESS_TOKEN), or write them into a profile with `kolay-invoice config set "
        "kolaybi.channel`. Nothing was sent."
    ),
    "propars": N_(
        "There are no credentials for Propars: set PROPARS_USERNAME and PROPARS_PASSWORD (or "
        "PROPARS_TOKEN), or write them into a profile with `kolay-invoice config set "
        "propars.username`. Nothing was sent."
    ),
}


CLIENTS: Final[Mapping[str, type[AsyncKolayBi | AsyncPropars]]] = {"kolaybi": AsyncKolayBi, "propars": AsyncPropars}
"""The providers, in the order in which a batch runs them."""

ClientT = TypeVar("ClientT", bound=AsyncKolayBi | AsyncPropars)

JOURNAL: Final = "journal"
SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "kolaybi": ("channel", "api_key", "access_token"),
    "propars": ("username", "password", "token"),
    JOURNAL: (),
    "xml": (),
}
SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "kolaybi": (*SECRETS["kolaybi"], "base_url", "company_id"),
    "propars": (*SECRETS["propars"], "base_url"),
    JOURNAL: ("url",),
    "xml": ("trust_store",),
}
"""The settings that a profile can have. The journal's URL can hold a password."""

_NO_TABLES: Final = N_(
    "{path} must hold tables named [profiles.NAME.kolaybi], and so for propars, journal and xml, and nothing else."
)

DEFAULT: Final = "default"
KEYRING_SERVICE: Final = "kolay-invoice"

_HOSTS: Final = {KOLAYBI_SANDBOX_URL: "sandbox", KOLAYBI_PRODUCTION_URL: "production", PROPARS_URL: "production"}
_FIRST: Final = {"kolaybi": KOLAYBI_SANDBOX_URL, "propars": PROPARS_URL}


@frozen
class Account:
    """The credentials and the address of one provider's account."""

    provider: str
    profile: str | None
    """The profile's name. None: the environment variables."""
    settings: Mapping[str, Any] = field(repr=False)

    @property
    def origin(self) -> str:
        """The scheme and host of the provider's API."""
        return str(self.settings.get("base_url") or _FIRST[self.provider]).rstrip("/")

    @property
    def kind(self) -> str:
        """The kind of host: sandbox, production, loopback or other."""
        host = urlsplit(self.origin).hostname
        kinds = {urlsplit(url).hostname: kind for url, kind in _HOSTS.items()}
        return kinds.get(host, "loopback" if host in {"localhost", "127.0.0.1", "::1"} else "other")

    @property
    def shown_source(self) -> str:
        """The source of the credentials, as displayed text."""
        if self.profile is None:
            return _("the environment ({prefix}_* variables)", prefix=self.provider.upper())
        return _("the profile {profile}", profile=self.profile)

    def client(self, kind: type[ClientT], **options: Any) -> ClientT:
        """Make a client. It opens no connection.

        Raises:
            ConfigurationError: A credential is missing or has an impossible shape.
            ValueError: The base_url is not the provider's, or an option has an impossible value.
        """
        if self.profile is None:
            return kind.from_env(**options)  # type: ignore[return-value] # mypy forgets that Self is ClientT here.
        given = {name: value for name, value in self.settings.items() if name != "company_id"}
        if kind.profile.name == "kolaybi" and "channel" not in given:
            raise _wrong(
                N_(
                    "The profile {profile} has no channel: `kolay-invoice config set kolaybi.channel "
                    "--profile {profile}`."
                ),
                profile=self.profile,
            )
        client: Any = kind(**given, account=self.profile, **options)
        return cast("ClientT", client)


def account_of(provider: str, profile: str | None) -> Account:
    """Return the account of a command.

    Raises:
        CommandError: There is none, or the configuration file cannot be used.
    """
    chosen = profile_of(profile)
    if chosen is None:
        found = {name: os.environ.get(f"{provider.upper()}_{name.upper()}") for name in SETTINGS[provider]}
        if any(value for name, value in found.items() if name != "company_id"):
            return Account(provider, None, {name: value for name, value in found.items() if value})
    profiles = read_profiles()
    own = profiles.get(chosen or DEFAULT, {}).get(provider)
    if own is None:
        if chosen is None:
            raise CommandError(ExitCode.USAGE, _(_NO_ACCOUNT[provider]))
        known = ", ".join(name for name, providers in profiles.items() if provider in providers) or "-"
        raise _wrong(
            N_("There is no profile {profile} with credentials for {provider}; there are: {known}."),
            profile=chosen,
            provider=NAMES[provider],
            known=known,
        )
    return Account(
        provider, chosen or DEFAULT, {name: setting_value(chosen or DEFAULT, name, own[name]) for name in own}
    )


def profile_of(given: str | None) -> str | None:
    """Return the profile that an argument or the environment chooses, or None."""
    return given or os.environ.get("KOLAY_INVOICE_PROFILE") or None


def has_password(url: str) -> bool:
    """Whether the URL of a journal holds a password, or looks as if it did."""
    if url.lower().startswith("sqlite"):
        return False
    address, _sign, query = url.partition("?")
    return ":" in address.rpartition("@")[0].partition("//")[2] or "password" in query


def company_id_of(account: Account, given: int | None) -> int | None:
    """Return the given company id, or else the account's, or None."""
    if given is None:
        configured = account.settings.get("company_id") or os.environ.get("KOLAYBI_COMPANY_ID") or None
        text = "" if configured is None else str(configured)
        given = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(2**63)) else 0
        if configured is None:
            return None
    if not 0 < given < 2**63:
        raise CommandError(
            ExitCode.USAGE, _("The company id (--company-id or KOLAYBI_COMPANY_ID) must be a positive number.")
        )
    return given


def trust_store_of(profile: str | None) -> Path | None:
    """Return the trust store of the profile that is named, or else of the default one; None if it has none.

    Raises:
        CommandError: The configuration file cannot be used.
    """
    store = read_profiles().get(profile_of(profile) or DEFAULT, {}).get("xml", {}).get("trust_store")
    return Path(store) if isinstance(store, str) else None


def read_profiles() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Read the configuration file: profiles, providers, settings. A missing file counts as an empty one.

    Raises:
        CommandError: The file is readable by others or malformed. The message contains no value of it.
    """
    path = config_path()
    try:
        content = tomllib.loads(read_config(path))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(N_("{path} is not TOML: {reason}."), path=path, reason=_toml_problem(error)) from None
    profiles = content.get("profiles", {})
    if content.keys() - {"profiles"} or not isinstance(profiles, dict):
        raise _wrong(_NO_TABLES, path=path)
    for name, providers in profiles.items():
        _check_profile(path, name, providers)
    return cast("Mapping[str, Mapping[str, Mapping[str, Any]]]", profiles)


def _check_profile(path: Path, name: str, providers: object) -> None:
    if not isinstance(providers, dict):
        raise _wrong(_NO_TABLES, path=path)
    for provider, settings in providers.items():
        if provider not in SETTINGS or not isinstance(settings, dict):
            raise _wrong(
                N_(
                    "The profile {profile} in {path} names {given}; it can have the tables kolaybi, propars, "
                    "journal and xml."
                ),
                path=path,
                profile=name,
                given=provider,
            )
        for setting, value in settings.items():
            if setting not in SETTINGS[provider]:
                allowed = ", ".join(SETTINGS[provider])
                raise _wrong(
                    N_("The profile {profile} in {path} has the unknown setting {given}; there are: {allowed}."),
                    path=path,
                    profile=name,
                    given=setting,
                    allowed=allowed,
                )
            if not (type(value) is int if setting == "company_id" else _is_text(value)):
                raise _wrong(
                    N_(
                        "The setting {given} of the profile {profile} in {path} must be a text or {{keyring = "
                        '"NAME"}}; company_id is a number.'
                    ),
                    path=path,
                    profile=name,
                    given=setting,
                )


def _is_text(value: object) -> bool:
    return (isinstance(value, str) and value != "") or (
        isinstance(value, dict) and value.keys() == {"keyring"} and isinstance(value["keyring"], str)
    )


def setting_value(profile: str, name: str, value: object) -> object:
    """Return a setting's value, a secret from the keyring if it is there.

    Raises:
        CommandError: The keyring cannot be used, or has no such entry.
    """
    if not isinstance(value, dict):
        return Secret(value) if isinstance(value, str) and name != "base_url" else value
    library = keyring()
    try:
        secret = library.get_password(KEYRING_SERVICE, value["keyring"])
    except library.errors.KeyringError as error:
        raise _wrong(N_("The system's keyring cannot be used ({reason})."), reason=type(error).__name__) from None
    if not secret:
        raise _wrong(
            N_("The keyring has no entry {entry} for {given} of the profile {profile}."),
            profile=profile,
            given=name,
            entry=value["keyring"],
        )
    return Secret(secret)


def keyring() -> Any:
    """Return the system's keyring.

    Raises:
        CommandError: The extra is not installed, or its backend cannot be loaded or keeps nothing.
    """
    try:
        import keyring as library
        import keyring.errors

        backend = library.get_keyring()
    except Exception as error:  # noqa: BLE001 - the backend that is configured is loaded, which can raise anything.
        if isinstance(error, ModuleNotFoundError) and error.name in {None, "keyring"}:
            raise _wrong(N_("The keyring needs an extra: pip install 'kolay-invoice[keyring]'.")) from None
        raise _wrong(
            N_("The backend that is configured for the system's keyring cannot be loaded ({reason})."),
            reason=type(error).__name__,
        ) from None
    # This backend takes every secret, keeps none and raises nothing.
    if type(backend).__module__ == "keyring.backends.null":
        raise _wrong(N_("The system's keyring is switched off (its backend is the null backend): it keeps nothing."))
    return library


def _wrong(name: str, **values: object) -> CommandError:
    return CommandError(ExitCode.USAGE, _(name, **values))


def _toml_problem(error: tomllib.TOMLDecodeError) -> str:
    """Return the position of a TOML syntax error, parsed from the English message of the reader."""
    what, place = re.fullmatch(r"(.*?)(?: \(at (.+)\))?", str(error), re.DOTALL).groups()  # type: ignore[union-attr]  # it always matches.
    found = re.fullmatch(r"line (\d+), column (\d+)", place or "")
    if found is not None:
        return _("{english} (at line {number}, column {column})", english=what, number=found[1], column=found[2])
    return _("{english} (at end of document)", english=what) if place == "end of document" else str(error)
