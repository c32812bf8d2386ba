"""The writer's own connection: lock the positions, read what belongs to them, write the outcome.

Lock order lives here and nowhere else: positions, by sku and location, and nothing but positions.
Whatever changes a reservation, a supply line or an order holds the positions of its lines.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from hub.domain.item import Item
from hub.domain.ledger import SupplyLine
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.store.database import connection_arguments
from hub.store.ledger_rows import (
    ITEM_SQL,
    POSITION_COLUMNS,
    RESERVATION_SQL,
    SUPPLY_SQL,
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

# One index probe a key, whatever the planner thinks: lateral, with offset 0.
_KNOWN = """
    select k.ordinal, known.request_hash, known.outcome
    from unnest($1::text[], $2::text[]) with ordinality k (principal, key, ordinal),
    lateral (
        select i.request_hash, i.outcome from idempotency i
        where i.principal = k.principal and i.key = k.key offset 0
    ) known"""

_POSITIONS_OF_RESERVATIONS = """
    select distinct l.sku, l.location
    from reservation r join reservation_line l on l.reservation_id = r.id
    where r.id = any($1::uuid[]) or r.order_id = any($2::text[])"""

_LAPSED = """
    select r.id from reservation r
    where r.state = 'HELD' and r.expires_at <= now() and exists (
        select from reservation_line l where l.reservation_id = r.id and l.sku = any($1::text[]))
      and r.id <> all($2::uuid[])
    order by r.expires_at limit 1000"""

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
    """What an idempotency key was answered before."""

    request_hash: bytes
    outcome: str


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

    async def positions_of(
        self, reservations: Iterable[str], orders: Iterable[str]
    ) -> list[PositionKey]:
        """The positions that the lines of reservations and orders lie on; none is locked yet."""
        rows = await self.connection.fetch(
            _POSITIONS_OF_RESERVATIONS, list(reservations), list(orders)
        )
        return [(row[0], row[1]) for row in rows]

    async def lock(self, keys: Iterable[PositionKey]) -> Locked:
        """Lock positions in key order and read them; those that do not exist are left out."""
        ordered = sorted(keys)
        rows = await self.connection.fetch(
            _LOCK, [key[0] for key in ordered], [key[1] for key in ordered]
        )
        positions = [position_from(row) for row in rows if row[0] is not None]
        return Locked(positions, rows[-1]["now"], rows[-1]["revision"])

    async def known_outcomes(self, keys: Sequence[tuple[str, str]]) -> dict[int, KnownOutcome]:
        """What (principal, key) pairs were answered before, by their place in `keys`."""
        rows = await self.connection.fetch(
            _KNOWN, [key[0] for key in keys], [key[1] for key in keys]
        )
        return {
            row["ordinal"] - 1: KnownOutcome(row["request_hash"], row["outcome"]) for row in rows
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
        listed = list(keys)
        arrays: list[list[Any]] = [[key[part] for key in listed] for part in range(3)]
        rows = await self.connection.fetch(SUPPLY_SQL, *arrays)
        return [supply_line_from(row) for row in rows]

    async def lapsed(self, skus: Iterable[str], ending: Iterable[str]) -> list[str]:
        """Holds on these items that are past their end, not yet swept, and not in `ending`."""
        rows = await self.connection.fetch(_LAPSED, list(skus), list(ending))
        return [str(row[0]) for row in rows]
