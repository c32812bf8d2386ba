"""Shoppers of the demo shop: they take things into a cart, and buy, put back or walk away."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate
from random import Random
from typing import Any, Final
from uuid import uuid4

import structlog

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.domain.principal import trusted
from hub.domain.values import UNIT, Line, ReservationId, Sku
from workers.demo.agenda import Agenda
from workers.demo.catalogue import CHANNELS, items

SHOP_SOURCE: Final = "demo-shop"
_PRINCIPAL: Final = trusted(SHOP_SOURCE)
_CHANGES_PER_SHOPPER: Final = 2.6
"""Measured over many shoppers: a hold, and what becomes of it, on one or two items."""
_CHANNEL_WEIGHTS: Final = (6, 2, 2)
_BUYS: Final = 0.5
_PUTS_BACK: Final = 0.25
_CART_TTL_SECONDS: Final = 120

log = structlog.get_logger()


class Shop:
    """A stream of shoppers at a steady pace. `rng` decides what they do, `new_id` names orders.

    With `speed` 10 a shopper makes up his mind, and an order is shipped, in a tenth of the time.
    """

    def __init__(
        self,
        services: Services,
        rng: Random,
        changes_per_second: float,
        speed: float = 1.0,
        new_id: Callable[[], str] = lambda: uuid4().hex,
    ) -> None:
        self._services = services
        self._rng = rng
        self._speed = speed
        self._arrivals_per_second = changes_per_second / _CHANGES_PER_SHOPPER
        self._new_id = new_id
        self._agenda = Agenda()
        self._unshipped: dict[str, None] = {}
        self._skus = [item.sku for item in items() if not item.discontinued]
        rng.shuffle(self._skus)
        # A few things sell fast and most sell slowly, as in every shop.
        self._popularity = list(accumulate(1 / (rank + 1) for rank in range(len(self._skus))))

    async def run(self, stop: asyncio.Event) -> None:
        """Serve shoppers until `stop` is set, then send out what was bought."""
        # A new one: what an earlier run that failed had planned is shipped at the end.
        self._agenda = Agenda()
        rng, rate = self._rng, self._arrivals_per_second
        self._agenda.repeat(lambda: rng.expovariate(rate), self._shopper_arrives)
        await self._agenda.run(stop)
        try:
            # Else these orders would stay allocated for good: nobody remembers them later.
            await self._send([self._shipped(order) for order in self._unshipped])
        except HubError as refusal:
            log.warning("demo orders stay unshipped", orders=len(self._unshipped), why=refusal.code)

    async def _shopper_arrives(self) -> None:
        rng = self._rng
        channel = rng.choices(CHANNELS, _CHANNEL_WEIGHTS)[0].id
        fate = rng.random()
        leaves = fate >= _BUYS + _PUTS_BACK
        reservation = await self._services.reservations.reserve(
            _PRINCIPAL,
            self._cart(),
            channel,
            f"demo-shopper-{rng.randrange(10_000)}",
            # Who walks away holds his things for a short while only.
            1 + int(self._seconds(14, 39)) if leaves else _CART_TTL_SECONDS,
            None,
        )
        if fate < _BUYS:
            self._agenda.add(
                self._seconds(4, 25), partial(self._buys, reservation.id, self._order())
            )
        elif not leaves:
            self._agenda.add(self._seconds(3, 20), partial(self._puts_back, reservation.id))

    def _seconds(self, least: float, most: float) -> float:
        return self._rng.uniform(least, most) / self._speed

    def _cart(self) -> list[Line]:
        rng = self._rng
        lines = 1 if rng.random() < 0.8 else 2
        skus = dict.fromkeys(rng.choices(self._skus, cum_weights=self._popularity, k=lines))
        return [Line(sku, self._units(sku) * UNIT) for sku in skus]

    def _units(self, sku: Sku) -> int:
        # Mugs and bowls are bought by the set, chairs and jackets one at a time.
        by_the_set = sku.startswith(("MUG-", "BOWL-", "NOTEBOOK-"))
        return self._rng.choice((1, 2, 2, 4) if by_the_set else (1, 1, 1, 2))

    def _order(self) -> str:
        return f"DEMO-{self._new_id()[:12].upper()}"

    async def _buys(self, reservation: ReservationId, order: str) -> None:
        await self._services.reservations.commit(_PRINCIPAL, reservation, order, None)
        self._unshipped[order] = None
        self._agenda.add(self._seconds(15, 60), partial(self._is_shipped, order))

    async def _puts_back(self, reservation: ReservationId) -> None:
        await self._services.reservations.release(_PRINCIPAL, reservation, "put back", None)

    async def _is_shipped(self, order: str) -> None:
        await self._send([self._shipped(order)])
        self._unshipped.pop(order, None)

    def _shipped(self, order: str) -> dict[str, Any]:
        # Without a time of its own: the very same event when it is sent again after an outage.
        return {
            "specversion": "1.0",
            "id": f"shipped:{order}",
            "source": SHOP_SOURCE,
            "type": "order.shipped",
            "data": {"order": order},
        }

    async def _send(self, events: Sequence[dict[str, Any]]) -> None:
        if events:
            await self._services.intake.accept_events(_PRINCIPAL, SHOP_SOURCE, events)
