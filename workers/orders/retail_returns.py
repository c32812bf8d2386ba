"""Which orders the cancellations of the Online Retail log take back.

Its cancellation invoices name a customer and items, but no order. So each cancelled line takes from
that customer's most recent orders of the item that still have units.
"""

from typing import NamedTuple

from hub.domain.values import OrderId, Sku
from workers.orders.retail_survey import CustomerSku


class Part(NamedTuple):
    """So many units of a cancelled line, and the order they belong to; None where none is known."""

    order: OrderId | None
    units: int


class OrderBook:
    """The units by order that customers may still cancel or send back."""

    def __init__(self, come_back: frozenset[CustomerSku]) -> None:
        # Nobody cancels most of what is sold, so most of it need not be remembered.
        self._come_back = come_back
        self._left: dict[CustomerSku, list[Part]] = {}

    def remember(self, customer: str, order: OrderId, sku: Sku, units: int) -> None:
        """Note an ordered line, if the log ever cancels what it sells."""
        key = (customer, sku)
        if key in self._come_back:
            self._left.setdefault(key, []).append(Part(order, units))

    def take_back(self, customer: str, sku: Sku, units: int) -> list[Part]:
        """Take `units` from the newest orders; what no order has left comes without one."""
        parts: list[Part] = []
        left = self._left.get((customer, sku), [])
        while units and left:
            order, available = left.pop()
            taken = min(units, available)
            if taken < available:
                left.append(Part(order, available - taken))
            parts.append(Part(order, taken))
            units -= taken
        if units:
            parts.append(Part(None, units))
        return parts
