"""What the demo shop has in stock when it opens, and what is on its way.

The spread is chosen to show every answer the hub can give: plenty, a few left, none but more
coming, none at all, withdrawn from sale, and units on the shelf that cannot be sold.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from hub.domain.values import UNIT, LocationId, Quantity, Sku
from hub.services.stock import Receipt
from workers.demo.catalogue import (
    BERLIN,
    COPENHAGEN,
    DISCONTINUED,
    LOCATIONS,
    LYON,
    ROTTERDAM,
    items,
)

_LEVELS: Final = "PHHPLHHPHCPHLHHPHHNO"
"""Plenty, Healthy, Low, more Coming, None, Only one place: dealt to the items in their order."""

_UNITS: Final = {
    "P": {BERLIN: 84, ROTTERDAM: 60, LYON: 42, COPENHAGEN: 12},
    "H": {BERLIN: 26, ROTTERDAM: 18, LYON: 9, COPENHAGEN: 6},
    "L": {BERLIN: 2, ROTTERDAM: 1, LYON: 0, COPENHAGEN: 2},
    "C": {BERLIN: 0, ROTTERDAM: 0, LYON: 0, COPENHAGEN: 0},
    "N": {BERLIN: 0, ROTTERDAM: 0, LYON: 0, COPENHAGEN: 0},
    "O": {BERLIN: 0, ROTTERDAM: 0, LYON: 14, COPENHAGEN: 0},
}

_DAMAGED: Final = {("TEAPOT-KYO-SOOT", BERLIN): 6, ("BOWL-NEST-ASH-M", ROTTERDAM): 3}
"""Units that arrived broken and wait for the carrier to fetch them."""


class OpeningCount(NamedTuple):
    """The first count of an item at a location."""

    sku: Sku
    location: LocationId
    on_hand: Quantity
    unavailable: Quantity


def opening_counts() -> list[OpeningCount]:
    """One count per item and location; zero is counted too, for it is known to be zero."""
    counts = []
    for index, item in enumerate(items()):
        for place, location in enumerate(LOCATIONS):
            level = "L" if item.sku == DISCONTINUED else _level(index)
            units = _UNITS[level][location.id]
            # A few more or less, so that shelves do not look copied.
            units += (index * 7 + place * 5) % 9 if units > 5 else 0
            damaged = _DAMAGED.get((item.sku, location.id), 0)
            counts.append(
                OpeningCount(item.sku, location.id, (units + damaged) * UNIT, damaged * UNIT)
            )
    return counts


def opening_supply(now: datetime) -> list[Receipt]:
    """Supply lines with dates from `now` on: all that is coming, and some of what is low."""
    morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
    supply = []
    for index, item in enumerate(items()):
        level = _level(index)
        if item.sku == DISCONTINUED or level not in "CL":
            continue
        days = 2 + index % 12
        for location in (BERLIN,) if level == "L" else (BERLIN, ROTTERDAM):
            document = f"PO-{1000 + index}-{location}"
            quantity = (24 + index % 4 * 12) * UNIT
            eta = morning + timedelta(days=days)
            supply.append(Receipt(item.sku, location, quantity, document, eta))
            days += 3
    return supply


def undeliverable() -> frozenset[Sku]:
    """Items that open with nothing, and that no supplier has at the moment."""
    return frozenset(item.sku for index, item in enumerate(items()) if _level(index) == "N")


def _level(index: int) -> str:
    return _LEVELS[index % len(_LEVELS)]
