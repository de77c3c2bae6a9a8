"""The command tree. Each command imports its implementation when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Group, Parameter

from kolay_invoice import __version__
from kolay_invoice.cli import docstrings, i18n, output, streams, usage
from kolay_invoice.cli.help import HelpFormatter, helped
from kolay_invoice.cli.i18n import _
from kolay_invoice.cli.options import Flag
from kolay_invoice.messages import N_

_REFUSED = 1
_USAGE = 2
_INTERRUPTED = 130

_EXIT_CODES = N_(
    "Exit codes: 0 done, 1 refused or no usable answer, 2 usage or configuration, 3 not sent, 4 it may have happened, "
    "5 done, but the answer could not be printed and is on the standard error, 6 a signed document is intact, but its "
    "signer was not checked, 130 interrupted before anything was sent that has an effect."
)

commands = App(
    name="kolay-invoice",
    help="Turkish e-invoicing through KolayBi and Propars.",
    help_format="plaintext",
    help_formatter=HelpFormatter(),
    version=__version__,
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)
commands.command(
    "kolay_invoice.cli.kolaybi:app", name="kolaybi", help="Send, resend, collect and list e-invoices with KolayBi."
)
commands.command(
    "kolay_invoice.cli.propars:app",
    name="propars",
    help="List sales with Propars; preview, send and cancel their invoices, fetch signed XML.",
)
commands.command(
    "kolay_invoice.cli.batch.commands:app",
    name="batch",
    help="Send many operations from a file, each at most once, across crashes and restarts.",
)
commands.command(
    "kolay_invoice.cli.archive:app", name="archive", help="Keep signed documents in a folder, with a manifest."
)
commands.command("kolay_invoice.cli.xml:app", name="xml", help="Check and show signed UBL-TR documents in files.")
commands.command("kolay_invoice.cli.config:app", name="config", help="Profiles of credentials, in a private file.")
commands.register_install_completion_command(help="Install shell completion for this application.")
commands.meta.group_parameters = Group("Everywhere")
commands.meta.suppress_keyboard_interrupt = False


@commands.meta.default
def _started(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)], lang: Literal["en", "tr"] | None = None
) -> int | None:
    """Run a command.

    Args:
        tokens: The command and its arguments.
        lang: The language of messages. Default: KOLAY_INVOICE_LANG, or else the locale's.
    """
    i18n.set_language(lang)
    code: int | None = commands(tokens, exit_on_error=False, print_error=False)
    return code


def run(tokens: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    with streams.guarded_streams() as answers:
        # The help and usage errors are printed before any argument is parsed.
        i18n.set_language(_language_in(tokens))
        docstrings.restore_if_optimized()
        commands.help_epilogue = helped(_EXIT_CODES)
        commands.console = output.SafeConsole(sys.stdout)
        try:
            code = _run(tokens)
            if not answers.is_broken:  # A broken stream has already been reported.
                answers.flush()
        except (KeyboardInterrupt, streams.UnprintedError) as error:
            # A second Ctrl-C can arrive while the first one or an UnprintedError is handled.
            unprinted = streams.unprinted_in(error)
            if unprinted is None:
                print(_("Interrupted, before anything was sent that has an effect."), file=sys.stderr)  # noqa: T201 - printing is what the command does.
                return _INTERRUPTED
            from kolay_invoice.cli.errors import report_unprinted

            with streams.undisturbed():
                return int(report_unprinted(unprinted, as_json="--json" in tokens))
        return code


def _run(tokens: Sequence[str]) -> int:
    try:
        code: int | None = commands.meta(tokens, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        usage.report(error, as_json="--json" in tokens)
        return _USAGE
    return code or 0


def _language_in(tokens: Sequence[str]) -> i18n.Language | None:
    """Return the value of --lang, if it is a supported language."""
    for number, token in enumerate(tokens):
        name, equals, value = token.partition("=")
        if name == "--lang":
            chosen = value if equals else "".join(tokens[number + 1 : number + 2])
            return "tr" if chosen == "tr" else "en" if chosen == "en" else None
    return None


def app(tokens: Sequence[str]) -> None:
    """Run a command line and exit."""
    sys.exit(run(tokens))


@commands.command
def demo(*, json: Flag = False) -> int:
    """Show the eight calls, async and blocking, against the embedded emulator, with one fault of each kind.

    Nothing leaves this machine. Exit code 0 only when everything did what it should.

    Args:
        json: Print one JSON document instead of tables.
    """
    from kolay_invoice.cli import demo as demonstration

    checks = demonstration.run()
    demonstration.show(checks, as_json=json)
    return 0 if all(check.ok for check in checks) else _REFUSED


@commands.command
def emulator(
    *,
    host: str = "127.0.0.1",
    port: int = 8765,
    fault: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    duplicates: Literal["refuse", "execute"] = "refuse",
    guess: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    latency: float = 0.0,
    documents: int = 0,
    sales: int = 0,
    json: Flag = False,
) -> int:
    """Emulate both providers on this machine until Ctrl-C, and print the variables with which to reach them.

    Args:
        host: The address to listen on.
        port: The port to listen on; 0 takes a free one.
        fault: NAME=RATE: strike this share of all calls, as in drop-after=0.1. Can be given several times.
        duplicates: Whether a second send of the same document or sale is refused or carried out again.
        guess: NAME=POSITION: how it behaves where nobody knows how the providers do, as in list_filter=number.
            The names and their positions are in the documentation, and a wrong one lists them. Can be given several
            times.
        latency: Seconds that every call takes.
        documents: How many documents that are ready to be sent are added, for a rehearsal. The ids are printed.
        sales: How many sales without an invoice are added, for a rehearsal. The codes are printed.
        json: Print the address and the variables as one JSON line.
    """
    from kolay_invoice.cli.emulator import EmulatorOptions, serve

    return serve(
        EmulatorOptions(
            host=host,
            port=port,
            faults=fault,
            duplicates=duplicates,
            guesses=guess,
            latency=latency,
            documents=documents,
            sales=sales,
            json=json,
        )
    )


@commands.command
def doctor(
    *,
    profile: str | None = None,
    provider: Literal["kolaybi", "propars"] | None = None,
    sale_code: str | None = None,
    sale_id: int | None = None,
    save: Path | None = None,
    timeout: float = 30.0,
    json: Flag = False,
) -> int:
    """Check what this package assumes of the providers with your account. Reads only; changes nothing.

    The report is Markdown and holds no credential and no data of buyers, so it can be attached to a bug report.
    Exit code 1: something assumed does not hold, or a provider could not be asked.

    Args:
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        provider: Check this provider only. Default: each that there are credentials for.
        sale_code: A sale of Propars whose invoice was sent: its signed XML is fetched and looked at.
        sale_id: The same by its id.
        save: Write the report to this new file.
        timeout: Seconds that each call may take.
        json: Print the report as one JSON document.
    """
    from kolay_invoice.cli.doctor.command import DoctorOptions, run_doctor

    options = DoctorOptions(
        profile=profile,
        provider=provider,
        sale_code=sale_code,
        sale_id=sale_id,
        save=save,
        timeout=timeout,
        json=json,
    )
    return run_doctor(options)
