"""A subscriber's mailbox: the newest value of each key he asked for, and nothing older.

It cannot grow beyond its keys, so a slow reader costs what a fast one costs, and what he reads in
the end is the present state.
"""

import asyncio
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Mailbox(Generic[K, V]):
    """Newest-value slots by key, emptied by one reader."""

    def __init__(self, newer: Callable[[V, V], bool]) -> None:
        """`newer(a, b)` says whether `a` is to be shown to a reader who has seen `b`."""
        self._newer = newer
        self._slots: dict[K, V] = {}
        self._seen: dict[K, V] = {}
        self._filled = asyncio.Event()

    def offer(self, key: K, value: V) -> None:
        """Put a value in its slot, over an older one that was not read yet."""
        known = self._slots.get(key, self._seen.get(key))
        if known is None or self._newer(value, known):
            self._slots[key] = value
            self._filled.set()

    def mark_seen(self, key: K, value: V) -> None:
        """The reader has this value by another way: what is not newer will not be shown."""
        self._seen[key] = value
        waiting = self._slots.get(key)
        if waiting is not None and not self._newer(waiting, value):
            del self._slots[key]
            if not self._slots:
                self._filled.clear()

    async def take(self) -> list[V]:
        """All values that wait, once there is one."""
        await self._filled.wait()
        self._filled.clear()
        values = list(self._slots.values())
        self._seen.update(self._slots)
        self._slots.clear()
        return values
