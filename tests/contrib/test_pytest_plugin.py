"""The fixtures for users' own tests, in test runs of their own: with pytest-asyncio, with anyio, and with neither."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

# pytester forgets what a run inside this process has loaded, and cryptography must not be loaded twice.
import signxml.xades  # noqa: F401

pytest_plugins = ["pytester"]

PLUGIN = "kolay_invoice.contrib.pytest"

# This run may have found the plugin by its entry point; what is tested is the file that lies here.
THIS_FILE = ("-p", "no:kolay_invoice", "-p", PLUGIN)

# The runs inside this process must not inherit what measures this one, nor load plugins that they do not need.
STRICT = ("-W", "error", "-W", "ignore::pytest.PytestDeprecationWarning")
QUIET = (
    "-p",
    "no:cov",
    "-p",
    "no:xdist",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:schemathesis",
    "-p",
    "no:hypothesispytest",
)

ASYNCHRONOUS = """
    import pytest
    from kolay_invoice import OutcomeUnknownError

    {mark}
    async def test_an_invoice_is_sent(kolaybi, kolay_emulator):
        await kolaybi.create_e_document(1)
        assert kolay_emulator.executions("create_e_document", 1) == 1

    {mark}
    async def test_a_lost_answer_is_unknown(propars, kolay_faults):
        kolay_faults("send_invoice", "drop-after")
        with pytest.raises(OutcomeUnknownError):
            await propars.send_invoice(sale_code="abc123")

    {mark}
    async def test_a_token_that_has_ended_is_renewed(kolaybi, propars, kolay_emulator):
        kolay_emulator.expire_tokens()
        assert (await kolaybi.list_companies())
        assert (await propars.invoice_html_for_sale(sale_id=1001)).html
"""

BLOCKING = """
    import pytest
    from kolay_invoice import KolayBi, OutcomeUnknownError, Propars

    def test_an_invoice_is_sent(kolaybi_blocking, kolay_emulator):
        kolaybi_blocking.create_e_document(1)
        assert kolay_emulator.executions("create_e_document", 1) == 1

    def test_a_lost_answer_is_unknown(propars_blocking, kolay_faults):
        kolay_faults("send_invoice", "drop-after")
        with pytest.raises(OutcomeUnknownError):
            propars_blocking.send_invoice(sale_code="abc123")

    def test_clients_of_the_environment_reach_the_emulator(kolay_environment, kolay_emulator):
        with KolayBi.from_env() as kolaybi, Propars.from_env() as propars:
            assert kolaybi.create_e_document(1).document_id == 1
            propars.send_invoice(sale_id=1001)
        assert kolay_emulator.executions("create_e_document", 1) == 1
        assert kolay_emulator.executions("send_invoice", 1001) == 1
"""


UNSTRUCK = """
    def test_a_fault_that_strikes_nothing(kolaybi_blocking, kolay_faults):
        kolay_faults("send_invoice", "drop-after")
        kolaybi_blocking.list_companies()

    def test_a_fault_that_was_taken_back(kolay_emulator, kolay_faults):
        kolay_faults("send_invoice", "drop-after")
        kolay_emulator.clear_faults()
"""


@pytest.fixture
def in_process(pytester):
    """Run the tests of a text in this process, without the configuration of a project around its folder."""
    pytester.makeini("[pytest]")

    def in_process(text, *options):
        pytester.makepyfile(text)
        return pytester.runpytest_inprocess(*THIS_FILE, *QUIET, *STRICT, *options)

    return in_process


@pytest.fixture
def in_subprocess(pytester):
    """Run the tests of a text in a process of its own, without the configuration of a project around its folder."""
    pytester.makeini("[pytest]")

    def in_subprocess(text, *options):
        pytester.makepyfile(text)
        return pytester.runpytest_subprocess(*THIS_FILE, *QUIET, *STRICT, *options)

    return in_subprocess


def test_pytest_finds_the_plugin_by_its_entry_point():
    (found,) = entry_points(group="pytest11", name="kolay_invoice")
    assert found.value == PLUGIN


@pytest.mark.parametrize(
    ("mode", "mark"), [("strict", "@pytest.mark.asyncio"), ("auto", "")], ids=lambda value: value.strip("@") or "bare"
)
def test_asynchronous_tests_have_clients_in_both_modes_of_pytest_asyncio(in_subprocess, mode, mark):
    ran = in_subprocess(ASYNCHRONOUS.format(mark=mark), f"--asyncio-mode={mode}", "-p", "no:anyio")
    ran.assert_outcomes(passed=3)


@pytest.mark.parametrize("beside", [("-p", "no:asyncio"), ("--asyncio-mode=strict",)], ids=["alone", "beside-asyncio"])
def test_asynchronous_tests_of_anyio_have_clients(in_subprocess, beside):
    ran = in_subprocess(ASYNCHRONOUS.format(mark="@pytest.mark.anyio"), *beside, "-k", "not trio")
    ran.assert_outcomes(passed=3)


@pytest.mark.parametrize("without", [(), ("-p", "no:asyncio", "-p", "no:anyio")], ids=["with", "without"])
def test_plain_tests_have_blocking_clients_with_and_without_a_plugin_for_asyncio(in_subprocess, without):
    in_subprocess(BLOCKING, *without).assert_outcomes(passed=3)


@pytest.mark.parametrize(
    ("tests", "options"),
    [(BLOCKING, ("-p", "no:asyncio")), (ASYNCHRONOUS.format(mark=""), ("--asyncio-mode=auto",))],
    ids=["blocking", "asynchronous"],
)
def test_the_fixtures_run_inside_the_measured_process(in_process, tests, options):
    in_process(tests, *options).assert_outcomes(passed=3)


def test_a_fault_that_struck_no_call_fails_its_test(in_process):
    ran = in_process(UNSTRUCK, "-p", "no:asyncio")

    ran.assert_outcomes(passed=2, errors=1)
    ran.stdout.fnmatch_lines(["*these faults of kolay_faults struck no call: send_invoice drop-after (1 times)"])


def test_an_emulator_that_is_not_installed_is_named(in_process, monkeypatch):
    monkeypatch.delitem(sys.modules, "kolay_invoice.emulator", raising=False)
    monkeypatch.setitem(sys.modules, "kolay_invoice.emulator.emulator", None)
    ran = in_process("def test_it(kolay_emulator): pass")
    ran.assert_outcomes(errors=1)
    ran.stdout.fnmatch_lines(["*pip install 'kolay-invoice[[]emulator[]]'*"])


def test_a_fixture_of_the_same_name_in_the_users_own_tests_wins(in_process):
    ran = in_process(
        """
        import pytest

        @pytest.fixture
        def kolaybi():
            return "mine"

        def test_it(kolaybi):
            assert kolaybi == "mine"
        """
    )
    ran.assert_outcomes(passed=1)


def test_the_plugin_loads_nothing_before_a_test_asks_for_it():
    names = ["aiohttp", "asyncio", "attrs", "jinja2", "kolay_invoice.emulator", "lxml", "pytest_asyncio"]
    script = f"""
import sys, pytest
before = set(sys.modules)
import {PLUGIN}
print([name for name in {names!r} if name in sys.modules and name not in before])
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
