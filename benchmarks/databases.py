"""The PostgreSQL that is measured on: a real one that syncs each commit to disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg

from hub.store.database import connection_arguments
from hub.store.embedded_postgres import EmbeddedPostgres


class NotDurable(Exception):
    """The server answers before a commit is on disk, so that nothing measured on it counts."""

    def __init__(self, setting: str) -> None:
        super().__init__(
            f"The server of DATABASE_URL has {setting} off: figures without it mean nothing. "
            "Switch it on, or unset DATABASE_URL to measure on a server of our own."
        )


class Server(Protocol):
    """Where databases are made."""

    def dsn(self, database: str) -> str: ...
    async def create_database(self, name: str) -> None: ...
    async def drop_database(self, name: str) -> None: ...


class GivenServer:
    """The server of DATABASE_URL; its user must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        self._url = url

    def dsn(self, database: str) -> str:
        """Address of a database."""
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}"))

    async def create_database(self, name: str) -> None:
        """Create a database."""
        await self._execute(f'create database "{name}"')

    async def drop_database(self, name: str) -> None:
        """Drop a database and cut its connections."""
        await self._execute(f'drop database if exists "{name}" with (force)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(**connection_arguments(self._url))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class Databases:
    """Fresh databases on one server, which is started when the first is asked for."""

    def __init__(self, database_url: str | None, folder: Path) -> None:
        self._given = database_url
        self._folder = folder
        self._embedded: EmbeddedPostgres | None = None
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def fresh(self) -> AsyncIterator[str]:
        """Address of an empty database; dropped afterwards. Raises `NotDurable`."""
        server = await self._server()
        name = f"hub_bench_{uuid4().hex}"
        await server.create_database(name)
        try:
            await _check_durable(server.dsn(name))
            yield server.dsn(name)
        finally:
            await server.drop_database(name)

    @property
    def given(self) -> bool:
        """Whether the server is not ours."""
        return self._given is not None

    async def close(self) -> None:
        """End the server, if it is ours."""
        if self._embedded is not None:
            await self._embedded.stop()

    async def _server(self) -> Server:
        if self._given is not None:
            return GivenServer(self._given)
        async with self._starting:
            if self._embedded is None:
                embedded = EmbeddedPostgres(self._folder / "postgres")
                await embedded.start()
                self._embedded = embedded
        return self._embedded


async def _check_durable(database_url: str) -> None:
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        for setting in ("fsync", "synchronous_commit"):
            if await connection.fetchval("select current_setting($1)", setting) == "off":
                raise NotDurable(setting)
    finally:
        await connection.close()
