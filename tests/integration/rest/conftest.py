"""A client of the served hub, with five of each item in Berlin."""

from collections.abc import AsyncIterator

import httpx
import pytest

from hub.bootstrap import Services
from tests.integration.serving import served
from tests.integration.shop import SKUS, count


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Open to everybody, as it is on loopback without tokens."""
    for sku in SKUS:
        await count(services, sku, 5)
    async with served(services) as one:
        yield one
