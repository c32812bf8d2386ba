"""A year of history for the ledger, put in at once: what a hub has after ten million movements.

Each item was counted once and has been reserved and released ever since, so that its position is
the sum of its movements, as the audit wants it.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Final

import asyncpg

from hub.domain.values import UNIT
from hub.store.database import connection_arguments

CHUNK: Final = 500_000
"""Movements a statement, so that one sees how it goes on."""
YEAR: Final = timedelta(days=365)

# Items take turns, as in life: entry n belongs to item n modulo their number.
_MOVEMENTS: Final = """
    insert into movement (
        sku, location, version, kind, on_hand, unavailable, allocated, reserved, backordered,
        incoming, available_after, cause, actor, reservation_id, recorded_at)
    select sku, $2, version,
           case when version = 1 then 'COUNTED' when held then 'RESERVED' else 'RELEASED' end,
           case when version = 1 then $3::bigint else 0 end, 0, 0,
           case when version = 1 then 0 when held then $4::bigint else -$4::bigint end, 0, 0,
           case when held then $3 - $4 else $3 end,
           case when version = 1 then 'set_stock' when held then 'reserve' else 'release' end,
           'benchmark', case when version > 1 then gen_random_uuid() end,
           $5::timestamptz + n * $6::interval
    from generate_series($7::bigint, $8::bigint) n,
    lateral (select ($1::text[])[1 + n % cardinality($1)] as sku,
                    n / cardinality($1) + 1 as version,
                    n / cardinality($1) % 2 = 1 as held) entry"""

_POSITIONS: Final = """
    insert into position (
        sku, location, on_hand, unavailable, allocated, reserved, backordered, incoming,
        shortfall, version)
    select sku, $2, $3, 0, 0, 0, 0, 0, 0, $4 from unnest($1::text[]) sku"""


async def put_past(
    database_url: str,
    skus: Sequence[str],
    location: str,
    on_hand: int,
    movements: int,
    tell: Callable[[int], None],
) -> None:
    """Fill an empty ledger with at least so many movements, spread over the last year, that leave
    `on_hand` of each item. `tell` hears how many there are so far."""
    # The first one counts and all others come in pairs.
    of_each = movements // len(skus) // 2 * 2 + 1
    total = of_each * len(skus)
    began = datetime.now(UTC) - YEAR
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        await connection.execute("set synchronous_commit = off")
        await _make_months(connection, began.date())
        await connection.execute(_POSITIONS, skus, location, on_hand, of_each)
        for first in range(0, total, CHUNK):
            tell(first)
            last = min(first + CHUNK, total) - 1
            await connection.execute(
                _MOVEMENTS, skus, location, on_hand, UNIT, began, YEAR / total, first, last
            )
        # What the server would do some time later must not fall into what is measured.
        await connection.execute("vacuum (analyze) movement")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _make_months(connection: asyncpg.Connection, first: date) -> None:
    """A partition for each month of the past that has none yet."""
    month = first.replace(day=1)
    while month <= datetime.now(UTC).date():
        following = (month + timedelta(days=31)).replace(day=1)
        name = f"movement_{month:%Y_%m}"
        with suppress(asyncpg.DuplicateTableError):  # the hub has made it before
            await connection.execute(
                f"create table {name} partition of movement "
                f"for values from ('{month}') to ('{following}')"
            )
            await connection.execute(f"alter table {name} add primary key (sku, location, version)")
        month = following
