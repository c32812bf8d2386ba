"""Makes the ledger's next partitions ahead of their month, and forgets what is kept for a while: in
the database, and in the temporary folder."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.services.source_polls import POLL_JOB
from hub.store.alerts import forget_alerts
from hub.store.job_queue import forget_failed_jobs, forget_jobs
from hub.store.notices import forget_notices
from hub.store.partitions import keep_partitions
from workers.polling.left_folders import remove_left_folders

INTERVAL_SECONDS = 86_400.0
RETRY_SECONDS = 600.0
NOTICES_KEPT: Final = timedelta(days=30)
"""So long after they were given or cancelled."""
JOB_LOG_KEPT: Final = timedelta(days=7)
"""What became of background jobs."""

log = structlog.get_logger()


class Upkeep:
    """Looks once a day; sooner, if something had to be left."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._database_url = services.database.url
        self._webhooks = services.webhook_sender
        self._deliveries = services.source_deliveries
        self._uploads = services.uploads
        self._deliveries_kept = timedelta(days=services.settings.delivery_log_days)
        self._reconciliations = services.reconciliations
        self._reconciliations_kept = timedelta(days=services.settings.reconciliation_log_days)
        self._alerts_kept = timedelta(days=services.settings.alert_log_days)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the partitions until `stop` is set; survives the database going away."""
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), await self.keep())

    async def keep(self) -> float:
        """Make what is missing; in how many seconds to look again."""
        if removed := await asyncio.to_thread(remove_left_folders):
            log.info("upkeep.folders_removed", folders=removed)
        try:
            partitions = await keep_partitions(self._database_url)
            await forget_notices(self._database, NOTICES_KEPT)
            await forget_alerts(self._database, self._alerts_kept)
            await forget_jobs(self._database, JOB_LOG_KEPT)
            # In their place others were put.
            await forget_failed_jobs(self._database, POLL_JOB, JOB_LOG_KEPT)
            await self._reconciliations.forget(self._reconciliations_kept)
            forgotten = await self._webhooks.forget_old()
            forgotten += await self._deliveries.forget(self._deliveries_kept)
            forgotten += await self._uploads.forget(self._deliveries_kept)
        except Unavailable:
            log.warning("upkeep.database_away")
            return RETRY_SECONDS
        if forgotten:
            log.info("upkeep.deliveries_forgotten", deliveries=forgotten)
        if partitions.made:
            log.info("upkeep.partitions_made", partitions=partitions.made)
        if partitions.left:
            log.warning("upkeep.partitions_left", partitions=partitions.left)
            return RETRY_SECONDS
        return INTERVAL_SECONDS
