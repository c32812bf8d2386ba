"""The projections that pages of items are filtered by: reading what is new for them, and writing.

They are written with the cursor they have come to in one transaction, and only by whoever knows the
turn: two workers that meet do no harm to each other.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.listing import NEVER_COUNTED, Listed
from hub.domain.position import Position
from hub.store.database import Database
from hub.store.log_cursor import END_OF_LOG, MARK_AT_CURSOR, NEWS, OUTSIDE, LogCursor
from hub.store.transactions import Transaction, run_tx

FORGET_ROWS = 5_000
"""Rows of a channel that is gone, removed by one statement."""

_NEWS = f"""
    with news as materialized (
        select skus, rules, recorded_at from change where {NEWS} limit $3::int + 1
    )
    select log.*, told.*, now() as now,
           (select count(*) from news) as rows,
           (select min(recorded_at) from news) as oldest,
           (select revision from rules_revision) as revision,
           array(select distinct changed.sku from news, unnest(skus) changed (sku)) as changed,
           array(select sku from item where released_at > $2 and released_at <= now()) as released
    from ({END_OF_LOG}) log cross join ({MARK_AT_CURSOR}) told
"""  # noqa: S608 - the parts are constants

_MOVE_ON = """
    update listing_progress
    set cursor = $2, rules = $3, released_until = $4, sweep_after = $5, turn = turn + 1
    where turn = $1 returning turn"""

# What is the same stays untouched: most changes of stock change neither status nor mark.
_WRITE_LISTING = """
    with written as (
        insert into listing (channel, sku, name, category, status, low, counted_at)
        select v.channel, v.sku, i.name, i.category, v.status, v.low, v.counted_at
        from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::timestamptz[])
               v (channel, sku, status, low, counted_at)
        join item i on i.sku = v.sku
        left join listing l on l.channel = v.channel and l.sku = v.sku
        where l.sku is null
           or (l.name, l.category, l.status, l.low, l.counted_at)
              is distinct from (i.name, i.category, v.status, v.low, v.counted_at)
        on conflict (channel, sku) do update set
          name = excluded.name, category = excluded.category, status = excluded.status,
          low = excluded.low, counted_at = excluded.counted_at
        returning 1)
    select count(*) as rows from written"""

_WRITE_STOCK = """
    insert into listing_stock (location, sku, name, category, counted_at)
    select v.location, v.sku, i.name, i.category, v.counted_at
    from unnest($1::text[], $2::text[], $3::timestamptz[]) v (location, sku, counted_at)
    join item i on i.sku = v.sku
    left join listing_stock s on s.location = v.location and s.sku = v.sku
    where s.sku is null
       or (s.name, s.category, s.counted_at) is distinct from (i.name, i.category, v.counted_at)
    on conflict (location, sku) do update set
      name = excluded.name, category = excluded.category, counted_at = excluded.counted_at"""

_REMOVE_STOCK = """
    delete from listing_stock s using unnest($1::text[], $2::text[]) v (location, sku)
    where s.location = v.location and s.sku = v.sku"""

# One look at the index for each channel, not at each row.
_CHANNELS = """
    with recursive known as (
        (select channel from listing order by channel limit 1)
        union all
        select (select l.channel from listing l where l.channel > known.channel
                order by l.channel limit 1)
        from known where known.channel is not null
    )
    select channel from known where channel is not null"""

_FORGET = """
    with gone as (
        delete from listing where (channel, sku) in (
            select channel, sku from listing where channel = $1 limit $2)
        returning 1)
    select count(*) as rows from gone"""


class Progress(NamedTuple):
    """How far the projections have come."""

    cursor: str
    """Of the change log: what came before is in them."""
    rules: bytes
    """Digest of the rules they were made by."""
    released_until: datetime
    """Releases up to this moment are in them."""
    sweep_after: str | None
    """All items behind this one still have to be gone through; None when that is done."""
    turn: int


class News(NamedTuple):
    """What may have changed the projections since, and the cursor behind it."""

    cursor: str
    now: datetime
    rows: int
    oldest: datetime | None
    """When the first of the changes was recorded."""
    revision: int
    changed: list[str]
    released: list[str]
    is_complete: bool
    """Whether these are all that changed."""


async def read_progress(database: Database) -> Progress:
    """How far they have come."""
    (row,) = await database.fetch("select * from listing_progress")
    return Progress(**row)


async def read_news(
    database: Database, cursor: str, released_until: datetime, most_rows: int
) -> News:
    """The items that were changed or released since. They are not all where there are more than
    `most_rows` in the log, or where it is another log than the cursor's."""
    after = LogCursor.parse(cursor) or OUTSIDE
    (row,) = await database.fetch(_NEWS, [after.snapshot, released_until, most_rows])
    return News(
        LogCursor.at_end(row).text,
        row["now"],
        row["rows"],
        row["oldest"],
        row["revision"],
        row["changed"],
        row["released"],
        is_complete=after.is_of(row) and row["rows"] <= most_rows,
    )


async def read_skus_behind(database: Database, sku: str, limit: int) -> list[str]:
    """The next items in the order of their skus."""
    rows = await database.fetch(
        "select sku from item where sku > $1 order by sku limit $2", [sku, limit]
    )
    return [row["sku"] for row in rows]


async def write_listing(
    database: Database,
    turn: int,
    progress: Progress,
    listed: Sequence[Listed],
    positions: Iterable[Position],
    write_more: Callable[[Transaction], Awaitable[None]],
) -> int | None:
    """Write what is new of these items, and how far that brings us; how many rows of `listing`
    were new. `write_more` writes in the same transaction what else follows from them. None, and
    nothing is written, when somebody else has moved on since `turn`."""
    stocked: list[Position] = []
    empty: list[Position] = []
    for position in positions:
        (stocked if position.on_hand > 0 else empty).append(position)

    async def work(client: BaseDBAsyncClient) -> int | None:
        moved = await client.execute_query_dict(_MOVE_ON, [turn, *progress[:-1]])
        if not moved:
            return None
        rows = 0
        if listed:
            # In one order, as everybody takes locks.
            columns = zip(*sorted(listed), strict=True)
            written = await client.execute_query_dict(
                _WRITE_LISTING, [list(column) for column in columns]
            )
            rows = written[0]["rows"]
        if stocked:
            await client.execute_query_dict(
                _WRITE_STOCK,
                [
                    [position.location for position in stocked],
                    [position.sku for position in stocked],
                    [position.counted_at or NEVER_COUNTED for position in stocked],
                ],
            )
        if empty:
            await client.execute_query_dict(
                _REMOVE_STOCK,
                [[position.location for position in empty], [position.sku for position in empty]],
            )
        await write_more(client)
        return rows

    return await run_tx(database, work)


async def forget_channels(database: Database, known: Iterable[str]) -> None:
    """Remove the rows of channels that no longer exist, a stretch at a time."""
    present = {row["channel"] for row in await database.fetch(_CHANNELS)}
    for channel in sorted(present.difference(known)):
        while (await database.fetch(_FORGET, [channel, FORGET_ROWS]))[0]["rows"]:
            pass
