r"""The standard streams of a command. An unprinted reply is an error of its own; a lost message on stderr is not.

Both streams escape a character that they cannot encode, as in `\u015f`, and every control character that no console of
`output` writes. Bytes that are written to their `buffer` stay as they are.
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

from kolay_invoice.cli import visible

_LAST_STANDARD_DESCRIPTOR: Final = 2


class UnprintedError(Exception):
    """The standard output could not be written.

    It is not an OSError: those are reported as errors before the request.

    Attributes:
        reason: The text of the operating system, or None after Ctrl-C.
        is_closed_pipe: Whether the reader closed the pipe.
        answer: The reply, if it cannot be fetched again.
        call: The display name of the call.
        exit_code: The exit code of the command, if it failed for another reason.
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
    """Ignore Ctrl-C while a reply is written that would otherwise be lost."""
    try:
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # Only the main thread can set signal handlers.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def unprinted_in(error: BaseException | None) -> UnprintedError | None:
    """Return the UnprintedError of an exception: itself or one in its context."""
    while error is not None and not isinstance(error, UnprintedError):
        error = error.__context__
    return error


class _Guarded:
    """A text or byte stream that records a failed write."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._failed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @cached_property
    def buffer(self) -> _Guarded:
        """The underlying byte stream, guarded too."""
        return type(self)(self._stream.buffer)

    @cached_property
    def styled(self) -> _Styled:
        """The same stream for a console, whose colours are control characters."""
        return _Styled(self)

    @property
    def is_broken(self) -> bool:
        """Whether a write has failed."""
        return self._failed or ("buffer" in vars(self) and self.buffer.is_broken)

    def write(self, content: str | bytes) -> int:
        """Write bytes as they are, and text with escapes in place of control characters."""
        self.write_exactly(visible.lines(content) if isinstance(content, str) else content)
        return len(content)

    def write_exactly(self, content: str | bytes) -> None:
        """Write."""
        with self._watched():
            self._stream.write(content)

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
        """Discard the unwritten buffer."""


class _Styled:
    """A guarded stream that writes control characters."""

    def __init__(self, stream: _Guarded) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, content: str) -> int:
        """Write."""
        self._stream.write_exactly(content)
        return len(content)


class AnswerStream(_Guarded):
    """The standard output: a failed write is an `UnprintedError`."""

    def _write_failed(self, error: OSError) -> None:
        raise UnprintedError(error) from error


class NoteStream(_Guarded):
    """The standard error: a failed write is ignored."""


class _ClosedStream(io.TextIOBase):
    """Replaces a stream that was closed before the command started."""

    @property
    def buffer(self) -> _ClosedStream:
        return self

    def write(self, _content: object) -> int:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


@contextmanager
def guarded_streams() -> Iterator[AnswerStream]:
    """Guard both standard streams while a command runs, and yield the standard output."""
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    for stream in before:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    # A closed stream is None, which typeshed does not declare.
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
    """Occupy closed standard descriptors, so that no connection or journal gets their numbers."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= _LAST_STANDARD_DESCRIPTOR:
        pass
    os.close(number)


def _discard_rest(stream: _Guarded) -> None:
    """Redirect the final flush of the interpreter to null. It would fail or block again."""
    with suppress(OSError, ValueError), Path(os.devnull).open("w") as nothing:
        os.dup2(nothing.fileno(), stream.fileno())
