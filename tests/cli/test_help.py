"""The help, in both languages: every text of it has its Turkish, and none is left over."""

import json

import pytest
from cyclopts import CycloptsError
from rich.text import Text

from kolay_invoice.cli import help as helping
from kolay_invoice.cli import texts, usage
from kolay_invoice.cli.app import commands
from kolay_invoice.cli.words.helps import HELPS


class Collecting:
    """A formatter that prints nothing and keeps every paragraph."""

    def __init__(self):
        self.seen = set()

    def keep(self, text):
        self.seen |= {" ".join(paragraph.split()) for paragraph in helping.plain(text).split("\n\n")} - {""}

    def __call__(self, console, options, panel):
        if panel.entries:
            self.keep(str(panel.title))
        for entry in panel.entries:
            self.keep(entry.description)

    def render_usage(self, console, options, usage):
        pass

    def render_description(self, console, options, description):
        self.keep(description)


@pytest.fixture
def seen(monkeypatch, capsys):
    collecting = Collecting()
    monkeypatch.setattr(commands, "help_formatter", collecting)

    def walk(app, chain):
        (commands.meta if chain else commands).help_print(chain)
        for name in app:
            if not name.startswith("-"):
                walk(app[name], [*chain, name])

    walk(commands, [])
    for also in (["--install-completion"], ["demo"]):
        commands.meta.help_print(also)
    return collecting.seen


def test_every_text_of_the_help_is_there_in_turkish_and_none_is_left_over(seen):
    epilogue = {text for text in HELPS if text.startswith("Exit codes:")}
    assert seen - HELPS.keys() == set()
    assert HELPS.keys() - seen == epilogue
    assert len(epilogue) == 1


@pytest.mark.parametrize("arguments", [["--lang", "tr", "batch", "run", "--help"], ["batch", "run", "-h", "--lang=tr"]])
def test_the_help_is_turkish_where_it_is_asked_for(kolay, arguments):
    code, out, _ = kolay(*arguments)
    assert code == 0
    for said in ("Kullanım: kolay-invoice batch run", "SEÇENEKLER", "Parametreler", "[varsayılan: 8]", "[zorunlu]"):
        assert said in out
    assert "Çıkış kodları: 0 yapıldı" in out


def test_the_help_is_english_else(kolay):
    code, out, _ = kolay("kolaybi", "list", "--help")
    assert code == 0
    for said in ("Usage: kolay-invoice kolaybi list [OPTIONS]", "[choices: outbound, inbound]", "Exit codes: 0 done"):
        assert said in out
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
    texts.speak("en")
    usage.report(CycloptsError(msg="something new"), as_json=False)
    assert capsys.readouterr().err.startswith("The command line cannot be read: something new")


def test_a_value_of_a_kind_without_a_name_is_told(capsys):
    assert usage.wrong_value("--save", "x", bytes) == ["--save cannot be x."]
