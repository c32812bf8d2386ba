"""Makes the ledger's next partitions ahead of their month."""

import asyncio
import contextlib

import structlog

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.store.partitions import keep_partitions

INTERVAL_SECONDS = 86_400.0
RETRY_SECONDS = 600.0

log = structlog.get_logger()


class Upkeep:
    """Looks once a day; sooner, if something had to be left."""

    def __init__(self, services: Services) -> None:
        self._database_url = services.database.url

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the partitions until `stop` is set; survives the database going away."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), await self.keep())

    async def keep(self) -> float:
        """Make what is missing; in how many seconds to look again."""
        try:
            partitions = await keep_partitions(self._database_url)
        except Unavailable:
            log.warning("upkeep.database_away")
            return RETRY_SECONDS
        if partitions.made:
            log.info("upkeep.partitions_made", partitions=partitions.made)
        if partitions.left:
            log.warning("upkeep.partitions_left", partitions=partitions.left)
            return RETRY_SECONDS
        return INTERVAL_SECONDS
