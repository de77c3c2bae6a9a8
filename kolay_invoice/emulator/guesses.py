"""Every guess about the providers as one value: behaviour that is unpublished, or published and unproven.

The first position of each is the emulator's default. A client has to survive the other ones as well. The
documentation's table, the console and the command iterate over these fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self, TypeAlias, TypedDict

import attrs

from kolay_invoice.emulator import guess_words as words
from kolay_invoice.emulator.guessing import FOREVER, About, Seconds, about, carry, check_known, check_time, read_seconds
from kolay_invoice.messages import Message

# Neither provider documents whether it refuses a second send of the same document or sale or executes it again.
Duplicates: TypeAlias = Literal["refuse", "execute"]
FirstSend: TypeAlias = Literal["accept", "refuse"]
ListFilter: TypeAlias = Literal["id", "number", "ignored"]
Detail: TypeAlias = Literal[
    "full",
    "missing",
    "forbidden",
    "html",
    "without_number",
    "without_uuid",
    "without_status",
    "draft_with_uuid",
    "other_document",
]
AssociateDuplicates: TypeAlias = Literal["refuse", "execute"]
Undone: TypeAlias = Literal["all", "last"]
OrderShown: TypeAlias = Literal["detail", "nowhere"]
ViewContainer: TypeAlias = Literal["base64", "data_uri", "raw", "address"]
Movements: TypeAlias = Literal["one", "none", "two"]
ListRows: TypeAlias = Literal["one", "two"]
XmlContainer: TypeAlias = Literal["raw", "json_text", "json_base64", "json_xml", "zip"]
XmlAfterCancel: TypeAlias = Literal["by_invoice", "stays", "goes"]
CharCode: TypeAlias = Literal["three", "two", "any", "ignored"]
Preview: TypeAlias = Literal["page", "error_page", "error_page_after"]


@attrs.frozen(kw_only=True)
class Guesses:
    """How the emulated providers behave where the behaviour of the real ones is unknown."""

    duplicates: Duplicates = attrs.field(default="refuse", validator=check_known, metadata=carry(words.DUPLICATES))
    first_send: FirstSend = attrs.field(default="accept", validator=check_known, metadata=carry(words.FIRST_SEND))
    list_filter: ListFilter = attrs.field(default="id", validator=check_known, metadata=carry(words.LIST_FILTER))
    list_lag: float = attrs.field(
        default=0.0, converter=read_seconds, validator=check_time, metadata=carry(words.LIST_LAG)
    )
    list_rows: ListRows = attrs.field(default="one", validator=check_known, metadata=carry(words.LIST_ROWS))
    detail: Detail = attrs.field(default="full", validator=check_known, metadata=carry(words.DETAIL))
    movements_listed: Movements = attrs.field(
        default="one", validator=check_known, metadata=carry(words.MOVEMENTS_LISTED)
    )
    associate_duplicates: AssociateDuplicates = attrs.field(
        default="refuse", validator=check_known, metadata=carry(words.ASSOCIATE_DUPLICATES)
    )
    order_shown: OrderShown = attrs.field(default="detail", validator=check_known, metadata=carry(words.ORDER_SHOWN))
    undone: Undone = attrs.field(default="all", validator=check_known, metadata=carry(words.UNDONE))
    view_container: ViewContainer = attrs.field(
        default="base64", validator=check_known, metadata=carry(words.VIEW_CONTAINER)
    )
    xml_container: XmlContainer = attrs.field(default="raw", validator=check_known, metadata=carry(words.XML_CONTAINER))
    xml_lag: float = attrs.field(
        default=0.0, converter=read_seconds, validator=check_time, metadata=carry(words.XML_LAG)
    )
    xml_after_cancel: XmlAfterCancel = attrs.field(
        default="by_invoice", validator=check_known, metadata=carry(words.XML_AFTER_CANCEL)
    )
    char_code: CharCode = attrs.field(default="three", validator=check_known, metadata=carry(words.CHAR_CODE))
    preview: Preview = attrs.field(default="page", validator=check_known, metadata=carry(words.PREVIEW))

    def replace(self, positions: Mapping[str, Any]) -> Self:
        """Return a copy with some positions changed; names in any spelling.

        Raises:
            ValueError: There is no such guess, or it has no such position.
        """
        spelt = {name.strip().lower().replace("-", "_"): position for name, position in positions.items()}
        unknown = spelt.keys() - SWITCHES.keys()
        if unknown:
            raise ValueError(
                Message("guess: {given} is not one of {names}", given=repr(min(unknown)), names=", ".join(SWITCHES))
            )
        return attrs.evolve(self, **spelt)

    @property
    def positions(self) -> Mapping[str, str]:
        """The position of each switch, as it is written in the command and in the console."""
        return {name: _format_position(getattr(self, name)) for name in SWITCHES}


def _format_position(value: float | str) -> str:
    return "forever" if value == FOREVER else str(value).removesuffix(".0")


class GuessFields(TypedDict, total=False):
    """The guesses as arguments."""

    duplicates: Duplicates
    first_send: FirstSend
    list_filter: ListFilter
    list_lag: Seconds
    list_rows: ListRows
    detail: Detail
    movements_listed: Movements
    associate_duplicates: AssociateDuplicates
    order_shown: OrderShown
    undone: Undone
    view_container: ViewContainer
    xml_container: XmlContainer
    xml_lag: Seconds
    xml_after_cancel: XmlAfterCancel
    char_code: CharCode
    preview: Preview


SWITCHES: dict[str, About] = {field.name: about(field) for field in attrs.fields(Guesses)}
"""The description of each guess, by its name."""
