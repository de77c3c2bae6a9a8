"""The fixed credentials of the emulated accounts and the tokens that were issued."""

from __future__ import annotations

import secrets

import attrs

# Constant, so that a shell keeps its settings while the emulator restarts. They are valid for a loopback port only.
KOLAYBI_ACCESS_TOKEN = "kolaybi-emulator-access-token"  # noqa: S105
KOLAYBI_API_KEY = "kolaybi-emulator-api-key"
KOLAYBI_CHANNEL = "kolaybi-emulator-channel"
PROPARS_TOKEN = "propars-emulator-token"  # noqa: S105
PROPARS_USERNAME = "muhasebe@propars-emulator.example"
PROPARS_PASSWORD = "propars-emulator-password"  # noqa: S105


@attrs.define
class Tokens:
    """The valid tokens of an account."""

    _live: set[str] = attrs.field(repr=False)

    @classmethod
    def starting_with(cls, token: str) -> Tokens:
        """Start with one issued token."""
        return cls({token})

    def issue(self) -> str:
        """Issue a new token."""
        token = secrets.token_hex(20)
        self._live.add(token)
        return token

    def is_valid(self, token: str) -> bool:
        """Whether the token was issued and has not expired."""
        return token in self._live

    def expire(self) -> None:
        """Invalidate every issued token."""
        self._live.clear()
