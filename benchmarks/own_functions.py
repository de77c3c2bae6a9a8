"""Counts the functions of the package that one call enters: `python -m benchmarks.own_functions`.

Each entry counts, and each resumption of a coroutine. Comprehensions and lambdas count too.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import kolay_invoice
from kolay_invoice import AsyncKolayBi, CreateEDocument, KolayBi
from kolay_invoice.emulator import Emulator
from kolay_invoice.journal import Journal

PACKAGE: Final = os.path.dirname(kolay_invoice.__file__) + os.sep
COMPANY: Final = 7
ROWS: Final = 20
