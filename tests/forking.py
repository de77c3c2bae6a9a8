"""A program that forks in the middle of its call: `forking.py URL CHANNEL TOKEN`."""

from __future__ import annotations

import asyncio
import os
import sys

from kolay_invoice import AsyncKolayBi, CreateEDocument, KolayInvoiceError

parent = os.getpid()


def fork():
    """Fork as the last thing before the first byte, and let the child come to its end before the parent goes on."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)


async def main(url, channel, token):
    """Send, in both processes if it could."""
    client = AsyncKolayBi(base_url=url, channel=channel, access_token=token)
    try:
        said = type(await client.call(CreateEDocument(1), permit=fork)).__name__
    except KolayInvoiceError as error:
        said = f"{error.may_have_happened} {error}"
    os.write(1, f"{'parent' if os.getpid() == parent else 'child'}: {said}\n".encode())
    if os.getpid() != parent:
        os._exit(0)
    await client.aclose()


asyncio.run(main(*sys.argv[1:]))
