"""Somebody who sits on a position, and whoever waits for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from hub.bootstrap import Services
from hub.store.database import connection_arguments
from tests.integration.shop import count, reserve
from tests.waiting import eventually

WAITING = """
    select pid from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock' order by query_start"""


@asynccontextmanager
async def locked(database_url: str) -> AsyncIterator[None]:
    """Somebody sits on the position of A-1 meanwhile, and changes nothing."""
    blocker = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await blocker.execute("begin")
        await blocker.execute("select from position where sku = 'A-1' for update")
        yield
        await blocker.execute("rollback")
    finally:
        await blocker.close()


async def remember_plenty(services: Services, locks: list[Any], units: int = 100) -> None:
    """Let the process know so many units of A-1, one of them held."""
    await count(services, "A-1", units)
    await reserve(services)
    locks.clear()


async def writers_wait(services: Services, writers: int) -> list[Any]:
    """Wait until so many transactions wait for a lock."""
    return await eventually(
        lambda: services.database.fetch(WAITING), lambda rows: len(rows) == writers
    )
