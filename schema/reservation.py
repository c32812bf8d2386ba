"""Reservations: time-limited claims of carts, and what became of them."""

from collections.abc import Awaitable
from datetime import datetime

import strawberry
from strawberry import ID

from hub.domain import reservations
from hub.services.catalogue import CatalogueItem
from schema.context import Info
from schema.costs import assumed
from schema.enums import EndReason, HoldStage, ReservationState
from schema.lazy_types import LazyItem
from schema.node import Node
from schema.scalars import Quantity
from schema.shape import shape_of


@shape_of(
    reservations.ReservationLine,
    "Units of one item that one location holds, or waits for, for a reservation. quantity = held + "
    "backordered + allocated + fulfilled + released + moved, at any time.",
)
class ReservationLine:
    """Units of one item that one location holds, or waits for, for a reservation."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="The location that serves the line.")
    quantity: Quantity = strawberry.field(description="Units that were reserved here.")
    held: Quantity = strawberry.field(description="Units still held for the cart.")
    backordered: Quantity = strawberry.field(
        description="Units promised beyond stock (backorder, preorder) that have not come in yet."
    )
    allocated: Quantity = strawberry.field(description="Units promised to the placed order.")
    fulfilled: Quantity = strawberry.field(description="Units that left the house.")
    released: Quantity = strawberry.field(description="Units that were given back.")
    moved: Quantity = strawberry.field(
        description="Units that another line has taken over, at another location."
    )
    returned: Quantity = strawberry.field(
        description="Units that came back, as a part of `fulfilled`."
    )
    kit: ID | None = strawberry.field(
        description="The kit that the units are part of, if they were asked for as one."
    )
    document: ID | None = strawberry.field(
        description="The supply line that the backordered units wait for; null where none is "
        "known that reaches them."
    )
    promised_at: datetime | None = strawberry.field(
        description="When `document` is expected: the promise date of the backordered units."
    )

    @strawberry.field(
        graphql_type=LazyItem | None,
        description="The item, unless the catalogue dropped it.",
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
class Reservation(Node):
    """A claim on stock."""

    id: ID = strawberry.field(description="What identifies the reservation.")
    state: ReservationState = strawberry.field(
        description="Where it is in its life, by the database's clock: past `expiresAt` a hold "
        "is EXPIRED."
    )
    channel: ID = strawberry.field(description="The channel it was made in.")
    holder: ID | None = strawberry.field(description="Whose cart or checkout it is for.")
    stage: HoldStage = strawberry.field(description="How far its shopper has come.")
    order: ID | None = strawberry.field(description="The order it was committed to.")
    ordered_at: datetime | None = strawberry.field(
        description="When the order was placed, by the shop's clock."
    )
    lines: list[ReservationLine] = strawberry.field(
        description="What is held where; one line of a cart may be served by several locations.",
        directives=[assumed(5)],
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When the hold ends by itself; null where it does not."
    )
    ended_reason: EndReason | None = strawberry.field(description="Why it ended, once it has.")
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
