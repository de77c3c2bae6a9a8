"""Secrets that would be recognised, calls that carry them, and everything that an error could show of them."""
# ruff: noqa: TID252 - the harness of the fault matrix is borrowed as it is.

from __future__ import annotations

import asyncio
import pickle
import traceback

import pytest

from kolay_invoice import AsyncKolayBi, AsyncPropars
from kolay_invoice.kolaybi import endpoints as kolaybi
from kolay_invoice.propars import endpoints as propars

from ..faults.matrix import CANARIES as FAULT_CANARIES
from ..faults.matrix import PATIENCE

CANARIES = {
    **FAULT_CANARIES,
    "username": "canary-user-0c1d@example.com",
    "party_name": "canary-party-77e1",
    "buyer": "canary-buyer-41aa",
}

CREDENTIALS = {
    "kolaybi": {
        "channel": CANARIES["channel"],
        "access_token": CANARIES["token"],
        "api_key": CANARIES["api_key"],
    },
    "propars": {
        "token": CANARIES["token"],
        "username": CANARIES["username"],
        "password": CANARIES["password"],
    },
}
"""Everything that an account has, so that everything could show."""


CLIENTS = {"kolaybi": AsyncKolayBi, "propars": AsyncPropars}
REQUESTS = {one.operation: one.request for one in (*kolaybi.ENDPOINTS, *propars.ENDPOINTS)}


def client_of(provider, **options):
    return CLIENTS[provider](**CREDENTIALS[provider], **options)


def request_of(call):
    """Return the call as a value; a list that names a buyer, so that there is something to show."""
    arguments = dict(call.arguments)
    if call.name == "list_invoices":
        arguments["party_name"] = CANARIES["party_name"]
    return REQUESTS[call.name](**arguments)


async def error_of(client, request, seconds=2 * PATIENCE):
    """Return what a call raises, if it does; this frame holds nothing that could show a secret."""
    try:
        async with client, asyncio.timeout(seconds):
            await client.call(request)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is looked at.
        return error
    return None


def with_locals(error):
    """Return the locals of every frame as `rich` shows them, of the whole chain, and nothing of them cut off."""
    traceback_of = pytest.importorskip(
        "rich.traceback", reason="pip install rich: no tracebacks with locals without it"
    )
    trace = traceback_of.Traceback.extract(
        type(error),
        error,
        error.__traceback__,
        show_locals=True,
        locals_max_length=None,
        locals_max_string=None,
        locals_hide_dunder=False,
    )
    frames = [frame for stack in trace.stacks for frame in stack.frames]
    values = [value.render(max_width=1 << 30) for frame in frames for value in (frame.locals or {}).values()]
    return "\n".join([*values, *(f"{stack.exc_value} {stack.notes}" for stack in trace.stacks)])


def told(error):
    """Return everything that an error says of itself: its text, its repr, its chain, its notes and its pickle."""
    texts = ["".join(traceback.format_exception(error)), repr(error), repr(vars(error))]
    try:
        texts.append(pickle.dumps(error).decode("latin-1"))
    except Exception as refusal:  # noqa: BLE001 - what cannot be pickled shows nothing.
        texts.append(repr(refusal))
    return "\n".join(texts)
