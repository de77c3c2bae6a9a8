"""Which journal it is, and whether it may lack what it once held: what is said of that, and a person's word on it."""

from __future__ import annotations

import asyncio
import getpass
import shlex
from typing import Any

from kolay_invoice.cli import output
from kolay_invoice.cli.endings import CommandError, Exit, paragraph
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _
from kolay_invoice.journal import Journal, JournalError
from kolay_invoice.journal.database import showable
from kolay_invoice.journal.journal import Identity


def identity_lines(identity: Identity) -> list[str]:
    """Return which journal it is, and what is to be done where it may lack something."""
    run = "-" if identity.last_run is None else f"{identity.last_run:,}"
    lines = [
        _(
            "journal {journal_id} in {place}; last run: {run}",
            place=identity.place,
            journal_id=identity.journal_id,
            run=run,
        )
    ]
    if identity.doubt is not None:
        why = translate(identity.doubt.reason)
        lines.append(
            _(
                "This journal may lack what it once held ({why}; noticed {when}). Nothing is sent before "
                "it was looked up at the provider, which takes a quiet period; what cannot be looked up "
                "waits for a person.",
                why=why,
                when=identity.doubt.noticed_at.isoformat(" ", "minutes"),
            )
        )
        lines.append(
            _(
                "Where nothing is missing, or all of it was looked up: kolay-invoice batch end-doubt "
                "--journal {journal}",
                journal=shlex.quote(identity.place),
            )
        )
    return lines


def plain_identity(identity: Identity) -> dict[str, Any]:
    """Return which journal it is as plain values."""
    doubt = identity.doubt
    return {
        "id": identity.journal_id,
        "place": identity.place,
        "last_run": identity.last_run,
        "doubt": doubt and {"reason": doubt.reason, "noticed_at": doubt.noticed_at},
    }


def end_doubt(journal: str, because: str, *, yes: bool, as_json: bool) -> int:
    """Write down a person's word that a journal lacks nothing."""

    async def ended_doubt() -> Identity:
        async with Journal.open(journal, create=False) as opened:
            before = opened.identity
            if before.doubt is not None:
                await opened.end_doubt(by=name_of_user(), because=because)
            return before

    with paragraph(_("Nothing was changed."), as_json=as_json, codes={JournalError: Exit.USAGE}) as ended:
        if not because.strip():
            raise CommandError(Exit.USAGE, _("--because must say how that is known."))
        if not yes:
            _ask(journal)
        before = asyncio.run(ended_doubt())
        if as_json:
            output.print_json({"ended": before.doubt is not None, "journal": plain_identity(before)})
        elif before.doubt is None:
            output.out().print(_("Nothing is in doubt about the journal {place}.", place=before.place))
        else:
            output.out().print(_("The journal {place} counts as whole.", place=before.place))
    return ended.code


def _ask(journal: str) -> None:
    asked = _(
        "The journal {place} will count as whole: operations are sent again without being looked "
        "up first. What was sent and is missing in it is SENT TWICE. This cannot be undone.",
        place=showable(journal),
    )
    if not output.is_interactive():
        raise CommandError(
            Exit.USAGE,
            (f"{asked}\n" + _("Nothing was changed: there is no terminal to ask on. Pass --yes if it is so.")),
        )
    if not output.agreed(asked, _("Go on? [y/N]")):
        raise CommandError(Exit.REFUSED, _("Nothing was changed."))


def name_of_user() -> str:
    """Return who gives a word, as this machine knows the person."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return _("a person")
