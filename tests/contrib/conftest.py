"""The emulator without any protection from duplicates."""

from collections.abc import Iterator

import pytest

from kolay_invoice.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(duplicates="execute") as running:
        yield running
