"""Repeated batches and dry runs: operations sent now, before, and to be sent."""

import asyncio
import json
import re
import time

from kolay_invoice import AsyncKolayBi
from kolay_invoice.journal import Journal
from kolay_invoice.kolaybi.models import CreateEDocument

JOURNAL = "sqlite:///sends.db"
RUN = ("run", "sends.csv", "--journal", JOURNAL)


def test_a_second_run_tells_what_it_sent_now_from_what_was_done_before(batch, documents, place, unprotected):
    documents(3)
    assert "were done or refused before" not in batch(*RUN, "--yes")[1]
    more = unprotected.add_document().document_id
    with (place / "sends.csv").open("a") as file:
        file.write(f"create-e-document,{more}\n")
    code, out, _ = batch(*RUN, "--yes")
    assert code == 0
    assert "3 were done or refused before this run, and were not sent again." in out
    assert re.search(r"done in this run +│ +1 ", out)
    assert re.search(r"done before, on \d{4}-\d\d-\d\d \d\d:\d\d .*│ +3 ", out)
    document = json.loads(batch(*RUN, "--yes", "--json")[1])
    counts = [document[f"{name}_this_run"] for name in ("sent_in", "done_in", "refused_in", "settled_before")]
    assert counts == [0, 0, 0, 4]
    assert document["counts"]["done"] == 4
    before = document["done_before_this_run"]
    assert before["count"] == 4
    assert before["first_at"] < before["last_at"] <= time.time()


def test_a_rehearsal_sends_nothing_and_makes_no_journal(batch, documents, place, unprotected):
    numbers = documents(2)
    (place / "sends.csv").write_text(
        "operation,document_id,sale_code\n"
        + "".join(f"create-e-document,{number},\n" for number in numbers)
        + "propars-send,,abc124\n"
    )
    code, out, err = batch(*RUN, "--dry-run")
    assert (code, err) == (0, "Nothing was sent.\n")
    for expected in (
        "3 operations of sends.csv would be sent:",
        "2  create-e-document",
        "1  propars-send",
        "this machine",
    ):
        assert expected in out
    assert "There is no journal sqlite:///sends.db yet; a run makes it." in out
    assert not (place / "sends.db").exists()
    document = json.loads(batch(*RUN, "--dry-run", "--json")[1])
    assert (document["journal_exists"], document["in_the_journal"]) == (False, None)
    assert [account["provider"] for account in document["accounts"]] == ["kolaybi", "propars"]
    assert [unprotected.executions("create_e_document", number) for number in numbers] == [0, 0]


def test_a_rehearsal_tells_what_the_journal_holds_of_the_file(batch, documents, place, unprotected):
    numbers = documents(3)
    batch(*RUN, "--yes")
    more = unprotected.add_document().document_id
    with (place / "sends.csv").open("a") as file:
        file.write(f"create-e-document,{more}\n")
    assert "holds of them: done 3. What is done or refused" in batch(*RUN, "--dry-run")[1]
    known = json.loads(batch(*RUN, "--dry-run", "--json")[1])["in_the_journal"]
    assert {state: count for state, count in known.items() if count} == {"done": 3}
    assert [unprotected.executions("create_e_document", number) for number in (*numbers, more)] == [1, 1, 1, 0]
    (place / "sends.csv").write_text(f"operation,document_id\ncreate-e-document,{more}\n")
    assert "holds of them: -." in batch(*RUN, "--dry-run")[1]


def test_a_journal_counts_what_it_knows_of_some_requests(documents, batch, place):
    numbers = documents(3)
    batch(*RUN, "--yes")

    async def counted():
        requests = [CreateEDocument(number) for number in (*numbers, *numbers, *range(10_000, 10_600))]
        async with Journal.open(JOURNAL, create=False) as journal:
            return await journal.counts_of(AsyncKolayBi.from_env(), requests)

    assert {str(state): count for state, count in asyncio.run(counted()).items() if count} == {"done": 3}
