"""The identity of a journal, and a journal that may lack records."""

import json
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from kolay_invoice.cli.batch.run import BatchRun

JOURNAL = "sqlite:///sends.db"
RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes")


@pytest.fixture
def older_copy(batch, documents, place):
    """A journal replaced by an older copy; returns the document that only the newer one contains."""
    documents(1)
    assert batch(*RUN)[0] == 0
    shutil.copy(place / "sends.db", place / "copy.db")
    (number,) = documents(1)
    assert batch(*RUN)[0] == 0
    shutil.move(place / "copy.db", place / "sends.db")
    return number


def test_status_says_which_journal_it_is(batch, documents):
    documents(1)
    batch(*RUN)
    code, out, _ = batch("status", "--journal", JOURNAL)
    assert code == 0
    assert out.startswith("journal ")
    assert " in sqlite:///sends.db; last run: 1\n" in out
    journal = json.loads(batch("status", "--journal", JOURNAL, "--json")[1])["journal"]
    assert (len(journal["id"]) > 8, journal["last_run"], journal["doubt"]) == (True, 1, None)
    ended = batch("end-doubt", "--journal", JOURNAL, "--because", "I looked", "--yes")[1]
    assert ended.startswith("Nothing is in doubt")


@pytest.mark.row(52)
def test_an_older_copy_is_told_and_nothing_is_sent_that_was_sent(batch, older_copy, unprotected):
    _, out, _ = batch("status", "--journal", JOURNAL)
    assert "This journal may lack what it once held (the file is an older copy of the journal" in out
    assert "kolay-invoice batch end-doubt --journal sqlite:///sends.db" in out
    code, out, err = batch(*RUN, "--quiet-period", "0.1", "--json")
    assert "Nothing is sent before it was looked up" in err
    document = json.loads(out)
    assert (code, document["counts"]["done"], document["done_in_this_run"]) == (0, 1, 1)
    assert "older copy" in document["doubt"]
    assert unprotected.executions("create_e_document", older_copy) == 1


def test_a_person_ends_the_doubt(batch, older_copy, typed):
    end = ("end-doubt", "--journal", JOURNAL, "--because")
    code, _, err = batch(*end, "all looked up")
    assert (code, "SENT TWICE" in err, "Pass --yes" in err) == (2, True, True)
    assert batch(*end, " ", "--yes") == (2, "", "--because must say how that is known.\n")
    typed("n\n")
    assert batch(*end, "all looked up")[0] == 1
    assert "may lack" in batch("status", "--journal", JOURNAL)[1]
    typed("y\n")
    code, out, _ = batch(*end, "all looked up")
    assert (code, out) == (0, "The journal sqlite:///sends.db counts as whole.\n")
    assert "may lack" not in batch("status", "--journal", JOURNAL)[1]
    document = json.loads(batch(*end, "again", "--yes", "--json")[1])
    assert (document["ended"], document["journal"]["doubt"]) == (False, None)


def test_a_run_begins_with_the_doubt(capsys):
    doubt = SimpleNamespace(reason="the file is an older copy", noticed_at=datetime(2026, 5, 2, tzinfo=UTC))
    journal = SimpleNamespace(
        identity=SimpleNamespace(doubt=doubt, last_run=None, journal_id="id", place="sqlite:///sends.db")
    )
    running = BatchRun(SimpleNamespace(), lambda *_: None)
    running._print_doubt(journal)
    assert running.result.doubt == "the file is an older copy"
    assert "may lack" in capsys.readouterr().err


def test_what_the_operating_system_says_of_the_file_is_told():
    running = BatchRun(SimpleNamespace(), lambda *_: None)
    running._note_error(FileNotFoundError(2, "No such file or directory", "sends.csv"))
    assert running.result.error == "sends.csv: No such file or directory"
