"""The queue delivers as often as it likes; the journal lets an operation go once. Executions are counted."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import procrastinate
import procrastinate.exceptions
import pytest
from procrastinate.job_context import AbortReason
from procrastinate.testing import InMemoryConnector

from kolay_invoice import AsyncKolayBi, AsyncPropars, CreateEDocument, ListCompanies, Proceed, SendInvoice
from kolay_invoice.contrib.procrastinate import NeedsPersonError, NotYetError, job, register, result_of
from kolay_invoice.journal import Journal, OnOccasion, Refusal, Row, State

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def journal_url(tmp_path):
    """A journal without a server, where one worker is enough."""
    return f"sqlite:///{tmp_path}/sends.db"


@pytest.fixture
def client(emulator):
    """Make clients of the emulator, and remember them."""
    made = []

    def client():
        made.append(
            AsyncKolayBi(
                channel=emulator.kolaybi_channel,
                access_token=emulator.kolaybi_access_token,
                base_url=emulator.kolaybi_url,
            )
        )
        return made[-1]

    client.made = made
    return client


@pytest.fixture
def app():
    return procrastinate.App(connector=InMemoryConnector())


@pytest.fixture
def send(app, client, journal_url):
    return register(app, client=client, journal_url=journal_url)


@pytest.fixture
async def work(app):
    """Let a worker do everything that is due now; gives the queue's jobs."""

    async def work(**options):
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False, **options)
        return list(app.connector.jobs.values())

    async with app.open_async():
        yield work


def due_in(seconds_of):
    return (seconds_of["scheduled_at"] - datetime.now(UTC)).total_seconds()


async def test_an_operation_that_is_deferred_twice_is_executed_once(send, work, emulator, client):
    number = emulator.add_document().document_id
    await send.defer_async(operation="create-e-document", document_id=number)
    await send.defer_async(**job(CreateEDocument(number)))
    assert [one["status"] for one in await work()] == ["succeeded", "succeeded"]
    assert emulator.executions("create_e_document", number) == 1
    assert len(client.made) == 1


async def test_many_jobs_at_once_share_one_client_and_one_journal(send, work, emulator, client):
    numbers = [emulator.add_document().document_id for _ in range(10)]
    for number in [*numbers, *numbers]:
        await send.defer_async(**job(CreateEDocument(number)))
    await work(concurrency=8)
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 10
    assert len(client.made) == 1


async def test_a_refusal_is_an_end_and_stands_in_the_journal(send, work, journal_url):
    await send.defer_async(operation="create-e-document", document_id=999)
    assert [one["status"] for one in await work()] == ["succeeded"]
    async with Journal.open(journal_url, create=False) as journal:
        (row,) = [row async for row in journal.rows()]
    assert row.refusal.error == "NotFoundError"


async def test_what_may_have_happened_comes_back_after_its_quiet_period(app, client, journal_url, work, emulator):
    send = register(app, client=client, journal_url=journal_url, quiet_period=120.0)
    number = emulator.add_document().document_id
    emulator.fault("create_e_document", "drop-after")
    await send.defer_async(operation="create-e-document", document_id=number)
    (one,) = await work()
    assert one["status"] == "todo"
    assert 115 < due_in(one) < 122
    assert emulator.executions("create_e_document", number) == 1


async def test_the_job_that_comes_back_looks_it_up_and_ends(app, client, journal_url, work, emulator):
    send = register(app, client=client, journal_url=journal_url, quiet_period=2.0, company_id=5)
    number, other = (emulator.add_document().document_id for _ in range(2))
    emulator.fault("create_e_document", "drop-after")
    await send.defer_async(operation="create-e-document", document_id=number)
    (one,) = await work()
    assert one["status"] == "todo"
    one["scheduled_at"] = None
    await asyncio.sleep(2.0)  # The quiet period itself.
    assert [one["status"] for one in await work()] == ["succeeded"]
    emulator.fault("create_e_document", "drop-before")
    await send.defer_async(operation="create-e-document", document_id=other)
    (_, one) = await work()
    one["scheduled_at"] = None
    await asyncio.sleep(2.0)
    assert [one["status"] for one in await work()] == ["succeeded"] * 2
    assert [emulator.executions("create_e_document", each) for each in (number, other)] == [1, 1]


async def test_an_operation_that_needs_a_person_fails_with_its_reason_and_stays_failed(send, work, emulator, caplog):
    number = emulator.add_document().document_id
    emulator.fault("proceed", "drop-after")
    await send.defer_async(operation="proceed", document_id=number, vault_id=1)
    assert [one["status"] for one in await work()] == ["failed"]
    assert "proceed may have happened and needs a manual check" in caplog.text
    assert "batch settle KEY --done" in caplog.text
    await send.defer_async(**job(Proceed(number, vault_id=1)))
    assert [one["status"] for one in await work()] == ["failed", "failed"]
    assert emulator.executions("proceed", number) == 1


async def test_what_could_not_be_sent_comes_back_with_a_growing_pause_and_a_new_journal(
    app, journal_url, work, emulator, client
):
    made = []

    def closed_port():
        # Nothing listens on the discard port of loopback.
        made.append(AsyncKolayBi(channel="c", access_token="t", base_url="http://127.0.0.1:9", max_attempts=1))
        return made[-1]

    send = register(app, client=closed_port, journal_url=journal_url)
    await send.defer_async(operation="create-e-document", document_id=18)
    pauses = []
    for _ in range(3):
        (one,) = await work()
        assert one["status"] == "todo"
        pauses.append(due_in(one))
        one["scheduled_at"] = None
    assert pauses == [pytest.approx(10, abs=2), pytest.approx(20, abs=2), pytest.approx(40, abs=2)]
    assert len(made) == 3
    keepers = [task for task in asyncio.all_tasks() if task.get_name() == "kolay_invoice journal"]
    await asyncio.gather(*keepers, return_exceptions=True)
    assert all("closed" in repr(one) for one in made)


async def test_a_journal_that_cannot_be_opened_brings_the_job_back(app, client, tmp_path, work, emulator):
    send = register(app, client=client, journal_url=f"sqlite:///{tmp_path}/none/sends.db")
    number = emulator.add_document().document_id
    await send.defer_async(operation="create-e-document", document_id=number)
    (one,) = await work()
    assert one["status"] == "todo"
    (tmp_path / "none").mkdir()
    one["scheduled_at"] = None
    assert [one["status"] for one in await work()] == ["succeeded"]
    assert emulator.executions("create_e_document", number) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"operation": "send"}, "operation 'send' is not one of create-e-document"),
        ({"operation": "resend"}, "document_id is missing"),
        ({"operation": "resend", "document_id": "x"}, "document_id must be digits only"),
        ({"operation": "propars-send", "sale_id": 5}, "operation: propars-send is not one of kolaybi's"),
    ],
)
async def test_a_job_that_is_wrong_fails_with_the_name_of_the_field(send, work, caplog, arguments, said):
    await send.defer_async(**arguments)
    assert [one["status"] for one in await work()] == ["failed"]
    assert said in caplog.text


async def test_another_vault_for_a_known_collection_fails_and_moves_nothing(send, work, emulator, caplog):
    number = emulator.add_document().document_id
    emulator.add_vault(2)
    await send.defer_async(operation="proceed", document_id=number, vault_id=1)
    await work()
    await send.defer_async(operation="proceed", document_id=number, vault_id=2)
    assert [one["status"] for one in await work()] == ["succeeded", "failed"]
    assert "vault_id: known 1, asked 2" in caplog.text
    assert emulator.executions("proceed", number) == 1


async def test_a_part_of_a_collection_and_another_occasion_are_operations_of_their_own(send, work, emulator):
    await send.defer_async(**job(Proceed(18, 1, amount="0.10")))
    await send.defer_async(**job(OnOccasion(Proceed(18, 1, amount="0.20"), "second part")))
    await send.defer_async(operation="proceed", document_id=18, vault_id=1, amount="0.20", occasion="second part")
    assert [one["status"] for one in await work()] == ["succeeded"] * 3
    assert emulator.executions("proceed", 18) == 2


async def test_what_no_look_decides_fails_for_a_person_when_it_is_given_up(app, client, journal_url, work, emulator):
    how = {"quiet_period": 0.0, "give_up_after": 0.0}
    send = register(app, client=client, journal_url=journal_url, **how)
    number = emulator.add_document().document_id
    emulator.fault("create_e_document", "drop-before")
    emulator.fault("get_invoice", "500", times=9)
    await send.defer_async(operation="create-e-document", document_id=number)
    (one,) = await work()
    one["scheduled_at"] = None
    assert [one["status"] for one in await work()] == ["failed"]
    assert emulator.executions("create_e_document", number) == 0


async def test_a_quiet_period_in_which_bytes_may_still_arrive_fails_and_sends_nothing(app, journal_url, work, caplog):
    def real():
        return AsyncKolayBi(channel="c", access_token="t")

    send = register(app, client=real, journal_url=journal_url, quiet_period=5.0)
    await send.defer_async(operation="create-e-document", document_id=1)
    assert [one["status"] for one in await work()] == ["failed"]
    assert "quiet_period must be at least 60 seconds" in caplog.text


async def test_a_job_that_is_cut_off_by_the_end_of_its_worker_comes_back(app, send, work, emulator, journal_url):
    number = emulator.add_document().document_id
    emulator.fault("create_e_document", "slow", seconds=30)
    await send.defer_async(operation="create-e-document", document_id=number)
    options = {"install_signal_handlers": False, "listen_notify": False, "shutdown_graceful_timeout": 0.01}
    worker = asyncio.create_task(app.run_worker_async(**options))
    await _executed(emulator, number)
    worker.cancel()
    await asyncio.gather(worker, return_exceptions=True)
    (one,) = app.connector.jobs.values()
    assert one["status"] == "todo"
    assert 8 < due_in(one) < 11
    async with Journal.open(journal_url, create=False) as journal:
        assert [row.state async for row in journal.rows()] == [State.UNKNOWN]
    assert emulator.executions("create_e_document", number) == 1


class Context:
    """A job that a person has aborted."""

    job = SimpleNamespace(id=1)

    def abort_reason(self):
        return AbortReason.USER_REQUEST


async def test_a_job_that_a_person_aborts_does_not_come_back(send, emulator):
    number = emulator.add_document().document_id
    emulator.fault("create_e_document", "slow", seconds=30)
    sending = asyncio.create_task(send(Context(), operation="create-e-document", document_id=number))
    await _executed(emulator, number)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending


async def _executed(emulator, number):
    async with asyncio.timeout(10):
        while not emulator.executions("create_e_document", number):  # noqa: ASYNC110 - it counts in another thread.
            await asyncio.sleep(0.01)


async def test_what_goes_wrong_in_closing_disturbs_no_job_and_is_not_hidden(send, emulator, client, monkeypatch):
    number = emulator.add_document().document_id
    assert await send(Context(), operation="create-e-document", document_id=number) == "done"
    closed = AsyncKolayBi.aclose

    async def fails(self):
        await closed(self)
        raise OSError("reset")

    monkeypatch.setattr(AsyncKolayBi, "aclose", fails)
    (keeper,) = [task for task in asyncio.all_tasks() if task.get_name() == "kolay_invoice journal"]
    keeper.cancel()
    with pytest.raises(OSError, match="reset"):
        await keeper


def test_every_loop_has_a_journal_and_a_client_of_its_own(send, emulator, client):
    numbers = [emulator.add_document().document_id for _ in range(2)]
    for number in numbers:
        assert asyncio.run(send(Context(), operation="create-e-document", document_id=number)) == "done"
    assert len(client.made) == 2
    assert all("closed" in repr(one) for one in client.made)


def test_nothing_is_made_before_the_first_job(app, journal_url, tmp_path):
    def no_credentials_here():
        raise AssertionError

    blueprint = procrastinate.Blueprint()
    task = register(blueprint, client=no_credentials_here, journal_url=journal_url, name="of_sister_company")
    app.add_tasks_from(blueprint, namespace="invoices")
    assert task.name == "invoices:of_sister_company"
    assert task.queue == "kolay_invoice"
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="url must begin with"):
        register(app, client=no_credentials_here, journal_url="mysql://host/sends")


def test_the_arguments_of_a_job_are_plain_json():
    uuid = "5f2b1c1e-0f3c-4c55-9d0c-0d9b6a1f2e3d"
    request = SendInvoice(sale_code="a", invoice_uuid=uuid, invoice_date="2026-05-02T09:00:00+03:00")
    assert job(request) == {
        "operation": "propars-send",
        "sale_code": "a",
        "invoice_uuid": uuid,
        "invoice_date": "2026-05-02T09:00:00+03:00",
    }
    with pytest.raises(TypeError, match=r"a job sends CreateEDocument, .*, not ListCompanies"):
        job(ListCompanies())


def row(state, **known):
    return Row(1, "key", "kolaybi", "default", "resend", CreateEDocument(18), "{}", state, 1, **known)


@pytest.mark.parametrize("state", [State.CLAIMED, State.SENDING, State.RECONCILING])
def test_an_operation_claimed_by_another_worker_is_retried(state):
    with pytest.raises(NotYetError, match="resend is in another worker's hands") as raised:
        result_of(row(state), 300.0)
    assert raised.value.at is None


def test_a_time_that_the_provider_asked_for_goes_before_the_quiet_period():
    with pytest.raises(NotYetError) as raised:
        result_of(row(State.UNKNOWN, since=1000.0, pause=1000.0), 300.0)
    assert raised.value.at.timestamp() == 2000.0
    with pytest.raises(NotYetError) as raised:
        result_of(row(State.UNKNOWN, since=1000.0), 300.0)
    assert raised.value.at.timestamp() == 1300.0
    assert not raised.value.may_have_happened


@pytest.mark.parametrize("pause", [1e10, 1e12, 1e308, float("inf")])
def test_no_job_is_parked_for_longer_than_an_hour(pause):
    with pytest.raises(NotYetError) as raised:
        result_of(row(State.UNKNOWN, since=1000.0, pause=pause), 300.0)
    assert 3500 < raised.value.at.timestamp() - time.time() <= 3600
    with pytest.raises(NotYetError) as raised:
        result_of(row(State.UNKNOWN, since=time.time()), pause)
    assert 3500 < raised.value.at.timestamp() - time.time() <= 3600


def test_each_result_and_each_error_names_the_state():
    assert result_of(row(State.DONE), 1.0) == "done"
    assert result_of(row(State.REFUSED, refusal=Refusal("NotFoundError")), 1.0) == "refused: NotFoundError"
    with pytest.raises(NotYetError, match=r"was not sent \(its turn has not come\)"):
        result_of(row(State.PLANNED), 1.0)
    with pytest.raises(NeedsPersonError, match="nobody knows") as raised:
        result_of(row(State.NEEDS_PERSON, note="nobody knows"), 1.0)
    assert raised.value.may_have_happened


async def test_propars_has_a_task_of_its_own(app, work, emulator, journal_url):
    send = register(
        app,
        client=lambda: AsyncPropars(token=emulator.propars_token, base_url=emulator.propars_url),
        journal_url=journal_url,
        name="propars",
    )
    sale = emulator.add_sale()
    await send.defer_async(operation="propars-send", sale_id=sale.sale_id)
    await send.defer_async(operation="propars-send", sale_id=sale.sale_id)
    assert [one["status"] for one in await work()] == ["succeeded"] * 2
    assert emulator.executions("send_invoice", sale.sale_id) == 1


# Real workers on a real queue


def test_the_example_with_two_workers_executes_every_document_once(postgresql_url):
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", EXAMPLES / "procrastinate_worker.py"],
        env={**os.environ, "DATABASE_URL": postgresql_url, "PYTHONPATH": str(EXAMPLES.parent)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=55,
        check=False,
    )
    assert ended.returncode == 0
    assert ended.stdout == "40 jobs, 2 workers, 20 documents: 20 executions\n"


@pytest.fixture
def workers(postgresql_url, emulator):
    """Start workers of the example's app."""
    environment = {
        **os.environ,
        "DATABASE_URL": postgresql_url,
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(EXAMPLES.parent)]),
    }
    started = []

    def start():
        options = ["--app=procrastinate_app.app", "worker", "--concurrency=4", "--fetch-job-polling-interval=0.2"]
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "procrastinate", *options], env=environment, stderr=subprocess.DEVNULL
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.timeout(150)
def test_a_worker_that_is_killed_loses_nothing_and_sends_nothing_twice(postgresql_url, workers, emulator):
    app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo=postgresql_url))
    numbers = [emulator.add_document().document_id for _ in range(20)]
    emulator.fault("create_e_document", "slow", times=4, seconds=0.5)
    with app.open():
        app.schema_manager.apply_schema()
        task = app.configure_task("kolay_invoice.send", queue="kolay_invoice")
        for number in [*numbers, *numbers]:
            task.defer(**job(CreateEDocument(number)))
        first, _ = workers(), workers()
        _until(lambda: emulator.executions("create_e_document") >= 4)
        first.kill()
        first.wait()
        workers()  # Whoever opens the journal next sets free what the dead one held.
        dead = [one.id for one in app.job_manager.list_jobs(status="doing")]

        # What a dead worker had in its hands is put back by whoever looks after the queue; some of it was the other's.
        for one in dead:
            with contextlib.suppress(procrastinate.exceptions.ConnectorException):
                app.job_manager.retry_job_by_id(one, datetime.now(UTC))

        def finished():
            return not [*app.job_manager.list_jobs(status="todo"), *app.job_manager.list_jobs(status="doing")]

        _until(finished)
        assert {one.status for one in app.job_manager.list_jobs()} == {"succeeded"}
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 20


def _until(condition):
    until = time.monotonic() + 100
    while not condition():
        assert time.monotonic() < until, "it never came to it"
        time.sleep(0.1)
