"""Many calls without a journal: each request is executed once, and every answer is handed over."""

import asyncio

import pytest

from kolay_invoice import AsyncKolayBi, CreateEDocument, EDocument, OutcomeUnknownError, Resend, call_all
from kolay_invoice.batch import for_each


@pytest.fixture
async def kolaybi(emulator):
    async with AsyncKolayBi(
        channel=emulator.kolaybi_channel,
        access_token=emulator.kolaybi_access_token,
        base_url=emulator.kolaybi_url,
        max_concurrency=3,
    ) as client:
        yield client


@pytest.fixture
def numbers(emulator):
    return [emulator.add_document().document_id for _ in range(20)]


async def test_every_request_is_executed_once_and_answered(kolaybi, emulator, numbers):
    answers = {}

    await call_all(kolaybi, map(CreateEDocument, numbers), answers.__setitem__)

    assert [answers[CreateEDocument(number)].document_id for number in numbers] == numbers
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 20


async def test_an_error_is_an_answer_and_stops_no_other_call(kolaybi, emulator, numbers):
    answers = []
    emulator.fault("create_e_document", "drop-after")

    await call_all(kolaybi, map(CreateEDocument, numbers), lambda _, answer: answers.append(answer), concurrency=2)

    assert sum(isinstance(answer, OutcomeUnknownError) for answer in answers) == 1
    assert sum(isinstance(answer, EDocument) for answer in answers) == 19
    assert [emulator.executions("create_e_document", number) for number in numbers] == [1] * 20


async def test_when_answered_raises_no_call_is_started_and_those_on_their_way_are_handed_over(
    kolaybi, emulator, numbers
):
    answers = []

    def answered(_, answer):
        answers.append(answer)
        if len(answers) == 1:
            msg = "the disk is full"
            raise OSError(msg)

    with pytest.raises(OSError, match="the disk is full"):
        await call_all(kolaybi, map(CreateEDocument, numbers), answered, concurrency=3)

    executed = sum(emulator.executions("create_e_document", number) for number in numbers)
    assert len(answers) == executed <= 5


async def test_a_request_of_another_provider_ends_it_before_any_other_call_is_started(kolaybi, emulator, numbers):
    requests = ["no request", *(CreateEDocument(number) for number in numbers)]
    with pytest.raises(TypeError, match="str is not a request of kolaybi"):
        await call_all(kolaybi, requests, print)

    assert emulator.executions("create_e_document") == 0


async def test_a_source_that_fails_at_its_first_item_starts_nothing(kolaybi, emulator, numbers):
    class Source:
        failed = False

        def __iter__(self):
            return self

        def __next__(self):
            if not self.failed:
                self.failed = True
                msg = "the first row cannot be read"
                raise OSError(msg)
            return CreateEDocument(numbers[0])

    with pytest.raises(OSError, match="first row"):
        await call_all(kolaybi, Source(), print)

    assert emulator.executions("create_e_document") == 0


async def test_a_cancellation_that_was_asked_for_before_a_call_began_starts_none(work):
    running = asyncio.create_task(for_each(range(9), work, 2))
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.begun == []


async def test_what_is_done_after_an_earlier_cancellation_is_done(work):
    work.go.set()

    async def cleaning_up():
        try:
            await asyncio.Event().wait()
        finally:
            await for_each(range(3), work, 2)

    running = asyncio.create_task(cleaning_up())
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.ended == [0, 1, 2]


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, 10_001, 2**40])
async def test_an_impossible_concurrency_is_refused(concurrency, kolaybi):
    with pytest.raises(ValueError, match=f"concurrency must be a positive whole number up to 10000, not {concurrency}"):
        await call_all(kolaybi, [Resend(1)], print, concurrency=concurrency)


@pytest.fixture
def work():
    """Work that begins, and ends when it is told to."""

    class Work:
        def __init__(self):
            self.begun, self.ended = [], []
            self.go = asyncio.Event()
            self.full = asyncio.Event()

        async def __call__(self, item):
            self.begun.append(item)
            if len(self.begun) == 2:
                self.full.set()
            await self.go.wait()
            self.ended.append(item)

    return Work()


async def test_a_million_items_are_taken_as_they_are_worked_on(work):
    taken = []

    def items():
        for number in range(10**6):
            taken.append(number)
            yield number

    running = asyncio.create_task(for_each(items(), work, 2))
    await work.full.wait()

    assert taken == [0, 1]
    running.cancel()
    work.go.set()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_cancellation_starts_nothing_more_and_waits_for_what_has_begun(work):
    running = asyncio.create_task(for_each(range(9), work, 2))
    await work.full.wait()

    running.cancel()
    await asyncio.sleep(0)
    assert not running.done()
    work.go.set()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert work.begun == work.ended == [0, 1]


async def test_a_second_cancellation_cuts_off_what_has_begun(work):
    running = asyncio.create_task(for_each(range(9), work, 2))
    await work.full.wait()

    running.cancel()
    await asyncio.sleep(0)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert (work.begun, work.ended) == ([0, 1], [])


async def test_a_source_that_fails_ends_it_after_what_has_begun(work):
    def items():
        yield 0
        yield 1
        msg = "the source is gone"
        raise LookupError(msg)

    running = asyncio.create_task(for_each(items(), work, 2))
    await work.full.wait()
    work.go.set()

    with pytest.raises(LookupError, match="the source is gone"):
        await running
    assert work.ended == [0, 1]
