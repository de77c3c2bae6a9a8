"""The commands and their arguments; what they do stands in rooms of their own."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from kolay_invoice import __version__
from kolay_invoice.cli import batch
from kolay_invoice.cli import demo as demonstration

app = App(
    name="kolay-invoice",
    help="Turkish e-invoicing through KolayBi and Propars.",
    version=__version__,
)
app.command(batch.app)


@app.command
def demo(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Show every call, async and blocking, against the embedded emulator, with one fault of each kind.

    Nothing leaves this machine. Exit code 0 only when everything did what it should.

    Args:
        json: Print one JSON document instead of tables.
    """
    checks = demonstration.run()
    demonstration.show(checks, as_json=json)
    return 0 if all(check.ok for check in checks) else 1
