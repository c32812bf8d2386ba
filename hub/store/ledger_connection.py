"""The writer's own connection: lock the positions, read what belongs to them, write the outcome.

Lock order lives here and in `hold_write`: positions, by sku and location, nothing but positions.
Whatever changes a reservation, a supply line or an order holds the positions of its lines.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from hub.domain.commands import SetStock
from hub.domain.item import Item
from hub.domain.ledger import Books, Watermark
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine
from hub.store.database import connection_arguments
from hub.store.ledger_rows import (
    ITEM_SQL,
    POSITION_COLUMNS,
    RESERVATION_SQL,
    SUPPLY_COLUMNS,
    columns,
    item_from,
    position_from,
    reservations_from,
    supply_line_from,
)

# The rows come out as they are locked, so the clock of the last one is later than every lock.
_LOCK = f"""
    with locked as materialized (
        select {POSITION_COLUMNS}
        from unnest($1::text[], $2::text[]) k (sku, location)
        join position p on p.sku = k.sku and p.location = k.location
        order by p.sku, p.location
        for update of p
    )
    select l.*, clock_timestamp() as now, (select revision from rules_revision) as revision
    from (select 1) one left join locked l on true"""  # noqa: S608 - the columns are a constant

_POSITIONS = f"""
    select {POSITION_COLUMNS}, k.sku, k.location, clock_timestamp()
    from unnest($1::text[], $2::text[]) k (sku, location)
    left join position p on p.sku = k.sku and p.location = k.location"""  # noqa: S608

# One index probe a key, whatever the planner thinks: lateral, with offset 0.
_KNOWN = """
    select k.ordinal, known.request_hash, known.outcome, known.reservation_id, known.first_stage
    from unnest($1::bytea[]) with ordinality k (digest, ordinal),
    lateral (
        (select i.request_hash, i.outcome, null::uuid as reservation_id,
                null as first_stage
         from idempotency i where i.digest = k.digest offset 0)
        union all
        (select r.request_hash, null, r.id, r.first_stage
         from reservation r where r.idempotency_digest = k.digest offset 0)
    ) known"""

_LINES_OF_RESERVATIONS = """
    select r.id, r.channel, l.sku, l.location
    from reservation r join reservation_line l on l.reservation_id = r.id
    where r.id = any($1::uuid[]) or r.order_id = any($2::text[])"""

_LAPSED = """
    select r.id from reservation r
    where r.state in ('HELD', 'COMMITTED') and r.expires_at <= now() and exists (
        select from reservation_line l where l.reservation_id = r.id and l.sku = any($1::text[]))
      and r.id <> all($2::uuid[])
    order by r.expires_at limit 1000"""

_OWN_HOLDS = """
    select r.id from reservation r
    where r.state = 'HELD' and r.holder = any($1::text[]) and r.expires_at > now()
      and r.id <> all($2::uuid[]) and exists (
        select from reservation_line l
        where l.reservation_id = r.id and l.held > 0 and l.sku = any($3::text[]))
    order by r.created_at limit 1000"""

_LIVE_HOLDS = """
    select '{0}' as what, r.{0} as who, count(*) as holds from reservation r
    where r.state = 'HELD' and r.{0} = any({1}::text[]) and r.expires_at > now()
    group by r.{0}"""

_HOLD_COUNTS = (
    f"{_LIVE_HOLDS.format('holder', '$1')} union all {_LIVE_HOLDS.format('address', '$2')}"
)

_WAITING = """
    select r.id from reservation r where r.id in (
        select l.reservation_id from reservation_line l
        where l.sku = any($1::text[]) and l.backordered > 0)
    order by r.created_at, r.id limit 5000"""

_SUPPLY = f"""
    select {SUPPLY_COLUMNS} from supply_line s
    join unnest($1::text[], $2::text[], $3::text[]) k (sku, location, document)
      using (sku, location, document)"""  # noqa: S608 - the columns are a constant

_OPEN_SUPPLY = f"""
    select {SUPPLY_COLUMNS} from supply_line s
    where s.sku = any($1::text[]) and s.received < s.quantity"""  # noqa: S608

# Counts name an order or a moment; a line's location is where its units are or were taken from.
_WATERMARKS = """
    select k.sku, k.location, w.moment,
           (select coalesce(sum(l.allocated), 0)::bigint
            from reservation_line l join reservation r on r.id = l.reservation_id
            where l.sku = k.sku and l.location = k.location
              and l.held + l.backordered + l.allocated > 0 and r.ordered_at <= w.moment
           ) as allocated_before,
           (select coalesce(sum(l.fulfilled - l.returned), 0)::bigint
            from reservation r join reservation_line l on l.reservation_id = r.id
            where r.ordered_at > w.moment and l.sku = k.sku and l.location = k.location
           ) as fulfilled_after
    from unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
         k (sku, location, moment, order_id),
    lateral (select coalesce(k.moment, (
        select max(r.ordered_at) from reservation r where r.order_id = k.order_id)) as moment) w"""

_BOOKS = """
    select k.sku, k.location, m.*, coalesce(l.allocated, 0)::bigint as lines_allocated,
           coalesce(l.held, 0)::bigint as lines_held,
           coalesce(l.backordered, 0)::bigint as lines_backordered,
           (select coalesce(sum(greatest(s.quantity - s.received, 0)), 0)::bigint
            from supply_line s where s.sku = k.sku and s.location = k.location) as open
    from unnest($1::text[], $2::text[]) k (sku, location),
    lateral (
        select coalesce(sum(on_hand), 0)::bigint as on_hand,
               coalesce(sum(unavailable), 0)::bigint as unavailable,
               coalesce(sum(allocated), 0)::bigint as allocated,
               coalesce(sum(reserved), 0)::bigint as reserved,
               coalesce(sum(backordered), 0)::bigint as backordered,
               coalesce(sum(incoming), 0)::bigint as incoming,
               coalesce(max(version), 0) as version
        from movement where sku = k.sku and location = k.location) m,
    lateral (
        select sum(allocated) as allocated, sum(held) as held, sum(backordered) as backordered
        from reservation_line where sku = k.sku and location = k.location
          and held + backordered + allocated > 0) l"""

COMMAND_TIMEOUT_SECONDS = 15.0
"""Beyond the server's own limits below: a server that does not answer at all is given up."""

_SETTINGS = {
    "application_name": "availability-hub writer",
    "timezone": "UTC",
    # The statements are fed by arrays of any length: planning them anew costs more than it gains,
    # and without statistics on arrays only nested loops over the primary keys are right.
    "plan_cache_mode": "force_generic_plan",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_seqscan": "off",
    "jit": "off",
    "statement_timeout": "10s",
    "lock_timeout": "5s",
}


class KnownOutcome(NamedTuple):
    """What an idempotency key was answered before: by a text that was kept, or by the first
    version of the reservation that it made."""

    request_hash: bytes
    outcome: str | None
    reservation: str | None
    first_stage: str | None


class ClaimedPosition(NamedTuple):
    """Where a line of a reservation lies, and through which channel it was sold."""

    reservation: str
    channel: str
    sku: str
    location: str


class Locked(NamedTuple):
    """The positions of a batch, locked, and the database's clock and rules from then on."""

    positions: list[Position]
    now: datetime
    rules_revision: int


class LedgerConnection:
    """One connection that reads and locks for the stock writer, one batch at a time."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    @classmethod
    async def open(cls, database_url: str) -> "LedgerConnection":
        """Connect with the settings that the writer's statements are made for."""
        arguments = connection_arguments(database_url)
        connection = await asyncpg.connect(
            **arguments, server_settings=_SETTINGS, command_timeout=COMMAND_TIMEOUT_SECONDS
        )
        return cls(connection)

    async def close(self) -> None:
        """Close the connection; a transaction under way is rolled back."""
        await self.connection.close(timeout=2)

    async def begin(self) -> None:
        """Start the transaction of a batch."""
        await self.connection.execute("begin")

    async def commit(self) -> None:
        """Make the batch durable."""
        await self.connection.execute("commit")

    async def rollback(self) -> None:
        """Forget the batch."""
        await self.connection.execute("rollback")

    async def lines_of(
        self, reservations: Iterable[str], orders: Iterable[str]
    ) -> list[ClaimedPosition]:
        """The positions that the lines of reservations and orders lie on; none is locked yet."""
        rows = await self.connection.fetch(_LINES_OF_RESERVATIONS, list(reservations), list(orders))
        return [ClaimedPosition(str(row[0]), row[1], row[2], row[3]) for row in rows]

    async def lock(self, keys: Iterable[PositionKey]) -> Locked:
        """Lock positions in key order and read them; those that do not exist are left out."""
        ordered = sorted(keys)
        rows = await self.connection.fetch(
            _LOCK, [key[0] for key in ordered], [key[1] for key in ordered]
        )
        positions = [position_from(row) for row in rows if row[0] is not None]
        return Locked(positions, rows[-1]["now"], rows[-1]["revision"])

    async def positions(self, keys: Iterable[PositionKey]) -> tuple[list[Position], datetime]:
        """Positions as they are, not locked, and the database's clock; empty ones where there are
        none. At least one key must be given."""
        rows = await self.connection.fetch(_POSITIONS, *columns(list(keys), 2))
        positions = [
            Position(row[-3], row[-2]) if row[0] is None else position_from(row) for row in rows
        ]
        return positions, rows[-1][-1]

    async def known_outcomes(self, digests: Sequence[bytes]) -> dict[int, KnownOutcome]:
        """What idempotency keys were answered before, by their place in `digests`."""
        rows = await self.connection.fetch(_KNOWN, digests)
        return {
            row["ordinal"] - 1: KnownOutcome(
                row["request_hash"],
                row["outcome"],
                None if row["reservation_id"] is None else str(row["reservation_id"]),
                row["first_stage"],
            )
            for row in rows
        }

    async def items(self, skus: Iterable[str]) -> list[Item]:
        """The items that exist among `skus`."""
        return [item_from(row) for row in await self.connection.fetch(ITEM_SQL, list(skus))]

    async def reservations(self, ids: Iterable[str], orders: Iterable[str]) -> list[Reservation]:
        """Reservations by id and by order, with their lines."""
        rows = await self.connection.fetch(RESERVATION_SQL, list(ids), list(orders))
        return reservations_from(rows)

    async def supply_lines(self, keys: Iterable[tuple[str, str, str]]) -> list[SupplyLine]:
        """Supply lines by item, location and document."""
        rows = await self.connection.fetch(_SUPPLY, *columns(list(keys), 3))
        return [supply_line_from(row) for row in rows]

    async def open_supply(self, skus: Iterable[str]) -> list[SupplyLine]:
        """The supply lines of these items that something is still to come of."""
        rows = await self.connection.fetch(_OPEN_SUPPLY, list(skus))
        return [supply_line_from(row) for row in rows]

    async def lapsed(self, skus: Iterable[str], ending: Iterable[str]) -> list[str]:
        """Holds on these items that are past their end, not yet swept, and not in `ending`."""
        rows = await self.connection.fetch(_LAPSED, list(skus), list(ending))
        return [str(row[0]) for row in rows]

    async def own_holds(
        self, holders: Iterable[str], known: Iterable[str], skus: Iterable[str]
    ) -> list[str]:
        """Live holds of these holders on these items, but for those that are `known`."""
        rows = await self.connection.fetch(_OWN_HOLDS, list(holders), list(known), list(skus))
        return [str(row[0]) for row in rows]

    async def lock_holders(self, holders: Collection[str], addresses: Collection[str]) -> None:
        """Keep everybody else from adding to their holds until the transaction ends."""
        await self.connection.execute("select lock_holders($1, $2)", list(holders), list(addresses))

    async def live_holds(
        self, holders: Collection[str], addresses: Collection[str]
    ) -> tuple[dict[str, int], dict[str, int]]:
        """How many live holds each of these holders and addresses has."""
        rows = await self.connection.fetch(_HOLD_COUNTS, list(holders), list(addresses))
        counts = {"holder": dict.fromkeys(holders, 0), "address": dict.fromkeys(addresses, 0)}
        for row in rows:
            counts[row["what"]][row["who"]] = row["holds"]
        return counts["holder"], counts["address"]

    async def waiting(self, skus: Iterable[str]) -> list[str]:
        """Reservations that wait for units of these items."""
        return [str(row[0]) for row in await self.connection.fetch(_WAITING, list(skus))]

    async def watermarks(self, counts: Sequence[SetStock]) -> dict[PositionKey, Watermark]:
        """What orders mean for counts that say which of them they include."""
        asked = [(c.sku, c.location, c.includes_orders_to, c.includes_order) for c in counts]
        rows = await self.connection.fetch(_WATERMARKS, *columns(asked, 4))
        return {(row[0], row[1]): Watermark(*row[2:]) for row in rows}

    async def books(self, keys: Iterable[PositionKey]) -> dict[PositionKey, tuple[Books, Books]]:
        """What movements sum up to, and what lines and supply say that they should."""
        rows = await self.connection.fetch(_BOOKS, *columns(list(keys), 2))
        return {
            (row[0], row[1]): (
                Books(*row[2:9]),
                Books(
                    row["on_hand"],
                    row["unavailable"],
                    row["lines_allocated"],
                    row["lines_held"],
                    row["lines_backordered"],
                    row["open"],
                    row["version"],
                ),
            )
            for row in rows
        }
