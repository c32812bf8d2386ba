"""How far the subscribers of this process have been told, and waiting until that is far enough."""

import asyncio
from collections.abc import Callable

from hub.store.change_log import is_cursor_of_this_log
from hub.store.database import Database
from hub.store.log_cursor import OUTSIDE, LogCursor

REACH_SECONDS = 2.0
"""So long, at most, somebody who comes back waits until this process knows what he knows."""


class Place:
    """The place in the change log behind all that subscribers have been told."""

    def __init__(self, database: Database, look: Callable[[], None]) -> None:
        """`look` has the change log read soon."""
        self._database = database
        self._look = look
        self._awaiting = 0
        self._moved = asyncio.Event()
        """A new one each time."""
        self.cursor = OUTSIDE.text

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for it to move."""
        return self._awaiting > 0

    def move(self, cursor: str) -> None:
        """All that is before a cursor has been told."""
        self.cursor = cursor
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    async def reach(self, after: str | None) -> None:
        """Wait until all has been told here that somebody knows who comes back with a cursor: he
        may have been told by a process that was ahead. If he joins then, he is told nothing twice.
        """
        known = None if after is None else LogCursor.parse(after)
        if after is None or known is None or self._includes(known):
            return
        if not await is_cursor_of_this_log(self._database, after):
            return
        self._awaiting += 1
        try:
            # Rather twice than late.
            async with asyncio.timeout(REACH_SECONDS):
                while not self._includes(known):
                    self._look()
                    await self._moved.wait()
        except TimeoutError:
            return
        finally:
            self._awaiting -= 1

    def _includes(self, known: LogCursor) -> bool:
        here = LogCursor.parse(self.cursor)
        return here is not None and here.includes(known)
