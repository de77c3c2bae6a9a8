"""Credentials go to the provider alone: no plain proxy, no weak TLS, also where a context is changed later."""

from __future__ import annotations

import ssl
import warnings

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars, ConfigurationError, KolayBi, Propars

CREDENTIALS = {
    AsyncKolayBi: {"channel": "c", "access_token": "t"},
    KolayBi: {"channel": "c", "access_token": "t"},
    AsyncPropars: {"token": "t"},
    Propars: {"token": "t"},
}


@pytest.mark.parametrize("kind", CREDENTIALS)
@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"])
def test_a_proxy_that_would_see_the_token_is_refused(kind, base_url):
    with pytest.raises(ValueError, match="proxy must not be given together with an http base_url"):
        kind(**CREDENTIALS[kind], base_url=base_url, proxy="http://proxy:3128")


def without_verification(context):
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE


def without_host_name(context):
    context.check_hostname = False


def with_optional_certificate(context):
    context.check_hostname = False
    context.verify_mode = ssl.CERT_OPTIONAL
    context.check_hostname = True


def with_old_tls(context):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1


def with_any_tls(context):
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.options &= ~ssl.OP_NO_SSLv3


def with_anonymous_ciphers(context):
    context.set_ciphers("ADH:@SECLEVEL=0")


WEAK = [without_verification, without_host_name, with_optional_certificate, with_old_tls, with_any_tls]


@pytest.mark.parametrize("weaken", [*WEAK, with_anonymous_ciphers])
def test_a_context_that_would_trust_another_server_or_old_tls_is_refused(weaken):
    context = ssl.create_default_context()
    weaken(context)

    with pytest.raises(ValueError, match=r"ssl_context must (verify|not allow)"):
        AsyncPropars(token="t", ssl_context=context)


@pytest.mark.parametrize("weaken", WEAK)
async def test_a_context_that_is_changed_later_is_refused_at_the_call(weaken, opened):
    context = ssl.create_default_context()
    client = await opened(AsyncPropars, token="t", base_url="https://127.0.0.1:1", ssl_context=context)
    weaken(context)

    with pytest.raises(ConfigurationError, match="ssl_context was changed: it must") as refusal:
        await client.send_invoice(sale_id=1)

    assert not refusal.value.may_have_happened


def test_a_context_that_turns_old_tls_off_by_its_options_is_accepted():
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.options |= ssl.OP_NO_SSLv3 | ssl.OP_NO_TLSv1 | ssl.OP_NO_TLSv1_1

    assert AsyncPropars(token="t", ssl_context=context)
