"""The scripted servers, the judge that knows what must hold after every case, and the matrix as it is printed."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest

from kolay_invoice import KolayInvoiceError, OutcomeUnknownError

from .certificates import make_certificates
from .matrix import CALLS, CANARIES
from .report import Results
from .rows import place_of
from .server import FaultServer


@pytest.fixture(autouse=True)
def place_in_the_matrix(request, record_property):
    """Note row and call of each case, for the matrix that is printed at the end."""
    parameters = getattr(getattr(request.node, "callspec", None), "params", {})
    marker = request.node.get_closest_marker("row")
    if "call" in parameters and marker:
        record_property("cell", [marker.args[0], parameters["call"].name])


def pytest_terminal_summary(terminalreporter):
    """Print the matrix: for each row and call, how many of its cases hold."""
    results = Results.of(terminalreporter.stats)
    if not results.cells:
        return
    calls = [call.name for call in CALLS]
    terminalreporter.section("fault matrix: cases that hold, by row and call")
    terminalreporter.write_line("row  " + "  ".join(calls))
    for row in sorted({row for row, _ in results.cells}, key=place_of):
        held = [results.cell(row, call).rjust(len(call)) for call in calls]
        terminalreporter.write_line(f"{row:>3}  " + "  ".join(held))


@pytest.fixture(scope="session")
def certificates():
    return make_certificates()


@pytest.fixture
async def elsewhere():
    """Another origin, which no call has any business with."""
    async with FaultServer() as server:
        yield server


@pytest.fixture
async def server(elsewhere):
    async with FaultServer() as server:
        server.elsewhere = elsewhere.url
        yield server


@pytest.fixture
async def tls_server(elsewhere, certificates):
    async with FaultServer(tls=certificates.server) as server:
        server.elsewhere = elsewhere.url
        yield server


@pytest.fixture(autouse=True)
def every_log_record(caplog):
    """Listen to every logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    return caplog


def chain_of(error):
    """Yield an error and all that hangs behind it, whether or not a traceback would show it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.fixture
def no_canary_in():
    """Assert that an error shows none of the secrets, however it is looked at, and survives a pickle."""

    def no_canary_in(error):
        shown = ["".join(traceback.format_exception(error)), *map(repr, chain_of(error)), *map(str, chain_of(error))]
        if isinstance(error, KolayInvoiceError):
            pickled = pickle.dumps(error)
            again = pickle.loads(pickled)
            assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))
            shown += [pickled.decode("latin-1"), repr(vars(error))]
        for name, canary in CANARIES.items():
            assert not [text for text in shown if canary in text], f"I4: the {name} is shown"

    return no_canary_in


@pytest.fixture
def judge(elsewhere, every_log_record, no_canary_in):
    """Assert the invariants I1 to I4 and I6, and the cell, after a call on a client that is closed by now."""

    def judge(call, cell, outcome, server):
        executed = server.executed[call.name]
        error = outcome.error
        if call.has_effect:
            assert executed <= 1, "I1: it was executed more than once"
            assert not executed or error is None or error.may_have_happened, "I2: it was executed, and that is denied"
        if cell.error is None:
            assert error is None, f"I3: {error!r}"
            assert call.answered(outcome.value, call.arguments)
        else:
            assert isinstance(error, cell.error), f"I3: {error!r} for {outcome.value!r}"
            assert error.may_have_happened is (cell.error is OutcomeUnknownError)
            assert (error.provider, error.operation) == (call.provider, call.name)
            no_canary_in(error)
        for record in every_log_record.records:
            text = record.getMessage() + repr(vars(record))
            assert not [name for name, canary in CANARIES.items() if canary in text], f"I4: in the log of {record.name}"
        assert elsewhere.connections == 0, "I6: another origin was touched"
        assert not [asked for asked in server.requests if asked.header("cookie")]
        if cell.attempts is not None:
            assert server.attempts == cell.attempts

    return judge
