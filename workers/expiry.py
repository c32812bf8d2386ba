"""Ends holds that are past their end, so that their units show as free without anybody asking.

Whether a hold has ended never waits for this job: readers and the writer look at the clock. The
job makes the end a movement, and so tells those who watch.
"""

import asyncio
import contextlib

import structlog

from hub.bootstrap import Services
from hub.domain.commands import ExpireReservation, Origin
from hub.domain.errors import Unavailable
from hub.store.reads import read_lapsed

INTERVAL_SECONDS = 0.5
BATCH = 500

log = structlog.get_logger()


class Expiry:
    """Sweeps lapsed holds."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._writer = services.writer

    async def run(self, stop: asyncio.Event) -> None:
        """Sweep until `stop` is set; survives the database going away."""
        while not stop.is_set():
            try:
                swept = await self.sweep()
            except Unavailable:
                log.warning("expiry.database_away")
                swept = 0
            if swept < BATCH:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), INTERVAL_SECONDS)

    async def sweep(self) -> int:
        """End what is past its end, at most one batch; how many that were."""
        origin = Origin(actor="expiry")
        lapsed = await read_lapsed(self._database, BATCH)
        results = await asyncio.gather(
            *(self._writer.enqueue(ExpireReservation(id, origin)) for id in lapsed)
        )
        for result in results:
            if isinstance(result, Unavailable):
                raise result
        return len(lapsed)
