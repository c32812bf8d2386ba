"""The baseline of reservations: a row lock per request, as a shop without a hub would do it.

Lean on purpose. It keeps a position and a reservation, and neither ledger nor change log nor
idempotency keys, all of which the hub writes in the same time.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from hub.domain.values import UNIT
from hub.services.ids import uuid7
from hub.store.database import connection_arguments

_TABLES = """
    create table baseline_position (
        sku text not null,
        location text not null,
        on_hand bigint not null,
        reserved bigint not null,
        primary key (sku, location),
        check (reserved <= on_hand)
    ) with (fillfactor = 50);
    create table baseline_reservation (
        id uuid primary key,
        sku text not null,
        location text not null,
        quantity bigint not null,
        expires_at timestamptz not null
    )"""

_LOCK = """
    select on_hand - reserved from baseline_position
    where sku = $1 and location = $2 for update"""

_UPDATE = """
    update baseline_position set reserved = reserved + $3 where sku = $1 and location = $2"""

_INSERT = """
    insert into baseline_reservation
    values ($1, $2, $3, $4, now() + interval '10 minutes')"""


class _UnresetConnection(asyncpg.Connection):
    """Skips the reset query at release, as the hub's own pool does: the baseline's best case."""

    def get_reset_query(self) -> str:
        return ""


class RowLocks:
    """Reservations over a pool, one transaction and one row lock each."""

    def __init__(self, pool: asyncpg.Pool, location: str) -> None:
        self._pool = pool
        self._location = location

    async def reserve(self, sku: str) -> None:
        """Hold one unit."""
        async with self._pool.acquire() as connection, connection.transaction():
            free = await connection.fetchval(_LOCK, sku, self._location)
            assert free >= UNIT
            await connection.execute(_UPDATE, sku, self._location, UNIT)
            await connection.execute(_INSERT, uuid7(), sku, self._location, UNIT)


async def create_tables(
    database_url: str, skus: Sequence[str], location: str, on_hand: int
) -> None:
    """The baseline's own tables, with so much of each item."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute(_TABLES)
        await connection.execute(
            "insert into baseline_position select sku, $2, $3, 0 from unnest($1::text[]) sku",
            skus,
            location,
            on_hand,
        )
    finally:
        await connection.close()


@asynccontextmanager
async def row_locks(database_url: str, location: str, pool_size: int) -> AsyncIterator[RowLocks]:
    """The baseline over a pool of `pool_size` connections, all of them open."""
    async with asyncpg.create_pool(
        **connection_arguments(database_url),
        min_size=pool_size,
        max_size=pool_size,
        connection_class=_UnresetConnection,
    ) as pool:
        yield RowLocks(pool, location)
