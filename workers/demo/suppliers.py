"""Suppliers and warehouses of the demo shop: they deliver, count, break things and find things.

They send what real ones would send, as CloudEvents through the intake, and nothing else.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Final, NamedTuple
from uuid import uuid4

import structlog

from hub.bootstrap import Services
from hub.domain.availability import Availability, LocationBreakdown
from hub.domain.errors import HubError
from hub.domain.principal import trusted
from hub.domain.values import UNIT, LocationId, Quantity, Scope, Sku, quantity_number
from workers.demo.agenda import Agenda
from workers.demo.catalogue import BERLIN, COPENHAGEN, LYON, ROTTERDAM, items
from workers.demo.opening import undeliverable

_PRINCIPAL: Final = trusted("demo-suppliers")
_SKUS_PER_VISIT: Final = 12
_REORDER_SHARE: Final = 0.15
"""Below this share of its full shelf an item is ordered again: late enough that what sells fast
runs out now and then, and comes back."""
_COUNTED_WRONG: Final = 0.15

log = structlog.get_logger()


class Supplier(NamedTuple):
    """Who serves which locations; the channel is the one through which it sees them."""

    source: str
    channel: str
    locations: tuple[LocationId, ...]


SUPPLIERS: Final = (
    Supplier("demo-supplier-nordholz", "web-nordic", (BERLIN, COPENHAGEN)),
    Supplier("demo-supplier-maas", "web-eu", (ROTTERDAM,)),
    Supplier("demo-supplier-rhone", "web-eu", (LYON,)),
)

_FULL_SHELF: Final[dict[LocationId, Quantity]] = {
    BERLIN: 80 * UNIT,
    ROTTERDAM: 50 * UNIT,
    LYON: 40 * UNIT,
    COPENHAGEN: 12 * UNIT,
}
"""Deliveries fill up to this and no further, so that stock neither runs dry nor piles up."""


class Suppliers:
    """All suppliers at a steady pace. `rng` decides what they do, `new_id` names their events.

    With `speed` 10 a delivery takes a tenth of the time.
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
        self._visits_per_second = changes_per_second
        self._new_id = new_id
        self._agenda = Agenda()
        self._on_the_road: dict[str, tuple[str, dict[str, Any]]] = {}
        """Receipts by document that were announced and have not arrived: source and data."""
        cannot = undeliverable()
        self._skus = [i.sku for i in items() if not i.discontinued and i.sku not in cannot]

    async def run(self, stop: asyncio.Event) -> None:
        """Supply until `stop` is set, then deliver what was announced."""
        # A new one: what an earlier run that failed had planned comes with the last delivery.
        self._agenda = Agenda()
        rng, rate = self._rng, self._visits_per_second
        self._agenda.repeat(lambda: rng.expovariate(rate), self._visit)
        await self._agenda.run(stop)
        try:
            for document in list(self._on_the_road):
                await self._arrives(document)
        except HubError as refusal:
            log.warning("demo supply stays open", lines=len(self._on_the_road), why=refusal.code)

    async def _visit(self) -> None:
        """A supplier looks at some of its items, orders what is low and else minds the shelf."""
        rng = self._rng
        supplier = rng.choice(SUPPLIERS)
        seen = await self._services.lookup.availability(
            _PRINCIPAL, rng.sample(self._skus, _SKUS_PER_VISIT), Scope(supplier.channel), UNIT
        )
        low = [
            (availability, shelf)
            for availability in seen.values()
            # What is coming already is not ordered twice; what is late is.
            if availability.next_supply_at is None
            for shelf in _shelves(availability, supplier)
            if shelf.available_to_sell < _FULL_SHELF[shelf.location] * _REORDER_SHARE
        ]
        if low:
            await self._announce(supplier, *rng.choice(low))
            return
        shelves = [(a, shelf) for a in seen.values() for shelf in _shelves(a, supplier)]
        if shelves:
            availability, shelf = rng.choice(shelves)
            mind = rng.choice((self._count, self._adjust))
            await mind(supplier, availability, shelf)

    async def _announce(
        self, supplier: Supplier, availability: Availability, shelf: LocationBreakdown
    ) -> None:
        lead_seconds = self._rng.uniform(45, 180) / self._speed
        eta = self._services.clock.now() + timedelta(seconds=lead_seconds)
        units = (_FULL_SHELF[shelf.location] - shelf.available_to_sell) // UNIT
        document = f"DEMO-PO-{self._new_id()[:12].upper()}"
        receipt = {
            "sku": availability.sku,
            "location": shelf.location,
            "quantity": units,
            "document": document,
        }
        data = {**receipt, "eta": eta.isoformat()}
        await self._send(supplier.source, "supply.scheduled", data, f"scheduled:{document}")
        self._on_the_road[document] = (supplier.source, receipt)
        # Most lorries are on time, some are late; a promise must live with both.
        late = self._rng.choice((0.95, 1.0, 1.0, 1.4))
        self._agenda.add(lead_seconds * late, partial(self._arrives, document))

    async def _arrives(self, document: str) -> None:
        source, receipt = self._on_the_road[document]
        # Named after its document and without a time of its own: the very same event when it is
        # sent again after an outage, so it does not arrive twice.
        await self._send(source, "supply.received", receipt, f"received:{document}")
        del self._on_the_road[document]

    async def _count(
        self, supplier: Supplier, availability: Availability, shelf: LocationBreakdown
    ) -> None:
        on_hand = quantity_number(shelf.on_hand)
        if self._rng.random() < _COUNTED_WRONG and shelf.available_to_sell > 3 * UNIT:
            on_hand += self._rng.choice((-1, 1))
        data = {
            **_place(availability.sku, shelf),
            "onHand": on_hand,
            "asOf": availability.as_of.isoformat(),
        }
        await self._send(supplier.source, "stock.set", data, self._new_id())

    async def _adjust(
        self, supplier: Supplier, availability: Availability, shelf: LocationBreakdown
    ) -> None:
        breaks = self._rng.random() < 0.5 and shelf.available_to_sell > 3 * UNIT
        change = (-1, "damaged in handling") if breaks else (1, "found in the wrong bay")
        data = {**_place(availability.sku, shelf), "delta": change[0], "reason": change[1]}
        await self._send(supplier.source, "stock.adjusted", data, self._new_id())

    async def _send(self, source: str, kind: str, data: dict[str, Any], event_id: str) -> None:
        event = {
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": kind,
            "data": data,
        }
        await self._services.intake.accept_events(_PRINCIPAL, source, [event])


def _shelves(availability: Availability, supplier: Supplier) -> Sequence[LocationBreakdown]:
    return [s for s in availability.breakdown.locations if s.location in supplier.locations]


def _place(sku: Sku, shelf: LocationBreakdown) -> dict[str, Any]:
    return {"sku": sku, "location": shelf.location}
