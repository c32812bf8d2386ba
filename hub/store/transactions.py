"""The one way to run a transaction on the pool.

Cancelling a task inside Tortoise's `in_transaction()` leaks its connection for ever, and GraphQL
and SSE cancel tasks at every disconnect. So a transaction runs in a task of its own, shielded from
its caller's end; at shutdown those that are left are waited for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.transactions import in_transaction

from hub.domain.errors import Unavailable
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY, Database

T = TypeVar("T")

Transaction = BaseDBAsyncClient
"""A transaction that others add to: what they are given is only to be handed back to the store."""

_running: set[asyncio.Task[Any]] = set()


async def run_tx(database: Database, work: Callable[[BaseDBAsyncClient], Awaitable[T]]) -> T:
    """The result of `work` in a transaction: committed when it returns, rolled back when it
    raises, and finished either way even when the caller goes away."""

    async def transaction() -> T:
        async with in_transaction("default") as connection:
            return await work(connection)

    task = asyncio.create_task(transaction(), context=database.variables.copy())
    _running.add(task)
    task.add_done_callback(_running.discard)
    try:
        return await asyncio.shield(task)
    except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
        raise Unavailable from lost


async def rows_of(
    client: Database | Transaction, statement: str, values: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """The rows of one statement, on the pool or in a transaction: who is in one waits for no other
    connection."""
    if isinstance(client, Database):
        return await client.fetch(statement, values)
    found: list[dict[str, Any]] = await client.execute_query_dict(statement, list(values))
    return found


async def drain_transactions() -> None:
    """Wait for the transactions whose callers went away."""
    while _running:
        await asyncio.gather(*_running, return_exceptions=True)
