"""The partitions of the ledger by month: made ahead, so that old months can be put away whole.

Where entries of a month lie in the last partition already, they are moved out if they are few; if
they are many, the month is left there. Nothing depends on it: the last partition takes what no
month is made for, and is read and written like the others.
"""

from datetime import datetime
from typing import NamedTuple

import asyncpg

from hub.domain.errors import Unavailable
from hub.store.database import CONNECTION_LOST, DATABASE_BUSY, connection_arguments

MONTHS = 3
"""This month and the next two."""
FEW_ROWS = 10_000
"""So many entries are moved in a moment; nobody notices."""

_ADVISORY_LOCK = 0x48554201
_LOCK_TIMEOUT = "500ms"
_STATEMENT_TIMEOUT = "2s"
"""Everybody who writes movements waits meanwhile, so what cannot be done soon is left."""

_WANTED = """
    select to_char(month, '"movement_"YYYY_MM') as name, month at time zone 'UTC' as first,
           (month + interval '1 month') at time zone 'UTC' as last
    from generate_series(0, $1 - 1) n,
    lateral (select date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))
        m (month)
    where not exists (
        select from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'movement'::regclass
          and c.relname = to_char(month, '"movement_"YYYY_MM'))
    order by month"""

_MANY = """
    select count(*) > $3 from (
        select from movement_rest where recorded_at >= $1 and recorded_at < $2 limit $3 + 1) rows"""


class Partitions(NamedTuple):
    """What became of the months that had no partition."""

    made: list[str]
    left: list[str]
    """To be tried again later: the table was in use, or too much of the month lies elsewhere."""


class _Month(NamedTuple):
    name: str
    first: datetime
    last: datetime
    """The first moment that no longer belongs to it."""


async def keep_partitions(database_url: str) -> Partitions:
    """The same as `ensure_partitions`, on a connection of its own. Raises `Unavailable`."""
    try:
        connection = await asyncpg.connect(**connection_arguments(database_url))
        try:
            return await ensure_partitions(connection)
        finally:
            await connection.close(timeout=2)
    except CONNECTION_LOST as lost:
        raise Unavailable from lost


async def ensure_partitions(connection: asyncpg.Connection) -> Partitions:
    """Make the partitions of this month and the next two where they are missing. Several processes
    may do so at once. The connection must not be in a transaction."""
    report = Partitions([], [])
    for month in await _missing(connection):
        try:
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock($1)", _ADVISORY_LOCK)
                if month not in await _missing(connection):
                    # Another process was faster.
                    continue
                made = await _make(connection, month)
        except (*DATABASE_BUSY, asyncpg.DeadlockDetectedError):
            made = False
        (report.made if made else report.left).append(month.name)
    return report


async def _missing(connection: asyncpg.Connection) -> list[_Month]:
    return [_Month(*row) for row in await connection.fetch(_WANTED, MONTHS)]


async def _make(connection: asyncpg.Connection, month: _Month) -> bool:
    """Make one partition; false where that has to wait."""
    await connection.execute(f"set local lock_timeout = '{_LOCK_TIMEOUT}'")
    await connection.execute(f"set local statement_timeout = '{_STATEMENT_TIMEOUT}'")
    # From here on nobody writes entries, so none can come between the move and the new partition.
    await connection.execute("lock table movement in share row exclusive mode")
    if await connection.fetchval(_MANY, month.first, month.last, FEW_ROWS):
        return False
    await connection.execute(
        f"create table {month.name} (like movement including constraints including defaults)"
    )
    await connection.execute(
        f"""with moved as (
                delete from movement_rest where recorded_at >= $1 and recorded_at < $2 returning *)
            insert into {month.name} select * from moved""",  # noqa: S608 - a name of our making
        month.first,
        month.last,
    )
    await connection.execute(f"alter table {month.name} add primary key (sku, location, version)")
    await connection.execute(
        f"""alter table movement attach partition {month.name}
            for values from ('{month.first.isoformat()}') to ('{month.last.isoformat()}')"""
    )
    return True
