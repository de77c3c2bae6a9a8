"""Fixtures for your own tests: both providers emulated on loopback, clients of them, and faults on request.

pytest finds them by itself where `kolay-invoice[emulator]` is installed:

    async def test_a_lost_answer_is_told_as_unknown(kolaybi, kolay_faults):
        kolay_faults("create_e_document", "drop-after")
        assert await my_code.send(kolaybi, 1) == "unknown"

The asynchronous clients are run by pytest-asyncio in either mode, or by the plugin of anyio; the blocking ones need
neither. Nothing is loaded before a test asks for it.
"""
# ruff: noqa: ARG001 - a fixture asks for another one by naming it, also for what that one does.

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping

    from kolay_invoice import AsyncKolayBi, AsyncPropars, KolayBi, Propars
    from kolay_invoice.emulator import Emulator

_MISSING: Final = "the emulator needs `pip install 'kolay-invoice[emulator]'`: there is no {}"


@pytest.fixture
def kolay_emulator() -> Iterator[Emulator]:
    """KolayBi and Propars on a free loopback port, with the example data; a new one for each test."""
    try:
        from kolay_invoice.emulator import Emulator
    except ModuleNotFoundError as error:
        pytest.fail(_MISSING.format(error.name), pytrace=False)
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def kolay_faults(kolay_emulator: Emulator) -> Iterator[Callable[..., None]]:
    """`Emulator.fault`: strikes the next calls of an operation, `kolay_faults("create_e_document", "drop-after")`.

    A fault that has struck no call by the end of the test fails it: the test has not tested what it says.
    """
    yield kolay_emulator.fault
    if left := kolay_emulator.pending_faults:
        told = ", ".join(f"{operation} {kind} ({calls} times)" for operation, kind, calls in left)
        pytest.fail(f"these faults of kolay_faults struck no call: {told}", pytrace=False)


@pytest.fixture
def kolay_environment(kolay_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The variables that `from_env` reads, pointing at the emulator: set for the test, and given for its processes.

    Every client of these fixtures brings it along, so that no client of the code under test reaches a real account.
    """
    variables = {
        "KOLAYBI_CHANNEL": kolay_emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": kolay_emulator.kolaybi_api_key,
        "KOLAYBI_ACCESS_TOKEN": kolay_emulator.kolaybi_access_token,
        "KOLAYBI_BASE_URL": kolay_emulator.kolaybi_url,
        "PROPARS_TOKEN": kolay_emulator.propars_token,
        "PROPARS_USERNAME": kolay_emulator.propars_username,
        "PROPARS_PASSWORD": kolay_emulator.propars_password,
        "PROPARS_BASE_URL": kolay_emulator.propars_url,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def kolaybi_blocking(kolay_environment: Mapping[str, str]) -> Iterator[KolayBi]:
    """A blocking client of the emulated KolayBi."""
    from kolay_invoice import KolayBi

    with KolayBi.from_env() as client:
        yield client


@pytest.fixture
def propars_blocking(kolay_environment: Mapping[str, str]) -> Iterator[Propars]:
    """A blocking client of the emulated Propars."""
    from kolay_invoice import Propars

    with Propars.from_env() as client:
        yield client


async def kolaybi(kolay_environment: Mapping[str, str]) -> AsyncIterator[AsyncKolayBi]:
    """A client of the emulated KolayBi."""
    from kolay_invoice import AsyncKolayBi

    async with AsyncKolayBi.from_env() as client:
        yield client


async def propars(kolay_environment: Mapping[str, str]) -> AsyncIterator[AsyncPropars]:
    """A client of the emulated Propars."""
    from kolay_invoice import AsyncPropars

    async with AsyncPropars.from_env() as client:
        yield client


def pytest_configure(config: pytest.Config) -> None:
    """Register the asynchronous fixtures with pytest-asyncio or, without it, with pytest."""
    fixture: Callable[..., object] = pytest.fixture
    if config.pluginmanager.hasplugin("asyncio"):
        # In its strict mode, pytest-asyncio runs no fixtures but those that were made with its own decorator.
        import pytest_asyncio

        fixture = pytest_asyncio.fixture
    # pytest looks for fixtures on classes and modules only.
    asynchronous = ModuleType("kolay_invoice_asynchronous_fixtures")
    vars(asynchronous).update(kolaybi=fixture(kolaybi), propars=fixture(propars))
    config.pluginmanager.register(asynchronous)
