"""The guesses as attributes of the emulator. They can be set while it runs."""

from __future__ import annotations

from typing import Generic, Self, TypeVar, overload

from kolay_invoice.emulator.app import EmulatorApp
from kolay_invoice.emulator.guesses import (
    AssociateDuplicates,
    CharCode,
    Detail,
    Duplicates,
    FirstSend,
    Guesses,
    ListFilter,
    ListRows,
    Movements,
    OrderShown,
    Preview,
    Undone,
    ViewContainer,
    XmlAfterCancel,
    XmlContainer,
)
from kolay_invoice.emulator.guessing import Seconds

_Got = TypeVar("_Got")
_Given = TypeVar("_Given")


class Switch(Generic[_Got, _Given]):
    """A descriptor that reads and sets one guess."""

    def __set_name__(self, owner: type[GuessSwitches], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, owner: None, kind: type[GuessSwitches]) -> Self: ...
    @overload
    def __get__(self, owner: GuessSwitches, kind: type[GuessSwitches]) -> _Got: ...
    def __get__(self, owner: GuessSwitches | None, kind: type[GuessSwitches]) -> Self | _Got:
        if owner is None:
            return self
        value: _Got = getattr(owner.guesses, self._name)
        return value

    def __set__(self, owner: GuessSwitches, value: _Given) -> None:
        owner.turn(self._name, value)


class GuessSwitches:
    """Every guess about the providers, each as an attribute of its own name.

    They can be set while the emulator runs, apply from the next call on and survive a `reset`. The documentation
    explains each and names its source ("Testing your code", "Guesses").

    Raises:
        ValueError: An attribute is set to what is none of its positions.
    """

    _app: EmulatorApp

    duplicates = Switch[Duplicates, Duplicates]()
    first_send = Switch[FirstSend, FirstSend]()
    list_filter = Switch[ListFilter, ListFilter]()
    list_lag = Switch[float, Seconds]()
    list_rows = Switch[ListRows, ListRows]()
    detail = Switch[Detail, Detail]()
    movements_listed = Switch[Movements, Movements]()
    associate_duplicates = Switch[AssociateDuplicates, AssociateDuplicates]()
    order_shown = Switch[OrderShown, OrderShown]()
    undone = Switch[Undone, Undone]()
    view_container = Switch[ViewContainer, ViewContainer]()
    xml_container = Switch[XmlContainer, XmlContainer]()
    xml_lag = Switch[float, Seconds]()
    xml_after_cancel = Switch[XmlAfterCancel, XmlAfterCancel]()
    char_code = Switch[CharCode, CharCode]()
    preview = Switch[Preview, Preview]()

    def turn(self, name: str, position: object) -> None:
        """Set a guess to a position, both in any spelling: `turn("list-lag", "forever")`.

        Raises:
            ValueError: There is no such guess, or it has no such position.
        """
        self._app.turn({name: position})

    @property
    def guesses(self) -> Guesses:
        """All of them, as they are now."""
        return self._app.behaviour.guesses
