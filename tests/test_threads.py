"""A long computation runs in a thread of its own; its result or its error comes back to the loop."""

from __future__ import annotations

import threading

import pytest

from kolay_invoice.threads import run_in_thread


async def test_the_result_comes_from_another_thread():
    assert await run_in_thread(threading.get_ident) != threading.get_ident()
    assert await run_in_thread(int, "12", base=3) == 5


async def test_the_error_of_the_function_is_raised_where_it_is_awaited():
    with pytest.raises(ZeroDivisionError):
        await run_in_thread(lambda: 1 // 0)


async def test_a_process_that_can_start_no_thread_computes_it_at_once(monkeypatch):
    def refuse(_):
        msg = "can't start new thread"
        raise RuntimeError(msg)

    monkeypatch.setattr(threading.Thread, "start", refuse)

    assert await run_in_thread(threading.get_ident) == threading.get_ident()
