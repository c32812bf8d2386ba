"""A client of the served hub."""

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.bootstrap import Services
from tests.integration.serving import served


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Open to everybody, as it is on loopback without tokens."""
    async with served(services) as one:
        yield one
