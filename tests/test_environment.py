"""Clients made from environment variables."""

from __future__ import annotations

import pytest

from kolay_invoice import (
    KOLAYBI_PRODUCTION_URL,
    KOLAYBI_SANDBOX_URL,
    PROPARS_URL,
    AsyncKolayBi,
    AsyncPropars,
    ConfigurationError,
    Limiter,
)

KOLAYBI = {"KOLAYBI_CHANNEL": "c", "KOLAYBI_ACCESS_TOKEN": "t", "KOLAYBI_API_KEY": "k"}
PROPARS = {"PROPARS_TOKEN": "t", "PROPARS_USERNAME": "u@example.com", "PROPARS_PASSWORD": "p"}


@pytest.fixture
def settings(monkeypatch):
    """Set these variables and no other."""

    def settings(**variables):
        for name in (*KOLAYBI, *PROPARS, "KOLAYBI_BASE_URL", "PROPARS_BASE_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return settings


@pytest.mark.parametrize(
    ("kind", "variables", "url"),
    [
        (AsyncKolayBi, KOLAYBI, KOLAYBI_SANDBOX_URL),
        (AsyncKolayBi, {"KOLAYBI_CHANNEL": "c", "KOLAYBI_ACCESS_TOKEN": "t"}, KOLAYBI_SANDBOX_URL),
        (AsyncKolayBi, {"KOLAYBI_CHANNEL": "c", "KOLAYBI_API_KEY": "k"}, KOLAYBI_SANDBOX_URL),
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_BASE_URL": ""}, KOLAYBI_SANDBOX_URL),
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_BASE_URL": KOLAYBI_PRODUCTION_URL}, KOLAYBI_PRODUCTION_URL),
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_BASE_URL": "http://127.0.0.1:8080/"}, "http://127.0.0.1:8080"),
        (AsyncPropars, PROPARS, PROPARS_URL),
        (AsyncPropars, {"PROPARS_TOKEN": "t"}, PROPARS_URL),
        (AsyncPropars, {"PROPARS_USERNAME": "u", "PROPARS_PASSWORD": "p"}, PROPARS_URL),
        (AsyncPropars, {**PROPARS, "PROPARS_BASE_URL": "http://[::1]:8080"}, "http://[::1]:8080"),
    ],
)
def test_a_client_is_made_from_its_variables(kind, variables, url, settings):
    settings(**variables)

    assert repr(kind.from_env()) == f"<{kind.__name__} {url} not yet open>"


@pytest.mark.parametrize("kind", [AsyncKolayBi, AsyncPropars])
def test_the_other_settings_are_arguments(kind, settings):
    settings(**KOLAYBI, **PROPARS)
    limiter = Limiter(3)

    client = kind.from_env(timeout=7, max_concurrency=2, limiter=limiter, max_attempts=1)

    assert client._limiter is limiter
    assert (client._options.timeout, client._options.max_concurrency, client._options.max_attempts) == (7, 2, 1)


@pytest.mark.parametrize(
    ("kind", "variables", "sentence"),
    [
        (AsyncKolayBi, {}, "the environment variable KOLAYBI_CHANNEL is not set"),
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_CHANNEL": ""}, "the environment variable KOLAYBI_CHANNEL is not set"),
        (AsyncKolayBi, {"KOLAYBI_CHANNEL": "c"}, "access_token or an api_key"),
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_ACCESS_TOKEN": "two words"}, "access_token must be"),
        (AsyncPropars, {}, "a token, or a username together with its password"),
        (AsyncPropars, {"PROPARS_USERNAME": "u"}, "a username together with its password"),
        (AsyncPropars, {"PROPARS_TOKEN": "t", "PROPARS_PASSWORD": "p"}, "a username together with its password"),
    ],
)
def test_what_is_missing_is_named(kind, variables, sentence, settings):
    settings(**variables)

    with pytest.raises(ConfigurationError, match=sentence):
        kind.from_env()


@pytest.mark.parametrize(
    ("kind", "variables"),
    [
        (AsyncKolayBi, {**KOLAYBI, "KOLAYBI_BASE_URL": "https://example.com"}),
        (AsyncPropars, {**PROPARS, "PROPARS_BASE_URL": "http://api.propars.net"}),
    ],
)
def test_a_base_url_from_the_environment_is_checked_like_any_other(kind, variables, settings):
    settings(**variables)

    with pytest.raises(ValueError, match="base_url"):
        kind.from_env()
