"""The number of SQL statements of a query does not grow with the items it asks for."""

import re
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery

from hub.settings import Settings
from hub.store import database
from tests.integration.graphql.conftest import serving, until

PAGE = """
    query ($first: Int!) {
      items(first: $first, filter: {category: "things"}) {
        totalCount
        edges { node {
          sku
          availability { quantity message { text } breakdown { locations { onHand } } }
          inStore: availability(scope: {channel: "store"}, quantity: 2) { canFulfil }
          variants { sku availability { quantity } }
        } }
      }
    }
"""
MANY = "query ($skus: [ID!]!) { availability(skus: $skus) { quantity status } }"
HOLD = """
    mutation ($input: ReserveInput!) { reserve(input: $input) {
      ... on ReserveSuccess { reservation { lines { item { name availability { quantity } } } } }
    } }
"""


class CountingConnection(database._PooledConnection):
    """Notes each statement that goes to the server, but for those of the change log's reader."""

    seen: list[str] = []  # noqa: RUF012 - one list for all connections of the pool is meant
    looks_at_log = 0

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.add_query_logger(self._note)

    async def _note(self, logged: LoggedQuery) -> None:
        if "pg_current_snapshot" in logged.query:
            CountingConnection.looks_at_log += 1
        else:
            # Tortoise writes a placeholder for each value of a list.
            self.seen.append(re.sub(r"\(\$\d+(,\$\d+)*\)", "(…)", logged.query))


async def test_one_item_takes_as_many_statements_as_twenty_four(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PooledConnection", CountingConnection)
    skus = [f"MANY-{n:02}" for n in range(24)]
    async with serving(Settings(database_url=database_url)) as served:
        # With the first look the reader learns of the new catalogue and reads it; with the second
        # it is done.
        seeded = CountingConnection.looks_at_log
        await until(lambda: CountingConnection.looks_at_log >= seeded + 2)

        async def statements(document: str, **variables: Any) -> list[str]:
            CountingConnection.seen.clear()
            await served.ask(document, **variables)
            return sorted(CountingConnection.seen)

        # The page, its total, two questions for availability, the families, and the availability
        # of the variants.
        page = await statements(PAGE, first=24)
        assert len(page) == 6
        assert await statements(PAGE, first=1) == page

        answers = await statements(MANY, skus=skus)
        assert len(answers) == 1
        assert await statements(MANY, skus=skus[:1]) == answers

        assert len(await statements("{ channels { id locations { name } } }")) == 1

        def hold(count: int) -> dict[str, Any]:
            return {"lines": [{"sku": sku, "quantity": 1} for sku in skus[:count]]}

        # The writer has a connection of its own; these are the names and the new answers.
        held = await statements(HOLD, input=hold(24))
        assert len(held) == 2
        assert await statements(HOLD, input=hold(1)) == held
