"""The `kolay-invoice` command."""

from __future__ import annotations

import atexit
import signal
import sys


def main() -> None:
    """Run the command; its exit code says what became of the call."""
    try:
        from kolay_invoice.cli.app import run

        code = run(sys.argv[1:])
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("kolay_invoice"):
            raise
        sys.exit(f"kolay-invoice needs {missing.name}: pip install 'kolay-invoice[all]'")
    # All has been said: one more Ctrl-C at the interpreter's end would only take the exit code away.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)
