"""What is to be done when: the one loop behind the simulated shop and its suppliers."""

import asyncio
import contextlib
import heapq
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final, NamedTuple

import structlog

from hub.domain.errors import HubError, Unavailable

_FIRST_BACKOFF_SECONDS: Final = 0.5
_LAST_BACKOFF_SECONDS: Final = 15.0

Action = Callable[[], Awaitable[None]]

log = structlog.get_logger()


class _Entry(NamedTuple):
    due: float
    number: int
    """Decides between entries of one moment, so that actions are never compared."""
    action: Action
    again_in: Callable[[], float] | None


class Agenda:
    """Actions by the time they are due, done one after the other.

    A refusal is an ordinary answer and ends its action. While the database is away the agenda
    waits, longer each time, and then does the same action again.
    """

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._numbers = count()

    def add(self, delay_seconds: float, action: Action) -> None:
        """Do `action` once, in so many seconds."""
        self._push(delay_seconds, action, None)

    def repeat(self, again_in: Callable[[], float], action: Action) -> None:
        """Do `action` again and again; `again_in` says after how many seconds each time."""
        self._push(again_in(), action, again_in)

    async def run(self, stop: asyncio.Event) -> None:
        """Do what is due until `stop` is set; what is due later is left undone."""
        backoff_seconds = 0.0
        while self._entries and not stop.is_set():
            wait = max(backoff_seconds, self._entries[0].due - _now())
            if wait > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), wait)
                    return
            entry = heapq.heappop(self._entries)
            if await self._done(entry):
                backoff_seconds = 0.0
            else:
                backoff_seconds = min(
                    max(_FIRST_BACKOFF_SECONDS, backoff_seconds * 2), _LAST_BACKOFF_SECONDS
                )

    async def _done(self, entry: _Entry) -> bool:
        """Do an action; false when the database is away."""
        if entry.again_in is not None:
            self.repeat(entry.again_in, entry.action)
        try:
            await entry.action()
        except Unavailable:
            log.info("demo waits for the database")
            if entry.again_in is None:
                self.add(0, entry.action)
            return False
        except HubError as refusal:
            log.debug("demo action refused", code=refusal.code)
        return True

    def _push(
        self, delay_seconds: float, action: Action, again_in: Callable[[], float] | None
    ) -> None:
        due = _now() + delay_seconds
        heapq.heappush(self._entries, _Entry(due, next(self._numbers), action, again_in))


def _now() -> float:
    return asyncio.get_running_loop().time()
