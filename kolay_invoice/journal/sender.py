"""Sends operations: optional look-up first, mark right before the first byte, then the reply or error is recorded."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from attrs import evolve

from kolay_invoice.client import BaseClient
from kolay_invoice.errors import (
    AuthenticationError,
    ConfigurationError,
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    RateLimitedError,
)
from kolay_invoice.journal import clock
from kolay_invoice.journal.models import Row, State
from kolay_invoice.journal.operations import is_repetition, state_if_unknown
from kolay_invoice.journal.options import RunOptions
from kolay_invoice.journal.outcomes import (
    after_account_error,
    after_error,
    after_interruption,
    after_refusal_readback,
    after_reply,
)
from kolay_invoice.journal.readback import ReadBack, keep_evidence, to_done, to_needs_person
from kolay_invoice.journal.writer import Writer
from kolay_invoice.limiter import LONGEST_PAUSE
from kolay_invoice.messages import Message, message_of
from kolay_invoice.readback import Executed, NeedsPerson, NotExecuted, Repeatable, Undecided

if TYPE_CHECKING:
    from kolay_invoice.journal.runner import Run

_FIRST_PAUSE: Final = 0.25
_MAX_UNEXPLAINED: Final = 3
"""After so many equal 4xx statuses in a row without the provider's own error body, the run stops."""
_MAX_FORBIDDEN: Final = 3
"""One 403 can concern its document; so many in a row concern the account."""
_FORBIDDEN: Final = 403
_FIRST_ERROR: Final = 400
_FIRST_SERVER_ERROR: Final = 500


class Sender:
    """Sends claimed operations, and stops the run when further calls would fail in the same way."""

    def __init__(
        self, run: Run, writer: Writer, client: BaseClient, *, read_back: ReadBack, options: RunOptions
    ) -> None:
        self._run = run
        self._is_doubtful = False
        self._began = 0.0
        self._client = client
        self._read_back = read_back
        self._options = options
        self._writer = writer
        self._pause_until = 0.0
        self._pause = _FIRST_PAUSE
        self._not_sent_in_a_row = 0
        self._forbidden_in_a_row = 0
        self._unexplained: list[int] = []

    def begin(self, *, is_doubtful: bool) -> None:
        """Begin. If the journal may lack commits, every operation is looked up first."""
        self._is_doubtful = is_doubtful
        self._began = clock.boottime()

    async def wait_out_pause(self) -> None:
        """Wait for the pause that the provider has asked for."""
        wait = self._pause_until - time.monotonic()
        if wait > self._options.patience:
            self._run.stop(Message("the provider asks to wait {number} seconds", number=f"{wait:.0f}"))
        elif wait > 0:
            await self._run.sleep(wait)

    async def send(self, row: Row) -> None:
        """Send an operation at most once, and pass the result to the writer."""
        if self._run.is_stopping:
            self._writer.put_back(row)
            return
        must_look = self._options.look_first or self._is_doubtful or is_repetition(row)
        if must_look and not row.is_proven_unsent:
            looked_up = await self._look_first(row)
            if looked_up is None:
                return
            row = looked_up
        before = await self._look_before(row)
        if before is not None:
            await self._call(before)

    async def _look_before(self, row: Row) -> Row | None:
        """Look at a document that is about to be sent again, and record the evidence."""
        try:
            looked_at = await self._read_back.look_before(row)
            if looked_at is not row:
                await self._writer.keep_evidence(looked_at)
        except BaseException as interruption:
            self._writer.put_back(row)
            if isinstance(interruption, Exception):
                self._run.fail(interruption)
                return None
            raise
        return looked_at

    async def _call(self, row: Row) -> None:
        left = withheld = False
        started_at = time.time()

        async def permit() -> str | None:
            nonlocal left, withheld, started_at
            started_at = time.time()
            # If the call times out before the mark is made, the operation is not at fault.
            withheld = True
            reason = await self._writer.mark(row)
            withheld = reason is not None
            left = left or not withheld
            return reason

        try:
            reply = await self._client.call(row.request, permit=permit)
        except KolayInvoiceError as error:
            await self._handle_error(row, started_at, error, left=left, withheld=withheld)
        except BaseException as interruption:
            self._writer.add(after_interruption(row, started_at, interruption, left=left))
            if isinstance(interruption, Exception):
                # Not an error of the SDK: a closed client or a defect. The next call would fail, too.
                self._run.fail(interruption)
                return
            raise
        else:
            self._not_sent_in_a_row = self._forbidden_in_a_row = 0
            self._unexplained.clear()
            self._pause = _FIRST_PAUSE
            self._writer.add(after_reply(row, started_at, reply, self._run.run_id))

    async def _handle_error(
        self, row: Row, started_at: float, error: KolayInvoiceError, *, left: bool, withheld: bool
    ) -> None:
        self._stop_on_repeated_failures(error, withheld=withheld)
        if isinstance(error, ConfigurationError | AuthenticationError):
            self._forbidden_in_a_row = self._forbidden_in_a_row + 1 if error.status == _FORBIDDEN else 0
            if self._forbidden_in_a_row in (0, _MAX_FORBIDDEN):
                # It concerns the account, so every other operation would fail, too.
                self._run.stop(message_of(error))
            self._writer.add(after_account_error(row, started_at, error, left=left))
            return
        may_retry = left or withheld or self._run.is_stopping
        pause = self._slow_down(error) if isinstance(error, RateLimitedError) else None
        after = after_error(row, started_at, error, left=left, run=self._run.run_id, may_retry=may_retry, pause=pause)
        if after.state is State.REFUSED and state_if_unknown(row) is State.UNKNOWN:
            after = await self._read_back_refusal(after)
        self._writer.add(after)

    def _stop_on_repeated_failures(self, error: KolayInvoiceError, *, withheld: bool) -> None:
        """Stop the run if further calls would fail in the same way."""
        if not withheld:
            self._not_sent_in_a_row = self._not_sent_in_a_row + 1 if isinstance(error, NotSentError) else 0
        if self._not_sent_in_a_row > 2 * self._options.concurrency:
            self._run.stop(
                Message("{number} calls in a row could not be sent: {why}", number=self._not_sent_in_a_row, why=error)
            )
        status = error.status or 0
        if isinstance(error, OutcomeUnknownError) and _FIRST_ERROR <= status < _FIRST_SERVER_ERROR:
            self._unexplained = [*(one for one in self._unexplained if one == status), status]
        else:
            self._unexplained.clear()
        if len(self._unexplained) >= _MAX_UNEXPLAINED:
            self._run.stop(
                Message(
                    "{number} calls in a row were answered with {status}, and none in the provider's own words: look "
                    "at what stands between here and the provider",
                    number=_MAX_UNEXPLAINED,
                    status=status,
                )
            )

    def _slow_down(self, error: RateLimitedError) -> float:
        """Apply a rate limit. Returns the seconds to wait."""
        wait = min(LONGEST_PAUSE, self._pause if error.retry_after is None else error.retry_after)
        if time.monotonic() >= self._pause_until:
            # Concurrent calls meet one limit together; that doubles the pause once only.
            self._pause *= 2
        self._pause_until = max(self._pause_until, time.monotonic() + wait)
        return wait

    async def _read_back_refusal(self, row: Row) -> Row:
        """Read a refused send back once: "already sent" means that an earlier attempt succeeded."""
        try:
            sight = await self._read_back.look(row)
        except asyncio.CancelledError:
            self._writer.add(row)
            raise
        except Exception as error:  # noqa: BLE001 - a closed client or a defect; the refusal is kept.
            self._run.fail(error)
            return row
        return after_refusal_readback(row, sight, self._run.run_id)

    async def _look_first(self, row: Row) -> Row | None:
        """Look an operation up before it is sent. Returns it only if it was not executed or may be repeated."""
        try:
            if self._is_doubtful:
                # The worker whose commits were lost may just have sent it, so the look-up waits a quiet period.
                await self._run.sleep(max(0.0, self._began + self._options.quiet_period - clock.boottime()))
            if self._run.is_stopping:
                self._writer.put_back(row)
                return None
            sight = await self._read_back.look(row)
        except BaseException as interruption:
            self._writer.put_back(row)
            if isinstance(interruption, Exception):
                self._run.fail(interruption)
                return None
            raise
        row = keep_evidence(row, sight.evidence)
        match sight:
            case NotExecuted():
                return evolve(row, is_proven_unsent=True)
            case Repeatable():
                return row
            case Executed():
                self._writer.add(
                    to_done(row, sight.reply, self._run.run_id, Message("found official before it was sent"))
                )
            case Undecided() if is_repetition(row):
                self._writer.add(evolve(row, state=State.PLANNED, note=sight.why))
            case NeedsPerson() if is_repetition(row):
                self._writer.add(to_needs_person(row, sight.why))
            case _:
                why = Message(
                    "looked up first, because the journal may not hold what was sent before: {why}", why=sight.why
                )
                self._writer.add(to_needs_person(row, why))
        return None
