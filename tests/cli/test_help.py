"""The help, in both languages; `test_turkish` checks that all of it is translated."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cyclopts import CycloptsError
from rich.text import Text

from kolay_invoice.cli import help as helping
from kolay_invoice.cli import i18n, usage


@pytest.mark.parametrize("arguments", [["--lang", "tr", "batch", "run", "--help"], ["batch", "run", "-h", "--lang=tr"]])
def test_the_help_is_turkish_where_it_is_asked_for(kolay, arguments):
    code, out, _ = kolay(*arguments)
    assert code == 0
    for expected in ("Kullanım: kolay-invoice batch run", "SEÇENEKLER", "Parametreler", "[varsayılan: 8]", "[zorunlu]"):
        assert expected in out
    assert "Çıkış kodları: 0 yapıldı" in out


def test_the_help_is_english_else(kolay):
    code, out, _ = kolay("kolaybi", "list", "--help")
    assert code == 0
    for expected in (
        "Usage: kolay-invoice kolaybi list [OPTIONS]",
        "[choices: outbound, inbound]",
        "Exit codes: 0 done",
    ):
        assert expected in out
    assert "[default: False]" not in out


@pytest.mark.parametrize("arguments", [["--lang", "de"], ["--lang"], ["--lang", "de", "kolaybi", "companies"]])
def test_an_unknown_language_is_told_in_that_of_the_environment(kolay, arguments):
    code, _, err = kolay(*arguments)
    assert code == 2
    assert "--lang" in err


def test_a_description_is_read_whatever_it_is_made_of():
    assert helping.plain(Text("a")) == helping.plain("a") == "a"
    assert not helping.plain(None)


def test_a_mistake_is_one_json_document_where_that_is_asked_for(kolay):
    code, out, err = kolay("kolaybi", "resend", "--json")
    assert (code, err) == (2, "")
    assert json.loads(out) == {
        "error": "DOCUMENT-ID is missing. Nothing was sent. `kolay-invoice kolaybi resend --help` shows what there is.",
        "exit_code": 2,
    }


def test_a_mistake_that_has_no_words_of_its_own_is_told_all_the_same(capsys):
    i18n.set_language("en")
    usage.report(CycloptsError(msg="something new"), as_json=False)
    assert capsys.readouterr().err.startswith("The command line cannot be read: something new")


def test_a_value_of_a_kind_without_a_name_is_told(capsys):
    assert usage.wrong_value("--save", "x", bytes) == ["--save cannot be x."]


@pytest.mark.parametrize("arguments", ["", "propars html", "batch run", "xml verify", "config set", "doctor"])
def test_python_without_docstrings_shows_the_same_help(arguments):
    """`python -OO` leaves them out; `-OO` is set as people set it, in the environment."""
    command = [sys.executable, "-m", "kolay_invoice.cli", "--lang", "tr", *arguments.split(), "--help"]
    environ = {**os.environ, "COLUMNS": "100", "PYTHONPATH": str(Path(__file__).parents[2])}
    shown = [
        subprocess.run(command, env={**environ, "PYTHONOPTIMIZE": level}, capture_output=True, text=True, check=True)
        for level in ("", "2")
    ]
    assert len(shown[0].stdout.splitlines()) > 5
    assert shown[1].stdout == shown[0].stdout
