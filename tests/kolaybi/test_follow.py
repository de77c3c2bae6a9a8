"""Following the statuses of invoices: few calls, growing pauses, and an end that says why."""

from __future__ import annotations

from datetime import date

import pytest

from kolay_invoice import AsyncKolayBi, AuthenticationError, KolayBi, UnexpectedReplyError
from kolay_invoice.emulator import Emulator
from kolay_invoice.kolaybi.follow import AsyncFollower, FollowEnd, FollowOptions


@pytest.fixture
def emulator():
    with Emulator() as running:
        yield running


@pytest.fixture
async def client(emulator):
    options = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    async with AsyncKolayBi(base_url=emulator.kolaybi_url, max_attempts=1, **options) as client:
        yield client


class Clock:
    """A clock that only pauses move. What is planned for a pause happens in it."""

    def __init__(self, *in_pauses):
        self.now = 100.0
        self.pauses = []
        self.in_pauses = list(in_pauses)

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds
        if self.in_pauses:
            self.in_pauses.pop(0)()


def following(client, clock, **options):
    return AsyncFollower(client, FollowOptions(**options), sleep=clock.sleep, clock=clock)


def document(emulator, number, status, **fields):
    emulator.add_document(number, status=status, **fields)


async def seen(follower):
    return [(change.document_id, change.previous, change.status) async for change in follower]


async def test_each_change_comes_once_and_it_ends_with_the_last_final_status(emulator, client):
    for number in (501, 502):
        document(emulator, number, "sent")
    clock = Clock(
        lambda: document(emulator, 501, "sent_to_receiver"),
        lambda: None,
        lambda: document(emulator, 502, "approved"),
    )
    follower = following(client, clock, document_ids=[501, 502], company_id=5, first_pause=10)

    changes = await seen(follower)

    assert changes == [
        (501, None, "sent"),
        (502, None, "sent"),
        (501, "sent", "sent_to_receiver"),
        (502, "sent", "approved"),
    ]
    assert (follower.ended, follower.pending, follower.failed) == (FollowEnd.SETTLED, (), ())
    assert clock.pauses == [10, 10, 20], "pauses double, and begin anew with a change"
    assert follower.calls == emulator.executions("list_invoices") == 4


async def test_a_failed_invoice_is_waited_for_no_longer(emulator, client):
    document(emulator, 501, "sent")
    follower = following(
        client, Clock(lambda: document(emulator, 501, "failed")), document_ids=(501, 501), company_id=5
    )

    [_, change] = [change async for change in follower]

    assert (change.is_failed, change.is_final, change.invoice.document_id) == (True, False, 501)
    assert (follower.failed, follower.statuses, follower.ended) == ((501,), {501: "failed"}, FollowEnd.SETTLED)


async def test_what_is_final_is_a_setting(emulator, client):
    document(emulator, 501, "failed")
    follower = following(client, Clock(), document_ids=[501], company_id=5, final_statuses={"failed"})

    assert await seen(follower) == [(501, None, "failed")]
    assert (follower.failed, follower.ended) == ((), FollowEnd.SETTLED)


async def test_a_budget_of_calls_and_a_time_end_it(emulator, client):
    document(emulator, 501, "sent")
    clock = Clock()
    asked = {"document_ids": [501, 999], "company_id": 5, "first_pause": 10.0, "longest_pause": 30.0}

    by_calls = following(client, clock, max_calls=3, **asked)
    by_time = following(client, clock, give_up_after=65.0, **asked)

    assert await seen(by_calls) == await seen(by_time) == [(501, None, "sent")]
    assert (by_calls.ended, by_calls.calls, by_calls.pending) == (FollowEnd.CALLS, 3, (501, 999))
    assert (by_time.ended, by_time.statuses) == (FollowEnd.TIME, {501: "sent", 999: None})
    # The last pause is cut where the time ends.
    assert clock.pauses == [10.0, 20.0, 10.0, 20.0, 30.0, 5.0]


async def test_a_range_of_days_is_followed_by_its_own_filter_and_waits_for_what_was_sent(emulator, client):
    document(emulator, 501, "sent", issue_date="2031-05-02")
    document(emulator, 502, "ready_to_send", issue_date="2031-05-03")
    document(emulator, 503, "sent", issue_date="2031-06-01")
    clock = Clock(lambda: document(emulator, 501, "cancelled", issue_date="2031-05-02"))
    follower = following(client, clock, since="2031-05-01", until=date(2031, 5, 31), company_id=5)

    assert await seen(follower) == [(501, None, "sent"), (502, None, "ready_to_send"), (501, "sent", "cancelled")]
    assert follower.ended is FollowEnd.SETTLED
    [target, _] = [one.path_qs for one in emulator.requests]
    assert "min_issue_date=2031-05-01&max_issue_date=2031-05-31" in target


@pytest.mark.parametrize("company", [{}, {"company_id": 5}])
async def test_a_list_that_the_budget_cuts_is_not_settled(company):
    document_fields = {"status": "approved", "issue_date": "2031-05-02"}
    with Emulator(page_size=1) as emulator:
        for number in (501, 502):
            emulator.add_document(number, **document_fields)
        options = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
        async with AsyncKolayBi(base_url=emulator.kolaybi_url, **options) as client:
            follower = following(client, Clock(), since="2031-05-01", max_calls=1, **company)
            await seen(follower)
            assert (follower.ended, follower.calls) == (FollowEnd.CALLS, 1)


async def test_of_two_rows_of_one_document_the_official_one_counts(emulator, client):
    emulator.list_rows = "two"
    document(emulator, 501, "sent_to_receiver", uuid="0b7f3c62-5f0e-4a7d-9a57-2f6d5a0e9c11", no="ABC2026000000001")
    follower = following(client, Clock(), document_ids=[501], company_id=5, final_statuses=["sent"])

    assert await seen(follower) == [(501, None, "sent")]


async def test_without_a_company_each_one_is_read(emulator, client):
    document(emulator, 501, "approved", company_id=6)
    follower = following(client, Clock(), document_ids=[501])

    assert await seen(follower) == [(501, None, "approved")]
    assert follower.calls == 1 + len(emulator.companies)


async def test_a_look_that_fails_is_made_again_and_an_account_that_is_refused_ends_it(emulator, client):
    document(emulator, 501, "approved")
    emulator.fault("list_invoices", "500")
    clock = Clock()

    assert await seen(following(client, clock, document_ids=[501], company_id=5)) == [(501, None, "approved")]
    assert len(clock.pauses) == 1
    emulator.expire_tokens()
    with pytest.raises(AuthenticationError):
        await anext(following(client, Clock(), document_ids=[501], company_id=5))


async def test_the_error_of_the_last_look_is_raised_at_the_end(emulator, client):
    emulator.fault("list_invoices", "500", times=9)
    follower = following(client, Clock(), document_ids=[501], company_id=5, max_calls=3)

    with pytest.raises(UnexpectedReplyError):
        await anext(follower)
    assert follower.ended is FollowEnd.CALLS
    assert await anext(follower, None) is None


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "give document_ids or since"),
        ({"document_ids": []}, "document_ids must hold"),
        ({"document_ids": ["18"]}, "document_ids must hold"),
        ({"since": "2026-02-30"}, "since must be an existing day"),
        ({"since": "2026-02-02", "until": "2026-02-01"}, "since must not be greater than until"),
        ({"document_ids": [1], "company_id": 0}, "company_id"),
        ({"document_ids": [1], "direction": ""}, "direction"),
        ({"document_ids": [1], "final_statuses": "sent"}, "final_statuses must hold statuses"),
        ({"document_ids": [1], "final_statuses": [""]}, "final_statuses must hold statuses"),
        ({"document_ids": [1], "max_calls": 0}, "max_calls must be a whole number"),
        ({"document_ids": [1], "first_pause": 0}, "first_pause must be a positive number"),
    ],
)
def test_what_cannot_be_followed_is_refused_before_the_first_call(options, named):
    with KolayBi(channel="c", access_token="t") as client, pytest.raises(ValueError, match=named):
        client.follow(**options)


def test_the_blocking_twin_follows_too(emulator):
    document(emulator, 501, "approved")
    options = {"channel": emulator.kolaybi_channel, "access_token": emulator.kolaybi_access_token}
    with KolayBi(base_url=emulator.kolaybi_url, **options) as client:
        follower = client.follow(document_ids=[501], company_id=5)
        assert [change.status for change in follower] == ["approved"]
    assert (follower.ended, follower.calls, follower.pending, follower.failed) == (FollowEnd.SETTLED, 1, (), ())
    assert follower.statuses == {501: "approved"}
