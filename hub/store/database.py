"""The connection to PostgreSQL: a Tortoise context with its pool, made from an address."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import asyncpg
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import TortoiseContext

from hub.domain.errors import Unavailable

T = TypeVar("T")

APP = "hub"
POOL_SIZE = 10
CONNECT_TIMEOUT_SECONDS = 2.0
COMMAND_TIMEOUT_SECONDS = 10.0
"""For a server that does not even end the statement at its own limit, below."""
STATEMENT_TIMEOUT = "3s"
LOCK_TIMEOUT = "1s"
SERVER_SETTINGS = {
    "application_name": "availability-hub",
    "statement_timeout": STATEMENT_TIMEOUT,
    "lock_timeout": LOCK_TIMEOUT,
    "timezone": "UTC",
}

CONNECTION_LOST = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died in the midst of an operation
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
)
"""What drivers raise while the database is away; the outside hears `Unavailable`."""


DATABASE_BUSY = (asyncpg.LockNotAvailableError, asyncpg.QueryCanceledError)
"""A lock or a statement took longer than it may: also `Unavailable`, but the connection is fine."""


class _PooledConnection(asyncpg.Connection):
    """A pooled connection that skips the reset query at each release: the hub's statements leave
    no session state behind, and the round trip costs a quarter of the pool's throughput."""

    def get_reset_query(self) -> str:
        return ""


def connection_arguments(database_url: str) -> dict[str, Any]:
    """asyncpg's arguments of a `postgresql://` address; `?host=/folder` names a Unix socket."""
    parts = urlsplit(database_url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    arguments: dict[str, Any] = {
        "host": query.get("host") or parts.hostname or "localhost",
        "port": int(query.get("port") or parts.port or 5432),
        "user": query.get("user") or unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": query.get("dbname") or parts.path.lstrip("/") or "postgres",
        "timeout": CONNECT_TIMEOUT_SECONDS,
    }
    if "sslmode" in query:
        arguments["ssl"] = query["sslmode"]
    return arguments


def tortoise_config(database_url: str) -> dict[str, Any]:
    """The Tortoise configuration of a database."""
    credentials = {
        **connection_arguments(database_url),
        "minsize": 1,
        "maxsize": POOL_SIZE,
        "connection_class": _PooledConnection,
        "server_settings": SERVER_SETTINGS,
    }
    return {
        "connections": {
            "default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
        },
        "apps": {
            APP: {
                "models": ["hub.store.models"],
                "migrations": "hub.store.migrations",
                "default_connection": "default",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


class Reader(Protocol):
    """What statements that change nothing go through."""

    async def records(self, statement: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        """The rows of one statement; raises `Unavailable`."""


class Database:
    """The pool of one process. Open it once; every statement outside the writer goes through it."""

    def __init__(self, database_url: str) -> None:
        self.url = database_url
        self.variables = contextvars.Context()
        self._context = TortoiseContext()

    async def open(self) -> None:
        """Connect; raises `Unavailable` when there is no database."""
        # Tortoise finds its context by a context variable, and requests come in tasks that know
        # nothing of it: what uses models or transactions runs in a task with these variables.
        with self._context:
            await self._context.init(config=tortoise_config(self.url))
            self.variables = contextvars.copy_context()
        await self.fetch("select 1")

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._context.close_connections()

    @property
    def client(self) -> BaseDBAsyncClient:
        """Tortoise's client: the pool behind every statement."""
        return self._context.connections.get("default")

    async def by_model(self, query: Callable[[], Awaitable[T]]) -> T:
        """What a query by model answers; `query` is called where Tortoise finds its context."""

        async def run() -> T:
            return await query()

        try:
            return await asyncio.create_task(run(), context=self.variables.copy())
        except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
            raise Unavailable from lost

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of one statement."""
        return list(map(dict, await self.records(statement, values)))

    async def records(self, statement: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        """The same as the driver gives them, for many rows that are read by place."""
        try:
            async with (
                asyncio.timeout(COMMAND_TIMEOUT_SECONDS),
                self.client.acquire_connection() as connection,
            ):
                found: list[asyncpg.Record] = await connection.fetch(statement, *values)
                return found
        except (*CONNECTION_LOST, *DATABASE_BUSY) as lost:
            raise Unavailable from lost


class ReadConnection:
    """A connection of one's own, for who reads again and again and one statement at a time: the
    pool takes as long as a short read."""

    def __init__(self, database_url: str) -> None:
        self._arguments = connection_arguments(database_url)
        self._connection: asyncpg.Connection | None = None

    async def records(self, statement: str, values: Sequence[Any] = ()) -> list[asyncpg.Record]:
        """The rows of one statement; raises `Unavailable`, and connects anew the next time."""
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    **self._arguments,
                    connection_class=_PooledConnection,
                    server_settings=SERVER_SETTINGS,
                )
            found: list[asyncpg.Record] = await self._connection.fetch(
                statement, *values, timeout=COMMAND_TIMEOUT_SECONDS
            )
        except DATABASE_BUSY as busy:
            raise Unavailable from busy
        except CONNECTION_LOST as lost:
            self.close()
            raise Unavailable from lost
        else:
            return found

    def close(self) -> None:
        """Close the connection, if there is one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
