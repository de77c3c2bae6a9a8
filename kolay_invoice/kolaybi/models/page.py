"""One reply of a list with pages."""

from __future__ import annotations

from typing import Generic, TypeVar

from attrs import frozen

from kolay_invoice.value import Reply

RowT = TypeVar("RowT")


@frozen
class ListPage(Reply, Generic[RowT]):
    """One reply of a list. `next_page` is set when the provider announces more rows than it sent."""

    rows: tuple[RowT, ...]
    next_page: int | None = None
