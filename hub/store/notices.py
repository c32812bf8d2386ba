"""Notices: who asked to hear that an item is back, in the order in which they asked.

A notice is given once: it is marked and put into the change log by one statement. How many are
given at a time depends on how many units there are; who was told has them for himself for a while.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from tortoise.backends.base.client import BaseDBAsyncClient

from hub.domain.notices import Notice
from hub.store.database import Database

MOST_AT_ONCE: Final = 1_000
"""Notices of an item and channel that are given at a time."""
FORGET_ROWS: Final = 5_000
"""Notices that are removed by one statement."""

_COLUMNS: Final = ", ".join(f"n.{name}" for name in Notice._fields)

_WAITS: Final = "n.told_at is null and n.cancelled_at is null"

# Where as many were told as are told at a time, the item is looked at again for the rest.
_TELL = f"""
    with back as materialized (
        select b.sku, b.channel, b.units,
               floor(b.units * $4::float8)::bigint - coalesce((
                   select sum(n.quantity) from notice n
                   where n.sku = b.sku and n.channel = b.channel
                     and n.told_at > now() - $5::interval
               ), 0) as room
        from unnest($1::text[], $2::text[], $3::bigint[]) b (sku, channel, units)
        where exists (select from notice n
                      where n.sku = b.sku and n.channel = b.channel and {_WAITS})
    ), line as (
        select n.id, back.room,
               sum(n.quantity) over (partition by n.sku, n.channel order by n.place) as reached
        from back, lateral (
            select n.id, n.sku, n.channel, n.place, n.quantity from notice n
            where n.sku = back.sku and n.channel = back.channel and n.quantity <= back.units
              and {_WAITS}
            order by n.place limit {MOST_AT_ONCE}
        ) n
    ), told as (
        update notice n set told_at = now()
        where {_WAITS} and n.id in (select id from line where reached <= room)
        returning n.id, n.sku, n.channel
    ), more as (
        select sku from told group by sku, channel having count(*) = {MOST_AT_ONCE}
    )
    insert into change (skus, notices, cause, recorded_at)
    select array(select distinct sku from more), array_agg(id), 'NOTICE', now()
    from told having count(*) > 0"""  # noqa: S608

# The item is looked at once this is committed: it may have come back meanwhile.
_ADD = """
    with added as (
        insert into notice (id, sku, channel, quantity, reference, owner, holder, address,
                            created_at)
        values ($1::uuid, $2, $3, $4, $5, $6, $7, $8, now())
        on conflict (sku, channel, owner, reference)
            where told_at is null and cancelled_at is null do nothing
        returning sku
    ), logged as (
        insert into change (skus, cause, recorded_at)
        select array[sku], 'NOTICE', now() from added
    )
    select count(*) as added from added"""

_WAITING = f"""
    select id from notice n
    where n.sku = $1 and n.channel = $2 and n.owner = $3 and n.reference = $4
      and {_WAITS}"""  # noqa: S608

_CANCEL = """
    update notice set cancelled_at = now()
    where id = $1::uuid and told_at is null and cancelled_at is null"""

_KNOWN = "select 1 from notice where id = $1::uuid"

_LIVE = f"""
    select (select count(*) from (select from notice n where n.holder = $1 and {_WAITS}
                                  limit $3) h) as of_holder,
           (select count(*) from (select from notice n where n.address = $2 and {_WAITS}
                                  limit $4) a) as of_address"""  # noqa: S608

_FORGET = """
    with gone as (
        delete from notice where id in (
            select id from notice
            where told_at < now() - $1::interval or cancelled_at < now() - $1::interval limit $2)
        returning 1)
    select count(*) as rows from gone"""

_LOCK = "select pg_advisory_xact_lock(1852797027, hashtext($1))"
"""1852797027 is "noti": who counts somebody's notices and adds to them keeps others from it."""


class NewNotice(NamedTuple):
    """A wish to hear that an item is back, and whose it is."""

    id: str
    sku: str
    channel: str
    quantity: int
    reference: str
    owner: str
    holder: str | None
    address: str | None


class Live(NamedTuple):
    """How many notices somebody waits for."""

    of_holder: int
    of_address: int


async def tell_notices(
    client: BaseDBAsyncClient,
    units: Mapping[tuple[str, str], int],
    factor: float,
    wave: timedelta,
) -> None:
    """Give notice of items, by sku and channel, of which so many units can be ordered: to the first
    in line, `factor` times as many as there are, less those who were told within a `wave`."""
    if units:
        skus, channels = zip(*units, strict=True)
        values = [list(skus), list(channels), list(units.values()), factor, wave]
        await client.execute_query(_TELL, values)


async def add_notice(client: BaseDBAsyncClient, new: NewNotice) -> str:
    """Stand in line, or stay where one stands already; the id of the notice that one waits for."""
    subject = [new.sku, new.channel, new.owner, new.reference]
    while True:
        (row,) = await client.execute_query_dict(_ADD, list(new))
        if row["added"]:
            return new.id
        waiting = await client.execute_query_dict(_WAITING, subject)
        # If there is none, it was given or cancelled in between.
        if waiting:
            return str(waiting[0]["id"])


async def cancel_notice(client: BaseDBAsyncClient, id: str) -> bool:
    """Leave the line, if one stands in it; whether there is such a notice at all."""
    await client.execute_query(_CANCEL, [id])
    return bool(await client.execute_query_dict(_KNOWN, [id]))


async def live_notices(
    client: BaseDBAsyncClient,
    holder: str | None,
    address: str | None,
    most_of_holder: int | None,
    most_of_address: int | None,
) -> Live:
    """How many notices they wait for, counted up to one more than they may; nobody else adds to
    them before the transaction ends."""
    # In one order, as everybody takes locks.
    limited = {(holder, most_of_holder), (address, most_of_address)}
    for who in sorted(who for who, most in limited if who is not None and most is not None):
        await client.execute_query(_LOCK, [who])
    values = [holder, address, (most_of_holder or 0) + 1, (most_of_address or 0) + 1]
    (row,) = await client.execute_query_dict(_LIVE, values)
    return Live(**row)


async def read_notices(database: Database, ids: Iterable[str]) -> list[Notice]:
    """The notices that exist among `ids`, in the order in which they were asked for."""
    rows = await database.fetch(
        f"select {_COLUMNS} from notice n where n.id = any($1::uuid[]) order by n.place",  # noqa: S608
        [list(ids)],
    )
    return [_notice(row) for row in rows]


async def forget_notices(database: Database, older: timedelta) -> int:
    """Remove notices that were given or cancelled so long ago; how many those were."""
    forgotten = 0
    while rows := (await database.fetch(_FORGET, [older, FORGET_ROWS]))[0]["rows"]:
        forgotten += rows
    return forgotten


def _notice(row: Mapping[str, Any]) -> Notice:
    return Notice(**{**row, "id": str(row["id"])})
