"""A night: a thousand documents, a provider that fails in every way, and workers that are killed all the time."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from uuid import UUID

import pytest

from .support import balance

DOCUMENTS = 1_000
KILLS = 12
FAULTS = [
    *((kind, 0.04, None) for kind in ("drop-before", "drop-after", "rst", "garbage", "cut-body", "wrong-echo")),
    *((kind, 0.02, None) for kind in ("login-page", "empty", "429", "500", "502", "503", "504", "524", "302", "307")),
    ("slow", 0.01, 0.8),
    # It carries the call out when the client has given up already.
    ("late", 0.01, 0.8),
]
TIMEOUT = 0.5
QUIET = 2.0
LEASE = 4.0
SETTINGS = {
    "timeout": TIMEOUT,
    "quiet": QUIET,
    "lease": LEASE,
    "concurrency": 16,
    "patience": 30.0,
    "until_settled": 60.0,
}


@pytest.mark.timeout(150)
@pytest.mark.parametrize(("database", "processes"), [("sqlite", 1), ("postgresql", 3)])
async def test_a_night_of_faults_and_kills_sends_every_document_once_and_loses_no_answer(
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
    ends = [one.ended() for one in workers]
    known = provider.ask("everything")
    seconds = time.monotonic() - started

    executions = {int(number): times for number, times in known["executions"].items()}
    uuids = {int(number): UUID(uuid) for number, uuid in known["uuids"].items()}
    result = await balance(url, place["ids"], executions, uuids)
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the night is for.
            f"\n{database}, {processes} process(es): {DOCUMENTS} documents, {KILLS} x SIGKILL, "
            f"{result.executed} executed, {len(result.twice)} twice, {len(result.lost)} results lost, {seconds:.0f} s"
        )
    assert [(code, err) for code, _, err in ends] == [(0, "")] * processes, ends
    assert result.is_even, result
    assert Counter(executions.values()) == {1: DOCUMENTS}
