"""What can be asked of the stock writer: the one door through which stock changes."""

from datetime import datetime
from typing import NamedTuple

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
    """The caller's key, and a hash of what he asked with it."""

    principal: str
    key: str
    request_hash: bytes


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
    ttl_seconds: int
    origin: Origin


class ExtendReservation(NamedTuple):
    """Let a hold end `ttl_seconds` from now; never earlier than it would have."""

    reservation: ReservationId
    ttl_seconds: int
    origin: Origin


class CommitReservation(NamedTuple):
    """Turn a hold into the allocation of an order."""

    reservation: ReservationId
    order: OrderId
    origin: Origin


class ReleaseReservation(NamedTuple):
    """Give held units back."""

    reservation: ReservationId
    reason: str | None
    origin: Origin


class ExpireReservation(NamedTuple):
    """Give the units of a hold back, if it is past its end by the database clock."""

    reservation: ReservationId
    origin: Origin


class SetStock(NamedTuple):
    """An absolute count. Older than the newest applied one (by source time), it changes nothing."""

    sku: Sku
    location: LocationId
    on_hand: Quantity
    origin: Origin
    as_of: datetime | None = None
    unavailable: Quantity | None = None
    if_version: int | None = None
    reason: str | None = None


class AdjustStock(NamedTuple):
    """A change of the units on hand."""

    sku: Sku
    location: LocationId
    delta: Quantity
    reason: str
    origin: Origin


class ScheduleSupply(NamedTuple):
    """An expected receipt, told anew for the same document when it changes."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    eta: datetime
    document: str
    origin: Origin


class ReceiveSupply(NamedTuple):
    """Units that arrived, wholly or partly against a scheduled document."""

    sku: Sku
    location: LocationId
    quantity: Quantity
    document: str
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


ReservationCommand = ExtendReservation | CommitReservation | ReleaseReservation | ExpireReservation
StockCommand = SetStock | AdjustStock | ScheduleSupply | ReceiveSupply
OrderCommand = PlaceOrder | CancelOrder | ShipOrder | ReturnOrder
Command = Reserve | ReservationCommand | StockCommand | OrderCommand
