"""Exit codes and error messages: what happened, whether it took effect, what to do."""

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
from kolay_invoice.cli.visible import one_line
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
    """The exit codes of the command."""

    DONE = 0
    REFUSED = 1
    """The provider refused, the operator declined, or a read got no usable reply."""
    USAGE = 2
    """The arguments, the file or the configuration are wrong. A retry cannot help."""
    NOT_SENT = 3
    """Nothing left this machine. A retry is safe."""
    UNKNOWN = 4
    """The call may have taken effect. Look it up."""
    UNPRINTED = 5
    """The call succeeded, and its reply is on the standard error."""
    SIGNER_NOT_CHECKED = 6
    """A signed document is intact, and no signer was named to check it against."""
    INTERRUPTED = 130
    """Ctrl-C before any request with an effect was sent."""
    PIPE_CLOSED = 141
    """The reader closed the pipe."""


class CommandError(Exception):
    """An error with a translated message and an exit code."""

    def __init__(self, code: ExitCode, message: str, /, **facts: object) -> None:
        super().__init__(message)
        self.code = code
        self.facts = facts


class ExitStatus:
    """A mutable exit code."""

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
"""The fields that identify the document of a reply."""


@contextmanager
def report_errors(
    if_not_started: str, *, as_json: bool, codes: Mapping[type[KolayInvoiceError], ExitCode] | None = None
) -> Iterator[ExitStatus]:
    """Print the error that ends a command, and set its exit code.

    Args:
        if_not_started: The text for errors before the first request.
        as_json: Print one JSON document on the standard output.
        codes: Exit codes of error classes, instead of the default ones.
    """
    status = ExitStatus()
    try:
        yield status
    except CommandError as error:
        status.code = error.code
        _print_error(str(error), error.facts, status.code, as_json=as_json)
    except KolayInvoiceError as error:
        special = next((code for kind, code in (codes or {}).items() if isinstance(error, kind)), None)
        status.code = code_of(error) if special is None else special
        is_of_a_call = special is None and error.operation is not None
        message = describe_error(error) if is_of_a_call else f"{sentence(translate(error))} {if_not_started}".rstrip()
        _print_error(message, facts_of(error) if special is None else {}, status.code, as_json=as_json)
    except ValueError as error:
        # Clients and requests raise ValueError for a wrong argument, before anything is sent.
        status.code = ExitCode.USAGE
        _print_error(f"{sentence(translate(error))} {if_not_started}".rstrip(), {}, status.code, as_json=as_json)
    except OSError as error:
        status.code = ExitCode.USAGE
        _print_error(f"{sentence(os_error_text(error))} {if_not_started}".rstrip(), {}, status.code, as_json=as_json)


def require_consent(action: str, question: str, *, without_terminal: str, otherwise: str) -> None:
    """Ask the operator to confirm an irreversible action.

    Args:
        action: The description of the action.
        question: The question.
        without_terminal: The text if there is no terminal.
        otherwise: The text after a refusal.

    Raises:
        CommandError: There is no terminal, or the operator declined.
    """
    if not output.is_interactive():
        raise CommandError(ExitCode.USAGE, f"{action}\n{without_terminal}")
    if not output.confirm(action, question):
        raise CommandError(ExitCode.REFUSED, otherwise)


def code_of(error: KolayInvoiceError) -> ExitCode:
    """Return the exit code of an error."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), ExitCode.USAGE)


def facts_of(error: KolayInvoiceError) -> dict[str, object]:
    """Return the JSON fields of an error."""
    return {
        "kind": type(error).__name__,
        "may_have_happened": error.may_have_happened,
        "provider": error.provider,
        "operation": error.operation,
        "status": error.status,
        "code": error.code,
        "detail": error.detail,
        "retry_after": error.retry_after,
    }


def os_error_text(error: OSError) -> str:
    """Return the text of an operating system error, without its errno."""
    why = translate(error.strerror or error)
    return f"{one_line(str(error.filename))}: {why}" if error.filename else why


def report_unprinted(error: UnprintedError, *, as_json: bool) -> ExitCode:
    """Write the unprinted reply to the standard error in one line; return the exit code."""
    if error.answer is None and error.is_closed_pipe:
        # The reader needs no more output.
        return ExitCode.PIPE_CLOSED
    code = ExitCode(error.exit_code or ExitCode.UNPRINTED)
    why = _("interrupted") if error.reason is None else translate(error.reason)
    kind = "output" if error.answer is None else "answer" if error.call is None else "call"
    message = _(_UNPRINTED[kind], why=why, call=error.call)
    names = {"ettn": _first_value(error.answer, _ETTN), "number": _first_value(error.answer, _NUMBER)}
    if as_json:
        known = {} if error.answer is None else {**names, "answer": error.answer}
        output.write_json(f"{output.as_json({'error': message, **known, 'exit_code': int(code)})}\n", sys.stderr)
    else:
        parts = [message, *(_(_UNPRINTED[name], value=value) for name, value in names.items() if value)]
        parts += [] if error.answer is None else [output.as_json(error.answer)]
        sys.stderr.write(f"{' '.join(parts)}\n")
    sys.stderr.flush()
    return code


def _first_value(answer: object, names: Sequence[str]) -> object:
    """Return the first value of a reply under one of these names, also from its extra fields."""
    values = answer if isinstance(answer, Mapping) else {}
    extra = values.get("extra")
    places = (values, extra if isinstance(extra, Mapping) else {})
    return next((value for place in places for name in names if (value := place.get(name)) is not None), None)


def _print_error(message: str, facts: Mapping[str, object], code: ExitCode, *, as_json: bool) -> None:
    if as_json:
        output.print_json_error({"error": message, **facts, "exit_code": int(code)})
    else:
        output.stderr().print(message)
