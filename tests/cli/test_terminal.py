"""The command in a process of its own: at a terminal, in a pipe, and as a server."""

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from kolay_invoice.cli import app as commands
from kolay_invoice.cli import emulator, output
from kolay_invoice.emulator import Emulator
from kolay_invoice.emulator.guesses import Guesses

COMMAND = [sys.executable, "-m", "kolay_invoice.cli"]


@pytest.fixture
def unprotected(request):
    with Emulator(**getattr(request, "param", {})) as running:
        yield running


class Person:
    """A process at a pseudo terminal."""

    def __init__(self, *arguments):
        ours, theirs = pty.openpty()
        self.terminal = ours
        self.seen = b""
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
        self.process = subprocess.Popen(
            [*COMMAND, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
        )
        os.close(theirs)

    def sees(self, text):
        while text.encode() not in self.seen:
            more = self._read()
            assert more, self.seen.decode()
            self.seen += more

    def types(self, text):
        os.write(self.terminal, text.encode())

    def ended(self):
        while more := self._read():
            self.seen += more
        os.close(self.terminal)
        return self.process.wait(30), self.seen.decode()

    def _read(self):
        # The terminal of a finished process cannot be read.
        with suppress(OSError):
            return os.read(self.terminal, 65536)
        return b""


def test_a_person_at_a_terminal_is_asked_and_sees_colours(emulated):
    person = Person("kolaybi", "create-e-document", "1")
    person.sees("Go on? [y/N]")
    assert emulated.executions("create_e_document") == 0
    person.types("y\n")
    code, seen = person.ended()
    assert code == 0
    assert "Document 1 was sent" in seen
    assert "\x1b[2m" in seen
    assert emulated.executions("create_e_document", 1) == 1


def test_a_person_who_says_no_in_turkish_sends_nothing(emulated):
    person = Person("--lang", "tr", "propars", "send", "--sale-code", "abc123")
    person.sees("[e/H]")
    person.types("h\n")
    code, seen = person.ended()
    assert code == 1
    assert "Hiçbir şey gönderilmedi." in seen
    assert emulated.requests == []


def test_ctrl_c_at_the_question_sends_nothing(emulated):
    person = Person("kolaybi", "create-e-document", "1")
    person.sees("Go on? [y/N]")
    person.process.send_signal(signal.SIGINT)
    code, seen = person.ended()
    assert code == 130
    assert "Traceback" not in seen
    assert emulated.requests == []


def test_ctrl_c_while_the_answer_is_awaited_is_exit_code_4(emulated):
    emulated.fault("create_e_document", "slow", seconds=30)
    person = Person("kolaybi", "create-e-document", "1", "--yes")
    person.sees("waiting for the answer")
    person.process.send_signal(signal.SIGINT)
    code, seen = person.ended()
    assert code == 4
    assert "may have happened at the provider" in seen.replace("\r\n", " ")


def test_in_a_pipe_there_are_no_colours(emulated):
    ended = subprocess.run([*COMMAND, "kolaybi", "list", "5"], capture_output=True, text=True, check=True)
    assert "\x1b" not in ended.stdout
    assert ended.stderr == ""


@pytest.mark.parametrize("unprotected", [{"page_size": 500}], indirect=True)
@pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]])
def test_a_reader_who_has_read_enough_is_no_traceback(emulated, form):
    for _ in range(5000):
        emulated.add_document()
    process = subprocess.Popen(
        [*COMMAND, "kolaybi", "list", "5", *form], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline()
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(30) == 141


# The emulator


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_emulator_serves_until_it_is_told(number):
    command = [*COMMAND, "emulator", "--port", "0", "--json", "--duplicates", "execute"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    with process.stdout:
        served = json.loads(process.stdout.readline())
        environment = {**os.environ, **served["environment"]}
        calls = [
            subprocess.run(
                [*COMMAND, "kolaybi", "create-e-document", "1", "--yes"],
                env=environment,
                capture_output=True,
                check=False,
            ).returncode
            for _ in range(2)
        ]
        assert calls == [0, 0]
        process.send_signal(number)
        assert process.wait(30) == 0


def test_the_emulator_prints_what_another_terminal_needs(kolay, ctrl_c):
    ctrl_c(lambda: getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "kolay_invoice.cli.emulator")
    code, out, err = kolay("emulator", "--port", "0", "--fault", "drop-after=0.5", "--fault", "429=0.1")
    assert code == 0
    assert "export KOLAYBI_CHANNEL=" in out
    assert "Ctrl-C ends it" in err


def test_the_emulator_takes_any_guess_by_its_name(kolay, ctrl_c, monkeypatch):
    served = []
    monkeypatch.setattr(
        "kolay_invoice.cli.emulator._print_address", lambda emulator, *_, **__: served.append(emulator.guesses)
    )
    ctrl_c(lambda: getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "kolay_invoice.cli.emulator")
    guesses = ("--guess", "list-filter=number", "--guess", "list_lag=forever", "--guess", "xml_lag=2.5")
    code, _, _ = kolay("emulator", "--port", "0", "--duplicates", "execute", *guesses)
    assert code == 0
    assert served == [Guesses(duplicates="execute", list_filter="number", list_lag="forever", xml_lag=2.5)]


@pytest.mark.parametrize(
    ("guess", "english", "turkish"),
    [
        ("list_filter", "--guess takes NAME=POSITION", "--guess AD=KONUM biçiminde olmalıdır"),
        (
            "moon=full",
            "guess: 'moon' is not one of duplicates, ",
            "'moon' diye bir tahmin yok; geçerli olanlar: duplicates, ",
        ),
        (
            "list_filter=x",
            "is not one of id, number, ignored",
            "list_filter için 'x' geçersiz; geçerli olanlar: id, number, ",
        ),
        ("list_lag=x", "is not a number of seconds from 0 on, or forever", "list_lag, 0 veya daha büyük bir saniye"),
    ],
)
def test_a_guess_that_cannot_be_is_told_in_both_languages(guess, english, turkish, kolay):
    for language, message in (("en", english), ("tr", turkish)):
        code, _, err = kolay("--lang", language, "emulator", "--port", "0", "--guess", guess)
        assert code == 2
        assert message in err, err
        assert {"en": "was not started", "tr": "başlatılmadı"}[language] in err or "AD=KONUM" in err or "NAME=" in err


@pytest.mark.parametrize("port", [-1, 65_536])
def test_an_impossible_port_of_the_emulator_is_a_wrong_usage(port, kolay):
    code, _, message = kolay("emulator", "--port", str(port))
    assert (code, message) == (
        2,
        f"--port must be between 0 and 65535, and not {port}. The emulator was not started.\n",
    )


def test_a_port_in_use_is_told_with_the_way_out(kolay, emulator):
    port = emulator.kolaybi_url.rpartition(":")[2]
    code, _, message = kolay("emulator", "--port", port)
    assert code == 2
    assert message.startswith(f"127.0.0.1:{port} cannot be used (Address already in use): choose another --port")


def test_an_address_that_is_none_is_told(kolay):
    code, _, message = kolay("emulator", "--host", "no.such.host.invalid", "--port", "0")
    assert code == 2
    assert message.startswith("no.such.host.invalid:0 cannot be used (")


def test_the_emulator_waits_however_often_it_looks_up(monkeypatch):
    event = Mock()
    event.wait.side_effect = [False, False, True]
    monkeypatch.setattr(emulator, "threading", SimpleNamespace(Event=lambda: event))
    emulator._wait_for_signal()
    assert event.wait.call_count == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_emulator_tells_a_script_in_one_line(kolay, ctrl_c):
    ctrl_c(lambda: getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "kolay_invoice.cli.emulator")
    code, out, err = kolay("emulator", "--port", "0", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["environment"]["KOLAYBI_BASE_URL"] == told["url"]
    assert (told["documents"], told["sales"]) == ([], [])


@pytest.mark.parametrize("as_json", [True, False])
def test_the_emulator_names_the_documents_and_sales_that_it_adds_for_a_rehearsal(as_json, kolay, ctrl_c, monkeypatch):
    served = []
    print_address = emulator._print_address
    monkeypatch.setattr(
        emulator,
        "_print_address",
        lambda running, *told, **how: (served.append(running.documents), print_address(running, *told, **how)),
    )
    ctrl_c(lambda: getattr(signal.getsignal(signal.SIGINT), "__module__", "") == "kolay_invoice.cli.emulator")
    form = ["--json"] if as_json else []
    code, out, err = kolay("emulator", "--port", "0", "--documents", "300", "--sales", "2", *form)
    assert code == 0
    if as_json:
        told = json.loads(out)
        assert len(set(told["documents"])) == 300
        assert served[0].keys() >= set(told["documents"])
        assert len(told["sales"]) == 2
    else:
        assert "Ready to be sent: the documents" in err
        assert "Without an invoice: the sales" in err


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--fault", "drop-after"), "takes NAME=RATE"),
        (("--fault", "drop-after=often"), "takes NAME=RATE"),
        (("--fault", "no-such=0.1"), "is not one of"),
        (("--fault", "429=2"), "is not between 0 and 1"),
        (("--latency", "-1"), "latency"),
        (("--documents", "-1"), "--documents must be between 0 and 100000, and not -1"),
        (("--sales", "100001"), "--sales must be between 0 and 100000, and not 100001"),
        (("--host", "256.256.256.256"), "The emulator was not started."),
    ],
)
def test_an_emulator_that_cannot_be_started_says_why(kolay, arguments, expected):
    code, _, err = kolay("emulator", "--port", "0", *arguments)
    assert code == 2
    assert expected in err


# The shell


def test_completion_is_installed_for_the_shell(tmp_path):
    ended = subprocess.run(
        [*COMMAND, "--install-completion", "--shell", "bash", "--output", str(tmp_path / "completion")],
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    script = (tmp_path / "completion").read_text()
    assert "create-e-document" in script
    assert subprocess.run(["bash", "-n", str(tmp_path / "completion")], check=False).returncode == 0


def test_the_help_imports_neither_a_client_nor_the_journal():
    shown = "import sys; from kolay_invoice.cli.app import run; run(['--help']); print(sorted(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    for heavy in ("aiohttp", "sqlalchemy", "lxml", "markdown_it", "jinja2", "kolay_invoice.kolaybi.client"):
        assert f"'{heavy}'" not in ended.stdout


def test_a_standard_output_that_is_no_file_is_left_as_it_is(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", sys.__stderr__)
    assert commands.run(["--version"]) == 0


def test_a_field_without_a_value_has_no_line_in_a_table():
    assert output.fields_table({"a": 1, "b": None}).row_count == 1
