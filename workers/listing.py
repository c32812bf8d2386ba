"""Keeps what pages of items are filtered by a moment behind the ledger.

It never competes with those who sell: after each step it rests for twice as long as the step took,
so that where the database or the process is busy the listing lags, and nobody waits for it.
"""

import asyncio
import contextlib
import time

import structlog

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.observability import metrics
from hub.services.listing_projection import ListingProjection, Step

REST = 2.0
"""It rests for so many times as long as it worked."""
INTERVAL_SECONDS = 0.25
RETRY_SECONDS = 1.0
STAND_BACK_SECONDS = 5.0
"""Another worker keeps the projections; it is looked after this long whether it still does."""

log = structlog.get_logger()


class Listing:
    """Writes the projections, step by step."""

    def __init__(self, services: Services) -> None:
        self._projection: ListingProjection = services.listing_projection
        self._sweeping = False

    async def run(self, stop: asyncio.Event) -> None:
        """Follow the change log until `stop` is set; survives the database going away."""
        while not stop.is_set():
            started = time.monotonic()
            try:
                pause = self._tell(await self._projection.step())
            except Unavailable:
                log.warning("listing.database_away")
                pause = RETRY_SECONDS
            pause = max(pause, REST * (time.monotonic() - started))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    def _tell(self, step: Step) -> float:
        """Tell the metrics and the log of a step; after how many seconds the next one is due."""
        if step.overtaken:
            return STAND_BACK_SECONDS
        metrics.listing_lag_seconds.set(step.lag_seconds)
        metrics.listing_rows.inc(step.rows)
        metrics.listing_sweeping.set(step.sweeping)
        if step.sweeping != self._sweeping:
            log.info("listing.sweep_begins" if step.sweeping else "listing.sweep_ends")
            self._sweeping = step.sweeping
        return INTERVAL_SECONDS if step.idle else 0.0
