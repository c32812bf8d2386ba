"""The folded ledger of an item at a location."""

from datetime import datetime
from typing import NamedTuple

from hub.domain.values import LocationId, Quantity, Sku

PositionKey = tuple[Sku, LocationId]


class Position(NamedTuple):
    """What is held of an item at a location. `version` grows by one with each movement."""

    sku: Sku
    location: LocationId
    on_hand: Quantity = 0
    unavailable: Quantity = 0
    allocated: Quantity = 0
    reserved: Quantity = 0
    incoming: Quantity = 0
    shortfall: Quantity = 0
    version: int = 0
    counted_at: datetime | None = None
    """Source time of the newest absolute count that was applied."""
    lapsed: Quantity = 0
    """Part of `reserved` whose holds are past their end but not yet swept: free when read."""
    next_supply_at: datetime | None = None
    """Earliest date of an open supply line, if any."""

    @property
    def key(self) -> PositionKey:
        """What identifies the position, and the order in which positions are locked."""
        return (self.sku, self.location)

    @property
    def free(self) -> Quantity:
        """Units nobody has a claim on; negative when more is promised than there is."""
        return self.on_hand - self.unavailable - self.allocated - self.reserved + self.lapsed
