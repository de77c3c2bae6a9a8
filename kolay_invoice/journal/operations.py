"""Turns requests into operations of a journal, and decides when two requests are the same operation. Pure."""

from __future__ import annotations

import hashlib
from typing import Any, Final
from urllib.parse import quote

from attrs import field, fields, fields_dict, frozen

from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.errors import AuthenticationError
from kolay_invoice.journal import serialization
from kolay_invoice.journal.models import Row, State, show_key
from kolay_invoice.messages import Message, join
from kolay_invoice.operations import BY_BATCH_NAME, BY_NAME, BY_REQUEST, JournaledRequest


def state_if_unknown(row: Row) -> State:
    """Return the state of an operation whose outcome is unknown. Without a read-back it needs a person."""
    return State(BY_NAME[row.provider, row.operation].if_unknown)


def is_repetition(row: Row) -> bool:
    """Whether sending an operation repeats an attempt that may have been executed. Only an upsert is repeated so."""
    is_repeatable = BY_NAME[row.provider, row.operation].effect.is_repeatable
    in_doubt = (one for one in row.attempts if one.left and one.outcome != AuthenticationError.__name__)
    return is_repeatable and not row.is_proven_unsent and any(in_doubt)


LONGEST_OCCASION: Final = 100
_DIGEST_LENGTH: Final = 32


@frozen
class OnOccasion:
    """A request that is repeated on purpose, under an occasion that the caller chooses, such as "February"."""

    request: JournaledRequest
    occasion: str = field(validator=lambda _request, _attribute, value: check_occasion(value))


def check_occasion(value: object) -> None:
    """Refuse an occasion that is not a short printable text.

    Raises:
        ValueError: The occasion is not a short printable text.
    """
    if not isinstance(value, str) or len(value) > LONGEST_OCCASION or not value.isprintable():
        msg = Message(
            "occasion must be a printable text of at most {number} characters, not {given}",
            number=LONGEST_OCCASION,
            given=f"{value!r:.120}",
        )
        raise ValueError(msg)


@frozen
class PlannedOperation:
    """One operation, ready to be recorded."""

    subject: str = field(repr=False)
    """The document or sale. Only one operation at a time works on it."""
    provider: str
    account: str
    operation: str
    selector: str = field(repr=False)
    """Which field names the document or sale, and its value."""
    occasion: str
    given: str = field(repr=False)
    """The caller's parameters. The same key with other parameters is a conflict."""
    payload: str = field(repr=False)
    """The frozen parameters, which are the same in every attempt."""
    request: Request[Any]
    generation: int = 0
    """How many cancellations of the document or sale were done before it; the journal fills it in."""
    asked_by: str = ""
    """Who requests it, if one requester can repeat itself: the job of a queue."""

    @property
    def key(self) -> str:
        """The operation's key in the journal. The selector is last, so that its value cannot imitate another part."""
        generation = f":generation={self.generation}" if self.generation else ""
        occasion = f":occasion={quote(self.occasion, safe='')}" if self.occasion else ""
        return f"{self.provider}:{self.account}:{self.operation}{generation}{occasion}:{self.selector}"

    @property
    def endpoint(self) -> Endpoint[Any, Any]:
        """The operation's endpoint."""
        return BY_NAME[self.provider, self.operation]

    @property
    def masked_key(self) -> str:
        """The key without its sale code, for messages."""
        return show_key(self.key)


def plan_operation(
    request: Request[Any] | OnOccasion, provider: str, account: str, occasion: str = ""
) -> PlannedOperation:
    """Return the operation of a request. Parameters that must not change between attempts are frozen.

    Raises:
        TypeError: A journal does not hold such requests.
        ValueError: It lacks the field by which a journal tells it from others.
    """
    if isinstance(request, OnOccasion):
        return plan_operation(request.request, provider, account, request.occasion)
    endpoint = BY_REQUEST.get(type(request))
    if endpoint is None or not endpoint.is_journaled:
        journaled = ", ".join(one.request.__name__ for one in BY_BATCH_NAME.values())
        msg = f"a journal holds {journaled}, not {type(request).__name__}"
        raise TypeError(msg)
    selector = select_resource(endpoint, request)
    given = serialization.dumps(request)
    return PlannedOperation(
        subject=f"{provider}:{account}:{selector}",
        provider=provider,
        account=account,
        operation=endpoint.operation,
        selector=selector,
        occasion=occasion,
        given=given,
        payload=given if endpoint.freeze is None else serialization.dumps(endpoint.freeze(request, None)),
        request=request,
    )


def select_resource(endpoint: Endpoint[Any, Any], request: Request[Any]) -> str:
    """Return which field names the document, and its value. A buyer's number is there as its digest only.

    Raises:
        ValueError: The request names none.
    """
    name = next((name for name in endpoint.resource if getattr(request, name) is not None), None)
    if name is None:
        msg = Message(
            "{name} is needed in a journal: it tells {kind} from others",
            name=" or ".join(endpoint.resource),
            kind=type(request).__name__,
        )
        raise ValueError(msg)
    value = str(getattr(request, name))
    if fields_dict(type(request))[name].metadata.get("is_private"):
        value = f"sha256-{hashlib.sha256(value.encode()).hexdigest()[:_DIGEST_LENGTH]}"
    return f"{name}={value}"


def freeze_correction(known_payload: str, one: PlannedOperation) -> str:
    """Return the frozen parameters of a corrected request. Generated values, such as a UUID, stay the same."""
    endpoint = one.endpoint
    if endpoint.freeze is None:
        return one.payload
    return serialization.dumps(endpoint.freeze(one.request, serialization.loads(known_payload, endpoint.request)))


def describe_differences(known: str, one: PlannedOperation) -> str:
    """Return both values of each parameter that differs between two requests of one key. Private values are masked."""
    kind = one.endpoint.request
    before, now = serialization.loads(known, kind), serialization.loads(one.given, kind)
    return join(
        (
            Message(
                "{name}: known {before}, asked {now}",
                name=attribute.name,
                before=_format_value(attribute.repr, before, attribute.name),
                now=_format_value(attribute.repr, now, attribute.name),
            )
            for attribute in fields(kind)
            if getattr(before, attribute.name) != getattr(now, attribute.name)
        ),
        ", ",
    )


def _format_value(is_shown: object, request: Request[Any], name: str) -> str:
    return repr(getattr(request, name)) if is_shown is True else "***"
