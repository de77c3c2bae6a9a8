"""PostgreSQL: what is committed survives the end of the server, whatever the database is set to."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from kolay_invoice.journal import Journal

SETTINGS = [*((lower, "on") for lower in ("off", "local", "remote_write", "on")), ("remote_apply",) * 2]


async def shown(database):
    """The settings that a few writing transactions at once show, once each connection has been used before."""
    for _ in range(2):
        together = asyncio.Barrier(3)

        async def ask(connection, together=together):
            await together.wait()
            return await connection.scalar(text("SHOW synchronous_commit"))

        found = await asyncio.gather(database.write(ask), database.read(ask), database.write(ask))
    return set(found)


@pytest.mark.row(54)
@pytest.mark.parametrize(("setting", "used"), SETTINGS, ids=lambda value: value)
async def test_a_mark_is_on_the_disk_when_it_is_made(setting, used, postgres, postgresql_url):
    name = postgresql_url.split("@/")[1].split("?")[0]
    await asyncio.to_thread(postgres.execute, f"ALTER DATABASE {name} SET synchronous_commit = {setting}")
    async with Journal.open(postgresql_url) as journal:
        assert await shown(journal._require_open().database) == {used}


@pytest.mark.row(54)
async def test_the_journal_waits_for_the_disk_whatever_the_role_is_set_to(postgres, postgresql_url):
    name = postgresql_url.split("@/")[1].split("?")[0]
    await asyncio.to_thread(postgres.execute, f"CREATE ROLE hasty_{name} LOGIN SUPERUSER")
    await asyncio.to_thread(postgres.execute, f"ALTER ROLE hasty_{name} SET synchronous_commit = off")
    async with Journal.open(postgresql_url.replace("journal@", f"hasty_{name}@")) as journal:
        assert await shown(journal._require_open().database) == {"on"}
