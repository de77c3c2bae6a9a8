"""The Turkish catalogue is complete, and no usage error is in English."""

import copy
import pickle
import re
import string
from pathlib import Path

import pytest

from kolay_invoice import CreateEDocument, GetSignedXml, ListInvoices, Proceed, SendInvoice, error_mapping
from kolay_invoice.catalogue import _read
from kolay_invoice.cli import i18n
from kolay_invoice.cli.error_texts import translate
from kolay_invoice.codec import structure_rows
from kolay_invoice.deadline import InheritedError, Phase
from kolay_invoice.errors import NotSentError
from kolay_invoice.journal import JournalError, serialization
from kolay_invoice.journal.database_errors import _FAILURES, _LOST, _NOT_DURABLE, _REASONS, _SQLITE_REASONS, NO_MEMORY
from kolay_invoice.journal.place import parse_url
from kolay_invoice.journal.write_lock import _HELD, _HELD_BY, _HELD_BY_ONE_OF, _HELD_BY_STOPPED
from kolay_invoice.kolaybi import ENDPOINTS as KOLAYBI
from kolay_invoice.kolaybi.models import Invoice
from kolay_invoice.messages import Message
from kolay_invoice.result import Ambiguous, Misconfigured, NotSent, Refused
from kolay_invoice.transport import classify
from tests.catalogue import PO, used

ENGLISH = re.compile(r"\b(the|is|must|not|of|was|cannot|and|with|for|has|it|nothing|there)\b")

NOT_SENT = error_mapping.ADVICE[error_mapping.NotSentError]
SENDS = next(endpoint for endpoint in KOLAYBI if endpoint.operation == "create_e_document")
READS = next(endpoint for endpoint in KOLAYBI if endpoint.operation == "list_invoices")

TOKEN = next(endpoint for endpoint in KOLAYBI if endpoint.is_token_request)
SAID_BY = [
    *(*_SQLITE_REASONS.values(), *_REASONS.values(), _LOST, _NOT_DURABLE),
    Message("SQLite reports {name}", name="SQLITE_TOOBIG"),
    *(Message(template, number=10, pid=7, host="host") for template in (_HELD, _HELD_BY, _HELD_BY_STOPPED)),
    Message(_HELD_BY_ONE_OF, number=10, places=Message("process {pid} on {host}", pid=8, host="host")),
    NO_MEMORY,
]


def answered(why):
    return Ambiguous(Message("the provider answered {status} with {why}", status=200, why=why), 200)


USED = used()
TURKISH = dict(_read(PO.read_text(encoding="utf-8").splitlines()))


@pytest.fixture(autouse=True)
def in_turkish():
    i18n.set_language("tr")
    yield
    i18n.set_language(None)


def places(template):
    return {name for _, name, *_ in string.Formatter().parse(template) if name}


def failed(endpoint, outcome):
    return error_mapping.to_error("kolaybi", endpoint, outcome, ())


def raised(function, *arguments, **named):
    with pytest.raises(Exception) as caught:
        function(*arguments, **named)
    return caught.value


def test_the_catalogue_holds_what_is_used_and_nothing_else():
    assert TURKISH.keys() - {""} == {text if plural is None else f"{text}\0{plural}" for text, plural in USED.items()}


@pytest.mark.parametrize("source", sorted(TURKISH.keys() - {""}))
def test_every_text_has_a_translation_that_fills_the_same_places(source):
    sources, translations = source.split("\0"), TURKISH[source].split("\0")
    assert len(sources) == len(translations)
    for english, turkish in zip(sources, translations, strict=True):
        assert turkish.strip()
        # English text of another library is left out.
        assert places(turkish) == places(english) - {"english"}


def test_the_journal_is_never_called_a_log():
    assert not [translation for translation in TURKISH.values() if "günlü" in translation.lower()]


def test_a_message_is_its_english_sentence_and_keeps_its_parts_through_copies_pickles_and_a_journal():
    message = Message("not sent: {why}", why=Message("{name} must be a UUID", name="invoice_uuid"))
    assert message == "not sent: invoice_uuid must be a UUID"
    for same in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert (type(same), same, same.template, same.values) == (Message, message, message.template, message.values)
    assert serialization.write_message(message).splitlines()[0] == message
    assert (
        translate(serialization.read_message(serialization.write_message(message)))
        == "gönderilmedi: invoice_uuid bir UUID olmalıdır"
    )


@pytest.mark.parametrize(
    "written",
    [
        "a sentence of an earlier version",
        "two lines\nof a person",
        'x\n{"template": ',
        'x\n{"template": "{y}", "values": {}}',
        'x\n{"template": "y", "values": {}}',
        'x\n{"template": "x", "values": 1}',
    ],
)
def test_a_text_in_a_journal_that_is_no_message_is_read_as_it_is(written):
    assert type(serialization.read_message(written)) is str
    assert serialization.read_message(written) == written


def test_what_does_not_fit_in_a_row_names_the_row_in_every_language():
    rows = [{"document_id": 1}, {"document_id": "x", "uuid": "x"}]
    error = raised(structure_rows, rows, Invoice)
    assert "@ $[1].document_id" in str(error) or "@ $[0]" in str(error)
    assert "@ $[" in translate(error)


def test_an_error_keeps_its_reason_and_its_advice_apart_and_a_pickle_keeps_both():
    error = failed(SENDS, NotSent(Message("the client was closed")))
    same = pickle.loads(pickle.dumps(error))
    for one in (error, same):
        assert (one.reason, one.advice) == ("not sent: the client was closed", NOT_SENT)
        assert str(one) == f"kolaybi.create_e_document: {one.reason}. {one.advice}"
    assert translate(same) == (
        "KolayBi create-e-document: gönderilmedi: istemci kapatıldı. Yeniden çalıştırmak güvenlidir."
    )
    plain = NotSentError("no call")
    assert (plain.reason, plain.advice) == ("no call", "")


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
        failed(
            SENDS,
            NotSent(Message("no connection to {place} ({reason})", place="127.0.0.1:9", reason="Connection refused")),
        ),
        failed(
            SENDS,
            Ambiguous(
                Message("the reply does not fit: {why}", why=Message("it is for another {name}", name="document_id")),
                200,
            ),
        ),
        failed(SENDS, Refused(error_mapping.NotFoundError, 404, proves_not_executed=False, own_words=False)),
        failed(SENDS, answered(Message("a no in its field {name} ({word})", name="status", word="failed"))),
        failed(SENDS, answered(Message("a no in its field {name}", name="success"))),
        failed(SENDS, answered(Message("an error in its field {name}", name="errors"))),
        failed(SENDS, answered(Message("two values for its field {name}", name="status"))),
        failed(SENDS, answered(Message("null in every field that names the result"))),
        failed(READS, answered(Message("no reply that can be read"))),
        failed(READS, Misconfigured(Message("the proxy cannot be reached"))),
        failed(SENDS, classify(InheritedError(7), Phase.LEFT, "host:443")),
        Message(
            "{number} calls in a row could not be sent: {why}",
            number=5,
            why=failed(SENDS, NotSent(Message("the name of {place} cannot be resolved", place="host"))),
        ),
        error_mapping.token_error(
            "kolaybi", "create_e_document", failed(TOKEN, NotSent(Message("the client was closed")))
        ),
        Message(
            "{kind}: {why}",
            kind="JournalError",
            why=JournalError(Message("the journal {place} gave no connection in time", place="a.db")),
        ),
        *(Message(_FAILURES["written"], place="a.db", reason=reason) for reason in SAID_BY),
        *(raised(parse_url, url) for url in ("sqlite:/a", "sqlite:///a?b=c", "sqlite:///a%00", "postgresql://a@b@c/d")),
    ],
)
def test_what_the_library_says_is_told_in_turkish(sentence):
    assert ENGLISH.search(str(sentence)) or "Error" in str(sentence) or "calls in a row" in str(sentence)
    assert not ENGLISH.search(translate(sentence)), translate(sentence)


def test_a_sentence_that_nobody_has_translated_is_told_as_it_is():
    assert translate("the moon is made of cheese.") == "the moon is made of cheese."


def test_a_call_is_named_by_its_command_in_english_too():
    i18n.set_language("en")
    refused = failed(SENDS, Refused(error_mapping.RefusedError, 412))
    assert translate(refused) == (
        "KolayBi create-e-document: the provider refused (412). Correct what the provider names. "
        "If it was sent before, `kolay-invoice kolaybi invoice DOCUMENT-ID` shows its ETTN and number."
    )
    assert translate(Message("{number} calls in a row could not be sent: {why}", number=3, why=refused)).startswith(
        "3 calls in a row could not be sent: KolayBi create-e-document: "
    )


def test_a_turkish_sentence_begins_with_a_turkish_capital():
    assert i18n.sentence("imza yok") == "İmza yok."
    assert i18n.sentence("base_url yok") == "base_url yok."
    assert i18n.sentence("x.html yok") == "x.html yok."


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
    "an impossible latency": ["emulator", "--port", "0", "--latency", "-1"],
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
    ("language", "expected"), [("en", "Check the Channel: KOLAYBI_CHANNEL, or"), ("tr", "KOLAYBI_CHANNEL ya da")]
)
def test_a_wrong_channel_names_the_setting(kolay, emulated, monkeypatch, language, expected):
    monkeypatch.setenv("KOLAYBI_CHANNEL", "of-nobody")
    code, _, err = kolay("--lang", language, "kolaybi", "companies")
    assert code == 2
    assert expected in err
    assert "kolaybi.channel" in err
    Path("sends.csv").write_text("operation,document_id\nresend,18\n")
    code, out, _ = kolay("--lang", language, "batch", "run", "sends.csv", "--journal", "sqlite:///a.db", "--yes")
    assert code == 3
    assert expected in out


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
