"""What a child process keeps for ever instead of finalizing it."""

from __future__ import annotations

import gc
import sys
import weakref
from types import SimpleNamespace

import pytest

from kolay_invoice import fork


class Thing:
    """Something that can be watched."""


@pytest.fixture
def references(monkeypatch):
    """A list of references of its own, so that a test can drop it."""
    kept = []
    monkeypatch.setattr(fork, "_references", kept)
    return kept


@pytest.mark.parametrize(
    ("implementation", "ctypes_is_there", "survives"),
    [("cpython", True, True), ("cpython", False, False), ("pypy", True, False)],
)
def test_a_thing_survives_even_when_the_modules_are_cleared(
    implementation, ctypes_is_there, survives, references, monkeypatch
):
    told = SimpleNamespace(**{**vars(sys.implementation), "name": implementation})
    monkeypatch.setattr("kolay_invoice.fork.sys.implementation", told)
    if not ctypes_is_there:
        monkeypatch.setitem(sys.modules, "ctypes", None)
    thing = Thing()
    watched = weakref.ref(thing)

    fork.leak_in_child(thing)
    kept = list(references) == [thing]
    references.clear()
    del thing
    gc.collect()

    assert kept
    assert (watched() is not None) is survives
