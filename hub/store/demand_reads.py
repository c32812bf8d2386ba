"""What orders have taken lately, from the newest entries of the ledger."""

from collections.abc import Iterable

from hub.domain.demand import WINDOW_DAYS, Demand
from hub.domain.values import LocationId, Sku
from hub.store.database import Database

MAX_ENTRIES = 300
"""As many entries of a position as are looked at, the newest: where there were more within the
window, the window of the item is shorter. They hold some hundred orders, which is enough to tell a
rate, and a page of items is still read in a moment."""

# Per position the primary key is walked from its newest end. Units that wait for supply are
# allocated once it comes. A parcel from another location than planned is given back at the one and
# leaves at the other, where nothing was allocated before.
_DEMAND = """
    with entry as materialized (
        select p.sku, m.*, count(*) over position as seen, min(recorded_at) over position as oldest
        from position p, lateral (
            select m.location, m.kind, m.allocated, m.on_hand, m.recorded_at from movement m
            where m.sku = p.sku and m.location = p.location
            order by m.version desc
            limit $4
        ) m
        where p.sku = any($1::text[]) and p.location = any($2::text[])
        window position as (partition by p.sku, p.location)
    ), since as (
        select sku, greatest(now() - make_interval(days => $3),
                             max(oldest) filter (where seen = $4)) as since
        from entry group by sku
    )
    select e.sku, extract(epoch from now() - s.since)::float / 86400 as days,
           count(*) filter (where kind in ('ALLOCATED', 'FILLED')) as orders,
           sum(case kind when 'SHIPPED' then allocated - on_hand else allocated end)::bigint
               as units
    from entry e join since s on s.sku = e.sku
    where e.recorded_at >= s.since
      and e.kind in ('ALLOCATED', 'DEALLOCATED', 'FILLED', 'SHIPPED')
    group by e.sku, s.since"""


async def read_demand(
    database: Database, skus: Iterable[Sku], locations: Iterable[LocationId]
) -> dict[Sku, Demand]:
    """The demand that each item met at these locations, together; none for those left out."""
    values = [list(skus), list(locations), WINDOW_DAYS, MAX_ENTRIES]
    rows = await database.fetch(_DEMAND, values)
    return {row["sku"]: Demand(row["units"], row["orders"], row["days"]) for row in rows}
