"""The demonstration, from the command line."""

import asyncio
import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from kolay_invoice import NotSentError, cli
from kolay_invoice.cli import demo, main
from kolay_invoice.cli.app import app


@pytest.fixture
def shown(capsys):
    """Run a command line and return what it printed and its exit code."""

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            app(arguments)
        return capsys.readouterr().out, ended.value.code

    return run


def test_everything_in_the_demonstration_does_what_it_should(shown):
    output, code = shown("demo", "--json")
    document = json.loads(output)
    assert code == 0
    assert document["failed"] == 0
    assert [check for check in document["checks"] if not check["ok"]] == []
    assert document["ok"] == len(document["checks"]) == 2 * 8 + 1 + len(demo.TROUBLES) + 1


def test_the_table_ends_with_the_counts_and_a_legend_and_a_wrong_check_fails_the_command(shown, monkeypatch):
    right = demo.Check("part", "call", "expected", "seen", 1, ok=True)
    wrong = demo.Check("part", "other call", "expected", "seen", 2, ok=False)
    monkeypatch.setattr(demo, "run", lambda: [right, wrong])
    output, code = shown("demo")
    assert code == 1
    *_, counts, legend = output.rstrip().splitlines()
    assert counts == "2 checks: 1 as they should be, 1 not"
    assert "✓ as it should be" in legend
    assert "should be: expected" in " ".join(output.split())


def test_a_call_that_succeeds_where_it_should_fail_is_a_wrong_check(emulator):
    number = emulator.add_document().document_id
    check = asyncio.run(demo._failed(emulator, demo.Trouble("no trouble at all", NotSentError, 0), number))
    assert not check.ok
    assert "EDocument" in check.seen


def test_an_empty_list_is_summed_up_too():
    assert demo._summary([]) == "no rows"


@pytest.fixture
def not_installed(monkeypatch):
    """Make a module unimportable, as without its extra."""

    def remove(name):
        for module in [module for module in sys.modules if module.startswith("kolay_invoice.cli.")]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, name, None)

    return remove


def test_without_its_extra_the_command_says_what_to_install(not_installed):
    not_installed("cyclopts")
    with pytest.raises(SystemExit, match=r"kolay-invoice needs cyclopts: pip install 'kolay-invoice\[all\]'"):
        main()


def test_a_module_of_our_own_that_is_missing_is_no_missing_extra(not_installed):
    not_installed("kolay_invoice.cli.app")
    with pytest.raises(ModuleNotFoundError, match=r"kolay_invoice\.cli\.app"):
        main()


def test_the_command_without_arguments_shows_its_help(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["kolay-invoice"])
    with pytest.raises(SystemExit) as ended:
        # By its path, because pytest loads the package of a plugin in a way that knows no modules to run.
        runpy.run_path(str(Path(cli.__file__).with_name("__main__.py")), run_name="__main__")
    assert not ended.value.code
    assert "demo" in capsys.readouterr().out


def test_the_module_runs_like_the_command():
    ended = subprocess.run(
        [sys.executable, "-m", "kolay_invoice.cli", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0
    assert ended.stdout.strip() == "0.1.0"
