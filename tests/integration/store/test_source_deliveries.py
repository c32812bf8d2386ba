"""Deliveries of sources in the database: what is looked for is found among many."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import asyncpg
import pytest

from hub.domain.source_deliveries import Received, SourceDeliveryState
from hub.store.database import Database, connection_arguments
from hub.store.source_deliveries import (
    Claim,
    claim_delivery,
    read_delivery_page,
    read_same_delivery,
)
from hub.store.transactions import Transaction

NOW = datetime(2026, 11, 22, tzinfo=UTC)

MANY = """
    insert into delivery (source, sender_id, received_at, headers, media_type, body, digest, state,
                          report)
    select 'acme', nullif(n::text, '20000'), now(), '{}', 'text/csv', 'x', sha256(n::text::bytea),
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

    async def execute_query(self, statement: str, values: Sequence[Any]) -> None:
        await self.fetch(statement, values)

    async def scanned(self) -> int:
        """Rows of deliveries that were looked at so far."""
        await self.fetch("select pg_stat_force_next_flush()")
        return int((await self.fetch(SCANNED))[0]["rows"])


@pytest.fixture
async def many(database_url: str) -> AsyncIterator[OneConnection]:
    """A database with many deliveries."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    await connection.execute(MANY)
    await connection.execute("analyze delivery")
    yield OneConnection(connection)
    await connection.close()


async def test_the_few_that_are_refused_are_found_without_a_walk_through_all(
    many: OneConnection,
) -> None:
    before = await many.scanned()
    for source in (None, "acme"):
        for _ in range(TIMES):
            found = await read_delivery_page(many, source, [SourceDeliveryState.REFUSED], None, 11)
            assert [one.received.sender_id for one in found] == ["8", "7"]
    assert 0 < await many.scanned() - before <= 2 * TIMES * 2


async def test_what_comes_is_known_again_without_a_walk_through_all(many: OneConnection) -> None:
    before = await many.scanned()
    for sender_id, content, known in (
        ("77", b"77", "ACCEPTED"),
        ("7", b"7", "REFUSED"),
        ("new", b"77", None),
        (None, b"20000", "ACCEPTED"),
        (None, b"77", None),
    ):
        digest = hashlib.sha256(content).digest()
        received = Received("acme", sender_id, NOW, {}, "text/csv", b"x", digest)
        for _ in range(TIMES):
            same = await read_same_delivery(many, received)
            assert (None if same is None else same.state) == known
            claim = await claim_delivery(cast("Transaction", many), received)
            assert claim == Claim(None if known is None else SourceDeliveryState(known), False)
        other = await claim_delivery(
            cast("Transaction", many), received._replace(digest=b"another")
        )
        assert other == Claim(None, sender_id == "77")
    assert 0 < await many.scanned() - before <= 10 * TIMES
