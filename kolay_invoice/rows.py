"""Rows of a list: a JSON array to values of an attrs class, as fast as they are plain.

A row is plain when it holds nothing but the page's own fields, each of its own type. Rows that are not are read the
careful way, so what is unknown and what has another name costs time only where it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, Generic, Literal, TypeVar, get_type_hints

import msgspec

from kolay_invoice import codec

RowT = TypeVar("RowT")

_MOST_WORDS: Final = 64
_POSSIBLE_EXPONENTS: Final = frozenset(range(-codec.LARGEST_EXPONENT, codec.LARGEST_EXPONENT + 1))


class RowReader(Generic[RowT]):
    """Reads rows of an attrs class whose fields are plain values and no reply classes themselves.

    Args:
        kind: The class of a row.
        vocabulary: Its fields that say one of a few words, whatever these are. Equal words become one text, because
            a list of many rows would consist of such texts by a third.
    """

    def __init__(self, kind: type[RowT], vocabulary: Iterable[str]) -> None:
        self._kind = kind
        self._words: dict[str, frozenset[str | None]] = dict.fromkeys(vocabulary, frozenset({None}))
        self._types = get_type_hints(kind)
        self._amounts = [attrgetter(name) for name, of in self._types.items() if of in (Decimal, Decimal | None)]
        self._plain = self._decoder()

    def read(self, array: bytes, first: int = 0) -> list[RowT]:
        """Return the rows of a JSON array. `first` is the number of the first one, for errors.

        Raises:
            ValueError: It is not JSON, or a row does not fit; as `codec.structure_rows`.
        """
        rows = self._at_once(array)
        if rows is None:
            data = codec.decode_json(array)
            assert isinstance(data, list)  # noqa: S101 - a JSON array is a list.
            rows = list(codec.structure_rows(data, self._kind, first))
            self._learn(rows)
        return rows

    def _at_once(self, array: bytes) -> list[RowT] | None:
        """Return the rows, or None where one of them is not plain or says a word that is new."""
        try:
            plain = self._plain.decode(array)
            if all(_are_amounts(list(map(amount, plain))) for amount in self._amounts):
                return msgspec.convert(plain, list[self._kind], from_attributes=True)  # type: ignore[name-defined] # msgspec reads it at run time.
        except codec.UNREADABLE:
            pass
        return None

    def _learn(self, rows: Sequence[RowT]) -> None:
        words = {name: known.union(map(attrgetter(name), rows)) for name, known in self._words.items()}
        if words != self._words and all(len(known) <= _MOST_WORDS for known in words.values()):
            self._words = words
            self._plain = self._decoder()

    def _decoder(self) -> msgspec.json.Decoder[Any]:
        # An amount is decoded without a type, because msgspec would take it from a text too, and "1e2" is none.
        row = codec.plain_struct(self._kind, {name: self._type(name) for name in self._types})
        return msgspec.json.Decoder(list[row], float_hook=Decimal)  # type: ignore[valid-type] # made at run time.

    def _type(self, name: str) -> Any:
        if name in self._words:
            return Literal[tuple(self._words[name])]
        return object if self._types[name] in (Decimal, Decimal | None) else self._types[name]


def _are_amounts(values: Sequence[Any]) -> bool:
    """Whether they are numbers or nulls, none of an impossible size."""
    try:
        return _POSSIBLE_EXPONENTS.issuperset(map(Decimal.adjusted, values))
    except TypeError:
        numbers = [Decimal(value) if type(value) is int else value for value in values if value is not None]
    return all(type(number) is Decimal for number in numbers) and _are_amounts(numbers)
