"""The location of a journal. Its URL is parsed here only, so that one URL always means one journal."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from attrs import frozen
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from kolay_invoice.journal.errors import JournalError
from kolay_invoice.messages import Message, message_of

_SQLITE: Final = re.compile(r"sqlite(?:\+\w+)?:(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_SERVERS: Final = frozenset({"postgresql", "postgres"})
_IN_MEMORY: Final = Message("url must name a file: a journal in memory would forget what was sent")


@frozen
class Place:
    """The location of a journal: a SQLite file or a PostgreSQL database.

    Attributes:
        shown: The URL without its password and without its query, which can hold one. The shown URL of a file leads to
            the same file.
        path: The file, as the URL names it; None for a server.
        server: The driver's URL of a server; None for a file.
        written: The file's name in the URL before percent-decoding, if that is another name than `path`.
    """

    shown: str
    path: Path | None = None
    server: URL | None = None
    written: Path | None = None

    def check_unambiguous(self) -> None:
        """Check that there is no file whose name is the URL's undecoded text.

        SQLAlchemy before 2.1 takes `a%20b.db` as it is written, and 2.1 takes it for `a b.db`.

        Raises:
            JournalError: There is such a file, so the URL is ambiguous.
        """
        if self.written is not None and self.written.exists():
            raise JournalError(
                Message(
                    "the journal {place} has two readings, and the file {path} is the other one: write a % of a "
                    "file's name as %25, or rename that file",
                    place=self.shown,
                    path=self.written,
                )
            )


def parse_url(url: str) -> Place:
    """Return the place that a journal's URL names; no I/O.

    Raises:
        ValueError: It is not the URL of a SQLite file or a PostgreSQL database. No part of it is shown.
    """
    try:
        found: Place | str = _parse(url)
    except ValueError as error:
        found = message_of(error)
    # The frame that raises must not hold a password, nor must the frames of an error that it is the context of.
    del url
    if isinstance(found, str):
        raise ValueError(found)  # noqa: TRY004 - a text is what is wrong with the URL.
    return found


def _parse(url: str) -> Place:
    sqlite = _SQLITE.fullmatch(url)
    return _parse_server(url) if sqlite is None else _parse_file(sqlite["rest"])


def _parse_file(rest: str) -> Place:
    if rest.rstrip("/") in {"", ":memory:"}:
        raise ValueError(_IN_MEMORY)
    if not rest.startswith("///"):
        msg = Message("url of a SQLite file must begin with sqlite:/// (four slashes for an absolute path)")
        raise ValueError(msg)
    words, question, _ = rest.removeprefix("///").partition("?")
    name = _decode(words)
    if name == ":memory:" or name.lower().startswith("file:"):
        raise ValueError(_IN_MEMORY)
    if question:
        msg = Message("url of a SQLite file must have no query, such as ?mode= or ?uri= (a ? in a file's name is %3F)")
        raise ValueError(msg)
    shown = "sqlite:///" + name.replace("%", "%25").replace("?", "%3F")
    return Place(shown, path=Path(name), written=Path(words) if words != name else None)


def _decode(words: str) -> str:
    try:
        name = unquote(words, errors="strict")
        os.fsencode(name)
    except UnicodeError:
        name = "\0"
    if any(ord(character) < ord(" ") for character in name):
        msg = Message("url of a SQLite file must hold no control characters, and percent signs of UTF-8 only")
        # `from None`: the context would show the undecodable text.
        raise ValueError(msg) from None
    return name


def _parse_server(url: str) -> Place:
    place = _read(url)
    if place is None:
        msg = Message("url must be a database URL such as sqlite:///sends.db or postgresql://user@host/database")
        raise ValueError(msg)
    if place.get_backend_name() not in _SERVERS:
        msg = Message("url must begin with sqlite:/// or postgresql://")
        raise ValueError(msg)
    if url.count("@") > 1 or "?" in (place.username or ""):
        # The text after the first @ would be parsed and shown as the host.
        msg = Message("url must have one @, between password and host: write any other one as %40, in a query too")
        raise ValueError(msg)
    shown = place.set(drivername=place.get_backend_name(), query={}).render_as_string(hide_password=True)
    return Place(shown, server=place.set(drivername="postgresql+psycopg"))


def _read(url: str) -> URL | None:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # For example a port that is not a number. The library's error can quote the URL, so the caller raises its own.
        return None
