"""Usage errors in the chosen language."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final, get_args

from cyclopts import (
    App,
    CoercionError,
    CycloptsError,
    MissingArgumentError,
    RepeatArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)
from cyclopts.argument import Argument

from kolay_invoice.cli import output
from kolay_invoice.cli.i18n import _
from kolay_invoice.messages import N_

_USAGE: Final = 2

_KINDS: Final = {
    int: N_("{name} must be a whole number, and not {given}."),
    float: N_("{name} must be a number, and not {given}."),
    bool: N_("{name} is a switch and takes no value."),
}


def report(error: CycloptsError, *, as_json: bool) -> None:
    """Print a usage error and the help command."""
    message = " ".join(
        [
            *_sentences(error),
            _("Nothing was sent. `{command} --help` shows what there is.", command=" ".join(_command(error))),
        ]
    )
    if as_json:
        output.print_json_error({"error": message, "exit_code": _USAGE})
    else:
        output.stderr().print(message)


def _sentences(error: CycloptsError) -> list[str]:
    match error:
        case UnknownCommandError(unused_tokens=[given, *_]) if given.startswith("-"):
            return [_("There is no option {given} here.", given=given)]
        case UnknownCommandError(unused_tokens=[given, *_], app=App() as app):
            known = [name for name in app if not name.startswith("-")]
            there_are = _("There are: {known}.", known=_list(known))
            return [_("There is no command {given}.", given=given), *_suggest(given, known), there_are]
        case UnknownOptionError(token=token):
            given = token.keyword or token.value
            known = [name for argument in error.argument_collection if argument.parse for name in argument.names]
            return [_("There is no option {given} here.", given=given), *_suggest(given, known)]
        case MissingArgumentError(argument=Argument() as argument):
            if error.keyword is None and not argument.tokens:
                return [_("{name} is missing.", name=_name(argument))]
            return [_("{name} needs a value.", name=error.keyword or _name(argument))]
        case RepeatArgumentError(token=token):
            return [_("{name} is given more than once.", name=token.keyword)]
        case UnusedCliTokensError(unused_tokens=[given, *_]):
            return [_("There is no place for {given}.", given=given)]
        case CoercionError(argument=Argument() as argument, token=token) if token is not None:
            return wrong_value(token.keyword or _name(argument), token.value, error.target_type)
    return [_("The command line cannot be read: {reason}", reason=error)]


def wrong_value(name: str, given: str, kind: Any) -> list[str]:
    """Return the message for a value of the wrong type."""
    choices = [choice for choice in get_args(kind) if isinstance(choice, str)]
    if choices:
        message = _("{name} cannot be {given}; there are: {known}.", name=name, given=given, known=_list(choices))
        return [message, *_suggest(given, choices)]
    return [_(_KINDS.get(kind, N_("{name} cannot be {given}.")), name=name, given=given)]


def _name(argument: Argument) -> str:
    """Return the name of an argument in the help."""
    return argument.name.lstrip("-").upper() if argument.field_info.is_positional else argument.name


def _suggest(given: str, known: Iterable[str]) -> list[str]:
    return [_("Did you mean {name}?", name=name) for name in get_close_matches(given, known, n=1)]


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _command(error: CycloptsError) -> list[str]:
    return ["kolay-invoice", *(error.command_chain or ())]
