"""The number of SQL statements of a query does not grow with the items it asks for."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asyncpg.connection import LoggedQuery

from hub.settings import Settings
from hub.store import database
from tests.integration.graphql.conftest import SEED, Served, serving, until

PAGE = """
    query ($first: Int!) {
      items(first: $first, filter: {category: "things"}) {
        totalCount
        edges { node {
          sku
          availability { quantity message { text } breakdown { locations { onHand } } }
          inStore: availability(scope: {channel: "store"}, quantity: 2) { canFulfil }
          variants(first: 29) { sku availability { quantity } }
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
CLAIMS = """
    query ($first: Int!) { claims(sku: "MANY-00", first: $first) {
      edges { node { line { held } reservation { holder lines { item { name } } } } }
    } }
"""
SHORTFALLS = """
    query ($first: Int!) { shortfalls(first: $first) {
      edges { node { affected { units reservation { holder lines { item { name } } } } } }
    } }
"""


ITSELF = "availability { item { name } }"
OF_EACH_ITEM = {
    "availability { quantity promise { quantity } jsonLd googleAvailabilityDate }": 1,
    ITSELF: 2,
    "variants { sku }": 1,
    # All of the family at once: items, families, answers.
    "alternatives(always: true) { item { sku } availability { quantity } differsIn }": 3,
    # The item's own answer first, which says that it is out.
    "alternatives(quantity: 99, withUnavailable: true) { reason item { sku } }": 4,
    "availability(quantity: 99) { alternatives(withUnavailable: true) { item { sku } } }": 5,
    # In stock: nothing else is looked for.
    "alternatives { item { sku } }": 1,
    "reservations(first: 2) { edges { node { line { held } } } }": 1,
    "reservations { edges { node { reservation { holder } } } }": 2,
    "movements(first: 2) { pageInfo { hasNextPage } edges { node { kind } } }": 1,
    'movements(location: "BER") { edges { cursor } }': 1,
    # What there is, and what was ordered.
    "forecast { demandPerDay orderedUnits lastsUntil }": 2,
    # What is asked for at the same time is read once.
    'forecast(scope: {channel: "store"}) { windowDays } availability { quantity }': 2,
    # Each question for itself.
    "few: movements(first: 1) { edges { cursor } } many: movements { edges { cursor } }": 2,
}
"""What is selected of each item of a list, and the statements that it takes beside the list's."""


class CountingConnection(database._PooledConnection):
    """Notes each statement that goes to the server, but for those that come by themselves: of the
    change log's reader, and of the look for holds that have lapsed."""

    seen: list[str] = []  # noqa: RUF012 - one list for all connections of the pool is meant
    looks_at_log = 0

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.add_query_logger(self._note)

    async def _note(self, logged: LoggedQuery) -> None:
        if "pg_current_snapshot" in logged.query:
            CountingConnection.looks_at_log += 1
        elif "r.expires_at <= c.now" in logged.query:
            return
        elif "typeinfo_tree" not in logged.query and "'jit'" not in logged.query:
            # A connection looks at each type once, when it first meets it.
            # Tortoise writes a placeholder for each value of a list.
            self.seen.append(re.sub(r"\(\$\d+(,\$\d+)*\)", "(…)", logged.query))


async def test_one_item_takes_as_many_statements_as_twenty_four(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PooledConnection", CountingConnection)
    skus = [f"MANY-{n:02}" for n in range(24)]
    # Nothing is kept, so that each read is a cold one; and the whole of a family may be asked for.
    settings = Settings(database_url=database_url, max_cached_items=0, max_operation_points=2_000)
    async with serving(settings) as served:
        # With the first look the reader learns of the new catalogue and reads it; with the second
        # it is done.
        seeded = CountingConnection.looks_at_log
        await until(lambda: CountingConnection.looks_at_log >= seeded + 2)

        async def statements(document: str, **variables: Any) -> list[str]:
            CountingConnection.seen.clear()
            await served.ask(document, **variables)
            return sorted(CountingConnection.seen)

        # The page, its total, the items of two questions for availability, the families, and the
        # items of the variants.
        page = await statements(PAGE, first=24)
        assert len(page) == 5
        # The total is known from then on; the page is no less for it.
        (total,) = (statement for statement in page if "as passed" in statement)
        page.remove(total)
        assert await statements(PAGE, first=1) == page
        assert await statements(PAGE, first=24) == page

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


async def test_a_page_of_claims_or_shortfalls_is_one_statement_whatever_its_length(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_PooledConnection", CountingConnection)
    settings = Settings(database_url=database_url, max_cached_items=0)
    async with serving(settings) as served:
        seeded = CountingConnection.looks_at_log
        await until(lambda: CountingConnection.looks_at_log >= seeded + 2)
        for number in range(9):
            line = {"sku": f"MANY-{number // 3:02}", "quantity": 1}
            await served.ask(HOLD, input={"lines": [line]})
        for number in range(3):
            await served.count(f"MANY-{number:02}", 0)

        async def statements(document: str, first: int) -> list[str]:
            CountingConnection.seen.clear()
            data = await served.ask(document, first=first)
            (connection,) = data.values()
            assert len(connection["edges"]) == min(first, 3)
            return sorted(CountingConnection.seen)

        for document in (CLAIMS, SHORTFALLS):
            # The page, the reservations of all its claims, and the names of all their items.
            page = await statements(document, 3)
            assert len(page) == 3
            assert await statements(document, 1) == page


@pytest.fixture
async def counted(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    """A hub whose statements are counted, with enough and a hold of each of many items."""
    monkeypatch.setattr(database, "_PooledConnection", CountingConnection)
    settings = Settings(database_url=database_url, max_cached_items=0)
    async with serving(settings) as served:
        seeded = CountingConnection.looks_at_log
        await until(lambda: CountingConnection.looks_at_log >= seeded + 2)
        for number in range(24):
            await served.count(f"MANY-{number:02}", 40)
            await served.ask(HOLD, input={"lines": [{"sku": f"MANY-{number:02}", "quantity": 1}]})
        yield served


async def test_each_relation_of_items_takes_its_statements_however_many_items(
    counted: Served,
) -> None:
    async def statements(document: str, **variables: Any) -> int:
        CountingConnection.seen.clear()
        await counted.ask(document, **variables)
        return len(CountingConnection.seen)

    for selection, expected in OF_EACH_ITEM.items():
        page = f"""query ($first: Int!) {{ items(first: $first, filter: {{category: "things"}}) {{
            edges {{ node {{ {selection} }} }} }} }}"""
        for number in (1, 2, 24):
            assert await statements(page, first=number) == 1 + expected, (selection, number)
        nodes = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Item {{ {selection} }} }} }}"
        for number in (1, 2, 24):
            ids = [f"Item:MANY-{place:02}" for place in range(number)]
            # Items that were asked for by id are known already.
            known = selection == ITSELF
            assert await statements(nodes, ids=ids) == 1 + expected - known, (selection, number)


async def test_what_is_asked_for_by_many_ids_is_one_statement_of_each_kind(
    counted: Served,
) -> None:
    held = await counted.services.claims.of_items(
        SEED, [f"MANY-{n:02}" for n in range(24)], None, 1, None
    )
    ids = [page.nodes[0].reservation for page in held.values()]
    for number in (1, 2, 24):
        items = [f"Item:MANY-{place:02}" for place in range(number)]
        for document, asked, expected in (
            ("query ($ids: [ID!]!) { reservations(ids: $ids) { state } }", ids[:number], 1),
            ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids[:number], 1),
            ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", items, 1),
            ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", [*ids[:number], *items], 2),
        ):
            CountingConnection.seen.clear()
            (found,) = (await counted.ask(document, ids=asked)).values()
            assert None not in found
            assert len(CountingConnection.seen) == expected, (document, number)
