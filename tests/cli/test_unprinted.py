"""Unprinted replies, in a process of its own, for each failure of the standard output."""

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kolay_invoice.cli import output, streams
from kolay_invoice.cli.errors import ExitCode

from .conftest import JOURNAL, eventually

COMMAND = [sys.executable, "-m", "kolay_invoice.cli"]
SECONDS = 50
FORBIDDEN = ("Nothing was sent", "Traceback", "?", "Exception ignored")


@contextmanager
def closed(_folder):
    yield ["sh", "-c", 'exec "$@" >&-', "sh"], None


@contextmanager
def full(_folder):
    with open("/dev/full", "w") as taken:  # noqa: PTH123 - there is no Path of what is no file.
        yield [], taken


@contextmanager
def too_large(folder):
    with (folder / "out").open("w") as taken:
        yield ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh"], taken


@contextmanager
def hung_up(_folder):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        yield [], writer
    finally:
        os.close(writer)


OBSTACLES = {
    "closed": closed,
    "full": pytest.param(
        full, marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    ),
    "too large": too_large,
    "hung up": hung_up,
}
every_obstacle = pytest.mark.parametrize("obstacle", OBSTACLES.values(), ids=OBSTACLES)


def ended(obstacle, folder, *arguments, errors=subprocess.PIPE, **environment):
    """Run a command with a failing standard output; return its exit code and its standard error."""
    with obstacle(folder) as (before, taken):
        process = subprocess.run(
            [*before, *COMMAND, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=taken,
            stderr=taken if errors is None else errors,
            env={**os.environ, **environment},
            timeout=SECONDS,
            check=False,
        )
    stderr = (process.stderr or b"").decode()
    assert not any(text in stderr for text in FORBIDDEN), stderr
    return process.returncode, stderr


SALE = ("propars", "send", "--sale-code", "abc123", "--yes")


@pytest.mark.row(61)
@every_obstacle
def test_an_answer_that_cannot_be_printed_is_told_in_one_line_beside_it(obstacle, emulated, tmp_path):
    code, stderr = ended(obstacle, tmp_path, *SALE)

    sale = emulated.sale("abc123")
    assert (code, stderr.count("\n")) == (ExitCode.UNPRINTED, 1)
    assert f"ETTN {sale.invoice.uuid}. Number {sale.invoice.number}." in stderr
    assert emulated.executions("send_invoice", "abc123") == 1


@pytest.mark.row(61)
@every_obstacle
def test_a_script_gets_the_answer_as_one_json_document_beside_it(obstacle, emulated, tmp_path):
    code, stderr = ended(obstacle, tmp_path, *SALE, "--json", PYTHONIOENCODING="ascii")

    invoice = emulated.sale("abc123").invoice
    document = json.loads(stderr)
    assert (code, document["exit_code"], stderr.count("\n")) == (ExitCode.UNPRINTED, ExitCode.UNPRINTED, 1)
    assert (document["ettn"], document["number"]) == (str(invoice.uuid), invoice.number)
    assert document["answer"]["sale_code"] == "abc123"
    assert emulated.executions("send_invoice", "abc123") == 1


@pytest.mark.row(61)
@pytest.mark.parametrize(
    ("arguments", "operation"),
    [
        (("kolaybi", "create-e-document", "1"), "create_e_document"),
        (("kolaybi", "proceed", "1", "1"), "proceed"),
        (("kolaybi", "resend", "18"), "resend"),
        (("propars", "html", "--sale-code", "abc123"), "invoice_html_for_sale"),
    ],
)
def test_every_call_with_an_effect_tells_its_answer_beside_it(arguments, operation, emulated, tmp_path):
    code, stderr = ended(hung_up, tmp_path, *arguments, "--yes", "--lang", "tr")

    assert (code, stderr.count("\n")) == (ExitCode.UNPRINTED, 1)
    assert "yanıtlandı, ancak yanıt yazılamadı (okuyan taraf kapandı)" in stderr
    assert emulated.executions(operation) == 1


@pytest.mark.row(61)
@every_obstacle
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_error_has_its_own_exit_code_whatever_the_standard_output_suffers_from(obstacle, form, emulated, tmp_path):
    emulated.fault("create_e_document", "drop-after")

    code, stderr = ended(obstacle, tmp_path, "kolaybi", "create-e-document", "1", "--yes", *form)

    assert code == ExitCode.UNKNOWN
    assert "may have happened at the provider" in stderr
    assert emulated.executions("create_e_document", 1) == 1


@pytest.mark.row(61)
@every_obstacle
@pytest.mark.parametrize(
    "arguments", [("kolaybi", "list", "5"), ("kolaybi", "companies", "--json"), ("propars", "xml", *SALE[2:4])]
)
def test_what_was_only_read_is_said_not_to_be_whole(obstacle, arguments, emulated, tmp_path):
    ended(hung_up, tmp_path, *SALE)

    code, stderr = ended(obstacle, tmp_path, *arguments)

    if obstacle is hung_up:
        # A reader that closed the pipe, such as `head`, gets no error.
        assert (code, stderr) == (ExitCode.PIPE_CLOSED, "")
    else:
        assert (code, stderr.count("\n")) == (ExitCode.UNPRINTED, 1)
        assert "The output could not be printed whole (" in stderr


@pytest.mark.row(61)
@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["config", "show"], ["doctor", "--json"]])
def test_every_other_command_says_so_too(arguments, emulated, tmp_path):
    code, stderr = ended(too_large, tmp_path, *arguments)
    assert code == ExitCode.UNPRINTED
    assert "could not be printed" in stderr


@pytest.mark.row(61)
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_the_report_of_a_batch_is_told_beside_it(form, emulated, tmp_path):
    (tmp_path / "sends.csv").write_text("operation,document_id\ncreate-e-document,1\n")

    run = ("batch", "run", "sends.csv", "--journal", JOURNAL, "--yes")
    code, stderr = ended(hung_up, tmp_path, *run, *form)

    line = json.loads(stderr[stderr.index("{") :])
    report = line["answer"] if form else line
    assert (code, stderr.count("\n")) == (ExitCode.UNPRINTED, 1)
    assert report["done_in_this_run"] == 1
    assert ended(hung_up, tmp_path, "batch", "status", "--journal", JOURNAL, *form) == (ExitCode.PIPE_CLOSED, "")
    assert emulated.executions("create_e_document", 1) == 1


@pytest.mark.row(61)
def test_the_report_of_a_batch_that_is_not_done_keeps_its_exit_code(emulated, tmp_path):
    (tmp_path / "sends.csv").write_text("operation,document_id\ncreate-e-document,1\n")
    emulated.fault("create_e_document", "drop-after")

    code, stderr = ended(hung_up, tmp_path, "batch", "run", "sends.csv", "--journal", JOURNAL, "--yes", "--json")

    assert (code, json.loads(stderr)["answer"]["counts"]["unknown"]) == (ExitCode.UNKNOWN, 1)


@pytest.mark.row(61)
def test_where_both_streams_are_full_the_exit_code_says_so(emulated, tmp_path):
    assert (
        ended(too_large, tmp_path, "kolaybi", "create-e-document", "1", "--yes", errors=None)[0] == ExitCode.UNPRINTED
    )
    assert emulated.executions("create_e_document", 1) == 1


@pytest.mark.row(61)
def test_where_both_streams_are_closed_no_connection_takes_their_place(emulated, tmp_path):
    shell = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"]
    process = subprocess.run(
        [*shell, *COMMAND, "kolaybi", "create-e-document", "1", "--yes"], timeout=SECONDS, check=False
    )
    assert process.returncode == ExitCode.UNPRINTED
    assert emulated.executions("create_e_document", 1) == 1


@pytest.mark.row(61, 62)
def test_ctrl_c_while_an_answer_waits_to_be_read_loses_nothing(emulated):
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    process = subprocess.Popen(
        [*COMMAND, "kolaybi", "create-e-document", "1", "--yes"], stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    eventually(lambda: emulated.executions("create_e_document", 1))
    eventually(lambda: emulated.connections_open == 0)

    while process.poll() is None:  # However often it is pressed.
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
    stderr = process.communicate(timeout=SECONDS)[1]
    os.close(reader)

    assert process.returncode == ExitCode.UNPRINTED, stderr
    assert "the answer could not be printed (interrupted)" in stderr
    assert '"document_id":1' in stderr


# Encodings


@pytest.mark.row(61)
@pytest.mark.parametrize("encoding", ["ascii", "iso8859-9", "iso8859-15", "cp1254"])
@pytest.mark.parametrize("arguments", [("companies", "--json"), ("list", "5", "--json")])
def test_json_is_utf_8_whatever_the_standard_output_is(encoding, arguments, emulated):
    shown = [
        subprocess.run(
            [*COMMAND, "kolaybi", *arguments],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": kind},
            check=True,
        ).stdout
        for kind in (encoding, "utf-8")
    ]
    assert shown[0] == shown[1]
    assert json.loads(shown[0].decode("utf-8"))
    assert not shown[0].isascii() or "list" in arguments


@pytest.mark.row(61)
@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({"PYTHONIOENCODING": "ascii"}, rb"\xd6rnek Ticaret"),
        ({"PYTHONIOENCODING": "iso8859-15"}, "Örnek Ticaret".encode("iso8859-15")),
        ({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, rb"\xd6rnek Ticaret"),
    ],
)
def test_text_shows_a_letter_that_cannot_be_written_by_its_number(environment, name, emulated):
    ended = subprocess.run(
        [*COMMAND, "--lang", "tr", "kolaybi", "companies"],
        capture_output=True,
        env={**os.environ, **environment},
        check=True,
    )
    assert name in ended.stdout
    assert b"?" not in ended.stdout


@pytest.mark.row(61)
def test_a_document_is_json_even_with_half_a_character_in_it():
    assert json.loads(output.as_json({"path": "a\udcff", 1: None})) == {"path": "a\udcff", "1": None}


# Questions


@pytest.mark.row(61)
def test_a_question_that_cannot_be_shown_is_not_answered(kolay, emulated, typed, monkeypatch):
    class Full:
        encoding = "utf-8"

        def isatty(self):
            return False

        def write(self, _text):
            raise OSError(28, os.strerror(28))

        def flush(self):
            return

        def fileno(self):
            raise io.UnsupportedOperation

    typed("y\n")
    monkeypatch.setattr(sys, "stderr", Full())
    assert kolay("kolaybi", "create-e-document", "1")[0] == ExitCode.REFUSED
    assert emulated.requests == []


@pytest.mark.row(61, 62)
def test_ctrl_c_on_top_of_an_answer_that_cannot_be_printed_does_not_hide_it():
    lost = streams.UnprintedError(BrokenPipeError(32, "Broken pipe"))
    interrupted = KeyboardInterrupt()
    interrupted.__context__ = ValueError()
    interrupted.__context__.__context__ = lost
    assert streams.unprinted_in(interrupted) is lost
    assert streams.unprinted_in(KeyboardInterrupt()) is None
