"""What listens in a network namespace, and passes everything on to a server's socket: `forwarding.py {...}`."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress

settings = json.loads(sys.argv[1])


async def copy(reader, writer):
    """Pass on what comes."""
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


async def serve(reader, writer):
    """Serve one connection."""
    up = await asyncio.open_unix_connection(settings["socket"])
    await asyncio.gather(copy(reader, up[1]), copy(up[0], writer))


async def main():
    """Listen until it is killed."""
    server = await asyncio.start_server(serve, settings["host"], 5432)
    print(json.dumps("listening"), flush=True)  # noqa: T201 - it speaks to its test.
    await server.serve_forever()


asyncio.run(main())
