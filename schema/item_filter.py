"""Which items to list, and in which order."""

from datetime import datetime

import strawberry
from strawberry import ID

from schema.enums import AvailabilityStatus, ItemOrder, SortDirection


@strawberry.input(
    description="Which items to list: all that is named must hold, what is not named does not "
    "matter. `status`, `lowStock`, `location` and `notCountedSince` follow the ledger within about "
    "a second, later while the hub is busy; the availability told with each item is always the "
    "newest."
)
class ItemFilter:
    """Which items to list."""

    text: str | None = strawberry.field(
        default=None,
        description="Words that the sku or the name must hold, at most 8, whatever their case and "
        "order. The beginning of a word is enough: `mu` finds `MUG-S`, `ug` does not; a single "
        "letter or digit, such as `s`, must be the whole word.",
    )
    category: str | None = strawberry.field(default=None, description="Only this category.")
    family: str | None = strawberry.field(default=None, description="Only this family.")
    skus: list[ID] | None = strawberry.field(default=None, description="Only these items.")
    discontinued: bool | None = strawberry.field(
        default=None, description="Only items that are, or are not, no longer sold."
    )
    channel: ID | None = strawberry.field(
        default=None,
        description="The channel that `status`, `lowStock` and `notCountedSince` are about; the "
        "default channel if missing. An unknown one is an error with code UNKNOWN_CHANNEL.",
    )
    status: list[AvailabilityStatus] | None = strawberry.field(
        default=None, description="Only items with one of these statuses in the channel."
    )
    low_stock: bool | None = strawberry.field(
        default=None,
        description="Only items that are, or are not, at or below their low-stock mark in the "
        "channel. What is sold out is low, what is no longer sold is not.",
    )
    location: ID | None = strawberry.field(
        default=None,
        description="Only items that have stock on hand at this location. Needs the scope "
        "`stock:write`. An unknown one is an error with code UNKNOWN_LOCATION.",
    )
    not_counted_since: datetime | None = strawberry.field(
        default=None,
        description="Finds what a supplier that has gone silent leaves behind: only items that "
        "some location of the channel's pool has not counted since then, or never; with "
        "`location`, that this location has not counted. Needs the scope `stock:write`.",
    )


@strawberry.input(description="The order of a list of items.")
class ItemSort:
    """The order of a list of items."""

    field: ItemOrder = strawberry.field(default=ItemOrder.NAME, description="What to sort by.")
    direction: SortDirection = strawberry.field(
        default=SortDirection.ASC, description="Which end comes first."
    )
