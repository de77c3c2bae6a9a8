"""The Celery worker on a real Redis: what is delivered twice, or cut off by a kill, is sent once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .. import redis_server  # noqa: TID252 - beside the one of PostgreSQL, for whoever needs a queue.
from .conftest import PATIENCE

# A worker takes its time to start, and a quiet period is waited for.
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def redis_url():
    """A Redis server for each test: what a killed worker had in hand would come back to the next one's."""
    with redis_server.running() as url:
        yield url


@pytest.fixture
def queue(redis_url):
    """What a program that enqueues has: the names of the tasks, and the broker."""
    celery = pytest.importorskip("celery", reason="the package of this example is not installed: .[test]")
    with celery.Celery("client", broker=redis_url, backend=redis_url) as app:
        yield app
        app.backend.client.close()


@pytest.fixture
def worker(start, redis_url, tmp_path, queue):
    """A prefork worker with one process, so that it is known which one has the task."""
    worker = start(
        *(
            "celery",
            "--app",
            "celery_worker",
            "worker",
            "--pool",
            "prefork",
            "--concurrency",
            "1",
            "--loglevel",
            "INFO",
        ),
        REDIS_URL=redis_url,
        JOURNAL_URL=f"sqlite:///{tmp_path}/sends.db",
        QUIET_PERIOD="2",
    )
    yield worker
    print(worker.output)  # noqa: T201 - shown where the test has failed.
    # A worker that is only killed leaves its processes behind.
    worker.stop()


def send(queue, document_id):
    return queue.send_task("celery_worker.send", args=[document_id])


def children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def test_a_task_that_is_delivered_twice_sends_once(worker, queue, emulator):
    first, second = send(queue, 1), send(queue, 1)

    assert [first.get(timeout=PATIENCE), second.get(timeout=PATIENCE)] == ["done", "done"]
    assert emulator.executions("create_e_document", 1) == 1


def test_a_lost_answer_is_looked_up_and_the_task_ends_as_done(worker, queue, emulator):
    emulator.fault("create_e_document", "drop-after")

    assert send(queue, 1).get(timeout=PATIENCE) == "done"
    assert emulator.executions("create_e_document", 1) == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="this system does not tell a process's children")
def test_a_task_whose_process_is_killed_is_delivered_again_and_not_sent_again(worker, queue, emulator, until):
    emulator.fault("create_e_document", "slow", seconds=2 * PATIENCE)
    task = send(queue, 1)
    until(lambda: emulator.executions("create_e_document", 1))

    (process,) = children(worker.pid)
    os.kill(process, signal.SIGKILL)

    assert task.get(timeout=PATIENCE) == "done"
    assert emulator.executions("create_e_document", 1) == 1
    assert "WorkerLostError" in worker.output


def test_a_read_is_a_plain_blocking_call(worker, queue, emulator):
    send(queue, 1).get(timeout=PATIENCE)

    status = queue.send_task("celery_worker.status_of", args=[5, 1]).get(timeout=PATIENCE)

    assert status == emulator.documents[1].status
