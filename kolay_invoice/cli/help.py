"""The help in the chosen language. Every help text is translated here before it is printed."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from cyclopts.help import HelpEntry, HelpPanel, InlineText
from cyclopts.help.formatters import DefaultFormatter
from cyclopts.help.specs import get_default_command_columns, get_default_parameter_columns
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from kolay_invoice.cli.i18n import _, gettext, language


def helped(text: str) -> str:
    """Translate a help text. A paragraph without a translation stays English."""
    if language() == "en":
        return text
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(gettext(paragraph) for paragraph in paragraphs)


class HelpFormatter:
    """Prints the default help, translated."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print a panel: its title and the descriptions of its entries."""
        default = get_default_parameter_columns if panel.format == "parameter" else get_default_command_columns
        entries = [evolve(entry, description=Text(helped(plain(entry.description)))) for entry in panel.entries]
        *names, description = default(console, options, entries)
        formatter = DefaultFormatter(column_specs=(*names, description.copy(renderer=_described)))
        formatter(console, options, panel.copy(title=helped(str(panel.title)), entries=entries))

    def render_usage(self, console: Console, _options: ConsoleOptions, usage: Any) -> None:
        """Print the usage line."""
        line = str(usage).strip().replace("COMMAND", _("COMMAND")).replace("OPTIONS", _("OPTIONS"))
        console.print(Text((_("Usage") + f": {line}\n"), style="bold"))

    def render_description(self, console: Console, _options: ConsoleOptions, description: Any) -> None:
        """Print the description of the command."""
        console.print(Text(f"{helped(plain(description))}\n"))


def plain(description: Any) -> str:
    """Return the source text of a description."""
    made_of = description.primary_renderable if isinstance(description, InlineText) else description
    return made_of.plain if isinstance(made_of, Text) else str(made_of or "")


def _described(entry: HelpEntry) -> RenderableType:
    remarks = []
    if entry.choices:
        remarks.append(_("choices: {choices}", choices=", ".join(entry.choices)))
    if entry.default is not None and entry.default not in {"False", "()"}:
        remarks.append(_("default: {value}", value=entry.default))
    if entry.required:
        remarks.append(_("required"))
    return Text(" ".join([plain(entry.description), *(f"[{remark}]" for remark in remarks)]))
