"""Options that many commands share."""

from __future__ import annotations

from typing import Annotated, Final

from attrs import frozen
from cyclopts import Parameter

Flag = Annotated[bool, Parameter(negative="")]
"""A switch without a negative form."""


@Parameter(name="*")
@frozen(kw_only=True)
class ReadOptions:
    """How a read is made.

    Attributes:
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        timeout: Seconds that the call may take, with all its attempts.
        json: Print one JSON document, for errors too.
    """

    profile: str | None = None
    timeout: float = 30.0
    json: Flag = False


@Parameter(name="*")
@frozen(kw_only=True)
class WriteOptions(ReadOptions):
    """How a call with an effect is made.

    Attributes:
        profile: The profile of the configuration file. Default: KOLAY_INVOICE_PROFILE, then the environment's accounts.
        timeout: Seconds that the call may take, with all its attempts.
        json: Print one JSON document, for errors too.
        yes: Do not ask.
        dry_run: Show the request, with its secrets masked, and send nothing.
    """

    yes: Flag = False
    dry_run: Flag = False


READ_DEFAULTS: Final = ReadOptions()
WRITE_DEFAULTS: Final = WriteOptions()
