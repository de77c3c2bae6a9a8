"""No command gives a terminal, a file or a spreadsheet anything to execute, whatever the provider says."""

import csv
import io
import itertools
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kolay_invoice.cli import documents, streams, visible

from . import walk

NOTHING_OF_OTHERS = {("emulator",), ("doctor",), ("batch", "end-doubt"), ("batch", "run"), ("xml", "render")}
"""Commands that show no text of a provider here. Every other one has to show that it was given one."""

ESCAPE = re.compile(r"\\(?:x1b|x9b|u202e|u200b)")
FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
NUMBER = re.compile(r"-?[0-9.]+")


def run_all(kolay, walking, *, refusing):
    """Run every command line, and return the commands in whose output an escape is visible."""
    escaped = set()
    for chain, app in walk.find_commands():
        lines = walking.command_lines(chain, app)
        for arguments in itertools.islice(lines, 1) if refusing and chain[0] != "batch" else lines:
            _, out, err = kolay(*arguments)
            is_document = chain[-1] in {"html", "xml", "document"} and not err
            is_raw = is_document and not {"--json", "--dry-run", "--save"} & set(arguments)
            for text in (err,) if is_raw else (out, err):
                walk.assert_harmless(text)
            if "--json" in arguments:
                json.loads(out)
            if "--csv" in arguments:
                assert_no_formula(out)
            if ESCAPE.search(out + err):
                escaped.add(chain)
    return escaped


def assert_no_formula(text):
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert len(rows) == text.count("\n") > 1
    for cell in itertools.chain.from_iterable(rows):
        # A Turkish Excel takes each semicolon for the end of a cell.
        assert not [part for part in cell.split(";") if FORMULA.match(part) and not NUMBER.fullmatch(part)]
    assert "'=1+1;'@SUM(1)" in text


def test_no_command_lets_a_provider_control_a_terminal_a_file_or_a_spreadsheet(kolay, tmp_path):
    escaped = set()
    for refusing in (False, True):
        folder = tmp_path / str(refusing)
        folder.mkdir()
        with walk.hostile_provider(refusing=refusing) as emulator, walk.at(emulator, folder) as walking:
            escaped |= run_all(kolay, walking, refusing=refusing)
    assert escaped == {chain for chain, _ in walk.find_commands()} - NOTHING_OF_OTHERS
    written = [path for path in tmp_path.rglob("*") if path.suffix in {".html", ".doctor"}]
    assert len(written) == 2
    for path in written:
        walk.assert_harmless(path.read_text(encoding="utf-8"))


def test_no_mistake_on_the_command_line_or_in_a_file_controls_a_terminal(kolay, tmp_path):
    with walk.hostile_provider() as emulator, walk.at(emulator, tmp_path) as walking:
        shown = [kolay(*arguments) for arguments in walking.mistakes()]
    for code, out, err in shown:
        assert (code, out) == (2, "")
        walk.assert_harmless(err)
    assert sum(bool(ESCAPE.search(err)) for *_, err in shown) > len(shown) / 2


def test_without_the_filter_the_walk_finds_a_control_character(kolay, tmp_path, monkeypatch):
    monkeypatch.setattr(visible, "_DOUBTFUL", re.compile("(?!)"))
    with walk.hostile_provider() as emulator, walk.at(emulator, tmp_path), pytest.raises(AssertionError):
        walk.assert_harmless(kolay("kolaybi", "companies")[1])


def test_no_command_controls_the_terminal_that_it_prints_to(tmp_path):
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "TERM": "xterm-256color",
        "COLUMNS": "200",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-m", "tests.cli.walk", str(tmp_path)]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen = b""
    try:
        while more := os.read(ours, 1 << 20):
            seen += more
    except OSError:  # A terminal whose last process has ended cannot be read.
        pass
    os.close(ours)
    assert process.wait(60) == 0
    text = seen.decode().replace("\r\n", "\n")
    assert text.endswith("\nwalked\n")
    assert "\x1b[2m" in text
    assert "\x1b[1mUsage: kolay-invoice" in text
    assert ESCAPE.search(text)
    assert "--raw writes the bytes as they are" in text
    walk.assert_harmless(walk.STYLES.sub("", text))


def test_a_document_is_written_byte_for_byte_but_for_a_terminal_without_raw(capsysbinary):
    document = "<a>\x1b[2J\r\nş\u202e</a>".encode()
    for is_terminal, raw in ((True, True), (False, False)):
        with streams.guarded_streams():
            sys.stdout.isatty = lambda shown=is_terminal: shown
            documents._print_document(document, raw=raw)
        assert capsysbinary.readouterr() == (document, b"")
    with streams.guarded_streams():
        sys.stdout.isatty = lambda: True
        documents._print_document(document, raw=False)
        documents._print_document(b"<a/>\n", raw=False)
    out, err = capsysbinary.readouterr()
    assert out.decode() == "<a>\\x1b[2J\nş\\u202e</a>\n<a/>\n"
    assert err.count(b"--raw") == 1
