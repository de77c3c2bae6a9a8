"""How a command ends: its exit code, and one paragraph that says what happened, whether it may have, and what now."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

from kolay_invoice.cli import output
from kolay_invoice.cli.error_texts import describe_error, translate
from kolay_invoice.cli.i18n import _, sentence
from kolay_invoice.cli.streams import UnprintedError
from kolay_invoice.errors import (
    ConfigurationError,
    KolayInvoiceError,
    NotSentError,
    OutcomeUnknownError,
    RefusedError,
    UnexpectedReplyError,
)
from kolay_invoice.messages import N_

_UNPRINTED: Final = {
    "output": N_("The output could not be printed whole ({why})."),
    "answer": N_("What came of it could not be printed ({why}); it stands here."),
    "call": N_(
        "{call} was answered, and the answer could not be printed ({why}); it stands here. Do not run it again."
    ),
    "ettn": N_("ETTN {value}."),
    "number": N_("Number {value}."),
}


class ExitCode(IntEnum):
    """What a script needs to know."""

    DONE = 0
    REFUSED = 1
    """The provider or a person said no; or a read got no usable answer."""
    USAGE = 2
    """The arguments, the file or the configuration are wrong: repeating the same cannot help."""
    NOT_SENT = 3
    """Nothing left this machine: repeating the same is safe."""
    UNKNOWN = 4
    """It may have happened: look it up."""
    UNPRINTED = 5
    """It was done, and the answer could not be printed: it stands on the standard error."""
    SIGNER_NOT_CHECKED = 6
    """A signed document is intact, and nobody said who may have signed it."""
    INTERRUPTED = 130
    """Ctrl-C, and nothing may have happened because of the command."""
    PIPE_CLOSED = 141
    """Whoever read the output wants no more of it."""


class CommandError(Exception):
    """What ends a command, in words for the person who gave it."""

    def __init__(self, code: ExitCode, message: str, /, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


class ExitStatus:
    """The exit code of a command that is on its way to it."""

    code: ExitCode = ExitCode.DONE


_CODES: Final[Mapping[type[KolayInvoiceError], ExitCode]] = {
    OutcomeUnknownError: ExitCode.UNKNOWN,
    NotSentError: ExitCode.NOT_SENT,
    ConfigurationError: ExitCode.USAGE,
    RefusedError: ExitCode.REFUSED,
    UnexpectedReplyError: ExitCode.REFUSED,
}

_ETTN: Final = ("uuid", "ettn", "invoice_uuid", "document_uuid")
_NUMBER: Final = ("number", "no", "invoice_number", "document_no", "serial_no")
"""The names under which an answer holds what a person looks it up by."""


@contextmanager
def report_errors(
    if_not_started: str, *, as_json: bool, codes: Mapping[type[KolayInvoiceError], ExitCode] | None = None
) -> Iterator[ExitStatus]:
    """Say what ends a command in one paragraph, and give its exit code.

    Args:
        if_not_started: What has not happened, for errors that come before anything did.
        as_json: Say it as one JSON document on the standard output.
        codes: The exit codes of errors that mean something of their own to this command.
    """
    ended = ExitStatus()
    try:
        yield ended
    except CommandError as error:
        ended.code = error.code
        _print_error(str(error), error.facts, ended.code, as_json=as_json)
    except KolayInvoiceError as error:
        special = next((code for kind, code in (codes or {}).items() if isinstance(error, kind)), None)
        ended.code = code_of(error) if special is None else special
        is_of_a_call = special is None and error.operation is not None
        message = describe_error(error) if is_of_a_call else f"{sentence(translate(error))} {if_not_started}".rstrip()
        _print_error(message, facts_of(error) if special is None else {}, ended.code, as_json=as_json)
    except ValueError as error:
        # The clients and requests refuse an argument with these, before anything is sent.
        ended.code = ExitCode.USAGE
        _print_error(f"{sentence(translate(error))} {if_not_started}".rstrip(), {}, ended.code, as_json=as_json)
    except OSError as error:
        ended.code = ExitCode.USAGE
        _print_error(f"{sentence(of_system(error))} {if_not_started}".rstrip(), {}, ended.code, as_json=as_json)


def require_consent(asked: str, question: str, *, without_terminal: str, otherwise: str) -> None:
    """Ask a person before something is done that cannot be undone.

    Args:
        asked: What is about to be done.
        question: The question.
        without_terminal: What to do where nobody can be asked.
        otherwise: What has not happened after a no.

    Raises:
        CommandError: Nobody can be asked, or the answer is no.
    """
    if not output.is_interactive():
        raise CommandError(ExitCode.USAGE, f"{asked}\n{without_terminal}")
    if not output.confirm(asked, question):
        raise CommandError(ExitCode.REFUSED, otherwise)


def code_of(error: KolayInvoiceError) -> ExitCode:
    """Return the exit code of an error."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.USAGE)


def facts_of(error: KolayInvoiceError) -> dict[str, object]:
    """Return what a script can know of an error."""
    return {
        "kind": type(error).__name__,
        "may_have_happened": error.may_have_happened,
        "provider": error.provider,
        "operation": error.operation,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "retry_after": getattr(error, "retry_after", None),
    }


def of_system(error: OSError) -> str:
    """Return what the operating system says, without its number."""
    why = translate(error.strerror or error)
    return f"{error.filename}: {why}" if error.filename else why


def report_unprinted(error: UnprintedError, *, as_json: bool) -> ExitCode:
    """Say beside the standard output, in one line, what that did not take, and return the exit code."""
    if error.answer is None and error.is_closed_pipe:
        # Whoever read has read enough.
        return ExitCode.PIPE_CLOSED
    code = ExitCode(error.exit_code or ExitCode.UNPRINTED)
    why = _("interrupted") if error.reason is None else translate(error.reason)
    kind = "output" if error.answer is None else "answer" if error.call is None else "call"
    message = _(_UNPRINTED[kind], why=why, call=error.call)
    names = {"ettn": _named_in(error.answer, _ETTN), "number": _named_in(error.answer, _NUMBER)}
    if as_json:
        known = {} if error.answer is None else {**names, "answer": error.answer}
        output.write_json(f"{output.as_json({'error': message, **known, 'exit_code': int(code)})}\n", sys.stderr)
    else:
        parts = [message, *(_(_UNPRINTED[name], value=value) for name, value in names.items() if value)]
        parts += [] if error.answer is None else [output.as_json(error.answer)]
        sys.stderr.write(f"{' '.join(parts)}\n")
    sys.stderr.flush()
    return code


def _named_in(answer: object, names: Sequence[str]) -> object:
    """Return the first value that an answer has under one of these names, also among what nobody knows of it."""
    values = answer if isinstance(answer, Mapping) else {}
    extra = values.get("extra")
    places = (values, extra if isinstance(extra, Mapping) else {})
    return next((value for place in places for name in names if (value := place.get(name)) is not None), None)


def _print_error(message: str, facts: Mapping[str, object], code: ExitCode, *, as_json: bool) -> None:
    if as_json:
        output.print_json_error({"error": message, **facts, "exit_code": int(code)})
    else:
        output.stderr().print(message)
