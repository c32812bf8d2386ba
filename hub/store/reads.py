"""Cold reads for answers: positions with what belongs to them, movements, reservations.

Every statement takes many keys. Holds past their end are told apart here, so that an answer is
right before the sweeper comes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.item import Item
from hub.domain.movements import Movement, MovementKind, RecordedMovement
from hub.domain.position import Position
from hub.domain.reservations import Reservation, as_read
from hub.store.database import Database
from hub.store.ledger_rows import RESERVATION_SQL, item_from, reservations_from

# The partial index on holds makes `lapsed` a look at nothing, nearly always.
_STOCK = """
    with lapsed as materialized (
        select l.sku, l.location, sum(l.held)::bigint as held
        from reservation r join reservation_line l on l.reservation_id = r.id
        where r.state = 'HELD' and r.expires_at <= now() and l.sku = any($1::text[])
        group by l.sku, l.location
    )
    select i.sku, i.category, i.discontinued, i.quantity_step, own.safety_stock,
           own.low_stock_mark, p.location, p.on_hand, p.unavailable, p.allocated, p.reserved,
           p.incoming, p.shortfall, p.version, p.counted_at,
           coalesce(lapsed.held, 0) as lapsed,
           case when p.incoming > 0 then (
               select min(s.eta) from supply_line s
               where s.sku = p.sku and s.location = p.location and s.received < s.quantity
                 and s.eta > now()
           ) end as next_supply_at,
           (select revision from rules_revision) as revision, now() as now
    from item i
    left join policy own on own.id = 'item:' || i.sku
    left join position p on p.sku = i.sku
    left join lapsed on lapsed.sku = p.sku and lapsed.location = p.location
    where i.sku = any($1::text[])"""

# Per location the primary key is walked from its newest end; a location's entries are in the order
# of its versions and of time alike, for its clock is read under the lock.
_MOVEMENTS = """
    select m.* from position p, lateral (
        select sku, location, version, kind, on_hand, unavailable, allocated, reserved, incoming,
               available_after, cause, actor, source_event, reservation_id, order_id, reason,
               recorded_at
        from movement
        where sku = p.sku and location = p.location
          and ($3::timestamptz is null or (recorded_at, location, version) < ($3, $4, $5))
        order by version desc
        limit $6
    ) m
    where p.sku = $1 and ($2::text is null or p.location = $2)
    order by m.recorded_at desc, m.location desc, m.version desc
    limit $6"""

MovementPlace = tuple[datetime, str, int]


class StockRead(NamedTuple):
    """What was read of some items in one statement."""

    items: dict[str, Item]
    positions: dict[str, list[Position]]
    revision: int | None
    """Revision of the rules at the time of the read; None where no item was found."""
    now: datetime | None


async def read_stock(database: Database, skus: Iterable[str]) -> StockRead:
    """The items that exist among `skus`, with all their positions."""
    rows = await database.fetch(_STOCK, [list(skus)])
    items: dict[str, Item] = {}
    positions: dict[str, list[Position]] = {}
    for row in rows:
        sku = row["sku"]
        if sku not in items:
            items[sku] = item_from(row)
            positions[sku] = []
        if row["location"] is not None:
            positions[sku].append(
                Position(
                    sku,
                    row["location"],
                    row["on_hand"],
                    row["unavailable"],
                    row["allocated"],
                    row["reserved"],
                    row["incoming"],
                    row["shortfall"],
                    row["version"],
                    row["counted_at"],
                    row["lapsed"],
                    row["next_supply_at"],
                )
            )
    if not rows:
        return StockRead(items, positions, None, None)
    return StockRead(items, positions, rows[0]["revision"], rows[0]["now"])


async def read_movements(
    database: Database, sku: str, location: str | None, before: MovementPlace | None, limit: int
) -> list[RecordedMovement]:
    """Ledger entries of an item, newest first."""
    place = before or (None, None, None)
    rows = await database.fetch(_MOVEMENTS, [sku, location, *place, limit])
    return [
        RecordedMovement(
            Movement(
                row["sku"],
                row["location"],
                row["version"],
                MovementKind(row["kind"]),
                row["on_hand"],
                row["unavailable"],
                row["allocated"],
                row["reserved"],
                row["incoming"],
                row["available_after"],
                row["cause"],
                row["actor"],
                row["source_event"],
                None if row["reservation_id"] is None else str(row["reservation_id"]),
                row["order_id"],
                row["reason"],
            ),
            row["recorded_at"],
        )
        for row in rows
    ]


async def read_reservations(database: Database, ids: Iterable[str]) -> list[Reservation]:
    """The reservations that exist among `ids`, as the database's clock shows them: a hold past its
    end is EXPIRED, swept or not."""
    rows = await database.fetch(RESERVATION_SQL, [list(ids), []])
    return [as_read(reservation, rows[0]["now"]) for reservation in reservations_from(rows)]


async def read_lapsed(database: Database, limit: int) -> list[str]:
    """Holds that are past their end, longest first."""
    rows = await database.fetch(
        """select id from reservation where state = 'HELD' and expires_at <= now()
           order by expires_at limit $1""",
        [limit],
    )
    return [str(row["id"]) for row in rows]


async def read_skus(database: Database) -> list[str]:
    """Every item's sku, in order."""
    return [row["sku"] for row in await database.fetch("select sku from item order by sku")]
