"""Audits the whole ledger from time to time, and raises its voice when a rule is broken.

It reads only, at one moment, on one connection of its own: nobody waits for it.
"""

import asyncio
import time

import structlog

from hub.bootstrap import Services
from hub.domain.errors import Unavailable
from hub.domain.principal import trusted
from hub.observability import metrics
from hub.services.audit import AuditReport

FIRST_AFTER_SECONDS = 60
"""What ended while no worker ran must have been swept before the first audit."""
RETRY_SECONDS = 30

log = structlog.get_logger()


class Auditing:
    """Runs the audit at the interval of the settings; never, if there is none."""

    def __init__(self, services: Services) -> None:
        self._audit = services.audit
        self._interval_seconds = services.settings.audit_interval_seconds
        self._principal = trusted("audit")

    async def run(self, stop: asyncio.Event) -> None:
        """Audit until `stop` is set; survives the database going away."""
        if not self._interval_seconds:
            await stop.wait()
            return
        pause = min(self._interval_seconds, FIRST_AFTER_SECONDS)
        while not await _stopped(stop, pause):
            # An audit may take minutes: it is given up when the process is to end.
            auditing = asyncio.create_task(self.audit(), name="audit")
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({auditing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if not auditing.done():
                    return
                auditing.result()
                pause = self._interval_seconds
            except Unavailable:
                log.warning("audit.database_away")
                pause = min(self._interval_seconds, RETRY_SECONDS)
            finally:
                stopping.cancel()
                auditing.cancel()
                await asyncio.wait({auditing, stopping})

    async def audit(self) -> AuditReport:
        """Audit once, and tell the metrics and the log."""
        started = time.monotonic()
        report = await self._audit.run(self._principal)
        seconds = time.monotonic() - started
        metrics.audit_duration_seconds.set(seconds)
        metrics.audit_finished_timestamp_seconds.set_to_current_time()
        for finding in report.findings:
            metrics.audit_findings.labels(finding.name).set(len(finding.rows))
            if finding.rows:
                first = finding.rows[0]
                log.error("audit.broken", rule=finding.name, rows=len(finding.rows), first=first)
        if report.clean:
            log.info("audit.clean", seconds=round(seconds, 3), **report.counts)
        return report


async def _stopped(stop: asyncio.Event, within_seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), within_seconds)
    except TimeoutError:
        return False
    return True
