"""A hub with nothing in it, and its ingest worker."""

from collections.abc import AsyncIterator

import pytest

from hub.bootstrap import Services
from tests.integration.shop import opened
from workers.ingest import Ingest


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Services]:
    """The services of one process, on a database without any shop."""
    async with opened(database_url) as services:
        yield services


@pytest.fixture
def ingest(empty: Services) -> Ingest:
    """The worker that applies what the inbox holds."""
    return Ingest(empty)
