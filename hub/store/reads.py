"""Cold reads for answers: positions with what belongs to them, movements, reservations.

Every statement takes many keys. Holds past their end are told apart here, so that an answer is
right before the sweeper comes.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.item import Item
from hub.domain.movements import RecordedMovement
from hub.domain.position import Position
from hub.domain.reservations import Reservation, as_read
from hub.store.database import Database
from hub.store.ledger_rows import (
    ITEM_COLUMNS,
    MOVEMENT_COLUMNS,
    POSITION_COLUMNS,
    RESERVATION_SQL,
    SUPPLY_COLUMNS,
    movement_from,
    reservations_from,
    supply_line_from,
)

MAX_EXPECTED = 50
"""As many expected receipts as an answer knows of a position, the earliest first: what comes after
them has no date in its promise."""

# The partial indexes on holds make `lapsed` and `own` a look at nothing, nearly always. The next
# supply is the first line that those who wait leave something of.
_STOCK = f"""
    with lapsed as materialized (
        select l.sku, l.location, sum(l.held)::bigint as held,
               sum(l.backordered) filter (where r.state = 'HELD')::bigint as waiting
        from reservation r join reservation_line l on l.reservation_id = r.id
        where r.state in ('HELD', 'COMMITTED') and r.expires_at <= now()
          and l.sku = any($1::text[])
        group by l.sku, l.location
    ), own as materialized (
        select l.sku, l.location, sum(l.held)::bigint as held
        from reservation r join reservation_line l on l.reservation_id = r.id
        where r.state = 'HELD' and r.holder = $2::text and r.expires_at > now()
          and l.sku = any($1::text[])
        group by l.sku, l.location
    )
    select {ITEM_COLUMNS}, {POSITION_COLUMNS},
           coalesce(lapsed.held, 0), coalesce(own.held, 0),
           case when p.incoming > 0 then (
               select min(s.eta) from (
                   select eta, sum(quantity - received) over (order by eta, document) as reached
                   from supply_line
                   where sku = p.sku and location = p.location and received < quantity
               ) s where s.reached > p.backordered and s.eta > now()
           ) end, coalesce(lapsed.waiting, 0),
           case when p.incoming > 0 then array(
               select row({SUPPLY_COLUMNS}) from supply_line s
               where s.sku = p.sku and s.location = p.location and s.received < s.quantity
               order by s.eta, s.document
               limit {MAX_EXPECTED}
           ) end,
           (select revision from rules_revision), now()
    from item i
    left join policy rule on rule.id = 'item:' || i.sku
    left join position p on p.sku = i.sku
    left join lapsed on lapsed.sku = p.sku and lapsed.location = p.location
    left join own on own.sku = p.sku and own.location = p.location
    where i.sku = any($1::text[])"""  # noqa: S608 - the columns are constants

_ITEM_END = len(Item._fields)
_SUPPLY = _ITEM_END + Position._fields.index("supply")

# Per location the primary key is walked from its newest end; a location's entries are in the order
# of its versions and of time alike, for its clock is read under the lock.
_MOVEMENTS = f"""
    select page.* from unnest($1::text[]) with ordinality wanted (sku, place), lateral (
        select m.* from position p, lateral (
            select {MOVEMENT_COLUMNS}, m.recorded_at
            from movement m
            where m.sku = p.sku and m.location = p.location
              and ($3::timestamptz is null or (m.recorded_at, m.location, m.version) < ($3, $4, $5))
            order by m.version desc
            limit $6
        ) m
        where p.sku = wanted.sku and ($2::text is null or p.location = $2)
        order by m.recorded_at desc, m.location desc, m.version desc
        limit $6
    ) page
    order by wanted.place, page.recorded_at desc, page.location desc, page.version desc"""  # noqa: S608 - the columns are a constant

MovementPlace = tuple[datetime, str, int]


class StockRead(NamedTuple):
    """What was read of some items in one statement."""

    items: dict[str, Item]
    positions: dict[str, list[Position]]
    revision: int | None
    """Revision of the rules at the time of the read; None where no item was found."""
    now: datetime | None


async def read_stock(
    database: Database, skus: Iterable[str], holder: str | None = None
) -> StockRead:
    """The items that exist among `skus`, with all their positions, as `holder` may see them."""
    rows = await database.records(_STOCK, [list(skus), holder])
    items: dict[str, Item] = {}
    positions: dict[str, list[Position]] = {}
    for row in rows:
        sku = row[0]
        if sku not in items:
            items[sku] = Item(*row[:_ITEM_END])
            positions[sku] = []
        if row[_ITEM_END] is not None:
            position = Position(*row[_ITEM_END:_SUPPLY])
            if row[_SUPPLY]:
                expected = tuple(map(supply_line_from, row[_SUPPLY]))
                position = position._replace(supply=expected)
            positions[sku].append(position)
    if not rows:
        return StockRead(items, positions, None, None)
    return StockRead(items, positions, *rows[0][_SUPPLY + 1 :])


async def read_movements(
    database: Database,
    skus: Iterable[str],
    location: str | None,
    before: MovementPlace | None,
    limit: int,
) -> list[RecordedMovement]:
    """Ledger entries, at most so many of each item: item by item, newest first."""
    place = before or (None, None, None)
    rows = await database.fetch(_MOVEMENTS, [list(skus), location, *place, limit])
    return [
        RecordedMovement(movement_from(list(row.values())[:-1]), row["recorded_at"]) for row in rows
    ]


async def read_reservations(database: Database, ids: Iterable[str]) -> list[Reservation]:
    """The reservations that exist among `ids`, as the database's clock shows them: a hold past its
    end is EXPIRED, swept or not."""
    rows = await database.fetch(RESERVATION_SQL, [list(ids), []])
    return [as_read(reservation, rows[0]["now"]) for reservation in reservations_from(rows)]


async def read_lapsed(database: Database, limit: int) -> list[str]:
    """Holds that are past their end, longest first."""
    rows = await database.fetch(
        """select id from reservation
           where state in ('HELD', 'COMMITTED') and expires_at <= now()
           order by expires_at limit $1""",
        [limit],
    )
    return [str(row["id"]) for row in rows]


async def read_lapsed_since(database: Database, since: datetime) -> tuple[list[str], datetime]:
    """The items that holds have let go of since then, because their time is over, and the time of
    this answer."""
    rows = await database.fetch(
        """select c.now, lapsed.sku
           from (select now() as now) c left join lateral (
               select distinct l.sku
               from reservation r join reservation_line l on l.reservation_id = r.id
               where r.state in ('HELD', 'COMMITTED')
                 and r.expires_at > $1 and r.expires_at <= c.now
           ) lapsed on true""",
        [since],
    )
    return [row["sku"] for row in rows if row["sku"] is not None], rows[0]["now"]


async def read_skus(database: Database) -> list[str]:
    """Every item's sku, in order."""
    return [row["sku"] for row in await database.fetch("select sku from item order by sku")]
