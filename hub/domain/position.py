"""The folded ledger of an item at a location."""

from datetime import datetime
from typing import Final, NamedTuple

from hub.domain.supply import SupplyLine
from hub.domain.values import LocationId, Quantity, Sku

PositionKey = tuple[Sku, LocationId]


class Past(NamedTuple):
    """How a position was once: what an entry of the ledger left free."""

    at: datetime
    free: Quantity


class Position(NamedTuple):
    """What is held of an item at a location. `version` grows by one with each movement."""

    sku: Sku
    location: LocationId
    on_hand: Quantity = 0
    unavailable: Quantity = 0
    allocated: Quantity = 0
    reserved: Quantity = 0
    backordered: Quantity = 0
    """Units promised beyond stock: they wait for what comes in here."""
    incoming: Quantity = 0
    shortfall: Quantity = 0
    version: int = 0
    counted_at: datetime | None = None
    """Source time of the newest absolute count that was applied."""
    counted_through: datetime | None = None
    """The watermark: orders placed up to here are already in the count."""
    chain: bytes | None = None
    """Digest of all movements up to `version`."""
    lapsed: Quantity = 0
    """Part of `reserved` whose holds are past their end but not yet swept: free when read."""
    own: Quantity = 0
    """Part of `reserved` that whoever asks holds himself: it does not block him."""
    next_supply_at: datetime | None = None
    """Earliest date of an open supply line, if any."""
    lapsed_waiting: Quantity = 0
    """Part of `backordered` whose holds are past their end but not yet swept."""
    supply: tuple[SupplyLine, ...] = ()
    """What is still expected, the earliest first, where it was read."""
    past: tuple[Past, ...] = ()
    """What its entries left free, the newest first: read where the item is near its mark."""

    @property
    def key(self) -> PositionKey:
        """What identifies the position, and the order in which positions are locked."""
        return (self.sku, self.location)

    @property
    def free(self) -> Quantity:
        """Units nobody has a claim on; negative when more is promised than there is."""
        claimed = self.unavailable + self.allocated + self.reserved - self.lapsed - self.own
        return self.on_hand - claimed

    @property
    def waiting(self) -> Quantity:
        """Units in line for what comes in."""
        return self.backordered - self.lapsed_waiting


STORED_COLUMNS: Final = Position._fields.index("lapsed")
"""So many leading fields of a position are its row; the rest is found out when it is read."""
