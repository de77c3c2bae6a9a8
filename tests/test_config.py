"""The settings of every client: their defaults, and that the typed keyword arguments are all there."""

from __future__ import annotations

import inspect

import pytest
from attrs import fields

from kolay_invoice import KOLAYBI_PRODUCTION_URL, KOLAYBI_SANDBOX_URL, AsyncKolayBi, AsyncPropars, ClientOptions
from kolay_invoice.config import Options


def test_the_defaults_are_those_of_the_documentation():
    assert Options() == Options(
        max_concurrency=8,
        timeout=30.0,
        connect_timeout=5.0,
        queue_timeout=None,
        limiter=None,
        max_attempts=4,
        max_reply_bytes=32 * 1024 * 1024,
        proxy=None,
        ssl_context=None,
        on_event=None,
        allow_custom_host=False,
        account="default",
    )


@pytest.mark.parametrize("make", [AsyncKolayBi, AsyncPropars, AsyncKolayBi.from_env, AsyncPropars.from_env])
def test_every_option_is_a_typed_keyword_argument_of_every_client(make):
    named = {"max_concurrency", "timeout"}

    assert {attribute.name for attribute in fields(Options)} == named | set(ClientOptions.__annotations__)
    parameters = inspect.signature(make).parameters
    assert {name: parameters[name].default for name in named} == {"max_concurrency": 8, "timeout": 30.0}


def test_an_unknown_option_is_refused():
    with pytest.raises(TypeError, match="retries"):
        AsyncPropars(token="t", retries=3)


@pytest.mark.parametrize(("given", "account"), [({}, "default"), ({"account": "istanbul"}, "istanbul")])
def test_an_account_has_a_name_for_journals(given, account):
    assert AsyncPropars(token="t", **given).account == account


@pytest.mark.parametrize(
    ("given", "account"),
    [
        ({}, "sandbox"),
        ({"account": "istanbul"}, "istanbul"),
        ({"base_url": KOLAYBI_PRODUCTION_URL}, "default"),
        ({"base_url": f"{KOLAYBI_SANDBOX_URL}:443"}, "sandbox"),
        ({"base_url": f"{KOLAYBI_PRODUCTION_URL}:443"}, "default"),
        ({"base_url": "http://127.0.0.1:1"}, "loopback"),
        ({"base_url": "http://localhost:2", "account": "istanbul"}, "istanbul"),
        ({"base_url": "https://gateway.example", "allow_custom_host": True}, "default"),
    ],
)
def test_a_rehearsal_is_another_account_than_the_real_one(given, account):
    assert AsyncKolayBi(channel="c", access_token="t", **given).account == account
