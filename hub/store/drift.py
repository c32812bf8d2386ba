"""Where positions have drifted from the rest of the ledger, part by part.

Movements are the truth for what is on hand and unavailable, the lines of reservations for what is
reserved, allocated and backordered, supply lines for what is incoming.
"""

from typing import NamedTuple

import asyncpg

from hub.domain.values import LocationId, Quantity, Sku

_DRIFT = """
    select k.sku, k.location, part.* from (
        select sku, location, sum(on_hand)::bigint as on_hand,
               sum(unavailable)::bigint as unavailable, sum(allocated)::bigint as allocated,
               sum(reserved)::bigint as reserved, sum(backordered)::bigint as backordered,
               sum(incoming)::bigint as incoming, max(version) as version
        from movement group by sku, location
    ) m full join (
        select sku, location, sum(held)::bigint as held, sum(allocated)::bigint as allocated,
               sum(backordered)::bigint as backordered
        from reservation_line where held + backordered + allocated > 0
        group by sku, location
    ) l using (sku, location) full join (
        select sku, location, sum(quantity - received)::bigint as open
        from supply_line where received < quantity group by sku, location
    ) s using (sku, location) full join position p using (sku, location),
    lateral (select sku, location, coalesce(m.on_hand, 0) as on_hand,
                    greatest(coalesce(m.unavailable, 0), 0) as unavailable,
                    coalesce(l.allocated, 0) as allocated, coalesce(l.held, 0) as held) k,
    lateral (values
        (1, 'on_hand', p.on_hand, m.on_hand, k.on_hand),
        (2, 'unavailable', p.unavailable, m.unavailable, k.unavailable),
        (3, 'allocated', p.allocated, m.allocated, k.allocated),
        (4, 'reserved', p.reserved, m.reserved, k.held),
        (5, 'backordered', p.backordered, m.backordered, coalesce(l.backordered, 0)),
        (6, 'incoming', p.incoming, m.incoming, coalesce(s.open, 0)),
        (7, 'shortfall', p.shortfall, null,
         greatest(0, -(k.on_hand - k.unavailable - k.allocated - k.held))),
        (8, 'version', p.version, m.version, m.version)
    ) part (ordinal, part, position, movements, truth)
    where part.part <> 'version' and (
            coalesce(part.position, 0) <> part.truth
            or part.part <> 'shortfall' and coalesce(part.movements, 0) <> part.truth)
       or part.part = 'version' and coalesce(p.version, 0) < m.version
    order by k.sku, k.location, part.ordinal"""


class Drift(NamedTuple):
    """A part of a position that is not what the rest of the ledger says. Quantities are in
    thousandths; of `version` they are numbers of movements."""

    sku: Sku
    location: LocationId
    part: str
    position: Quantity | None
    """What the position says; None where there is none."""
    movements: Quantity | None
    """What its movements sum up to; None where there are none, or where they say nothing of it."""
    truth: Quantity


async def read_drift(connection: asyncpg.Connection) -> list[Drift]:
    """Every part of every position that has drifted, by item and location."""
    rows = await connection.fetch(_DRIFT)
    return [Drift(row[0], row[1], *row[3:]) for row in rows]
