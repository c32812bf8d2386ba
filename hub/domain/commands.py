"""What can be asked of the stock writer: the one door through which stock changes."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.reservations import HoldStage
from hub.domain.values import (
    ChannelId,
    Line,
    LocationId,
    OrderId,
    Quantity,
    ReservationId,
    Sku,
)


class Idempotency(NamedTuple):
    """A digest of who asks and his key, and one of what he asked with it."""

    digest: bytes
    request_hash: bytes
    key: str
    """The key as the caller wrote it, for messages."""


class Origin(NamedTuple):
    """Who asked, and the outside event that made him ask."""

    actor: str
    source_event: str | None = None
    idempotency: Idempotency | None = None
    inbox: int | None = None
    """The inbox entry that this command works off: it is marked in the same transaction."""


class Reserve(NamedTuple):
    """Hold all lines for a while, or none of them."""

    reservation: ReservationId
    lines: tuple[Line, ...]
    channel: ChannelId
    holder: str | None
    ttl_seconds: int | None
    """None: as long as the rules say for the stage."""
    origin: Origin
    stage: HoldStage = HoldStage.CART
    address: str | None = None
    destination: str | None = None


class ChangeReservation(NamedTuple):
    """Let a hold hold so many units of each named item, 0 for none of it; others stay."""

    reservation: ReservationId
    lines: tuple[Line, ...]
    origin: Origin
    if_version: int | None = None


class ExtendReservation(NamedTuple):
    """Let a hold end later, and maybe enter another stage; never earlier than it would have."""

    reservation: ReservationId
    ttl_seconds: int | None
    origin: Origin
    stage: HoldStage | None = None
    if_version: int | None = None


class CommitReservation(NamedTuple):
    """Turn a hold, or the named part of it, into the allocation of an order."""

    reservation: ReservationId
    order: OrderId
    origin: Origin
    lines: tuple[Line, ...] | None = None
    if_version: int | None = None


class ReleaseReservation(NamedTuple):
    """Give held units back: the named ones, or all."""

    reservation: ReservationId
    reason: str | None
    origin: Origin
    lines: tuple[Line, ...] | None = None
    if_version: int | None = None


class ExpireReservation(NamedTuple):
    """Give the units of a hold back, if it is past its end by the database clock."""

    reservation: ReservationId
    origin: Origin


class TransferReservation(NamedTuple):
    """Let another location serve what one location holds or has allocated."""

    reservation: ReservationId
    from_location: LocationId
    to_location: LocationId
    origin: Origin
    lines: tuple[Line, ...] | None = None


class FulfilReservation(NamedTuple):
    """Allocated units left the house: the named ones, or all."""

    reservation: ReservationId
    origin: Origin
    lines: tuple[Line, ...] | None = None


class CancelReservation(NamedTuple):
    """Give allocated units back: the named ones, or all."""

    reservation: ReservationId
    origin: Origin
    lines: tuple[Line, ...] | None = None


class ReturnReservation(NamedTuple):
    """Fulfilled units came back into sellable stock: the named ones, or all."""

    reservation: ReservationId
    origin: Origin
    lines: tuple[Line, ...] | None = None


class SetStock(NamedTuple):
    """An absolute count. Older than the newest applied one (by source time), it changes nothing.

    With a watermark, an order or a moment, the count already leaves out what the orders up to
    there take; without one it counts what lies on the shelf.
    """

    sku: Sku
    location: LocationId
    on_hand: Quantity
    origin: Origin
    as_of: datetime | None = None
    unavailable: Quantity | None = None
    if_version: int | None = None
    if_on_hand: Quantity | None = None
    reason: str | None = None
    includes_orders_to: datetime | None = None
    includes_order: OrderId | None = None

    @property
    def has_watermark(self) -> bool:
        """Whether the count says which orders it includes."""
        return self.includes_orders_to is not None or self.includes_order is not None


class AdjustStock(NamedTuple):
    """A change of the units on hand."""

    sku: Sku
    location: LocationId
    delta: Quantity
    reason: str
    origin: Origin
    if_version: int | None = None
    if_on_hand: Quantity | None = None


class CorrectDrift(NamedTuple):
    """Book what a comparison with another side has found to be missing or too much, if the position
    is still at this version."""

    sku: Sku
    location: LocationId
    delta: Quantity
    reason: str
    origin: Origin
    if_version: int


class Condition(StrEnum):
    """Why units on hand cannot be sold."""

    DAMAGED = "DAMAGED"
    QUALITY_CONTROL = "QUALITY_CONTROL"
    BLOCKED = "BLOCKED"
    LOST = "LOST"


class MarkUnavailable(NamedTuple):
    """Take units on hand out of sale; a negative quantity takes them back into it."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    condition: Condition
    reason: str | None
    origin: Origin


class TransferStock(NamedTuple):
    """Move free units from one location to another."""

    sku: Sku
    from_location: LocationId
    to_location: LocationId
    quantity: Quantity
    reason: str | None
    origin: Origin


class ScheduleSupply(NamedTuple):
    """An expected receipt, told anew for the same document when it changes."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    eta: datetime
    document: str
    origin: Origin
    told_at: datetime | None = None


class ChangeSupply(NamedTuple):
    """Another quantity or date for an expected receipt; None leaves what was said before."""

    sku: Sku
    location: LocationId
    quantity: Quantity | None
    eta: datetime | None
    document: str
    origin: Origin
    told_at: datetime | None = None


class ReceiveSupply(NamedTuple):
    """Units that arrived, wholly or partly against a scheduled document."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    document: str
    origin: Origin


class CancelSupply(NamedTuple):
    """Nothing more of a document will come."""

    sku: Sku
    location: LocationId
    document: str
    origin: Origin
    told_at: datetime | None = None


class SettleBackorders(NamedTuple):
    """Give what has come in of an item to those who wait for it, in the order they came, and tell
    the others their new dates."""

    sku: Sku
    origin: Origin


class CorrectPosition(NamedTuple):
    """Bring a position back to what the rest of the ledger says, by a movement."""

    sku: Sku
    location: LocationId
    reason: str
    origin: Origin


class OrderLine(NamedTuple):
    """A line of an order event; the hold it redeems or the location it ships from, if told."""

    sku: Sku
    quantity: Quantity
    reservation: ReservationId | None = None
    location: LocationId | None = None


class PlaceOrder(NamedTuple):
    """An order the shop has already accepted: it is allocated even where stock does not reach."""

    order: OrderId
    channel: ChannelId
    lines: tuple[OrderLine, ...]
    reservation: ReservationId
    """The id that the order's own allocation gets, for lines that redeem no hold."""
    origin: Origin
    ordered_at: datetime | None = None
    """When it was placed, by the shop's clock; now if missing."""


class CancelOrder(NamedTuple):
    """Give allocated units back: of the named lines, or all."""

    order: OrderId
    lines: tuple[OrderLine, ...] | None
    origin: Origin


class ShipOrder(NamedTuple):
    """Allocated units left the house: the named lines, or all."""

    order: OrderId
    lines: tuple[OrderLine, ...] | None
    origin: Origin


class ReturnOrder(NamedTuple):
    """Shipped units came back into sellable stock: the named lines, or all."""

    order: OrderId
    lines: tuple[OrderLine, ...] | None
    origin: Origin


HoldCommand = (
    ChangeReservation
    | ExtendReservation
    | CommitReservation
    | ReleaseReservation
    | ExpireReservation
    | TransferReservation
)
AllocationCommand = FulfilReservation | CancelReservation | ReturnReservation
CountCommand = SetStock | AdjustStock | CorrectDrift | MarkUnavailable
SupplyCommand = ScheduleSupply | ChangeSupply | ReceiveSupply | CancelSupply
StockCommand = CountCommand | SupplyCommand | TransferStock
OrderCommand = PlaceOrder | CancelOrder | ShipOrder | ReturnOrder
UpkeepCommand = SettleBackorders | CorrectPosition
Command = Reserve | HoldCommand | AllocationCommand | StockCommand | OrderCommand | UpkeepCommand


class Together(NamedTuple):
    """Commands of which all are done, or none."""

    commands: tuple[Command, ...]


class InTurn(NamedTuple):
    """Commands that are done in their order, whatever becomes of each; those behind one that the
    database could not take are not done."""

    commands: tuple[Command, ...]
