"""What the mutations of stock and of expected receipts take."""

from datetime import datetime

import strawberry
from strawberry import ID, UNSET

from hub.services.stock import Adjustment, Count
from schema.costs import weighs
from schema.enums import Condition
from schema.idempotency import idempotency_key
from schema.scalars import Quantity


@strawberry.input(description="An absolute count of an item at a location.")
class CountInput:
    """An absolute count of an item at a location."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it was counted.")
    on_hand: Quantity = strawberry.field(description="Units that were counted.")
    as_of: datetime | None = strawberry.field(
        default=None,
        description="When it was counted, by the source's clock; now if missing. "
        "A count older than the newest one applied changes nothing.",
    )
    unavailable: Quantity | None = strawberry.field(
        default=None,
        description="Units among them that cannot be sold; as many as before if missing.",
    )
    if_version: int | None = strawberry.field(
        default=None, description="Only if the position is still at this version."
    )
    if_on_hand: Quantity | None = strawberry.field(
        default=None, description="Only if there are still so many units on hand."
    )
    includes_orders_to: datetime | None = strawberry.field(
        default=None,
        description="The watermark: orders placed up to this moment are taken off the count "
        "already, shipped or not, so the hub does not deduct them again. Without a watermark the "
        "count is what lies on the shelf.",
    )
    includes_order: ID | None = strawberry.field(
        default=None,
        description="The watermark as an order: this one, and those placed before it, are taken "
        "off the count already.",
    )
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")

    def count(self) -> Count:
        """The count in the hub's terms."""
        return Count(
            self.sku,
            self.location,
            self.on_hand,
            self.as_of,
            self.unavailable,
            self.if_version,
            self.if_on_hand,
            self.reason,
            self.includes_orders_to,
            self.includes_order,
        )


@strawberry.input(description="An absolute count of an item at a location.")
class SetStockInput(CountInput):
    """An absolute count of an item at a location."""

    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A change of the units on hand.")
class AdjustmentInput:
    """A change of the units on hand."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where they are.")
    delta: Quantity = strawberry.field(description="Units to add; negative to take away. Not 0.")
    reason: str = strawberry.field(description="Why; kept in the ledger.")
    if_version: int | None = strawberry.field(
        default=None, description="Only if the position is still at this version."
    )
    if_on_hand: Quantity | None = strawberry.field(
        default=None, description="Only if there are still so many units on hand."
    )

    def adjustment(self) -> Adjustment:
        """The adjustment in the hub's terms."""
        return Adjustment(
            self.sku, self.location, self.delta, self.reason, self.if_version, self.if_on_hand
        )


@strawberry.input(description="A change of the units on hand.")
class AdjustStockInput(AdjustmentInput):
    """A change of the units on hand."""

    idempotency_key: str | None = idempotency_key()


@strawberry.input(one_of=True, description="One of many changes: a count or an adjustment.")
class StockRowInput:
    """One of many changes: a count or an adjustment."""

    count: CountInput | None = strawberry.field(
        default=UNSET, description="Set the units on hand to a count, as `setStock` does."
    )
    adjustment: AdjustmentInput | None = strawberry.field(
        default=UNSET, description="Add to or take from the units on hand, as `adjustStock` does."
    )

    def row(self) -> Count | Adjustment:
        """The row in the hub's terms."""
        if self.count:
            return self.count.count()
        assert self.adjustment, "GraphQL lets through exactly one of the two"
        return self.adjustment.adjustment()


@strawberry.input(description="Many counts and adjustments at once.")
class ChangeStockInput:
    """Many counts and adjustments at once."""

    rows: list[StockRowInput] = strawberry.field(
        description="1 to 5,000 changes.", directives=[weighs("0.1")]
    )
    all_or_nothing: bool = strawberry.field(
        default=False,
        description="Whether one refused row keeps the others from being applied. Otherwise each "
        "row stands for itself.",
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Units on hand that cannot be sold, or can be again.")
class MarkStockUnavailableInput:
    """Units on hand that cannot be sold, or can be again."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where they are.")
    quantity: Quantity = strawberry.field(
        description="Units to take out of sale; negative to take them back into it. Not 0."
    )
    condition: Condition = strawberry.field(description="What is the matter with them.")
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Free units that go from one location to another.")
class TransferStockInput:
    """Free units that go from one location to another."""

    sku: ID = strawberry.field(description="The item.")
    from_location: ID = strawberry.field(description="Where they are.")
    to_location: ID = strawberry.field(description="Where they go.")
    quantity: Quantity = strawberry.field(description="Units to move, above 0.")
    reason: str | None = strawberry.field(default=None, description="Why; kept in the ledger.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A receipt to expect (incoming, open purchase order).")
class ScheduleSupplyInput:
    """A receipt to expect."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it will arrive.")
    document: ID = strawberry.field(
        description="The purchase order, delivery note … it is on. Scheduled again, it replaces "
        "what was expected on it."
    )
    quantity: Quantity = strawberry.field(description="Units on the document, above 0.")
    eta: datetime = strawberry.field(description="When it is expected.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Another quantity or date for an expected receipt.")
class ChangeSupplyInput:
    """Another quantity or date for an expected receipt."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it will arrive.")
    document: ID = strawberry.field(description="The document it is on.")
    quantity: Quantity | None = strawberry.field(
        default=None, description="Units on the document in all; as before if missing."
    )
    eta: datetime | None = strawberry.field(
        default=None, description="When it is expected; as before if missing."
    )
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="A receipt that nothing more will come of.")
class CancelSupplyInput:
    """A receipt that nothing more will come of."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where it was expected.")
    document: ID = strawberry.field(description="The document it is on.")
    idempotency_key: str | None = idempotency_key()


@strawberry.input(description="Units that arrived.")
class ReceiveSupplyInput:
    """Units that arrived."""

    sku: ID = strawberry.field(description="The item.")
    location: ID = strawberry.field(description="Where they arrived.")
    document: ID = strawberry.field(
        description="The document they came on: they are taken off what it still promises. It "
        "need not have been scheduled."
    )
    quantity: Quantity = strawberry.field(description="Units that arrived, above 0.")
    idempotency_key: str | None = idempotency_key()
