"""The help of the commands stands in docstrings, which `python -OO` leaves out. Here they are read from the source."""

from __future__ import annotations

import ast
import inspect
import sys
from contextlib import suppress
from importlib import import_module
from typing import Final

_MODULES: Final = ("app", "kolaybi", "propars", "batch.commands", "batch.options", "options", "xml", "verify", "config")
"""Where commands and their options stand."""
_OPTIMIZED_AWAY: Final = 2


def restore_if_optimized() -> None:
    """Give commands and options their docstrings back, where Python has left them out and the source is there."""
    if sys.flags.optimize < _OPTIMIZED_AWAY:
        return
    for name in _MODULES:
        # Commands of an extra that is not installed have no help to show.
        with suppress(ImportError, OSError):
            _restore(f"kolay_invoice.cli.{name}")


def _restore(name: str) -> None:
    module = import_module(name)
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found = getattr(module, node.name, None)
            if found is not None and not found.__doc__:
                found.__doc__ = ast.get_docstring(node)
