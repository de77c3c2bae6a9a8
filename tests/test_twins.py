"""The blocking clients are the asyncio clients without `await`: same names, arguments, replies and first sentences."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_overloads

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars, KolayBi, Propars

PAIRS = [(AsyncKolayBi, KolayBi), (AsyncPropars, Propars)]

RENAMED = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
"""What has another name in the blocking client, because Python or the habit gives it one."""


def members(client: type) -> dict[str, Any]:
    """The functions of a client that are there to be used; what describes the class to the core is not."""
    wanted = {"__init__", *RENAMED, *RENAMED.values()}
    names = [name for name in dir(client) if not name.startswith("_") or name in wanted]
    return {name: inspect.getattr_static(client, name) for name in names if callable(getattr(client, name))}


def function(member: Any) -> Callable[..., Any]:
    return member.__func__ if isinstance(member, classmethod) else member


def parameters(member: Any) -> list[inspect.Parameter]:
    """The parameters with their names, kinds, defaults and annotations, which are texts here."""
    return list(inspect.signature(function(member)).parameters.values())


def reply(member: Any) -> str:
    """The type of what comes back; an iterator counts as the same whether it awaits or not."""
    return inspect.signature(function(member)).return_annotation.replace("Async", "")


def first_line(member: Any) -> str:
    return (inspect.getdoc(function(member)) or "").partition("\n")[0]


TWINS = [
    pytest.param(
        member, inspect.getattr_static(blocking, RENAMED.get(name, name), None), id=f"{blocking.__name__}.{name}"
    )
    for asyncio_client, blocking in PAIRS
    for name, member in members(asyncio_client).items()
]


@pytest.mark.parametrize(("asyncio_client", "blocking"), PAIRS)
def test_both_have_the_same_public_names(asyncio_client: type, blocking: type) -> None:
    assert {RENAMED.get(name, name) for name in members(asyncio_client)} == set(members(blocking))


@pytest.mark.parametrize(("awaited", "blocking"), TWINS)
def test_a_blocking_method_takes_the_same_arguments(awaited: Any, blocking: Any) -> None:
    assert parameters(blocking) == parameters(awaited)
    assert type(blocking) is type(awaited)


@pytest.mark.parametrize(("awaited", "blocking"), TWINS)
def test_a_blocking_method_answers_with_the_same_type(awaited: Any, blocking: Any) -> None:
    assert reply(blocking) == reply(awaited)


@pytest.mark.parametrize(("awaited", "blocking"), TWINS)
def test_a_blocking_method_begins_with_the_same_sentence(awaited: Any, blocking: Any) -> None:
    sentence = first_line(blocking)
    assert sentence == first_line(awaited)
    assert sentence.endswith(".") or function(awaited).__name__.startswith("__"), "only special methods need none"


@pytest.mark.parametrize(("awaited", "blocking"), TWINS)
def test_a_blocking_method_is_one(awaited: Any, blocking: Any) -> None:
    assert not inspect.iscoroutinefunction(function(blocking))
    assert not inspect.isasyncgenfunction(function(blocking))


@pytest.mark.parametrize(("awaited", "blocking"), TWINS)
def test_a_blocking_method_has_the_same_overloads(awaited: Any, blocking: Any) -> None:
    ours, theirs = get_overloads(function(blocking)), get_overloads(function(awaited))
    assert [(parameters(one), reply(one)) for one in ours] == [(parameters(one), reply(one)) for one in theirs]
