"""The page at `/`, where a person watches the emulator work and turns its switches."""

from kolay_invoice.emulator.console.routes import ConsoleRoutes

__all__ = ["ConsoleRoutes"]
