"""Workers that are killed, stopped and doubled at every step, and the journal that has to make up for it."""

from __future__ import annotations

import signal

import pytest

from .support import balance_of, eventually, some_documents

pytestmark = pytest.mark.long

DOCUMENTS = 6

STEPS = [
    ("after", "start", 1),
    ("before", "plan", 1),
    ("after", "plan", 1),
    ("before", "mark", 1),
    ("after", "mark", 1),
    ("after", "mark", 2),
    ("before", "first byte", 1),
    ("after", "first byte", 3),
    ("before", "head", 2),
    ("after", "answer", 1),
    ("after", "answer", 5),
    ("before", "record", 1),
    ("after", "record", 1),
    ("before", "claim", 1),
    ("after", "claim", 1),
    ("before", "read-back", 1),
    ("after", "read-back", 1),
    ("before", "look", 1),
    ("after", "look", 1),
    ("before", "end of the run", 1),
    ("after", "end of the run", 1),
    ("before", "end", 1),
    ("after", "end", 1),
]
ON_POSTGRESQL = [("after", "mark", 1), ("after", "first byte", 3), ("before", "record", 1), ("after", "read-back", 1)]


def sent_requests(emulator):
    return [one for one in emulator.requests if one.operation == "create_e_document"]


def of_worker(process, code=0):
    found, result, errors = process.ended()
    assert (found, errors) == (code, ""), (found, result, errors)
    return result


@pytest.mark.row(32)
@pytest.mark.parametrize(
    ("database", "step"),
    [*(("sqlite", step) for step in STEPS), *(("postgresql", step) for step in ON_POSTGRESQL)],
    ids=lambda value: value if isinstance(value, str) else " ".join(map(str, value)),
)
async def test_a_worker_killed_at_any_step_leaves_one_execution_and_every_reply(
    database, step, request, emulator, worker
):
    url = request.getfixturevalue(f"{database}_url")
    ids = some_documents(emulator, DOCUMENTS)
    # One is executed without an answer, so that something has to be read back too.
    emulator.fault("create_e_document", "drop-after")

    of_worker(worker(emulator.kolaybi_url, url, ids, fail=(*step, "SIGKILL")), code=-signal.SIGKILL)
    result = of_worker(worker(emulator.kolaybi_url, url, ids, until_settled=20))

    assert result["counts"]["done"] == DOCUMENTS
    assert (await balance_of(url, ids, emulator)).is_even


@pytest.mark.row(32)
async def test_a_worker_killed_with_calls_in_flight_leaves_one_execution_each(url, emulator, worker):
    ids = some_documents(emulator, DOCUMENTS)
    emulator.fault("create_e_document", "slow", times=DOCUMENTS, seconds=20)
    first = worker(emulator.kolaybi_url, url, ids, timeout=30)
    eventually(lambda: emulator.executions("create_e_document") >= 2)

    first.kill()
    emulator.clear_faults()
    of_worker(worker(emulator.kolaybi_url, url, ids, until_settled=20))

    assert (await balance_of(url, ids, emulator)).is_even
    assert len(sent_requests(emulator)) == DOCUMENTS


@pytest.mark.row(33)
@pytest.mark.parametrize("step", [("before", "first byte"), ("before", "mark"), ("after", "mark")], ids=" ".join)
async def test_a_worker_suspended_beyond_its_lease_before_the_first_byte_sends_nothing(step, url, emulator, worker):
    ids = some_documents(emulator, DOCUMENTS)
    sleeper = worker(emulator.kolaybi_url, url, ids, lease=0.8, concurrency=1, fail=(*step, 1, "SIGSTOP"))
    eventually(lambda: sleeper.is_stopped)

    result = of_worker(worker(emulator.kolaybi_url, url, ids, lease=0.8, until_settled=25))
    assert result["counts"]["done"] == DOCUMENTS
    others = len(sent_requests(emulator))
    sleeper.signal(signal.SIGCONT)
    code, result, errors = sleeper.ended()

    # It may have been stopped in the middle of a renewal, whose transaction the server has ended since.
    assert (code, errors.replace("the lease on the journal could not be renewed: JournalError\n", "")) == (0, "")
    assert len(sent_requests(emulator)) == others == DOCUMENTS
    assert "lease" in result["error"]
    result = await balance_of(url, ids, emulator)
    assert result.is_even


@pytest.mark.row(33)
async def test_a_mark_that_expired_during_suspend_is_repeated_before_anything_is_sent(sqlite_url, emulator, worker):
    ids = some_documents(emulator, DOCUMENTS)
    sleeper = worker(emulator.kolaybi_url, sqlite_url, ids, mark_good_for=0.3, fail=("after", "mark", 1, "SIGSTOP"))
    eventually(lambda: sleeper.is_stopped)
    signal.sigtimedwait([], 0.5)

    assert not sent_requests(emulator)
    sleeper.signal(signal.SIGCONT)
    of_worker(sleeper)

    assert (await balance_of(sqlite_url, ids, emulator)).is_even
    assert len(sent_requests(emulator)) == DOCUMENTS


@pytest.mark.row(34)
@pytest.mark.parametrize(("database", "processes"), [("sqlite", 2), ("postgresql", 3)])
async def test_processes_with_the_same_batch_share_it(database, processes, request, emulator, worker):
    url = request.getfixturevalue(f"{database}_url")
    ids = some_documents(emulator, 60)

    workers = [worker(emulator.kolaybi_url, url, ids, until_settled=20) for _ in range(processes)]
    for one in workers:
        of_worker(one)

    assert len(sent_requests(emulator)) == len(ids)
    assert (await balance_of(url, ids, emulator)).is_even
