"""Finds a failure that is reported inside a reply whose HTTP status reports success. Pure.

A status of 200 only proves that something answered. The body holds the outcome of the call, and failures have many
spellings. A failure found here does not prove that nothing was executed, so a call with an effect ends as unknown. No
documentation lists these words. All of them are guesses, and a wrong guess costs no more than a look-up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from attrs import Factory, evolve, field, frozen

from kolay_invoice.messages import Message

# The words are normalized as `_words` returns them: lower case, without diacritics (ı is i).
FAILED: Final = frozenset(
    {
        *("error", "errors", "err", "exception", "fail", "fails", "failed", "failure", "fatal", "fault"),
        *("unsuccessful", "unsuccess", "notsuccess", "nok", "ko", "notok", "invalid", "aborted", "abort", "timeout"),
        *("rejected", "reject", "rejection", "refused", "denied", "declined", "expired", "unauthorized", "forbidden"),
        *("hata", "hatali", "hatasi", "basarisiz", "olumsuz", "gecersiz", "reddedildi", "red", "ret"),
        "not",
    }
)
"""The operation failed or was refused."""
WAITING: Final = frozenset(
    {
        *("pending", "waiting", "wait", "awaiting", "queue", "queued", "enqueued", "scheduled", "deferred", "delayed"),
        *("processing", "progress", "inprogress", "ongoing", "sending", "started", "initiated", "incomplete"),
        *("requested", "talep", "talebi"),
        *("bekleme", "beklemede", "bekleyen", "kuyruk", "kuyrukta", "sirada", "siraya", "islemde", "askida"),
    }
)
"""The operation was not executed yet, and may never be."""
CANCELLED: Final = frozenset({"cancelled", "canceled", "void", "voided", "iptal", "refunded", "reversed", "iade"})
"""The operation was undone, which is no success of a call that sends or collects."""
NOT_SENT: Final = frozenset({"draft", "taslak", "ready", "hazir", "unsent", "notsent"})
"""The document has not been sent."""

# Turkish verb endings for "could not be", "was not" and "is being": gönderilemedi, edilmemiş, işleniyor.
_FAILED_VERB: Final = re.compile(r"m[ae](?:di|mis)\Z")
_WAITING_VERB: Final = re.compile(r"[iu]yor\Z")

_SUCCESS: Final = frozenset(
    {"success", "ok", "issuccess", "successful", "issuccessful", "succeeded", "basarili", "başarılı"}
)
_RESULT: Final = frozenset({"result", "sonuc", "sonuç"})
_ERRORS: Final = frozenset({"error", "errors", "hata", "hatalar", "errormessage", "errormessages", "errorcode"})
_ALWAYS_READ: Final = _SUCCESS | _RESULT | _ERRORS
_YES: Final = frozenset({"true", "1", "yes", "y", "t", "ok", "success", "successful", "evet", "basarili", "tamam"})
_NO: Final = frozenset({"false", "0", "no", "n", "f", "hayir"})
_NOTHING: Final = frozenset({"", "0", "false", "no", "none", "null", "nil", "yok", "hayir"})
_FIRST_REDIRECT: Final = 300
_LAST_STATUS: Final = 599
_ACCEPTED_FOR_LATER: Final = 202
_DEEPEST: Final = 4
_LONGEST_NAME: Final = 40
_LONGEST_STATUS: Final = 200

STATUS_FIELDS: Final = ("status", "state", "durum")
"""The names of status fields in replies, in English and Turkish."""


@lru_cache(maxsize=1024)
def _plain_name(name: str) -> str:
    """Normalize a field name: transaction_status and TransactionStatus are equal."""
    return name.lower().replace("_", "")


def _plain_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_plain_name, names))


@frozen
class Denials:
    """The fields of an object that can report a failure of the call. They are data of the endpoint.

    A negative `success`, `ok`, `result` or similar field always counts, and so does a non-empty `error` or `errors`.
    """

    status_fields: frozenset[str] = field(default=frozenset(STATUS_FIELDS), converter=_plain_names)
    """The fields whose words report the outcome of the call. Empty where a `status` is the document's own."""
    status_words: frozenset[str] = FAILED | WAITING
    """The words that mean that the operation was not executed, or not yet."""
    result_fields: frozenset[str] = field(default=frozenset(), converter=_plain_names)
    """The fields that name the result. If some are present and each is null or blank, there is no result."""
    flags: frozenset[str] = field(default=frozenset(), converter=_plain_names)
    """Fields that are true once the call was executed."""
    wrappers: frozenset[str] = field(default=frozenset({"data", "result", "response"}), converter=_plain_names)
    """Fields that may hold the actual object, which is then checked in the same way."""
    read: frozenset[str] = field(
        init=False,
        repr=False,
        default=Factory(
            lambda self: _ALWAYS_READ | self.status_fields | self.result_fields | self.flags | self.wrappers,
            takes_self=True,
        ),
    )
    """Every field that is checked."""


OF_A_DOCUMENT: Final = Denials(status_fields=(), wrappers=())
"""The object is a document that was read. Its `status` is the document's, not the call's."""
OF_A_NEW_DOCUMENT: Final = Denials(status_words=FAILED)
"""The object is a document that was created. Its `status` may be one of waiting."""
OF_AN_EFFECT: Final = Denials()
"""The `status` is that of the requested operation."""
OF_A_CALL: Final = Denials(wrappers=())
"""The object is an envelope. Its `status` is the call's, whatever its effect."""


def find_denial(content: Mapping[str, object], denials: Denials) -> str | None:
    """Return the failure that an object reports, as the end of "the provider answered 200 with …", or None."""
    names_result, has_result = False, False
    for name, value in content.items():
        plain = _plain_name(name)
        if plain not in denials.read:
            continue
        shown = name[:_LONGEST_NAME]
        if plain in _SUCCESS and value is not True and not _is_yes(value):
            return Message("a no in its field {name}", name=shown)
        if (plain in _RESULT or plain in denials.flags) and _is_no(value):
            return Message("a no in its field {name}", name=shown)
        if plain in _ERRORS and _holds_something(value, _DEEPEST):
            return Message("an error in its field {name}", name=shown)
        if plain in denials.status_fields and (word := _denying_word(value, denials.status_words)):
            return Message("a no in its field {name} ({word})", name=shown, word=word)
        if plain in denials.wrappers and isinstance(value, dict):
            within = find_denial(value, evolve(denials, wrappers=()))
            if within is not None:
                return within
        if plain in denials.result_fields:
            names_result, has_result = True, has_result or value not in (None, "")
    return Message("null in every field that names the result") if names_result and not has_result else None


def names_failure(status: str) -> bool:
    """Whether a status of a document holds a word of failure. The words are guesses, as everywhere here."""
    return _denying_word(status, FAILED) is not None


def _is_yes(value: object) -> bool:
    # A text that is not a known yes may be an unknown spelling of no.
    return value is None or (not isinstance(value, bool) and _plain(value) in _YES)


def _is_no(value: object) -> bool:
    if isinstance(value, bool):
        return not value
    text = _plain(value)
    return text in _NO or not FAILED.isdisjoint(_words(text))


def _holds_something(value: object, depth: int) -> bool:
    match value:
        case dict() if depth:
            return any(_holds_something(part, depth - 1) for part in value.values())
        case list() if depth:
            return any(_holds_something(part, depth - 1) for part in value)
        case None | False:
            return False
        case int() | Decimal():
            return bool(value)
        case dict() | list():
            return True
    return _plain(value) not in _NOTHING


def _denying_word(value: object, words: frozenset[str]) -> str | None:
    """Return the word of a status that means failure; None if there is none."""
    if isinstance(value, dict):
        # Some replies hold a status as {key, value, description}.
        return next((word for key in ("key", "value") if (word := _denying_word(value.get(key), words))), None)
    if value is False:
        return "false"
    text = _plain(value)
    if text.isascii() and text.isdigit() and len(text) <= len(str(_LAST_STATUS)):
        number = int(text)
        no = number in {0, _ACCEPTED_FOR_LATER} or _FIRST_REDIRECT <= number <= _LAST_STATUS
        return str(number) if no else None
    if text in _NO:
        return text
    for word in sorted(_words(text)):
        if (
            word in words
            or (words >= FAILED and _FAILED_VERB.search(word))
            or (words >= WAITING and _WAITING_VERB.search(word))
        ):
            return word
    return None


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", text))


def _plain(value: object) -> str:
    """Return a number or text in lower case without diacritics, cut to a length that no real value exceeds."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(int(value)) if -_LAST_STATUS <= value <= _LAST_STATUS and value == int(value) else ""
    if not isinstance(value, str):
        return ""
    text = value[:_LONGEST_STATUS].strip()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("ı", "i"))
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return text.lower()
