"""Goes on with snapshots that were approved, or whose process has ended, and lets those expire that
nobody has decided on.
"""

import asyncio
import time

import structlog

from hub.bootstrap import Services
from hub.domain.errors import SnapshotInProgress, Unavailable
from workers.stopping import run_until

INTERVAL_SECONDS = 1.0
FORGET_SECONDS = 3_600.0

log = structlog.get_logger()


class SnapshotJobs:
    """Looks for snapshots that are APPLYING and that no process has in hand."""

    def __init__(self, services: Services) -> None:
        self._snapshots = services.snapshots
        self._forget_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; survives the database going away. A snapshot that is being gone
        on with then is left to the next process: it may be a large one."""
        await run_until(stop, self._look(), "snapshots")

    async def _look(self) -> None:
        while True:
            try:
                await self.step()
            except Unavailable:
                log.warning("snapshots.database_away")
            await asyncio.sleep(INTERVAL_SECONDS)

    async def step(self) -> int:
        """Go on with what is found, one after the other; how many were finished."""
        if time.monotonic() >= self._forget_at:
            for id in await self._snapshots.forget_overdue():
                log.warning("snapshots.expired", snapshot=id)
            self._forget_at = time.monotonic() + FORGET_SECONDS
        finished = 0
        for found in reversed(await self._snapshots.applying()):
            try:
                snapshot = await self._snapshots.resume(found.id)
            except SnapshotInProgress:
                continue
            # One that can not be gone on with must not keep the others waiting.
            except Unavailable:
                log.warning("snapshots.put_off", snapshot=found.id)
                continue
            except Exception:
                log.exception("snapshots.not_resumed", snapshot=found.id)
                continue
            log.info("snapshots.resumed", snapshot=found.id, state=snapshot.state.value)
            finished += 1
        return finished
