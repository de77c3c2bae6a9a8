"""What a forked child must not touch: objects whose finalizers would act on sockets that belong to its parent."""

from __future__ import annotations

import sys
from contextlib import suppress


def leak_in_child(thing: object) -> None:
    """Keep an object of the parent process, and all that it holds, from ever being finalized in this child.

    An event loop or a connection of the parent, when it is collected here, takes its sockets out of the selector that
    both processes share, and ends TLS sessions in the parent's name. A plain reference does not last: modules are
    cleared when the interpreter ends.
    """
    _references.append(thing)
    if sys.implementation.name == "cpython":
        # Some systems leave ctypes out of Python; there the plain reference has to do.
        with suppress(ImportError):
            import ctypes

            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


_references: list[object] = []
