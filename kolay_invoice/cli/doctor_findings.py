"""What a check can find, and the checks that both providers share. Pure.

A check tells what it found in numbers and in the names of members, never in a value that came from the provider: those
can be secrets or the data of buyers.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from kolay_invoice.cli.doctor_seen import Exchange, Seen, Tried
from kolay_invoice.errors import InvalidRequestError, NotFoundError, RefusedError, UnexpectedReplyError


class Verdict(enum.Enum):
    """Whether an assumption held."""

    HELD = "held"
    NOT_HELD = "not held"
    NOT_SEEN = "not seen"


@frozen
class Finding:
    """What a check found. `facts` are numbers and names of members."""

    verdict: Verdict
    facts: Mapping[str, int | str]


Check: TypeAlias = Callable[[Seen], Finding]

_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FIRST_REDIRECT: Final = 300
_RATE_LIMITED: Final = 429
_SERVER_ERROR: Final = 500

ACCEPTED: Final = 200
NOT_FOUND: Final = 404


def all_of(values: Iterable[bool], **facts: int | str) -> Finding:
    """Hold an assumption for every one of several things; without any, it could not be seen."""
    judged = list(values)
    if not judged:
        return NOT_SEEN
    wrong = judged.count(False)
    counted = {"seen": len(judged), **({"against": wrong} if wrong else {}), **facts}
    return Finding(Verdict.NOT_HELD if wrong else Verdict.HELD, counted)


NOT_SEEN: Final = Finding(Verdict.NOT_SEEN, {})


def unseen(_seen: Seen) -> Finding:
    """Say of a call with an effect, or of what takes a day, that the doctor does not look."""
    return NOT_SEEN


def names(members: Iterable[object]) -> str:
    """Return names of members, those that look like names of a program and nothing else."""
    shown = sorted(member for member in members if isinstance(member, str) and _ID.fullmatch(member))
    return ", ".join(shown[:20]) or "-"


def objects(exchanges: Iterable[Exchange]) -> list[dict[str, Any]]:
    """Return the JSON objects among some replies."""
    return [exchange.content for exchange in exchanges if isinstance(exchange.content, dict)]


def refusals(seen: Seen) -> list[Exchange]:
    """Return the replies that say no; a 5xx can come from a gateway and says nothing of the provider's own form."""
    return [one for one in seen.exchanges if one.is_failure and one.answer.status < _SERVER_ERROR]


# Checks of both providers. What each assumes is worded in `words.doctor`.


def framed(seen: Seen) -> Finding:
    """Whether HTTP says where replies end."""
    return all_of(exchange.answer.framed for exchange in seen.exchanges)


def no_redirect(seen: Seen) -> Finding:
    """Whether no reply is a redirect."""
    statuses = [exchange.answer.status for exchange in seen.exchanges]
    return all_of(not _FIRST_REDIRECT <= status < _FIRST_REDIRECT + 100 for status in statuses)


def readable(seen: Seen) -> Finding:
    """Whether replies have the form that the package reads; a refusal that was understood has it too."""
    judged = [isinstance(read.error, RefusedError) or is_answer(read) for read in seen.tried]
    return all_of(one for one in judged if one is not None)


def answered(tried: Tried | None) -> Finding:
    """Hold an assumption if a read brought what the package can read."""
    readable_or_not = None if tried is None else is_answer(tried)
    return NOT_SEEN if readable_or_not is None else all_of([readable_or_not])


def is_answer(tried: Tried) -> bool | None:
    """Whether a read brought what the package can read; None where what went wrong says nothing about that."""
    match tried.error:
        case None:
            return True
        case UnexpectedReplyError(status=status):
            return False if status == ACCEPTED else None
        case InvalidRequestError() | NotFoundError():
            return False
    return None


def retry_after(seen: Seen) -> Finding:
    """Whether a 429 says when to come back."""
    limited = [exchange for exchange in seen.exchanges if exchange.answer.status == _RATE_LIMITED]
    return all_of("Retry-After" in exchange.answer.headers for exchange in limited)


def missing(tried: Tried | None) -> Finding:
    """Hold an assumption if what does not exist is an empty answer, or 404."""
    if tried is not None and isinstance(tried.error, NotFoundError):
        return all_of([True], status=NOT_FOUND)
    return answered(tried)
