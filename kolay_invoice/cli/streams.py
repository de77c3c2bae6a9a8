r"""The standard streams of a command: an answer that is not printed is an error of its own, and a lost note is not.

Neither stream shows `?` for a letter that it cannot write: it shows the letter's number, as in `\u015f`.
"""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TextIO, cast

_LAST_STANDARD_DESCRIPTOR: Final = 2


class UnprintedError(Exception):
    """The standard output did not take all of what a command had to say.

    It is no OSError, so that nobody takes it for one that came before anything was sent.

    Attributes:
        reason: What the operating system says, or None where somebody pressed Ctrl-C.
        is_closed_pipe: Whether somebody read from a pipe and wants no more.
        answer: What was to be printed, if it cannot be had again.
        call: The call whose answer that is, as people write it.
        exit_code: The exit code of the command, if it has another reason to fail.
    """

    def __init__(self, cause: OSError | None = None) -> None:
        super().__init__(*(() if cause is None else cause.args))
        self.reason = None if cause is None else cause.strerror or str(cause)
        self.is_closed_pipe = isinstance(cause, BrokenPipeError)
        self.answer: object = None
        self.call: str | None = None
        self.exit_code = 0


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ignore Ctrl-C for as long as it takes to say what would otherwise be lost."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # Only the main thread hears Ctrl-C, and only it can choose not to.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def unprinted_in(error: BaseException | None) -> UnprintedError | None:
    """Return the error of what was not printed: this one, or the one that it came on top of."""
    while error is not None and not isinstance(error, UnprintedError):
        error = error.__context__
    return error


class _Guarded:
    """A stream, text or bytes, that knows whether a write has failed."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @cached_property
    def buffer(self) -> _Guarded:
        """The stream of bytes below, guarded the same way."""
        return type(self)(self._stream.buffer)

    @property
    def is_broken(self) -> bool:
        """Whether a write has failed."""
        return self._failed or ("buffer" in vars(self) and self.buffer.is_broken)

    def write(self, content: str | bytes) -> int:
        """Write."""
        with self._watched():
            self._stream.write(content)
        return len(content)

    def flush(self) -> None:
        """Flush."""
        with self._watched():
            self._stream.flush()

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self._failed = True
            raise
        except OSError as error:
            self._failed = True
            self._write_failed(error)

    def _write_failed(self, error: OSError) -> None:
        """Drop what could not be written."""


class AnswerStream(_Guarded):
    """The standard output: a failed write is an `UnprintedError`."""

    def _write_failed(self, error: OSError) -> None:
        raise UnprintedError(error) from error


class NoteStream(_Guarded):
    """The standard error: what it does not take can be said nowhere."""


class _ClosedStream(io.TextIOBase):
    """Stands for a stream that was closed before the command began."""

    @property
    def buffer(self) -> _ClosedStream:
        return self

    def write(self, _content: object) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@contextmanager
def guarded_streams() -> Iterator[AnswerStream]:
    """Guard both standard streams for as long as a command runs, and give the one for answers."""
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # Python has None for a stream that is closed, and typeshed does not say so.
    answers = AnswerStream(cast("TextIO | None", sys.stdout) or _ClosedStream())
    notes = NoteStream(cast("TextIO | None", sys.stderr) or _ClosedStream())
    sys.stdout, sys.stderr = cast("TextIO", answers), cast("TextIO", notes)
    try:
        yield answers
    finally:
        sys.stdout, sys.stderr = before
        for guarded in (answers, notes):
            if guarded.is_broken:
                _discard_rest(guarded)


def _occupy_closed_descriptors() -> None:
    """Let no connection or journal become the descriptor into which others print."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD_DESCRIPTOR:
        pass
    os.close(number)


def _discard_rest(stream: _Guarded) -> None:
    """Let what Python flushes at its end go nowhere; otherwise it would fail or wait once more."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())
