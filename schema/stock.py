"""Stock as the ledger has it: positions, and the movements they are folded from."""

from datetime import datetime
from operator import attrgetter
from typing import Annotated, Self

import strawberry
from strawberry import ID

from hub.domain import position, supply
from hub.domain.movements import RecordedMovement
from hub.services.catalogue import Page
from schema.enums import MovementKind
from schema.pages import PageInfo, page_info_of
from schema.scalars import Quantity
from schema.shape import derived, shape_of

LocationArgument = Annotated[
    ID | None, strawberry.argument(description="Only this location; all if missing.")
]


@shape_of(
    position.Position,
    "What the ledger holds of an item at a location (elsewhere: stock level): the fold of its "
    "movements.",
)
class Position:
    """What the ledger holds of an item at a location."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="The location.")
    on_hand: Quantity = strawberry.field(
        description="Units physically there (stock on hand, QOH). Negative when goods left that "
        "the ledger never saw arrive."
    )
    unavailable: Quantity = strawberry.field(
        description="On hand but not sellable: damaged, in quality control …"
    )
    allocated: Quantity = strawberry.field(
        description="Promised to placed orders and not shipped (Shopify: committed)."
    )
    reserved: Quantity = strawberry.field(
        description="Held by carts and checkouts (hold, soft reservation)."
    )
    backordered: Quantity = strawberry.field(
        description="Units promised beyond stock: they wait for what comes in here."
    )
    incoming: Quantity = strawberry.field(
        description="Expected receipts (open purchase orders) that have not arrived."
    )
    shortfall: Quantity = strawberry.field(description="Demand that stock cannot cover (oversell).")
    version: int = strawberry.field(description="Grows by one with each movement.")
    counted_at: datetime | None = strawberry.field(
        description="The source's time of the newest count that was applied."
    )
    counted_through: datetime | None = strawberry.field(
        description="The watermark: orders placed up to here are in the newest count already. Null "
        "where no count had one."
    )


@shape_of(RecordedMovement, "One immutable entry of the ledger.")
class StockMovement:
    """One immutable entry of the ledger."""

    sku: ID = derived(attrgetter("movement.sku"), "The item.")
    location: ID = derived(attrgetter("movement.location"), "The location.")
    version: int = derived(
        attrgetter("movement.version"), "The version of the position after this movement."
    )
    kind: MovementKind = derived(attrgetter("movement.kind"), "What happened.")
    on_hand_delta: Quantity = derived(
        attrgetter("movement.on_hand"), "By how much the units on hand changed."
    )
    unavailable_delta: Quantity = derived(
        attrgetter("movement.unavailable"), "By how much the unavailable units changed."
    )
    allocated_delta: Quantity = derived(
        attrgetter("movement.allocated"), "By how much the allocated units changed."
    )
    reserved_delta: Quantity = derived(
        attrgetter("movement.reserved"), "By how much the reserved units changed."
    )
    backordered_delta: Quantity = derived(
        attrgetter("movement.backordered"),
        "By how much the units changed that are promised beyond stock.",
    )
    incoming_delta: Quantity = derived(
        attrgetter("movement.incoming"), "By how much the expected units changed."
    )
    available_after: Quantity = derived(
        attrgetter("movement.available_after"),
        "Units nobody has a claim on after this movement; negative is a shortfall.",
    )
    cause: str = derived(
        attrgetter("movement.cause"), "The command that made it, such as `set_stock`."
    )
    actor: str = derived(attrgetter("movement.actor"), "Who asked for it.")
    source_event: str | None = derived(
        attrgetter("movement.source_event"), "The event from outside behind it, if any."
    )
    reservation: ID | None = derived(
        attrgetter("movement.reservation"), "The reservation it belongs to, if any."
    )
    order: ID | None = derived(attrgetter("movement.order"), "The order it belongs to, if any.")
    reason: str | None = derived(
        attrgetter("movement.reason"), "The reason that was given, if any."
    )
    document: ID | None = derived(
        attrgetter("movement.document"),
        "The supply document that the units came on, or are expected on, if any.",
    )
    kit: ID | None = derived(
        attrgetter("movement.kit"), "The kit that the units are part of, if any."
    )
    recorded_at: datetime = strawberry.field(description="When the ledger took it.")


@strawberry.type(description="A movement and its place in the timeline.")
class StockMovementEdge:
    """A movement and its place in the timeline."""

    cursor: str = strawberry.field(description="The place: `after` continues behind it.")
    node: Annotated[
        RecordedMovement, strawberry.field(graphql_type=StockMovement, description="The movement.")
    ]


@strawberry.type(description="A page of movements, the newest first.")
class StockMovementConnection:
    """A page of movements."""

    edges: list[StockMovementEdge] = strawberry.field(description="The movements of this page.")
    page_info: PageInfo = strawberry.field(description="Whether and where the timeline goes on.")

    @classmethod
    def of(cls, page: Page[RecordedMovement], after: str | None) -> Self:
        """The page that begins behind `after`."""
        return cls(
            edges=[
                StockMovementEdge(cursor=cursor, node=node)
                for cursor, node in zip(page.cursors, page.nodes, strict=True)
            ],
            page_info=page_info_of(page, after),
        )


@shape_of(
    supply.SupplyLine,
    "An expected receipt of an item at a location (incoming, open purchase order).",
)
class SupplyLine:
    """An expected receipt."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it arrives.")
    document: ID = strawberry.field(description="The purchase order, delivery note … it is on.")
    quantity: Quantity = strawberry.field(description="Units that were announced.")
    received: Quantity = strawberry.field(description="Units of them that have arrived.")
    open: Quantity = strawberry.field(description="Units still to come.")
    eta: datetime = strawberry.field(description="When the rest is expected.")
    told_at: datetime | None = strawberry.field(
        description="The source's time of the newest word on it."
    )
