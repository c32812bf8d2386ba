"""What the rules need to know of an item."""

from typing import NamedTuple

from hub.domain.values import UNIT, Quantity, Sku


class Item(NamedTuple):
    """The facts of an item that decisions depend on; names and pictures are the catalogue's."""

    sku: Sku
    category: str | None = None
    discontinued: bool = False
    quantity_step: Quantity = UNIT
    """Quantities of this item are whole multiples of this: 1000 for pieces, 1 for loose goods."""
    safety_stock: Quantity | None = None
    """The item's own safety stock per location, if it has a policy of its own."""
    low_stock_mark: Quantity | None = None
    """At or below this the item is said to be low, if it has a policy of its own."""
