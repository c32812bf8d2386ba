"""The tail of the change log: one reader per process tells the others what has changed.

While nobody is told anything, nobody is in a hurry: the log is read from time to time, for the
rules' sake. Whoever comes reads for himself what was written before.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from hub.domain.errors import Unavailable
from hub.live.backplane import Backplane
from hub.observability import metrics
from hub.observability.outage import Outage
from hub.store.change_log import Changes, begin_log, read_changes, read_cursor
from hub.store.database import Database

POLL_SECONDS = 0.5
"""Without a hint for so long, the log is read all the same."""
FLUSH_SECONDS = 0.025
"""Under load changes are collected for so long; after a pause they are told at once."""
RETRY_SECONDS = 0.5

log = structlog.get_logger()


class ChangeTail:
    """Reads the log behind a cursor whenever there may be something new, and hands it on."""

    def __init__(
        self,
        database: Database,
        backplane: Backplane,
        note: Callable[[Changes], Awaitable[None]],
        on_read: Callable[[float], None],
        tell: Callable[[Changes], Awaitable[None]],
        is_watched: Callable[[], bool],
    ) -> None:
        """`note` is given changes first, and is quick. Then `on_read` is told when a read began, by
        the monotonic clock, that has found the end of the log. To `tell` the changes may take as
        long as there are many who want to know."""
        self._database = database
        self._backplane = backplane
        self._note = note
        self._on_read = on_read
        self._tell = tell
        self._is_watched = is_watched
        self._cursor = ""
        self._untold: Changes | None = None
        self._something_untold = asyncio.Event()
        self._outage = Outage("change_log")

    async def start(self) -> str:
        """Remember where the log ends now: what comes from here on is told by `run`."""
        self._cursor = await self._end_of_log()
        return self._cursor

    async def run(self) -> None:
        """Read and tell changes until cancelled. While the database is away, or if anything else
        fails, it waits and goes on from where it was. If it ended, nobody would be told anything
        any more."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(), name="change log")
            tasks.create_task(self._hand_on(), name="change tail")

    async def _end_of_log(self) -> str:
        await begin_log(self._database)
        return await read_cursor(self._database)

    async def _follow(self) -> None:
        last = 0.0
        while True:
            await self._backplane.wait(POLL_SECONDS)
            since = time.monotonic() - last
            if since < POLL_SECONDS and not self._is_watched():
                continue
            pause = FLUSH_SECONDS - since
            if pause > 0:
                await asyncio.sleep(pause)
            last = time.monotonic()
            try:
                await self._read()
            except Unavailable as away:
                self._outage.begin(away.__cause__ or away)
                await asyncio.sleep(RETRY_SECONDS)
            except Exception:
                log.exception("change_tail.failed")
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._outage.end()

    async def _read(self) -> None:
        began = time.monotonic()
        changes = await read_changes(self._database, self._cursor)
        if changes.reset:
            log.warning("change_log.cannot_be_told", cursor=self._cursor)
            changes = changes._replace(cursor=await self._end_of_log())
        if changes.rows or changes.reset:
            metrics.changes_read.inc(changes.rows)
            await self._note(changes)
        self._on_read(began)
        # It may be another one though there is nothing new: what was under way was given up.
        if changes.cursor != self._cursor:
            self._add(changes)
        self._cursor = changes.cursor

    def _add(self, changes: Changes) -> None:
        """Have them told, with those that are still to be told."""
        untold = self._untold
        self._untold = changes if untold is None else untold.followed_by(changes)
        self._something_untold.set()

    async def _hand_on(self) -> None:
        """To tell may take long: the log is read on meanwhile."""
        while True:
            await self._something_untold.wait()
            self._something_untold.clear()
            changes, self._untold = self._untold, None
            if changes is None:
                continue
            try:
                await self._tell(changes)
            except Exception as failure:
                later, self._untold = self._untold, changes
                if later is not None:
                    self._add(later)
                if not isinstance(failure, Unavailable):
                    log.exception("change_tail.failed")
                await asyncio.sleep(RETRY_SECONDS)
                self._something_untold.set()
