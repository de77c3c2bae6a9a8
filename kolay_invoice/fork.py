"""Keeps objects of the parent from being finalized in a forked child, where that would act on the parent's sockets."""

from __future__ import annotations

import sys
from contextlib import suppress


def leak_in_child(thing: object) -> None:
    """Keep an object of the parent process, and all that it holds, from ever being finalized in this child.

    Finalizing an event loop or a connection of the parent here would remove its sockets from the selector that both
    processes share, and would end the parent's TLS sessions. A plain reference does not last, because modules are
    cleared when the interpreter exits.
    """
    _references.append(thing)
    if sys.implementation.name == "cpython":
        # Some builds of Python lack ctypes. The plain reference must do there.
        with suppress(ImportError):
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


_references: list[object] = []
