"""The garbage collector, while rows are made."""

from __future__ import annotations

import gc

import pytest

from kolay_invoice.collector import MOST_UNCOUNTED, collector_paused, expect_to_live


@pytest.fixture(autouse=True)
def _left_as_it_was():
    yield
    gc.unfreeze()
    gc.enable()


def test_it_is_paused_within_and_runs_again_whatever_happens():
    seen = []

    def fails():
        with collector_paused():
            seen.append(gc.isenabled())
            raise ValueError

    with pytest.raises(ValueError):
        fails()
    assert seen == [False]
    assert gc.isenabled()


def test_it_stays_off_where_the_program_has_switched_it_off():
    gc.disable()
    with collector_paused():
        assert not gc.isenabled()

    assert not gc.isenabled()


def test_what_is_to_live_is_old_at_once_and_still_collected():
    gc.collect()
    gc.disable()
    young = [[]]
    young.append(young)
    expect_to_live()

    assert not any(one is young for one in gc.get_objects(generation=0))
    assert any(one is young for one in gc.get_objects(generation=2))
    assert gc.get_freeze_count() == 0


class Cycle:
    """Garbage that only the collector finds, once it was let go of."""

    alive = 0

    def __init__(self):
        self.itself = self
        Cycle.alive += 1

    def __del__(self):
        Cycle.alive -= 1


def test_a_program_that_reads_lists_for_ever_keeps_a_bounded_heap_of_garbage():
    gc.collect()
    most = 0
    for _ in range(1500):
        with collector_paused():
            _rows = [[] for _ in range(50)]
            expect_to_live()
        for _ in range(500):
            Cycle()
        most = max(most, Cycle.alive)
    gc.collect()

    assert most < MOST_UNCOUNTED + 10_000 < 1500 * 500 / 2
    assert Cycle.alive == 0


def test_a_list_of_a_hundred_thousand_rows_is_not_searched_while_it_grows():
    gc.collect()
    before = gc.get_stats()[2]["collections"]
    kept = []
    for _ in range(200):
        with collector_paused():
            kept += [[[]] for _ in range(500)]
            expect_to_live()

    assert gc.get_stats()[2]["collections"] == before


def test_a_program_that_has_frozen_its_objects_keeps_them_frozen():
    gc.freeze()
    frozen = gc.get_freeze_count()
    expect_to_live()

    assert gc.get_freeze_count() >= frozen > 0
