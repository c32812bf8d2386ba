"""A subscriber that watches one item during a replay, and remembers what it saw change."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, Self

from hub.bootstrap import Services
from hub.domain.availability import Availability
from hub.domain.errors import UnknownSku
from hub.domain.principal import Principal
from hub.domain.values import Quantity, Scope, Sku, quantity_number

_KEPT: Final = 10_000
_AROUND: Final = 2
"""Transitions told before and after the largest swing."""
_PATIENCE_SECONDS: Final = 5.0


class Transition(NamedTuple):
    """A state that the subscriber received and that differed in status from the one before."""

    status: str
    quantity: Quantity
    shortfall: Quantity
    day: str
    """The simulated day on which it was seen."""
    as_of: str
    swing: Quantity
    """How far the balance had moved since the state received before."""

    def as_dict(self) -> dict[str, Any]:
        """The transition as JSON, in units."""
        return {
            "status": self.status,
            "quantity": quantity_number(self.quantity),
            "shortfall": quantity_number(self.shortfall),
            "day": self.day,
            "asOf": self.as_of,
            "swing": quantity_number(self.swing),
        }


class SkuWatch:
    """Watches an item through the same service as a page does.

    A subscriber gets states and no history: of two changes that follow at once it sees the second.
    So the replay waits, after each step that touches the item, until the subscriber has caught up.
    """

    def __init__(self, services: Services, principal: Principal, sku: Sku, scope: Scope) -> None:
        self._services = services
        self._principal = principal
        self._sku = sku
        self._scope = scope
        self._seen: Availability | None = None
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._transitions: deque[Transition] = deque(maxlen=_KEPT)
        self.received = 0
        self.day = ""
        """The simulated day, told by the replay before it applies a step."""

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Self]:
        """Watch while the context is open; it opens once the subscriber has the snapshot."""
        self._task = asyncio.create_task(self._read(), name=f"watch {self._sku}")
        try:
            await self.caught_up()
            yield self
        finally:
            self._task.cancel()
            # Why it ended was told to whoever waited; here it only has to end.
            await asyncio.wait([self._task])
            if not self._task.cancelled():
                self._task.exception()

    async def caught_up(self) -> None:
        """Wait until the subscriber has seen what the ledger says now; `TimeoutError` if never."""
        found = await self._services.lookup.availability(self._principal, [self._sku], self._scope)
        if self._sku not in found:
            raise UnknownSku(skus=[self._sku])
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while self._seen is None or self._seen.version < found[self._sku].version:
                if self._task is not None and self._task.done():
                    self._task.result()
                self._moved.clear()
                await self._moved.wait()

    def largest_swing(self) -> list[Transition]:
        """The transitions around the one with the largest swing, in the order seen."""
        seen = list(self._transitions)
        if not seen:
            return []
        at = max(range(len(seen)), key=lambda index: abs(seen[index].swing))
        return seen[max(0, at - _AROUND) : at + _AROUND + 1]

    async def _read(self) -> None:
        events = self._services.watch.availability(self._principal, [self._sku], self._scope)
        try:
            async for event in events:
                for availability in event.availability:
                    self._take(availability)
        finally:
            # Whoever waits must hear of the end, too.
            self._moved.set()

    def _take(self, availability: Availability) -> None:
        before, self._seen = self._seen, availability
        self.received += 1
        self._moved.set()
        if before is not None and before.status is availability.status:
            return
        self._transitions.append(
            Transition(
                status=availability.status.value,
                quantity=availability.breakdown.available_to_order,
                shortfall=availability.breakdown.shortfall,
                day=self.day,
                as_of=availability.as_of.isoformat(),
                swing=0 if before is None else _balance(availability) - _balance(before),
            )
        )


def _balance(availability: Availability) -> Quantity:
    return availability.breakdown.available_to_order - availability.breakdown.shortfall
