"""Options of a batch: --look-first, --give-up-after, --absence-proves, and operations that were not tried."""

import json
import re

import pytest

from kolay_invoice.cli import i18n
from kolay_invoice.cli.batch import row_view, view
from kolay_invoice.cli.batch.result import BatchResult, Before
from kolay_invoice.journal import State
from kolay_invoice.operations import BY_BATCH_NAME

JOURNAL = "sqlite:///sends.db"
RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes")


def test_with_look_first_only_what_is_seen_unsent_is_sent(batch, documents, place, unprotected):
    first, second = documents(2)
    assert batch(*RUN)[0] == 0
    new = ("run", "sends.csv", "--journal", "sqlite:///new.db", "--yes", "--look-first")
    code, out, _ = batch(*new)
    assert (code, "done in this run" in out) == (0, True)
    assert [unprotected.executions("create_e_document", number) for number in (first, second)] == [1, 1]
    (place / "sends.csv").write_text("operation,document_id,vault_id\nproceed,18,1\n")
    code, out, _ = batch(*new)
    assert (code, "needs a manual check" in out) == (4, True)
    assert unprotected.executions("proceed", 18) == 0


def test_that_an_absence_proves_is_warned_of_before_anything_is_sent(batch, documents, unprotected):
    (number,) = documents(1)
    code, _, err = batch(*RUN, "--absence-proves", "--dry-run")
    assert (code, "SENT TWICE" in err, "kolay-invoice doctor" in err) == (0, True, True)
    assert unprotected.executions("create_e_document", number) == 0
    code, out, err = batch(*RUN, "--absence-proves", "--json")
    assert (code, "SENT TWICE" in err, json.loads(out)["absence_proves"]) == (0, True, True)


def test_how_a_batch_is_run_reaches_the_journal(batch, documents, monkeypatch):
    given = {}

    async def run(_self, _client, _requests, **options):
        given.update(options)
        raise RuntimeError

    monkeypatch.setattr("kolay_invoice.journal.Journal.run", run)
    documents(1)
    with pytest.raises(RuntimeError):
        batch(*RUN, "--occasion", "May", "--look-first", "--give-up-after", "7", "--absence-proves")
    named = ("occasion", "look_first", "give_up_after", "absence_proves")
    assert [given[name] for name in named] == ["May", True, 7.0, True]
    with pytest.raises(RuntimeError):
        batch(*RUN)
    assert [given[name] for name in named] == ["", False, 86_400.0, False]
    assert given["quiet_period"] == 300.0


@pytest.mark.row(57)
def test_a_quiet_period_in_which_bytes_may_still_arrive_is_refused_before_anybody_is_asked(
    batch, documents, place, monkeypatch
):
    documents(1)
    monkeypatch.delenv("KOLAYBI_BASE_URL")
    code, out, err = batch(*RUN, "--quiet-period", "59")
    assert (code, out) == (2, "")
    assert err.startswith("--quiet-period must be at least 60 seconds, in which a call may still arrive and happen")
    assert err.endswith("Nothing was sent.\n")
    assert not (place / "sends.db").exists()
    assert batch(*RUN, "--quiet-period", "60", "--dry-run")[0] == 0


def test_what_was_not_tried_is_told_with_its_reason(batch, place, unprotected):
    (place / "sends.csv").write_text("operation,document_id,vault_id\nproceed,18,1\ncreate-e-document,18,\n")
    unprotected.fault("proceed", "drop-after")
    code, out, _ = batch(*RUN)
    assert code == 4
    assert (
        "Not everything was tried: 1 of the run's operations were not sent: "
        "another operation on the same document or sale is not settled"
    ) in out
    document = json.loads(batch(*RUN, "--json")[1])
    assert len(document["untried"]) == 1
    assert document["counts"]["planned"] == 1
    assert unprotected.executions("create_e_document", 18) == 0


def test_where_a_run_stopped_early_its_reason_is_told_once(batch, documents, monkeypatch):
    documents(2)
    monkeypatch.setenv("KOLAYBI_API_KEY", "of-nobody")
    _, out, _ = batch(*RUN)
    assert "Stopped early: " in out
    assert "Not everything was tried" not in out


# Text


@pytest.fixture
def in_turkish(monkeypatch):
    monkeypatch.setenv("KOLAY_INVOICE_LANG", "tr")


@pytest.mark.usefixtures("in_turkish")
def test_states_operations_and_heads_are_turkish(batch, place, unprotected):
    number = unprotected.add_document().document_id
    (place / "sends.csv").write_text(
        f"operation,document_id,vault_id\ncreate-e-document,{number},\nproceed,18,1\nproceed,19,9\n"
    )
    unprotected.fault("proceed", "drop-after")
    code, out, _ = batch(*RUN, "--concurrency", "1")
    assert code == 4
    for expected in ("durum", "işlem sayısı", "bu çalıştırmada yapıldı", "bu çalıştırmada reddedildi"):
        assert expected in out
    assert "elle kontrol bekliyor (needs_person)" in out
    assert "fatura tahsilatı: elle kontrol bekliyor" in out
    _, out, _ = batch(*RUN)
    assert re.search(r"önceden yapılmış: \d\d\.\d\d\.\d{4} \d\d\.\d\d", out)
    _, out, _ = batch("settle", "kolaybi:loopback:proceed:document_id=18", "--done", "--journal", JOURNAL)
    assert "ipucudur, kanıt değildir" in out
    assert "artık yapıldı (done) durumunda" in out
    (place / "sends.csv").write_text("operation,document_id,vault_id\nproceed,18,2\n")
    code, _, err = batch(*RUN)
    assert code == 2
    assert "satır 2: kolaybi:loopback:proceed:document_id=18 gönderim defterinde başka alanlarla kayıtlı" in err


@pytest.mark.parametrize("language", ["en", "tr"])
def test_every_state_and_operation_has_words(language):
    i18n.set_language(language)
    try:
        assert all(row_view.state_name(state) for state in State)
        assert row_view._OPERATIONS.keys() == {one.operation for one in BY_BATCH_NAME.values()}
        assert view._WHAT_IT_DOES.keys() == BY_BATCH_NAME.keys()
    finally:
        i18n.set_language(None)


def test_what_was_done_before_tells_from_when_to_when():
    result = BatchResult()
    result.counts.update({State.DONE: 3})
    for at in (86_400.0 * 400, None, 86_400.0 * 300):
        result.before[State.DONE].add(at)
    ((name, count),) = view._table_rows(result)
    assert count == 3
    assert re.fullmatch(r"done before, on 1970-10-\d\d .* to 1971-02-\d\d .*", name)
    result.before[State.DONE] = Before(3)
    ((name, _),) = view._table_rows(result)
    assert name == "done before, on a time that is not written down"
