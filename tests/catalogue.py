"""Every text of the package that is translated. Run as a program, it brings the catalogue up to date with them.

A new text stands in the catalogue without a translation then, which a test refuses; one that is used no longer is gone.
"""

import ast
import json
import re
from pathlib import Path

import kolay_invoice
from kolay_invoice.cli import help as helping
from kolay_invoice.cli.app import commands

PACKAGE = Path(kolay_invoice.__file__).parent
PO = PACKAGE / "cli" / "locale" / "tr" / "LC_MESSAGES" / "kolay_invoice.po"

MARKS = {"_", "N_", "Message", "ngettext", "gettext"}


def called(node):
    return getattr(node.func, "id", getattr(node.func, "attr", None))


def is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def of_modules():
    """Yield each text that a module marks, with its plural or None."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and called(node) in MARKS and node.args and is_text(node.args[0]):
                is_plural = called(node) == "ngettext"
                yield node.args[0].value, node.args[1].value if is_plural else None


def of_templates():
    """Yield each text of the console's pages."""
    for path in PACKAGE.rglob("*.jinja"):
        for quoted in re.findall(r'\b_\(("(?:[^"\\]|\\.)*")\)', path.read_text(encoding="utf-8")):
            yield json.loads(quoted), None


class Collecting:
    """A formatter of the help that prints nothing and keeps every paragraph."""

    def __init__(self):
        self.seen = set()

    def keep(self, text):
        self.seen |= {" ".join(paragraph.split()) for paragraph in helping.plain(text).split("\n\n")} - {""}

    def __call__(self, console, options, panel):
        if panel.entries:
            self.keep(str(panel.title))
        for entry in panel.entries:
            self.keep(entry.description)

    def render_usage(self, console, options, usage):
        pass

    def render_description(self, console, options, description):
        self.keep(description)


def of_help():
    """Yield each paragraph of the help."""
    collecting = Collecting()
    formatter, commands.help_formatter = commands.help_formatter, collecting

    def walk(app, chain):
        (commands.meta if chain else commands).help_print(chain)
        for name in app:
            if not name.startswith("-"):
                walk(app[name], [*chain, name])

    try:
        walk(commands, [])
        for also in (["--install-completion"], ["demo"]):
            commands.meta.help_print(also)
    finally:
        commands.help_formatter = formatter
    yield from ((text, None) for text in collecting.seen)


def used():
    """Return every text that is used, with its plural or None."""
    return {**dict(of_modules()), **dict(of_templates()), **dict(of_help())}


def update():
    """Write the catalogue anew: what is used, with the translations that are there."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    with PO.open("rb") as written:
        before = read_po(written, locale="tr")
    after = Catalog(locale="tr", project="kolay_invoice", header_comment=before.header_comment, fuzzy=False)
    after.mime_headers = before.mime_headers
    for text, plural in used().items():
        known = before.get(text)
        after.add((text, plural) if plural else text, known.string if known else None)
    with PO.open("wb") as written:
        write_po(written, after, width=120, no_location=True, omit_header=False, sort_output=True)


if __name__ == "__main__":
    update()
