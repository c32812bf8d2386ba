"""A hub with nothing in it and its ingest worker; a shop, and a partner's server."""

from collections.abc import AsyncIterator

import pytest

from hub.bootstrap import Services
from tests.integration.receiver import Receiver, receiving
from tests.integration.shop import opened, put_shop
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


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Services]:
    """A shop whose partners may be on this machine."""
    async with opened(database_url, webhook_private_addresses=True) as services:
        await put_shop(services)
        yield services


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A partner's server."""
    async with receiving() as one:
        yield one
