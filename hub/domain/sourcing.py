"""Which locations serve a line. It asks the same function that availability is computed with, so
that what an answer promises is what a reservation gets.
"""

from collections.abc import Callable, Iterable

from hub.domain.values import LocationId, Quantity

Part = tuple[LocationId, Quantity]


def source(
    quantity: Quantity, pool: Iterable[LocationId], sellable: Callable[[LocationId], Quantity]
) -> tuple[list[Part], Quantity]:
    """Parts of `quantity` by location, and what no location can serve.

    One location that can serve all of it comes first (one parcel); else the pool is walked in its
    order of priority and each location gives what it has.
    """
    parts: list[Part] = []
    missing = quantity
    for location in pool:
        available = sellable(location)
        if available >= quantity:
            return [(location, quantity)], 0
        if available > 0 and missing > 0:
            part = min(available, missing)
            parts.append((location, part))
            missing -= part
    return parts, missing
