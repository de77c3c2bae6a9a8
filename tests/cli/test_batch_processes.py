"""Batches that are interrupted, killed and shared between processes. What was executed is counted at the provider."""

import asyncio
import contextlib
import io
import json
import os
import pty
import signal
from collections import Counter
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from kolay_invoice.cli import batch_interrupts, batch_screen, batch_workers
from kolay_invoice.cli.batch_conflicts import LineConflict
from kolay_invoice.cli.batch_run import BatchFile, Job, Running
from kolay_invoice.cli.batch_tally import Before, Tally
from kolay_invoice.journal import Journal, JournalError, State

from .conftest import JOURNAL, eventually

RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes", "--json")

# Every call takes a while, so that there is a middle of the batch to do something in.
SLOWLY = pytest.mark.parametrize("unprotected", [0.03], indirect=True)


def executed(emulator, numbers):
    return [emulator.executions("create_e_document", number) for number in numbers]


def started(emulator, count):
    return lambda: emulator.executions("create_e_document") >= count


def wait_at_the_provider(emulator, count):
    """Hold the answers of the next calls back: they are executed, and their callers wait."""
    emulator.fault("create_e_document", "slow", times=count, seconds=40)


@pytest.fixture
def job(documents, place):
    """Eight documents as a share of work, without the command around it."""
    documents(8)
    path = place / "sends.csv"
    with BatchFile(path) as file:
        return Job(path, JOURNAL, ("kolaybi",), 4, 300.0, None, file.stamp)


# One process


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
    said = b""
    # A terminal that nobody holds open any more ends with an error and not with an end of file.
    with contextlib.suppress(OSError):
        while part := os.read(ours, 4096):
            said += part
            if said.endswith(b"[y/N] "):
                os.write(ours, b"y\n")
    os.close(ours)
    assert process.popen.wait() == 0
    assert b"This cannot be undone." in said
    assert b"5/5" in said
    assert b"done 5" in said
    assert executed(unprotected, numbers) == [1] * 5


# The same in this process, where every branch can be counted


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
    """Whether a first Ctrl-C was heard: two that come together are one to the kernel."""
    heard = []
    said = batch_interrupts.aside
    monkeypatch.setattr(batch_interrupts, "aside", lambda: heard.append("Ctrl-C") or said())
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
    running = Running(job, lambda _read, _outcomes: None)
    running.stop()
    assert (await running.run()).counts == {}
    running = Running(job, lambda _read, _outcomes: None)
    opened = Journal.run

    async def stopped_first(*given, **options):
        running._stopping = True
        return await opened(*given, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "run", stopped_first)
        assert (await running.run()).read == 0
    assert unprotected.executions("create_e_document") == 0


async def test_a_cut_before_the_run_has_begun_starts_nothing(job, unprotected):
    running = Running(job, lambda _read, _outcomes: None)
    running.cut()
    assert (await running.run()).interrupted
    assert unprotected.executions("create_e_document") == 0


async def test_a_cancellation_from_elsewhere_is_passed_on(job, monkeypatch):
    begun = asyncio.Event()

    async def for_ever(*_given, **_options):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Journal, "run", for_ever)
    running = asyncio.create_task(Running(job, lambda _read, _outcomes: None).run())
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


# The bar


@pytest.fixture
def terminal(monkeypatch):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    monkeypatch.setattr(batch_screen, "aside", lambda: console)
    return console


def test_the_bar_counts_what_was_tried_and_passes_by_what_was_known(terminal, monkeypatch):
    shown = []
    monkeypatch.setattr(batch_screen.Progress, "update", lambda _bar, _task, **what: shown.append(what))
    with batch_screen.progress_bar(1000, read_ahead=32) as tell:
        tell(40, Counter(done=8, planned=3))
        tell(900, Counter(done=8, refused=1, unknown=1))
        tell(2000, Counter())
    assert shown == [
        {"completed": 8, "states": "done 8"},
        {"completed": 868, "states": "done 8  refused 1  unknown 1"},
        {"completed": 1000, "states": ""},
    ]


def test_the_bar_shows_a_rate_once_there_is_one(terminal):
    column = batch_screen._RateColumn()
    with batch_screen.Progress(column, console=terminal) as bar:
        bar.add_task("", total=10)
        (task,) = bar.tasks
        assert column.render(task).plain == ""
        task.finished_speed = 1234.5
        assert column.render(task).plain == "1,234.5/s"


# Several processes


@pytest.mark.row(34)
def test_two_workers_share_a_postgresql_journal(batch, documents, unprotected, postgresql_url):
    numbers = documents(120)
    unprotected.fault("create_e_document", "drop-after", times=3)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2")
    code, out, err = batch(*run)
    document = json.loads(out)
    assert (code, err) == (4, "")
    assert (document["counts"]["done"], document["counts"]["unknown"]) == (117, 3)
    assert document["sent_in_this_run"] == 120
    assert document["lines_not_reached"] == 0
    assert batch(*run, "--quiet-period", "0.1")[0] == 0
    assert executed(unprotected, numbers) == [1] * 120


def test_workers_tell_of_conflicts_and_of_what_waits_for_a_person_as_one(
    batch, documents, place, unprotected, postgresql_url
):
    numbers = documents(20)
    unprotected.fault("proceed", "drop-after")
    lines = [f"create-e-document,{number}," for number in numbers]
    lines += ["proceed,18,1", "proceed,1,1", "proceed,1,2"]
    (place / "sends.csv").write_text("\n".join(["operation,document_id,vault_id", *lines]))
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2", "--concurrency", "1")
    code, out, _ = batch(*run)
    document = json.loads(out)
    assert code == 2
    assert [(one["line"], one["first_line"]) for one in document["conflicts"]] == [(24, 23)]
    assert [row["operation"] for row in document["waiting_for_a_person"]] == ["proceed"]
    assert document["done_in_this_run"] == 21
    document = json.loads(batch(*run)[1])
    assert (document["done_in_this_run"], document["done_before_this_run"]["count"]) == (0, 21)
    assert executed(unprotected, numbers) == [1] * 20
    assert unprotected.executions("proceed") == 2


def test_workers_are_stopped_and_cut_by_the_one_that_started_them(
    batch, documents, unprotected, postgresql_url, ctrl_c, stopping
):
    numbers = documents(12)
    wait_at_the_provider(unprotected, 4)
    ctrl_c(started(unprotected, 4))
    ctrl_c(stopping)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2")
    code, out, err = batch(*run, "--concurrency", "2")
    document = json.loads(out)
    assert code == 4
    assert "Stopping" in err
    assert "Cut" in err
    assert document["counts"]["unknown"] == 4
    assert batch(*run, "--quiet-period", "0.1")[0] == 0
    assert executed(unprotected, numbers) == [1] * 12


def test_workers_that_were_cut_are_told_of_though_the_journal_cannot_be_counted(
    batch, documents, unprotected, postgresql_url, ctrl_c, stopping, monkeypatch
):
    async def gone(_self):
        msg = "the journal is gone"
        raise JournalError(msg)

    monkeypatch.setattr(batch_workers.RunningWorkers, "_counted", gone)
    documents(4)
    wait_at_the_provider(unprotected, 2)
    ctrl_c(started(unprotected, 2))
    ctrl_c(stopping)
    code, out, _ = batch(
        "run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2", "--concurrency", "1"
    )
    assert code == 4
    assert "journal is gone" in json.loads(out)["error"]


@SLOWLY
def test_a_terminal_that_interrupts_everybody_stops_the_workers_gently(start, documents, unprotected, postgresql_url):
    numbers = documents(150)
    process = start("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2")
    eventually(started(unprotected, 10))
    process.interrupt()
    code, out, err = process.ended()
    document = json.loads(out)
    assert code == 4
    assert "Traceback" not in err
    assert "KeyboardInterrupt" not in err
    assert document["counts"]["done"] == unprotected.executions("create_e_document") < 150
    assert document["counts"]["unknown"] == 0
    assert start("run", "sends.csv", "--journal", postgresql_url, "--yes", "--workers", "2").ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 150


@SLOWLY
def test_a_worker_that_is_killed_is_told_and_the_next_run_finds_out(start, documents, unprotected, postgresql_url):
    numbers = documents(60)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2", "--quiet-period", "1")
    process = start(*run)
    eventually(started(unprotected, 10))
    os.kill(process.children()[0], signal.SIGKILL)
    code, out, _ = process.ended()
    document = json.loads(out)
    assert code == 4
    assert "ended by itself (exit code -9)" in document["error"]
    assert start(*run).ended()[0] == 0
    assert executed(unprotected, numbers) == [1] * 60


@SLOWLY
def test_workers_whose_starter_is_killed_finish_what_is_on_its_way_and_end(
    start, documents, unprotected, postgresql_url
):
    numbers = documents(100)
    run = ("run", "sends.csv", "--journal", postgresql_url, "--yes", "--json", "--workers", "2", "--quiet-period", "1")
    process = start(*run)
    eventually(started(unprotected, 10))
    workers = process.children()
    os.kill(process.popen.pid, signal.SIGKILL)
    eventually(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert unprotected.executions("create_e_document") < 100
    code, out, _ = start(*run).ended()
    assert code == 0
    assert json.loads(out)["counts"]["done"] == 100
    assert executed(unprotected, numbers) == [1] * 100


def test_a_journal_that_cannot_be_opened_is_told_once_for_all_workers(batch, documents):
    documents(1)
    url = "postgresql://nobody@/none?host=/nowhere"
    code, out, err = batch("run", "sends.csv", "--journal", url, "--yes", "--workers", "2")
    assert (code, out) == (3, "")
    assert err.count("Nothing was sent.") == 1


# A worker, seen from inside


def told(connection):
    """Return the last thing that a worker says."""
    while not isinstance(said := connection.recv(), Tally):
        assert len(said) == 2
    return said


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_worker_stops_when_it_is_told_to_or_when_its_starter_is_gone(job, unprotected, is_there):
    unprotected.fault("create_e_document", "slow", times=4, seconds=0.5)
    ours, theirs = Pipe()
    working = asyncio.create_task(batch_workers.obedient(job, theirs))
    await asyncio.to_thread(eventually, started(unprotected, 4))
    if is_there:
        ours.send("stop")
        await working
        assert told(ours).interrupted
    ours.close()
    await working
    theirs.close()
    assert unprotected.executions("create_e_document") == 4
    async with Journal.open(JOURNAL, create=False) as journal:
        assert (await journal.counts())["unknown"] == 0


async def test_a_worker_that_is_told_to_cut_waits_for_nothing(job, monkeypatch):
    begun = asyncio.Event()

    async def for_ever(*_given, **_options):
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Journal, "run", for_ever)
    ours, theirs = Pipe()
    working = asyncio.create_task(batch_workers.obedient(job, theirs))
    await begun.wait()
    ours.send("cut")
    await working
    assert told(ours).interrupted
    ours.close()
    theirs.close()


def test_a_worker_that_ends_by_itself_is_told_by_its_number():
    ended = batch_workers.Worker(SimpleNamespace(exitcode=-9), None, outcomes=Counter(done=2))
    tally = batch_workers._vanished(2, ended)
    assert tally.error.startswith("worker 2 ended by itself (exit code -9)")
    assert (tally.sent, tally.interrupted) == (2, True)


async def test_a_last_look_at_what_a_sibling_had_in_hand_can_be_stopped_and_cut(job):
    last = Running(job, lambda _read, _outcomes: None)
    running = batch_workers.RunningWorkers(job, 2, None, last=last)
    running.stop()
    assert last.tally.interrupted
    running.cut()
    assert (await last.run()).counts == {}


async def test_what_a_sibling_had_in_hand_is_counted_when_all_have_ended(job, monkeypatch, unprotected):
    left = Tally(Counter(done=7, reconciling=1), sent=7)
    monkeypatch.setattr(
        batch_workers.RunningWorkers, "_started", lambda *_: batch_workers.Worker(None, None, tally=left)
    )

    async def followed(_self, _worker):
        return

    monkeypatch.setattr(batch_workers.RunningWorkers, "_followed", followed)
    tally = await batch_workers.RunningWorkers(job, 1, None).run()
    assert (tally.counts, tally.sent) == ({"done": 8}, 15)


def test_a_worker_is_a_loop_around_its_share(job, unprotected):
    ours, theirs = Pipe()
    batch_workers.work(job, theirs)
    theirs.close()
    assert unprotected.executions("create_e_document") == 8
    ours.close()


def test_telling_a_worker_that_has_ended_is_no_error():
    ours, theirs = Pipe()
    theirs.close()
    batch_workers.Worker(None, ours).tell("stop")
    batch_workers._say(ours, "progress")
    ours.close()


def test_the_shares_of_a_batch_add_up():
    total = Tally()
    late, early = LineConflict(9, "key", "vault_id"), LineConflict(2, "key", "vault_id")
    first = Tally(Counter(done=2), read=2, sent=2, stopped=["why"], conflicts=[late], untried=["1 waits"])
    first.before[State.DONE].add(200.0)
    second = Tally(Counter(done=1, unknown=1), read=2, sent=1, stopped=["why", "too"], error="lost", conflicts=[early])
    second.before[State.DONE].add(100.0)
    second.doubt = "an older copy"
    total.add(first)
    total.add(second)
    expected = Tally(Counter(done=3, unknown=1), read=4, sent=3, stopped=["why", "too"], error="lost")
    expected.conflicts, expected.untried, expected.doubt = [early, late], ["1 waits"], "an older copy"
    expected.before[State.DONE] = Before(2, 100.0, 200.0)
    assert total == expected
    assert (total.settled_before, total.settled_now(State.DONE)) == (2, 1)
    total.add(Tally(Counter(done=9), whole_journal=True, interrupted=True, unrecorded=[{}]))
    total.add(Tally(Counter(done=1)))
    assert (total.counts, total.whole_journal, total.interrupted) == (Counter(done=9), True, True)


def test_every_document_and_sale_belongs_to_one_share(documents, place):
    numbers = documents(100)
    with (place / "sends.csv").open("a") as file:
        file.writelines(f"resend,{number}\n" for number in numbers)
    with BatchFile(place / "sends.csv") as file:
        shares = [list(file.requests("kolaybi", (number, 3))) for number in range(3)]
    assert sum(map(len, shares)) == 200
    subjects = [{request.document_id for request in share} for share in shares]
    assert sum(map(len, subjects)) == 100
    assert min(map(len, subjects)) > 10
