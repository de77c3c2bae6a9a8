"""The emulator in a process of its own, told what to do in lines of JSON on its standard input.

    {"faults": 0.1, "late": 1.5}      strike this share of all calls, each kind of fault as often as the others
    {"documents": [first, count]}     add documents that are ready to be sent, and failed ones to be sent again
    {"sales": [first, count]}         add sales without an invoice
    {"executions": null}              tell what really happened: by operation, how often by id, and how often in all

Each is answered with one line. It ends when its input ends.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

from kolay_invoice.emulator import OPERATIONS, Emulator

# What a network, a gateway and a provider do on a bad day; "late" is carried out when the caller has gone.
KINDS = (
    "slow",
    "late",
    "drop-before",
    "drop-after",
    "rst",
    "garbage",
    "cut-body",
    "wrong-echo",
    "login-page",
    "empty",
    "redirect",
    "429",
    "500",
    "503",
    "504",
)
A_LITTLE = 0.02


class Commands:
    """What can be asked of the emulator, by name."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._documents: list[int] = []
        self._sales: list[int] = []

    def faults(self, rate: float, late: float = 1.0) -> None:
        """Strike this share of all calls."""
        for kind in KINDS:
            seconds = {"slow": A_LITTLE, "late": late}.get(kind)
            self._emulator.fault_rate(kind, rate / len(KINDS), seconds=seconds)

    def documents(self, first_and_count: list[int]) -> None:
        """Add documents: even ids are ready to be sent, odd ones failed before."""
        first, count = first_and_count
        for number in range(first, first + count):
            self._emulator.add_document(number, status="failed" if number % 2 else "ready_to_send")
        self._documents += range(first, first + count)

    def sales(self, first_and_count: list[int]) -> None:
        """Add sales; their codes are their ids with a word in front."""
        first, count = first_and_count
        for number in range(first, first + count):
            self._emulator.add_sale(f"sale-{number}", sale_id=number)
        self._sales += range(first, first + count)

    def executions(self, _: None) -> Mapping[str, object]:
        """Tell what really happened."""
        told: dict[str, object] = {"connections": self._emulator.connections_open}
        for operation, provider in OPERATIONS.items():
            ids = self._documents if provider == "kolaybi" else self._sales
            counted = {number: self._emulator.executions(operation, number) for number in ids}
            told[operation] = {str(number): times for number, times in counted.items() if times}
        return told


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends. A second execution is carried out, so that it can be counted."""
    with Emulator(duplicates="execute", signing="ec") as emulator:
        commands = Commands(emulator)
        _say({"url": emulator.kolaybi_url})
        for line in sys.stdin:
            ((name, argument), *others) = json.loads(line).items()
            _say(getattr(commands, name)(argument, **dict(others)))


if __name__ == "__main__":
    main()
