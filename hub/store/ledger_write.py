"""Writing the outcome of a batch by set-based statements fed with arrays.

One data-modifying statement carries what nearly every batch has (positions, movements, new
reservations, change log, idempotency keys); the rarer rest has statements of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from hub.domain.decide import Outcome
from hub.domain.reservations import Reservation
from hub.store.ledger_rows import columns

# Rows travel as arrays of the tables' own row types: asyncpg looks at each element of an array to
# see whether it is an array itself, which costs more than to encode it, and a row is one element.
_CORE = """
with written as (
    update position p set
        on_hand = v.on_hand, unavailable = v.unavailable, allocated = v.allocated,
        reserved = v.reserved, incoming = v.incoming, shortfall = v.shortfall,
        version = v.version, counted_at = v.counted_at
    from unnest($2::"position"[]) v
    where p.sku = v.sku and p.location = v.location and p.version < v.version
    returning p.sku, p.location, p.version
), moved as (
    insert into movement select * from unnest($3::movement[])
), held as (
    insert into reservation select * from unnest($4::reservation[])
), lines as (
    insert into reservation_line select * from unnest($5::reservation_line[])
), keyed as (
    insert into idempotency select * from unnest($6::idempotency[])
), logged as (
    insert into change (kind, sku, location, version, recorded_at)
    select 'position', sku, location, version, $1 from unnest($2::"position"[])
)
select count(*) from written"""

_NEW_POSITIONS = """
    insert into position
    select sku, location, 0, 0, 0, 0, 0, 0, 0, null
    from unnest($1::text[], $2::text[]) n (sku, location)"""

_CHANGED_RESERVATIONS = """
with written as (
    update reservation r set
        state = v.state, order_id = v.order_id, expires_at = v.expires_at,
        ended_reason = v.ended_reason, version = v.version
    from unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::integer[])
        v (id, state, order_id, expires_at, ended_reason, version)
    where r.id = v.id
    returning r.id, r.version
)
insert into change (kind, reservation_id, version, recorded_at)
select 'reservation', id, version, $1 from written"""

_CHANGED_LINES = """
    update reservation_line l set
        held = v.held, allocated = v.allocated, fulfilled = v.fulfilled, released = v.released,
        returned = v.returned
    from unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bigint[],
                $6::bigint[], $7::bigint[])
        v (id, line, held, allocated, fulfilled, released, returned)
    where l.reservation_id = v.id and l.line = v.line"""

_SUPPLY_LINES = """
    insert into supply_line (sku, location, document, quantity, received, eta)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
                         $6::timestamptz[])
    on conflict (sku, location, document) do update set
        quantity = excluded.quantity, received = excluded.received, eta = excluded.eta"""


class KeyedOutcome(NamedTuple):
    """What an idempotency key is answered from now on."""

    principal: str
    key: str
    request_hash: bytes
    outcome: str


class LostUpdate(Exception):
    """A position was written by somebody who did not hold its lock."""


OVERTAKEN = (
    asyncpg.UniqueViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    LostUpdate,
)
"""Somebody was faster, or has used an idempotency key before: the same commands, decided anew,
will see what he did."""


async def write_outcome(
    connection: asyncpg.Connection,
    outcome: Outcome,
    keyed: Sequence[KeyedOutcome],
    now: datetime,
) -> None:
    """Write all of a batch inside the transaction that holds its locks."""
    # In key order, as locks are taken: two processes that insert the same keys must not cross.
    new = sorted((p.sku, p.location) for p, version_read in outcome.positions if version_read == 0)
    if new:
        await connection.execute(_NEW_POSITIONS, *columns(new, 2))
    written = await connection.fetchval(
        _CORE,
        now,
        [position[:10] for position, _ in outcome.positions],
        [(*movement, now) for movement in outcome.movements],
        [reservation[:9] for reservation in outcome.created],
        [(r.id, *line) for r in outcome.created for line in r.lines],
        [(*outcome_of_key, now) for outcome_of_key in keyed],
    )
    if written != len(outcome.positions):
        raise LostUpdate
    if outcome.changed:
        await _change_reservations(connection, outcome.changed, now)
    if outcome.supply_lines:
        rows = [(s.sku, s.location, s.document, s.quantity, s.received, s.eta)
                for s in outcome.supply_lines]  # fmt: skip
        await connection.execute(_SUPPLY_LINES, *columns(rows, 6))


async def _change_reservations(
    connection: asyncpg.Connection, changed: Sequence[Reservation], now: datetime
) -> None:
    heads = [(r.id, r.state, r.order, r.expires_at, r.ended_reason, r.version) for r in changed]
    lines = [
        (r.id, line.line, line.held, line.allocated, line.fulfilled, line.released, line.returned)
        for r in changed
        for line in r.lines
    ]
    await connection.execute(_CHANGED_RESERVATIONS, now, *columns(heads, 6))
    await connection.execute(_CHANGED_LINES, *columns(lines, 7))
