"""The life of a reservation: HELD, then COMMITTED and FULFILLED, or RELEASED, EXPIRED, CANCELLED.

A reservation keeps its lines and its history after its end. Of every line, at any time:
quantity = held + allocated + fulfilled + released.
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


class ReservationLine(NamedTuple):
    """The units of one item that one location holds for a reservation."""

    line: int
    sku: Sku
    location: LocationId
    quantity: Quantity
    held: Quantity = 0
    allocated: Quantity = 0
    fulfilled: Quantity = 0
    released: Quantity = 0
    returned: Quantity = 0
    """Part of `fulfilled` that came back."""


class Reservation(NamedTuple):
    """A claim on stock: a cart's hold, or an order's allocation."""

    id: ReservationId
    state: ReservationState
    channel: ChannelId
    holder: str | None
    order: OrderId | None
    created_at: datetime
    expires_at: datetime | None
    ended_reason: str | None
    version: int
    lines: tuple[ReservationLine, ...]

    def lapsed(self, now: datetime) -> bool:
        """Whether the hold is past its end, swept or not."""
        return (
            self.state is ReservationState.HELD
            and self.expires_at is not None
            and now >= self.expires_at
        )


def as_read(reservation: Reservation, now: datetime) -> Reservation:
    """The reservation as a reader must see it: past its end it is EXPIRED, sweeper or not."""
    if not reservation.lapsed(now):
        return reservation
    return reservation._replace(
        state=ReservationState.EXPIRED,
        ended_reason="EXPIRED",
        lines=tuple(
            line._replace(held=0, released=line.released + line.held) for line in reservation.lines
        ),
    )
