"""How many rows the database looks at for a page and a total, among 20,000 items: a handful,
whether or not the planner knows the values."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import asyncpg
import pytest

from hub.store.database import Database, connection_arguments
from hub.store.item_pages import BOUND_WHERE_DEAR, Place, count_items, read_page
from hub.store.item_walks import Wanted
from hub.store.item_words import read_words
from tests.waiting import eventually

# Every other item is blue, a fifth a phone (which all stand together), and seven are unicorns.
ITEMS = """
    insert into item (sku, name, category, discontinued, unit, quantity_step, attributes)
    select 'S-' || n,
           case when n % 5 = 0 then 'Phone ' else chr(97 + n % 26) || ' thing ' end || n
           || case when n % 2 = 0 then ' blue' else '' end
           || case when n % 3000 = 1 then ' unicorn' else '' end,
           case when n % 2 = 1 then 'half' else 'c' || n % 100 end,
           n % 1000 = 1, 'piece', 1000, '{}'
    from generate_series(1, 20000) n"""
LISTING = """
    insert into listing (channel, sku, name, category, status, low, counted_at)
    select channel, sku, name, category,
           case when n % 1000 = 3 then 'OUT_OF_STOCK' when n % 20 = 4 then 'LIMITED_AVAILABILITY'
                else 'IN_STOCK' end,
           n % 20 = 4, now()
    from (select *, substr(sku, 3)::int as n from item) i, unnest(array['store', 'web']) channel"""
STOCK = """
    insert into listing_stock (location, sku, name, category, counted_at)
    select location, sku, name, category, now() from item, unnest(array['AMS', 'BER']) location"""

CLEANED_UP = """
    select bool_and(relallvisible = relpages) from pg_class
    where relname in ('item', 'item_word', 'listing', 'listing_stock')"""

FILTERS = {
    "all": ("", Wanted()),
    "category": ("", Wanted(category="half")),
    "discontinued": ("", Wanted(discontinued=True)),
    "common word": ("blue", Wanted()),
    "words that stand together": ("phone", Wanted()),
    "two words that meet late": ("phone blue", Wanted()),
    "rare word": ("unicorn", Wanted()),
    "status": ("", Wanted(channel="web", statuses=("IN_STOCK",))),
    "statuses": ("", Wanted(channel="web", statuses=("IN_STOCK", "OUT_OF_STOCK"))),
    "rare status": ("", Wanted(channel="web", statuses=("OUT_OF_STOCK",))),
    "low": ("", Wanted(channel="web", low=True)),
    "category and status": ("", Wanted(channel="web", category="half", statuses=("IN_STOCK",))),
    "word and status": ("blue", Wanted(channel="web", statuses=("IN_STOCK",))),
    "location": ("", Wanted(location="BER")),
    "location and status": ("", Wanted(location="BER", channel="web", statuses=("IN_STOCK",))),
}
PAGE = 25
ROWS_OF_A_PAGE = 12 * PAGE
"""The walk, the items themselves, and what was looked up or passed on the way."""
ROWS_OF_A_TOTAL = 4 * (BOUND_WHERE_DEAR + 1)
"""Two walks, and what was looked up on them."""


class Noted(Database):
    """Notes statements in place of asking them."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Sequence[Any]]] = []

    async def fetch(self, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        self.asked.append((statement, values))
        return [{"passed": 0, "matching": 0}] if "as passed" in statement else []


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(**connection_arguments(database_url))
    for statement in (ITEMS, LISTING, STOCK):
        await opened.execute(statement)

    async def cleaned_up() -> bool:
        # Whoever looks at the database meanwhile, as autovacuum does, keeps some rows from it.
        await opened.execute("vacuum analyze")
        return bool(await opened.fetchval(CLEANED_UP))

    await eventually(cleaned_up, within_seconds=20)
    yield opened
    await opened.close()


async def test_a_page_looks_at_few_rows_whatever_it_is_filtered_by(
    connection: asyncpg.Connection, database_url: str
) -> None:
    database = Database(database_url)
    await database.open()
    try:
        for name, (text, wanted) in FILTERS.items():
            words = await read_words(database, text) if text else ()
            for after in (None, Place("M", "M")):
                noted = Noted()
                await read_page(
                    noted,
                    wanted._replace(words=words),
                    by_name=True,
                    descending=False,
                    after=after,
                    limit=PAGE,
                )
                for way in ("force_custom_plan", "force_generic_plan"):
                    rows = await looked_at(connection, way, *noted.asked[0])
                    assert 0 < rows <= ROWS_OF_A_PAGE, (name, after, way, rows)
            noted = Noted()
            await count_items(noted, wanted._replace(words=words))
            rows = await looked_at(connection, "force_custom_plan", *noted.asked[0])
            assert 0 < rows <= ROWS_OF_A_TOTAL, (name, rows)
    finally:
        await database.close()


async def looked_at(
    connection: asyncpg.Connection, way: str, statement: str, values: Sequence[Any]
) -> int:
    """Rows that the scans of a statement come by."""
    await connection.execute(f"set plan_cache_mode = {way}")
    await connection.execute(f"prepare asked as {statement}")
    given = f"({', '.join(map(literal, values))})" if values else ""
    told = await connection.fetchval(f"explain (analyze, format json) execute asked{given}")
    await connection.execute("deallocate asked")
    return sum(
        round((node["Actual Rows"] + removed(node)) * node["Actual Loops"])
        for node in nodes(json.loads(told)[0]["Plan"])
        if "Relation Name" in node
    )


def removed(node: dict[str, Any]) -> float:
    return sum(float(node.get(f"Rows Removed by {why}", 0)) for why in ("Filter", "Index Recheck"))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def literal(value: Any) -> str:
    if isinstance(value, list):
        return f"array[{', '.join(map(literal, value))}]::text[]"
    return "'" + str(value).replace("'", "''") + "'"
