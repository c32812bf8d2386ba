"""How many batches of holds fly at a time, and how large they are.

Two of about half of those who wait, as a rule: one is decided while the database writes the other.
Where other processes want the same position each batch has to wait for theirs. Then all who wait go
in one: half as many batches stand in line for the lock, and the others' work fills the waiting.
"""

import asyncio
import time
from typing import Final

FLIGHTS: Final = 2
SMALL_FLIGHT: Final = 16
"""So few holds are better written by one transaction than by two."""
CROWDED: Final = 0.3
"""Share of its time for which a batch has to wait for others: from there on they are in the way."""
CALM_FLIGHTS: Final = 4
"""So many batches in a row have to find nobody in their way: now and then one does by chance."""


class Flights:
    """The batches of a lane that are on their way."""

    def __init__(self) -> None:
        self._sizes: dict[asyncio.Task[None], int] = {}
        self._calm = CALM_FLIGHTS
        self._written_at = 0.0
        self._held_seconds = 0.0

    def __len__(self) -> int:
        return len(self._sizes)

    @property
    def crowded(self) -> bool:
        """Whether other processes want the same positions."""
        return self._calm < CALM_FLIGHTS

    def may_launch(self, waiting: int) -> bool:
        """Whether the next batch may set out. A second one waits until it is about as large as
        the first: two of unequal size would stay so for ever."""
        if not self._sizes:
            return True
        worth_it = waiting * 2 >= sum(self._sizes.values())
        return worth_it and len(self._sizes) < FLIGHTS and not self.crowded

    def size(self, waiting: int) -> int:
        """How many of those who wait the next batch takes; the others follow in the second."""
        if self._sizes or self.crowded or waiting <= SMALL_FLIGHT:
            return waiting
        return (waiting + 1) // 2

    def launched(self, flight: asyncio.Task[None], holds: int) -> None:
        """So many holds have set out."""
        self._sizes[flight] = holds

    def landed(self, flight: asyncio.Task[None]) -> None:
        """Its callers have been answered."""
        del self._sizes[flight]

    def written(self, sent_at: float, lock_seconds: float) -> None:
        """Learn from a batch, sent at this monotonic time, that had its first lock after so many
        seconds. What it waited while the batch before it had that is no matter: that was ours."""
        now = time.monotonic()
        seconds = now - sent_at
        own_seconds = min(max(0.0, self._written_at - sent_at), self._held_seconds)
        in_the_way = lock_seconds - own_seconds > CROWDED * seconds
        self._calm = 0 if in_the_way else min(self._calm + 1, CALM_FLIGHTS)
        self._written_at, self._held_seconds = now, seconds - lock_seconds
