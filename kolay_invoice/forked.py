"""What a forked child must not touch: objects whose finalizers would act on sockets that belong to its parent."""

from __future__ import annotations

import sys


def keep_for_ever(thing: object) -> None:
    """Keep an object of the parent process from ever being finalized in this child.

    An event loop or a connection of the parent, when it is collected here, takes its sockets out of the selector that
    both processes share, and ends TLS sessions in the parent's name. A plain reference does not last: modules are
    cleared when the interpreter ends.
    """
    _references.append(thing)
    if thing is not None and sys.implementation.name == "cpython":
        import ctypes

        ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


_references: list[object] = []
