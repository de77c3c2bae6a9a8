"""Who may call: the fixed credentials of the emulated accounts, and the tokens that were issued to them."""

from __future__ import annotations

import secrets

import attrs

# The same in every run, so that a shell keeps its settings while the emulator restarts. They open nothing but a
# loopback port.
KOLAYBI_ACCESS_TOKEN = "kolaybi-emulator-access-token"  # noqa: S105
KOLAYBI_API_KEY = "kolaybi-emulator-api-key"
KOLAYBI_CHANNEL = "kolaybi-emulator-channel"
PROPARS_TOKEN = "propars-emulator-token"  # noqa: S105
PROPARS_USERNAME = "muhasebe@propars-emulator.example"
PROPARS_PASSWORD = "propars-emulator-password"  # noqa: S105


@attrs.define
class Tokens:
    """The tokens that open an account, until they are made to end."""

    _live: set[str] = attrs.field(repr=False)

    @classmethod
    def starting_with(cls, token: str) -> Tokens:
        """Begin with one token that was handed out beforehand."""
        return cls({token})

    def issue(self) -> str:
        """Hand out one more."""
        token = secrets.token_hex(20)
        self._live.add(token)
        return token

    def is_valid(self, token: str) -> bool:
        """Tell whether a token still opens the account."""
        return token in self._live

    def expire(self) -> None:
        """End every token that was handed out so far."""
        self._live.clear()
