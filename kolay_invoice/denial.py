"""A no inside of a reply whose HTTP status says yes: which fields can hold one, and which words mean it. Pure.

A status of 200 proves that something answered. What became of the call stands in the body, and a no has many spellings.
What is read as a no here is never taken for the provider's refusal: it proves as little as it promises, so a call with
an effect ends as unknown. No page lists these words; all of them are guesses, and each costs no more than a look.
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

# The words are written as `_words` leaves them: small letters without marks (ı is i).
FAILED: Final = frozenset(
    {
        *("error", "errors", "err", "exception", "fail", "fails", "failed", "failure", "fatal", "fault"),
        *("unsuccessful", "unsuccess", "notsuccess", "nok", "ko", "notok", "invalid", "aborted", "abort", "timeout"),
        *("rejected", "reject", "rejection", "refused", "denied", "declined", "expired", "unauthorized", "forbidden"),
        *("hata", "hatali", "hatasi", "basarisiz", "olumsuz", "gecersiz", "reddedildi", "red", "ret"),
        "not",
    }
)
"""It failed, or somebody said no."""
WAITING: Final = frozenset(
    {
        *("pending", "waiting", "wait", "awaiting", "queue", "queued", "enqueued", "scheduled", "deferred", "delayed"),
        *("processing", "progress", "inprogress", "ongoing", "sending", "started", "initiated", "incomplete"),
        *("requested", "talep", "talebi"),
        *("bekleme", "beklemede", "bekleyen", "kuyruk", "kuyrukta", "sirada", "siraya", "islemde", "askida"),
    }
)
"""It has not happened yet, and may never."""
CANCELLED: Final = frozenset({"cancelled", "canceled", "void", "voided", "iptal", "refunded", "reversed", "iade"})
"""It is taken back: no answer to a call that was to send or to collect."""
NOT_SENT: Final = frozenset({"draft", "taslak", "ready", "hazir", "unsent", "notsent"})
"""The document stands where it stood before it was sent."""

# Turkish says "could not be", "was not" and "is being" at the end of the verb: gönderilemedi, edilmemiş, işleniyor.
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
"""The names of a status in replies, in both languages."""


@lru_cache(maxsize=1024)
def _plain_name(name: str) -> str:
    """Return a name as it is compared: transaction_status and TransactionStatus are one."""
    return name.lower().replace("_", "")


def _plain_names(names: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_plain_name, names))


@frozen
class Denials:
    """Which fields of an object can deny that a call succeeded. It is data of the endpoint.

    That `success`, `ok`, `result` and their like say no, and that `error` or `errors` holds something, counts always.
    """

    status_fields: frozenset[str] = field(default=frozenset(STATUS_FIELDS), converter=_plain_names)
    """The fields whose words say what became of the call. None where a `status` is a document's own."""
    status_words: frozenset[str] = FAILED | WAITING
    """The words that mean that it did not happen, or not yet."""
    result_fields: frozenset[str] = field(default=frozenset(), converter=_plain_names)
    """The fields that name the result: where some of them came and each is null or blank, there is none."""
    flags: frozenset[str] = field(default=frozenset(), converter=_plain_names)
    """Fields that are true once the call has happened."""
    wrappers: frozenset[str] = field(default=frozenset({"data", "result", "response"}), converter=_plain_names)
    """Fields that may hold the object proper, which is then asked the same."""
    read: frozenset[str] = field(
        init=False,
        repr=False,
        default=Factory(
            lambda self: _ALWAYS_READ | self.status_fields | self.result_fields | self.flags | self.wrappers,
            takes_self=True,
        ),
    )
    """Every field that is looked at."""


OF_A_DOCUMENT: Final = Denials(status_fields=(), wrappers=())
"""The object is a document that was read: its `status` says what became of the document, whatever it says."""
OF_A_NEW_DOCUMENT: Final = Denials(status_words=FAILED)
"""The object is one that was made: it may well wait for something."""
OF_AN_EFFECT: Final = Denials()
"""The `status` is that of the very thing that was asked for."""
OF_A_CALL: Final = Denials(wrappers=())
"""The object is an envelope: its `status` is about the call, whatever the call does."""


def find_denial(content: Mapping[str, object], denials: Denials) -> str | None:
    """Return what in an object says no, as the end of "the provider answered 200 with …"; None where nothing does."""
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


def _is_yes(value: object) -> bool:
    # Whatever is no yes that we know may be one of the spellings of no that we do not.
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
    """Return the word of a status that means no, if there is one."""
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
    """Return a number or text in small letters without marks, at a length that nothing real is beyond."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(int(value)) if -_LAST_STATUS <= value <= _LAST_STATUS and value == int(value) else ""
    if not isinstance(value, str):
        return ""
    text = value[:_LONGEST_STATUS].strip()
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.replace("ı", "i"))
        text = "".join(character for character in decomposed if not unicodedata.combining(character))
    return text.lower()
