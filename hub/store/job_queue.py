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

_FAILED: Final = """
    select entrypoint as kind, count(*) as jobs from pgqueuer where status = 'failed'
    group by entrypoint order by entrypoint"""

_FORGET_FAILED: Final = """
    delete from pgqueuer
    where status = 'failed' and entrypoint = $1 and updated < now() - $2::interval"""

AT_ONCE: Final = timedelta(0)

FORGET_ROWS: Final = 10_000
"""So many rows a statement removes at most."""
_LOGS: Final = ("pgqueuer_log", "pgqueuer_statistics")
"""What became of each job, and how many did by the second."""


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


async def forget_jobs(database: Database, older: timedelta) -> int:
    """Remove what is kept of jobs that were done so long ago; how many rows that was. Jobs that
    failed stay in the queue. Raises `Unavailable`."""
    forgotten = 0
    for table in _LOGS:
        forget = (
            f"with old as (select id from {table} where created < now() - $1::interval limit $2),"  # noqa: S608
            f" gone as (delete from {table} where id in (select id from old) returning 1)"
            " select count(*) as rows from gone"
        )
        while rows := (await database.fetch(forget, [older, FORGET_ROWS]))[0]["rows"]:
            forgotten += rows
    return forgotten


async def forget_failed_jobs(database: Database, kind: str, older: timedelta) -> None:
    """Remove jobs of a kind that failed so long ago. Raises `Unavailable`."""
    await database.fetch(_FORGET_FAILED, [kind, older])


async def failed_jobs(database: Database) -> dict[str, int]:
    """How many jobs are held as failed, by kind. Raises `Unavailable`."""
    return {row["kind"]: row["jobs"] for row in await database.fetch(_FAILED)}
