"""For code that does not await: `archive`, `call_all`, and `BlockingJournal` where the extra `journal` is installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kolay_invoice.blocking.archiving import archive
    from kolay_invoice.blocking.batch import call_all
    from kolay_invoice.journal.blocking import BlockingJournal

__all__ = ["BlockingJournal", "archive", "call_all"]

_LOCATION = {
    "BlockingJournal": "kolay_invoice.journal.blocking",
    "archive": "kolay_invoice.blocking.archiving",
    "call_all": "kolay_invoice.blocking.batch",
}


def __getattr__(name: str) -> object:
    if name not in _LOCATION:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value = getattr(import_module(_LOCATION[name]), name)
    globals()[name] = value
    return value
