"""The last batches of a feed, put together once for all who read it."""

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from hub.services.feeds.form import Form
from hub.services.feeds.position import Position

MAX_RING_BYTES: Final = 4 * 1024 * 1024
"""Who is further behind than this reads the log."""


class Batch(NamedTuple):
    """Events that came into sight together."""

    before: Position
    """Where a reader stands who has everything up to it."""
    position: Position
    told: Mapping[Form, bytes]

    @property
    def size(self) -> int:
        """Bytes in all forms."""
        return sum(map(len, self.told.values()))


class Ring:
    """Batches by their number, of which the oldest are given up."""

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()
        self._bytes = 0
        self.end = 0
        """The number of the next batch."""

    def append(self, batch: Batch) -> None:
        """Add a batch; the newest one is always there."""
        self._batches.append(batch)
        self._bytes += batch.size
        self.end += 1
        while self._bytes > MAX_RING_BYTES and len(self._batches) > 1:
            self._bytes -= self._batches.popleft().size

    def at(self, number: int) -> Batch | None:
        """A batch, as long as it is there."""
        place = number - self.end
        return self._batches[place] if -len(self._batches) <= place < 0 else None

    def clear(self) -> None:
        """Give all of them up, so that nobody who comes behind them is at the end."""
        self._batches.clear()
        self._bytes = 0
        self.end += 1
