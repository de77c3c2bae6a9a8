"""What a type checker must see of saving a sale, following statuses and the archive. This file is never run."""

from collections.abc import AsyncIterator
from typing import assert_type

from kolay_invoice import (
    AsyncKolayBi,
    AsyncPropars,
    KolayBi,
    NewSale,
    NewSaleCustomer,
    Propars,
    Sale,
    SaleItem,
    blocking,
)
from kolay_invoice.archive import ArchiveReport, archive
from kolay_invoice.journal import Row
from kolay_invoice.kolaybi.follow import StatusChange


async def of_asyncio(kolaybi: AsyncKolayBi, propars: AsyncPropars, rows: AsyncIterator[Row]) -> None:
    sale = NewSale(
        sale_code="S-1",
        order_date="2026-11-29T09:00:00+03:00",
        customer_detail=NewSaleCustomer(name="Ayşe Yılmaz"),
        items=[SaleItem("Vazo", other_fields={"quantity": 2})],
    )
    assert_type(await propars.save_sale(sale), Sale)
    assert_type(await propars.call(sale), Sale)
    async for change in kolaybi.follow(document_ids=[18], company_id=5):
        assert_type(change, StatusChange)
    assert_type(await archive(propars, "archive", sales=["S-1", 5]), ArchiveReport)
    await archive(kolaybi, "archive", rows=rows)


def of_the_blocking_twins(kolaybi: KolayBi, propars: Propars, sale: NewSale) -> None:
    assert_type(propars.save_sale(sale), Sale)
    for change in kolaybi.follow(since="2026-01-01"):
        assert_type(change, StatusChange)
    assert_type(blocking.archive(kolaybi, "archive", since="2026-01-01"), ArchiveReport)
    propars.save_sale({"sale_code": "S-1"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
