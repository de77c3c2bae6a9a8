"""The base of the blocking clients, and their shutdown when the process exits."""

from __future__ import annotations

import asyncio
import atexit
import os
import weakref
from collections.abc import Callable, Coroutine, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, Protocol, Self, TypeVar, Unpack

from kolay_invoice.blocking.loop_thread import GRACE, loop_thread
from kolay_invoice.client import BaseClient, Pages
from kolay_invoice.config import CallOptions
from kolay_invoice.deadline import Permit
from kolay_invoice.endpoint import Request
from kolay_invoice.fork import leak_in_child
from kolay_invoice.validators import check_seconds

if TYPE_CHECKING:
    from types import TracebackType

RowT = TypeVar("RowT")
ReplyT = TypeVar("ReplyT")
CoreT = TypeVar("CoreT", bound=BaseClient)
ClosableT = TypeVar("ClosableT", bound="Closable")


class Closable(Protocol):
    """What runs on the loop thread until it is closed: a client's core or a journal."""

    async def aclose(self) -> None:
        """Close the connections."""


_open_cores: Final[set[Closable]] = set()


def _after_fork_in_child() -> None:
    if loop_thread.forget():
        for core in _open_cores:
            leak_in_child(core)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows cannot fork.
    os.register_at_fork(
        before=loop_thread.hold, after_in_parent=loop_thread.let_go, after_in_child=_after_fork_in_child
    )


async def _closed(core: Closable, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Close a core. Shielded: cancelling the caller must not leave the connections half closed."""
    await asyncio.shield(loop_thread.background(close()))
    _open_cores.discard(core)


def _close_soon(core: Closable) -> None:
    if not loop_thread.start_soon(partial(_closed, core, core.aclose)):
        _open_cores.discard(core)


class Ownership(Generic[ClosableT]):
    """Owns a core on behalf of a client and of all that `with_options` makes of it, or a journal."""

    def __init__(self, core: ClosableT) -> None:
        self.core = core
        _open_cores.add(core)
        # Clients that are garbage-collected without `close` are closed on their loop, at the latest at exit.
        weakref.finalize(self, _close_soon, core).atexit = False

    def close(self, close: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Close the core, once."""
        if self.core in _open_cores:
            loop_thread.run(_closed, self.core, close)


class BlockingClient(Generic[CoreT]):
    """The base of the blocking clients. Any number of threads may use one client at the same time."""

    def __init__(self, core: CoreT) -> None:
        self._core = core
        self._ownership = Ownership(core)

    @classmethod
    def _around(cls, core: CoreT) -> Self:
        client = cls.__new__(cls)
        BlockingClient.__init__(client, core)
        return client

    def __repr__(self) -> str:
        return (
            f"<blocking {self._core!r}>" if "_core" in vars(self) else f"<{type(self).__name__} that could not be made>"
        )

    def __reduce__(self) -> NoReturn:
        msg = f"{type(self).__name__} holds connections and credentials and cannot be pickled: make one per process"
        raise TypeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return a client with other options for its calls. It shares the connections, the token and the limiter.

        Closing one of the two closes both.

        Args:
            **options: `timeout`, `max_attempts` and `queue_timeout`; what is not given stays as it is.

        Raises:
            TypeError: An option is none of these.
            ValueError: An option has an impossible value.
        """
        client = object.__new__(type(self))
        vars(client).update(vars(self), _core=self._core.with_options(**options))
        return client

    def close(self, grace: float = 0.0) -> None:
        """Close the connections, after up to `grace` seconds in which calls in flight may end. New calls are refused.

        Calls that are still in flight then end with the error of the phase that they have reached. A second `close`
        does nothing.

        Args:
            grace: The largest number of seconds to wait for calls in flight.

        Raises:
            ValueError: `grace` is no number of seconds.
        """
        check_seconds("grace", grace)
        self._ownership.close(partial(self._ownership.core.aclose, grace))

    def call(self, request: Request[ReplyT], *, permit: Permit | None = None) -> ReplyT:
        """Make one call, given as a request value. The endpoint's `effect` says whether it can be undone.

        Args:
            request: The request value, such as `CreateEDocument(18)`.
            permit: Checked right before the first byte, in the loop's thread. It returns None to allow the call. It
                returns a sentence to end the call as a `NotSentError` with that sentence; no byte is sent.

        Returns:
            The typed reply of the request.

        Raises:
            KolayInvoiceError: See `kolay_invoice.errors`; `.may_have_happened` says whether to look it up.
            TypeError: The request belongs to another provider.
            RuntimeError: The client is closed.
        """
        return loop_thread.run(self._core.call, request, permit=permit)

    def _all_rows(self, pages: Pages[ReplyT, RowT]) -> list[RowT]:
        """Return the rows of all pages."""
        return list(self._each_row(pages))

    def _each_row(self, pages: Pages[ReplyT, RowT]) -> Iterator[RowT]:
        """Iterate over the rows of all pages. One page is held in memory at a time."""
        while pages.request is not None:
            yield from pages.take(self.call(pages.request))


@atexit.register
def _end() -> None:
    """Close the clients that are still open, so that the interpreter exits without a hang or a warning."""
    loop_thread.end(_all_closed)
    _open_cores.clear()


async def _all_closed() -> None:
    closing = [loop_thread.background(core.aclose()) for core in list(_open_cores)]
    if closing:
        await asyncio.wait(closing, timeout=GRACE)
