"""When each location was last heard of: its newest count, and since when that is too old.

The rules say how old it may be. What turns is told of the items that lie there: their answers rest
on that count.
"""

# ruff: noqa: S608 - constants in constants

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.position import Position
from hub.store.database import Database

PART_ITEMS: Final = 1_000
"""Items that one row of the log names."""

# In one order, as everybody takes locks; what is known already is not written again.
_HEAR = """
    insert into location_heard (location, counted_at)
    select location, max(counted_at) from unnest($1::text[], $2::timestamptz[])
        heard (location, counted_at)
    group by location order by location
    on conflict (location) do update set counted_at = excluded.counted_at
    where location_heard.counted_at < excluded.counted_at"""

_DUE_AT = "h.counted_at + make_interval(secs => rule.seconds)"

_RULED = """
    location_heard h
    left join policy own on own.id = 'location:' || h.location
    left join policy every on every.id = 'global:'
    cross join lateral (
        select coalesce(own.stale_count_seconds, every.stale_count_seconds) as seconds) rule"""

_TURNING = f"(h.stale_since is not null) is distinct from coalesce({_DUE_AT} <= $1, false)"

_TURNS = f"select from {_RULED} where {_TURNING} limit 1"

# They are locked in the order in which those lock them who hear of counts, and are as those left
# them.
_TURN = f"""
    with turning as materialized (
        select h.location, {_DUE_AT} as due_at from {_RULED} where {_TURNING}
        order by h.location for update of h
    ), turned as (
        update location_heard h
        set stale_since = case when turning.due_at <= $1 then turning.due_at end
        from turning where turning.location = h.location
        returning h.location, h.stale_since, h.counted_at
    ), silent as (
        insert into alert (kind, location, facts, opened_at)
        select 'STALE_COUNTS', location,
               jsonb_build_object('date', to_jsonb(counted_at), 'since', to_jsonb(stale_since)), $1
        from turned where stale_since is not null
        on conflict (sku, kind, channel, location, document, source) where resolved_at is null
        do nothing
        returning id
    ), heard as (
        update alert a set resolved_at = $1, clears_at = null
        from turned t
        where a.kind = 'STALE_COUNTS' and a.sku = '' and a.location = t.location
          and a.resolved_at is null and t.stale_since is null
        returning a.id
    ), revised as (
        update rules_revision set revision = revision + 1 where exists (select from turned)
    ), parts as (
        select sku, (row_number() over (order by sku) - 1) / {PART_ITEMS} as part
        from (select distinct s.sku from turned t join listing_stock s on s.location = t.location) i
    )
    insert into change (skus, alerts, cause, recorded_at)
    select array_agg(sku), '{{}}', 'TIME', $1 from parts group by part
    union all
    select '{{}}', array(select id from silent union all select id from heard), 'TIME', $1
    where exists (select from turned)
    returning 1"""

_NEXT = f"select min({_DUE_AT}) as at from {_RULED} where {_DUE_AT} > $1"


class Turned(NamedTuple):
    """What was told of locations."""

    rows: int
    """Of the log."""
    next_at: datetime | None
    """When the next location will be stale, as far as is known."""


async def read_stale_locations(database: Database) -> dict[str, datetime]:
    """The locations that have owed a count for too long, and since when."""
    rows = await database.fetch(
        "select location, stale_since from location_heard where stale_since is not null"
    )
    return {row["location"]: row["stale_since"] for row in rows}


async def hear_counts(client: BaseDBAsyncClient, positions: Iterable[Position]) -> None:
    """Note the counts of these positions as the newest of their locations, where they are."""
    heard = [(one.location, one.counted_at) for one in positions if one.counted_at is not None]
    if heard:
        await client.execute_query(_HEAR, [list(column) for column in zip(*heard, strict=True)])


async def turn_stale(client: BaseDBAsyncClient, now: datetime) -> Turned:
    """Tell which locations have become stale by now, or are no longer. A location may have a
    million items: the transaction must give its statements the time."""
    told: list[dict[str, Any]] = []
    turning, _ = await client.execute_query(_TURNS, [now])
    if turning:
        told = await client.execute_query_dict(_TURN, [now])
    (row,) = await client.execute_query_dict(_NEXT, [now])
    return Turned(len(told), row["at"])
