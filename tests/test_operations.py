"""The registry: every operation once, by its request, its name and its name in files; the journal knows no provider."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

import kolay_invoice
from kolay_invoice import AsyncKolayBi, AsyncPropars, operations
from kolay_invoice.endpoint import Effect
from kolay_invoice.journal import State
from kolay_invoice.value import Reply

PACKAGE = Path(kolay_invoice.__file__).parent
ROOT = Path(__file__).resolve().parent.parent
CLIENTS = {"kolaybi": AsyncKolayBi, "propars": AsyncPropars}
JOURNALED = [one for one in operations.ENDPOINTS if one.is_journaled]


def imported_by(path):
    """Return the modules that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (f"{name.name}." for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{name.name}" for name in node.names)


def named_modules(folder, *forbidden):
    """Return which modules of a folder import one of the forbidden packages."""
    return {
        path.name: name
        for path in (PACKAGE / folder).rglob("*.py")
        for name in imported_by(path)
        if name.startswith(tuple(f"kolay_invoice.{one}." for one in forbidden))
    }


def test_the_journal_imports_no_provider():
    assert named_modules("journal", "kolaybi", "propars") == {}


@pytest.mark.parametrize("folder", ["journal", "contrib", "emulator", "kolaybi", "propars", "signed_xml"])
def test_nothing_but_the_command_imports_the_command(folder):
    assert named_modules(folder, "cli") == {}
    alone = [
        path
        for path in PACKAGE.glob("*.py")
        if any(name.startswith("kolay_invoice.cli.") for name in imported_by(path))
    ]
    assert alone == []


def test_every_reply_can_leave_the_program_as_json():
    kinds = {one.operation: get_args(one.reply)[:1] or (one.reply,) for one in operations.ENDPOINTS}
    not_replies = {name for name, (kind,) in kinds.items() if not issubclass(kind, Reply)}

    # A class of a reply is a `kolay_invoice.value.Reply`, so that FastAPI and `to_dict` take it.
    assert not_replies == {one.operation for one in operations.ENDPOINTS if one.is_token_request}


def test_the_unions_of_what_a_journal_holds_are_complete():
    assert set(get_args(operations.JournaledRequest)) == {one.request for one in JOURNALED}
    assert set(get_args(operations.JournaledReply)) == {one.reply for one in JOURNALED}


def test_every_operation_is_found_by_its_request_and_by_its_name():
    for found in (operations.BY_REQUEST, operations.BY_NAME):
        assert tuple(found.values()) == operations.ENDPOINTS


@pytest.mark.parametrize("endpoint", operations.ENDPOINTS, ids=lambda one: f"{one.provider}.{one.operation}")
def test_every_operation_says_what_it_does_and_what_it_is_answered_with(endpoint):
    assert endpoint.summary
    assert isinstance(endpoint.reply, type) or endpoint.effect is Effect.READ


def test_a_journal_holds_what_has_an_effect_and_a_name_in_files():
    assert list(operations.BY_BATCH_NAME) == [
        "create-e-document",
        "resend",
        "proceed",
        "undo-proceed",
        "cancel-e-document",
        "delete-invoice",
        "create-associate",
        "create-address",
        "create-product",
        "create-invoice",
        "propars-send",
        "propars-cancel",
        "propars-save-sale",
    ]
    assert all(one.effect is not Effect.READ for one in JOURNALED)
    assert all(one.resource for one in JOURNALED)


def test_what_cannot_be_read_back_needs_a_person_when_its_outcome_is_unknown():
    assert {one.batch_name: State(one.if_unknown) for one in JOURNALED} == {
        "create-e-document": State.UNKNOWN,
        "resend": State.UNKNOWN,
        "proceed": State.NEEDS_PERSON,
        "undo-proceed": State.NEEDS_PERSON,
        "cancel-e-document": State.NEEDS_PERSON,
        "delete-invoice": State.NEEDS_PERSON,
        "create-associate": State.UNKNOWN,
        "create-address": State.NEEDS_PERSON,
        "create-product": State.UNKNOWN,
        "create-invoice": State.UNKNOWN,
        "propars-send": State.UNKNOWN,
        "propars-cancel": State.NEEDS_PERSON,
        "propars-save-sale": State.UNKNOWN,
    }


def test_a_cancellation_or_undoing_ends_what_it_undoes():
    found = {one.batch_name: operations.ends(one) for one in JOURNALED if operations.ends(one)}
    assert found == {
        "cancel-e-document": "create_e_document",
        "undo-proceed": "proceed",
        "propars-cancel": "send_invoice",
    }
    for one in JOURNALED:
        assert not one.ended_by or (one.provider, one.ended_by) in operations.BY_NAME


def pages_of(language):
    """Return the README and the pages of the documentation that are in a language."""
    pages = (*ROOT.glob("README*.md"), *(ROOT / "docs").rglob("*.md"))
    return [page for page in pages if page.name.endswith(".tr.md") is (language == "tr")]


@pytest.mark.skipif(not (ROOT / "README.md").exists(), reason="the documentation is not beside these tests")
@pytest.mark.parametrize("language", ["en", "tr"])
def test_the_table_of_calls_has_every_call_with_its_reply(language):
    rows = [line for page in pages_of(language) for line in page.read_text("utf-8").splitlines() if line[:1] == "|"]
    replies: dict[tuple[str, str], str] = {}
    for row in rows:
        first, *others = row.strip("| ").split(" | ")
        for call in re.findall(r"`(kolaybi|propars)\.(\w+)\(", first):
            replies[call] = " ".join(others)
    calls = {name for name, endpoint in operations.BY_NAME.items() if not endpoint.is_token_request}
    assert set(replies) == calls
    for (provider, operation), reply in replies.items():
        returned = getattr(CLIENTS[provider], operation).__annotations__["return"]
        assert f"`{returned}`" in reply, f"{provider}.{operation}"
