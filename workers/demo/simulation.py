"""The demo's moving parts together: shoppers and suppliers, at one pace from one seed."""

import asyncio
from random import Random
from typing import Final

from hub.bootstrap import Services
from workers.demo.shop import Shop
from workers.demo.suppliers import Suppliers

CHANGES_PER_SECOND: Final = 4.5
_SHOPPERS_SHARE: Final = 0.8


class Simulation:
    """Keeps the demo shop moving. `rng` makes its decisions; ids never repeat all the same.

    `speed` is how many times faster than in life things happen to one shopper or one delivery.
    """

    def __init__(
        self,
        services: Services,
        rng: Random,
        changes_per_second: float = CHANGES_PER_SECOND,
        speed: float = 1.0,
    ) -> None:
        shoppers = changes_per_second * _SHOPPERS_SHARE
        self._shop = Shop(services, rng, shoppers, speed)
        self._suppliers = Suppliers(services, rng, changes_per_second - shoppers, speed)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what was bought or announced by then is still delivered."""
        await asyncio.gather(self._shop.run(stop), self._suppliers.run(stop))
