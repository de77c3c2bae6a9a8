"""What must hold at every moment of a night, and at its end."""

from __future__ import annotations

from collections import Counter

from kolay_invoice.journal import OnOccasion, State

from .provider import COLLECT, SEND

_PATHS = {"create_e_document": SEND, "proceed": COLLECT}
_PROMPT = 8.0
"""Seconds within which an answer certainly comes before the client's timeout."""


def place_of(row):
    """Return the path and the document of an operation, by which the provider counts."""
    return _PATHS[row.operation], row.request.document_id


def allowed(night):
    """Return how often each operation may be executed: once on each occasion."""
    requests = [one.request if isinstance(one, OnOccasion) else one for one in night.requests]
    names = {"CreateEDocument": SEND, "Proceed": COLLECT}
    return Counter((names[type(one).__name__], one.document_id) for one in requests)


def check_now(night):
    """Check that nothing was executed more often than it was asked for."""
    limits = allowed(night)
    for (path, number), times in night.provider.executions.items():
        if times > limits[path, number]:
            night.fail(f"{path} {number} was executed {times} times, and asked for {limits[path, number]} times")


def check_at_rest(night, *, has_ended):
    """Check a journal against the provider when everything has come to rest."""
    check_now(night)
    if not has_ended:
        night.fail("something is neither settled nor with a person, long after the faults have ended")
    by_place = {}
    for row in night.rows.values():
        by_place.setdefault(place_of(row), []).append(row)
    for place, rows in by_place.items():
        _check_place(night, place, rows)
    _check_answers(night, by_place)


def _check_place(night, place, rows):
    executed = night.provider.executions[place]
    states = Counter(row.state for row in rows)
    if states[State.DONE] > executed:
        night.fail(f"{place} is done {states[State.DONE]} times, and was executed {executed} times")
    if executed > states[State.DONE] + states[State.NEEDS_PERSON]:
        night.fail(f"{place} was executed {executed} times, and the journal says {dict(states)}")
    for row in rows:
        if row.state is State.NEEDS_PERSON and not row.note:
            night.fail(f"{row.key} needs a person, who is not told why")
        if place[0] == SEND and row.state is State.DONE and row.ettn != night.provider.uuid_of(place[1]):
            night.fail(f"{row.key} is done with the ETTN {row.ettn}")


def _check_answers(night, by_place):
    """Check that every answer that arrived at a worker in good health was kept."""
    arrived = Counter(
        (path, number)
        for path, number, worker, seconds in night.provider.answered
        if worker in night.workers and not night.workers[worker].is_disturbed and seconds < _PROMPT
    )
    for place, times in arrived.items():
        rows = by_place.get(place, [])
        kept = [
            row for row in rows if any(one.outcome == "done" for one in row.attempts) or row.key in night.unrecorded
        ]
        if len(kept) < times:
            night.fail(f"an answer to {place} arrived, and is neither in the journal nor in an error")
