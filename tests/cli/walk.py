"""Every command of the command line, with a provider whose every text is hostile.

The commands and their arguments are read from the application, so a new command is walked without a change here. As a
program, it walks them all in one process, for a terminal to look at: `python -m tests.cli.walk FOLDER`.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin
from unittest import mock
from uuid import UUID

from attrs import evolve
from cyclopts import App

from kolay_invoice.cli import demo
from kolay_invoice.cli.app import commands, run
from kolay_invoice.emulator import Emulator, responses
from kolay_invoice.emulator.messages import Reply
from kolay_invoice.journal import Journal

FORGED = "All 3 invoices were sent"
HOSTILE = (
    "=1+1;@SUM(1)\x1b]0;OWNED\x07\x1b[35;45mPINK\x9b35m\x9d0;OWNED\x9c\x08\x7f\u202eevil\u2066\u200f\u061c\u200b\ufeff"
    f"\u2028\u2029\r\n{FORGED}\r{FORGED}\n\t" + "x" * 10_000
)
SHORT = HOSTILE.rstrip("x")
# The line breaks of a document are its own.
IN_PAGE = HOSTILE.translate({ord("\r"): None, ord("\n"): None})
SALE = "siparis-7"
# XML 1.0 has no place for most control characters, but for these.
IN_XML = "=1+1\x9b35m\x9d0;OWNED\x9c\x7f\u202eevil\u2066\u200f\u061c\u200b\u2028" + "x" * 10_000

# What consoles write: styles of ours, and what a spinner or a progress bar needs.
STYLES = re.compile(
    r"\x1b\[(?:0|1|2|3|1;\d\d|\d\d|\d;\d\d|38;5;\d+|1;38;5;\d+)m|\x1b\[\?25[lh]|\x1b\[2K|\x1b\[1A|\r(?=\x1b|\n)"
)
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)

_FILES = {("propars", "save-sale"): "sale.json", ("kolaybi", "create-invoice"): "invoice.json"}
_WORDS = {
    "company_id": 5,
    "since": "2018-01-01",
    "sale_code": SALE,
    "port": 0,
    "because": SHORT,
    "identity_no": "11111111111",
}
_LONGEST_WORD = 200
_ECHOED = "sale_code"
"""A reply that names another sale than the one asked for is not shown."""


def find_commands(app: App = commands, chain: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], App]]:
    """Iterate over the commands that do something."""
    for name in app:
        if name.startswith("-"):
            continue
        if app[name].default_command is not None:
            yield (*chain, name), app[name]
        yield from find_commands(app[name], (*chain, name))


class Walk:
    """The command lines of every command, in a folder of its own."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        self.folder = folder
        self.emulator = emulator
        self.journal = f"sqlite:///{folder / 'sends.db'}"
        self._names = itertools.count()
        lines = ["create-e-document,1,,", "resend,18,,", "proceed,1,1,", "proceed,2,1,", f"propars-send,,,{SALE}"]
        text = "\n".join(["operation,document_id,vault_id,sale_code", *lines, ""])
        (folder / "sends.csv").write_text(text, encoding="utf-8")
        item = {"product_name": "Vazo", "other_fields": {"unit_price": "12.50"}}
        sale = {"sale_code": "S-1", "order_date": "2026-11-29T09:00:00+03:00", "items": [item]}
        sale["customer_detail"] = {"name": "Ayşe Yılmaz"}
        line = {"product_id": 31, "quantity": "1.00", "unit_price": 100.10, "vat_rate": 20}
        invoice = {"contact_id": 11, "address_id": 21, "order_date": "2026-05-02", "currency": "TRY", "items": [line]}
        (folder / "invoice.json").write_text(json.dumps(invoice), encoding="utf-8")
        (folder / "sale.json").write_text(json.dumps(sale), encoding="utf-8")

    def command_lines(self, chain: tuple[str, ...], app: App) -> Iterator[list[str]]:
        """Iterate over the command lines of a command: plain, in each form of output, and with each choice."""
        arguments = [one for one in app.assemble_argument_collection() if one.parse and one.name.startswith("--")]
        line, variants = list(chain), [[]]
        given = {argument.field_info.name for argument in arguments}
        for argument in arguments:
            name, option = argument.field_info.name, argument.name
            if argument.hint is bool:
                line += [option] if name in {"yes", "skip_bad"} else []
                variants += [[option]] if name in {"csv", "json", "dry_run", "not_done", "verify"} else []
                variants += [[option, "--follow-for=0.1"]] if name == "follow" else []
            elif argument.required or self._is_needed(chain, name, given):
                value = str(self._value(chain, name, argument.hint))
                line += [value] if argument.field_info.is_positional else [f"{option}={value}"]
            elif name == "save":
                variants.append([option, str(self.folder / f"{next(self._names)}.{chain[-1]}")])
            else:
                variants += [[option, choice] for choice in _choices(argument.hint)]
        for variant in variants:
            yield [*line, *variant]

    def _is_needed(self, chain: tuple[str, ...], name: str, given: set[str]) -> bool:
        if name == "sale_code":
            return "search" not in given and chain[0] != "archive"
        if name == "company_id":
            return chain[0] == "kolaybi"
        if chain[0] == "archive":
            return name == "since"
        return name in {"port", "journal", "because"} or (chain[0] == "config" and name in {"value", "profile"})

    def _value(self, chain: tuple[str, ...], name: str, kind: Any) -> object:
        if chain[0] == "config":
            setting = "propars.token" if chain[1] == "unset" else "propars.base_url"
            return {"setting": setting, "value": SHORT, "profile": SHORT}[name]
        made = {
            "journal": lambda: self.journal,
            "file": lambda: self._file(chain),
            "folder": lambda: self.folder / f"archive of {chain[-1]}",
            "key": lambda: asyncio.run(self._first_key()),
            "sale_id": lambda: self.emulator.sale(SALE).sale_id,
            "invoice_id": lambda: self.emulator.sale(SALE).invoices[-1].id,
            "uuid": lambda: self.emulator.documents[20].uuid,
        }
        if name in made:
            return made[name]()
        return _WORDS.get(name, 1 if kind is int else "Ada")

    def _file(self, chain: tuple[str, ...]) -> Path:
        if chain[0] == "xml":
            return max(self.folder.glob("*.xml"), default=self.folder / "none.xml")
        return self.folder / _FILES.get(chain, "sends.csv")

    async def _first_key(self) -> str:
        """Return the key of an operation, a refused one if there is one."""
        async with Journal.open(self.journal, create=False) as journal:
            keys = [row.key async for row in journal.rows(state=("done", "refused"))]
        return keys[-1]

    def mistakes(self) -> Iterator[list[str]]:
        """Iterate over command lines that are refused, with hostile texts in them."""
        for chain, _ in find_commands():
            yield [*chain, f"--{SHORT}"]
            yield [*chain, SHORT, SHORT, SHORT, f"--timeout={SHORT}"]
        yield [SHORT]
        yield ["batch", "run", SHORT, "--journal", self.journal]
        yield ["batch", "status", "--journal", f"sqlite:///{SHORT}"]
        yield ["xml", "verify", SHORT]
        yield ["config", "set", SHORT, "x"]
        yield ["emulator", "--guess", SHORT]
        yield ["emulator", "--fault", f"{SHORT}=1"]
        (self.folder / "wrong.csv").write_text(f"operation,{SHORT!r}\n{SHORT},1\n", encoding="utf-8")
        yield ["batch", "run", str(self.folder / "wrong.csv"), "--journal", self.journal]
        hostile = json.dumps({"operation": SHORT, "document_id": SHORT, SHORT: SHORT})
        (self.folder / "wrong.jsonl").write_text(f"{hostile}\n", encoding="utf-8")
        yield ["batch", "run", str(self.folder / "wrong.jsonl"), "--journal", self.journal]

    def plain(self) -> Iterator[list[str]]:
        """Iterate over one command line of each command."""
        for chain, app in find_commands():
            yield next(self.command_lines(chain, app))


def _choices(hint: Any) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    if get_origin(hint) in {Union, UnionType}:
        return next((_choices(one) for one in get_args(hint) if get_origin(one) is Literal), ())
    return ()


def _hostile(value: Any, key: str = "") -> Any:
    match value:
        case dict():
            return {name: _hostile(one, name) for name, one in value.items()} | {f"extra{SHORT}": HOSTILE}
        case list():
            return [_hostile(one, key) for one in value]
        case str() if key != _ECHOED and not _is_parsed(value):
            return HOSTILE
    return value


def _is_parsed(text: str) -> bool:
    """Whether a client reads a text as something else: a date, an id, an amount, a file."""
    if len(text) > _LONGEST_WORD and re.fullmatch(r"[A-Za-z0-9+/]+=*", text):
        return True
    for read in (UUID, Decimal, date.fromisoformat):
        try:
            read(text[:10] if read is date.fromisoformat else text)
        except (ValueError, InvalidOperation):
            continue
        return True
    return False


@contextmanager
def hostile_provider(*, refusing: bool = False) -> Iterator[Emulator]:
    """Run both providers. Their every text is hostile; `refusing`, they refuse every call in such words."""
    full_response = responses.full_response

    def respond(reply: Reply) -> Any:
        if reply.content_type == "application/json":
            content = json.loads(reply.body)
            is_token = "token" in content or isinstance(content.get("data"), str)
            if refusing and not is_token:
                content = {
                    "success": False,
                    "code": HOSTILE,
                    "message": HOSTILE,
                    "detail": HOSTILE,
                    "errors": [HOSTILE],
                }
                return full_response(Reply.json(content, status=400))
            return full_response(evolve(reply, body=json.dumps(content if is_token else _hostile(content)).encode()))
        if refusing:
            return full_response(Reply.json({"detail": HOSTILE}, status=400))
        if "html" in reply.content_type:
            return full_response(evolve(reply, body=reply.body.replace(b"</body>", f"{IN_PAGE}</body>".encode())))
        return full_response(reply)

    with mock.patch.object(responses, "full_response", respond), Emulator(duplicates="execute") as emulator:
        emulator.add_sale(SALE, 7, buyer=IN_XML, item=IN_XML)
        yield emulator


@contextmanager
def at(emulator: Emulator, folder: Path) -> Iterator[Walk]:
    """Walk with an emulator's accounts in the environment."""
    accounts = {
        "KOLAYBI_CHANNEL": emulator.kolaybi_channel,
        "KOLAYBI_API_KEY": emulator.kolaybi_api_key,
        "KOLAYBI_BASE_URL": emulator.kolaybi_url,
        "PROPARS_USERNAME": emulator.propars_username,
        "PROPARS_PASSWORD": emulator.propars_password,
        "PROPARS_BASE_URL": emulator.propars_url,
        "KOLAY_INVOICE_CONFIG": str(folder / "config.toml"),
        "KOLAY_INVOICE_LANG": "en",
    }
    checks = [demo.Check(HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1, ok=is_ok) for is_ok in (True, False)]
    with (
        mock.patch.dict(os.environ, accounts),
        mock.patch.object(demo, "run", return_value=checks),
        mock.patch("kolay_invoice.cli.emulator._wait_for_signal"),
    ):
        yield Walk(folder, emulator)


def assert_harmless(text: str) -> None:
    """Assert that a text gives a terminal nothing to obey and forges no line."""
    found = _FORBIDDEN.search(text)
    assert found is None, f"{found[0]!r} in {text[max(0, found.start() - 200) : found.end() + 50]!r}"
    assert not [line for line in text.splitlines() if line.startswith(FORGED)]


def main() -> None:
    """Run each command once for an answer and once for a refusal, with whatever this process has as its streams."""
    for refusing in (False, True):
        folder = Path(sys.argv[1], str(refusing))
        folder.mkdir()
        with hostile_provider(refusing=refusing) as emulator, at(emulator, folder) as walk:
            for arguments in walk.plain():
                run(arguments)
    for arguments in ([SHORT], ["--help"], ["propars", "html", "--help"]):
        run(arguments)
    sys.stdout.write("\nwalked\n")


if __name__ == "__main__":
    main()
