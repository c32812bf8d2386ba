"""The hub's services over a real database, with a small shop in it."""

from collections.abc import AsyncIterator

import pytest

from hub.bootstrap import Services
from tests.integration.shop import opened, put_shop


@pytest.fixture
async def services(database_url: str) -> AsyncIterator[Services]:
    """The services of one process."""
    async with opened(database_url) as one:
        await put_shop(one)
        yield one


@pytest.fixture
async def neighbour(services: Services, database_url: str) -> AsyncIterator[Services]:
    """The services of a second process on the same database."""
    async with opened(database_url) as other:
        yield other
