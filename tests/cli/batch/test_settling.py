"""Operations in needs_person: their evidence, the vault's movements, and settling."""

import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kolay_invoice.cli.batch import movements
from kolay_invoice.cli.batch.movements import read_movements
from kolay_invoice.journal import AttemptRecord, Journal, Row, State
from kolay_invoice.kolaybi.models import Proceed, VaultMovement, VaultTransactions

JOURNAL = "sqlite:///sends.db"
RUN = ("run", "sends.csv", "--journal", JOURNAL, "--yes")
KEY = "kolaybi:loopback:proceed:document_id=18"


@pytest.fixture
def in_doubt(batch, place, unprotected):
    """A collection with a lost reply; returns the output of the run."""
    (place / "sends.csv").write_text("operation,document_id,vault_id,amount\nproceed,18,1,0.50\n")
    unprotected.fault("proceed", "drop-after")
    code, out, _ = batch(*RUN)
    assert code == 4
    return out


def test_a_run_ends_with_what_waits_for_a_person_and_what_is_known_of_it(in_doubt, batch):
    assert "needs a manual check (needs_person)" in in_doubt
    shown = in_doubt.partition("These need a manual check; this is what is known of them:\n")[2]
    assert shown.startswith(f"needs_person  {KEY}  ")
    assert "collection of an invoice: needs a manual check (document_id 18, vault_id 1, amount 0.50)" in shown
    assert "it may have left; OutcomeUnknownError" in shown
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "needs_person")
    assert out.strip() == shown.strip()
    document = json.loads(batch(*RUN, "--json")[1])
    (row,) = document["waiting_for_a_person"]
    assert (row["key"], row["attempts"][0]["left"]) == (KEY, True)


def test_evidence_of_looks_is_shown(batch, documents, place, unprotected):
    documents(1)
    unprotected.fault("create_e_document", "drop-before")
    unprotected.fault("get_invoice", "500", times=9)
    assert batch(*RUN)[0] == 4
    code, out, _ = batch(*RUN, "--quiet-period", "0.1", "--give-up-after", "0")
    assert code == 4
    assert "looked up on " in out
    assert "get_invoice: " in out
    assert "send of an invoice: needs a manual check" in out


@pytest.mark.row(46)
@pytest.mark.usefixtures("in_doubt")
def test_settling_a_collection_shows_the_movements_of_its_vault_first(batch, unprotected):
    calls = [unprotected.executions("vault_transactions", 1)]
    code, out, _ = batch("settle", KEY, "--done", "--because", "it is there", "--journal", JOURNAL)
    assert code == 0
    assert unprotected.executions("vault_transactions", 1) == calls[0] + 1
    assert "Movements of vault 1 near this collection: 1 of 1 that it shows." in out
    assert "0.50" in out
    assert "They are evidence, not proof" in out
    assert out.index("evidence, not proof") < out.index("is done now")
    _, out, _ = batch("status", "--journal", JOURNAL, "--state", "done", "--json")
    (change,) = json.loads(out)["rows"][0]["history"]
    assert change["because"] == "it is there"
    assert batch(*RUN)[0] == 0
    assert unprotected.executions("proceed", 18) == 1


@pytest.mark.usefixtures("in_doubt")
def test_without_a_word_the_evidence_is_shown_and_nothing_is_settled(batch):
    code, out, err = batch("settle", KEY, "--journal", JOURNAL)
    assert (code, err) == (2, "Say either --done or --not-done.\n")
    assert "Movements of vault 1" in out
    code, out, _ = batch("settle", KEY, "--journal", JOURNAL, "--json")
    document = json.loads(out)
    assert code == document["exit_code"] == 2
    assert document["operation"]["state"] == "needs_person"
    movements = document["vault_movements"]
    assert (movements["vault_id"], movements["of"], movements["proves"]) == (1, 1, False)
    assert movements["near"][0]["amount"] == "0.50"


@pytest.mark.row(46)
@pytest.mark.usefixtures("in_doubt")
def test_movements_that_cannot_be_read_do_not_stop_the_settling(batch, unprotected):
    unprotected.fault("vault_transactions", "500", times=9)
    code, out, _ = batch("settle", KEY, "--not-done", "--journal", JOURNAL)
    assert (code, "The movements of vault 1 could not be read (" in out) == (0, True)
    assert "It will be sent by the next run" in out
    assert batch(*RUN)[0] == 0
    assert unprotected.executions("proceed", 18) == 2


@pytest.mark.usefixtures("in_doubt")
def test_without_credentials_a_collection_is_settled_all_the_same(batch, monkeypatch):
    for name in ("KOLAYBI_CHANNEL", "KOLAYBI_API_KEY", "KOLAYBI_BASE_URL"):
        monkeypatch.delenv(name)
    code, out, _ = batch("settle", KEY, "--done", "--journal", JOURNAL, "--json")
    document = json.loads(out)
    assert (code, document["state"]) == (0, "done")
    assert "KolayBi" in document["vault_movements"]["unread"]


@pytest.mark.usefixtures("in_doubt")
def test_the_vault_of_another_account_is_no_evidence(batch, unprotected, config):
    config(
        f'[profiles.other.kolaybi]\nchannel = "{unprotected.kolaybi_channel}"\n'
        f'api_key = "{unprotected.kolaybi_api_key}"\nbase_url = "{unprotected.kolaybi_url}"\n'
    )
    code, out, _ = batch("settle", KEY, "--done", "--journal", JOURNAL, "--profile", "other")
    assert code == 0
    assert "the collection is of the account loopback, and the credentials here are of other" in out
    assert unprotected.executions("vault_transactions", 1) == 0


@pytest.mark.usefixtures("in_doubt")
def test_what_another_worker_settles_meanwhile_is_told(batch, monkeypatch):
    real = Journal.settle

    async def overtaken(self, key, **word):
        await real(self, key, done=True)
        return await real(self, key, **word)

    monkeypatch.setattr(Journal, "settle", overtaken)
    code, _, err = batch("settle", KEY, "--not-done", "--journal", JOURNAL)
    assert (code, err.startswith(f"{KEY} is done; only what is unknown")) == (1, True)

    async def fails(self, key, **word):
        raise ValueError("key: it was taken in hand")

    monkeypatch.setattr(Journal, "settle", fails)
    monkeypatch.setattr("kolay_invoice.cli.batch.journal.can_be_settled", lambda *_, **__: True)
    code, _, err = batch("settle", KEY, "--not-done", "--journal", JOURNAL)
    assert (code, "taken in hand" in err) == (2, True)


@pytest.mark.row(46)
def test_only_movements_near_the_time_and_amount_are_shown(monkeypatch):
    now = time.time()
    day = datetime.fromtimestamp(now, UTC).date()
    long_ago = day - timedelta(days=300)
    found = [
        VaultMovement(1, Decimal("0.50"), booked_on=day),
        VaultMovement(2, Decimal("-0.50")),
        VaultMovement(3, Decimal(11), booked_on=day),
        VaultMovement(4, None, booked_on=day),
        VaultMovement(5, Decimal("0.50"), booked_on=long_ago),
    ]

    class Client:
        account = "loopback"

        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return None

        async def vault_transactions(self, vault_id):
            assert vault_id == 1
            return VaultTransactions(tuple(found))

    class Account:
        def client(self, _kind):
            return Client()

    monkeypatch.setattr(movements, "account_of", lambda *_: Account())

    def near(request, *attempts):
        movements = read_movements(row(request, attempts), None)
        return [one.movement_id for one in movements.near]

    tried = AttemptRecord(now, now, left=True, outcome="OutcomeUnknownError")
    assert near(Proceed(18, 1, amount="0.50"), tried) == [1, 2, 4]
    assert near(Proceed(18, 1), tried) == [1, 2, 3, 4]
    assert near(Proceed(18, 1)) == [1, 2, 3, 4, 5]


def row(request, attempts):
    return Row(1, KEY, "kolaybi", "loopback", "proceed", request, "{}", State.NEEDS_PERSON, 1, attempts=attempts)
