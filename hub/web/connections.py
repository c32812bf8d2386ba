"""The connections that stay open: sockets and streams. One timer looks after all of them, so that
what each has to be done for costs next to nothing while nothing is due."""

import asyncio
import math
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

SLOT_SECONDS: Final = 0.25
"""How exactly something is done when it is due."""
JITTER: Final = 0.2
"""How much sooner or later than the setting says a connection is ended, as a share of it."""
_BATCH: Final = 50
"""So many are ended at once in any case: that need not be spread."""

log = structlog.get_logger()


class Connection(Protocol):
    """A connection that stays open."""

    slot: int
    """Where it stands in the timer; kept by `Connections`."""

    def look(self, now: float) -> float:
        """Do what is due at a time of the loop's clock, and say when to look again."""

    def retire(self) -> None:
        """End so that the client comes back, as soon as what he waits for is answered."""


class Connections:
    """All of one process."""

    def __init__(self, lasting_seconds: float) -> None:
        """Each ends after `lasting_seconds`, more or less, so that clients spread over the
        processes there are."""
        self._lasting_seconds = lasting_seconds
        self._slots: dict[int, set[Connection]] = {}
        self._newest = 0
        """The slot that was gone through last."""
        self._timer: asyncio.TimerHandle | None = None
        self.draining = False
        """Whether the process is about to end, and whoever asks whether it is ready is told no."""
        self.closed = False
        """Whether new connections are to go elsewhere at once."""

    def __len__(self) -> int:
        return sum(map(len, self._slots.values()))

    def retirement(self, now: float) -> float:
        """When a connection that begins now has to end: each at a moment of its own."""
        share = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not a secret
        return now + self._lasting_seconds * share

    def enter(self, connection: Connection) -> None:
        """Look after a connection until it leaves; one that comes too late is asked to go at
        once."""
        if self._timer is None:
            self._newest = _slot_of(asyncio.get_running_loop().time())
            self._wait()
        self._put(connection, 0)
        if self.closed:
            connection.retire()

    def leave(self, connection: Connection) -> None:
        """Look after a connection no more."""
        standing = self._slots.get(connection.slot)
        if standing is not None:
            standing.discard(connection)

    @contextmanager
    def open(self, connection: Connection) -> Iterator[None]:
        """Look after a connection meanwhile."""
        self.enter(connection)
        try:
            yield
        finally:
            self.leave(connection)

    def look_again(self, connection: Connection) -> None:
        """Look after an open connection sooner than it said. Not for one that is looked at."""
        self.leave(connection)
        self._put(connection, 0)

    def retire_all(self) -> None:
        """End all connections at once."""
        self.closed = True
        for connection in self._present():
            self._retire(connection)

    async def retire_in_batches(self, seconds: float) -> None:
        """End all connections within so many seconds: some at a time and at uneven intervals, so
        that their clients do not come back all at once. Few take no time."""
        self.closed = True
        present = self._present()
        random.shuffle(present)
        turns = max(1, min(math.ceil(len(present) / _BATCH), round(seconds / SLOT_SECONDS)))
        size = math.ceil(len(present) / turns)
        moments = sorted(
            random.uniform(0, turns * SLOT_SECONDS)  # noqa: S311 - jitter, not a secret
            for _ in range(1, turns)
        )
        waited = 0.0
        for turn, moment in enumerate((0.0, *moments)):
            await asyncio.sleep(moment - waited)
            waited = moment
            for connection in present[turn * size : (turn + 1) * size]:
                self._retire(connection)

    def _retire(self, connection: Connection) -> None:
        if connection not in self._slots.get(connection.slot, ()):
            return  # It has left while others were ended.
        try:
            connection.retire()
        except Exception:
            log.exception("connection.failed")

    def _present(self) -> list[Connection]:
        return [connection for standing in self._slots.values() for connection in standing]

    def _put(self, connection: Connection, due: float) -> None:
        connection.slot = slot = max(self._newest, _slot_of(due)) + 1
        self._slots.setdefault(slot, set()).add(connection)

    def _wait(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at((self._newest + 1) * SLOT_SECONDS, self._turn)

    def _turn(self) -> None:
        now = asyncio.get_running_loop().time()
        first, self._newest = self._newest + 1, _slot_of(now)
        for slot in range(first, self._newest + 1):
            for connection in self._slots.pop(slot, ()):
                try:
                    due = connection.look(now)
                except Exception:
                    log.exception("connection.failed")
                    due = now + 1
                # Even one that was just closed is still open until its own task has heard of it.
                self._put(connection, due)
        if self._slots:
            self._wait()
        else:
            self._timer = None


def moment_of(time: datetime | None) -> float:
    """A time of the calendar by the loop's clock; never, where there is none."""
    if time is None:
        return math.inf
    return asyncio.get_running_loop().time() + (time - datetime.now(UTC)).total_seconds()


def _slot_of(time: float) -> int:
    return int(time / SLOT_SECONDS)
