"""Requests as operations of a journal: what makes two requests the same operation. Pure."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from attrs import field, fields, frozen

from kolay_invoice.endpoint import Endpoint, Request
from kolay_invoice.journal import text
from kolay_invoice.journal.values import Row, State, show_key
from kolay_invoice.operations import BY_BATCH_NAME, BY_NAME, BY_REQUEST


def state_if_unknown(row: Row) -> State:
    """Return where an operation goes whose outcome is unknown: what nothing can read back needs a person."""
    return State(BY_NAME[row.provider, row.operation].if_unknown)


LONGEST_OCCASION: Final = 100


@frozen
class OnOccasion:
    """A request that is made once more on purpose, under an occasion of the caller's choosing, such as "February"."""

    request: Request[Any]
    occasion: str = field(validator=lambda _request, _attribute, value: check_occasion(value))


def check_occasion(value: object) -> None:
    """Refuse an occasion that is no short printable text.

    Raises:
        ValueError: It is none.
    """
    if not isinstance(value, str) or len(value) > LONGEST_OCCASION or not value.isprintable():
        msg = f"occasion must be a printable text of at most {LONGEST_OCCASION} characters, not {value!r:.120}"
        raise ValueError(msg)


@frozen
class PlannedOperation:
    """One operation, ready to be written down."""

    subject: str = field(repr=False)
    """The document or sale: one thing at a time is done to it."""
    provider: str
    account: str
    operation: str
    selector: str = field(repr=False)
    """Which field names the document or sale, and its value."""
    occasion: str
    given: str = field(repr=False)
    """The parameters as the caller gave them; the same key with others is a conflict."""
    frozen: str = field(repr=False)
    """The parameters that are sent, now and at every later attempt."""
    request: Request[Any]
    generation: int = 0
    """How many cancellations of the document or sale were done before it; the journal knows."""
    asked_by: str = ""
    """What asks for it, where that can ask twice for one thing: a job of a queue."""

    @property
    def key(self) -> str:
        """The operation's name in the journal. The selector comes last, so that no value in it can pass for a part."""
        generation = f":generation={self.generation}" if self.generation else ""
        occasion = f":occasion={quote(self.occasion, safe='')}" if self.occasion else ""
        return f"{self.provider}:{self.account}:{self.operation}{generation}{occasion}:{self.selector}"

    @property
    def endpoint(self) -> Endpoint[Any, Any]:
        """What is known of the operation."""
        return BY_NAME[self.provider, self.operation]

    @property
    def masked_key(self) -> str:
        """The key as a message may show it: without a sale code."""
        return show_key(self.key)


def plan_operation(
    request: Request[Any] | OnOccasion, provider: str, account: str, occasion: str = ""
) -> PlannedOperation:
    """Return a request as an operation, with everything frozen that must not change between attempts.

    Raises:
        TypeError: A journal does not hold such requests.
    """
    if isinstance(request, OnOccasion):
        return plan_operation(request.request, provider, account, request.occasion)
    endpoint = BY_REQUEST.get(type(request))
    if endpoint is None or not endpoint.is_journaled:
        journaled = ", ".join(one.request.__name__ for one in BY_BATCH_NAME.values())
        msg = f"a journal holds {journaled}, not {type(request).__name__}"
        raise TypeError(msg)
    name = next(name for name in endpoint.resource if getattr(request, name) is not None)
    selector = f"{name}={getattr(request, name)}"
    given = text.dumps(request)
    return PlannedOperation(
        subject=f"{provider}:{account}:{selector}",
        provider=provider,
        account=account,
        operation=endpoint.operation,
        selector=selector,
        occasion=occasion,
        given=given,
        frozen=given if endpoint.freeze is None else text.dumps(endpoint.freeze(request, None)),
        request=request,
    )


def freeze_correction(known_frozen: str, one: PlannedOperation) -> str:
    """Return the frozen parameters of a corrected request. What was chosen for the operation stays chosen."""
    endpoint = one.endpoint
    if endpoint.freeze is None:
        return one.frozen
    return text.dumps(endpoint.freeze(one.request, text.loads(known_frozen, endpoint.request)))


def describe_differences(known: str, one: PlannedOperation) -> str:
    """Return both values of each parameter in which two requests under one key differ, private ones masked."""
    kind = one.endpoint.request
    before, now = text.loads(known, kind), text.loads(one.given, kind)
    return ", ".join(
        f"{attribute.name}: known {_shown(attribute.repr, before, attribute.name)}, "
        f"asked {_shown(attribute.repr, now, attribute.name)}"
        for attribute in fields(kind)
        if getattr(before, attribute.name) != getattr(now, attribute.name)
    )


def _shown(is_shown: object, request: Request[Any], name: str) -> str:
    return repr(getattr(request, name)) if is_shown is True else "***"
