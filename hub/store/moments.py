"""Reading the log and what it tells of at one moment: what is read is exactly what the moment's
cursor says, neither older nor newer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

import asyncpg

from hub.domain.errors import Unavailable
from hub.store.database import COMMAND_TIMEOUT_SECONDS, CONNECTION_LOST, DATABASE_BUSY, Database
from hub.store.log_cursor import END_OF_LOG, MARK_AT_CURSOR, LogCursor

T = TypeVar("T")

_NOW: Final = f"select log.*, now() as time from ({END_OF_LOG}) log"  # noqa: S608 - a constant

MAX_MOMENTS: Final = 4
"""Of the connections of the pool, so many are used for it at a time."""


class TookTooLong(Unavailable):
    """A statement took longer than one may."""


class Moment:
    """A transaction that reads only, and sees the database as it was at its first statement."""

    def __init__(self, connection: asyncpg.Connection, log: Mapping[str, Any]) -> None:
        self._connection = connection
        self._log = log
        self.cursor = LogCursor.at_end(log)
        """The end of the log."""
        self.time: datetime = log["time"]

    async def records(self, statement: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        """The rows of one statement."""
        found: list[asyncpg.Record] = await self._connection.fetch(
            statement, *values, timeout=COMMAND_TIMEOUT_SECONDS
        )
        return found

    async def follows(self, cursor: LogCursor) -> bool:
        """Whether a cursor is one of this log, and what came behind it is still there."""
        told = {"known": await self._mark_at(cursor.snapshot)}
        return cursor.is_of({**self._log, **told})

    async def marked(self, cursor: LogCursor) -> LogCursor:
        """A place in the log with the mark that it has."""
        return cursor._replace(mark=await self._mark_at(cursor.snapshot))

    async def _mark_at(self, snapshot: str) -> str:
        (row,) = await self.records(MARK_AT_CURSOR, [snapshot])
        return row["known"] or ""


class Moments:
    """Moments of a database, a few at a time."""

    def __init__(self, database: Database, at_once: int = MAX_MOMENTS) -> None:
        self._database = database
        self._turns = asyncio.Semaphore(at_once)
        self._running: set[asyncio.Task[Any]] = set()

    async def read(self, work: Callable[[Moment], Awaitable[T]]) -> T:
        """What `work` reads at the present moment. It comes to its end also when its caller goes
        away, so that its connection goes back to the pool. Raises `Unavailable`, and of that
        `TookTooLong`."""
        task = asyncio.create_task(self._read(work), name="moment")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Wait for what is being read."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _read(self, work: Callable[[Moment], Awaitable[T]]) -> T:
        try:
            async with (
                self._turns,
                self._database.client.acquire_connection() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                (log,) = await connection.fetch(_NOW, timeout=COMMAND_TIMEOUT_SECONDS)
                return await work(Moment(connection, log))
        except asyncpg.QueryCanceledError as slow:
            raise TookTooLong from slow
        except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
            raise Unavailable from lost
