"""The page at `/`, where a person watches the emulator work and turns its switches."""

from kolay_invoice.emulator.console.door import Console

__all__ = ["Console"]
