"""Decodes the rows of a long list into values of an attrs class, one chunk at a time.

A row is plain when it holds only the documented fields, each of its own type. A chunk of plain rows is decoded in one
step. A chunk with any other row is decoded row by row, which keeps unknown fields and names the field that is wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, get_type_hints

import msgspec

from kolay_invoice import codec
from kolay_invoice.plain_struct import LARGEST_EXPONENT, UNREADABLE, plain_struct
from kolay_invoice.unknown_fields import NONE_UNKNOWN

RowT = TypeVar("RowT")

ROWS_PER_CHUNK: Final = 512
"""The number of rows that are decoded before the event loop runs other tasks: about 2 ms of work."""

_POSSIBLE_EXPONENTS: Final = frozenset(range(-LARGEST_EXPONENT, LARGEST_EXPONENT + 1))


class RowDecoder(Generic[RowT]):
    """Decodes rows of an attrs class whose fields are plain values, not reply classes themselves."""

    def __init__(self, kind: type[RowT]) -> None:
        self._kind = kind
        types = get_type_hints(kind)
        amounts = [name for name, of in types.items() if of in (Decimal, Decimal | None)]
        self._amounts = [attrgetter(name) for name in amounts]
        # Amounts are decoded without a type, because msgspec would also accept the text "1e2" as a Decimal.
        plain = plain_struct(kind, types | dict.fromkeys(amounts, object))
        # Without this attribute msgspec would raise and drop an exception for each row.
        plain.extra = NONE_UNKNOWN  # type: ignore[attr-defined] # made at run time.
        self._set_extra = kind.extra.__set__  # type: ignore[attr-defined] # every row has it.
        self._plain = msgspec.json.Decoder(list[plain], float_hook=Decimal)  # type: ignore[valid-type] # made at run time.

    def chunks(self, rows: Sequence[msgspec.Raw]) -> Iterator[list[RowT]]:
        """Decode rows, `ROWS_PER_CHUNK` at a time.

        Raises:
            ValueError: A row does not fit; the text names its number, its field and no value.
        """
        for first in range(0, len(rows), ROWS_PER_CHUNK):
            chunk = rows[first : first + ROWS_PER_CHUNK]
            yield self.decode_plain(b"[%b]" % b",".join(chunk)) or self._decode_each(chunk, first)

    def decode_plain(self, array: bytes | msgspec.Raw) -> list[RowT] | None:
        """Return the rows of a JSON array; None if one of them is not plain."""
        try:
            plain = self._plain.decode(array)
            if not all(_are_amounts(list(map(amount, plain))) for amount in self._amounts):
                return None
            rows: list[RowT] = msgspec.convert(plain, list[self._kind], from_attributes=True)  # type: ignore[name-defined] # msgspec reads it at run time.
        except UNREADABLE:
            return None
        # msgspec has copied the mapping for each row. With a shared one, each row is one object less for Python's
        # garbage collector.
        deque(map(self._set_extra, rows, repeat(NONE_UNKNOWN)), maxlen=0)
        return rows

    def _decode_each(self, rows: Sequence[msgspec.Raw], first: int) -> list[RowT]:
        decoded: list[RowT] = []
        for number, row in enumerate(rows, first):
            decoded += codec.structure_rows([codec.decode_json(row)], self._kind, number)
        return decoded


def _are_amounts(values: Sequence[Any]) -> bool:
    """Whether all values are numbers or null, and none is impossibly large or small."""
    try:
        return _POSSIBLE_EXPONENTS.issuperset(map(Decimal.adjusted, values))
    except TypeError:
        numbers = [Decimal(value) if type(value) is int else value for value in values if value is not None]
    return all(type(number) is Decimal for number in numbers) and _are_amounts(numbers)
