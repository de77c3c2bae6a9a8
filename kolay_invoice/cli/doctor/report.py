"""The doctor's report, as Markdown and as JSON: no credential, and no name of a person or company."""

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
from kolay_invoice.cli.errors import ExitCode
from kolay_invoice.cli.retelling import NAMES, retold
from kolay_invoice.cli.texts import say
from kolay_invoice.errors import AuthenticationError, ConfigurationError, NotSentError

_GUESSED: Final = {Status.HELD: "seen to hold", Status.NOT_HELD: "seen to fail", Status.NOT_OBSERVED: "assumed"}
"""The status of a guess. What could not be observed stays assumed."""


@frozen
class ProviderReport:
    """What was found of one provider."""

    account: Account
    seen: Observations
    findings: Sequence[tuple[Assumption, Finding]]

    def of(self, *, guesses: bool) -> list[tuple[Assumption, Finding]]:
        """Return the findings of the guesses, or of the other assumptions."""
        return [(one, finding) for one, finding in self.findings if one.is_guess is guesses]

    @property
    def does_not_hold(self) -> bool:
        """Whether an assumption was seen not to hold."""
        return any(finding.status is Status.NOT_HELD for _, finding in self.findings)

    @property
    def access_denied(self) -> bool:
        """Whether no read brought a reply that tells something."""
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
                    {"name": about.name, "assumption": say(about.text), "verdict": found.status.value, **_facts(found)}
                    for about, found in one.of(guesses=False)
                ],
                "guesses": [
                    {"name": about.name, "guess": say(about.text), "verdict": _GUESSED[found.status], **_facts(found)}
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
    # A code that is a text comes from the provider, and could hold anything.
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
    lines = ["# kolay-invoice doctor", "", say("doctor.intro"), ""]
    lines += [f"kolay-invoice {__version__}, Python {platform.python_version()}, {sys.platform}"]
    for one in reports:
        lines += ["", f"## {NAMES[one.account.provider]} ({host_kind(one.account)})", "", *_section(one)]
    return "\n".join(lines)


def _section(report: ProviderReport) -> list[str]:
    checks = report.of(guesses=False)
    counted = {status.word: sum(found.status is status for _, found in checks) for status in Status}
    lines = [say("doctor.counts", **counted), ""]
    if report.access_denied:
        lines += [say("doctor.not_reached" if report.is_unreachable else "doctor.not_let_in"), ""]
    lines += [f"- {_read_line(_read(attempt))}" for attempt in report.seen.attempts]
    for status in (Status.NOT_HELD, Status.HELD, Status.NOT_OBSERVED):
        chosen = [_line(about, found) for about, found in checks if found.status is status]
        if chosen:
            lines += ["", f"### {say(f'doctor.verdict.{status.word}')}", "", *(f"- {line}" for line in chosen)]
    lines += ["", f"### {say('doctor.guesses')}", "", say("doctor.guesses_why"), ""]
    for about, found in report.of(guesses=True):
        lines += [f"- **{say(f'doctor.guessed.{found.status.word}')}**: {_line(about, found)}"]
    return lines


def _line(about: Assumption, finding: Finding) -> str:
    facts = "".join(f"; {retold(name)}: {value}" for name, value in finding.facts.items())
    return f"{say(about.text)} (`{about.name}`{facts})"


def _read_line(read: Mapping[str, Any]) -> str:
    reply = [f"HTTP {read['status']}"] if read["status"] is not None else []
    reply += [f"{read['code']}"] if read["code"] is not None else []
    return f"{read['operation']}, {retold(read['purpose'])}: {retold(read['result'])}" + (
        f" ({', '.join(reply)})" if reply else ""
    )
