"""What a service has: a procrastinate app with one task that sends through the journal.

procrastinate --app=procrastinate_app.app worker
"""

from __future__ import annotations

import os

from procrastinate import App, PsycopgConnector

from kolay_invoice import AsyncKolayBi
from kolay_invoice.contrib.procrastinate import register

DATABASE_URL = os.environ.get("DATABASE_URL", "postgresql:///kolay_invoice")

app = App(connector=PsycopgConnector(conninfo=DATABASE_URL))

# The client is made in the workers only, from KOLAYBI_* variables: whoever defers needs no credentials. The quiet
# period is that of the emulator; a real provider needs minutes, which is the default.
send = register(app, client=AsyncKolayBi.from_env, journal_url=DATABASE_URL, quiet_period=2.0)
