"""Reservations: time-limited claims of carts, and what became of them."""

from collections.abc import Awaitable
from datetime import datetime

import strawberry
from strawberry import ID

from hub.domain import reservations
from hub.services.catalogue import CatalogueItem
from schema.context import Info
from schema.enums import ReservationState
from schema.item import Item
from schema.scalars import Quantity
from schema.shape import shape_of


@shape_of(
    reservations.ReservationLine,
    "Units of one item that one location holds for a reservation. "
    "quantity = held + allocated + fulfilled + released, at any time.",
)
class ReservationLine:
    """Units of one item that one location holds for a reservation."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="The location that serves the line.")
    quantity: Quantity = strawberry.field(description="Units that were reserved here.")
    held: Quantity = strawberry.field(description="Units still held for the cart.")
    allocated: Quantity = strawberry.field(description="Units promised to the placed order.")
    fulfilled: Quantity = strawberry.field(description="Units that left the house.")
    released: Quantity = strawberry.field(description="Units that were given back.")

    @strawberry.field(
        graphql_type=Item | None, description="The item, unless the catalogue dropped it."
    )
    @staticmethod
    def item(
        root: strawberry.Parent[reservations.ReservationLine], info: Info
    ) -> Awaitable[CatalogueItem | None]:
        """The item."""
        return info.context.loaders.item(root.sku)


@shape_of(
    reservations.Reservation,
    "A claim on stock: a cart's hold (soft reservation), or the allocation of an order. It keeps "
    "its lines and its history after its end.",
)
class Reservation:
    """A claim on stock."""

    id: ID = strawberry.field(description="What identifies the reservation.")
    state: ReservationState = strawberry.field(
        description="Where it is in its life, by the database's clock: past `expiresAt` a hold "
        "is EXPIRED."
    )
    channel: ID = strawberry.field(description="The channel it was made in.")
    holder: ID | None = strawberry.field(description="Whose cart or checkout it is for.")
    order: ID | None = strawberry.field(description="The order it was committed to.")
    lines: list[ReservationLine] = strawberry.field(
        description="What is held where; one line of a cart may be served by several locations."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When the hold ends by itself; null where it does not."
    )
    ended_reason: str | None = strawberry.field(description="Why it ended, once it has.")
    version: int = strawberry.field(description="Grows with every change of the reservation.")

    @strawberry.field(
        description="Seconds until the hold ends, never below 0; null unless it is HELD. For a "
        "countdown that does not depend on the shopper's clock."
    )
    @staticmethod
    def remaining_seconds(
        root: strawberry.Parent[reservations.Reservation], info: Info
    ) -> float | None:
        """Seconds until the hold ends."""
        if root.state is not ReservationState.HELD or root.expires_at is None:
            return None
        left = root.expires_at - info.context.services.clock.now()
        return max(0.0, left.total_seconds())
