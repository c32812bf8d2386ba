"""A look at the whole ledger at one moment, on a connection of its own.

Who looks for long must not disturb: the connection reads only, takes no lock that writers wait
for, keeps none of the pool's connections, and uses one process of the database.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from hub.domain.errors import Unavailable
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY, connection_arguments

_SETTINGS = {
    "application_name": "availability-hub audit",
    "timezone": "UTC",
    # The whole ledger is read: it takes as long as it takes, but never more than one processor.
    "statement_timeout": "0",
    "max_parallel_workers_per_gather": "0",
    "work_mem": "64MB",
    "jit": "off",
}


@asynccontextmanager
async def snapshot(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that sees the database as it is at its first statement, for as long as the
    context is open. Raises `Unavailable` when the database does not answer."""
    try:
        connection = await asyncpg.connect(
            **connection_arguments(database_url), server_settings=_SETTINGS
        )
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection
        finally:
            await connection.close(timeout=2)
    except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
        raise Unavailable from lost
