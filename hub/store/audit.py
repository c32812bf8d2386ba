"""The audit's statements: each finds the rows that break one rule, and a sound ledger has none."""

from typing import Any, NamedTuple

from hub.store.database import Database
from hub.store.transactions import run_tx


class Check(NamedTuple):
    """A rule that must hold, and the statement that finds what breaks it."""

    name: str
    rule: str
    statement: str


CHECKS = (
    Check(
        "position_is_its_movements",
        "Each position is the sum of its movements, and its version the number of them.",
        """
        select p.sku, p.location, p.version, m.version as movements
        from position p full join (
            select sku, location, count(*) as entries, max(version) as version,
                   sum(on_hand) as on_hand, sum(unavailable) as unavailable,
                   sum(allocated) as allocated, sum(reserved) as reserved,
                   sum(incoming) as incoming
            from movement group by sku, location
        ) m on m.sku = p.sku and m.location = p.location
        where (p.on_hand, p.unavailable, p.allocated, p.reserved, p.incoming, p.version)
              is distinct from
              (m.on_hand, m.unavailable, m.allocated, m.reserved, m.incoming, m.version)
           or m.entries is distinct from m.version""",
    ),
    Check(
        "balance_is_its_movements",
        "Each movement's running balance is the sum of the movements up to it.",
        """
        select sku, location, version, available_after, free from (
            select sku, location, version, available_after,
                   sum(on_hand - unavailable - allocated - reserved)
                       over (partition by sku, location order by version) as free
            from movement
        ) m where available_after <> free""",
    ),
    Check(
        "reserved_is_what_is_held",
        "Reserved is the sum of what live holds hold, allocated of what orders wait for.",
        """
        select p.sku, p.location, p.reserved, l.held, p.allocated, l.allocated as of_orders
        from position p full join (
            select sku, location, sum(held) as held, sum(allocated) as allocated
            from reservation_line group by sku, location
        ) l on l.sku = p.sku and l.location = p.location
        where coalesce(p.reserved, 0) <> coalesce(l.held, 0)
           or coalesce(p.allocated, 0) <> coalesce(l.allocated, 0)""",
    ),
    Check(
        "incoming_is_open_supply",
        "Incoming is the sum of what open supply lines still promise.",
        """
        select p.sku, p.location, p.incoming, s.open
        from position p full join (
            select sku, location, sum(greatest(quantity - received, 0)) as open
            from supply_line group by sku, location
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
        "reservation_state_is_its_lines",
        "A hold holds, an order's allocation waits for something, and what has ended does neither.",
        """
        select r.id, r.state, sum(l.held) as held, sum(l.allocated) as allocated,
               sum(l.fulfilled) as fulfilled
        from reservation r left join reservation_line l on l.reservation_id = r.id
        group by r.id, r.state
        having count(l.line) = 0
            or (sum(l.held) > 0) <> (r.state = 'HELD')
            or (sum(l.allocated) > 0) <> (r.state = 'COMMITTED')
            or (r.state = 'FULFILLED' and sum(l.fulfilled) = 0)""",
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
        "With a live worker no hold stays held five seconds beyond its end.",
        """
        select id, expires_at from reservation
        where state = 'HELD' and expires_at < now() - interval '5 seconds'""",
    ),
)

ROWS_SHOWN = 20


async def run_checks(database: Database) -> dict[str, list[dict[str, Any]]]:
    """The rows that break each rule, all seen at one moment; at most 20 a rule."""

    async def work(client: Any) -> dict[str, list[dict[str, Any]]]:
        await client.execute_query("set transaction isolation level repeatable read, read only")
        # The whole ledger is read: it takes as long as it takes.
        await client.execute_query("set local statement_timeout = 0")
        found = {}
        for check in CHECKS:
            statement = f"{check.statement} limit {ROWS_SHOWN}"
            found[check.name] = await client.execute_query_dict(statement)
        return found

    return await run_tx(database, work)


async def read_counts(database: Database) -> dict[str, int]:
    """How much the audit has looked at."""
    rows = await database.fetch(
        """select (select count(*) from item) as items,
                  (select count(*) from position) as positions,
                  (select count(*) from movement) as movements,
                  (select count(*) from reservation) as reservations,
                  (select count(*) from inbox where state = 'PENDING') as events_pending,
                  (select count(*) from inbox where state = 'DEAD') as dead_letters"""
    )
    return dict(rows[0])
