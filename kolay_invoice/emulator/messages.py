"""Requests, replies and refusals as values, without a socket."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self, TypeAlias
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import attrs
import msgspec

from kolay_invoice.emulator.routes import Route

JsonValue: TypeAlias = "bool | int | str | Decimal | UUID | Mapping[str, JsonValue] | Sequence[JsonValue] | None"

# A Decimal keeps its digits (20 as 20, 20.10 as 20.10) and never becomes a float.
_JSON = msgspec.json.Encoder(decimal_format="number")

# Enough for every 64-bit id; a longer text would make the conversion slow.
_LONGEST_ID = 20

_UNPRINTED_HEADERS = frozenset({"authorization", "channel", "cookie"})


def _printed_headers(headers: Mapping[str, str]) -> str:
    return repr({name: text for name, text in headers.items() if name.lower() not in _UNPRINTED_HEADERS})


def _printed_body(body: bytes) -> str:
    return f"<{len(body)} bytes>"


@attrs.frozen(kw_only=True)
class ReceivedRequest:
    """A request as it was received.

    The repr omits credentials, which are in the headers and in the bodies of the token calls.

    Attributes:
        operation: The operation's name, or None where no call of a provider matches.
        path_qs: Path and query, still percent-encoded.
    """

    operation: str | None
    method: str
    path_qs: str
    headers: Mapping[str, str] = attrs.field(repr=_printed_headers)
    body: bytes = attrs.field(repr=_printed_body)

    @property
    def path(self) -> str:
        """The path without its query, still quoted."""
        return urlsplit(self.path_qs).path

    @property
    def query(self) -> Mapping[str, str]:
        """The decoded query. A bare `+` is a space here, as it is at the providers."""
        return _pairs(urlsplit(self.path_qs).query)

    @property
    def form(self) -> Mapping[str, str]:
        """The decoded form, empty when the body is not declared to be one."""
        declared = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if declared != "application/x-www-form-urlencoded":
            return {}
        return _pairs(self.body.decode("utf-8", "replace"))

    @property
    def json_object(self) -> Mapping[str, object] | None:
        """The body's JSON object, or None when it is anything else."""
        try:
            return msgspec.json.decode(self.body, type=dict[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None


def _pairs(text: str) -> Mapping[str, str]:
    return dict(parse_qsl(text, keep_blank_values=True))


@attrs.frozen(kw_only=True)
class Call:
    """A request that matched a route.

    Attributes:
        path_texts: The values of the path's parameters.
        wrong_subject: Whether the reply has to name another document or sale than the requested one.
    """

    route: Route
    request: ReceivedRequest
    path_texts: Mapping[str, str]
    wrong_subject: bool = False


@attrs.frozen(kw_only=True)
class Reply:
    """A complete reply, before any fault."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)

    @classmethod
    def json(cls, value: JsonValue, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """Make a reply with a JSON value."""
        return cls(status=status, body=_JSON.encode(value), headers=headers or {})

    @classmethod
    def html(cls, text: str, *, status: int = 200) -> Self:
        """Make a reply with an HTML page."""
        return cls(status=status, body=text.encode(), content_type="text/html; charset=utf-8")


@attrs.define(kw_only=True)
class Exchange:
    """A request and its reply.

    Attributes:
        number: Counts the requests since the last reset.
        at: When it arrived.
        fault: The kind of fault that was applied.
        ended: Whether it is over, with a reply or without one.
        reply: The reply; None where the fault broke the connection.
    """

    number: int
    at: datetime
    request: ReceivedRequest
    fault: str | None = None
    ended: bool = False
    reply: Reply | None = None


class ProviderRefusal(Exception):  # noqa: N818 - a reply of the provider, not an error.
    """A refusal by the provider.

    Attributes:
        status: The HTTP status.
        sentence: The provider's Turkish sentence.
        field: The field of the request that caused it, if any.
    """

    def __init__(
        self, status: int, sentence: str, *, field: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.field = field
        self.headers = headers or {}


def whole_number(text: str | None) -> int | None:
    """Parse an id of ASCII digits; None for anything else."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > _LONGEST_ID:
        return None
    return int(text)
