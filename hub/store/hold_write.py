"""Writing new holds that were decided ahead of any lock: one statement, one transaction.

What was decided is sent without saying where in the ledger it stands, so it matters little what
else has moved since: the statement locks each position, in the order in which everybody locks
them, and goes on where enough would stay free. It numbers the entries and forges the links of the
chains from what it finds there. Whatever else was decided on is checked at its end, and an error
undoes all of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from hub.domain.commands import Idempotency
from hub.domain.ledger import Ledger
from hub.domain.position import PositionKey
from hub.domain.values import Quantity
from hub.store.chain import content, entries_by_position
from hub.store.ledger_write import new_reservation_row

# The time is that of the statement, which is not before its transaction's start: `audit_chain`
# relies on it. The link is what `chain.link` says. Entries find what stood at their position before
# by its number, in arrays and in one string of all links (of 32 bytes each): a join of two lists
# without statistics would look at each pair.
_HOLDS = """
with clock as materialized (
    select now, int8send((extract(epoch from now) * 1000000)::bigint) as micros
    from (select clock_timestamp() as now) c
), taken as (
    update position p set
        reserved = p.reserved + v.units, version = p.version + v.entries,
        chain = sha256(p.chain || v.content || int8send(p.version)
                       || int8send(p.on_hand - p.unavailable - p.allocated - p.reserved)
                       || (select micros from clock))
    from (select * from unnest($2::holds_at_position[]) with ordinality
              h (sku, location, units, entries, must_stay, content, number)
          order by h.sku, h.location) v
    where p.sku = v.sku and p.location = v.location and p.backordered = 0
      and p.on_hand - p.unavailable - p.allocated - p.reserved - v.units >= v.must_stay
    returning v.number, p.sku, p.location, v.entries, p.version - v.entries as version_before,
              p.on_hand - p.unavailable - p.allocated - p.reserved + v.units as free_before,
              p.chain, clock_timestamp() as locked_at
), found as materialized (
    select array_agg(sku) as skus, count(chain) as positions,
           array_agg(version_before) as version, array_agg(free_before) as free,
           array_agg(entries) as entries, string_agg(chain, '') as chains,
           min(locked_at) as locked_at
    from (select * from taken order by number) t
), entries as materialized (
    select h.sku, h.location, f.version[h.position] + h.place as version, h.units,
           f.free[h.position] - h.units_so_far as available_after, h.actor, h.source_event,
           h.reservation_id, h.kit, h.opens_line,
           case when h.place = f.entries[h.position]
                then substring(f.chains from (h.position - 1) * 32 + 1 for 32) end as chain
    from unnest($3::new_hold[]) h, found f
), moved as (
    insert into movement
    select e.sku, e.location, e.version, 'RESERVED', 0, 0, 0, e.units, 0, 0, e.available_after,
           'reserve', e.actor, e.source_event, e.reservation_id, null, null, null, e.kit,
           e.opens_line, e.chain, (select now from clock)
    from entries e
), held as (
    insert into reservation
    select n.id, n.state, n.channel, n.holder, n.address, n.stage, n.stage, n.order_id,
           n.ordered_at, n.ttl_seconds, $1::timestamptz,
           $1 + make_interval(secs => n.ttl_seconds), null, 1, n.idempotency_digest,
           n.request_hash
    from unnest($4::new_reservation[]) n
    returning id, idempotency_digest
), lines as (
    insert into reservation_line
    select e.reservation_id, e.opens_line, e.sku, e.location, e.units, e.units, 0, 0, 0, 0, 0, 0,
           e.kit, null, 1, null
    from entries e
), logged as (
    insert into change (skus, reservations, recorded_at)
    select f.skus, (select array_agg(id) from held), (select now from clock) from found f
)
select check_holds(f.positions, $5, $6, $1, (select array_agg(idempotency_digest) from held),
                   $7, $8, $9, $10),
       extract(epoch from f.locked_at - c.now)::float8
from found f, clock c"""


class NewHolds(NamedTuple):
    """The arguments of the statement."""

    decided_at: datetime
    positions: Sequence[Sequence[Any]]
    entries: Sequence[Sequence[Any]]
    reservations: Sequence[Sequence[Any]]
    expected: int
    rules_revision: int
    holders: Sequence[str]
    """Those of whom there may be no more live holds than this afterwards."""
    max_holds_per_holder: int | None
    addresses: Sequence[str]
    max_holds_per_address: int | None


def new_holds(
    ledger: Ledger,
    must_stay: Mapping[PositionKey, Quantity],
    keys: Iterable[Idempotency | None],
    now: datetime,
    rules_revision: int,
) -> NewHolds:
    """What to write of a ledger in which nothing was booked but new holds. `must_stay` are the
    units that they leave free at each position; `keys` the idempotency keys, in their order."""
    positions: list[Sequence[Any]] = []
    entries: list[Sequence[Any]] = []
    for number, (key, moved) in enumerate(entries_by_position(ledger.movements).items(), 1):
        units = 0
        for place, m in enumerate(moved, 1):
            units += m.reserved
            entries.append((number, place, m.reserved, units, *key, m.actor, m.source_event,
                            m.reservation, m.kit, m.opens_line))  # fmt: skip
        positions.append((*key, units, len(moved), must_stay[key], content(moved)))
    reservations = [
        new_reservation_row(reservation, key)
        for reservation, key in zip(ledger.created.values(), keys, strict=True)
    ]
    facts = ledger.facts
    return NewHolds(
        now,
        positions,
        entries,
        reservations,
        len(positions),
        rules_revision,
        list(facts.holds_of_holder),
        facts.max_holds_per_holder,
        list(facts.holds_of_address),
        facts.max_holds_per_address,
    )


async def write_holds(connection: asyncpg.Connection, holds: NewHolds) -> float:
    """Write and commit; the seconds until the first position was locked. Raises one of
    `OVERTAKEN` where not all that was decided on holds any more; then nothing is written."""
    written = await connection.fetchrow(_HOLDS, *holds)
    assert written is not None
    seconds: float = written[1]
    return seconds
