"""Puts into the change log what time alone changes, at the moment when it does.

A release, an expected date that passes, a hold that nobody sweeps, a location that has owed a count
for too long, a source that has been silent for too long, an alert whose cause has been gone long
enough, orders that are no longer part of a forecast. Every serving process runs it, with jobs or
without: without, a hold that lapses would be told by nobody. Each moment is told once.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.demand import WINDOW_DAYS
from hub.domain.errors import Unavailable
from hub.observability import metrics
from hub.store.passing_time import Delays, Told, tell_what_is_due

INTERVAL_SECONDS = 0.5
"""A moment that nobody knew of is told this late at most."""
SOON_SECONDS = 0.005
"""Not before the moment by the database's clock."""
RETRY_SECONDS = 1.0
MOST = 1_000
"""Moments of each kind at a time."""
HOLD_GRACE: Final = timedelta(seconds=1)
"""Twice as long as the sweeper takes."""

log = structlog.get_logger()


class PassingTime:
    """Waits for the next moment and tells of it."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._announce = services.announce
        self._source_health = services.source_health
        wave = timedelta(seconds=services.settings.notice_wave_seconds)
        self._delays = Delays(HOLD_GRACE, wave, timedelta(days=WINDOW_DAYS))

    async def run(self, stop: asyncio.Event) -> None:
        """Tell until `stop` is set; survives the database going away."""
        while not stop.is_set():
            try:
                pause = _pause(await self.tell())
                await self._source_health.turn()
            except Unavailable:
                log.warning("passing_time.database_away")
                pause = RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def tell(self) -> Told | None:
        """Tell what has fallen due, at most so much as is told at a time."""
        told = await tell_what_is_due(self._database, self._delays, MOST)
        if told is not None and told.rows:
            metrics.moments_told.inc(told.items)
            self._announce()
        return told


def _pause(told: Told | None) -> float:
    if told is None:
        return INTERVAL_SECONDS
    if told.more:
        return 0.0
    return min(INTERVAL_SECONDS, _seconds_until(told.next_at, told.now))


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return INTERVAL_SECONDS if moment is None else (moment - now).total_seconds() + SOON_SECONDS
