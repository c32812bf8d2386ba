"""Writing the outcome of a batch by set-based statements fed with arrays.

One data-modifying statement carries what nearly every batch has (positions, movements, new
reservations, change log, idempotency keys); the rarer rest has statements of its own.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from hub.domain.decide import Outcome
from hub.domain.reservations import Reservation
from hub.store.ledger_rows import columns

_CORE = """
with written as (
    update position p set
        on_hand = v.on_hand, unavailable = v.unavailable, allocated = v.allocated,
        reserved = v.reserved, incoming = v.incoming, shortfall = v.shortfall,
        version = v.version, counted_at = v.counted_at
    from unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::bigint[], $11::timestamptz[], $12::bigint[])
        v (sku, location, on_hand, unavailable, allocated, reserved, incoming, shortfall, version,
           counted_at, version_read)
    where p.sku = v.sku and p.location = v.location and p.version = v.version_read
    returning p.sku, p.location, p.version
), moved as (
    insert into movement
    select m.*, $1 from unnest(
        $13::text[], $14::text[], $15::bigint[], $16::text[], $17::bigint[], $18::bigint[],
        $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::text[], $24::text[],
        $25::text[], $26::uuid[], $27::text[], $28::text[]) m
), held as (
    insert into reservation (id, state, channel, holder, order_id, created_at, expires_at,
                             ended_reason, version)
    select r.id, r.state, r.channel, r.holder, r.order_id, $1, r.expires_at, r.ended_reason,
           r.version
    from unnest($29::uuid[], $30::text[], $31::text[], $32::text[], $33::text[],
                $34::timestamptz[], $35::text[], $36::integer[])
        r (id, state, channel, holder, order_id, expires_at, ended_reason, version)
), lines as (
    insert into reservation_line
    select * from unnest(
        $37::uuid[], $38::smallint[], $39::text[], $40::text[], $41::bigint[], $42::bigint[],
        $43::bigint[], $44::bigint[], $45::bigint[], $46::bigint[])
), keyed as (
    insert into idempotency
    select k.*, $1 from unnest($47::text[], $48::text[], $49::bytea[], $50::text[]) k
), logged as (
    insert into change (kind, sku, location, version, recorded_at)
    select 'position', c.sku, c.location, c.version, $1
    from unnest($2::text[], $3::text[], $10::bigint[]) c (sku, location, version)
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
"""Another process was faster: the same commands, decided anew, will see what it did."""


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
        *columns([(*p[:10], read) for p, read in outcome.positions], 11),
        *columns(outcome.movements, 16),
        *_new_reservations(outcome.created),
        *columns(keyed, 4),
    )
    if written != len(outcome.positions):
        raise LostUpdate(f"{len(outcome.positions) - written} positions changed under their lock")
    if outcome.changed:
        await _change_reservations(connection, outcome.changed, now)
    if outcome.supply_lines:
        rows = [(s.sku, s.location, s.document, s.quantity, s.received, s.eta)
                for s in outcome.supply_lines]  # fmt: skip
        await connection.execute(_SUPPLY_LINES, *columns(rows, 6))


def _new_reservations(created: Sequence[Reservation]) -> list[Sequence[Any]]:
    heads = [
        (r.id, r.state, r.channel, r.holder, r.order, r.expires_at, r.ended_reason, r.version)
        for r in created
    ]
    lines = [(r.id, *line) for r in created for line in r.lines]
    return columns(heads, 8) + columns(lines, 10)


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
