"""Works the inbox: each event becomes a command for the stock writer, in the order they came.

The writer marks the entry in the transaction of its effect, so an event takes effect once, however
often a worker dies or two of them meet. What is refused for good becomes a dead letter and holds
nothing back.
"""

import asyncio
import time
from typing import NamedTuple

import structlog

from hub.bootstrap import Services
from hub.domain.commands import Origin
from hub.domain.decide import Result
from hub.domain.errors import HubError, Unavailable
from hub.domain.event_order import HeldBack
from hub.domain.events import command_from, event_from
from hub.observability import metrics
from hub.services.ids import uuid7
from hub.services.inbox_marks import mark_of
from hub.services.writer_batch import WORKED_BEFORE
from hub.store.inbox import PendingEvent, count_pending, mark_failed, read_pending

BATCH = 500
IDLE_SECONDS = 0.2
DRAIN_PAUSE_SECONDS = 0.1
RETRY_SECONDS = 1.0
COUNT_SECONDS = 10.0
"""Between two looks at how many dead letters there are."""

log = structlog.get_logger()


class IngestReport(NamedTuple):
    """What a run through the inbox has done. What is neither applied nor a dead letter waits for
    another try, or was worked by another worker, who counts it."""

    worked: int = 0
    applied: int = 0
    dead_letters: int = 0


class Ingest:
    """Turns inbox entries into stock."""

    def __init__(self, services: Services) -> None:
        self._database = services.database
        self._writer = services.writer
        self._letters = services.intake.letters
        self._count_at = 0.0
        self._wake = asyncio.Event()
        services.intake.on_stored(self._wake.set)

    async def run(self, stop: asyncio.Event) -> None:
        """Work the inbox until `stop` is set; survives the database going away."""
        while not stop.is_set():
            try:
                report = await self.work_due()
                await self._count_dead_letters()
            except Unavailable:
                log.warning("ingest.database_away")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if report.worked == 0:
                await self._pause()

    async def drain(self) -> IngestReport:
        """Work until no entry is left, those included that wait for another try."""
        total = IngestReport()
        while True:
            report = await self.work_due()
            total = IngestReport(*(a + b for a, b in zip(total, report, strict=True)))
            if report.worked == 0:
                if await count_pending(self._database) == 0:
                    return total
                await asyncio.sleep(DRAIN_PAUSE_SECONDS)

    async def work_due(self) -> IngestReport:
        """Work what is due now, at most one batch of it."""
        events = await read_pending(self._database, BATCH)
        answers = [self._submit(event) for event in events]
        await asyncio.gather(*answers, return_exceptions=True)
        states = [
            await self._settle(event, answer) for event, answer in zip(events, answers, strict=True)
        ]
        for state in set(states):
            metrics.events_worked.labels(state).inc(states.count(state))
        return IngestReport(
            len(events), states.count("APPLIED") + states.count("SUPERSEDED"), states.count("DEAD")
        )

    def _submit(self, event: PendingEvent) -> asyncio.Future[Result]:
        origin = Origin(
            actor=event.source,
            source_event=f"{event.source}/{event.event_id}",
            inbox=event.id,
        )
        try:
            command = command_from(event_from(event.payload), origin, uuid7)
        except HubError as error:
            # It was understood at the door: an older version of the hub has let it in.
            answer: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
            answer.set_exception(error)
            return answer
        return self._writer.enqueue(command)

    async def _settle(self, event: PendingEvent, answer: asyncio.Future[Result]) -> str:
        """The state the event is in now. The writer has written it, unless it could not even
        decide; then it is set aside here."""
        failure = answer.exception()
        if failure is not None:
            log.error("ingest.failed", event_id=event.event_id, error=repr(failure))
            await mark_failed(self._database, event.id, repr(failure))
            return "DEAD"
        result = answer.result()
        if isinstance(result, Unavailable):
            raise result
        if result == WORKED_BEFORE:
            return WORKED_BEFORE
        if isinstance(result, HeldBack):
            return "PENDING"
        state = mark_of(event.id, result, event.attempts).state
        if state == "DEAD":
            log.warning("ingest.dead_letter", event_id=event.event_id, code=result.code)
        return state

    async def _count_dead_letters(self) -> None:
        now = time.monotonic()
        if now < self._count_at:
            return
        self._count_at = now + COUNT_SECONDS
        counts = await self._letters.count_by_source()
        # A source that has none any more is told no more.
        metrics.dead_letters.clear()
        for source, many in counts.items():
            metrics.dead_letters.labels(source).set(many)

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), IDLE_SECONDS)
        except TimeoutError:
            return
        self._wake.clear()
