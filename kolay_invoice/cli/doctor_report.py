"""The doctor's report, as Markdown and as one JSON document: no credential, and nothing that names anybody."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from kolay_invoice import __version__
from kolay_invoice.cli.calls import host_kind
from kolay_invoice.cli.doctor_findings import Finding, Verdict
from kolay_invoice.cli.doctor_seen import Seen, Tried
from kolay_invoice.cli.endings import Exit
from kolay_invoice.cli.profiles import Account
from kolay_invoice.cli.retelling import NAMES, retold
from kolay_invoice.cli.texts import say
from kolay_invoice.errors import NotSentError

GUESSED: Final = {
    Verdict.HELD: "seen to hold",
    Verdict.NOT_HELD: "seen to fail",
    Verdict.NOT_SEEN: "assumed",
}
"""What is said of a guess. What could not be seen of it stays assumed."""


@frozen
class Examined:
    """One provider, as it was found."""

    account: Account
    seen: Seen
    findings: Mapping[str, Finding]
    guesses: Mapping[str, Finding]

    @property
    def was_not_let_in(self) -> bool:
        """Whether no read at all came to an answer that says something."""
        return not any(finding.verdict is not Verdict.NOT_SEEN for finding in self.findings.values()) or all(
            type(read.error).__name__ in {"AuthenticationError", "ConfigurationError"} for read in self.seen.tried
        )

    @property
    def was_not_reached(self) -> bool:
        """Whether no read left this machine."""
        return {type(read.error) for read in self.seen.tried} == {NotSentError}


def as_document(examined: Sequence[Examined], code: Exit) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "kolay_invoice": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "providers": [
            {
                "provider": one.account.provider,
                "host": one.account.kind,
                "reads": [_read(read) for read in one.seen.tried],
                "checks": [
                    {
                        "name": name,
                        "assumption": say(f"doctor.{name}"),
                        "verdict": finding.verdict.value,
                        "facts": dict(finding.facts),
                    }
                    for name, finding in one.findings.items()
                ],
                "guesses": [
                    {
                        "name": name,
                        "guess": say(f"doctor.guess.{name}"),
                        "verdict": GUESSED[finding.verdict],
                        "facts": dict(finding.facts),
                    }
                    for name, finding in one.guesses.items()
                ],
            }
            for one in examined
        ],
        "exit_code": int(code),
    }


def _read(read: Tried) -> dict[str, Any]:
    error = read.error
    # A code that is a text is the provider's own, and could hold anything.
    code = error.code if error is not None and isinstance(error.code, int) else None
    return {
        "purpose": read.purpose,
        "operation": read.operation,
        "result": "done" if error is None else type(error).__name__,
        "status": None if error is None else error.status,
        "code": code,
    }


def as_markdown(examined: Sequence[Examined]) -> str:
    """Return the report for a bug report."""
    lines = ["# kolay-invoice doctor", "", say("doctor.intro"), ""]
    lines += [f"kolay-invoice {__version__}, Python {platform.python_version()}, {sys.platform}"]
    for one in examined:
        lines += ["", f"## {NAMES[one.account.provider]} ({host_kind(one.account)})", ""]
        counted = {verdict: sum(f.verdict is verdict for f in one.findings.values()) for verdict in Verdict}
        lines += [say("doctor.counts", **{verdict.name.lower(): counted[verdict] for verdict in Verdict}), ""]
        if one.was_not_let_in:
            lines += [say("doctor.not_reached" if one.was_not_reached else "doctor.not_let_in"), ""]
        lines += [f"- {_line(_read(read))}" for read in one.seen.tried]
        for verdict in (Verdict.NOT_HELD, Verdict.HELD, Verdict.NOT_SEEN):
            chosen = {name: finding for name, finding in one.findings.items() if finding.verdict is verdict}
            if chosen:
                lines += ["", f"### {say(f'doctor.verdict.{verdict.name.lower()}')}", ""]
                lines += [f"- {say(f'doctor.{name}')} (`{name}`{_facts(found)})" for name, found in chosen.items()]
        lines += ["", f"### {say('doctor.guesses')}", "", say("doctor.guesses_why"), ""]
        for name, found in one.guesses.items():
            how = say(f"doctor.guessed.{found.verdict.name.lower()}")
            lines += [f"- **{how}**: {say(f'doctor.guess.{name}')} (`{name}`{_facts(found)})"]
    return "\n".join(lines)


def _line(read: Mapping[str, Any]) -> str:
    answer = [f"HTTP {read['status']}"] if read["status"] is not None else []
    answer += [f"{read['code']}"] if read["code"] is not None else []
    return f"{read['operation']}, {retold(read['purpose'])}: {retold(read['result'])}" + (
        f" ({', '.join(answer)})" if answer else ""
    )


def _facts(finding: Finding) -> str:
    return "".join(f"; {retold(name)}: {value}" for name, value in finding.facts.items())
