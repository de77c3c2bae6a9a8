"""Settings that come from environment variables."""

from __future__ import annotations

import os

from kolay_invoice.errors import ConfigurationError
from kolay_invoice.messages import Message


def required(name: str) -> str:
    """Return a variable that must be there.

    Raises:
        ConfigurationError: It is missing or empty; the text names it.
    """
    value = optional(name)
    if value is None:
        msg = Message("the environment variable {name} is not set", name=name)
        raise ConfigurationError(msg)
    return value


def optional(name: str) -> str | None:
    """Return a variable, or None where it is missing or empty."""
    return os.environ.get(name) or None
