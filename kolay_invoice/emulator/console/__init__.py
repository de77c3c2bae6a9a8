"""The page at `/`, which shows what the emulator does and changes its settings."""

from kolay_invoice.emulator.console.routes import ConsoleRoutes

__all__ = ["ConsoleRoutes"]
