"""The password in a journal's URL stands in no error, in no frame of the library and in no list of processes."""

import traceback

import pytest

from kolay_invoice.cli.app import run
from kolay_invoice.journal import Journal, JournalError

PASSWORD = "canary-password"
SERVER = f"postgresql://user:{PASSWORD}@127.0.0.1:9/none"


def shown(error):
    """Everything that a reporter of errors records: texts, causes, contexts and the locals of our frames."""
    told = []
    while error is not None:
        told.append(repr(error))
        for frame, _line in traceback.walk_tb(error.__traceback__):
            if "/kolay_invoice/" in frame.f_code.co_filename:
                told += map(repr, frame.f_locals.values())
        error = error.__cause__ or error.__context__
    return "\n".join(told)


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://user:{PASSWORD}@host/db",
        f"postgresql://user:{PASSWORD}@host:port/db",
        f"postgresql://user:{PASSWORD}@x@host/db",
        f"sqlite:///a.db?password={PASSWORD}",
        f"sqlite://{PASSWORD}",
        f"{PASSWORD}%ff",
    ],
)
def test_no_frame_of_a_refused_url_holds_the_password(url):
    with pytest.raises(ValueError, match="url") as caught:
        Journal.open(url)
    assert PASSWORD not in shown(caught.value)


async def test_no_frame_of_a_failed_connection_holds_the_password():
    with pytest.raises(JournalError) as caught:
        async with Journal.open(SERVER):
            pass
    assert PASSWORD not in shown(caught.value)


@pytest.fixture
def status(capsys, monkeypatch):
    monkeypatch.setenv("KOLAY_INVOICE_LANG", "en")

    def status(*arguments):
        run(["batch", "status", *arguments])
        said = capsys.readouterr()
        assert PASSWORD not in said.out + said.err
        return said.err

    return status


@pytest.mark.parametrize("url", [SERVER, f"postgresql://127.0.0.1:9/none?password={PASSWORD}"])
def test_a_password_in_an_argument_is_warned_of(url, status):
    assert "name the journal in KOLAY_INVOICE_JOURNAL or in a profile" in status("--journal", url)


def test_the_environment_names_the_journal_without_a_warning(status, monkeypatch):
    monkeypatch.setenv("KOLAY_INVOICE_JOURNAL", SERVER)
    said = status()
    assert "127.0.0.1" in said
    assert "KOLAY_INVOICE_JOURNAL" not in said


@pytest.mark.parametrize("url", ["sqlite:///none.db", "postgresql://user@127.0.0.1:9/none"])
def test_an_argument_without_a_password_is_not_warned_of(url, status, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "KOLAY_INVOICE_JOURNAL" not in status("--journal", url)
