"""The queue of background jobs: PgQueuer's tables, in the hub's database.

A job is enqueued in the transaction of what asks for it: both are there, or neither.
"""

from datetime import timedelta
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

import asyncpg

from hub.store.database import Database
from hub.store.transactions import Transaction

_DRIVER: Final = "hub.store.pgqueuer_driver"
_TABLE: Final = "pgqueuer"
_INSTALLED: Final = "select obj_description(to_regclass($1), 'pg_class')"
"""The version of the library that made the tables stands in the comment of the first."""

AT_ONCE: Final = timedelta(0)


async def install_queue(connection: "asyncpg.Connection[Any]") -> None:
    """Make the queue's tables, or bring them to the version of the library; done already, it only
    looks. Two must not do it at once."""
    library = f"PgQueuer {version('pgqueuer')}"
    if await connection.fetchval(_INSTALLED, _TABLE) == library:
        return
    await import_module(_DRIVER).install(connection)
    await connection.execute(f"comment on table {_TABLE} is '{library}'")


async def enqueue(
    client: Database | Transaction,
    kind: str,
    payload: bytes = b"",
    *,
    after: timedelta = AT_ONCE,
    key: str | None = None,
) -> bool:
    """Put a job into the queue, not to be begun before `after`; in a transaction, it is there once
    that is committed. False, and nothing is put, where a job of this `key` waits or runs."""
    put: bool = await import_module(_DRIVER).enqueue(client, kind, payload, after, key)
    return put
