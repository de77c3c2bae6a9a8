"""The URL of a journal from the command line or the environment. It can hold a password, so it prints as stars."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any, TypeAlias

from cyclopts import Parameter, Token

from kolay_invoice.cli import output
from kolay_invoice.cli.i18n import _
from kolay_invoice.redact import Secret


def _convert(_type: Any, tokens: Sequence[Token]) -> Secret:
    from kolay_invoice.journal.place import parse_url

    url = Secret(tokens[0].value)
    # A wrong URL is refused where the journal is opened.
    with suppress(ValueError):
        server = parse_url(url).server
        if tokens[0].source == "cli" and server is not None and (server.password or "password" in server.query):
            output.stderr().print(
                _(
                    "The password of the journal's database stands in the list of processes and in the shell's "
                    "history: name the journal in KOLAY_INVOICE_JOURNAL instead, or keep the password in ~/.pgpass."
                )
            )
    return url


JournalUrl: TypeAlias = Annotated[str, Parameter(converter=_convert, env_var="KOLAY_INVOICE_JOURNAL")]
"""The URL of a journal: the argument, or else KOLAY_INVOICE_JOURNAL."""
