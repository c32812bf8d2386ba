"""The audit's statements: each finds the rows that break one rule, and a sound ledger has none."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg


class Check(NamedTuple):
    """A rule that must hold, and the statement that finds what breaks it."""

    name: str
    rule: str
    statement: str


# An entry says for good what it says, also of a position that has drifted since. So what is asked
# of single entries is asked from the last correction on; the chain tells what lies before it.
CHECKS = (
    Check(
        "position_is_its_movements",
        "Each position is the sum of its movements.",
        """
        select coalesce(p.sku, m.sku) as sku, coalesce(p.location, m.location) as location,
               p.version
        from position p full join (
            select sku, location, sum(on_hand)::bigint as on_hand,
                   sum(unavailable)::bigint as unavailable, sum(allocated)::bigint as allocated,
                   sum(reserved)::bigint as reserved, sum(backordered)::bigint as backordered,
                   sum(incoming)::bigint as incoming
            from movement group by sku, location
        ) m on m.sku = p.sku and m.location = p.location
        where (p.on_hand, p.unavailable, p.allocated, p.reserved, p.backordered, p.incoming)
              is distinct from
              (m.on_hand, m.unavailable, m.allocated, m.reserved, m.backordered, m.incoming)""",
    ),
    Check(
        "movements_are_counted",
        "The movements of a position are numbered from 1 on without gaps; its version is the last.",
        """
        select coalesce(p.sku, m.sku) as sku, coalesce(p.location, m.location) as location,
               p.version, m.newest, m.entries
        from position p full join (
            select sku, location, count(*) as entries, max(version) as newest,
                   sum(version)::bigint as versions
            from movement group by sku, location
        ) m on m.sku = p.sku and m.location = p.location
        where p.version is distinct from m.newest or m.entries is distinct from m.newest
           or m.versions is distinct from m.entries * (m.entries + 1) / 2""",
    ),
    Check(
        "balance_is_its_movements",
        "Each movement's running balance is the sum of the movements up to it.",
        """
        select sku, location, version, available_after, free from (
            select sku, location, version, available_after,
                   (sum(on_hand - unavailable - allocated - reserved) over up_to_it)::bigint
                       as free,
                   max(version) filter (where kind = 'CORRECTED')
                       over (partition by sku, location) as corrected
            from movement
            window up_to_it as (partition by sku, location order by version)
        ) m where available_after <> free and version >= coalesce(corrected, 0)""",
    ),
    Check(
        "newest_link_is_kept",
        "Each position keeps the link of the chain that its newest movement ends.",
        """
        select p.sku, p.location, p.version from position p left join movement m
            on m.sku = p.sku and m.location = p.location and m.version = p.version
        where m.chain is null or p.chain is distinct from m.chain""",
    ),
    Check(
        "reserved_is_what_is_held",
        "Reserved is what lines hold, allocated and backordered what orders wait for.",
        """
        select coalesce(p.sku, l.sku) as sku, coalesce(p.location, l.location) as location,
               p.reserved, l.held, p.allocated, l.allocated as of_orders, p.backordered,
               l.backordered as waiting
        from position p full join (
            select sku, location, sum(held)::bigint as held,
                   sum(allocated)::bigint as allocated, sum(backordered)::bigint as backordered
            from reservation_line where held + backordered + allocated > 0
            group by sku, location
        ) l on l.sku = p.sku and l.location = p.location
        where (coalesce(p.reserved, 0), coalesce(p.allocated, 0), coalesce(p.backordered, 0))
           <> (coalesce(l.held, 0), coalesce(l.allocated, 0), coalesce(l.backordered, 0))""",
    ),
    Check(
        "incoming_is_open_supply",
        "Incoming is the sum of what open supply lines still promise.",
        """
        select coalesce(p.sku, s.sku) as sku, coalesce(p.location, s.location) as location,
               p.incoming, s.open
        from position p full join (
            select sku, location, sum(quantity - received)::bigint as open
            from supply_line where received < quantity group by sku, location
        ) s on s.sku = p.sku and s.location = p.location
        where coalesce(p.incoming, 0) <> coalesce(s.open, 0)""",
    ),
    Check(
        "shortfall_is_what_is_lacking",
        "Shortfall is exactly what promises exceed stock by, and no more.",
        """
        select sku, location, shortfall, on_hand - unavailable - allocated - reserved as free
        from position
        where shortfall <> greatest(0, -(on_hand - unavailable - allocated - reserved))""",
    ),
    Check(
        "lines_add_up",
        "The parts of a line are not negative and add up to its quantity.",
        """
        select reservation_id, line from reservation_line
        where quantity <> held + backordered + allocated + fulfilled + released + moved
           or least(held, backordered, allocated, fulfilled, released, moved, returned) < 0
           or returned > fulfilled or quantity <= 0""",
    ),
    Check(
        "lines_are_their_movements",
        "What a reservation has at a position is the sum of its movements there.",
        """
        select l.reservation_id, l.sku, l.location from (
            select reservation_id, sku, location, sum(held) as held,
                   sum(backordered) as backordered, sum(allocated) as allocated
            from reservation_line group by reservation_id, sku, location
        ) l full join (
            select reservation_id, sku, location, sum(reserved) as reserved,
                   sum(backordered) as backordered, sum(allocated) as allocated,
                   min(version) as first
            from movement where reservation_id is not null
            group by reservation_id, sku, location
        ) m using (reservation_id, sku, location)
        left join (
            select sku, location, max(version) as version
            from movement where kind = 'CORRECTED' group by sku, location
        ) corrected using (sku, location)
        where (coalesce(l.held, 0), coalesce(l.backordered, 0), coalesce(l.allocated, 0))
           <> (coalesce(m.reserved, 0), coalesce(m.backordered, 0), coalesce(m.allocated, 0))
          and (corrected.version is null or m.first > corrected.version)""",
    ),
    Check(
        "reservation_state_is_its_lines",
        "A hold holds or waits until its end, an order's allocation has something left, and what "
        "has ended has neither and says why.",
        """
        select r.id, r.state, r.ended_reason, l.held, l.backordered, l.allocated, l.fulfilled
        from reservation r left join (
            select reservation_id, count(*) as lines, max(line) + 1 as numbered,
                   max(since_version) as newest, sum(held)::bigint as held,
                   sum(backordered)::bigint as backordered, sum(allocated)::bigint as allocated,
                   sum(fulfilled)::bigint as fulfilled
            from reservation_line group by reservation_id
        ) l on l.reservation_id = r.id
        where l.lines is null or l.lines <> l.numbered or l.newest > r.version
           or case
                when r.state in ('HELD', 'COMMITTED')
                then l.held + l.backordered + l.allocated = 0 or r.ended_reason is not null
                else l.held + l.backordered + l.allocated > 0
              end
           or case r.state
                when 'HELD' then r.order_id is not null or r.expires_at is null
                    or l.allocated + l.fulfilled > 0
                when 'COMMITTED' then r.order_id is null or r.ordered_at is null
                    or (r.expires_at is not null) <> (l.held > 0)
                when 'FULFILLED' then r.order_id is null or r.expires_at is not null
                    or l.fulfilled = 0 or r.ended_reason is not null
                when 'CANCELLED' then r.order_id is null or r.expires_at is not null
                    or l.fulfilled > 0 or r.ended_reason is null
                else r.order_id is not null or l.fulfilled > 0 or r.ended_reason is null
                    or (r.state = 'EXPIRED') <> (r.ended_reason = 'EXPIRED')
              end""",
    ),
    Check(
        "no_line_without_reservation",
        "Each line belongs to a reservation.",
        """
        select l.reservation_id, l.line from reservation_line l
        where not exists (select from reservation r where r.id = l.reservation_id)""",
    ),
    Check(
        "holds_end_in_time",
        "With a live worker nothing stays held five seconds beyond its end.",
        """
        select id, expires_at from reservation
        where state in ('HELD', 'COMMITTED') and expires_at < now() - interval '5 seconds'""",
    ),
)

_COUNTS = """
    select (select count(*) from item) as items,
           (select count(*) from position) as positions,
           (select count(*) from movement) as movements,
           (select count(*) from reservation) as reservations,
           (select count(*) from inbox where state = 'PENDING') as events_pending,
           (select count(*) from inbox where state = 'DEAD') as dead_letters"""

ROWS_SHOWN = 20


async def run_checks(connection: asyncpg.Connection) -> dict[str, list[dict[str, Any]]]:
    """The rows that break each rule, at most 20 a rule."""
    found: dict[str, list[dict[str, Any]]] = {}
    for check in CHECKS:
        rows: Sequence[Any] = await connection.fetch(f"{check.statement} limit {ROWS_SHOWN}")
        found[check.name] = [dict(row) for row in rows]
    return found


async def read_counts(connection: asyncpg.Connection) -> dict[str, int]:
    """How much the audit has looked at."""
    (row,) = await connection.fetch(_COUNTS)
    return dict(row)
