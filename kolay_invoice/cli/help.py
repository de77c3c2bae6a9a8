"""The help in the language of whoever reads it. Every text of it passes here on its way to the terminal."""

from __future__ import annotations

from typing import Any

from attrs import evolve
from cyclopts.help import HelpEntry, HelpPanel, InlineText
from cyclopts.help.formatters import DefaultFormatter
from cyclopts.help.specs import get_default_command_columns, get_default_parameter_columns
from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from kolay_invoice.cli.texts import language, say
from kolay_invoice.cli.words.helps import HELPS


def helped(text: str) -> str:
    """Return a text of the help in the language that was chosen; a paragraph nobody has translated stays English."""
    if language() == "en":
        return text
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return "\n\n".join(HELPS.get(paragraph, paragraph) for paragraph in paragraphs)


class HelpFormatter:
    """Prints the help as it always is, its words translated."""

    def __call__(self, console: Console, options: ConsoleOptions, panel: HelpPanel) -> None:
        """Print a panel: its title, and what it says of each command or parameter."""
        default = get_default_parameter_columns if panel.format == "parameter" else get_default_command_columns
        entries = [evolve(entry, description=Text(helped(plain(entry.description)))) for entry in panel.entries]
        *names, description = default(console, options, entries)
        formatter = DefaultFormatter(column_specs=(*names, description.copy(renderer=_described)))
        formatter(console, options, panel.copy(title=helped(str(panel.title)), entries=entries))

    def render_usage(self, console: Console, _options: ConsoleOptions, usage: Any) -> None:
        """Print how the command is written."""
        line = str(usage).strip().replace("COMMAND", say("usage.command")).replace("OPTIONS", say("usage.options"))
        console.print(Text(f"{say('usage.usage')}: {line}\n", style="bold"))

    def render_description(self, console: Console, _options: ConsoleOptions, description: Any) -> None:
        """Print what the command does."""
        console.print(Text(f"{helped(plain(description))}\n"))


def plain(description: Any) -> str:
    """Return a description as the text that it was made of."""
    made_of = description.primary_renderable if isinstance(description, InlineText) else description
    return made_of.plain if isinstance(made_of, Text) else str(made_of or "")


def _described(entry: HelpEntry) -> RenderableType:
    remarks = []
    if entry.choices:
        remarks.append(say("usage.choices", choices=", ".join(entry.choices)))
    if entry.default is not None and entry.default not in {"False", "()"}:
        remarks.append(say("usage.default", value=entry.default))
    if entry.required:
        remarks.append(say("usage.required"))
    return Text(" ".join([plain(entry.description), *(f"[{remark}]" for remark in remarks)]))
