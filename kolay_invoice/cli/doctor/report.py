"""The doctor's report, as Markdown and as JSON. It contains no credential and no name."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from kolay_invoice import __version__
from kolay_invoice.cli.accounts import Account
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.doctor.findings import Assumption, Finding, Status
from kolay_invoice.cli.doctor.recorder import Observations, ReadAttempt
from kolay_invoice.cli.error_texts import NAMES, translate
from kolay_invoice.cli.errors import ExitCode
from kolay_invoice.cli.i18n import _
from kolay_invoice.errors import AuthenticationError, ConfigurationError, NotSentError
from kolay_invoice.messages import N_

_VERDICTS: Final = {
    "held": N_("Held"),
    "not_held": N_("Did not hold: please report"),
    "not_seen": N_("Could not be seen"),
}

_HOW_A_GUESS_STANDS: Final = {
    "held": N_("seen to hold"),
    "not_held": N_("seen to fail"),
    "not_seen": N_("assumed"),
}


_GUESSED: Final = {Status.HELD: "seen to hold", Status.NOT_HELD: "seen to fail", Status.NOT_OBSERVED: "assumed"}
"""The status of a guess. What could not be observed stays assumed."""


_WORDS: Final = (
    N_("companies"),
    N_("vaults"),
    N_("movements"),
    N_("invoices"),
    N_("next page"),
    N_("filter by document"),
    N_("filter by date"),
    N_("missing document"),
    N_("detail of a document"),
    N_("detail of an unsent document"),
    N_("invoices again"),
    N_("missing sale"),
    N_("sent sales"),
    N_("unsent sales"),
    N_("unsent sale"),
    N_("unsent sales again"),
    N_("invoice of a sale"),
    N_("signed document"),
    N_("done"),
    N_("seen"),
    N_("against"),
    N_("missing"),
    N_("others"),
    N_("status"),
    N_("rows"),
    N_("largest page"),
    N_("members"),
    N_("values without a name"),
    N_("with uuid and without no"),
)
"""The names of reads and facts, for translation."""


@frozen
class ProviderReport:
    """The findings of one provider."""

    account: Account
    seen: Observations
    findings: Sequence[tuple[Assumption, Finding]]

    def of(self, *, guesses: bool) -> list[tuple[Assumption, Finding]]:
        """Return the findings of the guesses, or of the other assumptions."""
        return [(one, finding) for one, finding in self.findings if one.is_guess is guesses]

    @property
    def does_not_hold(self) -> bool:
        """Whether a check failed."""
        return any(finding.status is Status.NOT_HELD for _, finding in self.findings)

    @property
    def access_denied(self) -> bool:
        """Whether no check observed anything, or every read failed to authenticate."""
        return all(finding.status is Status.NOT_OBSERVED for _, finding in self.of(guesses=False)) or all(
            type(attempt.error) in {AuthenticationError, ConfigurationError} for attempt in self.seen.attempts
        )

    @property
    def is_unreachable(self) -> bool:
        """Whether no read was sent."""
        return {type(attempt.error) for attempt in self.seen.attempts} == {NotSentError}


def as_document(reports: Sequence[ProviderReport], code: ExitCode) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "kolay_invoice": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "providers": [
            {
                "provider": one.account.provider,
                "host": one.account.kind,
                "reads": [_read(attempt) for attempt in one.seen.attempts],
                "checks": [
                    {"name": about.name, "assumption": _(about.text), "verdict": found.status.value, **_facts(found)}
                    for about, found in one.of(guesses=False)
                ],
                "guesses": [
                    {"name": about.name, "guess": _(about.text), "verdict": _GUESSED[found.status], **_facts(found)}
                    for about, found in one.of(guesses=True)
                ],
            }
            for one in reports
        ],
        "exit_code": int(code),
    }


def _facts(finding: Finding) -> dict[str, Any]:
    return {"facts": dict(finding.facts)}


def _read(attempt: ReadAttempt) -> dict[str, Any]:
    error = attempt.error
    # A text code comes from the provider and could contain private data.
    code = error.code if error is not None and isinstance(error.code, int) else None
    return {
        "purpose": attempt.purpose,
        "operation": attempt.operation,
        "result": "done" if error is None else type(error).__name__,
        "status": None if error is None else error.status,
        "code": code,
    }


def as_markdown(reports: Sequence[ProviderReport]) -> str:
    """Return the report for a bug report."""
    lines = [
        "# kolay-invoice doctor",
        "",
        _(
            "What this package assumes of the providers, and what was seen of it. Only reads were "
            "made. The report holds no credential and no data of buyers: numbers, and names of "
            "members, are all that came from the provider."
        ),
        "",
    ]
    lines += [f"kolay-invoice {__version__}, Python {platform.python_version()}, {sys.platform}"]
    for one in reports:
        lines += ["", f"## {NAMES[one.account.provider]} ({host_kind(one.account)})", "", *_section(one)]
    return "\n".join(lines)


def _section(report: ProviderReport) -> list[str]:
    checks = report.of(guesses=False)
    counted = {status.word: sum(found.status is status for _, found in checks) for status in Status}
    lines = [_("{held} held, {not_held} did not, {not_seen} could not be seen.", **counted), ""]
    if report.access_denied:
        lines += [
            _(
                N_("The provider could not be reached, so nothing could be seen: check the address and the network.")
                if report.is_unreachable
                else N_(
                    "The provider did not let the reads in, so hardly anything could be seen: check the credentials."
                )
            ),
            "",
        ]
    lines += [f"- {_read_line(_read(attempt))}" for attempt in report.seen.attempts]
    for status in (Status.NOT_HELD, Status.HELD, Status.NOT_OBSERVED):
        chosen = [_line(about, found) for about, found in checks if found.status is status]
        if chosen:
            lines += ["", ("### " + _(_VERDICTS[status.word])), "", *(f"- {line}" for line in chosen)]
    lines += [
        "",
        ("### " + _("Guesses")),
        "",
        _(
            "What no page says, or what is said and unproven. Most of it no read can prove: then it "
            "is assumed. Each can be tried the other way with the emulator's switch of the same name."
        ),
        "",
    ]
    for about, found in report.of(guesses=True):
        lines += [("- **" + _(_HOW_A_GUESS_STANDS[found.status.word]) + f"**: {_line(about, found)}")]
    return lines


def _line(about: Assumption, finding: Finding) -> str:
    facts = "".join(f"; {translate(name)}: {value}" for name, value in finding.facts.items())
    return _(about.text) + f" (`{about.name}`{facts})"


def _read_line(read: Mapping[str, Any]) -> str:
    reply = [f"HTTP {read['status']}"] if read["status"] is not None else []
    reply += [f"{read['code']}"] if read["code"] is not None else []
    return f"{read['operation']}, {translate(read['purpose'])}: {translate(read['result'])}" + (
        f" ({', '.join(reply)})" if reply else ""
    )
