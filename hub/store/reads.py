"""Cold reads for answers: movements, reservations, and what of them has lapsed.

Every statement takes many keys. Holds past their end are told apart here, so that an answer is
right before the sweeper comes.
"""

from collections.abc import Iterable
from datetime import datetime

from hub.domain.movements import RecordedMovement
from hub.domain.reservations import Reservation, as_read
from hub.store.database import Database, Reader
from hub.store.ledger_rows import (
    MOVEMENT_COLUMNS,
    RESERVATION_SQL,
    movement_from,
    reservations_from,
)

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


async def read_stored_reservations(reader: Reader, ids: Iterable[str]) -> dict[str, Reservation]:
    """The same as they are stored, by id: who tells of each version must not tell what no version
    says."""
    rows = await reader.records(RESERVATION_SQL, [list(ids), []])
    return {reservation.id: reservation for reservation in reservations_from(rows)}


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
