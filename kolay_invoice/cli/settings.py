"""Write and print the configuration file. It has mode 0600 from the start; secrets are never printed."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import tomlkit

from kolay_invoice.cli import accounts, output
from kolay_invoice.cli.config_file import config_path, read_config, write_config
from kolay_invoice.cli.errors import CommandError, ExitCode, report_errors
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.visible import one_line
from kolay_invoice.kolaybi import PRODUCTION_URL, SANDBOX_URL
from kolay_invoice.messages import N_
from kolay_invoice.redact import MASK

_NAMED_HOSTS: Final = {"sandbox": SANDBOX_URL, "production": PRODUCTION_URL}


def write(profile: str, setting: str, value: str | None, *, in_keyring: bool) -> int:
    """Write one setting of a profile. Prompt for a secret."""
    with report_errors(_("Nothing was changed."), as_json=False) as status:
        provider, name = _parse_setting(setting)
        accounts.read_profiles()  # Errors in the file are reported before the prompt.
        stored: object
        if name in accounts.SECRETS[provider] or (provider == accounts.JOURNAL and value is None):
            stored = _secret(profile, setting, value, in_keyring=in_keyring)
        else:
            stored = _open(setting, value)
        path = config_path()
        _put(path, profile, provider, name, stored)
        output.stderr().print(
            _("{setting} of the profile {profile} is set in {path}.", setting=setting, profile=profile, path=path)
        )
    return status.code


def remove(profile: str, setting: str) -> int:
    """Remove one setting of a profile. Its keyring entry is deleted first, so no orphan stays."""
    with report_errors(_("Nothing was changed."), as_json=False) as status:
        provider, name = _parse_setting(setting)
        own = _profile(profile).get(provider, {})
        if name not in own:
            raise CommandError(
                ExitCode.USAGE, _("The profile {profile} has no {setting}.", setting=setting, profile=profile)
            )
        value = own[name]
        if isinstance(value, dict):
            _forget(value["keyring"])
        path = config_path()
        document = _document(path)
        profiles: Any = document["profiles"]
        del profiles[profile][provider][name]
        # Commands would use an empty table as an account without credentials.
        if not profiles[profile][provider]:
            del profiles[profile][provider]
        if not profiles[profile]:
            del profiles[profile]
        write_config(path, tomlkit.dumps(document))
        output.stderr().print(
            _("{setting} of the profile {profile} is removed from {path}.", setting=setting, profile=profile, path=path)
        )
    return status.code


def show(profile: str | None, *, as_json: bool) -> int:
    """Print the profiles, or one of them, without secrets."""
    with report_errors("", as_json=as_json) as status:
        path = config_path()
        wanted = accounts.read_profiles() if profile is None else {profile: _profile(profile)}
        listing = {
            profile_name: {
                provider: {name: _shown(provider, name, value) for name, value in settings.items()}
                for provider, settings in providers.items()
            }
            for profile_name, providers in wanted.items()
        }
        if as_json:
            output.print_json({"path": str(path), "profiles": listing})
            return status.code
        output.stdout().print(
            _(
                N_("The profiles are in {path}.")
                if path.exists()
                else N_("There is no {path} yet: `kolay-invoice config set kolaybi.channel` makes it."),
                path=path,
            )
        )
        for profile_name, providers in listing.items():
            output.stdout().print(f"\n[{one_line(profile_name)}]")
            flat = {f"{one}.{name}": value for one, values in providers.items() for name, value in values.items()}
            output.stdout().print(output.fields_table(flat))
    return status.code


def _secret(profile: str, setting: str, value: str | None, *, in_keyring: bool) -> object:
    if value is not None:
        raise CommandError(
            ExitCode.USAGE,
            _(
                "{setting} is a secret: it is asked for, and never given as an argument, which a list of "
                "processes and the shell's history show. Consider the one that you typed as known.",
                setting=setting,
            ),
        )
    prompt = _("{setting}: ", setting=setting)
    if output.is_interactive():
        try:
            typed = getpass.getpass(prompt)
        except EOFError:  # Ctrl-D.
            typed = ""
    else:
        # A password manager can pipe the secret.
        typed = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if not typed:
        raise CommandError(ExitCode.USAGE, _("Nothing was typed."))
    if not in_keyring:
        return typed
    entry = f"{profile}.{setting}"
    library = accounts.keyring()
    try:
        library.set_password(accounts.KEYRING_SERVICE, entry, typed)
        is_kept = library.get_password(accounts.KEYRING_SERVICE, entry) == typed
    except library.errors.KeyringError as error:
        raise CommandError(
            ExitCode.USAGE, _("The system's keyring cannot be used ({reason}).", reason=type(error).__name__)
        ) from None
    if not is_kept:
        raise CommandError(ExitCode.USAGE, _("The system's keyring took the secret and does not give it back."))
    stored = tomlkit.inline_table()
    stored["keyring"] = entry
    return stored


def _open(setting: str, value: str | None) -> object:
    if value is None:
        raise CommandError(ExitCode.USAGE, _("Give the value of {setting} as the second argument.", setting=setting))
    if setting == f"{accounts.JOURNAL}.url" and accounts.has_password(value):
        raise CommandError(
            ExitCode.USAGE,
            _(
                "The URL holds a password: leave it out of the command, and it is asked for. Consider the password "
                "that you typed as known."
            ),
        )
    if setting == "xml.trust_store":
        from kolay_invoice.signed_xml.trust import load_trust_store

        store = Path(value).absolute()
        load_trust_store(store)
        return str(store)
    if setting != "kolaybi.company_id":
        return _NAMED_HOSTS.get(value, value) if setting == "kolaybi.base_url" else value
    if not (value.isascii() and value.isdigit()):
        raise CommandError(
            ExitCode.USAGE, _("The company id (--company-id or KOLAYBI_COMPANY_ID) must be a positive number.")
        )
    return int(value)


def _parse_setting(setting: str) -> tuple[str, str]:
    """Return the provider and the name of a setting."""
    provider, _sign, name = setting.partition(".")
    if name not in accounts.SETTINGS.get(provider, ()):
        allowed = ", ".join(f"{one}.{each}" for one, names in accounts.SETTINGS.items() for each in names)
        raise CommandError(
            ExitCode.USAGE, _("{given} is no setting; there are: {allowed}.", given=repr(setting), allowed=allowed)
        )
    return provider, name


def _profile(name: str) -> Mapping[str, Mapping[str, Any]]:
    found = accounts.read_profiles()
    if name not in found:
        raise CommandError(
            ExitCode.USAGE,
            _("There is no profile {profile}; there are: {known}.", profile=name, known=", ".join(found) or "-"),
        )
    return found[name]


def _forget(entry: str) -> None:
    library = accounts.keyring()
    try:
        library.delete_password(accounts.KEYRING_SERVICE, entry)
    except library.errors.PasswordDeleteError:
        return  # The entry is already gone.
    except library.errors.KeyringError as error:
        raise CommandError(
            ExitCode.USAGE, _("The system's keyring cannot be used ({reason}).", reason=type(error).__name__)
        ) from None


def _document(path: Path) -> tomlkit.TOMLDocument:
    return tomlkit.parse(read_config(path))


def _put(path: Path, profile: str, provider: str, name: str, value: object) -> None:
    document = _document(path)
    place = document
    for key in ("profiles", profile, provider):
        if key not in place:
            # Only the innermost table needs a heading.
            place[key] = tomlkit.table(is_super_table=key != provider)
        place = place[key]
    place[name] = value
    write_config(path, tomlkit.dumps(document))


def _shown(provider: str, name: str, value: object) -> object:
    if isinstance(value, dict):
        return _("in the keyring: {entry}", entry=value["keyring"])
    is_secret = name in accounts.SECRETS[provider] or (
        provider == accounts.JOURNAL and accounts.has_password(str(value))
    )
    return MASK if is_secret else value
