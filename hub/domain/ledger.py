"""The working copy of the ledger that one batch decides on, and the movements it has booked.

Whoever books must have checked first: a movement is never taken back.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from hub.domain.item import Item
from hub.domain.movements import Movement, MovementKind
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.values import LocationId, OrderId, Quantity, ReservationId, Sku


class SupplyLine(NamedTuple):
    """An expected receipt: what of `document` is still to come."""

    sku: Sku
    location: LocationId
    document: str
    quantity: Quantity
    received: Quantity
    eta: datetime

    @property
    def open(self) -> Quantity:
        """Units still to come."""
        return max(0, self.quantity - self.received)


class Cause(NamedTuple):
    """Why a movement was booked."""

    command: str
    actor: str
    source_event: str | None
    reservation: ReservationId | None = None
    order: OrderId | None = None
    reason: str | None = None


class WorkingPosition:
    """A position while a batch is decided. Starts as a position was read and moves by bookings."""

    __slots__ = (
        "allocated",
        "counted_at",
        "incoming",
        "location",
        "on_hand",
        "reserved",
        "shortfall",
        "sku",
        "unavailable",
        "version",
        "version_read",
    )

    def __init__(self, position: Position) -> None:
        self.sku = position.sku
        self.location = position.location
        self.on_hand = position.on_hand
        self.unavailable = position.unavailable
        self.allocated = position.allocated
        self.reserved = position.reserved
        self.incoming = position.incoming
        self.shortfall = position.shortfall
        self.version = position.version
        self.counted_at = position.counted_at
        self.version_read = position.version

    @property
    def free(self) -> Quantity:
        """Units nobody has a claim on."""
        return self.on_hand - self.unavailable - self.allocated - self.reserved

    def value(self) -> Position:
        """The position as it stands now."""
        return Position(
            sku=self.sku,
            location=self.location,
            on_hand=self.on_hand,
            unavailable=self.unavailable,
            allocated=self.allocated,
            reserved=self.reserved,
            incoming=self.incoming,
            shortfall=self.shortfall,
            version=self.version,
            counted_at=self.counted_at,
        )


class Ledger:
    """What a batch has read, and what it has booked so far."""

    def __init__(
        self,
        items: Iterable[Item] = (),
        positions: Iterable[Position] = (),
        reservations: Iterable[Reservation] = (),
        supply_lines: Iterable[SupplyLine] = (),
    ) -> None:
        self.items: dict[Sku, Item] = {item.sku: item for item in items}
        self.movements: list[Movement] = []
        self.touched: dict[PositionKey, WorkingPosition] = {}
        self.reservations: dict[ReservationId, Reservation] = {}
        self.created: dict[ReservationId, None] = {}
        self.changed: dict[ReservationId, None] = {}
        self.supply_lines: dict[tuple[Sku, LocationId, str], SupplyLine] = {}
        self.changed_supply: dict[tuple[Sku, LocationId, str], None] = {}
        self._positions = {position.key: WorkingPosition(position) for position in positions}
        self._by_order: dict[OrderId, list[ReservationId]] = {}
        for reservation in reservations:
            self._remember(reservation)
        for line in supply_lines:
            self.supply_lines[(line.sku, line.location, line.document)] = line

    def position(self, sku: Sku, location: LocationId) -> WorkingPosition:
        """The position of an item at a location; an empty one where there was none yet."""
        key = (sku, location)
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = WorkingPosition(Position(sku, location))
        return position

    def free(self, sku: Sku, location: LocationId) -> Quantity:
        """Units of an item nobody has a claim on at a location."""
        position = self._positions.get((sku, location))
        return 0 if position is None else position.free

    def of_order(self, order: OrderId) -> list[Reservation]:
        """The reservations that an order allocates through, oldest first."""
        return [self.reservations[id] for id in self._by_order.get(order, ())]

    def book(
        self,
        position: WorkingPosition,
        kind: MovementKind,
        cause: Cause,
        *,
        on_hand: Quantity = 0,
        unavailable: Quantity = 0,
        allocated: Quantity = 0,
        reserved: Quantity = 0,
        incoming: Quantity = 0,
        from_outside: bool = False,
    ) -> None:
        """Append a movement and fold it into its position.

        Only a fact from outside (a count, a delivery, an order a shop took) may open or widen a
        shortfall; whatever else lets the free units sink below it breaks the database's CHECK.
        """
        position.version += 1
        position.on_hand += on_hand
        position.unavailable += unavailable
        position.allocated += allocated
        position.reserved += reserved
        position.incoming += incoming
        free = position.on_hand - position.unavailable - position.allocated - position.reserved
        lacking = -free if free < 0 else 0
        if from_outside or lacking < position.shortfall:
            position.shortfall = lacking
        self.touched[(position.sku, position.location)] = position
        self.movements.append(
            Movement(
                position.sku,
                position.location,
                position.version,
                kind,
                on_hand,
                unavailable,
                allocated,
                reserved,
                incoming,
                free,
                *cause,
            )
        )

    def create(self, reservation: Reservation) -> None:
        """Add a reservation that did not exist before this batch."""
        self._remember(reservation)
        self.created[reservation.id] = None

    def change(self, reservation: Reservation) -> Reservation:
        """Replace a reservation by its next version."""
        following = reservation._replace(version=reservation.version + 1)
        self._remember(following)
        if following.id not in self.created:
            self.changed[following.id] = None
        return following

    def put_supply(self, line: SupplyLine) -> None:
        """Add or replace a supply line."""
        key = (line.sku, line.location, line.document)
        self.supply_lines[key] = line
        self.changed_supply[key] = None

    def _remember(self, reservation: Reservation) -> None:
        self.reservations[reservation.id] = reservation
        if reservation.order is not None:
            ids = self._by_order.setdefault(reservation.order, [])
            if reservation.id not in ids:
                ids.append(reservation.id)
