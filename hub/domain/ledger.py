"""The working copy of the ledger that one batch decides on, and the movements it has booked.

Whoever books must have checked first: a movement is never taken back.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.item import Item
from hub.domain.movements import Movement, MovementKind
from hub.domain.position import Position, PositionKey
from hub.domain.reservations import Reservation
from hub.domain.supply import SupplyLine
from hub.domain.values import LocationId, OrderId, Quantity, ReservationId, Sku


class Cause(NamedTuple):
    """Why a movement was booked."""

    command: str
    actor: str
    source_event: str | None
    reservation: ReservationId | None = None
    order: OrderId | None = None
    reason: str | None = None
    document: str | None = None


class Watermark(NamedTuple):
    """What a count needs to know of the orders at its position, read under the position's lock."""

    moment: datetime | None
    """Orders placed up to here are in the count; None where the named order is not known."""
    allocated_before: Quantity
    """Units that those orders still wait for."""
    fulfilled_after: Quantity
    """Units that later orders have taken off the shelf already."""


class Books(NamedTuple):
    """What the rest of the ledger says a position should be, read under the position's lock."""

    on_hand: Quantity
    unavailable: Quantity
    allocated: Quantity
    reserved: Quantity
    backordered: Quantity
    incoming: Quantity
    version: int
    """Number of the newest movement; 0 where there is none."""


class Facts(NamedTuple):
    """What some commands depend on beyond positions, reservations and supply lines."""

    watermarks: Mapping[PositionKey, Watermark] = {}
    books: Mapping[PositionKey, tuple[Books, Books]] = {}
    """By position: the sums of its movements, and what lines and supply say they should be."""
    holds_of_holder: Mapping[str, int] = {}
    holds_of_address: Mapping[str, int] = {}
    """Live holds of those who ask for more."""
    max_holds_per_holder: int | None = None
    max_holds_per_address: int | None = None


class WorkingPosition:
    """A position while a batch is decided. Starts as a position was read and moves by bookings."""

    __slots__ = (
        "allocated",
        "backordered",
        "chain",
        "counted_at",
        "counted_through",
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
        self.backordered = position.backordered
        self.incoming = position.incoming
        self.shortfall = position.shortfall
        self.version = position.version
        self.counted_at = position.counted_at
        self.counted_through = position.counted_through
        self.chain = position.chain
        self.version_read = self.version

    @property
    def free(self) -> Quantity:
        """Units nobody has a claim on."""
        return self.on_hand - self.unavailable - self.allocated - self.reserved

    def value(self) -> Position:
        """The position as it stands now, for whoever asked; the chain is the ledger's own."""
        return self._position(None)

    def stored(self) -> Position:
        """The position as it stands now, with the link of the chain that it was read with."""
        return self._position(self.chain)

    def _position(self, chain: bytes | None) -> Position:
        return Position(
            self.sku,
            self.location,
            self.on_hand,
            self.unavailable,
            self.allocated,
            self.reserved,
            self.backordered,
            self.incoming,
            self.shortfall,
            self.version,
            self.counted_at,
            self.counted_through,
            chain,
        )


class Ledger:
    """What a batch has read, and what it has booked so far."""

    def __init__(
        self,
        items: Iterable[Item] = (),
        positions: Iterable[Position] = (),
        reservations: Iterable[Reservation] = (),
        supply_lines: Iterable[SupplyLine] = (),
        facts: Facts = Facts(),  # noqa: B008 - immutable
    ) -> None:
        self.facts = facts
        self.items: dict[Sku, Item] = {item.sku: item for item in items}
        self.movements: list[Movement] = []
        self.touched: dict[PositionKey, WorkingPosition] = {}
        self.reservations: dict[ReservationId, Reservation] = {}
        self.created: dict[ReservationId, Reservation] = {}
        self.changed: dict[ReservationId, None] = {}
        self.supply_lines: dict[tuple[Sku, LocationId, str], SupplyLine] = {}
        self.changed_supply: dict[tuple[Sku, LocationId, str], None] = {}
        self.new_holds: dict[str, int] = {}
        self.to_settle: dict[Sku, None] = {}
        self.landed: dict[Sku, None] = {}
        """Items of which units came in where nobody waits; elsewhere in the pool they may."""
        self._positions = {position.key: WorkingPosition(position) for position in positions}
        self._by_order: dict[OrderId, list[ReservationId]] = {}
        for reservation in reservations:
            self._remember(reservation)
        for line in supply_lines:
            self.supply_lines[(line.sku, line.location, line.document)] = line

    @classmethod
    def on(
        cls, items: Iterable[Item], positions: dict[PositionKey, WorkingPosition], facts: Facts
    ) -> "Ledger":
        """A ledger that works on these very positions."""
        ledger = cls(items, facts=facts)
        ledger._positions = positions
        return ledger

    def position(self, sku: Sku, location: LocationId) -> WorkingPosition:
        """The position of an item at a location; an empty one where there was none yet."""
        key = (sku, location)
        position = self._positions.get(key)
        if position is None:
            position = self._positions[key] = WorkingPosition(Position(sku, location))
        return position

    def known_position(self, sku: Sku, location: LocationId) -> WorkingPosition | None:
        """The position of an item at a location, if there is one."""
        return self._positions.get((sku, location))

    def free(self, sku: Sku, location: LocationId) -> Quantity:
        """Units of an item nobody has a claim on at a location."""
        position = self._positions.get((sku, location))
        return 0 if position is None else position.free

    def supply_of(self, sku: Sku) -> list[SupplyLine]:
        """The supply lines of an item, as far as this batch has read them."""
        return [line for line in self.supply_lines.values() if line.sku == sku]

    def of_order(self, order: OrderId) -> list[Reservation]:
        """The reservations that an order allocates through, oldest first."""
        ids = self._by_order.get(order, ())
        # One that was redeemed in this batch may be older than those the order had before.
        return sorted((self.reservations[id] for id in ids), key=_age)

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
        backordered: Quantity = 0,
        incoming: Quantity = 0,
        from_outside: bool = False,
        kit: Sku | None = None,
        opens_line: int | None = None,
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
        position.backordered += backordered
        position.incoming += incoming
        free = position.on_hand - position.unavailable - position.allocated - position.reserved
        lacking = -free if free < 0 else 0
        if from_outside or lacking < position.shortfall:
            position.shortfall = lacking
        if position.backordered and (free > 0 or incoming or backordered < 0):
            # Goods for those who wait, or another date for them: whoever leads the line is next.
            self.to_settle[position.sku] = None
        elif on_hand > 0:
            self.landed[position.sku] = None
        self.touched[(position.sku, position.location)] = position
        # `_make` takes half of the time of naming the class, and nothing is made as often.
        self.movements.append(
            Movement._make(
                (
                    position.sku,
                    position.location,
                    position.version,
                    kind,
                    on_hand,
                    unavailable,
                    allocated,
                    reserved,
                    backordered,
                    incoming,
                    free,
                    *cause,
                    kit,
                    opens_line,
                )
            )
        )

    def create(self, reservation: Reservation) -> None:
        """Add a reservation that did not exist before this batch."""
        self._remember(reservation)
        self.created[reservation.id] = reservation

    def change(self, reservation: Reservation) -> Reservation:
        """Replace a reservation by its next version."""
        following = reservation._replace(version=reservation.version + 1)
        self._remember(following)
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


def _age(reservation: Reservation) -> tuple[datetime, ReservationId]:
    return (reservation.created_at, reservation.id)
