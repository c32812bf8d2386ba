"""The hub for clients that others wrote: one for all tests of a file, because they ask it for
different items or leave them as they were."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from hub.settings import Settings
from tests.conftest import Databases, fresh_database
from tests.integration.graphql.conftest import Served, serving


@pytest.fixture(scope="module")
def database_of_file(postgres: Databases, migrated_template: str) -> Iterator[str]:
    """Address of a fresh database with all migrations, for the tests of this file."""
    yield from fresh_database(postgres, migrated_template)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(database_of_file: str) -> AsyncIterator[Served]:
    """The hub as it is in production, open to everybody, with 5 of each item in Berlin."""
    async with serving(Settings(database_url=database_of_file)) as hub_served:
        yield hub_served
