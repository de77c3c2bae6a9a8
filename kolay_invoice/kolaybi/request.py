"""The base of KolayBi's requests, by which type checkers keep them apart from those of other providers."""

from __future__ import annotations

from typing import TypeVar

from attrs import frozen

from kolay_invoice.endpoint import Request

ReplyT_co = TypeVar("ReplyT_co", covariant=True)


@frozen
class KolayBiRequest(Request[ReplyT_co]):
    """A call of KolayBi as a value."""
