"""The URL of a journal: the argument, or that of a profile or the environment. It can hold a password."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeAlias

from cyclopts import Parameter, Token

from kolay_invoice.cli import output
from kolay_invoice.cli.accounts import DEFAULT, JOURNAL, has_password, profile_of, read_profiles, setting_value
from kolay_invoice.cli.errors import CommandError, ExitCode
from kolay_invoice.cli.i18n import _
from kolay_invoice.redact import Secret

_VARIABLE: Final = "KOLAY_INVOICE_JOURNAL"


def _convert(_type: Any, tokens: Sequence[Token]) -> Secret:
    url = Secret(tokens[0].value)
    if has_password(url):
        output.stderr().print(
            _(
                "The password of the journal's database stands in the list of processes and in the shell's history: "
                "name the journal in KOLAY_INVOICE_JOURNAL or in a profile (`kolay-invoice config set journal.url`) "
                "instead, or keep the password in ~/.pgpass."
            )
        )
    return url


JournalUrl: TypeAlias = Annotated[str, Parameter(converter=_convert)]
"""The URL of a journal in an argument; empty if there is none."""


def find_journal(given: str, profile: str | None) -> str:
    """Return the URL of a command's journal: the argument, or else that of the account's source.

    As for credentials, that is the chosen profile, or else the environment, or else the profile `default`.

    Raises:
        CommandError: No journal is named, or the configuration file cannot be used.
    """
    named, chosen = os.environ.get(_VARIABLE), profile_of(profile)
    if given:
        return given
    if chosen is None and named:
        return Secret(named)
    own = read_profiles().get(chosen or DEFAULT, {}).get(JOURNAL, {})
    if "url" in own:
        return Secret(setting_value(chosen or DEFAULT, "url", own["url"]))
    if named:
        return Secret(named)
    raise CommandError(
        ExitCode.USAGE,
        _(
            "No journal is named: give --journal, set KOLAY_INVOICE_JOURNAL, or write it into a profile with "
            "`kolay-invoice config set journal.url`."
        ),
    )
