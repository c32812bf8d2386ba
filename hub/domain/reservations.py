"""The life of a reservation: HELD, then COMMITTED and FULFILLED, or RELEASED, EXPIRED, CANCELLED.

A reservation keeps its lines and its history after its end. Of every line, at any time:
quantity = held + backordered + allocated + fulfilled + released + moved.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from hub.domain.values import ChannelId, LocationId, OrderId, Quantity, ReservationId, Sku


class ReservationState(StrEnum):
    """Where a reservation is in its life; the last four are ends."""

    HELD = "HELD"
    COMMITTED = "COMMITTED"
    FULFILLED = "FULFILLED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"

    @property
    def ended(self) -> bool:
        """Whether nothing can change any more."""
        return self not in (ReservationState.HELD, ReservationState.COMMITTED)


class HoldStage(StrEnum):
    """How far the shopper has come; each stage has a hold length of its own."""

    CART = "CART"
    CHECKOUT = "CHECKOUT"
    PAYMENT = "PAYMENT"


class EndReason(StrEnum):
    """Why a reservation ended."""

    RELEASED = "RELEASED"
    """Its holder gave it back."""
    EXPIRED = "EXPIRED"
    """Its time was over."""
    SUPERSEDED = "SUPERSEDED"
    """Its holder reserved the same units anew."""
    NOT_IN_ORDER = "NOT_IN_ORDER"
    """The order that redeemed it asked for none of its units."""
    CANCELLED = "CANCELLED"
    """Its order was cancelled."""


class ReservationLine(NamedTuple):
    """The units of one item that one location holds, or waits for, for a reservation."""

    line: int
    sku: Sku
    location: LocationId
    quantity: Quantity
    held: Quantity = 0
    backordered: Quantity = 0
    """Units sold beyond stock that have not come in yet."""
    allocated: Quantity = 0
    fulfilled: Quantity = 0
    released: Quantity = 0
    moved: Quantity = 0
    """Units that another line has taken over, at another location."""
    returned: Quantity = 0
    """Part of `fulfilled` that came back."""
    kit: Sku | None = None
    """The kit that the units are part of, if they were asked for as one."""
    document: str | None = None
    """The supply line that the backordered units are pegged to."""
    since_version: int = 1
    """The version of the reservation that the line came with."""
    promised_at: datetime | None = None
    """When `document` is expected."""

    @property
    def asked_as(self) -> Sku:
        """The sku that the client named: the kit's, where the units are part of one."""
        return self.kit or self.sku

    @property
    def active(self) -> Quantity:
        """Units that the reservation still has a claim on."""
        return self.held + self.backordered + self.allocated


class Reservation(NamedTuple):
    """A claim on stock: a cart's hold, or an order's allocation."""

    id: ReservationId
    state: ReservationState
    channel: ChannelId
    holder: str | None
    address: str | None
    """The network address it was made from, where the shop tells it."""
    stage: HoldStage
    order: OrderId | None
    ordered_at: datetime | None
    """When the order was placed, by the shop's clock."""
    ttl_seconds: int | None
    created_at: datetime
    expires_at: datetime | None
    ended_reason: EndReason | None
    version: int
    lines: tuple[ReservationLine, ...]

    def lapsed(self, now: datetime) -> bool:
        """Whether what is held is past its end, swept or not."""
        return self.expires_at is not None and now >= self.expires_at and not self.state.ended


def as_read(reservation: Reservation, now: datetime) -> Reservation:
    """The reservation as a reader must see it: past its end nothing is held, sweeper or not."""
    if not reservation.lapsed(now):
        return reservation
    if reservation.state is ReservationState.HELD:
        lines = tuple(
            line._replace(
                held=0, backordered=0, released=line.released + line.held + line.backordered
            )
            for line in reservation.lines
        )
        return settled(reservation._replace(ended_reason=EndReason.EXPIRED, lines=lines))
    # Of an order that took a part, only what the cart still held has lapsed.
    lines = tuple(
        line._replace(held=0, released=line.released + line.held) for line in reservation.lines
    )
    return settled(reservation._replace(expires_at=None, lines=lines))


def settled(reservation: Reservation) -> Reservation:
    """The reservation in the state that its lines say."""
    if any(line.active for line in reservation.lines):
        held = any(line.held for line in reservation.lines)
        if reservation.state is ReservationState.COMMITTED and not held:
            return reservation._replace(expires_at=None)
        return reservation
    if any(line.fulfilled for line in reservation.lines):
        return reservation._replace(state=ReservationState.FULFILLED, expires_at=None)
    if reservation.state is ReservationState.COMMITTED:
        reason = reservation.ended_reason or EndReason.CANCELLED
        return reservation._replace(
            state=ReservationState.CANCELLED, ended_reason=reason, expires_at=None
        )
    reason = reservation.ended_reason or EndReason.RELEASED
    expired = reason is EndReason.EXPIRED
    return reservation._replace(
        state=ReservationState.EXPIRED if expired else ReservationState.RELEASED,
        ended_reason=reason,
    )
