"""Reads JSON that a person or a program has written: the lines of a batch, and a file that holds one request."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from kolay_invoice.cli.error_texts import translate
from kolay_invoice.cli.i18n import _

RequestT = TypeVar("RequestT")

_LARGEST_FILE: Final = 4 * 1024 * 1024


def read_request(path: Path, make: Callable[[str], RequestT]) -> RequestT:
    """Return the request that `make` makes of the text of a file.

    Raises:
        ValueError: The file holds no such request; the text names the file and the field.
        OSError: The file cannot be read.
    """
    try:
        return make(_text_of(path))
    except UnicodeDecodeError:
        reason = _("is not JSON")
    except (TypeError, ValueError) as error:
        reason = translate(error)
    msg = f"{path}: {reason}"
    raise ValueError(msg)


def load_json(text: str) -> Any:
    """Return a JSON value. Amounts keep their exact digits.

    Raises:
        ValueError: The text is no JSON, or an object in it has a field twice. The error holds no value of it.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=Decimal)
    except _RepeatedFieldError:
        raise
    except (ValueError, RecursionError):
        raise ValueError(_("is not JSON")) from None


def load_object(text: str) -> dict[str, Any]:
    """Return a JSON object. See `load_json`.

    Raises:
        ValueError: The text is something else, or an object in it has a field twice. The error holds no value of it.
    """
    given = load_json(text)
    if not isinstance(given, dict):
        raise ValueError(_("is not a JSON object"))  # noqa: TRY004 - it is the text that is wrong.
    return given


def _text_of(path: Path) -> str:
    content = path.read_bytes()
    if len(content) > _LARGEST_FILE:
        raise ValueError(_("is longer than {most} bytes", most=f"{_LARGEST_FILE:,}"))
    return content.decode("utf-8-sig")


class _RepeatedFieldError(ValueError):
    """A JSON object contains a field twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) != len(pairs):
        msg = _("names a field twice")
        raise _RepeatedFieldError(msg)
    return given


def _no_constant(_name: str) -> None:
    msg = "NaN and Infinity are no JSON"
    raise ValueError(msg)
