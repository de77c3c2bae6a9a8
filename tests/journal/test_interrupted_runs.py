"""Rows 62 and 63 for an open journal: forks, `loop.stop()` and `SystemExit` in the middle of a run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from .storm_provider import SEND, StormProvider
from .support import HANG, finish

pytestmark = pytest.mark.long

IDS = list(range(1, 61))


@pytest.fixture
async def provider():
    """A server that counts what it carries out."""
    async with StormProvider().serving() as serving:
        yield serving


async def interrupted(start, url, provider, happens, where):
    """Let it happen; return the exit code, what was said, and what stands in the errors."""
    process = start("interrupted_run.py", journal=url, provider=provider.url, ids=IDS, happens=happens, where=where)
    out, err = await asyncio.to_thread(process.popen.communicate, timeout=HANG)
    said = {}
    for line in out.splitlines():
        said |= json.loads(line)
    # The place of a module may stand in a warning of the interpreter; an error of its own may not.
    assert "sqlalchemy.exc" not in err
    assert "psycopg.errors" not in err
    assert "OperationalError" not in err
    return process.popen.returncode, said, err


@pytest.mark.row(63)
@pytest.mark.parametrize("where", ["progress", "source"])
@pytest.mark.parametrize("happens", ["fork", "multiprocessing"])
async def test_a_childs_error_names_the_owner_of_the_journal_and_the_parent_continues(
    happens, where, url, start, provider
):
    code, said, err = await interrupted(start, url, provider, happens, where)
    assert code == 0, err
    assert len(said["child"]) == 3
    assert all("belongs to process" in word and "open it anew here" in word for word in said["child"])
    assert said["ended"] == 0
    assert said["counts"]["done"] == len(IDS), said
    assert provider.executions == {(SEND, number): 1 for number in IDS}
    await finish(url, provider, IDS)


@pytest.mark.row(62, 63)
@pytest.mark.parametrize("where", ["progress", "source"])
@pytest.mark.parametrize(("happens", "code"), [("loop.stop", 0), ("SystemExit", 3)])
async def test_a_run_that_is_left_in_the_middle_ends_and_the_next_one_continues(
    happens, code, where, url, start, provider
):
    found, said, err = await interrupted(start, url, provider, happens, where)
    assert found == code, err
    assert "counts" not in said
    assert ("stopped" in said) is (happens == "loop.stop")
    assert 0 < provider.executed() < len(IDS)
    await finish(url, provider, IDS)


PLAIN = """
import asyncio, os, sys

async def main():
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(int)
    child = os.fork()
    if not child:
        LEAVE(0)
    os.waitpid(child, 0)
    # Something else wakes the loop after two seconds; a thread that can still do it is far faster.
    loop.call_later(2.0, int)
    began = loop.time()
    await asyncio.to_thread(int)
    print(loop.time() - began < 1.0, flush=True)
    # `asyncio.run` would wait for the thread that ends its executor, and nothing may wake this loop for that.
    os._exit(0)

asyncio.run(main())
"""


@pytest.mark.parametrize(("leave", "is_woken"), [("os._exit", True), ("sys.exit", False)])
def test_plain_asyncio_loses_its_threads_when_a_child_leaves_through_its_loop(leave, is_woken):
    """The control, without any library. What the docs say of `os._exit` holds for as long as this does."""
    command = [sys.executable, "-W", "ignore", "-c", PLAIN.replace("LEAVE", leave)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=HANG, check=True)
    assert ended.stdout.split() == [str(is_woken)]
