"""The `kolay-invoice` command."""

from __future__ import annotations

import atexit
import signal
import sys


def main() -> None:
    """Run the command and exit with its exit code."""
    try:
        from kolay_invoice.cli.app import run

        code = run(sys.argv[1:])
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("kolay_invoice"):
            raise
        sys.exit(f"kolay-invoice needs {missing.name}: pip install 'kolay-invoice[all]'")
    # All output is written. A later Ctrl-C would only replace the exit code.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)
