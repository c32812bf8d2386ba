"""What mutations take."""

from datetime import datetime
from typing import Any

import strawberry
from strawberry import ID

from schema.scalars import Quantity


def _idempotency_key() -> Any:
    # A field of a class belongs to that class, so each input gets its own.
    return strawberry.field(
        default=None,
        description="A key of your choice, 1 to 255 characters. The same key with the same input "
        "gives the same answer again and does nothing twice; keep it when you try again.",
    )


@strawberry.input(description="So many units of one item.")
class ReserveLineInput:
    """So many units of one item."""

    sku: ID = strawberry.field(description="The item.")
    quantity: Quantity = strawberry.field(description="Units to hold, above 0.")


@strawberry.input(description="A hold on all lines together, or on none.")
class ReserveInput:
    """A hold on all lines together, or on none."""

    lines: list[ReserveLineInput] = strawberry.field(description="What to hold: 1 to 100 lines.")
    channel: ID | None = strawberry.field(
        default=None, description="The channel whose pool serves it; the default one if missing."
    )
    holder: ID | None = strawberry.field(
        default=None, description="Whose cart or checkout it is for."
    )
    ttl_seconds: int | None = strawberry.field(
        default=None,
        description="Seconds until the hold ends by itself; the hub's default if missing.",
    )
    idempotency_key: str | None = _idempotency_key()


@strawberry.input(description="More time for a hold.")
class ExtendReservationInput:
    """More time for a hold."""

    id: ID = strawberry.field(description="The reservation.")
    ttl_seconds: int | None = strawberry.field(
        default=None,
        description="Seconds from now until the hold ends; it never ends earlier "
        "than it would have. The hub's default if missing.",
    )
    idempotency_key: str | None = _idempotency_key()


@strawberry.input(description="A hold that became an order.")
class CommitReservationInput:
    """A hold that became an order."""

    id: ID = strawberry.field(description="The reservation.")
    order: ID = strawberry.field(description="The order that its units are allocated to.")
    idempotency_key: str | None = _idempotency_key()


@strawberry.input(description="A hold that is no longer wanted.")
class ReleaseReservationInput:
    """A hold that is no longer wanted."""

    id: ID = strawberry.field(description="The reservation.")
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")
    idempotency_key: str | None = _idempotency_key()


@strawberry.input(description="An absolute count of an item at a location.")
class SetStockInput:
    """An absolute count of an item at a location."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it was counted.")
    on_hand: Quantity = strawberry.field(description="Units that were counted.")
    as_of: datetime | None = strawberry.field(
        default=None,
        description="When it was counted, by the source's clock; now if missing. "
        "A count older than the newest one applied changes nothing.",
    )
    if_version: int | None = strawberry.field(
        default=None, description="Only if the position is still at this version."
    )
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")
    idempotency_key: str | None = _idempotency_key()


@strawberry.input(description="A change of the units on hand.")
class AdjustStockInput:
    """A change of the units on hand."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where they are.")
    delta: Quantity = strawberry.field(description="Units to add; negative to take away. Not 0.")
    reason: str = strawberry.field(description="Why; kept in the ledger.")
    idempotency_key: str | None = _idempotency_key()
