"""Publishes the events to a topic: in order for each item, at least once, under ids that stay.

The change log is the queue. While the broker is away nothing is kept in memory, and what changes
often meanwhile is published once, as it is when the broker is back.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import orjson
import structlog

from hub.bootstrap import Services
from hub.domain.cloud_event import CloudEvent
from hub.domain.errors import Unavailable
from hub.observability import metrics
from hub.services.event_consumer import Manner
from hub.store.event_consumers import Overtaken
from workers.holding import held
from workers.publication.broker import BrokerAway, Message, waves_of
from workers.publication.brokers import broker_of
from workers.stopping import run_until

IDLE_SECONDS: Final = 0.1
STAND_BACK_SECONDS: Final = 2.0
"""Another process publishes to the topic; it is looked after this long whether it still does."""
RETRY_SECONDS: Final = 0.5
MAX_RETRY_SECONDS: Final = 15.0

log = structlog.get_logger()


class Publication:
    """Publishes to one topic."""

    def __init__(self, services: Services, url: str) -> None:
        """Raises `UnknownBroker`."""
        self._target, self._broker = broker_of(url)
        self._name = self._target.name
        self._consumer = services.event_consumer(f"publish:{self._name}", Manner.EVERYTHING)
        self._source = services.settings.event_source
        self._clock = services.clock
        self._failures = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until `stop` is set; survives the database and the broker going away."""
        try:
            await run_until(stop, self._work(), f"publish {self._name}")
        finally:
            await self._broker.aclose()
            await self._let_go()

    async def step(self) -> float:
        """Publish the next events; after how many seconds there may be more."""
        batch = await self._consumer.next()
        if batch is None:
            # Or there is none any more: the database was put back.
            await self._consumer.begin()
            return STAND_BACK_SECONDS
        if batch.events:
            oldest = min(event.time for event in batch.events)
            lag = (self._clock.now() - oldest).total_seconds()
            metrics.publication_lag_seconds.labels(self._name).set(max(0.0, lag))
            async with held(self._consumer):
                await self._publish(batch.events)
        await self._consumer.save(batch)
        self._failures = 0
        if batch.is_last:
            metrics.publication_lag_seconds.labels(self._name).set(0.0)
        return IDLE_SECONDS if batch.is_last else 0.0

    async def _work(self) -> None:
        begun = False
        while True:
            try:
                if not begun:
                    await self._consumer.begin()
                    begun = True
                pause = await self.step()
            except Unavailable:
                log.warning("publication.database_away", topic=self._name)
                pause = RETRY_SECONDS
            except Overtaken:
                await self._broker.aclose()
                pause = STAND_BACK_SECONDS
            except BrokerAway as away:
                pause = await self._failed(away)
            await asyncio.sleep(pause)

    async def _publish(self, events: Sequence[CloudEvent]) -> None:
        messages = [
            Message(
                event.id,
                event.type.value,
                event.subject,
                orjson.dumps(event.as_dict(self._source), option=orjson.OPT_UTC_Z),
            )
            for event in events
        ]
        for wave in waves_of(messages):
            await self._broker.publish(wave)
            metrics.events_published.labels(self._name).inc(len(wave))

    async def _failed(self, away: BrokerAway) -> float:
        """Let go of the broker, so that nothing of this try arrives after the next; how long to
        wait."""
        await self._broker.aclose()
        self._failures += 1
        metrics.publication_failures.labels(self._name).inc()
        wait = min(RETRY_SECONDS * 2.0 ** min(self._failures - 1, 16), MAX_RETRY_SECONDS)
        log.warning(
            "publication.broker_away", topic=self._name, problem=str(away), again_after=wait
        )
        return wait

    async def _let_go(self) -> None:
        try:
            await self._consumer.let_go()
        except Unavailable:
            log.warning("publication.database_away", topic=self._name)
