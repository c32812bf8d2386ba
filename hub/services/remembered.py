"""Positions as this process wrote or read them last, so that a hold can be decided at once.

Nothing here is the truth: what is decided on it is written only where the ledger has enough. It
need not even be the newest: what others took or put there meanwhile shows where it matters.
"""

import time
from collections.abc import Collection, Iterable

from hub.domain.ledger import WorkingPosition
from hub.domain.position import Position, PositionKey
from hub.domain.values import Sku

KEEP_SECONDS = 10.0
"""All is forgotten so often: a location that is looked at and never taken from is seen anew."""
MAX_POSITIONS = 100_000
MAX_PAUSE = 256
"""Batches that are written under locks, at most, before memory is tried again."""


class RememberedPositions:
    """What all lanes of a process know of positions. After a miss it keeps silent for a while,
    twice as long after each further one."""

    def __init__(self) -> None:
        self._positions: dict[PositionKey, WorkingPosition] = {}
        self._short: set[Sku] = set()
        self._since = time.monotonic()
        self._pause = 0
        self._next_pause = 1

    @property
    def silent(self) -> bool:
        """Whether it was wrong so lately that it had better not be asked."""
        return self._pause > 0

    def missing(self, keys: Iterable[PositionKey]) -> list[PositionKey]:
        """Those of the keys that it does not know, or no longer."""
        if time.monotonic() - self._since > KEEP_SECONDS or len(self._positions) > MAX_POSITIONS:
            self._positions.clear()
            self._short.clear()
            self._since = time.monotonic()
        known = self._positions
        return [key for key in keys if key not in known]

    def recall(self, keys: Iterable[PositionKey]) -> dict[PositionKey, WorkingPosition] | None:
        """The positions of all these keys, to be worked on: what they become is remembered. None
        where one is not known."""
        known = self._positions
        try:
            return {key: known[key] for key in keys}
        except KeyError:
            return None

    def is_short(self, skus: Iterable[Sku]) -> bool:
        """Whether one of these ran out lately: who wants it had better ask the ledger at once."""
        return not self._short.isdisjoint(skus)

    def learn(self, positions: Iterable[Position]) -> None:
        """Take these where nothing is known yet: what is known is the more recent."""
        for position in positions:
            if position.key not in self._positions:
                self._positions[position.key] = WorkingPosition(position)

    def remember(self, positions: Iterable[Position], short: Collection[Sku] = ()) -> None:
        """Take these as the newest, as they were left by a batch that was written under locks;
        and that of some items there was not enough."""
        for position in positions:
            if position.sku in short:
                self._short.add(position.sku)
            else:
                self._positions[position.key] = WorkingPosition(position)
                self._short.discard(position.sku)
        self._pause = max(0, self._pause - 1)

    def forget(self, keys: Iterable[PositionKey]) -> None:
        """Know nothing of these any more."""
        for key in keys:
            self._positions.pop(key, None)

    def was_right(self) -> None:
        """The ledger agreed with what was decided on memory."""
        self._next_pause = max(1, self._next_pause // 2)

    def was_wrong(self) -> None:
        """It did not."""
        self._pause = self._next_pause
        self._next_pause = min(MAX_PAUSE, self._next_pause * 2)
