"""`kolay-invoice emulator`: both providers on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Sequence
from typing import Any, Final, Literal

from attrs import frozen

from kolay_invoice.cli import output
from kolay_invoice.cli.errors import CommandError, ExitCode, of_system, report_errors
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.texts import say
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.example_data import EXAMPLE_COMPANY

_LOOK_UP_SECONDS: Final = 0.5
_HIGHEST_PORT: Final = 65_535


@frozen(kw_only=True)
class EmulatorOptions:
    """The arguments of the command."""

    host: str
    port: int
    faults: Sequence[str]
    duplicates: Literal["refuse", "execute"]
    guesses: Sequence[str]
    latency: float
    json: bool


def serve(options: EmulatorOptions) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    with report_errors(say("nothing_served"), as_json=options.json) as ended:
        rates = [_rate(text) for text in options.faults]
        emulator = Emulator(
            host=options.host, port=options.port, duplicates=options.duplicates, latency=options.latency
        )
        for text in options.guesses:
            _guess(emulator, text)
        for kind, rate in rates:
            emulator.fault_rate(kind, rate)
        _start(emulator, options)
        try:
            _print_address(emulator, as_json=options.json)
            _wait_for_signal()
        finally:
            emulator.stop()
    return ended.code


def _start(emulator: Emulator, options: EmulatorOptions) -> None:
    if not 0 <= options.port <= _HIGHEST_PORT:
        raise CommandError(ExitCode.USAGE, f"{say('wrong_port', given=options.port)} {say('nothing_served')}")
    try:
        emulator.start()
    except OSError as error:
        # asyncio puts a sentence of its own around the system's.
        why = retold(os.strerror(error.errno)) if error.errno and error.errno > 0 else of_system(error)
        told = say("cannot_listen", place=f"{options.host}:{options.port}", why=why)
        raise CommandError(ExitCode.USAGE, f"{told} {say('nothing_served')}") from None


def _rate(text: str) -> tuple[str, float]:
    kind, _, rate = text.partition("=")
    try:
        return kind, float(rate)
    except ValueError:
        raise CommandError(ExitCode.USAGE, say("wrong_fault", given=repr(text))) from None


def _guess(emulator: Emulator, text: str) -> None:
    name, equals, position = text.partition("=")
    if not equals:
        raise CommandError(ExitCode.USAGE, say("wrong_guess", given=repr(text)))
    emulator.turn(name, position)


def _print_address(emulator: Emulator, *, as_json: bool) -> None:
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
        output.print_json({"url": emulator.kolaybi_url, "environment": variables})
        return
    output.stderr().print(say("serving", url=emulator.kolaybi_url))
    for name, value in variables.items():
        output.stdout().print(f"export {name}={value}")


def _wait_for_signal() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    told = threading.Event()
    before = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        # A signal that comes just before the thread begins to wait would not wake it up.
        while not told.wait(_LOOK_UP_SECONDS):
            pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
