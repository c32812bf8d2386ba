"""What the clients of a run have in common: the items they want, and what they leave each other to
do."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from hub.domain.policies import Channel
from hub.domain.values import UNIT, Quantity
from hub.services.catalogue import CatalogueItem, LocationInfo
from tests.integration.shop import CLERK, opened

LOCATIONS = ("BER", "AMS")
CHANNEL = "web"
SCARCE = ("S-1", "S-2", "S-3")
"""Only held, sold, shipped and restocked: what clients saw tells whether too much was sold."""
COUNTED = ("C-1", "C-2")
"""Counted and adjusted as well, downwards too."""
ORDERED = ("E-1", "E-2", "E-3")
"""Moved by events from outside, which may promise more than there is."""
ITEMS = (*SCARCE, *COUNTED, *ORDERED)
OPENING: Mapping[str, Quantity] = {
    **dict.fromkeys(SCARCE, 5 * UNIT),
    **dict.fromkeys(COUNTED, 200 * UNIT),
    **dict.fromkeys(ORDERED, 200 * UNIT),
}
"""Units at each location in the beginning."""


class Challenge(NamedTuple):
    """A hold that somebody else shall try to end at the same moment, given in the loop's time."""

    reservation: str
    at: float


class PlacedOrder(NamedTuple):
    """An order whose units are allocated and not shipped."""

    order: str
    units: Mapping[str, Quantity]
    by_event: bool


@dataclass
class Market:
    """What is shared between the clients of a run."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    challenges: asyncio.Queue[Challenge] = field(default_factory=asyncio.Queue)
    open_orders: deque[PlacedOrder] = field(default_factory=deque)


async def put_catalogue(database_url: str) -> None:
    """Make the tables and put items, locations and a channel in; there is no stock yet."""
    async with opened(database_url) as services:
        catalogue = services.catalogue
        await catalogue.put_locations(CLERK, [LocationInfo(place, place) for place in LOCATIONS])
        channel = Channel(CHANNEL, "Web shop", "en", "EUR", LOCATIONS)
        await catalogue.put_channels(CLERK, [channel], default=CHANNEL)
        await catalogue.put_items(CLERK, [CatalogueItem(sku, f"Item {sku}") for sku in ITEMS])
