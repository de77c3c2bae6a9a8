"""The settings of every client: their defaults, and that the typed keyword arguments are all there."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pytest
from attrs import fields

import kolay_invoice
from kolay_invoice import (
    KOLAYBI_PRODUCTION_URL,
    KOLAYBI_SANDBOX_URL,
    AsyncKolayBi,
    AsyncPropars,
    ClientOptions,
    ConfigurationError,
    Propars,
    __version__,
)
from kolay_invoice.config import Options
from kolay_invoice.redact import logger


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


@pytest.mark.parametrize(
    ("variables", "options", "proxy"),
    [
        ({"HTTPS_PROXY": "http://proxy:3128"}, {}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, {"trust_env": True}, "http://proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:3128"}, {"trust_env": True, "proxy": "http://other:1"}, "http://other:1"),
        ({"HTTPS_PROXY": "http://proxy:3128", "NO_PROXY": "propars.net"}, {"trust_env": True}, None),
        ({}, {"trust_env": True}, None),
    ],
    ids=["not asked for", "asked for", "an argument comes first", "bypassed", "none there"],
)
def test_the_proxy_of_the_environment_is_used_where_it_is_asked_for(variables, options, proxy, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert AsyncPropars(token="t", **options)._options.proxy == proxy
    assert AsyncPropars(token="t", base_url="http://127.0.0.1:1", trust_env=True)._options.proxy is None


def test_a_proxy_of_the_environment_that_cannot_be_used_is_named_without_its_value(monkeypatch):
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "ftp://canary-proxy-18ab55")

    with pytest.raises(ConfigurationError, match="HTTPS_PROXY must be the URL of an HTTP proxy") as raised:
        AsyncPropars(token="t", trust_env=True)

    assert "canary" not in str(raised.value)


def test_an_unknown_option_is_told_with_the_nearest_one():
    with pytest.raises(TypeError, match=r"AsyncPropars has no option max_attempt: did you mean max_attempts\?"):
        Propars(token="t", max_attempt=3)


def test_the_log_of_a_level_is_written_to_the_standard_error(monkeypatch, capsys):
    monkeypatch.setattr(logger, "handlers", [])
    monkeypatch.setattr(logger, "level", logger.level)
    monkeypatch.setenv("KOLAY_INVOICE_LOG", "debug")

    AsyncPropars(token="t")
    AsyncPropars(token="t")
    logger.debug("shown")

    assert [line.partition(" kolay_invoice ")[2] for line in capsys.readouterr().err.splitlines()] == ["DEBUG shown"]
    monkeypatch.setenv("KOLAY_INVOICE_LOG", "loud")
    with pytest.raises(ConfigurationError, match="KOLAY_INVOICE_LOG must be debug, info, warning or error, not 'loud'"):
        AsyncPropars(token="t")


async def test_the_version_is_told_to_the_provider(propars, server):
    server.answers({"results": [], "count": 0, "next": None})
    await propars.list_sales()

    assert server.requests[0].headers["User-Agent"] == f"kolay-invoice-python/{__version__}"


@pytest.mark.parametrize(
    ("module", "missing", "extra"),
    [("kolay_invoice.journal", "sqlalchemy", "journal"), ("kolay_invoice.emulator", "jinja2", "emulator")],
)
def test_a_missing_extra_is_named(module, missing, extra):
    script = f"import sys; sys.modules[{missing!r}] = None; import {module}"

    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    said = f"ModuleNotFoundError: {module} needs {missing}: pip install 'kolay-invoice[{extra}]'"
    assert ran.stderr.splitlines()[-1] == said


def test_completion_shows_public_names_alone():
    assert [name for name in dir(kolay_invoice) if not name.startswith("__")] == [
        name for name in sorted(kolay_invoice.__all__) if not name.startswith("__")
    ]
