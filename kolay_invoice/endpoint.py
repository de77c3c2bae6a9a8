"""Endpoints and requests as values: the definition of each call, without I/O."""

from __future__ import annotations

import enum
import string
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, Protocol, Self, TypeVar, cast, get_args
from urllib.parse import quote, quote_plus
from uuid import UUID

import msgspec
from attrs import AttrsInstance, Factory, field, fields, frozen
from attrs import has as is_attrs

from kolay_invoice.denial import OF_A_DOCUMENT, OF_A_NEW_DOCUMENT, OF_AN_EFFECT, Denials
from kolay_invoice.readback import Evidence, ReadBackQuery, Sight
from kolay_invoice.value import Value

ReplyT = TypeVar("ReplyT")
ReplyT_co = TypeVar("ReplyT_co", covariant=True)
RequestT_co = TypeVar("RequestT_co", covariant=True)
RequestT = TypeVar("RequestT", bound="Request[Any]")


class Effect(enum.Enum):
    """What a call does at the provider. The HTTP verb does not show it: a GET of Propars creates invoices."""

    READ = "read"
    """Changes nothing and may be repeated."""
    CREATES = "creates"
    """Creates an invoice that is not yet official (the preview)."""
    IRREVERSIBLE = "irreversible"
    """Reaches the tax authority (GİB) and cannot be undone."""
    MONEY = "money"
    """Books a movement of money."""
    CANCELS = "cancels"
    """Cancels an invoice."""
    UPSERT = "upsert"
    """Creates or updates by the caller's own key. The provider's page says that the same call again updates, so it may
    be repeated."""

    @property
    def is_repeatable(self) -> bool:
        """Whether a call may be sent again while it is not known whether the one before was executed."""
        return self in (Effect.READ, Effect.UPSERT)


_DENIALS: Final = {Effect.READ: OF_A_DOCUMENT, Effect.CREATES: OF_A_NEW_DOCUMENT}


class Answerable(Protocol[RequestT_co, ReplyT_co]):
    """A request with its reply, for type checkers: `CreateEDocument` is an `Answerable[CreateEDocument, EDocument]`."""

    def _answered(self) -> tuple[RequestT_co, ReplyT_co]: ...


@frozen
class Request(Value, Generic[ReplyT_co]):
    """One call as a value: an attrs class whose fields are the arguments. `ReplyT_co` is the class of its reply."""

    if TYPE_CHECKING:

        def _answered(self) -> tuple[Self, ReplyT_co]:
            """Bind the request to its reply for type checkers. It does not exist at run time."""
            raise NotImplementedError

    @property
    def is_private(self) -> bool:
        """Whether it holds a value that its repr omits: a sale code, a name, a credential."""
        private = (attribute.name for attribute in fields(type(self)) if attribute.repr is False)
        return any(getattr(self, name) is not None for name in private)

    @property
    def private_texts(self) -> tuple[str, ...]:
        """The texts that its repr omits, those of its parts too. They are masked where a provider repeats them."""
        return tuple(_private_texts(self))


def _private_texts(value: AttrsInstance) -> Iterator[str]:
    for attribute in fields(type(value)):
        held = getattr(value, attribute.name)
        parts = held if isinstance(held, tuple) else (held,)
        for part in parts:
            if is_attrs(type(part)):
                yield from _private_texts(part)
            elif isinstance(part, str) and attribute.repr is False:
                yield part


def seen_as(
    *names: str, key: str | None = None, blank_is_none: bool = False, only_leniently: bool = False
) -> dict[str, object]:
    """Return the metadata of a reply field: its names in replies, the documented one first.

    A name such as `header.serial_no` is the member of a member, where a reply is read leniently. `key` names the member
    that holds the value where a provider sends an object instead of a text. `blank_is_none` reads an empty text as
    None. `only_leniently` leaves the value in `.extra` where a reply is read strictly.
    """
    return {"names": names, "key": key, "blank_is_none": blank_is_none, "only_leniently": only_leniently}


def private(*names: str, **reading: bool) -> dict[str, object]:
    """Return the metadata of a reply field with a buyer's data: a journal does not store it.

    The arguments are those of `seen_as`; without names the field has its own.
    """
    about = seen_as(*names, **reading)  # type: ignore[arg-type]  # flags only.
    if not names:
        del about["names"]
    return {**about, "is_private": True}


def is_buyers() -> dict[str, object]:
    """Return the metadata of a request's field with a buyer's data: no key and no table shows it."""
    return {"is_private": True}


@frozen
class Wire:
    """An encoded request. Its repr shows no argument."""

    method: str
    target: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    content_type: str | None = None


def wire_text(value: object) -> str:
    """Return an argument in the format of the providers: exact digits, ISO dates, lower-case UUIDs."""
    match value:
        case bool():
            return "true" if value else "false"
        case int() | str() | UUID():
            return str(value)
        case Decimal():
            return format(value, "f")
        case datetime():
            # The format of the sample in the documentation of Propars: 2018-05-02T09:00:00+0300.
            return f"{value.year:04}{value:-%m-%dT%H:%M:%S%z}"
        case date():
            return value.isoformat()
    msg = f"no wire form for {type(value).__name__}"
    raise TypeError(msg)


@frozen
class Endpoint(Generic[RequestT, ReplyT]):
    """One call of a provider: everything that is known about it before it is made.

    The clients, the journal, the command, the emulator, the tests and the documentation read it only from here.
    """

    provider: str
    operation: str
    """The name of the method, and of the call in logs, errors and journals. Unique within its provider."""
    method: str
    path: str | Mapping[str, str]
    """The path template; or one for each selector, keyed by the argument that selects it."""
    effect: Effect
    request: type[RequestT]
    decode: Callable[[RequestT, Any], ReplyT] = field(repr=False)
    """Makes the typed reply from accepted content; raises `ValueError` with the path of what is wrong."""
    recovery_hint: str = field(default="Nothing was changed by asking: ask again.", repr=False)
    """What to do when the outcome is unknown, as a sentence. Of a call with an effect it is a `Message`, whose value
    `call` is a method of the same client."""
    sent_before: str = field(default="", repr=False, kw_only=True)
    """Where to look if a refusal can mean that the call was executed before, as such a sentence; otherwise empty."""
    body_encoding: Literal["query", "form", "json"] = "query"
    """Where the fields are sent that are not in the path."""
    spells_out: bool = False
    """Whether lists, objects and booleans are written as PHP reads them: `items[0][product_id]=7`, 1 and 0."""
    may_lack_data: bool = False
    """Whether the provider's `success: true` is the whole answer that is known."""
    raw_starts: tuple[bytes, ...] = ()
    """The first bytes of each kind of file that may be the whole body of the reply."""
    is_token_request: bool = False
    """Whether the request holds the account's credentials, so that any refusal is about them."""
    denials: Denials = field(default=Factory(lambda self: _DENIALS.get(self.effect, OF_AN_EFFECT), takes_self=True))
    """What reports a failure in the reply's object although the status is 2xx. KolayBi's envelope is checked
    separately."""
    decode_plain: Callable[[RequestT, bytes], ReplyT | None] | None = field(default=None, repr=False, kw_only=True)
    """Makes the typed reply from the body of a 200 or 201 in one step, if it has the documented form. None: it has
    another form, and the provider's `interpret` and `decode` read it."""
    rows_in: str | None = field(default=None, repr=False, kw_only=True)
    """The member of the reply whose rows come to `decode` undecoded, because there may be many."""
    largest_reply: int | None = field(default=None, repr=False, kw_only=True)
    """Size in bytes of the largest reply; None: as the client's `max_reply_bytes` says."""

    summary: str = field(default="", repr=False, kw_only=True)
    """What the call does, in a few words."""
    command: str = field(
        default=Factory(lambda self: self.operation.replace("_", "-"), takes_self=True), repr=False, kw_only=True
    )
    """The name of its command below the provider's."""

    batch_name: str = field(default="", repr=False, kw_only=True)
    """The name of the operation in files and queues; empty if a journal does not hold it."""
    resource: tuple[str, ...] = field(default=(), repr=False, kw_only=True)
    """The fields of which one names the document or sale. A journal runs one operation at a time for each of them."""
    freeze: Callable[[RequestT, RequestT | None], RequestT] | None = field(default=None, repr=False, kw_only=True)
    """Sets the values that must be the same at every attempt; they are copied from the frozen request of an earlier
    plan if there is one."""
    read_back: Callable[[Any, ReadBackQuery[RequestT]], Awaitable[Sight]] | None = field(
        default=None, repr=False, kw_only=True
    )
    """Looks up, through the client, an operation whose outcome is unknown. Only reads. None: it cannot be looked up."""
    look_before: Callable[[Any, ReadBackQuery[RequestT]], Awaitable[tuple[bool, tuple[Evidence, ...]]]] | None = field(
        default=None, repr=False, kw_only=True
    )
    """Reads the document before the call, where only a difference afterwards proves that it was executed. Returns
    whether the document was found and was not official, and the evidence."""
    ended_by: str = field(default="", repr=False, kw_only=True)
    """The provider's operation that undoes this one. The same request planned after it is a new operation."""

    @property
    def is_journaled(self) -> bool:
        """Whether a journal holds it: it has an effect, and a typed reply that may be stored in a file."""
        return bool(self.batch_name)

    @property
    def if_unknown(self) -> Literal["unknown", "needs_person"]:
        """The journal's state of an operation whose outcome is unknown."""
        return "unknown" if self.read_back is not None else "needs_person"

    @property
    def reply(self) -> type[ReplyT]:
        """The class of the reply: the argument of the request's base class."""
        (base,) = self.request.__dict__["__orig_bases__"]
        return cast("type[ReplyT]", get_args(base)[0])

    @property
    def has_no_subject(self) -> bool:
        """Whether the call names no document, sale or company that could be missing."""
        return self.is_token_request or not fields(self.request)

    @property
    def paths(self) -> tuple[str, ...]:
        """The distinct path templates."""
        return tuple(dict.fromkeys(template.path for template in self._templates))

    def encode(self, request: RequestT) -> Wire:
        """Return the encoded request: path, query and body, each text quoted."""
        if not self._names:
            return self._bare
        given = {name: value for name in self._names if (value := getattr(request, name)) is not None}
        template = self._templates[0] if len(self._templates) == 1 else self._chosen(given)
        target = template.path
        if template.names:
            target = target.format_map({name: _quoted(given.pop(name), quote, "") for name in template.names})
        if not given:
            return Wire(self.method, target)
        if self.body_encoding == "json":
            return Wire(self.method, target, _json_body(given, self.request), "application/json")
        if self.spells_out:
            given = dict(pair for name, value in given.items() for pair in _spell_out(name, value))
        pairs = "&".join([f"{name}={_quoted(value, quote_plus, ':')}" for name, value in given.items()])
        if self.body_encoding == "form":
            return Wire(self.method, target, pairs.encode("ascii"), "application/x-www-form-urlencoded")
        return Wire(self.method, f"{target}?{pairs}")

    @cached_property
    def _bare(self) -> Wire:
        """The encoded request of a call without arguments."""
        return Wire(self.method, self._templates[0].path)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(attribute.name for attribute in fields(self.request))

    @cached_property
    def _templates(self) -> tuple[_Template, ...]:
        by_selector = {"": self.path} if isinstance(self.path, str) else self.path
        return tuple(_Template.of(selector, path) for selector, path in by_selector.items())

    def _chosen(self, given: Mapping[str, object]) -> _Template:
        return next(template for template in self._templates if template.selector in given)


@frozen
class _Template:
    """A path template, parsed once."""

    selector: str
    path: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, selector: str, path: str) -> _Template:
        return cls(selector, path, tuple(name for _, name, _, _ in string.Formatter().parse(path) if name))


def _quoted(value: object, quoting: Callable[[str, str], str], safe: str) -> str:
    """Return an argument in the format of the providers, quoted for a path or a form."""
    if type(value) is int:
        return str(value)
    text = wire_text(value)
    # Most texts need no quoting, which is slow.
    return text if text.isalnum() and text.isascii() else quoting(text, safe)


def _spell_out(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Iterate over the fields of a form that hold a value: one for each part of a list or an object."""
    if isinstance(value, bool):
        yield name, str(int(value))
    elif isinstance(value, tuple):
        for number, part in enumerate(value):
            yield from _spell_out(f"{name}[{number}]", part)
    elif is_attrs(kind := type(value)):
        for attribute in fields(kind):
            if (part := getattr(value, attribute.name)) is not None:
                yield from _spell_out(f"{name}[{attribute.name}]", part)
    else:
        yield name, wire_text(value)


def _json_body(given: Mapping[str, object], kind: type) -> bytes:
    return msgspec.json.encode(_json_object(given, kind))


def _json_object(given: Mapping[str, object], kind: type) -> dict[str, object]:
    """Return the fields of an attrs class as JSON has them. Those that hold fields themselves are spread out."""
    found: dict[str, object] = {}
    for attribute in fields(kind):
        value = given.get(attribute.name)
        if value is not None and attribute.metadata.get("is_spread"):
            found |= cast("Mapping[str, object]", value)
        elif value is not None:
            found[attribute.name] = _json_value(value)
    return found


def _json_value(value: object) -> object:
    """Return a value as JSON has it: numbers and flags as they are, an amount as the text of its exact digits."""
    if isinstance(value, tuple):
        return [_json_value(part) for part in value]
    if is_attrs(kind := type(value)):
        return _json_object({one.name: getattr(value, one.name) for one in fields(kind)}, kind)
    return value if isinstance(value, int) else wire_text(value)
