"""`kolay-invoice emulator`: both providers on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any, Final, Literal

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.errors import CommandError, ExitCode, os_error_text, report_errors
from kolay_invoice.cli.i18n import _
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.example_data import EXAMPLE_COMPANY

_LOOK_UP_SECONDS: Final = 0.5
_HIGHEST_PORT: Final = 65_535
_MOST_ADDED: Final = 100_000


@frozen(kw_only=True)
class EmulatorOptions:
    """The arguments of the command."""

    host: str
    port: int
    faults: Sequence[str]
    duplicates: Literal["refuse", "execute"]
    guesses: Sequence[str]
    latency: float
    documents: int
    sales: int
    json: bool


def serve(options: EmulatorOptions) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    with report_errors(_("The emulator was not started."), as_json=options.json) as status:
        rates = [_rate(text) for text in options.faults]
        if options.latency < 0:
            raise CommandError(
                ExitCode.USAGE, _("--latency must be 0 or more, and not {given}.", given=options.latency)
            )
        _check_count("--documents", options.documents)
        _check_count("--sales", options.sales)
        emulator = Emulator(
            host=options.host, port=options.port, duplicates=options.duplicates, latency=options.latency
        )
        for text in options.guesses:
            _guess(emulator, text)
        for kind, rate in rates:
            emulator.fault_rate(kind, rate)
        _start(emulator, options)
        try:
            documents = [emulator.add_document().document_id for _number in range(options.documents)]
            sales = [emulator.add_sale().sale_code for _number in range(options.sales)]
            _print_address(emulator, documents, sales, as_json=options.json)
            _wait_for_signal()
        finally:
            emulator.stop()
    return status.code


def _start(emulator: Emulator, options: EmulatorOptions) -> None:
    if not 0 <= options.port <= _HIGHEST_PORT:
        raise CommandError(
            ExitCode.USAGE,
            (
                _("--port must be between 0 and 65535, and not {given}.", given=options.port)
                + " "
                + _("The emulator was not started.")
            ),
        )
    try:
        emulator.start()
    except OSError as error:
        # asyncio adds its own text to strerror.
        why = translate(os.strerror(error.errno)) if error.errno and error.errno > 0 else os_error_text(error)
        message = _(
            "{place} cannot be used ({why}): choose another --port; 0 takes a free one.",
            place=f"{options.host}:{options.port}",
            why=why,
        )
        raise CommandError(ExitCode.USAGE, (f"{message} " + _("The emulator was not started."))) from None


def _rate(text: str) -> tuple[str, float]:
    kind, _sign, rate = text.partition("=")
    try:
        return kind, float(rate)
    except ValueError:
        raise CommandError(
            ExitCode.USAGE, _("--fault takes NAME=RATE, as in drop-after=0.1, and not {given}.", given=repr(text))
        ) from None


def _check_count(option: str, number: int) -> None:
    if not 0 <= number <= _MOST_ADDED:
        raise CommandError(
            ExitCode.USAGE,
            _(
                "{option} must be between 0 and {bound}, and not {given}.",
                option=option,
                bound=_MOST_ADDED,
                given=number,
            ),
        )


def _guess(emulator: Emulator, text: str) -> None:
    name, equals, position = text.partition("=")
    if not equals:
        raise CommandError(
            ExitCode.USAGE,
            _("--guess takes NAME=POSITION, as in list_filter=number, and not {given}.", given=repr(text)),
        )
    emulator.turn(name, position)


def _print_address(emulator: Emulator, documents: list[int], sales: list[str], *, as_json: bool) -> None:
    variables: dict[str, Any] = {
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_COMPANY_ID": str(EXAMPLE_COMPANY),
        "PROPARS_BASE_URL": emulator.propars_url,
        "PROPARS_USERNAME": emulator.propars_username,
        "PROPARS_PASSWORD": emulator.propars_password,
    }
    if as_json:
        output.print_json(
            {"url": emulator.kolaybi_url, "environment": variables, "documents": documents, "sales": sales}
        )
        return
    output.stderr().print(
        _(
            "KolayBi and Propars are emulated at {url}; Ctrl-C ends it. Its credentials, for another terminal:",
            url=emulator.kolaybi_url,
        )
    )
    if documents:
        output.stderr().print(
            _("Ready to be sent: the documents {first} to {last}.", first=documents[0], last=documents[-1])
        )
    if sales:
        output.stderr().print(_("Without an invoice: the sales {first} to {last}.", first=sales[0], last=sales[-1]))
    for name, value in variables.items():
        output.stdout().print(f"export {name}={value}")


def _wait_for_signal() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stopped = threading.Event()
    before = {number: signal.signal(number, lambda *_: stopped.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # A signal just before `wait` would not wake the thread.
        while not stopped.wait(_LOOK_UP_SECONDS):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
