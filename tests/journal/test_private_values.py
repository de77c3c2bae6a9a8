"""What is shown or carried away of a journal names no sale."""

from __future__ import annotations

import pickle

import pytest

from kolay_invoice.journal import JournalConflictError, JournalError
from kolay_invoice.kolaybi.models import Proceed
from kolay_invoice.propars.models import SendInvoice

from .support import only_row, some_documents

CODE = "SALE-OF-AYSE"


async def conflict_of(journal, client, first, second):
    """What a run ends with whose request is known with other parameters."""
    await journal.run(client, [first], patience=0.0)
    with pytest.raises(JournalConflictError) as caught:
        await journal.run(client, [second], patience=0.0)
    return caught.value


async def test_no_repr_and_no_error_shows_a_sale_code(sqlite_journal, propars):
    first, second = SendInvoice(sale_code=CODE), SendInvoice(sale_code=CODE, invoice_number="ABC2026000000001")
    error = await conflict_of(sqlite_journal, propars, first, second)
    row = await only_row(sqlite_journal)
    with pytest.raises(ValueError, match=r"^key: '.*sale_code=\*\*\*' is refused") as settled:
        await sqlite_journal.settle(row.key, done=True)
    with pytest.raises(ValueError, match=r"^key: the journal knows no 'sale_code=\*\*\*'") as unknown:
        await sqlite_journal.settle(f"sale_code={CODE}", done=True)
    for shown in (row, error.conflicts, error.report, error, settled.value, unknown.value):
        assert CODE not in repr(shown)
    assert "sale_code=***" in repr(row)


async def test_a_pickled_conflict_has_no_private_values(sqlite_journal, propars):
    first, second = SendInvoice(sale_code=CODE), SendInvoice(sale_code=CODE, invoice_number="ABC2026000000001")
    error = await conflict_of(sqlite_journal, propars, first, second)
    carried = pickle.dumps(error)
    assert CODE.encode() not in carried
    again = pickle.loads(carried)
    assert (str(again), again.conflicts, again.report) == (str(error), (), None)


async def test_a_conflict_without_private_values_is_pickled_completely(sqlite_journal, emulator, kolaybi):
    (document,) = some_documents(emulator, 1)
    error = await conflict_of(sqlite_journal, kolaybi, Proceed(document, 1), Proceed(document, 2))
    again = pickle.loads(pickle.dumps(error))
    assert again.conflicts == error.conflicts


async def test_an_error_is_pickled_with_its_unrecorded_replies(sqlite_journal, emulator, kolaybi):
    (document,) = some_documents(emulator, 1)
    await sqlite_journal.run(kolaybi, [Proceed(document, 1)])
    error = JournalError("the disk is full")
    error.unrecorded = (await only_row(sqlite_journal),)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.unrecorded, again.may_have_happened) == (str(error), error.unrecorded, True)
