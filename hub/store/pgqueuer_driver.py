"""PgQueuer over the hub's connections. Loaded only by who has to do with jobs: it takes half a
second of processor time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Self, cast

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.core.tm import TaskManager
from pgqueuer.db import AsyncpgDriver, AsyncpgPoolDriver, Driver
from pgqueuer.models import Job, TracebackRecord
from pgqueuer.ports.driver import NotifyCallback
from pgqueuer.queries import Queries

from hub.store.database import (
    COMMAND_TIMEOUT_SECONDS,
    CONNECTION_LOST,
    DATABASE_BUSY,
    SERVER_SETTINGS,
    Database,
    connection_arguments,
)
from hub.store.transactions import Transaction, rows_of

_POOL_SIZE = 3
"""One listens; the others fetch jobs and log them."""


class _JoiningDriver(Driver):
    """Sends statements where the hub's own go: in its transaction, or on its pool."""

    def __init__(self, client: Database | Transaction) -> None:
        self._client = client
        self._shutdown = asyncio.Event()
        self._tasks = TaskManager()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return cast(list[dict[str, object]], await rows_of(self._client, query, args))

    async def execute(self, query: str, *args: object) -> str:
        await rows_of(self._client, query, args)
        return ""

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        raise NotImplementedError  # nothing is heard in a transaction

    async def notify(self, channel: str, payload: str) -> None:
        await rows_of(self._client, "select pg_notify($1, $2)", (channel, payload))

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return self._tasks

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None: ...


class _PatientQueries(Queries):
    """Holds no job as failed because the database was away when it was to be tried again."""

    async def retry_job(
        self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None
    ) -> None:
        # Not put back, it counts as one whose process has ended, and is taken over.
        with contextlib.suppress(*CONNECTION_LOST, *DATABASE_BUSY):
            await super().retry_job(job, delay, traceback_record)


async def install(connection: "asyncpg.Connection[Any]") -> None:
    """Make PgQueuer's tables, or bring them to the version of the library."""
    queries = Queries(AsyncpgDriver(connection))
    if await queries.schema_is_installed():
        await queries.upgrade()
    else:
        await queries.install(create_schema=False)


async def enqueue(
    client: Database | Transaction, kind: str, payload: bytes, after: timedelta, key: str | None
) -> bool:
    """Put a job into the queue; False where one of this key waits or runs."""
    found = await Queries(_JoiningDriver(client)).enqueue(
        kind, payload, execute_after=after, dedupe_key=key, on_conflict="skip"
    )
    return found != [None]


@asynccontextmanager
async def consumer(database_url: str) -> AsyncIterator[PgQueuer]:
    """A consumer of jobs on connections of its own, as it holds one to listen."""
    pool = await asyncpg.create_pool(
        **connection_arguments(database_url),
        min_size=0,
        max_size=_POOL_SIZE,
        server_settings=SERVER_SETTINGS,
        command_timeout=COMMAND_TIMEOUT_SECONDS,
    )
    try:
        driver = AsyncpgPoolDriver(pool)
        yield PgQueuer(driver, queries=_PatientQueries(driver))
    finally:
        # Not `close`, which waits for the connection that listens: a dead one is never given back.
        pool.terminate()
