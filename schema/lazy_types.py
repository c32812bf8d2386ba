"""Types that others name before they can be imported: an item has reservations, and they items."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.availability import Availability
    from schema.item import Item

LazyItem = Annotated["Item", strawberry.lazy("schema.item")]
LazyAvailability = Annotated["Availability", strawberry.lazy("schema.availability")]
