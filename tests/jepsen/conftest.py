"""A PostgreSQL that keeps its promises: what it has committed survives, as in production."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from hub.store.embedded_postgres import EmbeddedPostgres
from tests.conftest import GivenPostgres


@pytest.fixture
def durable_database_url(tmp_path: Path) -> Iterator[str]:
    """Address of a fresh database without any table, on a server that syncs to disk."""
    if url := os.environ.get("DATABASE_URL"):
        given, name = GivenPostgres(url), f"hub_jepsen_{uuid4().hex}"
        asyncio.run(given.create_database(name))
        yield given.dsn(name)
        asyncio.run(given.drop_database(name))
        return
    server = EmbeddedPostgres(tmp_path / "postgres")
    asyncio.run(server.start())
    yield server.dsn()
    asyncio.run(server.stop())
