"""Batches that are interrupted, killed, and run by several commands. Executions are counted at the provider."""

import asyncio
import contextlib
import io
import json
import os
import pty
import signal
from collections import Counter

import pytest
from rich.console import Console

from kolay_invoice.cli.accounts import account_of
from kolay_invoice.cli.batch import run, view
from kolay_invoice.cli.batch.file import BatchFile
from kolay_invoice.cli.batch.options import RunOptions
from kolay_invoice.cli.batch.run import BatchJob, BatchRun
from kolay_invoice.journal import Journal

from ..conftest import JOURNAL, eventually  # noqa: TID252 - fixtures of the whole command.

pytestmark = pytest.mark.long

RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes", "--json")

# Every call takes a while, so that a test can act in the middle of the batch.
SLOWLY = pytest.mark.parametrize("unprotected", [0.03], indirect=True)


def executed(emulator, numbers):
    return [emulator.executions("create_e_document", number) for number in numbers]


def started(emulator, count):
    return lambda: emulator.executions("create_e_document") >= count


def wait_at_the_provider(emulator, count):
    """Hold back the replies of the next calls: the calls are executed, and their callers wait."""
    emulator.fault("create_e_document", "slow", times=count, seconds=40)


@pytest.fixture
def job(documents, place):
    """Eight documents to send, without the command."""
    documents(8)
    path = place / "sends.csv"
    with BatchFile(path) as file:
        return BatchJob(
            path, RunOptions(journal=JOURNAL, concurrency=4), (account_of("kolaybi", None),), None, file.fingerprint
        )


# A process of its own


@pytest.mark.row(32)
@SLOWLY
def test_killed_again_and_again_every_document_is_executed_once(start, documents, unprotected):
    numbers = documents(150)
    for kill in range(3):
        process = start(*RUN, "--quiet-period", "0.5")
        eventually(started(unprotected, 30 * (kill + 1)))
        process.kill()
    code, out, err = start(*RUN, "--quiet-period", "0.5").ended()
    assert (code, err) == (0, "")
    assert json.loads(out)["counts"]["done"] == 150
    assert executed(unprotected, numbers) == [1] * 150


@SLOWLY
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_once_it_finishes_what_is_on_its_way_and_the_next_run_goes_on(
    start, documents, unprotected, number
):
    numbers = documents(150)
    process = start(*RUN)
    eventually(started(unprotected, 10))
    os.killpg(process.popen.pid, number)
    code, out, err = process.ended()
    document = json.loads(out)
    assert code == 4
    assert err.startswith("Stopping: nothing more is started, and what is on its way is waited for.")
    assert document["interrupted"]
    assert document["stopped"] == []
    assert document["counts"]["done"] == unprotected.executions("create_e_document") < 150
    assert document["counts"]["unknown"] == 0
    assert f"{150 - document['counts']['done']} not sent yet: run the same batch again" in " ".join(document["next"])
    assert start(*RUN).ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 150


@pytest.mark.row(62)
def test_interrupted_twice_what_was_on_its_way_is_unknown_and_is_looked_up_later(start, documents, unprotected):
    numbers = documents(20)
    wait_at_the_provider(unprotected, 3)
    process = start(*RUN, "--concurrency", "3")
    eventually(started(unprotected, 3))
    process.interrupt()
    process.heard("Stopping")
    assert process.popen.poll() is None
    process.interrupt()
    code, out, err = process.ended()
    document = json.loads(out)
    assert (code, err) == (4, "Cut: what was on its way may have happened, and is written down as unknown.\n")
    assert document["counts"]["unknown"] == 3
    assert document["counts_are_of"] == "the journal"
    assert start(*RUN, "--quiet-period", "0.5").ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 20


def test_on_a_terminal_it_asks_and_shows_a_bar_with_the_counts(start, documents, unprotected):
    numbers = documents(5)
    ours, theirs = pty.openpty()
    process = start("run", "sends.csv", "--journal", JOURNAL, stdin=theirs, stderr=theirs)
    os.close(theirs)
    output = b""
    # A terminal without a writer ends with an error, not with an end of file.
    with contextlib.suppress(OSError):
        while part := os.read(ours, 4096):
            output += part
            if output.endswith(b"[y/N] "):
                os.write(ours, b"y\n")
    os.close(ours)
    assert process.popen.wait() == 0
    assert b"This cannot be undone." in output
    assert b"5/5" in output
    assert b"done 5" in output
    assert executed(unprotected, numbers) == [1] * 5


# The same in this process, for branch coverage


@SLOWLY
def test_ctrl_c_once_in_this_process(batch, documents, unprotected, ctrl_c):
    documents(100)
    ctrl_c(started(unprotected, 5))
    code, out, err = batch("run", "sends.csv", "--journal", JOURNAL, "--yes")
    assert code == 4
    assert "Interrupted. What may have been on its way is in the journal." in out
    assert "Stopping" in err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture
def stopping(monkeypatch):
    """Whether the first Ctrl-C was handled. The kernel merges two pending signals."""
    heard = []
    original = run.stderr
    monkeypatch.setattr(run, "stderr", lambda: heard.append("Ctrl-C") or original())
    return lambda: heard


@pytest.mark.row(62)
def test_ctrl_c_twice_in_this_process(batch, documents, unprotected, ctrl_c, stopping):
    documents(4)
    wait_at_the_provider(unprotected, 4)
    ctrl_c(started(unprotected, 4))
    ctrl_c(stopping)
    code, out, err = batch("run", "sends.csv", "--journal", JOURNAL, "--yes")
    assert code == 4
    assert "4 may have happened" in out
    assert "Cut" in err


async def test_a_stop_before_the_run_has_begun_starts_nothing(job, unprotected):
    running = BatchRun(job, lambda _read, _outcomes: None)
    running.stop()
    assert (await running.run()).counts == {}
    running = BatchRun(job, lambda _read, _outcomes: None)
    opened = Journal.run

    async def stopped_first(*given, **options):
        running._stopping = True
        return await opened(*given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "run", stopped_first)
        assert (await running.run()).read == 0
    assert unprotected.executions("create_e_document") == 0


async def test_a_cut_before_the_run_has_begun_starts_nothing(job, unprotected):
    running = BatchRun(job, lambda _read, _outcomes: None)
    running.abort()
    assert (await running.run()).interrupted
    assert unprotected.executions("create_e_document") == 0


async def test_a_cancellation_from_elsewhere_is_passed_on(job, monkeypatch):
    begun = asyncio.Event()

    async def for_ever(*_given, **_options):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Journal, "run", for_ever)
    running = asyncio.create_task(BatchRun(job, lambda _read, _outcomes: None).run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# The bar


@pytest.fixture
def terminal(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    monkeypatch.setattr(view, "stderr", lambda: console)
    return console


def test_the_bar_counts_what_was_tried_and_passes_by_what_was_known(terminal, monkeypatch):
    shown = []
    monkeypatch.setattr(view.Progress, "update", lambda _bar, _task, **what: shown.append(what))
    with view.progress_bar(1000, read_ahead=32) as tell:
        tell(40, Counter(done=8, planned=3))
        tell(900, Counter(done=8, refused=1, unknown=1))
        tell(2000, Counter())
    assert shown == [
        {"completed": 8, "states": "done 8"},
        {"completed": 868, "states": "done 8  refused 1  unknown 1"},
        {"completed": 1000, "states": ""},
    ]


def test_the_bar_shows_a_rate_once_there_is_one(terminal):
    column = view._RateColumn()
    with view.Progress(column, console=terminal) as bar:
        bar.add_task("", total=10)
        (task,) = bar.tasks
        assert column.render(task).plain == ""
        task.finished_speed = 1234.5
        assert column.render(task).plain == "1,234.5/s"


# Several commands on one PostgreSQL journal


@pytest.mark.row(34)
def test_two_commands_share_a_postgresql_journal(start, documents, unprotected, postgresql_url):
    numbers = documents(120)
    unprotected.fault("create_e_document", "drop-after", times=3)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json")
    both = [start(*run), start(*run)]
    ends = [process.ended() for process in both]
    documents_printed = [json.loads(out) for _, out, _ in ends]
    assert [err for _, _, err in ends] == ["", ""]
    assert sum(one["sent_in_this_run"] for one in documents_printed) == 120
    assert sum(one["done_in_this_run"] for one in documents_printed) == 117
    assert start(*run, "--quiet-period", "0.1").ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 120


@SLOWLY
def test_a_command_that_is_killed_beside_another_loses_nothing(start, documents, unprotected, postgresql_url):
    numbers = documents(60)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--quiet-period", "1")
    killed, other = start(*run), start(*run)
    eventually(started(unprotected, 10))
    killed.kill()
    assert other.ended()[0] in {0, 4}
    assert start(*run).ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 60
