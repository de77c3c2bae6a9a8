"""`batch run --follow`: it ends when every sent invoice is settled or the time is over, and says what is left to do."""

from __future__ import annotations

import json

import pytest

from kolay_invoice.cli import output
from kolay_invoice.cli.batch import actions, follow
from kolay_invoice.kolaybi.follow import FollowEnd

RUN = ("run", "sends.csv", "--journal", "sqlite:///sends.db", "--yes", "--follow")


def now_has(emulator, number, status):
    document = emulator.documents[number]
    emulator.add_document(number, status=status, uuid=document.uuid, no=document.no)


def test_it_ends_when_every_sent_invoice_has_a_final_status(batch, documents, unprotected):
    documents(3)

    code, out, _ = batch(*RUN)

    assert code == 0
    assert "3 sent invoices have a final status." in out
    assert unprotected.executions("list_invoices") >= 1


def test_a_failed_invoice_ends_the_waiting_and_resend_is_offered(batch, documents, unprotected):
    first, second = documents(2)
    assert batch(*RUN)[0] == 0
    now_has(unprotected, second, "failed")

    code, out, _ = batch(*RUN)

    assert code == 1
    assert "1 sent invoice has a final status." in out
    assert f"1 failed after it was sent: {second}." in out
    assert "`kolay-invoice kolaybi resend NUMBER`" in out
    assert [unprotected.executions("create_e_document", number) for number in (first, second)] == [1, 1]
    assert unprotected.executions("resend") == 0


def test_what_has_no_final_status_when_the_time_is_over_is_named(batch, documents, unprotected):
    (number,) = documents(1)

    code, out, _ = batch(*RUN, "--follow-for", "0.01", "--final-statuses", "approved, rejected", "--json")

    document = json.loads(out)
    assert (code, document["exit_code"]) == (4, 4)
    assert document["followed"] == {
        "followed": 1,
        "settled": 0,
        "failed": [],
        "pending": [number],
        "ended": "time",
        "error": None,
    }
    assert (
        "1 without a final status yet (the time is over)"
        in batch(*RUN, "--follow-for", "0.01", "--final-statuses", "x")[1]
    )


def test_a_list_that_cannot_be_read_ends_it_with_its_error(batch, documents, unprotected):
    (number,) = documents(1)
    assert batch(*RUN[:-1])[0] == 0

    code, out, _ = batch(*RUN, "--company-id", "999")

    assert code == 4
    assert "KolayBi list was refused" in out
    assert f"): {number}." in out


@pytest.mark.parametrize("wrong", [("--follow-for", "0"), ("--final-statuses", ",")])
def test_an_impossible_option_is_refused_before_anything_is_sent(batch, documents, unprotected, wrong):
    documents(1)

    code, _, err = batch(*RUN, *wrong)

    assert (code, "Nothing was sent." in err, unprotected.requests) == (2, True, [])


def test_a_long_list_of_invoices_is_shortened():
    followed = follow.Followed(25, pending=tuple(range(1, 26)), ended=FollowEnd.CALLS)

    [_, pending] = followed.sentences()

    assert "19, 20 and 5 more" in pending
    assert "the budget of calls is used up" in pending


def test_on_a_terminal_a_bar_counts_what_is_settled(batch, documents, monkeypatch):
    documents(2)
    terminal = output.stderr()
    monkeypatch.setattr(terminal, "_force_terminal", True)
    monkeypatch.setattr(follow, "stderr", lambda: terminal)

    code, _, err = batch(*RUN)

    assert code == 0
    assert "following" in err
    assert "2/2" in err


@pytest.mark.parametrize("moment", ["confirmed", "sent"])
def test_a_profile_that_goes_meanwhile_changes_nothing(batch, documents, place, unprotected, monkeypatch, moment):
    (number,) = documents(1)
    config = place / "config.toml"
    config.touch(mode=0o600)
    config.write_text(
        f'[profiles.other.kolaybi]\nchannel = "{unprotected.kolaybi_channel}"\n'
        f'api_key = "{unprotected.kolaybi_api_key}"\nbase_url = "{unprotected.kolaybi_url}"\n'
    )

    def confirm(_action, _question):
        if moment == "confirmed":
            config.unlink()
        return True

    def follow_later(job, sent):
        config.unlink(missing_ok=True)
        return follow.follow_sent(job, sent)

    monkeypatch.setattr(output, "is_interactive", lambda: True)
    monkeypatch.setattr(output, "confirm", confirm)
    monkeypatch.setattr(actions, "follow_sent", follow_later)

    code, out, _ = batch(*[word for word in RUN if word != "--yes"], "--profile", "other")

    assert (code, unprotected.executions("create_e_document", number)) == (0, 1)
    assert "1 sent invoice has a final status." in out
