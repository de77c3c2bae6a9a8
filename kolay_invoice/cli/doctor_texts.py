"""The words of `kolay-invoice doctor`."""

from collections.abc import Mapping
from typing import Final

DOCTOR_TEXTS: Final[Mapping[str, tuple[str, str]]] = {}
