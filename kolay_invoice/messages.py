"""Translatable texts: an English template with its values, and the catalogues of translations.

The library's texts are English. Each is a `Message`, a `str` that keeps the template and the values, so that a program
can translate it without parsing a finished sentence. `kolay-invoice` and the emulator's console do so with the
catalogue in `cli/locale`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Self

Value = str | int | float


class Message(str):
    """An English sentence that keeps its template and values.

    A value may be another message, or an error that holds one. The values `why` and `reason` are sentences too, some of
    them from the operating system or a database. They are translated if a translation is known. All other values stay
    as they are.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, /, **values: object) -> Self:
        """Format a template. A value that is neither text nor number is kept as its text."""
        kept = {name: _keep(value) for name, value in values.items()}
        message = super().__new__(cls, template.format(**kept))
        message.template = template
        message.values = kept
        return message

    def __reduce__(self) -> tuple[object, ...]:
        return _make, (type(self), self.template, dict(self.values))


def _make(kind: type[Message], template: str, values: Mapping[str, Value]) -> Message:
    return kind(template, **values)


def _keep(value: object) -> Value:
    if isinstance(value, BaseException):
        return message_of(value)
    return value if isinstance(value, Value) else str(value)


def join(texts: Iterable[str], separator: str = "; ") -> str:
    """Join several texts into one that can still be translated."""
    parts = {f"part{number}": text for number, text in enumerate(texts)}
    if len(parts) <= 1:
        return next(iter(parts.values()), "")
    return Message(separator.join(f"{{{name}}}" for name in parts), **parts)


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools know.
    """Mark a text for the catalogue. It is translated where it is used."""
    return text


def message_of(error: BaseException) -> str:
    """Return the text of an error, as a `Message` if it holds one."""
    said = error.args[0] if error.args else None
    return said if isinstance(said, Message) else str(error)
