"""The typed entries of the ledger. A movement is immutable; a position is the fold of them."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.values import LocationId, OrderId, Quantity, ReservationId, Sku


class MovementKind(StrEnum):
    """What happened to the stock of an item at a location."""

    RECEIVED = "RECEIVED"
    SHIPPED = "SHIPPED"
    RETURNED = "RETURNED"
    ADJUSTED = "ADJUSTED"
    COUNTED = "COUNTED"
    TRANSFERRED = "TRANSFERRED"
    MARKED = "MARKED"
    ALLOCATED = "ALLOCATED"
    DEALLOCATED = "DEALLOCATED"
    RESERVED = "RESERVED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    BACKORDERED = "BACKORDERED"
    FILLED = "FILLED"
    SUPPLY_SCHEDULED = "SUPPLY_SCHEDULED"
    SUPPLY_CANCELLED = "SUPPLY_CANCELLED"
    CORRECTED = "CORRECTED"
    RECONCILED = "RECONCILED"


class Movement(NamedTuple):
    """One ledger entry: how each part of the position moved, and what caused it."""

    sku: Sku
    location: LocationId
    version: int
    kind: MovementKind
    on_hand: Quantity
    unavailable: Quantity
    allocated: Quantity
    reserved: Quantity
    backordered: Quantity
    incoming: Quantity
    available_after: Quantity
    """Units free after this movement: the running balance of the timeline."""
    cause: str
    actor: str
    source_event: str | None
    reservation: ReservationId | None
    order: OrderId | None
    reason: str | None
    document: str | None
    """The supply document that the units came on, or are expected on."""
    kit: Sku | None = None
    """The kit that the units are part of."""
    opens_line: int | None = None
    """The line of a new reservation that this movement is the beginning of."""


class RecordedMovement(NamedTuple):
    """A ledger entry and when it was written."""

    movement: Movement
    recorded_at: datetime
