"""Turkish to its end: what the library says in English is known, and no mistake of a user is told in English."""

import ast
import errno
import os
import re
import string
from pathlib import Path

import pytest

import kolay_invoice
from kolay_invoice import CreateEDocument, GetSignedXml, ListInvoices, Proceed, SendInvoice, failures
from kolay_invoice.cli import texts
from kolay_invoice.cli.retelling import retold
from kolay_invoice.cli.words.library import LIBRARY
from kolay_invoice.codec import structure
from kolay_invoice.journal import LeaseLostError
from kolay_invoice.journal.database_errors import _LOST, _NOT_DURABLE, _REASONS, _SQLITE_REASONS
from kolay_invoice.journal.place import parse_place
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.kolaybi.models import Invoice
from kolay_invoice.outcome import Misconfigured, NotSent, Refused, Unclear
from kolay_invoice.propars import preview

LIBRARY_ROOM = Path(kolay_invoice.__file__).parent
ENGLISH = re.compile(r"\b(the|is|must|not|of|was|cannot|and|with|for|has|it|nothing|there)\b")

NOT_SENT = failures.ADVICE[failures.NotSentError]
SENDS = next(endpoint for endpoint in KOLAYBI if endpoint.operation == "create_e_document")
READS = next(endpoint for endpoint in KOLAYBI if endpoint.operation == "list_invoices")


@pytest.fixture(autouse=True)
def in_turkish():
    texts.speak("tr")
    yield
    texts.speak(None)


def shape(template):
    """Return a pattern of what is said, whatever stands in the outputs."""
    parts = string.Formatter().parse(template)
    return re.compile("".join(re.escape(literal) + (".+" if name else "") for literal, name, *_ in parts), re.DOTALL)


def said_in(path):
    """Return every text of a module, f-strings with their places unnamed."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)


SAID = [text for path in LIBRARY_ROOM.rglob("*.py") if path.parent.name != "words" for text in said_in(path)]


SAID_BY = [*_SQLITE_REASONS.values(), *_REASONS.values(), _LOST, _NOT_DURABLE, "SQLite reports SQLITE_TOOBIG"]


def failed(endpoint, outcome):
    return str(failures.error_for("kolaybi", endpoint, outcome, ()))


def raised(function, *arguments, **named):
    with pytest.raises(Exception) as caught:
        function(*arguments, **named)
    return str(caught.value)


# What is put together from parts, or comes from elsewhere: made here as it is made there.
MADE = {
    "expected {wanted}, got {kind} @ {path}": lambda: raised(structure, {"document_id": "x"}, Invoice),
    "required field missing @ {path}": lambda: raised(structure, {}, Invoice),
    "not a valid {kind} @ {path}": lambda: raised(structure, {"document_id": 1, "uuid": "x"}, Invoice),
    "the provider refused ({answer})": lambda: failed(SENDS, Refused(failures.RefusedError, 412)),
    "the provider refused ({answer}): {detail}": lambda: failed(SENDS, Refused(failures.RefusedError, 412, 7, "Olmaz")),
    "the provider refused ({answer}), which proves nothing": lambda: failed(
        SENDS, Refused(failures.RefusedError, 409, certain=False)
    ),
    "the provider refused ({answer}): {detail}, which proves nothing": lambda: failed(
        SENDS, Refused(failures.RefusedError, 409, 7, "Olmaz", certain=False)
    ),
    "KolayBi does not know this Channel ({detail})": lambda: failed(
        SENDS, Misconfigured("KolayBi does not know this Channel", 404, "Kanal bulunamadı")
    ),
    (
        "Chromium, Chrome or Edge is not installed here, and a PDF needs it (Debian: apt-get install chromium): "
        "install it, name the program, or save the page as HTML"
    ): lambda: raised(preview.write_pdf, "<html></html>", "page.pdf"),
    "{kind}, may have happened": lambda: "OutcomeUnknownError, may have happened",
    "{state} settled as done": lambda: "needs_person settled as done",
    "{state} settled as not executed": lambda: "needs_person settled as not executed",
    "the lease on the journal was lost: open the journal anew and run again, nothing is sent twice": lambda: str(
        LeaseLostError.by(None)
    ),
    (
        "the lease on the journal was lost, taken over by {who}: open the journal anew and run again, nothing is sent "
        "twice"
    ): lambda: str(LeaseLostError.by("host at 10:00")),
    "settled by {who}: done": lambda: "settled by me: done",
    "settled by {who}: done ({because})": lambda: "settled by me: done (seen)",
    "settled by {who}: not executed": lambda: "settled by me: not executed",
    "settled by {who}: not executed ({because})": lambda: "settled by me: not executed (seen)",
    "the journal {place} cannot be written: {reason}. Nothing is sent without it": lambda: (
        "the journal sqlite:///a.db cannot be written: another program has locked it. Nothing is sent without it."
    ),
    "the journal {place} cannot be read: {reason}. Nothing is sent without it": lambda: (
        "the journal sqlite:///a.db cannot be read: the disk is full. Nothing is sent without it."
    ),
    "the journal {place} cannot be opened: {reason}. Nothing is sent without it": lambda: (
        "the journal sqlite:///a.db cannot be opened: the file is no database. Nothing is sent without it."
    ),
}

OF_OTHERS = {
    *(os.strerror(number) for number in (errno.ECONNREFUSED, errno.ECONNRESET, errno.ENETUNREACH, errno.EHOSTUNREACH)),
    *(os.strerror(number) for number in (errno.ENOENT, errno.EACCES, errno.EISDIR, errno.ENOTDIR, errno.EEXIST)),
    *(os.strerror(number) for number in (errno.EROFS, errno.ENOSPC, errno.EADDRINUSE)),
    *(os.strerror(number) for number in (errno.EFBIG, errno.EBADF, errno.EPIPE, errno.EIO, errno.EDQUOT)),
    "{what} (at line {number}, column {column})",
    "{what} (at end of document)",
}
"""What the operating system and the reader of TOML say."""


@pytest.mark.parametrize("template", LIBRARY)
def test_every_sentence_that_is_translated_is_still_said(template, monkeypatch):
    if template in MADE:
        monkeypatch.setattr("shutil.which", lambda _name: None)
        assert retold(MADE[template]()) != MADE[template]()
        return
    assert template in OF_OTHERS or any(shape(template).search(text) for text in SAID)


@pytest.mark.parametrize(("template", "turkish"), LIBRARY.items())
def test_every_translation_fills_only_places_that_there_are(template, turkish):
    named = [{name for _, name, *_ in string.Formatter().parse(text) if name} for text in (template, turkish)]
    assert named[1] <= named[0]
    assert turkish.strip()


@pytest.mark.parametrize(
    "sentence",
    [
        raised(CreateEDocument, 0),
        raised(CreateEDocument, "1"),
        raised(SendInvoice),
        raised(SendInvoice, sale_code="a#b"),
        raised(SendInvoice, sale_code=" "),
        raised(SendInvoice, sale_code="a\nb"),
        raised(SendInvoice, sale_code=5),
        raised(SendInvoice, sale_code="a", invoice_number="7"),
        raised(SendInvoice, sale_code="a", invoice_uuid="7"),
        raised(SendInvoice, sale_code="a", invoice_uuid="00000000-0000-1000-8000-000000000000"),
        raised(SendInvoice, sale_code="a", invoice_date="yesterday"),
        raised(SendInvoice, sale_code="a", invoice_date="2026-01-01T00:00:00"),
        raised(SendInvoice, sale_code="a", invoice_date=5),
        raised(SendInvoice, sale_code="a", invoice_uuid=5),
        raised(SendInvoice, invoice_id=1, invoice_number="ABC2026000000001"),
        raised(GetSignedXml),
        raised(Proceed, 1, -1),
        raised(Proceed, 1, 1, 0),
        raised(ListInvoices, 1, "outbound", min_issue_date="2026-02-30"),
        raised(ListInvoices, 1, "outbound", min_issue_date="2026-02-03", max_issue_date="2026-02-01"),
        raised(ListInvoices, 1, "outbound", min_total_amount="x"),
        raised(ListInvoices, 1, "outbound", min_total_amount="1e99"),
        failed(SENDS, NotSent("no connection to 127.0.0.1:9 (Connection refused)")),
        failed(SENDS, Unclear("the reply does not fit: it is for another document_id", 200)),
        failed(SENDS, Refused(failures.NotFoundError, 404, certain=False, own_words=False)),
        failed(SENDS, Unclear("the provider answered 200 with a no in its field status (failed)", 200)),
        failed(SENDS, Unclear("the provider answered 200 with a no in its field success", 200)),
        failed(SENDS, Unclear("the provider answered 200 with an error in its field errors", 200)),
        failed(SENDS, Unclear("the provider answered 200 with two values for its field status", 200)),
        failed(SENDS, Unclear("the provider answered 200 with null in every field that names the result", 200)),
        failed(READS, Unclear("the provider answered 200 with no reply that can be read", 200)),
        failed(READS, Misconfigured("the proxy cannot be reached")),
        "5 calls in a row could not be sent: " + failed(SENDS, NotSent("the name of host cannot be resolved")),
        str(
            failures.without_token(
                "kolaybi",
                "create_e_document",
                failures.NotSentError(f"kolaybi.access_token: not sent: the client was closed. {NOT_SENT}"),
            )
        ),
        "JournalError: the journal sqlite:///a.db gave no connection in time",
        *(f"the journal sqlite:///a.db cannot be written: {reason}. Nothing is sent without it." for reason in SAID_BY),
        *(
            raised(parse_place, url)
            for url in ("sqlite:/a", "sqlite:///a?b=c", "sqlite:///a%00", "postgresql://a@b@c/d")
        ),
    ],
)
def test_what_the_library_says_is_told_in_turkish(sentence):
    assert ENGLISH.search(sentence) or "Error" in sentence or "calls in a row" in sentence
    assert not ENGLISH.search(retold(sentence)), retold(sentence)


def test_a_sentence_that_nobody_has_translated_is_told_as_it_is():
    assert retold("the moon is made of cheese.") == "the moon is made of cheese."


def test_a_call_is_named_by_its_command_in_english_too():
    texts.speak("en")
    refused = failed(SENDS, Refused(failures.RefusedError, 412))
    assert retold(refused) == (
        "KolayBi create-e-document: the provider refused (412). Mend what the provider names. "
        "If it was sent before, kolay-invoice kolaybi invoice NUMBER shows its ETTN and number."
    )
    assert retold(f"3 calls in a row could not be sent: {refused}").startswith(
        "3 calls in a row could not be sent: KolayBi create-e-document: "
    )
    assert retold("propars.send_invoice: it broke") == "Propars send: it broke"


def test_a_turkish_sentence_begins_with_a_turkish_capital():
    assert texts.sentence("imza yok") == "İmza yok."
    assert texts.sentence("base_url yok") == "base_url yok."
    assert texts.sentence("x.html yok") == "x.html yok."


MISTAKES = {
    "unknown command": ["kolaybi", "reesend", "1"],
    "unknown option": ["kolaybi", "resend", "1", "--dryrun"],
    "an option before any command": ["-x"],
    "missing argument": ["kolaybi", "resend"],
    "missing value": ["kolaybi", "resend", "1", "--timeout"],
    "no whole number": ["kolaybi", "resend", "x"],
    "no number": ["kolaybi", "resend", "1", "--timeout", "x"],
    "a value for a switch": ["kolaybi", "list", "--csv=x"],
    "unknown choice": ["kolaybi", "list", "5", "sideways"],
    "one too many": ["kolaybi", "resend", "1", "2"],
    "an option twice": ["kolaybi", "resend", "1", "--timeout", "1", "--timeout", "2"],
    "an impossible id": ["kolaybi", "resend", "0", "--yes"],
    "an impossible day": ["kolaybi", "list", "5", "--min-issue-date", "2026-02-30"],
    "days in the wrong order": ["kolaybi", "list", "--min-issue-date", "2026-02-02", "--max-issue-date", "2026-02-01"],
    "no amount": ["kolaybi", "list", "5", "--min-total-amount", "x"],
    "an impossible time-out": ["kolaybi", "resend", "1", "--timeout", "0"],
    "no sale": ["propars", "send", "--yes"],
    "two names of a sale": ["propars", "send", "--yes", "--sale-code", "a", "--sale-id", "1"],
    "an impossible sale": ["propars", "xml", "--sale-code", "a#b"],
    "an impossible number": ["propars", "send", "--sale-code", "a", "--invoice-number", "7", "--yes"],
    "no certificate": ["xml", "verify", "sends.csv", "--certificate", "sends.csv"],
    "no such file": ["xml", "verify", "nowhere.xml"],
    "a folder": ["xml", "verify", "."],
    "unknown fault": ["emulator", "--port", "0", "--fault", "moon=0.5"],
    "an impossible rate": ["emulator", "--port", "0", "--fault", "slow=7"],
    "no journal": ["batch", "status", "--journal", "sqlite:///none.db"],
    "another kind of journal": ["batch", "run", "sends.csv", "--journal", "mysql://host/db"],
    "no URL": ["batch", "run", "sends.csv", "--journal", "x"],
    "a journal in memory": ["batch", "run", "sends.csv", "--journal", "sqlite://"],
    "bad lines": ["batch", "run", "sends.csv", "--journal", "sqlite:///a.db"],
    "no such setting": ["config", "unset", "kolaybi.moon"],
    "no such profile": ["config", "show", "--profile", "moon"],
}

LINES = """operation,document_id,vault_id,sale_code,sale_id
create-e-document,0,,,
create-e-document,x,,,
create-e-document,,,,
create-e-document,1,1,,
moon,1,,,
,1,,,
propars-send,,,a,1
propars-send,,,a#b,
"""


@pytest.mark.parametrize("arguments", MISTAKES.values(), ids=MISTAKES)
def test_no_mistake_is_told_in_english(kolay, emulated, arguments):
    Path("sends.csv").write_text(LINES)
    code, out, err = kolay("--lang", "tr", *arguments)
    assert code in {1, 2}
    assert (out, bool(err)) == ("", True)
    assert not ENGLISH.search(err), err


def test_a_closed_port_is_named_once_and_in_turkish(kolay, emulated, monkeypatch):
    monkeypatch.setenv("KOLAYBI_BASE_URL", "http://127.0.0.1:9")
    code, _, err = kolay("--lang", "tr", "kolaybi", "resend", "18", "--yes")
    assert "(Teknik ayrıntı: token alınamadı: KolayBi access-token: 127.0.0.1:9 adresine bağlanılamadı" in err
    assert err.count("gönderilmedi") == 1
    monkeypatch.setenv("KOLAYBI_ACCESS_TOKEN", "ready")
    code, _, err = kolay("--lang", "tr", "kolaybi", "resend", "18", "--yes")
    assert code == 3
    assert "(Teknik ayrıntı: 127.0.0.1:9 adresine bağlanılamadı (bağlantı reddedildi).)" in err
    code, _, err = kolay("--lang", "en", "kolaybi", "resend", "18", "--yes")
    assert err.count("not sent") == 1
    assert "(Technically: no connection to 127.0.0.1:9 (Connection refused).)" in err


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Check the Channel: KOLAYBI_CHANNEL, or"), ("tr", "KOLAYBI_CHANNEL ya da")]
)
def test_a_wrong_channel_names_the_setting(kolay, emulated, monkeypatch, language, said):
    monkeypatch.setenv("KOLAYBI_CHANNEL", "of-nobody")
    code, _, err = kolay("--lang", language, "kolaybi", "companies")
    assert code == 2
    assert said in err
    assert "kolaybi.channel" in err
    Path("sends.csv").write_text("operation,document_id\nresend,18\n")
    code, out, _ = kolay("--lang", language, "batch", "run", "sends.csv", "--journal", "sqlite:///a.db", "--yes")
    assert code == 3
    assert said in out


def test_the_report_of_the_doctor_is_turkish(kolay, emulated):
    code, out, _ = kolay("--lang", "tr", "doctor")
    assert code == 0
    assert not ENGLISH.search(out.replace("is_invoice_resendble", "")), out
    assert "list_companies, şirketler: yapıldı" in out


def test_the_demonstration_is_turkish(kolay):
    code, out, _ = kolay("--lang", "tr", "demo")
    assert code == 0
    assert "Sekiz çağrı, asenkron" in out
    assert not ENGLISH.search(out), out
