"""What the rules need to know of an item."""

from datetime import datetime
from typing import NamedTuple

from hub.domain.errors import InvalidInput
from hub.domain.values import UNIT, Quantity, Sku, quantity_text


class Item(NamedTuple):
    """The facts of an item that decisions depend on; names and pictures are the catalogue's."""

    sku: Sku
    category: str | None = None
    discontinued: bool = False
    quantity_step: Quantity = UNIT
    """Quantities of this item are whole multiples of this: 1000 for pieces, 1 for loose goods."""
    released_at: datetime | None = None
    """Before this moment the item is sold as a preorder."""
    safety_stock: Quantity | None = None
    """The item's own safety stock per location, if it has a policy of its own."""
    low_stock_mark: Quantity | None = None
    """At or below this the item is said to be low, if it has a policy of its own."""
    backorder_limit: Quantity | None = None
    """Units that may be sold beyond stock, if it has a policy of its own."""
    preorder_limit: Quantity | None = None
    """The same before its release."""

    def check_step(self, quantity: Quantity, field: str) -> None:
        """Raise `InvalidInput` unless the quantity is a multiple of the item's step."""
        if quantity % self.quantity_step:
            step = quantity_text(self.quantity_step)
            raise InvalidInput(field=field, problem=f"{self.sku} is counted in steps of {step}")
