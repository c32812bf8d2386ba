"""Puts the demo shop into an empty hub, through the same services as anyone else."""

import asyncio
from datetime import datetime
from typing import Any, Final, NamedTuple

from hub.bootstrap import Services
from hub.domain.principal import trusted
from hub.services.stock import Count
from workers.demo.catalogue import CHANNELS, DEFAULT_CHANNEL, LOCATIONS, POLICIES, items
from workers.demo.opening import opening_counts, opening_supply

_PRINCIPAL: Final = trusted("demo-seed")


class SeedReport(NamedTuple):
    """What was put in; all zero when the shop was there already."""

    already_seeded: bool
    items: int = 0
    locations: int = 0
    channels: int = 0
    positions: int = 0
    supply_lines: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "alreadySeeded": self.already_seeded,
            "items": self.items,
            "locations": self.locations,
            "channels": self.channels,
            "positions": self.positions,
            "supplyLines": self.supply_lines,
        }


async def seed(services: Services, now: datetime) -> SeedReport:
    """Put the demo shop in, once. Supply is expected in the days after `now`.

    A shop that is there is left as it is, whatever has been sold since. A seed that was cut off is
    done again from the start.
    """
    catalogue, stock = services.catalogue, services.stock
    if DEFAULT_CHANNEL in {channel.id for channel in catalogue.channels(_PRINCIPAL)}:
        return SeedReport(already_seeded=True)
    goods = items()
    await catalogue.put_locations(_PRINCIPAL, LOCATIONS)
    await catalogue.put_items(_PRINCIPAL, goods)
    await catalogue.put_policies(_PRINCIPAL, POLICIES)
    counts = opening_counts()
    supply = opening_supply(now)
    # All at once, so that the stock writer can take them in a few transactions.
    await asyncio.gather(
        *(
            stock.set_stock(
                _PRINCIPAL,
                Count(
                    count.sku,
                    count.location,
                    count.on_hand,
                    unavailable=count.unavailable,
                    reason="opening count",
                ),
            )
            for count in counts
        )
    )
    await asyncio.gather(*(stock.schedule_supply(_PRINCIPAL, line) for line in supply))
    # Channels last: they are the mark of a seed that is complete.
    current = catalogue.default_channel()
    default = DEFAULT_CHANNEL if current in (None, DEFAULT_CHANNEL) else None
    await catalogue.put_channels(_PRINCIPAL, CHANNELS, default)
    return SeedReport(
        already_seeded=False,
        items=len(goods),
        locations=len(LOCATIONS),
        channels=len(CHANNELS),
        positions=len(counts),
        supply_lines=len(supply),
    )
