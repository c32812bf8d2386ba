"""Books the corrections that are asked for, and keeps the metrics of drift up to date."""

import asyncio
import time
from typing import Final

import structlog

from hub.bootstrap import Services
from hub.domain.errors import HubError
from hub.domain.principal import trusted
from hub.domain.source_reconciliation import DueState
from hub.domain.values import UNIT
from hub.observability import metrics
from workers.stopping import run_until

INTERVAL_SECONDS = 1.0
LOOK_SECONDS = 60.0
"""How often the metrics are brought up to date."""

_PRINCIPAL: Final = trusted("drift")

log = structlog.get_logger()


class Drift:
    """Looks for corrections that somebody, or a policy, has asked for."""

    def __init__(self, services: Services) -> None:
        self._reconciliations = services.reconciliations
        self._look_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set; survives the database going away."""
        await run_until(stop, self._look(), "drift")

    async def _look(self) -> None:
        while True:
            try:
                while await self._reconciliations.booking.book():
                    pass
                if time.monotonic() >= self._look_at:
                    await self.tell()
                    self._look_at = time.monotonic() + LOOK_SECONDS
            except HubError as error:
                log.warning("drift.put_off", code=error.code)
            await asyncio.sleep(INTERVAL_SECONDS)

    async def tell(self) -> None:
        """Bring the metrics up to date."""
        newest = await self._reconciliations.newest()
        standings = await self._reconciliations.standings(_PRINCIPAL)
        # All at once: who reads the metrics meanwhile must not find half of them.
        for gauge in (
            metrics.drift_items,
            metrics.drift_units,
            metrics.drift_open_items,
            metrics.reconciliation_overdue,
        ):
            gauge.clear()
        for one in newest:
            at = (one.kind.value, one.source)
            metrics.drift_open_items.labels(*at).set(one.open)
            for of in one.causes:
                metrics.drift_items.labels(*at, of.cause.value).set(of.items)
                metrics.drift_units.labels(*at, of.cause.value).set(of.units / UNIT)
        for standing in standings:
            overdue = standing.state is DueState.OVERDUE
            metrics.reconciliation_overdue.labels(standing.source).set(overdue)
            if overdue:
                log.warning("drift.overdue", source=standing.source, due_at=standing.due_at)
