"""The guarded streams and the command's reaction to their failures, in this process."""

import errno
import io
import json
import os
import signal
import sys
import threading

import pytest

from kolay_invoice import event_loop
from kolay_invoice.cli import output, streams
from kolay_invoice.cli.batch import actions
from kolay_invoice.cli.errors import ExitCode
from kolay_invoice.cli.rows import JsonRows

from .conftest import JOURNAL


class Bytes(io.RawIOBase):
    """A byte stream that stores its writes or fails."""

    def __init__(self, error=None):
        self.error = error
        self.taken = b""

    def writable(self):
        return True

    def write(self, content):
        if self.error is not None:
            raise self.error
        self.taken += bytes(content)
        return len(content)


class Stream(io.TextIOWrapper):
    """A text stream that stores its writes or fails."""

    def __init__(self, error=None, encoding="utf-8"):
        self.bytes = Bytes(error)
        super().__init__(io.BufferedWriter(self.bytes), encoding=encoding)

    def close(self):
        self.bytes.error = None
        super().close()


def full():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


CREATE = ("kolaybi", "create-e-document", "1", "--yes")


@pytest.mark.parametrize(
    ("error", "expected"),
    [(full(), "No space left on device"), (BrokenPipeError(errno.EPIPE, "Broken pipe"), "Broken pipe")],
)
def test_an_answer_goes_to_the_standard_error_and_the_exit_code_is_its_own(
    error, expected, kolay, emulated, monkeypatch
):
    monkeypatch.setattr(sys, "stdout", Stream(error))
    code, _, stderr = kolay(*CREATE)
    assert code == ExitCode.UNPRINTED
    assert f"KolayBi create-e-document was answered, and the answer could not be printed ({expected})" in stderr
    assert emulated.executions("create_e_document", 1) == 1


def test_a_script_reads_the_answer_from_the_standard_error_in_utf_8(kolay, emulated, monkeypatch):
    stderr = Stream(encoding="ascii")
    monkeypatch.setattr(sys, "stdout", Stream(full()))
    monkeypatch.setattr(sys, "stderr", stderr)
    assert kolay("--lang", "tr", *CREATE, "--json")[0] == ExitCode.UNPRINTED
    document = json.loads(stderr.bytes.taken.decode("utf-8"))
    assert document["answer"]["document_id"] == 1
    assert document["ettn"] == document["answer"]["uuid"]
    assert "yanıtlandı" in document["error"]


def test_a_number_that_only_the_rest_of_an_answer_holds_is_found(kolay, monkeypatch, emulated):
    error = streams.UnprintedError(full())
    error.answer = {"uuid": None, "extra": {"ettn": "E", "document_no": "N"}}
    monkeypatch.setattr(actions, "_survey_file", lambda *_: (_ for _ in ()).throw(error))
    stderr = kolay("batch", "run", "x.csv", "--journal", JOURNAL, "--yes")[2]
    assert stderr.startswith("What came of it could not be printed (No space left on device); it stands here.")
    assert "ETTN E. Number N. {" in stderr


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_an_output_that_can_be_had_again_is_said_not_to_be_whole(form, kolay, emulated, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Stream(full()))
    code, _, stderr = kolay("kolaybi", "companies", *form)
    assert code == ExitCode.UNPRINTED
    assert "could not be printed whole (No space left on device)" in stderr


def test_whoever_reads_no_more_of_a_list_hears_nothing(kolay, emulated, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Stream(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    assert kolay("kolaybi", "companies")[::2] == (ExitCode.PIPE_CLOSED, "")


@pytest.mark.parametrize("arguments", [CREATE, ("propars", "html", "--sale-code", "abc123", "--yes")])
def test_a_closed_standard_output_is_no_success(arguments, kolay, emulated, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    code, _, stderr = kolay(*arguments)
    assert code == ExitCode.UNPRINTED
    assert "(Bad file descriptor)" in stderr


def test_an_error_that_cannot_be_printed_keeps_its_exit_code(kolay, emulated, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Stream(full()))
    code, _, stderr = kolay("kolaybi", "create-e-document", "0", "--json")
    assert (code, json.loads(stderr)["exit_code"]) == (ExitCode.USAGE, ExitCode.USAGE)


def test_a_list_that_broke_off_says_so_though_its_rows_cannot_be_printed(kolay, emulated, monkeypatch):
    def broken(_rows):
        raise streams.UnprintedError(full())

    monkeypatch.setattr(JsonRows, "broken", broken)

    async def cut(_client, rows, printer):
        printer.print({"a": 1})
        rows.aclose().close()
        raise KeyboardInterrupt

    monkeypatch.setattr("kolay_invoice.cli.listing._print_all", cut)
    code, _, stderr = kolay("kolaybi", "list", "5", "--json")
    assert code == ExitCode.INTERRUPTED
    assert json.loads(stderr)["error"].startswith("The list is not whole")


# Ctrl-C


class Pressed(Stream):
    """A standard output that blocks until Ctrl-C."""

    def write(self, _text):
        raise KeyboardInterrupt


def test_ctrl_c_while_an_answer_is_printed_does_not_hide_it(kolay, emulated, monkeypatch):
    monkeypatch.setattr(sys, "stdout", Pressed())
    code, _, stderr = kolay(*CREATE)
    assert code == ExitCode.UNPRINTED
    assert "could not be printed (interrupted)" in stderr
    assert '"document_id":1' in stderr


def test_ctrl_c_just_before_an_answer_is_printed_does_not_hide_it(kolay, emulated, monkeypatch):
    real = output.answering
    pressed = []

    def answering(*arguments, **named):
        if not pressed:
            pressed.append(True)
            raise KeyboardInterrupt
        return real(*arguments, **named)

    monkeypatch.setattr(output, "answering", answering)
    code, _, stderr = kolay(*CREATE)
    assert code == ExitCode.UNPRINTED
    assert '"document_id":1' in stderr


def test_ctrl_c_while_something_read_is_printed_had_no_effect(kolay, emulated, monkeypatch):
    kolay("propars", "send", "--sale-code", "abc123", "--yes")
    monkeypatch.setattr(sys, "stdout", Pressed())
    code, _, stderr = kolay("propars", "xml", "--sale-code", "abc123", "--json")
    assert code == ExitCode.INTERRUPTED
    assert "before anything was sent" in stderr


def test_ctrl_c_outside_of_a_batchs_own_hearing_says_that_it_may_have_happened(kolay, emulated, monkeypatch, tmp_path):
    (tmp_path / "sends.csv").write_text("operation,document_id\ncreate-e-document,1\n")

    def pressed(running):
        running.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(event_loop, "run", pressed)
    code, _, stderr = kolay("batch", "run", "sends.csv", "--journal", JOURNAL, "--yes")
    assert code == ExitCode.UNKNOWN
    assert "What may have been on its way is in the journal." in stderr


def test_ctrl_c_is_not_heard_while_what_would_be_lost_is_said():
    with streams.undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_thread_cannot_choose_what_is_heard():
    heard = []

    def run():
        with streams.undisturbed():
            heard.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert heard == [signal.default_int_handler]


# Encodings


def test_json_is_utf_8_on_a_stream_that_is_not(kolay, emulated, monkeypatch):
    latin = Stream(encoding="iso8859-9")
    monkeypatch.setattr(sys, "stdout", latin)
    assert kolay("--lang", "tr", "kolaybi", "companies", "--json")[0] == 0
    assert "Örnek Ticaret" in latin.bytes.taken.decode("utf-8")


def test_text_shows_the_number_of_a_letter_that_a_stream_cannot_write(kolay, emulated, monkeypatch):
    plain = Stream(encoding="ascii")
    monkeypatch.setattr(sys, "stdout", plain)
    assert kolay("kolaybi", "companies")[0] == 0
    assert rb"\xd6rnek Ticaret" in plain.bytes.taken


# The streams themselves


def test_a_note_that_is_not_taken_is_dropped_and_remembered():
    notes = streams.NoteStream(Stream(full()))
    assert notes.write("x") == 1
    assert not notes.is_broken
    notes.flush()
    assert notes.is_broken


def test_a_failure_of_the_bytes_below_is_one_of_the_stream():
    answers = streams.AnswerStream(Stream(full()))
    with pytest.raises(streams.UnprintedError) as caught:
        answers.buffer.write(b"x" * 100_000)
    assert answers.is_broken
    assert caught.value.reason == "No space left on device"


def test_descriptors_that_are_closed_are_taken_by_nothing_of_ours(monkeypatch):
    given = iter([0, 1, 2, os.open(os.devnull, os.O_RDWR)])
    monkeypatch.setattr(streams.os, "open", lambda *_: next(given))
    streams._occupy_closed_descriptors()
    assert list(given) == []


def test_what_is_left_in_a_broken_stream_goes_nowhere(tmp_path):
    path = tmp_path / "out"
    with path.open("w") as stream:
        stream.write("left")
        streams._discard_rest(streams.AnswerStream(stream))
    assert path.read_text() == ""
