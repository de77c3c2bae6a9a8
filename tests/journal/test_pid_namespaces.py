"""Row 68: a worker in another pid namespace of the machine sees none of the processes, and takes nothing from them."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess

import pytest
from sqlalchemy import update

from kolay_invoice.journal import Journal, clock
from kolay_invoice.journal.operations import plan_operation
from kolay_invoice.journal.tables import owners
from kolay_invoice.kolaybi.models import CreateEDocument

from .storm_provider import SEND, StormProvider
from .support import Process

UNSHARE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
CAN_SEPARATE = (
    shutil.which("unshare") is not None
    and subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
)
pytestmark = pytest.mark.skipif(not CAN_SEPARATE, reason="a pid namespace needs root and unshare")
IDS = [1, 2, 3]


async def run_beside(url, provider, *, is_blind=False):
    """Let a process in another namespace run over the same documents; return what it says."""
    settings = {"journal": url, "provider": provider.url, "ids": IDS, "blind": is_blind}
    process = Process.of("namespaced.py", settings, before=UNSHARE)
    try:
        code, said, err = await asyncio.to_thread(process.ended)
    finally:
        process.kill()
    assert code == 0, err
    return said


@pytest.fixture
async def held(url):
    """A journal whose living worker has claimed everything."""
    async with Journal.open(url) as journal:
        store = journal._require_open().store
        chunk = [plan_operation(CreateEDocument(number), "kolaybi", "loopback") for number in IDS]
        assert len((await store.plan(await store.begin_run(), chunk)).rows) == len(IDS)
        yield journal


async def test_a_worker_in_another_pid_namespace_does_not_take_over_a_living_one(held, url):
    async with StormProvider().serving() as provider:
        said = await run_beside(url, provider)
        assert said["pid"] < 10
        assert said["counts"]["claimed"] == len(IDS)
        assert provider.executions == {}
        assert held._require_open().lease.is_held()
        assert await held._require_open().store.renew_lease()


async def test_without_the_namespace_in_its_host_a_living_owner_counts_as_dead(held, url):
    """The negative control: over there no process has its number."""
    opened = held._require_open()
    blind = "/".join((socket.gethostname(), clock.read_line("/proc/sys/kernel/random/boot_id"), "", ""))
    change = update(owners).where(owners.c.owner == opened.store.owner.name).values(host=blind)
    await opened.database.write(lambda connection: connection.execute(change))
    async with StormProvider().serving() as provider:
        said = await run_beside(url, provider, is_blind=True)
        assert said["counts"]["done"] == len(IDS)
        assert provider.executions == {(SEND, number): 1 for number in IDS}
        assert not await opened.store.renew_lease()
