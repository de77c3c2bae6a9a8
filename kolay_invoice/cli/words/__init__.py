"""Every text of the command in English and Turkish, side by side; `texts` says them.

Names of commands, options, fields and states are the same in both languages, for they are what is typed. What the
library and the help say in English is the key of its own Turkish text, in `library` and `helps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kolay_invoice.cli.words.accounts import ACCOUNTS
from kolay_invoice.cli.words.batches import BATCHES
from kolay_invoice.cli.words.calls import CALLS
from kolay_invoice.cli.words.doctor import DOCTOR
from kolay_invoice.cli.words.documents import DOCUMENTS
from kolay_invoice.cli.words.everywhere import EVERYWHERE

TEXTS: Final[Mapping[str, tuple[str, str]]] = {**EVERYWHERE, **CALLS, **DOCUMENTS, **ACCOUNTS, **BATCHES, **DOCTOR}
