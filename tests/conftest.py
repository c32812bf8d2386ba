"""Fixtures for every test: real databases, a real Redis, and the real data, each started once.

A test process starts its servers when the first test asks for them and ends them by process
id. DATABASE_URL and REDIS_URL name servers to use instead.
"""

import asyncio
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest
import structlog
from redis import Redis

from hub.store.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.servers import RedisServer, folder_in_memory, redis_database_of_this_worker

PROJECT = Path(__file__).resolve().parent.parent
LONG_FIRST = (
    "jepsen",
    "unit/domain/test_random_histories.py",
    "e2e",
    "conformance",
    "integration",
)
"""Where tests take long: processes that share the work end at about the same time when what is left
to the end is short."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run first what takes longest, and else keep the order."""
    items.sort(key=_place_of)


def _place_of(item: pytest.Item) -> int:
    path = item.path.relative_to(PROJECT / "tests")
    found = (place for place, long in enumerate(LONG_FIRST) if path.is_relative_to(long))
    return next(found, len(LONG_FIRST))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """What a command sets for all of its process, where it is run in that of the tests."""
    logs, thresholds = structlog.get_config(), gc.get_threshold()
    yield
    structlog.configure(**logs)
    if gc.get_threshold() != thresholds:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


class Databases(Protocol):
    """A PostgreSQL server on which a test run makes databases."""

    def dsn(self, database: str) -> str: ...
    async def create_database(self, name: str, template: str | None = None) -> None: ...
    async def drop_database(self, name: str) -> None: ...


class GivenPostgres:
    """The server named by DATABASE_URL; its user must be allowed to create databases."""

    def __init__(self, url: str) -> None:
        self._url = url

    def dsn(self, database: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}"))

    async def create_database(self, name: str, template: str | None = None) -> None:
        suffix = f' template "{template}"' if template else ""
        await self._execute(f'create database "{name}"{suffix}')

    async def drop_database(self, name: str) -> None:
        await self._execute(f'drop database if exists "{name}" with (force)')

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The PostgreSQL server of this test process."""
    if url := os.environ.get("DATABASE_URL"):
        yield GivenPostgres(url)
        return
    with folder_in_memory(otherwise=tmp_path_factory.mktemp("postgres")) as folder:
        server = EmbeddedPostgres(folder, durable=False)
        try:
            asyncio.run(server.start())
        except EmbeddedPostgresError as error:
            pytest.fail(str(error), pytrace=False)
        yield server
        asyncio.run(server.stop())


@pytest.fixture(scope="session")
def migrated_template(postgres: Databases) -> Iterator[str]:
    """The name of a database with all migrations, from which others are copied."""
    from hub.store.migrate import migrate

    name = f"hub_test_template_{uuid4().hex}"
    asyncio.run(postgres.create_database(name))
    asyncio.run(migrate(postgres.dsn(name)))
    yield name
    asyncio.run(postgres.drop_database(name))


@pytest.fixture
def database_url(postgres: Databases, migrated_template: str) -> Iterator[str]:
    """Address of a fresh database with all migrations, for this test alone."""
    yield from fresh_database(postgres, migrated_template)


@pytest.fixture
def empty_database_url(postgres: Databases) -> Iterator[str]:
    """Address of a fresh database without any table."""
    yield from fresh_database(postgres, None)


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A started PostgreSQL for this test alone, which may stop it and start it again."""
    server = EmbeddedPostgres(tmp_path / "own-postgres", durable=False)
    asyncio.run(server.start())
    yield server
    asyncio.run(server.stop())


@pytest.fixture(scope="session")
def _redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if url := os.environ.get("REDIS_URL"):
        url = redis_database_of_this_worker(url)
        with Redis.from_url(url) as client:
            if client.dbsize():
                pytest.fail("REDIS_URL names a database that holds keys: tests delete them.")
        yield url
        return
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server.url
    server.stop()


@pytest.fixture
def redis_url(_redis: str) -> Iterator[str]:
    """Address of a Redis that is empty when the test starts."""
    yield _redis
    with Redis.from_url(_redis) as client:
        client.flushdb()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A started Redis for this test alone, which may kill it and start it again."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real orders, events and demand that some tests replay."""
    folder = Path(os.environ.get("HUB_REAL_DATA") or PROJECT.parent / "shared" / "data")
    if not folder.is_dir():
        message = f"There is no real data in {folder}: set HUB_REAL_DATA to its folder."
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    return folder


def fresh_database(postgres: Databases, template: str | None) -> Iterator[str]:
    """Address of a database that is dropped after use."""
    name = f"hub_test_{uuid4().hex}"
    asyncio.run(postgres.create_database(name, template))
    yield postgres.dsn(name)
    asyncio.run(postgres.drop_database(name))
