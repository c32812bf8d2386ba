"""A shop of any size, put in at once: items with stock at three locations, sold in one channel.

One in twenty items is sold out and one has few units left, so that answers differ as in a shop.
"""

from typing import Final

import asyncpg

from benchmarks.stage import hub_on
from hub.bootstrap import Services
from hub.domain.policies import Channel
from hub.domain.principal import trusted
from hub.services.catalogue import LocationInfo
from hub.store.database import connection_arguments

LOCATIONS: Final = ("BER", "HAM", "MUC")
CATEGORIES: Final = tuple(f"category-{number:02}" for number in range(20))
COLOURS: Final = (
    "amber", "birch", "cobalt", "dusk", "ember", "fjord", "granite", "hazel", "ivory", "jade",
)  # fmt: skip
THINGS: Final = (
    "armchair", "basket", "candle", "desk", "easel", "frame", "globe", "hammock", "icebox", "jug",
)  # fmt: skip
_PRINCIPAL: Final = trusted("benchmark")

# One in twenty items has a category, one in a hundred a colour and thing. Neither these nor what is
# in stock follow from each other.
_ITEMS: Final = """
    insert into item (sku, name, family, category, unit, quantity_step, discontinued, attributes)
    select 'ITEM-' || lpad(n::text, 7, '0'),
           initcap(($2::text[])[1 + n % 10]) || ' ' || ($3::text[])[1 + n / 10 % 10] || ' ' || n,
           'family-' || n / 5, ($4::text[])[1 + n / 20 % 20], 'piece', 1000, false, '{}'
    from generate_series($5::int, $1::int - 1) n"""

_POSITIONS: Final = """
    insert into position (
        sku, location, on_hand, unavailable, allocated, reserved, backordered, incoming,
        shortfall, version)
    select 'ITEM-' || lpad(n::text, 7, '0'), location,
           1000 * case n % 20 when 0 then 0 when 1 then 1 else 5 + (n * 7 + place * 13) % 40 end,
           0, 0, 0, 0, 0, 0, 1
    from generate_series($3::int, $1::int - 1) n,
         unnest($2::text[]) with ordinality l (location, place)"""

PERIOD: Final = 40
"""Items whose stock is the same but for the first, the second, and so on of the next as many."""

# What the hub found of the first items holds for those that have the same stock.
_LISTING: Final = """
    insert into listing (channel, sku, name, category, status, low, counted_at)
    select l.channel, i.sku, i.name, i.category, l.status, l.low, l.counted_at
    from listing l
    join item i on right(i.sku, 7)::int % $1 = right(l.sku, 7)::int
    where right(i.sku, 7)::int >= $1"""
_LISTING_STOCK: Final = """
    insert into listing_stock (location, sku, name, category, counted_at)
    select l.location, i.sku, i.name, i.category, l.counted_at
    from listing_stock l
    join item i on right(i.sku, 7)::int % $1 = right(l.sku, 7)::int
    where right(i.sku, 7)::int >= $1"""


def sku_of(number: int) -> str:
    """The sku of an item by its number: all are of the same length."""
    return f"ITEM-{number:07}"


async def put_assortment(database_url: str, items: int) -> None:
    """Fill an empty database. Only the stock writer of the hub makes movements, so there are none
    behind these positions: what is measured on them reads or goes on from here."""
    first = min(items, PERIOD)
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        async with hub_on(database_url) as services:
            await _put_rules(services)
            await _put_items(connection, 0, first)
            while not (await services.listing_projection.step()).idle:
                pass
        await connection.execute("set synchronous_commit = off")
        await _put_items(connection, first, items)
        for statement in (_LISTING, _LISTING_STOCK):
            await connection.execute(statement, PERIOD)
        # What the server would do some time later must not fall into what is measured.
        for table in ("item", "item_word", "position", "listing", "listing_stock"):
            await connection.execute(f"vacuum (analyze) {table}")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _put_rules(services: Services) -> None:
    locations = [LocationInfo(location, location) for location in LOCATIONS]
    await services.catalogue.put_locations(_PRINCIPAL, locations)
    channel = Channel("web", "Web shop", "en", "EUR", LOCATIONS)
    await services.catalogue.put_channels(_PRINCIPAL, [channel], default="web")


async def _put_items(connection: asyncpg.Connection, first: int, until: int) -> None:
    await connection.execute(_ITEMS, until, COLOURS, THINGS, CATEGORIES, first)
    await connection.execute(_POSITIONS, until, LOCATIONS, first)
