"""The phases of an attempt."""

from __future__ import annotations

import pytest

from kolay_invoice.deadline import Attempt, InheritedError, NotPermittedError, Phase, SecondDispatchError


async def test_an_attempt_passes_through_its_phases_once():
    attempt = Attempt()
    phases = [attempt.phase]

    attempt.connecting()
    phases.append(attempt.phase)
    attempt.connecting()  # Connecting may begin again: nothing has left.
    await attempt.leaves()
    phases.append(attempt.phase)

    assert phases == list(Phase)
    with pytest.raises(SecondDispatchError):
        attempt.connecting()


async def test_a_permit_that_holds_lets_an_attempt_leave():
    attempt = Attempt(lambda: None)

    await attempt.leaves()

    assert attempt.phase is Phase.LEFT


async def test_a_permit_that_is_withdrawn_keeps_an_attempt_from_leaving():
    attempt = Attempt(lambda: "the lease is lost")
    attempt.connecting()

    with pytest.raises(NotPermittedError, match=r"^the lease is lost$"):
        await attempt.leaves()

    assert attempt.phase is Phase.CONNECTING


async def test_an_attempt_of_the_parent_never_leaves_from_a_forked_child():
    attempt = Attempt()
    attempt._pid += 1
    attempt.connecting()

    with pytest.raises(InheritedError, match="belongs to process"):
        await attempt.leaves()

    assert attempt.phase is Phase.CONNECTING
