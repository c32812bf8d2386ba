"""Deliveries of sources in the database: what is looked for is found among many."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from hub.domain.source_deliveries import SourceDeliveryState
from hub.store.database import Database, connection_arguments
from hub.store.source_deliveries import read_delivery_page

MANY = """
    insert into delivery (source, sender_id, received_at, headers, media_type, body, digest, state,
                          report)
    select 'acme', n::text, now(), '{}', 'text/csv', 'x', sha256(n::text::bytea),
           case when n in (7, 8) then 'REFUSED' else 'ACCEPTED' end,
           '{"accepted": 1, "duplicates": 0, "refused": 0, "findings": []}'
    from generate_series(1, 20000) n"""

SCANNED = """
    select seq_tup_read + idx_tup_fetch as rows from pg_stat_user_tables
    where relname = 'delivery'"""
TIMES = 10
"""More often than the planner tries before it may plan without the values."""


class OneConnection(Database):
    """Asks on a connection whose own work can be told."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._connection.fetch(statement, *values)]

    async def scanned(self) -> int:
        """Rows of deliveries that were looked at so far."""
        await self.fetch("select pg_stat_force_next_flush()")
        return int((await self.fetch(SCANNED))[0]["rows"])


async def test_the_few_that_are_refused_are_found_without_a_walk_through_all(
    database_url: str,
) -> None:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute(MANY)
        await connection.execute("analyze delivery")
        database = OneConnection(connection)
        before = await database.scanned()
        for source in (None, "acme"):
            for _ in range(TIMES):
                found = await read_delivery_page(
                    database, source, [SourceDeliveryState.REFUSED], None, 11
                )
                assert [one.received.sender_id for one in found] == ["8", "7"]
        assert 0 < await database.scanned() - before <= 2 * TIMES * len(found)
    finally:
        await connection.close()
