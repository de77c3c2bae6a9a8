"""`kolay-invoice config`: profiles of credentials. Secrets are typed at a prompt, never given as arguments."""

from __future__ import annotations

from cyclopts import App

from kolay_invoice.cli import settings
from kolay_invoice.cli.options import Flag

app = App(name="config", help="Profiles of credentials, in a private file.")


@app.command(name="set")
def set_one(setting: str, value: str | None = None, *, profile: str = "default", keyring: Flag = False) -> int:
    """Write one setting of a profile. A secret is asked for and not shown while it is typed.

    Settings: kolaybi.channel, kolaybi.api_key, kolaybi.access_token, kolaybi.base_url, kolaybi.company_id,
    propars.username, propars.password, propars.token, propars.base_url, journal.url, xml.trust_store.

    Args:
        setting: Provider and name, as in kolaybi.api_key.
        value: Only for what is no secret: a base_url, a company_id, a journal's URL without a password, a trust_store
            (a file of issuers' certificates, PEM). sandbox and production name KolayBi's hosts.
        profile: The profile.
        keyring: Keep the secret in the system's keyring; the file only says so.
    """
    return settings.write(profile, setting, value, in_keyring=keyring)


@app.command
def unset(setting: str, *, profile: str = "default") -> int:
    """Remove one setting of a profile, and its secret from the system's keyring.

    Args:
        setting: Provider and name, as in kolaybi.api_key.
        profile: The profile.
    """
    return settings.remove(profile, setting)


@app.command
def show(*, profile: str | None = None, json: Flag = False) -> int:
    """Show where the file is and which settings its profiles have, without any secret.

    Args:
        profile: Show this profile only. Default: all of them.
        json: Print one JSON document.
    """
    return settings.show(profile, as_json=json)
