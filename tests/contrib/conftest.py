"""A PostgreSQL server and the emulator without any protection from duplicates."""

from collections.abc import Iterator

import pytest

from kolay_invoice.emulator import Emulator

from . import postgresql


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    with postgresql.running() as server:
        yield server


@pytest.fixture
def database_url(postgresql_server: postgresql.Server) -> str:
    return postgresql_server.new_url()


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(duplicates="execute") as running:
        yield running
