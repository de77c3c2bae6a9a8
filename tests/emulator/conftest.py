"""A fresh emulator and plain HTTP callers: nothing of the SDK takes part here."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
import requests

from kolay_invoice.emulator import Emulator

Caller = Callable[..., requests.Response]


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.request = partial(session.request, timeout=10)
        yield session


@pytest.fixture
def kolaybi_headers() -> dict[str, str]:
    return {"Authorization": f"Bearer {Emulator.kolaybi_access_token}", "Channel": Emulator.kolaybi_channel}


@pytest.fixture
def call_kolaybi(http: requests.Session, kolaybi_headers: dict[str, str]) -> Caller:
    def call(emulator, method, path, *, headers=None, **options):
        url = f"{emulator.kolaybi_url}/kolaybi/v1/{path}"
        return http.request(method, url, headers={**kolaybi_headers, **(headers or {})}, **options)

    return call


@pytest.fixture
def call_propars(http: requests.Session) -> Caller:
    def call(emulator, method, path, *, headers=None, **options):
        token = {"Authorization": f"Token {emulator.propars_token}"}
        return http.request(
            method, f"{emulator.propars_url}/api/v1/{path}", headers={**token, **(headers or {})}, **options
        )

    return call


@pytest.fixture
def kolaybi(emulator: Emulator, call_kolaybi: Caller) -> Caller:
    return partial(call_kolaybi, emulator)


@pytest.fixture
def propars(emulator: Emulator, call_propars: Caller) -> Caller:
    return partial(call_propars, emulator)
