"""What time alone changes: found by the moments at which it falls due, and put into the change log.

Everything is found by an index on its moment, between the moment up to which it was told and now,
so that a pause of any length loses nothing. Whoever tells has the one row of `time_progress`
locked, and moves it on in the same transaction: many may try, and each moment is told once.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.store.database import Database
from hub.store.locations_heard import PART_ITEMS, turn_stale
from hub.store.transactions import run_tx

# A million items may be released at one moment. If that took longer than it may, no moment would
# ever be told again.
_BEGIN = """
    select told_until, now() as now, set_config('statement_timeout', '60s', true)
    from time_progress for update skip locked"""

# What falls due in ($1, $2], with the moment: $3 is how long a hold that is over is left to the
# sweeper, $4 how long those who were told that an item is back have it for themselves, $5 how far
# back forecasts look.
_SOURCES: Final = {
    "releases": """
        select released_at as at, sku from item
        where released_at > $1 and released_at <= $2 order by released_at""",
    "etas": """
        select eta as at, sku from supply_line
        where received < quantity and eta > $1 and eta <= $2 order by eta""",
    "holds": """
        select expires_at + $3 as at, id from reservation
        where state in ('HELD', 'COMMITTED')
          and expires_at > $1::timestamptz - $3 and expires_at <= $2::timestamptz - $3
        order by expires_at""",
    "waves": """
        select told_at + $4 as at, sku from notice told
        where told_at > $1::timestamptz - $4 and told_at <= $2::timestamptz - $4 and exists (
            select from notice n where n.sku = told.sku and n.channel = told.channel
              and n.told_at is null and n.cancelled_at is null)
        order by told_at""",
    "orders": """
        select ordered_at + $5 as at, id from reservation
        where ordered_at > $1::timestamptz - $5 and ordered_at <= $2::timestamptz - $5
        order by ordered_at""",
}


def _typed(statement: str) -> str:
    """The statement with all five parameters in it, whichever it needs."""
    return (
        "with given as (select $1::timestamptz, $2::timestamptz, $3::interval, $4::interval,"
        f" $5::interval) {statement}"
    )


# At most so many moments of each source at a time, but all of what falls due at the last of them.
_LAST = ", ".join(f"(select at from ({one} offset $6 limit 1) last)" for one in _SOURCES.values())  # noqa: S608
_HORIZON = _typed(f"select least($2, {_LAST}) as until")

_TELL = _typed(
    """
    , lapsed as materialized (
        select h.id, l.sku from ({holds}) h join reservation_line l on l.reservation_id = h.id
    ), due as materialized (
        select sku from lapsed union select sku from ({releases}) r
        union select sku from ({etas}) e union select sku from ({waves}) w
    ), outdated as materialized (
        select distinct l.sku from ({orders}) o join reservation_line l on l.reservation_id = o.id
    ), told as (
        insert into change (skus, cause, recorded_at)
        select array_agg(sku), 'TIME', $2 from (
            select sku, (row_number() over (order by sku) - 1) / {part} as part from due) parts
        group by part
        returning 1
    ), ended as (
        insert into change (reservations, cause, recorded_at)
        select array_agg(distinct id), 'TIME', $2 from lapsed having count(*) > 0
        returning 1
    ), forecast as (
        insert into change (forecasts, cause, recorded_at)
        select array_agg(sku), 'TIME', $2 from (
            select sku, (row_number() over (order by sku) - 1) / {part} as part
            from outdated) parts
        group by part
        returning 1
    ), moved as (
        update time_progress set told_until = $2
    )
    select (select count(*) from due) as items, (select count(*) from told)
         + (select count(*) from ended) + (select count(*) from forecast) as rows
    """.format(part=PART_ITEMS, **_SOURCES)  # noqa: S608 - constants in a constant
)

_NEXT = """
    select least(
        (select released_at from item where released_at > $1 order by released_at limit 1),
        (select eta from supply_line where received < quantity and eta > $1 order by eta limit 1),
        (select expires_at + $2 from reservation where state in ('HELD', 'COMMITTED')
           and expires_at > $1::timestamptz - $2::interval order by expires_at limit 1),
        (select clears_at from alert where clears_at > $1 order by clears_at limit 1)
    ) as at"""

# An alert whose cause has been gone for long enough. What was sold out is back only where it can
# be had, and not where it is no longer sold.
_CLEAR = """
    with cleared as (
        update alert set resolved_at = $1, clears_at = null
        where id in (select id from alert where clears_at <= $1 order by clears_at limit $2
                     for update skip locked)
        returning id, kind, sku, channel, facts
    ), back as (
        insert into alert (kind, sku, channel, facts, opened_at, resolved_at)
        select 'BACK_IN_STOCK', c.sku, c.channel, '{}', $1, $1
        from cleared c join listing l on l.channel = c.channel and l.sku = c.sku
        where c.kind = 'OUT_OF_STOCK' and l.status not in ('OUT_OF_STOCK', 'DISCONTINUED')
        returning id
    )
    insert into change (alerts, cause, recorded_at)
    select array_agg(id), 'ALERT', $1
    from (select id from cleared union all select id from back) told having count(*) > 0
    returning cardinality(alerts) as alerts"""


class Delays(NamedTuple):
    """How long after something it is a moment that counts."""

    hold: timedelta
    """Holds that are over are the sweeper's so long: it tells of them sooner."""
    wave: timedelta
    """Those who were told that an item is back have it for themselves so long."""
    forecast: timedelta
    """Orders are part of a forecast so long."""


class Told(NamedTuple):
    """What was told."""

    items: int
    rows: int
    """Of the log."""
    more: bool
    """Whether there is more that has fallen due already."""
    now: datetime
    next_at: datetime | None
    """The next moment that is known of."""


async def tell_what_is_due(database: Database, delays: Delays, most: int) -> Told | None:
    """Put into the log what has fallen due since this was done last, `most` moments of each kind
    at a time. None, and nothing is done, while somebody else is at it."""

    async def work(client: BaseDBAsyncClient) -> Told | None:
        mine = await client.execute_query_dict(_BEGIN)
        if not mine:
            return None
        since, now = mine[0]["told_until"], mine[0]["now"]
        given = [since, now, *delays]
        (horizon,) = await client.execute_query_dict(_HORIZON, [*given, most])
        until = horizon["until"]
        (told,) = await client.execute_query_dict(_TELL, [since, until, *delays])
        # Locations before alerts, as those lock them who hear of counts.
        turned = await turn_stale(client, now)
        cleared = await client.execute_query_dict(_CLEAR, [now, most])
        (next_one,) = await client.execute_query_dict(_NEXT, [now, delays.hold])
        coming = [at for at in (turned.next_at, next_one["at"]) if at is not None]
        rows = told["rows"] + len(cleared) + turned.rows
        more = until < now or any(row["alerts"] >= most for row in cleared)
        return Told(told["items"], rows, more, now, min(coming, default=None))

    return await run_tx(database, work)
