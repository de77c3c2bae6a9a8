"""A night: a thousand documents, a provider that fails in every way, and workers that are killed all the time."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from uuid import UUID

import pytest

from kolay_invoice.journal import Journal, State

from .support import balance, rows_of

DOCUMENTS = 1_000
KILLS = 12
FAULTS = [
    *((kind, 0.04, None) for kind in ("drop-before", "drop-after", "rst", "garbage", "cut-body", "wrong-echo")),
    *((kind, 0.02, None) for kind in ("login-page", "empty", "429", "500", "502", "503", "504", "524", "302", "307")),
    ("slow", 0.01, 0.8),
    # It carries the call out when the client has given up already.
    ("late", 0.01, 0.8),
]
LONGEST = 150.0
"""Seconds in which a worker has to come to its end."""
TIMEOUT = 0.5
QUIET = 2.0
LEASE = 4.0
SETTINGS = {
    "timeout": TIMEOUT,
    "quiet": QUIET,
    "lease": LEASE,
    "concurrency": 16,
    "patience": 30.0,
    "until_settled": 110.0,
}


@pytest.mark.row(32)
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("database", "processes"), [("sqlite", 1), ("postgresql", 3)])
async def test_a_night_of_faults_and_kills_sends_every_document_once_and_loses_no_reply(
    database, processes, request, start, worker, capsys
):
    url = request.getfixturevalue(f"{database}_url")
    chance = random.Random(20)
    provider = start("provider_process.py", seed=5, documents=DOCUMENTS)
    started = time.monotonic()
    place = provider.line()
    provider.ask(FAULTS)
    workers = [worker(place["url"], url, place["ids"], **SETTINGS) for _ in range(processes)]
    # The kills fall between the first document and the last ones, wherever the worker is just then.
    for mark in sorted(chance.sample(range(1, DOCUMENTS * 9 // 10), KILLS)):
        while provider.ask("executed") < mark:
            assert time.monotonic() - started < 120, (mark, [one.popen.poll() for one in workers])
            await asyncio.sleep(0.02)
        await asyncio.sleep(chance.random() * 0.1)
        victim = chance.randrange(processes)
        workers[victim].kill()
        assert workers[victim].popen.returncode == -signal.SIGKILL
        workers[victim] = worker(place["url"], url, place["ids"], **SETTINGS)
    ends = [one.ended(LONGEST) for one in workers]
    assert [(code, err) for code, _, err in ends] == [(0, "")] * processes, ends
    assert not [result for _, result, _ in ends if "error" in result], ends
    known = provider.ask("everything")
    seconds = time.monotonic() - started

    executions = {int(number): times for number, times in known["executions"].items()}
    uuids = {int(number): UUID(uuid) for number, uuid in known["uuids"].items() if executions.get(int(number))}
    result = await balance(url, place["ids"], executions, uuids)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the night is for.
            f"\n{database}, {processes} process(es): {DOCUMENTS} documents, {KILLS} x SIGKILL, "
            f"{result.executed} executed, {len(result.twice)} twice, {len(result.lost)} results lost, {seconds:.0f} s"
        )
    assert result.is_even, result
    assert Counter(executions.values()) == {1: DOCUMENTS}


UNCLEAR = {
    "a list that lags": ("sqlite", {"list_lag": 3.0, "detail": "missing"}),
    "a list that lags for ever": ("postgresql", {"list_lag": "forever", "detail": "missing"}),
    "a filter by number": ("sqlite", {"list_filter": "number", "detail": "missing"}),
    "a detail that is forbidden": ("postgresql", {"detail": "forbidden"}),
}
FEWER = 150


@pytest.mark.timeout(150)
@pytest.mark.parametrize(("database", "switches"), UNCLEAR.values(), ids=UNCLEAR.keys())
async def test_a_night_at_a_provider_that_shows_little_needs_persons_and_executes_nothing_twice(
    database, switches, request, start, worker
):
    url = request.getfixturevalue(f"{database}_url")
    chance = random.Random(20)
    provider = start("provider_process.py", seed=5, documents=FEWER, switches=switches)
    place = provider.line()
    provider.ask(FAULTS)
    settings = {**SETTINGS, "quiet": 0.8, "give_up_after": 2.5, "patience": 4.0, "until_settled": 8.0}
    one = worker(place["url"], url, place["ids"], **settings)
    for mark in sorted(chance.sample(range(1, FEWER * 6 // 10), 3)):
        began = time.monotonic()
        while provider.ask("executed") < mark:
            assert time.monotonic() - began < 60, mark
            await asyncio.sleep(0.02)
        one.kill()
        one = worker(place["url"], url, place["ids"], **settings)
    assert one.ended(LONGEST)[::2] == (0, "")
    known = provider.ask("everything")

    executions = {int(number): times for number, times in known["executions"].items()}
    assert set(executions.values()) <= {0, 1}
    async with Journal.open(url, create=False) as journal:
        rows = await rows_of(journal)
    by_state = Counter(row.state for row in rows.values())
    for row in rows.values():
        number = row.request.document_id
        if row.state is State.DONE:
            assert executions[number] == 1
            assert row.result.uuid == UUID(known["uuids"][str(number)])
        elif row.state is not State.PLANNED:
            assert row.state in (State.UNKNOWN, State.NEEDS_PERSON), row
            assert row.evidence, row
    assert by_state[State.DONE] > FEWER / 2
    assert by_state[State.NEEDS_PERSON] or (database, switches) == UNCLEAR["a list that lags"]
