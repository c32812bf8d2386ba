"""Writing the outcome of a batch by set-based statements fed with arrays.

One data-modifying statement carries what nearly every batch has (positions, movements, new
reservations, change log, idempotency keys); the rarer rest has statements of its own.

What every row of a batch has in common, such as the time, is sent once; and what follows from a
movement is not sent at all: a new reservation's lines are the movements that open them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from hub.domain.commands import Idempotency
from hub.domain.decide import Outcome
from hub.domain.position import STORED_COLUMNS, Position
from hub.domain.reservations import Reservation, ReservationLine
from hub.domain.supply import SupplyLine
from hub.store.chain import entries_by_position, link
from hub.store.ledger_rows import columns

# Rows travel as arrays of row types: asyncpg looks at each element of an array to see whether it
# is an array itself, which costs more than to encode it, and a row is one element.
_CORE = """
with written as (
    update position p set
        on_hand = v.on_hand, unavailable = v.unavailable, allocated = v.allocated,
        reserved = v.reserved, backordered = v.backordered, incoming = v.incoming,
        shortfall = v.shortfall, version = v.version, counted_at = v.counted_at,
        counted_through = v.counted_through, chain = v.chain
    from unnest($2::"position"[]) v
    where p.sku = v.sku and p.location = v.location and p.version < v.version
    returning p.sku
), entries as materialized (
    select * from unnest($3::new_movement[])
), moved as (
    insert into movement select e.*, $1 from entries e
), held as (
    insert into reservation
    select n.id, n.state, n.channel, n.holder, n.address, n.stage, n.stage, n.order_id,
           n.ordered_at, n.ttl_seconds, $1, $1 + make_interval(secs => n.ttl_seconds), null, 1,
           n.idempotency_digest, n.request_hash
    from unnest($4::new_reservation[]) n
), lines as (
    insert into reservation_line
    select e.reservation_id, e.opens_line, e.sku, e.location,
           e.reserved + e.backordered + e.allocated, e.reserved, e.backordered, e.allocated,
           0, 0, 0, 0, e.kit, e.document, 1,
           case when e.document is not null then (
               select s.eta from supply_line s
               where s.sku = e.sku and s.location = e.location and s.document = e.document) end
    from entries e where e.opens_line is not null
), keyed as (
    insert into idempotency select k.*, $1 from unnest($5::bytea[], $6::bytea[], $7::text[]) k
), logged as (
    insert into change (skus, reservations, recorded_at)
    select touched.skus, $8::uuid[], $1
    from (select coalesce(array_agg(sku), '{}') as skus from written) touched
    where touched.skus <> '{}' or $8::uuid[] <> '{}'
)
select (select count(*) from written), exists (
    select from unnest($4::new_reservation[]) n, lateral (
        select from idempotency i where i.digest = n.idempotency_digest offset 0) used
) or exists (
    select from unnest($5::bytea[]) k (digest), lateral (
        select from reservation r where r.idempotency_digest = k.digest offset 0) used
)"""

_NEW_POSITIONS = """
    insert into position (sku, location, on_hand, unavailable, allocated, reserved, backordered,
                          incoming, shortfall, version)
    select sku, location, 0, 0, 0, 0, 0, 0, 0, 0
    from unnest($1::text[], $2::text[]) n (sku, location)"""

_CHANGED_RESERVATIONS = """
    update reservation r set
        state = v.state, stage = v.stage, order_id = v.order_id, ordered_at = v.ordered_at,
        expires_at = v.expires_at, ended_reason = v.ended_reason, version = v.version
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
                $6::timestamptz[], $7::text[], $8::integer[])
        v (id, state, stage, order_id, ordered_at, expires_at, ended_reason, version)
    where r.id = v.id"""

_LINE_FIELDS = ReservationLine._fields

_CHANGED_LINES = f"""
    insert into reservation_line (reservation_id, {", ".join(_LINE_FIELDS)})
    select * from unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::bigint[],
        $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
        $12::bigint[], $13::text[], $14::text[], $15::integer[], $16::timestamptz[])
    on conflict (reservation_id, line) do update set
        quantity = excluded.quantity, held = excluded.held, backordered = excluded.backordered,
        allocated = excluded.allocated, fulfilled = excluded.fulfilled,
        released = excluded.released, moved = excluded.moved, returned = excluded.returned,
        document = excluded.document, promised_at = excluded.promised_at"""  # noqa: S608

_SUPPLY_LINES = """
    insert into supply_line (sku, location, document, quantity, received, eta, told_at)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
                         $6::timestamptz[], $7::timestamptz[])
    on conflict (sku, location, document) do update set
        quantity = excluded.quantity, received = excluded.received, eta = excluded.eta,
        told_at = excluded.told_at"""


class KeyedOutcome(NamedTuple):
    """What an idempotency key is answered from now on."""

    digest: bytes
    request_hash: bytes
    outcome: str


class LostUpdate(Exception):
    """A position was written by somebody who did not hold its lock."""


class KeyUsedBefore(Exception):
    """An idempotency key of a new reservation has been answered before."""


KEY_USED = asyncpg.UniqueViolationError

OVERTAKEN = (
    KEY_USED,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    LostUpdate,
    KeyUsedBefore,
)
"""Somebody was faster, or has used an idempotency key before: the same commands, decided anew,
will see what he did."""


async def write_outcome(
    connection: asyncpg.Connection,
    outcome: Outcome,
    keys: Mapping[str, Idempotency],
    keyed: Sequence[KeyedOutcome],
    now: datetime,
) -> list[Position]:
    """Write all of a batch inside the transaction that holds its locks; the touched positions as
    they are then.

    `keys` are the idempotency keys of new reservations, by reservation; `keyed` all others.
    """
    # In key order, as locks are taken: two processes that insert the same keys must not cross.
    new = sorted((p.sku, p.location) for p, version_read in outcome.positions if version_read == 0)
    if new:
        await connection.execute(_NEW_POSITIONS, *columns(new, 2))
    entries = entries_by_position(outcome.movements)
    positions = [p._replace(chain=link(p.chain, entries[p.key], now)) for p, _ in outcome.positions]
    links = {position.key: position.chain for position in positions}
    last = {position.key: position.version for position in positions}
    written = await connection.fetchrow(
        _CORE,
        now,
        [position[:STORED_COLUMNS] for position in positions],
        [
            (*m, links[m.sku, m.location] if m.version == last[m.sku, m.location] else None)
            for m in outcome.movements
        ],
        [new_reservation_row(r, keys.get(r.id)) for r in outcome.created],
        *columns(keyed, 3),
        list(dict.fromkeys(r.id for r in (*outcome.created, *outcome.changed))),
    )
    assert written is not None
    if written[0] != len(positions):
        raise LostUpdate
    if written[1]:
        raise KeyUsedBefore
    if outcome.changed:
        await _change_reservations(connection, outcome.changed)
    if outcome.supply_lines:
        fields = len(SupplyLine._fields)
        await connection.execute(_SUPPLY_LINES, *columns(outcome.supply_lines, fields))
    return positions


def new_reservation_row(reservation: Reservation, key: Idempotency | None) -> tuple[Any, ...]:
    """A reservation as a `new_reservation`."""
    r = reservation
    digests = (None, None) if key is None else (key.digest, key.request_hash)
    return (r.id, r.state, r.channel, r.holder, r.address, r.stage, r.order, r.ordered_at,
            r.ttl_seconds, *digests)  # fmt: skip


async def _change_reservations(
    connection: asyncpg.Connection, changed: Sequence[Reservation]
) -> None:
    heads = [
        (r.id, r.state, r.stage, r.order, r.ordered_at, r.expires_at, r.ended_reason, r.version)
        for r in changed
    ]
    lines = [(r.id, *line) for r in changed for line in r.lines]
    await connection.execute(_CHANGED_RESERVATIONS, *columns(heads, 8))
    await connection.execute(_CHANGED_LINES, *columns(lines, len(_LINE_FIELDS) + 1))
