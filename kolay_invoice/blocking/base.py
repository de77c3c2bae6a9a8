"""What the blocking clients of both providers share, and their end with the process."""

from __future__ import annotations

import asyncio
import atexit
import os
import weakref
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Final, Generic, NoReturn, Self, TypeVar

from kolay_invoice.blocking.loop_thread import GRACE, loop_thread
from kolay_invoice.client import BaseClient, Pages
from kolay_invoice.deadline import Permit
from kolay_invoice.endpoint import Request
from kolay_invoice.fork import leak_in_child

if TYPE_CHECKING:
    from types import TracebackType

RowT = TypeVar("RowT")
ReplyT = TypeVar("ReplyT")
CoreT = TypeVar("CoreT", bound=BaseClient)

_open_cores: Final[set[BaseClient]] = set()


def _after_fork_in_child() -> None:
    if loop_thread.forget():
        for core in _open_cores:
            leak_in_child(core)


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows cannot fork.
    os.register_at_fork(
        before=loop_thread.hold, after_in_parent=loop_thread.let_go, after_in_child=_after_fork_in_child
    )


async def _closed(core: BaseClient) -> None:
    """Close a core. Whoever stops waiting does not stop it: half a close would leave connections open."""
    await asyncio.shield(loop_thread.background(core.aclose()))
    _open_cores.discard(core)


def _close_soon(core: BaseClient) -> None:
    if not loop_thread.start_soon(partial(_closed, core)):
        _open_cores.discard(core)


class BlockingClient(Generic[CoreT]):
    """What the blocking clients of both providers share. Any number of threads may use one at the same time."""

    def __init__(self, core: CoreT) -> None:
        self._core = core
        _open_cores.add(core)
        # A client that is dropped without `close` is closed by the loop that it used, at the latest at exit.
        weakref.finalize(self, _close_soon, core).atexit = False

    @classmethod
    def _around(cls, core: CoreT) -> Self:
        client = cls.__new__(cls)
        BlockingClient.__init__(client, core)
        return client

    def __repr__(self) -> str:
        return f"<blocking {self._core!r}>"

    def __reduce__(self) -> NoReturn:
        msg = f"{type(self).__name__} holds connections and credentials and cannot be pickled: make one per process"
        raise TypeError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Calls under way end with the error of the phase that they have reached.

        A second `close` does nothing.
        """
        if self._core in _open_cores:
            loop_thread.run(_closed, self._core)

    def call(self, request: Request[ReplyT], *, permit: Permit | None = None) -> ReplyT:
        """Make one call, given as a value.

        Args:
            request: The call, such as `CreateEDocument(18)`.
            permit: Has the last word before the first byte; it runs in the loop's thread.

        Raises:
            KolayInvoiceError: See `kolay_invoice.errors`; `.may_have_happened` says whether to look it up.
            TypeError: The request is not one of this provider's.
            RuntimeError: The client is closed.
        """
        return loop_thread.run(self._core.call, request, permit=permit)

    def _each_row(self, pages: Pages[ReplyT, RowT]) -> Iterator[RowT]:
        """Iterate over the rows of all pages; one page is held at a time."""
        while pages.request is not None:
            yield from pages.take(self.call(pages.request))


@atexit.register
def _end() -> None:
    """Close what the program left open, so that the interpreter ends without a hang or a warning."""
    loop_thread.end(_all_closed)
    _open_cores.clear()


async def _all_closed() -> None:
    closing = [loop_thread.background(core.aclose()) for core in list(_open_cores)]
    if closing:
        await asyncio.wait(closing, timeout=GRACE)
