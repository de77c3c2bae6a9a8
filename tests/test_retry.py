"""Permission to repeat by effect and outcome, the waits, and the forms of Retry-After."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolay_invoice import NotFoundError, RateLimitedError, RefusedError
from kolay_invoice.endpoint import Effect
from kolay_invoice.result import Ambiguous, Misconfigured, NotSent, Refused
from kolay_invoice.retry import FIRST_WAIT, LONGEST_WAIT, may_repeat, retry_after, waits

# What became of an attempt, and which calls may go out again after it.
EVERY = frozenset(Effect)
PERMISSIONS = [
    (NotSent("x"), EVERY),
    (NotSent("x", retryable=False), frozenset()),
    (Ambiguous("x"), {Effect.READ, Effect.UPSERT}),
    (Ambiguous("x", 503), {Effect.READ, Effect.UPSERT}),
    (Ambiguous("x", retryable=False), frozenset()),
    (Refused(RateLimitedError, 429), {Effect.READ, Effect.UPSERT}),
    (Refused(RefusedError, 409, proves_not_executed=False), frozenset()),
    (Refused(NotFoundError, 404), frozenset()),
    (Misconfigured("x"), frozenset()),
]


@pytest.mark.parametrize(("outcome", "repeatable"), PERMISSIONS)
@pytest.mark.parametrize("effect", Effect)
def test_only_what_changes_nothing_or_never_left_may_be_repeated(effect, outcome, repeatable):
    assert may_repeat(effect, outcome) is (effect in repeatable)


def test_each_wait_lies_under_a_ceiling_that_doubles_up_to_the_longest(monkeypatch):
    monkeypatch.setattr("backoff.full_jitter", lambda ceiling: ceiling)

    ceilings = list(islice(waits(), 8))

    assert ceilings == [min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n in range(8)]


def test_the_waits_are_jittered():
    drawn = [next(waits()) for _ in range(50)]

    assert all(0 <= wait <= FIRST_WAIT for wait in drawn)
    assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("1000000000", 1e9),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("", None),
        ("   ", None),
        ("soon", None),
        ("Mon, 99 Foo 2026 99:99:99 GMT", None),
        ("Mon, 01 Jan 99999999 00:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(text, seconds):
    assert retry_after({"Retry-After": text}) == seconds


def test_no_retry_after_is_none():
    assert retry_after({}) is None


@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"], ids=["IMF-fixdate", "asctime"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Istanbul", "America/New_York"])
def test_a_date_means_the_same_moment_wherever_this_machine_stands(zone, form, monkeypatch):
    now = datetime(2026, 5, 2, 9, tzinfo=UTC)
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    monkeypatch.setattr("kolay_invoice.retry.time.time", now.timestamp)

    waited = retry_after({"Retry-After": (now + timedelta(seconds=30)).strftime(form)})

    monkeypatch.undo()
    time.tzset()
    assert waited == 30


def test_a_date_in_the_future_is_the_seconds_until_then(monkeypatch):
    now = datetime(2026, 5, 2, 9, tzinfo=UTC)
    monkeypatch.setattr("kolay_invoice.retry.time.time", now.timestamp)

    assert retry_after({"Retry-After": format_datetime(now + timedelta(minutes=2), usegmt=True)}) == 120


@given(st.text())
def test_no_text_brings_an_error_or_a_negative_wait(text):
    wait = retry_after({"Retry-After": text})

    assert wait is None or wait >= 0
