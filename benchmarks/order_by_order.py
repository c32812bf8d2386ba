"""The baseline of the replay: the same log, one transaction with row locks per order.

It keeps positions and order lines; no inbox, no ledger, no change log, and it ships and returns
nothing, so its time is what the mere booking of the orders costs.
"""

import time
from pathlib import Path

import asyncpg

from hub.domain.values import UNIT
from hub.store.database import connection_arguments
from workers.orders.online_retail import RetailLog
from workers.orders.retail_survey import survey

_TABLES = """
    create table baseline_position (
        sku text primary key, on_hand bigint not null, allocated bigint not null
    ) with (fillfactor = 50);
    create table baseline_order_line (
        order_id text not null, sku text not null, quantity bigint not null,
        primary key (order_id, sku)
    )"""

_OPEN = """
    insert into baseline_position
    select sku, units, 0 from unnest($1::text[], $2::bigint[]) o (sku, units)"""

_LOCK = "select sku from baseline_position where sku = any($1::text[]) order by sku for update"

_UPDATE = """
    update baseline_position p set allocated = p.allocated + l.quantity
    from unnest($1::text[], $2::bigint[]) l (sku, quantity) where p.sku = l.sku"""

_INSERT = """
    insert into baseline_order_line
    select $1, sku, quantity from unnest($2::text[], $3::bigint[]) l (sku, quantity)"""


async def book_orders(database_url: str, path: Path) -> float:
    """Lines of the log per second, its first pass included as the replay's is."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute(_TABLES)
        started = time.perf_counter()
        found = survey(path)
        await connection.execute(_OPEN, list(found.opening), list(found.opening.values()))
        log = RetailLog(path, found)
        for step in log.steps():
            for event in step.events:
                if event["type"] == "order.placed":
                    await _book(connection, event["data"])
        return log.tally.lines_read / (time.perf_counter() - started)
    finally:
        await connection.close()


async def _book(connection: asyncpg.Connection, order: dict[str, object]) -> None:
    lines = order["lines"]
    assert isinstance(lines, list)
    skus = [line["sku"] for line in lines]
    quantities = [line["quantity"] * UNIT for line in lines]
    async with connection.transaction():
        await connection.execute(_LOCK, skus)
        await connection.execute(_UPDATE, skus, quantities)
        await connection.execute(_INSERT, order["order"], skus, quantities)
