"""A subscriber, and what he was told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.values import UNIT, Scope
from hub.services.watch import AvailabilityEvent, EventKind
from tests.integration.shop import BUYER
from tests.waiting import eventually


class Watcher:
    """Reads all that he is told, at once."""

    def __init__(self) -> None:
        self.events: list[AvailabilityEvent] = []
        self.last: dict[str, Availability] = {}
        """The newest value of each item."""
        self.versions: dict[str, list[int]] = {}

    async def read(self, events: AsyncGenerator[AvailabilityEvent, None]) -> None:
        """Read until the subscription is closed."""
        async with aclosing(events):
            async for event in events:
                for answer in event.availability:
                    self.last[answer.sku] = answer
                    self.versions.setdefault(answer.sku, []).append(answer.version)
                self.events.append(event)

    @property
    def kinds(self) -> list[EventKind]:
        """What sort of events came, in order."""
        return [event.kind for event in self.events]

    def units(self, sku: str = "A-1") -> float | None:
        """Units of an item as he knows it."""
        return self.last[sku].breakdown.available_to_order / UNIT if sku in self.last else None

    async def sees(self, units: float, sku: str = "A-1", within_seconds: float = 2.0) -> None:
        """Wait until he knows of so many units."""
        await eventually(
            lambda: self.units(sku), lambda known: known == units, within_seconds=within_seconds
        )

    async def begun(self) -> None:
        """Wait until he has been told something."""
        await eventually(lambda: self.events)


@asynccontextmanager
async def watching(
    services: Services, *skus: str, channel: str | None = None, after: str | None = None
) -> AsyncIterator[Watcher]:
    """Somebody who watches some items, or all if none is named; he knows the present state."""
    scope = None if channel is None else Scope(channel)
    watcher = Watcher()
    events = services.watch.availability(BUYER, skus or None, scope, after)
    reading = asyncio.create_task(watcher.read(events))
    try:
        await eventually(lambda: watcher.events or reading.done())
        yield watcher
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
