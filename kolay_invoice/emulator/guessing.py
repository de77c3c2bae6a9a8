"""What is written down about one guess: the question, its possible answers, and whose word the usual one is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from typing import Any, Final, Literal, TypeAlias, cast

import attrs

from kolay_invoice.messages import N_, Message

FOREVER: Final = math.inf

Seconds: TypeAlias = float | Literal["forever"]

_ABOUT: Final = "about"


class Word(Enum):
    """Whose word it is that a switch's usual position is what the provider does."""

    PROVIDER = N_("the provider's word")
    GUESS = N_("our guess")


@attrs.frozen(kw_only=True)
class About:
    """What a person has to know of a switch.

    Attributes:
        question: What the switch decides.
        positions: Its positions, the usual one first; none where it is a number of seconds.
        word: Whose word the usual position is.
        source: Where that is written, or why it is a guess.
    """

    question: str
    positions: Mapping[str, str] = attrs.field(factory=dict)
    word: Word
    source: str

    @property
    def is_time(self) -> bool:
        """Whether its positions are times instead of names."""
        return not self.positions


def carry(written: About) -> Mapping[str, About]:
    """Return the metadata of a field that is the switch."""
    return {_ABOUT: written}


def about(field: attrs.Attribute[Any]) -> About:
    """Return what is written down about the switch that a field is."""
    written: About = field.metadata[_ABOUT]
    return written


def check_known(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no position of the switch."""
    positions = about(attribute).positions
    if value not in positions:
        raise ValueError(
            Message(
                "{name}: {given} is not one of {names}",
                name=attribute.name,
                given=repr(value),
                names=", ".join(positions),
            )
        )


def read_seconds(value: Seconds | str) -> float:
    """Read a time in seconds, or `forever`; what is none is refused where the switch's name is known."""
    if value == "forever":
        return FOREVER
    with suppress(TypeError, ValueError):
        return float(value)
    return cast("float", value)


def check_time(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    """Refuse what is no time in seconds; NaN is none either."""
    if not (isinstance(value, float) and value >= 0):
        raise ValueError(
            Message(
                "{name}: {given} is not a number of seconds from 0 on, or forever",
                name=attribute.name,
                given=repr(value),
            )
        )
