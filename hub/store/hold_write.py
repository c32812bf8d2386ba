"""Writing new holds that were decided ahead of any lock: one statement, one transaction.

The statement is its own proof. It locks the positions in the order in which everybody locks them,
and goes on only where the newest link of each chain, which stands for all that ever moved there,
is the one that was decided on. Everything else it could disagree with ends it as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from hub.domain.commands import Idempotency
from hub.domain.decide import Outcome
from hub.domain.movements import Movement
from hub.domain.position import Position, PositionKey
from hub.store.chain import links_of
from hub.store.ledger_write import new_reservation_row

# The chain is compared where the new values are made: they are made again of a row as another
# transaction left it, where a condition of the search would be judged by the row before. Where it
# is another, nothing is taken and the new chain is null; the check at the end, which comes before
# the entries, lets nothing of all this happen.
_HOLDS = """
with entries as materialized (
    select * from unnest($2::new_hold[])
), stepped as (
    update position p set
        reserved = p.reserved + case when p.chain = v.chain_before then v.units else 0 end,
        version = v.version,
        chain = case when p.chain = v.chain_before then v.chain end
    from (select * from unnest($3::position_step[]) s order by s.sku, s.location) v
    where p.sku = v.sku and p.location = v.location
    returning p.sku, p.chain
), moved as (
    insert into movement
    select e.sku, e.location, e.version, 'RESERVED', 0, 0, 0, e.units, 0, 0, e.available_after,
           'reserve', e.actor, e.source_event, e.reservation_id, null, null, null, e.kit,
           e.opens_line, e.chain, $1
    from entries e
), held as (
    insert into reservation
    select n.id, n.state, n.channel, n.holder, n.address, n.stage, n.stage, n.order_id,
           n.ordered_at, n.ttl_seconds, $1, $1 + make_interval(secs => n.ttl_seconds), null, 1,
           n.idempotency_digest, n.request_hash
    from unnest($4::new_reservation[]) n
    returning idempotency_digest
), lines as (
    insert into reservation_line
    select e.reservation_id, e.opens_line, e.sku, e.location, e.units, e.units, 0, 0, 0, 0, 0, 0,
           e.kit, null, 1, null
    from entries e
), logged as (
    insert into change (skus, reservations, recorded_at)
    select array_agg(sku), '{}', $1 from stepped
)
select check_holds((select count(chain) from stepped), $5, $6, $1,
                   (select array_agg(idempotency_digest) from held))"""


class NewHolds(NamedTuple):
    """The rows of a batch of holds, and the positions as they stand once they are written."""

    rows: tuple[Any, ...]
    positions: list[Position]


def new_holds(
    outcome: Outcome,
    before: Mapping[PositionKey, Position],
    keys: Mapping[str, Idempotency],
    now: datetime,
    rules_revision: int,
) -> NewHolds:
    """What to write of an outcome that is nothing but new holds on the positions `before`. `keys`
    are their idempotency keys, by reservation."""
    links = links_of(outcome, now)
    positions = [position._replace(chain=links[position.key]) for position, _ in outcome.positions]
    last = {position.key: position.version for position in positions}
    steps = [_step(before[position.key], position) for position in positions]
    entries = [
        _entry(m, links[m.sku, m.location] if m.version == last[m.sku, m.location] else None)
        for m in outcome.movements
    ]
    reservations = [new_reservation_row(r, keys.get(r.id)) for r in outcome.created]
    return NewHolds((now, entries, steps, reservations, len(steps), rules_revision), positions)


async def write_holds(connection: asyncpg.Connection, holds: NewHolds) -> None:
    """Write and commit. Raises one of `OVERTAKEN` where something has changed since the positions
    were read; then nothing is written."""
    await connection.fetchval(_HOLDS, *holds.rows)


def _step(before: Position, after: Position) -> Sequence[Any]:
    units = after.reserved - before.reserved
    return (after.sku, after.location, units, after.version, before.chain, after.chain)


def _entry(m: Movement, link: bytes | None) -> Sequence[Any]:
    return (m.sku, m.location, m.version, m.reserved, m.available_after, m.actor, m.source_event,
            m.reservation, m.kit, m.opens_line, link)  # fmt: skip
