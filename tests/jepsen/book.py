"""What the database says in the end: positions, movements, reservations and the inbox."""

from collections import defaultdict
from typing import NamedTuple

import asyncpg

from hub.domain.values import Quantity
from hub.store.database import connection_arguments

Place = tuple[str, str]
"""A sku and a location."""


class Position(NamedTuple):
    """What is held of an item at a location."""

    sku: str
    location: str
    on_hand: Quantity
    allocated: Quantity
    reserved: Quantity
    version: int


class Movement(NamedTuple):
    """One entry of the ledger; quantities are deltas."""

    sku: str
    location: str
    version: int
    kind: str
    on_hand: Quantity
    allocated: Quantity
    reserved: Quantity
    source_event: str | None
    reservation: str | None
    order: str | None
    reason: str | None
    at: float


class BookedLine(NamedTuple):
    """Units of an item that one location holds for a reservation."""

    sku: str
    location: str
    quantity: Quantity
    held: Quantity
    allocated: Quantity


class BookedReservation(NamedTuple):
    """A reservation and what is left of its claim."""

    id: str
    state: str
    holder: str | None
    order: str | None
    expires_at: float | None
    lines: tuple[BookedLine, ...]

    def units(self) -> dict[str, Quantity]:
        """What was reserved of each item, over all locations."""
        units: dict[str, Quantity] = defaultdict(int)
        for line in self.lines:
            units[line.sku] += line.quantity
        return dict(units)


class StoredEvent(NamedTuple):
    """An entry of the inbox."""

    source: str
    id: str
    state: str
    error_code: str | None


class Book(NamedTuple):
    """All of it, seen at one moment; movements by position and version."""

    positions: list[Position]
    movements: list[Movement]
    reservations: list[BookedReservation]
    events: list[StoredEvent]


_MOVEMENTS = """
    select sku, location, version, kind, on_hand, allocated, reserved, source_event,
           reservation_id::text, order_id, reason, extract(epoch from recorded_at)::float8
    from movement order by sku, location, version"""

_RESERVATIONS = """
    select r.id::text, r.state, r.holder, r.order_id, extract(epoch from r.expires_at)::float8,
           array_agg((l.sku, l.location, l.quantity, l.held, l.allocated) order by l.line)
               filter (where l.line is not null)
    from reservation r left join reservation_line l on l.reservation_id = r.id
    group by r.id"""


async def read_book(database_url: str) -> Book:
    """Read it in one transaction, past the hub."""
    connection = await asyncpg.connect(**connection_arguments(database_url))
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            positions = await connection.fetch(
                "select sku, location, on_hand, allocated, reserved, version from position"
            )
            movements = await connection.fetch(_MOVEMENTS)
            reservations = await connection.fetch(_RESERVATIONS)
            events = await connection.fetch(
                "select source, event_id, state, error_code from inbox order by id"
            )
    finally:
        await connection.close()
    return Book(
        [Position(*row) for row in positions],
        [Movement(*row) for row in movements],
        [_reservation(row) for row in reservations],
        [StoredEvent(*row) for row in events],
    )


def _reservation(row: asyncpg.Record) -> BookedReservation:
    id, state, holder, order, expires_at, lines = row
    told = tuple(BookedLine(*line) for line in lines or ())
    return BookedReservation(id, state, holder, order, expires_at, told)
